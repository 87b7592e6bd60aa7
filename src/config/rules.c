/* SPDX-License-Identifier: Apache-2.0 */
/* The section `interfaces`: rules for interfaces by name or pattern. */
#include <string.h>

#include "base/text.h"
#include "config/model.h"
#include "config/section.h"
#include "fields/value.h"

/* rip: on an interface */

static const struct schema_word rip_versions[] = {
	{ "1", RIP_VERSION_1 },
	{ "2", RIP_VERSION_2 },
	{ "compatible", RIP_VERSION_COMPATIBLE },
	{ NULL, 0 },
};

/* `rip` and `ripng` differ in the family of the neighbours that they may name. */
static int neighbor_read(struct document *d, const struct token *t, enum family family,
			 struct rip_interface_settings *s)
{
	struct address a;
	const char *why;

	if (t->kind != TOKEN_SCALAR || address_parse(t->text, &a) < 0 || a.family != family)
		return document_refuse(d, t->place, "%s is not an %s address of a neighbour",
				       TOKEN_QUOTE(t), family == FAMILY_IPV6 ? "IPv6" : "IPv4");
	/* RFC 2080 2.4.2: it answers from the address that it has on the link. */
	if (family == FAMILY_IPV6 && !address_is_link_local(&a))
		return document_refuse(d, t->place,
				       "%s cannot be a neighbour of RIPng: it is not a link-local "
				       "address like fe80::1",
				       t->text);
	if (family == FAMILY_IPV4 && !address_is_host(&a, &why))
		return document_refuse(d, t->place, "%s cannot be a neighbour: it is %s", t->text,
				       why);
	for (size_t i = 0; i < s->n_unicast; i++)
		if (address_equal(&s->unicast[i], &a))
			return document_refuse(d, t->place, "the neighbour %s is here twice",
					       t->text);
	if (s->n_unicast == RIP_UNICAST_MAX)
		return document_refuse(d, t->place, "an interface can name %d neighbours at most",
				       RIP_UNICAST_MAX);
	s->unicast[s->n_unicast++] = a;
	return 0;
}

static int rip_neighbor_read(struct document *d, const struct token *t, void *object)
{
	return neighbor_read(d, t, FAMILY_IPV4, &((struct config_rule *)object)->rule.rip);
}

static int ripng_neighbor_read(struct document *d, const struct token *t, void *object)
{
	return neighbor_read(d, t, FAMILY_IPV6, &((struct config_rule *)object)->rule.ripng);
}

static int rip_neighbors_read(struct document *d, const struct token *first, void *object)
{
	return section_read_list(d, first, "'neighbors' is a list of addresses like [10.1.0.1]",
				 rip_neighbor_read, object);
}

static int ripng_neighbors_read(struct document *d, const struct token *first, void *object)
{
	return section_read_list(d, first, "'neighbors' is a list of addresses like [fe80::1]",
				 ripng_neighbor_read, object);
}

static void neighbors_print(FILE *to, const struct rip_interface_settings *s)
{
	fputc('[', to);
	for (size_t i = 0; i < s->n_unicast; i++)
		fprintf(to, "%s%s", i ? ", " : "", ADDRESS_TEXT(&s->unicast[i]));
	fputc(']', to);
}

static void rip_neighbors_print(FILE *to, const void *object)
{
	neighbors_print(to, &((const struct config_rule *)object)->rule.rip);
}

static void ripng_neighbors_print(FILE *to, const void *object)
{
	neighbors_print(to, &((const struct config_rule *)object)->rule.ripng);
}

static const struct schema_key rip_interface_keys[] = {
	{ "version", SCHEMA_WORD, MEMBER(struct config_rule, rule.rip.version),
	  .words = rip_versions },
	{ "cost", SCHEMA_NUMBER, MEMBER(struct config_rule, rule.rip.cost), .min = 1,
	  .max = RIP_COST_MAX },
	{ "passive", SCHEMA_BOOL, MEMBER(struct config_rule, rule.rip.passive) },
	{ "neighbors", SCHEMA_OTHER, MEMBER(struct config_rule, rule.rip.n_unicast),
	  .read = rip_neighbors_read, .print = rip_neighbors_print },
	{ "auth", SCHEMA_OTHER, MEMBER(struct config_rule, rule.rip.auth), .read = section_read_auth,
	  .print = section_print_auth },
};
const struct schema section_rip_interface = SECTION("'rip' of an interface", rip_interface_keys);

/* ripng: on an interface. RFC 2080 has one version, and leaves authentication to IPsec. */

static const struct schema_key ripng_interface_keys[] = {
	{ "cost", SCHEMA_NUMBER, MEMBER(struct config_rule, rule.ripng.cost), .min = 1,
	  .max = RIP_COST_MAX },
	{ "passive", SCHEMA_BOOL, MEMBER(struct config_rule, rule.ripng.passive) },
	{ "neighbors", SCHEMA_OTHER, MEMBER(struct config_rule, rule.ripng.n_unicast),
	  .read = ripng_neighbors_read, .print = ripng_neighbors_print },
};
static const struct schema section_ripng_interface =
	SECTION("'ripng' of an interface", ripng_interface_keys);

/* bfd:, probe: on an interface */

#define INTERVAL_MAX_MS (BFD_INTERVAL_MAX_US / 1000)
_Static_assert(BFD_INTERVAL_MAX_US == PROBE_INTERVAL_MAX_US, "one sentence is for both");

static int interval_read(struct document *d, const struct token *t, uint32_t min_us,
			 const char *example, uint32_t *ret_us)
{
	struct duration interval;

	if (t->kind != TOKEN_SCALAR || value_parse_duration(t->text, &interval) < 0 ||
	    interval.ns < (int64_t)min_us * 1000 || interval.ns > DURATION_MS(INTERVAL_MAX_MS).ns)
		return document_refuse(d, t->place,
				       "'interval' is a time from %ums to 60s, like %s, not %s",
				       min_us / 1000, example, TOKEN_QUOTE(t));
	*ret_us = (uint32_t)(interval.ns / 1000);
	return 0;
}

static void interval_print(FILE *to, uint32_t us)
{
	char text[VALUE_DURATION_TEXT_MAX];

	fputs(value_format_duration((struct duration){ (int64_t)us * 1000 }, text), to);
}

/* Of packets in both directions. */
static int bfd_interval_read(struct document *d, const struct token *t, void *object)
{
	struct bfd_params *bfd = &((struct config_rule *)object)->rule.bfd;
	int r = interval_read(d, t, BFD_INTERVAL_MIN_US, "300ms", &bfd->tx_us);

	bfd->rx_us = bfd->tx_us;
	return r;
}

static void bfd_interval_print(FILE *to, const void *object)
{
	interval_print(to, ((const struct config_rule *)object)->rule.bfd.tx_us);
}

static int probe_interval_read(struct document *d, const struct token *t, void *object)
{
	return interval_read(d, t, PROBE_INTERVAL_MIN_US, "100ms",
			     &((struct config_rule *)object)->rule.probe.interval_us);
}

static void probe_interval_print(FILE *to, const void *object)
{
	interval_print(to, ((const struct config_rule *)object)->rule.probe.interval_us);
}

static const struct schema_key bfd_keys[] = {
	{ "interval", SCHEMA_OTHER, MEMBER(struct config_rule, rule.bfd.tx_us),
	  .read = bfd_interval_read, .print = bfd_interval_print },
	{ "multiplier", SCHEMA_NUMBER, MEMBER(struct config_rule, rule.bfd.multiplier), .min = 1,
	  .max = UINT8_MAX },
	{ "passive", SCHEMA_BOOL, MEMBER(struct config_rule, rule.bfd.passive) },
	{ "auth", SCHEMA_OTHER, MEMBER(struct config_rule, rule.bfd_auth),
	  .read = section_read_bfd_auth, .print = section_print_bfd_auth },
};
static const struct schema section_bfd = SECTION("'bfd' of an interface", bfd_keys);

static const struct schema_key probe_keys[] = {
	{ "interval", SCHEMA_OTHER, MEMBER(struct config_rule, rule.probe.interval_us),
	  .read = probe_interval_read, .print = probe_interval_print },
	{ "multiplier", SCHEMA_NUMBER, MEMBER(struct config_rule, rule.probe.multiplier), .min = 1,
	  .max = UINT8_MAX },
};
static const struct schema section_probe = SECTION("'probe' of an interface", probe_keys);

/* interfaces: NAME */

static int rule_rip_read(struct document *d, const struct token *first, void *object)
{
	struct config_rule *rule = object;
	struct place places[SCHEMA_KEYS_MAX];
	int r;

	if (first->kind == TOKEN_SCALAR) {
		if (value_parse_bool(first->text, &rule->rule.rip_enabled) < 0)
			return document_refuse(d, first->place,
					       "'rip' is {} for its defaults, a map of its keys, "
					       "or off, not %s",
					       TOKEN_QUOTE(first));
		return 0;
	}
	r = schema_read(d, first, &section_rip_interface, rule, places);
	if (r < 0)
		return r;
	/* RFC 2453 4.1: only RIP-2 has a place for it. */
	if (rule->rule.rip.auth.type != AUTH_NONE && rule->rule.rip.version == RIP_VERSION_1)
		return document_refuse(d, rule->auth,
				       "RIP-1 cannot be authenticated: 'auth' needs 'version' 2 or "
				       "compatible");
	rule->rule.rip_enabled = true;
	rule->costs[family_index(FAMILY_IPV4)] =
		schema_place(&section_rip_interface, places, "cost", rule->place);
	return 0;
}

static int rule_ripng_read(struct document *d, const struct token *first, void *object)
{
	struct config_rule *rule = object;
	struct place places[SCHEMA_KEYS_MAX];
	int r;

	if (first->kind == TOKEN_SCALAR) {
		if (value_parse_bool(first->text, &rule->rule.ripng_enabled) < 0)
			return document_refuse(d, first->place,
					       "'ripng' is {} for its defaults, a map of its keys, "
					       "or off, not %s",
					       TOKEN_QUOTE(first));
		return 0;
	}
	r = schema_read(d, first, &section_ripng_interface, rule, places);
	if (r < 0)
		return r;
	rule->rule.ripng_enabled = true;
	rule->costs[family_index(FAMILY_IPV6)] =
		schema_place(&section_ripng_interface, places, "cost", rule->place);
	return 0;
}

static void rule_ripng_print(FILE *to, const void *object)
{
	struct config_rule defaults = { 0 };

	interface_rule_default(&defaults.rule);
	schema_print(to, &section_ripng_interface, object, &defaults);
}

static void rule_rip_print(FILE *to, const void *object)
{
	struct config_rule defaults = { 0 };

	interface_rule_default(&defaults.rule);
	schema_print(to, &section_rip_interface, object, &defaults);
}

/* on, off, or a map of what is not as by default; that also switches it on. */
static int watch_read(struct document *d, const struct token *first, const char *key,
		      const struct schema *section, struct config_rule *rule, bool *ret_enabled)
{
	int r;

	if (first->kind == TOKEN_SCALAR) {
		if (value_parse_bool(first->text, ret_enabled) < 0)
			return document_refuse(d, first->place,
					       "'%s' is on, off, or a map like {interval: 50ms, "
					       "multiplier: 3}, not %s",
					       key, TOKEN_QUOTE(first));
		return 0;
	}
	r = schema_read(d, first, section, rule, NULL);
	*ret_enabled = true;
	return r;
}

static void watch_print(FILE *to, const struct schema *section, const void *object)
{
	struct config_rule defaults = { 0 };

	interface_rule_default(&defaults.rule);
	schema_print(to, section, object, &defaults);
}

static int rule_bfd_read(struct document *d, const struct token *first, void *object)
{
	struct config_rule *rule = object;

	rule->bfd = first->place;
	return watch_read(d, first, "bfd", &section_bfd, rule, &rule->rule.bfd_enabled);
}

static void rule_bfd_print(FILE *to, const void *object)
{
	watch_print(to, &section_bfd, object);
}

static int rule_probe_read(struct document *d, const struct token *first, void *object)
{
	struct config_rule *rule = object;

	rule->probe = first->place;
	return watch_read(d, first, "probe", &section_probe, rule, &rule->rule.probe_enabled);
}

static void rule_probe_print(FILE *to, const void *object)
{
	watch_print(to, &section_probe, object);
}

static const struct schema_key rule_keys[] = {
	{ "rip", SCHEMA_OTHER, MEMBER(struct config_rule, rule.rip_enabled), .read = rule_rip_read,
	  .print = rule_rip_print },
	{ "ripng", SCHEMA_OTHER, MEMBER(struct config_rule, rule.ripng_enabled),
	  .read = rule_ripng_read, .print = rule_ripng_print },
	{ "bfd", SCHEMA_OTHER, MEMBER(struct config_rule, rule.bfd_enabled), .read = rule_bfd_read,
	  .print = rule_bfd_print },
	{ "probe", SCHEMA_OTHER, MEMBER(struct config_rule, rule.probe_enabled),
	  .read = rule_probe_read, .print = rule_probe_print },
	{ "learn", SCHEMA_OTHER, MEMBER(struct config_rule, rule.learn), .read = section_read_learn,
	  .print = section_print_learn },
	{ "source", SCHEMA_BOOL, MEMBER(struct config_rule, rule.source) },
	NOT_YET("ospf"),
	NOT_YET("bgp"),
	NOT_YET("auth"),
};
const struct schema section_rule = SECTION("an interface", rule_keys);

/* The key of a rule: the name of an interface, or a pattern with its brackets closed. */
static int rule_pattern_check(struct document *d, const struct config *c, const struct token *t)
{
	const char *bracket;

	if (t->kind != TOKEN_SCALAR)
		return document_refuse(d, t->place, "a key is a plain word, not %s",
				       TOKEN_QUOTE(t));
	if (strlen(t->text) >= NODE_PATTERN_MAX)
		return document_refuse(d, t->place, "the pattern %s is longer than %d characters",
				       TOKEN_QUOTE(t), NODE_PATTERN_MAX - 1);
	if (interface_name_is_plain(t->text) && !interface_name_is_valid(t->text))
		return document_refuse(d, t->place,
				       "%s cannot be the name of an interface "
				       "(1 to 15 characters, no space, '/' or ':')",
				       TOKEN_QUOTE(t));
	if (!value_is_printable(t->text))
		return document_refuse(d, t->place, "%s has a control character in it",
				       TOKEN_QUOTE(t));
	bracket = strchr(t->text, '[');
	if (bracket && (!bracket[1] || !strchr(bracket + 2, ']')))
		return document_refuse(d, t->place, "%s has a '[' without its ']'", TOKEN_QUOTE(t));
	for (size_t i = 0; i < c->n_rules; i++)
		if (strcmp(c->rules[i].rule.pattern, t->text) == 0)
			return document_refuse(
				d, t->place, "%s is here twice: it was given in %s already",
				TOKEN_QUOTE(t), PLACE_QUOTE(c->rules[i].place, t->place));
	if (c->n_rules == NODE_RULES_MAX)
		return document_refuse(d, t->place, "there are more than %d interface rules",
				       NODE_RULES_MAX);
	return 0;
}

/* What needs a routing protocol on the interface. */
static int rule_speaks_check(struct document *d, const struct config_rule *rule)
{
	const struct interface_rule *r = &rule->rule;

	if (r->rip_enabled || r->ripng_enabled)
		return 0;
	if (r->bfd_enabled || r->probe_enabled)
		return document_refuse(d, r->bfd_enabled ? rule->bfd : rule->probe,
				       "'%s' watches the neighbours that a routing protocol finds: "
				       "the interface needs 'rip: {}' or 'ripng: {}' too",
				       r->bfd_enabled ? "bfd" : "probe");
	if (r->learn.mode != ROUTE_FILTER_OFF)
		return document_refuse(d, rule->learn,
				       "'learn' takes the routes that a routing protocol hears: "
				       "the interface needs 'rip: {}' or 'ripng: {}' too");
	return 0;
}

static int rule_read(struct document *d, const struct token *key, struct config *c)
{
	struct config_rule rule = { .place = key->place, .costs = { key->place, key->place } };
	struct token t;
	int r = rule_pattern_check(d, c, key);

	if (r < 0)
		return r;
	interface_rule_default(&rule.rule);
	text_copy(rule.rule.pattern, sizeof(rule.rule.pattern), key->text);
	r = document_next(d, &t);
	if (r < 0)
		return r;
	if (t.kind != TOKEN_MAP)
		return document_refuse(d, t.place, "an interface is a map like {rip: {}}, not %s",
				       TOKEN_QUOTE(&t));
	r = schema_read(d, &t, &section_rule, &rule, NULL);
	if (r < 0)
		return r;
	r = rule_speaks_check(d, &rule);
	if (r < 0)
		return r;
	r = config_grow((void **)&c->rules, c->n_rules, &c->rules_capacity, sizeof(rule));
	if (r < 0)
		return r;
	c->rules[c->n_rules++] = rule;
	return 0;
}

int section_read_rules(struct document *d, const struct token *first, void *object)
{
	struct token t;
	int r;

	if (first->kind != TOKEN_MAP)
		return document_refuse(d, first->place,
				       "'interfaces' is a map like {eth1: {rip: {}}}, not %s",
				       TOKEN_QUOTE(first));
	for (;;) {
		r = document_next(d, &t);
		if (r < 0 || t.kind == TOKEN_MAP_END)
			return r;
		r = rule_read(d, &t, object);
		if (r < 0)
			return r;
	}
}
