/* SPDX-License-Identifier: Apache-2.0 */
/* What is said of very many VIPs, of which some do not come back, or not yet. */
#include "base/container.h"
#include "base/text.h"
#include "node/stage_test.h"
#include "node/vip/forwarding.h"

#define VIP "10.9.1.1"
#define ROUTER "10.1.0.1"

/*
 * Everything comes back but what is for VIPs of these networks. The most VIPs that were said not to
 * be forwarded to meanwhile, and how many tries were steps of a round.
 */
struct seen {
	uint32_t belied, rounds;
};

static struct seen pass_but(struct stage *s, struct duration time, const char *lost)
{
	struct instant until = instant_add(s->now, time);
	struct prefix network = { 0 };
	struct seen seen = { 0 };

	if (lost)
		assert_int_equal(prefix_parse(lost, &network.address, &network.length), 0);
	while (instant_before(s->now, until)) {
		stage_run(s, DURATION_MS(20));
		while (s->n_proves > 0) {
			struct effect e = s->proves[0];
			bool back = !lost || !prefix_contains(&network, &e.prove.destination);

			seen.rounds += e.prove.tries == 1;
			assert_true(stage_proved(s, ADDRESS_TEXT(&e.prove.destination), ROUTER,
						 back ? ECHO_OUTCOME_RETURNED : ECHO_OUTCOME_LOST,
						 1));
		}
		if (stage_status(s)->belied > seen.belied)
			seen.belied = s->status.belied;
	}
	return seen;
}

static int doubt_setup(void **state)
{
	struct stage *s;

	stage_raise(state);
	s = *state;
	s->proof = true;
	stage_begin(s, NULL);
	stage_config_router(s, ROUTER);
	stage_bind(s, VIP "/32");
	(void)pass_but(s, DURATION_S(12), NULL);
	assert_state(s, VIP, VIP_STATE_PROVEN);
	return 0;
}

/* Very many that are new are in the router's kernel seconds after it has been told of them. */
static void who_is_still_installing_routes_is_no_liar(void **state)
{
	struct stage *s = *state;

	stage_bind_many(s, 300);
	assert_int_equal(pass_but(s, DURATION_S(4), "10.8.0.0/16").belied, 0);
	assert_int_equal(pass_but(s, DURATION_S(20), NULL).belied, 0);
	assert_int_equal(s->status.proven, 301);
}

/* What is said not to be forwarded is looked at before all that is due. */
static void what_comes_back_again_is_seen_while_very_many_are_due(void **state)
{
	struct stage *s = *state;
	struct instant until;

	stage_bind_many(s, 2000);
	assert_int_equal(pass_but(s, DURATION_S(8), "10.8.0.1/32").belied, 1);
	until = instant_add(s->now, DURATION_S(12));
	while (stage_status(s)->belied > 0) {
		(void)pass_but(s, DURATION_MS(100), NULL);
		assert_true(instant_before(s->now, until));
	}
	/* They are still at it. */
	assert_in_range(s->status.proven, 500, 1990);
}

static void the_round_goes_on_while_very_many_are_due(void **state)
{
	struct stage *s = *state;

	stage_bind_many(s, 1500);
	assert_in_range(pass_but(s, DURATION_S(20), NULL).rounds, 100, 600);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, doubt_setup, stage_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_is_still_installing_routes_is_no_liar),
		TEST(what_comes_back_again_is_seen_while_very_many_are_due),
		TEST(the_round_goes_on_while_very_many_are_due),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
