/* SPDX-License-Identifier: Apache-2.0 */
/* A speaker with keys: what it seals with, what it believes, and when. */
#include "proto/rip/rip.h"

#include <string.h>

#include "base/unit.h"
#include "proto/rip/packet.h"

#define NOON_S INT64_C(1800000000)

struct stage {
	struct keychain_sequence told;
	struct rip *rip;
	struct instant now;
	struct rip_interface_settings settings;
	unsigned keys, mutes, downs; /* events so far */
	uint8_t key;		     /* of the last one */
};

static struct prefix vip(void)
{
	struct address a = address_ipv4(0x0a090101);

	return prefix_host(&a);
}

static void hear_events(struct stage *s)
{
	struct rip_event e;

	while (rip_event(s->rip, &e)) {
		s->keys += e.kind == RIP_EVENT_KEY;
		s->mutes += e.kind == RIP_EVENT_MUTE;
		s->downs += e.kind == RIP_EVENT_NEIGHBOR_DOWN;
		if (e.kind == RIP_EVENT_SEQUENCE)
			s->told = (struct keychain_sequence){ e.neighbor, e.key, e.sequence };
		if (e.kind == RIP_EVENT_KEY)
			s->key = e.key;
	}
}

/* Lets all out that is due until then; the last packet is in *ret. Returns how many there were. */
static unsigned run(struct stage *s, int64_t seconds, struct packet *ret)
{
	struct instant until = instant_add(s->now, DURATION_S(seconds));
	unsigned n = 0;

	for (;;) {
		rip_tick(s->rip, s->now);
		while (rip_output(s->rip, s->now, ret))
			n++;
		hear_events(s);
		if (!instant_reached(rip_deadline(s->rip), until))
			break;
		s->now = instant_max(s->now, rip_deadline(s->rip));
	}
	s->now = until;
	return n;
}

static void set_clock(struct stage *s, int64_t wall_s)
{
	rip_clock(s->rip, s->now, (struct duration){ DURATION_S(wall_s).ns - s->now.ns });
	hear_events(s);
}

static struct stage stage(uint8_t type, const struct keychain_key *keys, uint8_t n)
{
	struct prefix p = vip();
	struct rip_settings settings;
	struct stage s = { .now = { DURATION_S(1000).ns } };
	struct address own = address_ipv4(0x0a01000a);
	struct speaker_link link = speaker_link_make(1, true, &own, 24);

	rip_settings_default(&settings);
	s.rip = rip_new(FAMILY_IPV4, &settings, 3);
	set_clock(&s, NOON_S);
	rip_interface_settings_default(&s.settings);
	s.settings.auth.type = type;
	s.settings.auth.n_keys = n;
	memcpy(s.settings.auth.keys, keys, n * sizeof(*keys));
	assert_int_equal(rip_interface_set(s.rip, s.now, 1, &s.settings), 0);
	rip_link(s.rip, s.now, &link);
	assert_int_equal(rip_announce(s.rip, s.now, &p, NULL, 0), 0);
	return s;
}

/* A packet with a route; another packet has another one. */
static void hear_route(struct stage *s, uint8_t key, uint32_t sequence, uint8_t socket,
		       uint32_t network)
{
	struct rip_packet p = rip_packet_make(FAMILY_IPV4, RIP_RESPONSE, 2);
	struct packet d = { .interface = 1,
			    .socket = socket,
			    .source = address_ipv4(0x0a010001),
			    .source_port = RIP_PORT,
			    .auth = s->settings.auth.type,
			    .key = key,
			    .sequence = sequence };
	struct address net = address_ipv4(network);
	struct prefix route = prefix_make(&net, 24);

	rip_packet_add(&p, &route, 0, 2);
	d.length = (uint16_t)rip_packet_encode(&p, d.bytes);
	rip_input(s->rip, s->now, &d);
	hear_events(s);
}

static void hear(struct stage *s, uint8_t key, uint32_t sequence, uint8_t socket)
{
	hear_route(s, key, sequence, socket, 0x0a030000);
}

static void hear_other(struct stage *s, uint8_t key, uint32_t sequence, uint8_t socket)
{
	hear_route(s, key, sequence, socket, 0x0a040000);
}

static struct neighbor neighbor(const struct stage *s)
{
	struct neighbor info = { 0 };
	size_t position = 0;

	(void)rip_neighbor_next(s->rip, s->now, &position, &info);
	return info;
}

static bool is_mute(const struct stage *s)
{
	struct speaker_interface info = { 0 };
	size_t position = 0;

	assert_true(rip_interface_next(s->rip, s->now, &position, &info));
	return info.mute && !info.speaking;
}

static const struct keychain_key always = { .id = 1 };

static void test_nothing_leaves_before_the_secret_is_there(void **state)
{
	struct stage s = stage(AUTH_MD5, &always, 1);
	struct prefix p = vip();
	struct packet d;

	(void)state;
	assert_int_equal(run(&s, 100, &d), 0);
	assert_false(is_mute(&s));
	assert_int_equal(s.mutes, 0);
	/* And what is withdrawn meanwhile is not said to be told. */
	assert_int_equal(rip_withdraw(s.rip, s.now, &p), 0);
	assert_false(rip_is_told(s.rip, &p, NULL));
	rip_secrets(s.rip, s.now, 1, 1);
	assert_true(run(&s, 1, &d) >= 3);
	rip_free(s.rip);
}

static void test_every_packet_is_sealed_with_the_time_and_never_goes_back(void **state)
{
	struct stage s = stage(AUTH_HMAC_SHA_256, &always, 1);
	struct packet d;

	(void)state;
	rip_secrets(s.rip, s.now, 1, 1);
	assert_true(run(&s, 60, &d) > 0);
	assert_int_equal(d.auth, AUTH_HMAC_SHA_256);
	assert_int_equal(d.key, 1);
	assert_in_range(d.sequence, NOON_S, NOON_S + 60);
	set_clock(&s, NOON_S - 5000);
	assert_true(run(&s, 60, &d) > 0);
	assert_in_range(d.sequence, NOON_S, NOON_S + 60);
	/* A later life has another speaker. */
	rip_sequence(s.rip, NOON_S + 7777);
	assert_true(run(&s, 60, &d) > 0);
	assert_in_range(d.sequence, NOON_S + 7778, NOON_S + 7777 + 60);
	rip_free(s.rip);
}

static void test_the_question_for_proof_is_sealed_too(void **state)
{
	struct stage s = stage(AUTH_MD5, &always, 1);
	struct packet d;
	bool asked = false;

	(void)state;
	rip_secrets(s.rip, s.now, 1, 1);
	hear(&s, 1, 5, RIP_SOCKET_MAIN);
	for (int i = 0; i < 10 && !asked; i++) {
		s.now = instant_add(s.now, DURATION_MS(200));
		rip_tick(s.rip, s.now);
		while (rip_output(s.rip, s.now, &d)) {
			assert_int_equal(d.auth, AUTH_MD5);
			assert_true(d.sequence >= NOON_S);
			asked |= d.socket == RIP_SOCKET_QUERY;
		}
	}
	assert_true(asked);
	rip_free(s.rip);
}

static void test_a_sealed_packet_holds_one_entry_fewer(void **state)
{
	struct stage s = stage(AUTH_MD5, &always, 1);
	struct packet d;
	size_t entries = 0;

	(void)state;
	for (uint32_t i = 0; i < 50; i++) {
		struct address a = address_ipv4(0x0a080000 + i);
		struct prefix p = prefix_host(&a);

		assert_int_equal(rip_announce(s.rip, s.now, &p, NULL, 0), 0);
	}
	rip_secrets(s.rip, s.now, 1, 1);
	while (rip_output(s.rip, s.now, &d)) {
		assert_true(d.length <= 4 + 24 * 20);
		entries += d.bytes[0] == RIP_RESPONSE ? (d.length - 4u) / 20 : 0;
	}
	assert_int_equal(entries, 51);
	rip_free(s.rip);
}

static void test_keys_follow_each_other_by_their_times(void **state)
{
	const struct keychain_key keys[] = {
		{ .id = 1, .send.until_s = NOON_S + 100, .accept.until_s = NOON_S + 200 },
		{ .id = 2, .send.from_s = NOON_S + 50 },
	};
	struct stage s = stage(AUTH_MD5, keys, 2);
	struct packet d;

	(void)state;
	rip_secrets(s.rip, s.now, 1, 3);
	run(&s, 40, &d);
	assert_int_equal(d.key, 1);
	hear(&s, 2, 1, RIP_SOCKET_MAIN);
	assert_true(neighbor(&s).up);
	run(&s, 70, &d);
	assert_int_equal(d.key, 2);
	assert_int_equal(s.key, 2);
	/* The neighbour has not changed over yet. */
	hear(&s, 1, 1, RIP_SOCKET_MAIN);
	assert_int_equal(neighbor(&s).drops[RIP_DROP_AUTH_KEY], 0);
	run(&s, 100, &d);
	hear(&s, 1, 2, RIP_SOCKET_MAIN);
	assert_int_equal(neighbor(&s).drops[RIP_DROP_AUTH_KEY], 1);
	assert_int_equal(s.mutes, 0);
	rip_free(s.rip);
}

static void test_the_end_of_the_last_key_is_mute_and_a_new_one_speaks_again(void **state)
{
	const struct keychain_key key = { .id = 1, .send.until_s = NOON_S + 50 };
	struct stage s = stage(AUTH_MD5, &key, 1);
	struct packet d;

	(void)state;
	rip_secrets(s.rip, s.now, 1, 1);
	assert_true(run(&s, 49, &d) > 0);
	run(&s, 2, &d);
	assert_true(is_mute(&s));
	assert_int_equal(s.mutes, 1);
	assert_int_equal(run(&s, 300, &d), 0);
	hear(&s, 1, 1, RIP_SOCKET_MAIN);
	assert_false(neighbor(&s).up);
	assert_int_equal(neighbor(&s).drops[RIP_DROP_NO_KEY], 1);
	s.settings.auth.keys[0] = always;
	assert_int_equal(rip_interface_set(s.rip, s.now, 1, &s.settings), 0);
	rip_secrets(s.rip, s.now, 1, 1);
	assert_true(run(&s, 1, &d) > 0);
	assert_false(is_mute(&s));
	rip_free(s.rip);
}

static void test_a_clock_that_is_wrong_for_a_moment_costs_no_neighbour(void **state)
{
	const struct keychain_key key = { .id = 1,
					  .send.from_s = NOON_S - 10,
					  .accept.from_s = NOON_S - 10 };
	struct stage s = stage(AUTH_MD5, &key, 1);
	struct packet d;

	(void)state;
	rip_secrets(s.rip, s.now, 1, 1);
	hear(&s, 1, 1, RIP_SOCKET_MAIN);
	run(&s, 20, &d);
	set_clock(&s, 1000);
	assert_true(is_mute(&s));
	assert_int_equal(run(&s, 60, &d), 0);
	assert_true(neighbor(&s).up);
	set_clock(&s, NOON_S + 80);
	assert_true(run(&s, 1, &d) > 0);
	hear(&s, 1, 2, RIP_SOCKET_MAIN);
	run(&s, 100, &d);
	assert_true(neighbor(&s).up);
	assert_int_equal(s.downs, 0);
	rip_free(s.rip);
}

static void test_a_packet_that_was_sent_before_is_refused(void **state)
{
	const struct keychain_key keys[] = { { .id = 1 }, { .id = 2 } };
	struct stage s = stage(AUTH_HMAC_SHA_512, keys, 2);
	struct packet d;

	(void)state;
	rip_secrets(s.rip, s.now, 1, 3);
	hear(&s, 1, 1000, RIP_SOCKET_MAIN);
	hear_other(&s, 1, 1000, RIP_SOCKET_MAIN); /* the same is not lower: RFC 4822 3.2.2 */
	hear(&s, 2, 7, RIP_SOCKET_MAIN);	  /* each key has its own */
	assert_int_equal(neighbor(&s).drops[RIP_DROP_AUTH_REPLAY], 0);
	hear(&s, 1, 999, RIP_SOCKET_MAIN);
	hear(&s, 1, 0, RIP_SOCKET_MAIN);
	assert_int_equal(neighbor(&s).drops[RIP_DROP_AUTH_REPLAY], 2);
	/* What came to the other socket may have been read late, but not as late as that. */
	hear(&s, 1, 990, RIP_SOCKET_QUERY);
	assert_int_equal(neighbor(&s).drops[RIP_DROP_AUTH_REPLAY], 2);
	hear(&s, 1, 980, RIP_SOCKET_QUERY);
	assert_int_equal(neighbor(&s).drops[RIP_DROP_AUTH_REPLAY], 3);
	run(&s, 200, &d);
	assert_false(neighbor(&s).up);
	/* It was lost, and begins anew. */
	hear(&s, 1, 1, RIP_SOCKET_MAIN);
	assert_true(neighbor(&s).up);
	hear(&s, 1, 0, RIP_SOCKET_MAIN);
	assert_int_equal(neighbor(&s).drops[RIP_DROP_AUTH_REPLAY], 4);
	rip_free(s.rip);
}

static uint32_t replays(const struct stage *s)
{
	return neighbor(s).drops[RIP_DROP_AUTH_REPLAY];
}

static void test_a_packet_is_good_once(void **state)
{
	struct stage s = stage(AUTH_MD5, &always, 1);
	struct packet d;

	(void)state;
	rip_secrets(s.rip, s.now, 1, 1);
	hear(&s, 1, 1000, RIP_SOCKET_MAIN);
	/* We repeat changes ourselves within a second: that is heard once, and no replay. */
	hear(&s, 1, 1000, RIP_SOCKET_MAIN);
	assert_int_equal(neighbor(&s).packets, 1);
	assert_int_equal(replays(&s), 0);
	s.now = instant_add(s.now, DURATION_MS(250));
	for (int i = 0; i < 20; i++)
		hear(&s, 1, 1000, RIP_SOCKET_MAIN);
	/* Nor to the other socket, where an update would be an answer. */
	hear(&s, 1, 1000, RIP_SOCKET_QUERY);
	assert_int_equal(neighbor(&s).packets, 1);
	assert_int_equal(replays(&s), 21);
	/* What left with it counts, in whatever order it comes. */
	hear_other(&s, 1, 1000, RIP_SOCKET_MAIN);
	assert_int_equal(neighbor(&s).packets, 2);
	run(&s, 2, &d);
	/* Nothing leaves together for so long. */
	hear_route(&s, 1, 1000, RIP_SOCKET_MAIN, 0x0a050000);
	hear_route(&s, 1, 999, RIP_SOCKET_QUERY, 0x0a060000);
	assert_int_equal(neighbor(&s).packets, 2);
	assert_int_equal(replays(&s), 23);
	hear(&s, 1, 1001, RIP_SOCKET_MAIN);
	assert_int_equal(neighbor(&s).packets, 3);
	rip_free(s.rip);
}

static void test_what_an_earlier_life_has_heard_is_not_believed_again(void **state)
{
	struct stage s = stage(AUTH_MD5, &always, 1), later;
	struct address own = address_ipv4(0x0a01000a);
	struct speaker_link link = speaker_link_make(1, true, &own, 24);
	struct keychain_sequence written;
	struct packet d;
	size_t position = 0;

	(void)state;
	rip_secrets(s.rip, s.now, 1, 1);
	hear(&s, 1, 1000, RIP_SOCKET_MAIN);
	assert_int_equal(s.told.number, 1000);
	hear_other(&s, 1, 1001, RIP_SOCKET_MAIN);
	assert_int_equal(s.told.number, 1001);
	/* Of very many not each is written down at once; the last one of an update is. */
	for (uint32_t k = 1; k <= 100; k++)
		hear_route(&s, 1, 1001 + k, RIP_SOCKET_MAIN, 0x0b000000 + 256 * k);
	assert_in_range(s.told.number, 1010, 1100);
	run(&s, 2, &d);
	assert_int_equal(s.told.number, 1101);
	assert_true(rip_sequence_next(s.rip, &position, &written));
	assert_int_equal(written.number, 1101);
	assert_false(rip_sequence_next(s.rip, &position, &written));

	later = stage(AUTH_MD5, &always, 1);
	rip_sequence_heard(later.rip, later.now, &s.told);
	rip_secrets(later.rip, later.now, 1, 1);
	hear(&later, 1, 1000, RIP_SOCKET_MAIN);
	hear(&later, 1, 1101, RIP_SOCKET_MAIN);
	hear(&later, 1, 1100, RIP_SOCKET_QUERY);
	assert_false(neighbor(&later).up);
	assert_int_equal(replays(&later), 3);
	hear(&later, 1, 1102, RIP_SOCKET_MAIN);
	assert_true(neighbor(&later).up);
	/* A link that fails makes nobody forget either. */
	rip_link(later.rip, later.now, &(struct speaker_link){ .index = 1 });
	rip_link(later.rip, later.now, &link);
	hear_other(&later, 1, 1102, RIP_SOCKET_MAIN);
	assert_false(neighbor(&later).up);
	/* When it has been silent for the timeout it may begin anew. */
	run(&later, 181, &d);
	hear(&later, 1, 1, RIP_SOCKET_MAIN);
	assert_true(neighbor(&later).up);
	rip_free(s.rip);
	rip_free(later.rip);
}

static void test_while_the_clock_is_behind_numbers_go_on(void **state)
{
	struct stage s = stage(AUTH_MD5, &always, 1);
	struct packet d;
	uint64_t before;

	(void)state;
	rip_secrets(s.rip, s.now, 1, 1);
	assert_true(run(&s, 40, &d) > 0);
	before = d.sequence;
	set_clock(&s, NOON_S - 100000);
	for (int i = 0; i < 5; i++) {
		assert_true(run(&s, 40, &d) > 0);
		assert_true(d.sequence > before);
		assert_true(d.sequence <= NOON_S + 300);
		before = d.sequence;
	}
	rip_free(s.rip);
}

static void test_who_opened_it_in_another_way_is_not_believed(void **state)
{
	struct stage s = stage(AUTH_MD5, &always, 1);

	(void)state;
	rip_secrets(s.rip, s.now, 1, 1);
	s.settings.auth.type = AUTH_NONE;
	hear(&s, 1, 1, RIP_SOCKET_MAIN);
	assert_int_equal(neighbor(&s).drops[RIP_DROP_AUTH_TYPE], 1);
	assert_false(neighbor(&s).up);
	rip_free(s.rip);
}

static void test_without_a_clock_only_keys_without_limits_are_used(void **state)
{
	const struct keychain_key keys[] = { { .id = 1 }, { .id = 2, .send.from_s = 1 } };
	struct rip_settings settings;
	struct rip_interface_settings with;
	struct speaker_interface info;
	size_t position = 0;
	struct instant now = { 0 };
	struct rip *r;

	(void)state;
	rip_settings_default(&settings);
	rip_interface_settings_default(&with);
	with.auth.type = AUTH_MD5;
	with.auth.n_keys = 2;
	memcpy(with.auth.keys, keys, sizeof(keys));
	r = rip_new(FAMILY_IPV4, &settings, 1);
	assert_int_equal(rip_interface_set(r, now, 1, &with), 0);
	rip_secrets(r, now, 1, 3);
	assert_true(rip_interface_next(r, (struct instant){ 0 }, &position, &info));
	assert_int_equal(info.key, 1);
	rip_clock(r, now, DURATION_S(NOON_S));
	position = 0;
	assert_true(rip_interface_next(r, (struct instant){ 0 }, &position, &info));
	assert_int_equal(info.key, 2);
	rip_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_leaves_before_the_secret_is_there),
		cmocka_unit_test(test_every_packet_is_sealed_with_the_time_and_never_goes_back),
		cmocka_unit_test(test_the_question_for_proof_is_sealed_too),
		cmocka_unit_test(test_a_sealed_packet_holds_one_entry_fewer),
		cmocka_unit_test(test_keys_follow_each_other_by_their_times),
		cmocka_unit_test(test_the_end_of_the_last_key_is_mute_and_a_new_one_speaks_again),
		cmocka_unit_test(test_a_clock_that_is_wrong_for_a_moment_costs_no_neighbour),
		cmocka_unit_test(test_a_packet_that_was_sent_before_is_refused),
		cmocka_unit_test(test_a_packet_is_good_once),
		cmocka_unit_test(test_what_an_earlier_life_has_heard_is_not_believed_again),
		cmocka_unit_test(test_while_the_clock_is_behind_numbers_go_on),
		cmocka_unit_test(test_who_opened_it_in_another_way_is_not_believed),
		cmocka_unit_test(test_without_a_clock_only_keys_without_limits_are_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
