/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The updates of a neighbour, and what is missing in them. Who shows in its updates that it routes
 * to a prefix (poison reverse) shows it in each of them. When it no longer does, it has let go of
 * the route without a word: filters changed, or it was started anew.
 *
 * An update comes in several packets, and ends when no other has come for a second. It was *whole*,
 * a periodic one or the answer to a question for everything, when it said something that was said
 * before and has not changed: a triggered update has changes alone.
 *
 * Packets get lost, and a router that has just started knows little. So what was missing is asked
 * for, and only what is missing three times in a row is let go of.
 */
#include "proto/rip/instance.h"

#define UPDATE_GAP DURATION_S(1)

/* A change may be told twice, because of another one right after it, but not for long. */
#define UPDATE_SETTLE DURATION_S(10)

/* For so long after a question for everything what comes is taken for its answer. */
#define UPDATE_ANSWER DURATION_S(5)

#define UPDATE_MISSED_MAX 3

void update_heard(struct rip *r, struct instant now, struct rip_neighbor *n)
{
	(void)timer_set(&r->timers, &n->quiet, instant_add(now, UPDATE_GAP));
}

void update_restates(struct rip_neighbor *n, struct instant now, struct instant changed)
{
	bool answers =
		n->ever_asked && instant_before(now, instant_add(n->table_asked, UPDATE_ANSWER));

	n->restates |= answers || instant_reached(instant_add(changed, UPDATE_SETTLE), now);
}

/* Counts one more; true when it was missing too often. */
static bool missed_count(struct rip_said *s, uint64_t bit)
{
	bool once = s->missed[0] & bit, twice = s->missed[1] & bit;

	s->missed[0] ^= bit;
	if (once)
		s->missed[1] ^= bit;
	return twice && !once;
}

static void missed_clear(struct rip_said *s, uint64_t bit)
{
	s->missed[0] &= ~bit;
	s->missed[1] &= ~bit;
}

/* Whether the route was known long enough to be in the update, and was not. */
static bool is_missing(const struct rip_route *t, const struct rip_neighbor *n, struct instant now)
{
	uint64_t bit = neighbor_bit(n);

	return opinion(t)->shown & bit & ~opinion(t)->restated && proof_is_told(t, n) &&
	       instant_reached(instant_add(t->changed, UPDATE_SETTLE), now);
}

void update_over(struct rip *r, struct instant now, struct rip_neighbor *n)
{
	uint64_t bit = neighbor_bit(n);
	uint32_t before = n->accepted;
	bool missing = false;

	sequence_settle(r, now, n);
	if (!n->restates)
		return;
	n->restates = false;
	list_each_entry(struct rip_route, t, &r->order, order) {
		struct rip_said said = *opinion(t);
		bool is_not_in_it = is_missing(t, n, now);
		bool fades = is_not_in_it && missed_count(&said, bit);

		if (fades || !is_not_in_it)
			missed_clear(&said, bit);
		said.restated &= ~bit;
		(void)opinion_set(r, t, &said);
		if (fades)
			proof_faded(r, now, n, t);
		missing |= is_not_in_it && !fades;
	}
	if (missing)
		proof_doubt(r, now, n);
	/* Once for all of them, of which there may be very many. */
	if (n->accepted < before)
		neighbor_tell(r, n, RIP_EVENT_UNACCEPTED);
}
