/* SPDX-License-Identifier: Apache-2.0 */
/* What only OSPF has, for those who look at it: `vip ospf`. Part of the adapter, ospf.c. */
#ifndef NODE_ROUTE_OSPF_VIEW_H
#define NODE_ROUTE_OSPF_VIEW_H

#include "proto/speaker.h"

#define OSPF_VIEWS 5

struct ospf;

/* ospf.c: the instance of a speaker. */
struct ospf *ospf_of(const struct speaker *sp);

extern const struct speaker_view ospf_views[OSPF_VIEWS];

/* What is wrong where no adjacency comes up: speaker.h. */
bool ospf_advice(const uint32_t drops[NEIGHBOR_DROPS_MAX], const struct neighbor *n,
		 struct speaker_advice *ret);

#endif
