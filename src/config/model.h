/* SPDX-License-Identifier: Apache-2.0 */
/* What a configuration is in memory, for the files of this folder alone. */
#ifndef CONFIG_MODEL_H
#define CONFIG_MODEL_H

#include <stdbool.h>
#include <stddef.h>

#include "config/config.h"
#include "config/document.h"
#include "config/schema.h"
#include "node/settings.h"

#define CONFIG_WARNINGS_MAX 16

struct config_board {
	char name[INTERFACE_NAME_MAX];
	struct place place;
};

struct config_vip {
	struct vip_settings settings;
	struct place place, metric;
};

struct config_rule {
	struct interface_rule rule;
	struct place place, cost;
};

/* Arrays grow by doubling and belong to the configuration. */
struct config {
	struct rip_settings rip;
	struct place rip_places[SCHEMA_KEYS_MAX]; /* by the keys of section_rip */

	struct duration grace;

	struct config_board *boards;
	size_t n_boards, boards_capacity;
	bool boards_given; /* the key is there, be its list empty */

	struct config_vip *vips;
	size_t n_vips, vips_capacity;

	struct config_rule *rules; /* plain names first, then patterns in the order of the file */
	size_t n_rules, rules_capacity;

	char *warnings[CONFIG_WARNINGS_MAX];
	size_t n_warnings;
};

/*
 * The tables of the sections: sections.c and rules.c. The objects that they fill stand behind
 * them.
 */
extern const struct schema section_top;		  /* struct config */
extern const struct schema section_rip;		  /* struct rip_settings */
extern const struct schema section_guard;	  /* struct config */
extern const struct schema section_vip;		  /* struct config_vip */
extern const struct schema section_rule;	  /* struct config_rule */
extern const struct schema section_rip_interface; /* struct config_rule */

/*
 * What spans several keys, once all of them are read: duplicates, boards that are not there, timers
 * that do not fit each other. Collects the warnings. 0 or what document_refuse() returned.
 */
int config_check(struct config *c, struct document *d, const char *name);

/* Makes room for one more element. 0 or -ENOMEM. */
int config_grow(void **array, size_t count, size_t *capacity, size_t element);

#endif
