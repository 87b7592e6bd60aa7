/* SPDX-License-Identifier: Apache-2.0 */
#include "vip/table.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "vip/vip.h"

#define TABLE_COLUMNS_MAX 16
#define TABLE_SHRUNK_MIN 8 /* a column never gets narrower than this */
#define TABLE_GAP 2
#define TABLE_INDENT 4 /* of the further lines of a row that does not fit into one */

struct cell {
	char *text; /* owned */
	enum colour colour;
};

struct table {
	const struct column *columns;
	size_t n_columns;
	struct cell *cells; /* row by row */
	size_t n_cells, capacity;
	bool failed;
};

struct table *table_new(const struct column *columns, size_t count)
{
	struct table *t = count <= TABLE_COLUMNS_MAX ? calloc(1, sizeof(*t)) : NULL;

	if (!t)
		return NULL;
	t->columns = columns;
	t->n_columns = count;
	return t;
}

void table_free(struct table *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->n_cells; i++)
		free(t->cells[i].text);
	free(t->cells);
	free(t);
}

/* What comes from elsewhere must not be able to steer the terminal. */
static void text_tame(char *text)
{
	for (; *text; text++)
		if ((uint8_t)*text < 0x20 || *text == 0x7f)
			*text = '?';
}

void table_cell(struct table *t, enum colour colour, const char *format, ...)
{
	char *text = NULL;
	va_list args;

	if (ARRAY_RESERVE(t->cells, t->capacity, t->n_cells + 1) < 0) {
		t->failed = true;
		return;
	}
	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	if (!text) {
		t->failed = true;
		return;
	}
	text_tame(text);
	t->cells[t->n_cells++] = (struct cell){ text, colour };
}

void table_blank(struct table *t, size_t count)
{
	for (; count > 0; count--)
		table_cell(t, COLOUR_NONE, "%s", "");
}

/* How many columns a text takes: one for each character of UTF-8. */
static size_t text_width(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += ((uint8_t)*text & 0xc0) != 0x80;
	return n;
}

/* How many bytes the first `width` characters are. */
static size_t text_bytes(const char *text, size_t width)
{
	size_t i = 0;

	for (size_t n = 0; text[i]; i++) {
		n += ((uint8_t)text[i] & 0xc0) != 0x80;
		if (n > width)
			break;
	}
	return i;
}

/* The natural widths; 0 for a column in which nothing stands. */
static void table_measure(const struct table *t, size_t *widths)
{
	memset(widths, 0, t->n_columns * sizeof(*widths));
	for (size_t i = 0; i < t->n_cells; i++) {
		size_t w = text_width(t->cells[i].text), *column = &widths[i % t->n_columns];

		if (w > *column)
			*column = w;
	}
	for (size_t i = 0; i < t->n_columns; i++) {
		size_t w = text_width(t->columns[i].title);

		if ((widths[i] > 0 || t->n_cells == 0) && widths[i] < w)
			widths[i] = w;
	}
}

static size_t table_total(const struct table *t, const size_t *widths)
{
	size_t total = 0;

	for (size_t i = 0; i < t->n_columns; i++)
		if (widths[i] > 0)
			total += widths[i] + (total ? TABLE_GAP : 0);
	return total;
}

/* The longest word of a text: an address or a name that is broken is one no more. */
static size_t text_longest_word(const char *text)
{
	size_t longest = 0;

	while (*text) {
		size_t bytes = strcspn(text, " "), w = text_width(text);

		w -= text_width(text + bytes);
		if (w > longest)
			longest = w;
		text += bytes + strspn(text + bytes, " ");
	}
	return longest;
}

/* How narrow each column may become. */
static void table_limits(const struct table *t, const size_t *widths, size_t *limits)
{
	for (size_t i = 0; i < t->n_columns; i++)
		limits[i] = t->columns[i].fit == COLUMN_WHOLE ? widths[i] : TABLE_SHRUNK_MIN;
	for (size_t i = 0; i < t->n_cells; i++) {
		size_t *limit = &limits[i % t->n_columns], word;

		if (t->columns[i % t->n_columns].fit != COLUMN_WRAP)
			continue;
		word = text_longest_word(t->cells[i].text);
		if (word > *limit)
			*limit = word;
	}
}

/*
 * Takes columns from the widest that may shrink, one by one, until the table fits or none is left.
 */
static bool table_shrink(const struct table *t, size_t *widths, size_t width)
{
	size_t limits[TABLE_COLUMNS_MAX];

	table_limits(t, widths, limits);
	for (size_t total = table_total(t, widths); total > width; total--) {
		size_t *widest = NULL;

		for (size_t i = 0; i < t->n_columns; i++)
			if (widths[i] > limits[i] && (!widest || widths[i] > *widest))
				widest = &widths[i];
		if (!widest)
			return false;
		*widest -= 1;
	}
	return true;
}

/*
 * Where nothing is left to be shrunk, a row goes on in further lines, each column whole: *ret_line
 * says in which of them a column stands.
 */
static void table_fold(const struct table *t, size_t *widths, size_t width, uint8_t *ret_line)
{
	size_t used = 0;
	uint8_t line = 0;

	for (size_t i = 0; i < t->n_columns; i++) {
		size_t most =
			width > TABLE_INDENT + TABLE_SHRUNK_MIN ? width - TABLE_INDENT : width;

		ret_line[i] = line;
		if (widths[i] == 0)
			continue;
		if (widths[i] > most && t->columns[i].fit != COLUMN_WHOLE)
			widths[i] = most;
		if (used && used + TABLE_GAP + widths[i] > width) {
			used = TABLE_INDENT;
			line++;
		} else if (used) {
			used += TABLE_GAP;
		}
		used += widths[i];
		ret_line[i] = line;
	}
}

/*
 * How much of the text goes into this line: up to the last space that fits. A word that is longer
 * than the line stays whole: the terminal breaks it, and who copies it has all of it.
 */
static size_t text_line(const char *text, size_t width)
{
	size_t whole = text_bytes(text, width), n = whole;

	if (!text[whole])
		return whole;
	while (n > 0 && text[n] != ' ')
		n--;
	return n ? n : whole + strcspn(text + whole, " ");
}

struct line {
	const char *rest[TABLE_COLUMNS_MAX]; /* what is not printed yet of each cell of the row */
	uint8_t folds[TABLE_COLUMNS_MAX];    /* in which line of the row each column stands */
	FILE *to;
	bool colours;
};

static void line_spaces(const struct line *l, size_t n)
{
	fprintf(l->to, "%*s", (int)n, "");
}

/* Prints the next part of a cell; `last`: nothing follows in this line, so no spaces are needed. */
static void line_cell(struct line *l, const struct column *column, const char **rest,
		      enum colour colour, size_t width, bool last)
{
	const char *text = *rest;
	size_t whole = text_width(text), bytes, shown;
	bool cut = whole > width && column->fit == COLUMN_CUT;

	if (cut)
		bytes = text_bytes(text, width - 1);
	else if (column->fit == COLUMN_WRAP)
		bytes = text_line(text, width);
	else
		bytes = strlen(text);
	shown = cut ? width : whole - text_width(text + bytes);
	if (column->right && shown < width)
		line_spaces(l, width - shown);
	if (l->colours && colour != COLOUR_NONE && bytes > 0)
		fputs(screen_colour(colour), l->to);
	fwrite(text, 1, bytes, l->to);
	if (cut)
		fputs("\xe2\x80\xa6", l->to);
	if (l->colours && colour != COLOUR_NONE && bytes > 0)
		fputs(SCREEN_PLAIN, l->to);
	if (!column->right && shown < width && !last)
		line_spaces(l, width - shown);
	*rest = cut ? "" : text + bytes + strspn(text + bytes, " ");
}

/* One line of a row: the columns that stand in it. False: nothing of them is left. */
static bool table_line(const struct table *t, struct line *l, const size_t *widths,
		       const struct cell *cells, uint8_t line)
{
	bool first = true, any = false;
	size_t last = 0;

	/* Nothing is printed behind the last text of a line, not even spaces. */
	for (size_t i = 0; i < t->n_columns; i++)
		if (l->folds[i] == line && widths[i] > 0 && *l->rest[i]) {
			last = i;
			any = true;
		}
	for (size_t i = 0; any && i <= last; i++) {
		if (widths[i] == 0 || l->folds[i] != line)
			continue;
		line_spaces(l, !first ? TABLE_GAP : line ? TABLE_INDENT : 0);
		first = false;
		line_cell(l, &t->columns[i], &l->rest[i], cells ? cells[i].colour : COLOUR_HEAD,
			  widths[i], i == last);
	}
	if (any)
		fputc('\n', l->to);
	return any;
}

/* Prints a row, in as many lines as its longest cells need. */
static void table_row(const struct table *t, struct line *l, const size_t *widths,
		      const struct cell *cells)
{
	for (uint8_t line = 0; line <= l->folds[t->n_columns - 1]; line++)
		while (table_line(t, l, widths, cells, line))
			;
}

bool table_print(const struct table *t, FILE *to, size_t width, bool colours)
{
	struct line l = { .to = to, .colours = colours };
	size_t widths[TABLE_COLUMNS_MAX];

	if (t->failed)
		return false;
	table_measure(t, widths);
	if (width && !table_shrink(t, widths, width)) {
		table_measure(t, widths);
		table_fold(t, widths, width, l.folds);
	}
	for (size_t i = 0; i < t->n_columns; i++)
		l.rest[i] = widths[i] ? t->columns[i].title : "";
	table_row(t, &l, widths, NULL);
	for (size_t at = 0; at + t->n_columns <= t->n_cells; at += t->n_columns) {
		for (size_t i = 0; i < t->n_columns; i++)
			l.rest[i] = t->cells[at + i].text;
		table_row(t, &l, widths, &t->cells[at]);
	}
	return true;
}

int table_show(const struct table *t)
{
	if (!t || !table_print(t, stdout, screen_width(), screen_has_colours()))
		return vip_fail(VIP_REFUSED, "out of memory");
	return VIP_DONE;
}
