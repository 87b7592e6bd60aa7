/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the text of one scalar means once the schema has said of which type it is, and back again.
 */
#ifndef CONFIG_VALUE_H
#define CONFIG_VALUE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/clock.h"

#define VALUE_DURATION_TEXT_MAX 32

/* yes, true, on; no, false, off; in any case. 0 or -EINVAL. */
int value_parse_bool(const char *text, bool *ret);

/* A decimal number without a sign. 0 or -EINVAL, also for more than fits. */
int value_parse_number(const char *text, int64_t *ret);

/*
 * A number with a unit: 300ms, 3s, 2m, 1h. 0; -EDOM when the unit is missing; -EINVAL when it is
 * something else.
 */
int value_parse_duration(const char *text, struct duration *ret);

/*
 * In the largest unit that needs no fraction; into at least VALUE_DURATION_TEXT_MAX bytes; returns
 * it.
 */
char *value_format_duration(struct duration d, char *buffer);

/* UTF-8 that a line of a table or a log can show: no control characters, no line separators. */
bool value_is_printable(const char *text);

/*
 * Writes text as a YAML scalar that reads back as the same text, in quotes where they are needed.
 */
void value_print_text(FILE *to, const char *text);

#endif
