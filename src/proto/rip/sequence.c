/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sequence numbers: ours never go back, and a packet of a neighbour is good once.
 *
 * RFC 4822 3.2.2 refuses a number that is less than the last one, because packets that leave
 * together may have the same (BIRD gives one to each update, and we give the second). That would
 * let everybody send a packet again until the neighbour's next one, so it is bounded: a number
 * counts for a moment after it was first heard, and within that moment the very same packet counts
 * once.
 *
 * What was the highest of each neighbour and key is remembered when the neighbour is not, over
 * restarts too (RIP_EVENT_SEQUENCE, rip_sequence_heard), until it has been silent for the timeout:
 * then it may begin anew (RFC 4822 3.2.2, "neighbor lost"), as FRR does with zero.
 */
#include <string.h>

#include "proto/rip/instance.h"

/* For how long packets with the same number may follow each other; we use one for a second. */
#define SEQUENCE_MOMENT DURATION_S(2)

/* We repeat a change after so long, at most, without another number when the second is the same. */
#define SEQUENCE_REPEATS DURATION_MS(200)

/*
 * Packets to our two sockets may be read in another order than that in which they were sent. So
 * each socket has its own last number, and may only be so far behind the other's, in that moment.
 */
#define SEQUENCE_SLACK 64

void rip_sequence(struct rip *r, uint32_t next)
{
	keychain_resume(&r->sealed, next);
}

static void sequence_tell(struct rip *r, const struct keychain_sequence *is)
{
	rip_tell(r, &(struct rip_event){
			    .kind = RIP_EVENT_SEQUENCE,
			    .key = is->key,
			    .neighbor = is->neighbor,
			    .sequence = (uint32_t)is->number,
		    });
}

void sequence_settle(struct rip *r, struct instant now, const struct rip_neighbor *n)
{
	struct keychain_sequence is;

	while (sequences_owed(&r->sequences, now, &n->address, &is))
		sequence_tell(r, &is);
}

void rip_sequence_heard(struct rip *r, struct instant now, const struct keychain_sequence *s)
{
	sequences_resume(&r->sequences, now, s);
}

bool rip_sequence_next(const struct rip *r, size_t *position, struct keychain_sequence *ret)
{
	return sequences_next(&r->sequences, position, ret);
}

/* The very same packet, and when it was heard; NULL: it is new, and taken note of. */
static const struct rip_packet_heard *packet_heard(const struct rip *r, struct instant now,
						   struct rip_neighbor *n, const struct packet *d)
{
	const uint64_t key[2] = { r->heard.seed, (uint64_t)d->sequence << 8 | d->key };
	uint64_t hash = hash_sip(key, d->bytes,
				 d->length < sizeof(d->bytes) ? d->length : sizeof(d->bytes));

	for (size_t k = 0; k < RIP_PACKETS_HEARD; k++)
		if (n->packets_heard[k].hash == hash)
			return &n->packets_heard[k];
	n->packets_heard[n->next_packet] = (struct rip_packet_heard){ hash, now };
	n->next_packet = (uint8_t)((n->next_packet + 1) % RIP_PACKETS_HEARD);
	return NULL;
}

/* What is known of the key's numbers: nothing, when the neighbour has been lost. */
static void sequence_begin(struct rip *r, struct instant now, const struct rip_neighbor *n,
			   uint8_t key, struct rip_heard_sequence *s)
{
	const struct sequence_heard *m = sequences_find(&r->sequences, &n->address, key);

	*s = (struct rip_heard_sequence){ .known = true, .key = key };
	if (!m || instant_reached(instant_add(m->heard, r->settings.timeout), now))
		return;
	for (size_t k = 0; k < RIP_SOCKETS; k++)
		s->last[k] = (uint32_t)m->is.number;
	s->spent = true;
}

static bool sequence_is_over(const struct rip_heard_sequence *s, struct instant now, size_t socket)
{
	return s->spent || instant_reached(instant_add(s->first[socket], SEQUENCE_MOMENT), now);
}

static bool sequence_is_good(const struct rip_heard_sequence *s, struct instant now, size_t socket,
			     uint32_t number)
{
	size_t other = RIP_SOCKETS - 1 - socket;

	if (number < s->last[socket] ||
	    (number == s->last[socket] && sequence_is_over(s, now, socket)))
		return false;
	if (number > s->last[other])
		return true;
	return !sequence_is_over(s, now, other) &&
	       (s->last[other] <= SEQUENCE_SLACK || number >= s->last[other] - SEQUENCE_SLACK);
}

enum rip_drop sequence_check(struct rip *r, struct instant now, struct rip_neighbor *n,
			     const struct packet *d, bool *ret_repeats)
{
	const struct keychain *a = &n->interface->settings.auth;
	size_t place = keychain_place(a, d->key), socket = d->socket < RIP_SOCKETS ? d->socket : 0;
	uint32_t number = (uint32_t)d->sequence; /* that has 32 bits on the wire */
	struct keychain_sequence is = { .neighbor = n->address, .key = d->key };
	const struct rip_packet_heard *before;
	struct rip_heard_sequence *s;

	*ret_repeats = false;
	if (a->type < AUTH_MD5 || place >= KEYCHAIN_KEYS_MAX)
		return RIP_DROP_NOTHING;
	s = &n->sequences[place];
	if (!s->known || s->key != d->key || !n->up)
		sequence_begin(r, now, n, d->key, s);
	if (!sequence_is_good(s, now, socket, number))
		return RIP_DROP_AUTH_REPLAY;
	before = packet_heard(r, now, n, d);
	if (before) {
		*ret_repeats = instant_before(now, instant_add(before->at, SEQUENCE_REPEATS));
		return RIP_DROP_AUTH_REPLAY;
	}
	if (number > s->last[socket] || s->first[socket].ns == 0)
		s->first[socket] = now;
	s->last[socket] = number;
	s->spent = false;
	is.number = s->last[0] > s->last[1] ? s->last[0] : s->last[1];
	if (sequences_note(&r->sequences, now, &is))
		sequence_tell(r, &is);
	return RIP_DROP_NOTHING;
}
