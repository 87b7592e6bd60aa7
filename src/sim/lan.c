/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/lan.h"

/* The packet for the port, whose contents are the caller's to fill in; NULL when it is lost. */
static struct sim_packet *deliver_later(struct sim *s, struct sim_lan *lan,
					const struct sim_port *to, bool is_frame)
{
	struct sim_packet *p = &s->packets[s->next_packet];
	struct duration delay = lan->delay;

	if (random_below(&s->random, 1000000) < lan->loss_ppm) {
		lan->harmed = s->now;
		return NULL;
	}
	if (p->used) {
		sim_break(s, "more than %d packets are on their way", SIM_PACKETS_MAX);
		return NULL;
	}
	p->used = true;
	p->is_frame = is_frame;
	p->is_bfd = p->is_probe = false;
	p->seen = false;
	p->to = to;
	delay.ns += (int64_t)random_below(&s->random, (uint64_t)lan->jitter.ns + 1);
	/* A LAN does not let one packet pass another. */
	lan->last = instant_max(lan->last, instant_add(s->now, delay));
	sim_schedule(s, instant_since(lan->last, s->now),
		     &(struct sim_event){ .kind = SIM_EVENT_DELIVER,
					  .detail = (uint32_t)s->next_packet });
	s->next_packet = (s->next_packet + 1) % SIM_PACKETS_MAX;
	return p;
}

void sim_send(struct sim *s, const struct sim_port *from, const struct packet *d)
{
	struct sim_lan *lan = &s->lans[from->lan];
	bool all = address_is_multicast(&d->destination);

	if (s->family == FAMILY_IPV4) {
		struct address broadcast = prefix_broadcast(&lan->network);

		all |= address_equal(&d->destination, &broadcast);
	}

	if (!from->up || from->mute)
		return;
	for (size_t i = 0; i < lan->n_ports; i++) {
		const struct sim_port *to = lan->ports[i];
		struct sim_packet *p = NULL;

		if (to != from && (all || address_equal(&to->address, &d->destination)))
			p = deliver_later(s, lan, to, false);
		if (p)
			p->datagram = *d;
	}
}

void sim_send_bfd(struct sim *s, const struct sim_port *from, const struct bfd_datagram *d)
{
	struct sim_lan *lan = &s->lans[from->lan];

	if (!from->up || from->mute)
		return;
	for (size_t i = 0; i < lan->n_ports; i++) {
		const struct sim_port *to = lan->ports[i];
		struct sim_packet *p = NULL;

		if (to != from && address_equal(&to->address, &d->destination))
			p = deliver_later(s, lan, to, false);
		if (!p)
			continue;
		p->is_bfd = true;
		p->bfd = *d;
		p->bfd.interface = to->interface;
	}
}

void sim_send_probe(struct sim *s, const struct sim_port *from, const struct address *to,
		    const struct ether_frame *f)
{
	struct sim_lan *lan = &s->lans[from->lan];

	if (!from->up || from->mute)
		return;
	for (size_t i = 0; i < lan->n_ports; i++) {
		struct sim_packet *p = NULL;

		if (address_equal(&lan->ports[i]->address, to))
			p = deliver_later(s, lan, lan->ports[i], false);
		if (!p)
			continue;
		p->is_probe = true;
		p->frame = *f;
		p->frame.interface = lan->ports[i]->interface;
	}
}

void sim_send_frame(struct sim *s, const struct sim_port *from, const struct ether_frame *f)
{
	struct sim_lan *lan = &s->lans[from->lan];

	if (!from->up || from->mute) {
		lan->harmed = s->now;
		return;
	}
	for (size_t i = 0; i < lan->n_ports; i++) {
		const struct sim_port *to = lan->ports[i];
		struct sim_packet *p = NULL;

		if (to != from && to->kind == SIM_HOST)
			p = deliver_later(s, lan, to, true);
		if (p)
			p->frame = *f;
	}
}
