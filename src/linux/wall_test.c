/* SPDX-License-Identifier: Apache-2.0 */
/* That the clock is set is noticed, and nothing else, in whatever year. */
#include "linux/wall.h"

#include <poll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/unit.h"

#define YEAR_S (365 * 86400)

static void test_it_is_not_reached_for_two_hundred_years(void **state)
{
	int fd = wall_open();
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct itimerspec left;

	(void)state;
	assert_true(fd >= 0);
	wall_arm(fd);
	assert_int_equal(poll(&p, 1, 0), 0);
	assert_int_equal(timerfd_gettime(fd, &left), 0);
	/* In 2038 and later it would have been over, and have kept the loop busy for ever. */
	assert_true(left.it_value.tv_sec > 200L * YEAR_S);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_is_not_reached_for_two_hundred_years),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
