/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is wanted of the world. What it refuses is tried again after 1, 2, 4 ... 60 s. What somebody
 * takes is put back at once; but whoever takes it away so often in that time does not do it by
 * mistake: then it is left to him for a while, and longer each time that it happens again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/core.h"

#define FIGHT_LOSSES 5
#define FIGHT_SECONDS 10
#define FIGHT_PAUSE_MAX_S 80
#define FAILED_PAUSE_MAX_S 60

struct duration trouble_failed(struct trouble *t)
{
	unsigned pause = 1u << (t->failures < 6 ? t->failures : 6);

	if (t->failures < UINT8_MAX)
		t->failures++;
	return DURATION_S(pause < FAILED_PAUSE_MAX_S ? pause : FAILED_PAUSE_MAX_S);
}

struct duration trouble_lost(struct trouble *t, struct instant now, const char *what,
			     char *sentence, size_t size)
{
	struct fight *f = &t->fight;
	uint32_t second = (uint32_t)(now.ns / DURATION_S(1).ns);
	uint32_t pause = FIGHT_SECONDS;

	if (second - f->since > FIGHT_SECONDS) {
		if (second - f->since > FIGHT_PAUSE_MAX_S + FIGHT_SECONDS)
			f->given_up = 0;
		f->losses = 0;
		f->since = second;
	}
	if (++f->losses <= FIGHT_LOSSES)
		return DURATION_S(0);
	for (uint8_t k = 0; k < f->given_up && pause < FIGHT_PAUSE_MAX_S; k++)
		pause *= 2;
	f->losses = 0;
	if (f->given_up < UINT8_MAX)
		f->given_up++;
	snprintf(sentence, size,
		 "somebody %s again and again, %u times in %u s: tried again in %u s", what,
		 FIGHT_LOSSES + 1, FIGHT_SECONDS, pause);
	return DURATION_S(pause);
}

void want_init(struct want *w, void (*ask)(struct node *n, const struct want *w))
{
	*w = (struct want){ .ask = ask };
	timer_init(&w->trouble.retry, NODE_TIMER_WANT);
}

void want_done(struct node *n, struct want *w)
{
	timer_stop(&n->timers, &w->trouble.retry);
	free(w->said);
	want_init(w, w->ask);
}

void want_tell(struct node *n, struct want *w, bool on)
{
	want_done(n, w);
	w->told = on;
	w->ask(n, w);
}

void want_ask(struct node *n, struct want *w)
{
	w->told = true;
	w->ask(n, w);
}

void want_wait(struct node *n, struct want *w, struct instant due)
{
	(void)timer_set(&n->timers, &w->trouble.retry, due);
}

void want_due(struct node *n, struct timer *retry)
{
	want_ask(n, container_of(retry, struct want, trouble.retry));
}

bool want_says(struct want *w, const char *text)
{
	if (strcmp(want_said(w), text) == 0)
		return false;
	free(w->said);
	w->said = text[0] ? strdup(text) : NULL;
	return true;
}

bool want_hears(struct want *w, bool there, const char *text)
{
	w->there = there;
	return want_says(w, text);
}

bool want_answered(struct node *n, struct want *w, bool ready, const char *error)
{
	bool news;

	if (!ready && !error[0])
		error = "nobody says why";
	news = want_hears(w, ready, error) && error[0];
	if (ready)
		w->trouble.failures = 0;
	else
		want_wait(n, w, instant_add(n->now, trouble_failed(&w->trouble)));
	return news;
}

const char *want_said(const struct want *w)
{
	return w->said ? w->said : "";
}

bool want_waits(const struct want *w)
{
	return w->told && !w->there && !w->said;
}
