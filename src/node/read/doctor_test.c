/* SPDX-License-Identifier: Apache-2.0 */
/* What doctor says of what the node knows, and what it says would mend it. */
#include <stdio.h>

#include "base/container.h"
#include "base/text.h"
#include "node/stage_test.h"

static void say(void *context, const struct finding *f)
{
	static const char *const severities[] = { "good", "note", "problem" };
	struct stage *s = context;

	struct text t;

	assert_true(s->n_log < STAGE_LOG_MAX);
	text_init(&t, s->log[s->n_log++], STAGE_LOG_LINE);
	text_add(&t, "finding %s %s: %s", severities[f->severity], f->what, f->fix);
}

static void examine(struct stage *s)
{
	const struct address all = { 0 };

	s->n_log = 0;
	node_doctor(s->node, s->now, &all, say, s);
}

static void assert_found(struct stage *s, const char *line)
{
	if (stage_said(s, line))
		return;
	for (size_t i = 0; i < s->n_log; i++)
		print_error("%s\n", s->log[i]);
	fail_msg("it does not say: %s", line);
}

static int setup_bfd(void **state)
{
	struct stage *s;

	stage_raise(state);
	s = *state;
	s->bfd = true;
	stage_begin(s, NULL);
	return 0;
}

static void the_same_of_many_sessions_is_said_once(void **state)
{
	struct stage *s = *state;
	char router[32];

	for (unsigned k = 1; k <= 60; k++) {
		snprintf(router, sizeof(router), "10.1.0.%u", 100 + k);
		stage_packet_put(s, router, "10.88.0.0/24", 2);
		if (k == 1) {
			examine(s);
			assert_found(s, "vipd has no guard: look at its log");
		}
	}
	examine(s);
	assert_found(s, "finding problem 60 BFD sessions on eth0 are not up: 10.1.0.101, "
			"10.1.0.102, 10.1.0.103, ...: ");
	assert_int_equal(stage_find(s, stage_find(s, 0, "BFD session") + 1, "BFD session"),
			 STAGE_LOG_MAX);
}

static void listening_put(struct stage *s, const char *error)
{
	struct input in = { .kind = INPUT_LISTENING };

	in.listening.interface = 1;
	in.listening.speaker = PROTOCOL_RIP;
	text_copy(in.listening.error, sizeof(in.listening.error), error);
	stage_put(s, &in);
}

static void where_an_interface_cannot_speak_another_is_no_cure(void **state)
{
	struct stage *s = *state;

	stage_bind(s, "10.9.1.1/32");
	listening_put(s, "UDP port 520 is taken: another routing daemon runs here");
	stage_run(s, DURATION_MS(100));
	examine(s);
	assert_found(s, "finding problem no interface speaks RIP: mend what is said of the "
			"interfaces that are to speak");
	assert_found(s, "finding problem eth0 does not speak RIP: UDP port 520 is taken: another "
			"routing daemon runs here: ss -lunp 'sport = 520', and stop what is not");
	assert_false(stage_said(s, "add an interface"));
}

static void an_interface_that_waits_for_its_link_local_address_is_waited_for(void **state)
{
	struct input rule = { .kind = INPUT_CONFIG, .more = true };
	struct stage *s = *state;

	rule.request = ++s->request;
	rule.config.part = CONFIG_RULE;
	interface_rule_default(&rule.config.rule);
	text_copy(rule.config.rule.pattern, sizeof(rule.config.rule.pattern), "eth0");
	stage_put(s, &rule);
	stage_speech_put(s, PROTOCOL_RIPNG);
	stage_config_vip(s, "fd00::1/128", 0);
	stage_config_end(s);
	stage_run(s, DURATION_S(1));
	examine(s);
	assert_found(s, "finding problem no interface speaks RIPng: mend what is said of the "
			"interfaces that are to speak");
	assert_found(s, "finding note eth0 does not speak RIPng: it has no link-local IPv6 "
			"address: wait until Linux has made sure");
	assert_false(stage_said(s, "add an interface"));
	stage_address_put(s, 1, "fe80::10/64");
	examine(s);
	assert_found(s, "finding note one path only for IPv6: add an interface");
}

static void who_is_off_link_is_not_told_to_look_at_filters(void **state)
{
	struct stage *s = *state;

	stage_bind(s, "10.9.1.1/32");
	stage_packet_put(s, "10.77.0.1", "10.88.0.0/24", 2);
	stage_run(s, DURATION_S(1));
	examine(s);
	assert_found(s, "finding problem the router 10.77.0.1 on eth0 lies outside of the networks "
			"of eth0: give eth0 an address in the network of 10.77.0.1");
	assert_false(stage_said(s, "look at the filters of the routers"));
}

static void where_nothing_leaves_no_router_has_filtered_it(void **state)
{
	struct input in = { .kind = INPUT_SENDING };
	struct stage *s = *state;

	stage_bind(s, "10.9.1.1/32");
	stage_packet_put(s, "10.1.0.1", "10.88.0.0/24", 2);
	examine(s);
	assert_found(s, "finding note no neighbour has shown yet that it routes to it");
	assert_false(stage_said(s, "look at the filters of the routers"));
	stage_run(s, DURATION_S(7));
	examine(s);
	assert_true(stage_said(s, "look at the filters of the routers"));
	in.sending.interface = 1;
	in.sending.speaker = PROTOCOL_RIP;
	text_copy(in.sending.error, sizeof(in.sending.error), "Operation not permitted");
	stage_put(s, &in);
	examine(s);
	assert_found(s, "has shown that it routes to it: mend what is said of the interfaces");
	assert_false(stage_said(s, "look at the filters of the routers"));
}

static void a_vip_that_another_interface_has_too_is_told(void **state)
{
	struct input lo = { .kind = INPUT_LINK };
	struct stage *s = *state;

	lo.link = (struct interface){
		.index = 9, .kind = INTERFACE_LOOPBACK, .up = true, .carrier = true
	};
	text_copy(lo.link.name, sizeof(lo.link.name), "lo");
	stage_put(s, &lo);
	stage_address_put(s, 9, "10.9.1.1/32");
	stage_bind(s, "10.9.1.1/32");
	stage_run(s, DURATION_S(1));
	assert_reply(s, REPLY_OK, "10.9.1.1 is on lo too: it stays there");
	examine(s);
	assert_found(s, "finding note lo has it too: ip address del 10.9.1.1/32 dev lo");
	/* One that comes later, on an interface that others can see. */
	stage_bind(s, "10.9.1.2/32");
	stage_run(s, DURATION_S(1));
	s->n_log = 0;
	stage_address_put(s, 1, "10.9.1.2/24");
	assert_found(s, "has 10.9.1.2 too, which is a VIP here");
	examine(s);
	assert_found(s, "finding problem eth0 has it too: ip address del 10.9.1.2/24 dev eth0");
	stage_object_put(s, false, OBJECT_ADDRESS, 9, "10.9.1.1/32");
	examine(s);
	assert_false(stage_said(s, "lo has it too"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_same_of_many_sessions_is_said_once, setup_bfd,
						stage_teardown),
		STAGE_TEST(where_an_interface_cannot_speak_another_is_no_cure),
		STAGE_TEST(an_interface_that_waits_for_its_link_local_address_is_waited_for),
		STAGE_TEST(a_vip_that_another_interface_has_too_is_told),
		STAGE_TEST(who_is_off_link_is_not_told_to_look_at_filters),
		STAGE_TEST(where_nothing_leaves_no_router_has_filtered_it),
	};

	return cmocka_run_group_tests_name("node: doctor", tests, NULL, NULL);
}
