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

#include "node/input.h"

#define CONFIG_BYTES_MAX (8 * 1024 * 1024) /* of a file: 65,536 VIPs fit */
#define CONFIG_ERROR_MAX 768		   /* a good size for `error` below */

struct config;

/*
 * Reads a file. 0; -EINVAL when it is not a valid configuration, -EFBIG when it is too long, or the
 * error of open or read. On an error `error` holds one sentence, "FILE:LINE:COLUMN: ..." wherever
 * there is a place to name, and *ret is untouched. The caller frees the configuration.
 */
int config_read(const char *path, struct config **ret, char *error, size_t error_size);

/* The same for bytes that are in memory; `name` is what the sentences call them. */
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

/* What is not for the node but for its guard: so long it waits for a dead vipd to come back. */
struct duration config_grace(const struct config *c);

/* Writes the configuration as YAML that reads back as the same. 0 or -EIO. */
int config_print(const struct config *c, FILE *to);

#endif
