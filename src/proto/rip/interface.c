/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The interfaces that RIP is spoken on: their settings, their state, and where their cursors stand.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "proto/rip/instance.h"

void interface_update_due(struct rip *r, struct instant now, struct rip_interface *i)
{
	/* No router can believe in it any more. */
	if (i->departed) {
		interface_free(r, i);
		return;
	}
	list_each(link, &i->neighbors)
		heard_sweep(r, now, container_of(link, struct rip_neighbor, link));
	if (!list_empty(&r->order))
		i->full = (struct rip_cursor){ .at = r->order.next, .since = now };
	interface_update_next(r, now, i);
}

static struct rip_interface *interface_new(struct rip *r, uint32_t index)
{
	struct rip_interface *i = calloc(1, sizeof(*i));

	if (!i || timers_reserve(&r->timers, r->timers.count + 2) < 0) {
		free(i);
		return NULL;
	}
	i->index = index;
	i->family = (uint8_t)r->family;
	list_init(&i->ring);
	list_init(&i->neighbors);
	timer_init(&i->update, RIP_TIMER_UPDATE);
	timer_init(&i->key_change, RIP_TIMER_KEY);
	list_append(&r->interfaces, &i->link);
	r->n_interfaces++;
	return i;
}

struct rip_interface *interface_add(struct rip *r, const struct rip_interface *like)
{
	struct rip_interface *i = interface_new(r, like->index);

	if (!i)
		return NULL;
	i->settings = like->settings;
	i->learn = like->learn;
	memcpy(i->networks, like->networks, sizeof(i->networks));
	i->n_networks = like->n_networks;
	i->lift = like->lift;
	i->paced = like->paced;
	i->hasty = like->hasty;
	i->secrets = like->secrets;
	i->secrets_known = like->secrets_known;
	i->mute = like->mute;
	i->key = like->key;
	return i;
}

/* Whether all that there is of the interface of the host is this. */
static bool interface_is_last(const struct rip *r, const struct rip_interface *i)
{
	for (const struct rip_interface *other = NULL; (other = interface_next(r, other));) {
		if (other != i && other->index == i->index)
			return false;
	}
	return true;
}

/* What was counted in one network is counted on the interface. */
static void interface_counts_go(struct rip *r, const struct rip_interface *i)
{
	struct rip_interface *to = interface_find(r, i->index);

	if (to == i)
		to = interface_each(to, to);
	if (!to)
		return;
	to->sent += i->sent;
	for (size_t k = 0; k < RIP_DROP_COUNT; k++)
		to->drops[k] += i->drops[k];
}

void interface_free(struct rip *r, struct rip_interface *i)
{
	if (interface_is_last(r, i))
		rip_tell(r, &(struct rip_event){ .kind = RIP_EVENT_LEFT, .interface = i->index });
	interface_counts_go(r, i);
	interface_silence(r, i);
	if (i->leads)
		container_of(i->ring.next, struct rip_interface, ring)->leads = true;
	list_remove(&i->ring);
	timer_stop(&r->timers, &i->key_change);
	list_each_safe(link, &i->neighbors)
		neighbor_free(r, container_of(link, struct rip_neighbor, link));
	list_remove(&i->link);
	r->n_interfaces--;
	free(i);
}

/* All prefixes go out as unreachable; when that is done, output calls interface_left(). */
static void interface_say_goodbye(struct rip *r, struct instant now, struct rip_interface *i)
{
	i->leaving = true;
	i->full.at = NULL;
	timer_stop(&r->timers, &i->update);
	interface_restart(r, i, now);
}

static void interface_adopt(struct rip *r, struct instant now, struct rip_interface *i,
			    const struct rip_interface_settings *settings, bool was_speaking)
{
	bool alone = !interface_any_speaks(r);
	bool same_keys = keychain_equal(&i->settings.auth, &settings->auth);

	i->settings = *settings;
	lesson_cost_changed(r, i);
	i->leaving = i->stays = false;
	if (!same_keys)
		i->secrets_known = false;
	key_review(r, now, i);
	i->copies_left = 0; /* they were for the neighbours of before */
	if (!interface_speaks(i)) {
		interface_silence(r, i);
		return;
	}
	interface_restart(r, i, now);
	if (alone)
		route_report_again(r);
	i->request_due = !was_speaking;
	if (!timer_running(&i->update))
		interface_update_next(r, now, i);
}

void interface_left(struct rip *r, struct instant now, struct rip_interface *i)
{
	if (i->departed)
		source_said(r, now, i);
	else if (i->stays)
		interface_adopt(r, now, i, &i->after, true);
	else
		interface_free(r, i);
}

static bool settings_equal(const struct rip_interface_settings *a,
			   const struct rip_interface_settings *b)
{
	if (a->version != b->version || a->cost != b->cost || a->passive != b->passive ||
	    a->n_unicast != b->n_unicast)
		return false;
	for (size_t k = 0; k < a->n_unicast; k++)
		if (!address_equal(&a->unicast[k], &b->unicast[k]))
			return false;
	return keychain_equal(&a->auth, &b->auth);
}

static void interface_settle(struct rip *r, struct instant now, struct rip_interface *i,
			     const struct rip_interface_settings *settings)
{
	bool was_speaking = interface_speaks(i) && !i->leaving;

	if (was_speaking && !interface_would_speak(i, settings)) {
		/*
		 * It becomes passive: whom it has told of our prefixes must hear that they are
		 * gone.
		 */
		i->after = *settings;
		i->stays = true;
		interface_say_goodbye(r, now, i);
	} else {
		interface_adopt(r, now, i, settings, was_speaking);
	}
}

/* How many interfaces of the host there are. */
static size_t interfaces_count(const struct rip *r)
{
	size_t n = 0;

	for (const struct rip_interface *i = NULL; (i = interface_next(r, i));) {
		n += i->leads;
	}
	return n;
}

int rip_interface_set(struct rip *r, struct instant now, uint32_t index,
		      const struct rip_interface_settings *settings)
{
	struct rip_interface *i = interface_find(r, index), *at = NULL;

	if (!i) {
		if (interfaces_count(r) >= RIP_INTERFACES_MAX)
			return -ENOSPC;
		i = interface_new(r, index);
		if (!i)
			return -ENOMEM;
		i->leads = true;
	} else if (settings_equal(i->stays ? &i->after : &i->settings, settings) &&
		   i->leaving == i->stays) {
		return 0;
	}
	while ((at = interface_each(i, at)))
		interface_settle(r, now, at, settings);
	return 0;
}

static void interface_remove(struct rip *r, struct instant now, struct rip_interface *i)
{
	if (i->leaving && !i->stays && !i->departed)
		return;
	list_each(link, &i->neighbors)
		neighbor_lost(r, now, container_of(link, struct rip_neighbor, link));
	/* The good-byes may reach nobody there. */
	if (i->failed)
		r->stale_until = instant_max(r->stale_until, i->stale_until);
	if (!interface_speaks(i)) {
		r->stale_until = instant_max(r->stale_until, i->stale_until);
		interface_free(r, i);
	} else if (i->departed) {
		/* What is left to be said is on its way; then it goes. */
		r->stale_until = instant_max(r->stale_until, i->stale_until);
		i->stale_until = (struct instant){ 0 };
	} else if (i->stays) {
		i->stays = false; /* the good-byes are on their way already */
	} else {
		interface_say_goodbye(r, now, i);
	}
}

void rip_interface_remove(struct rip *r, struct instant now, uint32_t index)
{
	list_each_entry_safe(struct rip_interface, i, &r->interfaces, link)
		if (i->index == index)
			interface_remove(r, now, i);
}

static int interface_network(struct rip_interface *i, const struct prefix *network, bool present)
{
	size_t k = 0;

	while (k < i->n_networks && !prefix_equal(&i->networks[k], network))
		k++;
	if (present && k == i->n_networks) {
		if (k == RIP_NETWORKS_MAX)
			return -ENOSPC;
		i->networks[i->n_networks++] = *network;
	} else if (!present && k < i->n_networks) {
		i->networks[k] = i->networks[--i->n_networks];
	}
	return 0;
}

int rip_network(struct rip *r, uint32_t index, const struct prefix *network, bool present)
{
	struct rip_interface *i = interface_find(r, index), *at = NULL;
	int error = i ? 0 : -ENOENT;

	while (i && (at = interface_each(i, at)))
		error = interface_network(at, network, present);
	return error;
}

static void interface_describe(const struct rip *r, struct rip_interface *i,
			       struct speaker_interface *ret)
{
	int metric = r->settings.metric + i->settings.cost - 1 - i->lift + i->penalty;

	*ret = (struct speaker_interface){
		.index = i->index,
		.family = i->family,
		.version = i->family == FAMILY_IPV6 ? 1 : i->settings.version,
		.cost = i->settings.cost,
		.lift = i->lift,
		.metric = (uint8_t)(metric < 1	  ? 1
				    : metric > 15 ? 15
						  : metric),
	};
	key_describe(i, ret);
}

/* What is so in one of its networks is so of the interface; the best metric is its metric. */
static void interface_gather(const struct rip *r, struct instant now, struct rip_interface *i,
			     struct speaker_interface *ret)
{
	struct speaker_interface one;
	struct rip_interface *at = NULL;

	interface_describe(r, interface_toward(i, &(struct address){ 0 }), ret);
	while ((at = interface_each(i, at))) {
		interface_describe(r, at, &one);
		ret->speaking |= interface_speaks(at) && !at->leaving;
		if (address_is_set(&at->state.address) && one.metric < ret->metric) {
			ret->metric = one.metric;
			ret->lift = one.lift;
		}
		ret->sent += at->sent;
		ret->neighbors += at->n_neighbors;
		ret->crowded |= neighbor_is_crowded(r, at, now);
		for (size_t k = 0; k < RIP_DROP_COUNT; k++)
			ret->drops[k] += at->drops[k];
	}
}

bool rip_interface_next(const struct rip *r, struct instant now, size_t *position,
			struct speaker_interface *ret)
{
	size_t at = 0;

	for (struct rip_interface *i = NULL; (i = interface_next(r, i));) {
		if (!i->leads || at++ < *position)
			continue;
		*position = at;
		interface_gather(r, now, i, ret);
		return true;
	}
	return false;
}
