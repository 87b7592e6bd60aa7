/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The OSPF speaker of production as a router of a simulated network: with transit, and willing to
 * be the DR. What it learns and tells of itself is of no use to anybody there and is taken out.
 */
#ifndef SIM_OSPF_ENGINE_H
#define SIM_OSPF_ENGINE_H

#include "proto/ospf/ospf.h"

struct ospf *engine_new(enum ospf_version v, uint32_t router_id, enum ospf_vips vips, uint64_t seed,
			uint64_t hash_seed);

/* It speaks there from now on, `is` but for the priority. */
void engine_interface(struct ospf *o, struct instant now, uint32_t index,
		      const struct ospf_speech *is, uint16_t cost);
void engine_link(struct ospf *o, struct instant now, uint32_t index, bool usable,
		 const struct address *a, uint8_t length);

/* The next packet; false: it has nothing more to say. */
bool engine_output(struct ospf *o, struct instant now, struct ospf_packet *ret);

/*
 * What an LSA says of prefixes that are reached at its router: the stub links of a router-LSA, the
 * prefixes of an intra-area-prefix-LSA, an external one.
 */
struct engine_prefixes {
	struct lsa_walk walk;
	enum lsa_kind kind;
	const uint8_t *bytes;
	size_t length;
	bool over;
};
struct engine_prefixes engine_prefixes(enum ospf_version v, const struct lsa_header *h,
				       const uint8_t *bytes);
bool engine_prefix_next(struct engine_prefixes *e, struct prefix *ret, uint32_t *ret_metric);

#endif
