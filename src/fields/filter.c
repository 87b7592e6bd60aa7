/* SPDX-License-Identifier: Apache-2.0 */
#include "fields/filter.h"

#include "base/text.h"

static const struct field_word mode_words[] = {
	{ "off", ROUTE_FILTER_OFF, "none" },
	{ "default", ROUTE_FILTER_DEFAULT, "the default route alone" },
	{ "all", ROUTE_FILTER_ALL, "all of them" },
	{ "listed", ROUTE_FILTER_PREFIXES, "those that are listed, and what lies in them" },
	{ 0 },
};

/* That some are listed is said by listing them. */
static const struct field_text mode_text = {
	.form = "off, default, all, or a list of networks like [10.0.0.0/8]",
};

static int filter_check(const void *object, char *sentence, size_t size)
{
	const struct route_filter *filter = object;

	if (filter->mode == ROUTE_FILTER_PREFIXES && filter->n_prefixes == 0)
		return text_refuse(sentence, size,
				   "'learn' with an empty list learns nothing: say off");
	return 0;
}

static const struct field filter_fields[] = {
	FIELD_WORD(1, "learn", struct route_filter, mode, mode_words, .text = &mode_text),
	FIELD_LIST(2, "learn", struct route_filter, prefixes, n_prefixes,
		   .makes = ROUTE_FILTER_PREFIXES),
};
const struct record route_filter_record =
	RECORD("'learn'", struct route_filter, filter_fields, .check = filter_check,
	       .form = RECORD_ONE, .kind = offsetof(struct route_filter, mode),
	       .example = "off, default, all, or a list like [10.0.0.0/8]");
