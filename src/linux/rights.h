/* SPDX-License-Identifier: Apache-2.0 */
/* What this process may do: its capabilities, capabilities(7). */
#ifndef LINUX_RIGHTS_H
#define LINUX_RIGHTS_H

#include <stdbool.h>
#include <stdint.h>

#define RIGHT(capability) (UINT64_C(1) << (capability))

/* Whether all of these are in effect. */
bool rights_include(uint64_t mask);

#endif
