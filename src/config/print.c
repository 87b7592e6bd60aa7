/* SPDX-License-Identifier: Apache-2.0 */
/* A configuration as YAML again. What has its default value is left out. */
#include <errno.h>

#include "config/model.h"
#include "config/value.h"
#include "node/will.h"

static void print_boards(const struct config *c, FILE *to)
{
	fputs("boards: [", to);
	for (size_t i = 0; i < c->n_boards; i++) {
		fputs(i ? ", " : "", to);
		value_print_text(to, c->boards[i].name);
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

static void print_rules(const struct config *c, FILE *to)
{
	struct config_rule defaults = { 0 };

	if (c->n_rules == 0)
		return;
	interface_rule_default(&defaults.rule);
	fputs("interfaces:\n", to);
	for (size_t i = 0; i < c->n_rules; i++) {
		fputs("  ", to);
		value_print_text(to, c->rules[i].rule.pattern);
		fputs(": ", to);
		schema_print(to, &section_rule, &c->rules[i], &defaults);
		fputc('\n', to);
	}
}

int config_print(const struct config *c, FILE *to)
{
	struct config guard_defaults = { .grace = WILL_GRACE_DEFAULT };
	struct rip_settings defaults;

	rip_settings_default(&defaults);
	print_boards(c, to);
	print_vips(c, to);
	print_rules(c, to);
	fputs("rip: ", to);
	schema_print(to, &section_rip, &c->rip, &defaults);
	fputs("\nguard: ", to);
	schema_print(to, &section_guard, c, &guard_defaults);
	fputc('\n', to);
	return fflush(to) == 0 && !ferror(to) ? 0 : -EIO;
}
