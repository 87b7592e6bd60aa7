/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/statefile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "wire/reader.h"
#include "wire/writer.h"

#define MAGIC "VIPDST03"
#define BOOT_BYTES 36 /* of /proc/sys/kernel/random/boot_id */
#define HEADER_BYTES (sizeof(MAGIC) - 1 + BOOT_BYTES)
#define RECORD_HEADER_BYTES 6 /* u16 length, u32 checksum */

#define FILE_BYTES_MAX ((off_t)64 << 20)

struct statefile {
	int directory, lock, file;
	int next; /* the snapshot that is being written; -1: none */
	char header[HEADER_BYTES];
	uint8_t *old; /* owned: what was there when it was opened */
	size_t n_old;
	uint8_t *bytes; /* owned: not written yet */
	size_t count, capacity;
	int error;
};

static uint32_t checksum(const uint8_t *bytes, size_t length)
{
	return hash_bytes(0x76697064, bytes, length);
}

static void header_make(char *header)
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);

	memset(header, '-', HEADER_BYTES);
	memcpy(header, MAGIC, sizeof(MAGIC) - 1);
	/* Without /proc every boot looks the same: then the rival check has to do. */
	if (fd >= 0 && read(fd, header + sizeof(MAGIC) - 1, BOOT_BYTES) < 0)
		memset(header + sizeof(MAGIC) - 1, '-', BOOT_BYTES);
	if (fd >= 0)
		close(fd);
}

/* The next record in the bytes; false at their end, or where they are torn. */
static bool record_next(const uint8_t *bytes, size_t length, size_t *position, struct saved *ret)
{
	struct reader r;
	uint16_t size;
	uint32_t sum;

	if (length - *position < RECORD_HEADER_BYTES)
		return false;
	reader_init(&r, bytes + *position, RECORD_HEADER_BYTES);
	size = reader_u16(&r);
	sum = reader_u32(&r);
	if (length - *position - RECORD_HEADER_BYTES < size)
		return false;
	bytes += *position + RECORD_HEADER_BYTES;
	if (checksum(bytes, size) != sum || saved_decode(bytes, size, ret) < 0)
		return false;
	*position += RECORD_HEADER_BYTES + (size_t)size;
	return true;
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

/* Takes in what was written, as far as it is whole and of this boot. */
static int file_take_in(struct statefile *f)
{
	struct saved s;
	struct stat st;
	size_t good = 0;
	int error;

	if (fstat(f->file, &st) < 0)
		return -errno;
	if (st.st_size < (off_t)HEADER_BYTES || st.st_size > FILE_BYTES_MAX)
		return 0;
	f->old = malloc((size_t)st.st_size);
	if (!f->old)
		return -ENOMEM;
	error = read_all(f->file, f->old, (size_t)st.st_size);
	if (error)
		return error;
	if (memcmp(f->old, f->header, HEADER_BYTES) != 0)
		return 0;
	f->n_old = (size_t)st.st_size - HEADER_BYTES;
	memmove(f->old, f->old + HEADER_BYTES, f->n_old);
	while (record_next(f->old, f->n_old, &good, &s))
		;
	f->n_old = good;
	return 0;
}

/* Ready to append: behind what is good, or behind a new header. */
static int statefile_prepare(struct statefile *f)
{
	off_t end = (off_t)(HEADER_BYTES + f->n_old);

	if (f->n_old == 0) {
		if (ftruncate(f->file, 0) < 0 || lseek(f->file, 0, SEEK_SET) < 0)
			return -errno;
		return write(f->file, f->header, HEADER_BYTES) == (ssize_t)HEADER_BYTES ? 0 : -EIO;
	}
	return ftruncate(f->file, end) < 0 || lseek(f->file, end, SEEK_SET) < 0 ? -errno : 0;
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
	return f->lock < 0 || flock(f->lock, LOCK_EX | LOCK_NB) < 0 ? -errno : 0;
}

static int writer_begin(struct statefile *f)
{
	int error;

	f->file = openat(f->directory, "state", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (f->file < 0)
		return -errno;
	error = file_take_in(f);
	return error ? error : statefile_prepare(f);
}

static int reader_begin(struct statefile *f)
{
	f->file = openat(f->directory, "state", O_RDONLY | O_CLOEXEC);
	if (f->file < 0)
		return errno == ENOENT ? 0 : -errno;
	return file_take_in(f);
}

static int statefile_begin(const char *directory, int (*begin)(struct statefile *f),
			   struct statefile **ret)
{
	struct statefile *f = calloc(1, sizeof(*f));
	int error;

	if (!f)
		return -ENOMEM;
	f->directory = f->lock = f->file = f->next = -1;
	header_make(f->header);
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

static void close_if(int fd)
{
	if (fd >= 0)
		close(fd);
}

void statefile_close(struct statefile *f)
{
	if (!f)
		return;
	(void)statefile_flush(f);
	close_if(f->next);
	close_if(f->file);
	close_if(f->lock);
	close_if(f->directory);
	free(f->old);
	free(f->bytes);
	free(f);
}

void statefile_each(struct statefile *f, void (*take)(void *context, const struct saved *s),
		    void *context)
{
	size_t position = 0;
	struct saved s;

	/* Snapshots lie in files of their own: what is here is one, and what came after it. */
	while (record_next(f->old, f->n_old, &position, &s))
		take(context, &s);
	free(f->old);
	f->old = NULL;
	f->n_old = 0;
}

static int buffer_reserve(struct statefile *f, size_t more)
{
	size_t capacity = f->capacity ? f->capacity : 4096;
	uint8_t *grown;

	while (capacity < f->count + more)
		capacity *= 2;
	if (capacity == f->capacity)
		return 0;
	grown = realloc(f->bytes, capacity);
	if (!grown)
		return -ENOMEM;
	f->bytes = grown;
	f->capacity = capacity;
	return 0;
}

static int write_out(struct statefile *f)
{
	int to = f->next >= 0 ? f->next : f->file;
	size_t done = 0;

	while (done < f->count) {
		ssize_t n = write(to, f->bytes + done, f->count - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		done += (size_t)n;
	}
	return 0;
}

int statefile_flush(struct statefile *f)
{
	int error = f->error;

	if (f->count > 0 && !error)
		error = write_out(f);
	f->count = 0;
	f->error = 0;
	/* Ten thousand records were there once: that is no reason to keep their memory. */
	if (f->capacity > 65536) {
		free(f->bytes);
		f->bytes = NULL;
		f->capacity = 0;
	}
	return error;
}

static void record_append(struct statefile *f, const struct saved *s)
{
	uint8_t body[SAVED_BYTES_MAX];
	size_t length = saved_encode(s, body);
	struct writer w;

	if (buffer_reserve(f, RECORD_HEADER_BYTES + length) < 0) {
		f->error = -ENOMEM;
		return;
	}
	writer_init(&w, f->bytes + f->count, RECORD_HEADER_BYTES);
	writer_u16(&w, (uint16_t)length);
	writer_u32(&w, checksum(body, length));
	memcpy(f->bytes + f->count + RECORD_HEADER_BYTES, body, length);
	f->count += RECORD_HEADER_BYTES + length;
}

static void snapshot_begin(struct statefile *f)
{
	int error = statefile_flush(f);

	close_if(f->next);
	f->next = openat(f->directory, "state.new", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (f->next < 0)
		error = -errno;
	else if (write(f->next, f->header, HEADER_BYTES) != (ssize_t)HEADER_BYTES)
		error = -EIO;
	f->error = error;
}

static void snapshot_end(struct statefile *f)
{
	int error = statefile_flush(f);

	if (!error && f->next >= 0 &&
	    renameat(f->directory, "state.new", f->directory, "state") < 0)
		error = -errno;
	if (!error && f->next >= 0) {
		close(f->file);
		f->file = f->next;
	} else {
		close_if(f->next);
	}
	f->next = -1;
	f->error = error;
}

void statefile_put(struct statefile *f, const struct saved *s)
{
	if (s->kind == SAVED_BEGIN)
		snapshot_begin(f);
	record_append(f, s);
	if (s->kind == SAVED_END)
		snapshot_end(f);
}
