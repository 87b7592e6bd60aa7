/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proof by hand: somebody asks now, and waits. What is asked for comes before what is due and
 * before the round, inside of the same budget; what is found out is what the round finds out too.
 * A pair that is being tried already is tried again behind that, so that all that is told has
 * happened after the question; those who ask for the same pair meanwhile share that one.
 */
#include <stdio.h>

#include "node/vip/vip.h"

static void ask_end(struct node *n, struct proving_ask *a, enum ask_result result)
{
	a->result = (uint8_t)result;
	a->router = NULL;
	a->binding = NULL;
	request_answer(n, a->request, REPLY_PART, NULL);
	request_settle(n, a->request, NULL);
}

/* What has become of it may still be told, as long as another router of the question is open. */
static bool ask_is_free(const struct proving *p, const struct proving_ask *a)
{
	for (size_t k = 0; k < PROVING_ASKS_MAX; k++)
		if (p->asks[k].router && p->asks[k].request == a->request)
			return false;
	return true;
}

static bool is_asked(const struct proof_router *r, const struct binding *b,
		     const struct address *neighbor)
{
	return r->path.peer.family == b->address.family &&
	       (!address_is_set(neighbor) || address_equal(neighbor, &r->path.peer));
}

static size_t asked_count(const struct node *n, const struct binding *b,
			  const struct address *neighbor)
{
	size_t count = 0;

	list_each(link, &n->vips->proving.routers)
		count += is_asked(container_of(link, struct proof_router, link), b, neighbor);
	return count;
}

static size_t asks_free(const struct proving *p)
{
	size_t count = 0;

	for (size_t k = 0; k < PROVING_ASKS_MAX; k++)
		count += ask_is_free(p, &p->asks[k]);
	return count;
}

/* Why it cannot be asked for, in `sentence`; REPLY_OK: it can. */
static enum reply_code why_not(const struct node *n, const struct binding *b,
			       const struct input *in, char *sentence, size_t size)
{
	const struct proving *p = &n->vips->proving;
	const struct address *neighbor = &in->prove.neighbor;

	if (!b || b->leaving) {
		snprintf(sentence, size, "%s is not bound", ADDRESS_TEXT(&in->prove.address));
		return REPLY_NOT_FOUND;
	}
	if (n->stopping) {
		snprintf(sentence, size, "vipd is stopping");
		return REPLY_REFUSED;
	}
	if (!p->on) {
		snprintf(sentence, size, "the configuration has proof: {forwarding: off}");
		return REPLY_REFUSED;
	}
	if (!b->announced) {
		snprintf(sentence, size, "%s is not announced: no router is to have a way to it",
			 ADDRESS_TEXT(&b->address));
		return REPLY_REFUSED;
	}
	if (asked_count(n, b, neighbor) == 0 && address_is_set(neighbor)) {
		snprintf(sentence, size, "%s is no router through which %s can be proven",
			 ADDRESS_TEXT(neighbor), ADDRESS_TEXT(&b->address));
		return REPLY_NOT_FOUND;
	}
	if (asked_count(n, b, neighbor) == 0) {
		snprintf(sentence, size,
			 "there is no router to ask: no neighbour that routes is up, and no "
			 "interface has 'routers'");
		return REPLY_REFUSED;
	}
	if (asked_count(n, b, neighbor) > asks_free(p)) {
		snprintf(sentence, size, "too much is asked at once");
		return REPLY_FAILED;
	}
	return REPLY_OK;
}

static void ask_begin(struct node *n, struct proof_router *r, struct binding *b, uint32_t request)
{
	struct proving_ask *a = n->vips->proving.asks;

	while (!ask_is_free(&n->vips->proving, a))
		a++;
	*a = (struct proving_ask){
		.request = request,
		.interface = r->path.interface,
		.neighbor = r->path.peer,
		.source = address_is_set(&r->source) ? r->source : b->address,
	};
	/* A question of nobody is told to nobody. */
	if (request == 0)
		return;
	request_wait(n, request);
	a->router = r;
	a->binding = b;
	if (!proof_router_fits(n, r))
		ask_end(n, a, ASK_UNKNOWN);
}

void asked_command(struct node *n, const struct input *in)
{
	struct proving *p = &n->vips->proving;
	struct binding *b = binding_find(n, &in->prove.address);
	char sentence[NODE_SENTENCE_MAX];
	enum reply_code code = why_not(n, b, in, sentence, sizeof(sentence));

	if (code != REPLY_OK) {
		request_reply(n, in->request, code, sentence);
		return;
	}
	/* What an earlier question of this number has left. */
	for (size_t k = 0; k < PROVING_ASKS_MAX; k++)
		if (!p->asks[k].router && p->asks[k].request == in->request)
			p->asks[k].request = 0;
	list_each(link, &p->routers) {
		struct proof_router *r = container_of(link, struct proof_router, link);

		if (is_asked(r, b, &in->prove.neighbor))
			ask_begin(n, r, b, in->request);
	}
}

struct proving_ask *asked_next(struct node *n)
{
	struct proving *p = &n->vips->proving;

	for (size_t k = 0; k < PROVING_ASKS_MAX; k++) {
		struct proving_ask *a = &p->asks[k];

		if (!a->router || a->begun || a->router->proofs[a->binding->place].open)
			continue;
		for (size_t i = k; i < PROVING_ASKS_MAX; i++)
			p->asks[i].begun |=
				p->asks[i].router == a->router && p->asks[i].binding == a->binding;
		return a;
	}
	return NULL;
}

void asked_heard(struct node *n, const struct proof_router *r, const struct binding *b,
		 const struct input *in)
{
	struct proving *p = &n->vips->proving;

	for (size_t k = 0; k < PROVING_ASKS_MAX; k++)
		if (p->asks[k].begun && p->asks[k].router == r && p->asks[k].binding == b)
			p->asks[k].heard = in->proved;
}

static enum ask_result result_of(const struct proving_ask *a, uint8_t state)
{
	if (state == FORWARDING_PROVEN)
		return ASK_PROVEN;
	if (a->heard.outcome == ECHO_OUTCOME_UNREACHED)
		return ASK_UNREACHED;
	if (state == FORWARDING_UNKNOWN)
		return ASK_UNKNOWN;
	return a->heard.outcome == ECHO_OUTCOME_REFUSED ? ASK_REFUSED : ASK_LOST;
}

void asked_concluded(struct node *n, const struct proof_router *r, const struct binding *b,
		     uint8_t state)
{
	struct proving *p = &n->vips->proving;

	/* While it is being tried, what is concluded is of a try before. */
	if (r->proofs[b->place].open)
		return;
	for (size_t k = 0; k < PROVING_ASKS_MAX; k++) {
		struct proving_ask *a = &p->asks[k];

		if (a->begun && a->router == r && a->binding == b)
			ask_end(n, a, result_of(a, state));
	}
}

void asked_gone(struct node *n, const struct proof_router *r, const struct binding *b)
{
	struct proving *p = &n->vips->proving;

	for (size_t k = 0; k < PROVING_ASKS_MAX; k++) {
		struct proving_ask *a = &p->asks[k];

		if (a->router && ((r && a->router == r) || (b && a->binding == b)))
			ask_end(n, a, ASK_GONE);
	}
}
