/* SPDX-License-Identifier: Apache-2.0 */
#include "config/stumble.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/container.h"

/* Characters from `first` to `last`, and what somebody had in mind who typed or pasted one. */
static const struct {
	uint32_t first, last;
	const char *what, *meant;
} stumble_characters[] = {
	{ 0x00a0, 0x00a0, "a no-break space", "a space" },
	{ 0x00ab, 0x00ab, "a quotation mark of print", "\"" },
	{ 0x00ad, 0x00ad, "a soft hyphen", "nothing or -" },
	{ 0x00bb, 0x00bb, "a quotation mark of print", "\"" },
	{ 0x1680, 0x1680, "a space that is none for YAML", "a space" },
	{ 0x2000, 0x200a, "a space that is none for YAML", "a space" },
	{ 0x200b, 0x200f, "an invisible character", "nothing" },
	{ 0x2010, 0x2015, "a dash of print", "-" },
	{ 0x2018, 0x201b, "a quotation mark of print", "'" },
	{ 0x201c, 0x201f, "a quotation mark of print", "\"" },
	{ 0x202a, 0x202e, "an invisible character", "nothing" },
	{ 0x202f, 0x202f, "a no-break space", "a space" },
	{ 0x2039, 0x203a, "a quotation mark of print", "'" },
	{ 0x205f, 0x205f, "a space that is none for YAML", "a space" },
	{ 0x2060, 0x2064, "an invisible character", "nothing" },
	{ 0x2212, 0x2212, "a minus of print", "-" },
	{ 0x3000, 0x3000, "a space that is none for YAML", "a space" },
	{ 0xfeff, 0xfeff, "a byte order mark inside the text", "nothing" },
	{ 0xff01, 0xff5e, "a sign of full width", "the one of ASCII" },
};

/* A place in the text that is walked character by character. */
struct walk {
	const uint8_t *at, *end;
	uint32_t line, column;
};

/* The code point at the place, which moves behind it; the text may be anything. */
static uint32_t walk_take(struct walk *w)
{
	uint32_t point = *w->at++;
	size_t more = point >= 0xf0 ? 3 : point >= 0xe0 ? 2 : point >= 0xc0 ? 1 : 0;

	if (more)
		point &= 0x3fu >> more;
	for (; more && w->at < w->end && (*w->at & 0xc0) == 0x80; more--)
		point = point << 6 | (*w->at++ & 0x3f);
	if (point == '\n') {
		w->line++;
		w->column = 1;
	} else {
		w->column++;
	}
	return point;
}

static struct walk walk_begin(const struct stumble_lines *lines)
{
	struct walk w = { lines->bytes, lines->bytes + lines->length, 1, 1 };

	while (w.at < w.end && w.line < lines->first)
		(void)walk_take(&w);
	return w;
}

static const char *character_meant(uint32_t point, const char **ret_what)
{
	for (size_t i = 0; point >= 0x80 && i < ARRAY_LENGTH(stumble_characters); i++)
		if (point >= stumble_characters[i].first && point <= stumble_characters[i].last) {
			*ret_what = stumble_characters[i].what;
			return stumble_characters[i].meant;
		}
	return NULL;
}

bool stumble_is_odd(const char *text)
{
	struct walk w = { (const uint8_t *)text, (const uint8_t *)text + strlen(text), 1, 1 };
	bool first = true;

	for (; w.at < w.end; first = false) {
		const char *what, *meant = character_meant(walk_take(&w), &what);

		if (meant && (strcmp(meant, "a space") == 0 || *meant == 'n' ||
			      (first && strchr("'\"", *meant))))
			return true;
	}
	return false;
}

bool stumble_character(const struct stumble_lines *lines, char *hint, size_t size)
{
	uint32_t point, before = '\n', quote = 0;
	struct walk w = walk_begin(lines);
	bool comment = false;

	for (; w.at < w.end && w.line <= lines->last; before = point) {
		uint32_t line = w.line, column = w.column;
		const char *what, *meant;

		point = walk_take(&w);
		if (point == '\n') {
			comment = false;
			quote = 0;
		} else if (quote) {
			quote = point == quote ? 0 : quote;
		} else if ((point == '"' || point == '\'') && strchr(" \n:,[{-", (int)before)) {
			quote = point;
		} else if (point == '#' && (before == ' ' || before == '\t' || before == '\n')) {
			comment = true;
		}
		meant = character_meant(point, &what);
		if (quote || comment || !meant)
			continue;
		snprintf(hint, size, "line %u, column %u has %s (U+%04X), where %s is meant", line,
			 column, what, point, meant);
		return true;
	}
	return false;
}

bool stumble_space(const char *text, char *hint, size_t size)
{
	size_t word = 0;

	if (*text == '-' && text[1] && text[1] != ' ' && text[strcspn(text, ".:")]) {
		snprintf(hint, size, "the space behind '-' is missing");
		return true;
	}
	while (isalpha((unsigned char)text[word]) || (word && text[word] == '-'))
		word++;
	if (word < 2 || text[word] != ':' || !text[word + 1] || strchr(": ", text[word + 1]))
		return false;
	snprintf(hint, size, "the space behind '%.*s:' is missing", (int)(word < 40 ? word : 40),
		 text);
	return true;
}

/* The character that libyaml could not use; 0 at the end of the text. */
static uint32_t stumble_at(const yaml_parser_t *p, const struct stumble_lines *lines)
{
	struct walk w = { lines->bytes, lines->bytes + lines->length, 1, 1 };

	for (size_t i = 0; w.at < w.end && i < p->problem_mark.index; i++)
		(void)walk_take(&w);
	return w.at < w.end ? walk_take(&w) : 0;
}

static bool begins(const char *text, const char *with)
{
	return text && strncmp(text, with, strlen(with)) == 0;
}

/* Lists and maps in brackets. */
static bool stumble_bracket(const yaml_parser_t *p, uint32_t at, char *sentence, size_t size)
{
	bool list = begins(p->problem, "did not find expected ',' or ']'");

	if (list || begins(p->problem, "did not find expected ',' or '}'"))
		snprintf(sentence, size,
			 "the %s that begins in line %zu, column %zu is not closed: a '%c' is "
			 "missing, or a ','",
			 list ? "list" : "map", p->context_mark.line + 1,
			 p->context_mark.column + 1, list ? ']' : '}');
	else if (at == ']' || at == '}')
		snprintf(sentence, size, "there is a '%c' too many", (char)at);
	else
		return false;
	return true;
}

/* Lines whose indentation fits nothing. */
static bool stumble_indent(const yaml_parser_t *p, char *sentence, size_t size)
{
	size_t column = p->problem_mark.column + 1;
	bool list = begins(p->problem, "did not find expected '-' indicator");

	if (begins(p->problem, "did not find expected <document start>"))
		snprintf(sentence, size,
			 "wrong indentation: what stands in front of this line begins further to "
			 "the right than column %zu",
			 column);
	else if (list || begins(p->problem, "did not find expected key"))
		snprintf(sentence, size,
			 "wrong indentation, or a sign in the wrong place: this begins in column "
			 "%zu, the %s around it, of line %zu, in column %zu",
			 column, list ? "list" : "map", p->context_mark.line + 1,
			 p->context_mark.column + 1);
	else if (begins(p->problem, "mapping values are not allowed"))
		snprintf(sentence, size,
			 "this ':' is no place for a value: the line is indented too far, or the "
			 "text with the ':' in it needs quotes");
	else
		return false;
	return true;
}

/* Text that has to stand in quotes, or whose quotes are not closed. */
static bool stumble_quote(const yaml_parser_t *p, uint32_t at, char *sentence, size_t size)
{
	if (begins(p->context, "while scanning a quoted scalar"))
		snprintf(sentence, size,
			 "the quote that is opened in line %zu, column %zu is not closed",
			 p->context_mark.line + 1, p->context_mark.column + 1);
	else if (begins(p->context, "while scanning an alias"))
		snprintf(sentence, size, "text that begins with '*' needs quotes: \"*\"");
	else if (begins(p->context, "while scanning an anchor"))
		snprintf(sentence, size, "text that begins with '&' needs quotes");
	else if (begins(p->problem, "found character that cannot start any token") && at > ' ' &&
		 at < 0x7f)
		snprintf(sentence, size, "text that begins with '%c' needs quotes", (char)at);
	else if (begins(p->problem, "found unexpected ':'"))
		snprintf(sentence, size, "text that ends with ':' needs quotes here");
	else
		return false;
	return true;
}

void stumble_syntax(const yaml_parser_t *p, const struct stumble_lines *lines, char *sentence,
		    size_t size)
{
	uint32_t at = stumble_at(p, lines);

	/* The commonest mistake of all. */
	if (at == '\t')
		snprintf(sentence, size, "a tab cannot indent here: use spaces");
	else if (stumble_bracket(p, at, sentence, size) || stumble_quote(p, at, sentence, size) ||
		 stumble_indent(p, sentence, size))
		return;
	else if (p->context && p->context_mark.line != p->problem_mark.line)
		snprintf(sentence, size, "%s (%s that begins in line %zu)", p->problem, p->context,
			 p->context_mark.line + 1);
	else if (p->context)
		snprintf(sentence, size, "%s (%s)", p->problem, p->context);
	else
		snprintf(sentence, size, "%s", p->problem);
}
