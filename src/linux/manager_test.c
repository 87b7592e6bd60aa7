/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/manager.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/unit.h"

/* A manager's socket with an abstract name, so that it leaves nothing behind. */
static int listen_as(const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	assert_true(fd >= 0);
	strcpy(address.sun_path + 1, name + 1);
	assert_int_equal(bind(fd, (struct sockaddr *)&address,
			      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name))),
			 0);
	setenv("NOTIFY_SOCKET", name, 1);
	return fd;
}

static void a_manager_hears_what_it_is_told(void **state)
{
	char name[64], heard[64] = "";
	struct manager m;
	int fd;

	(void)state;
	snprintf(name, sizeof(name), "@vipd-manager-%d", getpid());
	fd = listen_as(name);
	manager_init(&m);
	assert_int_equal(manager_tell(&m, "READY=1\nSTATUS=well"), 0);
	assert_int_equal(recv(fd, heard, sizeof(heard), 0), strlen("READY=1\nSTATUS=well"));
	assert_string_equal(heard, "READY=1\nSTATUS=well");
	assert_null(getenv("NOTIFY_SOCKET"));
	close(fd);
	assert_int_equal(manager_tell(&m, "READY=1"), -ECONNREFUSED);
	manager_done(&m);
}

static void without_a_manager_nothing_is_told(void **state)
{
	static const char *const names[] = { NULL, "", "relative", "vsock:2:1" };
	struct manager m;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		unsetenv("NOTIFY_SOCKET");
		if (names[i])
			setenv("NOTIFY_SOCKET", names[i], 1);
		setenv("WATCHDOG_USEC", "1000000", 1);
		manager_init(&m);
		assert_int_equal(m.fd, -1);
		assert_int_equal(m.watchdog.ns, 0);
		assert_int_equal(manager_tell(&m, "READY=1"), 0);
		manager_done(&m);
	}
}

static struct duration watchdog_with(const char *us, const char *pid)
{
	struct manager m;

	setenv("NOTIFY_SOCKET", "/nobody", 1);
	unsetenv("WATCHDOG_PID");
	setenv("WATCHDOG_USEC", us, 1);
	if (pid)
		setenv("WATCHDOG_PID", pid, 1);
	manager_init(&m);
	manager_done(&m);
	return m.watchdog;
}

static void the_watchdog_is_fed_only_by_whom_it_is_for(void **state)
{
	char own[16];

	(void)state;
	snprintf(own, sizeof(own), "%d", getpid());
	assert_int_equal(watchdog_with("3000000", own).ns, DURATION_S(3).ns);
	assert_int_equal(watchdog_with("3000000", NULL).ns, DURATION_S(3).ns);
	assert_int_equal(watchdog_with("3000000", "1").ns, 0);
	assert_int_equal(watchdog_with("3s", NULL).ns, 0);
	assert_int_equal(watchdog_with("99999999999999999999", NULL).ns, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_manager_hears_what_it_is_told),
		cmocka_unit_test(without_a_manager_nothing_is_told),
		cmocka_unit_test(the_watchdog_is_fed_only_by_whom_it_is_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
