/* SPDX-License-Identifier: Apache-2.0 */
#include "fields/check.h"

#include "base/text.h"

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

static const struct check_settings check_defaults = {
	.status_low = 200,
	.status_high = 299,
	.user = "nobody",
	.every = { 2000000000 },
	.timeout = { 1000000000 },
	.rise = 2,
	.fall = 3,
};

static const struct field check_fields[] = {
	FIELD(1, "name", struct check_settings, name, .flags = FIELD_NOT_IN_FILE),
	FIELD_WORD(2, "kind", struct check_settings, kind, check_kind_words,
		   .flags = FIELD_NOT_IN_FILE),
	FIELD(3, "address", struct check_settings, address,
	      .help = "who is asked, in place of the VIP itself"),
	FIELD(4, "port", struct check_settings, port, .min = 1, .max = UINT16_MAX,
	      .help = "the port that is asked at"),
	FIELD(5, "target", struct check_settings, target, .flags = FIELD_NOT_IN_FILE),
	FIELD(6, "host", struct check_settings, host, .help = "the Host header of the request"),
	FIELD(7, "expect", struct check_settings, expect,
	      .help = "a text in the first 64 KiB of the body"),
	FIELD(8, "status_low", struct check_settings, status_low, .flags = FIELD_NOT_IN_FILE),
	FIELD(9, "status_high", struct check_settings, status_high, .flags = FIELD_NOT_IN_FILE),
	FIELD(10, "user", struct check_settings, user, .help = "as whom the program runs"),
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

const struct record check_record = RECORD("a check", struct check_settings, check_fields,
					  .defaults = &check_defaults, .check = check_check);

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
