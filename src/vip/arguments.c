/* SPDX-License-Identifier: Apache-2.0 */
#include "vip/arguments.h"

#include <stdio.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/container.h"
#include "base/text.h"

#define OPTIONS_MAX 16

static void arguments_help(const struct vip *v)
{
	const struct command *c = v->command;

	printf("usage: vip [--socket PATH] [--json] %s%s%s\n\n%s.\n%s%s", c->name,
	       *c->arguments ? " " : "", c->arguments, c->summary, *c->details ? "\n" : "",
	       c->details);
}

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
