/* SPDX-License-Identifier: Apache-2.0 */
/* The instance: its links, its timers, what goes in and what it gives out. */
#include "proto/acd/acd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "proto/acd/instance.h"

struct acd *acd_new(uint64_t seed)
{
	struct acd *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	timers_init(&a->timers);
	random_init(&a->random, seed);
	hash_init(&a->watches);
	list_init(&a->links);
	list_init(&a->outputs);
	list_init(&a->events);
	return a;
}

void acd_free(struct acd *a)
{
	if (!a)
		return;
	for (struct hash_node *n; (n = hash_walk(&a->watches, NULL));)
		watch_free(a, container_of(n, struct acd_watch, node));
	list_each_safe(link, &a->links)
		free(container_of(link, struct acd_link, link));
	hash_done(&a->watches);
	timers_done(&a->timers);
	free(a);
}

struct acd_link *acd_link_find(const struct acd *a, uint32_t index)
{
	list_each_entry(struct acd_link, l, &a->links, link)
		if (l->index == index)
			return l;
	return NULL;
}

bool acd_link_is_usable(const struct acd *a, uint32_t index)
{
	const struct acd_link *l = acd_link_find(a, index);

	return l && l->usable;
}

/* Whichever link it is of: two of our links may be on one network. */
static bool link_has_sent(const struct acd *a, const uint8_t *mac)
{
	list_each(link, &a->links)
		if (memcmp(container_of(link, struct acd_link, link)->mac, mac, ETHER_MAC_BYTES) ==
		    0)
			return true;
	return false;
}

static void link_changed(struct acd *a, struct instant now, uint32_t index, bool usable)
{
	for (struct hash_node *n = NULL; (n = hash_walk(&a->watches, n));) {
		struct acd_watch *w = container_of(n, struct acd_watch, node);

		if (w->interface != index)
			continue;
		if (usable)
			watch_link_up(a, w, now);
		else
			watch_link_down(a, w);
	}
}

int acd_link(struct acd *a, struct instant now, uint32_t index, bool usable,
	     const uint8_t mac[ETHER_MAC_BYTES])
{
	struct acd_link *l = acd_link_find(a, index);
	bool was_usable = l && l->usable, same;

	if (!l) {
		l = calloc(1, sizeof(*l));
		if (!l)
			return -ENOMEM;
		l->index = index;
		list_append(&a->links, &l->link);
	}
	same = memcmp(l->mac, mac, ETHER_MAC_BYTES) == 0;
	memcpy(l->mac, mac, ETHER_MAC_BYTES);
	l->usable = usable;
	/* With another MAC what the neighbours know of us is wrong, as after an absence. */
	if (usable != was_usable || (usable && !same))
		link_changed(a, now, index, usable);
	return 0;
}

void acd_link_remove(struct acd *a, struct instant now, uint32_t index)
{
	struct acd_link *l = acd_link_find(a, index);

	if (!l)
		return;
	list_remove(&l->link);
	free(l);
	link_changed(a, now, index, false);
}

int acd_probe(struct acd *a, struct instant now, uint32_t index, const struct address *address)
{
	struct acd_watch *w = watch_make(a, index, address);

	if (!w)
		return -ENOMEM;
	watch_probe(a, w, now);
	return 0;
}

int acd_claim(struct acd *a, struct instant now, uint32_t index, const struct address *address,
	      bool answer)
{
	struct acd_watch *w = watch_make(a, index, address);

	if (!w)
		return -ENOMEM;
	watch_claim(a, w, now, answer);
	return 0;
}

void acd_release(struct acd *a, uint32_t index, const struct address *address)
{
	uint32_t hash = address_hash(a->watches.seed, address);

	for (struct hash_node *n = hash_first(&a->watches, hash), *next; n; n = next) {
		struct acd_watch *w = container_of(n, struct acd_watch, node);

		next = hash_next(n, hash);
		if ((index == 0 || w->interface == index) && address_equal(&w->address, address))
			watch_free(a, w);
	}
}

/* ARP has two addresses that a rival may show itself with. */
static const struct address *message_subject(const struct ether_message *m)
{
	if (m->kind == ETHER_ARP_REQUEST && address_is_unspecified(&m->source))
		return &m->target; /* RFC 5227 2.1.1: a probe */
	if (m->kind == ETHER_ARP_REQUEST || m->kind == ETHER_ARP_REPLY)
		return &m->source;
	return &m->target;
}

void acd_input(struct acd *a, struct instant now, const struct ether_frame *frame)
{
	struct ether_message m;
	struct acd_watch *w;
	int r = ether_decode(frame, &m);

	if (r == -EBADMSG)
		a->dropped++;
	if (r < 0 || !acd_link_is_usable(a, frame->interface))
		return;
	w = watch_find(a, frame->interface, message_subject(&m));
	if (w && !link_has_sent(a, m.mac) && !link_has_sent(a, m.from))
		watch_input(a, w, now, &m);
}

bool acd_output(struct acd *a, struct instant now, struct ether_frame *ret)
{
	(void)now; /* nothing is paced: what is pending may go */
	if (list_empty(&a->outputs))
		return false;
	watch_output(a, container_of(a->outputs.next, struct acd_watch, output), ret);
	return true;
}

bool acd_event(struct acd *a, struct acd_event *ret)
{
	struct acd_watch *w;

	if (list_empty(&a->events))
		return false;
	w = container_of(a->events.next, struct acd_watch, event);
	list_remove(&w->event);
	*ret = (struct acd_event){
		.kind = w->tells,
		.again = w->again,
		.interface = w->interface,
		.address = w->address,
	};
	if (w->tells != ACD_EVENT_CLEAR)
		memcpy(ret->mac, w->rival_mac, ETHER_MAC_BYTES);
	return true;
}

struct instant acd_deadline(const struct acd *a)
{
	return timers_deadline(&a->timers);
}

void acd_tick(struct acd *a, struct instant now)
{
	struct timer *t;

	while ((t = timers_pop(&a->timers, now)))
		switch ((enum acd_timer)t->slot) {
		case ACD_TIMER_PROBE:
			watch_probe_due(a, container_of(t, struct acd_watch, probe), now);
			break;
		case ACD_TIMER_ANNOUNCE:
			watch_announce_due(a, container_of(t, struct acd_watch, announce), now);
			break;
		}
}

uint32_t acd_dropped(const struct acd *a)
{
	return a->dropped;
}
