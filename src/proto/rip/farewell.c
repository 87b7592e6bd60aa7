/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is to be said for us when we are dead: the form of a response in which all has the metric
 * 16. Where a network may not be carried (route_goes_out()) its hosts are said too; one too many
 * harms nobody.
 */
#include <string.h>

#include "proto/rip/instance.h"

/* Where things stand in an entry: RFC 2453 4, RFC 2080 2.1. */
#define ADDRESS_AT 4
#define MASK_AT 8
#define LENGTH_AT_NG 18

static void form_make(const struct rip *r, const struct rip_interface *i, struct farewell *f)
{
	struct rip_packet p = interface_response(i);
	struct prefix any = { .address.family = i->family };
	uint8_t bytes[RIP_PACKET_MAX];
	size_t length;

	f->n_head = (uint8_t)rip_packet_encode(&p, bytes);
	memcpy(f->head, bytes, f->n_head);
	rip_packet_add(&p, &any, r->settings.tag, RIP_INFINITY);
	length = rip_packet_encode(&p, bytes);
	f->n_entry = (uint8_t)(length - f->n_head);
	memcpy(f->entry, bytes + f->n_head, f->n_entry);
	f->entries_max = (uint8_t)interface_entries_max(i);
	if (i->family == FAMILY_IPV6) {
		f->length_at = LENGTH_AT_NG;
		return;
	}
	f->hosts = i->settings.version != RIP_VERSION_2;
	f->address_at = ADDRESS_AT;
	f->mask_at = p.version > 1 ? MASK_AT : 0;
}

static void destinations_add(struct rip_interface *i, struct farewell *f)
{
	const struct rip_interface_settings *s = &i->settings;

	if (!s->passive)
		f->destinations[f->n_destinations++] = interface_everybody(i);
	for (size_t k = 0; k < s->n_unicast; k++)
		if (interface_toward(i, &s->unicast[k]) == i)
			f->destinations[f->n_destinations++] = s->unicast[k];
}

bool rip_farewell_next(const struct rip *r, uint32_t index, size_t *position, struct farewell *ret)
{
	struct rip_interface *i = interface_find(r, index);
	size_t at = 0;

	for (struct rip_interface *k = NULL; i && (k = interface_each(i, k));) {
		if (at++ < *position || !k->state.usable || k->departed || k->leaving ||
		    !interface_would_speak(k, &k->settings))
			continue;
		*position = at;
		*ret = (struct farewell){ .interface = index,
					  .socket = RIP_SOCKET_MAIN,
					  .source = k->state.address,
					  .port = rip_port(r->family),
					  .pace = (uint16_t)r->settings.pace,
					  .keys = k->settings.auth,
					  .family = (uint8_t)r->family };
		destinations_add(k, ret);
		form_make(r, k, ret);
		return true;
	}
	return false;
}
