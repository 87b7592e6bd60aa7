/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reconciler: looks at dirty slots and makes an effect where the columns differ, never more
 * than one on its way for a slot. There is no other path to the kernel, so start, reload, repair
 * and retry are the same code.
 */
#include <errno.h>
#include <stdlib.h>

#include "node/kernel/slot.h"
#include "node/vip/vip.h"

#define SLOT_RETRY_MS 1000
#define SLOT_RETRY_MAX_MS 60000

uint32_t pending_put(struct node *n, struct slot *s)
{
	if (n->kernel->pending_start + n->kernel->n_pending == n->kernel->pending_capacity) {
		size_t capacity =
			n->kernel->pending_capacity ? n->kernel->pending_capacity * 2 : 64;
		struct slot **pending;

		if (n->kernel->pending_start > n->kernel->pending_capacity / 2) {
			for (size_t i = 0; i < n->kernel->n_pending; i++)
				n->kernel->pending[i] =
					n->kernel->pending[n->kernel->pending_start + i];
			n->kernel->pending_start = 0;
		} else {
			pending = reallocarray(n->kernel->pending, capacity, sizeof(struct slot *));
			if (!pending)
				return 0;
			n->kernel->pending = pending;
			n->kernel->pending_capacity = capacity;
		}
	}
	if (n->kernel->n_pending == 0)
		n->kernel->first_pending = n->next_id;
	n->kernel->pending[n->kernel->pending_start + n->kernel->n_pending++] = s;
	return n->next_id++;
}

void pending_move(struct node *n, const struct slot *from, struct slot *to)
{
	for (size_t i = 0; i < n->kernel->n_pending; i++)
		if (n->kernel->pending[n->kernel->pending_start + i] == from)
			n->kernel->pending[n->kernel->pending_start + i] = to;
}

/* Takes the slot of an effect out of those that are on their way. */
static struct slot *pending_take(struct node *n, uint32_t id)
{
	size_t i = id - n->kernel->first_pending;
	struct slot *s;

	if (i >= n->kernel->n_pending)
		return NULL;
	s = n->kernel->pending[n->kernel->pending_start + i];
	n->kernel->pending[n->kernel->pending_start + i] = NULL;
	while (n->kernel->n_pending > 0 && !n->kernel->pending[n->kernel->pending_start]) {
		n->kernel->pending_start++;
		n->kernel->n_pending--;
		n->kernel->first_pending++;
	}
	if (n->kernel->n_pending == 0 && n->kernel->pending_capacity > 1024) {
		free(n->kernel->pending);
		n->kernel->pending = NULL;
		n->kernel->pending_capacity = 0;
	}
	if (n->kernel->n_pending == 0)
		n->kernel->pending_start = 0;
	return s;
}

static void slot_note_failure(struct node *n, struct slot *s, const char *text)
{
	struct object o = slot_object(s);

	if (address_is_set(&o.address))
		node_note(n, EVENT_NOTE, slot_board_name(s), "%s %s/%u: %s", slot_noun(s),
			  ADDRESS_TEXT(&o.address), o.length, text);
	else
		node_note(n, EVENT_NOTE, NULL, "%s: %s", slot_noun(s), text);
}

/* What waits in the table of ARP silence. */
static bool slot_is_in_table(const struct slot *s)
{
	return s->hushing || s->kind == OBJECT_SILENCE || s->kind == OBJECT_ARP_SENDER;
}

static void slot_failed(struct node *n, struct slot *s, int error, const char *text)
{
	struct duration delay = DURATION_MS(SLOT_RETRY_MS << (s->failures < 6 ? s->failures : 6));

	if (delay.ns > DURATION_MS(SLOT_RETRY_MAX_MS).ns)
		delay = DURATION_MS(SLOT_RETRY_MAX_MS);
	if (s->failures < UINT8_MAX)
		s->failures++;
	(void)timer_set(&n->timers, &s->retry, instant_add(n->now, delay));
	/* The board, or the table, went in the meantime. It is made again, then all that belongs
	 * there. */
	if ((error == -ENODEV && !slot_is_learned(s)) || (error == -ENOENT && slot_is_in_table(s)))
		return;
	if (s->in_binding && s->wanted)
		binding_refused(n, slot_binding(s), text);
	else if (!slot_is_learned(s) || !learned_refused(n, s, error, text))
		slot_note_failure(n, s, text);
	if (s->kind == OBJECT_ARP_TABLE && s->wanted)
		slot_refuse_silent(n, text);
}

void slot_done(struct node *n, uint32_t id, int error, const char *text)
{
	struct slot *s = pending_take(n, id);

	if (!s) {
		list_each(link, &n->kernel->boards) {
			struct board *b = container_of(link, struct board, link);

			if (b->pending == id) {
				board_done(n, b, error, text);
				return;
			}
		}
		return;
	}
	s->pending = 0;
	if (error != 0) {
		slot_failed(n, s, error, text[0] ? text : "the kernel refuses it");
		s->hushing = false;
		return;
	}
	s->failures = 0;
	slot_dirty(n, s);
	if (s->hushing) {
		s->hushing = false;
		s->silenced = !s->removing && n->kernel->arp_table;
		return;
	}
	/* Where what it stands on has gone in the meantime, nothing is present any more. */
	slot_set_present(n, s,
			 !s->removing && (!slot_board(s) || slot_board(s)->index != 0) &&
				 (!slot_is_in_table(s) || n->kernel->arp_table));
	if (slot_is_learned(s))
		learned_done(n, s);
}

static void slot_effect(struct node *n, struct slot *s, bool hushing, bool remove)
{
	struct effect e;

	/* Not cleared: an effect is large, and there may be ten thousand of these at once. */
	e.kind = remove ? EFFECT_OBJECT_REMOVE : EFFECT_OBJECT_ADD;
	s->pending = pending_put(n, s);
	if (s->pending == 0)
		return;
	s->removing = remove;
	s->hushing = hushing;
	if (s->kind == OBJECT_ARP_TABLE && remove)
		silence_table(n, false);
	e.id = s->pending;
	e.object = slot_object(s);
	if (hushing) {
		e.object.kind = OBJECT_SILENCE;
		e.object.interface = 0;
	}
	if (slot_is_learned(s)) {
		e.object.replace = s->present;
		learned_sending(s);
	}
	node_effect_put(n, &e);
}

/* The table was to be removed, and the kernel refused: nothing is known of what it holds. */
static bool slot_is_emptied(const struct node *n, const struct slot *s)
{
	return s->kind == OBJECT_ARP_TABLE && !n->kernel->arp_table;
}

/* It is there, and is to stay there, but not as it is. */
static bool slot_is_altered(const struct node *n, struct slot *s)
{
	return slot_is_emptied(n, s) || (slot_is_learned(s) && learned_differs(s));
}

/*
 * Compares the two columns, and acts on a difference: silence, object; object, silence. What was a
 * source just now stays a moment: source.c marks it dirty when that is over. The slot may be gone
 * after this.
 */
static void slot_look(struct node *n, struct slot *s)
{
	struct binding *b = slot_binding(s);

	if (s->pending || timer_running(&s->retry))
		return;
	if (s->wanted && s->silent && !s->silenced) {
		if (n->kernel->arp_table)
			slot_effect(n, s, true, false);
	} else if (s->wanted && (!s->present || slot_is_altered(n, s))) {
		if (slot_has_ground(n, s))
			slot_effect(n, s, false, false);
	} else if (!s->wanted && s->present) {
		if ((b && source_keeps(n, b)) || (slot_is_learned(s) && learned_keeps(n, s)))
			return;
		/* The network that it belongs to may be announced in a moment. */
		if (n->ready || n->stopping || s->kind != OBJECT_UNREACHABLE)
			slot_effect(n, s, false, true);
	} else if (s->silenced && (!s->wanted || !s->silent)) {
		slot_effect(n, s, true, true);
	} else if (s->wanted) {
		/* As long as its board is fought for, and down, so is all that is on it. */
		if (b && slot_has_ground(n, s))
			binding_held(n, b);
	} else {
		slot_close(n, s);
		if (b)
			binding_removed(n, b);
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
