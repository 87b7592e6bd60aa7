/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables for people. Every column is as wide as it must be; when that is more than the terminal
 * has, the widest of those that may shrink give way, and their cells are cut or wrapped. A column
 * in which nothing stands is left out.
 */
#ifndef VIP_TABLE_H
#define VIP_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <jansson.h>

#include "vip/screen.h"

enum column_fit {
	COLUMN_WHOLE, /* never shrinks */
	COLUMN_CUT,   /* shrinks; what does not fit is cut, with a mark */
	COLUMN_WRAP,  /* shrinks; what does not fit goes on in the next line */
};

struct table;

struct column {
	const char *title;
	/* Of tables that list JSON objects, for listing.h: the member that is shown, and how. */
	const char *member;
	void (*show)(struct table *t, const json_t *object, const char *member);
	bool right; /* numbers */
	enum column_fit fit;
};

/* The columns stay the caller's. NULL when there is no memory. */
struct table *table_new(const struct column *columns, size_t count);
void table_free(struct table *t);

/* The next cell, row by row; the text is copied, control characters become '?'. */
void table_cell(struct table *t, enum colour colour, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* So many cells in which nothing stands. */
void table_blank(struct table *t, size_t count);

/* `width` 0: as wide as it gets. False when memory ran out on the way; nothing is written then. */
bool table_print(const struct table *t, FILE *to, size_t width, bool colours);

/* For stdout as it is. Returns an exit code. */
int table_show(const struct table *t);

#endif
