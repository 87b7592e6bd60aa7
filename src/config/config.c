/* SPDX-License-Identifier: Apache-2.0 */
#include "config/config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "config/model.h"
#include "node/will.h"

void config_free(struct config *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->n_warnings; i++)
		free(c->warnings[i]);
	free(c->boards);
	free(c->vips);
	free(c->rules);
	free(c);
}

const char *config_warning(const struct config *c, size_t i)
{
	return i < c->n_warnings ? c->warnings[i] : NULL;
}

/* An exact name wins over a pattern, wherever it stands in the file. */
static int config_sort_rules(struct config *c)
{
	struct config_rule *sorted;
	size_t n = 0;

	if (c->n_rules == 0)
		return 0;
	sorted = reallocarray(NULL, c->n_rules, sizeof(*sorted));
	if (!sorted)
		return -ENOMEM;
	for (int pattern = 0; pattern <= 1; pattern++)
		for (size_t i = 0; i < c->n_rules; i++)
			if (!interface_name_is_plain(c->rules[i].rule.pattern) == pattern)
				sorted[n++] = c->rules[i];
	free(c->rules);
	c->rules = sorted;
	c->rules_capacity = n;
	return 0;
}

/* The whole text: one map, or nothing at all. */
static int config_load(struct config *c, struct document *d, const char *name)
{
	struct token t;
	int r = document_next(d, &t);

	if (r < 0)
		return r;
	if (t.kind == TOKEN_SCALAR && !*t.text) {
		/* `---` and nothing behind it. */
		r = document_next(d, &t);
	} else if (t.kind != TOKEN_END) {
		r = schema_read(d, &t, &section_top, c, NULL);
		if (r == 0)
			r = document_next(d, &t);
	}
	/* The last token is the end: a second document has been refused by document_next(). */
	if (r == 0)
		r = config_check(c, d, name);
	if (r == 0)
		r = config_sort_rules(c);
	return r;
}

int config_parse(const char *name, const void *bytes, size_t length, struct config **ret,
		 char *error, size_t error_size)
{
	struct config *c = calloc(1, sizeof(*c));
	struct document *d = NULL;
	int r = -ENOMEM;

	text_copy(error, error_size, "");
	if (c) {
		rip_settings_default(&c->rip);
		c->grace = WILL_GRACE_DEFAULT;
		r = document_open(name, bytes, length, error, error_size, &d);
	}
	if (r == 0)
		r = config_load(c, d, name);
	document_close(d);
	if (r < 0) {
		if (!*error)
			snprintf(error, error_size, "%s: %s", name, strerror(-r));
		config_free(c);
		return r;
	}
	*ret = c;
	return 0;
}

/* Reads the file whole. One byte above the limit shows that it is too long. */
static int config_slurp(int fd, char **ret, size_t *ret_length)
{
	size_t length = 0, capacity = 0;
	char *bytes = NULL;
	ssize_t n;
	int r;

	for (;;) {
		if (length == capacity) {
			size_t wanted = capacity ? capacity * 2 : 16384;
			char *grown = realloc(bytes, wanted);

			if (!grown) {
				r = -ENOMEM;
				break;
			}
			bytes = grown;
			capacity = wanted;
		}
		n = read(fd, bytes + length, capacity - length);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			r = -errno;
			break;
		}
		if (n == 0) {
			*ret = bytes;
			*ret_length = length;
			return 0;
		}
		length += (size_t)n;
		if (length > CONFIG_BYTES_MAX) {
			r = -EFBIG;
			break;
		}
	}
	free(bytes);
	return r;
}

int config_read(const char *path, struct config **ret, char *error, size_t error_size)
{
	size_t length = 0;
	char *bytes = NULL;
	int fd, r;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	r = fd < 0 ? -errno : config_slurp(fd, &bytes, &length);
	if (fd >= 0)
		close(fd);
	if (r == -EFBIG) {
		snprintf(error, error_size, "%s: the file is longer than %d MiB", path,
			 CONFIG_BYTES_MAX / 1024 / 1024);
		return r;
	}
	if (r < 0) {
		snprintf(error, error_size, "%s: cannot be read: %s", path, strerror(-r));
		return r;
	}
	r = config_parse(path, bytes, length, ret, error, error_size);
	free(bytes);
	return r;
}

struct duration config_grace(const struct config *c)
{
	return c->grace;
}

bool config_part(const struct config *c, size_t *position, struct input *ret)
{
	size_t i = *position;
	struct input in = { .kind = INPUT_CONFIG, .more = true };

	if (i == 0) {
		in.config.part = CONFIG_RIP;
		in.config.rip = c->rip;
	} else if ((i -= 1) < c->n_boards) {
		in.config.part = CONFIG_BOARD;
		text_copy(in.config.board, sizeof(in.config.board), c->boards[i].name);
	} else if ((i -= c->n_boards) < c->n_vips) {
		in.config.part = CONFIG_VIP;
		in.config.vip = c->vips[i].settings;
	} else if ((i -= c->n_vips) < c->n_rules) {
		in.config.part = CONFIG_RULE;
		in.config.rule = c->rules[i].rule;
	} else if (i == c->n_rules) {
		in.config.part = CONFIG_END;
		in.more = false;
	} else {
		return false;
	}
	*position += 1;
	*ret = in;
	return true;
}
