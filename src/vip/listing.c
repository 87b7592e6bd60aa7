/* SPDX-License-Identifier: Apache-2.0 */
#include "vip/listing.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void cell_plain(struct table *t, const json_t *object, const char *member)
{
	const json_t *value = json_object_get(object, member);

	if (json_is_integer(value))
		table_cell(t, COLOUR_NONE, "%" PRId64, (int64_t)json_integer_value(value));
	else
		table_cell(t, COLOUR_NONE, "%s", member_text(object, member));
}

void cell_age(struct table *t, const json_t *object, const char *member)
{
	const json_t *value = json_object_get(object, member);
	char age[SCREEN_AGE_MAX] = "";

	if (json_is_number(value))
		(void)screen_age(json_number_value(value), age);
	table_cell(t, COLOUR_NONE, "%s", json_is_null(value) ? "-" : age);
}

void cell_state(struct table *t, const json_t *object, const char *member)
{
	const char *state = member_text(object, member);

	table_cell(t, screen_state_colour(state), "%s", state);
}

void cell_or_dash(struct table *t, const json_t *object, const char *member)
{
	const char *text = member_text(object, member);

	table_cell(t, COLOUR_NONE, "%s", *text ? text : "-");
}

void cell_yes_no(struct table *t, const json_t *object, const char *member)
{
	table_cell(t, COLOUR_NONE, "%s", member_true(object, member) ? "yes" : "no");
}

void listing_cells(struct table *t, const struct column *columns, size_t first, size_t end,
		   const json_t *object)
{
	for (size_t i = first; i < end; i++) {
		const struct column *c = &columns[i];

		(c->show ? c->show : cell_plain)(t, object, c->member);
	}
}

int listing_show(const struct listing *l, const json_t *list)
{
	struct table *t = table_new(l->columns, l->n_columns);
	const json_t *element;
	size_t i;
	int r;

	json_array_foreach(list, i, element)
	{
		if (t && l->rows)
			l->rows(t, element);
		else if (t)
			listing_cells(t, l->columns, 0, l->n_columns, element);
	}
	r = table_show(t);
	table_free(t);
	return r;
}

int listing_run(struct vip *v, const struct listing *l)
{
	const char *slash = strrchr(l->name, '/');
	json_t *document;
	char path[64];
	int r;

	snprintf(path, sizeof(path), "/v1/%s", l->name);
	r = client_request(v, "GET", path, NULL, &document);
	if (document)
		r = listing_show(l, json_object_get(document, slash ? slash + 1 : l->name));
	json_decref(document);
	return r;
}
