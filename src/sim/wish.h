/* SPDX-License-Identifier: Apache-2.0 */
/* What a random run wants of its hosts: which VIPs are to be where, and how. */
#ifndef SIM_WISH_H
#define SIM_WISH_H

#include "sim/sim.h"

#define VIPS_PER_HOST 5
#define VIPS_ALONE 3 /* the first of them have host masks, the others share a network */
#define CHECKS 4     /* of service.c */

/* A random run while it goes on. */
struct run {
	struct sim *s;
	struct wish {
		bool bound, drained;
		uint8_t check; /* its number plus one; 0: none */
	} wishes[SIM_HOSTS_MAX][VIPS_PER_HOST];
};

static inline uint64_t below(struct run *run, uint64_t bound)
{
	return random_below(&run->s->random, bound);
}

void wish_text(const struct run *run, uint8_t host, uint8_t vip, bool with_length, char *text,
	       size_t size);
struct address wish_address(const struct run *run, uint8_t host, uint8_t vip);

/* The host is told to bind it, with the check that it is to have. */
void wish_bind(struct run *run, uint8_t host, uint8_t vip);

#endif
