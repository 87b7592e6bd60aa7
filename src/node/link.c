/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host's interfaces: what the kernel says of them, and what follows for the speaker. A link
 * speaks when a rule names it, it is up with carrier, has an IPv4 address, and its sockets are
 * open. Every change leads to link_review(), which compares and tells the speaker, so there is no
 * event that could be missed.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "node/instance.h"

#define LINK_ADDRESSES_MAX 4096
#define LINK_LISTEN_RETRY DURATION_S(5)

struct link *link_find(const struct node *n, uint32_t index)
{
	list_each(link, &n->links) {
		struct link *l = container_of(link, struct link, link);

		if (l->interface.index == index)
			return l;
	}
	return NULL;
}

const char *link_name(const struct node *n, uint32_t index)
{
	const struct link *l = link_find(n, index);

	return l ? l->interface.name : "?";
}

const struct interface_rule *link_rule(const struct node *n, const struct link *l)
{
	if (l->interface.kind != INTERFACE_PHYSICAL)
		return NULL;
	for (size_t k = 0; k < n->n_rules; k++)
		if (interface_name_matches(n->rules[k].pattern, l->interface.name))
			return &n->rules[k];
	return NULL;
}

static void link_ask(struct node *n, const struct link *l)
{
	struct effect e = { .kind = EFFECT_LISTEN };

	e.listen.interface = l->interface.index;
	e.listen.on = l->asked;
	if (l->asked)
		e.listen.auth = l->keys;
	node_effect_put(n, &e);
}

static void link_listen(struct node *n, struct link *l, bool on)
{
	l->asked = on;
	l->listening = false;
	link_ask(n, l);
}

/* Sockets that are open stay so. */
void link_read_secrets(struct node *n)
{
	list_each(link, &n->links) {
		struct link *l = container_of(link, struct link, link);

		if (l->asked && l->listening && l->keys.type != RIP_AUTH_NONE)
			link_ask(n, l);
	}
}

/* What the speaker is to know of the link now. */
static struct rip_link link_view(const struct link *l)
{
	struct rip_link view = { .index = l->interface.index };

	for (size_t k = 0; k < l->n_addresses && !address_is_set(&view.address); k++) {
		if (l->addresses[k].address.family != FAMILY_IPV4)
			continue;
		view.address = l->addresses[k].address;
		view.length = l->addresses[k].length;
	}
	view.usable =
		interface_is_usable(&l->interface) && l->listening && address_is_set(&view.address);
	return view;
}

static bool link_view_equal(const struct rip_link *a, const struct rip_link *b)
{
	return a->usable == b->usable && a->length == b->length &&
	       address_equal(&a->address, &b->address);
}

void link_speaks_changed(struct node *n)
{
	struct rip_interface_info info;
	size_t position = 0;
	bool speaks = false;

	while (!speaks && rip_interface_next(n->rip, &position, &info))
		speaks = info.speaking;
	if (speaks == n->speaks)
		return;
	n->speaks = speaks;
	source_changed(n);
	speaker_review_all(n);
}

static void link_start(struct node *n, struct link *l, const struct interface_rule *rule)
{
	bool same_keys;

	if (rip_interface_set(n->rip, n->now, l->interface.index, &rule->rip) < 0) {
		text_copy(l->error, sizeof(l->error), "no memory to speak RIP on it");
		return;
	}
	l->speaking = true;
	(void)rip_learn(n->rip, n->now, l->interface.index, &rule->learn);
	for (size_t k = 0; k < l->n_addresses; k++) {
		struct prefix p = prefix_make(&l->addresses[k].address, l->addresses[k].length);

		if (p.address.family == FAMILY_IPV4)
			(void)rip_network(n->rip, l->interface.index, &p, true);
	}
	same_keys = rip_auth_equal(&l->keys, &rule->rip.auth);
	l->keys = rule->rip.auth;
	if (!l->asked)
		link_listen(n, l, true);
	else if (!same_keys)
		link_ask(n, l);
	if (!same_keys && l->told.usable)
		save_speaks(n, l);
}

void link_review(struct node *n, struct link *l)
{
	const struct interface_rule *rule = n->stopping ? NULL : link_rule(n, l);
	struct rip_link view;

	if (rule && rule->rip_enabled) {
		link_start(n, l, rule);
	} else if (l->speaking && !n->stopping) {
		rip_interface_remove(n->rip, n->now, l->interface.index);
		l->speaking = false;
		l->told = (struct rip_link){ 0 };
		save_speaks(n, l);
	}
	view = link_view(l);
	if (l->speaking && !link_view_equal(&view, &l->told)) {
		if (view.usable != l->told.usable)
			node_note(n, EVENT_INTERFACE, l->interface.name, "%s",
				  view.usable		  ? "speaks RIP"
				  : !l->interface.up	  ? "went down"
				  : !l->interface.carrier ? "lost its carrier"
							  : "no longer speaks RIP");
		l->told = view;
		save_speaks(n, l);
		rip_link(n->rip, n->now, &view);
	}
	n->bfd_dirty = true;
	link_speaks_changed(n);
}

void link_review_all(struct node *n)
{
	list_each(link, &n->links)
		link_review(n, container_of(link, struct link, link));
}

void link_left(struct node *n, uint32_t index)
{
	struct link *l = link_find(n, index);

	if (l && !l->speaking && l->asked)
		link_listen(n, l, false);
	link_speaks_changed(n);
}

void link_seen(struct node *n, const struct interface *i)
{
	struct link *l = link_find(n, i->index);
	bool was_usable;

	if (!l) {
		l = calloc(1, sizeof(*l));
		if (!l)
			return;
		timer_init(&l->retry, NODE_TIMER_LISTEN);
		list_append(&n->links, &l->link);
	}
	if (strcmp(l->interface.name, i->name) != 0) {
		board_name_is_free(n, l->interface.name);
		n->recheck = true;
	}
	was_usable = interface_is_usable(&l->interface);
	l->interface = *i;
	l->confirmed = true;
	if (was_usable && !interface_is_usable(i))
		learned_link_lost(n, i->index);
	else if (!was_usable && interface_is_usable(i))
		learned_link_there(n, i->index);
	if (i->kind == INTERFACE_BOARD)
		board_appeared(n, i);
	link_review(n, l);
	claim_link(n, l);
	source_changed(n);
}

void link_gone(struct node *n, uint32_t index)
{
	struct link *l = link_find(n, index);
	struct board *b = board_by_index(n, index);

	if (b && index != 0)
		board_vanished(n, b);
	if (!l)
		return;
	l->interface.up = l->interface.carrier = false;
	learned_link_lost(n, index);
	link_review(n, l);
	if (l->speaking)
		rip_interface_remove(n->rip, n->now, index);
	if (l->asked)
		link_listen(n, l, false);
	if (!b)
		board_name_is_free(n, l->interface.name);
	claim_link_gone(n, l);
	n->bfd_dirty = true;
	link_free(n, l);
	link_speaks_changed(n);
	n->recheck = n->senders_dirty = true;
}

void link_free(struct node *n, struct link *l)
{
	source_changed(n);
	timer_stop(&n->timers, &l->retry);
	list_remove(&l->link);
	free(l->addresses);
	free(l);
}

static struct link_address *link_address_find(struct link *l, const struct object *o)
{
	for (size_t k = 0; k < l->n_addresses; k++)
		if (address_equal(&l->addresses[k].address, &o->address) &&
		    l->addresses[k].length == o->length)
			return &l->addresses[k];
	return NULL;
}

static void link_network(struct node *n, struct link *l, const struct object *o, bool present)
{
	struct prefix p = prefix_make(&o->address, o->length);

	n->recheck = n->senders_dirty = n->networks_dirty = true;
	learned_look_again(n);
	if (l->speaking && o->address.family == FAMILY_IPV4)
		(void)rip_network(n->rip, l->interface.index, &p, present);
	link_review(n, l);
}

static void link_address_remove(struct node *n, struct link *l, struct link_address *a)
{
	struct object o = { .address = a->address, .length = a->length };

	memmove(a, a + 1, (size_t)(l->addresses + --l->n_addresses - a) * sizeof(*a));
	link_network(n, l, &o, false);
}

void link_address(struct node *n, const struct object *o, bool present)
{
	struct link *l = link_find(n, o->interface);
	struct link_address *a = l ? link_address_find(l, o) : NULL;

	if (!l || l->interface.kind == INTERFACE_BOARD)
		return;
	if (a && present) {
		a->confirmed = true;
	} else if (a) {
		link_address_remove(n, l, a);
	} else if (present && l->n_addresses < LINK_ADDRESSES_MAX) {
		a = reallocarray(l->addresses, l->n_addresses + 1, sizeof(*a));
		if (!a)
			return;
		l->addresses = a;
		l->addresses[l->n_addresses++] = (struct link_address){ .address = o->address,
									.length = o->length,
									.confirmed = true };
		link_network(n, l, o, true);
	}
}

void link_listening(struct node *n, const struct input *in)
{
	struct link *l = link_find(n, in->listening.interface);

	if (!l || !l->asked)
		return;
	l->listening = in->listening.ready;
	if (!l->listening) {
		if (strcmp(l->error, in->listening.error) != 0)
			node_note(n, EVENT_INTERFACE, l->interface.name, "cannot speak RIP: %s",
				  in->listening.error);
		(void)timer_set(&n->timers, &l->retry, instant_add(n->now, LINK_LISTEN_RETRY));
	}
	if (l->listening && in->listening.error[0] && strcmp(l->error, in->listening.error) != 0)
		node_note(n, EVENT_INTERFACE, l->interface.name, "a key cannot be used: %s",
			  in->listening.error);
	text_copy(l->error, sizeof(l->error), in->listening.error);
	if (l->listening)
		rip_secrets(n->rip, n->now, l->interface.index, in->listening.secrets);
	link_review(n, l);
}

void link_retry(struct node *n, struct link *l)
{
	if (l->asked && !l->listening)
		link_listen(n, l, true);
}

void link_dump_begin(struct node *n)
{
	list_each(link, &n->links) {
		struct link *l = container_of(link, struct link, link);

		l->confirmed = false;
		for (size_t k = 0; k < l->n_addresses; k++)
			l->addresses[k].confirmed = false;
	}
}

void link_dump_end(struct node *n)
{
	list_each_safe(link, &n->links) {
		struct link *l = container_of(link, struct link, link);

		if (!l->confirmed) {
			link_gone(n, l->interface.index);
			continue;
		}
		for (size_t k = l->n_addresses; k-- > 0;)
			if (!l->addresses[k].confirmed)
				link_address_remove(n, l, &l->addresses[k]);
	}
}
