/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What outlives the node: it writes down what it is about to do, before it does it, and a later
 * life takes up what it finds written. A VIP is written down when it is accepted, when it changes
 * and when it is to leave, and crossed out when nothing of it is left; so whenever a life is cut
 * short, the kernel never holds a VIP of ours of which nothing is known.
 *
 * Now and then everything is written anew, so that the records do not grow for ever. The same makes
 * good what could not be written: the world takes no record behind one that is missing, but it
 * takes a snapshot, so one is tried time and again, and at once when there is more to write.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "node/save.h"
#include "node/vip/vip.h"

#define SAVE_SLACK 1024 /* records that may be of no use any more, beside as many as there were */

#define SAVE_AGAIN DURATION_S(1)
#define SAVE_PACE DURATION_MS(100)

void save_snapshot(struct node *n)
{
	n->n_records = 0;
	save_put(n, &(struct saved){ .kind = SAVED_BEGIN });
	speakers_save(n);
	list_each_entry(const struct board, b, &n->kernel->boards, link)
		if (b->commanded)
			save_board(n, b->name, true);
	farewell_save_all(n);
	unbound_save_all(n);
	source_save_all(n);
	list_each(link, &n->vips->bindings)
		save_vip(n, container_of(link, struct binding, link));
	save_put(n, &(struct saved){ .kind = SAVED_END });
	n->n_whole = n->n_records;
	n->n_records = 0;
	n->saving.due = false;
	n->saving.tried = n->now;
}

void save_again(struct node *n)
{
	if (!n->saving.broken || n->stopping)
		return;
	if (n->synced)
		save_snapshot(n);
	(void)timer_set(&n->timers, &n->saving.again, instant_add(n->now, SAVE_AGAIN));
}

void save_outcome(struct node *n, const struct input *in)
{
	bool was = n->saving.broken;

	n->saving.broken = !in->saving.ready;
	text_copy(n->saving.error, sizeof(n->saving.error), in->saving.error);
	if (n->saving.broken) {
		node_note(n, EVENT_NOTE, NULL,
			  "what happens cannot be written down (%s): if vipd dies it is forgotten; "
			  "tried again until it can",
			  n->saving.error);
		(void)timer_set(&n->timers, &n->saving.again, instant_add(n->now, SAVE_AGAIN));
		return;
	}
	timer_stop(&n->timers, &n->saving.again);
	if (was)
		node_note(n, EVENT_NOTE, NULL, "all is written down again");
}

void save_compact(struct node *n)
{
	if (n->saving.broken && n->saving.due &&
	    instant_reached(instant_add(n->saving.tried, SAVE_PACE), n->now))
		save_again(n);
	if (n->synced && !n->stopping && n->n_records > SAVE_SLACK + n->n_whole)
		save_snapshot(n);
}

static void restore_vip(struct node *n, const struct saved *s)
{
	const struct vip_settings *v = &s->vip.settings;
	struct binding *b = binding_find(n, &v->address);
	char sentence[NODE_SENTENCE_MAX];

	if (vip_settings_check(v, sentence, sizeof(sentence)) < 0)
		return;
	(void)unbound_remove(n, &v->address);
	if (b)
		binding_free(n, b);
	b = n->vips->n_bindings < NODE_VIPS_MAX ? binding_new(n, v, 1) : NULL;
	if (!b)
		return;
	b->configured = s->vip.configured;
	b->inherited = true;
	rival_remember(b, s->vip.spoken);
	drain_restore(n, b, (enum drain_phase)s->vip.drain, s->vip.drain_until);
	b->doomed = s->vip.leaving;
	/* Of very many nobody wants to read one by one that they are as they were. */
	b->bulk = n->vips->n_bindings > 32;
	binding_start(n, b);
}

static void restore_gone(struct node *n, const struct address *a)
{
	struct binding *b = binding_find(n, a);

	if (b)
		binding_free(n, b);
}

static void restore_board(struct node *n, const char *name, bool wanted)
{
	struct board *b = wanted ? board_get(n, name) : board_find(n, name);

	if (b)
		b->commanded = wanted;
}

/* The life before was to end, and did not get to its end: only the configuration comes back. */
static void restore_stopping(struct node *n)
{
	list_each_entry(struct binding, b, &n->vips->bindings, link)
		b->doomed |= !b->configured;
	list_each(link, &n->kernel->boards)
		container_of(link, struct board, link)->commanded = false;
	unbound_forget_all(n);
}

static void restore_unbound(struct node *n, const struct address *a)
{
	struct vip_settings settings;

	vip_settings_default(&settings);
	settings.address = *a;
	settings.length = family_bits(a->family);
	unbound_add(n, &settings, false);
}

void save_restore(struct node *n, const struct saved *s)
{
	/* Once the kernel is known, what is written down is what we write ourselves. */
	if (n->synced || n->stopping)
		return;
	switch ((enum saved_kind)s->kind) {
	case SAVED_VIP:
		restore_vip(n, s);
		break;
	case SAVED_GONE:
		restore_gone(n, &s->address);
		break;
	case SAVED_UNBOUND:
		restore_unbound(n, &s->address);
		break;
	case SAVED_BOARD:
	case SAVED_NO_BOARD:
		restore_board(n, s->board, s->kind == SAVED_BOARD);
		break;
	case SAVED_STOPPING:
		restore_stopping(n);
		speakers_forget_left(n);
		break;
	case SAVED_SOURCE:
		(void)source_switch_set(n, &s->source);
		break;
	case SAVED_SEALED:
		speakers_restore_sealed(n, &s->sealed);
		break;
	case SAVED_SEQUENCE:
		speakers_restore_sequence(n, &s->sequence);
		break;
	case SAVED_IDENTITY:
		n->routing->identity = s->identity;
		break;
	case SAVED_NOTE:
		speakers_restore_note(n, &s->note);
		break;
	case SAVED_BEGIN:
	case SAVED_END:
	case SAVED_SPEAKS:
	case SAVED_SILENT:
	case SAVED_MUTE:
		break;
	case SAVED_FAREWELL:
		speakers_restore_left(n, s->farewell.speaker);
		break;
	}
}
