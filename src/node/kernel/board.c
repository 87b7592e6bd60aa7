/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Virtual boards. A board is wanted while the configuration or a command says so, or while a VIP
 * stands on it; it is found in the kernel by its name and our mark. The reconciler makes one when
 * it is wanted and not there, sets it up when it is down, and removes it when nobody wants it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "node/kernel/kernel.h"

struct board *board_find(const struct node *n, const char *name)
{
	list_each_entry(struct board, b, &n->kernel->boards, link)
		if (strcmp(b->name, name) == 0)
			return b;
	return NULL;
}

struct board *board_by_index(const struct node *n, uint32_t index)
{
	list_each_entry(struct board, b, &n->kernel->boards, link)
		if (b->index == index)
			return b;
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
	timer_init(&b->trouble.retry, NODE_TIMER_BOARD);
	list_append(&n->kernel->boards, &b->link);
	n->kernel->boards_dirty = true;
	return b;
}

bool board_wanted(const struct board *b)
{
	return b->bindings > 0 || ((b->configured || b->commanded) && !b->doomed);
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
	(void)timer_set(&n->timers, &b->trouble.retry, instant_add(n->now, pause));
	n->kernel->owners[SLOT_OF_VIP]->board_refused(n, b, false);
	board_settle(n, b, text);
}

/* Somebody else took it, or set it down. Too often, and it is left to him for a while. */
static void board_was_lost(struct node *n, struct board *b)
{
	char text[NODE_SENTENCE_MAX];
	struct duration pause = trouble_lost(
		&b->trouble, n->now, "removes the board or sets it down", text, sizeof(text));

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
	timer_stop(&n->timers, &b->trouble.retry);
	n->kernel->boards_dirty = true;
}

void board_appeared(struct node *n, const struct interface *i)
{
	struct board *b = board_by_index(n, i->index);
	bool came_up, made;

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
	made = b->index == 0 && b->pending;
	if (b->index == i->index && b->up && !i->up)
		board_was_set_down(n, b);
	b->index = i->index;
	b->up = i->up;
	text_copy(b->backend, sizeof(b->backend), i->backend);
	n->kernel->boards_dirty = true;
	if (!came_up)
		return;
	timer_stop(&n->timers, &b->trouble.retry);
	b->trouble.failures = 0;
	b->error[0] = '\0';
	slot_board_there(n, b);
	/* On one that we have just made there is nothing that could be missing. */
	if (!n->dumping && b->bindings > 0 && !made)
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
	if (b->trouble.failures > 0)
		timer_stop(&n->timers, &b->trouble.retry);
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

static void board_failed(struct node *n, struct board *b, const char *text)
{
	board_give_up(n, b, trouble_failed(&b->trouble), text);
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

void board_free(struct node *n, struct board *b)
{
	timer_stop(&n->timers, &b->trouble.retry);
	board_settle(n, b, NULL);
	list_remove(&b->link);
	free(b);
}
