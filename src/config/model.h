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
#define CONFIG_FILES_MAX 64

struct config_board {
	char name[INTERFACE_NAME_MAX];
	struct place place;
};

struct config_vip {
	struct vip_settings settings;
	struct place place, metric, check;
	bool by_hand; /* it stands in no file: whoever applies one leaves it alone */
	bool dropped; /* it is on its way out of a file */
	bool drained; /* as it is, not as a file has it: until then, or already */
	struct instant drain_until;
};

#define CONFIG_CHECK_KINDS (CHECK_FILE + 1)

struct config_check {
	struct check_settings settings;
	bool is[CONFIG_CHECK_KINDS]; /* its kind: by the key that names it */
	struct place place;	     /* of its name */
};

struct config_rule {
	struct interface_rule rule;
	struct place place, costs[FAMILIES], bfd, probe, auth, learn;
	struct place secrets[KEYCHAIN_KEYS_MAX]; /* of the keys of auth */
	struct place bfd_secrets[BFD_KEYS_MAX];
};

struct config_source {
	struct source_rule rule;
	struct place place, use;
};

/* Arrays grow by doubling and belong to the configuration. */
struct config {
	struct rip_settings rip;
	struct place rip_places[SCHEMA_KEYS_MAX]; /* by the keys of section_rip */

	struct place rip_given;

	struct duration grace;
	struct place guard_given;

	uint8_t source_mode; /* enum source_mode: on, off or auto */
	struct config_source sources[SOURCE_RULES_MAX];
	size_t n_sources;
	struct place source_given;

	char *files[CONFIG_FILES_MAX]; /* owned: places name them */
	size_t n_files;
	bool check_only; /* nothing is done by it: what another user's vipd will read may be read */
	bool in_main;	 /* the file that is being read is the main one */

	struct config_board *boards;
	size_t n_boards, boards_capacity;
	bool boards_given; /* the main file has the key, be its list empty */

	struct config_vip *vips;
	size_t n_vips, vips_capacity;

	struct config_check *checks;
	size_t n_checks, checks_capacity;

	struct config_rule *rules; /* plain names first, then patterns in the order of the file */
	size_t n_rules, rules_capacity;

	char *warnings[CONFIG_WARNINGS_MAX];
	size_t n_warnings;
};

/*
 * The tables of the sections: sections.c, checks.c, rules.c and source.c. The objects that they
 * fill stand behind them.
 */
extern const struct schema section_top;		  /* struct config */
extern const struct schema section_rip;		  /* struct rip_settings */
extern const struct schema section_guard;	  /* struct config */
extern const struct schema section_vip;		  /* struct config_vip */
extern const struct schema section_check;	  /* struct config_check */
extern const struct schema section_rule;	  /* struct config_rule */
extern const struct schema section_rip_interface; /* struct config_rule */

/*
 * What spans several keys, once all of them are read: duplicates, boards that are not there, timers
 * that do not fit each other. Collects the warnings. 0 or what document_refuse() returned.
 */
int config_check(struct config *c, struct document *d);

/* Adds a warning about a place. */
void config_warn(struct config *c, struct place at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Adds a warning that belongs to no place in a file: "FILE: ...". */
void config_remark(struct config *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* An empty one, with the defaults; NULL when there is no memory. */
struct config *config_new(void);

/*
 * Adds what a file says; what spans several files is for config_finish(). `main`: the file that was
 * asked for, not one beside it. 0 or an error with its sentence.
 */
int config_load(struct config *c, const char *name, bool main, const void *bytes, size_t length,
		char *error, size_t error_size);

/* Checks the whole and puts it in order. `name` is what sentences without a file call it. */
int config_finish(struct config *c, const char *name, char *error, size_t error_size);

/* Adds a VIP that no file has given. 0 or -ENOMEM. */
int config_add_vip(struct config *c, const struct config_vip *vip);

/* Whether a board has that name. */
bool config_has_board(const struct config *c, const char *name);

/* Writes what a single file may say: without the sections that it does not have. 0 or -EIO. */
int config_print_part(const struct config *c, FILE *to);

/* Writes the value of one item, the `i`th of its kind. */
void config_print_item(const struct config *c, enum config_item item, size_t i, FILE *to);

/* The indexes of the VIPs in the order of their addresses, to be freed; NULL without memory. */
size_t *config_sort_vips(const struct config *c);

/* Where in that order an address is; `c->n_vips` when it is not there. */
size_t config_find_vip(const struct config *c, const size_t *sorted, const struct address *a);

/* Adds a board that no file has given. 0 or -ENOMEM. */
int config_add_board(struct config *c, const char *name);

/* A check of this kind and name before anything else is said of it. */
void config_check_default(struct config_check *check, uint8_t kind);

/* Makes room for one more element. 0 or -ENOMEM. */
int config_grow(void **array, size_t count, size_t *capacity, size_t element);

#endif
