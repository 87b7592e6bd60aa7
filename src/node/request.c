/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests that cannot be answered at once. A bind waits until its VIPs are held by the kernel or
 * refused, an unbind until they are gone; then one reply goes out, after the effects that made it
 * true.
 */
#include <stdlib.h>

#include "base/text.h"
#include "node/core.h"

struct request *request_find(const struct node *n, uint32_t id)
{
	list_each_entry(struct request, r, &n->requests, link)
		if (r->id == id)
			return r;
	return NULL;
}

static void reply(struct node *n, uint32_t id, enum reply_code code, bool acted,
		  const char *sentence)
{
	struct effect e = { .kind = EFFECT_REPLY };

	if (id == 0)
		return;
	e.reply.request = id;
	e.reply.code = (uint8_t)code;
	e.reply.acted = acted;
	text_copy(e.reply.sentence, sizeof(e.reply.sentence), sentence ? sentence : "");
	node_effect_put(n, &e);
}

void request_reply(struct node *n, uint32_t id, enum reply_code code, const char *sentence)
{
	reply(n, id, code, code == REPLY_OK, sentence);
}

void request_answer(struct node *n, uint32_t id, enum reply_code code, const char *sentence)
{
	reply(n, id, code, false, sentence);
}

void request_wait(struct node *n, uint32_t id)
{
	struct request *r = request_find(n, id);

	if (id == 0)
		return;
	if (!r) {
		r = calloc(1, sizeof(*r));
		if (!r)
			return;
		r->id = id;
		list_init(&r->brought);
		list_append(&n->requests, &r->link);
	}
	r->waiting++;
	r->items++;
}

void request_settle(struct node *n, uint32_t id, const char *failure)
{
	struct request *r = id ? request_find(n, id) : NULL;

	if (!r)
		return;
	r->waiting--;
	/* A failure says more than a note. */
	if (failure && r->failed++ == 0)
		text_copy(r->sentence, sizeof(r->sentence), failure);
}

void request_brings(struct node *n, uint32_t id, struct list *brought)
{
	struct request *r = id ? request_find(n, id) : NULL;

	list_remove(brought);
	if (r)
		list_append(&r->brought, brought);
}

void request_reject(struct node *n, uint32_t id)
{
	struct request *r = id ? request_find(n, id) : NULL;

	if (r)
		r->refused = true;
}

static void request_forget(struct request *r)
{
	list_each_safe(link, &r->brought)
		list_remove(link);
}

void request_note(struct node *n, uint32_t id, const char *note)
{
	struct request *r = id ? request_find(n, id) : NULL;

	if (r && !r->sentence[0])
		text_copy(r->sentence, sizeof(r->sentence), note);
}

bool request_finish(struct node *n)
{
	bool bulk = false;

	list_each_entry_safe(struct request, r, &n->requests, link) {
		if (r->waiting > 0)
			continue;
		request_reply(n, r->id, r->failed ? REPLY_FAILED : REPLY_OK, r->sentence);
		bulk |= r->items > 1;
		list_remove(&r->link);
		request_free(r);
	}
	return bulk;
}

void request_free(struct request *r)
{
	request_forget(r);
	free(r);
}
