/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Health checks: a VIP with a check is announced while the check passes.
 *
 *	check (a definition) ── run: one address that is asked ── the VIPs that depend on it
 *
 *	unknown ──well──► passing ──`fall` in a row──► failing ──`rise` in a row──► passing
 *	   └─────────────────not well────────────────────►┘   unless it flaps: then later
 *
 * The world does the asking (EFFECT_CHECK, INPUT_CHECKED), once at a time for a run; when to ask
 * and what follows is decided here. A run that has no address of its own asks each VIP itself; all
 * others share one run.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "node/vip/vip.h"

/*
 * Whoever fails more often than that within the time flaps: he may not pass again for 30 s, and
 * longer each time.
 */
#define FLAPS 3
#define FLAP_WINDOW DURATION_S(600)
#define FLAP_PAUSE_S 30
#define FLAP_PAUSE_MAX_S 600

static struct binding *run_vip(struct list *link)
{
	return container_of(link, struct binding_rare, checked)->binding;
}

static struct check *check_find(const struct node *n, const char *name)
{
	list_each_entry(struct check, c, &n->vips->checks, link)
		if (strcmp(c->settings.name, name) == 0)
			return c;
	return NULL;
}

bool check_exists(const struct node *n, const char *name)
{
	return check_find(n, name) != NULL;
}

/* Whom the check asks for a VIP; not set: nobody in particular. */
static struct address check_asks(const struct check_settings *s, const struct address *vip)
{
	if (address_is_set(&s->address) || s->kind == CHECK_EXEC || s->kind == CHECK_FILE)
		return s->address;
	return *vip;
}

static void run_ask(struct node *n, const struct want *w)
{
	struct check_run *r = container_of(w, struct check_run, want);
	struct effect e = { .kind = EFFECT_CHECK };

	e.check.run = r->number;
	e.check.off = !w->told;
	e.check.settings = r->check->settings;
	if (w->told) {
		e.check.settings.address = r->address;
		r->asked = n->now;
	}
	node_effect_put(n, &e);
}

/* A tenth earlier or later, so that checks do not fall into step. */
static void run_wait(struct node *n, struct check_run *r)
{
	struct duration every = r->check->settings.every, tenth = { every.ns / 10 };
	struct duration pause = random_between(&n->random, (struct duration){ every.ns - tenth.ns },
					       (struct duration){ every.ns + tenth.ns });

	want_wait(n, &r->want, instant_max(n->now, instant_add(r->asked, pause)));
}

static struct check_run *run_by_number(const struct node *n, uint32_t number)
{
	for (struct hash_node *h = hash_first(&n->vips->check_runs, number); h;
	     h = hash_next(h, number))
		return container_of(h, struct check_run, by_number);
	return NULL;
}

static struct check_run *run_find(const struct check *c, const struct address *a)
{
	list_each_entry(struct check_run, r, &c->runs, link)
		if (r->address.family == a->family && address_equal(&r->address, a))
			return r;
	return NULL;
}

static struct check_run *run_make(struct node *n, struct check *c, const struct address *a)
{
	struct check_run *r = calloc(1, sizeof(*r));

	if (!r || timers_reserve(&n->timers, n->timers.count + 1) < 0) {
		free(r);
		return NULL;
	}
	r->number = ++n->vips->next_run;
	if (hash_insert(&n->vips->check_runs, &r->by_number, r->number) < 0) {
		free(r);
		return NULL;
	}
	r->check = c;
	r->address = *a;
	r->since = n->now;
	r->failed = (struct instant){ INT64_MIN / 2 };
	list_init(&r->news);
	list_init(&r->vips);
	list_append(&c->runs, &r->link);
	want_init(&r->want, run_ask);
	return r;
}

static void run_free(struct node *n, struct check_run *r)
{
	if (r->want.told)
		want_tell(n, &r->want, false);
	want_done(n, &r->want);
	hash_remove(&n->vips->check_runs, &r->by_number);
	list_remove(&r->news);
	list_remove(&r->link);
	free(r);
}

static void check_free(struct check *c)
{
	list_remove(&c->link);
	free(c);
}

void check_join(struct node *n, struct binding *b)
{
	struct check *c = b->rare && b->rare->check ? check_find(n, b->rare->check) : NULL;
	struct address a;
	struct check_run *r;

	if (!c || b->rare->run)
		return;
	a = check_asks(&c->settings, &b->address);
	r = run_find(c, &a);
	if (!r) {
		r = run_make(n, c, &a);
		if (!r)
			return;
		want_ask(n, &r->want);
	}
	b->rare->run = r;
	r->n_vips++;
	list_append(&r->vips, &b->rare->checked);
}

void check_leave(struct node *n, struct binding *b)
{
	struct check_run *r = b->rare ? b->rare->run : NULL;
	struct check *c;

	if (!r)
		return;
	c = r->check;
	list_remove(&b->rare->checked);
	b->rare->run = NULL;
	if (--r->n_vips > 0)
		return;
	run_free(n, r);
	if (c->stale && list_empty(&c->runs))
		check_free(c);
}

/* Whether it fails for every VIP that depends on it, and is to count for none then. */
static bool check_is_overruled(const struct check *c)
{
	if (!c->settings.fail_open || list_empty(&c->runs))
		return false;
	list_each(link, &c->runs)
		if (container_of(link, struct check_run, link)->state != CHECK_FAILING)
			return false;
	return true;
}

/* Its VIPs hear of it when the rest of the input is done with. */
static void run_has_news(struct node *n, struct check_run *r)
{
	list_remove(&r->news);
	list_append(&n->vips->check_news, &r->news);
}

/* What one run has found may matter to all of its check. */
static void check_changed(struct node *n, struct check_run *r)
{
	struct check *c = r->check;
	bool overruled = check_is_overruled(c);

	if (overruled == c->overruled) {
		run_has_news(n, r);
		return;
	}
	c->overruled = overruled;
	node_note(n, EVENT_NOTE, NULL, "the check '%s' %s", c->settings.name,
		  overruled ? "fails for every VIP: it is not heeded" : "is heeded again");
	list_each(link, &c->runs)
		run_has_news(n, container_of(link, struct check_run, link));
}

static void run_note_flap(struct node *n, struct check_run *r)
{
	uint32_t pause = FLAP_PAUSE_S;

	if (instant_since(n->now, r->failed).ns > FLAP_WINDOW.ns)
		r->flaps = 0;
	r->failed = n->now;
	if (r->flaps < UINT8_MAX)
		r->flaps++;
	if (r->flaps <= FLAPS)
		return;
	for (uint8_t k = FLAPS + 1; k < r->flaps && pause < FLAP_PAUSE_MAX_S; k++)
		pause *= 2;
	if (pause > FLAP_PAUSE_MAX_S)
		pause = FLAP_PAUSE_MAX_S;
	r->suppressed = instant_add(n->now, DURATION_S(pause));
	node_note(n, EVENT_NOTE, NULL, "the check '%s' flaps: it may not pass for %u s",
		  r->check->settings.name, pause);
}

static void run_set_state(struct node *n, struct check_run *r, enum check_state state)
{
	if (r->state == CHECK_PASSING && state == CHECK_FAILING)
		run_note_flap(n, r);
	r->state = (uint8_t)state;
	r->streak = 0;
	r->since = n->now;
	if (address_is_set(&r->address))
		node_note(n, EVENT_CHECK, NULL, "%s of %s %s: %s", r->check->settings.name,
			  ADDRESS_TEXT(&r->address), state == CHECK_PASSING ? "passes" : "fails",
			  want_said(&r->want));
	else
		node_note(n, EVENT_CHECK, NULL, "%s %s: %s", r->check->settings.name,
			  state == CHECK_PASSING ? "passes" : "fails", want_said(&r->want));
	check_changed(n, r);
}

static void run_result(struct node *n, struct check_run *r, bool passed)
{
	const struct check_settings *s = &r->check->settings;
	uint8_t needed = passed ? s->rise : s->fall;

	if (passed == (r->state == CHECK_PASSING) && r->state != CHECK_UNKNOWN) {
		r->streak = 0;
		return;
	}
	if (r->streak < UINT8_MAX)
		r->streak++;
	/* The first word counts: nothing is announced before it, and nobody is to wait for more. */
	if (r->state != CHECK_UNKNOWN && r->streak < needed)
		return;
	if (passed && instant_before(n->now, r->suppressed))
		return;
	run_set_state(n, r, passed ? CHECK_PASSING : CHECK_FAILING);
}

/* It may go on failing for another reason than the one that it began to fail with. */
static void run_explain(struct check_run *r)
{
	list_each(link, &r->vips) {
		struct binding *b = run_vip(link);

		if (b->state == VIP_STATE_BOUND && !check_lets(b))
			check_explain(b);
	}
}

void check_answered(struct node *n, const struct input *in)
{
	struct check_run *r = run_by_number(n, in->checked.run);

	if (!r || !r->want.told)
		return;
	r->want.told = false;
	r->runs++;
	r->failures += !in->checked.passed;
	(void)want_hears(&r->want, in->checked.passed, in->checked.text);
	run_wait(n, r);
	run_result(n, r, in->checked.passed);
	if (!in->checked.passed && r->state == CHECK_FAILING)
		run_explain(r);
}

/* With a changed definition a VIP may belong to another run, which knows what the old one knew. */
static void run_move(struct node *n, struct check_run *from)
{
	list_each_safe(link, &from->vips) {
		struct binding *b = run_vip(link);
		struct address a = check_asks(&from->check->settings, &b->address);
		struct check_run *to = run_find(from->check, &a);

		if (to == from)
			continue;
		if (!to) {
			to = run_make(n, from->check, &a);
			if (!to)
				continue;
			to->state = from->state;
			to->since = from->since;
			want_ask(n, &to->want);
		}
		list_remove(link);
		from->n_vips--;
		list_append(&to->vips, link);
		to->n_vips++;
		b->rare->run = to;
	}
	if (from->n_vips == 0)
		run_free(n, from);
}

static void check_change(struct node *n, struct check *c, const struct check_settings *s)
{
	if (record_equal(&check_record, &c->settings, s))
		return;
	c->settings = *s;
	list_each_entry_safe(struct check_run, r, &c->runs, link) {
		timer_stop(&n->timers, &r->want.trouble.retry);
		if (!r->want.told)
			want_ask(n, &r->want);
		run_move(n, r);
	}
	c->overruled = check_is_overruled(c);
	list_each(link, &c->runs)
		run_has_news(n, container_of(link, struct check_run, link));
}

void check_configure(struct node *n, const struct check_settings *checks, size_t n_checks)
{
	list_each(link, &n->vips->checks)
		container_of(link, struct check, link)->stale = true;
	for (size_t k = 0; k < n_checks; k++) {
		struct check *c = check_find(n, checks[k].name);

		if (c) {
			c->stale = false;
			check_change(n, c, &checks[k]);
			continue;
		}
		c = calloc(1, sizeof(*c));
		if (!c)
			continue;
		c->settings = checks[k];
		list_init(&c->runs);
		list_append(&n->vips->checks, &c->link);
	}
}

/* Called when the VIPs of the configuration have changed, too. One that is still used stays. */
void check_configured(struct node *n)
{
	list_each_entry_safe(struct check, c, &n->vips->checks, link)
		if (c->stale && list_empty(&c->runs))
			check_free(c);
}

void check_free_all(struct node *n)
{
	list_each_safe(link, &n->vips->checks)
		check_free(container_of(link, struct check, link));
}

enum check_state check_state_of(const struct binding *b, const char **ret_text)
{
	const struct check_run *r = b->rare ? b->rare->run : NULL;

	*ret_text = r ? want_said(&r->want) : "";
	return r ? (enum check_state)r->state : CHECK_UNKNOWN;
}

const struct check_run *check_run_next(const struct node *n, const struct check_run *after)
{
	const struct list *end = &n->vips->checks, *at = after ? &after->check->link : end->next;
	const struct list *run = after ? after->link.next : NULL;

	for (; at != end; at = at->next, run = NULL) {
		const struct check *c = container_of(at, struct check, link);

		run = run ? run : c->runs.next;
		if (run != &c->runs)
			return container_of(run, struct check_run, link);
	}
	return NULL;
}
