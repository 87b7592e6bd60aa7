/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When which router is asked to forward to which VIP, and what follows from it.
 *
 * A *router* is a neighbour that is up and routes, or one that a rule names. For each VIP that is
 * announced and each router of its family there is a `struct forwarded`. What is tried next:
 *
 *	1. the question whether anything comes back through a router, when something has not: a
 *	   packet to our own address there
 *	2. what somebody asks for by hand
 *	3. what has not come back, once more: doubt.c
 *	4. what is due: the VIP is announced anew, the router has come, or says that it has accepted
 *	5. the round: one after the other, each every 10 s, or as often as the budget lets; and a
 *	quick one of its own, each every 250 ms, for routers that the echo watches. A round that has
 *	made no step for a second goes before what is due
 *
 * A packet that does not come back says nothing by itself: a router may not forward out of where
 * something came in, a filter on the way may not like UDP port 3785. Only when something else
 * through the same router does come back meanwhile, a VIP or our own address, is it the VIP that it
 * does not forward to. Where the echo is up, our own address does.
 *
 * The budget is one of packets. A pair that is due because something has changed is tried every
 * 40 ms for two seconds, so that the moment is seen in which the router's kernel has the route; but
 * few at a time, and not through a router that has never brought anything back.
 */
#include "node/vip/forwarding.h"

#include <stdio.h>

#include "base/text.h"
#include "node/vip/vip.h"

#define PACKET_CREDIT INT64_C(1000)				 /* one packet */
#define CREDIT_PER_S (PROVING_PACKETS_PER_S / 2 * PACKET_CREDIT) /* polls have the rest */
#define CREDIT_MAX (20 * PACKET_CREDIT)
#define CREDIT_AGAIN (16 * PACKET_CREDIT)
#define POLLS_MAX 4 /* at a time: 25 packets a second each */

/* The round takes longer than it should rather than more of the processor. */
#define ROUND_STEP DURATION_MS(20)

/*
 * To wake the guard, and to be woken by it, costs more than the packet: steps of a round that are
 * nearer to each other than this are made in one go. When there is more than the budget has, it
 * waits until there is CREDIT_AGAIN, for the same reason.
 */
#define ROUND_BATCH DURATION_MS(200)
#define QUICK_BATCH DURATION_MS(100)

/* So long a round waits for what is due. */
#define ROUND_LATE DURATION_S(1)

/* Nothing that begins by time alone begins sooner after something else. */
#define LOOKS_APART DURATION_MS(20)

/* How often it is looked through whom something can be proven. */
#define ROUTERS_LOOK DURATION_S(1)

/* So much longer than its tries an answer may take. */
#define ANSWER_SLACK DURATION_S(3)

enum try_kind {
	TRY_POLL,    /* something has changed a moment ago */
	TRY_DUE,     /* likewise, and there are many, or little hope */
	TRY_AGAIN,   /* it has not come back some time ago */
	TRY_ROUND,   /* it is its turn */
	TRY_CONFIRM, /* it did not come back in the round */
	TRY_QUICK,   /* the same two of a router that the echo watches */
	TRY_QUICK_CONFIRM,
	TRY_OWN,   /* our own address: whether anything comes back */
	TRY_ASKED, /* somebody waits for the answer */
};

static const struct {
	uint8_t tries;
	bool patient; /* it is no matter of milliseconds */
	uint32_t spacing_us;
} patience[] = {
	[TRY_POLL] = { 50, false, 40000 },	    [TRY_DUE] = { 3, true, 100000 },
	[TRY_AGAIN] = { 3, true, 300000 },	    [TRY_ROUND] = { 1, true, 300000 },
	[TRY_CONFIRM] = { 3, false, 300000 },	    [TRY_QUICK] = { 1, true, 100000 },
	[TRY_QUICK_CONFIRM] = { 3, false, 100000 }, [TRY_OWN] = { 3, false, 200000 },
	[TRY_ASKED] = { 5, false, 100000 },
};

static void tell(struct node *n, const struct proof_router *r, const struct binding *b,
		 const char *reason)
{
	struct event e = { .kind = EVENT_PROOF, .vip = b->address, .neighbor = r->path.peer };

	text_copy(e.interface, sizeof(e.interface), link_name(n, r->path.interface));
	text_copy(e.reason, sizeof(e.reason), reason);
	node_event(n, &e);
}

/* What is known of the pair from now on. */
static void conclude(struct node *n, struct proof_router *r, struct binding *b, uint8_t state,
		     uint16_t detail)
{
	struct forwarded *f = forwarded_at(r, b);
	bool was = router_is_belied(n, r, b), is;

	r->n_waiting -= f->waits;
	f->waits = false;
	f->state = (unsigned)state & 3u;
	f->time = detail;
	f->settled |= state == FORWARDING_PROVEN;
	if (state != FORWARDING_FAILED)
		doubt_over(r, f);
	is = router_is_belied(n, r, b);
	if (is && !was)
		tell(n, r, b, prove_refusal_text((uint8_t)detail));
	else if (was && !is)
		tell(n, r, b,
		     state == FORWARDING_PROVEN ? "forwards to us again"
						: "nothing comes back through it");
	asked_concluded(n, r, b, state);
	binding_review(n, b);
}

/* It has not come back, and something else has: it is not forwarded to, or not yet. */
static void has_failed(struct node *n, struct proof_router *r, struct binding *b, uint16_t refusal)
{
	struct forwarded *f = forwarded_at(r, b);

	if (doubt_is_failure(n, r, f)) {
		conclude(n, r, b, FORWARDING_FAILED, refusal);
		return;
	}
	r->n_waiting -= f->waits;
	f->waits = false;
	/* Who asks is told what was seen. */
	asked_concluded(n, r, b, FORWARDING_FAILED);
	binding_review(n, b);
}

/* Whether anything comes back through it has been found out. */
static void conclude_waiting(struct node *n, struct proof_router *r, bool returns)
{
	for (size_t k = 0; k < r->n_proofs && r->n_waiting > 0; k++)
		if (r->proofs[k].waits && returns)
			has_failed(n, r, n->vips->proving.at[k], r->proofs[k].time);
		else if (r->proofs[k].waits)
			conclude(n, r, n->vips->proving.at[k], FORWARDING_UNKNOWN, 0);
}

/* The place of the interface among the ways; the last one stands for those that have no room. */
static uint8_t way_place(struct proving *p, uint32_t interface)
{
	size_t k = 0;

	while (k < p->n_ways && p->ways[k] != interface)
		k++;
	if (k == PROVING_WAYS_MAX)
		k--;
	else if (k == p->n_ways)
		p->n_ways++;
	p->ways[k] = interface;
	return (uint8_t)k;
}

static void has_returned(struct node *n, struct proof_router *r, struct binding *b,
			 const struct input *in)
{
	uint32_t time = in->proved.time_us / FORWARDED_TIME_US;
	struct forwarded *f = forwarded_at(r, b);

	f->way = way_place(&n->vips->proving, in->proved.interface);
	conclude(n, r, b, FORWARDING_PROVEN, (uint16_t)(time < UINT16_MAX ? time : UINT16_MAX));
}

/*
 * A VIP that the router does forward to, as far as is known: to be asked about in place of our own
 * address, where there is none that could be a source.
 */
static struct binding *control_find(const struct node *n, const struct proof_router *r)
{
	for (size_t k = 0; k < r->n_proofs; k++)
		if (r->proofs[k].state == FORWARDING_PROVEN && !r->proofs[k].open)
			return n->vips->proving.at[k];
	return NULL;
}

/* It has not come back since `begun`, and not in the round alone. */
static void is_missing(struct node *n, struct proof_router *r, struct binding *b,
		       struct instant begun, uint8_t refusal)
{
	struct forwarded *f = forwarded_at(r, b);
	bool control = instant_before(begun, r->returned) ||
		       watch_echo_is_up(n, r->path.interface, &r->path.peer);

	/* It is not proven any more, whatever the reason. */
	f->state = f->state == FORWARDING_PROVEN ? FORWARDING_UNKNOWN : f->state;
	if (control) {
		has_failed(n, r, b, refusal);
		return;
	}
	if (!address_is_set(&r->source) && !control_find(n, r)) {
		conclude(n, r, b, FORWARDING_UNKNOWN, refusal);
		return;
	}
	r->n_waiting += !f->waits;
	f->waits = true;
	f->time = refusal;
	binding_review(n, b);
}

static struct proving_try *try_free(struct proving *p)
{
	for (size_t k = 0; k < PROVING_OPEN_MAX; k++)
		if (p->open[k].token == 0)
			return &p->open[k];
	return NULL;
}

static bool try_begin(struct node *n, struct proof_router *r, struct binding *b, enum try_kind kind)
{
	struct proving *p = &n->vips->proving;
	struct proving_try *t = try_free(p);
	struct effect e = { .kind = EFFECT_PROVE };
	struct duration longest = { (int64_t)patience[kind].tries * patience[kind].spacing_us *
				    1000 };

	if (!t)
		return false;
	*t = (struct proving_try){
		.router = r,
		.binding = b,
		.token = ++p->next_token ? p->next_token : ++p->next_token,
		.kind = (uint8_t)kind,
		.control = kind == TRY_OWN,
		.begun = n->now,
		.until = instant_add(instant_add(n->now, longest), ANSWER_SLACK),
	};
	e.prove.token = t->token;
	e.prove.destination = b ? b->address : r->source;
	e.prove.source = address_is_set(&r->source) ? r->source : e.prove.destination;
	e.prove.path = r->path;
	e.prove.tries = patience[kind].tries;
	e.prove.patient = patience[kind].patient;
	e.prove.spacing_us = patience[kind].spacing_us;
	if (b)
		forwarded_at(r, b)->open = true;
	r->asking |= t->control;
	p->credit -= PACKET_CREDIT;
	node_effect_put(n, &e);
	return true;
}

static void try_ends(struct node *n, struct proving_try *t, const struct input *in)
{
	struct proof_router *r = t->router;
	struct binding *b = t->binding;
	struct instant begun = t->begun;
	enum try_kind kind = (enum try_kind)t->kind;
	bool in_round = kind == TRY_ROUND || kind == TRY_QUICK;
	bool back = in->proved.outcome == ECHO_OUTCOME_RETURNED;

	*t = (struct proving_try){ 0 };
	if (!r)
		return;
	if (b) {
		forwarded_at(r, b)->open = false;
		asked_heard(n, r, b, in);
	}
	if (kind == TRY_OWN)
		r->asking = false;
	if (back) {
		r->returns = true;
		r->silent = false;
		r->returned = n->now;
	} else if (!b && !r->returns) {
		r->silent = true;
	}
	if (b && back)
		has_returned(n, r, b, in);
	else if (b && in_round && forwarded_at(r, b)->state == FORWARDING_PROVEN &&
		 try_begin(n, r, b, kind == TRY_QUICK ? TRY_QUICK_CONFIRM : TRY_CONFIRM))
		return;
	else if (b && (kind == TRY_OWN || in->proved.outcome == ECHO_OUTCOME_UNREACHED))
		conclude(n, r, b, FORWARDING_UNKNOWN, 0);
	else if (b)
		is_missing(n, r, b, begun, in->proved.refusal);
	if (back || kind == TRY_OWN)
		conclude_waiting(n, r, back);
}

void proving_answered(struct node *n, const struct input *in)
{
	struct proving *p = &n->vips->proving;

	for (size_t k = 0; k < PROVING_OPEN_MAX; k++) {
		struct proving_try *t = &p->open[k];

		if (in->proved.token == 0 || t->token != in->proved.token)
			continue;
		p->tried += in->proved.tries;
		p->questions += in->proved.questions;
		p->returned += in->proved.outcome == ECHO_OUTCOME_RETURNED;
		p->lost += in->proved.outcome == ECHO_OUTCOME_LOST;
		p->refused += in->proved.outcome == ECHO_OUTCOME_REFUSED;
		if (t->kind != TRY_POLL && in->proved.tries > 1)
			p->credit -= (int64_t)(in->proved.tries - 1) * PACKET_CREDIT;
		p->credit -= in->proved.questions * PACKET_CREDIT;
		try_ends(n, t, in);
		return;
	}
}

/* Who was to answer may be gone. */
static void tries_expire(struct node *n)
{
	const struct input unable = { .kind = INPUT_PROVED,
				      .proved.outcome = ECHO_OUTCOME_UNREACHED };
	struct proving *p = &n->vips->proving;

	for (size_t k = 0; k < PROVING_OPEN_MAX; k++)
		if (p->open[k].token != 0 && instant_reached(p->open[k].until, n->now))
			try_ends(n, &p->open[k], &unable);
}

static size_t polls_open(const struct proving *p)
{
	size_t count = 0;

	for (size_t k = 0; k < PROVING_OPEN_MAX; k++)
		count += p->open[k].token != 0 && p->open[k].kind == TRY_POLL;
	return count;
}

/* The question about our own address, where something waits for it. */
static bool begin_own(struct node *n)
{
	list_each(link, &n->vips->proving.routers) {
		struct proof_router *r = container_of(link, struct proof_router, link);

		struct binding *b = NULL;

		if (r->n_waiting == 0 || r->asking)
			continue;
		if (address_is_set(&r->source) || (b = control_find(n, r)))
			return try_begin(n, r, b, TRY_OWN);
		conclude_waiting(n, r, false);
	}
	return false;
}

/* The next one of the router that is due. */
static struct forwarded *router_due(const struct node *n, struct proof_router *r,
				    struct binding **ret)
{
	for (size_t k = 0; k < r->n_proofs; k++) {
		size_t place = r->position++ % r->n_proofs;

		if (!r->proofs[place].due || r->proofs[place].open)
			continue;
		*ret = n->vips->proving.at[place];
		return &r->proofs[place];
	}
	return NULL;
}

static bool begin_asked(struct node *n)
{
	struct proving_ask *a = try_free(&n->vips->proving) ? asked_next(n) : NULL;

	return a && try_begin(n, a->router, a->binding, TRY_ASKED);
}

static bool begin_again(struct node *n)
{
	struct proof_router *r;
	struct binding *b;

	return try_free(&n->vips->proving) && doubt_next(n, &r, &b) &&
	       try_begin(n, r, b, TRY_AGAIN);
}

static bool begin_due(struct node *n)
{
	struct proving *p = &n->vips->proving;

	/* What is due stays so until there is room for it. */
	if (p->spent || !try_free(p))
		return false;
	/* Each router in its turn: one of which much is due does not hold up the others. */
	for (size_t k = 0; k <= p->n_routers; k++) {
		struct proof_router *r = proof_router_after(p, p->due_turn);
		struct binding *b = NULL;
		struct forwarded *f = r && r->n_due > 0 ? router_due(n, r, &b) : NULL;

		p->due_turn = r;
		if (!f)
			continue;
		f->due = false;
		r->n_due--;
		f->settled = false;
		doubt_over(r, f);
		return try_begin(n, r, b,
				 !r->silent && r->n_due < POLLS_MAX && polls_open(p) < POLLS_MAX
					 ? TRY_POLL
					 : TRY_DUE);
	}
	return false;
}

/* How many pairs there are in a round: of a router that brings nothing back, one. */
static size_t round_pairs(const struct node *n, bool quick)
{
	size_t count = 0;

	list_each(link, &n->vips->proving.routers) {
		const struct proof_router *r = container_of(link, struct proof_router, link);

		size_t vips = n->vips->n_of_family[family_index((enum family)r->path.peer.family)];

		if (r->quick == quick)
			count += r->silent && vips > 0 ? 1 : vips;
	}
	return count;
}

/* The next VIP of the router whose turn it is; through one that brings nothing back, one alone. */
static struct binding *round_next(struct node *n, bool quick)
{
	struct proving *p = &n->vips->proving;
	struct proving_round *round = &p->rounds[quick];
	struct proof_router *r = round->turn;

	while (r && r->quick == quick && round->position < r->n_proofs) {
		size_t place = round->position++;
		struct binding *b;

		/* Each time another one, for the first may be the one that never comes back. */
		if (r->silent)
			place = (place + r->position) % r->n_proofs;
		b = p->at[place];
		if (!b || !b->announced || b->address.family != r->path.peer.family ||
		    r->proofs[b->place].open)
			continue;
		if (r->silent) {
			r->position = place + 1;
			round->position = r->n_proofs;
		}
		return b;
	}
	return NULL;
}

static void begin_round(struct node *n, bool quick)
{
	struct proving *p = &n->vips->proving;
	struct proving_round *round = &p->rounds[quick];
	struct binding *b = round_next(n, quick);

	/* Each router once at the most: the others have nothing to try. */
	for (size_t k = 0; !b && k <= p->n_routers; k++) {
		round->turn = proof_router_after(p, round->turn);
		round->position = 0;
		b = round_next(n, quick);
	}
	if (b)
		(void)try_begin(n, round->turn, b, quick ? TRY_QUICK : TRY_ROUND);
}

/* The time between two steps of the round; 0: it has none. */
static struct duration round_step(const struct node *n, bool quick)
{
	size_t pairs = round_pairs(n, quick);
	struct duration step = quick ? PROVING_QUICK_ROUND : PROVING_ROUND;

	step.ns = pairs == 0 ? 0 : step.ns / (int64_t)pairs;
	if (pairs > 0 && step.ns < ROUND_STEP.ns)
		step = ROUND_STEP;
	return step;
}

/* So long after the last step of the round the next is made, and those with it that are due. */
static struct duration stride(bool quick, struct duration step)
{
	struct duration batch = quick ? QUICK_BATCH : ROUND_BATCH;

	return step.ns < batch.ns ? batch : step;
}

/* Something else has had all the budget for too long: then it is its turn whatever is due. */
static bool round_is_late(const struct proving_round *round, struct instant now)
{
	return round->waits.ns != 0 && instant_reached(instant_add(round->waits, ROUND_LATE), now);
}

static void round_go(struct node *n, bool quick, struct duration step)
{
	struct proving *p = &n->vips->proving;
	struct proving_round *round = &p->rounds[quick];
	struct duration most = stride(quick, step);

	if (step.ns == 0)
		return;
	/* What was missed is not made up for. */
	round->last = instant_max(round->last, (struct instant){ n->now.ns - 2 * most.ns });
	if (!instant_reached(instant_add(round->last, most), n->now))
		return;
	if (p->credit < PACKET_CREDIT || (p->spent && !round_is_late(round, n->now))) {
		round->waits = round->waits.ns ? round->waits : n->now;
		return;
	}
	round->waits = (struct instant){ 0 };
	while (instant_reached(instant_add(round->last, step), n->now) &&
	       p->credit >= PACKET_CREDIT && try_free(p)) {
		begin_round(n, quick);
		round->last = instant_add(round->last, step);
	}
}

static void credit_add(struct node *n)
{
	struct proving *p = &n->vips->proving;
	int64_t passed = instant_since(n->now, p->credited).ns;

	p->credited = n->now;
	p->credit += passed > 1000000000 ? CREDIT_PER_S : passed / 1000 * CREDIT_PER_S / 1000000;
	if (p->credit > CREDIT_MAX)
		p->credit = CREDIT_MAX;
	p->spent &= p->credit < CREDIT_AGAIN;
}

/* Somebody is asked because something has changed, or is still to be. */
static bool is_asking_anew(const struct proving *p)
{
	list_each(link, &p->routers)
		if (container_of(link, struct proof_router, link)->n_due > 0)
			return true;
	for (size_t k = 0; k < PROVING_OPEN_MAX; k++)
		if (p->open[k].token != 0 && p->open[k].binding &&
		    (p->open[k].kind == TRY_POLL || p->open[k].kind == TRY_DUE))
			return true;
	return false;
}

/* Through each router of its family that ever brings anything back; false too where there is none.
 */
static bool is_proven_by_all(const struct node *n, const struct binding *b)
{
	bool proven = false;

	list_each(link, &n->vips->proving.routers) {
		const struct proof_router *r = container_of(link, struct proof_router, link);
		const struct forwarded *f = r->returns ? forwarded_find(b, r) : NULL;

		if (f && f->state != FORWARDING_PROVEN)
			return false;
		proven |= f != NULL;
	}
	return proven;
}

/*
 * A router has gone, and those that are left have been asked: how a failure has ended, as far as it
 * can be seen from here.
 */
static void rest_tell(struct node *n)
{
	struct proving *p = &n->vips->proving;
	struct event e = { .kind = EVENT_PROOF, .age = instant_since(n->now, p->gone) };
	unsigned proven = 0, all = 0;

	if (p->gone.ns == 0 || is_asking_anew(p))
		return;
	p->gone = (struct instant){ 0 };
	list_each(link, &n->vips->bindings) {
		const struct binding *b = container_of(link, struct binding, link);

		if (!b->announced || !proving_can(n, (enum family)b->address.family))
			continue;
		all++;
		proven += is_proven_by_all(n, b);
	}
	if (all == 0)
		return;
	snprintf(e.reason, sizeof(e.reason),
		 "a router has gone; each that is left brings back %u of %u VIPs, asked within "
		 "%.1f ms",
		 proven, all, (double)e.age.ns / 1e6);
	node_event(n, &e);
}

/* When there is credit for what is due, and for the rounds. */
static struct instant saved_at(const struct proving *p, struct instant now)
{
	struct duration saving = { (CREDIT_AGAIN - p->credit) * 1000000000 / CREDIT_PER_S };

	return p->spent ? instant_add(now, saving) : now;
}

/* When some of what goes before the rounds may be begun. */
static struct instant pressing_at(struct proving *p, struct instant now)
{
	bool due = false;

	for (size_t k = 0; k < PROVING_ASKS_MAX; k++)
		if (p->asks[k].router && !p->asks[k].begun)
			return now;
	list_each(link, &p->routers) {
		const struct proof_router *r = container_of(link, struct proof_router, link);

		if (r->n_waiting > 0 && !r->asking)
			return now;
		due |= r->n_due > 0;
	}
	/* Where there is no room, an answer makes some. */
	return due && try_free(p) ? saved_at(p, now) : INSTANT_NEVER;
}

/* When there is something to do next; not so soon that many steps would be made one by one. */
static struct instant next_look(struct proving *p, struct instant now,
				const struct duration step[2])
{
	struct instant due = instant_min(instant_min(pressing_at(p, now), doubt_deadline(p)),
					 instant_add(p->looked, ROUTERS_LOOK));

	for (size_t k = 0; k < 2; k++)
		if (step[k].ns > 0)
			due = instant_min(
				due, instant_max(instant_add(p->rounds[k].last, stride(k, step[k])),
						 saved_at(p, now)));
	due = instant_max(due, instant_add(now, LOOKS_APART));
	for (size_t k = 0; k < PROVING_OPEN_MAX; k++)
		if (p->open[k].token != 0)
			due = instant_min(due, p->open[k].until);
	return due;
}

void proving_run(struct node *n)
{
	struct proving *p = &n->vips->proving;
	struct duration step[2];

	if (!p->on || !n->synced || n->dumping || n->stopping)
		return;
	/* No event tells that a neighbour has turned out to be a router. */
	if (p->routers_dirty || instant_reached(instant_add(p->looked, ROUTERS_LOOK), n->now)) {
		if (proof_routers_reconcile(n))
			binding_review_all(n);
		p->looked = n->now;
	}
	rest_tell(n);
	step[false] = round_step(n, false);
	step[true] = round_step(n, true);
	if (step[false].ns == 0 && step[true].ns == 0) {
		if (n->vips->n_bindings > 0)
			(void)timer_set(&n->timers, &p->due, instant_add(p->looked, ROUTERS_LOOK));
		return;
	}
	credit_add(n);
	tries_expire(n);
	while (p->credit >= PACKET_CREDIT && (begin_own(n) || begin_asked(n)))
		continue;
	for (int quick = 1; quick >= 0; quick--)
		if (round_is_late(&p->rounds[quick], n->now))
			round_go(n, quick, step[quick]);
	while (p->credit >= PACKET_CREDIT && (begin_again(n) || begin_due(n)))
		continue;
	round_go(n, true, step[true]);
	round_go(n, false, step[false]);
	p->spent |= p->credit < PACKET_CREDIT;
	(void)timer_set(&n->timers, &p->due, next_look(p, n->now, step));
}

void proving_set(struct node *n, bool on)
{
	struct proving *p = &n->vips->proving;

	if (p->on && !on) {
		proof_routers_forget(n);
		timer_stop(&n->timers, &p->due);
		binding_review_all(n);
	}
	p->on = on;
	p->routers_dirty = on;
}
