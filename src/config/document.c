/* SPDX-License-Identifier: Apache-2.0 */
#include "config/document.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/text.h"
#include "config/stumble.h"

/* A list or map that has begun and not ended. */
struct opened {
	struct place place;
	bool flow, list; /* in brackets */
};

struct document {
	const char *name;
	const uint8_t *bytes;
	size_t length;
	char *error;
	size_t error_size;
	yaml_parser_t parser;
	yaml_event_t event;
	bool has_event, ended;
	uint32_t depth, nodes;
	struct opened opened[DOCUMENT_DEPTH_MAX];
};

int document_open(const char *name, const void *bytes, size_t length, char *error, size_t size,
		  struct document **ret)
{
	struct document *d = calloc(1, sizeof(*d));

	if (!d)
		return -ENOMEM;
	/* YAML 1.2 5.2: a byte order mark in front says how the text is encoded, and no more. */
	if (length >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
		bytes = (const char *)bytes + 3;
		length -= 3;
	}
	d->name = name;
	d->bytes = bytes;
	d->length = length;
	d->error = error;
	d->error_size = size;
	if (!yaml_parser_initialize(&d->parser)) {
		free(d);
		return -ENOMEM;
	}
	/* Without this libyaml would guess UTF-16 from the first bytes. */
	yaml_parser_set_encoding(&d->parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&d->parser, bytes, length);
	*ret = d;
	return 0;
}

static void document_drop_event(struct document *d)
{
	if (d->has_event)
		yaml_event_delete(&d->event);
	d->has_event = false;
}

void document_close(struct document *d)
{
	if (!d)
		return;
	document_drop_event(d);
	yaml_parser_delete(&d->parser);
	free(d);
}

/* The lines from a place to where the parser has come, which looks ahead. */
static struct stumble_lines document_lines(const struct document *d, struct place from)
{
	return (struct stumble_lines){ d->bytes, d->length, from.line,
				       (uint32_t)d->parser.mark.line + 1 };
}

/* The token that is refused, where it is text without quotes. */
static const char *document_plain(const struct document *d, struct place at)
{
	const yaml_event_t *e = &d->event;

	if (!d->has_event || e->type != YAML_SCALAR_EVENT || e->start_mark.line + 1 != at.line ||
	    e->start_mark.column + 1 != at.column ||
	    e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return "";
	return (const char *)e->data.scalar.value;
}

/* The list or map in brackets that goes on in a line which is not indented further: not closed? */
static bool document_hint_bracket(const struct document *d, struct place at, char *hint,
				  size_t size)
{
	const struct opened *o = d->depth ? &d->opened[d->depth - 1] : NULL;

	while (o && o > d->opened && o[-1].flow)
		o--;
	if (!o || !o->flow || o->place.line >= at.line || at.column > 1)
		return false;
	snprintf(hint, size, "the %s that begins in line %u, column %u may not be closed",
		 o->list ? "list" : "map", o->place.line, o->place.column);
	return true;
}

/*
 * What may have misled whoever wrote the place; often it explains more than the refusal does. Only
 * of the file that is read: what was read before is not looked at again.
 */
static bool document_hint(const struct document *d, struct place at, char *hint, size_t size)
{
	struct stumble_lines lines = document_lines(d, at);

	if (d->length == 0 || at.line == 0 || (at.file && at.file != d->name))
		return false;
	return stumble_character(&lines, hint, size) ||
	       stumble_space(document_plain(d, at), hint, size) ||
	       document_hint_bracket(d, at, hint, size);
}

static int document_say(struct document *d, struct place at, const char *sentence, bool hinted,
			const char *hint)
{
	snprintf(d->error, d->error_size, "%s:%u:%u: %s%s%s", at.file ? at.file : d->name, at.line,
		 at.column, sentence, hinted ? "; " : "", hint);
	return -EINVAL;
}

int document_refuse(struct document *d, struct place at, const char *format, ...)
{
	char sentence[512], hint[STUMBLE_HINT_MAX] = "";
	bool hinted = document_hint(d, at, hint, sizeof(hint));
	va_list args;

	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	return document_say(d, at, sentence, hinted, hint);
}

const char *place_quote(struct place before, struct place again, char *buffer)
{
	struct text t;

	text_init(&t, buffer, PLACE_QUOTE_MAX);
	if (before.file == again.file)
		text_add(&t, "line %u", before.line);
	else
		text_add(&t, "%s:%u:%u", before.file, before.line, before.column);
	return buffer;
}

static struct place place_of_mark(const struct document *d, const yaml_mark_t *mark)
{
	return (struct place){ (uint32_t)mark->line + 1, (uint32_t)mark->column + 1, d->name };
}

/* libyaml's reader knows only the offset of a byte that it cannot read. */
static struct place place_of_offset(const struct document *d, size_t offset)
{
	struct place at = { 1, 1, d->name };

	for (size_t i = 0; i < offset && i < d->length; i++) {
		if (d->bytes[i] == '\n') {
			at.line++;
			at.column = 1;
		} else if ((d->bytes[i] & 0xc0) != 0x80) {
			at.column++;
		}
	}
	return at;
}

static int document_refuse_syntax(struct document *d)
{
	yaml_parser_t *p = &d->parser;
	struct place at = place_of_mark(d, &p->problem_mark);
	struct stumble_lines lines = document_lines(d, at);
	char sentence[256], hint[STUMBLE_HINT_MAX] = "";

	switch (p->error) {
	case YAML_MEMORY_ERROR:
		snprintf(d->error, d->error_size, "%s: out of memory", d->name);
		return -ENOMEM;
	case YAML_READER_ERROR:
		at = place_of_offset(d, p->problem_offset);
		if (d->length >= 2 &&
		    (memcmp(d->bytes, "\xff\xfe", 2) == 0 || memcmp(d->bytes, "\xfe\xff", 2) == 0))
			return document_refuse(d, at, "this is UTF-16: save the file as UTF-8");
		return document_refuse(d, at, "this is not text in UTF-8: %s", p->problem);
	default:
		break;
	}
	stumble_syntax(p, &lines, sentence, sizeof(sentence));
	/* Text that was taken for a key begins where it is odd, and is given up lines later. */
	if (p->context && strcmp(p->context, "while scanning a simple key") == 0)
		lines.first = place_of_mark(d, &p->context_mark).line;
	return document_say(d, at, sentence, stumble_character(&lines, hint, sizeof(hint)), hint);
}

static int document_enter(struct document *d, struct place at, bool flow, bool list)
{
	if (d->depth == DOCUMENT_DEPTH_MAX)
		return document_refuse(d, at, "lists and maps are nested too deep (more than %d)",
				       DOCUMENT_DEPTH_MAX);
	d->opened[d->depth++] = (struct opened){ at, flow, list };
	return 0;
}

/* What the subset leaves out, on a node of any kind. */
static int document_check_node(struct document *d, struct place at, const yaml_char_t *anchor,
			       const yaml_char_t *tag)
{
	if (anchor)
		return document_refuse(d, at, "anchors ('&%.20s') are not allowed here",
				       (const char *)anchor);
	if (tag)
		return document_refuse(d, at, "tags ('%.30s') are not allowed here",
				       (const char *)tag);
	if (++d->nodes > DOCUMENT_NODES_MAX)
		return document_refuse(d, at, "the file has too many values (more than %d)",
				       DOCUMENT_NODES_MAX);
	return 0;
}

static int document_scalar(struct document *d, struct token *ret)
{
	const yaml_event_t *e = &d->event;
	const char *text = (const char *)e->data.scalar.value;

	if (strlen(text) != e->data.scalar.length)
		return document_refuse(d, ret->place, "a NUL character is not allowed here");
	if (e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && stumble_is_odd(text))
		return document_refuse(d, ret->place,
				       "text without quotes has a character that cannot be meant");
	if (d->depth && d->opened[d->depth - 1].flow && e->end_mark.line != e->start_mark.line &&
	    e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE) {
		const struct opened *o = &d->opened[d->depth - 1];

		return document_refuse(
			d, ret->place,
			"the %s that begins in line %u, column %u is not closed: a '%c' or ',' is "
			"missing before the next line",
			o->list ? "list" : "map", o->place.line, o->place.column,
			o->list ? ']' : '}');
	}
	ret->kind = TOKEN_SCALAR;
	ret->text = text;
	return document_check_node(d, ret->place, e->data.scalar.anchor, e->data.scalar.tag);
}

static int document_start(struct document *d, struct place at)
{
	const yaml_event_t *e = &d->event;

	if (d->ended)
		return document_refuse(d, at, "a second document ('---') is not allowed here");
	if (e->data.document_start.version_directive ||
	    e->data.document_start.tag_directives.start !=
		    e->data.document_start.tag_directives.end)
		return document_refuse(d, at, "directives ('%%...') are not allowed here");
	return 0;
}

/* Turns the event into a token. 1: it is one; 0: it is of no interest; or an error. */
static int document_token(struct document *d, struct token *ret)
{
	const yaml_event_t *e = &d->event;
	int r;

	*ret = (struct token){ .place = place_of_mark(d, &e->start_mark), .text = "" };
	switch (e->type) {
	case YAML_SCALAR_EVENT:
		r = document_scalar(d, ret);
		break;
	case YAML_SEQUENCE_START_EVENT:
		ret->kind = TOKEN_LIST;
		r = document_check_node(d, ret->place, e->data.sequence_start.anchor,
					e->data.sequence_start.tag);
		if (r == 0)
			r = document_enter(d, ret->place,
					   e->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE,
					   true);
		break;
	case YAML_MAPPING_START_EVENT:
		ret->kind = TOKEN_MAP;
		r = document_check_node(d, ret->place, e->data.mapping_start.anchor,
					e->data.mapping_start.tag);
		if (r == 0)
			r = document_enter(d, ret->place,
					   e->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE,
					   false);
		break;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		ret->kind = e->type == YAML_MAPPING_END_EVENT ? TOKEN_MAP_END : TOKEN_LIST_END;
		d->depth--;
		r = 0;
		break;
	case YAML_ALIAS_EVENT:
		return document_refuse(d, ret->place, "aliases ('*%.20s') are not allowed here",
				       (const char *)e->data.alias.anchor);
	case YAML_DOCUMENT_START_EVENT:
		return document_start(d, ret->place);
	case YAML_DOCUMENT_END_EVENT:
		d->ended = true;
		return 0;
	case YAML_STREAM_END_EVENT:
		ret->kind = TOKEN_END;
		return 1;
	default:
		return 0;
	}
	return r < 0 ? r : 1;
}

int document_next(struct document *d, struct token *ret)
{
	struct token t;
	int r;

	do {
		document_drop_event(d);
		if (!yaml_parser_parse(&d->parser, &d->event))
			return document_refuse_syntax(d);
		d->has_event = true;
		r = document_token(d, &t);
		if (r < 0)
			return r;
	} while (r == 0);
	*ret = t;
	return 0;
}

const char *token_quote(const struct token *t, char *buffer)
{
	switch (t->kind) {
	case TOKEN_LIST:
		return "a list";
	case TOKEN_MAP:
		return "a map";
	case TOKEN_SCALAR:
		return value_quote(t->text, buffer);
	default:
		return "nothing";
	}
}
