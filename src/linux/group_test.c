/* SPDX-License-Identifier: Apache-2.0 */
/* Another process knows the groups. */
#include "linux/group.h"

#include <errno.h>

#include "base/unit.h"

static void a_group_has_its_number(void **state)
{
	gid_t group = 4711;

	(void)state;
	assert_int_equal(group_find("root", &group), 0);
	assert_int_equal(group, 0);
}

static void no_group_has_none(void **state)
{
	gid_t group = 4711;

	(void)state;
	assert_int_equal(group_find("vipd-no-such-group", &group), -ENOENT);
	assert_int_equal(group, 4711);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_group_has_its_number),
		cmocka_unit_test(no_group_has_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
