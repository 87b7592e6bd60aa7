/* SPDX-License-Identifier: Apache-2.0 */
#include "net/ether.h"

#include <errno.h>
#include <string.h>

#include "net/checksum.h"
#include "wire/reader.h"
#include "wire/writer.h"

#define ETHERTYPE_ARP 0x0806
#define ETHERTYPE_IPV6 0x86dd

#define ARP_HARDWARE_ETHERNET 1
#define ARP_PROTOCOL_IPV4 0x0800
#define ARP_OP_REQUEST 1
#define ARP_OP_REPLY 2

#define IPV6_NEXT_ICMP 58
#define ND_HOP_LIMIT 255 /* RFC 4861 7.1: so no router has handed it on */
#define ND_SOLICITATION 135
#define ND_ADVERTISEMENT 136
#define ND_FIXED_BYTES 24 /* type, code, checksum, flags, target */
#define ND_OPTION_SOURCE 1
#define ND_OPTION_TARGET 2
#define ND_OPTION_UNIT 8 /* RFC 4861 4.6: lengths count these */
#define ND_FLAG_SOLICITED 0x40000000U
#define ND_FLAG_OVERRIDE 0x20000000U

static const uint8_t mac_none[ETHER_MAC_BYTES];

/* A host's own: neither a group's nor none. */
static bool mac_is_unicast(const uint8_t *mac)
{
	return !(mac[0] & 1) && memcmp(mac, mac_none, ETHER_MAC_BYTES) != 0;
}

static struct address read_address(struct reader *r, enum family family)
{
	uint8_t bytes[ADDRESS_BYTES_MAX] = { 0 };

	reader_copy(r, bytes, family_bytes(family));
	return address_make(family, bytes);
}

static int arp_decode(struct reader *r, struct ether_message *ret)
{
	uint16_t hardware = reader_u16(r), protocol = reader_u16(r), lengths = reader_u16(r);
	uint16_t op = reader_u16(r);

	reader_copy(r, ret->mac, ETHER_MAC_BYTES);
	ret->source = read_address(r, FAMILY_IPV4);
	(void)reader_take(r, ETHER_MAC_BYTES); /* RFC 5227 1.1: the target's is to be ignored */
	ret->target = read_address(r, FAMILY_IPV4);
	if (!reader_ok(r) || hardware != ARP_HARDWARE_ETHERNET || protocol != ARP_PROTOCOL_IPV4 ||
	    lengths != (ETHER_MAC_BYTES << 8 | 4))
		return -EBADMSG;
	if (op != ARP_OP_REQUEST && op != ARP_OP_REPLY)
		return -EBADMSG;
	ret->kind = op == ARP_OP_REQUEST ? ETHER_ARP_REQUEST : ETHER_ARP_REPLY;
	return mac_is_unicast(ret->mac) ? 0 : -EBADMSG;
}

/*
 * RFC 4443 2.3, with the pseudo-header of RFC 8200 8.1: 0 when the checksum inside is right, and
 * what it must be when it is 0 now.
 */
static uint16_t icmp_checksum(const struct address *source, const struct address *destination,
			      const uint8_t *bytes, size_t length)
{
	uint32_t sum = checksum_pseudo(source, destination, IPV6_NEXT_ICMP, length);

	return checksum_end(checksum_add(sum, bytes, length));
}

/* One option; others than the link-layer address of this message's kind are passed over. */
static int option_decode(struct reader *r, struct ether_message *m)
{
	uint8_t wanted = m->kind == ETHER_SOLICITATION ? ND_OPTION_SOURCE : ND_OPTION_TARGET;
	uint8_t type = reader_u8(r), units = reader_u8(r);
	const uint8_t *body;

	if (units == 0)
		return -EBADMSG;
	body = reader_take(r, (size_t)units * ND_OPTION_UNIT - 2);
	if (!body)
		return -EBADMSG;
	if (type != wanted)
		return 0;
	if (units != 1 || !mac_is_unicast(body))
		return -EBADMSG;
	memcpy(m->mac, body, ETHER_MAC_BYTES);
	m->has_option = true;
	return 0;
}

/* RFC 4861 7.1.1 and 7.1.2. */
static bool nd_is_valid(const struct ether_message *m)
{
	struct address group = ether_solicited_node(&m->target);

	if (address_is_multicast(&m->target) || address_is_multicast(&m->source))
		return false;
	if (m->kind == ETHER_ADVERTISEMENT)
		return !(m->solicited && address_is_multicast(&m->destination));
	if (!address_is_unspecified(&m->source))
		return true;
	return !m->has_option && address_equal(&m->destination, &group);
}

static int nd_decode(struct reader *r, struct ether_message *ret)
{
	uint8_t type = reader_u8(r), code = reader_u8(r);
	uint32_t flags;

	if (type != ND_SOLICITATION && type != ND_ADVERTISEMENT)
		return -ENOENT;
	(void)reader_u16(r); /* the checksum, which is right */
	flags = reader_u32(r);
	ret->target = read_address(r, FAMILY_IPV6);
	if (!reader_ok(r) || code != 0)
		return -EBADMSG;
	ret->kind = type == ND_SOLICITATION ? ETHER_SOLICITATION : ETHER_ADVERTISEMENT;
	ret->solicited = type == ND_ADVERTISEMENT && flags & ND_FLAG_SOLICITED;
	ret->override = type == ND_ADVERTISEMENT && flags & ND_FLAG_OVERRIDE;
	memcpy(ret->mac, ret->from, ETHER_MAC_BYTES);
	while (reader_left(r) > 0)
		if (option_decode(r, ret) < 0)
			return -EBADMSG;
	return nd_is_valid(ret) ? 0 : -EBADMSG;
}

static int ipv6_decode(struct reader *r, struct ether_message *ret)
{
	uint32_t version = reader_u32(r) >> 28;
	uint16_t length = reader_u16(r);
	uint8_t next = reader_u8(r), hops = reader_u8(r);
	const uint8_t *body;
	struct reader icmp;

	ret->source = read_address(r, FAMILY_IPV6);
	ret->destination = read_address(r, FAMILY_IPV6);
	if (!reader_ok(r) || version != 6)
		return -EBADMSG;
	/* Fragments and extension headers have no place in neighbour discovery: RFC 6980. */
	if (next != IPV6_NEXT_ICMP)
		return -ENOENT;
	body = reader_take(r, length);
	if (length > 0 && body && body[0] != ND_SOLICITATION && body[0] != ND_ADVERTISEMENT)
		return -ENOENT;
	if (!body || length < ND_FIXED_BYTES || hops != ND_HOP_LIMIT ||
	    icmp_checksum(&ret->source, &ret->destination, body, length) != 0)
		return -EBADMSG;
	reader_init(&icmp, body, length);
	return nd_decode(&icmp, ret);
}

int ether_decode(const struct ether_frame *frame, struct ether_message *ret)
{
	size_t kept = frame->length < ETHER_FRAME_MAX ? frame->length : ETHER_FRAME_MAX;
	struct reader r;
	uint16_t type;

	*ret = (struct ether_message){ 0 };
	reader_init(&r, frame->bytes, kept);
	reader_copy(&r, ret->to, ETHER_MAC_BYTES);
	reader_copy(&r, ret->from, ETHER_MAC_BYTES);
	type = reader_u16(&r);
	if (!reader_ok(&r))
		return -EBADMSG;
	if (type != ETHERTYPE_ARP && type != ETHERTYPE_IPV6)
		return -ENOENT;
	if (!mac_is_unicast(ret->from))
		return -EBADMSG;
	return type == ETHERTYPE_ARP ? arp_decode(&r, ret) : ipv6_decode(&r, ret);
}

static void arp_encode(struct writer *w, const struct ether_message *m)
{
	writer_u16(w, ARP_HARDWARE_ETHERNET);
	writer_u16(w, ARP_PROTOCOL_IPV4);
	writer_u8(w, ETHER_MAC_BYTES);
	writer_u8(w, 4);
	writer_u16(w, m->kind == ETHER_ARP_REQUEST ? ARP_OP_REQUEST : ARP_OP_REPLY);
	writer_bytes(w, m->mac, ETHER_MAC_BYTES);
	writer_bytes(w, m->source.bytes, 4);
	if (m->kind == ETHER_ARP_REPLY)
		writer_bytes(w, m->to, ETHER_MAC_BYTES);
	else
		writer_zeros(w, ETHER_MAC_BYTES);
	writer_bytes(w, m->target.bytes, 4);
}

static void nd_encode(struct writer *w, const struct ether_message *m)
{
	uint16_t length = ND_FIXED_BYTES + (m->has_option ? ND_OPTION_UNIT : 0);
	bool asks = m->kind == ETHER_SOLICITATION;
	size_t icmp;

	writer_u32(w, 6U << 28);
	writer_u16(w, length);
	writer_u8(w, IPV6_NEXT_ICMP);
	writer_u8(w, ND_HOP_LIMIT);
	writer_bytes(w, m->source.bytes, ADDRESS_BYTES_MAX);
	writer_bytes(w, m->destination.bytes, ADDRESS_BYTES_MAX);
	icmp = w->length;
	writer_u8(w, asks ? ND_SOLICITATION : ND_ADVERTISEMENT);
	writer_u8(w, 0);
	writer_u16(w, 0);
	writer_u32(w,
		   (m->solicited ? ND_FLAG_SOLICITED : 0) | (m->override ? ND_FLAG_OVERRIDE : 0));
	writer_bytes(w, m->target.bytes, ADDRESS_BYTES_MAX);
	if (m->has_option) {
		writer_u8(w, asks ? ND_OPTION_SOURCE : ND_OPTION_TARGET);
		writer_u8(w, 1);
		writer_bytes(w, m->mac, ETHER_MAC_BYTES);
	}
	writer_patch_u16(w, icmp + 2,
			 icmp_checksum(&m->source, &m->destination, w->start + icmp, length));
}

void ether_encode(const struct ether_message *m, struct ether_frame *ret)
{
	bool arp = m->kind == ETHER_ARP_REQUEST || m->kind == ETHER_ARP_REPLY;
	struct writer w;

	writer_init(&w, ret->bytes, sizeof(ret->bytes));
	writer_bytes(&w, m->to, ETHER_MAC_BYTES);
	writer_bytes(&w, m->from, ETHER_MAC_BYTES);
	writer_u16(&w, arp ? ETHERTYPE_ARP : ETHERTYPE_IPV6);
	if (arp)
		arp_encode(&w, m);
	else
		nd_encode(&w, m);
	ret->length = (uint16_t)w.length;
}

struct address ether_solicited_node(const struct address *a)
{
	uint8_t bytes[ADDRESS_BYTES_MAX] = { 0xff, 2, [11] = 1, [12] = 0xff };

	memcpy(bytes + 13, a->bytes + 13, 3);
	return address_make(FAMILY_IPV6, bytes);
}

void ether_multicast_mac(const struct address *a, uint8_t ret[ETHER_MAC_BYTES])
{
	ret[0] = ret[1] = 0x33;
	memcpy(ret + 2, a->bytes + 12, 4);
}

/*
 * Who is asked learns our addresses on the way (RFC 826; RFC 4861 4.3), so it need not ask back
 * before it can answer.
 */
void ether_ask(const struct path *path, const uint8_t from[ETHER_MAC_BYTES], const uint8_t *to,
	       struct ether_frame *ret)
{
	bool ipv4 = path->local.family == FAMILY_IPV4;
	struct ether_message m = {
		.kind = ipv4 ? ETHER_ARP_REQUEST : ETHER_SOLICITATION,
		.has_option = !ipv4,
		.source = path->local,
		.destination = path->peer,
		.target = path->peer,
	};

	memcpy(m.from, from, ETHER_MAC_BYTES);
	memcpy(m.mac, from, ETHER_MAC_BYTES);
	if (to) {
		memcpy(m.to, to, ETHER_MAC_BYTES);
	} else if (ipv4) {
		memset(m.to, 0xff, ETHER_MAC_BYTES);
	} else {
		m.destination = ether_solicited_node(&path->peer);
		ether_multicast_mac(&m.destination, m.to);
	}
	ret->interface = path->interface;
	ether_encode(&m, ret);
}

/*
 * RFC 826: a reply is from its sender to its target. RFC 4861 7.2.4: an advertisement that was
 * asked for has the address that the question was about as its target, and goes to who has asked.
 */
int ether_answer(const struct ether_frame *frame, struct path *ret,
		 uint8_t ret_mac[ETHER_MAC_BYTES])
{
	struct ether_message m;
	int error = ether_decode(frame, &m);
	bool arp = m.kind == ETHER_ARP_REPLY;

	if (error)
		return error;
	if (!arp && !(m.kind == ETHER_ADVERTISEMENT && m.solicited))
		return -ENOENT;
	*ret = (struct path){
		.interface = frame->interface,
		.peer = arp ? m.source : m.target,
		.local = arp ? m.target : m.destination,
	};
	memcpy(ret_mac, m.mac, ETHER_MAC_BYTES);
	return 0;
}
