/* SPDX-License-Identifier: Apache-2.0 */
#include "vipd/options.h"

#include <getopt.h>

#include "base/container.h"
#include "base/unit.h"

static const char *state_of(const char *first, const char *second, const char *third,
			    const char *fourth)
{
	const char *words[] = { "vipd", first, second, third, fourth, NULL };
	static struct options o;
	enum exit_code code;
	int count = 1;

	while (count < 5 && words[count])
		count++;
	optind = 0;
	assert_true(options_parse(count, (char **)words, &o, &code));
	return options_state(&o);
}

static void a_vipd_with_the_default_socket_has_the_default_state_directory(void **state)
{
	(void)state;
	assert_string_equal(state_of(NULL, NULL, NULL, NULL), "/var/lib/vipd");
	assert_string_equal(state_of("--socket", "/run/vipd/vipd.sock", NULL, NULL),
			    "/var/lib/vipd");
}

static void a_vipd_with_another_socket_has_another_state_directory(void **state)
{
	static const struct {
		const char *socket, *state;
	} cases[] = {
		{ "/run/a/b.sock", "/var/lib/vipd/run-a-b.sock" },
		{ "/run/a.sock", "/var/lib/vipd/run-a.sock" },
		{ "//run/a.sock", "/var/lib/vipd/run-a.sock" },
		{ "a/b", "/var/lib/vipd/a-b" },
		{ "../a", "/var/lib/vipd/..-a" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
		assert_string_equal(state_of("--socket", cases[i].socket, NULL, NULL),
				    cases[i].state);
}

static void a_state_directory_that_is_given_is_taken(void **state)
{
	(void)state;
	assert_string_equal(state_of("--socket", "/run/a.sock", "--state-dir", "/srv/a"), "/srv/a");
	assert_string_equal(state_of("--state-dir", "/srv/a", NULL, NULL), "/srv/a");
}

static void a_socket_that_is_too_long_is_left_to_be_refused(void **state)
{
	char path[512];

	(void)state;
	memset(path, 'a', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_true(strlen(state_of("--socket", path, NULL, NULL)) < OPTIONS_STATE_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_vipd_with_the_default_socket_has_the_default_state_directory),
		cmocka_unit_test(a_vipd_with_another_socket_has_another_state_directory),
		cmocka_unit_test(a_state_directory_that_is_given_is_taken),
		cmocka_unit_test(a_socket_that_is_too_long_is_left_to_be_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
