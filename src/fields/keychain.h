/* SPDX-License-Identifier: Apache-2.0 */
/* What a person may say of the keys of an interface, and of the routes that are taken there. */
#ifndef FIELDS_KEYCHAIN_H
#define FIELDS_KEYCHAIN_H

#include "fields/field.h"
#include "net/keychain.h"

extern const struct record keychain_record; /* struct keychain */

/* The text of a secret: the file that has it. For the tables of others. */
extern const struct field_text secret_text;

/* What a list of keys is like, for sentences. */
extern const struct field_text keys_text;

#endif
