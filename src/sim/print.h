/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inputs, effects and RIP packets as lines that a person can read: for the replay tool and for
 * golden tests.
 */
#ifndef SIM_PRINT_H
#define SIM_PRINT_H

#include <stddef.h>

#include "node/boundary.h"

#define PRINT_LINE_MAX 2048

/*
 * What a RIP packet says: `response v2 10.9.1.1/32=3 tag=7 …`, where a tag holds for the entries
 * behind it. RIP-1 has no masks: `response v1 10.9.1.1=3`. Bytes that are no packet are named with
 * the reason.
 */
void print_packet(const struct packet *d, char *line, size_t size);

/* One line, without an end of line. */
void print_input(const struct input *in, char *line, size_t size);
void print_effect(const struct effect *e, char *line, size_t size);

#endif
