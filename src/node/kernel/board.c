/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Virtual boards. A board is wanted while the configuration or a command says so, or while a VIP
 * stands on it; it is found in the kernel by its name and our mark. The reconciler makes one when
 * it is wanted and not there, sets it up when it is down, and removes it when nobody wants it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "node/save.h"
#include "node/vip/vip.h"

#define BOARD_RETRY_MS 1000
#define BOARD_RETRY_MAX_MS 60000

struct board *board_find(const struct node *n, const char *name)
{
	list_each(link, &n->kernel->boards) {
		struct board *b = container_of(link, struct board, link);

		if (strcmp(b->name, name) == 0)
			return b;
	}
	return NULL;
}

struct board *board_by_index(const struct node *n, uint32_t index)
{
	list_each(link, &n->kernel->boards) {
		struct board *b = container_of(link, struct board, link);

		if (b->index == index)
			return b;
	}
	return NULL;
}

struct board *board_get(struct node *n, const char *name)
{
	struct board *b = board_find(n, name);
	size_t count = 0;

	if (b)
		return b;
	list_each(link, &n->kernel->boards)
		count++;
	if (count >= NODE_BOARDS_MAX)
		return NULL;
	b = calloc(1, sizeof(*b));
	if (!b || timers_reserve(&n->timers, n->timers.count + count + 1) < 0) {
		free(b);
		return NULL;
	}
	text_copy(b->name, sizeof(b->name), name);
	b->serial = ++n->next_serial;
	timer_init(&b->retry, NODE_TIMER_BOARD);
	list_append(&n->kernel->boards, &b->link);
	n->kernel->boards_dirty = true;
	return b;
}

bool board_wanted(const struct board *b)
{
	return b->bindings > 0 || ((b->configured || b->commanded) && !b->doomed);
}

static void board_refuse_bindings(struct node *n, struct board *b)
{
	list_each(link, &n->vips->bindings) {
		struct binding *each = container_of(link, struct binding, link);

		if (each->board == b)
			binding_refused(n, each, b->error);
	}
}

/* Who has come since then is told at once as well. */
static void board_refuse_newcomers(struct node *n, struct board *b)
{
	list_each(link, &n->vips->bindings) {
		struct binding *each = container_of(link, struct binding, link);

		if (each->board == b && each->state == VIP_STATE_BOUND)
			binding_refused(n, each, b->error);
	}
}

static void board_settle(struct node *n, struct board *b, const char *failure)
{
	uint32_t request = b->request;

	b->request = 0;
	request_settle(n, request, failure);
}

/* Neither the board nor what stands on it will be there before its time comes. */
static void board_give_up(struct node *n, struct board *b, struct duration pause, const char *text)
{
	if (strcmp(b->error, text) != 0)
		node_note(n, EVENT_BOARD, b->name, "%s", text);
	text_copy(b->error, sizeof(b->error), text);
	(void)timer_set(&n->timers, &b->retry, instant_add(n->now, pause));
	board_refuse_bindings(n, b);
	board_settle(n, b, text);
}

/* Somebody else took it, or set it down. Too often, and it is left to him for a while. */
static void board_was_lost(struct node *n, struct board *b)
{
	char text[NODE_SENTENCE_MAX];
	struct duration pause = fight_lost(&b->fight, n->now, "removes the board or sets it down",
					   text, sizeof(text));

	if (pause.ns != 0)
		board_give_up(n, b, pause, text);
}

static void board_was_set_down(struct node *n, struct board *b)
{
	/* The kernel drops local routes without a word when their device goes down. */
	if (!n->dumping)
		n->resyncing = true;
	if (!board_wanted(b) || !n->synced || n->stopping)
		return;
	n->repairs++;
	node_note(n, EVENT_REPAIR, b->name, "the board was set down; it is set up again");
	board_was_lost(n, b);
}

void board_name_is_free(struct node *n, const char *name)
{
	struct board *b = board_find(n, name);

	if (!b || b->index != 0)
		return;
	timer_stop(&n->timers, &b->retry);
	n->kernel->boards_dirty = true;
}

void board_appeared(struct node *n, const struct interface *i)
{
	struct board *b = board_by_index(n, i->index);
	bool came_up;

	/*
	 * Renamed by hand: to us the board of the old name is gone, and the new one is a stranger
	 * with our mark.
	 */
	if (b && strcmp(b->name, i->name) != 0) {
		board_vanished(n, b);
		b = NULL;
	}
	if (!b)
		b = board_get(n, i->name);
	if (!b)
		return;
	came_up = i->up && (!b->up || b->index != i->index);
	if (b->index == i->index && b->up && !i->up)
		board_was_set_down(n, b);
	b->index = i->index;
	b->up = i->up;
	text_copy(b->backend, sizeof(b->backend), i->backend);
	n->kernel->boards_dirty = true;
	if (!came_up)
		return;
	timer_stop(&n->timers, &b->retry);
	b->failures = 0;
	b->error[0] = '\0';
	slot_board_there(n, b);
	if (!n->dumping && b->bindings > 0)
		n->resyncing = true;
	board_settle(n, b, NULL);
}

void board_vanished(struct node *n, struct board *b)
{
	bool wanted = board_wanted(b), was_up = b->up;

	b->index = 0;
	b->up = false;
	n->kernel->boards_dirty = true;
	/* What failed with the old one need not fail with a new one. A fight goes on. */
	if (b->failures > 0)
		timer_stop(&n->timers, &b->retry);
	slot_board_gone(n, b);
	if (wanted && n->synced && !n->stopping) {
		n->repairs++;
		node_note(n, EVENT_REPAIR, b->name, "the board is gone; it is made again");
		/* Linux sets it down before it removes it: that is one loss. */
		if (was_up)
			board_was_lost(n, b);
	}
	if (!wanted)
		board_settle(n, b, NULL);
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

static void board_failed(struct node *n, struct board *b, const char *text)
{
	struct duration delay = DURATION_MS(BOARD_RETRY_MS << (b->failures < 6 ? b->failures : 6));

	if (delay.ns > DURATION_MS(BOARD_RETRY_MAX_MS).ns)
		delay = DURATION_MS(BOARD_RETRY_MAX_MS);
	if (b->failures < UINT8_MAX)
		b->failures++;
	board_give_up(n, b, delay, text);
}

void board_done(struct node *n, struct board *b, int error, const char *text)
{
	b->pending = 0;
	n->kernel->boards_dirty = true;
	/* It went while the effect was on its way; the kernel is about to say so. */
	if (error == -ENODEV)
		n->resyncing = true;
	else if (error != 0)
		board_failed(n, b, text[0] ? text : "the kernel refuses the board");
}

static void board_look(struct node *n, struct board *b)
{
	bool wanted = board_wanted(b);

	if (b->pending)
		return;
	/* What failed is not tried again before its time; where there is nothing to try, nothing
	 * waits. */
	if (timer_running(&b->retry) && wanted)
		board_refuse_newcomers(n, b);
	else if (timer_running(&b->retry) && b->index != 0)
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

void board_free(struct node *n, struct board *b)
{
	timer_stop(&n->timers, &b->retry);
	board_settle(n, b, NULL);
	list_remove(&b->link);
	free(b);
}

static void board_add(struct node *n, uint32_t request, const char *name)
{
	struct board *b = board_find(n, name);
	char sentence[NODE_SENTENCE_MAX];

	if (b && board_wanted(b) && b->index && b->up) {
		snprintf(sentence, sizeof(sentence), "there is a board %s already", name);
		request_reply(n, request, REPLY_REFUSED, sentence);
		return;
	}
	list_each(link, &n->routing->links) {
		struct link *l = container_of(link, struct link, link);

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
	timer_stop(&n->timers, &b->retry);
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
	list_each_safe(link, &n->vips->bindings) {
		struct binding *each = container_of(link, struct binding, link);

		if (each->board == b)
			binding_leave(n, each, false);
	}
}

void board_command(struct node *n, const struct input *in)
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
