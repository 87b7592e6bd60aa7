/* SPDX-License-Identifier: Apache-2.0 */
/* What a host is asked for: each request has one answer, and it comes. */
#include "sim/question.h"

#include <assert.h>

uint32_t host_ask(struct sim *s, uint8_t index, struct input *in)
{
	struct sim_host *h = &s->hosts[index];
	struct sim_questions *q = &h->questions;

	in->request = q->next++;
	if (!host_lives(h))
		return in->request;
	assert(q->n < SIM_QUESTIONS_MAX);
	q->open[q->n++] = (struct sim_question){ .request = in->request, .at = s->now };
	sim_tell(s, index, in);
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

	if (e->reply.code == REPLY_PART)
		return;
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

void questions_demand(struct sim *s, uint8_t index)
{
	const struct sim_questions *q = &s->hosts[index].questions;

	for (size_t i = 0; i < q->n; i++)
		if (instant_reached(instant_add(q->open[i].at, SIM_PATIENCE), s->now))
			sim_break(s, "host %u has not answered request %u", index,
				  q->open[i].request);
}
