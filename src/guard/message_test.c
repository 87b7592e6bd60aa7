/* SPDX-License-Identifier: Apache-2.0 */
#include "guard/message.h"
#include "node/boundary.h"

#include <errno.h>
#include <string.h>

#include "base/unit.h"
#include "node/will.h"

/* As large as they can be. */
static const struct bfd_params whole = {
	.tx_us = 10000,
	.rx_us = 20000,
	.multiplier = 3,
	.auth = BFD_AUTH_SHA1,
	.n_secrets = 4,
	.secrets = { { 1, 20, "12345678901234567890" },
		     { 2, 20, "12345678901234567890" },
		     { 3, 20, "12345678901234567890" },
		     { 4, 20, "12345678901234567890" } },
};

static struct echo_request request_of(const struct path *path)
{
	struct echo_request r;

	memset(&r, 0, sizeof(r));
	r.token = UINT32_MAX;
	r.tries = ECHO_TRIES_MAX;
	r.patient = true;
	r.spacing_us = ECHO_INTERVAL_MAX_US;
	r.path = *path;
	r.source = r.destination = path->local;
	return r;
}

static struct echo_proof proof_of(const struct path *path)
{
	struct echo_proof p;

	memset(&p, 0, sizeof(p));
	p.token = UINT32_MAX;
	p.outcome = ECHO_OUTCOME_REFUSED;
	p.refusal = ECHO_REFUSAL_PROHIBITED;
	p.tries = p.questions = UINT8_MAX;
	p.path = *path;
	p.destination = path->local;
	p.interface = UINT32_MAX;
	p.ttl = 254;
	p.time_us = UINT32_MAX;
	p.mac[5] = 9;
	p.by = path->peer;
	return p;
}

static void what_is_said_is_understood(void **state)
{
	const struct path proven = { UINT32_MAX,
				     { FAMILY_IPV6, { 0x20, 1, [15] = 1 } },
				     { FAMILY_IPV6, { 0x20, 1, [15] = 2 } } };

	(void)state;
	for (uint8_t kind = GUARD_HELLO; kind <= GUARD_PROVED; kind++) {
		struct guard_message m, heard;
		uint8_t bytes[GUARD_MESSAGE_BYTES];
		size_t length;

		/* What is compared as bytes has its padding set. */
		memset(&m, 0, sizeof(m));
		m.kind = kind;
		m.version = GUARD_VERSION;
		if (kind == GUARD_HELLO)
			m.grace = DURATION_MS(12345);
		if ((kind >= GUARD_BFD_SET && kind < GUARD_COUNTERS) || kind >= GUARD_ECHO_SET) {
			m.key.interface = 7;
			m.key.peer = address_ipv4(0x0a000001);
			m.key.local = address_ipv4(0x0a000002);
		}
		if (kind == GUARD_BFD_SET)
			m.params = whole;
		if (kind == GUARD_BFD_STATE)
			m.state = m.remote_state = m.diagnostic = m.remote_diagnostic = 1;
		if (kind == GUARD_PROBE_SET) {
			m.probe.interval_us = 10000;
			m.probe.multiplier = 3;
		}
		if (kind == GUARD_PROBE_STATE)
			m.state = PROBE_STATE_DOWN;
		if (kind == GUARD_ECHO_SET) {
			m.echo.interval_us = 10000;
			m.echo.multiplier = 3;
			m.echo.source = address_ipv4(0x0a000002);
		}
		if (kind == GUARD_ECHO_STATE)
			m.state = ECHO_STATE_DOWN;
		for (size_t k = 0; k < GUARD_PROOFS_MAX; k++) {
			m.requests[k] = request_of(&proven);
			m.proofs[k] = proof_of(&proven);
		}
		m.n_requests = kind == GUARD_PROVE ? GUARD_PROOFS_MAX : 0;
		m.n_proofs = kind == GUARD_PROVED ? GUARD_PROOFS_MAX : 0;
		if (kind == GUARD_COUNTERS)
			memset(&m.counters, 0xa5, sizeof(m.counters));
		length = guard_message_encode(&m, bytes);
		assert_int_equal(guard_message_decode(bytes, length, &heard), 0);
		assert_int_equal(heard.kind, m.kind);
		assert_int_equal(heard.version, m.version);
		assert_int_equal(heard.grace.ns, m.grace.ns);
		assert_true(path_equal(&heard.key, &m.key));
		assert_memory_equal(&heard.params, &m.params, sizeof(m.params));
		assert_memory_equal(&heard.probe, &m.probe, sizeof(m.probe));
		assert_int_equal(heard.echo.interval_us, m.echo.interval_us);
		assert_int_equal(heard.echo.multiplier, m.echo.multiplier);
		assert_true(address_equal(&heard.echo.source, &m.echo.source));
		assert_int_equal(heard.n_requests, m.n_requests);
		assert_int_equal(heard.n_proofs, m.n_proofs);
		for (size_t k = 0; k < m.n_requests; k++)
			assert_true(record_equal(&echo_request_record, &heard.requests[k],
						 &m.requests[k]));
		for (size_t k = 0; k < m.n_proofs; k++)
			assert_true(
				record_equal(&echo_proof_record, &heard.proofs[k], &m.proofs[k]));
		assert_int_equal(heard.state, m.state);
		assert_int_equal(heard.counters.delays[GUARD_DELAYS - 1],
				 m.counters.delays[GUARD_DELAYS - 1]);
		assert_int_equal(heard.counters.probe_drops[PROBE_DROP_COUNT - 1],
				 m.counters.probe_drops[PROBE_DROP_COUNT - 1]);
		assert_int_equal(heard.counters.echo_drops[ECHO_DROP_COUNT - 1],
				 m.counters.echo_drops[ECHO_DROP_COUNT - 1]);
		assert_int_equal(heard.remote_diagnostic, m.remote_diagnostic);
		/* And nothing that is cut short within a field. */
		if (length > 2)
			assert_int_equal(guard_message_decode(bytes, length - 1, &heard), -EBADMSG);
		assert_int_equal(guard_message_decode(bytes, 1, &heard), -EBADMSG);
	}
}

static void what_a_later_version_says_more_is_passed_over(void **state)
{
	static const uint8_t hello[] = {
		GUARD_HELLO, GUARD_VERSION, 1, 1, 100, 90, 3, 'n', 'e', 'w'
	};
	static const uint8_t later[] = { GUARD_PROVED + 1, GUARD_VERSION, 90, 1, 1 };
	static const uint8_t zero[] = { 0, GUARD_VERSION }, cut[] = { GUARD_BYE, GUARD_VERSION, 0 };
	struct guard_message heard;

	(void)state;
	assert_int_equal(guard_message_decode(hello, sizeof(hello), &heard), 0);
	assert_int_equal(heard.grace.ns, 50);
	assert_int_equal(guard_message_decode(later, sizeof(later), &heard), 0);
	assert_int_equal(heard.kind, GUARD_PROVED + 1);
	assert_int_equal(guard_message_decode(zero, sizeof(zero), &heard), -EBADMSG);
	assert_int_equal(guard_message_decode(cut, sizeof(cut), &heard), -EBADMSG);
}

static void a_grace_time_that_is_not_said_or_not_possible_is_the_usual_one(void **state)
{
	static const uint8_t nothing[] = { GUARD_HELLO, GUARD_VERSION },
			     zero[] = { GUARD_HELLO, GUARD_VERSION, 1, 1, 0 },
			     a_century[] = { GUARD_HELLO, GUARD_VERSION, 1, 8, 0x57, 0xcc,
					     0xdc,	  0x79,		 0, 0, 0,    0 };
	struct guard_message heard;

	(void)state;
	assert_int_equal(guard_message_decode(nothing, sizeof(nothing), &heard), 0);
	assert_int_equal(heard.grace.ns, WILL_GRACE_DEFAULT.ns);
	assert_int_equal(guard_message_decode(zero, sizeof(zero), &heard), 0);
	assert_int_equal(heard.grace.ns, WILL_GRACE_DEFAULT.ns);
	assert_int_equal(guard_message_decode(a_century, sizeof(a_century), &heard), 0);
	assert_int_equal(heard.grace.ns, WILL_GRACE_DEFAULT.ns);
}

static void what_a_kind_must_say_is_there_or_it_is_no_message(void **state)
{
	static const uint8_t kinds[] = { GUARD_BFD_SET,	  GUARD_BFD_REMOVE,   GUARD_BFD_STATE,
					 GUARD_PROBE_SET, GUARD_PROBE_REMOVE, GUARD_PROBE_STATE };
	static const uint8_t empty[][2] = { { GUARD_PROVE, GUARD_VERSION },
					    { GUARD_PROVED, GUARD_VERSION } };
	struct path path = { 7, address_ipv4(0x0a000001), address_ipv4(0x0a000002) };
	struct guard_message heard;

	(void)state;
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(guard_message_decode(empty[i], 2, &heard), -EBADMSG);
	for (size_t i = 0; i < sizeof(kinds); i++) {
		struct guard_message m = { .kind = kinds[i], .version = GUARD_VERSION };
		uint8_t bytes[GUARD_MESSAGE_BYTES];
		bool set = m.kind == GUARD_BFD_SET || m.kind == GUARD_PROBE_SET;

		assert_int_equal(
			guard_message_decode(bytes, guard_message_encode(&m, bytes), &heard),
			-EBADMSG);
		m.key = path;
		assert_int_equal(
			guard_message_decode(bytes, guard_message_encode(&m, bytes), &heard),
			set ? -EBADMSG : 0);
		m.state = 200;
		assert_int_equal(
			guard_message_decode(bytes, guard_message_encode(&m, bytes), &heard),
			kinds[i] == GUARD_BFD_REMOVE || kinds[i] == GUARD_PROBE_REMOVE ? 0
										       : -EBADMSG);
	}
}

static void of_another_version_kind_and_version_are_understood(void **state)
{
	static const uint8_t bytes[] = { GUARD_HELLO, GUARD_VERSION + 1, 1, 2, 3 };
	struct guard_message heard;

	(void)state;
	for (size_t length = 2; length <= sizeof(bytes); length++) {
		assert_int_equal(guard_message_decode(bytes, length, &heard), 0);
		assert_int_equal(heard.kind, GUARD_HELLO);
		assert_int_equal(heard.version, GUARD_VERSION + 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_said_is_understood),
		cmocka_unit_test(what_a_later_version_says_more_is_passed_over),
		cmocka_unit_test(a_grace_time_that_is_not_said_or_not_possible_is_the_usual_one),
		cmocka_unit_test(what_a_kind_must_say_is_there_or_it_is_no_message),
		cmocka_unit_test(of_another_version_kind_and_version_are_understood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
