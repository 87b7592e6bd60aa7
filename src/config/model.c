/* SPDX-License-Identifier: Apache-2.0 */
#include "config/model.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
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

int config_add(void **array, size_t *count, size_t *capacity, const void *element, size_t size)
{
	if (array_reserve(array, capacity, *count + 1, size) < 0)
		return -ENOMEM;
	memcpy((char *)*array + *count * size, element, size);
	*count += 1;
	return 0;
}

int config_add_board(struct config *c, const char *name)
{
	struct config_board board = { 0 };

	text_copy(board.name, sizeof(board.name), name);
	return CONFIG_ADD(c, boards, &board);
}

const char *config_item_name(const struct config *c, enum config_item item, size_t i)
{
	if (item == CONFIG_ITEM_BOARD)
		return i < c->n_boards ? c->boards[i].name : NULL;
	if (item == CONFIG_ITEM_CHECK)
		return i < c->n_checks ? c->checks[i].settings.name : NULL;
	return item == CONFIG_ITEM_INTERFACE && i < c->n_rules ? c->rules[i].rule.pattern : NULL;
}

size_t config_item_find(const struct config *c, enum config_item item, const char *name)
{
	const char *each;

	for (size_t i = 0; (each = config_item_name(c, item, i)) != NULL; i++)
		if (strcmp(each, name) == 0)
			return i;
	return SIZE_MAX;
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
