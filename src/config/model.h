/* SPDX-License-Identifier: Apache-2.0 */
/* What a configuration is in memory, for the files of this folder alone. */
#ifndef CONFIG_MODEL_H
#define CONFIG_MODEL_H

#include <stdbool.h>
#include <stddef.h>

#include "config/config.h"
#include "config/document.h"
#include "config/map.h"
#include "config/protocol.h"
#include "node/protocol.h"
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

struct config_check {
	struct check_settings settings;
	struct place place; /* of its name */
};

struct config_rule {
	struct interface_rule rule;
	bool speaks[PROTOCOL_END];
	struct speech_settings speeches[PROTOCOL_END]; /* how, if so */
	struct place place;			       /* of its pattern */
	struct places at;
};

struct config_sources {
	uint8_t mode; /* enum source_mode: on, off or auto */
	uint8_t n_rules;
	struct source_rule rules[SOURCE_RULES_MAX];
};

/* The section of a routing protocol. */
struct config_protocol {
	_Alignas(8) unsigned char settings[PROTOCOL_SETTINGS_MAX];
	struct places at;
	struct place given;
};

/* The section `guard`. */
struct config_guard {
	struct duration grace;
};

/* The section `proof`. */
struct config_proof {
	bool forwarding;
};

/* Arrays grow by doubling and belong to the configuration. */
struct config {
	struct config_protocol protocols[PROTOCOLS]; /* as in config_protocols */

	struct config_guard guard;
	struct place guard_given;

	struct config_proof proof;
	struct place proof_given;

	struct config_sources sources;
	struct places sources_at;
	struct place sources_given;

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

/* The tables of the sections that nobody else has a table of. */
extern const struct record config_rule_record;	  /* struct config_rule */
extern const struct record config_guard_record;	  /* struct config_guard */
extern const struct record config_proof_record;	  /* struct config_proof */
extern const struct record config_sources_record; /* struct config_sources */

/*
 * What spans several keys, once all of them are read: duplicates, boards that are not there, timers
 * that do not fit each other. Collects the warnings. 0 or what document_refuse() returned.
 */
int config_coherence(struct config *c, struct document *d);

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

/*
 * The name of the `i`th item of those that have names: boards, checks and interfaces; NULL: there
 * is none. And which one has a name; SIZE_MAX: none has.
 */
const char *config_item_name(const struct config *c, enum config_item item, size_t i);
size_t config_item_find(const struct config *c, enum config_item item, const char *name);

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

/* Adds an element to an array: CONFIG_ADD(c, vips, &vip). 0 or -ENOMEM. */
int config_add(void **array, size_t *count, size_t *capacity, const void *element, size_t size);
#define CONFIG_ADD(c, array, element)                                                              \
	config_add((void **)&(c)->array, &(c)->n_##array, &(c)->array##_capacity, (element),       \
		   sizeof(*(element)))

#endif
