/* SPDX-License-Identifier: Apache-2.0 */
/* The commands that list what the daemon has: the columns of their tables, and no more. */
#ifndef VIP_LISTING_H
#define VIP_LISTING_H

#include "vip/client.h"
#include "vip/table.h"

struct listing {
	const char *name; /* the last word of NAME in GET /v1/NAME is the member that is the list */
	const struct column *columns;
	size_t n_columns;
	/* Adds the rows of an element; NULL: one row. */
	void (*rows)(struct table *t, const json_t *element);
};

#define COLUMN(title_, member_, ...)                                                               \
	{                                                                                          \
		.title = (title_), .member = (member_), __VA_ARGS__                                \
	}

/* Those that are a command each. */
extern const struct listing list_listing, checks_listing, interfaces_listing, neighbors_listing,
	routes_listing;

/* Asks for the list and shows it. Returns an exit code. */
int listing_run(struct vip *v, const struct listing *l);

/* The table of a list, of one row for each element. Returns an exit code. */
int listing_show(const struct listing *l, const json_t *list);

/* Cells `first` up to `end` of a row for the object. */
void listing_cells(struct table *t, const struct column *columns, size_t first, size_t end,
		   const json_t *object);

/*
 * What a column may show of its member in place of its text or number: seconds as an age, or a dash
 * where there are none; a state in its colour; a dash for what there is not; a bool in words.
 */
void cell_age(struct table *t, const json_t *object, const char *member);
void cell_state(struct table *t, const json_t *object, const char *member);
void cell_or_dash(struct table *t, const json_t *object, const char *member);
void cell_yes_no(struct table *t, const json_t *object, const char *member);

#endif
