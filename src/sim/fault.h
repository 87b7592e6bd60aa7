/* SPDX-License-Identifier: Apache-2.0 */
/* What goes wrong in a random run, or is commanded there. */
#ifndef SIM_FAULT_H
#define SIM_FAULT_H

#include "sim/wish.h"

/* Any one thing happens. */
void fault_happens(struct run *run);

/* All that is broken is mended, but for services, of which some stay ill. */
void fault_heal(struct run *run);

#endif
