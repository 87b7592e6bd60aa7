/* SPDX-License-Identifier: Apache-2.0 */
#include "config/host.h"

#include <string.h>

#include "base/container.h"
#include "base/text.h"
#include "config/model.h"

#define HOST_NAMES_MAX 256

/* The names of all interfaces, each once. */
static size_t host_names(const struct host_address *addresses, size_t count, const char **ret)
{
	size_t n = 0;

	for (size_t i = 0; i < count && n < HOST_NAMES_MAX; i++) {
		size_t k = 0;

		while (k < n && strcmp(ret[k], addresses[i].interface) != 0)
			k++;
		if (k == n)
			ret[n++] = addresses[i].interface;
	}
	return n;
}

static bool rule_fits_any(const struct config_rule *rule, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (interface_name_matches(rule->rule.pattern, names[i]))
			return true;
	return false;
}

static void check_rule(struct config *c, const struct config_rule *rule, const char *const *names,
		       size_t count)
{
	const char *nearest = interface_name_is_plain(rule->rule.pattern)
				      ? text_nearest(rule->rule.pattern, names, count)
				      : NULL;

	config_warn(c, rule->place, "'%s' fits no interface that is there now%s%s%s",
		    rule->rule.pattern, nearest ? " (did you mean '" : "", nearest ? nearest : "",
		    nearest ? "'?)" : "");
}

/* Whether the neighbour can be reached on one of the interfaces that the rule fits. */
static bool neighbor_is_near(const struct config_rule *rule, const struct address *neighbor,
			     const struct host_address *addresses, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (interface_name_matches(rule->rule.pattern, addresses[i].interface) &&
		    address_is_set(&addresses[i].network.address) &&
		    prefix_contains(&addresses[i].network, neighbor))
			return true;
	return false;
}

void host_check_neighbor(struct config *c, const struct config_rule *rule,
			 const struct address *neighbor, const struct host_address *addresses,
			 size_t count)
{
	if (!neighbor_is_near(rule, neighbor, addresses, count))
		config_warn(c, rule->place,
			    "the neighbour %s lies outside of the networks that '%s' has now: it "
			    "cannot be heard",
			    ADDRESS_TEXT(neighbor), rule->rule.pattern);
}

void config_check_host(struct config *c, const struct host_address *addresses, size_t count)
{
	const char *names[HOST_NAMES_MAX];
	size_t n = host_names(addresses, count, names);

	for (size_t i = 0; i < c->n_rules; i++) {
		const struct config_rule *rule = &c->rules[i];

		if (!rule_fits_any(rule, names, n))
			check_rule(c, rule, names, n);
		else
			for (size_t k = 0; k < PROTOCOLS; k++)
				config_protocols[k]->check_host(c, rule, addresses, count);
	}
}
