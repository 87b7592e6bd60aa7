/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The interfaces that RIP is spoken on: their settings, their state, and where their cursors stand.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "proto/rip/instance.h"

struct rip_interface *interface_find(const struct rip *r, uint32_t index)
{
	list_each(link, &r->interfaces) {
		struct rip_interface *i = container_of(link, struct rip_interface, link);

		if (i->index == index && !i->departed)
			return i;
	}
	return NULL;
}

struct rip_interface *interface_each(struct rip_interface *i, struct rip_interface *at)
{
	struct rip_interface *next =
		at ? container_of(at->ring.next, struct rip_interface, ring) : i;

	return at && next == i ? NULL : next;
}

struct rip_interface *interface_toward(struct rip_interface *i, const struct address *a)
{
	struct rip_interface *best = NULL, *first = NULL, *at = NULL;

	while ((at = interface_each(i, at))) {
		if (!address_is_set(&at->state.address))
			continue;
		if (!first || at->place < first->place)
			first = at;
		if (prefix_contains(&at->network, a) &&
		    (!best || at->network.length > best->network.length))
			best = at;
	}
	return best ? best : first ? first : i;
}

struct rip_neighbor *interface_neighbor(const struct rip_interface *i, const struct address *a)
{
	struct rip_interface *at = NULL;

	while ((at = interface_each((struct rip_interface *)i, at))) {
		struct rip_neighbor *n = neighbor_find(at, a);

		if (n)
			return n;
	}
	return NULL;
}

bool interface_is_ours(const struct rip_interface *i, const struct address *a)
{
	struct rip_interface *at = NULL;

	while ((at = interface_each((struct rip_interface *)i, at)))
		if (address_equal(&at->state.address, a))
			return true;
	return false;
}

/* Whether there is somebody to be told in this network. */
static bool settings_speak(const struct rip_interface *i, const struct rip_interface_settings *s)
{
	if (!s->passive)
		return true;
	for (size_t k = 0; k < s->n_unicast; k++)
		if (interface_toward((struct rip_interface *)i, &s->unicast[k]) == i)
			return true;
	return false;
}

bool interface_speaks(const struct rip_interface *i)
{
	return i->state.usable && !i->mute && settings_speak(i, &i->settings);
}

bool interface_any_speaks(const struct rip *r)
{
	list_each(link, &r->interfaces) {
		const struct rip_interface *i = container_of(link, struct rip_interface, link);

		if (interface_speaks(i) && !i->leaving)
			return true;
	}
	return false;
}

bool interface_is_on_link(const struct rip_interface *i, const struct address *a)
{
	/* RFC 2080 2.4.2. */
	if (i->family == FAMILY_IPV6)
		return address_is_link_local(a);
	for (struct rip_interface *at = NULL; (at = interface_each((struct rip_interface *)i, at));)
		if (prefix_contains(&at->network, a))
			return true;
	for (size_t k = 0; k < i->n_networks; k++)
		if (prefix_contains(&i->networks[k], a))
			return true;
	return false;
}

/* The address of the network itself, or its broadcast. RFC 3021: one of two has neither. */
static bool stands_for_all(const struct prefix *network, const struct address *a)
{
	struct address last;

	if (!prefix_contains(network, a) || network->length + 2 > family_bits(a->family))
		return false;
	if (address_equal(a, &network->address))
		return true;
	if (a->family != FAMILY_IPV4)
		return false;
	last = prefix_broadcast(network);
	return address_equal(a, &last);
}

bool interface_is_for_all(const struct rip_interface *i, const struct address *a)
{
	static const uint8_t all[] = { 255, 255, 255, 255 };

	if (!address_is_set(a) || address_is_multicast(a) ||
	    memcmp(a->bytes, all, sizeof(all)) == 0)
		return true;
	for (struct rip_interface *at = NULL; (at = interface_each((struct rip_interface *)i, at));)
		if (stands_for_all(&at->network, a))
			return true;
	for (size_t k = 0; k < i->n_networks; k++)
		if (stands_for_all(&i->networks[k], a))
			return true;
	return false;
}

bool interface_is_host(const struct rip_interface *i, const struct address *a)
{
	if (!interface_is_on_link(i, a) || stands_for_all(&i->network, a))
		return false;
	for (size_t k = 0; k < i->n_networks; k++)
		if (stands_for_all(&i->networks[k], a))
			return false;
	return true;
}

/* RFC 2453 3.8: updates are varied so that routers do not fall into step; by a sixth, 30 s ± 5. */
static struct duration interface_jitter(struct rip *r)
{
	struct duration sixth = { r->settings.update.ns / 6 };

	return random_between(&r->random, (struct duration){ r->settings.update.ns - sixth.ns },
			      (struct duration){ r->settings.update.ns + sixth.ns });
}

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
	(void)timer_set(&r->timers, &i->update, instant_add(now, interface_jitter(r)));
}

void interface_restart(struct rip *r, struct rip_interface *i, struct instant now)
{
	struct rip_cursor begin = { .since = now };
	bool bulk = r->by_prefix.count >= RIP_BULK;

	if (interface_speaks(i) && !list_empty(&r->order))
		begin.at = r->order.next;
	for (size_t k = 0; k < RIP_PASSES; k++)
		i->pass[k] = begin;
	/* Repeating very many once is enough, and leaves the wire to the first copies. */
	if (bulk)
		i->pass[1].at = NULL;
}

void interface_silence(struct rip *r, struct rip_interface *i)
{
	for (size_t k = 0; k < RIP_PASSES; k++)
		i->pass[k].at = NULL;
	i->full.at = NULL;
	answer_silence(i);
	i->request_due = false;
	i->copies_left = 0;
	timer_stop(&r->timers, &i->update);
}

void interface_step_off(struct rip *r, struct rip_interface *i, struct list *route)
{
	struct list *next = order_next(r, route);

	for (size_t k = 0; k < RIP_PASSES; k++)
		if (i->pass[k].at == route)
			i->pass[k].at = next;
	if (i->full.at == route)
		i->full.at = next;
	for (size_t k = 0; k < RIP_TABLE_REPLIES_MAX; k++)
		if (i->table_replies[k].cursor.at == route)
			i->table_replies[k].cursor.at = next;
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
	list_each(link, &r->interfaces) {
		const struct rip_interface *other = container_of(link, struct rip_interface, link);

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

void interface_resume(struct rip *r, struct instant now, struct rip_interface *i, bool alone)
{
	interface_restart(r, i, now);
	if (alone)
		route_report_again(r);
	if (!interface_speaks(i) || i->leaving)
		return;
	i->request_due = true;
	(void)timer_set(&r->timers, &i->update, instant_add(now, interface_jitter(r)));
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
	learn_cost_changed(r, i);
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
		(void)timer_set(&r->timers, &i->update, instant_add(now, interface_jitter(r)));
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
	return memcmp(a, b, offsetof(struct rip_interface_settings, auth)) == 0 &&
	       keychain_equal(&a->auth, &b->auth);
}

static void interface_settle(struct rip *r, struct instant now, struct rip_interface *i,
			     const struct rip_interface_settings *settings)
{
	bool was_speaking = interface_speaks(i) && !i->leaving;

	if (was_speaking && !settings_speak(i, settings)) {
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

	list_each(link, &r->interfaces) {
		const struct rip_interface *i = container_of(link, struct rip_interface, link);

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
	list_each_safe(link, &r->interfaces) {
		struct rip_interface *i = container_of(link, struct rip_interface, link);

		if (i->index == index)
			interface_remove(r, now, i);
	}
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

	list_each(link, &r->interfaces) {
		struct rip_interface *i = container_of(link, struct rip_interface, link);

		if (!i->leads || at++ < *position)
			continue;
		*position = at;
		interface_gather(r, now, i, ret);
		return true;
	}
	return false;
}
