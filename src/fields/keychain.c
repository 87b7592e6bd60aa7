/* SPDX-License-Identifier: Apache-2.0 */
#include "fields/keychain.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "fields/value.h"

#define SECRET_PREFIX "file:"

/* What stands there in place of a path may be the secret itself: it is not repeated. */
static int secret_parse(const char *text, void *value, char *sentence, size_t size)
{
	const char *path = text + sizeof(SECRET_PREFIX) - 1;

	if (strncmp(text, SECRET_PREFIX "/", sizeof(SECRET_PREFIX)) != 0)
		return text_refuse(sentence, size,
				   "'secret' names a file that has it, like "
				   "file:/etc/vipd/rip.key");
	if (strlen(path) >= KEYCHAIN_PATH_MAX)
		return text_refuse(sentence, size, "the path of 'secret' is longer than %d bytes",
				   KEYCHAIN_PATH_MAX - 1);
	if (!value_is_printable(path))
		return text_refuse(sentence, size, "'secret' has a control character in it");
	text_copy(value, KEYCHAIN_PATH_MAX, path);
	return 0;
}

static void secret_format(const void *value, char *text, size_t size)
{
	snprintf(text, size, SECRET_PREFIX "%s", (const char *)value);
}

const struct field_text secret_text = {
	.form = "a file like file:/etc/vipd/rip.key",
	.parse = secret_parse,
	.format = secret_format,
};

const struct field_text keys_text = {
	.form = "a list of keys like [{id: 1, secret: \"file:/etc/vipd/rip.key\"}]",
};

static int lifetime_check(const void *object, char *sentence, size_t size)
{
	const struct keychain_lifetime *l = object;

	if (l->until_s != 0 && l->until_s <= l->from_s)
		return text_refuse(sentence, size, "'until' is not behind 'from'");
	return 0;
}

static const struct field lifetime_fields[] = {
	FIELD_MOMENT(1, "from", struct keychain_lifetime, from_s, .max = KEYCHAIN_WALL_MAX_S,
		     .help = "when it begins"),
	FIELD_MOMENT(2, "until", struct keychain_lifetime, until_s, .max = KEYCHAIN_WALL_MAX_S,
		     .help = "when it is over"),
};
static const struct record lifetime_record =
	RECORD("the lifetime of a key", struct keychain_lifetime, lifetime_fields,
	       .check = lifetime_check);

static int key_check(const void *object, char *sentence, size_t size)
{
	if (!((const struct keychain_key *)object)->secret[0])
		return text_refuse(sentence, size, "a key needs its 'secret'");
	return 0;
}

static const struct keychain_key key_defaults = { .id = 1 };

static const struct field key_fields[] = {
	FIELD(1, "id", struct keychain_key, id, .max = UINT8_MAX, .flags = FIELD_UNIQUE,
	      .help = "its number, the same at the routers"),
	FIELD(2, "secret", struct keychain_key, secret, .text = &secret_text,
	      .help = "the file that has the secret"),
	FIELD_GROUP(3, "send", struct keychain_key, send, lifetime_record,
		    .help = "when packets are sent with it"),
	FIELD_GROUP(4, "accept", struct keychain_key, accept, lifetime_record,
		    .help = "when packets with it are accepted"),
};
static const struct record key_record = RECORD("a key", struct keychain_key, key_fields,
					       .defaults = &key_defaults, .check = key_check);

static const struct field_word auth_words[] = {
	{ "simple", AUTH_SIMPLE, "a password that everybody on the wire can read" },
	{ "md5", AUTH_MD5, "RFC 2082" },
	{ "hmac-sha-1", AUTH_HMAC_SHA_1, "RFC 4822" },
	{ "hmac-sha-256", AUTH_HMAC_SHA_256, "RFC 4822" },
	{ "hmac-sha-384", AUTH_HMAC_SHA_384, "RFC 4822" },
	{ "hmac-sha-512", AUTH_HMAC_SHA_512, "RFC 4822" },
	{ 0 },
};

static int keychain_check(const void *object, char *sentence, size_t size)
{
	const struct keychain *k = object;

	if (k->type == AUTH_NONE)
		return text_refuse(sentence, size, "'auth' needs its 'type', like hmac-sha-256");
	if (k->n_keys == 0)
		return text_refuse(sentence, size, "a key needs its 'secret'");
	return 0;
}

static const struct field keychain_fields[] = {
	FIELD_WORD(1, "type", struct keychain, type, auth_words, .help = "how packets are signed"),
	FIELD_LIST_OF(2, "keys", struct keychain, keys, n_keys, key_record, .flags = FIELD_INLINE,
		      .text = &keys_text, .help = "the keys, in place of a single one"),
};
const struct record keychain_record =
	RECORD("'auth'", struct keychain, keychain_fields, .check = keychain_check);
