/* SPDX-License-Identifier: Apache-2.0 */
/* What is told to whoever asks rip_event(), in its order. */
#include "proto/rip/instance.h"

void rip_tell(struct rip *r, const struct rip_event *e)
{
	if (r->n_events == RIP_EVENTS_MAX)
		return;
	r->events[(r->first_event + r->n_events++) % RIP_EVENTS_MAX] = *e;
}

void neighbor_tell(struct rip *r, const struct rip_neighbor *n, enum rip_event_kind kind)
{
	rip_tell(r, &(struct rip_event){
			    .kind = (uint8_t)kind,
			    .interface = n->interface->index,
			    .neighbor = n->address,
		    });
}
