/* SPDX-License-Identifier: Apache-2.0 */
/* The guard of one state directory: waits for vipd's death, and outlives it. See README.md. */
#ifndef GUARD_GUARD_H
#define GUARD_GUARD_H

#include <stdbool.h>

#include "guard/notes.h"
#include "linux/manager.h"

/*
 * Guards the state directory, an absolute path, until there is nothing left to guard; with `stays`,
 * until a signal comes, whichever vipd comes and goes. The manager is told when vipd can be
 * guarded. 0; -EWOULDBLOCK: somebody else does; or -errno. What went wrong has been said.
 */
int guard_run(const char *directory, struct notes *notes, const struct manager *manager,
	      bool stays);

#endif
