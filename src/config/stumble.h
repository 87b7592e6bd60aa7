/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a person has stumbled over in a file, where the rules of YAML alone would not help him:
 * characters that look like others or like nothing, brackets and quotes that are not closed, lines
 * that are indented wrongly. Each is named in words of the file, not of its grammar.
 */
#ifndef CONFIG_STUMBLE_H
#define CONFIG_STUMBLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <yaml.h>

#define STUMBLE_HINT_MAX 200

/* The text of a file, and which of its lines are meant, counted from 1. */
struct stumble_lines {
	const uint8_t *bytes;
	size_t length;
	uint32_t first, last;
};

/*
 * Writes a half sentence about the first character in these lines, outside comments and quotes,
 * that looks like a space, a quote, a dash or another sign of YAML and is none, or that cannot be
 * seen at all. False when there is none.
 */
bool stumble_character(const struct stumble_lines *lines, char *hint, size_t size);

/*
 * Whether text without quotes has a character in it that nobody can mean there: one that cannot be
 * seen, or a quote of print in front. Quotes and dashes of print further behind may be meant.
 */
bool stumble_is_odd(const char *text);

/* A half sentence about plain text: the space behind a ':' or '-' is missing. */
bool stumble_space(const char *text, char *hint, size_t size);

/* The sentence for what libyaml could not parse. */
void stumble_syntax(const yaml_parser_t *p, const struct stumble_lines *lines, char *sentence,
		    size_t size);

#endif
