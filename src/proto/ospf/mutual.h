/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 2328 16.1 (2) (b): a link counts when both of its ends say it. What the other end says. */
#ifndef PROTO_OSPF_MUTUAL_H
#define PROTO_OSPF_MUTUAL_H

#include "proto/ospf/instance.h"

enum mutual {
	MUTUAL_UNKNOWN, /* it has said nothing yet */
	MUTUAL_SAID,
	MUTUAL_DENIED, /* what it says is without us */
};

/* A link of our router-LSA: to a router, or to a network. */
enum mutual mutual_link(const struct ospf *o, const struct area *a, const struct lsa_link *link);

/* The router-LSA of a router; v3 has several of some, and then this is one of them. NULL: none. */
const struct lsa *mutual_router_lsa(const struct ospf *o, const struct area *a, uint32_t router);

/*
 * A neighbour that is full for us says by its LSAs that we are full for it: then it has got all
 * that there was when it came. On a network with a DR beside us that is who says so, of both of us.
 */
bool mutual_neighbor(const struct ospf *o, const struct ospf_neighbor *n);

#endif
