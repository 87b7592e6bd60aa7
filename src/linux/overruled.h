/* SPDX-License-Identifier: Apache-2.0 */
/* Learned routes that are in the kernel, and by which nothing goes: another one goes before. */
#ifndef LINUX_OVERRULED_H
#define LINUX_OVERRULED_H

#include <stddef.h>
#include <stdint.h>

#include "net/prefix.h"

struct overruled {
	struct prefix prefix;
	uint32_t metric;    /* of the route that wins; ours is VIPD_LEARNED_METRIC */
	uint32_t interface; /* by which it goes; 0: several, or none */
};

/*
 * Looks through the main table. Returns how many there are, of which the first `max`, in the order
 * of the kernel, are told.
 */
size_t overruled_find(struct overruled *ret, size_t max);

#endif
