/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The speakers' streams as TCP connections in the loop (net/stream.h). Nothing here waits: what the
 * kernel does not take now is kept, up to the credit that the speaker has, and goes out later; what
 * comes in is read in turns that are bounded.
 */
#ifndef LINUX_STREAMS_H
#define LINUX_STREAMS_H

#include <stddef.h>

#include <uv.h>

#include "net/stream.h"
#include "node/boundary.h"

/* So many calls of others are open at the same time, of all speakers together. */
#define STREAMS_ACCEPTED_MAX 256

struct streams;

/*
 * NULL when there is no memory. The loop must outlive the streams. INPUT_OPENED, INPUT_STREAM,
 * INPUT_CREDIT and INPUT_CLOSED come by the sink, also from inside of the functions below.
 */
struct streams *streams_new(uv_loop_t *loop, const struct input_sink *sink);

/* Cuts all off; runs the loop, without waiting, until it has let go of them. NULL is fine. */
void streams_free(struct streams *s);

/* EFFECT_OPEN: INPUT_OPENED follows, or INPUT_CLOSED; of one that listens only the latter. */
void streams_open(struct streams *s, const struct stream *stream);

/* EFFECT_STREAM. Who writes more than he has credit for loses his stream. */
void streams_write(struct streams *s, const struct stream_piece *piece);

/* EFFECT_CLOSE: nothing is heard of it any more, its number is free. */
void streams_close(struct streams *s, const struct stream_change *change);

#endif
