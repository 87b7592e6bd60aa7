/* SPDX-License-Identifier: Apache-2.0 */
#include "vip/arguments.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/container.h"
#include "base/text.h"
#include "fields/text.h"

const char common_options[] = "  --json         prints what the daemon answers, as JSON\n"
			      "  --socket PATH  the daemon's socket\n"
			      "  --help         says how it is used\n";

bool piece_is(struct piece p, const char *text)
{
	return p.length == strlen(text) && memcmp(p.at, text, p.length) == 0;
}

bool piece_next(struct piece *rest, const char *ends, struct piece *ret)
{
	while (rest->length && strchr(ends, *rest->at)) {
		rest->at++;
		rest->length--;
	}
	*ret = (struct piece){ .at = rest->at };
	while (ret->length < rest->length && !strchr(ends, rest->at[ret->length]))
		ret->length++;
	rest->at += ret->length;
	rest->length -= ret->length;
	return ret->length > 0;
}

bool option_next(const char **text, struct option_text *ret)
{
	for (const char *line = *text, *end; *line; line = end + (*end == '\n')) {
		struct piece rest;

		end = line + strcspn(line, "\n");
		if (strncmp(line, "  -", 3) != 0)
			continue;
		rest = (struct piece){ line, (size_t)(end - line) };
		(void)piece_next(&rest, " ", &ret->name);
		ret->value = (struct piece){ rest.at, 0 };
		if (rest.length > 1 && isupper((unsigned char)rest.at[1]))
			(void)piece_next(&rest, " ", &ret->value);
		while (rest.length && *rest.at == ' ') {
			rest.at++;
			rest.length--;
		}
		ret->description = rest;
		*text = end + (*end == '\n');
		return true;
	}
	return false;
}

bool option_find(const char *help, struct piece name, struct option_text *ret)
{
	const char *texts[] = { common_options, help };

	for (size_t i = 0; i < ARRAY_LENGTH(texts); i++)
		while (option_next(&texts[i], ret))
			if (ret->name.length == name.length &&
			    memcmp(ret->name.at, name.at, name.length) == 0)
				return true;
	return false;
}

static int option_refuse(const struct vip *v, const char *argument)
{
	const char *texts[] = { common_options, v->help }, *known[VIP_OPTIONS_MAX], *nearest;
	char names[VIP_OPTIONS_MAX][24];
	struct option_text option;
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LENGTH(texts); i++)
		while (n < VIP_OPTIONS_MAX && option_next(&texts[i], &option)) {
			snprintf(names[n], sizeof(names[n]), "%.*s", (int)option.name.length,
				 option.name.at);
			known[n] = names[n];
			n++;
		}
	nearest = text_nearest(argument, known, n);
	if (nearest)
		return vip_usage(v, "unknown option '%s' (did you mean '%s'?)", argument, nearest);
	return vip_usage(v, "unknown option '%s'", argument);
}

static struct option_given *given_find(const struct vip *v, const char *name)
{
	for (size_t i = 0; i < v->n_given; i++)
		if (piece_is(v->given[i].name, name))
			return (struct option_given *)&v->given[i];
	return NULL;
}

bool option_given(const struct vip *v, const char *name)
{
	return given_find(v, name) != NULL;
}

const char *option_value(const struct vip *v, const char *name)
{
	const struct option_given *given = given_find(v, name);

	return given ? given->value : NULL;
}

/* Takes the option at argv[*at] and moves *at to its last word. -1 or an exit code. */
static int option_take(struct vip *v, int argc, char **argv, int *at)
{
	const char *argument = strcmp(argv[*at], "-h") == 0 ? "--help" : argv[*at];
	struct piece name = { argument, strcspn(argument, "=") };
	const char *value = argument[name.length] ? argument + name.length + 1 : NULL;
	struct option_given *given;
	struct option_text option;

	/* An option of one letter has its value behind a space only. */
	if ((value && name.length <= 2) || !option_find(v->help, name, &option))
		return option_refuse(v, argument);
	if (value && !option.value.length)
		return vip_usage(v, "'%.*s' takes no value", (int)name.length, name.at);
	if (!value && option.value.length && *at + 1 == argc)
		return vip_usage(v, "'%s' needs a value", argument);
	if (!value)
		value = option.value.length ? argv[++*at] : "";
	for (given = v->given; given < v->given + v->n_given; given++)
		if (given->name.at == option.name.at)
			break;
	assert(given < v->given + VIP_OPTIONS_MAX);
	v->n_given += given == v->given + v->n_given;
	*given = (struct option_given){ option.name, value };
	if (piece_is(option.name, "--json"))
		v->json = true;
	if (piece_is(option.name, "--socket"))
		v->socket = value;
	return -1;
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

static int number_body(struct vip *v, const struct field *f, const char *value, json_t *body)
{
	char form[FIELD_TEXT_MAX];

	if (!*value || strlen(value) > 9 || strspn(value, "0123456789") != strlen(value))
		return vip_usage(v, "'--%s' is %s, not '%s'", f->name, field_form(f, form), value);
	json_object_set_new(body, f->name, json_integer(strtoll(value, NULL, 10)));
	return -1;
}

/* What an option that was given says of its field. */
static int field_body(struct vip *v, const struct field *f, const char *value, json_t *body)
{
	bool truth = !is_true_by_default(v->command->record, f);

	if (f->type == FIELD_TYPE_NUMBER)
		return number_body(v, f, value, body);
	json_object_set_new(body, f->name,
			    f->type == FIELD_TYPE_BOOL ? json_boolean(truth)
			    : is_switch(f)	       ? json_string(f->words[1].text)
						       : json_string(value));
	return -1;
}

int options_body(struct vip *v, json_t *body)
{
	const struct record *record = v->command->record;
	int r = -1;

	for (size_t i = 0; i < record->n_fields && r < 0; i++) {
		const struct field *f = &record->fields[i];
		const char *value;
		char name[32];

		option_name(record, f, name, sizeof(name));
		value = has_option(f) ? option_value(v, name) : NULL;
		if (value)
			r = field_body(v, f, value, body);
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

	text_init(&t, buffer, VIP_HELP_MAX);
	for (size_t i = 0; c->record && i < c->record->n_fields; i++)
		if (has_option(&c->record->fields[i]))
			option_help(&t, c->record, &c->record->fields[i]);
	text_add(&t, "%s", c->details);
	return buffer;
}

static void arguments_help(const struct vip *v)
{
	const struct command *c = v->command;

	printf("usage: vip [--socket PATH] [--json] %s%s%s\n\n%s.\n%s%s", c->name,
	       *c->arguments ? " " : "", c->arguments, c->summary, *v->help ? "\n" : "", v->help);
}

int arguments_take(struct vip *v, int *argc, char **argv)
{
	bool only_words = false;
	int left = 0, r = -1;

	(void)options_help(v->command, v->help);
	for (int i = 0; i < *argc && r < 0; i++) {
		if (only_words || argv[i][0] != '-' || argv[i][1] == '\0')
			argv[left++] = argv[i];
		else if (strcmp(argv[i], "--") == 0)
			only_words = true;
		else
			r = option_take(v, *argc, argv, &i);
	}
	if (r >= 0)
		return r;
	*argc = left;
	if (option_given(v, "--help")) {
		arguments_help(v);
		return VIP_DONE;
	}
	if (left < v->command->low && v->command->missing)
		return vip_usage(v, "%s", v->command->missing);
	if (left < v->command->low)
		return vip_usage(v, "something is missing behind '%s'", v->command->name);
	if (left > v->command->high)
		return vip_usage(v, "'%s' is too much", argv[v->command->high]);
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
