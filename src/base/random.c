/* SPDX-License-Identifier: Apache-2.0 */
#include "base/random.h"

#include <assert.h>

__extension__ typedef unsigned __int128 wide;

void random_init(struct random *r, uint64_t seed)
{
	r->state = seed;
}

uint64_t random_next(struct random *r)
{
	uint64_t z = (r->state += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

uint64_t random_below(struct random *r, uint64_t bound)
{
	assert(bound > 0);
	/* Multiply-shift: the bias is below 2^-32 for every bound that is used here. */
	return (uint64_t)((wide)random_next(r) * bound >> 64);
}

struct duration random_between(struct random *r, struct duration low, struct duration high)
{
	assert(low.ns <= high.ns);
	return (struct duration){ low.ns +
				  (int64_t)random_below(r, (uint64_t)(high.ns - low.ns) + 1) };
}
