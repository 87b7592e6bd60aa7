/* SPDX-License-Identifier: Apache-2.0 */
#include "config/model.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

void config_free(struct config *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->n_warnings; i++)
		free(c->warnings[i]);
	free(c->boards);
	free(c->vips);
	free(c->checks);
	free(c->rules);
	for (size_t i = 0; i < c->n_files; i++)
		free(c->files[i]);
	free(c);
}

int config_grow(void **array, size_t count, size_t *capacity, size_t element)
{
	size_t wanted = *capacity ? *capacity * 2 : 8;
	void *grown;

	if (count < *capacity)
		return 0;
	grown = reallocarray(*array, wanted, element);
	if (!grown)
		return -ENOMEM;
	*array = grown;
	*capacity = wanted;
	return 0;
}

int config_add_vip(struct config *c, const struct config_vip *vip)
{
	int r = config_grow((void **)&c->vips, c->n_vips, &c->vips_capacity, sizeof(*vip));

	if (r == 0)
		c->vips[c->n_vips++] = *vip;
	return r;
}

int config_add_board(struct config *c, const char *name)
{
	struct config_board board = { 0 };
	int r = config_grow((void **)&c->boards, c->n_boards, &c->boards_capacity, sizeof(board));

	text_copy(board.name, sizeof(board.name), name);
	if (r == 0)
		c->boards[c->n_boards++] = board;
	return r;
}

bool config_has_board(const struct config *c, const char *name)
{
	for (size_t i = 0; i < c->n_boards; i++)
		if (strcmp(c->boards[i].name, name) == 0)
			return true;
	return false;
}

/* The first warnings are kept; a file that has more of them is not read any better with all. */
void config_warn(struct config *c, struct place at, const char *format, ...)
{
	char sentence[256], line[512];
	va_list args;

	if (c->n_warnings == CONFIG_WARNINGS_MAX)
		return;
	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	snprintf(line, sizeof(line), "%s:%u:%u: warning: %s", at.file, at.line, at.column,
		 sentence);
	c->warnings[c->n_warnings] = strdup(line);
	if (c->warnings[c->n_warnings])
		c->n_warnings++;
}

void config_remark(struct config *c, const char *format, ...)
{
	char line[512];
	va_list args;

	if (c->n_warnings == CONFIG_WARNINGS_MAX)
		return;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	c->warnings[c->n_warnings] = strdup(line);
	if (c->warnings[c->n_warnings])
		c->n_warnings++;
}

const char *config_warning(const struct config *c, size_t i)
{
	return i < c->n_warnings ? c->warnings[i] : NULL;
}

bool config_is_default(const struct config *c)
{
	return c->n_files == 0;
}

struct duration config_grace(const struct config *c)
{
	return c->guard.grace;
}

struct config_secret protocol_secret(const struct config_rule *rule, size_t offset,
				     const char *path, uint8_t type)
{
	struct place at = places_of(&rule->at, offset, rule->place);

	return (struct config_secret){ .path = path,
				       .type = type,
				       .file = at.file ? at.file : "",
				       .line = at.line,
				       .column = at.column };
}
