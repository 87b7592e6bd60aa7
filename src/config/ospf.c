/* SPDX-License-Identifier: Apache-2.0 */
/* OSPFv2 and OSPFv3 in the configuration: what spans their section, the interfaces and the VIPs. */
#include <errno.h>
#include <string.h>

#include "config/host.h"
#include "config/model.h"
#include "config/protocol.h"
#include "fields/value.h"
#include "proto/ospf/ospf.h"

#define PLACE 1 /* in config_protocols */

static const struct field speech_fields[] = {
	FIELD_GROUP_IF(3, "ospf", struct config_rule, speeches[PROTOCOL_OSPF],
		       speaks[PROTOCOL_OSPF], ospf_interface_record, .help = "speaks OSPF"),
	FIELD_GROUP_IF(4, "ospfv3", struct config_rule, speeches[PROTOCOL_OSPFV3],
		       speaks[PROTOCOL_OSPFV3], ospfv3_interface_record,
		       .help = "the same for IPv6 VIPs: OSPFv3 (RFC 5340)"),
};
const struct record config_ospf_speech = {
	.what = "an interface",
	.size = sizeof(struct config_rule),
	.fields = speech_fields,
	.n_fields = ARRAY_LENGTH(speech_fields),
	.more = &config_rip_speech,
};

/* How a rule speaks one of the versions, and how that is called. */
struct said {
	const struct config_rule *rule;
	const struct speech_settings *is;
	struct ospf_speech own;
	enum ospf_version version;
	const char *key;
	size_t at; /* of the settings, in the rule */
};

/* False: it does not. */
static bool said_of(const struct config_rule *rule, enum ospf_version v, struct said *ret)
{
	enum protocol_id id = v == OSPF_V3 ? PROTOCOL_OSPFV3 : PROTOCOL_OSPF;

	if (!rule->speaks[id])
		return false;
	ret->rule = rule;
	ret->is = &rule->speeches[id];
	memcpy(&ret->own, ret->is->own, sizeof(ret->own));
	ret->version = v;
	ret->key = v == OSPF_V3 ? "ospfv3" : "ospf";
	ret->at = offsetof(struct config_rule, speeches) + id * sizeof(struct speech_settings);
	return true;
}

/* Where something of it was given; else the whole. */
static struct place place_of(const struct said *s, size_t member)
{
	return places_of(&s->rule->at, s->at + member,
			 places_of(&s->rule->at, s->at, s->rule->place));
}

#define OWN(member) (offsetof(struct speech_settings, own) + offsetof(struct ospf_speech, member))
#define SAID(member) offsetof(struct speech_settings, member)

/* RFC 2328 A.3.2: they are told in seconds. */
static bool is_told(struct duration d)
{
	return d.ns < DURATION_S(1).ns || d.ns % DURATION_S(1).ns == 0;
}

static int check_times(const struct said *s, struct document *d)
{
	const struct ospf_speech *own = &s->own;
	char hello[VALUE_DURATION_TEXT_MAX], dead[VALUE_DURATION_TEXT_MAX];

	value_format_duration(own->hello, hello);
	value_format_duration(own->dead, dead);
	if (own->hello_multiplier && own->dead.ns != DURATION_S(1).ns)
		return document_refuse(d, place_of(s, OWN(hello_multiplier)),
				       "'hello-multiplier' is for a 'dead' of 1s, not of %s", dead);
	if (own->hello_multiplier == 0 && own->dead.ns <= own->hello.ns)
		return document_refuse(d, place_of(s, OWN(dead)),
				       "'dead' (%s) must be longer than 'hello' (%s): every "
				       "neighbour would be given up between two of its hellos",
				       dead, hello);
	if (!is_told(own->hello))
		return document_refuse(
			d, place_of(s, OWN(hello)),
			"'hello' (%s) is told to neighbours in whole seconds, unless "
			"it is less than one",
			hello);
	if (!is_told(own->dead))
		return document_refuse(d, place_of(s, OWN(dead)),
				       "'dead' (%s) is told to neighbours in whole seconds, unless "
				       "it is less than one",
				       dead);
	return 0;
}

/* Each version has its own kinds of keys: RFC 5709, RFC 7166. */
static int check_keys(const struct said *s, struct document *d)
{
	enum auth_type type = (enum auth_type)s->is->keys.type;

	if (type != AUTH_NONE && ospf_secret_max(s->version, type) == 0)
		return document_refuse(d, place_of(s, SAID(keys)),
				       "OSPFv3 cannot be authenticated with %s: 'type' is one of "
				       "the hmac-sha ones",
				       auth_name(s->is->keys.type));
	if (s->own.extended && (type == AUTH_NONE || type == AUTH_SIMPLE))
		return document_refuse(
			d, place_of(s, OWN(extended)),
			"'auth-extended' needs an 'auth' whose packets are numbered, "
			"like hmac-sha-256");
	return 0;
}

static int check_network(const struct said *s, struct document *d)
{
	if (s->own.area == 0 && s->own.area_kind != OSPF_AREA_NORMAL)
		return document_refuse(d, place_of(s, OWN(area_kind)),
				       "the area 0 is the backbone, which cannot be %s",
				       s->own.area_kind == OSPF_AREA_STUB ? "a stub area"
									  : "an NSSA");
	if (s->is->n_unicast > 0 && s->own.network != OSPF_POINT_TO_MULTIPOINT)
		return document_refuse(d, place_of(s, SAID(unicast)),
				       "'neighbors' is for 'network: point-to-multipoint': "
				       "elsewhere they are found by multicast");
	if (address_is_set(&s->is->borrowed) && s->own.network != OSPF_POINT_TO_POINT)
		return document_refuse(d, place_of(s, SAID(borrowed)),
				       "'unnumbered' is for 'network: point-to-point'");
	return 0;
}

static int check_said(const struct config_rule *rule, enum ospf_version v, struct document *d)
{
	struct said s;
	int r;

	if (!said_of(rule, v, &s))
		return 0;
	r = check_times(&s, d);
	if (r == 0)
		r = check_keys(&s, d);
	return r < 0 ? r : check_network(&s, d);
}

static int check_rule(const struct config_rule *rule, struct document *d)
{
	int r = check_said(rule, OSPF_V2, d);

	return r < 0 ? r : check_said(rule, OSPF_V3, d);
}

static const struct ospf_settings *settings_of(const struct config *c)
{
	return (const void *)c->protocols[PLACE].settings;
}

/* Where a key of the section stands. */
static struct place section_place(const struct config *c, size_t offset)
{
	const struct config_protocol *p = &c->protocols[PLACE];

	return places_of(&p->at, offset, p->given);
}

static const char *kind_name(uint8_t kind)
{
	return kind == OSPF_AREA_STUB ? "stub" : kind == OSPF_AREA_NSSA ? "nssa" : "normal";
}

/* All routers of an area agree on what kind it is, so we do with ourselves. */
static int check_areas(const struct config *c, enum ospf_version v, struct document *d)
{
	struct said s, before;

	for (size_t i = 0; i < c->n_rules; i++) {
		struct address area;

		if (!said_of(&c->rules[i], v, &s))
			continue;
		area = address_ipv4(s.own.area);
		for (size_t k = 0; k < i; k++)
			if (said_of(&c->rules[k], v, &before) && before.own.area == s.own.area &&
			    before.own.area_kind != s.own.area_kind)
				return document_refuse(
					d, place_of(&s, OWN(area_kind)),
					"the area %s is %s here and %s in %s: all interfaces in an "
					"area are in one kind of area",
					ADDRESS_TEXT(&area), kind_name(s.own.area_kind),
					kind_name(before.own.area_kind),
					PLACE_QUOTE(place_of(&before, OWN(area_kind)),
						    place_of(&s, OWN(area_kind))));
	}
	return 0;
}

/* Warnings of one interface. */
static void look_at(struct config *c, const struct said *s)
{
	const struct ospf_speech *own = &s->own;
	char hello[VALUE_DURATION_TEXT_MAX], dead[VALUE_DURATION_TEXT_MAX];
	uint8_t vips = settings_of(c)->vips;

	value_format_duration(own->hello, hello);
	value_format_duration(own->dead, dead);
	if (own->hello_multiplier == 0 && own->dead.ns < 3 * own->hello.ns)
		config_warn(c, place_of(s, OWN(dead)),
			    "'dead' (%s) is less than three times 'hello' (%s): two lost packets "
			    "are enough to give a neighbour up",
			    dead, hello);
	if (own->priority > 0)
		config_warn(c, place_of(s, OWN(priority)),
			    "with a 'priority' of %u this server may become the designated router "
			    "of '%s': when it fails, the whole network there elects another one",
			    own->priority, s->rule->rule.pattern);
	if (own->area_kind == OSPF_AREA_STUB &&
	    (vips == OSPF_VIPS_EXTERNAL || vips == OSPF_VIPS_NSSA))
		config_warn(c, place_of(s, OWN(area_kind)),
			    "externals do not come into a stub area: the VIPs are announced to "
			    "nobody on '%s' while 'vips' of 'ospf' is %s",
			    s->rule->rule.pattern, vips == OSPF_VIPS_NSSA ? "nssa" : "external");
}

static int check(struct config *c, struct document *d)
{
	const struct ospf_settings *settings = settings_of(c);
	int r = 0;

	if (settings->spf_delay.ns > settings->spf_delay_max.ns)
		return document_refuse(d,
				       section_place(c, offsetof(struct ospf_settings, spf_delay)),
				       "'spf-delay' is longer than 'spf-delay-max'");
	for (enum ospf_version v = OSPF_V2; v <= OSPF_V3 && r == 0; v++) {
		struct said s;

		r = check_areas(c, v, d);
		for (size_t i = 0; r == 0 && i < c->n_rules; i++)
			if (said_of(&c->rules[i], v, &s))
				look_at(c, &s);
	}
	return r;
}

static bool secret(const struct config_rule *rule, size_t k, struct config_secret *ret)
{
	for (enum protocol_id id = PROTOCOL_OSPF; id <= PROTOCOL_OSPFV3; id++) {
		const struct keychain *keys = &rule->speeches[id].keys;

		if (!rule->speaks[id])
			continue;
		if (k >= keys->n_keys) {
			k -= keys->n_keys;
			continue;
		}
		*ret = protocol_secret(
			rule,
			offsetof(struct config_rule, speeches) +
				id * sizeof(struct speech_settings) +
				offsetof(struct speech_settings, keys.keys[0].secret) +
				k * sizeof(struct keychain_key),
			keys->keys[k].secret, keys->type);
		ret->protocol = (uint8_t)id;
		return true;
	}
	return false;
}

/* Those of OSPFv3 are known by the address of the link, which says nothing. */
static void check_host(struct config *c, const struct config_rule *rule,
		       const struct host_address *addresses, size_t count)
{
	const struct speech_settings *s = &rule->speeches[PROTOCOL_OSPF];

	for (size_t k = 0; rule->speaks[PROTOCOL_OSPF] && k < s->n_unicast; k++)
		host_check_neighbor(c, rule, &s->unicast[k], addresses, count);
}

const struct protocol config_ospf = {
	.name = "ospf",
	.ids = 1u << PROTOCOL_OSPF | 1u << PROTOCOL_OSPFV3,
	.settings = &ospf_settings_record,
	.check_rule = check_rule,
	.check = check,
	.secret = secret,
	.check_host = check_host,
};
