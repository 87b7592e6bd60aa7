/* SPDX-License-Identifier: Apache-2.0 */
/* Which VIP connections get that name no source, and in which order it comes and goes. */
#include <stdio.h>

#include "base/container.h"
#include "base/text.h"
#include "node/stage_test.h"

#define VIP "10.9.1.1"
#define OTHER "10.9.1.2"
#define VIP6 "2001:db8::1"

static struct address parse(const char *text)
{
	struct address a;

	assert_int_equal(address_parse(text, &a), 0);
	return a;
}

static void bind_no_source(struct stage *s, const char *vip)
{
	struct input in = { .kind = INPUT_BIND, .request = ++s->request };

	vip_settings_default(&in.bind);
	in.bind.arp = VIP_ARP_ANSWER;
	in.bind.source = false;
	assert_int_equal(prefix_parse(vip, &in.bind.address, &in.bind.length), 0);
	stage_put(s, &in);
	assert_reply(s, REPLY_OK, NULL);
}

static void config_mode(struct stage *s, enum source_mode mode)
{
	struct input in = { .kind = INPUT_CONFIG, .request = s->request, .more = true };

	in.config.part = CONFIG_SOURCE;
	in.config.source_mode = (uint8_t)mode;
	stage_put(s, &in);
}

static void config_rule(struct stage *s, const char *to, const char *unit, const char *user,
			const char *use)
{
	struct input in = { .kind = INPUT_CONFIG, .request = s->request, .more = true };
	struct source_rule *r = &in.config.source_rule;

	in.config.part = CONFIG_SOURCE_RULE;
	if (to)
		assert_int_equal(prefix_parse(to, &r->to.address, &r->to.length), 0);
	text_copy(r->unit, sizeof(r->unit), unit ? unit : "");
	text_copy(r->user, sizeof(r->user), user ? user : "");
	if (use)
		r->use = parse(use);
	stage_put(s, &in);
}

static void configure(struct stage *s, enum source_mode mode)
{
	stage_config_begin(s);
	config_mode(s, mode);
	stage_config_end(s);
	assert_reply(s, REPLY_OK, NULL);
}

static void put_switch(struct stage *s, enum source_mode mode, const char *interface)
{
	struct input in = { .kind = INPUT_SOURCE, .request = ++s->request };

	in.source.mode = (uint8_t)mode;
	text_copy(in.source.interface, sizeof(in.source.interface), interface);
	stage_put(s, &in);
}

static void ask_as(struct stage *s, const char *destination, const char *unit, const char *user)
{
	struct source_question q = { .destination = parse(destination) };

	text_copy(q.unit, sizeof(q.unit), unit);
	text_copy(q.user, sizeof(q.user), user);
	node_source_why(s->node, &q, &s->look, &s->why);
}

static const struct row_source_why *ask(struct stage *s, const char *destination)
{
	ask_as(s, destination, "", "");
	return &s->why;
}

static void assert_why(const struct stage *s, const char *part)
{
	for (size_t k = 0; k < s->why.n_reasons; k++)
		if (strstr(s->why.reasons[k], part))
			return;
	fail_msg("no reason says '%s'; the first is '%s'", part, s->why.reasons[0]);
}

static void assert_gets(const struct row_source_why *why, enum source_by by, const char *address)
{
	assert_int_equal(why->by, by);
	assert_string_equal(ADDRESS_TEXT(&why->source), address);
}

/* The ordinary way out, by eth0. */
static void route(struct stage *s)
{
	s->look = (struct source_look){
		.routed = true,
		.n_interfaces = 1,
		.interfaces = { 1 },
		.linux_source = parse("10.1.0.10"),
		.user_known = true,
	};
}

/* The router on eth0 shows that it routes to the VIP: by poison. */
static void accept(struct stage *s, const char *vip)
{
	stage_run(s, DURATION_S(2));
	stage_packet_put(s, "10.1.0.1", vip, 16);
	stage_run(s, DURATION_S(1));
	stage_packet_put(s, "10.1.0.1", vip, 16);
}

static void bind_unannounced(struct stage *s, const char *vip)
{
	struct input in = { .kind = INPUT_BIND, .request = ++s->request };

	vip_settings_default(&in.bind);
	assert_int_equal(prefix_parse(vip, &in.bind.address, &in.bind.length), 0);
	in.bind.announce = false;
	in.bind.arp = VIP_ARP_ANSWER;
	stage_put(s, &in);
}

/* It is shown as a conflict at once; what follows from that waits until it was said again. */
static void test_one_packet_of_a_rival_takes_no_vip_out_of_use(void **state)
{
	struct stage *s = *state;

	stage_bind(s, VIP "/32");
	stage_run(s, DURATION_S(1));
	s->n_log = 0;
	stage_packet_put(s, "10.1.0.1", VIP "/32", 2);
	assert_int_equal(stage_vip(s, VIP)->state, VIP_STATE_CONFLICT);
	stage_run(s, DURATION_S(2));
	assert_false(stage_said(s, "source "));
	stage_packet_put(s, "10.1.0.1", VIP "/32", 2);
	stage_run(s, DURATION_S(1));
	assert_true(stage_said(s, "source end - -"));
}

/* The same of one ARP frame; the host is asked after ten seconds. */
static void test_one_frame_of_a_rival_takes_no_vip_out_of_use(void **state)
{
	struct stage *s = *state;

	stage_bind_how(s, "10.1.0.99/32", VIP_ARP_SILENT, VIP_CONFLICT_REFUSE);
	stage_run(s, DURATION_S(1));
	assert_true(stage_said(s, "source end 10.1.0.99 -"));
	s->n_log = 0;
	stage_rival_put(s, "10.1.0.99", 0x77);
	assert_int_equal(stage_vip(s, "10.1.0.99")->state, VIP_STATE_CONFLICT);
	stage_run(s, DURATION_S(9));
	assert_false(stage_said(s, "source "));
	stage_rival_put(s, "10.1.0.99", 0x77);
	stage_run(s, DURATION_S(2));
	assert_true(stage_said(s, "source end - -"));
}

static void test_a_vip_that_is_to_be_announced_and_is_not_is_no_source(void **state)
{
	struct stage *s = *state;

	/* Nothing speaks RIPng here: nobody could answer it. */
	stage_bind(s, VIP6 "/128");
	assert_false(stage_said(s, "source end"));
	bind_unannounced(s, "2001:db8:9::7/128");
	assert_true(stage_said(s, "source end - 2001:db8:9::7"));
}

static void test_where_nothing_can_be_announced_that_is_to_be_there_is_no_source(void **state)
{
	struct stage *s = *state;

	stage_link_put(s, 1, "eth0", false);
	stage_bind(s, VIP "/32");
	assert_state(s, VIP, VIP_STATE_HEALTHY);
	assert_false(stage_said(s, "source end " VIP));
	stage_link_put(s, 1, "eth0", true);
	stage_run(s, DURATION_S(1));
	assert_true(stage_said(s, "source end " VIP));
}

static void test_where_nothing_is_to_be_announced_the_vip_is_the_source(void **state)
{
	struct stage *s = *state;

	/* No rule: vipd announces nothing, and the VIP is reached by static routes. */
	s->request++;
	stage_config_end(s);
	stage_bind(s, VIP "/32");
	assert_state(s, VIP, VIP_STATE_HEALTHY);
	assert_true(stage_said(s, "source end " VIP));
}

static void test_the_oldest_vip_of_each_family_is_the_source(void **state)
{
	struct stage *s = *state;

	stage_bind(s, VIP "/32");
	stage_bind(s, OTHER "/32");
	bind_unannounced(s, VIP6 "/128");
	assert_order(s, "add address " VIP "/32", "source end " VIP " -");
	assert_true(stage_said(s, "source end " VIP " " VIP6));
	assert_false(stage_said(s, "source end " OTHER));
	assert_true(stage_said(s, "vip=" VIP " source reason=\"IPv4 connections"));
}

static void test_the_policy_is_told_only_when_it_is_another_one(void **state)
{
	struct stage *s = *state;

	stage_bind(s, VIP "/32");
	s->n_log = 0;
	stage_bind(s, OTHER "/32");
	stage_run(s, DURATION_S(120));
	assert_false(stage_said(s, "source end"));
}

static void test_a_vip_leaves_the_kernel_after_it_was_nobodys_source_for_a_moment(void **state)
{
	struct stage *s = *state;

	stage_bind(s, VIP "/32");
	stage_bind(s, OTHER "/32");
	stage_run(s, DURATION_S(1));
	s->n_log = 0;
	stage_unbind(s, VIP, true);
	assert_true(stage_said(s, "source end " OTHER " -"));
	stage_run(s, DURATION_MS(99));
	assert_true(stage_holds(s, "address " VIP "/32"));
	stage_run(s, DURATION_MS(1));
	assert_false(stage_holds(s, "address " VIP "/32"));
	assert_order(s, "source end " OTHER " -", "remove address " VIP "/32");
	assert_reply(s, REPLY_OK, NULL);
	assert_true(stage_said(s, "in place of " VIP ": it is being unbound"));
}

static void test_a_vip_that_was_nobodys_source_leaves_at_once(void **state)
{
	struct stage *s = *state;

	stage_bind(s, VIP "/32");
	stage_bind(s, OTHER "/32");
	stage_run(s, DURATION_S(1));
	stage_unbind(s, OTHER, true);
	assert_false(stage_holds(s, "address " OTHER "/32"));
}

static void test_the_last_vip_gone_connections_get_linux_own_choice(void **state)
{
	struct stage *s = *state;

	route(s);
	stage_bind(s, VIP "/32");
	assert_gets(ask(s, "10.3.0.1"), SOURCE_BY_FIRST, VIP);
	stage_unbind(s, VIP, false);
	assert_true(stage_said(s, "source end - -"));
	stage_run(s, DURATION_S(3));
	assert_gets(ask(s, "10.3.0.1"), SOURCE_BY_LINUX, "10.1.0.10");
	assert_why(s, "there is no VIP of that family");
}

static void test_a_board_that_is_removed_takes_its_vips_in_order(void **state)
{
	struct input in = { .kind = INPUT_BOARD };
	struct stage *s = *state;

	stage_bind(s, VIP "/32");
	stage_run(s, DURATION_S(1));
	s->n_log = 0;
	in.request = ++s->request;
	in.board.remove = true;
	text_copy(in.board.name, sizeof(in.board.name), NODE_BOARD_DEFAULT);
	stage_put(s, &in);
	stage_run(s, DURATION_S(5));
	assert_order(s, "source end - -", "remove address " VIP "/32");
	assert_order(s, "remove address " VIP "/32", "board remove vnic0");
}

static void test_a_vip_that_is_taken_from_the_kernel_is_no_source_until_it_is_back(void **state)
{
	struct stage *s = *state;

	stage_bind(s, VIP "/32");
	s->n_log = 0;
	s->n_objects = 0;
	stage_object_put(s, false, OBJECT_ADDRESS, STAGE_BOARD_INDEX, VIP "/32");
	assert_order(s, "source end - -", "source end " VIP " -");
	assert_order(s, "source end - -", "add address " VIP "/32");
	assert_order(s, "add address " VIP "/32", "source end " VIP " -");
}

static void test_a_vip_without_source_is_none_but_for_a_rule(void **state)
{
	struct stage *s = *state;

	route(s);
	stage_config_begin(s);
	config_rule(s, "10.8.0.0/16", NULL, NULL, VIP);
	stage_config_end(s);
	bind_no_source(s, VIP "/32");
	stage_bind(s, OTHER "/32");
	assert_true(stage_said(s, "source end " OTHER " -"));
	assert_true(stage_said(s, "source rule " VIP));
	assert_gets(ask(s, "10.8.3.4"), SOURCE_BY_RULE, VIP);
	assert_int_equal(s->why.rule, 1);
	assert_gets(ask(s, "10.7.3.4"), SOURCE_BY_FIRST, OTHER);
	assert_why(s, VIP ", which is older, is not: it has 'source: no'");
}

static void test_auto_waits_for_a_neighbour_that_accepts(void **state)
{
	struct stage *s = *state;

	route(s);
	configure(s, SOURCE_MODE_AUTO);
	stage_bind(s, VIP "/32");
	stage_run(s, DURATION_S(1));
	assert_false(stage_said(s, "source end " VIP));
	assert_gets(ask(s, "10.3.0.1"), SOURCE_BY_LINUX, "10.1.0.10");
	assert_why(s, "no neighbour has accepted it yet");
	accept(s, VIP "/32");
	assert_state(s, VIP, VIP_STATE_ACCEPTED);
	assert_true(stage_said(s, "source end " VIP " -"));
	/* The neighbour falls silent. */
	s->n_log = 0;
	stage_run(s, DURATION_S(200));
	assert_true(stage_said(s, "source end - -"));
}

static void test_a_switch_acts_at_once_and_outlives_the_daemon(void **state)
{
	struct input in = { .kind = INPUT_SAVED, .saved.kind = SAVED_SOURCE };
	struct stage *s = *state;

	stage_bind(s, VIP "/32");
	s->n_log = 0;
	put_switch(s, SOURCE_MODE_OFF, "");
	assert_reply(s, REPLY_OK, NULL);
	assert_order(s, "save source 1", "source end - -");
	assert_order(s, "source end - -", "reply");
	/* Another life. */
	assert_int_equal(stage_teardown(state), 0);
	stage_raise(state);
	s = *state;
	in.saved.source.mode = SOURCE_MODE_OFF;
	stage_put(s, &in);
	stage_begin(s, NULL);
	stage_run(s, DURATION_S(1));
	stage_bind(s, VIP "/32");
	assert_false(stage_said(s, "source end " VIP));
	assert_true(stage_said(s, "save source 1"));
	/* Until the configuration is applied. */
	configure(s, SOURCE_MODE_ON);
	assert_true(stage_said(s, "source end " VIP " -"));
	assert_true(stage_said(s, "save source 0"));
}

static void test_an_interface_is_switched_off_and_on(void **state)
{
	struct stage *s = *state;

	route(s);
	stage_bind(s, VIP "/32");
	s->n_log = 0;
	put_switch(s, SOURCE_MODE_OFF, "eth0");
	assert_order(s, "source off 1", "source end " VIP " -");
	assert_gets(ask(s, "10.3.0.1"), SOURCE_BY_LINUX, "10.1.0.10");
	assert_why(s, "eth0 is switched off, by 'vip source off --interface'");
	s->n_log = 0;
	put_switch(s, SOURCE_MODE_ON, "eth0");
	assert_true(stage_said(s, "source end " VIP " -"));
	assert_false(stage_said(s, "source off"));
	put_switch(s, SOURCE_MODE_OFF, "eht0");
	assert_reply(s, REPLY_NOT_FOUND, "there is no interface eht0");
	put_switch(s, SOURCE_MODE_AUTO, "eth0");
	assert_reply(s, REPLY_REFUSED, "on or off");
}

static void test_one_way_of_several_that_is_off_keeps_the_vip_away(void **state)
{
	struct stage *s = *state;

	stage_link_put(s, 2, "eth1", true);
	stage_bind(s, VIP "/32");
	put_switch(s, SOURCE_MODE_OFF, "eth1");
	route(s);
	assert_gets(ask(s, "10.3.0.1"), SOURCE_BY_FIRST, VIP);
	s->look.n_interfaces = 2;
	s->look.interfaces[1] = 2;
	assert_gets(ask(s, "10.3.0.1"), SOURCE_BY_LINUX, "10.1.0.10");
	assert_why(s, "which of several ways is taken");
}

static void test_a_rule_in_the_configuration_switches_interfaces_off(void **state)
{
	struct input in = { .kind = INPUT_CONFIG, .more = true };
	struct stage *s = *state;

	stage_bind(s, VIP "/32");
	stage_link_put(s, 2, "wlan0", true);
	s->n_log = 0;
	stage_config_begin(s);
	in.request = s->request;
	in.config.part = CONFIG_RULE;
	interface_rule_default(&in.config.rule);
	in.config.rule.source = false;
	text_copy(in.config.rule.pattern, sizeof(in.config.rule.pattern), "wlan*");
	stage_put(s, &in);
	stage_config_vip(s, VIP "/32", 0);
	stage_config_end(s);
	assert_true(stage_said(s, "source off 2"));
	/* One that comes later, too. */
	s->n_log = 0;
	stage_link_put(s, 3, "wlan1", true);
	assert_true(stage_said(s, "source off 3"));
}

static void test_rules_go_by_unit_and_user(void **state)
{
	struct stage *s = *state;

	route(s);
	stage_config_begin(s);
	config_rule(s, NULL, "postgresql.service", NULL, OTHER);
	config_rule(s, NULL, NULL, "backup", NULL);
	config_rule(s, NULL, NULL, NULL, OTHER);
	stage_config_end(s);
	assert_reply(s, REPLY_REFUSED, "needs one of 'to', 'unit' and 'user'");
	stage_config_begin(s);
	config_rule(s, NULL, "postgresql.service", NULL, OTHER);
	config_rule(s, NULL, NULL, "backup", NULL);
	stage_config_end(s);
	stage_bind(s, VIP "/32");
	stage_bind(s, OTHER "/32");
	assert_gets(ask(s, "10.3.0.1"), SOURCE_BY_FIRST, VIP);
	assert_why(s, "rule 1, for " OTHER ", is passed over: it is for one unit");
	ask_as(s, "10.3.0.1", "postgresql.service", "");
	assert_gets(&s->why, SOURCE_BY_RULE, OTHER);
	ask_as(s, "10.3.0.1", "nginx.service", "backup");
	assert_gets(&s->why, SOURCE_BY_LINUX, "10.1.0.10");
	assert_int_equal(s->why.rule, 2);
	assert_why(s, "rule 2 leaves the choice to Linux");
}

static void test_a_rule_whose_vip_is_not_bound_gives_way_to_the_next(void **state)
{
	struct stage *s = *state;

	route(s);
	stage_config_begin(s);
	config_rule(s, "10.8.0.0/16", NULL, NULL, OTHER);
	stage_config_end(s);
	stage_bind(s, VIP "/32");
	assert_false(stage_said(s, "source rule"));
	assert_gets(ask(s, "10.8.0.1"), SOURCE_BY_FIRST, VIP);
	assert_why(s, "rule 1, for " OTHER ", is passed over: it is not bound");
	s->n_log = 0;
	stage_bind(s, OTHER "/32");
	assert_order(s, "source rule " OTHER, "source end " VIP " -");
	/* It is somebody's source: it waits like the first. */
	stage_run(s, DURATION_S(1));
	stage_unbind(s, OTHER, true);
	assert_true(stage_holds(s, "address " OTHER "/32"));
	stage_run(s, DURATION_MS(100));
	assert_false(stage_holds(s, "address " OTHER "/32"));
}

static void test_why_says_what_the_world_really_does(void **state)
{
	struct stage *s = *state;

	route(s);
	stage_bind(s, VIP "/32");
	s->look.tried = true;
	s->look.got = parse(VIP);
	assert_true(ask(s, "10.3.0.1")->agrees);
	s->look.got = parse("10.1.0.10");
	assert_false(ask(s, "10.3.0.1")->agrees);
	assert_why(s, "but a socket of vipd's own was connected to it and got 10.1.0.10");
	assert_gets(ask(s, "127.0.0.1"), SOURCE_BY_LINUX, "10.1.0.10");
	assert_why(s, "the destination is a loopback address");
	s->look.local = true;
	assert_gets(ask(s, "10.3.0.1"), SOURCE_BY_LINUX, "10.1.0.10");
	s->look.local = s->look.routed = false;
	(void)ask(s, "10.3.0.1");
	assert_why(s, "there is no route to it");
}

static void test_the_state_tells_all_at_once(void **state)
{
	struct walk rules = { 0 }, interfaces = { 0 };
	struct row_source_interface interface;
	struct row_source_rule rule;
	struct row_source row;
	struct stage *s = *state;

	stage_config_begin(s);
	config_rule(s, "10.8.0.0/16", NULL, NULL, OTHER);
	stage_config_end(s);
	stage_bind(s, VIP "/32");
	put_switch(s, SOURCE_MODE_OFF, "eth0");
	node_source(s->node, &row);
	assert_int_equal(row.mode, SOURCE_MODE_ON);
	assert_true(row.ready);
	assert_string_equal(ADDRESS_TEXT(&row.first[0]), VIP);
	assert_string_equal(row.reason[1], "there is no VIP of that family");
	assert_true(node_source_rule_next(s->node, &rules, &rule));
	assert_string_equal(rule.reason, "it is not bound");
	assert_false(node_source_rule_next(s->node, &rules, &rule));
	assert_true(node_source_interface_next(s->node, &interfaces, &interface));
	assert_string_equal(interface.name, "eth0");
	assert_true(interface.switched);
	assert_false(node_source_interface_next(s->node, &interfaces, &interface));
}

static void test_a_world_that_cannot_is_told_of_once(void **state)
{
	struct stage *s = *state;

	s->sourcing = "this kernel has no BPF";
	route(s);
	stage_bind(s, VIP "/32");
	assert_true(stage_said(s, "source reason=\"connections cannot be given a VIP: this "
				  "kernel has no BPF\""));
	s->n_log = 0;
	stage_run(s, DURATION_S(10));
	assert_true(stage_said(s, "source end " VIP));
	stage_unbind(s, VIP, true);
	assert_false(stage_said(s, "cannot be given"));
	stage_run(s, DURATION_S(1));
	s->sourcing = NULL;
	stage_bind(s, VIP "/32");
	assert_true(stage_said(s, "connections can be given a VIP again"));
}

static void test_a_unit_covers_what_stands_below_it(void **state)
{
	(void)state;
	assert_true(source_unit_covers("a.service", "a.service"));
	assert_true(source_unit_covers("a.service", "/system.slice/a.service"));
	assert_true(source_unit_covers("a.service", "/system.slice/a.service/worker"));
	assert_true(source_unit_covers("/batch/night", "/batch/night"));
	assert_true(source_unit_covers("/batch/night", "/batch/night/1"));
	assert_false(source_unit_covers("/batch/night", "/batch/nights"));
	assert_false(source_unit_covers("/batch", "batch"));
	assert_false(source_unit_covers("a.service", "ba.service"));
	assert_false(source_unit_covers("a.service", "a.services"));
	assert_false(source_unit_covers("a.service", ""));
	assert_false(source_unit_covers("", "a.service"));
}

static void test_not_every_destination_is_ours_to_choose_for(void **state)
{
	static const struct {
		const char *address;
		bool ours;
	} rows[] = {
		{ "10.3.0.1", true },	      { "2001:db8::2", true },	 { "fd00::1", true },
		{ "127.0.0.2", false },	      { "::1", false },		 { "0.0.0.0", false },
		{ "169.254.1.1", false },     { "fe80::1", false },	 { "224.0.0.9", false },
		{ "239.255.255.250", false }, { "ff02::1", false },	 { "::", false },
		{ "255.255.255.255", false }, { "192.168.1.255", true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		struct address a = parse(rows[i].address);
		const char *why = "";

		if (source_destination_is_ours_to_choose(&a, &why) != rows[i].ours)
			fail_msg("%s", rows[i].address);
		assert_int_equal(*why == '\0', rows[i].ours);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STAGE_TEST(test_where_nothing_can_be_announced_that_is_to_be_there_is_no_source),
		STAGE_TEST(test_where_nothing_is_to_be_announced_the_vip_is_the_source),
		STAGE_TEST(test_the_oldest_vip_of_each_family_is_the_source),
		STAGE_TEST(test_one_packet_of_a_rival_takes_no_vip_out_of_use),
		STAGE_TEST(test_one_frame_of_a_rival_takes_no_vip_out_of_use),
		STAGE_TEST(test_a_vip_that_is_to_be_announced_and_is_not_is_no_source),
		STAGE_TEST(test_the_policy_is_told_only_when_it_is_another_one),
		STAGE_TEST(test_a_vip_leaves_the_kernel_after_it_was_nobodys_source_for_a_moment),
		STAGE_TEST(test_a_vip_that_was_nobodys_source_leaves_at_once),
		STAGE_TEST(test_the_last_vip_gone_connections_get_linux_own_choice),
		STAGE_TEST(test_a_board_that_is_removed_takes_its_vips_in_order),
		STAGE_TEST(test_a_vip_that_is_taken_from_the_kernel_is_no_source_until_it_is_back),
		STAGE_TEST(test_a_vip_without_source_is_none_but_for_a_rule),
		STAGE_TEST(test_auto_waits_for_a_neighbour_that_accepts),
		STAGE_TEST(test_a_switch_acts_at_once_and_outlives_the_daemon),
		STAGE_TEST(test_an_interface_is_switched_off_and_on),
		STAGE_TEST(test_one_way_of_several_that_is_off_keeps_the_vip_away),
		STAGE_TEST(test_a_rule_in_the_configuration_switches_interfaces_off),
		STAGE_TEST(test_rules_go_by_unit_and_user),
		STAGE_TEST(test_a_rule_whose_vip_is_not_bound_gives_way_to_the_next),
		STAGE_TEST(test_why_says_what_the_world_really_does),
		STAGE_TEST(test_the_state_tells_all_at_once),
		STAGE_TEST(test_a_world_that_cannot_is_told_of_once),
		cmocka_unit_test(test_a_unit_covers_what_stands_below_it),
		cmocka_unit_test(test_not_every_destination_is_ours_to_choose_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
