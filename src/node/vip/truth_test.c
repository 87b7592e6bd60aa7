/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Five ways were found in which a router's RIP looks like acceptance while its table does not lead
 * to us. Whatever is made of what it says, none of them is ever proof: the VIP is accepted at the
 * most, and who is believed and does not forward is named.
 */
#include <stdio.h>

#include "base/text.h"
#include "node/stage_test.h"
#include "proto/rip/packet.h"

#define VIP "10.9.1.1"
#define OWN "10.1.0.10"
#define ROUTER "10.1.0.1"
#define RIVAL "10.1.0.20"
#define OTHER "10.88.0.0/16" /* a network behind the router, so it is one */
#define METRIC 3	     /* of ours: a router that has it from us says one more */

static struct address parse(const char *text)
{
	struct address a;

	assert_int_equal(address_parse(text, &a), 0);
	return a;
}

/* An entry of a response; no next hop: the sender. */
struct said {
	const char *prefix;
	uint8_t metric;
	const char *next_hop;
};

#define END                                                                                        \
	{                                                                                          \
		NULL, 0, NULL                                                                      \
	}

/* Entries up to one without a prefix; of an answer to a question of ours, or unasked. */
static void says(struct stage *s, const char *who, uint8_t version, enum rip_socket socket,
		 const struct said *said)
{
	struct rip_packet p = rip_packet_make(FAMILY_IPV4, RIP_RESPONSE, version);
	struct input in = { .kind = INPUT_PACKET };

	for (; said->prefix; said++) {
		struct address a;
		struct prefix about;
		uint8_t length;

		assert_int_equal(prefix_parse(said->prefix, &a, &length), 0);
		about = prefix_make(&a, length);
		rip_packet_add(&p, &about, 0, said->metric);
		if (said->next_hop)
			p.entries[p.n_entries - 1].next_hop = parse(said->next_hop);
	}
	in.packet = (struct packet){ .speaker = PROTOCOL_RIP,
				     .interface = 1,
				     .socket = (uint8_t)socket,
				     .source = parse(who),
				     .source_port = RIP_PORT };
	in.packet.length = (uint16_t)rip_packet_encode(&p, in.packet.bytes);
	stage_put(s, &in);
}

#define SAYS(s, who, ...)                                                                          \
	says(s, who, 2, RIP_SOCKET_MAIN, (const struct said[]){ __VA_ARGS__, END })

static bool is_proven(struct stage *s)
{
	const struct row_vip *row = stage_vip(s, VIP);

	for (size_t k = 0; k < row->n_proofs; k++)
		if (row->proofs[k].state == FORWARDING_PROVEN)
			return true;
	return row->state == VIP_STATE_PROVEN || stage_status(s)->proven > 0;
}

/* What is seen while time passes. */
struct seen {
	bool proven, accepted, belied;
};

/*
 * Each second the router speaks; what is sent to the VIP through it comes back if its table leads
 * to us, and what is sent to our own address always does.
 */
static struct seen pass(struct stage *s, unsigned seconds, bool leads,
			void (*speak)(struct stage *s))
{
	struct seen seen = { 0 };

	for (unsigned tick = 0; tick < 10 * seconds; tick++) {
		if (speak && tick % 10 == 0)
			speak(s);
		stage_run(s, DURATION_MS(100));
		while (stage_proved(s, VIP, ROUTER,
				    leads ? ECHO_OUTCOME_RETURNED : ECHO_OUTCOME_LOST, 1) ||
		       stage_proved(s, OWN, ROUTER, ECHO_OUTCOME_RETURNED, 1))
			continue;
		seen.proven |= is_proven(s);
		seen.accepted |= stage_status(s)->accepted > 0;
		seen.belied |= stage_status(s)->belied > 0;
	}
	return seen;
}

/* The same router is proof as soon as its table does lead to us: the test can tell them apart. */
static void assert_proof_when_it_leads(struct stage *s, void (*speak)(struct stage *s))
{
	assert_true(pass(s, 15, true, speak).proven);
}

static void put_part(struct stage *s, struct input *in, enum config_part part)
{
	in->config.part = (uint8_t)part;
	stage_put(s, in);
}

static void raise_with(void **state, uint8_t version)
{
	struct input in = { .kind = INPUT_CONFIG, .more = true };
	struct stage *s;

	stage_raise(state);
	s = *state;
	in.request = ++s->request;
	interface_rule_default(&in.config.rule);
	text_copy(in.config.rule.pattern, sizeof(in.config.rule.pattern), "eth*");
	put_part(s, &in, CONFIG_RULE);
	in.config.speech = protocol_speech(PROTOCOL_RIP);
	((struct rip_speech *)in.config.speech.own)->version = version;
	put_part(s, &in, CONFIG_SPEECH);
	in.config.proof = true;
	put_part(s, &in, CONFIG_PROOF);
	stage_config_end(s);
	stage_begin_kernel(s, NULL);
	stage_bind(s, VIP "/32");
	stage_run(s, DURATION_S(1));
}

static int truth_setup(void **state)
{
	raise_with(state, RIP_VERSION_2);
	return 0;
}

static int truth_setup_version_1(void **state)
{
	raise_with(state, RIP_VERSION_1);
	return 0;
}

static void has_it_from_us(struct stage *s)
{
	SAYS(s, ROUTER, { OTHER, 1, NULL }, { VIP "/32", RIP_INFINITY, NULL });
}

static void has_let_go(struct stage *s)
{
	SAYS(s, ROUTER, { OTHER, 1, NULL });
}

/* BIRD after `import none`: nothing takes its acceptance back. */
static void let_go_unsaid_proves_nothing(void **state)
{
	struct stage *s = *state;
	struct seen seen;

	assert_true(pass(s, 20, true, has_it_from_us).accepted);
	assert_state(s, VIP, VIP_STATE_PROVEN);
	/* The round comes by within 10 s, and makes sure. */
	pass(s, 13, false, NULL);
	seen = pass(s, 20, false, NULL);
	assert_true(seen.accepted && seen.belied);
	assert_false(seen.proven);
	assert_state(s, VIP, VIP_STATE_ACCEPTED);
	seen = pass(s, 60, false, has_let_go);
	assert_false(seen.proven);
	assert_int_equal(stage_status(s)->accepted, 0);
	assert_int_equal(stage_status(s)->belied, 0);
	assert_proof_when_it_leads(s, has_let_go);
}

static void leads_to_the_rival(struct stage *s)
{
	has_it_from_us(s);
	SAYS(s, RIVAL, { VIP "/32", METRIC - 1, NULL });
}

/* It poisons what it has from another speaker of the same LAN. */
static void poison_for_another_proves_nothing(void **state)
{
	struct stage *s = *state;
	struct seen seen = pass(s, 20, false, has_it_from_us);

	assert_true(seen.accepted && seen.belied);
	assert_false(seen.proven);
	seen = pass(s, 60, false, leads_to_the_rival);
	assert_false(seen.proven);
	assert_int_equal(stage_status(s)->accepted, 0);
	assert_int_equal(stage_status(s)->belied, 0);
	assert_proof_when_it_leads(s, leads_to_the_rival);
}

/* What nobody has is found too. */
static void has_a_default_route(struct stage *s)
{
	static const struct said told[] = { { "0.0.0.0/0", METRIC + 1, NULL },
					    { OTHER, 1, NULL },
					    END };
	static const struct said found[] = { { VIP "/32", METRIC + 1, NULL },
					     { "192.0.2.0/24", METRIC + 1, NULL },
					     END };

	says(s, ROUTER, 1, RIP_SOCKET_MAIN, told);
	says(s, ROUTER, 1, RIP_SOCKET_QUERY, found);
}

static void a_default_route_of_version_1_proves_nothing(void **state)
{
	struct stage *s = *state;
	struct seen seen = pass(s, 90, false, has_a_default_route);

	assert_false(seen.proven);
	assert_false(seen.accepted);
	assert_proof_when_it_leads(s, has_a_default_route);
}

/* Anybody on the LAN can send it in the name of a router. */
static void one_forged_packet_proves_nothing(void **state)
{
	struct stage *s = *state;
	struct seen seen;

	has_it_from_us(s);
	seen = pass(s, 90, false, NULL);
	assert_false(seen.proven);
	assert_false(seen.accepted);
	assert_false(seen.belied);
	assert_proof_when_it_leads(s, NULL);
}

/* FRR's `no ip rip split-horizon`, RFC 2453 4.4: it names us as the next hop. */
static void keeps_no_split_horizon(struct stage *s)
{
	static const struct said found[] = { { VIP "/32", METRIC + 1, NULL }, END };

	SAYS(s, ROUTER, { OTHER, 1, NULL }, { VIP "/32", METRIC + 1, OWN });
	says(s, ROUTER, 2, RIP_SOCKET_QUERY, found);
}

static void who_keeps_no_split_horizon_proves_nothing_by_naming_us(void **state)
{
	struct stage *s = *state;
	struct seen seen = pass(s, 90, false, keeps_no_split_horizon);

	assert_false(seen.proven);
	assert_true(seen.accepted && seen.belied);
	assert_state(s, VIP, VIP_STATE_ACCEPTED);
	assert_proof_when_it_leads(s, keeps_no_split_horizon);
	assert_int_equal(stage_status(s)->belied, 0);
}

#define TEST(name, version)                                                                        \
	cmocka_unit_test_setup_teardown(name, truth_setup##version, stage_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(let_go_unsaid_proves_nothing, ),
		TEST(poison_for_another_proves_nothing, ),
		TEST(a_default_route_of_version_1_proves_nothing, _version_1),
		TEST(one_forged_packet_proves_nothing, ),
		TEST(who_keeps_no_split_horizon_proves_nothing_by_naming_us, ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
