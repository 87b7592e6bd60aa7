/* SPDX-License-Identifier: Apache-2.0 */
/* A configuration as YAML again. What has its default value is left out. */
#include <errno.h>

#include "config/model.h"

static void print_boards(const struct config *c, FILE *to)
{
	fputs("boards: [", to);
	for (size_t i = 0; i < c->n_boards; i++) {
		fputs(i ? ", " : "", to);
		map_print_text(to, c->boards[i].name);
	}
	fputs("]\n", to);
}

static void print_vip(const struct config_vip *vip, FILE *to)
{
	map_print(to, &vip_record, &vip->settings, vip_record.defaults);
}

static void print_vips(const struct config *c, FILE *to)
{
	if (c->n_vips == 0)
		return;
	fputs("vips:\n", to);
	for (size_t i = 0; i < c->n_vips; i++) {
		fputs("  - ", to);
		print_vip(&c->vips[i], to);
		fputc('\n', to);
	}
}

/* The port that its kind usually has is no news. */
static void print_check(const struct config_check *check, FILE *to)
{
	struct check_settings defaults;

	check_settings_default(&defaults);
	defaults.port = check_usual_port(check->settings.kind);
	map_print(to, &check_record, &check->settings, &defaults);
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

static void print_rule(const struct config_rule *rule, FILE *to)
{
	map_print(to, &config_rule_record, rule, config_rule_record.defaults);
}

static void print_rules(const struct config *c, FILE *to)
{
	if (c->n_rules == 0)
		return;
	fputs("interfaces:\n", to);
	for (size_t i = 0; i < c->n_rules; i++) {
		fputs("  ", to);
		map_print_text(to, c->rules[i].rule.pattern);
		fputs(": ", to);
		print_rule(&c->rules[i], to);
		fputc('\n', to);
	}
}

static void print_protocol(const struct config *c, size_t i, FILE *to)
{
	const struct record *r = config_protocols[i]->settings;

	map_print(to, r, c->protocols[i].settings, r->defaults);
}

static void print_guard(const struct config *c, FILE *to)
{
	map_print(to, &config_guard_record, &c->guard, config_guard_record.defaults);
}

/* The mode alone, where there is no more. */
static void print_sources(const struct config *c, FILE *to)
{
	static const struct config_sources none = { 0 };

	if (c->sources.n_rules == 0)
		fputs(source_mode_name(c->sources.mode), to);
	else
		map_print(to, &config_sources_record, &c->sources, &none);
}

/* `part`: without the sections that it does not have. */
static int print(const struct config *c, bool part, FILE *to)
{
	if (!part || c->n_boards > 0)
		print_boards(c, to);
	print_checks(c, to);
	print_vips(c, to);
	print_rules(c, to);
	for (size_t i = 0; i < PROTOCOLS; i++) {
		if (part && !c->protocols[i].given.line)
			continue;
		fprintf(to, "%s: ", config_protocols[i]->name);
		print_protocol(c, i, to);
		fputc('\n', to);
	}
	if (!part || c->guard_given.line) {
		fputs("guard: ", to);
		print_guard(c, to);
		fputc('\n', to);
	}
	/* The default is left out. */
	if (c->sources.n_rules > 0 || c->sources.mode != SOURCE_MODE_ON) {
		fputs("source: ", to);
		print_sources(c, to);
		fputc('\n', to);
	}
	return fflush(to) == 0 && !ferror(to) ? 0 : -EIO;
}

int config_print(const struct config *c, FILE *to)
{
	return print(c, false, to);
}

int config_print_part(const struct config *c, FILE *to)
{
	return print(c, true, to);
}

void config_print_item(const struct config *c, enum config_item item, size_t i, FILE *to)
{
	switch (item) {
	case CONFIG_ITEM_BOARD:
		map_print_text(to, c->boards[i].name);
		break;
	case CONFIG_ITEM_CHECK:
		print_check(&c->checks[i], to);
		break;
	case CONFIG_ITEM_VIP:
		print_vip(&c->vips[i], to);
		break;
	case CONFIG_ITEM_INTERFACE:
		print_rule(&c->rules[i], to);
		break;
	case CONFIG_ITEM_PROTOCOL:
		print_protocol(c, i, to);
		break;
	case CONFIG_ITEM_GUARD:
		print_guard(c, to);
		break;
	case CONFIG_ITEM_SOURCE:
		print_sources(c, to);
		break;
	}
}
