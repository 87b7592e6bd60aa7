/* SPDX-License-Identifier: Apache-2.0 */
/* What the service manager is about to do. */
#ifndef VIP_MANAGER_H
#define VIP_MANAGER_H

#include <stdbool.h>

/*
 * Whether systemd stops the unit only to start it again: while it does, the unit's job is called
 * "restart". False as well when it cannot be asked, in a few seconds at the most.
 */
bool manager_restarts(const char *unit);

#endif
