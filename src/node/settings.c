/* SPDX-License-Identifier: Apache-2.0 */
#include "node/settings.h"

#include "base/text.h"
#include "fields/filter.h"
#include "fields/keychain.h"

#define US_PER_MS 1000

static const struct field_word bfd_auth_words[] = {
	{ "simple", BFD_AUTH_PASSWORD, "a password that everybody on the wire can read" },
	{ "md5", BFD_AUTH_MD5, NULL },
	{ "meticulous-md5", BFD_AUTH_MD5_METICULOUS, NULL },
	{ "sha1", BFD_AUTH_SHA1, NULL },
	{ "meticulous-sha1", BFD_AUTH_SHA1_METICULOUS, NULL },
	{ 0 },
};

static int bfd_key_check(const void *object, char *sentence, size_t size)
{
	if (!((const struct bfd_auth_key *)object)->secret[0])
		return text_refuse(sentence, size, "a key needs its 'secret'");
	return 0;
}

static const struct bfd_auth_key bfd_key_defaults = { .id = 1 };

static const struct field bfd_key_fields[] = {
	FIELD(1, "id", struct bfd_auth_key, id, .max = UINT8_MAX, .flags = FIELD_UNIQUE,
	      .help = "its number, the same at the neighbour"),
	FIELD(2, "secret", struct bfd_auth_key, secret, .text = &secret_text,
	      .help = "the file that has the secret"),
};
static const struct record bfd_key_record =
	RECORD("a key of 'bfd'", struct bfd_auth_key, bfd_key_fields, .defaults = &bfd_key_defaults,
	       .check = bfd_key_check);

static int bfd_auth_check(const void *object, char *sentence, size_t size)
{
	const struct bfd_auth *a = object;

	if (a->type == BFD_AUTH_NONE)
		return text_refuse(sentence, size, "'auth' needs its 'type', like meticulous-sha1");
	if (a->n_keys == 0)
		return text_refuse(sentence, size, "a key needs its 'secret'");
	return 0;
}

static const struct field bfd_auth_fields[] = {
	FIELD_WORD(1, "type", struct bfd_auth, type, bfd_auth_words,
		   .help = "how packets are signed"),
	FIELD_LIST_OF(2, "keys", struct bfd_auth, keys, n_keys, bfd_key_record,
		      .flags = FIELD_INLINE, .text = &keys_text,
		      .help = "the keys, in place of a single one"),
};
const struct record bfd_auth_record =
	RECORD("'auth' of 'bfd'", struct bfd_auth, bfd_auth_fields, .check = bfd_auth_check);

static const struct bfd_rule bfd_defaults = {
	.params = { .tx_us = 300000, .rx_us = 300000, .multiplier = 3 },
};

static const struct field bfd_fields[] = {
	FIELD_INTERVAL(1, "interval", struct bfd_rule, params.tx_us,
		       .min = BFD_INTERVAL_MIN_US / US_PER_MS,
		       .max = BFD_INTERVAL_MAX_US / US_PER_MS,
		       .help = "the time between packets, in both directions"),
	FIELD(2, "multiplier", struct bfd_rule, params.multiplier, .min = 1, .max = UINT8_MAX,
	      .help = "so many packets in a row must be lost"),
	FIELD(3, "passive", struct bfd_rule, params.passive,
	      .help = "whether the neighbour has to begin"),
	FIELD_GROUP(4, "auth", struct bfd_rule, auth, bfd_auth_record, .flags = FIELD_OR_NONE,
		    .help = "how packets are authenticated"),
};
const struct record bfd_rule_record =
	RECORD("'bfd' of an interface", struct bfd_rule, bfd_fields, .defaults = &bfd_defaults,
	       .example = "on, off, or a map like {interval: 50ms, multiplier: 3}");

static const struct field_word probe_through_words[] = {
	{ "neighbor", PROBE_THROUGH_NEIGHBOR,
	  "each is asked for its address, which any host says" },
	{ "router", PROBE_THROUGH_ROUTER,
	  "a packet to this host goes to each, and has to come back: so it forwards" },
	{ 0 },
};

static const struct probe_rule probe_defaults = {
	.params = { .interval_us = 100000, .multiplier = 3 },
};

static const struct field probe_fields[] = {
	FIELD_INTERVAL(1, "interval", struct probe_rule, params.interval_us,
		       .min = PROBE_INTERVAL_MIN_US / US_PER_MS,
		       .max = PROBE_INTERVAL_MAX_US / US_PER_MS,
		       .help = "the time between questions, which are 75 to 90 % of it apart"),
	FIELD(2, "multiplier", struct probe_rule, params.multiplier, .min = 1, .max = UINT8_MAX,
	      .help = "so many intervals without an answer are a failure"),
	FIELD_WORD(3, "through", struct probe_rule, through, probe_through_words,
		   .help = "what is asked"),
};
const struct record probe_rule_record = RECORD(
	"'probe' of an interface", struct probe_rule, probe_fields, .defaults = &probe_defaults,
	.example = "on, off, or a map like {interval: 50ms, multiplier: 3}");

static const struct interface_rule rule_defaults = {
	.source = true,
	.bfd.params = { .tx_us = 300000, .rx_us = 300000, .multiplier = 3 },
	.probe.params = { .interval_us = 100000, .multiplier = 3 },
};

const struct field interface_rule_fields[INTERFACE_RULE_FIELDS] = {
	FIELD_GROUP_IF(1, "bfd", struct interface_rule, bfd, bfd_enabled, bfd_rule_record,
		       .help = "watches the neighbours that are heard here with BFD"),
	FIELD_GROUP_IF(2, "probe", struct interface_rule, probe, probe_enabled, probe_rule_record,
		       .help = "watches them by asking each for its address, or to forward"),
	FIELD_GROUP(3, "learn", struct interface_rule, learn, route_filter_record,
		    .help = "which routes that neighbours announce this host uses itself"),
	FIELD(4, "source", struct interface_rule, source,
	      .help = "whether what leaves by it may be given a VIP as its source"),
	FIELD(5, "pattern", struct interface_rule, pattern,
	      .flags = FIELD_NOT_IN_FILE | FIELD_NOT_IN_API | FIELD_NOT_SHOWN),
	FIELD_LIST(6, "routers", struct interface_rule, routers, n_routers,
		   .help = "routers here that speak no protocol: whether they forward is proven"),
};
const struct record interface_rule_record = RECORD(
	"an interface", struct interface_rule, interface_rule_fields, .defaults = &rule_defaults);

void interface_rule_default(struct interface_rule *r)
{
	*r = rule_defaults;
}
