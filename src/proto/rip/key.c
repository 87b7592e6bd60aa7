/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys of an interface: which one seals, and which are accepted. The secrets are not here (seal.h),
 * only whether they are there.
 *
 * One of those that may send now seals (keychain_choose()). All that may be accepted now are
 * accepted. So a key is replaced without loss: it is accepted everywhere before somebody seals with
 * it, and until nobody seals with the old one.
 *
 * When no key may send, the interface is mute: it says nothing, and what is said to it without a
 * key that is accepted is not heard. RFC 2082 4.3 and RFC 4822 5.3 would rather have the last key
 * go on for ever; but who gives a key an end has said when it is to end. Neighbours are not given
 * up for it, they time out: a clock that is wrong for a minute costs a minute's updates.
 */
#include <string.h>

#include "proto/rip/instance.h"

/* 0: it is not known. */
static int64_t wall_s(const struct rip *r, struct instant now)
{
	if (!r->wall_known)
		return 0;
	return keychain_wall_s(now, r->wall);
}

static bool key_is_there(const struct rip_interface *i, size_t place)
{
	return i->secrets_known && (i->secrets >> place & 1);
}

static void key_tell(struct rip *r, const struct rip_interface *i, enum rip_event_kind kind,
		     uint8_t id)
{
	/* The keys are the same in all of its networks, and one of them says so. */
	if (!i->leads)
		return;
	rip_tell(r, &(struct rip_event){ .kind = (uint8_t)kind, .interface = i->index, .key = id });
}

static void key_use(struct rip *r, struct instant now, struct rip_interface *i, uint8_t place)
{
	bool alone = !interface_any_speaks(r), was_mute = i->mute;

	if (!was_mute && i->key == place)
		return;
	i->mute = false;
	i->key = place;
	key_tell(r, i, RIP_EVENT_KEY, i->settings.auth.keys[place].id);
	if (was_mute && i->state.usable)
		interface_resume(r, now, i, alone);
}

static void key_lost(struct rip *r, struct instant now, struct rip_interface *i)
{
	if (i->mute)
		return;
	i->mute = true;
	i->key = KEYCHAIN_KEYS_MAX;
	key_tell(r, i, RIP_EVENT_MUTE, 0);
	/* What is left of its good-byes cannot be said. */
	if (i->leaving)
		interface_left(r, now, i);
	else
		interface_silence(r, i);
}

void key_review(struct rip *r, struct instant now, struct rip_interface *i)
{
	const struct keychain *a = &i->settings.auth;
	uint8_t place;
	struct instant due;

	timer_stop(&r->timers, &i->key_change);
	if (a->type == AUTH_NONE) {
		i->mute = false;
		return;
	}
	/* Soon it will be known whose secrets are there; what is to be said waits for that. */
	if (!i->secrets_known) {
		i->mute = false;
		i->key = KEYCHAIN_KEYS_MAX;
		return;
	}
	due = r->wall_known ? keychain_next_change(a, now, r->wall) : INSTANT_NEVER;
	if (!instant_is_never(due))
		(void)timer_set(&r->timers, &i->key_change, due);
	place = keychain_choose(a, i->secrets, wall_s(r, now));
	if (place != KEYCHAIN_KEYS_MAX)
		key_use(r, now, i, place);
	else
		key_lost(r, now, i);
}

bool key_is_ready(const struct rip_interface *i)
{
	return i->settings.auth.type == AUTH_NONE || (i->secrets_known && !i->mute);
}

void rip_clock(struct rip *r, struct instant now, struct duration wall)
{
	r->wall = wall;
	r->wall_known = true;
	list_each_safe(link, &r->interfaces)
		key_review(r, now, container_of(link, struct rip_interface, link));
}

void rip_secrets(struct rip *r, struct instant now, uint32_t index, uint32_t places)
{
	list_each_entry_safe(struct rip_interface, i, &r->interfaces, link) {
		if (i->index != index)
			continue;
		i->secrets = places;
		i->secrets_known = true;
		key_review(r, now, i);
	}
}

void key_stamp(struct rip *r, struct instant now, const struct rip_interface *i, struct packet *d)
{
	d->auth = i->settings.auth.type;
	d->key = 0;
	d->sequence = 0;
	if (d->auth == AUTH_NONE)
		return;
	d->key = i->settings.auth.keys[i->key].id;
	if (d->auth == AUTH_SIMPLE)
		return;
	d->sequence = keychain_count(&r->sealed, now, wall_s(r, now));
}

enum rip_drop key_check(const struct rip *r, struct instant now, const struct rip_interface *i,
			const struct packet *d)
{
	const struct keychain *a = &i->settings.auth;
	size_t place;

	/* Who opened it had another idea of the interface: it has not learned of the change yet. */
	if (a->type != d->auth)
		return a->type == AUTH_NONE ? RIP_DROP_AUTHENTICATION : RIP_DROP_AUTH_TYPE;
	if (a->type == AUTH_NONE)
		return RIP_DROP_NOTHING;
	if (!key_is_ready(i))
		return RIP_DROP_NO_KEY;
	if (d->refused)
		return d->reason < RIP_DROP_COUNT ? (enum rip_drop)d->reason : RIP_DROP_AUTH_TYPE;
	place = keychain_place(a, d->key);
	if (place == a->n_keys || !key_is_there(i, place) ||
	    !keychain_lifetime_has(&a->keys[place].accept, wall_s(r, now)))
		return RIP_DROP_AUTH_KEY;
	return RIP_DROP_NOTHING;
}

void key_describe(const struct rip_interface *i, struct speaker_interface *ret)
{
	const struct keychain *a = &i->settings.auth;

	ret->auth = a->type;
	ret->n_keys = a->n_keys;
	ret->mute = i->mute;
	ret->key = a->type == AUTH_NONE || !key_is_ready(i) ? 0 : a->keys[i->key].id;
	for (size_t k = 0; k < a->n_keys; k++)
		ret->keys_missing =
			(uint8_t)(ret->keys_missing + (i->secrets_known && !key_is_there(i, k)));
}
