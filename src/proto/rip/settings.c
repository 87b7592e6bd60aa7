/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of what a person may say of RIP and RIPng, and their defaults. */
#include <errno.h>

#include "base/text.h"
#include "fields/keychain.h"
#include "fields/neighbor.h"
#include "fields/value.h"
#include "proto/rip/rip.h"

#define TIME_MIN_MS 100
#define TIME_MAX_MS (24 * 3600 * 1000)

/* The times are those of RFC 2453 3.8. */
static const struct rip_settings settings_defaults = {
	.update = { INT64_C(30000000000) },
	.timeout = { INT64_C(180000000000) },
	.garbage = { INT64_C(120000000000) },
	.metric = 3,
	.distance = 1,
	.pace = 400,
};

static const struct field settings_fields[] = {
	FIELD(1, "update", struct rip_settings, update, .min = TIME_MIN_MS, .max = TIME_MAX_MS,
	      .help = "the time between two periodic updates"),
	FIELD(2, "timeout", struct rip_settings, timeout, .min = TIME_MIN_MS, .max = TIME_MAX_MS,
	      .help = "the time of silence until a neighbour is given up; longer than `update`"),
	FIELD(3, "garbage", struct rip_settings, garbage, .min = TIME_MIN_MS, .max = TIME_MAX_MS,
	      .help = "for how long a withdrawn network is still announced as unreachable"),
	FIELD(4, "metric", struct rip_settings, metric, .min = 1, .max = RIP_INFINITY - 1,
	      .help = "the metric that VIPs are announced with"),
	FIELD(5, "distance", struct rip_settings, distance, .min = 1, .max = RIP_INFINITY - 2,
	      .help = "how many hops lie between the routers of the server's networks"),
	FIELD(6, "pace", struct rip_settings, pace, .min = 1, .max = UINT16_MAX,
	      .help = "how many packets a second are sent on each interface at most"),
	FIELD(7, "tag", struct rip_settings, tag, .max = UINT16_MAX,
	      .help = "the route tag of what is announced; 0 is none"),
};
const struct record rip_settings_record =
	RECORD("'rip'", struct rip_settings, settings_fields, .defaults = &settings_defaults);

void rip_settings_default(struct rip_settings *s)
{
	*s = settings_defaults;
}

static const struct field_word version_words[] = {
	{ "1", RIP_VERSION_1, "sends RIP-1 by broadcast" },
	{ "2", RIP_VERSION_2, "sends RIP-2 by multicast" },
	{ "compatible", RIP_VERSION_COMPATIBLE, "sends RIP-2 by broadcast, and accepts both" },
	{ 0 },
};

static const struct speech_settings interface_defaults = { .cost = 1, .own = { RIP_VERSION_2 } };

#define COST_HELP "all above 1 is added to the metric that is announced here"
#define PASSIVE_HELP "says nothing but to the neighbours that are named"
#define NEIGHBORS_HELP "neighbours that are told by unicast too, and believed by unicast"

static const struct field interface_fields[] = {
	FIELD_WORD(1, "version", struct speech_settings, own[0], version_words,
		   .help = "what is sent and accepted"),
	FIELD(2, "cost", struct speech_settings, cost, .min = 1, .max = RIP_COST_MAX,
	      .help = COST_HELP),
	FIELD(3, "passive", struct speech_settings, passive, .help = PASSIVE_HELP),
	FIELD_LIST(4, "neighbors", struct speech_settings, unicast, n_unicast,
		   .text = &neighbors_ipv4, .help = NEIGHBORS_HELP),
	FIELD_GROUP(5, "auth", struct speech_settings, keys, keychain_record,
		    .flags = FIELD_OR_NONE, .help = "how packets are authenticated"),
};
const struct record rip_interface_record =
	RECORD("'rip' of an interface", struct speech_settings, interface_fields,
	       .defaults = &interface_defaults,
	       .example = "{} for its defaults, a map of its keys, or off");

/* RFC 2080 has one version, and leaves authentication to IPsec. */
static const struct field ripng_interface_fields[] = {
	FIELD(2, "cost", struct speech_settings, cost, .min = 1, .max = RIP_COST_MAX,
	      .help = COST_HELP),
	FIELD(3, "passive", struct speech_settings, passive, .help = PASSIVE_HELP),
	FIELD_LIST(4, "neighbors", struct speech_settings, unicast, n_unicast,
		   .text = &neighbors_link_local, .help = NEIGHBORS_HELP),
};
const struct record ripng_interface_record =
	RECORD("'ripng' of an interface", struct speech_settings, ripng_interface_fields,
	       .defaults = &interface_defaults,
	       .example = "{} for its defaults, a map of its keys, or off");

void rip_interface_settings_default(struct rip_interface_settings *s)
{
	*s = (struct rip_interface_settings){ .version = RIP_VERSION_2, .cost = 1 };
}
