/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is written down for a later life, as bytes: notes, which are read in the order in which they
 * were written. README.md, "A life after a death", says what they are for.
 *
 * Each has the number that comes after that of the one before, so that it shows when one is
 * missing; one that begins all may have any.
 */
#ifndef PROTO_OSPF_NOTE_H
#define PROTO_OSPF_NOTE_H

#include "net/address.h"
#include "proto/ospf/lsa.h"
#include "proto/ospf/ospf.h"

enum note_kind {
	NOTE_BEGIN = 1,	     /* what was before it counts no more; of whom all that follows is */
	NOTE_INTERFACE,	     /* it speaks so */
	NOTE_ALIVE,	     /* a hello has left there */
	NOTE_INTERFACE_GONE, /* and all that was there */
	NOTE_NEIGHBOR,
	NOTE_NEIGHBOR_GONE,
	NOTE_LSA, /* it is installed: one piece of its bytes */
	NOTE_LSA_GONE,
};

struct note_begin {
	uint8_t version; /* enum ospf_version */
	uint32_t router;
};

struct note_interface {
	uint32_t index, area;
	uint8_t area_kind, network, instance, state; /* enums */
	uint32_t dr, bdr;
	struct address source;
	struct duration dead;
	struct instant alive; /* NOTE_ALIVE alone: it has this and `index` */
};

struct note_neighbor {
	uint32_t interface, router;
	struct address address;
	bool full; /* else it is heard in both directions, and no more is wanted */
	uint8_t priority;
	uint32_t dr, bdr, interface_id, options, dd_options;
};

#define NOTE_PIECE_MAX 1200 /* bytes of an LSA */

struct note_lsa {
	uint8_t scope; /* enum lsa_scope */
	uint32_t place;
	struct lsa_key key;	  /* NOTE_LSA_GONE */
	struct instant installed; /* with the age that stands in the bytes */
	uint16_t at, total;
	uint16_t length;
	const uint8_t *bytes; /* in the note */
};

struct note {
	uint8_t kind; /* enum note_kind */
	uint32_t number;
	union {
		struct note_begin begin;
		struct note_interface interface;
		struct note_neighbor neighbor;
		struct note_lsa lsa;
	};
};

/* Into `bytes`, of SPEAKER_NOTE_MAX; returns the length. */
size_t note_encode(const struct note *n, uint8_t *bytes);
bool note_decode(const uint8_t *bytes, size_t length, struct note *ret);

#endif
