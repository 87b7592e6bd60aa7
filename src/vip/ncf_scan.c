/* SPDX-License-Identifier: Apache-2.0 */
#include "vip/ncf_scan.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

const char *word_text(struct word w, char *buffer, size_t size)
{
	size_t length = w.length < size ? w.length : size - 1;

	for (size_t i = 0; i < length; i++)
		buffer[i] = (w.at[i] >= 0x20 && w.at[i] < 0x7f) ? w.at[i] : '?';
	buffer[length] = '\0';
	return buffer;
}

bool word_is(struct word w, const char *name)
{
	return w.length == strlen(name) && strncasecmp(w.at, name, w.length) == 0;
}

bool scan_refuse(struct scan *s, const char *at, const char *format, ...)
{
	va_list args;

	s->line->kind = NCF_WRONG;
	s->line->column = (unsigned)(at - s->begin) + 1;
	va_start(args, format);
	vsnprintf(s->line->sentence, sizeof(s->line->sentence), format, args);
	va_end(args);
	return false;
}

bool scan_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\v' || c == '\f';
}

void scan_blanks(struct scan *s)
{
	while (s->at < s->end && scan_is_blank(*s->at))
		s->at++;
	if (s->at < s->end && (*s->at == ';' || *s->at == '#'))
		s->end = s->at;
}

struct word scan_word(struct scan *s)
{
	struct word w;

	scan_blanks(s);
	w.at = s->at;
	while (s->at < s->end && !scan_is_blank(*s->at) && *s->at != '=')
		s->at++;
	w.length = (size_t)(s->at - w.at);
	return w;
}

bool scan_equals(struct scan *s)
{
	scan_blanks(s);
	if (s->at == s->end || *s->at != '=')
		return false;
	s->at++;
	return true;
}

struct word scan_value(struct scan *s)
{
	struct word w;

	scan_blanks(s);
	w.at = s->at;
	while (s->at < s->end && !scan_is_blank(*s->at))
		s->at++;
	w.length = (size_t)(s->at - w.at);
	return w;
}

struct word word_base(struct word w)
{
	for (size_t i = w.length; i-- > 0;) {
		if (w.at[i] != '\\' && w.at[i] != '/' && w.at[i] != ':')
			continue;
		w.at += i + 1;
		w.length -= i + 1;
		break;
	}
	return w;
}

struct word word_module(struct word w)
{
	w = word_base(w);
	for (size_t i = 0; i < w.length; i++)
		if (w.at[i] == '.')
			w.length = i;
	return w;
}
