/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A neighbour, as a value: what is known of somebody who speaks a routing protocol with us, in
 * words that fit any protocol. The protocol whose it is names its drops.
 */
#ifndef NET_NEIGHBOR_H
#define NET_NEIGHBOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "net/address.h"

#define NEIGHBOR_DROPS_MAX 32 /* reasons for which a protocol drops packets */

/* What somebody who watches more closely than the protocol does says of a neighbour. */
enum verdict {
	VERDICT_UNKNOWN, /* nothing: the neighbour's own packets count */
	VERDICT_UP,
	VERDICT_DOWN,
};

struct neighbor {
	uint16_t speaker; /* whose neighbour it is: the number of the speaker */
	uint32_t interface;
	struct address address;
	bool up;
	bool dead;		/* it may be heard, but the verdict is that it is down */
	const char *state;	/* in the protocol's own word: "up", "late", "full" */
	struct duration rhythm; /* of its updates, as it has shown it; ours while it has not */
	uint8_t version;	/* of the protocol, in its last good packet */
	bool plain;  /* it announces host routes alone, nothing is learned of it, it has shown
			nothing */
	bool proves; /* it has shown for at least one prefix that it takes it */
	bool ignores_hosts;   /* it takes networks but not host routes, as routers of RIP-1 do */
	struct instant since; /* when it came up or went down */
	struct instant heard; /* its last good packet */
	uint32_t packets, routes;
	uint32_t accepted;		    /* prefixes of ours that it has accepted */
	uint32_t learned;		    /* routes of it that pass the filter of its interface */
	uint32_t drops[NEIGHBOR_DROPS_MAX]; /* by the protocol's reasons */
};

#endif
