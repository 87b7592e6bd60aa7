/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/invariants.h"

#include "sim/truth.h"

/* So long a question lasts, with all that may be slow on its way. */
#define HOST_ASKS DURATION_MS(500)

/* So long it may take until all have heard that a VIP is not announced any more. */
#define HOST_OBEYS DURATION_S(12)

/* And so long until a new life speaks where it can. */
#define HOST_BEGINS DURATION_S(1)

/* MinLSInterval, and a packet that is said again. */
#define FLUSHED_AGAIN DURATION_S(10)

/* The timeout of a route that nobody speaks of any more. */
#define ROUTER_FORGETS DURATION_S(180)

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

bool host_has(const struct sim_host *h, enum object_kind kind, const struct address *a)
{
	for (size_t i = 0; i < h->n_objects; i++)
		if (h->objects[i].kind == kind && address_equal(&h->objects[i].address, a))
			return true;
	return false;
}

void invariant_announced(struct sim *s, uint8_t index, const struct prefix *p, uint32_t metric,
			 struct duration patience)
{
	const struct sim_host *h = &s->hosts[index];
	bool backed = false, let = false;

	if (metric >= SIM_UNREACHABLE || !instant_reached(h->harmed, s->now))
		return;
	for (size_t i = 0; i < h->n_objects; i++) {
		const struct object *o = &h->objects[i];

		if (!object_is_vip(o) || !prefix_contains(p, &o->address))
			continue;
		backed = true;
		let |= service_lets(h, &o->address, metric) ||
		       !instant_reached(
			       instant_add(service_forbids(h, &o->address, metric), patience),
			       s->now);
	}
	if (!backed)
		sim_break(s, "host %u announces %s, which is not bound", index, PREFIX_TEXT(p));
	else if (!let)
		sim_break(s,
			  "host %u announces %s with metric %u, which its check or drain forbids",
			  index, PREFIX_TEXT(p), metric);
}

/* Whether a router on the port may still have a route after what it was told last. */
static bool told_is_believed(const struct sim *s, const struct sim_told *t, size_t port)
{
	return t->metric[port] && t->metric[port] < SIM_UNREACHABLE &&
	       !instant_reached(instant_add(t->at[port], ROUTER_FORGETS), s->now);
}

/* Where it could speak from the first moment on; what was told elsewhere goes when it times out. */
static void invariant_told(struct sim *s, uint8_t index, const struct sim_told *t,
			   struct instant forbidden)
{
	const struct sim_host *h = &s->hosts[index];
	struct instant begun = instant_add(forbidden, HOST_BEGINS);

	if (!instant_reached(instant_add(forbidden, HOST_OBEYS), s->now))
		return;
	for (size_t k = 0; k < h->n_ports; k++) {
		if (told_is_believed(s, t, k) && instant_reached(h->forgot, t->at[k]) &&
		    instant_reached(h->ports[k].voices[SIM_RIP].speaks, begun))
			sim_break(s, "host %u still announces %s on port %zu", index,
				  PREFIX_TEXT(&t->prefix), k + 1);
	}
}

void invariant_expected(struct sim *s, uint8_t index)
{
	if (node_unexpected(s->hosts[index].node) > 0)
		sim_break(s,
			  "host %u: something has happened to a VIP that its state does not know",
			  index);
}

static bool routers_have_obeyed(const struct sim *s, const struct sim_host *h,
				const struct address *vip)
{
	struct instant since = service_forbids(h, vip, SIM_LAST_RESORT);
	struct prefix host = prefix_host(vip);

	if (instant_is_never(since) || !host_holds(h, vip) ||
	    !instant_reached(instant_add(since, HOST_OBEYS), s->now))
		return true;
	for (size_t k = 0; k < h->n_ports; k++)
		if (truth_is_believed(s, h, &h->ports[k], &host))
			return false;
	return true;
}

/* Who was cut off brings back what was flushed meanwhile: it has to be flushed again. */
static void invariant_obeyed_ospf(struct sim *s, uint8_t index, struct sim_service *service)
{
	if (routers_have_obeyed(s, &s->hosts[index], &service->vip))
		service->stale = (struct instant){ 0 };
	else if (service->stale.ns == 0)
		service->stale = s->now;
	else if (instant_reached(instant_add(service->stale, FLUSHED_AGAIN), s->now))
		sim_break(s, "a router at host %u still has %s by OSPF", index,
			  ADDRESS_TEXT(&service->vip));
}

void invariant_obeyed(struct sim *s, uint8_t index)
{
	const struct sim_host *h = &s->hosts[index];

	for (size_t i = 0; i < h->n_told && instant_reached(h->harmed, s->now); i++) {
		const struct prefix *p = &h->told[i].prefix;
		struct instant since = prefix_is_host(p)
					       ? service_forbids(h, &p->address, SIM_LAST_RESORT)
					       : INSTANT_NEVER;

		if (!instant_is_never(since) && host_holds(h, &p->address))
			invariant_told(s, index, &h->told[i], since);
	}
	for (size_t i = 0; i < h->services.n && instant_reached(h->harmed, s->now); i++)
		invariant_obeyed_ospf(s, index, &s->hosts[index].services.all[i]);
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
			if (port_speaks(&h->ports[k], SIM_RIP) && told_is_believed(s, t, k))
				sim_break(s,
					  "host %u unbinds %s before it is withdrawn on port %zu",
					  index, ADDRESS_TEXT(&o->address), k + 1);
	}
	for (size_t k = 0; k < h->n_ports; k++)
		if (truth_is_believed(s, h, &h->ports[k], &host))
			sim_break(s, "host %u unbinds %s, which a router on port %zu has by OSPF",
				  index, ADDRESS_TEXT(&o->address), k + 1);
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

	for (size_t i = 0; i < h->sources.n; i++)
		if (!host_holds(h, &h->sources.all[i]) && instant_reached(h->harmed, s->now))
			sim_break(s, "host %u gives connections %s, which is not bound", index,
				  ADDRESS_TEXT(&h->sources.all[i]));
}

void invariant_nobodys_source(struct sim *s, uint8_t index, const struct object *o)
{
	const struct sim_host *h = &s->hosts[index];

	if (!object_is_vip(o))
		return;
	for (size_t i = 0; i < h->sources.n; i++)
		if (address_equal(&h->sources.all[i], &o->address))
			sim_break(s, "host %u unbinds %s, which connections get", index,
				  ADDRESS_TEXT(&o->address));
	for (size_t i = 0; i < SIM_OBJECTS_MAX; i++)
		if (address_equal(&h->sources.left[i].address, &o->address) &&
		    !instant_reached(instant_add(h->sources.left[i].at, SOURCE_GRACE), s->now))
			sim_break(s, "host %u unbinds %s too soon after connections got it", index,
				  ADDRESS_TEXT(&o->address));
}
