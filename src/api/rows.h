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
#include "node/rows.h"

/* The same point on both clocks. */
struct moment {
	struct instant now;
	int64_t wall_ns; /* since 1970 */
};

/* The moment of `now`, by CLOCK_REALTIME; and the present one. */
struct moment moment_at(struct instant now);
struct moment moment_now(void);

/* What the clock on the wall says at the instant, by what it says at the moment. */
int64_t moment_wall(struct moment at, struct instant then);

/* One row as an object. */
void row_print_board(struct json *j, const struct row_board *b);
void row_print_vip(struct json *j, const struct row_vip *v, struct moment at);
void row_print_interface(struct json *j, const struct row_interface *r);
void row_print_neighbor(struct json *j, const struct row_neighbor *n, struct moment at);
void row_print_session(struct json *j, const struct row_session *s, struct moment at);
void row_print_route(struct json *j, const struct row_route *r);
void row_print_check(struct json *j, const struct row_check *r, struct moment at);
void row_print_view(struct json *j, const struct row_view *v);
void row_print_finding(struct json *j, const struct finding *f);

/* The protocol of a neighbour, as it is called on the outside. */
const char *row_protocol(const struct row_neighbor *n);

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

/* Whether the daemon does not do all that it should. */
bool row_is_degraded(const struct row_status *s, const struct row_beside *beside);

/* An event as an object; `number` counts the events of this daemon, `wall_ns` is when it was. */
void event_print(struct json *j, const struct event *e, uint64_t number, int64_t wall_ns);

#endif
