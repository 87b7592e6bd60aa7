/* SPDX-License-Identifier: Apache-2.0 */
/* The state file of a host: what of its node outlives it. */
#ifndef SIM_RECORDS_H
#define SIM_RECORDS_H

#include "sim/state.h"

/* EFFECT_SAVE. When it begins or ends to fail the node hears it a moment later. */
void record_put(struct sim *s, uint8_t index, const struct saved *record);
void records_told(struct sim *s, uint8_t index, bool refused);

/* A new life is given what the one before has written. */
void records_restore(struct sim *s, uint8_t index);

#endif
