/* SPDX-License-Identifier: Apache-2.0 */
/* An object on one line, for people who read a trace. */
#ifndef FIELDS_PRINT_H
#define FIELDS_PRINT_H

#include "base/text.h"
#include "fields/field.h"

/* Adds ` name=value` for each field that is not as by default; of a record with a kind, ` kind`
 * first. */
void record_print(const struct record *r, const void *object, struct text *t);

#endif
