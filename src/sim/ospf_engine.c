/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/ospf_engine.h"

#include <assert.h>

#define MTU 1500

struct ospf *engine_new(enum ospf_version v, uint32_t router_id, enum ospf_vips vips, uint64_t seed,
			uint64_t hash_seed)
{
	struct ospf_settings s;
	struct ospf *o;

	ospf_settings_default(&s);
	s.router_id = router_id;
	s.vips = (uint8_t)vips;
	s.host = OSPF_HOST_NOT;
	s.metric_type = 1;
	o = ospf_new(v, &s, seed, hash_seed);
	assert(o);
	return o;
}

void engine_interface(struct ospf *o, struct instant now, uint32_t index,
		      const struct ospf_speech *is, uint16_t cost)
{
	struct ospf_interface_settings s;
	int r;

	ospf_interface_settings_default(&s);
	s.is = *is;
	s.is.priority = 1;
	s.cost = cost;
	r = ospf_interface_set(o, now, index, &s);
	assert(r == 0);
}

void engine_link(struct ospf *o, struct instant now, uint32_t index, bool usable,
		 const struct address *a, uint8_t length)
{
	struct speaker_link link = speaker_link_make(index, usable, a, length);

	ospf_link(o, now, &link, MTU);
}

bool engine_output(struct ospf *o, struct instant now, struct ospf_packet *ret)
{
	struct speaker_event e;
	struct route route;

	if (ospf_output(o, now, ret))
		return true;
	while (ospf_event(o, &e))
		continue;
	while (ospf_learned(o, now, &route))
		continue;
	return false;
}

struct engine_prefixes engine_prefixes(enum ospf_version v, const struct lsa_header *h,
				       const uint8_t *bytes)
{
	struct engine_prefixes e = {
		.walk = { .version = v },
		.kind = lsa_kind(v, &h->key),
		.bytes = bytes,
		.length = h->length,
	};
	struct lsa_prefixes of;
	struct lsa_router router;

	if (e.kind == LSA_ROUTER && v == OSPF_V2)
		e.walk = lsa_router_walk(v, bytes, h->length, &router);
	else if (e.kind == LSA_INTRA_PREFIX)
		e.walk = lsa_prefixes_walk(v, bytes, h->length, &of);
	else
		e.over = e.kind != LSA_EXTERNAL && e.kind != LSA_NSSA;
	return e;
}

static bool stub_next(struct lsa_walk *w, struct prefix *ret, uint32_t *ret_metric)
{
	struct lsa_link l;

	while (lsa_link_next(w, &l)) {
		if (l.type != LSA_LINK_STUB)
			continue;
		*ret = l.prefix;
		*ret_metric = l.metric;
		return true;
	}
	return false;
}

bool engine_prefix_next(struct engine_prefixes *e, struct prefix *ret, uint32_t *ret_metric)
{
	struct lsa_destination d;
	struct lsa_prefix p;

	if (e->over)
		return false;
	if (e->kind == LSA_ROUTER)
		return stub_next(&e->walk, ret, ret_metric);
	if (e->kind == LSA_INTRA_PREFIX) {
		if (!lsa_prefix_next(&e->walk, &p))
			return false;
		*ret = p.prefix;
		*ret_metric = p.metric;
		return true;
	}
	e->over = true;
	if (!lsa_destination_read(e->walk.version, e->bytes, e->length, &d))
		return false;
	*ret = d.prefix;
	*ret_metric = d.metric;
	return true;
}
