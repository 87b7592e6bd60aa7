/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of every width, and how ages read. */
#include "vip/table.h"

#include <stdlib.h>

#include "base/container.h"
#include "base/unit.h"

static const struct column columns[] = {
	{ .title = "NAME" },
	{ .title = "N", .right = true },
	{ .title = "EMPTY" },
	{ .title = "LABEL", .fit = COLUMN_CUT },
	{ .title = "WHY", .fit = COLUMN_WRAP },
};

static struct table *table(void)
{
	struct table *t = table_new(columns, ARRAY_LENGTH(columns));

	assert_non_null(t);
	table_cell(t, COLOUR_NONE, "one");
	table_cell(t, COLOUR_GOOD, "%d", 1);
	table_cell(t, COLOUR_NONE, "%s", "");
	table_cell(t, COLOUR_NONE, "a label that is long");
	table_cell(t, COLOUR_NONE, "it is so because it is so");
	table_cell(t, COLOUR_NONE, "gr\xc3\xbcn");
	table_cell(t, COLOUR_NONE, "100");
	table_cell(t, COLOUR_NONE, "%s", "");
	table_cell(t, COLOUR_NONE, "x\x1b[2J");
	table_cell(t, COLOUR_NONE, "%s", "");
	return t;
}

static void check(size_t width, bool colours, const char *expected)
{
	struct table *t = table();
	char *text = NULL;
	size_t length = 0;
	FILE *to = open_memstream(&text, &length);

	assert_non_null(to);
	assert_true(table_print(t, to, width, colours));
	fclose(to);
	assert_string_equal(text, expected);
	free(text);
	table_free(t);
}

static void test_without_a_width_every_cell_is_whole(void **state)
{
	(void)state;
	check(0, false,
	      "NAME    N  LABEL                 WHY\n"
	      "one     1  a label that is long  it is so because it is so\n"
	      "gr\xc3\xbcn  100  x?[2J\n");
}

static void test_a_table_shrinks_to_the_terminal(void **state)
{
	(void)state;
	check(40, false,
	      "NAME    N  LABEL          WHY\n"
	      "one     1  a label that\xe2\x80\xa6  it is so\n"
	      "                          because it is\n"
	      "                          so\n"
	      "gr\xc3\xbcn  100  x?[2J\n");
}

static void test_what_does_not_fit_into_a_line_goes_on_in_the_next(void **state)
{
	(void)state;
	check(16, false,
	      "NAME    N\n"
	      "    LABEL\n"
	      "    WHY\n"
	      "one     1\n"
	      "    a label tha\xe2\x80\xa6\n"
	      "    it is so\n"
	      "    because it\n"
	      "    is so\n"
	      "gr\xc3\xbcn  100\n"
	      "    x?[2J\n");
}

static void test_an_address_is_never_broken(void **state)
{
	static const struct column two[] = { { .title = "NAME" },
					     { .title = "ADDRESSES", .fit = COLUMN_WRAP },
					     { .title = "REASON", .fit = COLUMN_WRAP } };
	static const char address[] = "2001:db8:1111:2222:3333:4444:5555:6666/64";

	(void)state;
	for (size_t width = 20; width <= 100; width++) {
		struct table *t = table_new(two, ARRAY_LENGTH(two));
		char *text = NULL;
		size_t length = 0, seen = 0;
		FILE *to = open_memstream(&text, &length);

		assert_non_null(to);
		table_cell(t, COLOUR_NONE, "eth1");
		table_cell(t, COLOUR_NONE, "%s, %s", "10.1.0.10/24", address);
		table_cell(t, COLOUR_NONE, "it waits for %s to come", address);
		assert_true(table_print(t, to, width, false));
		fclose(to);
		for (const char *at = text; (at = strstr(at, address)); at++)
			seen++;
		assert_int_equal(seen, 2);
		/* No line is longer than the terminal, unless the address alone is. */
		for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
			assert_true(strlen(line) <= width || width < strlen(address) + 4);
		free(text);
		table_free(t);
	}
}

static void test_colours_take_no_room(void **state)
{
	(void)state;
	check(0, true,
	      "\x1b[1mNAME\x1b[0m    \x1b[1mN\x1b[0m  \x1b[1mLABEL\x1b[0m                 "
	      "\x1b[1mWHY\x1b[0m\n"
	      "one     \x1b[32m1\x1b[0m  a label that is long  it is so because it is so\n"
	      "gr\xc3\xbcn  100  x?[2J\n");
}

static void test_a_table_without_rows_has_its_titles(void **state)
{
	struct table *t = table_new(columns, 2);
	char *text = NULL;
	size_t length = 0;
	FILE *to = open_memstream(&text, &length);

	(void)state;
	assert_non_null(to);
	assert_true(table_print(t, to, 80, false));
	fclose(to);
	assert_string_equal(text, "NAME  N\n");
	free(text);
	table_free(t);
}

static void test_ages_have_two_units_at_most(void **state)
{
	static const struct {
		double seconds;
		const char *text;
	} cases[] = {
		{ -1, "0s" },	   { 0.9, "0s" },	{ 59.9, "59s" },
		{ 192, "3m12s" },  { 3600, "1h0m" },	{ 7500, "2h5m" },
		{ 86400, "1d0h" }, { 961200, "11d3h" }, { 1e300, "0s" },
	};
	char buffer[SCREEN_AGE_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
		assert_string_equal(screen_age(cases[i].seconds, buffer), cases[i].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_without_a_width_every_cell_is_whole),
		cmocka_unit_test(test_a_table_shrinks_to_the_terminal),
		cmocka_unit_test(test_what_does_not_fit_into_a_line_goes_on_in_the_next),
		cmocka_unit_test(test_an_address_is_never_broken),
		cmocka_unit_test(test_colours_take_no_room),
		cmocka_unit_test(test_a_table_without_rows_has_its_titles),
		cmocka_unit_test(test_ages_have_two_units_at_most),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
