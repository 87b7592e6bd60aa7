/* SPDX-License-Identifier: Apache-2.0 */
/* Writes a trace in the format of node/trace.h to a stream, as `vipd --record` does to its file. */
#ifndef SIM_RECORDER_H
#define SIM_RECORDER_H

#include <stdio.h>

#include "base/clock.h"
#include "node/boundary.h"

/* The stream stays the caller's; whether all could be written, fclose() says. */
void recorder_start(FILE *to);
void recorder_input(FILE *to, struct instant now, const struct input *in);
void recorder_effect(FILE *to, struct instant now, const struct effect *e);

#endif
