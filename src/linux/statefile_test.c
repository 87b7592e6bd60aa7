/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/statefile.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/container.h"
#include "base/unit.h"
#include "linux/staterecord.h"

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
	static const char *const names[] = { "state", "state.new", "state.damaged", "lock" };
	struct directory *d = *state;
	char path[96];

	for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
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

/* Changes a byte, counted from the beginning or, when negative, from the end. */
static void byte_spoil(const struct directory *d, off_t at)
{
	struct stat st;
	uint8_t byte;
	int fd = open(d->state, O_RDWR);

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	at = at < 0 ? st.st_size + at : at;
	assert_int_equal(pread(fd, &byte, 1, at), 1);
	byte ^= 0x41;
	assert_int_equal(pwrite(fd, &byte, 1, at), 1);
	close(fd);
}

static void assert_explained(const struct statefile *f, const char *part)
{
	char sentence[300] = "";

	assert_int_equal(statefile_explain(f, sentence, sizeof(sentence)), part != NULL);
	assert_true(!part || strstr(sentence, part));
}

#define HEADER 44

/* The three of write_three() are equally long. */
static off_t record_length(const struct directory *d)
{
	struct stat st;

	assert_int_equal(stat(d->state, &st), 0);
	return (st.st_size - HEADER) / 3;
}

static void test_a_damaged_record_hides_none_of_the_others_wherever_the_byte_is(void **state)
{
	struct directory *d = *state;
	struct statefile *f;
	off_t length;

	write_three(d);
	length = record_length(d);
	/* Of the second: its length, its checksum, all that is in it. */
	for (off_t at = 0; at < length; at++) {
		unlink(d->state);
		write_three(d);
		byte_spoil(d, HEADER + length + at);
		f = open_and_hear(d);
		assert_int_equal(d->count, 2);
		assert_string_equal(ADDRESS_TEXT(&d->heard[1].vip.settings.address), "10.9.1.3");
		assert_explained(f, "2 records count");
		statefile_close(f);
		/* It has been written anew, and nothing is to be said a second time. */
		f = open_and_hear(d);
		assert_int_equal(d->count, 2);
		assert_explained(f, NULL);
		statefile_close(f);
	}
}

static void test_a_hole_of_zeros_hides_nothing_behind_it(void **state)
{
	static const uint8_t zeros[5000];
	struct directory *d = *state;
	int fd;

	write_three(d);
	fd = open(d->state, O_WRONLY | O_APPEND);
	assert_int_equal(write(fd, zeros, sizeof(zeros)), sizeof(zeros));
	close(fd);
	assert_int_equal(rename(d->state, "hole"), 0);
	write_three(d);
	/* What was written behind it by one who did not know. */
	fd = open("hole", O_WRONLY | O_APPEND);
	{
		uint8_t bytes[4096];
		int from = open(d->state, O_RDONLY);
		ssize_t n = pread(from, bytes, sizeof(bytes), HEADER);

		assert_true(n > 0);
		assert_int_equal(write(fd, bytes, (size_t)n), n);
		close(from);
	}
	close(fd);
	assert_int_equal(rename("hole", d->state), 0);
	statefile_close(open_and_hear(d));
	assert_int_equal(d->count, 6);
}

/* Three VIPs, and three more behind so many bytes that each look like the beginning of a record. */
static size_t count_behind(struct directory *d, size_t nonsense)
{
	uint8_t *bytes = malloc(nonsense);
	int fd;

	assert_non_null(bytes);
	memset(bytes, 5, nonsense);
	unlink(d->state);
	write_three(d);
	fd = open(d->state, O_WRONLY | O_APPEND);
	assert_int_equal(write(fd, bytes, nonsense), nonsense);
	free(bytes);
	for (uint32_t i = 4; i <= 6; i++) {
		struct saved s = { .kind = SAVED_GONE, .address = address_ipv4(0x0a090100 + i) };
		uint8_t record[STATE_RECORD_BYTES_MAX];
		size_t length = state_record_encode(&s, record);

		assert_int_equal(write(fd, record, length), length);
	}
	close(fd);
	statefile_close(open_and_hear(d));
	return d->count;
}

static void test_among_nonsense_a_record_is_looked_for_with_a_limit(void **state)
{
	struct directory *d = *state;

	assert_int_equal(count_behind(d, 20000), 6);
	assert_int_equal(count_behind(d, 200000), 3);
}

static void test_a_file_of_nobody_or_of_another_layout_is_kept_and_said(void **state)
{
	static const char *const headers[] = { "VIPDST99", "VIPDST01", "NONSENSE" };
	static const char *const said[] = { "has the layout 99", "has the layout 1",
					    "not one of vipd's" };
	struct directory *d = *state;
	struct statefile *f;
	char damaged[112], bytes[9] = "";

	snprintf(damaged, sizeof(damaged), "%s.damaged", d->state);
	for (size_t k = 0; k < 3; k++) {
		int fd;

		write_three(d);
		fd = open(d->state, O_WRONLY);
		assert_int_equal(pwrite(fd, headers[k], 8, 0), 8);
		close(fd);
		f = open_and_hear(d);
		assert_int_equal(d->count, 0);
		assert_explained(f, said[k]);
		statefile_close(f);
		fd = open(damaged, O_RDONLY);
		assert_int_equal(read(fd, bytes, 8), 8);
		assert_string_equal(bytes, headers[k]);
		close(fd);
		f = open_and_hear(d);
		assert_explained(f, NULL);
		statefile_close(f);
	}
}

static const char *golden; /* tests/golden/state */

/* A file that vipd wrote when it handed over, as of this boot. */
static void put_golden(const struct directory *d, const char *name)
{
	char path[512], bytes[4096];
	int from, to, boot;
	ssize_t n;

	snprintf(path, sizeof(path), "%s/%s", golden, name);
	from = open(path, O_RDONLY);
	assert_true(from >= 0);
	n = read(from, bytes, sizeof(bytes));
	assert_true(n > HEADER && n < (ssize_t)sizeof(bytes));
	boot = open("/proc/sys/kernel/random/boot_id", O_RDONLY);
	assert_int_equal(read(boot, bytes + 8, STATE_BOOT_BYTES), STATE_BOOT_BYTES);
	to = open(d->state, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_int_equal(write(to, bytes, (size_t)n), n);
	close(boot);
	close(from);
	close(to);
}

/* What vips of a handed over file there are, in their order. */
static void assert_heard_vips(const struct directory *d, const char *const *addresses)
{
	size_t at = 0;

	for (size_t i = 0; i < d->count; i++) {
		const struct vip_settings *v = &d->heard[i].vip.settings;

		if (d->heard[i].kind != SAVED_VIP)
			continue;
		assert_non_null(addresses[at]);
		assert_string_equal(ADDRESS_TEXT(&v->address), addresses[at++]);
	}
	assert_null(addresses[at]);
}

static void test_a_file_of_the_layout_before_is_taken_over_with_every_vip(void **state)
{
	static const char *const vips[] = {
		"10.9.1.1", "2001:db8:9::1", "2001:db8:9::1", "10.9.2.1",
		"10.9.2.2", "2001:db8:9::7", "10.9.1.1",      NULL,
	};
	struct directory *d = *state;
	struct statefile *f;
	char header[9] = "", newest[16];
	size_t count;
	int fd;

	put_golden(d, "06.file");
	f = open_and_hear(d);
	assert_explained(f, NULL);
	statefile_close(f);
	count = d->count;
	fd = open(d->state, O_RDONLY);
	assert_int_equal(read(fd, header, 8), 8);
	close(fd);
	snprintf(newest, sizeof(newest), "VIPDST%02d", SAVED_VERSION);
	assert_string_equal(header, newest);
	statefile_close(open_and_hear(d));
	assert_int_equal(d->count, count);
	assert_heard_vips(d, vips);
}

/* Appends a record that says more than we know: its last bytes are `more`. */
static void append_record(const struct directory *d, const struct saved *s, const char *more)
{
	uint8_t bytes[STATE_RECORD_BYTES_MAX];
	size_t length = saved_encode(s, bytes + STATE_FRAME_BYTES), n = strlen(more);
	int fd = open(d->state, O_WRONLY | O_APPEND);

	memcpy(bytes + STATE_FRAME_BYTES + length, more, n);
	length = state_record_frame(bytes, length + n);
	assert_int_equal(write(fd, bytes, length), length);
	close(fd);
}

static void test_what_a_later_version_says_more_is_left_out_and_told_once(void **state)
{
	struct saved s = { .kind = SAVED_VIP };
	struct directory *d = *state;
	struct statefile *f;

	write_three(d);
	vip_settings_default(&s.vip.settings);
	s.vip.settings.address = address_ipv4(0x0a090104);
	s.vip.settings.length = 32;
	append_record(d, &s, "\x64\x03new\x65\x01!");
	s = (struct saved){ .kind = SAVED_STOPPING };
	append_record(d, &s, "");
	f = open_and_hear(d);
	assert_int_equal(d->count, 5);
	assert_string_equal(ADDRESS_TEXT(&d->heard[3].vip.settings.address), "10.9.1.4");
	assert_explained(f, "of 1 records 2 fields are not known");
	assert_explained(f, "the first: vip 10.9.1.4");
	statefile_close(f);
	f = open_and_hear(d);
	assert_int_equal(d->count, 5);
	assert_explained(f, NULL);
	put(f, SAVED_VIP, 0x0a090105);
	assert_int_equal(statefile_flush(f), 0);
	statefile_close(f);
	statefile_close(open_and_hear(d));
	assert_int_equal(d->count, 6);
}

static void test_a_record_of_a_kind_that_is_not_known_hides_no_other(void **state)
{
	static const uint8_t unknown[] = { 200, 1, 1, 7 };
	uint8_t bytes[STATE_RECORD_BYTES_MAX];
	struct directory *d = *state;
	struct statefile *f;
	size_t length;
	int fd;

	write_three(d);
	memcpy(bytes + STATE_FRAME_BYTES, unknown, sizeof(unknown));
	length = state_record_frame(bytes, sizeof(unknown));
	fd = open(d->state, O_WRONLY | O_APPEND);
	assert_int_equal(write(fd, bytes, length), length);
	close(fd);
	append_record(d, &(struct saved){ .kind = SAVED_STOPPING }, "");
	f = open_and_hear(d);
	assert_int_equal(d->count, 4);
	assert_int_equal(d->heard[3].kind, SAVED_STOPPING);
	assert_explained(f, "1 are of a kind that is not known");
	statefile_close(f);
}

static void limit_file_size(rlim_t bytes)
{
	struct rlimit limit;

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void put_snapshot(struct statefile *f, uint32_t from, uint32_t to)
{
	put(f, SAVED_BEGIN, 0);
	for (uint32_t i = from; i <= to; i++)
		put(f, SAVED_VIP, 0x0a090100 + i);
	put(f, SAVED_END, 0);
}

static void test_what_cannot_be_written_is_cut_off_and_said_until_a_snapshot_can_be(void **state)
{
	struct directory *d = *state;
	struct statefile *f;
	struct stat st;
	off_t length;

	write_three(d);
	length = record_length(d);
	f = open_and_hear(d);
	limit_file_size((rlim_t)(HEADER + 3 * length + length / 2));
	put(f, SAVED_VIP, 0x0a090104);
	assert_int_equal(statefile_flush(f), -EFBIG);
	assert_int_equal(stat(d->state, &st), 0);
	assert_int_equal(st.st_size, HEADER + 3 * length);
	/* Nothing is appended behind what is missing, and a snapshot that does not fit either
	 * changes nothing. */
	put(f, SAVED_GONE, 0x0a090101);
	assert_int_equal(statefile_flush(f), -EFBIG);
	put_snapshot(f, 2, 9);
	put(f, SAVED_GONE, 0x0a090102);
	assert_int_equal(statefile_flush(f), -EFBIG);
	assert_int_equal(stat(d->state, &st), 0);
	assert_int_equal(st.st_size, HEADER + 3 * length);
	limit_file_size(RLIM_INFINITY);
	put_snapshot(f, 4, 5);
	put(f, SAVED_VIP, 0x0a090106);
	assert_int_equal(statefile_flush(f), 0);
	statefile_close(f);
	statefile_close(open_and_hear(d));
	assert_int_equal(d->count, 5);
	assert_string_equal(ADDRESS_TEXT(&d->heard[4].vip.settings.address), "10.9.1.6");
}

static void test_a_snapshot_that_does_not_fit_leaves_the_file_as_good_as_it_was(void **state)
{
	struct directory *d = *state;
	struct statefile *f;
	off_t length;

	write_three(d);
	length = record_length(d);
	f = open_and_hear(d);
	limit_file_size((rlim_t)(HEADER + 4 * length));
	put_snapshot(f, 1, 9);
	put(f, SAVED_VIP, 0x0a090104);
	assert_int_equal(statefile_flush(f), 0);
	limit_file_size(RLIM_INFINITY);
	statefile_close(f);
	statefile_close(open_and_hear(d));
	assert_int_equal(d->count, 4);
}

static void test_a_file_that_somebody_removes_is_noticed_and_made_again(void **state)
{
	struct directory *d = *state;
	struct statefile *f;

	write_three(d);
	f = open_and_hear(d);
	assert_int_equal(unlink(d->state), 0);
	put(f, SAVED_VIP, 0x0a090104);
	assert_int_equal(statefile_flush(f), -ENOENT);
	put_snapshot(f, 1, 4);
	assert_int_equal(statefile_flush(f), 0);
	statefile_close(f);
	statefile_close(open_and_hear(d));
	assert_int_equal(d->count, 6);
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

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		DIRECTORY_TEST(test_what_is_written_is_heard_by_the_next),
		DIRECTORY_TEST(test_what_is_torn_anywhere_is_left_out_and_the_rest_counts),
		DIRECTORY_TEST(test_a_damaged_record_hides_none_of_the_others_wherever_the_byte_is),
		DIRECTORY_TEST(test_a_hole_of_zeros_hides_nothing_behind_it),
		DIRECTORY_TEST(test_among_nonsense_a_record_is_looked_for_with_a_limit),
		DIRECTORY_TEST(test_a_file_of_nobody_or_of_another_layout_is_kept_and_said),
		DIRECTORY_TEST(test_a_file_of_the_layout_before_is_taken_over_with_every_vip),
		DIRECTORY_TEST(test_what_a_later_version_says_more_is_left_out_and_told_once),
		DIRECTORY_TEST(test_a_record_of_a_kind_that_is_not_known_hides_no_other),
		DIRECTORY_TEST(
			test_what_cannot_be_written_is_cut_off_and_said_until_a_snapshot_can_be),
		DIRECTORY_TEST(test_a_snapshot_that_does_not_fit_leaves_the_file_as_good_as_it_was),
		DIRECTORY_TEST(test_a_file_that_somebody_removes_is_noticed_and_made_again),
		DIRECTORY_TEST(test_another_boot_begins_anew),
		DIRECTORY_TEST(test_a_snapshot_takes_the_place_of_all_before_when_it_is_whole),
		DIRECTORY_TEST(test_only_one_may_have_it),
		DIRECTORY_TEST(test_who_only_looks_keeps_others_out_and_changes_nothing),
	};

	assert(argc == 2);
	golden = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
