/* SPDX-License-Identifier: Apache-2.0 */
/* The printer, and the rows that it prints. */
#include "api/json.h"

#include <stdlib.h>

#include "api/journal.h"
#include "api/rows.h"
#include "base/text.h"
#include "base/unit.h"

/* Takes what was printed, as a terminated text that the caller frees. */
static char *taken(struct json *j)
{
	json_raw(j, "", 1);
	assert_false(j->failed);
	return j->at;
}

static void check(struct json *j, const char *expected)
{
	char *text = taken(j);

	assert_string_equal(text, expected);
	free(text);
}

static void check_end(struct json *j, const char *expected)
{
	char *text = taken(j);

	assert_true(strlen(text) >= strlen(expected));
	assert_string_equal(text + strlen(text) - strlen(expected), expected);
	free(text);
}

static void test_members_are_parted_by_commas_and_nothing_else_is(void **state)
{
	struct json j;

	(void)state;
	json_init(&j);
	json_open(&j, NULL, '{');
	json_open(&j, "empty", '[');
	json_close(&j, ']');
	json_open(&j, "list", '[');
	json_number(&j, NULL, 1);
	json_bool(&j, NULL, true);
	json_open(&j, NULL, '{');
	json_close(&j, '}');
	json_close(&j, ']');
	json_null(&j, "nothing");
	json_close(&j, '}');
	check(&j, "{\"empty\":[],\"list\":[1,true,{}],\"nothing\":null}");
}

static void test_draining_keeps_the_place_in_the_document(void **state)
{
	struct json j;

	(void)state;
	json_init(&j);
	json_open(&j, NULL, '[');
	json_number(&j, NULL, 1);
	json_drain(&j);
	json_number(&j, NULL, 2);
	json_close(&j, ']');
	check(&j, ",2]");
}

static void test_strings_are_escaped_and_made_utf8(void **state)
{
	static const struct {
		const char *from, *to;
	} cases[] = {
		{ "", "\"\"" },
		{ "a\"b\\c", "\"a\\\"b\\\\c\"" },
		{ "\n\x1b[1m\x7f", "\"\\u000a\\u001b[1m\\u007f\"" },
		{ "gr\xc3\xbcn \xf0\x9f\x98\x80", "\"gr\xc3\xbcn \xf0\x9f\x98\x80\"" },
		{ "\xff"
		  "a\xc3",
		  "\"\xef\xbf\xbd"
		  "a\xef\xbf\xbd\"" },
		{ "\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct json j;

		json_init(&j);
		json_string(&j, NULL, cases[i].from);
		check(&j, cases[i].to);
	}
}

static void test_times_and_ages_have_milliseconds(void **state)
{
	struct json j;

	(void)state;
	json_init(&j);
	json_open(&j, NULL, '{');
	json_time(&j, "t", INT64_C(1767268800123456789));
	json_time(&j, "before", INT64_C(-1500000000));
	json_string(&j, "none", NULL);
	json_seconds(&j, "a", DURATION_MS(12345));
	json_seconds(&j, "b", DURATION_MS(-7));
	json_close(&j, '}');
	check(&j, "{\"t\":\"2026-01-01T12:00:00.123Z\",\"before\":\"1969-12-31T23:59:58.500Z\","
		  "\"none\":null,\"a\":12.345,\"b\":-0.007}");
}

static void test_a_rival_is_printed_as_it_was_seen(void **state)
{
	const struct moment at = { { 5000000000 }, INT64_C(1767268805000000000) };
	struct row_vip vip = { 0 };
	struct row_rival *rival = &vip.rival;
	struct json j;

	(void)state;
	rival->since = (struct instant){ 3500000000 };
	text_copy(rival->interface, INTERFACE_NAME_MAX, "eth1");
	rival->seen = RIVAL_ON_WIRE;
	memcpy(rival->mac, (uint8_t[]){ 2, 0, 0, 0, 0, 0xab }, ETHER_MAC_BYTES);
	json_init(&j);
	row_print_vip(&j, &vip, at);
	check_end(&j, "\"rival\":{\"seen\":\"wire\",\"interface\":\"eth1\","
		      "\"mac\":\"02:00:00:00:00:ab\","
		      "\"since\":\"2026-01-01T12:00:03.500Z\",\"age\":1.500}}");
	rival->seen = RIVAL_IN_ROUTING;
	rival->neighbor = address_ipv4(0x0a010001);
	rival->metric = 2;
	json_init(&j);
	row_print_vip(&j, &vip, at);
	check_end(&j, "\"rival\":{\"seen\":\"routing\",\"interface\":\"eth1\","
		      "\"neighbor\":\"10.1.0.1\",\"metric\":2,"
		      "\"since\":\"2026-01-01T12:00:03.500Z\",\"age\":1.500}}");
}

static void test_a_vip_is_printed_with_the_names_of_the_contract(void **state)
{
	const struct moment at = { { 5000000000 }, INT64_C(1767268805000000000) };
	struct row_vip vip = { 0 }, *v = &vip;
	struct json j;

	(void)state;
	vip_settings_default(&v->settings);
	v->settings.address = address_ipv4(0x0a090101);
	v->settings.length = 24;
	v->settings.metric = 0;
	v->metric = 8;
	v->own_metric = 3;
	v->announced = true;
	v->state = VIP_STATE_ACCEPTED;
	v->since = (struct instant){ 3500000000 };
	v->configured = true;
	v->n_accepted = 1;
	text_copy(v->accepted_by[0].interface, INTERFACE_NAME_MAX, "eth1");
	v->accepted_by[0].neighbor = address_ipv4(0x0a010001);
	v->no_proof = 1;
	json_init(&j);
	row_print_vip(&j, &vip, at);
	check(&j, "{\"address\":\"10.9.1.1\",\"length\":24,\"network\":\"10.9.1.0/24\","
		  "\"state\":\"accepted\","
		  "\"since\":\"2026-01-01T12:00:03.500Z\",\"age\":1.500,\"reason\":\"\","
		  "\"metric\":8,\"own_metric\":3,\"board\":\"vnic0\",\"announce\":true,"
		  "\"arp\":\"silent\",\"conflict\":\"refuse\",\"source\":true,\"label\":\"\","
		  "\"ping\":true,\"announced\":true,\"check\":null,\"held\":\"address\","
		  "\"configured\":true,"
		  "\"accepted_by\":[{\"interface\":\"eth1\","
		  "\"neighbor\":\"10.1.0.1\"}],\"no_proof\":1,\"proven_by\":[],"
		  "\"not_forwarded_by\":[]}");
}

static void test_the_journal_keeps_the_last_events(void **state)
{
	struct event e = { .kind = EVENT_NOTE };
	struct journal j;

	(void)state;
	assert_int_equal(journal_init(&j), 0);
	assert_true(journal_first(&j) == 0);
	for (uint32_t i = 0; i < JOURNAL_EVENTS_MAX + 10; i++) {
		e.count = i;
		journal_add(&j, &e, i);
	}
	assert_true(journal_first(&j) == 10);
	assert_int_equal(journal_at(&j, 10)->event.count, 10);
	assert_int_equal(journal_at(&j, j.next - 1)->event.count, JOURNAL_EVENTS_MAX + 9);
	journal_done(&j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_members_are_parted_by_commas_and_nothing_else_is),
		cmocka_unit_test(test_draining_keeps_the_place_in_the_document),
		cmocka_unit_test(test_strings_are_escaped_and_made_utf8),
		cmocka_unit_test(test_times_and_ages_have_milliseconds),
		cmocka_unit_test(test_a_vip_is_printed_with_the_names_of_the_contract),
		cmocka_unit_test(test_a_rival_is_printed_as_it_was_seen),
		cmocka_unit_test(test_the_journal_keeps_the_last_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
