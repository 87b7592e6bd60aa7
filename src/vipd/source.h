/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the daemon's configuration comes from: the file, or the defaults when there need be none.
 */
#ifndef VIPD_SOURCE_H
#define VIPD_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

#include "config/config.h"
#include "linux/logbook.h"
#include "vipd/options.h"

/*
 * Reads the configuration that the options name. *ret_absent: there is no file, nobody asked for
 * one, and the defaults were taken. 0, or -errno with a sentence in `error`.
 */
int source_read(const struct options *o, struct config **ret, bool *ret_absent, char *error,
		size_t error_size);

/* Prints what the file says but hardly means. */
void source_warn(const struct config *c, struct logbook *l);

#endif
