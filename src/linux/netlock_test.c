/* SPDX-License-Identifier: Apache-2.0 */
/* Who may have the lock of a network namespace, and what the others hear of him. */
#include "linux/netlock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "base/unit.h"
#include "linux/namespace_test.h"

#define NOBODY 65534
#define NAMES 8

/* A process that does this, says so, and waits for its end. */
static pid_t process(void (*act)(void))
{
	int ends[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		act();
		if (write(ends[1], "x", 1) == 1)
			for (;;)
				pause();
		_exit(1);
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], &byte, 1), 1);
	close(ends[0]);
	return pid;
}

static void process_end(pid_t pid)
{
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void vipd_begins(void)
{
	struct netlock_holder h;
	static struct netlock l;

	if (netlock_take(NETLOCK_VIPD, "/run/vipd/other.sock", &l, &h) < 0)
		_exit(1);
}

static void guard_begins(void)
{
	struct netlock_holder h;
	static struct netlock l;

	if (netlock_take(NETLOCK_GUARD, "/var/lib/vipd", &l, &h) < 0)
		_exit(1);
}

static void name_squat(unsigned from, unsigned to)
{
	for (unsigned k = from; k < to; k++) {
		struct sockaddr_un a = { .sun_family = AF_UNIX };
		int n = snprintf(a.sun_path + 1, sizeof(a.sun_path) - 1, "vipd.lock.%u", k);
		int fd = socket(AF_UNIX, SOCK_STREAM, 0);

		if (bind(fd, (struct sockaddr *)&a,
			 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n)) < 0 ||
		    listen(fd, 1) < 0)
			_exit(1);
	}
}

static void nobody_squats_two(void)
{
	if (setuid(NOBODY) < 0)
		_exit(1);
	name_squat(0, 2);
}

static void nobody_squats_all(void)
{
	if (setuid(NOBODY) < 0)
		_exit(1);
	name_squat(0, NAMES);
}

static int take(struct netlock *l, struct netlock_holder *h)
{
	return netlock_take(NETLOCK_VIPD, "/run/vipd/vipd.sock", l, h);
}

static void test_the_second_hears_who_the_first_is_and_comes_when_he_has_gone(void **state)
{
	pid_t first = process(vipd_begins);
	struct netlock_holder h;
	struct netlock l;

	(void)state;
	assert_int_equal(take(&l, &h), -EADDRINUSE);
	assert_int_equal(h.pid, first);
	assert_string_equal(h.path, "/run/vipd/other.sock");
	assert_false(h.guard);
	/* However he ends. */
	process_end(first);
	assert_int_equal(take(&l, &h), 0);
	assert_int_equal(h.strangers, 0);
	netlock_release(&l);
	assert_int_equal(take(&l, &h), 0);
	netlock_release(&l);
}

static void test_a_guard_is_known_as_one(void **state)
{
	pid_t guard = process(guard_begins);
	struct netlock_holder h;
	struct netlock l;

	(void)state;
	assert_int_equal(take(&l, &h), -EADDRINUSE);
	assert_true(h.guard);
	assert_int_equal(h.pid, guard);
	assert_string_equal(h.path, "/var/lib/vipd");
	process_end(guard);
}

static void test_another_namespace_has_a_lock_of_its_own(void **state)
{
	struct netlock_holder h;
	struct netlock l, other;
	int home;

	(void)state;
	home = open("/proc/self/ns/net", O_RDONLY);
	assert_int_equal(take(&l, &h), 0);
	assert_int_equal(unshare(CLONE_NEWNET), 0);
	assert_int_equal(take(&other, &h), 0);
	assert_int_equal(setns(home, CLONE_NEWNET), 0);
	close(home);
	netlock_release(&other);
	netlock_release(&l);
}

static void test_who_may_not_change_the_network_keeps_nobody_out(void **state)
{
	pid_t squatter = process(nobody_squats_two), first;
	struct netlock_holder h;
	struct netlock l;

	(void)state;
	assert_int_equal(take(&l, &h), 0);
	assert_true(l.fd >= 0);
	assert_int_equal(h.strangers, 2);
	assert_int_equal(h.stranger, squatter);
	assert_int_equal(h.stranger_user, NOBODY);
	netlock_release(&l);
	/* And the lock holds beside him, also when he leaves. */
	first = process(vipd_begins);
	assert_int_equal(take(&l, &h), -EADDRINUSE);
	assert_int_equal(h.pid, first);
	process_end(squatter);
	assert_int_equal(take(&l, &h), -EADDRINUSE);
	process_end(first);
	squatter = process(nobody_squats_all);
	assert_int_equal(take(&l, &h), 0);
	assert_int_equal(h.strangers, NAMES);
	assert_true(l.fd < 0);
	netlock_release(&l);
	process_end(squatter);
}

static void test_a_door_that_many_have_knocked_at_is_still_a_vipd(void **state)
{
	struct netlock_holder h;
	struct netlock l, second;

	(void)state;
	assert_int_equal(take(&l, &h), 0);
	for (int i = 0; i < 300; i++) {
		assert_int_equal(take(&second, &h), -EADDRINUSE);
		if (i % 50 == 0)
			netlock_drain(&l);
	}
	netlock_release(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_second_hears_who_the_first_is_and_comes_when_he_has_gone),
		cmocka_unit_test(test_a_guard_is_known_as_one),
		cmocka_unit_test(test_another_namespace_has_a_lock_of_its_own),
		cmocka_unit_test(test_who_may_not_change_the_network_keeps_nobody_out),
		cmocka_unit_test(test_a_door_that_many_have_knocked_at_is_still_a_vipd),
	};

	if (!namespace_enter())
		return 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
