/* SPDX-License-Identifier: Apache-2.0 */
#include "vip/arguments.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/container.h"
#include "base/text.h"
#include "fields/text.h"

#define OPTIONS_MAX 32

/* Whether the argument is this option, with its value behind a `=` or not. */
static bool option_fits(const struct option_of *o, const char *argument)
{
	size_t length = strlen(o->name);

	return strncmp(argument, o->name, length) == 0 &&
	       (argument[length] == '\0' || (argument[length] == '=' && length > 2));
}

static int option_refuse(const struct vip *v, const struct option_of *options, size_t count,
			 const char *argument)
{
	const char *names[OPTIONS_MAX], *nearest;

	for (size_t i = 0; i < count; i++)
		names[i] = options[i].name;
	nearest = text_nearest(argument, names, count);
	if (nearest)
		return vip_usage(v, "unknown option '%s' (did you mean '%s'?)", argument, nearest);
	return vip_usage(v, "unknown option '%s'", argument);
}

/* Takes the option at argv[*at] and moves *at to its last word. -1 or an exit code. */
static int option_take(struct vip *v, const struct option_of *options, size_t count, int argc,
		       char **argv, int *at)
{
	const char *argument = argv[*at], *equals = strchr(argument, '=');

	for (size_t i = 0; i < count; i++) {
		const struct option_of *o = &options[i];

		if (!option_fits(o, argument))
			continue;
		if (o->flag && equals)
			return vip_usage(v, "'%s' takes no value", o->name);
		if (o->flag) {
			*o->flag = true;
		} else if (equals) {
			*o->value = equals + 1;
		} else {
			if (*at + 1 == argc)
				return vip_usage(v, "'%s' needs a value", o->name);
			*o->value = argv[++*at];
		}
		return -1;
	}
	return option_refuse(v, options, count, argument);
}

static bool is_true_by_default(const struct record *r, const struct field *f)
{
	return f->type == FIELD_TYPE_BOOL && r->defaults &&
	       field_number(f, field_at(f, r->defaults, 0));
}

/* One of two words that is not the first. */
static bool is_switch(const struct field *f)
{
	return f->type == FIELD_TYPE_WORD && f->words[1].text && !f->words[2].text;
}

static bool has_option(const struct field *f)
{
	return !(f->flags & (FIELD_NOT_IN_API | FIELD_NEEDED)) && f->option;
}

static void option_name(const struct record *r, const struct field *f, char *name, size_t size)
{
	struct text t;

	text_init(&t, name, size);
	text_add(&t, "--%s%s", is_true_by_default(r, f) ? "no-" : "", f->name);
}

void options_init(struct record_options *o, const struct record *r, struct option_of *options,
		  size_t *count)
{
	*o = (struct record_options){ .record = r };
	for (size_t i = 0; i < r->n_fields && o->n < OPTIONS_FIELDS_MAX; i++) {
		const struct field *f = &r->fields[i];
		bool is_flag = f->type == FIELD_TYPE_BOOL || is_switch(f);

		if (!has_option(f))
			continue;
		o->of[o->n].field = f;
		option_name(r, f, o->of[o->n].name, sizeof(o->of[o->n].name));
		options[*count] =
			(struct option_of){ o->of[o->n].name, is_flag ? &o->of[o->n].flag : NULL,
					    is_flag ? NULL : &o->of[o->n].value };
		*count += 1;
		o->n++;
	}
}

static int number_body(struct vip *v, const struct field *f, const char *value, json_t *body)
{
	char form[FIELD_TEXT_MAX];

	if (!*value || strlen(value) > 9 || strspn(value, "0123456789") != strlen(value))
		return vip_usage(v, "'--%s' is %s, not '%s'", f->name, field_form(f, form), value);
	json_object_set_new(body, f->name, json_integer(strtoll(value, NULL, 10)));
	return -1;
}

int options_body(const struct record_options *o, struct vip *v, json_t *body)
{
	int r = -1;

	for (size_t i = 0; i < o->n && r < 0; i++) {
		const struct field *f = o->of[i].field;
		const char *value = o->of[i].value;

		if (o->of[i].flag && f->type == FIELD_TYPE_BOOL)
			json_object_set_new(body, f->name,
					    json_boolean(!is_true_by_default(o->record, f)));
		else if (o->of[i].flag)
			json_object_set_new(body, f->name, json_string(f->words[1].text));
		else if (value && f->type == FIELD_TYPE_NUMBER)
			r = number_body(v, f, value, body);
		else if (value)
			json_object_set_new(body, f->name, json_string(value));
	}
	return r;
}

/* `--metric N      announce with this metric, from 1 to 15`; complete.c reads it too. */
static void option_help(struct text *t, const struct record *r, const struct field *f)
{
	char name[32], form[FIELD_TEXT_MAX];
	struct text head;

	option_name(r, f, name, sizeof(name));
	text_init(&head, name + strlen(name), sizeof(name) - strlen(name));
	if (f->type == FIELD_TYPE_NUMBER)
		text_add(&head, " N");
	else if (f->type == FIELD_TYPE_WORD && !is_switch(f))
		text_add(&head, " HOW");
	else if (f->type != FIELD_TYPE_BOOL && f->type != FIELD_TYPE_WORD)
		text_add(&head, " %c", toupper((unsigned char)f->name[0]));
	text_add(t, "  %-14s %s", name, f->option);
	if (f->type == FIELD_TYPE_NUMBER)
		text_add(t, ", from %" PRId64 " to %" PRId64, f->min, f->max);
	else if (f->type == FIELD_TYPE_WORD && !is_switch(f))
		text_add(t, ": %s", field_form(f, form));
	text_add(t, "\n");
}

const char *options_help(const struct command *c, char *buffer)
{
	struct text t;

	text_init(&t, buffer, OPTIONS_HELP_MAX);
	for (size_t i = 0; c->record && i < c->record->n_fields; i++)
		if (has_option(&c->record->fields[i]))
			option_help(&t, c->record, &c->record->fields[i]);
	text_add(&t, "%s", c->details);
	return buffer;
}

static void arguments_help(const struct vip *v)
{
	const struct command *c = v->command;
	const char *details = OPTIONS_HELP(c);

	printf("usage: vip [--socket PATH] [--json] %s%s%s\n\n%s.\n%s%s", c->name,
	       *c->arguments ? " " : "", c->arguments, c->summary, *details ? "\n" : "", details);
}

int arguments_take(struct vip *v, const struct option_of *options, size_t count, int *argc,
		   char **argv)
{
	bool help = false, only_words = false;
	struct option_of all[OPTIONS_MAX] = {
		{ "--json", &v->json, NULL },
		{ "--socket", NULL, &v->socket },
		{ "--help", &help, NULL },
		{ "-h", &help, NULL },
	};
	int left = 0, r;

	for (size_t i = 0; i < count; i++)
		all[4 + i] = options[i];
	for (int i = 0; i < *argc; i++) {
		if (only_words || argv[i][0] != '-' || argv[i][1] == '\0') {
			argv[left++] = argv[i];
		} else if (strcmp(argv[i], "--") == 0) {
			only_words = true;
		} else {
			r = option_take(v, all, 4 + count, *argc, argv, &i);
			if (r >= 0)
				return r;
		}
	}
	*argc = left;
	if (!help)
		return -1;
	arguments_help(v);
	return VIP_DONE;
}

int arguments_take_plain(struct vip *v, int *argc, char **argv, int low, int high)
{
	int r = arguments_take(v, NULL, 0, argc, argv);

	if (r >= 0)
		return r;
	if (*argc < low)
		return vip_usage(v, "something is missing behind '%s'", v->command->name);
	if (*argc > high)
		return vip_usage(v, "'%s' is too much", argv[high]);
	return -1;
}

long arguments_seconds(const char *text, long max)
{
	char *end;
	long value;

	if (*text < '0' || *text > '9')
		return -1;
	errno = 0;
	value = strtol(text, &end, 10);
	if (errno || value > max)
		return -1;
	if (strcmp(end, "m") == 0)
		value *= 60;
	else if (strcmp(end, "h") == 0)
		value *= 3600;
	else if (*end && strcmp(end, "s") != 0)
		return -1;
	return value > max ? -1 : value;
}
