/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A VIP is taken over from a rival that announces it: the planned move that loses nothing.
 *
 *	winning ──► settling ──► holding ──► relaxing ──► done
 *	   ▲            │           ▲            │
 *	   └── a rival ─┘           └── a rival ─┘
 *
 * - Winning: it is announced with metric 1, and every router that hears of it changes over at once,
 *   because a better route is believed at once (RFC 2453 3.9.2). It is over when the neighbours
 *have shown that they route to us, or cannot show anything, and nobody offers a better way.
 * - Settling: routers beyond the neighbours show us nothing. A router holds news back for at most
 *   five seconds after its last (RFC 2453 3.10.1), so after that time for each router in between
 *they have changed over too. Now the command is answered: the rival may leave.
 * - Holding: the rival is given its time to leave, that of a route without news. We could not hear
 *   that it is still there: a router tells of the way that it uses, and that is ours.
 * - Relaxing: back to the normal metric, by one at a time and two updates apart, so that no loop
 *can form (proto/rip/rescue.c says why). Who is still there shows itself when a router goes back to
 *   him; then it is metric 1 again, and held for longer.
 */
#include <stdlib.h>

#include "node/vip/vip.h"

#define TAKE_METRIC 1
#define TAKE_LOOK DURATION_S(1) /* between looks at what no event tells of */
#define TAKE_PATIENCE DURATION_S(30)
#define TAKE_HOLD_MAX DURATION_S(3600)

static struct take *take_make(struct node *n, struct binding *b)
{
	struct take *t = binding_rare(b) ? calloc(1, sizeof(*t)) : NULL;

	if (!t || timers_reserve(&n->timers, n->timers.count + 2) < 0) {
		free(t);
		return NULL;
	}
	t->binding = b;
	t->hold = speakers_pace(n, (enum family)b->address.family).patience;
	timer_init(&t->due, NODE_TIMER_TAKE);
	timer_init(&t->patience, NODE_TIMER_PATIENCE);
	b->rare->take = t;
	return t;
}

void take_free(struct node *n, struct binding *b)
{
	if (!take_is_on(b))
		return;
	timer_stop(&n->timers, &b->rare->take->due);
	timer_stop(&n->timers, &b->rare->take->patience);
	free(b->rare->take);
	b->rare->take = NULL;
}

void take_end(struct node *n, struct binding *b)
{
	take_free(n, b);
	metric_review(n, b);
}

static void take_wait(struct node *n, struct take *t, enum take_phase phase, struct duration time)
{
	t->phase = (uint8_t)phase;
	(void)timer_set(&n->timers, &t->due, instant_add(n->now, time));
}

static void take_win(struct node *n, struct take *t)
{
	take_wait(n, t, TAKE_WINNING, TAKE_LOOK);
	if (!timer_running(&t->patience))
		(void)timer_set(&n->timers, &t->patience, instant_add(n->now, TAKE_PATIENCE));
	t->metric = TAKE_METRIC;
	metric_review(n, t->binding);
}

void take_rival(struct node *n, struct binding *b, uint32_t metric)
{
	struct take *t = take_is_on(b) ? b->rare->take : NULL;

	if (!t) {
		t = take_make(n, b);
		if (!t)
			return;
		t->heard = metric;
		rival_tell(n, b, 0, "takes it over: announced with metric 1");
		take_win(n, t);
	} else if (t->phase == TAKE_RELAXING) {
		rival_tell(n, b, 0, "the rival is still there: announced with metric 1 again");
		t->hold.ns *= 2;
		if (t->hold.ns > TAKE_HOLD_MAX.ns)
			t->hold = TAKE_HOLD_MAX;
		take_win(n, t);
	}
}

void take_resume(struct node *n, struct binding *b)
{
	struct take *t = take_make(n, b);

	if (!t)
		return;
	t->metric = binding_spoken(b);
	take_wait(n, t, TAKE_HOLDING, t->hold);
}

/* Some neighbour that hears us shows what it thinks of our announcements. */
static bool take_has_witness(const struct node *n, const struct binding *b)
{
	struct neighbor info;
	struct speaker_walk at = { 0 };

	while (speakers_neighbor_next(n, &at, &info))
		if (info.up && info.proves && info.address.family == b->address.family)
			return true;
	return false;
}

/* At least one neighbour forwards to us; where none can be asked for that, it says that it routes.
 */
static bool take_is_shown(const struct node *n, const struct binding *b)
{
	struct prefix network = binding_network(b);
	unsigned accepted;

	if (proving_can(n, (enum family)b->address.family))
		return binding_proven(n, b) > 0;
	(void)speakers_told(n, &network, &accepted);
	return accepted > 0;
}

/*
 * The neighbours have changed over. A rival whose metric is above ours by more than one may go on
 * speaking: no router that hears us can prefer it.
 */
static bool take_has_won(const struct node *n, const struct binding *b)
{
	struct prefix network = binding_network(b);
	struct route_heard heard;

	return speakers_speak(n, (enum family)b->address.family) && b->announced &&
	       speakers_told(n, &network, NULL) &&
	       (take_is_shown(n, b) || !take_has_witness(n, b)) &&
	       !(speakers_rival(n, &network, &heard) && heard.metric <= TAKE_METRIC + 1);
}

void take_review(struct node *n, struct binding *b)
{
	struct take *t = b->rare->take;
	struct duration time = speakers_pace(n, (enum family)b->address.family).settle;
	bool won = take_has_won(n, b), shown = take_is_shown(n, b);

	if (t->phase == TAKE_WINNING && won)
		take_wait(n, t, TAKE_SETTLING, time);
	else if (t->phase == TAKE_WINNING && !timer_running(&t->due))
		take_wait(n, t, TAKE_WINNING, TAKE_LOOK);
	else if (t->phase == TAKE_SETTLING && !won)
		take_win(n, t);
	else if (t->phase == TAKE_SETTLING && shown && !t->shown)
		take_wait(n, t, TAKE_SETTLING, time); /* only now it is sure that it was heard */
	t->shown = shown;
}

static void take_relax(struct node *n, struct take *t)
{
	struct binding *b = t->binding;
	struct duration step = { 2 * speakers_pace(n, (enum family)b->address.family).repeat.ns };

	if (t->metric + 1 >= metric_own(n, b)) {
		rival_tell(n, b, 0, "taken over: announced with its own metric");
		take_end(n, b);
		return;
	}
	t->metric++;
	metric_review(n, b);
	take_wait(n, t, TAKE_RELAXING, step);
}

/*
 * The neighbours have changed over, but the router next to the rival may not have. Behind d hops it
 * hears our 1 as 2 + d, and has m + 1 from the rival, whose m is what ours is, or less if he has
 * taken it over himself a moment ago. Our neighbours told us m + 1 + d: so 2 + d < m + 1 is h < 2
 * m. A rival that speaks to us himself is on our own LAN, where our neighbours are his.
 */
static bool take_has_headroom(const struct node *n, const struct take *t)
{
	struct prefix network = binding_network(t->binding);
	uint32_t own = metric_own(n, t->binding);
	struct route_heard heard;

	return (t->heard > own && t->heard < 2 * own) || speakers_rival(n, &network, &heard);
}

static void take_settled(struct node *n, struct take *t)
{
	struct binding *b = t->binding;
	bool good = t->heard == 0 || take_has_headroom(n, t);

	timer_stop(&n->timers, &t->patience);
	take_wait(n, t, TAKE_HOLDING, t->hold);
	rival_tell(n, b, 0,
		   good ? "the routers have changed over: the rival may leave"
			: "routers near the rival may still lead to it: its metric is too good");
	binding_settle(
		n, b,
		good ? NULL
		     : "it is bound and announced with metric 1, but the metric of the rival "
		       "is so good that routers near it may not change over before it leaves; "
		       "one that was taken over itself goes back to its own within minutes");
}

void take_due(struct node *n, struct timer *due)
{
	struct take *t = container_of(due, struct take, due);

	switch ((enum take_phase)t->phase) {
	case TAKE_WINNING:
		take_review(n, t->binding);
		break;
	case TAKE_SETTLING:
		take_settled(n, t);
		break;
	case TAKE_HOLDING:
	case TAKE_RELAXING:
		take_relax(n, t);
		break;
	}
}

void take_impatient(struct node *n, struct timer *patience)
{
	struct take *t = container_of(patience, struct take, patience);
	struct binding *b = t->binding;

	/* The last ones are about to have had their time. */
	if (t->phase == TAKE_SETTLING) {
		(void)timer_set(&n->timers, &t->patience, instant_add(t->due.due, TAKE_LOOK));
		return;
	}
	rival_tell(n, b, 0,
		   "not all routers have changed over: a rival is as near to them as we are");
	take_wait(n, t, TAKE_HOLDING, t->hold);
	binding_settle(n, b,
		       "it is bound and announced with metric 1, but not all routers have changed "
		       "over: 'vip show' says who else announces it");
}
