/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which of several claims makes the route: the rules of RFC 2328 16.1 to 16.4.1, RFC 3101 2.5 and
 * RFC 5340 4.8 one by one. We stand in some areas, in each of which there are routers 10.0.a.1 to
 * 10.0.a.9 behind a point-to-point link, a being its number; the cost to the k-th is 10 * k.
 */
#include "proto/ospf/routing_test.h"

#define NEIGHBORS 9
#define TARGET 0x14000000u /* 20.0.0.0 */

static uint32_t router_in(uint32_t area, uint32_t k)
{
	return 0x0a000000u + ((area & 0xff) << 8) + k + (area ? 0 : 0x80);
}

/* Area 0 is spoken to over interfaces 1 to 9, area 1 over 11 to 19. */
static uint32_t interface_to(uint32_t area, uint32_t k)
{
	return 10 * area + k;
}

static struct prefix target(const struct stage *s)
{
	return stage_prefix(s->o.version, TARGET, 24);
}

static void neighbor_router(struct stage *s, struct area *a, uint32_t k, uint8_t flags)
{
	stage_router(s, 0, router_in(a->id, k), flags, OSPF_V3_V6 | OSPF_V3_R | OSPF_V3_E);
	stage_link(s, &(struct lsa_link){ .type = LSA_LINK_POINT_TO_POINT,
					  .metric = 10,
					  .neighbor = US,
					  .neighbor_interface = interface_to(a->id, k),
					  .own = k });
	stage_put(s, &a->database);
}

/* The first three of them are neighbours; all are border routers of the area and of the AS. */
static struct area *area_make(struct stage *s, uint32_t id, enum ospf_area_kind kind)
{
	struct area *a = stage_area(s, id, kind);

	for (uint32_t k = 1; k <= 3; k++) {
		struct ospf_interface *i =
			stage_interface(s, a, interface_to(id, k), (uint16_t)(10 * k), 0);
		struct address address = stage_address(s->o.version, 0x0b000001u + (i->index << 8));

		stage_neighbor(s, i, router_in(id, k), &address, k);
		neighbor_router(s, a, k, LSA_ROUTER_B | LSA_ROUTER_E);
	}
	return a;
}

static void put_intra(struct stage *s, struct area *a, uint32_t k, uint16_t metric)
{
	struct prefix p = target(s);

	if (s->o.version == OSPF_V2) {
		stage_router(s, 0, router_in(a->id, k), LSA_ROUTER_B | LSA_ROUTER_E, 0);
		stage_link(s, &(struct lsa_link){ .type = LSA_LINK_POINT_TO_POINT,
						  .metric = 10,
						  .neighbor = US,
						  .own = k });
		stage_link(s, &(struct lsa_link){
				      .type = LSA_LINK_STUB, .metric = metric, .prefix = p });
	} else {
		lsa_write_prefixes(stage_lsa(s, LSA_INTRA_PREFIX, 1, router_in(a->id, k)),
				   LSA_V3_INTRA_PREFIX,
				   &(struct lsa_prefixes){ .reference = { LSA_V3_ROUTER, 0,
									  router_in(a->id, k) } });
		lsa_write_prefix(&s->w, 0, &(struct lsa_prefix){ .prefix = p, .metric = metric });
	}
	stage_put(s, &a->database);
}

static void remove_intra(struct stage *s, struct area *a, uint32_t k)
{
	if (s->o.version == OSPF_V2)
		neighbor_router(s, a, k, LSA_ROUTER_B | LSA_ROUTER_E);
	else
		assert_true(
			stage_remove(s, &a->database, LSA_INTRA_PREFIX, 1, router_in(a->id, k)));
}

/* What stage_prefix() has made it of: the Link State ID, which in v2 is the prefix itself. */
static uint32_t number_of(const struct stage *s, const struct prefix *p)
{
	struct address a =
		address_make(FAMILY_IPV4, p->address.bytes + (s->o.version == OSPF_V2 ? 0 : 4));

	return address_ipv4_number(&a);
}

static void put(struct stage *s, struct database *d, enum lsa_kind kind, uint32_t router,
		const struct lsa_destination *say)
{
	struct lsa_destination all = *say;
	struct writer *w;

	if (!address_is_set(&all.prefix.address))
		all.prefix = target(s);
	if (s->o.version == OSPF_V3 && all.propagate)
		all.prefix_options |= LSA_PREFIX_P;
	w = stage_lsa(s, kind, kind == LSA_INTER_ROUTER ? say->router : number_of(s, &all.prefix),
		      router);
	/* v2: the P bit stands in the options of the header. */
	if (s->o.version == OSPF_V2 && all.propagate)
		s->bytes[2] = OSPF_V2_NP;
	lsa_write_destination(s->o.version, w, lsa_type(s->o.version, kind), &all);
	stage_put(s, d);
}

static const uint8_t no_route = DESTINATION_NONE;

static void assert_chosen(struct stage *s, uint8_t kind, uint32_t metric, uint32_t interface,
			  uint8_t n_paths)
{
	struct prefix p = target(s);
	struct ospf_route_row row;

	stage_settle(s);
	if (!stage_route(s, &p, &row)) {
		assert_int_equal(kind, no_route);
		return;
	}
	assert_int_equal(row.kind, kind);
	assert_int_equal(row.route.metric, metric);
	assert_int_equal(row.route.n_paths, n_paths);
	if (n_paths > 0)
		assert_int_equal(row.route.paths[0].interface, interface);
}

/* Each for both versions. */
static void both(void (*test)(struct stage *s))
{
	for (int v = OSPF_V2; v <= OSPF_V3; v++) {
		struct stage *s = stage_new((enum ospf_version)v);

		test(s);
		stage_free(s);
	}
}

static void kinds_in_order(struct stage *s)
{
	struct area *a = area_make(s, 0, OSPF_AREA_NORMAL);

	put(s, &s->o.as, LSA_EXTERNAL, router_in(0, 1),
	    &(struct lsa_destination){ .metric = 1, .type_2 = true });
	assert_chosen(s, OSPF_ROUTE_EXTERNAL_2, 10, 1, 1);
	put(s, &s->o.as, LSA_EXTERNAL, router_in(0, 2),
	    &(struct lsa_destination){ .metric = 5000 });
	assert_chosen(s, OSPF_ROUTE_EXTERNAL_1, 5020, 2, 1);
	put(s, &a->database, LSA_INTER_PREFIX, router_in(0, 3),
	    &(struct lsa_destination){ .metric = 60000 });
	assert_chosen(s, OSPF_ROUTE_INTER, 60030, 3, 1);
	put_intra(s, a, 3, 65535);
	assert_chosen(s, OSPF_ROUTE_INTRA, 65565, 3, 1);
	/* And back. */
	remove_intra(s, a, 3);
	assert_chosen(s, OSPF_ROUTE_INTER, 60030, 3, 1);
	assert_true(stage_remove(s, &a->database, LSA_INTER_PREFIX, TARGET, router_in(0, 3)));
	assert_chosen(s, OSPF_ROUTE_EXTERNAL_1, 5020, 2, 1);
	assert_true(stage_remove(s, &s->o.as, LSA_EXTERNAL, TARGET, router_in(0, 2)));
	assert_chosen(s, OSPF_ROUTE_EXTERNAL_2, 10, 1, 1);
	assert_true(stage_remove(s, &s->o.as, LSA_EXTERNAL, TARGET, router_in(0, 1)));
	assert_chosen(s, DESTINATION_NONE, 0, 0, 0);
	assert_int_equal(s->o.spf->table.n, 0);
}

static void test_areas_come_before_externals_and_type_1_before_type_2(void **state)
{
	(void)state;
	both(kinds_in_order);
}

static void equal_costs(struct stage *s)
{
	struct area *a = area_make(s, 0, OSPF_AREA_NORMAL);

	put(s, &s->o.as, LSA_EXTERNAL, router_in(0, 1), &(struct lsa_destination){ .metric = 30 });
	put(s, &s->o.as, LSA_EXTERNAL, router_in(0, 2), &(struct lsa_destination){ .metric = 20 });
	assert_chosen(s, OSPF_ROUTE_EXTERNAL_1, 40, 1, 2);
	put(s, &a->database, LSA_INTER_PREFIX, router_in(0, 2),
	    &(struct lsa_destination){ .metric = 20 });
	put(s, &a->database, LSA_INTER_PREFIX, router_in(0, 3),
	    &(struct lsa_destination){ .metric = 10 });
	assert_chosen(s, OSPF_ROUTE_INTER, 40, 2, 2);
	put_intra(s, a, 1, 25);
	put_intra(s, a, 2, 15);
	put_intra(s, a, 3, 5);
	assert_chosen(s, OSPF_ROUTE_INTRA, 35, 1, 3);
	put_intra(s, a, 1, 24);
	assert_chosen(s, OSPF_ROUTE_INTRA, 34, 1, 1);
}

static void test_what_costs_the_same_goes_by_all(void **state)
{
	(void)state;
	both(equal_costs);
}

static void type_2(struct stage *s)
{
	area_make(s, 0, OSPF_AREA_NORMAL);
	put(s, &s->o.as, LSA_EXTERNAL, router_in(0, 1),
	    &(struct lsa_destination){ .metric = 8, .type_2 = true });
	put(s, &s->o.as, LSA_EXTERNAL, router_in(0, 3),
	    &(struct lsa_destination){ .metric = 7, .type_2 = true });
	assert_chosen(s, OSPF_ROUTE_EXTERNAL_2, 30, 3, 1);
	put(s, &s->o.as, LSA_EXTERNAL, router_in(0, 2),
	    &(struct lsa_destination){ .metric = 7, .type_2 = true });
	assert_chosen(s, OSPF_ROUTE_EXTERNAL_2, 20, 2, 1);
}

static void test_of_type_2_the_metric_counts_and_then_the_distance(void **state)
{
	(void)state;
	both(type_2);
}

static void infinity(struct stage *s)
{
	struct area *a = area_make(s, 0, OSPF_AREA_NORMAL);

	put(s, &s->o.as, LSA_EXTERNAL, router_in(0, 1),
	    &(struct lsa_destination){ .metric = LSA_METRIC_INFINITY, .type_2 = true });
	put(s, &a->database, LSA_INTER_PREFIX, router_in(0, 1),
	    &(struct lsa_destination){ .metric = LSA_METRIC_INFINITY });
	assert_chosen(s, DESTINATION_NONE, 0, 0, 0);
}

static void test_infinity_is_no_route(void **state)
{
	(void)state;
	both(infinity);
}

static void borders(struct stage *s)
{
	struct area *a = area_make(s, 0, OSPF_AREA_NORMAL);

	put(s, &s->o.as, LSA_EXTERNAL, router_in(0, 1), &(struct lsa_destination){ .metric = 1 });
	put(s, &a->database, LSA_INTER_PREFIX, router_in(0, 2),
	    &(struct lsa_destination){ .metric = 1 });
	assert_chosen(s, OSPF_ROUTE_INTER, 21, 2, 1);
	neighbor_router(s, a, 2, 0);
	assert_chosen(s, OSPF_ROUTE_EXTERNAL_1, 11, 1, 1);
	neighbor_router(s, a, 1, 0);
	assert_chosen(s, DESTINATION_NONE, 0, 0, 0);
}

static void test_only_border_routers_speak_for_what_is_outside(void **state)
{
	(void)state;
	both(borders);
}

/* 10.9.9.9 is an ASBR of another area; routers 1 and 2 tell of it. */
static void far_asbr(struct stage *s)
{
	struct area *a = area_make(s, 0, OSPF_AREA_NORMAL);
	uint32_t far = 0x0a090909;

	put(s, &s->o.as, LSA_EXTERNAL, far, &(struct lsa_destination){ .metric = 1 });
	assert_chosen(s, DESTINATION_NONE, 0, 0, 0);
	put(s, &a->database, LSA_INTER_ROUTER, router_in(0, 2),
	    &(struct lsa_destination){ .metric = 100, .router = far });
	assert_chosen(s, OSPF_ROUTE_EXTERNAL_1, 121, 2, 1);
	put(s, &a->database, LSA_INTER_ROUTER, router_in(0, 1),
	    &(struct lsa_destination){ .metric = 110, .router = far });
	assert_chosen(s, OSPF_ROUTE_EXTERNAL_1, 121, 1, 2);
	assert_true(stage_remove(s, &a->database, LSA_INTER_ROUTER, far, router_in(0, 2)));
	assert_chosen(s, OSPF_ROUTE_EXTERNAL_1, 121, 1, 1);
	put(s, &a->database, LSA_INTER_ROUTER, router_in(0, 1),
	    &(struct lsa_destination){ .metric = LSA_METRIC_INFINITY, .router = far });
	assert_chosen(s, DESTINATION_NONE, 0, 0, 0);
}

static void test_an_asbr_of_another_area_is_reached_by_who_tells_of_it(void **state)
{
	(void)state;
	both(far_asbr);
}

static void intra_area_asbr(struct stage *s)
{
	struct area *zero = area_make(s, 0, OSPF_AREA_NORMAL), *one;
	uint32_t asbr = router_in(1, 3);

	one = area_make(s, 1, OSPF_AREA_NORMAL);
	(void)one;
	/* By the backbone it would be nearer. */
	put(s, &zero->database, LSA_INTER_ROUTER, router_in(0, 1),
	    &(struct lsa_destination){ .metric = 1, .router = asbr });
	put(s, &s->o.as, LSA_EXTERNAL, asbr, &(struct lsa_destination){ .metric = 1 });
	assert_chosen(s, OSPF_ROUTE_EXTERNAL_1, 31, 13, 1);
	/* Type 2 with the same metric: 16.4.1 comes before the distance. */
	put(s, &s->o.as, LSA_EXTERNAL, asbr,
	    &(struct lsa_destination){ .metric = 1, .type_2 = true });
	put(s, &s->o.as, LSA_EXTERNAL, router_in(0, 1),
	    &(struct lsa_destination){ .metric = 1, .type_2 = true });
	assert_chosen(s, OSPF_ROUTE_EXTERNAL_2, 30, 13, 1);
}

static void test_a_way_inside_an_area_that_is_no_backbone_comes_first(void **state)
{
	(void)state;
	both(intra_area_asbr);
}

static void put_prefix_at(struct stage *s, struct area *a, uint32_t k, uint32_t number,
			  uint32_t metric)
{
	put(s, &a->database, LSA_INTER_PREFIX, router_in(a->id, k),
	    &(struct lsa_destination){ .metric = metric,
				       .prefix = stage_prefix(s->o.version, number, 16) });
}

/* An address in what stage_prefix() makes of the number. */
static struct address inside(const struct stage *s, uint32_t number)
{
	return stage_prefix(s->o.version, number, 32).address;
}

static void forwarding(struct stage *s)
{
	struct area *a = area_make(s, 0, OSPF_AREA_NORMAL);
	struct lsa_destination say = { .metric = 1, .forward = inside(s, 0x1e010101) };
	struct prefix wide = stage_prefix(s->o.version, 0x1e000000, 8);

	put(s, &s->o.as, LSA_EXTERNAL, router_in(0, 1), &say);
	assert_chosen(s, DESTINATION_NONE, 0, 0, 0);
	/* Router 2 has it. */
	put_prefix_at(s, a, 2, 0x1e010000, 100);
	assert_chosen(s, OSPF_ROUTE_EXTERNAL_1, 121, 2, 1);
	/* A partial run moves it with the prefix that it stands on. */
	put_prefix_at(s, a, 2, 0x1e010000, 200);
	assert_chosen(s, OSPF_ROUTE_EXTERNAL_1, 221, 2, 1);
	/* The longest prefix, not the nearest. */
	put(s, &a->database, LSA_INTER_PREFIX, router_in(0, 3),
	    &(struct lsa_destination){ .metric = 1, .prefix = wide });
	assert_chosen(s, OSPF_ROUTE_EXTERNAL_1, 221, 2, 1);
	assert_true(stage_remove(s, &a->database, LSA_INTER_PREFIX, 0x1e010000, router_in(0, 2)));
	assert_chosen(s, OSPF_ROUTE_EXTERNAL_1, 32, 3, 1);
	assert_true(stage_remove(s, &a->database, LSA_INTER_PREFIX, 0x1e000000, router_in(0, 3)));
	assert_chosen(s, DESTINATION_NONE, 0, 0, 0);
	/* Not by an external route. */
	put(s, &s->o.as, LSA_EXTERNAL, router_in(0, 2),
	    &(struct lsa_destination){ .metric = 1, .prefix = wide });
	assert_chosen(s, DESTINATION_NONE, 0, 0, 0);
	/* On a network of ours: there itself. */
	s->interfaces[2].n_sources = 1;
	s->interfaces[2].sources[0].address = inside(s, 0x1e010102);
	s->interfaces[2].sources[0].network = stage_prefix(s->o.version, 0x1e010100, 24);
	put(s, &s->o.as, LSA_EXTERNAL, router_in(0, 1), &say);
	spf_wanted(&s->o, NULL, SPF_FULL);
	assert_chosen(s, OSPF_ROUTE_EXTERNAL_1, 31, 3, 1);
	/* It is ourselves. */
	s->interfaces[2].sources[0].address = say.forward;
	spf_wanted(&s->o, NULL, SPF_FULL);
	assert_chosen(s, DESTINATION_NONE, 0, 0, 0);
}

static void test_a_forwarding_address_is_reached_inside_the_as(void **state)
{
	(void)state;
	both(forwarding);
}

static void nssa(struct stage *s)
{
	struct area *a = area_make(s, 1, OSPF_AREA_NSSA);
	struct area *zero = area_make(s, 0, OSPF_AREA_NORMAL);
	struct prefix p = target(s);
	struct ospf_route_row row;

	put(s, &a->database, LSA_NSSA, router_in(1, 1),
	    &(struct lsa_destination){ .metric = 5, .type_2 = true });
	assert_chosen(s, OSPF_ROUTE_NSSA_2, 10, 11, 1);
	/* What it forwards to must be inside of the NSSA: by the backbone it is not. */
	put_prefix_at(s, zero, 1, 0x1e010000, 1);
	put(s, &a->database, LSA_NSSA, router_in(1, 1),
	    &(struct lsa_destination){ .metric = 5, .forward = inside(s, 0x1e010101) });
	assert_chosen(s, DESTINATION_NONE, 0, 0, 0);
	/* Nor can externals be said by one that is reached in the NSSA alone. */
	put(s, &s->o.as, LSA_EXTERNAL, router_in(1, 2), &(struct lsa_destination){ .metric = 1 });
	assert_chosen(s, DESTINATION_NONE, 0, 0, 0);
	/* On a network of an interface there it is. */
	s->interfaces[0].n_sources = 1;
	s->interfaces[0].sources[0].address = inside(s, 0x1e010102);
	s->interfaces[0].sources[0].network = stage_prefix(s->o.version, 0x1e010100, 24);
	spf_wanted(&s->o, NULL, SPF_FULL);
	assert_chosen(s, OSPF_ROUTE_NSSA_1, 15, 11, 1);
	/* RFC 3101 2.5 (6) (e): with P before one without, whoever has the higher router ID. */
	put(s, &a->database, LSA_NSSA, router_in(1, 1),
	    &(struct lsa_destination){
		    .metric = 5, .forward = inside(s, 0x1e010101), .propagate = true });
	put(s, &a->database, LSA_NSSA, router_in(1, 3),
	    &(struct lsa_destination){ .metric = 5, .forward = inside(s, 0x1e010101) });
	assert_chosen(s, OSPF_ROUTE_NSSA_1, 15, 11, 1);
	assert_true(stage_route(s, &p, &row));
	assert_int_equal(row.router, router_in(1, 1));
	put(s, &a->database, LSA_NSSA, router_in(1, 3),
	    &(struct lsa_destination){
		    .metric = 5, .forward = inside(s, 0x1e010101), .propagate = true });
	assert_chosen(s, OSPF_ROUTE_NSSA_1, 15, 11, 1);
	assert_true(stage_route(s, &p, &row));
	assert_int_equal(row.router, router_in(1, 3));
}

static void test_type_7_counts_inside_its_nssa(void **state)
{
	(void)state;
	both(nssa);
}

static void stub_default(struct stage *s)
{
	struct area *a = area_make(s, 1, OSPF_AREA_STUB);
	struct lsa_destination say = { .metric = 1, .prefix = stage_prefix(s->o.version, 0, 0) };
	struct ospf_route_row row;

	if (s->o.version == OSPF_V3)
		say.prefix = prefix_make(&say.prefix.address, 0);
	put(s, &a->database, LSA_INTER_PREFIX, router_in(1, 2), &say);
	stage_settle(s);
	assert_true(stage_route(s, &say.prefix, &row));
	assert_int_equal(row.kind, OSPF_ROUTE_INTER);
	assert_int_equal(row.area, 1);
	assert_int_equal(row.route.paths[0].interface, 12);
}

static void test_the_default_of_a_stub_area_is_a_route_between_areas(void **state)
{
	(void)state;
	both(stub_default);
}

static void test_prefixes_of_v3_that_are_no_unicast_or_not_ones_own_are_none(void **state)
{
	struct stage *s = stage_new(OSPF_V3);
	struct area *a = area_make(s, 0, OSPF_AREA_NORMAL);
	struct prefix p = target(s);

	(void)state;
	put(s, &s->o.as, LSA_EXTERNAL, router_in(0, 1),
	    &(struct lsa_destination){ .metric = 1, .prefix_options = LSA_PREFIX_NU });
	/* Another router's LSA is referred to. */
	lsa_write_prefixes(
		stage_lsa(s, LSA_INTRA_PREFIX, 1, router_in(0, 1)), LSA_V3_INTRA_PREFIX,
		&(struct lsa_prefixes){ .reference = { LSA_V3_ROUTER, 0, router_in(0, 2) } });
	lsa_write_prefix(&s->w, 0, &(struct lsa_prefix){ .prefix = p });
	stage_put(s, &a->database);
	assert_chosen(s, DESTINATION_NONE, 0, 0, 0);
	lsa_write_prefixes(
		stage_lsa(s, LSA_INTRA_PREFIX, 1, router_in(0, 1)), LSA_V3_INTRA_PREFIX,
		&(struct lsa_prefixes){ .reference = { LSA_V3_ROUTER, 0, router_in(0, 1) } });
	lsa_write_prefix(&s->w, 0, &(struct lsa_prefix){ .prefix = p });
	stage_put(s, &a->database);
	assert_chosen(s, OSPF_ROUTE_INTRA, 10, 1, 1);
	stage_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_areas_come_before_externals_and_type_1_before_type_2),
		cmocka_unit_test(test_what_costs_the_same_goes_by_all),
		cmocka_unit_test(test_of_type_2_the_metric_counts_and_then_the_distance),
		cmocka_unit_test(test_infinity_is_no_route),
		cmocka_unit_test(test_only_border_routers_speak_for_what_is_outside),
		cmocka_unit_test(test_an_asbr_of_another_area_is_reached_by_who_tells_of_it),
		cmocka_unit_test(test_a_way_inside_an_area_that_is_no_backbone_comes_first),
		cmocka_unit_test(test_a_forwarding_address_is_reached_inside_the_as),
		cmocka_unit_test(test_type_7_counts_inside_its_nssa),
		cmocka_unit_test(test_the_default_of_a_stub_area_is_a_route_between_areas),
		cmocka_unit_test(test_prefixes_of_v3_that_are_no_unicast_or_not_ones_own_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
