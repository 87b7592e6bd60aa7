/* SPDX-License-Identifier: Apache-2.0 */
/* What a person may say of the source addresses of connections that name none. */
#ifndef FIELDS_SOURCE_H
#define FIELDS_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include "fields/field.h"

#define SOURCE_RULES_MAX 64
#define SOURCE_UNIT_MAX 96 /* of a unit's or a control group's name, the terminator included */
#define SOURCE_USER_MAX 33 /* likewise of a user's */
#define SOURCE_INTERFACES_MAX 256 /* that are switched off */

/* Whether connections that name no source get the first VIP. */
enum source_mode {
	SOURCE_MODE_UNSET,
	SOURCE_MODE_OFF,
	SOURCE_MODE_ON,
	SOURCE_MODE_AUTO, /* while a neighbour has shown that it routes to the VIP */
};

/* "off", "on" or "auto"; NULL for what is none. */
const char *source_mode_name(uint8_t mode);

/* The mode with the name; SOURCE_MODE_UNSET: there is none. */
enum source_mode source_mode_of(const char *name);

/* A switch at run time: of the host, or of one interface. */
struct source_switch {
	uint8_t mode; /* enum source_mode; of an interface: on or off. Unset: the configuration
			 counts again */
	char interface[INTERFACE_NAME_MAX]; /* empty: of the host */
};

/*
 * A rule for connections that the first VIP is not right for. All that is given must hold; the
 * first rule that holds, and whose VIP is in force, counts.
 */
struct source_rule {
	struct prefix to;	    /* family unset: anywhere */
	char unit[SOURCE_UNIT_MAX]; /* "postgresql.service", or a control group like "/batch/night";
				       empty: any. What stands below it in the tree is meant too */
	char user[SOURCE_USER_MAX]; /* a name or a number; empty: any */
	struct address use;	    /* a VIP; unset: leave the choice to Linux */
};

/*
 * What a rule must have: something that it goes by, and an address of the family of `to`. 0, or
 * -EINVAL with a sentence that says what is wrong.
 */
int source_rule_check(const struct source_rule *r, char *sentence, size_t size);

extern const struct field_word source_mode_words[]; /* without UNSET */
extern const struct record source_switch_record;    /* struct source_switch */
extern const struct record source_rule_record;	    /* struct source_rule */

#endif
