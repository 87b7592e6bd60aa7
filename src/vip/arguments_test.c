/* SPDX-License-Identifier: Apache-2.0 */
/* Options between arguments, and mistakes. */
#include "vip/arguments.h"

#include "vip/client.h"

#include "base/unit.h"

static const struct command command = { .name = "bind",
					.arguments = "ADDRESS",
					.summary = "Binds",
					.details = "  --now       at once\n"
						   "  --metric N  with that\n"
						   "  -f FILE     from a file\n",
					.high = 2 };

struct taken {
	struct vip v;
	int argc;
	char *argv[10];
	int code;
};

/* What is found points into `t`, which is therefore nobody's copy. */
static struct taken *take(struct taken *t, const char *const *words)
{
	t->v.command = &command;
	while (words[t->argc]) {
		t->argv[t->argc] = (char *)words[t->argc];
		t->argc++;
	}
	t->code = arguments_take(&t->v, &t->argc, t->argv);
	return t;
}

#define TAKE(...) take(&(struct taken){ 0 }, (const char *const[]){ __VA_ARGS__, NULL })

static void test_options_stand_in_any_order(void **state)
{
	struct taken *t =
		TAKE("a", "--metric", "2", "--metric=3", "--json", "b", "--now", "--socket=/s");

	(void)state;
	assert_int_equal(t->code, -1);
	assert_int_equal(t->argc, 2);
	assert_string_equal(t->argv[0], "a");
	assert_string_equal(t->argv[1], "b");
	assert_string_equal(option_value(&t->v, "--metric"), "3");
	assert_true(option_given(&t->v, "--now"));
	assert_true(t->v.json);
	assert_string_equal(t->v.socket, "/s");
}

static void test_behind_two_dashes_nothing_is_an_option(void **state)
{
	struct taken *t = TAKE("-", "--", "--now");

	(void)state;
	assert_int_equal(t->code, -1);
	assert_int_equal(t->argc, 2);
	assert_string_equal(t->argv[1], "--now");
	assert_false(option_given(&t->v, "--now"));
}

static void test_mistakes_are_told_and_end_with_2(void **state)
{
	(void)state;
	assert_int_equal(TAKE("--nwo")->code, VIP_USAGE);
	assert_int_equal(TAKE("--metric")->code, VIP_USAGE);
	assert_int_equal(TAKE("--now=1")->code, VIP_USAGE);
	assert_int_equal(TAKE("-x")->code, VIP_USAGE);
	assert_int_equal(TAKE("-f=x")->code, VIP_USAGE);
	assert_int_equal(TAKE("a", "b", "c")->code, VIP_USAGE);
}

static void test_a_path_is_escaped(void **state)
{
	char path[64];

	(void)state;
	client_path(path, sizeof(path), "/v1/vips/", "2001:db8::1", "?now=1");
	assert_string_equal(path, "/v1/vips/2001:db8::1?now=1");
	client_path(path, sizeof(path), "/v1/boards/", "a b/?\r\n%", "");
	assert_string_equal(path, "/v1/boards/a%20b%2F%3F%0D%0A%25");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_options_stand_in_any_order),
		cmocka_unit_test(test_behind_two_dashes_nothing_is_an_option),
		cmocka_unit_test(test_mistakes_are_told_and_end_with_2),
		cmocka_unit_test(test_a_path_is_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
