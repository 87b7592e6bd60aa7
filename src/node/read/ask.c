/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a person asks of source selection: `vip source`, `vip source why`. Of a connection the world
 * has found out the routes; then the node goes through its policy as the world does for each, and
 * says at each step why it goes on.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "node/read/read.h"

/* One that is being answered. */
struct answer {
	const struct node *n;
	const struct source_question *question;
	const struct source_look *look;
	struct row_source_why *why;
};

void node_source(const struct node *n, struct row_source *ret)
{
	const struct sourcing *s = &n->vips->source;

	*ret = (struct row_source){
		.mode = (uint8_t)source_mode(n),
		.switched = s->switched != SOURCE_MODE_UNSET,
		.answered = s->want.there || s->want.said,
		.ready = s->want.there,
	};
	text_copy(ret->error, sizeof(ret->error), want_said(&s->want));
	for (size_t k = 0; k < ARRAY_LENGTH(ret->first); k++) {
		ret->first[k] = s->told->first[k];
		if (!address_is_set(&ret->first[k]))
			text_copy(ret->reason[k], sizeof(ret->reason[k]),
				  source_first_why_not(n, k));
	}
}

/* Why the rule counts for nobody; NULL: it is in force. */
static const char *rule_why_not(const struct node *n, const struct source_rule *r)
{
	if (source_mode(n) == SOURCE_MODE_OFF)
		return "source selection is switched off";
	if (!address_is_set(&r->use))
		return NULL;
	return source_vip_why_not(n, binding_find(n, &r->use), false);
}

bool node_source_rule_next(const struct node *n, struct walk *at, struct row_source_rule *ret)
{
	const struct source_rule *r;
	const char *why;

	if (at->position >= n->vips->source.n_rules)
		return false;
	r = &n->vips->source.rules[at->position++];
	why = rule_why_not(n, r);
	*ret = (struct row_source_rule){
		.number = (uint16_t)at->position,
		.in_force = !why,
		.rule = *r,
	};
	text_copy(ret->reason, sizeof(ret->reason), why ? why : "");
	return true;
}

bool node_source_interface_next(const struct node *n, struct walk *at,
				struct row_source_interface *ret)
{
	const struct list *link;

	while ((link = walk_list(n, at, &n->routing->links))) {
		const struct link *l = container_of(link, struct link, link);
		bool switched = false;

		if (l->interface.kind == INTERFACE_BOARD || source_interface_is_on(n, l, &switched))
			continue;
		*ret = (struct row_source_interface){ .switched = switched };
		text_copy(ret->name, sizeof(ret->name), l->interface.name);
		return true;
	}
	return false;
}

static void because(struct answer *a, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void because(struct answer *a, const char *format, ...)
{
	va_list args;

	if (a->why->n_reasons == ROW_REASONS_MAX)
		return;
	va_start(args, format);
	vsnprintf(a->why->reasons[a->why->n_reasons++], NODE_SENTENCE_MAX, format, args);
	va_end(args);
}

/* Whether the rule is one for whoever was asked for. */
static bool rule_fits_user(const struct answer *a, const struct source_rule *r)
{
	char number[16];

	if (!r->user[0])
		return true;
	if (!a->question->user[0])
		return false;
	snprintf(number, sizeof(number), "%" PRIu32, a->look->user);
	return strcmp(r->user, a->question->user) == 0 || strcmp(r->user, number) == 0;
}

/* NULL: the rule holds; else why it does not, and the next one is looked at. */
static const char *rule_passes_over(const struct answer *a, const struct source_rule *r)
{
	const struct address *to = &a->question->destination;

	if (address_is_set(&r->to.address) && !prefix_contains(&r->to, to))
		return "it is for other destinations";
	if (address_is_set(&r->use) && r->use.family != to->family)
		return "its address is of the other family";
	if (r->unit[0] && !source_unit_covers(r->unit, a->question->unit))
		return a->question->unit[0] ? "it is for another unit"
					    : "it is for one unit, and no unit was asked for";
	if (!rule_fits_user(a, r))
		return a->question->user[0] ? "it is for another user"
					    : "it is for one user, and no user was asked for";
	return rule_why_not(a->n, r);
}

/* The first rule that holds decides; false: none does. */
static bool why_by_rule(struct answer *a)
{
	for (size_t k = 0; k < a->n->vips->source.n_rules; k++) {
		const struct source_rule *r = &a->n->vips->source.rules[k];
		const char *why = rule_passes_over(a, r);

		if (why) {
			if (address_is_set(&r->use))
				because(a, "rule %zu, for %s, is passed over: %s", k + 1,
					ADDRESS_TEXT(&r->use), why);
			else
				because(a, "rule %zu is passed over: %s", k + 1, why);
			continue;
		}
		a->why->rule = (uint16_t)(k + 1);
		if (!address_is_set(&r->use)) {
			because(a, "rule %zu leaves the choice to Linux", k + 1);
			return true;
		}
		a->why->by = SOURCE_BY_RULE;
		a->why->source = r->use;
		because(a, "rule %zu says so", k + 1);
		return true;
	}
	return false;
}

static void why_by_first(struct answer *a)
{
	size_t family = a->question->destination.family == FAMILY_IPV6;
	const struct address *first = &a->n->vips->source.told->first[family];

	if (!address_is_set(first)) {
		because(a, "there is no first VIP for it: %s", source_first_why_not(a->n, family));
		return;
	}
	a->why->by = SOURCE_BY_FIRST;
	a->why->source = *first;
	because(a, "%s is the first VIP that is in force", ADDRESS_TEXT(first));
	list_each_entry(const struct binding, b, &a->n->vips->bindings, link) {
		if (address_equal(&b->address, first))
			return;
		if (b->address.family == first->family)
			because(a, "%s, which is older, is not: %s", ADDRESS_TEXT(&b->address),
				source_vip_why_not(a->n, b, true));
		/* They may be many. */
		if (a->why->n_reasons >= ROW_REASONS_MAX - 4)
			return;
	}
}

/* Something keeps all VIPs away from it; false: nothing does. */
static bool why_none(struct answer *a)
{
	const struct sourcing *s = &a->n->vips->source;
	const char *why = NULL;
	bool switched;

	if (source_mode(a->n) == SOURCE_MODE_OFF) {
		because(a, "source selection is switched off, %s",
			s->switched ? "by 'vip source off'" : "by the configuration");
		return true;
	}
	if (s->want.said) {
		because(a, "connections cannot be given a VIP: %s", s->want.said);
		return true;
	}
	if (!source_destination_is_ours_to_choose(&a->question->destination, &why)) {
		because(a, "the destination is %s: Linux knows best", why);
		return true;
	}
	if (a->look->local) {
		because(a, "the destination is this host itself, or a broadcast address");
		return true;
	}
	if (!a->look->routed) {
		because(a, "there is no route to it");
		return true;
	}
	for (size_t k = 0; k < a->look->n_interfaces; k++) {
		const struct link *l = link_find(a->n, a->look->interfaces[k]);

		if (!l || l->interface.kind == INTERFACE_BOARD ||
		    source_interface_is_on(a->n, l, &switched))
			continue;
		because(a, "%s is switched off, %s%s", l->interface.name,
			switched ? "by 'vip source off --interface'" : "by the configuration",
			a->look->n_interfaces > 1
				? "; which of several ways is taken is known only after the choice"
				: "");
		return true;
	}
	return false;
}

/* What a socket of ours really got. */
static void why_tried(struct answer *a)
{
	const struct row_source_why *w = a->why;

	if (!a->look->tried)
		return;
	a->why->tried = true;
	a->why->got = a->look->got;
	a->why->agrees = address_equal(&w->got, &w->source);
	if (w->agrees)
		because(a, "a socket of vipd's own was connected to it, and got this address");
	else if (address_is_set(&w->got))
		because(a,
			"but a socket of vipd's own was connected to it and got %s: a rule for the "
			"unit or user of vipd, or something else on this host, chooses differently",
			ADDRESS_TEXT(&w->got));
	else
		because(a, "a socket of vipd's own could not be connected to it");
}

void node_source_why(const struct node *n, const struct source_question *q,
		     const struct source_look *look, struct row_source_why *ret)
{
	struct answer a = { .n = n, .question = q, .look = look, .why = ret };

	*ret = (struct row_source_why){
		.destination = q->destination,
		.linux_source = look->linux_source,
	};
	for (size_t k = 0; k < look->n_interfaces; k++)
		text_copy(ret->interfaces[ret->n_interfaces++], INTERFACE_NAME_MAX,
			  link_name(n, look->interfaces[k]));
	if (!why_none(&a) && !why_by_rule(&a))
		why_by_first(&a);
	if (ret->by == SOURCE_BY_LINUX)
		ret->source = look->linux_source;
	why_tried(&a);
}

bool node_ask_next(const struct node *n, uint32_t request, struct walk *at, struct row_ask *ret)
{
	static const char *const outcomes[] = {
		[ASK_OPEN] = "open", [ASK_PROVEN] = "proven",	[ASK_REFUSED] = "refused",
		[ASK_LOST] = "lost", [ASK_UNKNOWN] = "unknown", [ASK_UNREACHED] = "unreached",
		[ASK_GONE] = "gone",
	};
	const struct proving_ask *a;

	_Static_assert(PROVING_ASKS_MAX <= PROVE_ROUTERS_MAX, "as rows.h promises");
	do {
		if (request == 0 || at->position >= PROVING_ASKS_MAX)
			return false;
		a = &n->vips->proving.asks[at->position++];
	} while (a->request != request);
	*ret = (struct row_ask){
		.neighbor = a->neighbor,
		.source = a->source,
		.outcome = outcomes[a->result],
		.open = a->result == ASK_OPEN,
		.proven = a->result == ASK_PROVEN,
		.not_forwarded = a->result == ASK_REFUSED || a->result == ASK_LOST,
		.packets = a->heard.tries,
	};
	text_copy(ret->interface, sizeof(ret->interface), link_name(n, a->interface));
	if (a->heard.outcome == ECHO_OUTCOME_REFUSED) {
		ret->by = a->heard.by;
		ret->reason = prove_refusal_text(a->heard.refusal);
	}
	if (a->result != ASK_PROVEN)
		return true;
	text_copy(ret->way, sizeof(ret->way), link_name(n, a->heard.interface));
	ret->time_us = a->heard.time_us;
	ret->routers = a->heard.ttl < ECHO_TTL ? (uint8_t)(ECHO_TTL - a->heard.ttl) : 0;
	return true;
}
