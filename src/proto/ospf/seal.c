/* SPDX-License-Identifier: Apache-2.0 */
/*
 *	v2: header with its 64 bits of authentication | body | [sequence] | digest | [LLS]
 *	v3: header | body | [LLS] | trailer: type, length, key, sequence, digest
 *	    └──── the packet ────┘
 *
 * The sequence behind the packet is that of RFC 7474. LLS (RFC 5613) is of those who send it; what
 * it says is not looked at, but in v3 it lies below the digest.
 */
#include "proto/ospf/seal.h"

#include <assert.h>
#include <string.h>

#include "net/checksum.h"
#include "net/digest.h"
#include "proto/ospf/ospf.h"

#define CHECKSUM_AT 12
#define V2_AUTH_TYPE_AT 14
#define V2_AUTH_AT 16 /* the 64 bits: RFC 2328 D.3, RFC 7474 3 */
#define V2_AUTH_BYTES 8
#define V2_SEQUENCE_BYTES 8
#define V3_OPTIONS_BYTES 4 /* with what stands before them: RFC 5340 A.3.2, A.3.3 */
#define V3_HELLO_OPTIONS_AT 20
#define V3_DESCRIPTION_OPTIONS_AT 16
#define V3_TRAILER_BYTES 16
#define V3_TRAILER_TYPE 1 /* RFC 7166 4.1 */
#define LLS_HEADER_BYTES 4

/* RFC 2328 D, RFC 7474 3 */
enum auth_wire {
	WIRE_NONE,
	WIRE_SIMPLE,
	WIRE_DIGEST,
	WIRE_EXTENDED,
};

/* Cryptographic protocol identifiers of the IANA. */
#define PROTOCOL_OSPFV3 1
#define PROTOCOL_OSPFV2 3

size_t ospf_secret_max(enum ospf_version v, enum auth_type type)
{
	switch (type) {
	case AUTH_SIMPLE:
		return v == OSPF_V2 ? OSPF_SECRET_SIMPLE_MAX : 0;
	case AUTH_MD5:
		return v == OSPF_V2 ? OSPF_SECRET_MD5_MAX : 0;
	default:
		return digest_bytes((uint8_t)type) > 0 ? SECRET_MAX : 0;
	}
}

size_t ospf_seal_bytes(enum ospf_version v, enum auth_type type)
{
	size_t digest = digest_bytes((uint8_t)type);

	if (digest == 0 || (v == OSPF_V2 && type == AUTH_MD5))
		return digest;
	return digest + (v == OSPF_V2 ? V2_SEQUENCE_BYTES : V3_TRAILER_BYTES);
}

static uint32_t number_read(const uint8_t *at, size_t length)
{
	uint32_t value = 0;

	for (size_t i = 0; i < length; i++)
		value = value << 8 | at[i];
	return value;
}

/* RFC 2328 D.4: of the packet, but for its 64 bits of authentication. */
static uint16_t checksum_v2(const uint8_t *bytes, size_t length)
{
	uint32_t sum = checksum_add(0, bytes, V2_AUTH_AT);

	return checksum_end(checksum_add(sum, bytes + V2_AUTH_AT + V2_AUTH_BYTES,
					 length - V2_AUTH_AT - V2_AUTH_BYTES));
}

/* RFC 5340 A.3.1: with the pseudo-header, in which the length is that of the packet. */
static uint16_t checksum_v3(const struct ospf_packet *p, const uint8_t *bytes, size_t length)
{
	uint32_t sum = checksum_pseudo(&p->source, &p->destination, OSPF_PROTOCOL, length);

	return checksum_end(checksum_add(sum, bytes, length));
}

static uint16_t checksum_of(enum ospf_version v, const struct ospf_packet *p, const uint8_t *bytes,
			    size_t length)
{
	return v == OSPF_V2 ? checksum_v2(bytes, length) : checksum_v3(p, bytes, length);
}

static void password_fill(const struct secret *s, uint8_t *password)
{
	memset(password, 0, V2_AUTH_BYTES);
	memcpy(password, s->bytes, s->length < V2_AUTH_BYTES ? s->length : V2_AUTH_BYTES);
}

/*
 * What goes into the digest beyond the bytes: in v3 and with extended sequence numbers the source,
 * and the number of the protocol (RFC 7166 4.5, RFC 7474 5 and 6).
 */
static struct digest_bound bound_of(enum ospf_version v, bool extended,
				    const struct address *source)
{
	if (v == OSPF_V3)
		return (struct digest_bound){ PROTOCOL_OSPFV3, *source };
	return extended ? (struct digest_bound){ PROTOCOL_OSPFV2, *source }
			: (struct digest_bound){ 0 };
}

/* The 64 bits of v2; with extended sequence numbers these stand behind the packet. */
static void seal_v2(struct writer *w, const struct ospf_packet *p, const struct secret *s)
{
	uint8_t auth[V2_AUTH_BYTES];
	struct writer head;
	uint8_t wire = WIRE_NONE;

	writer_init(&head, auth, sizeof(auth));
	if (p->auth == AUTH_SIMPLE) {
		wire = WIRE_SIMPLE;
		password_fill(s, auth);
	} else if (p->auth != AUTH_NONE && p->extended) {
		wire = WIRE_EXTENDED;
		writer_u24(&head, 0);
		writer_u8(&head, (uint8_t)digest_bytes(p->auth));
		writer_u32(&head, s->id);
		writer_u64(w, p->sequence);
	} else if (p->auth != AUTH_NONE) {
		wire = WIRE_DIGEST;
		writer_u16(&head, 0);
		writer_u8(&head, s->id);
		writer_u8(&head, (uint8_t)digest_bytes(p->auth));
		writer_u32(&head, (uint32_t)p->sequence);
	} else {
		memset(auth, 0, sizeof(auth));
	}
	memcpy(w->start + V2_AUTH_AT, auth, sizeof(auth));
	writer_patch_u16(w, V2_AUTH_TYPE_AT, wire);
}

/* Where the options of the packet stand, of `length` bytes; 0: it has none. */
static size_t options_at(const uint8_t *bytes, size_t length)
{
	size_t at = 0;

	if (bytes[1] == OSPF_HELLO)
		at = V3_HELLO_OPTIONS_AT;
	else if (bytes[1] == OSPF_DESCRIPTION)
		at = V3_DESCRIPTION_OPTIONS_AT;
	return length >= at + V3_OPTIONS_BYTES ? at : 0;
}

/* RFC 7166 4.1, and 2.1: hellos and descriptions say that packets have a trailer. */
static void seal_v3(struct writer *w, const struct ospf_packet *p, const struct secret *s)
{
	size_t at = options_at(w->start, w->length);

	if (p->auth == AUTH_NONE)
		return;
	if (at > 0)
		writer_patch_u16(w, at + 2,
				 (uint16_t)(number_read(w->start + at + 2, 2) | OSPF_V3_AT));
	writer_u16(w, V3_TRAILER_TYPE);
	writer_u16(w, (uint16_t)(V3_TRAILER_BYTES + digest_bytes(p->auth)));
	writer_u16(w, 0);
	writer_u16(w, s->id);
	writer_u64(w, p->sequence);
}

size_t ospf_seal(enum ospf_version v, const struct keyring *k, const struct ospf_packet *p,
		 uint8_t *to)
{
	const struct secret *s = keyring_find(k, p->key);
	struct digest_bound bound = bound_of(v, p->extended, &p->source);
	uint8_t digest[DIGEST_MAX];
	struct writer w;

	/* What is to be sealed in one way never leaves in another, or without. */
	if (p->auth != k->type || p->length < ospf_header_bytes(v) || p->length > OSPF_PACKET_MAX)
		return 0;
	if (p->auth != AUTH_NONE && (!s || ospf_secret_max(v, (enum auth_type)p->auth) == 0))
		return 0;
	if (p->auth == AUTH_MD5 && p->extended) /* RFC 7474 has it of HMAC-SHA alone */
		return 0;
	writer_init(&w, to, p->length + OSPF_SEAL_MAX);
	writer_bytes(&w, p->bytes, p->length);
	writer_patch_u16(&w, CHECKSUM_AT, 0);
	if (v == OSPF_V2)
		seal_v2(&w, p, s);
	else
		seal_v3(&w, p, s);
	if (digest_bytes(p->auth) > 0) {
		digest_make(p->auth, s, &bound, to, w.length, digest);
		writer_bytes(&w, digest, digest_bytes(p->auth));
	} else {
		writer_patch_u16(&w, CHECKSUM_AT, checksum_of(v, p, to, p->length));
	}
	assert(writer_ok(&w));
	return w.length;
}

static void refuse(struct ospf_packet *p, enum ospf_drop reason)
{
	p->refused = true;
	p->reason = (uint8_t)reason;
	p->length = 0;
}

/* A packet without a digest: it ends here, if its checksum is right. */
static void open_checksum(enum ospf_version v, struct ospf_packet *p, size_t end)
{
	if (checksum_of(v, p, p->bytes, end) != 0)
		refuse(p, OSPF_DROP_CHECKSUM);
	else
		p->length = end;
}

/* What stands in a packet about the seal of it. */
struct seal_head {
	uint32_t key;
	size_t digest_at;
	size_t packet; /* its length */
};

/* The digest of all that stands before it, if it is there; and the packet ends where it does. */
static void open_digest(enum ospf_version v, const struct keyring *k, struct ospf_packet *p,
			const struct seal_head *head)
{
	struct digest_bound bound = bound_of(v, p->extended, &p->source);
	const struct secret *s =
		head->key <= UINT8_MAX ? keyring_find(k, (uint8_t)head->key) : NULL;
	uint8_t digest[DIGEST_MAX];

	p->key = (uint8_t)head->key;
	if (!s) {
		refuse(p, OSPF_DROP_AUTH_KEY);
		return;
	}
	digest_make(k->type, s, &bound, p->bytes, head->digest_at, digest);
	if (digest_equal(digest, p->bytes + head->digest_at, digest_bytes(k->type)))
		p->length = head->packet;
	else
		refuse(p, OSPF_DROP_AUTH_DIGEST);
}

static void open_simple(const struct keyring *k, struct ospf_packet *p, size_t end)
{
	uint8_t password[V2_AUTH_BYTES];

	for (size_t i = 0; i < k->n; i++) {
		password_fill(&k->secrets[i], password);
		if (!digest_equal(password, p->bytes + V2_AUTH_AT, sizeof(password)))
			continue;
		p->key = k->secrets[i].id;
		open_checksum(OSPF_V2, p, end);
		return;
	}
	refuse(p, OSPF_DROP_AUTH_DIGEST);
}

static void open_digest_v2(const struct keyring *k, struct ospf_packet *p, size_t end)
{
	size_t digest = digest_bytes(k->type), extra = p->extended ? V2_SEQUENCE_BYTES : 0;
	const uint8_t *auth = p->bytes + V2_AUTH_AT;
	struct seal_head head = { .digest_at = end + extra, .packet = end };
	uint8_t says = auth[3];
	struct reader behind;

	/* Whether the extended sequence counts as a part of the digest is not said: both are taken.
	 */
	if ((says != digest && says != digest + extra) || p->length < head.digest_at + digest) {
		refuse(p, OSPF_DROP_AUTH_LENGTH);
		return;
	}
	reader_init(&behind, p->bytes + end, extra);
	p->sequence = p->extended ? reader_u64(&behind) : number_read(auth + 4, 4);
	head.key = p->extended ? number_read(auth + 4, 4) : auth[2];
	open_digest(OSPF_V2, k, p, &head);
}

static void open_v2(const struct keyring *k, struct ospf_packet *p, size_t end)
{
	uint32_t wire = number_read(p->bytes + V2_AUTH_TYPE_AT, 2);

	if (k->type == AUTH_NONE && wire != WIRE_NONE) {
		refuse(p, OSPF_DROP_AUTHENTICATION);
	} else if (k->type == AUTH_NONE) {
		open_checksum(OSPF_V2, p, end);
	} else if (wire == WIRE_NONE) {
		refuse(p, OSPF_DROP_AUTH_MISSING);
	} else if (k->type == AUTH_SIMPLE && wire == WIRE_SIMPLE) {
		open_simple(k, p, end);
	} else if (k->type != AUTH_SIMPLE &&
		   (wire == WIRE_DIGEST || (wire == WIRE_EXTENDED && k->type != AUTH_MD5))) {
		p->extended = wire == WIRE_EXTENDED;
		open_digest_v2(k, p, end);
	} else {
		refuse(p, OSPF_DROP_AUTH_TYPE);
	}
}

/* Whether the packet has options, and the bit is set in them. */
static bool option_is(const struct ospf_packet *p, size_t end, uint32_t bit, bool set)
{
	size_t at = options_at(p->bytes, end);

	return at > 0 && !(number_read(p->bytes + at, V3_OPTIONS_BYTES) & bit) != set;
}

/* Where the trailer begins: RFC 5613 2, behind the LLS, of those packets that may have one. */
static size_t trailer_at(const struct ospf_packet *p, size_t end)
{
	if (!option_is(p, end, OSPF_V3_L, true) || p->length < end + LLS_HEADER_BYTES)
		return end;
	return end + number_read(p->bytes + end + 2, 2) * 4;
}

/* RFC 7166 4.6 */
static void open_digest_v3(const struct keyring *k, struct ospf_packet *p, size_t at, size_t end)
{
	struct seal_head head = { .digest_at = at + V3_TRAILER_BYTES, .packet = end };
	size_t length = V3_TRAILER_BYTES + digest_bytes(k->type);
	struct reader trailer;
	uint16_t type, says;

	reader_init(&trailer, p->bytes + at, p->length - at);
	type = reader_u16(&trailer);
	says = reader_u16(&trailer);
	reader_u16(&trailer);
	head.key = reader_u16(&trailer);
	p->sequence = reader_u64(&trailer);
	if (!reader_ok(&trailer))
		refuse(p, OSPF_DROP_AUTH_MISSING);
	else if (type != V3_TRAILER_TYPE)
		refuse(p, OSPF_DROP_AUTH_TYPE);
	else if (says != length || p->length - at < length)
		refuse(p, OSPF_DROP_AUTH_LENGTH);
	else
		open_digest(OSPF_V3, k, p, &head);
}

static void open_v3(const struct keyring *k, struct ospf_packet *p, size_t end)
{
	size_t at = trailer_at(p, end);
	bool checksum = number_read(p->bytes + CHECKSUM_AT, 2) != 0;

	/* RFC 7166 2.1: a packet with options says by the AT bit whether there is a trailer. */
	if (at > p->length)
		refuse(p, OSPF_DROP_LENGTH);
	else if (k->type != AUTH_NONE && option_is(p, end, OSPF_V3_AT, false))
		refuse(p, OSPF_DROP_AUTH_MISSING);
	else if (k->type != AUTH_NONE)
		open_digest_v3(k, p, at, end);
	else if (option_is(p, end, OSPF_V3_AT, true) ||
		 (!checksum && p->length - at >= V3_TRAILER_BYTES &&
		  number_read(p->bytes + at, 2) == V3_TRAILER_TYPE))
		refuse(p, OSPF_DROP_AUTHENTICATION);
	else
		open_checksum(OSPF_V3, p, end);
}

void ospf_open(enum ospf_version v, const struct keyring *k, struct ospf_packet *p)
{
	struct ospf_header h;
	struct reader body;

	p->auth = k->type;
	p->key = p->reason = 0;
	p->sequence = 0;
	p->extended = p->refused = false;
	switch (ospf_header_read(v, p->bytes, p->length, &h, &body)) {
	case PACKET_FAULT_LENGTH:
		refuse(p, OSPF_DROP_LENGTH);
		return;
	case PACKET_FAULT_VERSION:
		refuse(p, OSPF_DROP_VERSION);
		return;
	case PACKET_FAULT_TYPE:
		refuse(p, OSPF_DROP_TYPE);
		return;
	case PACKET_GOOD:
		break;
	}
	if (k->type != AUTH_NONE && ospf_secret_max(v, (enum auth_type)k->type) == 0)
		refuse(p, OSPF_DROP_AUTH_TYPE);
	else if (v == OSPF_V2)
		open_v2(k, p, h.length);
	else
		open_v3(k, p, h.length);
}
