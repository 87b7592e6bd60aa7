/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_QUESTION_H
#define SIM_QUESTION_H

#include "sim/state.h"

#define SIM_REQUEST_FIRST 100	     /* below it: configurations, that nobody waits for */
#define SIM_PATIENCE DURATION_S(120) /* the longest that anything may take to be answered */

/* A request of one input; its number is returned. */
uint32_t host_ask(struct sim *s, uint8_t index, struct input *in);

/* EFFECT_REPLY. */
void question_answered(struct sim *s, uint8_t index, const struct effect *e);

/* All is well: nothing may be waiting for longer than the patience. */
void questions_demand(struct sim *s, uint8_t index);

#endif
