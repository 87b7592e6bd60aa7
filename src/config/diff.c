/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What applying a configuration would change. Items are equal when they print the same: so nothing
 * that can be said in a file is forgotten here.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "config/model.h"

/* The text of one item, in memory that is used again for the next. */
struct printed {
	char *at;
	size_t size;
	FILE *to;
};

struct diff {
	const struct config *now, *wanted;
	struct printed from, target;
	void (*take)(void *context, const struct config_change *change);
	void *context;
};

static const char *item_name(enum config_item item)
{
	static const char *const names[] = {
		[CONFIG_ITEM_BOARD] = "board",	 [CONFIG_ITEM_CHECK] = "check",
		[CONFIG_ITEM_VIP] = "vip",	 [CONFIG_ITEM_INTERFACE] = "interface",
		[CONFIG_ITEM_GUARD] = "guard",	 [CONFIG_ITEM_PROOF] = "proof",
		[CONFIG_ITEM_SOURCE] = "source",
	};

	return TEXT_NAME(names, item);
}

/* NULL when the item is not there. */
static const char *print_item(struct printed *p, const struct config *c, enum config_item item,
			      size_t i)
{
	if (i == SIZE_MAX)
		return NULL;
	rewind(p->to);
	config_print_item(c, item, i, p->to);
	fputc('\0', p->to);
	fflush(p->to);
	return p->at;
}

/* Compares the `i`th item of what is with the `k`th of what is wanted; SIZE_MAX: there is none. */
static void compare(struct diff *d, enum config_item item, const char *name, size_t i, size_t k)
{
	bool section = item == CONFIG_ITEM_PROTOCOL;
	struct config_change change = { .kind = section ? name : item_name(item),
					.name = section ? "" : name };

	change.from = print_item(&d->from, d->now, item, i);
	change.to = print_item(&d->target, d->wanted, item, k);
	if (change.from && change.to && strcmp(change.from, change.to) == 0)
		return;
	d->take(d->context, &change);
}

/* Those that have names: what is and goes or changes, then what comes. */
static void diff_named(struct diff *d, enum config_item item)
{
	const char *name;

	for (size_t i = 0; (name = config_item_name(d->now, item, i)) != NULL; i++)
		compare(d, item, name, i, config_item_find(d->wanted, item, name));
	for (size_t k = 0; (name = config_item_name(d->wanted, item, k)) != NULL; k++)
		if (config_item_find(d->now, item, name) == SIZE_MAX)
			compare(d, item, name, SIZE_MAX, k);
}

static void diff_vip(struct diff *d, size_t i, size_t k)
{
	const struct config_vip *vip = i != SIZE_MAX ? &d->now->vips[i] : &d->wanted->vips[k];

	if (k == SIZE_MAX && vip->by_hand)
		return;
	compare(d, CONFIG_ITEM_VIP, ADDRESS_TEXT(&vip->settings.address), i, k);
}

/* Both in the order of their addresses, side by side. */
static int diff_vips(struct diff *d)
{
	size_t *before = config_sort_vips(d->now), *after = config_sort_vips(d->wanted);
	size_t i = 0, k = 0;

	while (before && after && (i < d->now->n_vips || k < d->wanted->n_vips)) {
		int order = i == d->now->n_vips ? 1
			    : k == d->wanted->n_vips
				    ? -1
				    : address_compare(&d->now->vips[before[i]].settings.address,
						      &d->wanted->vips[after[k]].settings.address);

		diff_vip(d, order <= 0 ? before[i] : SIZE_MAX, order >= 0 ? after[k] : SIZE_MAX);
		i += order <= 0;
		k += order >= 0;
	}
	free(before);
	free(after);
	return before && after ? 0 : -ENOMEM;
}

/* The patterns of both in their order, where nothing but that differs: the first one counts. */
static void diff_order(struct diff *d)
{
	char from[NODE_RULES_MAX * (NODE_PATTERN_MAX + 2)], to[sizeof(from)];
	struct text a, b;

	if (d->now->n_rules != d->wanted->n_rules)
		return;
	text_init(&a, from, sizeof(from));
	text_init(&b, to, sizeof(to));
	for (size_t i = 0; i < d->now->n_rules; i++) {
		if (config_item_find(d->wanted, CONFIG_ITEM_INTERFACE,
				     d->now->rules[i].rule.pattern) == SIZE_MAX)
			return;
		text_add(&a, "%s%s", i ? ", " : "", d->now->rules[i].rule.pattern);
		text_add(&b, "%s%s", i ? ", " : "", d->wanted->rules[i].rule.pattern);
	}
	if (strcmp(from, to) != 0)
		d->take(d->context, &(struct config_change){ "interface", "(order)", from, to });
}

static void printed_done(struct printed *p)
{
	if (p->to)
		fclose(p->to);
	free(p->at);
}

int config_diff(const struct config *now, const struct config *wanted,
		void (*take)(void *context, const struct config_change *change), void *context)
{
	struct diff d = { .now = now, .wanted = wanted, .take = take, .context = context };
	int r = -ENOMEM;

	d.from.to = open_memstream(&d.from.at, &d.from.size);
	d.target.to = open_memstream(&d.target.at, &d.target.size);
	if (d.from.to && d.target.to) {
		diff_named(&d, CONFIG_ITEM_BOARD);
		diff_named(&d, CONFIG_ITEM_CHECK);
		r = diff_vips(&d);
		diff_named(&d, CONFIG_ITEM_INTERFACE);
		diff_order(&d);
		for (size_t i = 0; i < PROTOCOLS; i++)
			compare(&d, CONFIG_ITEM_PROTOCOL, config_protocols[i]->name, i, i);
		compare(&d, CONFIG_ITEM_GUARD, "", 0, 0);
		compare(&d, CONFIG_ITEM_PROOF, "", 0, 0);
		compare(&d, CONFIG_ITEM_SOURCE, "", 0, 0);
	}
	printed_done(&d.from);
	printed_done(&d.target);
	return r;
}
