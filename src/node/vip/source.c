/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The VIP as source address: which one connections get that name none. What follows from the
 * configuration, the switches and the states of the VIPs is a *policy*; the world carries it out
 * (EFFECT_SOURCE). After each input the policy is worked out anew, if something has changed that it
 * depends on, and where it is another one than the world was told, it is told whole.
 *
 *	VIP is healthy ──► in the policy ──► leaves, or fails ──► out of it ── SOURCE_GRACE ──► may
 *	                                                                       leave the kernel
 *
 * Two promises: no VIP is in the policy that the kernel does not hold, and none leaves the kernel
 * at our wish before it has been out of the policy for SOURCE_GRACE. slot.c asks source_keeps().
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "node/vip/vip.h"

const char *source_verdict_name(enum source_verdict verdict)
{
	static const char *const names[] = {
#define SOURCE_VERDICT_TEXT(name, text) text,
		SOURCE_VERDICTS(SOURCE_VERDICT_TEXT)
#undef SOURCE_VERDICT_TEXT
	};

	return verdict < SOURCE_VERDICT_COUNT ? names[verdict] : "-";
}

/* Whether `path` begins with the `length` bytes, as whole names. */
static bool path_begins(const char *path, const char *with, size_t length)
{
	return strncmp(path, with, length) == 0 && (!path[length] || path[length] == '/');
}

bool source_unit_covers(const char *rule, const char *unit)
{
	size_t length = strlen(rule);

	if (length == 0)
		return false;
	if (rule[0] == '/')
		return path_begins(unit, rule, length);
	/* The name of a unit stands anywhere in the path. */
	for (const char *name = unit; name; name = strchr(name, '/')) {
		name += *name == '/';
		if (path_begins(name, rule, length))
			return true;
	}
	return false;
}

bool source_destination_is_ours_to_choose(const struct address *a, const char **ret_why)
{
	const char *why = NULL;

	if (address_is_unspecified(a))
		why = "no address at all, which means this host";
	else if (address_is_loopback(a))
		why = "a loopback address";
	else if (address_is_multicast(a))
		why = "a multicast address";
	else if (address_is_link_local(a))
		why = "a link-local address";
	else if (a->family == FAMILY_IPV4 && address_ipv4_number(a) == UINT32_MAX)
		why = "a broadcast address";
	if (why)
		*ret_why = why;
	return !why;
}

static void policy_tell(struct node *n, const struct want *w)
{
	const struct source_policy *p = container_of(w, struct sourcing, want)->told;
	struct effect e = { .kind = EFFECT_SOURCE };

	e.source.part = SOURCE_RULE;
	for (size_t k = 0; k < p->n_rules; k++) {
		e.source.rule = p->rules[k];
		node_effect_put(n, &e);
	}
	e.source = (struct source_policy_part){ .part = SOURCE_INTERFACE };
	for (size_t k = 0; k < p->n_interfaces; k++) {
		e.source.interface = p->interfaces[k];
		node_effect_put(n, &e);
	}
	e.source = (struct source_policy_part){ .part = SOURCE_END };
	memcpy(e.source.first, p->first, sizeof(p->first));
	node_effect_put(n, &e);
}

int source_init(struct node *n)
{
	struct sourcing *s = &n->vips->source;

	list_init(&s->vips);
	timer_init(&s->due, NODE_TIMER_SOURCE);
	want_init(&s->want, policy_tell);
	s->mode = SOURCE_MODE_ON;
	s->told = calloc(1, sizeof(*s->told));
	s->next = calloc(1, sizeof(*s->next));
	if (s->told && s->next && timers_reserve(&n->timers, 8) == 0)
		return 0;
	source_done(n);
	return -ENOMEM;
}

void source_done(struct node *n)
{
	want_done(n, &n->vips->source.want);
	free(n->vips->source.rules);
	free(n->vips->source.switches);
	free(n->vips->source.told);
	free(n->vips->source.next);
}

void source_changed(struct node *n)
{
	n->vips->source.dirty = true;
}

/* Of one that is neither in the policy nor fit for it nothing follows: most of very many are so. */
void source_vip_changed(struct node *n, const struct binding *b)
{
	if ((b->rare && !list_empty(&b->rare->sourced)) || !source_vip_why_not(n, b, false))
		source_changed(n);
}

enum source_mode source_mode(const struct node *n)
{
	const struct sourcing *s = &n->vips->source;

	return (enum source_mode)(s->switched != SOURCE_MODE_UNSET ? s->switched : s->mode);
}

static struct source_switch *switch_find(const struct sourcing *s, const char *interface)
{
	for (size_t k = 0; k < s->n_switches; k++)
		if (strcmp(s->switches[k].interface, interface) == 0)
			return &s->switches[k];
	return NULL;
}

/* A command counts before the first rule of the configuration whose pattern fits. */
bool source_interface_is_on(const struct node *n, const struct link *l, bool *ret_switched)
{
	const struct source_switch *by_hand = switch_find(&n->vips->source, l->interface.name);

	*ret_switched = by_hand != NULL;
	if (by_hand)
		return by_hand->mode != SOURCE_MODE_OFF;
	for (size_t k = 0; k < n->routing->n_rules; k++)
		if (interface_name_matches(n->routing->rules[k].pattern, l->interface.name))
			return n->routing->rules[k].source;
	return true;
}

/* As if nobody else had been heard of. */
static const char *hearsay_why_not(const struct node *n, const struct binding *b)
{
	if (source_mode(n) == SOURCE_MODE_AUTO && binding_accepted(n, b) == 0)
		return "no neighbour has accepted it yet";
	return b->announce && !b->announced ? "it is not announced, so there is no way back to it"
					    : NULL;
}

/* Whether the configuration wants anything to be announced anywhere. */
static bool is_to_speak(const struct node *n)
{
	for (size_t k = 0; k < n->routing->n_rules; k++)
		for (size_t i = 0; i < n->routing->n_speakers; i++) {
			const struct speech_settings *s =
				rule_speech(n, &n->routing->rules[k], n->routing->speakers[i]);

			if (s && (!s->passive || s->n_unicast > 0))
				return true;
		}
	return false;
}

static const char *state_why_not(const struct node *n, const struct binding *b)
{
	switch ((enum vip_state)b->state) {
	case VIP_STATE_PROVEN:
		return NULL;
	case VIP_STATE_ACCEPTED:
		return source_mode(n) == SOURCE_MODE_AUTO && binding_is_belied(n, b)
			       ? "who has accepted it does not forward to us"
			       : NULL;
	case VIP_STATE_HEALTHY:
		/*
		 * Where nothing is to be announced at all, somebody has seen to a way back. Not
		 * where it is to be, and no interface can: without a key, a port or a carrier.
		 */
		if (b->announce && is_to_speak(n))
			return "it is not announced, so there is no way back to it";
		__attribute__((fallthrough));
	case VIP_STATE_ANNOUNCED:
		return source_mode(n) == SOURCE_MODE_AUTO ? "no neighbour has accepted it yet"
							  : NULL;
	case VIP_STATE_CONFLICT:
		if (!rival_is_hearsay(n, b))
			return "somebody else has it too";
		return hearsay_why_not(n, b);
	case VIP_STATE_DRAINING:
	case VIP_STATE_DRAINED:
		return "it is drained";
	case VIP_STATE_FAILED:
		return "it has failed";
	case VIP_STATE_BOUND:
		return check_lets(b) ? "the kernel has not confirmed it yet" : "its check fails";
	default:
		return "it is not bound yet";
	}
}

/* NULL: it is in force; as the first VIP, or for a rule that names it. */
const char *source_vip_why_not(const struct node *n, const struct binding *b, bool first)
{
	if (!b)
		return "it is not bound";
	if (b->leaving || b->doomed)
		return "it is being unbound";
	if (!b->slot.kind || !b->slot.wanted || !b->slot.present)
		return "the kernel does not hold it";
	if (first && !b->source)
		return "it has 'source: no'";
	return state_why_not(n, b);
}

/* The walk ends with the first of each family that there is: with very many that is soon. */
static void policy_first(const struct node *n, struct source_policy *p)
{
	size_t missing = 0;

	for (size_t k = 0; k < FAMILIES; k++)
		missing += n->vips->n_of_family[k] > 0;
	list_each_entry(struct binding, b, &n->vips->bindings, link) {
		struct address *first = &p->first[family_index((enum family)b->address.family)];

		/* Its record is what keeps it in the kernel later on. */
		if (address_is_set(first) || source_vip_why_not(n, b, true) || !binding_rare(b))
			continue;
		*first = b->address;
		if (--missing == 0)
			return;
	}
}

static void policy_rules(const struct node *n, struct source_policy *p)
{
	for (size_t k = 0; k < n->vips->source.n_rules; k++) {
		const struct source_rule *r = &n->vips->source.rules[k];
		struct binding *b = NULL;

		if (address_is_set(&r->use)) {
			b = binding_find(n, &r->use);
			if (source_vip_why_not(n, b, false) || !binding_rare(b))
				continue;
		}
		p->rules[p->n_rules++] = *r;
	}
}

/* False: more are off than can be told. */
static bool policy_interfaces(const struct node *n, struct source_policy *p)
{
	bool switched;

	list_each_entry(const struct link, l, &n->routing->links, link) {
		if (l->interface.kind == INTERFACE_BOARD || source_interface_is_on(n, l, &switched))
			continue;
		if (p->n_interfaces == SOURCE_INTERFACES_MAX)
			return false;
		p->interfaces[p->n_interfaces++] = l->interface.index;
	}
	return true;
}

static bool policy_is_empty(const struct source_policy *p)
{
	for (size_t k = 0; k < p->n_rules; k++)
		if (address_is_set(&p->rules[k].use))
			return false;
	return !address_is_set(&p->first[0]) && !address_is_set(&p->first[1]);
}

static void policy_clear(struct source_policy *p)
{
	p->n_rules = p->n_interfaces = 0;
	memset(p->first, 0, sizeof(p->first));
}

/* What gives nobody anything is nothing, whatever is switched off in it. */
static void policy_make(const struct node *n, struct source_policy *p)
{
	policy_clear(p);
	if (source_mode(n) == SOURCE_MODE_OFF || !n->synced)
		return;
	policy_first(n, p);
	policy_rules(n, p);
	/* Off is the stronger word: rather no VIP than one on an interface that is off. */
	if (policy_is_empty(p) || !policy_interfaces(n, p))
		policy_clear(p);
}

static bool policy_equal(const struct source_policy *a, const struct source_policy *b)
{
	if (a->n_rules != b->n_rules || a->n_interfaces != b->n_interfaces ||
	    !address_equal(&a->first[0], &b->first[0]) ||
	    !address_equal(&a->first[1], &b->first[1]))
		return false;
	for (size_t k = 0; k < a->n_rules; k++)
		if (!record_equal(&source_rule_record, &a->rules[k], &b->rules[k]))
			return false;
	return memcmp(a->interfaces, b->interfaces, a->n_interfaces * sizeof(*a->interfaces)) == 0;
}

/* Why the VIP is no longer the first one. */
static const char *first_was_lost(const struct node *n, const struct address *a)
{
	const char *why = source_vip_why_not(n, binding_find(n, a), true);

	if (source_mode(n) == SOURCE_MODE_OFF)
		return "source selection is switched off";
	return why ? why : "an older one is there again";
}

static void first_tell(struct node *n, size_t k, const struct address *from,
		       const struct address *to)
{
	struct event e = { .kind = EVENT_SOURCE, .vip = address_is_set(to) ? *to : *from };
	const char *ip = k == 0 ? "IPv4" : "IPv6";

	if (!address_is_set(from))
		snprintf(e.reason, sizeof(e.reason),
			 "%s connections that name no source get it from now on", ip);
	else if (address_is_set(to))
		snprintf(e.reason, sizeof(e.reason),
			 "%s connections that name no source get it in place of %s: %s", ip,
			 ADDRESS_TEXT(from), first_was_lost(n, from));
	else
		snprintf(e.reason, sizeof(e.reason),
			 "%s connections get no VIP as their source any more: %s", ip,
			 first_was_lost(n, from));
	node_event(n, &e);
}

/* The VIPs that have to stay a moment leave the kernel when the earliest of them may. */
static void grace_arm(struct node *n)
{
	struct instant due = INSTANT_NEVER;

	list_each(link, &n->vips->source.vips)
		due = instant_min(due,
				  container_of(link, struct binding_rare, sourced)->sourced_until);
	if (instant_is_never(due))
		timer_stop(&n->timers, &n->vips->source.due);
	else
		(void)timer_set(&n->timers, &n->vips->source.due, due);
}

static void vip_enters(struct node *n, const struct address *a)
{
	struct binding *b = address_is_set(a) ? binding_find(n, a) : NULL;

	if (!b)
		return;
	b->rare->sourced_until = INSTANT_NEVER;
	if (list_empty(&b->rare->sourced))
		list_append(&n->vips->source.vips, &b->rare->sourced);
}

/* Whoever was in the policy and is not any more has its grace from now on. */
static void grace_begin(struct node *n, const struct source_policy *p)
{
	list_each_entry(struct binding_rare, r, &n->vips->source.vips, sourced)
		if (instant_is_never(r->sourced_until))
			r->sourced_until = instant_add(n->now, SOURCE_GRACE);
	for (size_t k = 0; k < ARRAY_LENGTH(p->first); k++)
		vip_enters(n, &p->first[k]);
	for (size_t k = 0; k < p->n_rules; k++)
		vip_enters(n, &p->rules[k].use);
	grace_arm(n);
}

void source_review(struct node *n)
{
	struct sourcing *s = &n->vips->source;
	struct source_policy *before = s->told;

	if (!s->dirty)
		return;
	s->dirty = false;
	policy_make(n, s->next);
	if (policy_equal(s->next, before))
		return;
	s->told = s->next;
	s->next = before;
	want_ask(n, &s->want);
	grace_begin(n, s->told);
	for (size_t k = 0; k < ARRAY_LENGTH(before->first); k++)
		if (!address_equal(&before->first[k], &s->told->first[k]))
			first_tell(n, k, &before->first[k], &s->told->first[k]);
}

bool source_keeps(const struct node *n, const struct binding *b)
{
	return b->rare && !list_empty(&b->rare->sourced) &&
	       !instant_reached(b->rare->sourced_until, n->now);
}

void source_forget(struct node *n, struct binding *b)
{
	if (!b->rare)
		return;
	list_remove(&b->rare->sourced);
	source_changed(n);
}

void source_due(struct node *n)
{
	list_each_entry_safe(struct binding_rare, r, &n->vips->source.vips, sourced) {
		if (!instant_reached(r->sourced_until, n->now))
			continue;
		list_remove(&r->sourced);
		if (r->binding->slot.kind)
			slot_dirty(n, &r->binding->slot);
	}
	grace_arm(n);
}

const char *source_first_why_not(const struct node *n, size_t family)
{
	const char *why = NULL;

	if (source_mode(n) == SOURCE_MODE_OFF)
		return "source selection is switched off";
	list_each_entry(const struct binding, b, &n->vips->bindings, link) {
		if (b->address.family != family_at(family))
			continue;
		if (why)
			return "none of the VIPs is in force: 'vip list' says how they are";
		why = source_vip_why_not(n, b, true);
	}
	return why ? why : "there is no VIP of that family";
}

static void save_switch(struct node *n, const struct source_switch *s)
{
	save_put(n, &(struct saved){ .kind = SAVED_SOURCE, .source = *s });
}

struct source_rule *source_configure(struct node *n, uint8_t mode, struct source_rule *rules,
				     size_t n_rules)
{
	struct sourcing *s = &n->vips->source;
	struct source_rule *before = s->rules;
	struct source_switch gone = { .mode = SOURCE_MODE_UNSET };

	s->mode = mode;
	s->rules = rules;
	s->n_rules = n_rules;
	source_changed(n);
	/* A switch outlives the daemon; who applies a file anew wants what stands in it. */
	if (!n->synced)
		return before;
	if (s->switched != SOURCE_MODE_UNSET)
		save_switch(n, &gone);
	s->switched = SOURCE_MODE_UNSET;
	while (s->n_switches > 0) {
		gone = s->switches[--s->n_switches];
		gone.mode = SOURCE_MODE_UNSET;
		save_switch(n, &gone);
	}
	return before;
}

/* Takes an interface's switch away. */
static void switch_unset(struct sourcing *s, const char *interface)
{
	struct source_switch *at = switch_find(s, interface);

	if (at)
		*at = s->switches[--s->n_switches];
}

int source_switch_set(struct node *n, const struct source_switch *to)
{
	struct sourcing *s = &n->vips->source;
	struct source_switch *at = switch_find(s, to->interface), *grown;

	source_changed(n);
	if (!to->interface[0]) {
		s->switched = to->mode;
		return 0;
	}
	if (to->mode == SOURCE_MODE_UNSET) {
		switch_unset(s, to->interface);
		return 0;
	}
	if (at) {
		*at = *to;
		return 0;
	}
	if (s->n_switches == SOURCE_INTERFACES_MAX)
		return -ENOSPC;
	grown = reallocarray(s->switches, s->n_switches + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	s->switches = grown;
	s->switches[s->n_switches++] = *to;
	return 0;
}

void source_save_all(struct node *n)
{
	const struct sourcing *s = &n->vips->source;

	if (s->switched != SOURCE_MODE_UNSET)
		save_switch(n, &(struct source_switch){ .mode = s->switched });
	for (size_t k = 0; k < s->n_switches; k++)
		save_switch(n, &s->switches[k]);
}

static bool interface_exists(const struct node *n, const char *name)
{
	list_each(link, &n->routing->links)
		if (strcmp(container_of(link, struct link, link)->interface.name, name) == 0)
			return true;
	return false;
}

void source_command(struct node *n, const struct input *in)
{
	const struct source_switch *to = &in->source;
	bool host = !to->interface[0];
	char sentence[NODE_SENTENCE_MAX];

	if (n->stopping) {
		request_reply(n, in->request, REPLY_REFUSED, "vipd is stopping");
	} else if (to->mode == SOURCE_MODE_UNSET || (!host && to->mode == SOURCE_MODE_AUTO)) {
		request_reply(n, in->request, REPLY_REFUSED,
			      host ? "sources are switched on, off or to auto"
				   : "an interface is switched on or off");
	} else if (!host && !interface_exists(n, to->interface) &&
		   !switch_find(&n->vips->source, to->interface)) {
		snprintf(sentence, sizeof(sentence), "there is no interface %s", to->interface);
		request_reply(n, in->request, REPLY_NOT_FOUND, sentence);
	} else if (source_switch_set(n, to) < 0) {
		request_reply(n, in->request, REPLY_FAILED, "too many interfaces are switched");
	} else {
		save_switch(n, to);
		node_note(n, EVENT_SOURCE, to->interface, "switched %s by a command",
			  source_mode_name(to->mode));
		/* In force before it is answered: the next connection is one of the new kind. */
		source_review(n);
		request_reply(n, in->request, REPLY_OK, NULL);
	}
}

void source_sourcing(struct node *n, const struct input *in)
{
	struct want *w = &n->vips->source.want;
	bool failed = w->said != NULL;

	if (want_answered(n, w, in->sourcing.ready, in->sourcing.error))
		node_note(n, EVENT_SOURCE, NULL, "connections cannot be given a VIP: %s",
			  want_said(w));
	else if (w->there && failed)
		node_note(n, EVENT_SOURCE, NULL, "connections can be given a VIP again");
}
