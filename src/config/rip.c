/* SPDX-License-Identifier: Apache-2.0 */
/* RIP and RIPng in the configuration: what spans their section, the interfaces and the VIPs. */
#include <errno.h>

#include "config/host.h"
#include "config/model.h"
#include "config/protocol.h"
#include "fields/value.h"
#include "proto/rip/rip.h"

#define AT(member) offsetof(struct config_rule, member)
#define RIP speeches[PROTOCOL_RIP]
#define RIPNG speeches[PROTOCOL_RIPNG]

static const struct field speech_fields[] = {
	FIELD_GROUP_IF(1, "rip", struct config_rule, RIP, speaks[PROTOCOL_RIP],
		       rip_interface_record, .help = "speaks RIP"),
	FIELD_GROUP_IF(2, "ripng", struct config_rule, RIPNG, speaks[PROTOCOL_RIPNG],
		       ripng_interface_record, .help = "the same for IPv6 VIPs: RIPng (RFC 2080)"),
};
const struct record config_rip_speech = RECORD("an interface", struct config_rule, speech_fields);

static const struct speech_settings *speech_of(const struct config_rule *rule, enum family family)
{
	enum protocol_id k = family == FAMILY_IPV6 ? PROTOCOL_RIPNG : PROTOCOL_RIP;

	return rule->speaks[k] ? &rule->speeches[k] : NULL;
}

/* RFC 2453 4.1: only RIP-2 has a place for it. */
static int check_rule(const struct config_rule *rule, struct document *d)
{
	const struct speech_settings *s = &rule->RIP;

	if (s->keys.type != AUTH_NONE && s->own[0] == RIP_VERSION_1)
		return document_refuse(d, places_of(&rule->at, AT(RIP.keys), rule->place),
				       "RIP-1 cannot be authenticated: 'auth' needs 'version' 2 or "
				       "compatible");
	return 0;
}

/* Where a key of the section stands; else another one of it. */
static struct place place_of(const struct config *c, size_t offset, size_t otherwise)
{
	const struct config_protocol *p = &c->protocols[0];

	return places_of(&p->at, offset, places_of(&p->at, otherwise, p->given));
}

static const struct rip_settings *settings_of(const struct config *c)
{
	return (const void *)c->protocols[0].settings;
}

static int check_times(struct config *c, struct document *d)
{
	struct place at = place_of(c, offsetof(struct rip_settings, timeout),
				   offsetof(struct rip_settings, update));
	char timeout[VALUE_DURATION_TEXT_MAX], update[VALUE_DURATION_TEXT_MAX];
	const struct rip_settings *s = settings_of(c);

	value_format_duration(s->timeout, timeout);
	value_format_duration(s->update, update);
	if (s->timeout.ns <= s->update.ns)
		return document_refuse(d, at,
				       "'timeout' (%s) must be longer than 'update' (%s): every "
				       "neighbour would be given up between two of its updates",
				       timeout, update);
	if (s->timeout.ns < 3 * s->update.ns)
		config_warn(c, at,
			    "'timeout' (%s) is less than three times 'update' (%s): two lost "
			    "packets are enough to give a neighbour up",
			    timeout, update);
	if (s->metric < s->distance + 2)
		config_warn(c,
			    place_of(c, offsetof(struct rip_settings, metric),
				     offsetof(struct rip_settings, distance)),
			    "'metric' %u leaves no headroom for a rescue over a 'distance' of %u: "
			    "that takes %u or more",
			    s->metric, s->distance, s->distance + 2);
	return 0;
}

/* The rule with which VIPs of the family are announced dearest; NULL: with none. */
static int check_costs(struct config *c, struct document *d, enum family family,
		       const struct config_rule **ret_dearest)
{
	size_t cost_at = family == FAMILY_IPV6 ? AT(RIPNG.cost) : AT(RIP.cost);
	uint32_t metric = settings_of(c)->metric, highest = 0;

	*ret_dearest = NULL;
	for (size_t i = 0; i < c->n_rules; i++) {
		const struct config_rule *rule = &c->rules[i];
		const struct speech_settings *s = speech_of(rule, family);
		unsigned sum = s ? (unsigned)(metric + s->cost - 1) : 0;

		if (sum >= RIP_INFINITY)
			return document_refuse(d, places_of(&rule->at, cost_at, rule->place),
					       "'cost' %u is too much: with the 'metric' of rip, "
					       "%u, VIPs would be announced with %u, and %d "
					       "means unreachable",
					       s->cost, metric, sum, RIP_INFINITY);
		if (!s || s->cost <= highest)
			continue;
		*ret_dearest = rule;
		highest = s->cost;
	}
	return 0;
}

static void check_vip_metric(struct config *c, const struct config_vip *vip,
			     const struct config_rule *dearest)
{
	enum family family = (enum family)vip->settings.address.family;
	uint32_t cost = speech_of(dearest, family)->cost;
	unsigned sum = (unsigned)(vip->settings.metric + cost - 1);

	if (vip->settings.announce && sum >= RIP_INFINITY)
		config_warn(c, vip->metric,
			    "the VIP %s cannot be announced on '%s': its 'metric' %u and the "
			    "'cost' %u there make %u, and %d means unreachable",
			    ADDRESS_TEXT(&vip->settings.address), dearest->rule.pattern,
			    vip->settings.metric, cost, sum, RIP_INFINITY);
}

/*
 * RFC 2453 3.6: a metric of 16 says that there is no way. The cost above 1 is added to the metric.
 */
static int check_metrics(struct config *c, struct document *d, enum family family)
{
	const struct config_rule *dearest;
	int r = check_costs(c, d, family, &dearest);

	for (size_t i = 0; r == 0 && i < c->n_vips; i++) {
		const struct config_vip *vip = &c->vips[i];

		if (dearest && vip->settings.address.family == family)
			check_vip_metric(c, vip, dearest);
	}
	return r;
}

static int check(struct config *c, struct document *d)
{
	int r = check_times(c, d);

	if (r == 0)
		r = check_metrics(c, d, FAMILY_IPV4);
	return r < 0 ? r : check_metrics(c, d, FAMILY_IPV6);
}

static bool secret(const struct config_rule *rule, size_t k, struct config_secret *ret)
{
	const struct keychain *keys = &rule->RIP.keys;

	if (!rule->speaks[PROTOCOL_RIP] || k >= keys->n_keys)
		return false;
	*ret = protocol_secret(rule, AT(RIP.keys.keys[0].secret) + k * sizeof(struct keychain_key),
			       keys->keys[k].secret, keys->type);
	ret->protocol = PROTOCOL_RIP;
	return true;
}

static void check_host(struct config *c, const struct config_rule *rule,
		       const struct host_address *addresses, size_t count)
{
	const struct speech_settings *s = &rule->RIP;

	for (size_t k = 0; rule->speaks[PROTOCOL_RIP] && k < s->n_unicast; k++)
		host_check_neighbor(c, rule, &s->unicast[k], addresses, count);
}

const struct protocol config_rip = {
	.name = "rip",
	.ids = 1u << PROTOCOL_RIP | 1u << PROTOCOL_RIPNG,
	.settings = &rip_settings_record,
	.check_rule = check_rule,
	.check = check,
	.secret = secret,
	.check_host = check_host,
};
