/* SPDX-License-Identifier: Apache-2.0 */
/* What stands in our LSAs: a host is reached, and nobody goes through it. */
#include "proto/ospf/segment_test.h"

static void begin(struct segment *s, enum ospf_version v)
{
	segment_init(s, v);
	segment_begin(s);
	segment_calm(s);
}

static struct lsa_key router_key(const struct segment *s)
{
	return segment_key(s, LSA_ROUTER, s->version == OSPF_V2 ? US : 0);
}

/* The links of our router-LSA as the router has it, of a type; and the last one of it. */
static size_t links(const struct segment *s, enum lsa_link_type type, struct lsa_link *ret,
		    struct lsa_router *ret_router)
{
	struct ospf_lsa_row row;
	struct lsa_walk walk;
	struct lsa_link l;
	size_t n = 0;

	assert_true(segment_lsa(s, s->router, router_key(s), &row));
	walk = lsa_router_walk(s->version, row.bytes, row.header.length, ret_router);
	while (lsa_link_next(&walk, &l))
		if (l.type == type) {
			*ret = l;
			n++;
		}
	return n;
}

static void a_host_has_no_stub_links_but_its_prefixes(void **state)
{
	struct segment s;
	struct lsa_link l;
	struct lsa_router r;
	struct prefix p;

	(void)state;
	begin(&s, OSPF_V2);
	assert_int_equal(links(&s, LSA_LINK_STUB, &l, &r), 0);
	segment_announce(&s, 1, 33);
	segment_run(&s, DURATION_S(10));
	p = segment_vip(&s, 1);
	assert_int_equal(links(&s, LSA_LINK_STUB, &l, &r), 1);
	assert_true(prefix_equal(&l.prefix, &p));
	assert_int_equal(l.metric, 33);
	assert_int_equal(links(&s, LSA_LINK_POINT_TO_POINT, &l, &r), 1);
	assert_int_equal(l.neighbor, ROUTER);
	assert_int_equal(l.own, 0x0a010001);
	assert_int_equal(r.flags & (LSA_ROUTER_B | LSA_ROUTER_E | LSA_ROUTER_V), 0);
	segment_done(&s);
}

/* Our own engine is the router, and knows RFC 8770. */
static void the_h_bit_is_set_where_all_know_it(void **state)
{
	struct segment s;
	struct lsa_link l;
	struct lsa_router r;
	struct ospf_settings settings;

	(void)state;
	begin(&s, OSPF_V2);
	(void)links(&s, LSA_LINK_POINT_TO_POINT, &l, &r);
	assert_true(r.flags & LSA_ROUTER_H);
	assert_int_equal(l.metric, s.link.cost);
	settings = s.settings;
	settings.router_id = US;
	settings.host = OSPF_HOST_MAX_METRIC;
	ospf_configure(s.us, s.now, &settings);
	segment_run(&s, DURATION_S(10));
	(void)links(&s, LSA_LINK_POINT_TO_POINT, &l, &r);
	assert_false(r.flags & LSA_ROUTER_H);
	assert_int_equal(l.metric, LSA_METRIC_MAX);
	segment_done(&s);
}

static void update(struct segment *s, struct ospf *to, const struct lsa_header *h,
		   const struct lsa_router *r)
{
	uint8_t bytes[256];
	struct writer w;
	struct ospf_header header = { .type = OSPF_UPDATE, .router = to == s->us ? ROUTER : US };
	size_t start;

	writer_init(&w, bytes, sizeof(bytes));
	ospf_begin(s->version, &w, &header);
	ospf_write_update(&w);
	ospf_update_count(s->version, &w, 1);
	start = lsa_begin(s->version, &w, h);
	lsa_write_router(s->version, &w, r);
	lsa_finish(&w, start);
	ospf_finish(&w);
	segment_hand(s, to, bytes, w.length);
}

static void a_router_that_does_not_know_the_h_bit_brings_max_metric(void **state)
{
	struct segment s;
	struct lsa_link l;
	struct lsa_router r;
	struct lsa_header h = { .options = OSPF_V2_E, .sequence = LSA_SEQUENCE_INITIAL };

	(void)state;
	begin(&s, OSPF_V2);
	h.key = (struct lsa_key){ LSA_V2_ROUTER, 0x0a000063, 0x0a000063 };
	update(&s, s.us, &h, &(struct lsa_router){ 0 });
	segment_announce(&s, 1, 0);
	segment_run(&s, DURATION_S(20));
	(void)links(&s, LSA_LINK_POINT_TO_POINT, &l, &r);
	assert_false(r.flags & LSA_ROUTER_H);
	assert_int_equal(l.metric, LSA_METRIC_MAX);
	assert_int_equal(links(&s, LSA_LINK_STUB, &l, &r), 1);
	assert_int_equal(l.metric, s.settings.metric);
	segment_done(&s);
}

static void the_router_information_says_that_we_know_it(void **state)
{
	struct segment s;
	struct ospf_lsa_row row;
	struct lsa_capabilities c = { 0 };
	struct lsa_key k;

	begin(&s, *(const enum ospf_version *)*state);
	k = segment_key(&s, LSA_ROUTER_INFO, 0);
	if (s.version == OSPF_V2)
		k = (struct lsa_key){ LSA_V2_OPAQUE_AREA, 0x04000000, US };
	assert_true(segment_lsa(&s, s.router, k, &row));
	assert_true(lsa_capabilities_read(s.version, row.bytes, row.header.length, &c));
	assert_true(c.functional & LSA_FUNCTIONAL_HOST);
	assert_true(c.informational & LSA_INFORMATIONAL_STUB_ROUTER);
	segment_done(&s);
}

static void the_r_bit_is_clear(void **state)
{
	struct segment s;
	struct lsa_link l;
	struct lsa_router r;

	(void)state;
	begin(&s, OSPF_V3);
	assert_int_equal(links(&s, LSA_LINK_POINT_TO_POINT, &l, &r), 1);
	assert_false(r.options & OSPF_V3_R);
	assert_true(r.options & OSPF_V3_V6);
	assert_int_equal(l.neighbor, ROUTER);
	assert_int_equal(l.own, INTERFACE);
	assert_int_equal(l.neighbor_interface, INTERFACE);
	segment_done(&s);
}

/* For routers that take no externals of who has the R bit clear. */
static void v3_can_say_it_by_its_metric(void **state)
{
	struct segment s;
	struct lsa_link l;
	struct lsa_router r;

	(void)state;
	segment_init(&s, OSPF_V3);
	s.settings.host = OSPF_HOST_MAX_METRIC;
	segment_begin(&s);
	segment_calm(&s);
	assert_int_equal(links(&s, LSA_LINK_POINT_TO_POINT, &l, &r), 1);
	assert_true(r.options & OSPF_V3_R);
	assert_int_equal(l.metric, LSA_METRIC_MAX);
	segment_done(&s);
}

static void v3_prefixes_are_local_ones_of_our_router_lsa(void **state)
{
	struct segment s;
	struct ospf_lsa_row row;
	struct lsa_prefixes head;
	struct lsa_prefix p;
	struct lsa_walk walk;
	struct prefix vip;

	(void)state;
	begin(&s, OSPF_V3);
	segment_announce(&s, 1, 33);
	segment_run(&s, DURATION_S(10));
	vip = segment_vip(&s, 1);
	assert_true(segment_lsa(&s, s.router, segment_key(&s, LSA_INTRA_PREFIX, 0), &row));
	walk = lsa_prefixes_walk(s.version, row.bytes, row.header.length, &head);
	assert_int_equal(head.reference.type, LSA_V3_ROUTER);
	assert_int_equal(head.reference.id, 0);
	assert_int_equal(head.reference.router, US);
	assert_true(lsa_prefix_next(&walk, &p));
	assert_true(prefix_equal(&p.prefix, &vip));
	assert_int_equal(p.options, LSA_PREFIX_LA);
	assert_int_equal(p.metric, 33);
	assert_false(lsa_prefix_next(&walk, &p));
	segment_withdraw(&s, 1);
	segment_run(&s, DURATION_S(10));
	assert_false(segment_lsa(&s, s.router, segment_key(&s, LSA_INTRA_PREFIX, 0), &row));
	segment_done(&s);
}

static void v3_prefixes_stay_in_the_lsa_that_they_are_in(void **state)
{
	struct segment s;
	size_t n;
	struct ospf_lsa_row row;

	(void)state;
	begin(&s, OSPF_V3);
	for (uint32_t k = 0; k < 1000; k++)
		segment_announce(&s, k, 0);
	segment_run(&s, DURATION_S(10));
	n = segment_said(&s, LSA_INTRA_PREFIX, NULL);
	assert_in_range(n, 1000 / 70, 1000 / 60 + 1);
	for (size_t at = 0; ospf_lsa_row(s.us, s.now, &at, &row);)
		assert_true(row.header.length <= 1400);
	s.n_said = 0;
	segment_withdraw(&s, 17);
	segment_announce(&s, 5, 77);
	segment_announce(&s, 500, 77);
	segment_run(&s, DURATION_S(10));
	assert_int_equal(segment_said(&s, LSA_INTRA_PREFIX, NULL), 2);
	/* A new one goes where there is room. */
	s.n_said = 0;
	segment_announce(&s, 2000, 0);
	segment_run(&s, DURATION_S(10));
	assert_int_equal(segment_said(&s, LSA_INTRA_PREFIX, NULL), 1);
	segment_done(&s);
}

static struct prefix network(uint32_t address, uint8_t length)
{
	struct address a = address_ipv4(address);

	return prefix_make(&a, length);
}

static void networks_that_begin_alike_have_different_link_state_ids(void **state)
{
	static const struct {
		uint32_t address;
		uint8_t length;
	} networks[] = { { 0x0a090000, 16 }, { 0x0a090000, 24 }, { 0x0a090000, 25 },
			 { 0x0a0900ff, 32 }, { 0x0a090000, 32 }, { 0x0a090080, 25 },
			 { 0x0a09007f, 32 }, { 0x0a09ffff, 32 } };
	struct segment s;

	(void)state;
	segment_init(&s, OSPF_V2);
	s.settings.vips = OSPF_VIPS_EXTERNAL;
	segment_begin(&s);
	segment_calm(&s);
	for (size_t k = 0; k < ARRAY_LENGTH(networks); k++) {
		struct prefix p = network(networks[k].address, networks[k].length);

		assert_int_equal(ospf_announce(s.us, s.now, &p, 100 + (uint32_t)k), 0);
		segment_run(&s, DURATION_S(20));
		for (size_t m = 0; m <= k; m++) {
			uint32_t metric;

			p = network(networks[m].address, networks[m].length);
			assert_true(segment_knows(&s, &p, &metric));
			assert_int_equal(metric, 100 + m);
		}
	}
	segment_done(&s);
}

static void externals_have_their_metric_type_and_tag(void **state)
{
	struct segment s;
	struct ospf_lsa_row row = { 0 };
	struct lsa_destination d = { 0 };
	struct lsa_link l;
	struct lsa_router r;

	segment_init(&s, *(const enum ospf_version *)*state);
	s.settings.vips = OSPF_VIPS_EXTERNAL;
	s.settings.metric_type = 1;
	s.settings.tag = 4711;
	segment_begin(&s);
	segment_calm(&s);
	segment_announce(&s, 1, 70000);
	segment_run(&s, DURATION_S(10));
	for (size_t at = 0; ospf_lsa_row(s.router, s.now, &at, &row);)
		if (lsa_kind(s.version, &row.header.key) == LSA_EXTERNAL)
			break;
	assert_true(lsa_destination_read(s.version, row.bytes, row.header.length, &d));
	assert_false(d.type_2);
	assert_int_equal(d.tag, 4711);
	assert_int_equal(d.metric, 70000);
	assert_false(address_is_set(&d.forward) && !address_is_unspecified(&d.forward));
	(void)links(&s, LSA_LINK_POINT_TO_POINT, &l, &r);
	assert_true(r.flags & LSA_ROUTER_E);
	segment_withdraw(&s, 1);
	segment_run(&s, DURATION_S(10));
	(void)links(&s, LSA_LINK_POINT_TO_POINT, &l, &r);
	assert_false(r.flags & LSA_ROUTER_E);
	segment_done(&s);
}

static void a_stub_area_has_no_externals(void **state)
{
	struct segment s;
	struct prefix p;

	segment_init(&s, *(const enum ospf_version *)*state);
	s.settings.vips = OSPF_VIPS_EXTERNAL;
	s.link.is.area = 1;
	s.link.is.area_kind = OSPF_AREA_STUB;
	segment_begin(&s);
	segment_calm(&s);
	segment_announce(&s, 1, 0);
	segment_run(&s, DURATION_S(10));
	p = segment_vip(&s, 1);
	assert_true(segment_knows(&s, &p, NULL));
	assert_int_equal(segment_said(&s, LSA_EXTERNAL, NULL), 0);
	segment_done(&s);
}

static void in_an_nssa_externals_are_of_type_7(void **state)
{
	struct segment s;
	struct prefix p;
	struct ospf_lsa_row row = { 0 };
	struct lsa_destination d = { 0 };

	segment_init(&s, *(const enum ospf_version *)*state);
	s.settings.vips = OSPF_VIPS_EXTERNAL;
	s.link.is.area = 1;
	s.link.is.area_kind = OSPF_AREA_NSSA;
	segment_begin(&s);
	segment_calm(&s);
	segment_announce(&s, 1, 0);
	segment_run(&s, DURATION_S(10));
	p = segment_vip(&s, 1);
	assert_true(segment_knows(&s, &p, NULL));
	assert_int_equal(segment_said(&s, LSA_EXTERNAL, NULL), 0);
	for (size_t at = 0; ospf_lsa_row(s.router, s.now, &at, &row);)
		if (lsa_kind(s.version, &row.header.key) == LSA_NSSA)
			break;
	assert_true(lsa_destination_read(s.version, row.bytes, row.header.length, &d));
	/* RFC 3101 2.3: the P bit goes with a forwarding address, which no NIC takes along. */
	assert_true(d.propagate);
	assert_true(address_equal(&d.forward, &p.address));
	/* It goes: the other one is what is led to from now on. */
	segment_announce(&s, 2, 0);
	segment_withdraw(&s, 1);
	segment_run(&s, DURATION_S(20));
	p = segment_vip(&s, 1);
	assert_false(segment_knows(&s, &p, NULL));
	p = segment_vip(&s, 2);
	assert_true(segment_knows(&s, &p, NULL));
	for (size_t at = 0; ospf_lsa_row(s.router, s.now, &at, &row);)
		if (lsa_kind(s.version, &row.header.key) == LSA_NSSA)
			break;
	assert_true(lsa_destination_read(s.version, row.bytes, row.header.length, &d));
	assert_true(address_equal(&d.forward, &p.address));
	segment_done(&s);
}

static void each_area_has_the_prefixes_and_none_a_border(void **state)
{
	struct segment s;
	struct ospf_lsa_row row;
	struct ospf_interface_settings other;
	struct address a;
	struct speaker_link link;
	size_t routers = 0, with = 0;

	(void)state;
	begin(&s, OSPF_V2);
	other = s.link;
	other.is.area = 7;
	a = address_ipv4(0x0a020001);
	link = speaker_link_make(3, true, &a, 24);
	assert_int_equal(ospf_interface_set(s.us, s.now, 3, &other), 0);
	ospf_link(s.us, s.now, &link, 0);
	segment_announce(&s, 1, 0);
	segment_run(&s, DURATION_S(10));
	for (size_t at = 0; ospf_lsa_row(s.us, s.now, &at, &row);) {
		struct lsa_router r;
		struct lsa_walk walk;
		struct lsa_link l;

		if (!row.own || lsa_kind(s.version, &row.header.key) != LSA_ROUTER)
			continue;
		walk = lsa_router_walk(s.version, row.bytes, row.header.length, &r);
		assert_false(r.flags & LSA_ROUTER_B);
		routers++;
		while (lsa_link_next(&walk, &l))
			with += l.type == LSA_LINK_STUB;
	}
	assert_int_equal(routers, 2);
	assert_int_equal(with, 2);
	segment_done(&s);
}

static size_t of_ours(const struct segment *s)
{
	struct ospf_lsa_row row;
	size_t count = 0;

	for (size_t at = 0; ospf_lsa_row(s->router, s->now, &at, &row);)
		count += row.header.key.router == ospf_router(s->us) &&
			 row.header.age < LSA_AGE_MAX && row.scope != LSA_SCOPE_LINK;
	return count;
}

/* RFC 2328 13 (5) (a): who has had an instance a moment ago believes no flush of it. */
static void who_leaves_right_after_a_change_leaves_nothing(void **state)
{
	struct segment s;

	begin(&s, *(const enum ospf_version *)*state);
	segment_announce(&s, 1, 0);
	segment_run(&s, DURATION_S(10));
	segment_announce(&s, 2, 0);
	segment_run(&s, DURATION_MS(100));
	assert_true(of_ours(&s) > 0);
	ospf_interface_remove(s.us, s.now, INTERFACE);
	segment_run(&s, DURATION_S(4));
	assert_int_equal(segment_early(&s), 0);
	assert_int_equal(of_ours(&s), 0);
	segment_done(&s);
}

static void begin_lan(struct segment *s, enum ospf_version v, uint8_t ours, uint8_t theirs)
{
	segment_init(s, v);
	s->link.is.network = OSPF_BROADCAST;
	s->us = segment_speaker(s, US);
	s->router = segment_speaker(s, ROUTER);
	s->link.is.priority = ours;
	segment_up(s, s->us, INTERFACE);
	s->link.is.priority = theirs;
	segment_up(s, s->router, INTERFACE);
	segment_run(s, DURATION_S(120));
	assert_true(segment_is_full(s));
}

static void a_link_to_a_network_names_its_dr(void **state)
{
	struct segment s;
	struct lsa_link l;
	struct lsa_router r;

	begin_lan(&s, *(const enum ospf_version *)*state, 0, 1);
	assert_int_equal(links(&s, LSA_LINK_TRANSIT, &l, &r), 1);
	if (s.version == OSPF_V2) {
		assert_int_equal(l.neighbor_interface, 0x0a010002);
		assert_int_equal(l.own, 0x0a010001);
	} else {
		assert_int_equal(l.neighbor, ROUTER);
		assert_int_equal(l.neighbor_interface, INTERFACE);
	}
	assert_int_equal(links(&s, LSA_LINK_STUB, &l, &r), 0);
	segment_done(&s);
}

static void as_the_dr_we_say_who_is_there(void **state)
{
	struct segment s;
	struct ospf_lsa_row row;
	struct prefix p;
	uint32_t options, router, seen = 0;
	struct lsa_walk walk;
	struct lsa_key k;

	begin_lan(&s, *(const enum ospf_version *)*state, 1, 0);
	k = segment_key(&s, LSA_NETWORK, s.version == OSPF_V2 ? 0x0a010001 : INTERFACE);
	assert_true(segment_lsa(&s, s.router, k, &row));
	walk = lsa_network_walk(s.version, row.bytes, row.header.length, &p, &options);
	if (s.version == OSPF_V2)
		assert_int_equal(p.length, 24);
	while (lsa_attached_next(&walk, &router))
		seen |= router == US ? 1 : router == ROUTER ? 2 : 4;
	assert_int_equal(seen, 3);
	/* The router goes: the network with it. */
	s.deaf = s.quiet = true;
	segment_run(&s, DURATION_S(60));
	assert_false(segment_lsa(&s, s.us, k, &row));
	segment_done(&s);
}

/* v3: what is on a link is in the link-LSAs, and the DR says it to all. */
static void as_the_dr_we_say_the_prefixes_of_the_link(void **state)
{
	struct segment s;
	struct ospf_lsa_row row;
	struct lsa_prefixes head;
	struct lsa_prefix p;
	struct lsa_walk walk;
	struct prefix ours, theirs;
	struct lsa_key k;
	unsigned seen = 0;

	(void)state;
	begin_lan(&s, OSPF_V3, 1, 0);
	ours = segment_vip(&s, 0x10000);
	theirs = segment_vip(&s, 0x20000);
	ours = prefix_make(&ours.address, 112);
	theirs = prefix_make(&theirs.address, 112);
	ospf_network(s.us, INTERFACE, &ours, true);
	ospf_network(s.router, INTERFACE, &theirs, true);
	segment_run(&s, DURATION_S(20));
	k = segment_key(&s, LSA_INTRA_PREFIX, 0x01000000 + INTERFACE);
	assert_true(segment_lsa(&s, s.router, k, &row));
	walk = lsa_prefixes_walk(s.version, row.bytes, row.header.length, &head);
	assert_int_equal(head.reference.type, LSA_V3_NETWORK);
	assert_int_equal(head.reference.id, INTERFACE);
	while (lsa_prefix_next(&walk, &p)) {
		assert_int_equal(p.metric, 0);
		seen |= prefix_equal(&p.prefix, &ours)	   ? 1
			: prefix_equal(&p.prefix, &theirs) ? 2
							   : 4;
	}
	assert_int_equal(seen, 3);
	ospf_network(s.router, INTERFACE, &theirs, false);
	segment_run(&s, DURATION_S(20));
	assert_false(segment_knows(&s, &theirs, NULL));
	assert_true(segment_knows(&s, &ours, NULL));
	segment_done(&s);
}

static void an_interface_that_goes_takes_back_what_we_have_said(void **state)
{
	struct segment s;
	struct ospf_lsa_row row;
	struct ospf_neighbor_row n;
	size_t at = 0;
	struct prefix p;

	begin(&s, *(const enum ospf_version *)*state);
	segment_announce(&s, 1, 0);
	segment_run(&s, DURATION_S(10));
	p = segment_vip(&s, 1);
	assert_true(segment_knows(&s, &p, NULL));
	ospf_interface_remove(s.us, s.now, INTERFACE);
	segment_run(&s, DURATION_MS(100));
	for (size_t k = 0; ospf_lsa_row(s.router, s.now, &k, &row);)
		assert_true(row.header.key.router == ROUTER || row.header.age == LSA_AGE_MAX);
	assert_false(ospf_neighbor_row(s.router, s.now, &at, &n) && n.state > OSPF_NEIGHBOR_INIT);
	segment_run(&s, DURATION_S(30));
	assert_int_equal(s.events[SPEAKER_EVENT_LEFT], 1);
	/* And is there again. */
	segment_up(&s, s.us, INTERFACE);
	segment_run(&s, DURATION_S(120));
	assert_true(segment_is_full(&s));
	assert_true(segment_knows(&s, &p, NULL));
	segment_done(&s);
}

int main(void)
{
	static enum ospf_version v2 = OSPF_V2, v3 = OSPF_V3;
	/* clang-format off */
#define BOTH(test) { #test " (v2)", test, NULL, NULL, &v2 }, { #test " (v3)", test, NULL, NULL, &v3 }
	/* clang-format on */
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_host_has_no_stub_links_but_its_prefixes),
		cmocka_unit_test(the_h_bit_is_set_where_all_know_it),
		cmocka_unit_test(a_router_that_does_not_know_the_h_bit_brings_max_metric),
		cmocka_unit_test(the_r_bit_is_clear),
		cmocka_unit_test(v3_can_say_it_by_its_metric),
		cmocka_unit_test(v3_prefixes_are_local_ones_of_our_router_lsa),
		cmocka_unit_test(v3_prefixes_stay_in_the_lsa_that_they_are_in),
		cmocka_unit_test(networks_that_begin_alike_have_different_link_state_ids),
		cmocka_unit_test(as_the_dr_we_say_the_prefixes_of_the_link),
		cmocka_unit_test(each_area_has_the_prefixes_and_none_a_border),
		BOTH(the_router_information_says_that_we_know_it),
		BOTH(externals_have_their_metric_type_and_tag),
		BOTH(a_stub_area_has_no_externals),
		BOTH(in_an_nssa_externals_are_of_type_7),
		BOTH(a_link_to_a_network_names_its_dr),
		BOTH(as_the_dr_we_say_who_is_there),
		BOTH(an_interface_that_goes_takes_back_what_we_have_said),
		BOTH(who_leaves_right_after_a_change_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
