/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A doubly linked list whose links live inside the members. The head is a link of its own; an empty
 * list points at itself. The list owns nothing: whoever owns the members removes them first.
 */
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include <stdbool.h>

#include "base/container.h"

struct list {
	struct list *prev, *next;
};

static inline void list_init(struct list *head)
{
	head->prev = head->next = head;
}

static inline bool list_empty(const struct list *head)
{
	return head->next == head;
}

static inline void list_insert_before(struct list *at, struct list *link)
{
	link->prev = at->prev;
	link->next = at;
	at->prev->next = link;
	at->prev = link;
}

static inline void list_append(struct list *head, struct list *link)
{
	list_insert_before(head, link);
}

/* Takes the link out and leaves it an empty list of its own, so removing it twice does no harm. */
static inline void list_remove(struct list *link)
{
	link->prev->next = link->next;
	link->next->prev = link->prev;
	list_init(link);
}

#define list_each(link, head)                                                                      \
	for (struct list *link = (head)->next; (link) != (head); (link) = (link)->next)

/* The same, for a body that may remove `link`. */
#define list_each_safe(link, head)                                                                 \
	for (struct list *link = (head)->next, *link##_next = (link)->next; (link) != (head);      \
	     (link) = link##_next, link##_next = (link)->next)

/*
 * The same two, with the members themselves in place of their links: each is a `type`, which may be
 * const, and its link is called `link_` there.
 */
#define list_each_entry(type, entry, head, link_)                                                  \
	for (type *entry = container_of((head)->next, type, link_); &(entry)->link_ != (head);     \
	     (entry) = container_of((entry)->link_.next, type, link_))

#define list_each_entry_safe(type, entry, head, link_)                                             \
	for (type *entry = container_of((head)->next, type, link_),                                \
		  *entry##_next = container_of((entry)->link_.next, type, link_);                  \
	     &(entry)->link_ != (head); (entry) = entry##_next,                                    \
		  entry##_next = container_of((entry)->link_.next, type, link_))

#endif
