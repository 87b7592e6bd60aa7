/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows of a node as members of a JSON document, with the names that vipd-api(7) lists.
 * Monotonic instants become wall time here and nowhere else.
 */
#ifndef API_ROWS_H
#define API_ROWS_H

#include "api/api.h"
#include "api/json.h"
#include "node/counters.h"
#include "node/effect.h"

/* The same point on both clocks. */
struct moment {
	struct instant now;
	int64_t wall_ns; /* since 1970 */
};

/* The moment of `now`, by CLOCK_REALTIME. */
struct moment moment_at(struct instant now);

/* What the clock on the wall says at the instant, by what it says at the moment. */
int64_t moment_wall(struct moment at, struct instant then);

/* One row as an object. The effect is an EFFECT_ROW_* but EFFECT_ROW_STATUS. */
void row_print(struct json *j, const struct effect *row, struct moment at);

/* What is known beside the node, and makes a part of how the daemon is. */
struct row_beside {
	struct api_config_state config;
	bool has_guard;
	struct guard_counters guard;
	struct world_counters world;
};

/* The members of a document that stands open. */
void row_print_status(struct json *j, const struct row_status *row, const struct row_beside *beside,
		      struct moment at);

/* Prometheus text (version 0.0.4). */
void row_print_metrics(struct json *j, const struct row_status *row,
		       const struct row_beside *beside, struct moment at);

/* An event as an object; `number` counts the events of this daemon, `wall_ns` is when it was. */
void event_print(struct json *j, const struct event *e, uint64_t number, int64_t wall_ns);

/* What the guard has counted; zeros when it is not there. */
void guard_print_metrics(struct json *j, const struct guard_counters *c, bool there);

/* What the world has counted of its sockets. */
void world_print_metrics(struct json *j, const struct world_counters *c);

#endif
