/* SPDX-License-Identifier: Apache-2.0 */
/* A configuration as YAML again. What has its default value is left out. */
#include <errno.h>

#include "config/model.h"

/* The port that its kind usually has is no news. */
static void print_check(const struct config_check *check, FILE *to)
{
	struct check_settings defaults;

	check_settings_default(&defaults);
	defaults.port = check_usual_port(check->settings.kind);
	map_print(to, &check_record, &check->settings, &defaults);
}

/* The mode alone, where there is no more. */
static void print_sources(const struct config_sources *sources, FILE *to)
{
	static const struct config_sources none = { 0 };

	if (sources->n_rules == 0)
		fputs(source_mode_name(sources->mode), to);
	else
		map_print(to, &config_sources_record, sources, &none);
}

static void print_record(FILE *to, const struct record *r, const void *object)
{
	map_print(to, r, object, r->defaults);
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
		print_record(to, &vip_record, &c->vips[i].settings);
		break;
	case CONFIG_ITEM_INTERFACE:
		print_record(to, &config_rule_record, &c->rules[i]);
		break;
	case CONFIG_ITEM_PROTOCOL:
		print_record(to, config_protocols[i]->settings, c->protocols[i].settings);
		break;
	case CONFIG_ITEM_GUARD:
		print_record(to, &config_guard_record, &c->guard);
		break;
	case CONFIG_ITEM_PROOF:
		print_record(to, &config_proof_record, &c->proof);
		break;
	case CONFIG_ITEM_SOURCE:
		print_sources(&c->sources, to);
		break;
	}
}

static void print_boards(const struct config *c, FILE *to)
{
	fputs("boards: [", to);
	for (size_t i = 0; i < c->n_boards; i++) {
		fputs(i ? ", " : "", to);
		config_print_item(c, CONFIG_ITEM_BOARD, i, to);
	}
	fputs("]\n", to);
}

/* A section of `count` items, each on a line behind its name, or as one of a list. */
static void print_items(const struct config *c, const char *section, enum config_item item,
			size_t count, FILE *to)
{
	if (count > 0)
		fprintf(to, "%s:\n", section);
	for (size_t i = 0; i < count; i++) {
		const char *name = config_item_name(c, item, i);

		fputs(name ? "  " : "  - ", to);
		if (name) {
			map_print_text(to, name);
			fputs(": ", to);
		}
		config_print_item(c, item, i, to);
		fputc('\n', to);
	}
}

static void print_section(const struct config *c, const char *section, enum config_item item,
			  size_t i, FILE *to)
{
	fprintf(to, "%s: ", section);
	config_print_item(c, item, i, to);
	fputc('\n', to);
}

/* `part`: without the sections that it does not have. */
static int print(const struct config *c, bool part, FILE *to)
{
	if (!part || c->n_boards > 0)
		print_boards(c, to);
	print_items(c, "checks", CONFIG_ITEM_CHECK, c->n_checks, to);
	print_items(c, "vips", CONFIG_ITEM_VIP, c->n_vips, to);
	print_items(c, "interfaces", CONFIG_ITEM_INTERFACE, c->n_rules, to);
	for (size_t i = 0; i < PROTOCOLS; i++)
		if (!part || c->protocols[i].given.line)
			print_section(c, config_protocols[i]->name, CONFIG_ITEM_PROTOCOL, i, to);
	if (!part || c->guard_given.line)
		print_section(c, "guard", CONFIG_ITEM_GUARD, 0, to);
	/* The default of these is left out. */
	if (!c->proof.forwarding)
		print_section(c, "proof", CONFIG_ITEM_PROOF, 0, to);
	if (c->sources.n_rules > 0 || c->sources.mode != SOURCE_MODE_ON)
		print_section(c, "source", CONFIG_ITEM_SOURCE, 0, to);
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
