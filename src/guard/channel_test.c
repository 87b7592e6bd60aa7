/* SPDX-License-Identifier: Apache-2.0 */
#include "guard/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/unit.h"

/* Longer than the path of a socket may be. */
#define DIRECTORY                                                                                  \
	"channel-of-a-state-directory-whose-name-is-so-long-that-the-socket-in-it-could-not-be-"   \
	"named-by-its-path-XXXXXX"

struct place {
	char path[sizeof(DIRECTORY)];
	struct channel_door door;
};

static int place_setup(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	assert_non_null(p);
	strcpy(p->path, DIRECTORY);
	assert_non_null(mkdtemp(p->path));
	assert_int_equal(channel_open(p->path, &p->door), 0);
	*state = p;
	return 0;
}

static void inside(const struct place *p, const char *name, char *path, size_t size)
{
	snprintf(path, size, "%s/%s", p->path, name);
}

static int place_teardown(void **state)
{
	struct place *p = *state;
	char path[sizeof(DIRECTORY) + 16];

	channel_close(&p->door);
	inside(p, "guard.lock", path, sizeof(path));
	unlink(path);
	assert_int_equal(rmdir(p->path), 0);
	free(p);
	return 0;
}

static void what_one_says_the_other_hears_and_his_end_too(void **state)
{
	struct guard_message hello = { .kind = GUARD_HELLO,
				       .version = GUARD_VERSION,
				       .grace = DURATION_S(3) },
			     heard;
	struct place *p = *state;
	int vipd, guard;
	pid_t pid;

	assert_int_equal(channel_accept(&p->door, &pid), -EAGAIN);
	vipd = channel_connect(p->path);
	assert_true(vipd >= 0);
	assert_int_equal(channel_send(vipd, &hello), 0);
	guard = channel_accept(&p->door, &pid);
	assert_true(guard >= 0);
	assert_int_equal(pid, getpid());
	assert_int_equal(channel_receive(guard, &heard), 0);
	assert_int_equal(heard.grace.ns, hello.grace.ns);
	assert_int_equal(channel_receive(guard, &heard), -EAGAIN);
	close(vipd);
	assert_int_equal(channel_receive(guard, &heard), -ECONNRESET);
	close(guard);
}

static void a_state_directory_has_one_guard(void **state)
{
	struct channel_door other = { -1, -1, -1 };
	struct place *p = *state;

	assert_int_equal(channel_open(p->path, &other), -EWOULDBLOCK);
	assert_true(other.fd < 0);
}

static void nobody_is_there_when_the_door_is_closed(void **state)
{
	struct place *p = *state;

	channel_close(&p->door);
	assert_int_equal(channel_connect(p->path), -ENOENT);
}

static void a_guard_that_was_killed_does_not_stand_in_the_way_of_the_next(void **state)
{
	struct place *p = *state;
	char path[sizeof(DIRECTORY) + 16];
	struct stat st;

	/* As the kernel does for a process that ends without a word. */
	close(p->door.fd);
	close(p->door.lock);
	close(p->door.directory);
	inside(p, "guard.sock", path, sizeof(path));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(channel_connect(p->path), -ECONNREFUSED);
	assert_int_equal(channel_open(p->path, &p->door), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_true(S_ISSOCK(st.st_mode));
}

static void a_directory_that_takes_the_place_of_another_is_noticed(void **state)
{
	struct place *p = *state;
	char aside[sizeof(DIRECTORY) + 16];

	assert_false(channel_is_replaced(&p->door, p->path));
	snprintf(aside, sizeof(aside), "%s.aside", p->path);
	assert_int_equal(rename(p->path, aside), 0);
	/* One that is gone has no successor yet. */
	assert_false(channel_is_replaced(&p->door, p->path));
	assert_int_equal(mkdir(p->path, 0700), 0);
	assert_true(channel_is_replaced(&p->door, p->path));
	assert_int_equal(rmdir(p->path), 0);
	assert_int_equal(rename(aside, p->path), 0);
}

static void bytes_that_are_no_message_are_told_from_the_end(void **state)
{
	struct guard_message heard;
	struct place *p = *state;
	uint8_t bytes[2 * GUARD_MESSAGE_BYTES_MAX] = { GUARD_BYE, GUARD_VERSION };
	int vipd = channel_connect(p->path), guard;
	pid_t pid;

	assert_true(vipd >= 0);
	guard = channel_accept(&p->door, &pid);
	assert_true(guard >= 0);
	assert_int_equal(write(vipd, bytes, sizeof(bytes)), (int)sizeof(bytes));
	assert_int_equal(channel_receive(guard, &heard), -EBADMSG);
	assert_int_equal(channel_receive(guard, &heard), -EAGAIN);
	close(vipd);
	close(guard);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, place_setup, place_teardown)
		TEST(what_one_says_the_other_hears_and_his_end_too),
		TEST(a_state_directory_has_one_guard),
		TEST(nobody_is_there_when_the_door_is_closed),
		TEST(a_guard_that_was_killed_does_not_stand_in_the_way_of_the_next),
		TEST(a_directory_that_takes_the_place_of_another_is_noticed),
		TEST(bytes_that_are_no_message_are_told_from_the_end),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
