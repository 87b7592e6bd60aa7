/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of what a person may say of OSPF, of both versions, and their defaults. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "fields/keychain.h"
#include "fields/neighbor.h"
#include "fields/value.h"
#include "proto/ospf/ospf.h"

#define SECOND_MS 1000
#define HELLO_MIN_MS 50
#define HELLO_MAX_MS (65535 * SECOND_MS) /* 16 bits on the wire: RFC 2328 A.3.2 */
#define SPF_MAX_MS (60 * SECOND_MS)
#define GRACE_MAX_MS (1800 * SECOND_MS) /* RFC 3623 B.1 */

/* struct speech_settings, with what only OSPF has of it by name. */
struct speaking {
	uint8_t protocol;
	bool passive;
	uint8_t n_unicast;
	uint32_t cost;
	struct address borrowed;
	struct address unicast[SPEAKER_UNICAST_MAX];
	struct keychain keys;
	union {
		_Alignas(8) struct ospf_speech own;
		uint8_t bytes[SPEAKER_OWN_MAX];
	};
};

#define SAME(member, its)                                                                          \
	_Static_assert(offsetof(struct speaking, its) == offsetof(struct speech_settings, member), \
		       "it is where it is there")
SAME(passive, passive);
SAME(n_unicast, n_unicast);
SAME(cost, cost);
SAME(borrowed, borrowed);
SAME(unicast, unicast);
SAME(keys, keys);
SAME(own, own);
_Static_assert(sizeof(struct speaking) == sizeof(struct speech_settings), "it is no other struct");
_Static_assert(sizeof(struct ospf_settings) <= SPEAKER_OWN_MAX, "settings have their place");

static const struct ospf_settings settings_defaults = {
	.metric_type = 2,
	.metric = 10,
	.spf_delay = { INT64_C(50000000) },
	.spf_delay_max = { INT64_C(5000000000) },
	.grace = { INT64_C(120000000000) },
	.helper = true,
};

/* RFC 2328 1: the number of an area or a router is written like an IPv4 address, or as it is. */
static int number_parse(const char *text, void *value, char *sentence, size_t size)
{
	struct address a;
	int64_t number;

	(void)sentence, (void)size;
	if (address_parse(text, &a) == 0 && a.family == FAMILY_IPV4)
		number =
			(int64_t)a.bytes[0] << 24 | a.bytes[1] << 16 | a.bytes[2] << 8 | a.bytes[3];
	else if (value_parse_number(text, &number) < 0 || number > UINT32_MAX)
		return -EINVAL;
	*(uint32_t *)value = (uint32_t)number;
	return 0;
}

static void dotted_format(const void *value, char *text, size_t size)
{
	const struct address a = address_ipv4(*(const uint32_t *)value);

	text_copy(text, size, ADDRESS_TEXT(&a));
}

static int router_parse(const char *text, void *value, char *sentence, size_t size)
{
	uint32_t router;

	if (strcmp(text, "auto") == 0) {
		*(uint32_t *)value = 0;
		return 0;
	}
	if (number_parse(text, &router, sentence, size) < 0)
		return -EINVAL;
	if (router == 0 || router == UINT32_MAX)
		return text_refuse(sentence, size, "%s is no router ID", text);
	*(uint32_t *)value = router;
	return 0;
}

static void router_format(const void *value, char *text, size_t size)
{
	if (*(const uint32_t *)value == 0)
		text_copy(text, size, "auto");
	else
		dotted_format(value, text, size);
}

static void area_format(const void *value, char *text, size_t size)
{
	uint32_t area = *(const uint32_t *)value;

	if (area <= UINT16_MAX)
		snprintf(text, size, "%u", area);
	else
		dotted_format(value, text, size);
}

static const struct field_text router_text = {
	.form = "auto, or a router ID like 10.1.0.10",
	.parse = router_parse,
	.format = router_format,
};
static const struct field_text area_text = {
	.form = "an area like 0 or 0.0.0.1",
	.parse = number_parse,
	.format = area_format,
};

static const struct field_word vips_words[] = {
	{ "auto", OSPF_VIPS_AUTO,
	  "as `stub`, and as `external` (`nssa` in an NSSA) when there are too many for a packet" },
	{ "stub", OSPF_VIPS_STUB,
	  "stub links of the router-LSA; with OSPFv3 an intra-area-prefix-LSA" },
	{ "external", OSPF_VIPS_EXTERNAL, "AS-external-LSAs" },
	{ "nssa", OSPF_VIPS_NSSA, "type 7, where the area is an NSSA; else `external`" },
	{ 0 },
};

static const struct field_word host_words[] = {
	{ "auto", OSPF_HOST_AUTO,
	  "with the host bit (RFC 8770) where every router of the area knows it, else "
	  "`max-metric`" },
	{ "max-metric", OSPF_HOST_MAX_METRIC, "links with the metric 65535 (RFC 6987)" },
	{ "bit", OSPF_HOST_BIT, "with the host bit, whoever is there" },
	{ 0 },
};

static const struct field settings_fields[] = {
	FIELD(1, "router-id", struct ospf_settings, router_id, .text = &router_text,
	      .help = "who it is, alone in the network; `auto` is the highest IPv4 address of the "
		      "physical interfaces, and stays what it was"),
	FIELD_WORD(2, "vips", struct ospf_settings, vips, vips_words,
		   .help = "how VIPs are announced"),
	FIELD(3, "metric", struct ospf_settings, metric, .min = 1, .max = OSPF_COST_MAX - 1,
	      .help = "the metric that VIPs are announced with"),
	FIELD(4, "metric-type", struct ospf_settings, metric_type, .min = 1, .max = 2,
	      .help = "of `external` and `nssa`: 1 counts the way to the server too, 2 only the "
		      "metric"),
	FIELD(5, "tag", struct ospf_settings, tag, .max = UINT32_MAX,
	      .help = "the tag of `external` and `nssa`"),
	FIELD_WORD(6, "host", struct ospf_settings, host, host_words,
		   .help = "how routers are told that nobody is to go through the server"),
	FIELD(7, "spf-delay", struct ospf_settings, spf_delay, .min = 1, .max = SPF_MAX_MS,
	      .help = "after a calculation the next one waits so long, and twice as long each time "
		      "while changes follow each other; the first one never waits"),
	FIELD(8, "spf-delay-max", struct ospf_settings, spf_delay_max, .min = 1, .max = SPF_MAX_MS,
	      .help = "but no longer than this"),
	FIELD(9, "grace", struct ospf_settings, grace, .max = GRACE_MAX_MS,
	      .help = "neighbours are asked to wait so long for a vipd that starts again (RFC "
		      "3623); 0s: they are not, and it begins anew"),
	FIELD(10, "helper", struct ospf_settings, helper,
	      .help = "waits for neighbours that start again and ask for that"),
};
const struct record ospf_settings_record =
	RECORD("'ospf'", struct ospf_settings, settings_fields, .defaults = &settings_defaults);

void ospf_settings_default(struct ospf_settings *s)
{
	*s = settings_defaults;
}

static int borrowed_check(const char *text, const void *value, char *sentence, size_t size)
{
	const char *why;

	if (((const struct address *)value)->family != FAMILY_IPV4)
		return -EINVAL;
	if (!address_is_host(value, &why))
		return text_refuse(sentence, size, "%s cannot be borrowed: it is %s", text, why);
	return 0;
}

static const struct field_text borrowed_text = {
	.form = "an IPv4 address like 10.9.1.1",
	.check = borrowed_check,
};

static const struct field_word kind_words[] = {
	{ "normal", OSPF_AREA_NORMAL, "one with externals" },
	{ "stub", OSPF_AREA_STUB, "one without" },
	{ "nssa", OSPF_AREA_NSSA, "one with externals of its own (RFC 3101)" },
	{ 0 },
};

static const struct field_word network_words[] = {
	{ "broadcast", OSPF_BROADCAST, "a LAN, with a designated router" },
	{ "point-to-point", OSPF_POINT_TO_POINT, "one neighbour" },
	{ "point-to-multipoint", OSPF_POINT_TO_MULTIPOINT,
	  "several neighbours, which may not hear each other" },
	{ 0 },
};

#define SPEECH_DEFAULTS                                                                            \
	{                                                                                          \
		.area_kind = OSPF_AREA_NORMAL, .network = OSPF_BROADCAST,                          \
		.hello = { INT64_C(10000000000) }, .dead = { INT64_C(40000000000) },               \
		.retransmit = { INT64_C(5000000000) },                                             \
	}

static const struct speaking speech_defaults = { .cost = 10, .own = SPEECH_DEFAULTS };

/* What both versions have, by the same tags. */
#define AREA                                                                                       \
	FIELD(1, "area", struct speaking, own.area, .text = &area_text, .help = "the area"),       \
		FIELD_WORD(2, "area-kind", struct speaking, own.area_kind, kind_words,             \
			   .help = "what kind of area it is, the same at all of its routers")
#define COST                                                                                       \
	FIELD(3, "cost", struct speaking, cost, .min = 1, .max = OSPF_COST_MAX - 1,                \
	      .help = "what the way over the interface costs the server"),                         \
		FIELD_WORD(4, "network", struct speaking, own.network, network_words,              \
			   .help = "what the interface leads to")
#define TIMES                                                                                      \
	FIELD(5, "hello", struct speaking, own.hello, .min = HELLO_MIN_MS, .max = HELLO_MAX_MS,    \
	      .help = "the time between two hellos, the same at all neighbours"),                  \
		FIELD(6, "dead", struct speaking, own.dead, .min = 2 * HELLO_MIN_MS,               \
		      .max = HELLO_MAX_MS,                                                         \
		      .help = "the time of silence until a neighbour is given up; longer than "    \
			      "`hello`, and the same at all neighbours"),                          \
		FIELD(7, "hello-multiplier", struct speaking, own.hello_multiplier, .max = 20,     \
		      .help = "so many hellos in a second, with a `dead` of `1s`; 0: by `hello`"), \
		FIELD(8, "retransmit", struct speaking, own.retransmit, .min = 100,                \
		      .max = 3600 * SECOND_MS,                                                     \
		      .help = "after so long what was not acknowledged is sent again")
#define REST                                                                                       \
	FIELD(9, "priority", struct speaking, own.priority, .max = UINT8_MAX,                      \
	      .help = "for the election of a designated router; with 0 the server is never one"),  \
		FIELD(10, "passive", struct speaking, passive, .help = "says nothing there"),      \
		FIELD(11, "mtu-ignore", struct speaking, own.mtu_ignore,                           \
		      .help = "neighbours may have another MTU"),                                  \
		FIELD(12, "ttl-security", struct speaking, own.ttl_security,                       \
		      .help = "sends with a TTL of 255, and believes nothing else (RFC 5082)")
#define NEIGHBORS_HELP "neighbours that are told by unicast, with `point-to-multipoint`"
#define AUTH_HELP "how packets are authenticated"

static const struct field interface_fields[] = {
	AREA,
	COST,
	TIMES,
	REST,
	FIELD_LIST(13, "neighbors", struct speaking, unicast, n_unicast, .text = &neighbors_ipv4,
		   .help = NEIGHBORS_HELP),
	FIELD_GROUP(14, "auth", struct speaking, keys, keychain_record, .flags = FIELD_OR_NONE,
		    .help = AUTH_HELP),
	FIELD(15, "auth-extended", struct speaking, own.extended,
	      .help = "with sequence numbers of 64 bits, against replays (RFC 7474)"),
	FIELD(16, "unnumbered", struct speaking, borrowed, .text = &borrowed_text,
	      .help = "the address that the interface borrows, with `point-to-point`"),
};
const struct record ospf_interface_record = RECORD(
	"'ospf' of an interface", struct speaking, interface_fields, .defaults = &speech_defaults,
	.example = "{} for its defaults, a map of its keys like {area: 0}, or off");

static const struct field interface_fields_v3[] = {
	AREA,
	COST,
	TIMES,
	REST,
	FIELD_LIST(13, "neighbors", struct speaking, unicast, n_unicast,
		   .text = &neighbors_link_local, .help = NEIGHBORS_HELP),
	FIELD_GROUP(14, "auth", struct speaking, keys, keychain_record, .flags = FIELD_OR_NONE,
		    .help = AUTH_HELP " (RFC 7166)"),
	FIELD(17, "instance", struct speaking, own.instance, .max = 31,
	      .help = "the instance ID, the same at all neighbours"),
};
const struct record ospfv3_interface_record =
	RECORD("'ospfv3' of an interface", struct speaking, interface_fields_v3,
	       .defaults = &speech_defaults,
	       .example = "{} for its defaults, a map of its keys like {area: 0}, or off");

void ospf_interface_settings_default(struct ospf_interface_settings *s)
{
	*s = (struct ospf_interface_settings){ .is = SPEECH_DEFAULTS, .cost = 10 };
}
