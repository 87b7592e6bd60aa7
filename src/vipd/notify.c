/* SPDX-License-Identifier: Apache-2.0 */
/*
 *	STARTING ──configured──► SETTLING ──all VIPs bound, or refused, or 5 s──► RUNNING
 *
 * One timer does it all. While the VIPs settle it looks at them time and again; after that it feeds
 * the watchdog, and looks how the node is when something has happened.
 */
#include "vipd/notify.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "linux/clock.h"
#include "linux/manager.h"
#include "node/rows.h"

#define SETTLE_MAX DURATION_S(5)
#define SETTLE_LOOK_MS 20

#define LOOK_MS 1000
#define STATUS_MAX 160

/* So many signs of life in the time for one. */
#define WATCHDOG_SIGNS 3

enum notify_state {
	NOTIFY_STARTING,
	NOTIFY_SETTLING,
	NOTIFY_RUNNING,
	NOTIFY_STOPPING,
};

struct notify {
	const struct node *node;
	struct manager manager;
	enum notify_state state;
	struct instant settled_by, fed;
	uv_timer_t timer;
	bool ready_owed;	 /* the manager has not heard yet that we are ready */
	bool changed;		 /* something has happened since the node was looked at */
	char status[STATUS_MAX]; /* the newest */
};

static void tell_status(struct notify *n, const char *status)
{
	char line[STATUS_MAX + 8];

	if (strcmp(status, n->status) == 0)
		return;
	snprintf(line, sizeof(line), "STATUS=%s", status);
	if (manager_tell(&n->manager, line) == 0)
		text_copy(n->status, sizeof(n->status), status);
}

static void tell_ready(struct notify *n)
{
	/* One that is too busy to listen is told again. */
	n->ready_owed = manager_tell(&n->manager, "READY=1") < 0;
}

static bool is_settling(const struct row_vip *v)
{
	/* What a hand has unbound is not on its way. */
	return (v->state == VIP_STATE_ABSENT && !v->leaving) || v->state == VIP_STATE_CHECKING ||
	       v->state == VIP_STATE_BOUND;
}

static void look(struct notify *n, struct instant now)
{
	char text[STATUS_MAX];
	struct row_status s;
	struct text t;

	n->changed = false;
	node_status(n->node, now, &s);
	text_init(&t, text, sizeof(text));
	text_add(&t, "%" PRIu32 " of %" PRIu32 " VIPs announced, %" PRIu32 " accepted", s.announced,
		 s.vips, s.accepted);
	if (s.conflicts)
		text_add(&t, ", %" PRIu32 " in conflict", s.conflicts);
	if (s.failed)
		text_add(&t, ", %" PRIu32 " failed", s.failed);
	if (s.unbound)
		text_add(&t, ", %" PRIu32 " unbound by hand", s.unbound);
	text_add(&t, "; %" PRIu32 " neighbours up", s.neighbors_up);
	if (s.ways_lost)
		text_add(&t, "; %" PRIu32 " of %" PRIu32 " ways lost", s.ways_lost, s.ways);
	tell_status(n, text);
}

/* Whether all VIPs are in the kernel or refused by now, or have had their time. */
static void settle(struct notify *n, struct instant now)
{
	struct walk at = { 0 };
	struct row_vip row;

	while (!instant_reached(n->settled_by, now) && node_vip_next(n->node, now, &at, &row))
		if (is_settling(&row))
			return;
	n->state = NOTIFY_RUNNING;
	tell_ready(n);
	look(n, now);
}

static void feed(struct notify *n, struct instant now)
{
	if (n->manager.watchdog.ns == 0)
		return;
	if (instant_since(now, n->fed).ns < n->manager.watchdog.ns / (2 * WATCHDOG_SIGNS))
		return;
	if (manager_tell(&n->manager, "WATCHDOG=1") == 0)
		n->fed = now;
}

static uint64_t interval_ms(const struct notify *n)
{
	int64_t sign = duration_ms(n->manager.watchdog) / WATCHDOG_SIGNS;

	if (n->state == NOTIFY_SETTLING)
		return SETTLE_LOOK_MS;
	if (n->manager.watchdog.ns == 0 || sign > LOOK_MS)
		return LOOK_MS;
	return sign > 0 ? (uint64_t)sign : 1;
}

static void timer_fired(uv_timer_t *timer)
{
	struct notify *n = timer->data;
	struct instant now = clock_now();

	feed(n, now);
	if (n->ready_owed)
		tell_ready(n);
	if (n->state == NOTIFY_SETTLING)
		settle(n, now);
	else if (n->state == NOTIFY_RUNNING && n->changed)
		look(n, now);
	if (uv_is_closing((uv_handle_t *)timer))
		return;
	uv_timer_start(timer, timer_fired, interval_ms(n), 0);
}

static bool is_told(const struct notify *n)
{
	return n && n->manager.fd >= 0;
}

int notify_new(uv_loop_t *loop, const struct node *node, struct notify **ret)
{
	struct notify *n = calloc(1, sizeof(*n));
	int error;

	if (!n)
		return -ENOMEM;
	n->node = node;
	manager_init(&n->manager);
	error = uv_timer_init(loop, &n->timer);
	if (error) {
		manager_done(&n->manager);
		free(n);
		return error;
	}
	n->timer.data = n;
	if (is_told(n))
		timer_fired(&n->timer);
	*ret = n;
	return 0;
}

void notify_close(struct notify *n)
{
	if (n)
		uv_close((uv_handle_t *)&n->timer, NULL);
}

void notify_free(struct notify *n)
{
	if (!n)
		return;
	manager_done(&n->manager);
	free(n);
}

void notify_configured(struct notify *n)
{
	if (!is_told(n) || n->state != NOTIFY_STARTING)
		return;
	n->state = NOTIFY_SETTLING;
	n->settled_by = instant_add(clock_now(), SETTLE_MAX);
	uv_timer_start(&n->timer, timer_fired, SETTLE_LOOK_MS, 0);
}

void notify_reloading(struct notify *n)
{
	char lines[64];

	if (!is_told(n) || n->state != NOTIFY_RUNNING)
		return;
	/* The time says which of two reloads this is the beginning of. */
	snprintf(lines, sizeof(lines), "RELOADING=1\nMONOTONIC_USEC=%" PRId64,
		 clock_now().ns / 1000);
	(void)manager_tell(&n->manager, lines);
}

void notify_reloaded(struct notify *n)
{
	if (is_told(n) && n->state == NOTIFY_RUNNING)
		tell_ready(n);
}

void notify_stopping(struct notify *n, bool withdraws)
{
	if (!is_told(n))
		return;
	n->state = NOTIFY_STOPPING;
	n->ready_owed = false;
	(void)manager_tell(&n->manager, "STOPPING=1");
	tell_status(n, withdraws ? "Withdrawing all VIPs" : "Leaving all VIPs to the next vipd");
}

void notify_event(struct notify *n)
{
	if (is_told(n))
		n->changed = true;
}
