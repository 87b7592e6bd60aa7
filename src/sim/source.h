/* SPDX-License-Identifier: Apache-2.0 */
/* EFFECT_SOURCE of a host, and what comes of it a while later. */
#ifndef SIM_SOURCE_H
#define SIM_SOURCE_H

#include "sim/kernel.h"
#include "sim/state.h"

void source_told(struct sim *s, uint8_t index, const struct source_policy_part *p);
void source_answers(struct sim *s, uint8_t index, bool refused);

#endif
