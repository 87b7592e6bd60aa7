/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The section `checks`: definitions by name. The key that says of which kind a check is carries
 * what it is mainly about, so there is exactly one of these.
 */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "config/map.h"
#include "config/model.h"
#include "config/section.h"
#include "fields/value.h"

#define EVERY_MIN_MS 100
#define EVERY_MAX_MS (3600 * 1000)
#define STATUS_MIN 200
#define STATUS_MAX 599

#define KIND(kind) (1u << (kind))
#define KINDS_HTTP (KIND(CHECK_HTTP) | KIND(CHECK_HTTPS))

static uint16_t usual_port(uint8_t kind)
{
	switch (kind) {
	case CHECK_HTTP:
		return 80;
	case CHECK_HTTPS:
		return 443;
	case CHECK_DNS:
		return 53;
	default:
		return 0;
	}
}

void config_check_default(struct config_check *check, uint8_t kind)
{
	check_settings_default(&check->settings);
	check->settings.port = usual_port(kind);
}

static void kind_set(void *object, uint8_t kind)
{
	struct config_check *check = object;

	check->is[kind] = true;
	check->settings.kind = kind;
}

static struct check_settings *settings_of(void *object)
{
	return &((struct config_check *)object)->settings;
}

static const struct check_settings *settings_in(const void *object)
{
	return &((const struct config_check *)object)->settings;
}

/* The text of a target, which says what is wrong with it unless it has this beginning. */
static int target_read(struct document *d, const struct token *t, void *object, const char *key,
		       const char *example)
{
	if (t->kind != TOKEN_SCALAR || !*t->text || (*example == '/' && *t->text != '/'))
		return document_refuse(d, t->place, "'%s' is %s like %s, not %s", key,
				       *example == '/' ? "a path" : "a name", example,
				       TOKEN_QUOTE(t));
	if (strlen(t->text) >= CHECK_TARGET_MAX)
		return document_refuse(d, t->place, "'%s' is longer than %d bytes", key,
				       CHECK_TARGET_MAX - 1);
	if (!value_is_printable(t->text))
		return document_refuse(d, t->place, "'%s' has a control character in it", key);
	text_copy(settings_of(object)->target, CHECK_TARGET_MAX, t->text);
	return 0;
}

static void target_print(FILE *to, const void *object)
{
	map_print_text(to, settings_in(object)->target);
}

static int tcp_read(struct document *d, const struct token *t, void *object)
{
	int64_t port;

	kind_set(object, CHECK_TCP);
	if (t->kind != TOKEN_SCALAR || value_parse_number(t->text, &port) < 0 || port < 1 ||
	    port > UINT16_MAX)
		return document_refuse(d, t->place, "'tcp' is a port from 1 to 65535, not %s",
				       TOKEN_QUOTE(t));
	settings_of(object)->port = (uint16_t)port;
	return 0;
}

static void tcp_print(FILE *to, const void *object)
{
	fprintf(to, "%u", settings_in(object)->port);
}

/* RFC 9112 3.2: nothing in a request line may look like its end, nor like its next word. */
static int request_read(struct document *d, const struct token *t, void *object, const char *key)
{
	int r = target_read(d, t, object, key, "/health");

	for (const char *c = t->text; r == 0 && *c; c++)
		if (!isgraph((unsigned char)*c))
			return document_refuse(d, t->place,
					       "'%s' has a character in it that must be written "
					       "as %%%02X",
					       key, (uint8_t)*c);
	return r;
}

static int http_read(struct document *d, const struct token *t, void *object)
{
	kind_set(object, CHECK_HTTP);
	return request_read(d, t, object, "http");
}

static int https_read(struct document *d, const struct token *t, void *object)
{
	kind_set(object, CHECK_HTTPS);
	return request_read(d, t, object, "https");
}

static int address_read(struct document *d, const struct token *t, void *object, const char *key)
{
	struct address a;

	if (t->kind != TOKEN_SCALAR || address_parse(t->text, &a) < 0)
		return document_refuse(d, t->place, "'%s' is an address like 10.1.0.1, not %s", key,
				       TOKEN_QUOTE(t));
	if (address_is_unspecified(&a) || address_is_multicast(&a))
		return document_refuse(d, t->place, "nobody can be asked at %s", t->text);
	settings_of(object)->address = a;
	return 0;
}

/* `icmp: {}` and `icmp: yes` ask the VIP itself. */
static int icmp_read(struct document *d, const struct token *t, void *object)
{
	struct token end;
	bool yes;

	kind_set(object, CHECK_ICMP);
	if (t->kind == TOKEN_SCALAR && value_parse_bool(t->text, &yes) == 0 && yes)
		return 0;
	if (t->kind != TOKEN_MAP)
		return address_read(d, t, object, "icmp");
	if (document_next(d, &end) < 0)
		return -EINVAL;
	if (end.kind != TOKEN_MAP_END)
		return document_refuse(d, end.place,
				       "'icmp' is an address like 10.1.0.1, or {} for the VIP");
	return 0;
}

static void address_print(FILE *to, const void *object)
{
	const struct address *a = &settings_in(object)->address;

	if (address_is_set(a))
		map_print_text(to, ADDRESS_TEXT(a));
	else
		fputs("{}", to);
}

/* RFC 1035 2.3.4: labels of 1 to 63 characters, and a dot at the end or none. */
static bool is_domain(const char *name)
{
	while (*name) {
		size_t length = strcspn(name, ".");

		if (length == 0 || length > 63)
			return false;
		name += length;
		name += *name == '.';
	}
	return true;
}

static int dns_read(struct document *d, const struct token *t, void *object)
{
	int r = target_read(d, t, object, "dns", "www.example.com");

	kind_set(object, CHECK_DNS);
	if (r == 0 && !is_domain(t->text))
		return document_refuse(d, t->place, "%s is not a name that DNS could have",
				       TOKEN_QUOTE(t));
	return r;
}

static int file_read(struct document *d, const struct token *t, void *object)
{
	kind_set(object, CHECK_FILE);
	return target_read(d, t, object, "file", "/run/in-service");
}

static int exec_word_read(struct document *d, const struct token *t, void *object)
{
	char *target = settings_of(object)->target;
	size_t length = strlen(target), more = t->kind == TOKEN_SCALAR ? strlen(t->text) : 0;

	if (t->kind != TOKEN_SCALAR)
		return document_refuse(d, t->place, "an argument of 'exec' is a text, not %s",
				       TOKEN_QUOTE(t));
	if (length == 0 && *t->text != '/')
		return document_refuse(d, t->place,
				       "the program of 'exec' is a path that begins with /, not %s",
				       TOKEN_QUOTE(t));
	if (!value_is_printable(t->text))
		return document_refuse(d, t->place, "'exec' has a control character in it");
	if (length + more + 2 > CHECK_TARGET_MAX)
		return document_refuse(d, t->place,
				       "'exec' is longer than %d bytes: write a script",
				       CHECK_TARGET_MAX - 1);
	memcpy(target + length, t->text, more);
	memcpy(target + length + more, "\n", 2);
	return 0;
}

static int exec_read(struct document *d, const struct token *first, void *object)
{
	int r;

	kind_set(object, CHECK_EXEC);
	settings_of(object)->target[0] = '\0';
	r = section_read_list(
		d, first, "'exec' is a list of a program and its arguments like [/bin/true, -v]",
		exec_word_read, object);
	if (r == 0 && !settings_of(object)->target[0])
		return document_refuse(d, first->place, "'exec' names no program");
	return r;
}

static void exec_print(FILE *to, const void *object)
{
	const char *word = settings_in(object)->target;
	char text[CHECK_TARGET_MAX];

	fputc('[', to);
	for (size_t n = 0; *word; n++) {
		size_t length = strcspn(word, "\n");

		memcpy(text, word, length);
		text[length] = '\0';
		fputs(n ? ", " : "", to);
		map_print_text(to, text);
		word += length + 1;
	}
	fputc(']', to);
}

static int asked_read(struct document *d, const struct token *t, void *object)
{
	return address_read(d, t, object, "address");
}

/* One status, or the first and the last of several. */
static int status_read(struct document *d, const struct token *t, void *object)
{
	struct check_settings *s = settings_of(object);
	char low[8] = "", high[8] = "";
	const char *dash = t->kind == TOKEN_SCALAR ? strchr(t->text, '-') : NULL;
	int64_t first = 0, last = 0;

	if (dash && dash - t->text < (ptrdiff_t)sizeof(low)) {
		memcpy(low, t->text, (size_t)(dash - t->text));
		text_copy(high, sizeof(high), dash + 1);
	} else if (t->kind == TOKEN_SCALAR) {
		text_copy(low, sizeof(low), t->text);
		text_copy(high, sizeof(high), t->text);
	}
	if (value_parse_number(low, &first) < 0 || value_parse_number(high, &last) < 0 ||
	    first < STATUS_MIN || last > STATUS_MAX || first > last)
		return document_refuse(d, t->place,
				       "'status' is a status like 200 or a range like 200-399, "
				       "not %s",
				       TOKEN_QUOTE(t));
	s->status_low = (uint16_t)first;
	s->status_high = (uint16_t)last;
	return 0;
}

static void status_print(FILE *to, const void *object)
{
	const struct check_settings *s = settings_in(object);

	fprintf(to, "%u", s->status_low);
	if (s->status_high != s->status_low)
		fprintf(to, "-%u", s->status_high);
}

/* Whether there is such a user is known only when he is needed. */
static int user_read(struct document *d, const struct token *t, void *object)
{
	if (t->kind != TOKEN_SCALAR || !*t->text || strlen(t->text) >= CHECK_USER_MAX ||
	    !value_is_printable(t->text))
		return document_refuse(d, t->place, "'user' is the name of a user, not %s",
				       TOKEN_QUOTE(t));
	text_copy(settings_of(object)->user, CHECK_USER_MAX, t->text);
	return 0;
}

static void user_print(FILE *to, const void *object)
{
	map_print_text(to, settings_in(object)->user);
}

/* A name that DNS could have: it goes into the head of a request and into a certificate's. */
static int host_read(struct document *d, const struct token *t, void *object)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
	size_t length = t->kind == TOKEN_SCALAR ? strlen(t->text) : 0;

	if (length == 0 || strspn(t->text, letters) != length)
		return document_refuse(d, t->place, "'host' is a name like www.example.com, not %s",
				       TOKEN_QUOTE(t));
	if (length >= CHECK_EXPECT_MAX)
		return document_refuse(d, t->place, "'host' is longer than %d bytes",
				       CHECK_EXPECT_MAX - 1);
	text_copy(settings_of(object)->host, CHECK_EXPECT_MAX, t->text);
	return 0;
}

static void host_print(FILE *to, const void *object)
{
	map_print_text(to, settings_in(object)->host);
}

#define SETTING(member) MEMBER(struct config_check, settings.member)
#define KIND_FIELD(kind) MEMBER(struct config_check, is[kind])
#define STATUSES                                                                                   \
	.offset = offsetof(struct config_check, settings.status_low),                              \
	.size = offsetof(struct check_settings, user) -                                            \
		offsetof(struct check_settings, status_low)

static const struct schema_key check_keys[] = {
	{ "tcp", SCHEMA_OTHER, KIND_FIELD(CHECK_TCP), .read = tcp_read, .print = tcp_print },
	{ "http", SCHEMA_OTHER, KIND_FIELD(CHECK_HTTP), .read = http_read, .print = target_print },
	{ "https", SCHEMA_OTHER, KIND_FIELD(CHECK_HTTPS), .read = https_read,
	  .print = target_print },
	{ "icmp", SCHEMA_OTHER, KIND_FIELD(CHECK_ICMP), .read = icmp_read, .print = address_print },
	{ "dns", SCHEMA_OTHER, KIND_FIELD(CHECK_DNS), .read = dns_read, .print = target_print },
	{ "exec", SCHEMA_OTHER, KIND_FIELD(CHECK_EXEC), .read = exec_read, .print = exec_print },
	{ "file", SCHEMA_OTHER, KIND_FIELD(CHECK_FILE), .read = file_read, .print = target_print },
	{ "address", SCHEMA_OTHER, SETTING(address), .read = asked_read, .print = address_print },
	{ "port", SCHEMA_NUMBER, SETTING(port), .min = 1, .max = UINT16_MAX },
	{ "host", SCHEMA_OTHER, SETTING(host), .read = host_read, .print = host_print },
	{ "status", SCHEMA_OTHER, STATUSES, .read = status_read, .print = status_print },
	{ "expect", SCHEMA_TEXT, SETTING(expect) },
	{ "user", SCHEMA_OTHER, SETTING(user), .read = user_read, .print = user_print },
	{ "every", SCHEMA_DURATION, SETTING(every), .min = EVERY_MIN_MS, .max = EVERY_MAX_MS },
	{ "timeout", SCHEMA_DURATION, SETTING(timeout), .min = 1, .max = EVERY_MAX_MS },
	{ "rise", SCHEMA_NUMBER, SETTING(rise), .min = 1, .max = UINT8_MAX },
	{ "fall", SCHEMA_NUMBER, SETTING(fall), .min = 1, .max = UINT8_MAX },
	{ "failing", SCHEMA_WORD, SETTING(failing), .word = check_failing_name },
	{ "fail_open", SCHEMA_BOOL, SETTING(fail_open) },
};
const struct schema section_check = SECTION("a check", check_keys);

/* The keys that only some kinds have. */
static const struct {
	const char *key;
	unsigned kinds;
} special_keys[] = {
	{ "address",
	  KIND(CHECK_TCP) | KINDS_HTTP | KIND(CHECK_ICMP) | KIND(CHECK_DNS) | KIND(CHECK_EXEC) },
	{ "port", KINDS_HTTP | KIND(CHECK_DNS) },
	{ "host", KINDS_HTTP },
	{ "status", KINDS_HTTP },
	{ "expect", KINDS_HTTP },
	{ "user", KIND(CHECK_EXEC) },
};

static int check_keys_fit(struct document *d, const struct config_check *check,
			  const struct place *places)
{
	const char *kind = check_kind_name(check->settings.kind);

	for (size_t i = 0; i < ARRAY_LENGTH(special_keys); i++) {
		const char *key = special_keys[i].key;
		struct place at = schema_place(&section_check, places, key, (struct place){ 0 });

		if (at.line && !(special_keys[i].kinds & KIND(check->settings.kind)))
			return document_refuse(
				d, at, "'%s' says nothing for a check of the kind %s", key, kind);
	}
	return 0;
}

/* The places of the kinds are the first ones, in their order. */
static int check_has_one_kind(struct document *d, const struct config_check *check,
			      const struct place *places)
{
	unsigned kinds = 0;

	for (uint8_t kind = CHECK_TCP; kind <= CHECK_FILE; kind++) {
		kinds += check->is[kind];
		if (kinds > 1 && check->is[kind])
			return document_refuse(
				d, places[kind - CHECK_TCP],
				"the check '%s' is of one kind, and '%s' is a second",
				check->settings.name, check_kind_name(kind));
	}
	return 0;
}

static int check_complete(struct document *d, struct config_check *check,
			  const struct place *places)
{
	struct check_settings *s = &check->settings;
	char sentence[NODE_SENTENCE_MAX];
	int r = check_has_one_kind(d, check, places);

	if (r == 0)
		r = check_keys_fit(d, check, places);
	if (r < 0)
		return r;
	if (s->port == 0)
		s->port = usual_port(s->kind);
	/* Who only says that it is done more often has not asked for more patience than that. */
	if (!schema_place(&section_check, places, "timeout", (struct place){ 0 }).line &&
	    s->timeout.ns > s->every.ns)
		s->timeout = s->every;
	if (check_settings_check(s, sentence, sizeof(sentence)) < 0)
		return document_refuse(
			d, schema_place(&section_check, places, "timeout", check->place), "%s",
			sentence);
	return 0;
}

static int check_name_read(struct document *d, const struct config *c, const struct token *t)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";

	if (t->kind != TOKEN_SCALAR)
		return document_refuse(d, t->place, "a key is a plain word, not %s",
				       TOKEN_QUOTE(t));
	if (!*t->text || strspn(t->text, letters) != strlen(t->text) ||
	    strlen(t->text) >= CHECK_NAME_MAX)
		return document_refuse(d, t->place,
				       "%s cannot be the name of a check (1 to %d letters, digits, "
				       "'-', '_' or '.')",
				       TOKEN_QUOTE(t), CHECK_NAME_MAX - 1);
	for (size_t i = 0; i < c->n_checks; i++)
		if (strcmp(c->checks[i].settings.name, t->text) == 0)
			return document_refuse(
				d, t->place, "%s is here twice: it was given in %s already",
				TOKEN_QUOTE(t), PLACE_QUOTE(c->checks[i].place, t->place));
	if (c->n_checks == NODE_CHECKS_MAX)
		return document_refuse(d, t->place, "there are more than %d checks",
				       NODE_CHECKS_MAX);
	return 0;
}

static int check_read(struct document *d, const struct token *key, struct config *c)
{
	struct config_check check = { .place = key->place };
	struct place places[SCHEMA_KEYS_MAX];
	struct token t;
	int r = check_name_read(d, c, key);

	if (r < 0)
		return r;
	config_check_default(&check, 0);
	text_copy(check.settings.name, CHECK_NAME_MAX, key->text);
	r = document_next(d, &t);
	if (r == 0)
		r = schema_read(d, &t, &section_check, &check, places);
	if (r == 0)
		r = check_complete(d, &check, places);
	if (r == 0)
		r = config_grow((void **)&c->checks, c->n_checks, &c->checks_capacity,
				sizeof(check));
	if (r < 0)
		return r;
	c->checks[c->n_checks++] = check;
	return 0;
}

int section_read_checks(struct document *d, const struct token *first, void *object)
{
	struct token t;
	int r;

	if (first->kind != TOKEN_MAP)
		return document_refuse(d, first->place,
				       "'checks' is a map like {web: {http: /health}}, not %s",
				       TOKEN_QUOTE(first));
	for (;;) {
		r = document_next(d, &t);
		if (r < 0 || t.kind == TOKEN_MAP_END)
			return r;
		r = check_read(d, &t, object);
		if (r < 0)
			return r;
	}
}
