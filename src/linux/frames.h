/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames of ARP and of neighbour discovery: two packet sockets for each interface that the node
 * watches. The kernel filters what comes, so a host hears nothing else by them, and not what it
 * has sent itself.
 */
#ifndef LINUX_FRAMES_H
#define LINUX_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

#include "node/boundary.h"

struct frames;

/* What happened since the start, on all interfaces. */
struct frames_counters {
	uint64_t received, sent;
	uint64_t not_sent; /* the kernel did not take it, or the interface is not watched */
	uint64_t dropped;  /* by the kernel: they came faster than they were read */
};

/*
 * NULL when there is no memory. The loop must outlive the frames. INPUT_WATCHING and INPUT_FRAME
 * come by the sink.
 */
struct frames *frames_new(uv_loop_t *loop, const struct input_sink *sink);

/* Closes all and frees them; runs the loop, without waiting, until it has let go of them. */
void frames_free(struct frames *f);

/*
 * Watches an interface or no longer does. The outcome of watching comes as INPUT_WATCHING, before
 * this returns; one that is watched already stays so, and only `all_multicast` may change.
 */
void frames_watch(struct frames *f, uint32_t interface, bool on, bool all_multicast);

/* Sends a frame out of the interface that it names. What the kernel does not take is lost. */
void frames_send(struct frames *f, const struct ether_frame *frame);

/* Also asks the kernel what it has dropped. */
const struct frames_counters *frames_counters(struct frames *f);

#endif
