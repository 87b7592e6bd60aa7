/* SPDX-License-Identifier: Apache-2.0 */
/* What a person asks for: bind, unbind, stop. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/command.h"
#include "node/save.h"
#include "node/vip/vip.h"

static void board_add(struct node *n, uint32_t request, const char *name)
{
	struct board *b = board_find(n, name);
	char sentence[NODE_SENTENCE_MAX];

	if (b && board_wanted(b) && b->index && b->up) {
		snprintf(sentence, sizeof(sentence), "there is a board %s already", name);
		request_reply(n, request, REPLY_REFUSED, sentence);
		return;
	}
	list_each_entry(struct link, l, &n->routing->links, link) {
		if (strcmp(l->interface.name, name) == 0 && l->interface.kind != INTERFACE_BOARD) {
			snprintf(sentence, sizeof(sentence),
				 "%s is an interface that is not a virtual board", name);
			request_reply(n, request, REPLY_REFUSED, sentence);
			return;
		}
	}
	b = board_get(n, name);
	if (!b || b->request) {
		request_reply(n, request, REPLY_REFUSED,
			      b ? "another command waits for this board"
				: "there are too many boards");
		return;
	}
	/* Who asks for it by hand does not mean to wait. */
	timer_stop(&n->timers, &b->trouble.retry);
	b->commanded = true;
	b->doomed = false;
	b->request = request;
	save_board(n, name, true);
	n->kernel->boards_dirty = true;
	request_wait(n, request);
}

static void board_remove(struct node *n, uint32_t request, const char *name)
{
	struct board *b = board_find(n, name);
	char sentence[NODE_SENTENCE_MAX];

	if (!b || b->request) {
		snprintf(sentence, sizeof(sentence), "there is no board %s", name);
		request_reply(n, request, b ? REPLY_REFUSED : REPLY_NOT_FOUND,
			      b ? "another command waits for this board" : sentence);
		return;
	}
	if (b->commanded)
		save_board(n, name, false);
	b->commanded = false;
	b->doomed = true;
	b->request = request;
	request_wait(n, request);
	n->kernel->boards_dirty = true;
	/* PRODUCT row 1: all VIPs of a board go with it, and they go in order. */
	list_each_entry_safe(struct binding, each, &n->vips->bindings, link)
		if (each->board == b)
			binding_leave(n, each, false);
}

void command_board(struct node *n, const struct input *in)
{
	if (!interface_name_is_valid(in->board.name))
		request_reply(
			n, in->request, REPLY_REFUSED,
			"a board needs a name of 1 to 15 letters without space, slash or colon");
	else if (n->stopping)
		request_reply(n, in->request, REPLY_REFUSED, "vipd is stopping");
	else if (in->board.remove)
		board_remove(n, in->request, in->board.name);
	else
		board_add(n, in->request, in->board.name);
}

/*
 * All or nothing: makes records of the VIPs, or none and says why. The kernel is not touched yet.
 */
static bool bind_prepare(struct node *n, const struct staging *s, struct binding **made,
			 char *sentence, size_t size)
{
	size_t i;

	hash_reserve(&n->vips->by_address, n->vips->n_bindings + s->n_vips);
	if (s->n_vips > 0)
		speakers_reserve(n, (enum family)s->vips[0].address.family,
				 n->vips->n_bindings + s->n_vips);
	for (i = 0; i < s->n_vips; i++) {
		const struct vip_settings *v = &s->vips[i];
		struct binding *b = binding_find(n, &v->address);

		if (policy_check(n, v, sentence, size) < 0)
			break;
		if (b && !b->leaving && !b->doomed) {
			snprintf(sentence, size, "%s is bound already, on %s",
				 ADDRESS_TEXT(&v->address), b->board->name);
			break;
		}
		if (n->vips->n_bindings >= NODE_VIPS_MAX) {
			snprintf(sentence, size, "%u VIPs are bound, which is the limit",
				 NODE_VIPS_MAX);
			break;
		}
		made[i] = b ? NULL : binding_new(n, v, s->n_vips);
		if (!b && !made[i]) {
			snprintf(sentence, size, "no memory");
			break;
		}
	}
	if (i == s->n_vips)
		return true;
	while (i-- > 0)
		if (made[i])
			binding_free(n, made[i]);
	return false;
}

/* Somebody has put it on another interface too, lo for example: it stays there without us. */
static void bind_note(struct node *n, uint32_t request, const struct binding *b)
{
	const struct link *l = link_with_address(n, &b->address);
	char note[NODE_SENTENCE_MAX];

	if (!l)
		return;
	snprintf(note, sizeof(note),
		 "%s is on %s too: it stays there when the VIP is unbound or withdrawn",
		 ADDRESS_TEXT(&b->address), l->interface.name);
	request_note(n, request, note);
}

static void bind_start(struct node *n, uint32_t request, const struct staging *s,
		       struct binding **made)
{
	for (size_t i = 0; i < s->n_vips; i++) {
		struct binding *b = made[i];

		/*
		 * It is on its way out: it comes back at once, or is bound anew when it has gone.
		 */
		if (!b) {
			b = binding_find(n, &s->vips[i].address);
			b->doomed = false;
			if (!binding_revive(n, b, &s->vips[i]))
				binding_change(n, b, &s->vips[i]);
			save_vip(n, b);
			binding_await(n, b, request);
			request_brings(n, request, &b->brought);
			continue;
		}
		b->configured = unbound_remove(n, &b->address);
		save_vip(n, b);
		binding_await(n, b, request);
		request_brings(n, request, &b->brought);
		bind_note(n, request, b);
		binding_start_allowed(n, b);
	}
}

void command_bind(struct node *n, const struct input *in)
{
	char sentence[NODE_SENTENCE_MAX] = "too many VIPs in one request";
	struct staging *s = n->staging;
	struct binding **made = NULL;

	staging_begin(n, in->request);
	if (staging_add_vip(s, &in->bind) < 0)
		s->overflow = true;
	if (in->more)
		return;
	if (n->stopping) {
		request_reply(n, in->request, REPLY_REFUSED, "vipd is stopping");
	} else if (s->overflow || !(made = calloc(s->n_vips, sizeof(struct binding *)))) {
		request_reply(n, in->request, REPLY_REFUSED, sentence);
	} else if (bind_prepare(n, s, made, sentence, sizeof(sentence))) {
		bind_start(n, in->request, s, made);
	} else {
		request_reply(n, in->request, REPLY_REFUSED, sentence);
	}
	free(made);
	staging_clear(s);
}

/*
 * A bind that cannot have all has none. Who asked hears so when they have gone, so that he finds
 * what he was told.
 */
static void command_undo(struct node *n, struct request *r)
{
	r->refused = false;
	list_each_entry_safe(struct binding, b, &r->brought, brought) {
		list_remove(&b->brought);
		b->by_hand = true;
		binding_forget_successor(b);
		binding_await(n, b, r->id);
		binding_leave(n, b, true);
	}
}

void command_undo_all(struct node *n)
{
	list_each_entry(struct request, r, &n->requests, link)
		if (r->waiting == 0 && r->refused)
			command_undo(n, r);
}

void command_unbind(struct node *n, const struct input *in)
{
	struct binding *b = binding_find(n, &in->unbind.address);
	char sentence[NODE_SENTENCE_MAX];

	if (!b) {
		snprintf(sentence, sizeof(sentence), "%s is not bound",
			 ADDRESS_TEXT(&in->unbind.address));
		request_reply(n, in->request, REPLY_NOT_FOUND, sentence);
		return;
	}
	binding_forget_successor(b);
	b->by_hand = true;
	binding_await(n, b, in->request);
	binding_leave(n, b, in->unbind.now);
}

void command_drain(struct node *n, const struct input *in)
{
	struct binding *b = binding_find(n, &in->drain.address);
	char sentence[NODE_SENTENCE_MAX];

	if (!b || b->leaving) {
		snprintf(sentence, sizeof(sentence), "%s is not bound",
			 ADDRESS_TEXT(&in->drain.address));
		request_reply(n, in->request, REPLY_NOT_FOUND, sentence);
	} else if (n->stopping) {
		request_reply(n, in->request, REPLY_REFUSED, "vipd is stopping");
	} else if (in->drain.on && drain_begin(n, b, in->drain.time) < 0) {
		request_reply(n, in->request, REPLY_FAILED, "no memory");
	} else {
		if (!in->drain.on && drain_is_on(b))
			drain_end(n, b);
		request_reply(n, in->request, REPLY_OK, NULL);
	}
}

void command_purge(struct node *n, uint32_t request)
{
	if (n->stopping) {
		request_reply(n, request, REPLY_REFUSED, "vipd is stopping");
		return;
	}
	node_note(n, EVENT_NOTE, NULL, "purge: unbinds every VIP and removes every board");
	/* The request waits for itself as well, or it would be answered before the first has gone.
	 */
	request_wait(n, request);
	list_each_entry(struct board, b, &n->kernel->boards, link) {
		if (b->commanded)
			save_board(n, b->name, false);
		b->doomed = true;
		b->commanded = false;
	}
	n->kernel->boards_dirty = true;
	list_each_entry_safe(struct binding, b, &n->vips->bindings, link) {
		b->by_hand = true;
		binding_forget_successor(b);
		binding_await(n, b, request);
		binding_leave(n, b, false);
	}
	request_settle(n, request, NULL);
}

static void stop_hand_over(struct node *n)
{
	struct effect e = { .kind = EFFECT_STOPPED };

	node_note(n, EVENT_NOTE, NULL, "hands over: everything stays as it is");
	binding_edges_flush(n);
	n->stopped = true;
	node_effect_put(n, &e);
}

void command_stop(struct node *n, bool hand_over)
{
	if (n->stopping)
		return;
	if (hand_over && n->saving.broken)
		save_again(n);
	n->stopping = true;
	if (hand_over) {
		stop_hand_over(n);
		return;
	}
	save_put(n, &(struct saved){ .kind = SAVED_STOPPING });
	node_note(n, EVENT_NOTE, NULL, "stopping: withdraws and unbinds everything");
	list_each(link, &n->kernel->boards)
		container_of(link, struct board, link)->doomed = true;
	n->kernel->boards_dirty = true;
	learned_stop(n);
	slot_look_at_all(n);
	list_each_entry_safe(struct binding, b, &n->vips->bindings, link) {
		b->bulk |= n->vips->n_bindings > 32;
		binding_leave(n, b, false);
	}
}
