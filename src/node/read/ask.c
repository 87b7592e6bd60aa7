/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a person asks of source selection: `vip source`, `vip source why`. The world looks first
 * (EFFECT_SOURCE_LOOK): it counts, and knows the routes; then the node goes through its policy as
 * the world does for each connection, and says at each step why it goes on.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "node/read/read.h"
#include "node/vip/vip.h"

#define QUESTIONS_MAX 256 /* more clients than the API serves */

/* One that waits for the world. */
struct question {
	struct list link; /* in node.source.questions */
	uint32_t request;
	struct query query;
};

/* One that is being answered. */
struct answer {
	struct node *n;
	const struct query *query;
	const struct source_look *look;
	uint32_t request;
	struct row_source_why why;
	size_t n_reasons;
	char (*reasons)[NODE_SENTENCE_MAX]; /* of at least REASONS_MAX */
};

/* One for each rule, and what is said beside them. */
#define REASONS_MAX (SOURCE_RULES_MAX + 16)

static void row_put(struct node *n, uint32_t request, const struct row_source *row)
{
	struct effect e = { .kind = EFFECT_ROW_SOURCE };

	e.row.request = request;
	e.row.source = *row;
	node_effect_put(n, &e);
}

static void question_free(struct node *n, struct question *q)
{
	list_remove(&q->link);
	n->vips->source.n_questions--;
	free(q);
}

void ask_free_all(struct node *n)
{
	list_each_safe(link, &n->vips->source.questions)
		question_free(n, container_of(link, struct question, link));
}

void ask_begin(struct node *n, const struct input *in)
{
	struct effect e = { .kind = EFFECT_SOURCE_LOOK };
	struct question *q =
		n->vips->source.n_questions < QUESTIONS_MAX ? calloc(1, sizeof(*q)) : NULL;

	if (!q) {
		request_answer(n, in->request, REPLY_FAILED, "too much is asked at once");
		return;
	}
	q->request = in->request;
	q->query = in->query;
	list_append(&n->vips->source.questions, &q->link);
	n->vips->source.n_questions++;
	e.source_look.request = in->request;
	e.source_look.destination = in->query.address;
	text_copy(e.source_look.user, sizeof(e.source_look.user), in->query.user);
	/* A socket of ours is a socket of our unit and our user: it stands for nobody else. */
	e.source_look.trial =
		address_is_set(&in->query.address) && !in->query.unit[0] && !in->query.user[0];
	node_effect_put(n, &e);
}

/* Without a destination: how everything stands. */

static void state_row(const struct answer *a)
{
	const struct sourcing *s = &a->n->vips->source;
	struct row_source row = { .part = ROW_SOURCE_STATE };
	struct row_source_state *state = &row.state;

	*state = (struct row_source_state){
		.mode = (uint8_t)source_mode(a->n),
		.switched = s->switched != SOURCE_MODE_UNSET,
		.answered = s->want.there || s->want.error[0],
		.ready = s->want.there,
	};
	text_copy(state->error, sizeof(state->error), s->want.error);
	for (size_t k = 0; k < ARRAY_LENGTH(state->first); k++) {
		state->first[k] = s->told->first[k];
		if (!address_is_set(&state->first[k]))
			text_copy(state->reason[k], sizeof(state->reason[k]),
				  source_first_why_not(a->n, k));
	}
	memcpy(state->counts, a->look->counts, sizeof(state->counts));
	row_put(a->n, a->request, &row);
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

static void rule_rows(const struct answer *a)
{
	for (size_t k = 0; k < a->n->vips->source.n_rules; k++) {
		const struct source_rule *r = &a->n->vips->source.rules[k];
		const char *why = rule_why_not(a->n, r);
		struct row_source row = { .part = ROW_SOURCE_RULE };

		row.rule = (struct row_source_rule){
			.number = (uint16_t)(k + 1),
			.in_force = !why,
			.rule = *r,
		};
		text_copy(row.rule.reason, sizeof(row.rule.reason), why ? why : "");
		row_put(a->n, a->request, &row);
	}
}

static void interface_rows(const struct answer *a)
{
	list_each(link, &a->n->routing->links) {
		const struct link *l = container_of(link, struct link, link);
		struct row_source row = { .part = ROW_SOURCE_INTERFACE };

		row.interface = (struct row_source_interface){ 0 };
		if (l->interface.kind == INTERFACE_BOARD ||
		    source_interface_is_on(a->n, l, &row.interface.switched))
			continue;
		text_copy(row.interface.name, sizeof(row.interface.name), l->interface.name);
		row_put(a->n, a->request, &row);
	}
}

/* With one: what a connection to it gets. */

static void because(struct answer *a, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void because(struct answer *a, const char *format, ...)
{
	va_list args;

	if (a->n_reasons == REASONS_MAX)
		return;
	va_start(args, format);
	vsnprintf(a->reasons[a->n_reasons++], NODE_SENTENCE_MAX, format, args);
	va_end(args);
}

/* Whether the rule is one for whoever was asked for. */
static bool rule_fits_user(const struct answer *a, const struct source_rule *r)
{
	char number[16];

	if (!r->user[0])
		return true;
	if (!a->query->user[0])
		return false;
	snprintf(number, sizeof(number), "%" PRIu32, a->look->user);
	return strcmp(r->user, a->query->user) == 0 || strcmp(r->user, number) == 0;
}

/* NULL: the rule holds; else why it does not, and the next one is looked at. */
static const char *rule_passes_over(const struct answer *a, const struct source_rule *r)
{
	const struct address *to = &a->query->address;

	if (address_is_set(&r->to.address) && !prefix_contains(&r->to, to))
		return "it is for other destinations";
	if (address_is_set(&r->use) && r->use.family != to->family)
		return "its address is of the other family";
	if (r->unit[0] && !source_unit_covers(r->unit, a->query->unit))
		return a->query->unit[0] ? "it is for another unit"
					 : "it is for one unit, and no unit was asked for";
	if (!rule_fits_user(a, r))
		return a->query->user[0] ? "it is for another user"
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
		a->why.rule = (uint16_t)(k + 1);
		if (!address_is_set(&r->use)) {
			because(a, "rule %zu leaves the choice to Linux", k + 1);
			return true;
		}
		a->why.by = SOURCE_BY_RULE;
		a->why.source = r->use;
		because(a, "rule %zu says so", k + 1);
		return true;
	}
	return false;
}

static void why_by_first(struct answer *a)
{
	size_t family = a->query->address.family == FAMILY_IPV6;
	const struct address *first = &a->n->vips->source.told->first[family];

	if (!address_is_set(first)) {
		because(a, "there is no first VIP for it: %s", source_first_why_not(a->n, family));
		return;
	}
	a->why.by = SOURCE_BY_FIRST;
	a->why.source = *first;
	because(a, "%s is the first VIP that is in force", ADDRESS_TEXT(first));
	list_each(link, &a->n->vips->bindings) {
		const struct binding *b = container_of(link, struct binding, link);

		if (address_equal(&b->address, first))
			return;
		if (b->address.family == first->family)
			because(a, "%s, which is older, is not: %s", ADDRESS_TEXT(&b->address),
				source_vip_why_not(a->n, b, true));
		/* They may be many. */
		if (a->n_reasons >= REASONS_MAX - 4)
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
	if (s->want.error[0]) {
		because(a, "connections cannot be given a VIP: %s", s->want.error);
		return true;
	}
	if (!source_destination_is_ours_to_choose(&a->query->address, &why)) {
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
	const struct row_source_why *w = &a->why;

	if (!a->look->tried)
		return;
	a->why.tried = true;
	a->why.got = a->look->got;
	a->why.agrees = address_equal(&w->got, &w->source);
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

static void why_rows(struct answer *a)
{
	const struct source_look *look = a->look;
	struct row_source row = { .part = ROW_SOURCE_WHY };

	a->why.destination = a->query->address;
	a->why.linux_source = look->linux_source;
	for (size_t k = 0; k < look->n_interfaces; k++)
		text_copy(a->why.interfaces[a->why.n_interfaces++], INTERFACE_NAME_MAX,
			  link_name(a->n, look->interfaces[k]));
	if (!why_none(a) && !why_by_rule(a))
		why_by_first(a);
	if (a->why.by == SOURCE_BY_LINUX)
		a->why.source = look->linux_source;
	why_tried(a);
	row.why = a->why;
	row_put(a->n, a->request, &row);
	for (size_t k = 0; k < a->n_reasons; k++) {
		row = (struct row_source){ .part = ROW_SOURCE_REASON };
		text_copy(row.reason, sizeof(row.reason), a->reasons[k]);
		row_put(a->n, a->request, &row);
	}
}

static void question_answer(struct node *n, const struct question *q,
			    const struct source_look *look)
{
	struct answer a = { .n = n, .query = &q->query, .look = look, .request = q->request };
	char sentence[NODE_SENTENCE_MAX];

	if (!address_is_set(&q->query.address)) {
		state_row(&a);
		rule_rows(&a);
		interface_rows(&a);
		request_answer(n, q->request, REPLY_OK, NULL);
		return;
	}
	if (q->query.user[0] && !look->user_known) {
		snprintf(sentence, sizeof(sentence), "there is no user '%s'", q->query.user);
		request_answer(n, q->request, REPLY_NOT_FOUND, sentence);
		return;
	}
	a.reasons = calloc(REASONS_MAX, sizeof(*a.reasons));
	if (!a.reasons) {
		request_answer(n, q->request, REPLY_FAILED, "no memory");
		return;
	}
	why_rows(&a);
	free(a.reasons);
	request_answer(n, q->request, REPLY_OK, NULL);
}

void ask_looked(struct node *n, const struct input *in)
{
	list_each_safe(link, &n->vips->source.questions) {
		struct question *q = container_of(link, struct question, link);

		if (q->request != in->request)
			continue;
		question_answer(n, q, &in->looked);
		question_free(n, q);
		return;
	}
}
