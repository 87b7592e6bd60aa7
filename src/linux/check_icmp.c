/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The check `icmp`: an echo request is answered (RFC 792, RFC 4443 4). By a ping socket, where the
 * kernel lets us have one (ping_group_range), since it hears its own echoes alone; else by a raw
 * socket, which hears everybody's.
 */
#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <string.h>
#include <sys/random.h>

#include "linux/attempt.h"
#include "wire/reader.h"
#include "wire/writer.h"

#define PACKET_MAX 512
#define ECHO_BYTES 16
#define SEQUENCE 1

/* RFC 1071. The length is even. */
static uint16_t checksum(const uint8_t *bytes, size_t length)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < length; i += 2)
		sum += (uint32_t)bytes[i] << 8 | bytes[i + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* The kernel fills in the checksum of all but raw IPv4, and the identifier of ping sockets. */
static int echo_send(struct attempt *p)
{
	bool four = p->settings.address.family == FAMILY_IPV4;
	uint8_t bytes[ECHO_BYTES];
	struct writer w;

	writer_init(&w, bytes, sizeof(bytes));
	writer_u8(&w, four ? ICMP_ECHO : ICMP6_ECHO_REQUEST);
	writer_u8(&w, 0);
	writer_u16(&w, 0);
	writer_u16(&w, p->icmp.id);
	writer_u16(&w, SEQUENCE);
	writer_u64(&w, p->icmp.token);
	if (four)
		writer_patch_u16(&w, 2, checksum(bytes, w.length));
	return send(p->fd, bytes, w.length, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* The port of such a socket is its identifier; that of the far end says nothing. */
static int echo_open(struct attempt *p)
{
	int protocol = p->settings.address.family == FAMILY_IPV4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	int error;

	p->settings.port = 0;
	error = attempt_connect(p, SOCK_DGRAM, protocol);
	if (p->fd >= 0)
		return error;
	p->icmp.raw = true;
	return attempt_connect(p, SOCK_RAW, protocol);
}

static int icmp_start(struct attempt *p)
{
	int error;

	if (getrandom(&p->icmp.token, sizeof(p->icmp.token), GRND_NONBLOCK) !=
	    sizeof(p->icmp.token))
		return -EAGAIN;
	p->icmp.id = (uint16_t)p->icmp.token;
	error = echo_open(p);
	if (!error)
		error = echo_send(p);
	return error ? error : attempt_watch(p, UV_READABLE);
}

/* A raw IPv4 socket is given the IP header, too. */
static void ip_header_skip(struct reader *r)
{
	uint8_t first = reader_u8(r);

	(void)reader_take(r, (first & 0x0fu) * 4u - 1);
}

static bool is_our_echo(const struct attempt *p, const uint8_t *bytes, size_t length)
{
	bool four = p->settings.address.family == FAMILY_IPV4;
	uint8_t type;
	uint16_t id;
	struct reader r;

	reader_init(&r, bytes, length);
	if (p->icmp.raw && four)
		ip_header_skip(&r);
	type = reader_u8(&r);
	(void)reader_take(&r, 3);
	id = reader_u16(&r);
	return reader_u16(&r) == SEQUENCE && reader_u64(&r) == p->icmp.token && reader_ok(&r) &&
	       type == (four ? ICMP_ECHOREPLY : ICMP6_ECHO_REPLY) &&
	       (!p->icmp.raw || id == p->icmp.id);
}

static void icmp_ready(struct attempt *p)
{
	uint8_t bytes[PACKET_MAX];
	ssize_t n;

	/* A raw socket may have a lot of what is not ours before what is. */
	while ((n = recv(p->fd, bytes, sizeof(bytes), 0)) >= 0) {
		if (!is_our_echo(p, bytes, (size_t)n))
			continue;
		attempt_answer(p, true, "answered in %.1f ms", attempt_age_ms(p));
		return;
	}
	if (errno != EAGAIN && errno != EINTR)
		attempt_fail(p, -errno);
}

const struct attempt_method attempt_icmp = { .start = icmp_start, .ready = icmp_ready };
