/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The states of a VIP, and all edges between them, as a table; README.md has the same one for
 * people, and fsm_test.c compares the two. What happens and does not stand here for the state that
 * the VIP is in changes nothing, and is counted.
 */
#include "base/text.h"
#include "node/vip/fsm.h"

#define EDGES_DELAY DURATION_MS(200)

#define IN(state) (1u << VIP_STATE_##state)
#define HELD_WELL                                                                                  \
	(IN(HEALTHY) | IN(ANNOUNCED) | IN(ACCEPTED) | IN(PROVEN) | IN(DRAINING) | IN(DRAINED) |    \
	 IN(CONFLICT))
#define STAYS VIP_STATE_COUNT

static const struct vip_edge edges[] = {
	{ IN(ABSENT) | IN(CHECKING) | IN(FAILED), VIP_ASKED, VIP_STATE_CHECKING, NULL },
	{ IN(CHECKING) | IN(CONFLICT), VIP_OBJECTED, VIP_STATE_CONFLICT, NULL },
	{ IN(CHECKING) | IN(CONFLICT), VIP_GIVEN, VIP_STATE_BOUND, vip_is_given },
	{ IN(ABSENT), VIP_ADOPTED, VIP_STATE_BOUND, NULL },

	/* What the kernel says. */
	{ IN(BOUND) | IN(FAILED), VIP_HELD, VIP_STATE_HEALTHY, vip_is_held },
	{ HELD_WELL | IN(WITHDRAWN), VIP_HELD, STAYS, NULL },
	{ HELD_WELL, VIP_LOST, VIP_STATE_BOUND, NULL },
	{ IN(BOUND) | IN(FAILED) | IN(WITHDRAWN), VIP_LOST, STAYS, NULL },
	{ IN(CHECKING) | IN(BOUND) | HELD_WELL | IN(FAILED), VIP_REFUSED, VIP_STATE_FAILED,
	  vip_is_refused },
	{ IN(WITHDRAWN), VIP_REFUSED, STAYS, NULL },

	/* Its check. */
	{ IN(BOUND) | HELD_WELL | IN(FAILED), VIP_UNFIT, VIP_STATE_BOUND, NULL },

	/* What is heard of it, while the kernel holds it. */
	{ HELD_WELL, VIP_UNHEARD, VIP_STATE_HEALTHY, NULL },
	{ HELD_WELL, VIP_SENT, VIP_STATE_ANNOUNCED, NULL },
	{ HELD_WELL, VIP_ACCEPTED, VIP_STATE_ACCEPTED, NULL },
	{ HELD_WELL, VIP_PROVEN, VIP_STATE_PROVEN, NULL },
	{ HELD_WELL, VIP_CONTESTED, VIP_STATE_CONFLICT, NULL },
	{ HELD_WELL, VIP_DRAINS, VIP_STATE_DRAINING, NULL },
	{ HELD_WELL, VIP_EMPTY, VIP_STATE_DRAINED, NULL },

	/* The end, and the way back. */
	{ IN(ABSENT) | IN(CHECKING) | IN(BOUND) | HELD_WELL | IN(FAILED), VIP_LEAVES,
	  VIP_STATE_WITHDRAWN, NULL },
	{ IN(WITHDRAWN), VIP_GONE, VIP_STATE_ABSENT, NULL },
	{ IN(WITHDRAWN) | IN(BOUND) | HELD_WELL | IN(FAILED), VIP_REVIVED, VIP_STATE_BOUND, NULL },
};

const struct vip_edge *vip_edge(enum vip_state state, enum vip_event event)
{
	for (size_t k = 0; k < ARRAY_LENGTH(edges); k++)
		if (edges[k].event == event && edges[k].states & (1u << state))
			return &edges[k];
	return NULL;
}

static void edge_tell(struct node *n, const struct binding *b, enum vip_state from,
		      struct duration age)
{
	struct event e = {
		.kind = EVENT_VIP,
		.vip = b->address,
		.from = (uint8_t)from,
		.to = b->state,
		.age = age,
	};

	text_copy(e.reason, sizeof(e.reason), b->reason ? b->reason : "");
	node_event(n, &e);
}

/* An edge that many VIPs make at the same time is told once, with their number. */
static void edge_count(struct node *n, const struct binding *b, enum vip_state from)
{
	n->vips->edges[from][b->state].count++;
	n->vips->edges[from][b->state].example = b->address;
	n->vips->edges[from][b->state].reason = b->rare && b->rare->detail ? "" : b->reason;
	if (!timer_running(&n->vips->edges_due))
		(void)timer_set(&n->timers, &n->vips->edges_due, instant_add(n->now, EDGES_DELAY));
}

void binding_say(struct binding *b, const char *reason)
{
	if (!reason || reason == b->reason)
		return;
	binding_clear_detail(b);
	b->reason = reason;
}

static void binding_enter(struct node *n, struct binding *b, enum vip_state state)
{
	enum vip_state from = b->state;
	struct duration age = instant_since(n->now, b->since);

	if (from == state)
		return;
	b->state = (uint8_t)state;
	b->since = n->now;
	source_vip_changed(n, b);
	if (b->bulk)
		edge_count(n, b, from);
	else
		edge_tell(n, b, from, age);
}

/* The journal has the first of them, the counter all. */
static void edge_is_missing(struct node *n, const struct binding *b, enum vip_event event)
{
	static const char *const names[] = {
#define VIP_EVENT_TEXT(name, text) text,
		VIP_EVENTS(VIP_EVENT_TEXT)
#undef VIP_EVENT_TEXT
	};

	if (n->vips->unexpected++ == 0)
		node_note(n, EVENT_NOTE, NULL, "%s: %s while it is %s, which is a mistake of vipd",
			  ADDRESS_TEXT(&b->address), names[event],
			  vip_state_name((enum vip_state)b->state));
}

void binding_step(struct node *n, struct binding *b, enum vip_event event, const char *reason)
{
	const struct vip_edge *edge = vip_edge((enum vip_state)b->state, event);

	if (!edge) {
		edge_is_missing(n, b, event);
		return;
	}
	if (edge->next == STAYS)
		return;
	binding_say(b, reason);
	binding_enter(n, b, (enum vip_state)edge->next);
	if (edge->action)
		edge->action(n, b);
}

void binding_edges_flush(struct node *n)
{
	for (uint8_t from = 0; from < VIP_STATE_COUNT; from++) {
		for (uint8_t to = 0; to < VIP_STATE_COUNT; to++) {
			struct event e = {
				.kind = EVENT_VIPS,
				.vip = n->vips->edges[from][to].example,
				.count = n->vips->edges[from][to].count,
				.from = from,
				.to = to,
			};

			if (e.count == 0)
				continue;
			if (n->vips->edges[from][to].reason)
				text_copy(e.reason, sizeof(e.reason),
					  n->vips->edges[from][to].reason);
			n->vips->edges[from][to].count = 0;
			node_event(n, &e);
		}
	}
}
