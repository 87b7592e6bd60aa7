/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One value of a field as text: a scalar of YAML, a string or number of JSON, the word behind an
 * option. Nobody else turns text into a value, so what one reader accepts, every reader accepts.
 */
#ifndef FIELDS_TEXT_H
#define FIELDS_TEXT_H

#include "fields/field.h"

#define FIELD_TEXT_MAX 320
#define FIELD_SENTENCE_MAX 256

/*
 * Reads a value into the object, or into the element of its list. 0, or -EINVAL with a sentence
 * that names the field; then the object may be half filled.
 */
int field_parse(const struct field *f, const char *text, void *object, size_t element,
		char *sentence, size_t size);

/* The inverse; into FIELD_TEXT_MAX bytes; returns them. "" for what is not set. */
char *field_format(const struct field *f, const void *object, size_t element, char *text);

/*
 * What a value is, for people: "yes or no", "a number from 1 to 15", "auto, address or route". Into
 * FIELD_TEXT_MAX bytes; returns them.
 */
char *field_form(const struct field *f, char *text);

#endif
