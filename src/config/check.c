/* SPDX-License-Identifier: Apache-2.0 */
/* Checks that span several keys, and the warnings. */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "config/model.h"
#include "fields/value.h"

/* The first warnings are kept; a file that has more of them is not read any better with all. */
void config_warn(struct config *c, struct place at, const char *format, ...)
{
	char sentence[256], line[512];
	va_list args;

	if (c->n_warnings == CONFIG_WARNINGS_MAX)
		return;
	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	snprintf(line, sizeof(line), "%s:%u:%u: warning: %s", at.file, at.line, at.column,
		 sentence);
	c->warnings[c->n_warnings] = strdup(line);
	if (c->warnings[c->n_warnings])
		c->n_warnings++;
}

void config_remark(struct config *c, const char *format, ...)
{
	char line[512];
	va_list args;

	if (c->n_warnings == CONFIG_WARNINGS_MAX)
		return;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	c->warnings[c->n_warnings] = strdup(line);
	if (c->warnings[c->n_warnings])
		c->n_warnings++;
}

static const struct config_board *config_board_find(const struct config *c, const char *name)
{
	for (size_t i = 0; i < c->n_boards; i++)
		if (strcmp(c->boards[i].name, name) == 0)
			return &c->boards[i];
	return NULL;
}

bool config_has_board(const struct config *c, const char *name)
{
	return config_board_find(c, name) != NULL;
}

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

		if (config_board_find(c, vip->settings.board))
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

static struct place rip_place(const struct config *c, const char *key, const char *otherwise)
{
	struct place fallback = schema_place(&section_rip, c->rip_places, otherwise, c->rip_given);

	return schema_place(&section_rip, c->rip_places, key, fallback);
}

static int config_check_rip(struct config *c, struct document *d)
{
	char timeout[VALUE_DURATION_TEXT_MAX], update[VALUE_DURATION_TEXT_MAX];
	const struct rip_settings *s = &c->rip;
	struct place at = rip_place(c, "timeout", "update");

	value_format_duration(s->timeout, timeout);
	value_format_duration(s->update, update);
	if (s->timeout.ns <= s->update.ns)
		return document_refuse(d, at,
				       "'timeout' (%s) must be longer than 'update' (%s): every "
				       "neighbour would be given up between two of its updates",
				       timeout, update);
	if (s->timeout.ns < 3 * s->update.ns)
		config_warn(c, at,
			    "'timeout' (%s) is less than three times 'update' (%s): two lost "
			    "packets are enough to give a neighbour up",
			    timeout, update);
	if (s->metric < s->distance + 2)
		config_warn(c, rip_place(c, "metric", "distance"),
			    "'metric' %u leaves no headroom for a rescue over a 'distance' of %u: "
			    "that takes %u or more",
			    s->metric, s->distance, s->distance + 2);
	return 0;
}

/* The rule with which VIPs of the family are announced dearest; NULL: with none. */
static int config_check_costs(struct config *c, struct document *d, enum family family,
			      const struct config_rule **ret_dearest)
{
	uint8_t highest = 0;

	*ret_dearest = NULL;
	for (size_t i = 0; i < c->n_rules; i++) {
		const struct config_rule *rule = &c->rules[i];
		const struct rip_interface_settings *s = interface_rule_speech(&rule->rule, family);
		unsigned sum = s ? (unsigned)(c->rip.metric + s->cost - 1) : 0;

		if (sum >= RIP_INFINITY)
			return document_refuse(d, rule->costs[family_index(family)],
					       "'cost' %u is too much: with the 'metric' of rip, "
					       "%u, VIPs would be announced with %u, and %d "
					       "means unreachable",
					       s->cost, c->rip.metric, sum, RIP_INFINITY);
		if (!s || s->cost <= highest)
			continue;
		*ret_dearest = rule;
		highest = s->cost;
	}
	return 0;
}

static void config_check_vip_metric(struct config *c, const struct config_vip *vip,
				    const struct config_rule *dearest)
{
	enum family family = (enum family)vip->settings.address.family;
	uint8_t cost = interface_rule_speech(&dearest->rule, family)->cost;
	unsigned sum = (unsigned)(vip->settings.metric + cost - 1);

	if (vip->settings.announce && sum >= RIP_INFINITY)
		config_warn(c, vip->metric,
			    "the VIP %s cannot be announced on '%s': its 'metric' %u and the "
			    "'cost' %u there make %u, and %d means unreachable",
			    ADDRESS_TEXT(&vip->settings.address), dearest->rule.pattern,
			    vip->settings.metric, cost, sum, RIP_INFINITY);
}

/*
 * RFC 2453 3.6: a metric of 16 says that there is no way. The cost above 1 is added to the metric.
 */
static int config_check_metrics(struct config *c, struct document *d, enum family family)
{
	const struct config_rule *dearest;
	int r = config_check_costs(c, d, family, &dearest);

	for (size_t i = 0; r == 0 && i < c->n_vips; i++) {
		const struct config_vip *vip = &c->vips[i];

		if (vip->settings.address.family != family)
			continue;
		if (dearest) {
			config_check_vip_metric(c, vip, dearest);
			continue;
		}
		config_warn(
			c, vip->place,
			family == FAMILY_IPV6
				? "no interface has 'ripng': the IPv6 VIPs are bound, but "
				  "announced to nobody"
				: "no interface has 'rip': the VIPs are bound, but announced to "
				  "nobody");
		break;
	}
	return r;
}

/* A VIP may be bound by hand later: to name one is no mistake, but often a typing error. */
static void config_check_sources(struct config *c)
{
	for (size_t i = 0; i < c->n_sources; i++) {
		const struct address *use = &c->sources[i].rule.use;
		size_t k = 0;

		while (k < c->n_vips && !address_equal(&c->vips[k].settings.address, use))
			k++;
		if (k == c->n_vips && address_is_set(use))
			config_warn(c, c->sources[i].use,
				    "no VIP of the configuration is %s: the rule counts only while "
				    "it is bound by hand",
				    ADDRESS_TEXT(use));
	}
}

int config_check(struct config *c, struct document *d)
{
	int r = config_check_boards(c, d);

	if (r == 0)
		r = config_check_checks(c, d);
	if (r == 0)
		r = config_check_duplicates(c, d);
	if (r == 0)
		r = config_check_rip(c, d);
	if (r == 0)
		r = config_check_metrics(c, d, FAMILY_IPV4);
	if (r == 0)
		r = config_check_metrics(c, d, FAMILY_IPV6);
	if (r == 0)
		config_check_sources(c);
	return r;
}
