/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two texts of a command say what may follow it. Its `arguments` are words in their order, with
 * alternatives between bars: `add|del NAME | list`. Words in lower case stand for themselves,
 * others for something: ADDRESS, NAME, FILE. Its `details` have a line for each option, with the
 * name of its value behind one space: `--board B      the board`. Of a HOW the line names the
 * choices: `HOW     how the kernel holds them: auto, address or route`.
 */
#include "vip/complete.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/container.h"
#include "vip/arguments.h"
#include "vip/client.h"

/* Who waits for a TAB waits for no daemon. */
#define COMPLETE_PATIENCE_MS 200
#define COMPLETE_WORDS_MAX 8

struct completion {
	struct vip *v;
	const char *word;  /* the one that is completed */
	struct piece lead; /* the `--name=` in front of a value, which is part of the word */
};

/* Prints a candidate if the word may become it. */
static void offer(const struct completion *c, struct piece candidate, struct piece description)
{
	const char *word = c->word + c->lead.length;
	size_t length = strlen(word);

	if (candidate.length < length || memcmp(candidate.at, word, length) != 0)
		return;
	printf("%.*s%.*s\t%.*s\n", (int)c->lead.length, c->lead.at, (int)candidate.length,
	       candidate.at, (int)description.length, description.at);
}

static void offer_text(const struct completion *c, const char *candidate, const char *description)
{
	offer(c, (struct piece){ candidate, strlen(candidate) },
	      (struct piece){ description, strlen(description) });
}

/* What a shell would show as something else than text is not offered. */
static bool text_is_plain(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return false;
	return true;
}

/* The members `key` of a list that the daemon has, with the members `about` for a description. */
static void offer_list(const struct completion *c, const char *list, const char *key,
		       const char *about)
{
	json_t *document = NULL;
	const json_t *each;
	unsigned status = 0;
	char path[64];
	size_t i;

	client_path(path, sizeof(path), "/v1/", list, "");
	if (client_ask(c->v, "GET", path, NULL, COMPLETE_PATIENCE_MS, &status, &document) !=
	    VIP_DONE)
		return;
	json_array_foreach(json_object_get(document, list), i, each)
	{
		const char *text = member_text(each, key), *description = member_text(each, about);

		if (text_is_plain(text) && text_is_plain(description))
			offer_text(c, text, description);
	}
	json_decref(document);
}

/* `auto, address or route` behind the last colon. */
static void offer_choices(const struct completion *c, struct piece description)
{
	struct piece word;

	for (size_t i = description.length; i-- > 0;) {
		if (description.at[i] != ':')
			continue;
		description.at += i + 1;
		description.length -= i + 1;
		break;
	}
	while (piece_next(&description, " ,", &word))
		if (!piece_is(word, "or"))
			offer(c, word, (struct piece){ "", 0 });
}

/* What the name of a value stands for. */
static void offer_value(const struct completion *c, struct piece name, struct piece description)
{
	if (piece_is(name, "FILE") || piece_is(name, "PATH"))
		puts(COMPLETE_FILES);
	else if (piece_is(name, "ADDRESS"))
		offer_list(c, "vips", "address", "state");
	else if (piece_is(name, "NAME") || piece_is(name, "B"))
		offer_list(c, "boards", "name", "backend");
	else if (piece_is(name, "IF"))
		offer_list(c, "interfaces", "name", "kind");
	else if (piece_is(name, "ROUTER"))
		offer_list(c, "neighbors", "address", "interface");
	else if (piece_is(name, "HOW"))
		offer_choices(c, description);
}

static void offer_options(const struct completion *c, const char *help)
{
	const char *texts[] = { help, common_options };
	struct option_text option;

	for (size_t i = 0; i < ARRAY_LENGTH(texts); i++)
		while (option_next(&texts[i], &option))
			offer(c, option.name, option.description);
}

/* The word begins with a dash: an option, or `--name=` and the beginning of its value. */
static void offer_dashed(struct completion *c, const char *help)
{
	const char *equals = strchr(c->word, '=');
	struct option_text option;

	if (!equals) {
		offer_options(c, help);
	} else if (option_find(help, (struct piece){ c->word, (size_t)(equals - c->word) },
			       &option)) {
		c->lead = (struct piece){ c->word, (size_t)(equals + 1 - c->word) };
		offer_value(c, option.value, option.description);
	}
}

/* What a synopsis says of one argument: without [ ] around it and without dots behind. */
static struct piece argument_bare(struct piece p, bool *ret_repeats)
{
	*ret_repeats = p.length > 3 && memcmp(p.at + p.length - 3, "...", 3) == 0;
	if (*ret_repeats)
		p.length -= 3;
	if (p.length > 2 && p.at[0] == '[' && p.at[p.length - 1] == ']') {
		p.at++;
		p.length -= 2;
	}
	return p;
}

/*
 * The next argument of an alternative that is no option; false at its end. An option in brackets
 * may have a value: [-n N].
 */
static bool argument_next(struct piece *rest, struct piece *ret)
{
	while (piece_next(rest, " ", ret)) {
		if (piece_is(*ret, "|"))
			return false;
		if (strncmp(ret->at, "[-", 2) != 0)
			return true;
		while (ret->at[ret->length - 1] != ']' && piece_next(rest, " ", ret))
			;
	}
	return false;
}

/* Whether the argument stands for itself, and the word is one of what it may be. */
static bool argument_allows(struct piece argument, const char *word)
{
	struct piece each;

	if (!islower((unsigned char)*argument.at))
		return true;
	while (piece_next(&argument, "|", &each))
		if (piece_is(each, word))
			return true;
	return false;
}

static void offer_argument(const struct completion *c, struct piece argument)
{
	const struct piece nothing = { "", 0 };
	struct piece each;

	if (!islower((unsigned char)*argument.at)) {
		offer_value(c, argument, nothing);
		return;
	}
	while (piece_next(&argument, "|", &each))
		offer(c, each, nothing);
}

/* One alternative of a synopsis; *rest becomes what stands behind it. */
static void offer_alternative(const struct completion *c, struct piece *rest,
			      const char *const *before, size_t count)
{
	struct piece argument, wanted = { "", 0 };
	bool fits = true, repeats = false;
	size_t i = 0;

	for (; argument_next(rest, &argument); i++) {
		argument = argument_bare(argument, &repeats);
		if (i < count)
			fits = fits && argument_allows(argument, before[i]);
		if (i == count || (i < count && repeats))
			wanted = argument;
	}
	if (fits && wanted.length)
		offer_argument(c, wanted);
}

static void offer_arguments(const struct completion *c, const struct command *command,
			    const char *const *before, size_t count)
{
	struct piece rest = { command->arguments, strlen(command->arguments) };

	while (rest.length)
		offer_alternative(c, &rest, before, count);
}

static void complete_command(struct completion *c, const struct command *command, int argc,
			     char **argv)
{
	const char *help = options_help(command, c->v->help), *before[COMPLETE_WORDS_MAX];
	struct option_text option;
	size_t count = 0;

	for (int i = 0; i + 1 < argc; i++) {
		if (argv[i][0] != '-') {
			if (count < COMPLETE_WORDS_MAX)
				before[count++] = argv[i];
		} else if (option_find(help, (struct piece){ argv[i], strlen(argv[i]) }, &option) &&
			   option.value.length && ++i + 1 == argc) {
			offer_value(c, option.value, option.description);
			return;
		}
	}
	if (*c->word == '-')
		offer_dashed(c, help);
	else
		offer_arguments(c, command, before, count);
}

/* Nothing is said on stderr, where it would stand in the middle of a command line. */
enum vip_exit complete_run(struct vip *v, const struct command *commands, size_t count, int argc,
			   char **argv)
{
	struct completion c = { .v = v, .word = argc > 0 ? argv[argc - 1] : "" };
	int at = 0;

	if (!freopen("/dev/null", "we", stderr))
		return VIP_DONE;
	for (; at + 1 < argc && argv[at][0] == '-'; at++) {
		if (strncmp(argv[at], "--socket=", 9) == 0) {
			v->socket = argv[at] + 9;
		} else if (strcmp(argv[at], "--socket") == 0) {
			v->socket = argv[++at];
			if (at + 1 == argc)
				puts(COMPLETE_FILES);
		}
	}
	for (size_t i = 0; at + 1 < argc && i < count; i++)
		if (strcmp(commands[i].name, argv[at]) == 0)
			complete_command(&c, &commands[i], argc - at - 1, argv + at + 1);
	if (at + 1 != argc)
		return VIP_DONE;
	if (*c.word == '-')
		offer_dashed(&c, "");
	for (size_t i = 0; *c.word != '-' && i < count; i++)
		offer_text(&c, commands[i].name, commands[i].summary);
	return VIP_DONE;
}
