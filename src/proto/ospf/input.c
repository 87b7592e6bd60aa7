/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RFC 2328 8.2, RFC 5340 4.2.2: which packets are looked at at all. What they mean is elsewhere:
 * hello.c, exchange.c, update.c.
 */
#include "proto/ospf/machine.h"

#define HOP_LIMIT_SECURITY 255 /* RFC 5082 */

static bool is_ours(const struct ospf_interface *i, const struct address *a)
{
	for (size_t k = 0; k < i->n_sources; k++)
		if (address_equal(&i->sources[k].address, a))
			return true;
	return false;
}

static bool is_on_link(const struct ospf_interface *i, const struct address *a)
{
	if (i->of->version == OSPF_V3)
		return address_is_link_local(a);
	if (i->settings.is.network == OSPF_POINT_TO_POINT)
		return true;
	for (size_t k = 0; k < i->n_sources; k++)
		if (prefix_contains(&i->sources[k].network, a))
			return true;
	return false;
}

static bool is_designated(const struct ospf_interface *i)
{
	return i->state == OSPF_INTERFACE_DR || i->state == OSPF_INTERFACE_BACKUP;
}

/* RFC 2328 8.2, RFC 5340 4.2.2: whatever else reaches this host, a VIP of ours even, is not meant.
 */
static bool is_for_us(const struct ospf_interface *i, const struct address *to)
{
	struct address all = ospf_group(i->of->version, false);
	struct address designated = ospf_group(i->of->version, true);

	return address_equal(to, &all) || is_ours(i, to) ||
	       (address_equal(to, &designated) && is_designated(i));
}

static enum ospf_drop fault_drop(enum packet_fault fault)
{
	switch (fault) {
	case PACKET_FAULT_VERSION:
		return OSPF_DROP_VERSION;
	case PACKET_FAULT_TYPE:
		return OSPF_DROP_TYPE;
	default:
		return OSPF_DROP_LENGTH;
	}
}

/* What the header and where it comes from say against it; OSPF_DROP_COUNT: nothing. */
static enum ospf_drop header_refused(const struct ospf_interface *i, const struct ospf_header *h,
				     const struct ospf_packet *p)
{
	const struct ospf *o = i->of;

	if (is_ours(i, &p->source))
		return OSPF_DROP_OWN;
	if (i->settings.is.ttl_security && p->hop_limit != HOP_LIMIT_SECURITY)
		return OSPF_DROP_HOP_LIMIT;
	if (o->version == OSPF_V3 && h->instance != i->settings.is.instance)
		return OSPF_DROP_INSTANCE;
	if (h->area != i->area->id)
		return OSPF_DROP_AREA;
	if (!is_on_link(i, &p->source))
		return OSPF_DROP_OFF_LINK;
	if (!is_for_us(i, &p->destination))
		return OSPF_DROP_DESTINATION;
	if (h->router == o->router || h->router == 0)
		return OSPF_DROP_DUPLICATE_ROUTER;
	return OSPF_DROP_COUNT;
}

static void body_received(struct ospf_neighbor *n, uint8_t type, struct reader body)
{
	switch ((enum ospf_packet_type)type) {
	case OSPF_DESCRIPTION:
		description_received(n, body);
		break;
	case OSPF_REQUEST:
		request_received(n, body);
		break;
	case OSPF_UPDATE:
		update_received(n, body);
		break;
	case OSPF_ACKNOWLEDGMENT:
		acknowledgment_received(n, body);
		break;
	default:
		break;
	}
}

static void packet_received(struct ospf_interface *i, const struct ospf_packet *p)
{
	struct ospf *o = i->of;
	struct ospf_neighbor *n;
	struct ospf_header h;
	struct reader body;
	enum packet_fault fault;
	enum ospf_drop refused;

	if (p->refused) {
		n = neighbor_by_address(i, &p->source);
		refused = ospf_key_check(o, o->now, i, NULL, 0, p);
		if (refused < OSPF_DROP_COUNT)
			interface_refuses(i, refused, n ? n->router : 0, &p->source);
		return;
	}
	fault = ospf_header_read(o->version, p->bytes, p->length, &h, &body);
	if (fault != PACKET_GOOD) {
		interface_drop(i, fault_drop(fault));
		return;
	}
	refused = header_refused(i, &h, p);
	n = neighbor_from(i, h.router, &p->source);
	if (refused == OSPF_DROP_COUNT)
		refused = ospf_key_check(o, o->now, i, n, h.type, p);
	/* Our own packets come back where a group is looped, and others' instances are theirs. */
	if (refused == OSPF_DROP_OWN || refused == OSPF_DROP_INSTANCE ||
	    refused == OSPF_DROP_DESTINATION) {
		interface_drop(i, refused);
		return;
	}
	if (refused != OSPF_DROP_COUNT) {
		interface_refuses(i, refused, h.router, &p->source);
		return;
	}
	i->received[h.type]++;
	if (h.type == OSPF_HELLO) {
		hello_received(i, &h, body, p);
	} else if (n && n->state != OSPF_NEIGHBOR_DOWN) {
		key_heard(o, n, h.type, p);
		n->packets++;
		body_received(n, h.type, body);
	} else {
		interface_drop(i, OSPF_DROP_NO_NEIGHBOR);
	}
}

void ospf_input(struct ospf *o, struct instant now, const struct ospf_packet *p)
{
	struct ospf_interface *i = ospf_interface_find(o, p->interface);

	o->now = now;
	if (!i || !ospf_interface_speaks(i))
		return;
	settle(o);
	packet_received(i, p);
	settle(o);
}
