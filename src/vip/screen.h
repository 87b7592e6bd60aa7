/* SPDX-License-Identifier: Apache-2.0 */
/* Where the output goes: how wide it is, and whether colours mean anything there. */
#ifndef VIP_SCREEN_H
#define VIP_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

enum colour {
	COLOUR_NONE,
	COLOUR_GOOD,
	COLOUR_WAIT,
	COLOUR_BAD,
	COLOUR_HEAD,
};

/*
 * Columns of the terminal that stdout is; 0 when it is none, and lines may be as long as they are.
 */
size_t screen_width(void);

/* Colours only on a terminal, and not with NO_COLOR (https://no-color.org) or TERM=dumb. */
bool screen_has_colours(void);

/*
 * Asks whoever sits at the terminal whether it is to go on; the question is written to stderr, and
 * only y or yes says so. True where nobody sits: a script has been thought about before.
 */
bool screen_confirm(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The escape sequence that begins a colour, and the one that ends all. */
const char *screen_colour(enum colour c);
#define SCREEN_PLAIN "\x1b[0m"

/* What the state of a VIP or of a neighbour looks like. */
enum colour screen_state_colour(const char *state);

#define SCREEN_AGE_MAX 24

/* Seconds for people, two units at most: 4s, 3m12s, 2h5m, 11d3h. Returns the buffer. */
char *screen_age(double seconds, char *buffer);

#endif
