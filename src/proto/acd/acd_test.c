/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/acd/acd.h"

#include "base/unit.h"
#include "net/ether.h"

#define LAN 3
#define OTHER_LAN 4

static const uint8_t ours[ETHER_MAC_BYTES] = { 2, 0, 0, 0, 0, 1 };
static const uint8_t ours_too[ETHER_MAC_BYTES] = { 2, 0, 0, 0, 0, 2 };
static const uint8_t theirs[ETHER_MAC_BYTES] = { 2, 0, 0, 0, 0, 9 };
static const uint8_t broadcast[ETHER_MAC_BYTES] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

static struct acd *acd;
static struct instant now;
static struct address v4, v6;

static struct address address(const char *text)
{
	struct address a;

	assert_int_equal(address_parse(text, &a), 0);
	return a;
}

static int begin(void **state)
{
	(void)state;
	now = (struct instant){ 1000 };
	acd = acd_new(7);
	assert_non_null(acd);
	assert_int_equal(acd_link(acd, now, LAN, true, ours), 0);
	v4 = address("10.9.1.1");
	v6 = address("2001:db8::1");
	return 0;
}

static int end(void **state)
{
	(void)state;
	acd_free(acd);
	return 0;
}

/* Moves the clock, and ticks at every deadline on the way; frames stay pending. */
static void pass(struct duration d)
{
	struct instant until = instant_add(now, d);

	while (instant_reached(acd_deadline(acd), until)) {
		now = instant_max(now, acd_deadline(acd));
		acd_tick(acd, now);
	}
	now = until;
}

static void expect_frame(struct ether_message *ret)
{
	struct ether_frame frame;

	assert_true(acd_output(acd, now, &frame));
	assert_int_equal(frame.interface, LAN);
	assert_int_equal(ether_decode(&frame, ret), 0);
	assert_memory_equal(ret->from, ours, ETHER_MAC_BYTES);
	assert_memory_equal(ret->mac, ours, ETHER_MAC_BYTES);
}

static void expect_quiet(void)
{
	struct ether_frame frame;

	assert_false(acd_output(acd, now, &frame));
}

static void expect_probe(const struct address *a)
{
	struct ether_message m;

	expect_frame(&m);
	assert_true(m.kind == ETHER_ARP_REQUEST || m.kind == ETHER_SOLICITATION);
	assert_true(address_is_unspecified(&m.source));
	assert_true(address_equal(&m.target, a));
	assert_false(m.has_option);
	expect_quiet();
}

static void expect_announcement(const struct address *a)
{
	struct ether_message m;

	expect_frame(&m);
	assert_true(address_equal(&m.source, a) && address_equal(&m.target, a));
	if (a->family == FAMILY_IPV4) {
		assert_int_equal(m.kind, ETHER_ARP_REQUEST);
		assert_memory_equal(m.to, broadcast, ETHER_MAC_BYTES);
	} else {
		assert_int_equal(m.kind, ETHER_ADVERTISEMENT);
		assert_string_equal(ADDRESS_TEXT(&m.destination), "ff02::1");
		assert_true(m.has_option && m.override && !m.solicited);
	}
	expect_quiet();
}

static void expect_event(enum acd_event_kind kind, const struct address *a)
{
	struct acd_event e;

	assert_true(acd_event(acd, &e));
	assert_int_equal(e.kind, kind);
	assert_int_equal(e.interface, LAN);
	assert_true(address_equal(&e.address, a));
	if (kind == ACD_EVENT_RIVAL)
		assert_memory_equal(e.mac, theirs, ETHER_MAC_BYTES);
}

static void expect_no_event(void)
{
	struct acd_event e;

	assert_false(acd_event(acd, &e));
}

static void drain(void)
{
	struct ether_frame frame;
	struct acd_event e;

	while (acd_output(acd, now, &frame))
		;
	while (acd_event(acd, &e))
		;
}

static void hear(enum ether_message_kind kind, const uint8_t *mac, const char *source,
		 const struct address *target)
{
	struct ether_message m = {
		.kind = (uint8_t)kind,
		.source = address(source),
		.destination = ether_solicited_node(target),
		.target = *target,
	};
	struct ether_frame frame = { .interface = LAN };

	memcpy(m.from, mac, ETHER_MAC_BYTES);
	memcpy(m.mac, mac, ETHER_MAC_BYTES);
	ether_encode(&m, &frame);
	acd_input(acd, now, &frame);
}

/* A sign of life of whoever has the address. */
static void hear_owner(const struct address *a, const uint8_t *mac)
{
	hear(a->family == FAMILY_IPV4 ? ETHER_ARP_REPLY : ETHER_ADVERTISEMENT, mac, ADDRESS_TEXT(a),
	     a);
}

static void each_family(void (*play)(const struct address *a))
{
	play(&v4);
	play(&v6);
}

static void play_clear(const struct address *a)
{
	assert_int_equal(acd_probe(acd, now, LAN, a), 0);
	for (unsigned k = 0; k < ACD_PROBES; k++) {
		expect_probe(a);
		pass(DURATION_MS(99));
		expect_quiet();
		expect_no_event();
		pass(DURATION_MS(1));
	}
	expect_event(ACD_EVENT_CLEAR, a);
	expect_quiet();
	assert_true(instant_is_never(acd_deadline(acd)));
}

static void test_nobody_answers_three_probes(void **state)
{
	(void)state;
	each_family(play_clear);
}

static void play_rival(const struct address *a)
{
	assert_int_equal(acd_probe(acd, now, LAN, a), 0);
	pass(DURATION_MS(150));
	hear_owner(a, theirs);
	expect_event(ACD_EVENT_RIVAL, a);
	expect_quiet(); /* what was pending is not asked any more */
	hear_owner(a, theirs);
	pass(DURATION_S(60));
	expect_no_event();
	assert_int_equal(acd_probe(acd, now, LAN, a), 0);
	pass(DURATION_S(1));
	expect_event(ACD_EVENT_CLEAR, a);
	drain();
}

static void test_an_answer_ends_the_probe(void **state)
{
	(void)state;
	each_family(play_rival);
}

static void play_simultaneous(const struct address *a)
{
	enum ether_message_kind kind =
		a->family == FAMILY_IPV4 ? ETHER_ARP_REQUEST : ETHER_SOLICITATION;

	assert_int_equal(acd_probe(acd, now, LAN, a), 0);
	hear(kind, theirs, a->family == FAMILY_IPV4 ? "0.0.0.0" : "::", a);
	expect_event(ACD_EVENT_RIVAL, a);
	acd_release(acd, LAN, a);
}

static void test_who_probes_at_the_same_time_is_a_rival(void **state)
{
	(void)state;
	each_family(play_simultaneous);
	/* Once the address is ours the kernel answers a probe: no rival. */
	acd_claim(acd, now, LAN, &v4, true);
	hear(ETHER_ARP_REQUEST, theirs, "0.0.0.0", &v4);
	expect_no_event();
}

static void play_schedule(const struct address *a)
{
	static const int seconds[] = { 0, 1, 2 };

	assert_int_equal(acd_claim(acd, now, LAN, a, true), 0);
	for (size_t k = 0; k < ACD_ANNOUNCEMENTS; k++) {
		pass(DURATION_S(seconds[k]));
		expect_announcement(a);
	}
	for (unsigned k = 0; k < 5; k++) {
		pass(DURATION_S(53));
		expect_quiet();
		now = acd_deadline(acd);
		acd_tick(acd, now);
		expect_announcement(a);
	}
	expect_no_event();
	acd_release(acd, LAN, a);
	assert_true(instant_is_never(acd_deadline(acd)));
}

static void test_a_claim_is_announced_in_a_burst_and_then_now_and_then(void **state)
{
	(void)state;
	each_family(play_schedule);
}

static void test_a_silent_claim_says_nothing_until_it_may(void **state)
{
	(void)state;
	acd_claim(acd, now, LAN, &v4, false);
	hear_owner(&v4, theirs);
	expect_event(ACD_EVENT_RIVAL, &v4);
	expect_quiet();
	acd_claim(acd, now, LAN, &v4, true);
	expect_announcement(&v4);
	pass(DURATION_MS(1100));
	acd_claim(acd, now, LAN, &v4, false);
	expect_quiet();
}

static void play_defence(const struct address *a)
{
	assert_int_equal(acd_claim(acd, now, LAN, a, true), 0);
	pass(DURATION_S(5));
	drain();
	hear_owner(a, theirs);
	expect_event(ACD_EVENT_RIVAL, a);
	expect_announcement(a);
	for (unsigned k = 0; k < 9; k++) {
		pass(DURATION_S(1));
		hear_owner(a, theirs);
		expect_quiet();
	}
	pass(DURATION_S(1));
	drain();
	hear_owner(a, theirs);
	expect_announcement(a);
	expect_no_event();
	acd_release(acd, 0, a);
}

static void test_a_defence_comes_once_in_ten_seconds(void **state)
{
	(void)state;
	each_family(play_defence);
}

static void play_gone(const struct address *a)
{
	assert_int_equal(acd_claim(acd, now, LAN, a, false), 0);
	hear_owner(a, theirs);
	expect_event(ACD_EVENT_RIVAL, a);
	pass(DURATION_MS(10000));
	expect_probe(a);
	hear_owner(a, theirs); /* still there */
	pass(DURATION_MS(100));
	expect_probe(a);
	pass(DURATION_MS(100));
	expect_probe(a);
	expect_no_event();
	pass(DURATION_MS(100));
	/* It was asked and has answered: no single frame that anybody can send. */
	expect_event(ACD_EVENT_RIVAL, a);
	pass(DURATION_MS(29900));
	expect_no_event();
	pass(DURATION_MS(100));
	expect_event(ACD_EVENT_RIVAL_GONE, a);
	drain();
	assert_true(instant_is_never(acd_deadline(acd)));
	hear_owner(a, theirs);
	expect_event(ACD_EVENT_RIVAL, a);
	acd_release(acd, LAN, a);
	drain();
}

static void test_a_rival_that_is_silent_for_three_rounds_is_gone(void **state)
{
	(void)state;
	each_family(play_gone);
}

static void test_a_rival_is_told_again_with_another_mac(void **state)
{
	static const uint8_t third[ETHER_MAC_BYTES] = { 2, 0, 0, 0, 0, 10 };
	struct acd_event e;

	(void)state;
	acd_claim(acd, now, LAN, &v4, false);
	hear_owner(&v4, theirs);
	hear_owner(&v4, theirs);
	expect_event(ACD_EVENT_RIVAL, &v4);
	expect_no_event();
	hear_owner(&v4, third);
	assert_true(acd_event(acd, &e));
	assert_memory_equal(e.mac, third, ETHER_MAC_BYTES);
}

static void test_a_claim_remembers_the_rival_of_its_probe(void **state)
{
	(void)state;
	acd_probe(acd, now, LAN, &v4);
	hear_owner(&v4, theirs);
	expect_event(ACD_EVENT_RIVAL, &v4);
	acd_claim(acd, now, LAN, &v4, false);
	expect_no_event();
	pass(DURATION_S(31));
	expect_event(ACD_EVENT_RIVAL_GONE, &v4);
	/* One that shows itself between a clear verdict and the claim is told with the claim. */
	acd_probe(acd, now, LAN, &v4);
	pass(DURATION_S(1));
	expect_event(ACD_EVENT_CLEAR, &v4);
	hear_owner(&v4, theirs);
	expect_no_event();
	acd_claim(acd, now, LAN, &v4, false);
	expect_event(ACD_EVENT_RIVAL, &v4);
}

static void test_solicitations_are_answered(void **state)
{
	struct ether_message m;

	(void)state;
	acd_claim(acd, now, LAN, &v6, true);
	drain();
	hear(ETHER_SOLICITATION, theirs, "fe80::9", &v6);
	expect_frame(&m);
	assert_int_equal(m.kind, ETHER_ADVERTISEMENT);
	assert_true(m.solicited && m.override && m.has_option);
	assert_memory_equal(m.to, theirs, ETHER_MAC_BYTES);
	assert_string_equal(ADDRESS_TEXT(&m.destination), "fe80::9");
	assert_true(address_equal(&m.source, &v6));
	expect_quiet();
	expect_no_event(); /* who asks is no rival */
	/* Somebody else's duplicate address detection. */
	hear(ETHER_SOLICITATION, theirs, "::", &v6);
	expect_announcement(&v6);
	expect_event(ACD_EVENT_RIVAL, &v6);
	acd_claim(acd, now, LAN, &v6, false);
	hear(ETHER_SOLICITATION, theirs, "fe80::9", &v6);
	expect_quiet();
}

static void test_two_who_ask_at_once_are_both_answered(void **state)
{
	struct ether_message m;

	(void)state;
	acd_claim(acd, now, LAN, &v6, true);
	drain();
	hear(ETHER_SOLICITATION, theirs, "fe80::9", &v6);
	hear(ETHER_SOLICITATION, theirs, "fe80::a", &v6);
	expect_frame(&m);
	assert_string_equal(ADDRESS_TEXT(&m.destination), "ff02::1");
	expect_frame(&m);
	assert_string_equal(ADDRESS_TEXT(&m.destination), "fe80::9");
	expect_quiet();
}

static void play_own(const struct address *a)
{
	acd_claim(acd, now, LAN, a, false);
	hear_owner(a, ours);
	hear_owner(a, ours_too);
	expect_no_event();
	acd_probe(acd, now, LAN, a);
	hear_owner(a, ours_too);
	pass(DURATION_S(1));
	expect_event(ACD_EVENT_CLEAR, a);
}

static void test_another_interface_of_ours_is_no_rival(void **state)
{
	(void)state;
	assert_int_equal(acd_link(acd, now, OTHER_LAN, true, ours_too), 0);
	each_family(play_own);
}

static void test_a_link_that_fails_ends_the_probe(void **state)
{
	(void)state;
	acd_probe(acd, now, LAN, &v4);
	acd_link(acd, now, LAN, false, ours);
	expect_event(ACD_EVENT_CLEAR, &v4);
	expect_quiet();
	acd_probe(acd, now, LAN, &v4);
	expect_event(ACD_EVENT_CLEAR, &v4);
	acd_probe(acd, now, 99, &v4);
	acd_release(acd, 99, &v4);
	expect_no_event();
	acd_link(acd, now, LAN, true, ours);
	acd_probe(acd, now, LAN, &v4);
	acd_link_remove(acd, now, LAN);
	expect_event(ACD_EVENT_CLEAR, &v4);
	assert_true(instant_is_never(acd_deadline(acd)));
}

static void test_a_link_that_is_back_announces_anew(void **state)
{
	(void)state;
	acd_claim(acd, now, LAN, &v4, true);
	expect_announcement(&v4);
	acd_link(acd, now, LAN, false, ours);
	pass(DURATION_S(100));
	expect_quiet();
	acd_link(acd, now, LAN, true, ours);
	expect_announcement(&v4);
	pass(DURATION_S(1));
	expect_announcement(&v4);
}

static void test_the_silence_of_a_rival_on_a_dead_link_means_nothing(void **state)
{
	(void)state;
	acd_claim(acd, now, LAN, &v6, false);
	hear_owner(&v6, theirs);
	expect_event(ACD_EVENT_RIVAL, &v6);
	acd_link(acd, now, LAN, false, ours);
	pass(DURATION_S(100));
	expect_no_event();
	acd_link(acd, now, LAN, true, ours);
	pass(DURATION_S(21));
	expect_event(ACD_EVENT_RIVAL_GONE, &v6);
}

static void test_malformed_frames_are_counted(void **state)
{
	struct ether_frame frame = { .interface = LAN, .length = 30, .bytes = { [12] = 8, 6 } };

	(void)state;
	acd_input(acd, now, &frame);
	assert_int_equal(acd_dropped(acd), 1);
}

#define PLAY(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLAY(test_nobody_answers_three_probes),
		PLAY(test_an_answer_ends_the_probe),
		PLAY(test_who_probes_at_the_same_time_is_a_rival),
		PLAY(test_a_claim_is_announced_in_a_burst_and_then_now_and_then),
		PLAY(test_a_silent_claim_says_nothing_until_it_may),
		PLAY(test_a_defence_comes_once_in_ten_seconds),
		PLAY(test_a_rival_that_is_silent_for_three_rounds_is_gone),
		PLAY(test_a_rival_is_told_again_with_another_mac),
		PLAY(test_a_claim_remembers_the_rival_of_its_probe),
		PLAY(test_solicitations_are_answered),
		PLAY(test_two_who_ask_at_once_are_both_answered),
		PLAY(test_another_interface_of_ours_is_no_rival),
		PLAY(test_a_link_that_fails_ends_the_probe),
		PLAY(test_a_link_that_is_back_announces_anew),
		PLAY(test_the_silence_of_a_rival_on_a_dead_link_means_nothing),
		PLAY(test_malformed_frames_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
