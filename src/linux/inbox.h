/* SPDX-License-Identifier: Apache-2.0 */
/* Inputs that came while another one was being taken, first in, first out. */
#ifndef LINUX_INBOX_H
#define LINUX_INBOX_H

#include <stdbool.h>
#include <stddef.h>

#include "node/boundary.h"

struct inbox {
	struct input *inputs;
	size_t head, tail, capacity;
};

/* Frees all; a zeroed inbox is an empty one. */
void inbox_done(struct inbox *b);

/* Copies the input to the end. 0 or -ENOMEM. */
int inbox_push(struct inbox *b, const struct input *in);

/* Moves the oldest input to *ret; false when there is none. */
bool inbox_pop(struct inbox *b, struct input *ret);

#endif
