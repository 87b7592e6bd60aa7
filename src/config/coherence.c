/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the parts of a configuration fit each other, and the warnings. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "config/model.h"

/* The board or the check that a VIP names is one of the file. */
static int check_name(struct document *d, const struct config *c, enum config_item item,
		      const char *name, const struct config_vip *vip, struct place at)
{
	bool board = item == CONFIG_ITEM_BOARD;
	const char *names[NODE_CHECKS_MAX], *nearest;
	size_t n = 0;

	if (config_item_find(c, item, name) != SIZE_MAX)
		return 0;
	while (n < ARRAY_LENGTH(names) && (names[n] = config_item_name(c, item, n)) != NULL)
		n++;
	nearest = text_nearest(name, names, n);
	return document_refuse(
		d, at, "there is no %s '%s' for the VIP %s: '%s' does not %s it%s%s%s",
		board ? "board" : "check", name, ADDRESS_TEXT(&vip->settings.address),
		board ? "boards" : "checks", board ? "list" : "have",
		nearest ? " (did you mean '" : "", nearest ? nearest : "", nearest ? "'?)" : "");
}

/* Without a list of boards in the main file there is vnic0. */
static int config_check_boards(struct config *c, struct document *d)
{
	int r = 0;

	if (!c->boards_given &&
	    config_item_find(c, CONFIG_ITEM_BOARD, NODE_BOARD_DEFAULT) == SIZE_MAX)
		r = config_add_board(c, NODE_BOARD_DEFAULT);
	if (r == 0 && c->n_boards > NODE_BOARDS_MAX)
		return document_refuse(d, c->boards[0].place,
				       "there are more than %d boards, with " NODE_BOARD_DEFAULT
				       ", which is there when the main file has no 'boards'",
				       NODE_BOARDS_MAX);
	for (size_t i = 0; i < c->n_vips && r == 0; i++)
		r = check_name(d, c, CONFIG_ITEM_BOARD, c->vips[i].settings.board, &c->vips[i],
			       c->vips[i].place);
	return r;
}

static int config_check_checks(const struct config *c, struct document *d)
{
	int r = 0;

	for (size_t i = 0; i < c->n_vips && r == 0; i++)
		if (c->vips[i].settings.check[0])
			r = check_name(d, c, CONFIG_ITEM_CHECK, c->vips[i].settings.check,
				       &c->vips[i], c->vips[i].check);
	return r;
}

/* The first repetition in the order of the files is refused. */
static int config_check_duplicates(const struct config *c, struct document *d)
{
	size_t *sorted = config_sort_vips(c), again = SIZE_MAX, before = 0;
	const struct config_vip *vip;

	if (!sorted)
		return -ENOMEM;
	for (size_t i = 1; i < c->n_vips; i++)
		if (sorted[i] < again && address_equal(&c->vips[sorted[i]].settings.address,
						       &c->vips[sorted[i - 1]].settings.address)) {
			again = sorted[i];
			before = sorted[i - 1];
		}
	free(sorted);
	if (again == SIZE_MAX)
		return 0;
	vip = &c->vips[again];
	return document_refuse(d, vip->place,
			       "the VIP %s is here twice: it was given in %s already",
			       ADDRESS_TEXT(&vip->settings.address),
			       PLACE_QUOTE(c->vips[before].place, vip->place));
}

/* A VIP may be bound by hand later: to name one is no mistake, but often a typing error. */
static void config_check_sources(struct config *c)
{
	for (size_t i = 0; i < c->sources.n_rules; i++) {
		const struct address *use = &c->sources.rules[i].use;
		size_t k = 0;

		while (k < c->n_vips && !address_equal(&c->vips[k].settings.address, use))
			k++;
		if (k == c->n_vips && address_is_set(use))
			config_warn(
				c,
				places_of(&c->sources_at,
					  (size_t)((const char *)use - (const char *)&c->sources),
					  c->sources_given),
				"no VIP of the configuration is %s: the rule counts only while "
				"it is bound by hand",
				ADDRESS_TEXT(use));
	}
}

static bool is_spoken(const struct config *c, uint8_t id)
{
	for (size_t i = 0; i < c->n_rules; i++)
		if (c->rules[i].speaks[id])
			return true;
	return false;
}

/*
 * The largest metric that a protocol can say which is spoken for the family; where none is, that of
 * the first one, as the node has it.
 */
static uint32_t metric_max(const struct config *c, enum family family, bool *ret_spoken)
{
	uint32_t max = 0, first = 0;

	for (uint8_t id = 1; id < PROTOCOL_END; id++) {
		const struct speaker_class *class = protocol_class(id);

		if (!(class->families >> family_index(family) & 1))
			continue;
		first = first ? first : class->metric_max;
		if (is_spoken(c, id) && class->metric_max > max)
			max = class->metric_max;
	}
	*ret_spoken = max > 0;
	return max ? max : first;
}

/* Somebody must be able to say that a VIP is there; and its metric. */
static int config_check_spoken(struct config *c, struct document *d, enum family family)
{
	bool told;
	uint32_t max = metric_max(c, family, &told);

	for (size_t i = 0; i < c->n_vips; i++) {
		const struct config_vip *vip = &c->vips[i];

		if (vip->settings.address.family != family)
			continue;
		if (!told)
			config_warn(c, vip->place,
				    family == FAMILY_IPV6
					    ? "no interface has 'ripng' or 'ospfv3': the IPv6 VIPs "
					      "are bound, but announced to nobody"
					    : "no interface has 'rip' or 'ospf': the VIPs are "
					      "bound, but announced to nobody");
		told = true;
		if (vip->settings.metric > max)
			return document_refuse(d, vip->metric,
					       "the 'metric' %u is unreachable: it must be 1 to %u",
					       vip->settings.metric, max);
	}
	return 0;
}

int config_coherence(struct config *c, struct document *d)
{
	int r = config_check_boards(c, d);

	if (r == 0)
		r = config_check_checks(c, d);
	if (r == 0)
		r = config_check_duplicates(c, d);
	for (size_t i = 0; i < PROTOCOLS && r == 0; i++)
		r = config_protocols[i]->check(c, d);
	if (r == 0)
		r = config_check_spoken(c, d, FAMILY_IPV4);
	if (r == 0)
		r = config_check_spoken(c, d, FAMILY_IPV6);
	if (r == 0)
		config_check_sources(c);
	return r;
}

static bool bfd_secret(const struct config_rule *rule, size_t k, struct config_secret *ret)
{
	const struct bfd_auth *auth = &rule->rule.bfd.auth;

	if (!rule->rule.bfd_enabled || k >= auth->n_keys)
		return false;
	*ret = protocol_secret(rule,
			       offsetof(struct config_rule, rule.bfd.auth.keys[0].secret) +
				       k * sizeof(struct bfd_auth_key),
			       auth->keys[k].secret, auth->type);
	return true;
}

/* The next secret of a rule, of those of its protocols, and then those of BFD. */
static bool rule_secret(const struct config_rule *rule, size_t k, struct config_secret *ret)
{
	for (size_t i = 0; i < PROTOCOLS; i++) {
		size_t n = 0;

		while (config_protocols[i]->secret(rule, n, ret))
			if (n++ == k)
				return true;
		k -= n;
	}
	return bfd_secret(rule, k, ret);
}

bool config_secret_next(const struct config *c, size_t *position, struct config_secret *ret)
{
	size_t at = 0;

	for (size_t i = 0; i < c->n_rules; i++)
		for (size_t k = 0; rule_secret(&c->rules[i], k, ret); k++)
			if (at++ == *position) {
				*position = at;
				return true;
			}
	return false;
}
