/* SPDX-License-Identifier: Apache-2.0 */
#include "node/route/ospf_view.h"

#include <string.h>

#include "base/container.h"
#include "base/text.h"
#include "fields/field.h"
#include "proto/ospf/ospf.h"

#define NAME_MAX_BYTES 24

/* A router ID, or an area, as it is written. */
static void dotted_format(const void *value, char *text, size_t size)
{
	const struct address a = address_ipv4(*(const uint32_t *)value);

	text_copy(text, size, ADDRESS_TEXT(&a));
}

static void hex_format(const void *value, char *text, size_t size)
{
	struct text t;

	text_init(&t, text, size);
	text_add(&t, "0x%08x", *(const uint32_t *)value);
}

/* None, where there may be none. */
static void router_format(const void *value, char *text, size_t size)
{
	text_copy(text, size, "");
	if (*(const uint32_t *)value)
		dotted_format(value, text, size);
}

static const struct field_text dotted = { .form = "0.0.0.0", .format = dotted_format };
static const struct field_text router = { .form = "0.0.0.0", .format = router_format };
static const struct field_text hex = { .form = "0x80000001", .format = hex_format };

/* neighbors */

struct neighbor_view {
	struct ospf_neighbor_row is;
	char state[NAME_MAX_BYTES];
};
_Static_assert(sizeof(struct neighbor_view) <= SPEAKER_VIEW_MAX, "it has its place");

#define IS(tag, name, member, ...) FIELD(tag, name, struct neighbor_view, is.member, __VA_ARGS__)
static const struct field neighbor_fields[] = {
	IS(1, "router", router, .text = &dotted),
	IS(2, "area", area, .text = &dotted),
	IS(3, "address", address),
	FIELD(4, "state", struct neighbor_view, state),
	IS(5, "priority", priority),
	IS(6, "dr", dr, .text = &router),
	IS(7, "bdr", bdr, .text = &router),
	IS(8, "dead_in", dead_in),
	IS(9, "age", since),
	IS(10, "retransmitting", retransmitting),
	IS(11, "requested", requested),
	IS(12, "described", described),
	IS(13, "retransmissions", retransmissions),
	IS(14, "events", events),
	IS(15, "options", options),
	IS(16, "helping", helping),
	IS(17, "dropped", dropped),
};
#undef IS
static const struct record neighbor_record =
	RECORD("a neighbour", struct neighbor_view, neighbor_fields);

static bool neighbor_next(const struct speaker *sp, struct instant now, size_t *position,
			  struct speaker_view_row *ret)
{
	struct neighbor_view v = { 0 };

	if (!ospf_neighbor_row(ospf_of(sp), now, position, &v.is))
		return false;
	text_copy(v.state, sizeof(v.state), ospf_neighbor_state_name(v.is.state));
	ret->interface = v.is.interface;
	memcpy(ret->bytes, &v, sizeof(v));
	return true;
}

/* interfaces */

struct interface_view {
	struct ospf_interface_row is;
	char state[NAME_MAX_BYTES];
};
_Static_assert(sizeof(struct interface_view) <= SPEAKER_VIEW_MAX, "it has its place");

static const struct field_word kind_words[] = {
	{ "normal", OSPF_AREA_NORMAL, NULL },
	{ "stub", OSPF_AREA_STUB, NULL },
	{ "nssa", OSPF_AREA_NSSA, NULL },
	{ 0 },
};
static const struct field_word network_words[] = {
	{ "broadcast", OSPF_BROADCAST, NULL },
	{ "point-to-point", OSPF_POINT_TO_POINT, NULL },
	{ "point-to-multipoint", OSPF_POINT_TO_MULTIPOINT, NULL },
	{ 0 },
};

#define IS(tag, name, member, ...) FIELD(tag, name, struct interface_view, is.member, __VA_ARGS__)
#define COUNTED(tag, name, type)                                                                   \
	IS(tag, name "_sent", sent[type]), IS((tag) + 1, name "_received", received[type])
static const struct field interface_fields[] = {
	IS(1, "area", area, .text = &dotted),
	FIELD_WORD(2, "area_kind", struct interface_view, is.area_kind, kind_words),
	FIELD_WORD(3, "network", struct interface_view, is.network, network_words),
	FIELD(4, "state", struct interface_view, state),
	IS(5, "address", address),
	IS(6, "cost", cost),
	IS(7, "mtu", mtu),
	IS(8, "priority", priority),
	IS(9, "dr", dr, .text = &router),
	IS(10, "bdr", bdr, .text = &router),
	IS(11, "hello", hello),
	IS(12, "dead", dead),
	IS(13, "hello_in", hello_in),
	IS(14, "neighbors", neighbors),
	IS(15, "adjacent", adjacent),
	COUNTED(16, "hellos", OSPF_HELLO),
	COUNTED(18, "descriptions", OSPF_DESCRIPTION),
	COUNTED(20, "requests", OSPF_REQUEST),
	COUNTED(22, "updates", OSPF_UPDATE),
	COUNTED(24, "acknowledgments", OSPF_ACKNOWLEDGMENT),
	IS(26, "dropped", dropped),
};
#undef IS
static const struct record interface_record =
	RECORD("an interface", struct interface_view, interface_fields);

static bool interface_next(const struct speaker *sp, struct instant now, size_t *position,
			   struct speaker_view_row *ret)
{
	struct interface_view v = { 0 };

	if (!ospf_interface_row(ospf_of(sp), now, position, &v.is))
		return false;
	text_copy(v.state, sizeof(v.state), ospf_interface_state_name(v.is.state));
	ret->interface = v.is.interface;
	memcpy(ret->bytes, &v, sizeof(v));
	return true;
}

/* database */

struct lsa_view {
	uint8_t scope;
	bool own;
	char type[NAME_MAX_BYTES], area[ADDRESS_TEXT_MAX];
	uint32_t id, router, sequence, age, length, checksum;
};
_Static_assert(sizeof(struct lsa_view) <= SPEAKER_VIEW_MAX, "it has its place");

static const struct field_word scope_words[] = {
	{ "link", LSA_SCOPE_LINK, NULL },
	{ "area", LSA_SCOPE_AREA, NULL },
	{ "as", LSA_SCOPE_AS, NULL },
	{ 0 },
};

#define IS(tag, name, member, ...) FIELD(tag, name, struct lsa_view, member, __VA_ARGS__)
static const struct field lsa_fields[] = {
	FIELD_WORD(1, "scope", struct lsa_view, scope, scope_words),
	IS(2, "area", area),
	IS(3, "type", type),
	IS(4, "id", id, .text = &dotted),
	IS(5, "router", router, .text = &dotted),
	IS(6, "sequence", sequence, .text = &hex),
	IS(7, "age", age),
	IS(8, "length", length),
	IS(9, "checksum", checksum),
	IS(10, "own", own),
};
#undef IS
static const struct record lsa_record = RECORD("an LSA", struct lsa_view, lsa_fields);

static bool lsa_next(const struct speaker *sp, struct instant now, size_t *position,
		     struct speaker_view_row *ret)
{
	struct ospf_lsa_row row;
	struct lsa_view v = { 0 };

	if (!ospf_lsa_row(ospf_of(sp), now, position, &row))
		return false;
	v.scope = (uint8_t)row.scope;
	v.own = row.own;
	if (row.scope == LSA_SCOPE_AREA)
		dotted_format(&row.area, v.area, sizeof(v.area));
	text_copy(v.type, sizeof(v.type),
		  lsa_type_name(sp->class->families == 2 ? OSPF_V3 : OSPF_V2, row.header.key.type));
	v.id = row.header.key.id;
	v.router = row.header.key.router;
	v.sequence = (uint32_t)row.header.sequence;
	v.age = row.header.age;
	v.length = row.header.length;
	v.checksum = row.header.checksum;
	ret->interface = row.scope == LSA_SCOPE_LINK ? row.interface : 0;
	memcpy(ret->bytes, &v, sizeof(v));
	return true;
}

/* spf */

static const struct field spf_fields[] = {
	FIELD(1, "area", struct ospf_spf_row, area, .text = &dotted),
	FIELD(2, "runs", struct ospf_spf_row, runs),
	FIELD(3, "partial_runs", struct ospf_spf_row, partial_runs),
	FIELD(4, "routers", struct ospf_spf_row, routers),
	FIELD(5, "networks", struct ospf_spf_row, networks),
	FIELD(6, "routes", struct ospf_spf_row, routes),
	FIELD(7, "age", struct ospf_spf_row, ago),
	FIELD(8, "host_bit", struct ospf_spf_row, host_bit),
	FIELD(9, "all_know_host", struct ospf_spf_row, all_know_host),
};
static const struct record spf_record = RECORD("an area", struct ospf_spf_row, spf_fields);

static bool spf_next(const struct speaker *sp, struct instant now, size_t *position,
		     struct speaker_view_row *ret)
{
	struct ospf_spf_row row;

	_Static_assert(sizeof(row) <= SPEAKER_VIEW_MAX, "it has its place");
	if (!ospf_spf_row(ospf_of(sp), now, position, &row))
		return false;
	ret->interface = 0;
	memcpy(ret->bytes, &row, sizeof(row));
	return true;
}

/* routes */

struct route_view {
	struct prefix prefix;
	uint8_t kind; /* enum ospf_route_kind */
	uint32_t metric, external_metric, area, router, paths;
	struct address next_hop; /* of the first path */
};
_Static_assert(sizeof(struct route_view) <= SPEAKER_VIEW_MAX, "it has its place");

static const struct field_word route_words[] = {
	{ "intra-area", OSPF_ROUTE_INTRA, NULL },
	{ "inter-area", OSPF_ROUTE_INTER, NULL },
	{ "external-1", OSPF_ROUTE_EXTERNAL_1, NULL },
	{ "external-2", OSPF_ROUTE_EXTERNAL_2, NULL },
	{ "nssa-1", OSPF_ROUTE_NSSA_1, NULL },
	{ "nssa-2", OSPF_ROUTE_NSSA_2, NULL },
	{ 0 },
};

#define IS(tag, name, member, ...) FIELD(tag, name, struct route_view, member, __VA_ARGS__)
static const struct field route_fields[] = {
	FIELD(1, "prefix", struct route_view, prefix),
	FIELD_WORD(2, "kind", struct route_view, kind, route_words),
	IS(3, "metric", metric),
	IS(4, "external_metric", external_metric),
	IS(5, "area", area, .text = &dotted),
	IS(6, "router", router, .text = &dotted),
	IS(7, "next_hop", next_hop),
	IS(8, "paths", paths),
};
#undef IS
static const struct record route_record = RECORD("a route", struct route_view, route_fields);

static bool route_next(const struct speaker *sp, struct instant now, size_t *position,
		       struct speaker_view_row *ret)
{
	struct ospf_route_row row;
	struct route_view v;

	if (!ospf_route_row(ospf_of(sp), now, position, &row))
		return false;
	v = (struct route_view){
		.prefix = row.route.prefix,
		.kind = row.kind,
		.metric = row.route.metric,
		.external_metric = row.external_metric,
		.area = row.area,
		.router = row.router,
		.paths = row.route.n_paths,
	};
	if (row.route.n_paths > 0)
		v.next_hop = row.route.paths[0].next_hop;
	ret->interface = row.route.n_paths > 0 ? row.route.paths[0].interface : 0;
	memcpy(ret->bytes, &v, sizeof(v));
	return true;
}

static const struct {
	enum ospf_drop reason;
	const char *what, *fix;
} troubles[] = {
	{ OSPF_DROP_AREA, "another area is spoken of there",
	  "let 'area' of the interface be that of the router" },
	{ OSPF_DROP_INSTANCE, "another instance is spoken there",
	  "let 'instance' of the interface be that of the router" },
	{ OSPF_DROP_HELLO_INTERVAL, "hellos say another interval than ours",
	  "let 'hello' of the interface be that of the router" },
	{ OSPF_DROP_DEAD_INTERVAL, "hellos say another dead interval than ours",
	  "let 'dead' of the interface be that of the router" },
	{ OSPF_DROP_MASK, "hellos say another network mask than ours",
	  "let the addresses there have the same length, or 'network' be point-to-point" },
	{ OSPF_DROP_OPTIONS, "the area is of another kind there",
	  "let 'area-kind' be the same there and here: normal, stub or nssa" },
	{ OSPF_DROP_DUPLICATE_ROUTER, "somebody else has our router ID",
	  "give one of the two another one: 'router-id' of 'ospf'" },
	{ OSPF_DROP_HOP_LIMIT, "packets come with a TTL below 255",
	  "let the router use ttl-security too, or take 'ttl-security' away" },
	{ OSPF_DROP_OFF_LINK, "packets come from outside of our networks there",
	  "give the interface an address in the network of the router" },
	{ OSPF_DROP_MTU, "its MTU is larger than ours",
	  "let the MTU be the same there and here, or set 'mtu-ignore'" },
	{ OSPF_DROP_AUTHENTICATION, "packets are authenticated and ours are not",
	  "give the interface its 'auth'" },
	{ OSPF_DROP_AUTH_MISSING, "packets are not authenticated and ours are",
	  "give the router the key, or take 'auth' away" },
	{ OSPF_DROP_AUTH_TYPE, "packets are authenticated in another way",
	  "let 'auth' be the same there and here: type, id and secret" },
	{ OSPF_DROP_AUTH_KEY, "packets are authenticated with another key",
	  "let 'auth' be the same there and here: type, id and secret" },
	{ OSPF_DROP_AUTH_DIGEST, "packets are authenticated with another secret",
	  "let 'auth' be the same there and here: type, id and secret" },
	{ OSPF_DROP_AUTH_REPLAY, "packets have sequence numbers that were used before",
	  "look at the clock of the router; somebody may replay its packets" },
};

/* Descriptions are exchanged before anything else of the database. */
static bool is_stuck(const struct neighbor *n)
{
	return n && n->state &&
	       (strcmp(n->state, ospf_neighbor_state_name(OSPF_NEIGHBOR_EX_START)) == 0 ||
		strcmp(n->state, ospf_neighbor_state_name(OSPF_NEIGHBOR_EXCHANGE)) == 0);
}

bool ospf_advice(const uint32_t drops[NEIGHBOR_DROPS_MAX], const struct neighbor *n,
		 struct speaker_advice *ret)
{
	uint32_t most = 0;

	if (n && n->up && !is_stuck(n))
		return false;
	for (size_t k = 0; k < ARRAY_LENGTH(troubles); k++) {
		if (drops[troubles[k].reason] <= most)
			continue;
		most = drops[troubles[k].reason];
		*ret = (struct speaker_advice){ most, troubles[k].what, troubles[k].fix };
	}
	if (most == 0 && is_stuck(n))
		*ret = (struct speaker_advice){
			0, "it does not take our descriptions: its MTU may be smaller than ours",
			"let the MTU be the same there and here, or let the router ignore it"
		};
	return most > 0 || is_stuck(n);
}

const struct speaker_view ospf_views[OSPF_VIEWS] = {
	{ "neighbors", &neighbor_record, neighbor_next },
	{ "interfaces", &interface_record, interface_next },
	{ "database", &lsa_record, lsa_next },
	{ "spf", &spf_record, spf_next },
	{ "paths", &route_record, route_next },
};
