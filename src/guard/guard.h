/* SPDX-License-Identifier: Apache-2.0 */
/* The guard of one state directory: waits for vipd's death, and outlives it. See README.md. */
#ifndef GUARD_GUARD_H
#define GUARD_GUARD_H

#include "guard/notes.h"

/*
 * Guards the state directory, an absolute path, until there is nothing left to guard. 0;
 * -EWOULDBLOCK: somebody else does; or -errno. What went wrong has been said.
 */
int guard_run(const char *directory, struct notes *notes);

#endif
