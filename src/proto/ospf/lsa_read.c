/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bodies of LSAs, read. A walk that meets what it cannot read keeps why, and ends; lsa_check()
 * is the same walks, to their end.
 */
#include "proto/ospf/lsa.h"
#include "proto/ospf/lsa_wire.h"

/* Metrics of other types of service. */
#define V2_EXTERNAL_TOS_BYTES 12
#define V2_TOS_BYTES 4

static void reader_skip(struct reader *r, size_t length)
{
	(void)reader_take(r, length);
}

/* What follows the header, which stands in *ret. */
static struct reader body_read(enum ospf_version v, const uint8_t *bytes, size_t length,
			       struct lsa_header *ret)
{
	struct reader r;

	reader_init(&r, bytes, length);
	*ret = lsa_header_read(v, &r);
	return r;
}

static struct lsa_walk walk_begin(enum ospf_version v, const uint8_t *bytes, size_t length,
				  struct lsa_header *ret)
{
	struct lsa_walk w = { .version = v, .family = FAMILY_IPV6 };

	w.r = body_read(v, bytes, length, ret);
	w.kind = (uint8_t)lsa_kind(v, &ret->key);
	return w;
}

static bool walk_fail(struct lsa_walk *w, enum lsa_fault fault)
{
	w->fault = (uint8_t)fault;
	w->r.failed = true;
	return false;
}

/* An element has been read: that it was there. */
static bool walk_step(struct lsa_walk *w)
{
	return reader_ok(&w->r) || walk_fail(w, LSA_FAULT_LENGTH);
}

/* Whether there is another element, of those that the LSA has counted. */
static bool walk_counts(struct lsa_walk *w)
{
	if (w->left == 0 || !reader_ok(&w->r))
		return false;
	w->left--;
	return true;
}

/* The same where they go on to the end. */
static bool walk_goes_on(const struct lsa_walk *w)
{
	return reader_ok(&w->r) && reader_left(&w->r) > 0;
}

/* How the walk has ended: all was there, and nothing more. */
static enum lsa_fault walk_end(const struct lsa_walk *w)
{
	if (w->fault != LSA_GOOD)
		return (enum lsa_fault)w->fault;
	return reader_ok(&w->r) && reader_left(&w->r) == 0 ? LSA_GOOD : LSA_FAULT_LENGTH;
}

/* A network of OSPFv2, whose address may have host bits: RFC 2328 E. False: the mask has holes. */
static bool network_make(uint32_t address, uint32_t mask, struct prefix *ret)
{
	struct address a = address_ipv4(address);
	int length = prefix_ipv4_mask_length(mask);

	if (length < 0)
		return false;
	*ret = prefix_make(&a, (uint8_t)length);
	return true;
}

/* RFC 5340 A.4.1: of so many bits, in whole words. False: too many. */
static bool prefix_read(struct reader *r, uint8_t length, struct prefix *ret)
{
	uint8_t bytes[ADDRESS_BYTES_MAX] = { 0 };
	struct address a;

	if (length > family_bits(FAMILY_IPV6))
		return false;
	reader_copy(r, bytes, lsa_words_bytes(length));
	a = address_make(FAMILY_IPV6, bytes);
	*ret = prefix_make(&a, length);
	return true;
}

static struct address address_read(struct reader *r, enum family family)
{
	uint8_t bytes[ADDRESS_BYTES_MAX];

	reader_copy(r, bytes, family_bytes(family));
	return address_make(family, bytes);
}

void lsa_address_family(struct address *a, enum family family)
{
	if (address_is_set(a))
		*a = address_make(family, a->bytes);
}

static bool prefix_family(struct prefix *p, enum family family)
{
	if (p->length > family_bits(family))
		return false;
	lsa_address_family(&p->address, family);
	return true;
}

bool lsa_destination_family(struct lsa_destination *d, enum family family)
{
	lsa_address_family(&d->forward, family);
	return prefix_family(&d->prefix, family);
}

void lsa_walk_family(struct lsa_walk *w, enum family family)
{
	w->family = (uint8_t)family;
}

struct lsa_walk lsa_router_walk(enum ospf_version v, const uint8_t *bytes, size_t length,
				struct lsa_router *ret)
{
	struct lsa_header h;
	struct lsa_walk w = walk_begin(v, bytes, length, &h);

	*ret = (struct lsa_router){ .flags = reader_u8(&w.r) };
	if (v == OSPF_V2) {
		reader_skip(&w.r, 1);
		w.left = reader_u16(&w.r);
	} else {
		ret->options = reader_u24(&w.r);
	}
	walk_step(&w);
	return w;
}

static bool link_next_v2(struct lsa_walk *w, struct lsa_link *ret)
{
	struct lsa_link l = { 0 };
	uint32_t id, data;
	uint8_t n_tos;

	if (!walk_counts(w))
		return false;
	id = reader_u32(&w->r);
	data = reader_u32(&w->r);
	l.type = reader_u8(&w->r);
	n_tos = reader_u8(&w->r);
	l.metric = reader_u16(&w->r);
	reader_skip(&w->r, (size_t)n_tos * V2_TOS_BYTES);
	if (!walk_step(w))
		return false;
	switch (l.type) {
	case LSA_LINK_POINT_TO_POINT:
	case LSA_LINK_VIRTUAL:
		l.neighbor = id;
		l.own = data;
		break;
	case LSA_LINK_TRANSIT:
		l.neighbor_interface = id;
		l.own = data;
		break;
	case LSA_LINK_STUB:
		if (!w->no_stubs && !network_make(id, data, &l.prefix))
			return walk_fail(w, LSA_FAULT_VALUE);
		break;
	default:
		return walk_fail(w, LSA_FAULT_VALUE);
	}
	*ret = l;
	return true;
}

static bool link_next_v3(struct lsa_walk *w, struct lsa_link *ret)
{
	struct lsa_link l = { 0 };

	if (!walk_goes_on(w))
		return false;
	l.type = reader_u8(&w->r);
	reader_skip(&w->r, 1);
	l.metric = reader_u16(&w->r);
	l.own = reader_u32(&w->r);
	l.neighbor_interface = reader_u32(&w->r);
	l.neighbor = reader_u32(&w->r);
	if (!walk_step(w))
		return false;
	if (l.type != LSA_LINK_POINT_TO_POINT && l.type != LSA_LINK_TRANSIT &&
	    l.type != LSA_LINK_VIRTUAL)
		return walk_fail(w, LSA_FAULT_VALUE);
	*ret = l;
	return true;
}

bool lsa_link_next(struct lsa_walk *w, struct lsa_link *ret)
{
	bool more;

	do
		more = w->version == OSPF_V2 ? link_next_v2(w, ret) : link_next_v3(w, ret);
	while (more && w->no_stubs && ret->type == LSA_LINK_STUB);
	return more;
}

struct lsa_walk lsa_network_walk(enum ospf_version v, const uint8_t *bytes, size_t length,
				 struct prefix *ret_prefix, uint32_t *ret_options)
{
	struct lsa_header h;
	struct lsa_walk w = walk_begin(v, bytes, length, &h);
	uint32_t first = reader_u32(&w.r); /* the mask; or a byte of nothing and the options */

	*ret_prefix = (struct prefix){ 0 };
	*ret_options = v == OSPF_V3 ? first & 0xffffff : 0;
	if (walk_step(&w) && v == OSPF_V2 && !network_make(h.key.id, first, ret_prefix))
		walk_fail(&w, LSA_FAULT_VALUE);
	return w;
}

bool lsa_attached_next(struct lsa_walk *w, uint32_t *ret_router)
{
	uint32_t router;

	if (!walk_goes_on(w))
		return false;
	router = reader_u32(&w->r);
	if (!walk_step(w))
		return false;
	*ret_router = router;
	return true;
}

/* Behind the metric stand those of other types of service, which RFC 2328 has done away with. */
static enum lsa_fault inter_read_v2(struct reader *r, const struct lsa_header *h,
				    enum lsa_kind kind, struct lsa_destination *d)
{
	uint32_t mask = reader_u32(r);

	reader_skip(r, 1);
	d->metric = reader_u24(r);
	if (!reader_ok(r) || reader_left(r) % V2_TOS_BYTES != 0)
		return LSA_FAULT_LENGTH;
	d->router = kind == LSA_INTER_ROUTER ? h->key.id : 0;
	if (kind == LSA_INTER_PREFIX && !network_make(h->key.id, mask, &d->prefix))
		return LSA_FAULT_VALUE;
	return LSA_GOOD;
}

static enum lsa_fault external_read_v2(struct reader *r, const struct lsa_header *h,
				       enum lsa_kind kind, struct lsa_destination *d)
{
	uint32_t mask = reader_u32(r);
	struct address forward;

	d->type_2 = reader_u8(r) & LSA_V2_EXTERNAL_E;
	d->metric = reader_u24(r);
	forward = address_read(r, FAMILY_IPV4);
	d->tag = reader_u32(r);
	if (!reader_ok(r) || reader_left(r) % V2_EXTERNAL_TOS_BYTES != 0)
		return LSA_FAULT_LENGTH;
	if (!address_is_unspecified(&forward))
		d->forward = forward;
	d->propagate = kind == LSA_NSSA && h->options & OSPF_V2_NP;
	return network_make(h->key.id, mask, &d->prefix) ? LSA_GOOD : LSA_FAULT_VALUE;
}

/* RFC 5340 A.4.5, A.4.6 */
static enum lsa_fault inter_read_v3(struct reader *r, enum lsa_kind kind, struct lsa_destination *d)
{
	uint8_t length;

	reader_skip(r, 1);
	if (kind == LSA_INTER_ROUTER) {
		d->options = reader_u24(r);
		reader_skip(r, 1);
		d->metric = reader_u24(r);
		d->router = reader_u32(r);
		return LSA_GOOD;
	}
	d->metric = reader_u24(r);
	length = reader_u8(r);
	d->prefix_options = reader_u8(r);
	reader_skip(r, 2);
	return prefix_read(r, length, &d->prefix) ? LSA_GOOD : LSA_FAULT_VALUE;
}

/* RFC 5340 A.4.7 */
static enum lsa_fault external_read_v3(struct reader *r, enum lsa_kind kind,
				       struct lsa_destination *d)
{
	uint8_t flags = reader_u8(r), length;
	struct address forward;

	d->type_2 = flags & LSA_V3_EXTERNAL_E;
	d->metric = reader_u24(r);
	length = reader_u8(r);
	d->prefix_options = reader_u8(r);
	d->propagate = kind == LSA_NSSA && d->prefix_options & LSA_PREFIX_P;
	d->reference_type = reader_u16(r);
	if (!prefix_read(r, length, &d->prefix))
		return LSA_FAULT_VALUE;
	if (flags & LSA_V3_EXTERNAL_F) {
		forward = address_read(r, FAMILY_IPV6);
		if (!address_is_unspecified(&forward))
			d->forward = forward;
	}
	if (flags & LSA_V3_EXTERNAL_T)
		d->tag = reader_u32(r);
	if (d->reference_type != 0)
		d->reference_id = reader_u32(r);
	return LSA_GOOD;
}

static enum lsa_fault destination_read(enum ospf_version v, const uint8_t *bytes, size_t length,
				       struct lsa_destination *d)
{
	struct lsa_header h;
	struct reader r = body_read(v, bytes, length, &h);
	enum lsa_kind kind = lsa_kind(v, &h.key);
	bool inter = kind == LSA_INTER_PREFIX || kind == LSA_INTER_ROUTER;
	enum lsa_fault fault;

	*d = (struct lsa_destination){ 0 };
	if (!inter && kind != LSA_EXTERNAL && kind != LSA_NSSA)
		return LSA_FAULT_VALUE;
	if (v == OSPF_V2)
		return inter ? inter_read_v2(&r, &h, kind, d) : external_read_v2(&r, &h, kind, d);
	fault = inter ? inter_read_v3(&r, kind, d) : external_read_v3(&r, kind, d);
	if (!reader_ok(&r) || (fault == LSA_GOOD && reader_left(&r) > 0))
		return LSA_FAULT_LENGTH;
	return fault;
}

bool lsa_destination_read(enum ospf_version v, const uint8_t *bytes, size_t length,
			  struct lsa_destination *ret)
{
	struct lsa_destination d;

	if (destination_read(v, bytes, length, &d) != LSA_GOOD)
		return false;
	*ret = d;
	return true;
}

struct lsa_walk lsa_prefixes_walk(enum ospf_version v, const uint8_t *bytes, size_t length,
				  struct lsa_prefixes *ret)
{
	struct lsa_header h;
	struct lsa_walk w = walk_begin(v, bytes, length, &h);

	*ret = (struct lsa_prefixes){ 0 };
	if (w.kind == LSA_LINK) { /* RFC 5340 A.4.9 */
		ret->priority = reader_u8(&w.r);
		ret->options = reader_u24(&w.r);
		ret->link_local = address_read(&w.r, FAMILY_IPV6);
		w.left = reader_u32(&w.r);
	} else { /* A.4.10 */
		w.left = reader_u16(&w.r);
		ret->reference.type = reader_u16(&w.r);
		ret->reference.id = reader_u32(&w.r);
		ret->reference.router = reader_u32(&w.r);
	}
	walk_step(&w);
	return w;
}

bool lsa_prefix_next(struct lsa_walk *w, struct lsa_prefix *ret)
{
	struct lsa_prefix p = { 0 };
	uint16_t metric;
	uint8_t length;

	if (!walk_counts(w))
		return false;
	length = reader_u8(&w->r);
	p.options = reader_u8(&w->r);
	metric = reader_u16(&w->r);
	if (!prefix_read(&w->r, length, &p.prefix))
		return walk_fail(w, LSA_FAULT_VALUE);
	if (!walk_step(w))
		return false;
	if (!prefix_family(&p.prefix, (enum family)w->family))
		return walk_fail(w, LSA_FAULT_VALUE);
	p.metric = w->kind == LSA_INTRA_PREFIX ? metric : 0;
	*ret = p;
	return true;
}

/* RFC 3630 2.3.2: a value in whole words, whose length is that of what counts of it. */
struct tlv {
	uint16_t type;
	struct reader value;
};

/* False at the end, and when it is cut off: then the reader has failed. */
static bool tlv_next(struct reader *r, struct tlv *ret)
{
	const uint8_t *value;
	uint16_t length;

	if (!reader_ok(r) || reader_left(r) == 0)
		return false;
	ret->type = reader_u16(r);
	length = reader_u16(r);
	value = reader_take(r, (length + 3u) / 4 * 4);
	if (!value)
		return false;
	reader_init(&ret->value, value, length);
	return true;
}

/* The body of an LSA of that kind; false: it is of another, or shorter than a header. */
static bool tlvs_begin(enum ospf_version v, const uint8_t *bytes, size_t length, enum lsa_kind kind,
		       struct reader *ret)
{
	struct lsa_header h;

	*ret = body_read(v, bytes, length, &h);
	return reader_ok(ret) && lsa_kind(v, &h.key) == kind;
}

bool lsa_grace_read(enum ospf_version v, const uint8_t *bytes, size_t length, struct lsa_grace *ret)
{
	struct lsa_grace g = { 0 };
	bool has_period = false, ok;
	struct reader r;
	struct tlv t;

	ok = tlvs_begin(v, bytes, length, LSA_GRACE, &r);
	while (ok && tlv_next(&r, &t)) {
		if (t.type == LSA_GRACE_PERIOD) {
			g.period_s = reader_u32(&t.value);
			has_period = true;
		} else if (t.type == LSA_GRACE_REASON) {
			g.reason = reader_u8(&t.value);
		} else if (t.type == LSA_GRACE_ADDRESS) {
			g.interface = address_read(&t.value, FAMILY_IPV4);
		}
		ok = reader_ok(&t.value);
	}
	if (!ok || !reader_ok(&r) || !has_period)
		return false;
	*ret = g;
	return true;
}

bool lsa_capabilities_read(enum ospf_version v, const uint8_t *bytes, size_t length,
			   struct lsa_capabilities *ret)
{
	struct lsa_capabilities c = { 0 };
	struct reader r;
	struct tlv t;
	bool ok;

	ok = tlvs_begin(v, bytes, length, LSA_ROUTER_INFO, &r);
	while (ok && tlv_next(&r, &t)) {
		if (t.type == LSA_INFO_INFORMATIONAL)
			c.informational = reader_u32(&t.value);
		else if (t.type == LSA_INFO_FUNCTIONAL)
			c.functional = reader_u32(&t.value);
		ok = reader_ok(&t.value);
	}
	if (!ok || !reader_ok(&r))
		return false;
	*ret = c;
	return true;
}

bool lsa_knows_host(enum ospf_version v, const uint8_t *bytes, size_t length)
{
	struct lsa_capabilities c;

	return lsa_capabilities_read(v, bytes, length, &c) && c.functional & LSA_FUNCTIONAL_HOST;
}

static enum lsa_fault router_check(enum ospf_version v, const uint8_t *bytes, size_t length)
{
	struct lsa_router router;
	struct lsa_walk w = lsa_router_walk(v, bytes, length, &router);
	struct lsa_link l;

	while (lsa_link_next(&w, &l))
		;
	return walk_end(&w);
}

static enum lsa_fault network_check(enum ospf_version v, const uint8_t *bytes, size_t length)
{
	uint32_t options, router;
	struct prefix network;
	struct lsa_walk w = lsa_network_walk(v, bytes, length, &network, &options);

	while (lsa_attached_next(&w, &router))
		;
	return walk_end(&w);
}

static enum lsa_fault prefixes_check(enum ospf_version v, const uint8_t *bytes, size_t length)
{
	struct lsa_prefixes before;
	struct lsa_walk w = lsa_prefixes_walk(v, bytes, length, &before);
	struct lsa_prefix p;

	while (lsa_prefix_next(&w, &p))
		;
	return walk_end(&w);
}

enum lsa_fault lsa_check(enum ospf_version v, const uint8_t *bytes, size_t length)
{
	struct lsa_header h;
	struct reader r = body_read(v, bytes, length, &h);
	struct lsa_destination d;
	struct lsa_grace g;
	struct lsa_capabilities c;

	if (!reader_ok(&r) || h.length != length)
		return LSA_FAULT_LENGTH;
	switch (lsa_kind(v, &h.key)) {
	case LSA_ROUTER:
		return router_check(v, bytes, length);
	case LSA_NETWORK:
		return network_check(v, bytes, length);
	case LSA_INTER_PREFIX:
	case LSA_INTER_ROUTER:
	case LSA_EXTERNAL:
	case LSA_NSSA:
		return destination_read(v, bytes, length, &d);
	case LSA_LINK:
	case LSA_INTRA_PREFIX:
		return prefixes_check(v, bytes, length);
	case LSA_GRACE:
		return lsa_grace_read(v, bytes, length, &g) ? LSA_GOOD : LSA_FAULT_LENGTH;
	case LSA_ROUTER_INFO:
		return lsa_capabilities_read(v, bytes, length, &c) ? LSA_GOOD : LSA_FAULT_LENGTH;
	case LSA_UNKNOWN:
	case LSA_OPAQUE:
	case LSA_KINDS:
		break;
	}
	return LSA_GOOD;
}
