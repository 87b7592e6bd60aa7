/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One address on one interface: asked for, then claimed, announced, defended. Whatever waits to be
 * sent or told is a mark on the watch, so nothing can run full and a release leaves nothing behind.
 */
#include <stdlib.h>
#include <string.h>

#include "proto/acd/instance.h"

#define TIMERS_EACH 2 /* of a watch */

/* Ten in a hundred: after a failover all VIPs of a host would else speak in the same moment. */
#define REFRESH_JITTER DURATION_S(6)

static const struct address all_nodes = {
	.family = FAMILY_IPV6,
	.bytes = { 0xff, 2, [15] = 1 },
};

struct acd_watch *watch_find(const struct acd *a, uint32_t interface, const struct address *address)
{
	uint32_t hash = address_hash(a->watches.seed, address);

	for (struct hash_node *n = hash_first(&a->watches, hash); n; n = hash_next(n, hash)) {
		struct acd_watch *w = container_of(n, struct acd_watch, node);

		if (w->interface == interface && address_equal(&w->address, address))
			return w;
	}
	return NULL;
}

struct acd_watch *watch_make(struct acd *a, uint32_t interface, const struct address *address)
{
	struct acd_watch *w = watch_find(a, interface, address);
	size_t count = a->watches.count;

	if (w)
		return w;
	if (count == ACD_WATCHES_MAX || timers_reserve(&a->timers, (count + 1) * TIMERS_EACH) < 0)
		return NULL;
	w = calloc(1, sizeof(*w));
	if (!w || hash_insert(&a->watches, &w->node, address_hash(a->watches.seed, address)) < 0) {
		free(w);
		return NULL;
	}
	w->interface = interface;
	w->address = *address;
	w->state = ACD_WATCH_ASKED;
	w->defend_after = (struct instant){ INT64_MIN };
	list_init(&w->output);
	list_init(&w->event);
	timer_init(&w->probe, ACD_TIMER_PROBE);
	timer_init(&w->announce, ACD_TIMER_ANNOUNCE);
	return w;
}

static void watch_hush(struct acd *a, struct acd_watch *w)
{
	w->pending = 0;
	list_remove(&w->output);
	timer_stop(&a->timers, &w->probe);
	timer_stop(&a->timers, &w->announce);
}

void watch_free(struct acd *a, struct acd_watch *w)
{
	watch_hush(a, w);
	list_remove(&w->event);
	hash_remove(&a->watches, &w->node);
	free(w);
}

/* Cannot fail: watch_make() has made room. */
static void watch_wake(struct acd *a, struct timer *t, struct instant at)
{
	(void)timer_set(&a->timers, t, at);
}

static void watch_pend(struct acd *a, struct acd_watch *w, enum acd_pending what)
{
	if (!acd_link_is_usable(a, w->interface))
		return;
	if (w->pending == 0)
		list_append(&a->outputs, &w->output);
	w->pending |= (uint8_t)what;
}

static void watch_tell(struct acd *a, struct acd_watch *w, enum acd_event_kind kind)
{
	w->tells = (uint8_t)kind;
	list_remove(&w->event);
	list_append(&a->events, &w->event);
}

static void watch_tell_rival(struct acd *a, struct acd_watch *w)
{
	w->told = true;
	watch_tell(a, w, ACD_EVENT_RIVAL);
}

static void watch_verdict(struct acd *a, struct acd_watch *w)
{
	watch_hush(a, w);
	w->state = ACD_WATCH_ASKED;
	if (w->rival)
		watch_tell_rival(a, w);
	else
		watch_tell(a, w, ACD_EVENT_CLEAR);
}

void watch_probe(struct acd *a, struct acd_watch *w, struct instant now)
{
	watch_hush(a, w);
	list_remove(&w->event);
	w->rival = w->told = w->again = w->answer = false;
	w->probes = 0;
	w->state = ACD_WATCH_PROBING;
	if (acd_link_is_usable(a, w->interface))
		watch_probe_due(a, w, now);
	else
		watch_verdict(a, w);
}

static void watch_verify(struct acd *a, struct acd_watch *w, struct instant at)
{
	w->probes = 0;
	watch_wake(a, &w->probe, at);
}

/* A round of questions to the rival of a claim is over. */
static void watch_round_ended(struct acd *a, struct acd_watch *w, struct instant now)
{
	w->silences = w->heard ? 0 : w->silences + 1;
	if (w->heard && !w->again) {
		w->again = true;
		watch_tell_rival(a, w);
	}
	w->heard = false;
	if (w->silences < ACD_PROBES) {
		watch_verify(
			a, w,
			instant_add(now, (struct duration){ ACD_VERIFY_INTERVAL.ns -
							    ACD_PROBES * ACD_PROBE_INTERVAL.ns }));
		return;
	}
	w->rival = w->told = w->again = false;
	watch_tell(a, w, ACD_EVENT_RIVAL_GONE);
}

void watch_probe_due(struct acd *a, struct acd_watch *w, struct instant now)
{
	if (w->probes < ACD_PROBES) {
		w->probes++;
		watch_pend(a, w, ACD_PENDING_PROBE);
		watch_wake(a, &w->probe, instant_add(now, ACD_PROBE_INTERVAL));
	} else if (w->state == ACD_WATCH_PROBING) {
		watch_verdict(a, w);
	} else {
		watch_round_ended(a, w, now);
	}
}

static void watch_announce_burst(struct acd *a, struct acd_watch *w, struct instant now)
{
	w->announcements = 0;
	if (w->answer && acd_link_is_usable(a, w->interface))
		watch_announce_due(a, w, now);
}

void watch_announce_due(struct acd *a, struct acd_watch *w, struct instant now)
{
	struct duration pause;

	watch_pend(a, w, ACD_PENDING_ANNOUNCE);
	if (w->announcements < ACD_ANNOUNCEMENTS)
		w->announcements++;
	if (w->announcements < ACD_ANNOUNCEMENTS)
		pause.ns = ACD_ANNOUNCE_INTERVAL.ns * w->announcements;
	else
		pause = random_between(&a->random,
				       (struct duration){ ACD_REFRESH.ns - REFRESH_JITTER.ns },
				       (struct duration){ ACD_REFRESH.ns + REFRESH_JITTER.ns });
	watch_wake(a, &w->announce, instant_add(now, pause));
}

static void watch_claim_begins(struct acd *a, struct acd_watch *w, struct instant now)
{
	watch_hush(a, w);
	if (w->tells == ACD_EVENT_CLEAR)
		list_remove(&w->event); /* of a probe that nobody waits for now */
	w->state = ACD_WATCH_CLAIMED;
	w->silences = 0;
	w->heard = false;
	w->answer = false;
	if (!w->rival)
		return;
	if (!w->told)
		watch_tell_rival(a, w);
	watch_verify(a, w, instant_add(now, ACD_VERIFY_INTERVAL));
}

void watch_claim(struct acd *a, struct acd_watch *w, struct instant now, bool answer)
{
	if (w->state != ACD_WATCH_CLAIMED)
		watch_claim_begins(a, w, now);
	if (w->answer == answer)
		return;
	w->answer = answer;
	if (answer) {
		watch_announce_burst(a, w, now);
		return;
	}
	timer_stop(&a->timers, &w->announce);
	w->pending &= ACD_PENDING_PROBE;
	if (w->pending == 0)
		list_remove(&w->output);
}

void watch_link_up(struct acd *a, struct acd_watch *w, struct instant now)
{
	if (w->state != ACD_WATCH_CLAIMED)
		return;
	watch_announce_burst(a, w, now);
	if (w->rival && !timer_running(&w->probe))
		watch_verify(a, w, now);
}

/* The silence of a rival means nothing while it cannot be heard: its rounds stop too. */
void watch_link_down(struct acd *a, struct acd_watch *w)
{
	if (w->state == ACD_WATCH_PROBING)
		watch_verdict(a, w);
	else
		watch_hush(a, w);
}

static void watch_defend(struct acd *a, struct acd_watch *w, struct instant now)
{
	if (!w->answer || !instant_reached(w->defend_after, now))
		return;
	w->defend_after = instant_add(now, ACD_DEFEND_INTERVAL);
	watch_pend(a, w, ACD_PENDING_ANNOUNCE);
}

static void watch_heard_rival(struct acd *a, struct acd_watch *w, struct instant now,
			      const uint8_t *mac)
{
	bool known = w->rival && memcmp(w->rival_mac, mac, ETHER_MAC_BYTES) == 0;

	/* A verdict stands: what was found out is kept, what comes after it waits for the claim. */
	if (w->state == ACD_WATCH_ASKED && w->told)
		return;
	w->rival = w->heard = true;
	memcpy(w->rival_mac, mac, ETHER_MAC_BYTES);
	if (w->state == ACD_WATCH_PROBING)
		watch_verdict(a, w);
	if (w->state != ACD_WATCH_CLAIMED)
		return;
	if (!known)
		watch_tell_rival(a, w);
	if (!timer_running(&w->probe)) {
		w->silences = 0;
		w->heard = false; /* what it said before it is asked is no answer */
		watch_verify(a, w, instant_add(now, ACD_VERIFY_INTERVAL));
	}
	watch_defend(a, w, now);
}

/*
 * RFC 4861 7.2.4. There is room for one asker; when another comes before the answer is out, all are
 * told at once instead.
 */
static void watch_asked(struct acd *a, struct acd_watch *w, const struct ether_message *m)
{
	if (w->state != ACD_WATCH_CLAIMED || !w->answer)
		return;
	if (address_is_unspecified(&m->source) || w->pending & ACD_PENDING_ANSWER) {
		watch_pend(a, w, ACD_PENDING_ANNOUNCE);
		return;
	}
	w->asker = m->source;
	memcpy(w->asker_mac, m->mac, ETHER_MAC_BYTES);
	watch_pend(a, w, ACD_PENDING_ANSWER);
}

void watch_input(struct acd *a, struct acd_watch *w, struct instant now,
		 const struct ether_message *m)
{
	bool probe = address_is_unspecified(&m->source);

	switch ((enum ether_message_kind)m->kind) {
	case ETHER_ARP_REQUEST:
		/* Who probes for what is ours is told by the kernel, and goes away. */
		if (probe && w->state != ACD_WATCH_PROBING)
			return;
		watch_heard_rival(a, w, now, m->mac);
		break;
	case ETHER_ARP_REPLY:
	case ETHER_ADVERTISEMENT:
		watch_heard_rival(a, w, now, m->mac);
		break;
	case ETHER_SOLICITATION:
		watch_asked(a, w, m);
		if (probe)
			watch_heard_rival(a, w, now, m->mac);
		break;
	}
}

static void arp_fill(struct ether_message *m, enum acd_pending what, const struct acd_watch *w)
{
	memset(m->to, 0xff, ETHER_MAC_BYTES);
	m->kind = ETHER_ARP_REQUEST;
	m->target = w->address;
	/* A probe must not enter anybody's cache: RFC 5227 1.1. */
	m->source = what == ACD_PENDING_PROBE ? address_ipv4(0) : w->address;
}

static void nd_fill(struct ether_message *m, enum acd_pending what, const struct acd_watch *w)
{
	bool probe = what == ACD_PENDING_PROBE;

	m->kind = probe ? ETHER_SOLICITATION : ETHER_ADVERTISEMENT;
	m->target = w->address;
	m->has_option = m->override = !probe;
	m->solicited = what == ACD_PENDING_ANSWER;
	m->source = w->address;
	if (probe) {
		m->source = (struct address){ .family = FAMILY_IPV6 };
		m->destination = ether_solicited_node(&w->address);
	} else {
		m->destination = m->solicited ? w->asker : all_nodes;
	}
	if (m->solicited)
		memcpy(m->to, w->asker_mac, ETHER_MAC_BYTES);
	else
		ether_multicast_mac(&m->destination, m->to);
}

void watch_output(struct acd *a, struct acd_watch *w, struct ether_frame *ret)
{
	enum acd_pending what = w->pending & -w->pending;
	const struct acd_link *l = acd_link_find(a, w->interface);
	struct ether_message m = { 0 };

	memcpy(m.from, l->mac, ETHER_MAC_BYTES);
	memcpy(m.mac, l->mac, ETHER_MAC_BYTES);
	if (w->address.family == FAMILY_IPV4)
		arp_fill(&m, what, w);
	else
		nd_fill(&m, what, w);
	*ret = (struct ether_frame){ .interface = w->interface };
	ether_encode(&m, ret);
	w->pending &= (uint8_t)~what;
	list_remove(&w->output);
	if (w->pending)
		list_append(&a->outputs, &w->output); /* the others come first */
}
