/* SPDX-License-Identifier: Apache-2.0 */
/* What the tables of the sections are written with. */
#ifndef CONFIG_SECTION_H
#define CONFIG_SECTION_H

#include <stddef.h>
#include <stdio.h>

#include "base/container.h"
#include "config/document.h"

struct config;

#define MEMBER(type, member) .offset = offsetof(type, member), .size = sizeof(((type *)0)->member)

#define NOT_YET(key)                                                                               \
	{                                                                                          \
		.name = (key), .type = SCHEMA_NOT_YET                                              \
	}

#define SECTION(title, table)                                                                      \
	{                                                                                          \
		.what = (title), .keys = (table), .count = ARRAY_LENGTH(table)                     \
	}

/*
 * Reads a list, giving the first token of each item to `item`; `what` begins the refusal of
 * another value.
 */
int section_read_list(struct document *d, const struct token *first, const char *what,
		      int (*item)(struct document *, const struct token *, void *), void *object);

/* The value of `checks`, into a struct config. */
int section_read_checks(struct document *d, const struct token *first, void *object);

/* The value of `auth`, into a struct config_rule, and back. */
int section_read_auth(struct document *d, const struct token *first, void *object);
void section_print_auth(FILE *to, const void *object);

/* The same of `bfd`. */
int section_read_bfd_auth(struct document *d, const struct token *first, void *object);
void section_print_bfd_auth(FILE *to, const void *object);

/* The value of `learn`, into a struct config_rule, and back. */
int section_read_learn(struct document *d, const struct token *first, void *object);
void section_print_learn(FILE *to, const void *object);

/* The value of `interfaces`, into a struct config. */
int section_read_rules(struct document *d, const struct token *first, void *object);

/* The value of `source`, into a struct config; and out of it. */
int section_read_source(struct document *d, const struct token *first, void *object);
void section_print_source(FILE *to, const struct config *c);

#endif
