/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the parts of a configuration fit each other, and the warnings. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "config/model.h"

/* Without a list of boards in the main file there is vnic0. */
static int config_check_boards(struct config *c, struct document *d)
{
	const char *names[NODE_BOARDS_MAX], *nearest;

	if (!c->boards_given && !config_has_board(c, NODE_BOARD_DEFAULT)) {
		int r = config_add_board(c, NODE_BOARD_DEFAULT);

		if (r < 0)
			return r;
	}
	if (c->n_boards > NODE_BOARDS_MAX)
		return document_refuse(d, c->boards[0].place,
				       "there are more than %d boards, with " NODE_BOARD_DEFAULT
				       ", which is there when the main file has no 'boards'",
				       NODE_BOARDS_MAX);
	for (size_t i = 0; i < c->n_boards; i++)
		names[i] = c->boards[i].name;
	for (size_t i = 0; i < c->n_vips; i++) {
		const struct config_vip *vip = &c->vips[i];

		if (config_has_board(c, vip->settings.board))
			continue;
		nearest = text_nearest(vip->settings.board, names, c->n_boards);
		return document_refuse(d, vip->place,
				       "there is no board '%s' for the VIP %s: 'boards' does not "
				       "list it%s%s%s",
				       vip->settings.board, ADDRESS_TEXT(&vip->settings.address),
				       nearest ? " (did you mean '" : "", nearest ? nearest : "",
				       nearest ? "'?)" : "");
	}
	return 0;
}

/* The check that a VIP names is one of the file. */
static int config_check_checks(const struct config *c, struct document *d)
{
	const char *names[NODE_CHECKS_MAX], *nearest;

	for (size_t i = 0; i < c->n_checks; i++)
		names[i] = c->checks[i].settings.name;
	for (size_t i = 0; i < c->n_vips; i++) {
		const struct config_vip *vip = &c->vips[i];
		const char *name = vip->settings.check;
		size_t k = 0;

		while (*name && k < c->n_checks && strcmp(names[k], name) != 0)
			k++;
		if (!*name || k < c->n_checks)
			continue;
		nearest = text_nearest(name, names, c->n_checks);
		return document_refuse(d, vip->check,
				       "there is no check '%s' for the VIP %s: 'checks' does not "
				       "have it%s%s%s",
				       name, ADDRESS_TEXT(&vip->settings.address),
				       nearest ? " (did you mean '" : "", nearest ? nearest : "",
				       nearest ? "'?)" : "");
	}
	return 0;
}

static int vip_compare(const void *a, const void *b)
{
	const struct config_vip *const *x = a, *const *y = b;
	int order = address_compare(&(*x)->settings.address, &(*y)->settings.address);

	/* VIPs stand in one array, in the order of the files. */
	return order ? order : *x < *y ? -1 : *x > *y;
}

/*
 * Sorts the VIPs by address, so that equal ones meet, and refuses the first repetition in the
 * order of the files.
 */
static int config_check_duplicates(const struct config *c, struct document *d)
{
	const struct config_vip **sorted, *again = NULL, *before = NULL;

	if (c->n_vips < 2)
		return 0;
	sorted = reallocarray(NULL, c->n_vips, sizeof(struct config_vip *));
	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < c->n_vips; i++)
		sorted[i] = &c->vips[i];
	qsort(sorted, c->n_vips, sizeof(struct config_vip *), vip_compare);
	for (size_t i = 1; i < c->n_vips; i++) {
		if (!address_equal(&sorted[i]->settings.address, &sorted[i - 1]->settings.address))
			continue;
		if (again && again < sorted[i])
			continue;
		again = sorted[i];
		before = sorted[i - 1];
	}
	free(sorted);
	if (!again)
		return 0;
	return document_refuse(
		d, again->place, "the VIP %s is here twice: it was given in %s already",
		ADDRESS_TEXT(&again->settings.address), PLACE_QUOTE(before->place, again->place));
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
