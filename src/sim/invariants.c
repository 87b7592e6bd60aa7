/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/invariants.h"

/* So long a question lasts, with all that may be slow on its way. */
#define HOST_ASKS DURATION_MS(500)

bool object_is_vip(const struct object *o)
{
	return o->kind == OBJECT_ADDRESS || o->kind == OBJECT_LOCAL;
}

bool host_holds(const struct sim_host *h, const struct address *a)
{
	for (size_t i = 0; i < h->n_objects; i++)
		if (object_is_vip(&h->objects[i]) && h->board &&
		    address_equal(&h->objects[i].address, a))
			return true;
	return false;
}

bool host_backs(const struct sim_host *h, const struct prefix *p)
{
	for (size_t i = 0; i < h->n_objects; i++)
		if (object_is_vip(&h->objects[i]) && prefix_contains(p, &h->objects[i].address))
			return true;
	return false;
}

bool host_has(const struct sim_host *h, enum object_kind kind, const struct address *a)
{
	for (size_t i = 0; i < h->n_objects; i++)
		if (h->objects[i].kind == kind && address_equal(&h->objects[i].address, a))
			return true;
	return false;
}

/* The last word on every port that can still speak must have been the good-bye. */
void invariant_withdrawn(struct sim *s, uint8_t index, const struct object *o)
{
	struct sim_host *h = &s->hosts[index];
	struct prefix host = prefix_host(&o->address);

	if (!object_is_vip(o) || !instant_reached(h->harmed, s->now))
		return;
	for (size_t i = 0; i < h->n_told; i++) {
		const struct sim_told *t = &h->told[i];

		if (!prefix_equal(&t->prefix, &host))
			continue;
		for (size_t k = 0; k < h->n_ports; k++)
			if (h->ports[k].up && t->metric[k] && t->metric[k] < RIP_INFINITY)
				sim_break(s,
					  "host %u unbinds %s before it is withdrawn on port %zu",
					  index, ADDRESS_TEXT(&o->address), k + 1);
	}
}

/* Silence comes before the address: all VIPs of these hosts are to be silent. */
void invariant_silent(struct sim *s, uint8_t index, const struct object *o)
{
	/* There is no ARP in IPv6. */
	if (object_is_vip(o) && o->address.family == FAMILY_IPV4 &&
	    !address_equal(&o->address, &s->contested) &&
	    instant_reached(s->hosts[index].harmed, s->now) &&
	    !host_has(&s->hosts[index], OBJECT_SILENCE, &o->address))
		sim_break(s, "host %u binds %s before it is silent", index,
			  ADDRESS_TEXT(&o->address));
}

/* And goes after it. */
void invariant_unsilenced(struct sim *s, uint8_t index, const struct object *o)
{
	if (o->kind == OBJECT_SILENCE && (host_has(&s->hosts[index], OBJECT_ADDRESS, &o->address) ||
					  host_has(&s->hosts[index], OBJECT_LOCAL, &o->address)))
		sim_break(s, "host %u lets %s speak while it is bound", index,
			  ADDRESS_TEXT(&o->address));
}

/* Frames between the two hosts went and came for as long as a question lasts. */
static bool hosts_have_met(const struct sim *s, const struct sim_host *a, const struct sim_host *b)
{
	for (size_t i = 0; i < a->n_ports; i++)
		for (size_t k = 0; k < b->n_ports; k++) {
			const struct sim_port *p = &a->ports[i], *q = &b->ports[k];

			if (p->lan == q->lan && p->up && q->up && !p->deaf && !q->deaf &&
			    !p->mute && !q->mute &&
			    prefix_contains(&s->lans[p->lan].network, &s->contested) &&
			    instant_reached(instant_add(s->lans[p->lan].harmed, HOST_ASKS), s->now))
				return true;
		}
	return false;
}

void invariant_asked(struct sim *s, uint8_t index, const struct object *o)
{
	struct sim_host *h = &s->hosts[index];

	if (!object_is_vip(o) || !address_equal(&o->address, &s->contested))
		return;
	for (uint8_t i = 0; i < s->n_hosts && h->asks; i++) {
		const struct sim_host *other = &s->hosts[i];

		if (i != index && host_holds(other, &o->address) &&
		    instant_reached(instant_add(other->contested_since, HOST_ASKS), s->now) &&
		    hosts_have_met(s, h, other))
			sim_break(s, "host %u binds %s, which host %u answers for", index,
				  ADDRESS_TEXT(&o->address), i);
	}
	h->asks = false;
	h->contested_since = s->now;
}

void invariant_sources(struct sim *s, uint8_t index)
{
	const struct sim_host *h = &s->hosts[index];

	for (size_t i = 0; i < h->n_sources; i++)
		if (!host_holds(h, &h->sources[i]) && instant_reached(h->harmed, s->now))
			sim_break(s, "host %u gives connections %s, which is not bound", index,
				  ADDRESS_TEXT(&h->sources[i]));
}

void invariant_nobodys_source(struct sim *s, uint8_t index, const struct object *o)
{
	const struct sim_host *h = &s->hosts[index];

	if (!object_is_vip(o))
		return;
	for (size_t i = 0; i < h->n_sources; i++)
		if (address_equal(&h->sources[i], &o->address))
			sim_break(s, "host %u unbinds %s, which connections get", index,
				  ADDRESS_TEXT(&o->address));
	for (size_t i = 0; i < SIM_OBJECTS_MAX; i++)
		if (address_equal(&h->sources_left[i].address, &o->address) &&
		    !instant_reached(instant_add(h->sources_left[i].at, SOURCE_GRACE), s->now))
			sim_break(s, "host %u unbinds %s too soon after connections got it", index,
				  ADDRESS_TEXT(&o->address));
}
