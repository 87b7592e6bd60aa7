/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Neighbours of any protocol, as values.
 */
#ifndef NET_NEIGHBOR_H
#define NET_NEIGHBOR_H

/* What somebody who watches more closely than the protocol does says of a neighbour. */
enum verdict {
	VERDICT_UNKNOWN, /* nothing: the neighbour's own packets count */
	VERDICT_UP,
	VERDICT_DOWN,
};

#endif
