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

#endif
