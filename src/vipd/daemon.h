/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon from its start to its end. */
#ifndef VIPD_DAEMON_H
#define VIPD_DAEMON_H

#include "vipd/options.h"

/* Reads the configuration and says what is wrong with it. */
enum exit_code daemon_check(const struct options *o);

/* Runs until a signal or a request ends it. */
enum exit_code daemon_run(const struct options *o);

#endif
