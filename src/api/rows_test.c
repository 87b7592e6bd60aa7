/* SPDX-License-Identifier: Apache-2.0 */
/* Rows as JSON: no value is beyond a table of names. */
#include "api/rows.h"
#include "node/protocol.h"

#include <stdlib.h>

#include "api/cursor.h"
#include "base/unit.h"

static const struct moment at = { { 1 }, 1 };

/* What was printed is JSON and has this in it. */
static void assert_printed(struct json *j, const char *what)
{
	struct cursor c;
	char *text;

	assert_false(j->failed);
	cursor_init(&c, j->at, j->length);
	cursor_skip(&c);
	cursor_finish(&c);
	assert_false(c.failed);
	text = strndup(j->at, j->length);
	if (!strstr(text, what))
		fail_msg("there is no %s in %s", what, text);
	free(text);
	json_done(j);
}

static void test_a_value_without_a_name_is_printed_as_such(void **state)
{
	struct row_route route = { .n_paths = 255, .paths[0].state = 200 };
	struct row_interface interface = {
		.interface.kind = 200,
		.n_spoken = 1,
		.spoken = { { .protocol = PROTOCOL_RIP, .speaker.auth = 200 } },
		.n_addresses = 255,
	};
	struct finding finding = { .severity = 200 };
	struct row_neighbor neighbor = {
		.bfd = { .wanted = true,
			 .state = 200,
			 .remote_state = 200,
			 .diagnostic = 200,
			 .known = true },
		.probe = { .wanted = true, .state = 200, .known = true },
	};
	struct row_session session = { .is_probe = true, .probe = { .state = 200, .known = true } };
	struct row_vip vip = { .state = 200,
			       .n_accepted = 255,
			       .settings = { .check = "c", .arp = 200, .conflict = 200 },
			       .rival.seen = 200,
			       .check.state = 200,
			       .drain.phase = 200 };
	struct row_check check = { .state = 200, .settings = { .kind = 200, .failing = 200 } };
	struct json j;

	(void)state;
	json_init(&j);
	row_print_route(&j, &route);
	assert_printed(&j, "\"state\":\"?\"");
	row_print_interface(&j, &interface);
	assert_printed(&j, "\"kind\":\"?\"");
	row_print_finding(&j, &finding);
	assert_printed(&j, "\"severity\":\"?\"");
	row_print_neighbor(&j, &neighbor, at);
	assert_printed(&j, "\"state\":\"?\"");
	row_print_session(&j, &session, at);
	assert_printed(&j, "\"state\":\"?\"");
	row_print_vip(&j, &vip, at);
	assert_printed(&j, "\"arp\":null");
	row_print_check(&j, &check, at);
	assert_printed(&j, "\"kind\":null");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_value_without_a_name_is_printed_as_such),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
