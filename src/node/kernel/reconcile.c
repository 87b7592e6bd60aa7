/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reconciler: looks at dirty slots, and at boards, and makes an effect where the columns
 * differ, never more than one on its way for each. There is no other path to the kernel, so start,
 * reload, repair and retry are the same code.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "node/kernel/slot.h"

/* The number of the next effect, which is about the slot, or about a board; 0: no memory. */
static uint32_t pending_put(struct node *n, struct slot *s)
{
	struct kernel *k = n->kernel;

	if (k->pending_start > k->pending_capacity / 2) {
		memmove(k->pending, k->pending + k->pending_start,
			k->n_pending * sizeof(struct slot *));
		k->pending_start = 0;
	} else if (k->pending_start + k->n_pending == k->pending_capacity) {
		size_t capacity = k->pending_capacity ? k->pending_capacity * 2 : 64;
		struct slot **grown = reallocarray(k->pending, capacity, sizeof(struct slot *));

		if (!grown)
			return 0;
		k->pending = grown;
		k->pending_capacity = capacity;
	}
	if (k->n_pending == 0)
		k->first_pending = n->next_id;
	k->pending[k->pending_start + k->n_pending++] = s;
	return n->next_id++;
}

void pending_move(struct node *n, const struct slot *from, struct slot *to)
{
	const struct kernel *k = n->kernel;

	for (size_t i = k->pending_start; i < k->pending_start + k->n_pending; i++)
		if (k->pending[i] == from)
			k->pending[i] = to;
}

/* Takes the slot of an effect out of those that are on their way. */
static struct slot *pending_take(struct node *n, uint32_t id)
{
	struct kernel *k = n->kernel;
	size_t i = id - k->first_pending;
	struct slot *s;

	if (i >= k->n_pending)
		return NULL;
	s = k->pending[k->pending_start + i];
	k->pending[k->pending_start + i] = NULL;
	for (; k->n_pending > 0 && !k->pending[k->pending_start]; k->n_pending--) {
		k->pending_start++;
		k->first_pending++;
	}
	if (k->n_pending == 0)
		k->pending_start = 0;
	if (k->n_pending == 0 && k->pending_capacity > 1024) {
		free(k->pending);
		k->pending = NULL;
		k->pending_capacity = 0;
	}
	return s;
}

static void slot_note_failure(struct node *n, struct slot *s, const char *text)
{
	struct object o = slot_owner(n, s)->object(s);

	if (address_is_set(&o.address))
		node_note(n, EVENT_NOTE, slot_board_name(n, s), "%s %s/%u: %s", slot_noun(s),
			  ADDRESS_TEXT(&o.address), o.length, text);
	else
		node_note(n, EVENT_NOTE, NULL, "%s: %s", slot_noun(s), text);
}

/* The board, or the table, went in the meantime. It is made again, then all that belongs there. */
static bool slot_ground_went(const struct slot *s, int error)
{
	if (s->kind == OBJECT_SILENCE || s->kind == OBJECT_ARP_SENDER)
		return error == -ENOENT || error == -ENODEV;
	return error == -ENODEV && s->owner != SLOT_OF_LEARNED;
}

static void slot_failed(struct node *n, struct slot *s, int error, const char *text)
{
	struct trouble *t = slot_trouble(n, s);

	if (t)
		(void)timer_set(&n->timers, &t->retry, instant_add(n->now, trouble_failed(t)));
	if (slot_ground_went(s, error))
		return;
	if (!slot_refuse(n, s, error, text))
		slot_note_failure(n, s, text);
	if (s->kind == OBJECT_ARP_TABLE && s->wanted)
		slot_refuse_silent(n, text);
}

static void board_outcome(struct node *n, uint32_t id, int error, const char *text)
{
	list_each_entry(struct board, b, &n->kernel->boards, link) {
		if (b->pending != id)
			continue;
		board_done(n, b, error, text);
		return;
	}
}

void slot_done(struct node *n, uint32_t id, int error, const char *text)
{
	struct slot *s = pending_take(n, id);
	struct board *board;

	if (!s) {
		board_outcome(n, id, error, text);
		return;
	}
	s->pending = 0;
	if (error != 0) {
		slot_failed(n, s, error, text[0] ? text : "the kernel refuses it");
		return;
	}
	slot_has_not_failed(n, s);
	slot_dirty(n, s);
	board = slot_board(n, s);
	/* Where what it stands on has gone in the meantime, nothing is present any more. */
	slot_set_present(n, s,
			 !s->removing && (!board || board->index != 0) &&
				 ((s->kind != OBJECT_SILENCE && s->kind != OBJECT_ARP_SENDER) ||
				  n->kernel->arp_table));
	if (slot_owner(n, s)->done)
		slot_owner(n, s)->done(n, s);
}

static void slot_effect(struct node *n, struct slot *s, bool remove)
{
	const struct slot_owner *owner = slot_owner(n, s);
	struct effect e;

	/* Not cleared: an effect is large, and there may be ten thousand of these at once. */
	e.kind = remove ? EFFECT_OBJECT_REMOVE : EFFECT_OBJECT_ADD;
	s->pending = pending_put(n, s);
	if (s->pending == 0)
		return;
	s->removing = remove;
	if (s->kind == OBJECT_ARP_TABLE && remove)
		silence_table(n, false);
	e.id = s->pending;
	e.object = owner->object(s);
	e.object.replace = s->owner == SLOT_OF_LEARNED && s->present;
	if (owner->sending)
		owner->sending(s);
	node_effect_put(n, &e);
}

/* It is there, and is to stay there, but not as it is; or nobody knows what the table holds. */
static bool slot_is_altered(const struct node *n, struct slot *s)
{
	return (s->kind == OBJECT_ARP_TABLE && !n->kernel->arp_table) || slot_differs(n, s);
}

/*
 * Compares the two columns, and acts on a difference. What the owner keeps stays a moment: he marks
 * it dirty when that is over. The slot may be gone after this.
 */
static void slot_look(struct node *n, struct slot *s)
{
	const struct slot_owner *owner = slot_owner(n, s);

	if (s->pending || slot_waits(n, s))
		return;
	if (s->wanted && (!s->present || slot_is_altered(n, s))) {
		if (slot_has_ground(n, s))
			slot_effect(n, s, false);
	} else if (!s->wanted && s->present) {
		if (!owner->keeps || !owner->keeps(n, s))
			slot_effect(n, s, true);
	} else if (s->wanted) {
		/* As long as its board is fought for, and down, so is all that is on it. */
		if (owner->held && slot_has_ground(n, s))
			owner->held(n, s);
	} else {
		slot_close(n, s);
		if (owner->gone)
			owner->gone(n, s);
	}
}

void slot_reconcile(struct node *n)
{
	while (!list_empty(&n->kernel->dirty)) {
		struct slot *s = container_of(n->kernel->dirty.next, struct slot, dirty);

		list_remove(&s->dirty);
		slot_look(n, s);
	}
}

static void board_effect(struct node *n, struct board *b, enum effect_kind kind)
{
	struct effect e = { .kind = (uint8_t)kind };

	b->pending = pending_put(n, NULL);
	if (b->pending == 0)
		return;
	e.id = b->pending;
	text_copy(e.board.name, sizeof(e.board.name), b->name);
	e.board.index = b->index;
	node_effect_put(n, &e);
}

static void board_look(struct node *n, struct board *b)
{
	bool wanted = board_wanted(b);

	if (b->pending)
		return;
	/* What failed is not tried again before its time; where there is nothing to try, nothing
	 * waits. */
	if (timer_running(&b->trouble.retry) && wanted)
		n->kernel->owners[SLOT_OF_VIP]->board_refused(n, b, true);
	else if (timer_running(&b->trouble.retry) && b->index != 0)
		return;
	else if (wanted && b->index == 0)
		board_effect(n, b, EFFECT_BOARD_ADD);
	else if (wanted && !b->up)
		board_effect(n, b, EFFECT_BOARD_UP);
	else if (!wanted && b->index != 0)
		board_effect(n, b, EFFECT_BOARD_REMOVE);
	else if (!wanted && b->slots == 0)
		board_free(n, b);
}

void board_reconcile(struct node *n)
{
	if (!n->kernel->boards_dirty)
		return;
	n->kernel->boards_dirty = false;
	list_each_safe(link, &n->kernel->boards)
		board_look(n, container_of(link, struct board, link));
}
