/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looks at the host for what stands in the way of VIPs (EFFECT_EXAMINE): sysctls, packet filters,
 * other daemons, and ARP silence put to the test. It waits for things, so it is an errand: one at a
 * time, in a thread that nobody else waits for, and it touches nothing of the daemon's.
 */
#ifndef LINUX_EXAMINE_H
#define LINUX_EXAMINE_H

#include "linux/errands.h"
#include "node/effect.h"

#define EXAMINE_INTERFACES_MAX 32

/*
 * Begins to look, on the interfaces that are spoken on, each with the families that are spoken
 * there (bits by family_index()), when those before it are done. One that is
 * under way when the errands are freed passes nothing. 0 or -errno.
 *
 * INPUT_FOUND comes by the sink, the last without `more`.
 */
int examine_begin(struct errands *errands, const struct input_sink *sink, const struct effect *e,
		  const uint32_t *interfaces, const uint8_t *families, size_t count);

#endif
