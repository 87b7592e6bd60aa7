/* SPDX-License-Identifier: Apache-2.0 */
/* A configuration that no file says: what a node does; and the order of the VIPs of any. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/model.h"

#define COPY(to, from, array)                                                                      \
	copy_array((void **)&(to)->array, &(to)->n_##array, &(to)->array##_capacity,               \
		   (from)->array, (from)->n_##array, sizeof(*(from)->array))

static int copy_array(void **to, size_t *count, size_t *capacity, const void *from, size_t n,
		      size_t element)
{
	*to = reallocarray(NULL, n + 1, element);
	if (!*to)
		return -ENOMEM;
	if (n > 0)
		memcpy(*to, from, n * element);
	*count = *capacity = n;
	return 0;
}

/* Places name files that belong to the other: without their names they are nowhere. */
static void forget_places(struct config *c)
{
	for (size_t i = 0; i < PROTOCOLS; i++)
		c->protocols[i].at.n = 0;
	for (size_t i = 0; i < c->n_boards; i++)
		c->boards[i].place = (struct place){ 0 };
	for (size_t i = 0; i < c->n_checks; i++)
		c->checks[i].place = (struct place){ 0 };
	for (size_t i = 0; i < c->n_rules; i++) {
		c->rules[i].place = (struct place){ 0 };
		c->rules[i].at.n = 0;
	}
}

int config_live_begin(const struct config *applied, struct config **ret)
{
	struct config *c = config_new();
	int r = c ? COPY(c, applied, boards) : -ENOMEM;

	if (r == 0)
		r = COPY(c, applied, checks);
	if (r == 0)
		r = COPY(c, applied, rules);
	if (r < 0) {
		config_free(c);
		return r;
	}
	for (size_t i = 0; i < PROTOCOLS; i++)
		c->protocols[i] = applied->protocols[i];
	c->guard = applied->guard;
	c->proof = applied->proof;
	c->sources = applied->sources;
	forget_places(c);
	*ret = c;
	return 0;
}

int config_live_vip(struct config *live, const struct row_vip *row)
{
	struct config_vip vip = { .settings = row->settings,
				  .by_hand = !row->configured,
				  .drained = row->drain.phase != DRAIN_NONE,
				  .drain_until = row->drain.until };

	/* It is still seen, and wished no more. */
	if (row->leaving)
		return 0;
	if (config_item_find(live, CONFIG_ITEM_BOARD, vip.settings.board) == SIZE_MAX &&
	    config_add_board(live, vip.settings.board) < 0)
		return -ENOMEM;
	return CONFIG_ADD(live, vips, &vip);
}

int config_live_narrow(struct config *live, const struct config *wanted)
{
	size_t *sorted = config_sort_vips(wanted);
	size_t n = 0;

	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < live->n_vips; i++) {
		const struct config_vip *vip = &live->vips[i];

		if (!vip->by_hand ||
		    config_find_vip(wanted, sorted, &vip->settings.address) < wanted->n_vips)
			live->vips[n++] = *vip;
	}
	live->n_vips = n;
	free(sorted);
	return 0;
}

bool config_live_drain_next(const struct config *live, size_t *position, struct instant now,
			    struct input *ret)
{
	const struct config_vip *vip;

	do {
		if (*position == live->n_vips)
			return false;
		vip = &live->vips[(*position)++];
	} while (!vip->drained);
	*ret = (struct input){ .kind = INPUT_DRAIN };
	ret->drain.address = vip->settings.address;
	ret->drain.on = true;
	if (instant_before(now, vip->drain_until))
		ret->drain.time = instant_since(vip->drain_until, now);
	return true;
}

static int by_address(const void *a, const void *b, void *context)
{
	const struct config *c = context;
	size_t i = *(const size_t *)a, k = *(const size_t *)b;
	int order = address_compare(&c->vips[i].settings.address, &c->vips[k].settings.address);

	return order ? order : i < k ? -1 : i > k;
}

size_t *config_sort_vips(const struct config *c)
{
	size_t *sorted = reallocarray(NULL, c->n_vips + 1, sizeof(*sorted));

	if (!sorted)
		return NULL;
	for (size_t i = 0; i < c->n_vips; i++)
		sorted[i] = i;
	qsort_r(sorted, c->n_vips, sizeof(*sorted), by_address, (void *)c);
	return sorted;
}

size_t config_find_vip(const struct config *c, const size_t *sorted, const struct address *a)
{
	size_t low = 0, high = c->n_vips;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = address_compare(&c->vips[sorted[middle]].settings.address, a);

		if (order == 0)
			return sorted[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return c->n_vips;
}
