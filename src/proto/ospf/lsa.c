/* SPDX-License-Identifier: Apache-2.0 */
/* What an LSA is, by its header alone: its kind, which one it is, which instance of it is newer. */
#include "proto/ospf/lsa.h"

#include <assert.h>

#define AGE_DO_NOT 0x8000u /* RFC 1793 2.2 */
#define CHECKSUM_AT 16
#define LENGTH_AT 18

#define V3_SCOPE_SHIFT 13

#define OPAQUE_GRACE 3 /* the first byte of the Link State ID: RFC 3623 A */
#define OPAQUE_ROUTER_INFO 4

/*
 * With values below 256 c0 stays below 2^24 here, and c1, a sum of such, below 2^32: RFC 1008 7.2.1
 * has it as blocks between which alone there is a division.
 */
#define CHECKSUM_BLOCK 4096

static const struct {
	uint8_t version;
	uint16_t type;
	uint8_t kind;
	const char *name;
} types[] = {
	{ OSPF_V2, LSA_V2_ROUTER, LSA_ROUTER, "router" },
	{ OSPF_V2, LSA_V2_NETWORK, LSA_NETWORK, "network" },
	{ OSPF_V2, LSA_V2_SUMMARY, LSA_INTER_PREFIX, "summary" },
	{ OSPF_V2, LSA_V2_SUMMARY_ASBR, LSA_INTER_ROUTER, "asbr-summary" },
	{ OSPF_V2, LSA_V2_EXTERNAL, LSA_EXTERNAL, "external" },
	{ OSPF_V2, LSA_V2_NSSA, LSA_NSSA, "nssa" },
	{ OSPF_V2, LSA_V2_OPAQUE_LINK, LSA_OPAQUE, "opaque-link" },
	{ OSPF_V2, LSA_V2_OPAQUE_AREA, LSA_OPAQUE, "opaque-area" },
	{ OSPF_V2, LSA_V2_OPAQUE_AS, LSA_OPAQUE, "opaque-as" },
	{ OSPF_V3, LSA_V3_ROUTER, LSA_ROUTER, "router" },
	{ OSPF_V3, LSA_V3_NETWORK, LSA_NETWORK, "network" },
	{ OSPF_V3, LSA_V3_INTER_PREFIX, LSA_INTER_PREFIX, "inter-area-prefix" },
	{ OSPF_V3, LSA_V3_INTER_ROUTER, LSA_INTER_ROUTER, "inter-area-router" },
	{ OSPF_V3, LSA_V3_EXTERNAL, LSA_EXTERNAL, "external" },
	{ OSPF_V3, LSA_V3_NSSA, LSA_NSSA, "nssa" },
	{ OSPF_V3, LSA_V3_LINK, LSA_LINK, "link" },
	{ OSPF_V3, LSA_V3_INTRA_PREFIX, LSA_INTRA_PREFIX, "intra-area-prefix" },
	{ OSPF_V3, LSA_V3_GRACE, LSA_GRACE, "grace" },
	/* The one of an area first: it is the one that lsa_type() gives. */
	{ OSPF_V3, LSA_V3_ROUTER_INFO, LSA_ROUTER_INFO, "router-info" },
	{ OSPF_V3, LSA_V3_ROUTER_INFO_LINK, LSA_ROUTER_INFO, "router-info" },
	{ OSPF_V3, LSA_V3_ROUTER_INFO_AS, LSA_ROUTER_INFO, "router-info" },
};
#define TYPES (sizeof(types) / sizeof(types[0]))

/* The place of the type among those above; TYPES: unknown. */
static size_t type_place(enum ospf_version v, uint16_t type)
{
	size_t i = 0;

	while (i < TYPES && (types[i].version != v || types[i].type != type))
		i++;
	return i;
}

enum lsa_scope lsa_scope(enum ospf_version v, uint16_t type)
{
	if (v == OSPF_V3)
		return (enum lsa_scope)(type >> V3_SCOPE_SHIFT & 3);
	switch (type) {
	case LSA_V2_OPAQUE_LINK:
		return LSA_SCOPE_LINK;
	case LSA_V2_EXTERNAL:
	case LSA_V2_OPAQUE_AS:
		return LSA_SCOPE_AS;
	default:
		return type_place(v, type) < TYPES ? LSA_SCOPE_AREA : LSA_SCOPE_RESERVED;
	}
}

enum lsa_kind lsa_kind(enum ospf_version v, const struct lsa_key *k)
{
	size_t i = type_place(v, k->type);

	if (i == TYPES)
		return LSA_UNKNOWN;
	if (types[i].kind != LSA_OPAQUE)
		return (enum lsa_kind)types[i].kind;
	if (k->id >> 24 == OPAQUE_GRACE && k->type == LSA_V2_OPAQUE_LINK)
		return LSA_GRACE;
	return k->id >> 24 == OPAQUE_ROUTER_INFO ? LSA_ROUTER_INFO : LSA_OPAQUE;
}

uint16_t lsa_type(enum ospf_version v, enum lsa_kind kind)
{
	for (size_t i = 0; i < TYPES; i++)
		if (types[i].version == v && types[i].kind == kind && kind != LSA_OPAQUE)
			return types[i].type;
	return 0;
}

const char *lsa_type_name(enum ospf_version v, uint16_t type)
{
	size_t i = type_place(v, type);

	return i < TYPES ? types[i].name : "unknown";
}

int lsa_key_compare(const struct lsa_key *a, const struct lsa_key *b)
{
	if (a->type != b->type)
		return a->type < b->type ? -1 : 1;
	if (a->id != b->id)
		return a->id < b->id ? -1 : 1;
	return (a->router > b->router) - (a->router < b->router);
}

bool lsa_key_equal(const struct lsa_key *a, const struct lsa_key *b)
{
	return lsa_key_compare(a, b) == 0;
}

struct lsa_header lsa_header_read(enum ospf_version v, struct reader *r)
{
	struct lsa_header h = { .age = reader_u16(r) & (uint16_t)~AGE_DO_NOT };

	if (v == OSPF_V2) {
		h.options = reader_u8(r);
		h.key.type = reader_u8(r);
	} else {
		h.key.type = reader_u16(r);
	}
	h.key.id = reader_u32(r);
	h.key.router = reader_u32(r);
	h.sequence = (int32_t)reader_u32(r);
	h.checksum = reader_u16(r);
	h.length = reader_u16(r);
	return h;
}

void lsa_header_write(enum ospf_version v, struct writer *w, const struct lsa_header *h)
{
	writer_u16(w, h->age);
	if (v == OSPF_V2) {
		writer_u8(w, h->options);
		writer_u8(w, (uint8_t)h->key.type);
	} else {
		writer_u16(w, h->key.type);
	}
	writer_u32(w, h->key.id);
	writer_u32(w, h->key.router);
	writer_u32(w, (uint32_t)h->sequence);
	writer_u16(w, h->checksum);
	writer_u16(w, h->length);
}

int lsa_compare(const struct lsa_header *a, const struct lsa_header *b)
{
	bool a_is_old = a->age >= LSA_AGE_MAX, b_is_old = b->age >= LSA_AGE_MAX;
	int difference = (int)a->age - (int)b->age;

	if (a->sequence != b->sequence)
		return a->sequence > b->sequence ? 1 : -1;
	if (a->checksum != b->checksum)
		return a->checksum > b->checksum ? 1 : -1;
	if (a_is_old != b_is_old)
		return a_is_old ? 1 : -1;
	if (a_is_old)
		return 0;
	if (difference > LSA_AGE_MAX_DIFF)
		return -1;
	return difference < -LSA_AGE_MAX_DIFF ? 1 : 0;
}

/* The two sums of RFC 905 B.3, modulo 255. */
struct sums {
	uint32_t c0, c1;
};

static struct sums sums_add(struct sums s, const uint8_t *bytes, size_t length)
{
	while (length > 0) {
		size_t n = length < CHECKSUM_BLOCK ? length : CHECKSUM_BLOCK;

		for (size_t i = 0; i < n; i++) {
			s.c0 += bytes[i];
			s.c1 += s.c0;
		}
		s.c0 %= 255;
		s.c1 %= 255;
		bytes += n;
		length -= n;
	}
	return s;
}

uint16_t lsa_checksum(const uint8_t *bytes, size_t length)
{
	static const uint8_t none[2];
	uint32_t behind = (uint32_t)(length - CHECKSUM_AT - 1) % 255, x, y;
	struct sums s = { 0 };

	assert(length >= LSA_HEADER_BYTES);
	s = sums_add(s, bytes + 2, CHECKSUM_AT - 2);
	s = sums_add(s, none, sizeof(none));
	s = sums_add(s, bytes + LENGTH_AT, length - LENGTH_AT);
	/* RFC 1008 7.2.2: both stand as 1 to 255, so that the sum is never 0, which is no sum. */
	x = (behind * s.c0 + 255 - s.c1) % 255;
	x = x == 0 ? 255 : x;
	y = (2 * 255 - s.c0 - x) % 255;
	y = y == 0 ? 255 : y;
	return (uint16_t)(x << 8 | y);
}

bool lsa_checksum_is_good(const uint8_t *bytes, size_t length)
{
	struct sums s = { 0 };

	if (length < LSA_HEADER_BYTES || (bytes[CHECKSUM_AT] | bytes[CHECKSUM_AT + 1]) == 0)
		return false;
	s = sums_add(s, bytes + 2, length - 2);
	return s.c0 == 0 && s.c1 == 0;
}

void lsa_finish(struct writer *w, size_t start)
{
	if (!writer_ok(w))
		return;
	writer_patch_u16(w, start + LENGTH_AT, (uint16_t)(w->length - start));
	writer_patch_u16(w, start + CHECKSUM_AT, lsa_checksum(w->start + start, w->length - start));
}

void lsa_set_age(uint8_t *bytes, uint16_t age)
{
	bytes[0] = (uint8_t)(age >> 8);
	bytes[1] = (uint8_t)age;
}
