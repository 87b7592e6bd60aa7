/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as what an ICMP socket hears while a check waits for its echo. Only the echo passes:
 * nobody who does not know the token makes a service look well.
 */
#include <errno.h>
#include <string.h>

#include "fuzz.h"
#include "linux/attempt.h"
#include "wire/reader.h"

static struct reader heard;
static unsigned answered;

ssize_t recv(int fd, void *to, size_t size, int flags)
{
	size_t length = reader_u8(&heard);
	const uint8_t *bytes = reader_take(&heard, length);

	(void)fd;
	(void)flags;
	if (!bytes) {
		errno = EAGAIN;
		return -1;
	}
	length = length < size ? length : size;
	memcpy(to, bytes, length);
	return (ssize_t)length;
}

/* In place of the life of an attempt, which is not wanted here. */

void attempt_answer(struct attempt *p, bool passed, const char *format, ...)
{
	(void)p;
	(void)format;
	answered += passed;
}

void attempt_fail(struct attempt *p, int error)
{
	(void)p;
	assert(error < 0);
}

double attempt_age_ms(const struct attempt *p)
{
	(void)p;
	return 0;
}

int attempt_watch(struct attempt *p, int events)
{
	(void)p;
	(void)events;
	return 0;
}

int attempt_connect(struct attempt *p, int type, int protocol)
{
	(void)p;
	(void)type;
	(void)protocol;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	/* The token of a corpus file, which no fuzzer hits upon by chance: eight bytes of 'k'. */
	static const uint64_t token = 0x6b6b6b6b6b6b6b6b;
	struct attempt p = { .icmp = { .id = 0x6b6b, .token = token } };
	uint8_t how;

	reader_init(&heard, bytes, length);
	how = reader_u8(&heard);
	p.icmp.raw = how & 1;
	p.settings.address.family = how & 2 ? FAMILY_IPV6 : FAMILY_IPV4;
	answered = 0;
	attempt_icmp.ready(&p);
	/* Who has answered has said the token. */
	assert(answered == 0 || memmem(bytes, length, &token, sizeof(token)));
	return 0;
}
