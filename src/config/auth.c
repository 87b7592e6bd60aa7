/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `auth` of an interface and of its `bfd`: how packets are authenticated there, and with which
 * keys. Both have the same form; the keys of BFD have no times.
 */
#include <inttypes.h>
#include <string.h>

#include "base/container.h"
#include "base/text.h"
#include "config/map.h"
#include "config/model.h"
#include "config/section.h"
#include "fields/value.h"

#define SECRET_PREFIX "file:"

struct auth_read {
	struct keychain auth;
	struct keychain_key one; /* of the short form */
	struct place places[KEYCHAIN_KEYS_MAX];
	size_t keys_max;
};

/* send, accept: a time like 2026-12-01T08:00:00Z, or a day. */

static int moment_read(struct document *d, const struct token *t, const char *key, int64_t *ret_s)
{
	if (t->kind == TOKEN_SCALAR && value_parse_moment(t->text, ret_s) == 0)
		return 0;
	return document_refuse(d, t->place,
			       "'%s' is a time like 2026-12-01T08:00:00Z, or a day like "
			       "2026-12-01, not %s",
			       key, TOKEN_QUOTE(t));
}

static int from_read(struct document *d, const struct token *t, void *object)
{
	return moment_read(d, t, "from", &((struct keychain_lifetime *)object)->from_s);
}

static int until_read(struct document *d, const struct token *t, void *object)
{
	return moment_read(d, t, "until", &((struct keychain_lifetime *)object)->until_s);
}

static void moment_print(FILE *to, int64_t s)
{
	char text[VALUE_DURATION_TEXT_MAX];

	map_print_text(to, value_format_moment(s, text));
}

static void from_print(FILE *to, const void *object)
{
	moment_print(to, ((const struct keychain_lifetime *)object)->from_s);
}

static void until_print(FILE *to, const void *object)
{
	moment_print(to, ((const struct keychain_lifetime *)object)->until_s);
}

static const struct schema_key lifetime_keys[] = {
	{ "from", SCHEMA_OTHER, MEMBER(struct keychain_lifetime, from_s), .read = from_read,
	  .print = from_print },
	{ "until", SCHEMA_OTHER, MEMBER(struct keychain_lifetime, until_s), .read = until_read,
	  .print = until_print },
};
static const struct schema section_lifetime = SECTION("the lifetime of a key", lifetime_keys);

static int lifetime_read(struct document *d, const struct token *first, struct keychain_lifetime *l)
{
	int r = schema_read(d, first, &section_lifetime, l, NULL);

	if (r == 0 && l->until_s != 0 && l->until_s <= l->from_s)
		return document_refuse(d, first->place, "'until' is not behind 'from'");
	return r;
}

static int send_read(struct document *d, const struct token *t, void *object)
{
	return lifetime_read(d, t, &((struct keychain_key *)object)->send);
}

static int accept_read(struct document *d, const struct token *t, void *object)
{
	return lifetime_read(d, t, &((struct keychain_key *)object)->accept);
}

static void lifetime_print(FILE *to, const struct keychain_lifetime *l)
{
	schema_print(to, &section_lifetime, l, &(struct keychain_lifetime){ 0 });
}

static void send_print(FILE *to, const void *object)
{
	lifetime_print(to, &((const struct keychain_key *)object)->send);
}

static void accept_print(FILE *to, const void *object)
{
	lifetime_print(to, &((const struct keychain_key *)object)->accept);
}

/* What stands there in place of a path may be the secret itself: it is not repeated. */
static int secret_read(struct document *d, const struct token *t, void *object)
{
	struct keychain_key *key = object;
	const char *path;

	if (t->kind != TOKEN_SCALAR ||
	    strncmp(t->text, SECRET_PREFIX "/", sizeof(SECRET_PREFIX)) != 0)
		return document_refuse(d, t->place,
				       "'secret' names a file that has it, like "
				       "file:/etc/vipd/rip.key");
	path = t->text + sizeof(SECRET_PREFIX) - 1;
	if (strlen(path) >= KEYCHAIN_PATH_MAX)
		return document_refuse(d, t->place, "the path of 'secret' is longer than %d bytes",
				       KEYCHAIN_PATH_MAX - 1);
	if (!value_is_printable(path))
		return document_refuse(d, t->place, "'secret' has a control character in it");
	text_copy(key->secret, sizeof(key->secret), path);
	return 0;
}

static void secret_print(FILE *to, const void *object)
{
	char text[sizeof(SECRET_PREFIX) + KEYCHAIN_PATH_MAX];

	snprintf(text, sizeof(text), SECRET_PREFIX "%s",
		 ((const struct keychain_key *)object)->secret);
	map_print_text(to, text);
}

static const struct schema_key key_keys[] = {
	{ "id", SCHEMA_NUMBER, MEMBER(struct keychain_key, id), .max = UINT8_MAX },
	{ "secret", SCHEMA_OTHER, MEMBER(struct keychain_key, secret), .read = secret_read,
	  .print = secret_print },
	{ "send", SCHEMA_OTHER, MEMBER(struct keychain_key, send), .read = send_read,
	  .print = send_print },
	{ "accept", SCHEMA_OTHER, MEMBER(struct keychain_key, accept), .read = accept_read,
	  .print = accept_print },
};
static const struct schema section_key = SECTION("a key", key_keys);

static int key_add(struct document *d, struct auth_read *a, const struct keychain_key *key,
		   struct place place, struct place secret)
{
	if (!key->secret[0])
		return document_refuse(d, place, "a key needs its 'secret'");
	for (size_t k = 0; k < a->auth.n_keys; k++)
		if (a->auth.keys[k].id == key->id)
			return document_refuse(d, place, "two keys have the 'id' %u", key->id);
	if (a->auth.n_keys == a->keys_max)
		return document_refuse(d, place, "an interface can have %zu keys at most",
				       a->keys_max);
	a->places[a->auth.n_keys] = secret;
	a->auth.keys[a->auth.n_keys++] = *key;
	return 0;
}

/* The keys of BFD are the first two of RIP's. */
static const struct schema section_bfd_key = { .what = "a key of 'bfd'",
					       .keys = key_keys,
					       .count = 2 };

static int key_read_by(struct document *d, const struct token *first, const struct schema *section,
		       void *object)
{
	struct place places[SCHEMA_KEYS_MAX];
	struct keychain_key key = { .id = 1 };
	int r = schema_read(d, first, section, &key, places);

	if (r < 0)
		return r;
	return key_add(d, object, &key, first->place,
		       schema_place(section, places, "secret", first->place));
}

static int key_read(struct document *d, const struct token *first, void *object)
{
	return key_read_by(d, first, &section_key, object);
}

static int bfd_key_read(struct document *d, const struct token *first, void *object)
{
	return key_read_by(d, first, &section_bfd_key, object);
}

#define KEYS_FORM "'keys' is a list of keys like [{id: 1, secret: \"file:/etc/vipd/rip.key\"}]"

static int keys_read(struct document *d, const struct token *first, void *object)
{
	return section_read_list(d, first, KEYS_FORM, key_read, object);
}

static int bfd_keys_read(struct document *d, const struct token *first, void *object)
{
	return section_read_list(d, first, KEYS_FORM, bfd_key_read, object);
}

/* The keys of the short form are those of a key: the same functions, behind another offset. */
static int one_id_read(struct document *d, const struct token *t, void *object)
{
	int64_t id;

	if (t->kind != TOKEN_SCALAR || value_parse_number(t->text, &id) < 0 || id > UINT8_MAX)
		return document_refuse(d, t->place, "'id' is a number from 0 to 255, not %s",
				       TOKEN_QUOTE(t));
	((struct auth_read *)object)->one.id = (uint8_t)id;
	return 0;
}

static int one_secret_read(struct document *d, const struct token *t, void *object)
{
	return secret_read(d, t, &((struct auth_read *)object)->one);
}

static int one_send_read(struct document *d, const struct token *t, void *object)
{
	return send_read(d, t, &((struct auth_read *)object)->one);
}

static int one_accept_read(struct document *d, const struct token *t, void *object)
{
	return accept_read(d, t, &((struct auth_read *)object)->one);
}

static const struct schema_word auth_types[] = {
	{ "simple", AUTH_SIMPLE },
	{ "md5", AUTH_MD5 },
	{ "hmac-sha-1", AUTH_HMAC_SHA_1 },
	{ "hmac-sha-256", AUTH_HMAC_SHA_256 },
	{ "hmac-sha-384", AUTH_HMAC_SHA_384 },
	{ "hmac-sha-512", AUTH_HMAC_SHA_512 },
	{ NULL, 0 },
};

static const struct schema_key auth_keys[] = {
	{ "type", SCHEMA_WORD, MEMBER(struct auth_read, auth.type), .words = auth_types },
	{ "keys", SCHEMA_OTHER, .read = keys_read },
	{ "id", SCHEMA_OTHER, .read = one_id_read },
	{ "secret", SCHEMA_OTHER, .read = one_secret_read },
	{ "send", SCHEMA_OTHER, .read = one_send_read },
	{ "accept", SCHEMA_OTHER, .read = one_accept_read },
};
static const struct schema section_auth = SECTION("'auth'", auth_keys);

static const struct schema_word bfd_auth_types[] = {
	{ "simple", BFD_AUTH_PASSWORD },
	{ "md5", BFD_AUTH_MD5 },
	{ "meticulous-md5", BFD_AUTH_MD5_METICULOUS },
	{ "sha1", BFD_AUTH_SHA1 },
	{ "meticulous-sha1", BFD_AUTH_SHA1_METICULOUS },
	{ NULL, 0 },
};

static const struct schema_key bfd_auth_keys[] = {
	{ "type", SCHEMA_WORD, MEMBER(struct auth_read, auth.type), .words = bfd_auth_types },
	{ "keys", SCHEMA_OTHER, .read = bfd_keys_read },
	{ "id", SCHEMA_OTHER, .read = one_id_read },
	{ "secret", SCHEMA_OTHER, .read = one_secret_read },
};
static const struct schema section_bfd_auth = SECTION("'auth' of 'bfd'", bfd_auth_keys);

/* The type, and one key or a list of them; `example` is a type. */
static int auth_read(struct document *d, const struct token *first, const struct schema *section,
		     const char *example, struct auth_read *a)
{
	struct place places[SCHEMA_KEYS_MAX];
	const struct place nowhere = { 0 };
	bool listed, short_form = false;
	int r = schema_read(d, first, section, a, places);

	if (r < 0)
		return r;
	listed = schema_place(section, places, "keys", nowhere).line;
	for (size_t i = 2; i < section->count; i++)
		short_form |= places[i].line;
	/* None is 0, of RIP and of BFD. */
	if (a->auth.type == AUTH_NONE)
		return document_refuse(d, first->place, "'auth' needs its 'type', like %s",
				       example);
	if (listed && short_form)
		return document_refuse(d, first->place,
				       "'auth' has one key, or a list of 'keys', not both");
	if (!listed)
		r = key_add(d, a, &a->one, first->place,
			    schema_place(section, places, "secret", first->place));
	if (r < 0)
		return r;
	if (a->auth.n_keys == 0)
		return document_refuse(d, first->place, "'auth' needs a key");
	return 0;
}

int section_read_auth(struct document *d, const struct token *first, void *object)
{
	struct config_rule *rule = object;
	struct auth_read a = { .one.id = 1, .keys_max = KEYCHAIN_KEYS_MAX };
	int r = auth_read(d, first, &section_auth, "hmac-sha-256", &a);

	if (r < 0)
		return r;
	rule->rule.rip.auth = a.auth;
	memcpy(rule->secrets, a.places, sizeof(rule->secrets));
	rule->auth = first->place;
	return 0;
}

int section_read_bfd_auth(struct document *d, const struct token *first, void *object)
{
	struct config_rule *rule = object;
	struct bfd_auth *auth = &rule->rule.bfd_auth;
	struct auth_read a = { .one.id = 1, .keys_max = BFD_KEYS_MAX };
	int r = auth_read(d, first, &section_bfd_auth, "meticulous-sha1", &a);

	if (r < 0)
		return r;
	auth->type = a.auth.type;
	auth->n_keys = a.auth.n_keys;
	for (size_t k = 0; k < a.auth.n_keys; k++) {
		auth->keys[k].id = a.auth.keys[k].id;
		text_copy(auth->keys[k].secret, sizeof(auth->keys[k].secret),
			  a.auth.keys[k].secret);
		rule->bfd_secrets[k] = a.places[k];
	}
	return 0;
}

void section_print_bfd_auth(FILE *to, const void *object)
{
	const struct bfd_auth *a = &((const struct config_rule *)object)->rule.bfd_auth;

	fprintf(to, "{type: %s, keys: [", bfd_auth_name(a->type));
	for (size_t k = 0; k < a->n_keys; k++) {
		struct keychain_key key = { .id = a->keys[k].id };
		struct keychain_key defaults = { .id = (uint8_t)~key.id };

		text_copy(key.secret, sizeof(key.secret), a->keys[k].secret);
		fputs(k ? ", " : "", to);
		schema_print(to, &section_bfd_key, &key, &defaults);
	}
	fputs("]}", to);
}

void section_print_auth(FILE *to, const void *object)
{
	const struct keychain *a = &((const struct config_rule *)object)->rule.rip.auth;
	/* A number that no key has: it is always written out. */
	struct keychain_key defaults = { 0 };

	fprintf(to, "{type: %s, keys: [", auth_name(a->type));
	for (size_t k = 0; k < a->n_keys; k++) {
		defaults.id = (uint8_t)~a->keys[k].id;
		fputs(k ? ", " : "", to);
		schema_print(to, &section_key, &a->keys[k], &defaults);
	}
	fputs("]}", to);
}

static struct config_secret secret_at(const struct place *p, const char *path, uint8_t type)
{
	return (struct config_secret){ .path = path,
				       .type = type,
				       .file = p->file ? p->file : "",
				       .line = p->line,
				       .column = p->column };
}

/* The `k`th secret of a rule: RIP's, then BFD's. */
static bool rule_secret(const struct config_rule *r, size_t k, struct config_secret *ret)
{
	const struct keychain *rip = &r->rule.rip.auth;
	const struct bfd_auth *bfd = &r->rule.bfd_auth;
	size_t n_rip = r->rule.rip_enabled ? rip->n_keys : 0;
	size_t n_bfd = r->rule.bfd_enabled ? bfd->n_keys : 0;

	if (k < n_rip) {
		*ret = secret_at(&r->secrets[k], rip->keys[k].secret, rip->type);
		return true;
	}
	k -= n_rip;
	if (k >= n_bfd)
		return false;
	*ret = secret_at(&r->bfd_secrets[k], bfd->keys[k].secret, bfd->type);
	ret->is_bfd = true;
	return true;
}

bool config_secret_next(const struct config *c, size_t *position, struct config_secret *ret)
{
	size_t at = 0;

	for (size_t i = 0; i < c->n_rules; i++)
		for (size_t k = 0; rule_secret(&c->rules[i], k, ret); k++)
			if (at++ == *position) {
				*position = at;
				return true;
			}
	return false;
}
