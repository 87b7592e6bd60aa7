/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/trace.h"

#define BUFFER_BYTES ((size_t)64 << 10)
#define RECORD_BYTES_MAX                                                                           \
	(TRACE_HEADER_BYTES +                                                                      \
	 (INPUT_BYTES_MAX > EFFECT_BYTES_MAX ? INPUT_BYTES_MAX : EFFECT_BYTES_MAX))

struct recording {
	int fd;
	int error; /* the first one of the file; nothing is written after it */
	size_t length;
	uint8_t buffer[BUFFER_BYTES];
};

/* The mode of open() says nothing of a file that was there already; a device keeps its own. */
static int file_own(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -1;
	return S_ISREG(st.st_mode) ? fchmod(fd, 0600) : 0;
}

int record_open(const char *path, struct recording **ret)
{
	struct recording *r = calloc(1, sizeof(*r));
	int error;

	if (!r)
		return -ENOMEM;
	r->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (r->fd < 0 || file_own(r->fd) < 0) {
		error = -errno;
		if (r->fd >= 0)
			close(r->fd);
		free(r);
		return error;
	}
	memcpy(r->buffer, TRACE_MAGIC, TRACE_MAGIC_BYTES);
	r->length = TRACE_MAGIC_BYTES;
	*ret = r;
	return 0;
}

void record_close(struct recording *r)
{
	if (!r)
		return;
	record_flush(r);
	close(r->fd);
	free(r);
}

int record_flush(struct recording *r)
{
	size_t done = 0;
	ssize_t n;

	if (r->error)
		return 0;
	while (done < r->length) {
		n = write(r->fd, r->buffer + done, r->length - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			r->error = n < 0 ? -errno : -EIO;
			return r->error;
		}
		done += (size_t)n;
	}
	r->length = 0;
	return 0;
}

/*
 * Where the bytes of the next record go, behind its header. NULL when nothing is recorded any more.
 */
static uint8_t *room(struct recording *r)
{
	if (r->error || (r->length + RECORD_BYTES_MAX > BUFFER_BYTES && record_flush(r) < 0))
		return NULL;
	return r->buffer + r->length + TRACE_HEADER_BYTES;
}

static void finish(struct recording *r, enum trace_kind kind, struct instant now, size_t length)
{
	struct trace_header h = { .kind = (uint8_t)kind, .at = now, .length = (uint32_t)length };

	trace_header_encode(&h, r->buffer + r->length);
	r->length += TRACE_HEADER_BYTES + length;
}

void record_input(struct recording *r, struct instant now, const struct input *in)
{
	uint8_t *at = room(r);

	if (at)
		finish(r, TRACE_INPUT, now, input_encode(in, at));
}

void record_effect(struct recording *r, struct instant now, const struct effect *e)
{
	uint8_t *at = room(r);

	if (at)
		finish(r, TRACE_EFFECT, now, effect_encode(e, at));
}
