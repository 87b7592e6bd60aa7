/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A recorded trace run again (node/trace.h has its format). The node does no I/O, reads no clock
 * and draws no random number, so the same inputs at the same instants must give the same effects,
 * byte for byte: a user's trace repeats a user's bug exactly, and a difference means that the node
 * is no longer the one that was recorded, or depends on something that it must not.
 */
#ifndef SIM_REPLAY_H
#define SIM_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "fields/tagged.h"

enum replay_outcome {
	REPLAY_SAME,
	REPLAY_DIFFERENT,
	REPLAY_MALFORMED, /* the bytes are no trace */
	REPLAY_NO_MEMORY,
};

struct replay_result {
	uint64_t inputs, effects; /* that were replayed */
	bool only_inputs;	  /* no effects were recorded: nothing could be compared */
	size_t cut; /* bytes behind the last whole record: the daemon was killed while it wrote */
	uint64_t unknown;	     /* records of kinds that this version does not have */
	struct tagged_losses losses; /* fields that it does not have, or not so */
	size_t at; /* where in the trace the record begins that is different or malformed */
};

/*
 * Replays the trace in `bytes`. Tells `to` of the first difference, in lines for a person; with
 * `print` of every record before that, too. `to` may be NULL.
 */
enum replay_outcome replay_run(const uint8_t *bytes, size_t length, bool print, FILE *to,
			       struct replay_result *ret);

#endif
