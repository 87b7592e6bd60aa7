/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/demand.h"

#include "base/text.h"
#include "sim/invariants.h"
#include "sim/talk.h"

/* What a host owes: who must be reached, who must not, and of whom neither can be said. */
enum duty {
	DUTY_REACHED,
	DUTY_GONE,
	DUTY_NONE,
};

static enum duty duty_of(const struct run *run, uint8_t host, uint8_t vip)
{
	const struct sim_host *h = &run->s->hosts[host];
	const struct wish *w = &run->wishes[host][vip];
	struct address a = wish_address(run, host, vip);

	if (!w->bound)
		return DUTY_GONE;
	if (!w->drained && service_lets(h, &a, SIM_LAST_RESORT))
		return service_is_uncertain(h, &a) ? DUTY_NONE : DUTY_REACHED;
	/* Its network is announced for the other one that is in it, and it is bound. */
	return vip < VIPS_ALONE ? DUTY_GONE : DUTY_NONE;
}

/* What every router must think of a VIP when all is well. */
static void demand(struct run *run, uint8_t host, uint8_t vip, enum duty duty)
{
	struct sim *s = run->s;
	struct address a = wish_address(run, host, vip);
	uint8_t found = UINT8_MAX;

	for (uint8_t r = 0; r < s->n_routers; r++) {
		enum sim_reach reach = sim_reach(s, r, &a, &found);
		/*
		 * A network with another VIP in it is announced still: the packet reaches a host
		 * that has no use for it.
		 */
		bool gone = reach == SIM_NO_ROUTE || (vip >= VIPS_ALONE && reach == SIM_LOST);

		if (duty == DUTY_REACHED && (reach != SIM_REACHED || found != host))
			sim_break(s, "router %u does not reach %s of host %u: %d", r,
				  ADDRESS_TEXT(&a), host, reach);
		else if (duty == DUTY_GONE && !gone)
			sim_break(s, "router %u still has a route to %s, which is unbound", r,
				  ADDRESS_TEXT(&a));
	}
}

/* A VIP that several hosts may have: whoever has it is reached, and nobody when nobody has. */
static void demand_shared(struct run *run, const struct address *vip, bool stopped)
{
	struct sim *s = run->s;
	bool listed = false;
	uint8_t found;

	if (!address_is_set(vip))
		return;
	for (uint8_t i = 0; i < s->n_hosts && !stopped; i++)
		listed |= host_lists(s, i, ADDRESS_TEXT(vip));
	for (uint8_t r = 0; r < s->n_routers; r++) {
		enum sim_reach reach = sim_reach(s, r, vip, &found);

		if (reach != (listed ? SIM_REACHED : SIM_NO_ROUTE))
			sim_break(s, "router %u and %s, which %s: %d", r, ADDRESS_TEXT(vip),
				  listed ? "is bound" : "nobody has", reach);
	}
}

void demand_all(struct run *run, bool stopped)
{
	demand_shared(run, &run->s->shared, stopped);
	demand_shared(run, &run->s->contested, stopped);
	for (uint8_t host = 0; host < run->s->n_hosts; host++)
		for (uint8_t vip = 0; vip < VIPS_PER_HOST; vip++)
			demand(run, host, vip, stopped ? DUTY_GONE : duty_of(run, host, vip));
}

static bool hosts_meet(const struct sim *s, uint8_t a, uint8_t b)
{
	for (size_t i = 0; a != b && i < s->hosts[a].n_ports; i++)
		for (size_t k = 0; k < s->hosts[b].n_ports; k++)
			if (s->hosts[a].ports[i].lan == s->hosts[b].ports[k].lan)
				return true;
	return false;
}

/* Routers tell each other by each protocol what they have heard by it. */
static bool hosts_share_protocol(const struct sim *s, const struct sim_host *a,
				 const struct sim_host *b)
{
	for (size_t i = 0; i < a->n_ports; i++)
		for (size_t k = 0; k < b->n_ports; k++)
			for (size_t p = 0; p < SIM_PROTOCOLS; p++)
				if (s->lans[a->ports[i].lan].speaks[p] &&
				    s->lans[b->ports[k].lan].speaks[p])
					return true;
	return false;
}

/* By the time that everything is well each host has a route to the VIPs of the others. */
void demand_learned(struct run *run, uint8_t index, uint8_t other)
{
	const struct sim_host *h = &run->s->hosts[index];

	if (index == other || !hosts_share_protocol(run->s, h, &run->s->hosts[other]))
		return;
	for (uint8_t vip = 0; vip < VIPS_ALONE; vip++) {
		struct address a = wish_address(run, other, vip);
		enum duty duty = duty_of(run, other, vip);
		bool learned = host_has(h, OBJECT_LEARNED, &a);

		if (duty != DUTY_NONE && learned != (duty == DUTY_REACHED))
			sim_break(run->s, "host %u has %s the way to %s", index,
				  learned ? "still" : "not learned", ADDRESS_TEXT(&a));
	}
}

/* Hosts on one LAN have told each other of their VIPs, and understood each other all the time. */
void demand_talk(struct run *run, uint8_t index, uint8_t other)
{
	const struct sim_host *h = &run->s->hosts[index];

	if (!h->talker)
		return;
	if (talk_counters(h->talker)->wrong > 0)
		sim_break(run->s, "host %u has heard what nobody has said over a stream", index);
	for (uint8_t vip = 0; vip < VIPS_ALONE && hosts_meet(run->s, index, other); vip++) {
		enum duty duty = duty_of(run, other, vip);
		struct address a = wish_address(run, other, vip);
		struct prefix p = prefix_host(&a);

		if (duty != DUTY_NONE && talk_hears(h->talker, &p) != (duty == DUTY_REACHED))
			sim_break(run->s, "host %u hears %s of %s over a stream", index,
				  duty == DUTY_REACHED ? "nothing" : "still", ADDRESS_TEXT(&a));
	}
}
