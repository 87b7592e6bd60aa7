/* SPDX-License-Identifier: Apache-2.0 */
/* A configuration as YAML again. What has its default value is left out. */
#include <errno.h>

#include "config/map.h"
#include "config/model.h"
#include "config/section.h"
#include "fields/value.h"
#include "node/will.h"

static void print_boards(const struct config *c, FILE *to)
{
	fputs("boards: [", to);
	for (size_t i = 0; i < c->n_boards; i++) {
		fputs(i ? ", " : "", to);
		map_print_text(to, c->boards[i].name);
	}
	fputs("]\n", to);
}

static void print_vips(const struct config *c, FILE *to)
{
	struct config_vip defaults = { 0 };

	if (c->n_vips == 0)
		return;
	vip_settings_default(&defaults.settings);
	fputs("vips:\n", to);
	for (size_t i = 0; i < c->n_vips; i++) {
		fputs("  - ", to);
		schema_print(to, &section_vip, &c->vips[i], &defaults);
		fputc('\n', to);
	}
}

/* What a kind implies is no news: the port that it usually has, or that its key has told. */
static void print_check(const struct config_check *check, FILE *to)
{
	struct config_check defaults = { 0 };

	config_check_default(&defaults, check->settings.kind);
	if (check->settings.kind == CHECK_TCP)
		defaults.settings.port = check->settings.port;
	if (check->settings.kind == CHECK_ICMP)
		defaults.settings.address = check->settings.address;
	schema_print(to, &section_check, check, &defaults);
}

static void print_checks(const struct config *c, FILE *to)
{
	if (c->n_checks == 0)
		return;
	fputs("checks:\n", to);
	for (size_t i = 0; i < c->n_checks; i++) {
		fputs("  ", to);
		map_print_text(to, c->checks[i].settings.name);
		fputs(": ", to);
		print_check(&c->checks[i], to);
		fputc('\n', to);
	}
}

static void print_rules(const struct config *c, FILE *to)
{
	struct config_rule defaults = { 0 };

	if (c->n_rules == 0)
		return;
	interface_rule_default(&defaults.rule);
	fputs("interfaces:\n", to);
	for (size_t i = 0; i < c->n_rules; i++) {
		fputs("  ", to);
		map_print_text(to, c->rules[i].rule.pattern);
		fputs(": ", to);
		schema_print(to, &section_rule, &c->rules[i], &defaults);
		fputc('\n', to);
	}
}

static void print_rip(const struct config *c, FILE *to)
{
	struct rip_settings defaults;

	rip_settings_default(&defaults);
	schema_print(to, &section_rip, &c->rip, &defaults);
}

static void print_guard(const struct config *c, FILE *to)
{
	struct config defaults = { .grace = WILL_GRACE_DEFAULT };

	schema_print(to, &section_guard, c, &defaults);
}

/* The default is left out. */
static void print_source(const struct config *c, FILE *to)
{
	if (c->n_sources == 0 && c->source_mode == SOURCE_MODE_ON)
		return;
	fputs("source: ", to);
	section_print_source(to, c);
	fputc('\n', to);
}

static int print_end(FILE *to)
{
	return fflush(to) == 0 && !ferror(to) ? 0 : -EIO;
}

int config_print(const struct config *c, FILE *to)
{
	print_boards(c, to);
	print_checks(c, to);
	print_vips(c, to);
	print_rules(c, to);
	fputs("rip: ", to);
	print_rip(c, to);
	fputs("\nguard: ", to);
	print_guard(c, to);
	fputc('\n', to);
	print_source(c, to);
	return print_end(to);
}

int config_print_part(const struct config *c, FILE *to)
{
	if (c->n_boards > 0)
		print_boards(c, to);
	print_checks(c, to);
	print_vips(c, to);
	print_rules(c, to);
	if (c->rip_given.line) {
		fputs("rip: ", to);
		print_rip(c, to);
		fputc('\n', to);
	}
	if (c->guard_given.line) {
		fputs("guard: ", to);
		print_guard(c, to);
		fputc('\n', to);
	}
	print_source(c, to);
	return print_end(to);
}

void config_print_item(const struct config *c, enum config_item item, size_t i, FILE *to)
{
	struct config_vip vip_defaults = { 0 };
	struct config_rule rule_defaults = { 0 };

	switch (item) {
	case CONFIG_ITEM_BOARD:
		map_print_text(to, c->boards[i].name);
		break;
	case CONFIG_ITEM_CHECK:
		print_check(&c->checks[i], to);
		break;
	case CONFIG_ITEM_VIP:
		vip_settings_default(&vip_defaults.settings);
		schema_print(to, &section_vip, &c->vips[i], &vip_defaults);
		break;
	case CONFIG_ITEM_INTERFACE:
		interface_rule_default(&rule_defaults.rule);
		schema_print(to, &section_rule, &c->rules[i], &rule_defaults);
		break;
	case CONFIG_ITEM_RIP:
		print_rip(c, to);
		break;
	case CONFIG_ITEM_GUARD:
		print_guard(c, to);
		break;
	case CONFIG_ITEM_SOURCE:
		section_print_source(to, c);
		break;
	}
}
