/* SPDX-License-Identifier: Apache-2.0 */
/* A packet of an interface that has no destination yet: its form, and which routes are in it. */
#include <string.h>

#include "proto/rip/instance.h"

size_t interface_entries_max(const struct rip_interface *i)
{
	return rip_entries_max(i->family) - (i->settings.auth.type != AUTH_NONE);
}

uint8_t interface_version(const struct rip_interface *i)
{
	/* RIPng has one version. */
	return i->family == FAMILY_IPV6 || i->settings.version == RIP_VERSION_1 ? 1 : 2;
}

struct address interface_everybody(const struct rip_interface *i)
{
	if (i->family == FAMILY_IPV6 || i->settings.version == RIP_VERSION_2)
		return rip_group((enum family)i->family);
	return prefix_broadcast(&i->network);
}

struct rip_packet interface_response(const struct rip_interface *i)
{
	return rip_packet_make(i->family, RIP_RESPONSE, interface_version(i));
}

void interface_add_route(const struct rip *r, const struct rip_interface *i,
			 const struct rip_route *t, struct rip_packet *p)
{
	if (route_goes_out(t, i))
		rip_packet_add(p, &t->prefix, r->settings.tag, route_metric(r, t, i));
}

void interface_table_fill(const struct rip *r, const struct rip_interface *i, struct rip_cursor *c,
			  struct rip_packet *p)
{
	while (c->at && p->n_entries < interface_entries_max(i)) {
		const struct rip_route *t = route_of(c->at);

		/*
		 * A route that damping holds back is not told anew in the meantime, not even as
		 * gone.
		 */
		if (!t->held)
			interface_add_route(r, i, t, p);
		c->at = order_next(r, c->at);
	}
}

void interface_datagram(const struct rip_interface *i, struct packet *d)
{
	memset(d, 0, sizeof(*d));
	d->interface = i->index;
	d->source = i->state.address;
	d->departed = i->departed;
	d->source_port = d->destination_port = rip_port(i->family);
	d->socket = RIP_SOCKET_MAIN;
}
