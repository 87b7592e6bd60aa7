/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/truth.h"

#include "sim/invariants.h"
#include "sim/ospf_engine.h"
#include "sim/router_ospf.h"

/* What has to be said again is said again within this time, a few times. */
#define HEARS DURATION_S(20)

/* An LSA waits for MinLSInterval, and may be sent again until its successor leaves. */
#define PATIENCE DURATION_S(12)

/* An earlier life may have said it; that is passed on in an exchange, and counts in a restart. */
static bool is_known(const struct sim *s, const struct lsa_header *h)
{
	struct ospf_lsa_row row;

	for (size_t r = 0; r < s->n_routers; r++)
		for (size_t at = 0;
		     s->routers[r].ospf && ospf_lsa_row(s->routers[r].ospf, s->now, &at, &row);)
			if (lsa_key_equal(&row.header.key, &h->key) &&
			    row.header.sequence == h->sequence &&
			    row.header.checksum == h->checksum)
				return true;
	return false;
}

static void lsa_says(struct sim *s, uint8_t index, const struct lsa_header *h, const uint8_t *bytes)
{
	struct engine_prefixes each = engine_prefixes(router_ospf_version(s), h, bytes);
	struct prefix p;
	uint32_t metric;

	if (h->key.router != s->hosts[index].router_id || h->age >= LSA_AGE_MAX || is_known(s, h))
		return;
	while (engine_prefix_next(&each, &p, &metric))
		invariant_announced(s, index, &p, metric >= OSPF_COST_MAX - 1 ? SIM_LAST_RESORT : 0,
				    PATIENCE);
}

void truth_says(struct sim *s, uint8_t index, const struct packet *d)
{
	enum ospf_version v = router_ospf_version(s);
	struct ospf_header h;
	struct reader body;
	struct lsa_header lsa;
	const uint8_t *bytes;

	if (d->more || d->at > 0) {
		sim_break(s, "host %u says more by OSPF than a packet holds", index);
		return;
	}
	if (ospf_header_read(v, d->bytes, d->length, &h, &body) != PACKET_GOOD) {
		sim_break(s, "host %u sends a packet that is none of OSPF", index);
		return;
	}
	if (h.router != s->hosts[index].router_id)
		sim_break(s, "host %u speaks in the name of another router", index);
	if (h.type != OSPF_UPDATE)
		return;
	(void)ospf_update_read(&body);
	while (ospf_update_next(v, &body, &lsa, &bytes))
		lsa_says(s, index, &lsa, bytes);
}

bool truth_knows(const struct sim *s, const struct sim_router *r, const struct sim_host *h)
{
	struct ospf_lsa_row row;

	for (size_t at = 0; r->ospf && ospf_lsa_row(r->ospf, s->now, &at, &row);)
		if (row.header.key.router == h->router_id && row.scope != LSA_SCOPE_LINK &&
		    row.header.age < LSA_AGE_MAX)
			return true;
	return false;
}

bool truth_has(const struct sim *s, const struct sim_router *r, const struct sim_host *h,
	       const struct prefix *p)
{
	enum ospf_version v = router_ospf_version(s);
	bool router = false, announced = false;
	struct ospf_lsa_row row;

	for (size_t at = 0; r->ospf && ospf_lsa_row(r->ospf, s->now, &at, &row);) {
		struct engine_prefixes each = engine_prefixes(v, &row.header, row.bytes);
		struct prefix is;
		uint32_t metric;

		if (row.header.key.router != h->router_id || row.header.age >= LSA_AGE_MAX)
			continue;
		router |= lsa_kind(v, &row.header.key) == LSA_ROUTER;
		while (engine_prefix_next(&each, &is, &metric))
			announced |= prefix_equal(&is, p);
	}
	return router && announced;
}

static bool is_full(const struct sim *s, const struct sim_port *router, const struct sim_host *h)
{
	const struct sim_router *r = &s->routers[router->owner];
	struct ospf_neighbor_row row;

	for (size_t at = 0; ospf_neighbor_row(r->ospf, s->now, &at, &row);)
		if (row.interface == router->interface && row.router == h->router_id)
			return row.state == OSPF_NEIGHBOR_FULL;
	return false;
}

bool truth_is_believed(const struct sim *s, const struct sim_host *h, const struct sim_port *port,
		       const struct prefix *p)
{
	const struct sim_lan *lan = &s->lans[port->lan];
	const struct sim_voice *v = &port->voices[SIM_OSPF];
	bool spoke = host_lives(h) ? instant_reached(instant_add(v->speaks, HEARS), s->now)
				   : v->willed && port_speaks(port, SIM_OSPF);

	if (!spoke || port->deaf || port->mute || lan->loss_ppm > 0 ||
	    !instant_reached(instant_add(lan->harmed, HEARS), s->now))
		return false;
	for (size_t k = 0; k < lan->n_ports; k++) {
		const struct sim_port *q = lan->ports[k];

		if (q->kind == SIM_ROUTER && s->routers[q->owner].ospf && q->up && !q->deaf &&
		    !q->mute && is_full(s, q, h) && truth_has(s, &s->routers[q->owner], h, p))
			return true;
	}
	return false;
}
