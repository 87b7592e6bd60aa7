/* SPDX-License-Identifier: Apache-2.0 */
/* The sections of the configuration: each reads its value into a struct config. */
#ifndef CONFIG_SECTION_H
#define CONFIG_SECTION_H

#include "config/document.h"

struct config;

/* The whole file. 0 or what document_refuse() returned; so do all of these. */
int section_read_all(struct document *d, const struct token *first, struct config *c);

int section_read_checks(struct document *d, const struct token *first, struct config *c);
int section_read_rules(struct document *d, const struct token *first, struct config *c);
int section_read_sources(struct document *d, const struct token *first, struct config *c);

/*
 * Reads a list or a map, giving the first token of each item, or each key, which is a scalar then,
 * to `item`; `what` begins the refusal of another value.
 */
typedef int section_item(struct document *d, const struct token *t, struct config *c);
int section_read_items(struct document *d, const struct token *first, enum token_kind kind,
		       const char *what, section_item *item, struct config *c);

/* What has the name was given before. */
int section_refuse_twice(struct document *d, struct place at, const char *name,
			 struct place before);

#endif
