/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ways by which our VIPs are reached, and which of them are lost. A way is an interface that
 * the configuration lets speak; where several routers have shown on it that they route to a VIP,
 * each of them is one. A host that has one way is well with it. But a way that is wished, or that
 * was there, and is not is redundancy that is lost in silence: all still works, until the next
 * failure.
 *
 *	wished	a rule names the interface, and no pattern
 *	there	it has spoken; a router on it has shown that it routes to a VIP
 *
 * A router that is gone is expected back for a day, or until a configuration is applied: who
 * removes one says so by that. Nothing here is kept by events alone: what is lost is found anew
 * each time somebody asks, so it clears by itself.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "node/vip/vip.h"

#define WAYS_ROUTERS_MAX 128
#define WAYS_PATIENCE DURATION_S(10)	       /* for an interface, after we have started */
#define WAYS_EXPECTED DURATION_S(24 * 60 * 60) /* so long a router is */

/* Somebody who has shown that it routes to a VIP. */
struct way_router {
	struct list link;
	char interface[INTERFACE_NAME_MAX];
	struct address address;
	struct instant unproven; /* when it came up, or last took an acceptance back */
	struct instant gone;	 /* when it was heard to be; 0: not since it was there */
};

/* What is looked at. */
struct review {
	const struct node *n;
	struct instant now;
	const struct speaker *sp;
	enum family family; /* of its prefixes */
	struct ways *ways;
	void (*lost)(void *context, const struct finding *f);
	void *context;
};

/* What the neighbours on an interface are. */
struct company {
	unsigned up, proving, off_link;
	struct address off; /* one that is off link */
};

static struct way_router *router_find(const struct node *n, const char *interface,
				      const struct address *a)
{
	list_each_entry(struct way_router, w, &n->routing->routers, link)
		if (address_equal(&w->address, a) && strcmp(w->interface, interface) == 0)
			return w;
	return NULL;
}

static void router_forget(struct node *n, struct way_router *w)
{
	list_remove(&w->link);
	n->routing->n_routers--;
	free(w);
}

void ways_accepted(struct node *n, uint32_t interface, const struct address *router, bool accepted)
{
	const char *name = link_name(n, interface);
	struct way_router *w = router_find(n, name, router);

	if (w && !accepted)
		w->unproven = n->now;
	if (w || !accepted || n->routing->n_routers == WAYS_ROUTERS_MAX)
		return;
	w = calloc(1, sizeof(*w));
	if (!w)
		return;
	text_copy(w->interface, sizeof(w->interface), name);
	w->address = *router;
	list_append(&n->routing->routers, &w->link);
	n->routing->n_routers++;
}

void ways_router(struct node *n, uint32_t interface, const struct address *router, bool up)
{
	struct way_router *w = router_find(n, link_name(n, interface), router);

	if (!w)
		return;
	if (up)
		w->unproven = n->now;
	w->gone = up ? (struct instant){ 0 } : n->now;
}

static bool neighbor_get(const struct node *n, const struct link *l, const struct address *a,
			 struct neighbor *ret)
{
	struct speaker_walk at = { 0 };

	while (speakers_neighbor_next(n, &at, ret))
		if (ret->interface == l->interface.index && address_equal(&ret->address, a))
			return true;
	return false;
}

static const struct link *link_named(const struct node *n, const char *name)
{
	list_each_entry(const struct link, l, &n->routing->links, link)
		if (strcmp(l->interface.name, name) == 0)
			return l;
	return NULL;
}

/* Whether it is not expected any more. */
static bool router_is_past(const struct review *r, const struct way_router *w)
{
	const struct node *n = r->n;
	const struct link *l = link_named(n, w->interface);
	struct neighbor info;

	if (l && neighbor_get(n, l, &w->address, &info) && info.up)
		return false;
	return w->gone.ns && instant_reached(instant_add(w->gone, WAYS_EXPECTED), r->now);
}

void ways_forget(struct node *n, bool all)
{
	list_each_entry_safe(struct way_router, w, &n->routing->routers, link) {
		const struct link *l = link_named(n, w->interface);
		struct neighbor info;

		if (all || !l || !neighbor_get(n, l, &w->address, &info) || !info.up)
			router_forget(n, w);
	}
}

static void lose(const struct review *r, const char *interface, const char *what, const char *fix)
{
	struct finding f = { .severity = FINDING_PROBLEM };

	text_copy(f.interface, sizeof(f.interface), interface);
	text_copy(f.what, sizeof(f.what), what);
	snprintf(f.effect, sizeof(f.effect),
		 "one way less to the %s VIPs: the next failure may take them",
		 r->family == FAMILY_IPV6 ? "IPv6" : "IPv4");
	text_copy(f.fix, sizeof(f.fix), fix);
	r->ways->lost++;
	r->lost(r->context, &f);
}

/* On-link, as far as the addresses of the interface say; in RIPng, and where it has none, all are.
 */
static bool is_on_link(const struct link *l, const struct address *a)
{
	if (link_borrowed(l))
		return true;
	for (size_t k = 0; k < l->n_addresses; k++) {
		struct prefix p = link_address_network(&l->addresses[k]);

		if (prefix_contains(&p, a))
			return true;
	}
	return a->family == FAMILY_IPV6;
}

static struct company company_of(const struct review *r, const struct link *l)
{
	struct neighbor info;
	struct company c = { 0 };
	struct speaker_walk at = { 0 };

	while (speakers_neighbor_next(r->n, &at, &info)) {
		if (info.interface != l->interface.index || info.speaker != r->sp->number)
			continue;
		/* It speaks, from where we cannot answer it. */
		if (info.up ? !is_on_link(l, &info.address)
			    : speaker_dropped(r->sp, info.drops, DROP_OFF_LINK, NULL) > 0) {
			c.off_link++;
			c.off = info.address;
		} else if (info.up) {
			c.up++;
			c.proving += info.accepted > 0;
		}
	}
	return c;
}

/* For a while after something has been said, nobody can have answered it. */
static struct duration patience(const struct node *n)
{
	struct duration d = speakers_pace(n, FAMILY_NONE).repeat;

	d.ns *= 2;
	return d.ns > WAYS_PATIENCE.ns ? d : WAYS_PATIENCE;
}

static bool has_been(const struct review *r, struct instant since, struct duration d)
{
	return instant_reached(instant_add(since, d), r->now);
}

/* Whether something is announced for so long that a router must have heard it. */
static bool is_announcing(const struct review *r)
{
	list_each_entry(const struct binding, b, &r->n->vips->bindings, link) {
		if (b->announced && !b->leaving && b->address.family == r->family &&
		    has_been(r, b->since, patience(r->n)))
			return true;
	}
	return false;
}

static bool any_proves(const struct review *r)
{
	struct neighbor info;
	struct speaker_walk at = { 0 };

	while (speakers_neighbor_next(r->n, &at, &info))
		if (info.up && info.accepted > 0 && info.address.family == r->family)
			return true;
	return false;
}

static void lose_off_link(const struct review *r, const struct link *l,
			  const struct address *router)
{
	char what[FINDING_TEXT_MAX], fix[FINDING_TEXT_MAX];
	const char *name = l->interface.name;

	snprintf(what, sizeof(what), "the router %s on %s lies outside of the networks of %s",
		 ADDRESS_TEXT(router), name, name);
	snprintf(fix, sizeof(fix),
		 "give %s an address in the network of %s, or the router one in its", name,
		 ADDRESS_TEXT(router));
	lose(r, name, what, fix);
}

/* A router that was there, on an interface that speaks. */
static void review_router(const struct review *r, const struct link *l, const struct way_router *w)
{
	char what[FINDING_TEXT_MAX], fix[FINDING_TEXT_MAX];
	const char *address = ADDRESS_TEXT(&w->address);
	struct neighbor info;
	bool known = neighbor_get(r->n, l, &w->address, &info);

	if (!is_on_link(l, &w->address)) {
		lose_off_link(r, l, &w->address);
		return;
	}
	if (known && info.up && info.accepted > 0)
		return;
	if (known && info.up) {
		if (!is_announcing(r) || !has_been(r, w->unproven, patience(r->n)))
			return;
		snprintf(what, sizeof(what), "the router %s on %s no longer routes to any VIP",
			 address, l->interface.name);
		snprintf(fix, sizeof(fix), "look at its filters: it did before");
	} else {
		snprintf(what, sizeof(what), "the router %s on %s is %s", address,
			 l->interface.name,
			 known && info.dead ? "watched, and does not answer" : "gone");
		snprintf(fix, sizeof(fix),
			 "look whether it runs and what is between: ping -I %s %s; 'vip config "
			 "apply' if it has been removed",
			 l->interface.name, address);
	}
	lose(r, l->interface.name, what, fix);
}

static unsigned review_routers(const struct review *r, const struct link *l)
{
	unsigned count = 0;

	list_each_entry(const struct way_router, w, &r->n->routing->routers, link) {
		if (w->address.family != r->family || router_is_past(r, w) ||
		    strcmp(w->interface, l->interface.name) != 0)
			continue;
		count++;
		review_router(r, l, w);
	}
	return count;
}

static bool knows_routers(const struct review *r, const struct link *l)
{
	list_each_entry(const struct way_router, w, &r->n->routing->routers, link) {
		if (w->address.family == r->family && !router_is_past(r, w) &&
		    strcmp(w->interface, l->interface.name) == 0)
			return true;
	}
	return false;
}

/* A neighbour that the configuration names is one that is wished. */
static void review_named(const struct review *r, const struct link *l,
			 const struct speech_settings *s)
{
	bool settled = has_been(r, link_speech(l, r->sp)->spoken, patience(r->n));

	for (size_t k = 0; k < s->n_unicast; k++) {
		char what[FINDING_TEXT_MAX], fix[FINDING_TEXT_MAX];
		const char *address = ADDRESS_TEXT(&s->unicast[k]);
		struct neighbor info;

		if (router_find(r->n, l->interface.name, &s->unicast[k]))
			continue;
		if (!is_on_link(l, &s->unicast[k])) {
			r->ways->count++;
			lose_off_link(r, l, &s->unicast[k]);
			continue;
		}
		if (!settled || (neighbor_get(r->n, l, &s->unicast[k], &info) && info.up))
			continue;
		r->ways->count++;
		snprintf(what, sizeof(what), "%s, which 'neighbors' of %s names, is not heard",
			 address, l->interface.name);
		snprintf(fix, sizeof(fix),
			 "look at its address, and at what is between: ping -I %s %s",
			 l->interface.name, address);
		lose(r, l->interface.name, what, fix);
	}
}

/* An interface that speaks: who is there? */
static void review_company(const struct review *r, const struct link *l, bool wished)
{
	const struct speech *s = link_speech(l, r->sp);
	const char *protocol = r->sp->class->title;
	char what[FINDING_TEXT_MAX], fix[FINDING_TEXT_MAX];
	struct company c = company_of(r, l);
	bool settled = has_been(r, s->spoken, patience(r->n));

	if (c.up == 0 && c.off_link > 0) {
		lose_off_link(r, l, &c.off);
		return;
	}
	if (knows_routers(r, l)) {
		unsigned routers = review_routers(r, l);

		r->ways->count += routers - 1;
		return;
	}
	if (c.up == 0 && settled && wished) {
		snprintf(what, sizeof(what), "no router has been heard on %s", l->interface.name);
		snprintf(fix, sizeof(fix), "let a router speak %s there, and let %s %u in",
			 protocol, speaker_is_raw(r->sp) ? "IP protocol" : "UDP port",
			 speaker_port(r->sp));
		lose(r, l->interface.name, what, fix);
	} else if (c.up > 0 && c.proving == 0 && settled && is_announcing(r) && any_proves(r)) {
		snprintf(
			what, sizeof(what),
			"a router is heard on %s, and none there has shown that it routes to a VIP",
			l->interface.name);
		lose(r, l->interface.name, what,
		     "look at the filters and at the reasons in 'vip neighbors'");
	}
}

static void review_link(const struct review *r, const struct link *l,
			const struct interface_rule *rule)
{
	const struct speech *s = link_speech(l, r->sp);
	const char *why = link_silence(l, r->sp);
	bool wished = interface_name_is_plain(rule->pattern);
	char what[FINDING_TEXT_MAX], fix[FINDING_TEXT_MAX];

	/* Who names many with a pattern does not mean each port that nothing is plugged into. */
	if (!wished && !s->spoke)
		return;
	/* A passive one is listened on; nothing is announced there. */
	if (rule_speech(r->n, rule, r->sp)->passive &&
	    rule_speech(r->n, rule, r->sp)->n_unicast == 0)
		return;
	r->ways->count++;
	if (!why[0]) {
		review_named(r, l, rule_speech(r->n, rule, r->sp));
		review_company(r, l, wished);
		return;
	}
	if (!s->spoke && !has_been(r, s->asked_at, WAYS_PATIENCE))
		return;
	snprintf(what, sizeof(what), "%s does not speak %s: %s", l->interface.name,
		 r->sp->class->title, why);
	lose(r, l->interface.name, what, link_fix(l, r->sp, fix));
}

/* Rules that name an interface which is not there. */
static void review_absent(const struct review *r)
{
	const struct node *n = r->n;

	for (size_t k = 0; k < n->routing->n_rules; k++) {
		const struct interface_rule *rule = &n->routing->rules[k];
		char what[FINDING_TEXT_MAX];

		if (!rule_speech(r->n, rule, r->sp) || !interface_name_is_plain(rule->pattern) ||
		    link_named(n, rule->pattern))
			continue;
		r->ways->count++;
		if (!has_been(r, n->started, WAYS_PATIENCE))
			continue;
		snprintf(what, sizeof(what), "there is no interface %s, which 'interfaces' names",
			 rule->pattern);
		lose(r, rule->pattern, what,
		     "look at its name in the configuration, and at 'ip link'");
	}
}

/* Routers on an interface that a pattern has let speak, and that is gone altogether. */
static void review_vanished(const struct review *r)
{
	list_each_entry(const struct way_router, w, &r->n->routing->routers, link) {
		const struct interface_rule *rule = link_rule_named(r->n, w->interface);
		char what[FINDING_TEXT_MAX];

		if (w->address.family != r->family || link_named(r->n, w->interface) || !rule ||
		    !rule_speech(r->n, rule, r->sp) || interface_name_is_plain(rule->pattern) ||
		    router_is_past(r, w))
			continue;
		r->ways->count++;
		snprintf(what, sizeof(what), "the interface %s, with the router %s, is gone",
			 w->interface, ADDRESS_TEXT(&w->address));
		lose(r, w->interface, what,
		     "bring it back, or 'vip config apply' if it has been removed");
	}
}

static bool has_vips(const struct node *n, enum family family)
{
	list_each_entry(const struct binding, b, &n->vips->bindings, link)
		if (b->address.family == family && b->announce && !b->leaving)
			return true;
	return false;
}

void ways_review(const struct node *n, struct instant now, const struct speaker *sp,
		 struct ways *ret, void (*lost)(void *context, const struct finding *f),
		 void *context)
{
	enum family family = speaker_family(sp);
	const struct review r = { n, now, sp, family, ret, lost, context };

	*ret = (struct ways){ 0 };
	if (!n->synced || n->stopping || !has_vips(n, family))
		return;
	review_absent(&r);
	review_vanished(&r);
	list_each_entry(const struct link, l, &n->routing->links, link) {
		const struct interface_rule *rule = link_rule(n, l);

		if (rule_speech(n, rule, sp))
			review_link(&r, l, rule);
	}
}
