/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define TEXT_WORD_MAX 63

void text_init(struct text *t, char *buffer, size_t size)
{
	assert(size > 0);
	*t = (struct text){ .at = buffer, .size = size };
	buffer[0] = '\0';
}

void text_add(struct text *t, const char *format, ...)
{
	size_t left = t->size - t->length;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(t->at + t->length, left, format, args);
	va_end(args);
	if (n < 0)
		return;
	if ((size_t)n >= left) {
		t->length = t->size - 1;
		t->cut = true;
		return;
	}
	t->length += (size_t)n;
}

void text_add_printable(struct text *t, const void *bytes, size_t length)
{
	const unsigned char *c = bytes;

	for (size_t i = 0; i < length && !t->cut; i++)
		text_add(t, "%c", c[i] >= 0x20 && c[i] < 0x7f ? c[i] : '?');
}

void text_copy(char *to, size_t size, const char *from)
{
	size_t length = strlen(from);

	if (length > size - 1)
		length = size - 1;
	memcpy(to, from, length);
	to[length] = '\0';
}

int text_refuse(char *sentence, size_t size, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(sentence, size, format, args);
	va_end(args);
	return -EINVAL;
}

const char *text_name(const char *const *names, size_t count, size_t value)
{
	return value < count && names[value] ? names[value] : "?";
}

size_t text_distance(const char *a, const char *b, size_t limit)
{
	size_t na = strlen(a), nb = strlen(b);
	size_t row[TEXT_WORD_MAX + 1];

	if (na > TEXT_WORD_MAX || nb > TEXT_WORD_MAX)
		return limit + 1;
	for (size_t j = 0; j <= nb; j++)
		row[j] = j;
	for (size_t i = 1; i <= na; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= nb; j++) {
			size_t best = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[nb] > limit ? limit + 1 : row[nb];
}

const char *text_nearest(const char *word, const char *const *words, size_t count)
{
	size_t limit = strlen(word) < 4 ? 1 : 2, best = limit + 1;
	const char *nearest = NULL;

	for (size_t i = 0; i < count; i++) {
		size_t distance = text_distance(word, words[i], limit);

		if (distance < best) {
			best = distance;
			nearest = words[i];
		}
	}
	return nearest;
}
