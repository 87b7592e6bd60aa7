/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host's interfaces: what the kernel says of them, and what follows for the speakers. A link
 * speaks a family's protocol when a rule says so, it is up with carrier, has an address to speak
 * from, and its sockets are open. Every change leads to link_review(), which compares and tells the
 * speaker, so there is no event that could be missed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "node/route/route.h"

#define LINK_ADDRESSES_MAX 4096

struct link *link_find(const struct node *n, uint32_t index)
{
	list_each_entry(struct link, l, &n->routing->links, link)
		if (l->interface.index == index)
			return l;
	return NULL;
}

const char *link_name(const struct node *n, uint32_t index)
{
	const struct link *l = link_find(n, index);

	return l ? l->interface.name : "?";
}

const struct interface_rule *link_rule_named(const struct node *n, const char *name)
{
	for (size_t k = 0; k < n->routing->n_rules; k++)
		if (interface_name_matches(n->routing->rules[k].pattern, name))
			return &n->routing->rules[k];
	return NULL;
}

const struct interface_rule *link_rule(const struct node *n, const struct link *l)
{
	if (l->interface.kind != INTERFACE_PHYSICAL)
		return NULL;
	return link_rule_named(n, l->interface.name);
}

const struct speech_settings *rule_speech(const struct node *n, const struct interface_rule *rule,
					  const struct speaker *sp)
{
	const struct routing *r = n->routing;

	for (size_t k = 0; rule && k < r->n_speeches; k++)
		if (rule == &r->rules[r->speeches[k].rule] &&
		    r->speeches[k].settings.protocol == sp->class->protocol)
			return &r->speeches[k].settings;
	return NULL;
}

bool rule_speaks(const struct node *n, const struct interface_rule *rule)
{
	for (size_t k = 0; k < n->routing->n_speakers; k++)
		if (rule_speech(n, rule, n->routing->speakers[k]))
			return true;
	return false;
}

const char *link_silence(const struct link *l, const struct speaker *sp)
{
	const struct speech *s = link_speech(l, sp);

	if (!l->interface.up)
		return "it is down";
	if (!l->interface.carrier)
		return "it has no carrier";
	if (s->want.said && !s->want.there)
		return s->want.said;
	if (!s->want.there)
		return "its sockets are not open yet";
	if (s->told.n_sources == 0 && address_is_set(&s->borrowed))
		return "the address that it borrows is not here";
	if (s->told.n_sources == 0)
		return sp->class->link_local ? "it has no link-local IPv6 address"
					     : "it has no IPv4 address";
	return s->blocked[0] ? "the kernel refuses what is sent" : "";
}

const struct speech *link_speech(const struct link *l, const struct speaker *sp)
{
	static const struct speech none;
	const struct speech *s = l->speeches[sp->number - 1];

	return s ? s : &none;
}

bool link_is_spoken_on(const struct link *l)
{
	for (size_t k = 0; k < SPEAKERS_MAX; k++)
		if (l->speeches[k] && speaker_link_speaks(&l->speeches[k]->told))
			return true;
	return false;
}

const char *link_fix(const struct link *l, const struct speaker *sp, char fix[FINDING_TEXT_MAX])
{
	const struct speech *s = link_speech(l, sp);
	const char *name = l->interface.name;

	if (!l->interface.up)
		snprintf(fix, FINDING_TEXT_MAX, "ip link set %s up", name);
	else if (!l->interface.carrier)
		snprintf(fix, FINDING_TEXT_MAX, "look at its cable, and at the port of the switch");
	else if (s->blocked[0])
		snprintf(fix, FINDING_TEXT_MAX,
			 "let %s %u out on %s: 'nft list ruleset', 'iptables-save', 'ip rule'",
			 speaker_is_raw(sp) ? "IP protocol" : "UDP port", speaker_port(sp), name);
	else if (s->want.said && speaker_is_raw(sp))
		snprintf(fix, FINDING_TEXT_MAX, "ss -lwnp, and stop what is not vipd");
	else if (s->want.said)
		snprintf(fix, FINDING_TEXT_MAX, "ss -lunp 'sport = %u', and stop what is not vipd",
			 speaker_port(sp));
	else if (address_is_set(&s->borrowed))
		snprintf(fix, FINDING_TEXT_MAX, "bind it, or give another interface %s",
			 ADDRESS_TEXT(&s->borrowed));
	else if (sp->class->link_local)
		snprintf(fix, FINDING_TEXT_MAX,
			 "wait until Linux has made sure of its link-local address; none comes "
			 "where net.ipv6.conf.%s.disable_ipv6 is 1",
			 name);
	else
		snprintf(fix, FINDING_TEXT_MAX, "give it an address: ip address add ... dev %s",
			 name);
	return fix;
}

static void link_tell(struct node *n, enum route_event_kind kind, struct link *l)
{
	n->routing->tell(n, &(struct route_event){ .kind = kind, .link = l });
}

/* The speech of the speaker with the number; NULL: it has none there. */
static struct speech *speech_of(const struct node *n, uint32_t interface, uint16_t number)
{
	struct link *l = link_find(n, interface);

	return l && speaker_numbered(n, number) ? l->speeches[number - 1] : NULL;
}

static void speech_ask(struct node *n, const struct want *w)
{
	const struct speech *s = container_of(w, struct speech, want);
	struct effect e = { .kind = EFFECT_LISTEN };

	e.listen.interface = s->of->interface.index;
	e.listen.speaker = s->speaker->number;
	e.listen.protocol = s->speaker->class->protocol;
	e.listen.on = s->want.told;
	if (s->want.told)
		e.listen.keys = s->keys;
	node_effect_put(n, &e);
}

/* Makes it, if need be; NULL without memory. */
static struct speech *speech_get(struct link *l, struct speaker *sp)
{
	struct speech **at = &l->speeches[sp->number - 1];

	if (*at)
		return *at;
	*at = calloc(1, sizeof(**at));
	if (!*at)
		return NULL;
	(*at)->of = l;
	(*at)->speaker = sp;
	want_init(&(*at)->want, speech_ask);
	return *at;
}

static void speech_listen(struct node *n, struct speech *s, bool on)
{
	if (on)
		s->asked_at = n->now;
	s->blocked[0] = '\0';
	want_tell(n, &s->want, on);
}

/* Sockets that are open stay so. */
void link_read_secrets(struct node *n)
{
	watch_read_secrets(n);
	list_each_entry(struct link, l, &n->routing->links, link) {
		for (size_t k = 0; k < SPEAKERS_MAX; k++) {
			struct speech *s = l->speeches[k];

			if (s && s->want.told && s->want.there && s->keys.type != AUTH_NONE)
				want_ask(n, &s->want);
		}
	}
}

static bool sources_equal(const struct speaker_link *a, const struct speaker_link *b)
{
	if (a->n_sources != b->n_sources)
		return false;
	for (size_t k = 0; k < a->n_sources; k++)
		if (!address_equal(&a->sources[k].address, &b->sources[k].address) ||
		    !prefix_equal(&a->sources[k].network, &b->sources[k].network))
			return false;
	return true;
}

static bool speaks_alike(const struct speaker_link *a, const struct speaker_link *b)
{
	return a->usable == b->usable && sources_equal(a, b);
}

static bool any_speaks(const struct node *n, const struct speaker *sp)
{
	struct speaker_interface info;
	size_t position = 0;

	while (speaker_interface_next(sp, n->now, &position, &info))
		if (info.speaking)
			return true;
	return false;
}

void link_speaks_changed(struct node *n)
{
	bool changed = false;

	for (size_t k = 0; k < n->routing->n_speakers; k++) {
		bool speaks = any_speaks(n, n->routing->speakers[k]);

		changed |= speaks != n->routing->speaks[k];
		n->routing->speaks[k] = speaks;
	}
	if (!changed)
		return;
	link_tell(n, ROUTE_SPEAKS, NULL);
}

static void speech_start(struct node *n, struct speech *s, const struct speech_settings *settings,
			 const struct route_filter *learn)
{
	struct link *l = s->of;
	bool same_keys;

	speaker_take_up(n, s->speaker);
	if (speaker_interface_set(s->speaker, n->now, l->interface.index, settings) < 0) {
		(void)want_says(&s->want, "no memory to speak on it");
		return;
	}
	s->speaking = true;
	speaker_learn(s->speaker, n->now, l->interface.index, learn);
	for (size_t k = 0; k < l->n_addresses; k++) {
		struct prefix p = link_address_network(&l->addresses[k]);

		speaker_network(s->speaker, l->interface.index, &p, true);
	}
	same_keys = keychain_equal(&s->keys, &settings->keys);
	s->keys = settings->keys;
	s->borrowed = settings->borrowed;
	if (!s->want.told)
		speech_listen(n, s, true);
	else if (!same_keys)
		want_ask(n, &s->want);
}

static void speech_stop(struct node *n, struct speech *s)
{
	speaker_interface_gone(s->speaker, n->now, s->of->interface.index);
	s->speaking = false;
	s->told = (struct speaker_link){ 0 };
}

/* The journal's line on it. */
static void speech_note(struct node *n, const struct speech *s, const struct speaker_link *view)
{
	const char *protocol = s->speaker->class->title;
	const struct interface *i = &s->of->interface;
	bool spoke = speaker_link_speaks(&s->told);
	char text[NODE_SENTENCE_MAX] = "";

	for (size_t k = 0; k < view->n_sources; k++) {
		size_t length = strlen(text);

		snprintf(text + length, sizeof(text) - length, "%s%s", k > 0 ? ", " : "",
			 ADDRESS_TEXT(&view->sources[k].address));
	}
	if (speaker_link_speaks(view) && !spoke && view->n_sources == 1)
		node_note(n, EVENT_INTERFACE, i->name, "speaks %s", protocol);
	else if (speaker_link_speaks(view))
		node_note(n, EVENT_INTERFACE, i->name, "speaks %s from %s", protocol, text);
	else if (spoke && !i->up)
		node_note(n, EVENT_INTERFACE, i->name, "went down");
	else if (spoke && !i->carrier)
		node_note(n, EVENT_INTERFACE, i->name, "lost its carrier");
	else if (spoke)
		node_note(n, EVENT_INTERFACE, i->name, "no longer speaks %s", protocol);
}

/* What the speaker is told of the link is what is seen of it now. */
static void speech_tell(struct node *n, struct speech *s)
{
	struct speaker_link view = speech_view(n, s, &s->more);
	size_t blocked;

	if (!s->speaking || (speaks_alike(&view, &s->told) && view.mtu == s->told.mtu))
		return;
	if (!speaks_alike(&view, &s->told))
		speech_note(n, s, &view);
	if (speaker_link_speaks(&view) && !speaker_link_speaks(&s->told)) {
		s->spoke = true;
		s->spoken = n->now;
	}
	s->told = view;
	speaker_link(s->speaker, n->now, &view);
	/* Where the kernel refuses what others send, it counts how many there are. */
	(void)link_count_speaking(n, speaker_family(s->speaker), &blocked);
	if (blocked > 0)
		link_tell(n, ROUTE_SENDING, s->of);
}

void link_review(struct node *n, struct link *l)
{
	const struct interface_rule *rule = n->stopping ? NULL : link_rule(n, l);

	for (size_t k = 0; k < n->routing->n_speakers; k++) {
		const struct speech_settings *settings =
			rule_speech(n, rule, n->routing->speakers[k]);
		struct speech *s =
			settings ? speech_get(l, n->routing->speakers[k]) : l->speeches[k];

		if (!s)
			continue;
		if (settings && speaker_may_speak(n, s->speaker))
			speech_start(n, s, settings, &rule->learn);
		else if (!settings && s->speaking && !n->stopping)
			speech_stop(n, s);
		speech_tell(n, s);
		/* Whatever follows from it is said behind this. */
		farewell_review(n, s);
	}
	n->routing->watches_dirty = true;
	link_speaks_changed(n);
	speakers_identify(n);
}

void link_review_all(struct node *n)
{
	list_each(link, &n->routing->links)
		link_review(n, container_of(link, struct link, link));
}

void link_left(struct node *n, uint32_t index, const struct speaker *sp)
{
	struct speech *s = speech_of(n, index, sp->number);

	if (s && !s->speaking && s->want.told)
		speech_listen(n, s, false);
	link_speaks_changed(n);
}

bool link_leave_all(struct node *n)
{
	bool left = true;

	list_each_entry(struct link, l, &n->routing->links, link)
		for (size_t k = 0; k < SPEAKERS_MAX; k++) {
			struct speech *s = l->speeches[k];

			if (!s || !s->want.told)
				continue;
			left = false;
			if (!s->speaking)
				continue;
			speech_stop(n, s);
			farewell_review(n, s);
		}
	return left;
}

void link_seen(struct node *n, const struct interface *i)
{
	struct link *l = link_find(n, i->index);
	bool was_usable;

	if (!l) {
		l = calloc(1, sizeof(*l));
		if (!l)
			return;
		list_append(&n->routing->links, &l->link);
	}
	if (strcmp(l->interface.name, i->name) != 0) {
		board_name_is_free(n, l->interface.name);
		n->routing->recheck = true;
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
	link_tell(n, ROUTE_LINK, l);
}

void link_vanished(struct node *n, uint32_t index)
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
	for (size_t k = 0; k < SPEAKERS_MAX; k++) {
		struct speech *s = l->speeches[k];

		if (s && s->speaking)
			speaker_interface_gone(s->speaker, n->now, index);
		if (s && s->want.told)
			speech_listen(n, s, false);
	}
	if (!b)
		board_name_is_free(n, l->interface.name);
	link_tell(n, ROUTE_LINK_GONE, l);
	n->routing->watches_dirty = true;
	link_free(n, l);
	link_speaks_changed(n);
	n->routing->recheck = n->kernel->senders_dirty = true;
}

void link_free(struct node *n, struct link *l)
{
	for (size_t k = 0; k < SPEAKERS_MAX; k++) {
		if (l->speeches[k])
			want_done(n, &l->speeches[k]->want);
		free(l->speeches[k]);
	}
	want_done(n, &l->hearing);
	list_remove(&l->link);
	free(l->addresses);
	free(l);
}

static bool link_borrows(const struct link *l, const struct address *a)
{
	for (size_t k = 0; k < SPEAKERS_MAX; k++)
		if (l->speeches[k] && address_equal(&l->speeches[k]->borrowed, a))
			return true;
	return false;
}

void borrowed_changed(struct node *n, const struct address *a)
{
	if (!borrowed_by_any(n, a))
		return;
	list_each_entry(struct link, l, &n->routing->links, link)
		if (link_borrows(l, a))
			link_review(n, l);
}

static struct link_address *link_address_find(struct link *l, const struct object *o)
{
	for (size_t k = 0; k < l->n_addresses; k++)
		if (address_equal(&l->addresses[k].address, &o->address) &&
		    address_equal(&l->addresses[k].peer, &o->peer) &&
		    l->addresses[k].length == o->length)
			return &l->addresses[k];
	return NULL;
}

/* Whether another address of the link has the same network. */
static bool link_has_network(const struct link *l, const struct prefix *p)
{
	for (size_t k = 0; k < l->n_addresses; k++) {
		struct prefix other = link_address_network(&l->addresses[k]);

		if (prefix_equal(&other, p))
			return true;
	}
	return false;
}

/* An address has come, or is no longer in the list. */
static void link_network(struct node *n, struct link *l, const struct link_address *a)
{
	struct prefix p = link_address_network(a);
	bool present = link_has_network(l, &p);

	n->routing->recheck = n->kernel->senders_dirty = n->routing->networks_dirty = true;
	learned_look_again(n);
	for (size_t k = 0; k < SPEAKERS_MAX; k++)
		if (l->speeches[k] && l->speeches[k]->speaking)
			speaker_network(l->speeches[k]->speaker, l->interface.index, &p, present);
	link_review(n, l);
	borrowed_changed(n, &a->address);
}

static void link_address_remove(struct node *n, struct link *l, struct link_address *a)
{
	struct link_address gone = *a;

	memmove(a, a + 1, (size_t)(l->addresses + --l->n_addresses - a) * sizeof(*a));
	link_network(n, l, &gone);
}

void link_address(struct node *n, const struct object *o, bool present)
{
	struct link *l = link_find(n, o->interface);
	struct link_address *a = l ? link_address_find(l, o) : NULL;

	if (!l || l->interface.kind == INTERFACE_BOARD)
		return;
	if (a && present) {
		a->confirmed = true;
		if (a->deprecated == o->deprecated)
			return;
		a->deprecated = o->deprecated;
		link_review(n, l);
	} else if (a) {
		link_address_remove(n, l, a);
	} else if (present && l->n_addresses < LINK_ADDRESSES_MAX) {
		a = reallocarray(l->addresses, l->n_addresses + 1, sizeof(*a));
		if (!a)
			return;
		l->addresses = a;
		a = &l->addresses[l->n_addresses++];
		*a = (struct link_address){ .address = o->address,
					    .peer = o->peer,
					    .length = o->length,
					    .deprecated = o->deprecated,
					    .confirmed = true };
		n->routing->tell(n, &(struct route_event){ .kind = ROUTE_ADDRESS,
							   .link = l,
							   .prefix = prefix_host(&o->address) });
		link_network(n, l, &l->addresses[l->n_addresses - 1]);
	}
}

void link_listening(struct node *n, const struct input *in)
{
	struct speech *s = speech_of(n, in->listening.interface, in->listening.speaker);
	struct link *l;
	bool news;

	if (!s || !s->want.told)
		return;
	l = s->of;
	news = want_answered(n, &s->want, in->listening.ready, in->listening.error);
	if (news && s->want.there)
		node_note(n, EVENT_INTERFACE, l->interface.name, "a key cannot be used: %s",
			  want_said(&s->want));
	else if (news)
		node_note(n, EVENT_INTERFACE, l->interface.name, "cannot speak %s: %s",
			  s->speaker->class->title, want_said(&s->want));
	if (s->want.there)
		speaker_secrets(s->speaker, n->now, l->interface.index, in->listening.secrets);
	link_review(n, l);
}

void link_sending(struct node *n, const struct input *in)
{
	struct speech *s = speech_of(n, in->sending.interface, in->sending.speaker);
	const char *why = in->sending.ready ? "" : in->sending.error;

	if (!s || !s->want.told)
		return;
	s->refused += in->sending.error[0] != '\0';
	if (strcmp(s->blocked, why) == 0)
		return;
	if (*why)
		node_note(n, EVENT_INTERFACE, s->of->interface.name,
			  "the kernel refuses what %s sends: %s", s->speaker->class->title, why);
	else
		node_note(n, EVENT_INTERFACE, s->of->interface.name, "the kernel lets %s out again",
			  s->speaker->class->title);
	text_copy(s->blocked, sizeof(s->blocked), why);
	link_tell(n, ROUTE_SENDING, s->of);
}

uint8_t link_address_length(const struct link *l, const struct address *a)
{
	for (size_t k = 0; k < l->n_addresses; k++)
		if (address_equal(&l->addresses[k].address, a))
			return l->addresses[k].length;
	return family_bits((enum family)a->family);
}

size_t link_count_speaking(const struct node *n, enum family family, size_t *ret_blocked)
{
	size_t count = 0;

	*ret_blocked = 0;
	list_each_entry(const struct link, l, &n->routing->links, link) {
		for (size_t k = 0; k < n->routing->n_speakers; k++) {
			const struct speech *s = l->speeches[k];

			if (!s || !speaker_carries(s->speaker, family) ||
			    !speaker_link_speaks(&s->told))
				continue;
			count++;
			*ret_blocked += s->blocked[0] != '\0';
		}
	}
	return count;
}

void link_dump_begin(struct node *n)
{
	list_each_entry(struct link, l, &n->routing->links, link) {
		l->confirmed = false;
		for (size_t k = 0; k < l->n_addresses; k++)
			l->addresses[k].confirmed = false;
	}
}

void link_dump_end(struct node *n)
{
	list_each_entry_safe(struct link, l, &n->routing->links, link) {
		if (!l->confirmed) {
			link_vanished(n, l->interface.index);
			continue;
		}
		for (size_t k = l->n_addresses; k-- > 0;)
			if (!l->addresses[k].confirmed)
				link_address_remove(n, l, &l->addresses[k]);
	}
}
