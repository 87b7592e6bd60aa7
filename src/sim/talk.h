/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A routing protocol for tests alone, whose neighbours keep a session over a stream. It shows what
 * a second protocol finds in the house, and is as much like BGP as is of use for that: both sides
 * call, of two streams that meet the one of the higher address stays; a silent neighbour is given
 * up; what is announced is told once, and is forgotten with the session.
 *
 *	record: length (2 bytes, all of it), kind, contents
 *	  NUMBER    of the session's records of this kind, from 1: nothing is lost, nothing doubled
 *	  ANNOUNCE  family, length, address, metric (4 bytes)
 *	  WITHDRAW  family, length, address
 *	  TAKEN     family, length, address: the answer to ANNOUNCE
 *
 * Who is dead has a good-bye said for it, a datagram with the kind LEAVES alone.
 */
#ifndef SIM_TALK_H
#define SIM_TALK_H

#include "proto/speaker.h"

#define TALK_PROTOCOL 200
#define TALK_PORT 7179
#define TALK_PEERS_MAX 8
#define TALK_PREFIXES_MAX 32

extern const struct speaker_class talk_class;

struct talk_counters {
	uint32_t sessions; /* that have come up */
	uint32_t numbers;  /* records NUMBER that were heard */
	uint32_t wrong;	   /* records that are none, or whose number is not the next */
	uint32_t collisions;
	uint32_t good_byes; /* that were said for a neighbour that was dead */
};

const struct talk_counters *talk_counters(const struct speaker *sp);

/* Whether a neighbour announces the prefix to us in a session that is up. */
bool talk_hears(const struct speaker *sp, const struct prefix *p);

#endif
