/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Slots behind which no VIP and no learned route stands: what was found in the kernel with our
 * mark, the unreachable routes of networks, and what belongs to ARP silence as a whole.
 */
#include <stdlib.h>

#include "node/kernel/slot.h"

static struct stray *stray_of(struct slot *s)
{
	return container_of(s, struct stray, slot);
}

static uint32_t stray_hash(const struct node *n, const struct board *board, const struct object *o)
{
	/*
	 * By number, not by pointer: the order of a walk must be the same whenever a trace is
	 * replayed.
	 */
	uint64_t seed = n->kernel->by_object.seed;
	uint32_t key[3] = { board ? board->serial : 0, (uint32_t)o->kind << 8 | o->length,
			    address_hash(seed, &o->address) };

	return hash_keyed(seed, key, sizeof(key));
}

/* Of the senders there are few: the interface need not be part of the hash. */
struct slot *stray_find(const struct node *n, const struct board *board, uint32_t interface,
			const struct object *o)
{
	uint32_t hash;

	/* With very many VIPs there are none, most of the time. */
	if (n->kernel->n_strays[o->kind] == 0)
		return NULL;
	hash = stray_hash(n, board, o);
	for (struct hash_node *h = hash_first(&n->kernel->by_object, hash); h;
	     h = hash_next(h, hash)) {
		struct stray *s = container_of(h, struct stray, by_object);

		if (s->board == board && s->interface == interface && s->slot.kind == o->kind &&
		    s->length == o->length && address_equal(&s->address, &o->address))
			return &s->slot;
	}
	return NULL;
}

struct slot *stray_make(struct node *n, struct board *board, uint32_t interface,
			const struct object *o)
{
	struct stray *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	slot_begin(&s->slot, SLOT_OF_STRAY, o->kind);
	s->board = board;
	s->interface = interface;
	s->address = o->address;
	s->length = o->length;
	if (hash_insert(&n->kernel->by_object, &s->by_object, stray_hash(n, board, o)) < 0) {
		free(s);
		return NULL;
	}
	n->kernel->n_strays[o->kind]++;
	if (board)
		board->slots++;
	return &s->slot;
}

static struct object stray_object(struct slot *slot)
{
	const struct stray *s = stray_of(slot);

	return (struct object){ .kind = slot->kind,
				.address = s->address,
				.length = s->length,
				.interface = s->board ? s->board->index : s->interface };
}

static struct board *stray_board(struct slot *s)
{
	return stray_of(s)->board;
}

static void stray_each(struct node *n, const struct board *board, slot_visit *visit)
{
	for (struct hash_node *h = hash_walk(&n->kernel->by_object, NULL); h;
	     h = hash_walk(&n->kernel->by_object, h))
		visit(n, &container_of(h, struct stray, by_object)->slot, board);
}

/* The network that an unreachable route belongs to may be announced in a moment. */
static bool stray_keeps(const struct node *n, struct slot *s)
{
	return s->kind == OBJECT_UNREACHABLE && !n->ready && !n->stopping;
}

static void stray_changed(struct node *n, struct slot *s)
{
	if (s->kind == OBJECT_ARP_TABLE)
		silence_table(n, s->present);
}

static void stray_closed(struct node *n, struct slot *s, uint8_t kind)
{
	n->kernel->n_strays[kind]--;
	hash_remove(&n->kernel->by_object, &stray_of(s)->by_object);
	free(stray_of(s));
}

void stray_free_all(struct node *n)
{
	struct hash_node *h;

	while ((h = hash_walk(&n->kernel->by_object, NULL))) {
		struct slot *s = &container_of(h, struct stray, by_object)->slot;

		s->pending = 0;
		slot_close(n, s);
	}
}

const struct slot_owner stray_slots = {
	.object = stray_object,
	.board = stray_board,
	.each = stray_each,
	.keeps = stray_keeps,
	.changed = stray_changed,
	.closed = stray_closed,
};
