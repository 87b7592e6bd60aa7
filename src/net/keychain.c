/* SPDX-License-Identifier: Apache-2.0 */
#include "net/keychain.h"

#include <stddef.h>
#include <string.h>

static const char *const auth_names[] = {
#define AUTH_TEXT(name, text) text,
	AUTHS(AUTH_TEXT)
#undef AUTH_TEXT
};

const char *auth_name(uint8_t type)
{
	return type < AUTH_COUNT ? auth_names[type] : NULL;
}

static bool lifetime_equal(const struct keychain_lifetime *a, const struct keychain_lifetime *b)
{
	return a->from_s == b->from_s && a->until_s == b->until_s;
}

static bool key_equal(const struct keychain_key *a, const struct keychain_key *b)
{
	return a->id == b->id && lifetime_equal(&a->send, &b->send) &&
	       lifetime_equal(&a->accept, &b->accept) && strcmp(a->secret, b->secret) == 0;
}

bool keychain_equal(const struct keychain *a, const struct keychain *b)
{
	if (a->type != b->type || a->n_keys != b->n_keys)
		return false;
	for (size_t k = 0; k < a->n_keys; k++)
		if (!key_equal(&a->keys[k], &b->keys[k]))
			return false;
	return true;
}

size_t keychain_place(const struct keychain *a, uint8_t id)
{
	size_t k = 0;

	while (k < a->n_keys && a->keys[k].id != id)
		k++;
	return k;
}
