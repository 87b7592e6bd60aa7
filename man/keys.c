/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints the tables of the fields, a line each, for keys.py: the record, the key, the kind of its
 * type, what a value is, its words, its default, and what is said of it.
 */
#include <stdio.h>
#include <string.h>

#include "base/container.h"
#include "config/model.h"
#include "fields/check.h"
#include "fields/text.h"
#include "fields/vip.h"

static const char *kind_of(const struct field *f)
{
	if (f->most || f->type == FIELD_TYPE_GROUP || f->type == FIELD_TYPE_LINES)
		return "list";
	return f->type == FIELD_TYPE_BOOL ? "bool" : f->type == FIELD_TYPE_WORD ? "word" : "value";
}

/* What is said where nobody says anything else, if that can be said at all. */
static void print_default(const struct record *r, const struct field *f)
{
	char text[FIELD_TEXT_MAX] = "", sentence[FIELD_SENTENCE_MAX], copy[4096];

	if (!r->defaults || f->makes || strcmp(kind_of(f), "list") == 0)
		return;
	memcpy(copy, r->defaults, r->size);
	field_format(f, r->defaults, 0, text);
	/* A metric of 0 is none. */
	if (*text && field_parse(f, text, copy, 0, sentence, sizeof(sentence)) == 0)
		fputs(text, stdout);
}

static void print_field(const char *name, const struct record *r, const struct field *f)
{
	char form[FIELD_TEXT_MAX];

	printf("%s\t%s\t%s\t%s\t", name, f->name, kind_of(f), field_form(f, form));
	for (const struct field_word *w = f->words; w && w->text; w++)
		printf("%s%s", w == f->words ? "" : " ", w->text);
	putchar('\t');
	print_default(r, f);
	printf("\t%s\n", f->help ? f->help : "");
}

static void print_record(const char *name, const struct record *r)
{
	for (size_t i = 0; i < r->n_fields; i++)
		if (!(r->fields[i].flags & FIELD_NOT_IN_FILE))
			print_field(name, r, &r->fields[i]);
}

/* A group of an interface, which has a table of its own. */
static void print_groups(const struct record *r)
{
	for (size_t i = 0; i < r->n_fields; i++)
		if (r->fields[i].flags & FIELD_OPTIONAL)
			print_record(r->fields[i].name, r->fields[i].record);
	if (r->more)
		print_groups(r->more);
}

int main(void)
{
	print_record("vips", &vip_record);
	print_record("checks", &check_record);
	print_groups(&config_rule_record);
	for (size_t i = 0; i < PROTOCOLS; i++) {
		char name[64];

		snprintf(name, sizeof(name), "section %s", config_protocols[i]->name);
		print_record(name, config_protocols[i]->settings);
	}
	print_record("guard", &config_guard_record);
	print_record("proof", &config_proof_record);
	return 0;
}
