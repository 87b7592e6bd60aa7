/* SPDX-License-Identifier: Apache-2.0 */
/* Whether packets to a VIP come to us, in each of the ways in which that can come out. */
#include <errno.h>

#include "proto/echo/bench_test.h"

static struct echo_request request_of(const struct path *path)
{
	struct echo_request r = { .token = 42, .tries = 3, .spacing_us = 50000, .path = *path };

	r.source = path->local.family == FAMILY_IPV4 ? path->local : global;
	r.destination = r.source;
	r.destination.bytes[1] = 9;
	return r;
}

static struct bench proving(const struct path *path)
{
	struct bench b = bench_make(path);
	struct echo_request r = request_of(path);

	assert_int_equal(echo_prove(b.echo, b.now, &r), 0);
	return b;
}

static void one_that_comes_back_is_proven_at_once(void **state)
{
	const struct path *paths[] = { &ipv4, &ipv6 };

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		struct bench b = proving(paths[k]);

		b.takes = 3;
		b.back = INTERFACE + 1;
		run(&b, DURATION_MS(1));
		assert_int_equal(b.proofs, 1);
		assert_int_equal(b.packets, 1);
		assert_int_equal(b.proof.token, 42);
		assert_int_equal(b.proof.outcome, ECHO_OUTCOME_RETURNED);
		assert_int_equal(b.proof.tries, 1);
		/* The way in, and how many routers it has. */
		assert_int_equal(b.proof.interface, INTERFACE + 1);
		assert_int_equal(b.proof.ttl, ECHO_TTL - 3);
		assert_memory_equal(b.proof.mac, b.mac, ETHER_MAC_BYTES);
		assert_true(echo_is_empty(b.echo));
		assert_true(instant_is_never(echo_deadline(b.echo)));
		/* It is over: what comes now is nobody's. */
		hear(&b, &b.last);
		assert_int_equal(dropped(&b, ECHO_DROP_CLOSED), 1);
		echo_free(b.echo);
	}
}

static void the_time_is_that_of_the_try_that_came_back(void **state)
{
	struct bench b = proving(&ipv4);

	(void)state;
	b.forwards = false;
	run(&b, DURATION_MS(60));
	assert_int_equal(b.packets, 2);
	b.now = instant_add(b.now, DURATION_MS(3));
	hear(&b, &b.last);
	hear(&b, &b.last);
	assert_int_equal(dropped(&b, ECHO_DROP_DUPLICATE), 1);
	pump(&b);
	assert_int_equal(b.proof.outcome, ECHO_OUTCOME_RETURNED);
	assert_int_equal(b.proof.tries, 2);
	assert_int_equal(b.proof.time_us, 13000);
	echo_free(b.echo);
}

static void silence_is_a_loss_after_all_tries(void **state)
{
	struct bench b = proving(&ipv6);

	(void)state;
	b.forwards = false;
	run(&b, DURATION_MS(149));
	assert_int_equal(b.proofs, 0);
	run(&b, DURATION_MS(2));
	assert_int_equal(b.proofs, 1);
	assert_int_equal(b.packets, 3);
	assert_int_equal(b.proof.outcome, ECHO_OUTCOME_LOST);
	echo_free(b.echo);
}

static void a_router_that_is_not_found_is_no_loss(void **state)
{
	struct bench b = proving(&ipv4);

	(void)state;
	b.silent = true;
	run(&b, DURATION_S(1));
	assert_int_equal(b.packets, 0);
	assert_int_equal(b.questions, 3);
	assert_int_equal(b.proof.outcome, ECHO_OUTCOME_UNREACHED);
	echo_free(b.echo);
}

static void errors_are_understood(void **state)
{
	static const struct {
		bool six;
		uint8_t type, code, refusal;
	} cases[] = {
		{ false, 3, 0, ECHO_REFUSAL_NO_ROUTE },
		{ false, 3, 1, ECHO_REFUSAL_NO_HOST },
		{ false, 3, 3, ECHO_REFUSAL_NO_PORT },
		{ false, 3, 4, ECHO_REFUSAL_OTHER },
		{ false, 3, 9, ECHO_REFUSAL_PROHIBITED },
		{ false, 3, 10, ECHO_REFUSAL_PROHIBITED },
		{ false, 3, 13, ECHO_REFUSAL_PROHIBITED },
		{ false, 3, 200, ECHO_REFUSAL_OTHER },
		{ false, 11, 0, ECHO_REFUSAL_TTL_EXCEEDED },
		{ true, 1, 0, ECHO_REFUSAL_NO_ROUTE },
		{ true, 1, 1, ECHO_REFUSAL_PROHIBITED },
		{ true, 1, 3, ECHO_REFUSAL_NO_HOST },
		{ true, 1, 4, ECHO_REFUSAL_NO_PORT },
		{ true, 1, 6, ECHO_REFUSAL_NO_ROUTE },
		{ true, 1, 77, ECHO_REFUSAL_OTHER },
		{ true, 3, 0, ECHO_REFUSAL_TTL_EXCEEDED },
	};

	(void)state;
	for (size_t k = 0; k < sizeof(cases) / sizeof(cases[0]); k++) {
		const struct path *path = cases[k].six ? &ipv6 : &ipv4;
		struct bench b = proving(path);
		struct echo_frame error;

		b.forwards = false;
		run(&b, DURATION_MS(10));
		error = error_about(&b, cases[k].type, cases[k].code, cases[k].six ? 72 : 52);
		hear(&b, &error);
		/* It may be about to learn the way: the other tries are made. */
		assert_false(echo_has_news(b.echo));
		run(&b, DURATION_S(1));
		assert_int_equal(b.packets, 3);
		assert_int_equal(b.proof.outcome, ECHO_OUTCOME_REFUSED);
		assert_int_equal(b.proof.refusal, cases[k].refusal);
		assert_true(address_equal(&b.proof.by, &path->peer));
		echo_free(b.echo);
	}
}

static void one_that_comes_back_behind_an_error_is_proven(void **state)
{
	struct bench b = proving(&ipv4);
	struct echo_frame error;

	(void)state;
	b.forwards = false;
	run(&b, DURATION_MS(10));
	error = error_about(&b, 3, 0, 52);
	hear(&b, &error);
	b.forwards = true;
	run(&b, DURATION_S(1));
	assert_int_equal(b.proof.outcome, ECHO_OUTCOME_RETURNED);
	assert_int_equal(b.proof.refusal, ECHO_REFUSAL_NOTHING);
	echo_free(b.echo);
}

static void errors_that_quote_too_little_or_another_thing_are_not_believed(void **state)
{
	struct bench b = proving(&ipv4);
	struct echo_frame error;

	(void)state;
	b.forwards = false;
	run(&b, DURATION_MS(10));
	for (size_t quoted = 0; quoted < 52; quoted++) {
		error = error_about(&b, 3, 0, quoted);
		hear(&b, &error);
	}
	assert_int_equal(dropped(&b, ECHO_DROP_QUOTE), 52);
	error = error_about(&b, 3, 0, 52);
	error.bytes[error.length - 1] ^= 1;
	hear(&b, &error);
	assert_int_equal(dropped(&b, ECHO_DROP_FORGED), 1);
	/* Of another destination. */
	error = error_about(&b, 3, 0, 52);
	error.bytes[14 + 20 + 8 + 19] ^= 1;
	hear(&b, &error);
	assert_int_equal(dropped(&b, ECHO_DROP_FORGED), 2);
	error = error_about(&b, 5, 1, 52);
	hear(&b, &error);
	assert_int_equal(dropped(&b, ECHO_DROP_REDIRECT), 1);
	error = error_about(&b, 8, 0, 52);
	hear(&b, &error);
	assert_int_equal(dropped(&b, ECHO_DROP_KIND), 1);
	run(&b, DURATION_S(1));
	assert_int_equal(b.proof.outcome, ECHO_OUTCOME_LOST);
	echo_free(b.echo);
}

static void what_no_router_has_forwarded_proves_nothing(void **state)
{
	struct bench b = proving(&ipv4);

	(void)state;
	b.takes = 0;
	run(&b, DURATION_S(1));
	assert_int_equal(dropped(&b, ECHO_DROP_TTL), 3);
	assert_int_equal(b.proof.outcome, ECHO_OUTCOME_LOST);
	echo_free(b.echo);
}

/* VRRP: the first packet goes to where the router was when the last proof was made. */
static void a_router_that_has_moved_is_found_by_the_second_try(void **state)
{
	struct bench b = bench_make(&ipv4);
	const struct echo_params params = params_of(&ipv4, 60000000, 3);
	struct echo_request r = request_of(&ipv4);

	(void)state;
	assert_int_equal(echo_track_set(b.echo, b.now, &ipv4, &params), 0);
	run(&b, DURATION_S(1));
	b.mac[5] = 77;
	assert_int_equal(echo_prove(b.echo, b.now, &r), 0);
	run(&b, DURATION_S(1));
	assert_int_equal(b.proof.outcome, ECHO_OUTCOME_RETURNED);
	assert_in_range(b.proof.tries, 2, 3);
	echo_free(b.echo);
}

/* RFC 1122 2.3.2.1, RFC 4861 7.3: who answered is asked alone, and not each time. */
static void a_router_that_is_known_is_asked_alone_now_and_then(void **state)
{
	const struct path *paths[] = { &ipv4, &ipv6 };

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		struct bench b = bench_make(paths[k]);
		struct echo_request r = request_of(paths[k]);

		for (int second = 0; second < 60; second++) {
			assert_int_equal(echo_prove(b.echo, b.now, &r), 0);
			run(&b, DURATION_S(1));
			assert_int_equal(b.proof.outcome, ECHO_OUTCOME_RETURNED);
			assert_int_equal(b.proof.questions, second % 10 == 0);
		}
		assert_int_equal(b.packets, 60);
		assert_int_equal(b.questions, 6);
		assert_int_equal(b.alone, 5);
		/* What was known so long ago is of no use. */
		run(&b, DURATION_S(60));
		assert_int_equal(echo_prove(b.echo, b.now, &r), 0);
		run(&b, DURATION_S(1));
		assert_int_equal(b.proof.outcome, ECHO_OUTCOME_RETURNED);
		assert_int_equal(b.questions, 7);
		assert_int_equal(b.alone, 5);
		echo_free(b.echo);
	}
}

/* All are asked when the one does not answer. */
static void a_router_that_has_moved_is_found_within_one_proof(void **state)
{
	struct bench b = proving(&ipv4);
	struct echo_request r = request_of(&ipv4);

	(void)state;
	run(&b, DURATION_S(11));
	assert_int_equal(b.questions, 1);
	b.mac[5] = 77;
	r.tries = 2;
	assert_int_equal(echo_prove(b.echo, b.now, &r), 0);
	run(&b, DURATION_S(1));
	assert_int_equal(b.proof.outcome, ECHO_OUTCOME_RETURNED);
	assert_int_equal(b.questions, 3);
	assert_int_equal(b.alone, 1);
	assert_int_equal(b.proof.questions, 2);
	assert_int_equal(b.proof.tries, 2);
	echo_free(b.echo);
}

/* The next question, which is taken from the wire; what leaves behind it is lost. */
static struct ether_frame question_take(struct bench *b)
{
	struct ether_frame question;
	struct echo_send s;

	assert_true(echo_output(b->echo, b->now, &s) && s.asks);
	echo_send_frame(b->echo, &s, our_mac, &question);
	pump(b);
	return question;
}

/* A packet that has left when the answer comes went to the old place. */
static void what_was_sent_to_where_the_router_was_is_sent_once_more(void **state)
{
	struct bench b = proving(&ipv4);
	struct echo_request r = request_of(&ipv4);
	struct ether_frame question;

	(void)state;
	run(&b, DURATION_S(11));
	b.mac[5] = 77;
	r.tries = 1;
	assert_int_equal(echo_prove(b.echo, b.now, &r), 0);
	(void)question_take(&b);
	run(&b, DURATION_MS(10));
	assert_int_equal(echo_prove(b.echo, b.now, &r), 0);
	question = question_take(&b);
	assert_true(question.bytes[0] & 1);
	assert_int_equal(b.packets, 1 + 2);
	assert_int_equal(b.proofs, 1);
	answer(&b, &question);
	run(&b, DURATION_MS(1));
	assert_int_equal(b.packets, 1 + 2 + 2);
	assert_int_equal(b.proofs, 3);
	assert_int_equal(b.proof.outcome, ECHO_OUTCOME_RETURNED);
	assert_int_equal(b.proof.tries, 2);
	echo_free(b.echo);
}

static void a_router_that_does_not_forward_is_not_asked_at_each_try(void **state)
{
	struct bench b = bench_make(&ipv4);
	struct echo_request r = request_of(&ipv4);

	(void)state;
	b.forwards = false;
	r.tries = 50;
	r.spacing_us = 40000;
	assert_int_equal(echo_prove(b.echo, b.now, &r), 0);
	run(&b, DURATION_S(3));
	assert_int_equal(b.packets, 50);
	assert_in_range(b.questions, 2, 10);
	assert_int_equal(b.alone, b.questions - 1);
	echo_free(b.echo);
}

static void those_that_are_patient_are_told_together(void **state)
{
	struct bench b = bench_make(&ipv4);
	struct echo_request r = request_of(&ipv4);

	(void)state;
	r.patient = true;
	for (int k = 0; k < 3; k++) {
		assert_int_equal(echo_prove(b.echo, b.now, &r), 0);
		run(&b, DURATION_MS(5));
	}
	assert_int_equal(b.packets, 3);
	assert_int_equal(b.proofs, 0);
	assert_false(echo_has_news(b.echo));
	run(&b, DURATION_MS(6));
	assert_int_equal(b.proofs, 3);
	assert_true(echo_is_empty(b.echo));
	assert_true(instant_is_never(echo_deadline(b.echo)));
	/* Who is not has them told with his own. */
	assert_int_equal(echo_prove(b.echo, b.now, &r), 0);
	run(&b, DURATION_MS(1));
	assert_int_equal(b.proofs, 3);
	r.patient = false;
	assert_int_equal(echo_prove(b.echo, b.now, &r), 0);
	run(&b, DURATION_MS(1));
	assert_int_equal(b.proofs, 5);
	assert_true(instant_is_never(echo_deadline(b.echo)));
	echo_free(b.echo);
}

static void many_at_once_leave_in_bursts(void **state)
{
	const struct echo_settings settings = { 1, ECHO_PROOFS_MAX, { 5, 6 } };
	struct bench b = bench_make(&ipv4);
	struct echo_request r = request_of(&ipv4);

	(void)state;
	echo_free(b.echo);
	b.echo = echo_new(&settings, 1);
	for (unsigned k = 0; k < ECHO_PROOFS_MAX; k++) {
		r.token = k;
		r.destination.bytes[2] = (uint8_t)(k >> 8);
		r.destination.bytes[3] = (uint8_t)k;
		assert_int_equal(echo_prove(b.echo, b.now, &r), 0);
	}
	assert_int_equal(echo_prove(b.echo, b.now, &r), -ENOSPC);
	assert_int_equal(echo_proofs_open(b.echo), ECHO_PROOFS_MAX);
	pump(&b);
	assert_true(b.packets > 0 && b.packets <= 64);
	run(&b, DURATION_MS(80));
	assert_int_equal(b.proofs, ECHO_PROOFS_MAX);
	assert_int_equal(b.packets, ECHO_PROOFS_MAX);
	assert_int_equal(b.questions, 1);
	assert_int_equal(b.proof.outcome, ECHO_OUTCOME_RETURNED);
	echo_free(b.echo);
}

static void a_proof_stays_until_it_is_told(void **state)
{
	struct bench b = proving(&ipv4);
	struct echo_send s;
	struct ether_frame frame;
	struct echo_proof proofs[2];
	struct path path;
	size_t position = 0;

	(void)state;
	assert_true(echo_path_next(b.echo, &position, &path));
	assert_true(path_equal(&path, &ipv4));
	assert_false(echo_path_next(b.echo, &position, &path));
	while (echo_output(b.echo, b.now, &s)) {
		echo_send_frame(b.echo, &s, our_mac, &frame);
		if (s.asks) {
			answer(&b, &frame);
		} else {
			b.last = forward(&b, &frame);
			hear(&b, &b.last);
		}
	}
	assert_true(echo_has_news(b.echo));
	assert_int_equal(echo_proofs(b.echo, proofs, 2), 1);
	assert_int_equal(echo_proofs(b.echo, proofs, 2), 1);
	assert_int_equal(proofs[0].outcome, ECHO_OUTCOME_RETURNED);
	assert_false(echo_is_empty(b.echo));
	assert_int_equal(echo_proofs_open(b.echo), 0);
	echo_proofs_told(b.echo, 2);
	assert_int_equal(echo_proofs(b.echo, proofs, 2), 0);
	assert_true(echo_is_empty(b.echo));
	echo_free(b.echo);
}

static void what_cannot_be_proven_is_refused(void **state)
{
	struct bench b = bench_make(&ipv4);
	struct echo_request r = request_of(&ipv4), good = r;

	(void)state;
	r.tries = 0;
	assert_int_equal(echo_prove(b.echo, b.now, &r), -EINVAL);
	r.tries = ECHO_TRIES_MAX + 1;
	assert_int_equal(echo_prove(b.echo, b.now, &r), -EINVAL);
	r = good;
	r.spacing_us = 0;
	assert_int_equal(echo_prove(b.echo, b.now, &r), -EINVAL);
	r = good;
	r.destination = global;
	assert_int_equal(echo_prove(b.echo, b.now, &r), -EINVAL);
	r = good;
	r.destination = address_ipv4(0xe0000009);
	assert_int_equal(echo_prove(b.echo, b.now, &r), -EINVAL);
	r = request_of(&ipv6);
	r.source = ipv6.local;
	assert_int_equal(echo_prove(b.echo, b.now, &r), -EINVAL);
	assert_true(echo_is_empty(b.echo));
	echo_free(b.echo);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_that_comes_back_is_proven_at_once),
		cmocka_unit_test(the_time_is_that_of_the_try_that_came_back),
		cmocka_unit_test(silence_is_a_loss_after_all_tries),
		cmocka_unit_test(a_router_that_is_not_found_is_no_loss),
		cmocka_unit_test(errors_are_understood),
		cmocka_unit_test(one_that_comes_back_behind_an_error_is_proven),
		cmocka_unit_test(errors_that_quote_too_little_or_another_thing_are_not_believed),
		cmocka_unit_test(what_no_router_has_forwarded_proves_nothing),
		cmocka_unit_test(a_router_that_has_moved_is_found_by_the_second_try),
		cmocka_unit_test(a_router_that_is_known_is_asked_alone_now_and_then),
		cmocka_unit_test(a_router_that_has_moved_is_found_within_one_proof),
		cmocka_unit_test(what_was_sent_to_where_the_router_was_is_sent_once_more),
		cmocka_unit_test(a_router_that_does_not_forward_is_not_asked_at_each_try),
		cmocka_unit_test(those_that_are_patient_are_told_together),
		cmocka_unit_test(many_at_once_leave_in_bursts),
		cmocka_unit_test(a_proof_stays_until_it_is_told),
		cmocka_unit_test(what_cannot_be_proven_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
