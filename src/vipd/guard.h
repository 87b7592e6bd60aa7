/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vipd's side of its guard (src/guard): finds it or starts it, stays in touch with it, and starts
 * another when it is gone. A vipd without a guard says so and runs on.
 */
#ifndef VIPD_GUARD_H
#define VIPD_GUARD_H

#include <stdbool.h>

#include <uv.h>

#include "base/clock.h"
#include "guard/message.h"
#include "linux/logbook.h"
#include "node/boundary.h"

struct guard_client;

/* Of this state directory; both must outlive it. Nothing happens yet. 0 or -errno. */
int guard_client_new(const char *state_directory, struct logbook *log, struct guard_client **ret);

/* After guard_client_unwatch() the loop must have run once more. */
void guard_client_free(struct guard_client *g);

/*
 * The state directory is locked: waits for a guard there that is carrying out the last will of an
 * earlier vipd, up to a minute. Returns at once where there is none, or one that has a vipd. Starts
 * none.
 */
void guard_client_await(struct guard_client *g, struct duration grace);

/* The state directory is ours: finds its guard or starts one. Does not wait for it. */
void guard_client_start(struct guard_client *g, struct duration grace);

/* After that: waits until the guard guards us, for a short while at most. */
void guard_client_meet(struct guard_client *g);

/* From now on the loop takes care that there is a guard. 0 or -errno. */
int guard_client_watch(struct guard_client *g, uv_loop_t *loop);
void guard_client_unwatch(struct guard_client *g);

/*
 * The node has begun, and is told of the sessions that the guard runs, with INPUT_BFD and
 * INPUT_PROBE and INPUT_ECHO: from now on, and of all that is known by now.
 */
void guard_client_attend(struct guard_client *g, const struct input_sink *sink);

/*
 * The node wants a session of the guard, or no longer: EFFECT_BFD, EFFECT_PROBE, EFFECT_ECHO; or a
 * proof: EFFECT_PROVE.
 */
void guard_client_want(struct guard_client *g, const struct effect *e);

/* Another grace time. */
void guard_client_grace(struct guard_client *g, struct duration grace);

/* What the guard has counted, as it told about a second ago; false when there is none. */
bool guard_client_counters(const struct guard_client *g, struct guard_counters *ret);

/* Whether the guard is one that we have started ourselves. */
bool guard_client_started(const struct guard_client *g);

/* Says GUARD_BYE or GUARD_HAND_OVER, and waits for the guard's end. It is not looked for again. */
void guard_client_leave(struct guard_client *g, enum guard_message_kind kind);

#endif
