/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/echo/packet.h"

#include <string.h>

#include "base/hash.h"
#include "net/checksum.h"
#include "wire/reader.h"
#include "wire/writer.h"

#define ETHERTYPE_IPV4 0x0800
#define ETHERTYPE_IPV6 0x86dd
#define PROTOCOL_ICMP 1
#define PROTOCOL_UDP 17
#define PROTOCOL_ICMPV6 58
#define IPV4_HEADER_BYTES 20
#define IPV4_DONT_FRAGMENT 0x4000
#define IPV4_FRAGMENT 0x3fff /* more of them, or not the first */
#define UDP_HEADER_BYTES 8
#define ICMP_HEADER_BYTES 8

/* RFC 2474: class selector 6, network control; as BFD's own packets. */
#define TRAFFIC_CLASS 0xc0

/* A header of IP, of either family. */
struct ip {
	uint8_t protocol, ttl;
	struct address source, destination;
};

static int drop(enum echo_drop reason)
{
	return 1 + (int)reason;
}

static uint64_t tag_make(const struct echo_mark *mark, const struct address *source,
			 const struct address *destination, uint64_t serial)
{
	uint8_t bytes[2 * (1 + ADDRESS_BYTES_MAX) + 12];
	struct writer w;

	writer_init(&w, bytes, sizeof(bytes));
	writer_u8(&w, source->family);
	writer_bytes(&w, source->bytes, ADDRESS_BYTES_MAX);
	writer_u8(&w, destination->family);
	writer_bytes(&w, destination->bytes, ADDRESS_BYTES_MAX);
	writer_u32(&w, mark->cookie);
	writer_u64(&w, serial);
	return hash_sip(mark->key, bytes, w.length);
}

static void ipv4_encode(struct writer *w, const struct echo_send *s)
{
	size_t at = w->length;

	writer_u8(w, 0x45);
	writer_u8(w, TRAFFIC_CLASS);
	writer_u16(w, IPV4_HEADER_BYTES + UDP_HEADER_BYTES + ECHO_PAYLOAD_BYTES);
	writer_u16(w, 0); /* RFC 6864 4.1: what is never cut needs no number */
	writer_u16(w, IPV4_DONT_FRAGMENT);
	writer_u8(w, ECHO_TTL);
	writer_u8(w, PROTOCOL_UDP);
	writer_u16(w, 0);
	writer_bytes(w, s->source.bytes, 4);
	writer_bytes(w, s->destination.bytes, 4);
	writer_patch_u16(w, at + 10,
			 checksum_end(checksum_add(0, w->start + at, IPV4_HEADER_BYTES)));
}

static void ipv6_encode(struct writer *w, const struct echo_send *s)
{
	writer_u32(w, 6U << 28 | (uint32_t)TRAFFIC_CLASS << 20);
	writer_u16(w, UDP_HEADER_BYTES + ECHO_PAYLOAD_BYTES);
	writer_u8(w, PROTOCOL_UDP);
	writer_u8(w, ECHO_TTL);
	writer_bytes(w, s->source.bytes, ADDRESS_BYTES_MAX);
	writer_bytes(w, s->destination.bytes, ADDRESS_BYTES_MAX);
}

void echo_packet_encode(const struct echo_mark *mark, const struct echo_send *s,
			const uint8_t from[ETHER_MAC_BYTES], struct ether_frame *ret)
{
	bool ipv4 = s->source.family == FAMILY_IPV4;
	uint16_t length = UDP_HEADER_BYTES + ECHO_PAYLOAD_BYTES, sum;
	struct writer w;
	size_t udp;

	writer_init(&w, ret->bytes, sizeof(ret->bytes));
	writer_bytes(&w, s->mac, ETHER_MAC_BYTES);
	writer_bytes(&w, from, ETHER_MAC_BYTES);
	writer_u16(&w, ipv4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6);
	if (ipv4)
		ipv4_encode(&w, s);
	else
		ipv6_encode(&w, s);
	udp = w.length;
	writer_u16(&w, mark->source_port);
	writer_u16(&w, ECHO_PORT);
	writer_u16(&w, length);
	writer_u16(&w, 0);
	writer_u32(&w, ECHO_MAGIC);
	writer_u32(&w, mark->cookie);
	writer_u64(&w, s->serial);
	writer_u64(&w, tag_make(mark, &s->source, &s->destination, s->serial));
	sum = checksum_end(
		checksum_add(checksum_pseudo(&s->source, &s->destination, PROTOCOL_UDP, length),
			     w.start + udp, length));
	/* RFC 768: 0 would mean that there is none. */
	writer_patch_u16(&w, udp + 6, sum ? sum : 0xffff);
	ret->interface = s->interface;
	ret->length = (uint16_t)w.length;
}

static struct address read_address(struct reader *r, enum family family)
{
	uint8_t bytes[ADDRESS_BYTES_MAX] = { 0 };

	reader_copy(r, bytes, family_bytes(family));
	return address_make(family, bytes);
}

/* What a header of IPv4 may have beyond 20 bytes is passed over: of ours there is nothing. */
static bool ipv4_decode(struct reader *r, struct ip *ret)
{
	uint8_t first = reader_u8(r);
	size_t length = (first & 15U) * 4U;
	uint16_t cut;

	(void)reader_u8(r);
	(void)reader_u32(r); /* length and number */
	cut = reader_u16(r);
	ret->ttl = reader_u8(r);
	ret->protocol = reader_u8(r);
	(void)reader_u16(r); /* the checksum: the tag says more */
	ret->source = read_address(r, FAMILY_IPV4);
	ret->destination = read_address(r, FAMILY_IPV4);
	if (first >> 4 != 4 || length < IPV4_HEADER_BYTES || cut & IPV4_FRAGMENT)
		return false;
	(void)reader_take(r, length - IPV4_HEADER_BYTES);
	return reader_ok(r);
}

static bool ipv6_decode(struct reader *r, struct ip *ret)
{
	uint32_t first = reader_u32(r);

	(void)reader_u16(r);
	ret->protocol = reader_u8(r);
	ret->ttl = reader_u8(r);
	ret->source = read_address(r, FAMILY_IPV6);
	ret->destination = read_address(r, FAMILY_IPV6);
	return reader_ok(r) && first >> 28 == 6;
}

/* RFC 792; RFC 1812 5.2.7.1. */
static uint8_t refusal_of_icmp(uint8_t type, uint8_t code)
{
	static const uint8_t
		unreachable[] = {
			ECHO_REFUSAL_NO_ROUTE,	 ECHO_REFUSAL_NO_HOST,
			ECHO_REFUSAL_NO_PORT,	 ECHO_REFUSAL_NO_PORT,
			ECHO_REFUSAL_OTHER,	 ECHO_REFUSAL_OTHER,
			ECHO_REFUSAL_NO_ROUTE,	 ECHO_REFUSAL_NO_HOST,
			ECHO_REFUSAL_OTHER,	 [9] = ECHO_REFUSAL_PROHIBITED,
			ECHO_REFUSAL_PROHIBITED, ECHO_REFUSAL_NO_ROUTE,
			ECHO_REFUSAL_NO_HOST,	 ECHO_REFUSAL_PROHIBITED,
		};

	if (type == 11)
		return code == 0 ? ECHO_REFUSAL_TTL_EXCEEDED : ECHO_REFUSAL_OTHER;
	return code < sizeof(unreachable) ? unreachable[code] : ECHO_REFUSAL_OTHER;
}

/* RFC 4443 3.1, 3.3. */
static uint8_t refusal_of_icmpv6(uint8_t type, uint8_t code)
{
	static const uint8_t unreachable[] = {
		ECHO_REFUSAL_NO_ROUTE, ECHO_REFUSAL_PROHIBITED, ECHO_REFUSAL_OTHER,
		ECHO_REFUSAL_NO_HOST,  ECHO_REFUSAL_NO_PORT,	ECHO_REFUSAL_PROHIBITED,
		ECHO_REFUSAL_NO_ROUTE,
	};

	if (type == 3)
		return code == 0 ? ECHO_REFUSAL_TTL_EXCEEDED : ECHO_REFUSAL_OTHER;
	return code < sizeof(unreachable) ? unreachable[code] : ECHO_REFUSAL_OTHER;
}

/* UDP and what is in it, of a packet whose addresses are known by now. */
static int payload_decode(const struct echo_mark *mark, struct reader *r, struct echo_heard *ret)
{
	uint16_t source_port = reader_u16(r), port = reader_u16(r);
	uint32_t magic, cookie;
	uint64_t tag;

	(void)reader_u32(r); /* length and checksum */
	magic = reader_u32(r);
	cookie = reader_u32(r);
	ret->serial = reader_u64(r);
	tag = reader_u64(r);
	if (!reader_ok(r))
		return drop(ret->error ? ECHO_DROP_QUOTE : ECHO_DROP_MALFORMED);
	if (port != ECHO_PORT || magic != ECHO_MAGIC || cookie != mark->cookie ||
	    source_port != mark->source_port)
		return drop(ECHO_DROP_FOREIGN);
	if (tag != tag_make(mark, &ret->source, &ret->destination, ret->serial))
		return drop(ECHO_DROP_FORGED);
	return 0;
}

static bool ip_decode(struct reader *r, bool ipv4, struct ip *ret)
{
	return ipv4 ? ipv4_decode(r, ret) : ipv6_decode(r, ret);
}

static void packet_take(const struct ip *ip, struct echo_heard *ret)
{
	ret->source = ip->source;
	ret->destination = ip->destination;
	ret->ttl = ip->ttl;
}

/* An error quotes the packet that it is about, as far as its sender wants to. */
static int error_decode(const struct echo_mark *mark, struct reader *r, bool ipv4,
			const struct ip *outer, struct echo_heard *ret)
{
	uint8_t type = reader_u8(r), code = reader_u8(r);
	bool redirect = type == (ipv4 ? 5 : 137);
	bool error = ipv4 ? type == 3 || type == 11 : type == 1 || type == 3;
	struct ip quoted;

	/* One of IPv6 has its addresses and options before what it quotes: it is not looked for. */
	if (redirect)
		return drop(ECHO_DROP_REDIRECT);
	if (!error)
		return drop(ECHO_DROP_KIND);
	(void)reader_take(r, ICMP_HEADER_BYTES - 2);
	if (!ip_decode(r, ipv4, &quoted))
		return drop(reader_ok(r) ? ECHO_DROP_MALFORMED : ECHO_DROP_QUOTE);
	if (quoted.protocol != PROTOCOL_UDP)
		return drop(ECHO_DROP_FOREIGN);
	ret->error = true;
	ret->refusal = ipv4 ? refusal_of_icmp(type, code) : refusal_of_icmpv6(type, code);
	ret->by = outer->source;
	packet_take(&quoted, ret);
	return payload_decode(mark, r, ret);
}

int echo_packet_decode(const struct echo_mark *mark, const struct echo_frame *frame,
		       struct echo_heard *ret)
{
	size_t kept = frame->length < ECHO_FRAME_MAX ? frame->length : ECHO_FRAME_MAX;
	struct reader r;
	struct ip outer;
	uint16_t type;
	bool ipv4;

	*ret = (struct echo_heard){ 0 };
	reader_init(&r, frame->bytes, kept);
	(void)reader_take(&r, ETHER_MAC_BYTES);
	reader_copy(&r, ret->mac, ETHER_MAC_BYTES);
	type = reader_u16(&r);
	ipv4 = type == ETHERTYPE_IPV4;
	if (reader_ok(&r) && !ipv4 && type != ETHERTYPE_IPV6)
		return drop(ECHO_DROP_KIND);
	if (!ip_decode(&r, ipv4, &outer))
		return drop(ECHO_DROP_MALFORMED);
	if (outer.protocol == (ipv4 ? PROTOCOL_ICMP : PROTOCOL_ICMPV6))
		return error_decode(mark, &r, ipv4, &outer, ret);
	if (outer.protocol != PROTOCOL_UDP)
		return drop(ECHO_DROP_KIND);
	packet_take(&outer, ret);
	return payload_decode(mark, &r, ret);
}
