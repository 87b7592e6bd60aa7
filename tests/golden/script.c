/* SPDX-License-Identifier: Apache-2.0 */
#include "script.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static void words_split(struct words *w, char *line)
{
	char *save, *at = strtok_r(line, " \t\n", &save);

	*w = (struct words){ 0 };
	for (; at && w->count < SCRIPT_WORDS_MAX; at = strtok_r(NULL, " \t\n", &save))
		w->at[w->count++] = at;
}

const char *word(struct words *w)
{
	return w->next < w->count ? w->at[w->next++] : "";
}

const char *value(const struct words *w, const char *key)
{
	size_t length = strlen(key);

	for (size_t k = w->next; k < w->count; k++)
		if (strncmp(w->at[k], key, length) == 0 && w->at[k][length] == '=')
			return w->at[k] + length + 1;
	return NULL;
}

bool flag(const struct words *w, const char *name)
{
	for (size_t k = w->next; k < w->count; k++)
		if (strcmp(w->at[k], name) == 0)
			return true;
	return false;
}

unsigned number(const struct words *w, const char *key, unsigned otherwise)
{
	const char *text = value(w, key);

	return text ? (unsigned)strtoul(text, NULL, 10) : otherwise;
}

double script_seconds(const struct script *s)
{
	return (double)(s->now.ns - s->start.ns) / 1e9;
}

struct duration script_duration(struct script *s, const char *text)
{
	char *unit;
	double count = strtod(text, &unit);

	if (strcmp(unit, "s") == 0)
		return (struct duration){ (int64_t)(count * 1e9) };
	if (strcmp(unit, "ms") != 0)
		s->error = "a duration needs a unit, s or ms";
	return (struct duration){ (int64_t)(count * 1e6) };
}

struct prefix script_prefix(struct script *s, const char *text)
{
	struct address a = address_ipv4(0);
	uint8_t length = 32;

	if (prefix_parse(text, &a, &length) < 0)
		s->error = "this is no prefix";
	return prefix_make(&a, length);
}

static void command_run(const struct script_language *l, struct script *s, const char *line)
{
	char copy[SCRIPT_LINE_MAX];
	struct words w;
	const char *name;

	text_copy(copy, sizeof(copy), line);
	words_split(&w, copy);
	name = word(&w);
	for (const struct script_command *c = l->commands; c->name; c++) {
		if (strcmp(c->name, name) != 0)
			continue;
		c->run(s, &w);
		l->drain(s);
		return;
	}
	s->error = "there is no such command";
}

/* Runs the script and writes it with what happens now into `out`. 0, or -1 after a complaint. */
static int script_run(const struct script_language *l, const char *path, FILE *in, FILE *out)
{
	struct script *s = l->begin(path, out);
	char line[SCRIPT_LINE_MAX];
	int number_of_line = 0;
	const char *error;

	if (!s)
		return -1;
	while (!s->error && fgets(line, sizeof(line), in)) {
		number_of_line++;
		if (line[0] == ' ')
			continue;
		fputs(line, out);
		if (line[0] != '#' && line[0] != '\n')
			command_run(l, s, line);
	}
	error = s->error;
	l->end(s);
	if (!error)
		return 0;
	printf("# %s:%d: %s\n", path, number_of_line, error);
	return -1;
}

/* Shows the first line that is not as expected. */
static void tell_difference(const char *path, const char *expected, const char *happened)
{
	int number_of_line = 1;
	const char *e = expected, *h = happened;

	while (*e && *e == *h) {
		if (*e == '\n') {
			number_of_line++;
			expected = e + 1;
			happened = h + 1;
		}
		e++;
		h++;
	}
	printf("# %s:%d:\n# expected:%.*s\n# happened:%.*s\n", path, number_of_line,
	       (int)strcspn(expected, "\n"), expected, (int)strcspn(happened, "\n"), happened);
}

static char *file_read(const char *path, size_t *ret_length)
{
	FILE *in = fopen(path, "r");
	char *text = NULL, line[SCRIPT_LINE_MAX];
	FILE *out = in ? open_memstream(&text, ret_length) : NULL;

	while (out && fgets(line, sizeof(line), in))
		fputs(line, out);
	if (out)
		fclose(out);
	if (in)
		fclose(in);
	return text;
}

static int file_write(const char *path, const char *text)
{
	FILE *out = fopen(path, "w");

	if (!out || fputs(text, out) < 0 || fclose(out) != 0)
		return -1;
	return 0;
}

static bool script_check(const struct script_language *l, const char *path, bool rewrite)
{
	size_t length = 0, happened_length = 0;
	char *expected = file_read(path, &length), *happened = NULL;
	FILE *in = expected ? fmemopen(expected, length, "r") : NULL;
	FILE *out = open_memstream(&happened, &happened_length);
	bool good = in && out && script_run(l, path, in, out) == 0;

	if (out)
		fclose(out);
	if (in)
		fclose(in);
	if (good && rewrite) {
		good = file_write(path, happened) == 0;
	} else if (good && strcmp(expected, happened) != 0) {
		tell_difference(path, expected, happened);
		good = false;
	}
	free(expected);
	free(happened);
	return good;
}

static int is_script(const struct dirent *entry)
{
	const char *end = strrchr(entry->d_name, '.');

	return end && strcmp(end, ".txt") == 0;
}

/* All scripts of the folder, in the order of their numbers. */
static int folder_check(const struct script_language *l, const char *folder, bool rewrite)
{
	struct dirent **entries;
	int count = scandir(folder, &entries, is_script, alphasort), failed = 0;

	if (count <= 0) {
		fprintf(stderr, "%s: there are no scripts\n", folder);
		return 1;
	}
	printf("1..%d\n", count);
	for (int i = 0; i < count; i++) {
		char path[4096];
		bool good;

		snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
		good = script_check(l, path, rewrite);
		failed += !good;
		printf("%s %d - %s\n", good ? "ok" : "not ok", i + 1, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return failed > 0;
}

int scripts_run(const struct script_language *l, int argc, char **argv)
{
	bool rewrite = argc == 3 && strcmp(argv[1], "--rewrite") == 0;

	if (argc != 2 + rewrite) {
		fprintf(stderr, "usage: %s [--rewrite] FOLDER\n", l->name);
		return 2;
	}
	return folder_check(l, argv[argc - 1], rewrite);
}
