/* SPDX-License-Identifier: Apache-2.0 */
/* Rows as JSON: what a row does not have is not printed, and no value is beyond a table of names.
 */
#include "api/rows.h"

#include <stdlib.h>

#include "api/cursor.h"
#include "base/unit.h"

/* Prints the row, which must be JSON, and returns the text; to be freed. */
static char *printed(const struct effect *row)
{
	struct cursor c;
	struct json j;
	char *text;

	json_init(&j);
	row_print(&j, row, (struct moment){ { 1 }, 1 });
	assert_false(j.failed);
	cursor_init(&c, j.at, j.length);
	cursor_skip(&c);
	cursor_finish(&c);
	assert_false(c.failed);
	text = strndup(j.at, j.length);
	json_done(&j);
	return text;
}

static void assert_printed(const struct effect *row, const char *what)
{
	char *text = printed(row);

	if (!strstr(text, what))
		fail_msg("there is no %s in %s", what, text);
	free(text);
}

/* As it goes through the node's outbox into memory in which something else stood. */
static struct effect carried(const struct effect *row)
{
	uint8_t bytes[EFFECT_BYTES_MAX];
	struct effect there;

	memset(&there, 'x', sizeof(there));
	assert_int_equal(effect_decode(bytes, effect_encode(row, bytes), &there), 0);
	return there;
}

static void test_a_rival_s_route_says_nothing_of_memory_that_it_does_not_have(void **state)
{
	struct effect row = { .kind = EFFECT_ROW_ROUTE }, there;

	(void)state;
	row.row.route.prefix = (struct prefix){ address_ipv4(0x0a090101), 32 };
	there = carried(&row);
	assert_printed(&there, "\"kernel\":false,\"via\":[],\"reason\":\"\"}");
}

static void test_a_value_without_a_name_is_printed_as_such(void **state)
{
	struct effect row;

	(void)state;
	row = (struct effect){ .kind = EFFECT_ROW_ROUTE };
	row.row.route.n_paths = 255;
	row.row.route.paths[0].state = 200;
	assert_printed(&row, "\"state\":\"?\"");
	row = (struct effect){ .kind = EFFECT_ROW_INTERFACE };
	row.row.interface.interface.kind = 200;
	row.row.interface.rip_enabled = true;
	row.row.interface.rip.auth = 200;
	row.row.interface.n_addresses = 255;
	assert_printed(&row, "\"kind\":\"?\"");
	row = (struct effect){ .kind = EFFECT_ROW_FINDING };
	row.row.finding.severity = 200;
	assert_printed(&row, "\"severity\":\"?\"");
	row = (struct effect){ .kind = EFFECT_ROW_NEIGHBOR };
	row.row.neighbor.bfd = (struct row_bfd){
		.wanted = true, .state = 200, .remote_state = 200, .diagnostic = 200, .known = true
	};
	row.row.neighbor.probe = (struct row_probe){ .wanted = true, .state = 200, .known = true };
	assert_printed(&row, "\"state\":\"?\"");
	row = (struct effect){ .kind = EFFECT_ROW_SESSION };
	row.row.session.is_probe = true;
	row.row.session.probe = (struct row_probe){ .wanted = true, .state = 200, .known = true };
	assert_printed(&row, "\"state\":\"?\"");
	row = (struct effect){ .kind = EFFECT_ROW_VIP };
	row.row.vip = (struct row_vip){ .state = 200, .n_accepted = 255, .settings.check = "c" };
	row.row.vip.settings.arp = row.row.vip.settings.conflict = 200;
	row.row.vip.rival.seen = row.row.vip.check.state = row.row.vip.drain.phase = 200;
	assert_printed(&row, "\"arp\":null");
	row = (struct effect){ .kind = EFFECT_ROW_CHECK };
	row.row.check.state = 200;
	row.row.check.settings.kind = row.row.check.settings.failing = 200;
	assert_printed(&row, "\"kind\":null");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_rival_s_route_says_nothing_of_memory_that_it_does_not_have),
		cmocka_unit_test(test_a_value_without_a_name_is_printed_as_such),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
