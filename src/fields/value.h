/* SPDX-License-Identifier: Apache-2.0 */
/* What the text of one value means once it is known of which type it is, and back again. */
#ifndef FIELDS_VALUE_H
#define FIELDS_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"

#define VALUE_DURATION_TEXT_MAX 32
#define VALUE_QUOTE_MAX 64

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

/*
 * A time in UTC like 2026-12-01T08:00:00Z, or a day like 2026-12-01, in seconds since 1970, up to
 * 2200. 0 or -EINVAL.
 */
int value_parse_moment(const char *text, int64_t *ret_s);

/* Likewise, into VALUE_DURATION_TEXT_MAX bytes; returns them. "" for 0, which is no time. */
char *value_format_moment(int64_t s, char *buffer);

/* UTF-8 that a line of a table or a log can show: no control characters, no line separators. */
bool value_is_printable(const char *text);

/*
 * A value as it may be shown in a sentence: 'text', cut and with control characters replaced. Into
 * VALUE_QUOTE_MAX bytes; returns them.
 */
const char *value_quote(const char *text, char *buffer);

#define VALUE_QUOTE(text) value_quote((text), (char[VALUE_QUOTE_MAX]){ 0 })

#endif
