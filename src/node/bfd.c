/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which neighbours are watched with BFD, and what follows from what is seen (RFC 5882).
 *
 * A *watch* is wanted for each RIP neighbour on an interface whose rule says `bfd`, for as long as
 * the speaker knows the neighbour: also while BFD itself holds it down, or it could never be up
 * again. bfd_reconcile() compares what is wanted with what has been asked for, as everywhere in the
 * node.
 *
 * The sessions outlive the node (src/guard). A later life is told of them one by one, before it has
 * heard a neighbour: it keeps them as *adopted* until the neighbour's timeout is over, and takes
 * them away at once where the configuration does not want them any more.
 *
 * Only a session that was up can say that a neighbour is down. One that never was, because the
 * neighbour does not speak BFD, says nothing; nor does one that the neighbour has taken down itself
 * (RFC 5882 3.2), nor one that nobody runs because there is no guard.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "node/instance.h"

struct watch {
	struct list link;
	struct bfd_key key;
	struct bfd_params params; /* that have been asked for */
	bool asked;
	bool wanted;		/* while they are compared */
	struct instant adopted; /* an earlier life's: kept until then; 0: ours */
	bool known;		/* the guard has told us of it */
	uint8_t state, remote_state, diagnostic, remote_diagnostic;
	struct instant since;
	uint32_t flaps;
};

static struct watch *watch_find(const struct node *n, const struct bfd_key *key)
{
	list_each(link, &n->watches) {
		struct watch *w = container_of(link, struct watch, link);

		if (bfd_key_equal(&w->key, key))
			return w;
	}
	return NULL;
}

static struct watch *watch_new(struct node *n, const struct bfd_key *key)
{
	struct watch *w = n->n_watches < BFD_SESSIONS_MAX ? calloc(1, sizeof(*w)) : NULL;

	if (!w)
		return NULL;
	w->key = *key;
	w->state = w->remote_state = BFD_STATE_DOWN;
	w->since = n->now;
	n->n_watches++;
	list_append(&n->watches, &w->link);
	return w;
}

static void watch_free(struct node *n, struct watch *w)
{
	list_remove(&w->link);
	n->n_watches--;
	explicit_bzero(&w->params, sizeof(w->params));
	free(w);
}

void bfd_free_all(struct node *n)
{
	list_each_safe(link, &n->watches)
		watch_free(n, container_of(link, struct watch, link));
}

/* The rule that wants the neighbours of an interface watched, or NULL. */
static const struct interface_rule *watch_rule(const struct node *n, uint32_t interface,
					       enum family family)
{
	const struct link *l = link_find(n, interface);
	const struct interface_rule *rule = l ? link_rule(n, l) : NULL;

	return rule && rule->bfd_enabled && link_speech(l, family)->told.usable ? rule : NULL;
}

static struct bfd_key watch_key(const struct node *n, const struct rip_neighbor_info *info)
{
	const struct link *l = link_find(n, info->interface);
	struct bfd_key key = { .interface = info->interface, .peer = info->address };

	if (l)
		key.local = link_speech(l, (enum family)info->address.family)->told.address;
	return key;
}

static void watch_ask(struct node *n, struct watch *w, const struct bfd_params *params)
{
	struct effect e = { .kind = EFFECT_BFD };

	w->wanted = true;
	w->adopted = (struct instant){ 0 };
	if (w->asked && memcmp(&w->params, params, sizeof(*params)) == 0)
		return;
	w->params = *params;
	w->asked = true;
	e.bfd.key = w->key;
	e.bfd.params = *params;
	node_effect_put(n, &e);
}

/* What the speaker that has found the neighbour is to think of it. */
static void watch_say(struct node *n, const struct watch *w, enum rip_liveness liveness)
{
	rip_neighbor_liveness(speaker_of(n, (enum family)w->key.peer.family), n->now,
			      w->key.interface, &w->key.peer, liveness);
}

static void watch_end(struct node *n, struct watch *w)
{
	struct effect e = { .kind = EFFECT_BFD };

	e.bfd.remove = true;
	e.bfd.key = w->key;
	node_effect_put(n, &e);
	watch_say(n, w, RIP_LIVENESS_UNKNOWN);
	watch_free(n, w);
}

/* An earlier life's session stays while its neighbour may still be heard. */
static bool watch_is_kept(const struct node *n, const struct watch *w)
{
	const struct link *l = link_find(n, w->key.interface);
	const struct interface_rule *rule = l ? link_rule(n, l) : NULL;

	return w->adopted.ns != 0 && rule && rule->bfd_enabled &&
	       interface_rule_speech(rule, (enum family)w->key.peer.family) &&
	       !instant_reached(w->adopted, n->now);
}

static void watch_neighbors(struct node *n)
{
	struct rip_neighbor_info info;
	struct speaker_walk at = { 0 };

	while (speaker_neighbor_next(n, &at, &info)) {
		const struct interface_rule *rule =
			watch_rule(n, info.interface, (enum family)info.address.family);
		struct bfd_key key = watch_key(n, &info);
		struct watch *w;

		if (!rule || !(info.up || info.dead))
			continue;
		w = watch_find(n, &key);
		if (!w)
			w = watch_new(n, &key);
		if (w)
			watch_ask(n, w, &rule->bfd);
	}
}

void bfd_reconcile(struct node *n)
{
	/* On the way out all of them stay until the guard says good-bye for them. */
	if (!n->synced || n->dumping || n->stopping || !n->bfd_dirty)
		return;
	n->bfd_dirty = false;
	list_each(link, &n->watches)
		container_of(link, struct watch, link)->wanted = false;
	watch_neighbors(n);
	list_each_safe(link, &n->watches) {
		struct watch *w = container_of(link, struct watch, link);

		if (!w->wanted && !watch_is_kept(n, w))
			watch_end(n, w);
	}
	/* A neighbour that is believed again has something to say. */
	speaker_pump(n);
}

static void watch_tell(struct node *n, const struct watch *w, const char *reason)
{
	struct event event = { .kind = EVENT_BFD, .neighbor = w->key.peer };

	text_copy(event.interface, sizeof(event.interface), link_name(n, w->key.interface));
	text_copy(event.reason, sizeof(event.reason), reason);
	node_event(n, &event);
}

static void watch_came_up(struct node *n, struct watch *w)
{
	watch_tell(n, w, "up");
	watch_say(n, w, RIP_LIVENESS_UP);
}

static void watch_went_down(struct node *n, struct watch *w)
{
	bool by_hand = w->remote_state == BFD_STATE_ADMIN_DOWN;
	char reason[NODE_SENTENCE_MAX];
	struct text out;

	w->flaps++;
	text_init(&out, reason, sizeof(reason));
	text_add(&out, "down: %s", bfd_diagnostic_name(w->diagnostic));
	if (by_hand)
		text_add(&out, "; the neighbour has taken the session down: nothing follows");
	else if (w->remote_diagnostic != BFD_DIAGNOSTIC_NONE)
		text_add(&out, "; the neighbour says: %s",
			 bfd_diagnostic_name(w->remote_diagnostic));
	watch_tell(n, w, reason);
	watch_say(n, w, by_hand ? RIP_LIVENESS_UNKNOWN : RIP_LIVENESS_DOWN);
}

static void watch_lost_sight(struct node *n, struct watch *w, bool was_up)
{
	if (was_up)
		watch_tell(n, w, "not watched: the guard is gone");
	watch_say(n, w, RIP_LIVENESS_UNKNOWN);
}

void bfd_observed(struct node *n, const struct input *in)
{
	struct watch *w = watch_find(n, &in->bfd.key);
	uint8_t before;

	if (!w && in->bfd.known && !n->stopping) {
		w = watch_new(n, &in->bfd.key);
		if (w)
			w->adopted = instant_add(n->now, n->rip_settings.timeout);
		n->bfd_dirty = true;
	}
	if (!w)
		return;
	before = w->state;
	w->known = in->bfd.known;
	w->state = in->bfd.known ? in->bfd.state : BFD_STATE_DOWN;
	w->remote_state = in->bfd.remote_state;
	w->diagnostic = in->bfd.diagnostic;
	w->remote_diagnostic = in->bfd.remote_diagnostic;
	if (before != w->state)
		w->since = n->now;
	if (!in->bfd.known)
		watch_lost_sight(n, w, before == BFD_STATE_UP);
	else if (before != BFD_STATE_UP && w->state == BFD_STATE_UP)
		watch_came_up(n, w);
	else if (before == BFD_STATE_UP && w->state != BFD_STATE_UP)
		watch_went_down(n, w);
}

void bfd_describe(const struct node *n, const struct rip_neighbor_info *info, struct row_bfd *ret)
{
	struct bfd_key key = watch_key(n, info);
	const struct watch *w = watch_find(n, &key);

	*ret = (struct row_bfd){ 0 };
	if (!w || !w->asked)
		return;
	*ret = (struct row_bfd){
		.wanted = true,
		.state = w->state,
		.remote_state = w->remote_state,
		.diagnostic = w->diagnostic,
		.remote_diagnostic = w->remote_diagnostic,
		.known = w->known,
		.since = w->since,
		.flaps = w->flaps,
		.tx_us = w->params.tx_us,
		.rx_us = w->params.rx_us,
		.multiplier = w->params.multiplier,
	};
}
