/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration file: read it, check it, hand it to a node part by part, print it again. See
 * vipd.yaml(5) for what may stand in it and README.md in this folder for how it is read.
 */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "node/boundary.h"
#include "node/rows.h"

#define CONFIG_BYTES_MAX (8 * 1024 * 1024) /* of a file: 65,536 VIPs fit */
#define CONFIG_ERROR_MAX 768		   /* a good size for `error` below */

struct config;

/*
 * Reads a file, and after it those in the folder conf.d beside it whose names end in .yaml, in the
 * order of their names; together they are the configuration. `required`: the file must be there.
 * `check_only`: it may belong to a user who is neither root nor the one of this process, and a
 * warning says so. 0; -EPERM or -EACCES when others can have written it (config/trust.h); -EINVAL
 * when it is not a valid configuration, -EFBIG when a file is too long, or the error of open or
 * read. On an error `error` holds one sentence, "FILE:LINE:COLUMN: ..." wherever there is a place
 * to name, and *ret is untouched. The caller frees the configuration.
 */
int config_read(const char *path, bool required, bool check_only, struct config **ret, char *error,
		size_t error_size);

/*
 * The same for one file alone, which must be a plain one, and which this program has written
 * itself: nobody looks at whose it is.
 */
int config_read_one(const char *path, struct config **ret, char *error, size_t error_size);

/* Whether there was no file at all, and all of it is defaults. */
bool config_is_default(const struct config *c);

/* The same for a file whose bytes are in memory; `name` is what the sentences call them. */
int config_parse(const char *name, const void *bytes, size_t length, struct config **ret,
		 char *error, size_t error_size);

void config_free(struct config *c);

/*
 * What is allowed but hardly meant: "FILE:LINE:COLUMN: warning: ...". NULL from `i` on when there
 * are no more. The text belongs to the configuration.
 */
const char *config_warning(const struct config *c, size_t i);

/*
 * The parts of the configuration as inputs for a node, one a call; *position starts at 0 and is
 * moved on. All but the last, CONFIG_END, have `more` set; the caller gives them a request number.
 * Rules with a plain name come before those with a pattern, because a node takes the first one that
 * fits. False when there are no more parts.
 */
bool config_part(const struct config *c, size_t *position, struct input *ret);

/*
 * The secrets that it names, so that somebody who may read them can say at once what is wrong with
 * them: `position` starts at 0 and is moved on; false at the end.
 */
struct config_secret {
	const char *path;
	uint8_t protocol; /* whose it is; 0: BFD's */
	uint8_t type;	  /* enum auth_type; of BFD enum bfd_auth_type */
	const char *file; /* where it is named; "" and line 0: nowhere */
	uint32_t line, column;
};
bool config_secret_next(const struct config *c, size_t *position, struct config_secret *ret);

/* What is not for the node but for its guard: so long it waits for a dead vipd to come back. */
struct duration config_grace(const struct config *c);

/* Writes the configuration as YAML that reads back as the same. 0 or -EIO. */
int config_print(const struct config *c, FILE *to);

/*
 * A configuration that says what a node was really asked for: a copy of the one that was applied,
 * without its VIPs, then one of the node's VIPs after the other. 0 or -ENOMEM.
 */
int config_live_begin(const struct config *applied, struct config **ret);
int config_live_vip(struct config *live, const struct row_vip *row);

/*
 * Leaves out what is bound by hand and not wanted by another configuration: so what is left can
 * take the place of that one again, and everything is as it was. 0 or -ENOMEM.
 */
int config_live_narrow(struct config *live, const struct config *wanted);

/*
 * The next command that drains again what was drained when the node was asked, for as long as was
 * left of its time then; *position begins with 0. False when there is none left.
 */
bool config_live_drain_next(const struct config *live, size_t *position, struct instant now,
			    struct input *ret);

/* What a configuration is made of, in the order of a file. */
enum config_item {
	CONFIG_ITEM_BOARD,
	CONFIG_ITEM_CHECK,
	CONFIG_ITEM_VIP,
	CONFIG_ITEM_INTERFACE,
	CONFIG_ITEM_PROTOCOL,
	CONFIG_ITEM_GUARD,
	CONFIG_ITEM_PROOF,
	CONFIG_ITEM_SOURCE,
};

/* One difference. The texts live until the next one. */
struct config_change {
	const char *kind;      /* the key that it stands under in the file, in the singular */
	const char *name;      /* of the board, check, VIP or interface; "" for the others */
	const char *from, *to; /* in YAML; NULL: it is not there */
};

/*
 * Tells each difference between what is in force and what is wanted. What is bound by hand and not
 * wanted is none: it stays. 0 or -ENOMEM.
 */
int config_diff(const struct config *now, const struct config *wanted,
		void (*take)(void *context, const struct config_change *change), void *context);

#endif
