/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A deterministic stream of pseudo-random numbers (splitmix64, Steele et al. 2014). All randomness
 * of the node comes from a seed that its world gives it, so that a run can be repeated exactly.
 * Never a source of secrets.
 */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stdint.h>

#include "base/clock.h"

struct random {
	uint64_t state;
};

void random_init(struct random *r, uint64_t seed);
uint64_t random_next(struct random *r);

/* A number from 0 up to, but without, `bound`; `bound` must not be 0. */
uint64_t random_below(struct random *r, uint64_t bound);

/* A duration that lies evenly between `low` and `high`, both included. */
struct duration random_between(struct random *r, struct duration low, struct duration high);

#endif
