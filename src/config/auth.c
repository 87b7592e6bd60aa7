/* SPDX-License-Identifier: Apache-2.0 */
/* `auth` of an interface: how RIP packets are authenticated there, and with which keys. */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/container.h"
#include "base/text.h"
#include "config/model.h"
#include "config/section.h"
#include "config/value.h"

#define SECRET_PREFIX "file:"

struct auth_read {
	struct rip_auth auth;
	struct rip_key one; /* of the short form */
	struct place places[RIP_KEYS_MAX];
};

/* send, accept: a time like 2026-12-01T08:00:00Z, or a day. */

static int digits(const char *text, size_t count, int *ret)
{
	*ret = 0;
	for (size_t i = 0; i < count; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		*ret = *ret * 10 + (text[i] - '0');
	}
	return 0;
}

static bool fits(const char *text, const char *form)
{
	size_t i = 0;

	for (; form[i] && text[i]; i++)
		if (form[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
			return false;
	return !form[i] && !text[i];
}

static int moment_parse(const char *text, int64_t *ret_s)
{
	struct tm t = { 0 }, again;
	time_t s;

	if (!fits(text, "0000-00-00") && !fits(text, "0000-00-00T00:00:00Z"))
		return -1;
	if (digits(text, 4, &t.tm_year) < 0 || digits(text + 5, 2, &t.tm_mon) < 0 ||
	    digits(text + 8, 2, &t.tm_mday) < 0)
		return -1;
	if (text[10] &&
	    (digits(text + 11, 2, &t.tm_hour) < 0 || digits(text + 14, 2, &t.tm_min) < 0 ||
	     digits(text + 17, 2, &t.tm_sec) < 0))
		return -1;
	t.tm_year -= 1900;
	t.tm_mon -= 1;
	again = t;
	s = timegm(&again);
	/* What timegm() had to put right is no day or no time of day. */
	if (again.tm_mday != t.tm_mday || again.tm_mon != t.tm_mon || again.tm_hour != t.tm_hour ||
	    again.tm_min != t.tm_min || again.tm_sec != t.tm_sec)
		return -1;
	if (s < 1 || s > RIP_WALL_MAX_S)
		return -1;
	*ret_s = s;
	return 0;
}

static int moment_read(struct document *d, const struct token *t, const char *key, int64_t *ret_s)
{
	if (t->kind == TOKEN_SCALAR && moment_parse(t->text, ret_s) == 0)
		return 0;
	return document_refuse(d, t->place,
			       "'%s' is a time like 2026-12-01T08:00:00Z, or a day like "
			       "2026-12-01, not %s",
			       key, TOKEN_QUOTE(t));
}

static int from_read(struct document *d, const struct token *t, void *object)
{
	return moment_read(d, t, "from", &((struct rip_lifetime *)object)->from_s);
}

static int until_read(struct document *d, const struct token *t, void *object)
{
	return moment_read(d, t, "until", &((struct rip_lifetime *)object)->until_s);
}

static void moment_print(FILE *to, int64_t s)
{
	time_t at = (time_t)s;
	char text[32];
	struct tm t;

	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&at, &t));
	value_print_text(to, text);
}

static void from_print(FILE *to, const void *object)
{
	moment_print(to, ((const struct rip_lifetime *)object)->from_s);
}

static void until_print(FILE *to, const void *object)
{
	moment_print(to, ((const struct rip_lifetime *)object)->until_s);
}

static const struct schema_key lifetime_keys[] = {
	{ "from", SCHEMA_OTHER, FIELD(struct rip_lifetime, from_s), .read = from_read,
	  .print = from_print },
	{ "until", SCHEMA_OTHER, FIELD(struct rip_lifetime, until_s), .read = until_read,
	  .print = until_print },
};
static const struct schema section_lifetime = SECTION("the lifetime of a key", lifetime_keys);

static int lifetime_read(struct document *d, const struct token *first, struct rip_lifetime *l)
{
	int r = schema_read(d, first, &section_lifetime, l, NULL);

	if (r == 0 && l->until_s != 0 && l->until_s <= l->from_s)
		return document_refuse(d, first->place, "'until' is not behind 'from'");
	return r;
}

static int send_read(struct document *d, const struct token *t, void *object)
{
	return lifetime_read(d, t, &((struct rip_key *)object)->send);
}

static int accept_read(struct document *d, const struct token *t, void *object)
{
	return lifetime_read(d, t, &((struct rip_key *)object)->accept);
}

static void lifetime_print(FILE *to, const struct rip_lifetime *l)
{
	schema_print(to, &section_lifetime, l, &(struct rip_lifetime){ 0 });
}

static void send_print(FILE *to, const void *object)
{
	lifetime_print(to, &((const struct rip_key *)object)->send);
}

static void accept_print(FILE *to, const void *object)
{
	lifetime_print(to, &((const struct rip_key *)object)->accept);
}

/* What stands there in place of a path may be the secret itself: it is not repeated. */
static int secret_read(struct document *d, const struct token *t, void *object)
{
	struct rip_key *key = object;
	const char *path;

	if (t->kind != TOKEN_SCALAR ||
	    strncmp(t->text, SECRET_PREFIX "/", sizeof(SECRET_PREFIX)) != 0)
		return document_refuse(d, t->place,
				       "'secret' names a file that has it, like "
				       "file:/etc/vipd/rip.key");
	path = t->text + sizeof(SECRET_PREFIX) - 1;
	if (strlen(path) >= RIP_SECRET_PATH_MAX)
		return document_refuse(d, t->place, "the path of 'secret' is longer than %d bytes",
				       RIP_SECRET_PATH_MAX - 1);
	if (!value_is_printable(path))
		return document_refuse(d, t->place, "'secret' has a control character in it");
	text_copy(key->secret, sizeof(key->secret), path);
	return 0;
}

static void secret_print(FILE *to, const void *object)
{
	char text[sizeof(SECRET_PREFIX) + RIP_SECRET_PATH_MAX];

	snprintf(text, sizeof(text), SECRET_PREFIX "%s", ((const struct rip_key *)object)->secret);
	value_print_text(to, text);
}

static const struct schema_key key_keys[] = {
	{ "id", SCHEMA_NUMBER, FIELD(struct rip_key, id), .max = UINT8_MAX },
	{ "secret", SCHEMA_OTHER, FIELD(struct rip_key, secret), .read = secret_read,
	  .print = secret_print },
	{ "send", SCHEMA_OTHER, FIELD(struct rip_key, send), .read = send_read,
	  .print = send_print },
	{ "accept", SCHEMA_OTHER, FIELD(struct rip_key, accept), .read = accept_read,
	  .print = accept_print },
};
static const struct schema section_key = SECTION("a key", key_keys);

static int key_add(struct document *d, struct auth_read *a, const struct rip_key *key,
		   struct place place, struct place secret)
{
	if (!key->secret[0])
		return document_refuse(d, place, "a key needs its 'secret'");
	for (size_t k = 0; k < a->auth.n_keys; k++)
		if (a->auth.keys[k].id == key->id)
			return document_refuse(d, place, "two keys have the 'id' %u", key->id);
	if (a->auth.n_keys == RIP_KEYS_MAX)
		return document_refuse(d, place, "an interface can have %d keys at most",
				       RIP_KEYS_MAX);
	a->places[a->auth.n_keys] = secret;
	a->auth.keys[a->auth.n_keys++] = *key;
	return 0;
}

static int key_read(struct document *d, const struct token *first, void *object)
{
	struct place places[SCHEMA_KEYS_MAX];
	struct rip_key key = { .id = 1 };
	int r = schema_read(d, first, &section_key, &key, places);

	if (r < 0)
		return r;
	return key_add(d, object, &key, first->place,
		       schema_place(&section_key, places, "secret", first->place));
}

static int keys_read(struct document *d, const struct token *first, void *object)
{
	return section_read_list(d, first,
				 "'keys' is a list of keys like [{id: 1, secret: "
				 "\"file:/etc/vipd/rip.key\"}]",
				 key_read, object);
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
	{ "simple", RIP_AUTH_SIMPLE },
	{ "md5", RIP_AUTH_MD5 },
	{ "hmac-sha-1", RIP_AUTH_HMAC_SHA_1 },
	{ "hmac-sha-256", RIP_AUTH_HMAC_SHA_256 },
	{ "hmac-sha-384", RIP_AUTH_HMAC_SHA_384 },
	{ "hmac-sha-512", RIP_AUTH_HMAC_SHA_512 },
	{ NULL, 0 },
};

static const struct schema_key auth_keys[] = {
	{ "type", SCHEMA_WORD, FIELD(struct auth_read, auth.type), .words = auth_types },
	{ "keys", SCHEMA_OTHER, .read = keys_read },
	{ "id", SCHEMA_OTHER, .read = one_id_read },
	{ "secret", SCHEMA_OTHER, .read = one_secret_read },
	{ "send", SCHEMA_OTHER, .read = one_send_read },
	{ "accept", SCHEMA_OTHER, .read = one_accept_read },
};
static const struct schema section_auth = SECTION("'auth'", auth_keys);

int section_read_auth(struct document *d, const struct token *first, void *object)
{
	struct config_rule *rule = object;
	struct place places[SCHEMA_KEYS_MAX];
	const struct place nowhere = { 0 };
	struct auth_read a = { .one.id = 1 };
	bool listed, short_form = false;
	int r = schema_read(d, first, &section_auth, &a, places);

	if (r < 0)
		return r;
	listed = schema_place(&section_auth, places, "keys", nowhere).line;
	for (size_t i = 2; i < ARRAY_LENGTH(auth_keys); i++)
		short_form |= places[i].line;
	if (a.auth.type == RIP_AUTH_NONE)
		return document_refuse(d, first->place,
				       "'auth' needs its 'type', like hmac-sha-256");
	if (listed && short_form)
		return document_refuse(d, first->place,
				       "'auth' has one key, or a list of 'keys', not both");
	if (!listed)
		r = key_add(d, &a, &a.one, first->place,
			    schema_place(&section_auth, places, "secret", first->place));
	if (r < 0)
		return r;
	if (a.auth.n_keys == 0)
		return document_refuse(d, first->place, "'auth' needs a key");
	rule->rule.rip.auth = a.auth;
	memcpy(rule->secrets, a.places, sizeof(rule->secrets));
	rule->auth = first->place;
	return 0;
}

void section_print_auth(FILE *to, const void *object)
{
	const struct rip_auth *a = &((const struct config_rule *)object)->rule.rip.auth;
	/* A number that no key has: it is always written out. */
	struct rip_key defaults = { 0 };

	fprintf(to, "{type: %s, keys: [", rip_auth_name(a->type));
	for (size_t k = 0; k < a->n_keys; k++) {
		defaults.id = (uint8_t)~a->keys[k].id;
		fputs(k ? ", " : "", to);
		schema_print(to, &section_key, &a->keys[k], &defaults);
	}
	fputs("]}", to);
}

bool config_secret_next(const struct config *c, size_t *position, struct config_secret *ret)
{
	size_t at = 0;

	for (size_t i = 0; i < c->n_rules; i++) {
		const struct config_rule *rule = &c->rules[i];

		for (size_t k = 0; rule->rule.rip_enabled && k < rule->rule.rip.auth.n_keys; k++) {
			const struct place *p = &rule->secrets[k];

			if (at++ < *position)
				continue;
			*position = at;
			*ret = (struct config_secret){ .path = rule->rule.rip.auth.keys[k].secret,
						       .type = rule->rule.rip.auth.type,
						       .file = p->file ? p->file : "",
						       .line = p->line,
						       .column = p->column };
			return true;
		}
	}
	return false;
}
