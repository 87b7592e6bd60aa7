/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/statefile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/unit.h"

#define RECORDS_MAX 64

struct directory {
	char path[64], state[96];
	struct saved heard[RECORDS_MAX];
	size_t count;
};

static int directory_setup(void **state)
{
	struct directory *d = calloc(1, sizeof(*d));

	assert_non_null(d);
	strcpy(d->path, "statefile-XXXXXX");
	assert_non_null(mkdtemp(d->path));
	snprintf(d->state, sizeof(d->state), "%s/state", d->path);
	*state = d;
	return 0;
}

static int directory_teardown(void **state)
{
	static const char *const names[] = { "state", "state.new", "lock" };
	struct directory *d = *state;
	char path[96];

	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/%s", d->path, names[i]);
		unlink(path);
	}
	rmdir(d->path);
	free(d);
	return 0;
}

static void hear(void *context, const struct saved *s)
{
	struct directory *d = context;

	assert_true(d->count < RECORDS_MAX);
	d->heard[d->count++] = *s;
}

static struct statefile *open_and_hear(struct directory *d)
{
	struct statefile *f = NULL;

	assert_int_equal(statefile_open(d->path, &f), 0);
	d->count = 0;
	statefile_each(f, hear, d);
	return f;
}

static void put(struct statefile *f, enum saved_kind kind, uint32_t address)
{
	struct saved s = { .kind = (uint8_t)kind };

	if (kind == SAVED_VIP) {
		vip_settings_default(&s.vip.settings);
		s.vip.settings.address = address_ipv4(address);
		s.vip.settings.length = 32;
	} else if (kind == SAVED_GONE) {
		s.address = address_ipv4(address);
	}
	statefile_put(f, &s);
}

/* Three VIPs, written down. */
static void write_three(struct directory *d)
{
	struct statefile *f = open_and_hear(d);

	for (uint32_t i = 1; i <= 3; i++)
		put(f, SAVED_VIP, 0x0a090100 + i);
	assert_int_equal(statefile_flush(f), 0);
	statefile_close(f);
}

static void test_what_is_written_is_heard_by_the_next(void **state)
{
	struct directory *d = *state;

	write_three(d);
	statefile_close(open_and_hear(d));
	assert_int_equal(d->count, 3);
	assert_int_equal(d->heard[2].kind, SAVED_VIP);
	assert_string_equal(ADDRESS_TEXT(&d->heard[2].vip.settings.address), "10.9.1.3");
}

static void test_what_is_torn_anywhere_is_left_out_and_the_rest_counts(void **state)
{
	struct directory *d = *state;
	struct statefile *f;
	struct stat st;
	size_t before = 3;

	write_three(d);
	assert_int_equal(stat(d->state, &st), 0);
	for (off_t length = st.st_size; length > 0; length--) {
		assert_int_equal(truncate(d->state, length), 0);
		f = open_and_hear(d);
		assert_true(d->count <= before);
		before = d->count;
		statefile_close(f);
		if (before == 0)
			break;
	}
	/* And one can go on behind it. */
	write_three(d);
	statefile_close(open_and_hear(d));
	assert_int_equal(d->count, 3);
}

static void test_a_record_with_a_wrong_byte_ends_what_counts(void **state)
{
	struct directory *d = *state;
	struct stat st;
	uint8_t byte;
	int fd;

	write_three(d);
	assert_int_equal(stat(d->state, &st), 0);
	fd = open(d->state, O_RDWR);
	assert_true(fd >= 0);
	assert_int_equal(pread(fd, &byte, 1, st.st_size - 3), 1);
	byte ^= 1;
	assert_int_equal(pwrite(fd, &byte, 1, st.st_size - 3), 1);
	close(fd);
	statefile_close(open_and_hear(d));
	assert_int_equal(d->count, 2);
}

static void test_another_boot_begins_anew(void **state)
{
	struct directory *d = *state;
	int fd;

	write_three(d);
	fd = open(d->state, O_RDWR);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, "????", 4, 12), 4);
	close(fd);
	statefile_close(open_and_hear(d));
	assert_int_equal(d->count, 0);
}

static void test_a_snapshot_takes_the_place_of_all_before_when_it_is_whole(void **state)
{
	struct directory *d = *state;
	struct statefile *f;

	write_three(d);
	f = open_and_hear(d);
	put(f, SAVED_BEGIN, 0);
	put(f, SAVED_VIP, 0x0a090109);
	assert_int_equal(statefile_flush(f), 0);
	statefile_close(f);
	f = open_and_hear(d);
	assert_int_equal(d->count, 3);
	put(f, SAVED_BEGIN, 0);
	put(f, SAVED_VIP, 0x0a090109);
	put(f, SAVED_END, 0);
	put(f, SAVED_GONE, 0x0a090109);
	assert_int_equal(statefile_flush(f), 0);
	statefile_close(f);
	statefile_close(open_and_hear(d));
	assert_int_equal(d->count, 4);
	assert_int_equal(d->heard[0].kind, SAVED_BEGIN);
	assert_int_equal(d->heard[3].kind, SAVED_GONE);
}

static void test_only_one_may_have_it(void **state)
{
	struct directory *d = *state;
	struct statefile *f = open_and_hear(d), *other = NULL;
	struct stat st;

	assert_int_equal(statefile_open(d->path, &other), -EWOULDBLOCK);
	assert_int_equal(stat(d->state, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	statefile_close(f);
	statefile_close(open_and_hear(d));
}

static void test_who_only_looks_keeps_others_out_and_changes_nothing(void **state)
{
	struct directory *d = *state;
	struct statefile *f, *other = NULL;
	struct stat before, after;

	assert_int_equal(statefile_look(d->path, &f), 0);
	statefile_each(f, hear, d);
	assert_int_equal(d->count, 0);
	statefile_close(f);
	assert_int_equal(stat(d->state, &before), -1);
	write_three(d);
	assert_int_equal(stat(d->state, &before), 0);
	assert_int_equal(truncate(d->state, before.st_size - 1), 0);
	d->count = 0;
	assert_int_equal(statefile_look(d->path, &f), 0);
	assert_int_equal(statefile_open(d->path, &other), -EWOULDBLOCK);
	statefile_each(f, hear, d);
	assert_int_equal(d->count, 2);
	statefile_close(f);
	assert_int_equal(stat(d->state, &after), 0);
	assert_int_equal(after.st_size, before.st_size - 1);
}

#define DIRECTORY_TEST(name)                                                                       \
	cmocka_unit_test_setup_teardown(name, directory_setup, directory_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		DIRECTORY_TEST(test_what_is_written_is_heard_by_the_next),
		DIRECTORY_TEST(test_what_is_torn_anywhere_is_left_out_and_the_rest_counts),
		DIRECTORY_TEST(test_a_record_with_a_wrong_byte_ends_what_counts),
		DIRECTORY_TEST(test_another_boot_begins_anew),
		DIRECTORY_TEST(test_a_snapshot_takes_the_place_of_all_before_when_it_is_whole),
		DIRECTORY_TEST(test_only_one_may_have_it),
		DIRECTORY_TEST(test_who_only_looks_keeps_others_out_and_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
