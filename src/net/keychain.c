/* SPDX-License-Identifier: Apache-2.0 */
#include "net/keychain.h"

#include <stddef.h>
#include <string.h>

/*
 * A new number is told of at once, for each is written down; of very many, so many a second after
 * as many in a row.
 */
#define SEQUENCE_TELL DURATION_MS(50)
#define SEQUENCE_TELL_BURST 20

static const char *const auth_names[] = {
#define AUTH_TEXT(name, text) text,
	AUTHS(AUTH_TEXT)
#undef AUTH_TEXT
};

const char *auth_name(uint8_t type)
{
	return type < AUTH_COUNT ? auth_names[type] : NULL;
}

static bool lifetime_equal(const struct keychain_lifetime *a, const struct keychain_lifetime *b)
{
	return a->from_s == b->from_s && a->until_s == b->until_s;
}

static bool key_equal(const struct keychain_key *a, const struct keychain_key *b)
{
	return a->id == b->id && lifetime_equal(&a->send, &b->send) &&
	       lifetime_equal(&a->accept, &b->accept) && strcmp(a->secret, b->secret) == 0;
}

bool keychain_equal(const struct keychain *a, const struct keychain *b)
{
	if (a->type != b->type || a->n_keys != b->n_keys)
		return false;
	for (size_t k = 0; k < a->n_keys; k++)
		if (!key_equal(&a->keys[k], &b->keys[k]))
			return false;
	return true;
}

size_t keychain_place(const struct keychain *a, uint8_t id)
{
	size_t k = 0;

	while (k < a->n_keys && a->keys[k].id != id)
		k++;
	return k;
}

bool keychain_lifetime_has(const struct keychain_lifetime *l, int64_t wall_s)
{
	if (l->from_s == 0 && l->until_s == 0)
		return true;
	return wall_s != 0 && wall_s >= l->from_s && (l->until_s == 0 || wall_s < l->until_s);
}

int64_t keychain_wall_s(struct instant now, struct duration wall)
{
	return (now.ns + wall.ns) / DURATION_S(1).ns;
}

static void boundary(struct instant now, struct duration wall, int64_t at_s, struct instant *due)
{
	struct instant at = { at_s * DURATION_S(1).ns - wall.ns };

	if (at_s != 0 && instant_before(now, at))
		*due = instant_min(*due, at);
}

struct instant keychain_next_change(const struct keychain *a, struct instant now,
				    struct duration wall)
{
	struct instant due = INSTANT_NEVER;

	for (size_t k = 0; k < a->n_keys; k++) {
		boundary(now, wall, a->keys[k].send.from_s, &due);
		boundary(now, wall, a->keys[k].send.until_s, &due);
	}
	return due;
}

uint8_t keychain_choose(const struct keychain *a, uint32_t places, int64_t wall_s)
{
	uint8_t best = KEYCHAIN_KEYS_MAX;

	for (uint8_t k = 0; k < a->n_keys; k++) {
		if (!(places >> k & 1) || !keychain_lifetime_has(&a->keys[k].send, wall_s))
			continue;
		if (best == KEYCHAIN_KEYS_MAX ||
		    a->keys[k].send.from_s >= a->keys[best].send.from_s)
			best = k;
	}
	return best;
}

/*
 * It is the time, so that neither a restart nor a boot goes back, and none runs ahead of it; while
 * the clock is behind or unknown it goes on by one a second, because an old number is believed by
 * nobody who thinks as we do.
 */
uint32_t keychain_count(struct keychain_counter *c, struct instant now, int64_t wall_s)
{
	uint32_t s = wall_s > UINT32_MAX ? UINT32_MAX : wall_s > 0 ? (uint32_t)wall_s : 0;
	uint32_t last = (uint32_t)(c->last >> 32);

	if (last >= s && last < UINT32_MAX &&
	    instant_reached(instant_add(c->at, DURATION_S(1)), now))
		s = last + 1;
	if (last == 0 && s == 0)
		s = 1;
	if (s > last) {
		c->last = (uint64_t)s << 32;
		c->at = now;
	}
	return (uint32_t)(c->last >> 32);
}

uint64_t keychain_count_each(struct keychain_counter *c, struct instant now, int64_t wall_s)
{
	(void)keychain_count(c, now, wall_s);
	if (c->last < UINT64_MAX)
		c->last++;
	return c->last;
}

void keychain_resume(struct keychain_counter *c, uint64_t number)
{
	uint64_t last = number > UINT32_MAX ? number : number << 32;

	if (last > c->last)
		c->last = last;
}

uint64_t keychain_written(uint64_t written, uint64_t number)
{
	bool wide = written > UINT32_MAX || number > UINT32_MAX;

	if (number == 0 || number == written)
		return written;
	if (number <= UINT32_MAX && wide)
		number <<= 32;
	if (wide)
		number |= UINT32_MAX;
	return number > written ? number : written;
}

const struct secret *keyring_find(const struct keyring *k, uint8_t id)
{
	for (size_t i = 0; i < k->n; i++)
		if (k->secrets[i].id == id)
			return &k->secrets[i];
	return NULL;
}

static struct sequence_heard *sequence_find(struct sequences *s, const struct address *a,
					    uint8_t key)
{
	for (size_t k = 0; k < s->n; k++)
		if (s->all[k].is.key == key && address_equal(&s->all[k].is.neighbor, a))
			return &s->all[k];
	return NULL;
}

const struct sequence_heard *sequences_find(const struct sequences *s, const struct address *a,
					    uint8_t key)
{
	return sequence_find((struct sequences *)s, a, key);
}

/* A place for another one, if need be that of whoever was silent for the longest. */
static struct sequence_heard *sequence_make(struct sequences *s, const struct keychain_sequence *is)
{
	struct sequence_heard *m = &s->all[0];

	if (s->n < SEQUENCES_MAX) {
		m = &s->all[s->n++];
	} else {
		for (size_t k = 1; k < s->n; k++)
			if (instant_before(s->all[k].heard, m->heard))
				m = &s->all[k];
	}
	*m = (struct sequence_heard){ .is = *is };
	return m;
}

static bool sequence_tell(struct sequence_heard *m, struct instant now)
{
	m->paced = instant_add(instant_max(m->paced, now), SEQUENCE_TELL);
	m->owed = false;
	return true;
}

bool sequences_note(struct sequences *s, struct instant now, const struct keychain_sequence *is)
{
	struct sequence_heard *m = sequence_find(s, &is->neighbor, is->key);
	bool fresh = !m;
	struct instant gate;

	if (!m)
		m = sequence_make(s, is);
	m->heard = now;
	if (!fresh && m->is.number == is->number)
		return false;
	m->is.number = is->number;
	gate.ns = m->paced.ns - SEQUENCE_TELL.ns * SEQUENCE_TELL_BURST;
	if (instant_reached(gate, now))
		return sequence_tell(m, now);
	m->owed = true;
	return false;
}

bool sequences_owed(struct sequences *s, struct instant now, const struct address *a,
		    struct keychain_sequence *ret)
{
	for (size_t k = 0; k < s->n; k++) {
		if (!s->all[k].owed || !address_equal(&s->all[k].is.neighbor, a))
			continue;
		*ret = s->all[k].is;
		return sequence_tell(&s->all[k], now);
	}
	return false;
}

void sequences_resume(struct sequences *s, struct instant now, const struct keychain_sequence *is)
{
	struct sequence_heard *m = sequence_find(s, &is->neighbor, is->key);

	if (!m)
		m = sequence_make(s, is);
	m->is.number = is->number;
	m->heard = now;
	m->owed = false;
}

bool sequences_next(const struct sequences *s, size_t *position, struct keychain_sequence *ret)
{
	if (*position >= s->n)
		return false;
	*ret = s->all[(*position)++].is;
	return true;
}
