/* SPDX-License-Identifier: Apache-2.0 */
/* What a host is asked for: each request has one answer, and it comes. */
#include "sim/question.h"

#include <assert.h>

#include "base/text.h"

#define FINDINGS_MAX 3

uint32_t host_ask(struct sim *s, uint8_t index, struct input *in)
{
	struct sim_host *h = &s->hosts[index];
	struct sim_questions *q = &h->questions;

	in->request = q->next++;
	if (!host_lives(h))
		return in->request;
	assert(q->n < SIM_QUESTIONS_MAX);
	q->open[q->n++] = (struct sim_question){ .request = in->request, .at = s->now };
	host_input(s, index, in);
	return in->request;
}

static struct sim_question *question_find(struct sim_questions *q, uint32_t request)
{
	for (uint8_t i = 0; i < q->n; i++)
		if (q->open[i].request == request)
			return &q->open[i];
	return NULL;
}

void question_answered(struct sim *s, uint8_t index, const struct effect *e)
{
	struct sim_questions *q = &s->hosts[index].questions;
	struct sim_question *found = question_find(q, e->reply.request);

	q->replies++;
	q->answered = e->reply.request;
	q->refusals += e->reply.code != REPLY_OK;
	if (e->reply.request < SIM_REQUEST_FIRST)
		return;
	if (found)
		*found = q->open[--q->n];
	else
		sim_break(s, "host %u answers request %u, which nobody waits for", index,
			  e->reply.request);
}

void question_examine(struct sim *s, uint8_t index, const struct effect *e)
{
	struct sim_question *q = question_find(&s->hosts[index].questions, e->examine.request);

	if (!q) {
		sim_break(s, "host %u examines for request %u, which nobody has made", index,
			  e->examine.request);
		return;
	}
	q->vip = e->examine.vip;
	host_later(s, index, SIM_EVENT_FOUND, e->examine.request, false);
}

void question_examined(struct sim *s, uint8_t index, uint32_t request)
{
	const struct sim_question *q = question_find(&s->hosts[index].questions, request);
	struct input in = { .kind = INPUT_FOUND, .request = request };
	size_t n = random_below(&s->random, FINDINGS_MAX);

	if (!q)
		return;
	s->hosts[index].questions.examinations++;
	in.found.vip = q->vip;
	for (size_t i = 0; i <= n; i++) {
		in.more = i < n;
		if (in.more)
			text_copy(in.found.finding.what, sizeof(in.found.finding.what),
				  "something of the simulated host");
		else
			in.found.finding.what[0] = '\0';
		host_input(s, index, &in);
	}
}

void questions_demand(struct sim *s, uint8_t index)
{
	const struct sim_questions *q = &s->hosts[index].questions;

	for (size_t i = 0; i < q->n; i++)
		if (instant_reached(instant_add(q->open[i].at, SIM_PATIENCE), s->now))
			sim_break(s, "host %u has not answered request %u", index,
				  q->open[i].request);
}
