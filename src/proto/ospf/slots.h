/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a hash to numbers: where things of an array are found again by a key that they hold
 * themselves. Nothing is ever taken out; all goes at once.
 */
#ifndef PROTO_OSPF_SLOTS_H
#define PROTO_OSPF_SLOTS_H

#include <stddef.h>
#include <stdint.h>

#define SLOTS_NONE UINT32_MAX

struct slot_number {
	uint32_t hash, number; /* counted from 1; 0: it is free */
};

struct slots {
	struct slot_number *all; /* owned */
	size_t size, count;	 /* size: a power of two, or 0 */
};

void slots_done(struct slots *s);

/* Forgets all, and makes room for so many. 0 or -ENOMEM. */
int slots_clear(struct slots *s, size_t count);

/* The first and the following numbers that have this hash; SLOTS_NONE: no more. `at` is theirs. */
uint32_t slots_first(const struct slots *s, uint32_t hash, size_t *at);
uint32_t slots_next(const struct slots *s, uint32_t hash, size_t *at);

/* 0 or -ENOMEM. */
int slots_add(struct slots *s, uint32_t hash, uint32_t number);

#endif
