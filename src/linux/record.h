/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `vipd --record FILE`: writes all that goes into the node and all that comes out of it to a file,
 * in the format of node/trace.h, for the replay tool.
 */
#ifndef LINUX_RECORD_H
#define LINUX_RECORD_H

#include "base/clock.h"
#include "node/boundary.h"

struct recording;

/* Makes the file, readable by its owner alone, or empties it. 0 or -errno. */
int record_open(const char *path, struct recording **ret);

/* Writes what is still in the buffer. NULL is fine. */
void record_close(struct recording *r);

void record_input(struct recording *r, struct instant now, const struct input *in);
void record_effect(struct recording *r, struct instant now, const struct effect *e);

/*
 * Writes the buffer to the file; meant for once a turn of the loop. 0; or, once, -errno: the file
 * could not be written, it ends where it ends, and nothing more is recorded.
 */
int record_flush(struct recording *r);

#endif
