/* SPDX-License-Identifier: Apache-2.0 */
#include "fields/check.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "fields/value.h"

static const struct field_word check_kind_words[] = {
	{ "tcp", CHECK_TCP, "a connection to a port is accepted" },
	{ "http", CHECK_HTTP, "the status of a path, and perhaps a text in the body" },
	{ "https", CHECK_HTTPS, "the same over TLS" },
	{ "icmp", CHECK_ICMP, "an echo request is answered" },
	{ "dns", CHECK_DNS, "a name server answers for a name" },
	{ "exec", CHECK_EXEC, "a program ends with 0" },
	{ "file", CHECK_FILE, "a file is there" },
	{ 0 },
};

static const struct field_word check_failing_words[] = {
	{ "withdraw", CHECK_WITHDRAWS, "withdraws the VIP, which still is on its board" },
	{ "worsen", CHECK_WORSENS, "announces it with metric 8, as a last resort" },
	{ 0 },
};

#define STATUS_MIN 200
#define STATUS_MAX 599

static const struct check_settings check_defaults = {
	.status_low = 200,
	.status_high = 299,
	.user = "nobody",
	.every = { 2000000000 },
	.timeout = { 1000000000 },
	.rise = 2,
	.fall = 3,
};

/* Texts that are more than a text: each rule looks at what its type has taken. */

/* RFC 9112 3.2: nothing in a request line may look like its end, nor like its next word. */
static int request_check(const char *text, const void *value, char *sentence, size_t size)
{
	(void)value;
	if (*text != '/')
		return -EINVAL;
	for (const char *c = text; *c; c++)
		if (!isgraph((unsigned char)*c))
			return text_refuse(sentence, size,
					   "%s has a character in it that must be written as "
					   "%%%02X",
					   VALUE_QUOTE(text), (uint8_t)*c);
	return 0;
}

static int path_check(const char *text, const void *value, char *sentence, size_t size)
{
	(void)value;
	(void)sentence;
	(void)size;
	return *text == '/' ? 0 : -EINVAL;
}

/* RFC 1035 2.3.4: labels of 1 to 63 characters, and a dot at the end or none. */
static int domain_check(const char *text, const void *value, char *sentence, size_t size)
{
	(void)value;
	if (!*text)
		return -EINVAL;
	for (const char *label = text; *label;) {
		size_t length = strcspn(label, ".");

		if (length == 0 || length > 63)
			return text_refuse(sentence, size, "%s is not a name that DNS could have",
					   VALUE_QUOTE(text));
		label += length;
		label += *label == '.';
	}
	return 0;
}

static int program_check(const char *text, const void *lines, char *sentence, size_t size)
{
	/* The first of them is all there is. */
	if (strlen(lines) == strlen(text) + 1 && *text != '/')
		return text_refuse(sentence, size,
				   "the program of 'exec' is a path that begins with /, not %s",
				   VALUE_QUOTE(text));
	return 0;
}

static int asked_check(const char *text, const void *value, char *sentence, size_t size)
{
	if (address_is_unspecified(value) || address_is_multicast(value))
		return text_refuse(sentence, size, "nobody can be asked at %s", text);
	return 0;
}

/* A name that DNS could have: it goes into the head of a request and into a certificate's. */
static int host_check(const char *text, const void *value, char *sentence, size_t size)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";

	(void)value;
	(void)sentence;
	(void)size;
	return *text && strspn(text, letters) == strlen(text) ? 0 : -EINVAL;
}

/* Whether there is such a user is known only when he is needed. */
static int user_check(const char *text, const void *value, char *sentence, size_t size)
{
	(void)value;
	(void)sentence;
	(void)size;
	return *text ? 0 : -EINVAL;
}

/* One status, or the first and the last of several. */
static int status_parse(const char *text, void *value, char *sentence, size_t size)
{
	uint16_t *low_high = value;
	const char *dash = strchr(text, '-');
	char low[8];
	int64_t first, last;

	(void)sentence;
	(void)size;
	snprintf(low, sizeof(low), "%.*s", (int)(dash ? dash - text : 7), text);
	if (value_parse_number(low, &first) < 0 ||
	    value_parse_number(dash ? dash + 1 : text, &last) < 0 || first < STATUS_MIN ||
	    last > STATUS_MAX || first > last)
		return -EINVAL;
	low_high[0] = (uint16_t)first;
	low_high[1] = (uint16_t)last;
	return 0;
}

static void status_format(const void *value, char *text, size_t size)
{
	const uint16_t *low_high = value;
	struct text t;

	text_init(&t, text, size);
	text_add(&t, "%u", low_high[0]);
	if (low_high[1] != low_high[0])
		text_add(&t, "-%u", low_high[1]);
}

#define NAME_LIKE "a name like www.example.com"
static const struct field_text port_text = { .form = "a port from 1 to 65535" };
static const struct field_text request_text = { "a path like /health", .check = request_check };
static const struct field_text file_text = { "a path like /run/in-service", .check = path_check };
static const struct field_text domain_text = { NAME_LIKE, .check = domain_check };
static const struct field_text host_text = { NAME_LIKE, .check = host_check };
static const struct field_text user_text = { "the name of a user", .check = user_check };
static const struct field_text asked_text = { NULL, .check = asked_check };
static const struct field_text program_text = {
	"a list of a program and its arguments like [/bin/true, -v]",
	.check = program_check,
};
static const struct field_text status_text = {
	"a status like 200 or a range like 200-399",
	.parse = status_parse,
	.format = status_format,
};

/* The key that says of which kind a check is carries what it is mainly about. */
#define KEY_OF(kind_) .makes = (kind_), .flags = FIELD_NOT_SAVED | FIELD_NOT_SHOWN

#define KIND(kind) (1u << (kind))
#define KINDS_HTTP (KIND(CHECK_HTTP) | KIND(CHECK_HTTPS))
#define KINDS_ASKED                                                                                \
	(KINDS_HTTP | KIND(CHECK_TCP) | KIND(CHECK_ICMP) | KIND(CHECK_DNS) | KIND(CHECK_EXEC))

static const struct field check_fields[] = {
	FIELD(0, "tcp", struct check_settings, port, KEY_OF(CHECK_TCP), .min = 1, .max = UINT16_MAX,
	      .text = &port_text, .help = "well when a connection to it is accepted"),
	FIELD(0, "http", struct check_settings, target, KEY_OF(CHECK_HTTP), .text = &request_text,
	      .help = "well when GET is answered with a status that is wanted"),
	FIELD(0, "https", struct check_settings, target, KEY_OF(CHECK_HTTPS), .text = &request_text,
	      .help = "likewise over TLS, on port 443"),
	FIELD(0, "icmp", struct check_settings, address, KEY_OF(CHECK_ICMP), .text = &asked_text,
	      .help = "well when it answers an echo request; {} is the VIP itself"),
	FIELD(0, "dns", struct check_settings, target, KEY_OF(CHECK_DNS), .text = &domain_text,
	      .help = "well when a name server answers with a record for its IPv4 address"),
	FIELD_LINES(0, "exec", struct check_settings, target, KEY_OF(CHECK_EXEC),
		    .text = &program_text, .help = "well when it ends with 0"),
	FIELD(0, "file", struct check_settings, target, KEY_OF(CHECK_FILE), .text = &file_text,
	      .help = "well when there is such a file"),
	FIELD(1, "name", struct check_settings, name, .flags = FIELD_NOT_IN_FILE),
	FIELD_WORD(2, "kind", struct check_settings, kind, check_kind_words,
		   .flags = FIELD_NOT_IN_FILE),
	FIELD(3, "address", struct check_settings, address, .only = KINDS_ASKED,
	      .text = &asked_text, .help = "who is asked, in place of the VIP itself"),
	FIELD(4, "port", struct check_settings, port, .min = 1, .max = UINT16_MAX,
	      .only = KINDS_HTTP | KIND(CHECK_DNS),
	      .help = "the port that is asked at; usually 80, 443 or 53"),
	FIELD(5, "target", struct check_settings, target, .flags = FIELD_NOT_IN_FILE),
	FIELD(6, "host", struct check_settings, host, .only = KINDS_HTTP, .text = &host_text,
	      .help = "the name that is asked for, in place of the address"),
	{ .name = "status",
	  .type = FIELD_TYPE_NUMBER,
	  .offset = offsetof(struct check_settings, status_low),
	  .size = 2 * sizeof(uint16_t),
	  .only = KINDS_HTTP,
	  .flags = FIELD_NOT_SAVED | FIELD_NOT_SHOWN,
	  .text = &status_text,
	  .help = "what is a good answer, from 200 to 599" },
	FIELD(7, "expect", struct check_settings, expect, .only = KINDS_HTTP,
	      .help = "a text in the first 64 KiB of the body"),
	FIELD(8, "status_low", struct check_settings, status_low, .flags = FIELD_NOT_IN_FILE),
	FIELD(9, "status_high", struct check_settings, status_high, .flags = FIELD_NOT_IN_FILE),
	FIELD(10, "user", struct check_settings, user, .only = KIND(CHECK_EXEC), .text = &user_text,
	      .help = "as whom the program runs"),
	FIELD(11, "every", struct check_settings, every, .min = CHECK_EVERY_MIN_MS,
	      .max = CHECK_EVERY_MAX_MS, .help = "how often it is done, a tenth more or less"),
	FIELD(12, "timeout", struct check_settings, timeout, .min = 1, .max = CHECK_EVERY_MAX_MS,
	      .help = "for how long an answer is waited for"),
	FIELD(13, "rise", struct check_settings, rise, .min = 1, .max = UINT8_MAX,
	      .help = "so many times in a row it must be well to pass again"),
	FIELD(14, "fall", struct check_settings, fall, .min = 1, .max = UINT8_MAX,
	      .help = "so many times in a row it must not be well to fail"),
	FIELD_WORD(15, "failing", struct check_settings, failing, check_failing_words,
		   .help = "what follows for a VIP whose check fails"),
	FIELD(16, "fail_open", struct check_settings, fail_open,
	      .help = "when it fails for every VIP that has it, it counts for none of them"),
};

static int check_check(const void *object, char *sentence, size_t size)
{
	return check_settings_check(object, sentence, size);
}

const struct record check_record =
	RECORD("a check", struct check_settings, check_fields, .defaults = &check_defaults,
	       .check = check_check, .kind = offsetof(struct check_settings, kind));

uint16_t check_usual_port(uint8_t kind)
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

const char *check_kind_name(uint8_t kind)
{
	return field_word_text(check_kind_words, kind);
}

const char *check_failing_name(uint8_t failing)
{
	return field_word_text(check_failing_words, failing);
}

void check_settings_default(struct check_settings *s)
{
	*s = check_defaults;
}

static bool check_needs_port(uint8_t kind)
{
	return kind == CHECK_TCP || kind == CHECK_HTTP || kind == CHECK_HTTPS || kind == CHECK_DNS;
}

int check_settings_check(const struct check_settings *s, char *sentence, size_t size)
{
	if (!s->name[0])
		return text_refuse(sentence, size, "a check needs a name");
	if (s->kind < CHECK_TCP || s->kind > CHECK_FILE)
		return text_refuse(sentence, size,
				   "the check '%s' does not say what it does: tcp, http, https, "
				   "icmp, dns, exec or file",
				   s->name);
	if (check_needs_port(s->kind) && s->port == 0)
		return text_refuse(sentence, size, "the check '%s' needs a port", s->name);
	if ((s->kind == CHECK_FILE || s->kind == CHECK_EXEC) && s->target[0] != '/')
		return text_refuse(sentence, size, "the check '%s' needs a path that begins with /",
				   s->name);
	if (s->kind == CHECK_DNS && !s->target[0])
		return text_refuse(sentence, size, "the check '%s' needs a name to ask for",
				   s->name);
	if (s->every.ns < DURATION_MS(CHECK_EVERY_MIN_MS).ns ||
	    s->every.ns > DURATION_MS(CHECK_EVERY_MAX_MS).ns)
		return text_refuse(sentence, size,
				   "the check '%s' can be done every 100ms at the most, and every "
				   "1h at the least",
				   s->name);
	if (s->timeout.ns <= 0 || s->timeout.ns > s->every.ns)
		return text_refuse(
			sentence, size,
			"the 'timeout' of the check '%s' must be longer than nothing and "
			"no longer than 'every'",
			s->name);
	if (s->rise == 0 || s->fall == 0)
		return text_refuse(sentence, size,
				   "'rise' and 'fall' of the check '%s' are 1 or more", s->name);
	return 0;
}
