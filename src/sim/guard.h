/* SPDX-License-Identifier: Apache-2.0 */
/* The guard of a host: it carries out the last will of a node that is not back in time. */
#ifndef SIM_GUARD_H
#define SIM_GUARD_H

#include "sim/state.h"

/* The grace time is over, or the next word of the will is due. */
void guard_acts(struct sim *s, uint8_t index);

#endif
