/* SPDX-License-Identifier: Apache-2.0 */
/* For tests and fuzz targets: an LSA, read, and written again of nothing but what was read. */
#ifndef PROTO_OSPF_AGAIN_H
#define PROTO_OSPF_AGAIN_H

#include "proto/ospf/lsa.h"

static inline void again_router(enum ospf_version v, const uint8_t *bytes, size_t length,
				struct writer *w, size_t start)
{
	struct lsa_router router;
	struct lsa_walk walk = lsa_router_walk(v, bytes, length, &router);
	struct lsa_link l;

	lsa_write_router(v, w, &router);
	while (lsa_link_next(&walk, &l))
		lsa_write_link(v, w, start, &l);
}

static inline void again_network(enum ospf_version v, const uint8_t *bytes, size_t length,
				 struct writer *w)
{
	uint32_t options, router;
	struct prefix network;
	struct lsa_walk walk = lsa_network_walk(v, bytes, length, &network, &options);

	lsa_write_network(v, w, &network, options);
	while (lsa_attached_next(&walk, &router))
		lsa_write_attached(w, router);
}

static inline void again_prefixes(enum ospf_version v, const uint8_t *bytes, size_t length,
				  struct writer *w, size_t start, uint16_t type)
{
	struct lsa_prefixes before;
	struct lsa_walk walk = lsa_prefixes_walk(v, bytes, length, &before);
	struct lsa_prefix p;

	lsa_write_prefixes(w, type, &before);
	while (lsa_prefix_next(&walk, &p))
		lsa_write_prefix(w, start, &p);
}

/*
 * The LSA must be one that lsa_check() finds good. False: it is of a kind that we do not write, and
 * nothing was written.
 */
static inline bool lsa_again(enum ospf_version v, const uint8_t *bytes, size_t length,
			     struct writer *w)
{
	struct lsa_destination d = { 0 };
	struct lsa_capabilities c = { 0 };
	struct lsa_grace g = { 0 };
	struct lsa_header h;
	struct reader r;
	enum lsa_kind kind;
	size_t start;

	reader_init(&r, bytes, length);
	h = lsa_header_read(v, &r);
	kind = lsa_kind(v, &h.key);
	if (kind == LSA_UNKNOWN || kind == LSA_OPAQUE)
		return false;
	start = lsa_begin(v, w, &h);
	if (kind == LSA_ROUTER) {
		again_router(v, bytes, length, w, start);
	} else if (kind == LSA_NETWORK) {
		again_network(v, bytes, length, w);
	} else if (kind == LSA_LINK || kind == LSA_INTRA_PREFIX) {
		again_prefixes(v, bytes, length, w, start, h.key.type);
	} else if (kind == LSA_GRACE) {
		w->failed |= !lsa_grace_read(v, bytes, length, &g);
		lsa_write_grace(v, w, &g);
	} else if (kind == LSA_ROUTER_INFO) {
		w->failed |= !lsa_capabilities_read(v, bytes, length, &c);
		lsa_write_capabilities(w, &c);
	} else {
		w->failed |= !lsa_destination_read(v, bytes, length, &d);
		lsa_write_destination(v, w, h.key.type, &d);
	}
	lsa_finish(w, start);
	return true;
}

#endif
