/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/statefile.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/text.h"
#include "linux/staterecord.h"

#define FILE_BYTES_MAX ((off_t)64 << 20)

#define NAME "state"
#define NAME_NEXT "state.new"
#define NAME_DAMAGED "state.damaged"

/* Memory of records that is not given back between two flushes. */
#define BUFFER_KEPT 65536

struct statefile {
	int directory, lock, file;
	int next;      /* the snapshot that is being written; -1: none */
	bool skipping; /* a snapshot is put that cannot be written */
	int broken;    /* -errno since something was lost that was put; 0: all is written */
	off_t end;     /* behind the last record that is whole */
	char boot[STATE_BOOT_BYTES];

	enum state_origin origin; /* of what was there when it was opened */
	unsigned version;
	int unreadable; /* -errno: it could not be read */
	uint8_t *old;	/* owned: its bytes behind the header */
	size_t n_old;
	struct state_reader read; /* what came of them */

	uint8_t *bytes; /* owned: not written yet */
	size_t count, capacity;
};

static void close_if(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void boot_read(char *boot)
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);

	memset(boot, '-', STATE_BOOT_BYTES);
	/* Without /proc every boot looks the same: then the rival check has to do. */
	if (fd >= 0 && read(fd, boot, STATE_BOOT_BYTES) < STATE_BOOT_BYTES)
		memset(boot, '-', STATE_BOOT_BYTES);
	close_if(&fd);
}

static int read_all(int fd, uint8_t *bytes, size_t length)
{
	size_t done = 0;

	while (done < length) {
		ssize_t n = read(fd, bytes + done, length - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		done += (size_t)n;
	}
	return 0;
}

static int write_all(int fd, const void *bytes, size_t length)
{
	size_t done = 0;

	while (done < length) {
		ssize_t n = write(fd, (const uint8_t *)bytes + done, length - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		done += (size_t)n;
	}
	return 0;
}

/* Walks the records that were there, so that it is known what is lost. */
static void old_count(struct statefile *f)
{
	struct saved s;

	state_reader_init(&f->read, f->old, f->n_old, f->version);
	while (state_reader_next(&f->read, &s))
		;
}

/* Takes in what was written, as far as it is whole and of this boot. */
static int file_take_in(struct statefile *f)
{
	struct stat st;
	int error;

	if (fstat(f->file, &st) < 0)
		return -errno;
	if (st.st_size > FILE_BYTES_MAX || !S_ISREG(st.st_mode)) {
		f->origin = STATE_FOREIGN;
		return 0;
	}
	f->old = malloc((size_t)st.st_size + 1);
	if (!f->old)
		return -ENOMEM;
	error = read_all(f->file, f->old, (size_t)st.st_size);
	if (error) {
		f->unreadable = error;
		return 0;
	}
	f->origin = state_header_read(f->old, (size_t)st.st_size, f->boot, &f->version);
	if (f->origin != STATE_OURS)
		return 0;
	f->n_old = (size_t)st.st_size - STATE_HEADER_BYTES;
	memmove(f->old, f->old + STATE_HEADER_BYTES, f->n_old);
	old_count(f);
	return 0;
}

static bool is_damaged(const struct statefile *f)
{
	return f->unreadable || f->read.lost > 0 || state_reader_left_out(&f->read) ||
	       (f->origin != STATE_EMPTY && f->origin != STATE_OURS &&
		f->origin != STATE_OTHER_BOOT);
}

/* Another version has written more than this one knows. */
static void explain_left_out(const struct state_reader *r, char *sentence, size_t size)
{
	struct record_choice kind;
	struct text t;

	text_init(&t, sentence, size);
	text_add(&t,
		 "another version of vipd has written the state file: %" PRIu32
		 " records count, and %" PRIu32 " are of a kind that is not known here",
		 r->good, r->unknown);
	if (r->lossy == 0 || !record_choice(&saved_record, &r->first_lossy, &kind))
		return;
	text_add(&t,
		 "; of %" PRIu32 " records %" PRIu32 " fields are not known and %" PRIu32
		 " values not possible, and have their defaults (the first: %s",
		 r->lossy, r->losses.unknown, r->losses.refused, kind.name);
	if (r->first_lossy.kind == SAVED_VIP)
		text_add(&t, " %s", ADDRESS_TEXT(&r->first_lossy.vip.settings.address));
	text_add(&t, ")");
}

bool statefile_explain(const struct statefile *f, char *sentence, size_t size)
{
	if (!is_damaged(f))
		return false;
	if (f->unreadable)
		snprintf(sentence, size, "the state file cannot be read (%s): nothing of it counts",
			 strerror(-f->unreadable));
	else if (f->origin == STATE_TOO_OLD || f->origin == STATE_TOO_NEW)
		snprintf(sentence, size,
			 "the state file has the layout %u, and this vipd reads %d to %d: "
			 "nothing of it counts",
			 f->version, SAVED_VERSION_OLDEST, SAVED_VERSION);
	else if (f->origin == STATE_FOREIGN)
		snprintf(
			sentence, size,
			"the state file is not one of vipd's, or its beginning is lost: nothing of "
			"it counts");
	else if (f->read.damaged > 0)
		snprintf(sentence, size,
			 "the state file is damaged: %" PRIu32 " records count, %" PRIu64
			 " bytes are dropped (damaged in %" PRIu32 " places, %" PRIu32
			 " records unknown)",
			 f->read.good, f->read.lost, f->read.damaged, f->read.unknown);
	else
		explain_left_out(&f->read, sentence, size);
	return true;
}

/* Writes the header and, anew, the records that count into a file of its own. */
static int records_rewrite(struct statefile *f, int to)
{
	uint8_t bytes[STATE_RECORD_BYTES_MAX];
	struct state_reader r;
	struct saved s;
	int error;

	state_header_make(bytes, f->boot);
	error = write_all(to, bytes, STATE_HEADER_BYTES);
	f->end = STATE_HEADER_BYTES;
	state_reader_init(&r, f->old, f->n_old, f->version);
	while (!error && state_reader_next(&r, &s)) {
		size_t length = state_record_encode(&s, bytes);

		error = write_all(to, bytes, length);
		f->end += (off_t)length;
	}
	return error;
}

static int next_open(const struct statefile *f)
{
	int fd = openat(f->directory, NAME_NEXT, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	return fd < 0 ? -errno : fd;
}

/* The one that is written beside it becomes the file. */
static int next_take_place(struct statefile *f, int *next)
{
	if (renameat(f->directory, NAME_NEXT, f->directory, NAME) < 0)
		return -errno;
	close_if(&f->file);
	f->file = *next;
	*next = -1;
	return 0;
}

static void next_forget(struct statefile *f, int *next)
{
	close_if(next);
	(void)unlinkat(f->directory, NAME_NEXT, 0);
}

/* Begins another file, with what counts of the one that is there. */
static int file_renew(struct statefile *f)
{
	int next = next_open(f), error;

	if (next < 0)
		return next;
	error = records_rewrite(f, next);
	if (!error && is_damaged(f)) {
		/* For who wants to know what was in it; it may fail. */
		(void)unlinkat(f->directory, NAME_DAMAGED, 0);
		(void)linkat(f->directory, NAME, f->directory, NAME_DAMAGED, 0);
	}
	if (!error)
		error = next_take_place(f, &next);
	if (error)
		next_forget(f, &next);
	return error;
}

/* Ready to append: behind what is good, or in another file. */
static int file_prepare(struct statefile *f)
{
	bool only_the_end =
		f->read.lost == f->n_old - f->read.end && !state_reader_left_out(&f->read);

	if (f->origin != STATE_OURS || f->version != SAVED_VERSION || f->unreadable ||
	    !only_the_end)
		return file_renew(f);
	f->end = (off_t)(STATE_HEADER_BYTES + f->read.end);
	return ftruncate(f->file, f->end) < 0 || lseek(f->file, f->end, SEEK_SET) < 0 ? -errno : 0;
}

/* Nothing can be written, which is no reason not to serve: it may be put right. */
static bool is_of_the_disk(int error)
{
	return error == -ENOSPC || error == -EDQUOT || error == -EROFS || error == -EIO;
}

static int directory_open(struct statefile *f, const char *directory)
{
	f->directory = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return f->directory < 0 ? -errno : 0;
}

/* A file of its own, because the other one is replaced. */
static int directory_lock(struct statefile *f)
{
	f->lock = openat(f->directory, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (f->lock < 0 && errno == EROFS)
		f->lock = openat(f->directory, "lock", O_RDONLY | O_CLOEXEC);
	return f->lock < 0 || flock(f->lock, LOCK_EX | LOCK_NB) < 0 ? -errno : 0;
}

static int reader_begin(struct statefile *f)
{
	f->file = openat(f->directory, NAME, O_RDONLY | O_CLOEXEC);
	if (f->file < 0)
		return errno == ENOENT ? 0 : -errno;
	return file_take_in(f);
}

static int writer_begin(struct statefile *f)
{
	int error;

	f->file = openat(f->directory, NAME, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	error = f->file < 0 ? -errno : 0;
	if (is_of_the_disk(error)) {
		f->broken = error;
		return reader_begin(f);
	}
	if (!error)
		error = file_take_in(f);
	if (error)
		return error;
	error = file_prepare(f);
	if (!is_of_the_disk(error))
		return error;
	f->broken = error;
	return 0;
}

static int statefile_begin(const char *directory, int (*begin)(struct statefile *f),
			   struct statefile **ret)
{
	struct statefile *f = calloc(1, sizeof(*f));
	int error;

	if (!f)
		return -ENOMEM;
	f->directory = f->lock = f->file = f->next = -1;
	boot_read(f->boot);
	error = directory_open(f, directory);
	if (!error)
		error = directory_lock(f);
	if (!error)
		error = begin(f);
	if (error) {
		statefile_close(f);
		return error;
	}
	*ret = f;
	return 0;
}

int statefile_open(const char *directory, struct statefile **ret)
{
	return statefile_begin(directory, writer_begin, ret);
}

int statefile_look(const char *directory, struct statefile **ret)
{
	return statefile_begin(directory, reader_begin, ret);
}

void statefile_close(struct statefile *f)
{
	if (!f)
		return;
	(void)statefile_flush(f);
	close_if(&f->next);
	close_if(&f->file);
	close_if(&f->lock);
	close_if(&f->directory);
	free(f->old);
	free(f->bytes);
	free(f);
}

void statefile_each(struct statefile *f, void (*take)(void *context, const struct saved *s),
		    void *context)
{
	bool in_snapshot = false;
	struct state_reader r;
	struct saved s;

	state_reader_init(&r, f->old, f->n_old, f->version);
	while (state_reader_next(&r, &s)) {
		in_snapshot = s.kind == SAVED_BEGIN || (in_snapshot && s.kind != SAVED_END);
		take(context, &s);
	}
	/* A snapshot takes the file's name when it is whole: if it has no end, that was damaged. */
	if (in_snapshot)
		take(context, &(struct saved){ .kind = SAVED_END });
	free(f->old);
	f->old = NULL;
	f->n_old = 0;
}

/* The records of the snapshot that are still to come are not for the file. */
static void snapshot_give_up(struct statefile *f)
{
	next_forget(f, &f->next);
	f->skipping = true;
	f->count = 0;
}

static void flush_next(struct statefile *f)
{
	int error = write_all(f->next, f->bytes, f->count);

	if (!error)
		return;
	if (f->broken)
		f->broken = error;
	snapshot_give_up(f);
}

/* Somebody has removed the file, or put another in its place: nobody would find what we write. */
static bool file_is_lost(const struct statefile *f)
{
	struct stat st;

	return fstat(f->file, &st) == 0 && st.st_nlink == 0;
}

/* A record of which only the beginning is written would hide nothing, but it would be a lie. */
static void flush_file(struct statefile *f)
{
	int error = f->file < 0 || file_is_lost(f) ? -ENOENT : 0;

	if (!error)
		error = write_all(f->file, f->bytes, f->count);
	if (!error) {
		f->end += (off_t)f->count;
		return;
	}
	f->broken = error;
	if (f->file >= 0 && ftruncate(f->file, f->end) == 0)
		(void)lseek(f->file, f->end, SEEK_SET);
}

int statefile_flush(struct statefile *f)
{
	if (f->count > 0 && f->next >= 0)
		flush_next(f);
	else if (f->count > 0 && !f->broken)
		flush_file(f);
	f->count = 0;
	/* Ten thousand records were there once: that is no reason to keep their memory. */
	if (f->capacity > BUFFER_KEPT) {
		free(f->bytes);
		f->bytes = NULL;
		f->capacity = 0;
	}
	return f->broken;
}

static void record_append(struct statefile *f, const struct saved *s)
{
	uint8_t bytes[STATE_RECORD_BYTES_MAX];
	size_t length;

	if (f->skipping || (f->broken && f->next < 0))
		return;
	length = state_record_encode(s, bytes);
	if (ARRAY_RESERVE(f->bytes, f->capacity, f->count + length) == 0) {
		memcpy(f->bytes + f->count, bytes, length);
		f->count += length;
	} else if (f->next >= 0) {
		snapshot_give_up(f);
	} else {
		f->broken = -ENOMEM;
	}
}

static void snapshot_begin(struct statefile *f)
{
	uint8_t header[STATE_HEADER_BYTES];
	int error;

	(void)statefile_flush(f);
	close_if(&f->next);
	f->skipping = false;
	f->next = next_open(f);
	error = f->next < 0 ? f->next : 0;
	state_header_make(header, f->boot);
	if (!error)
		error = write_all(f->next, header, sizeof(header));
	if (!error)
		return;
	if (f->broken)
		f->broken = error;
	snapshot_give_up(f);
}

/* From here on the snapshot counts; or what was there before, which is whole or not as it was. */
static void snapshot_end(struct statefile *f)
{
	off_t end;
	int error;

	(void)statefile_flush(f);
	if (f->skipping) {
		f->skipping = false;
		return;
	}
	end = lseek(f->next, 0, SEEK_CUR);
	error = next_take_place(f, &f->next);
	if (error)
		next_forget(f, &f->next);
	else
		f->end = end;
	if (!error || f->broken)
		f->broken = error;
}

void statefile_put(struct statefile *f, const struct saved *s)
{
	if (s->kind == SAVED_BEGIN)
		snapshot_begin(f);
	record_append(f, s);
	if (s->kind == SAVED_END)
		snapshot_end(f);
}
