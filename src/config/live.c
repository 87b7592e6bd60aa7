/* SPDX-License-Identifier: Apache-2.0 */
/* A configuration that no file says: what a node does; and the order of the VIPs of any. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/model.h"

static int copy_array(const void *from, size_t count, size_t element, void **ret)
{
	*ret = NULL;
	if (count == 0)
		return 0;
	*ret = reallocarray(NULL, count, element);
	if (!*ret)
		return -ENOMEM;
	memcpy(*ret, from, count * element);
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
	int r = c ? 0 : -ENOMEM;

	if (r == 0)
		r = copy_array(applied->boards, applied->n_boards, sizeof(*c->boards),
			       (void **)&c->boards);
	if (r == 0) {
		c->n_boards = c->boards_capacity = applied->n_boards;
		r = copy_array(applied->checks, applied->n_checks, sizeof(*c->checks),
			       (void **)&c->checks);
	}
	if (r == 0) {
		c->n_checks = c->checks_capacity = applied->n_checks;
		r = copy_array(applied->rules, applied->n_rules, sizeof(*c->rules),
			       (void **)&c->rules);
	}
	if (r < 0) {
		config_free(c);
		return r;
	}
	c->n_rules = c->rules_capacity = applied->n_rules;
	for (size_t i = 0; i < PROTOCOLS; i++)
		c->protocols[i] = applied->protocols[i];
	c->guard = applied->guard;
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
	if (!config_has_board(live, vip.settings.board) &&
	    config_add_board(live, vip.settings.board) < 0)
		return -ENOMEM;
	return config_add_vip(live, &vip);
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

	return address_compare(&c->vips[*(const size_t *)a].settings.address,
			       &c->vips[*(const size_t *)b].settings.address);
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
