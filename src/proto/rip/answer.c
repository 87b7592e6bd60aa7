/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers to those who ask (RFC 2453 3.9.1): for single entries, or for the whole table. Anybody
 * may ask as often as he likes, so answers come after all else that is to be said, and have
 * budgets: a source may ask so many times, and so many packets of answers leave an interface. What
 * is beyond is dropped and counted.
 */
#include <stdlib.h>
#include <string.h>

#include "proto/rip/instance.h"

/* Of one source: questions in a row, and then so many a second. */
#define ASKER_BURST 20
#define ASKER_PACE 20

/* Of an interface: packets in a row, and then this part of its pace. */
#define ANSWER_BURST 32
#define ANSWER_PART 2

static struct duration answer_step(const struct rip *r)
{
	return (struct duration){ DURATION_S(ANSWER_PART).ns / r->settings.pace };
}

static bool answers_wait(const struct rip_interface *i)
{
	for (size_t k = 0; k < RIP_TABLE_REPLIES_MAX; k++)
		if (i->table_replies[k].cursor.at)
			return true;
	return i->n_replies > 0;
}

struct instant answer_due(const struct rip *r, const struct rip_interface *i)
{
	return answers_wait(i)
		       ? (struct instant){ i->answered.ns - answer_step(r).ns * ANSWER_BURST }
		       : INSTANT_NEVER;
}

/* The account of a source; that of whoever has asked the least lately is given to a new one. */
static struct rip_asker *asker_get(struct rip_interface *i, const struct address *a)
{
	struct rip_asker *oldest = &i->askers[0];

	for (size_t k = 0; k < RIP_ASKERS_MAX; k++) {
		struct rip_asker *each = &i->askers[k];

		if (address_equal(&each->address, a))
			return each;
		if (instant_before(each->paced, oldest->paced))
			oldest = each;
	}
	*oldest = (struct rip_asker){ .address = *a };
	return oldest;
}

static bool asker_may(struct rip_interface *i, struct instant now, const struct address *a)
{
	struct duration step = { DURATION_S(1).ns / ASKER_PACE };
	struct rip_asker *asker = asker_get(i, a);

	if (!instant_reached((struct instant){ asker->paced.ns - step.ns * ASKER_BURST }, now))
		return false;
	asker->paced = instant_add(instant_max(asker->paced, now), step);
	return true;
}

static bool reply_queue(struct rip_interface *i, const struct address *to, uint16_t port,
			const struct rip_packet *question)
{
	struct rip_reply *reply;

	if (i->n_replies == RIP_REPLIES_MAX)
		return false;
	reply = malloc(sizeof(*reply));
	if (!reply)
		return false;
	*reply = (struct rip_reply){ .to = *to, .port = port, .question = *question };
	i->replies[i->n_replies++] = reply;
	return true;
}

static bool table_queue(const struct rip *r, struct instant now, struct rip_interface *i,
			const struct address *to, uint16_t port)
{
	struct rip_table_reply *free = NULL;

	for (size_t k = 0; k < RIP_TABLE_REPLIES_MAX; k++) {
		struct rip_table_reply *reply = &i->table_replies[k];

		/* Somebody who asks again while he is being answered has to wait for the end. */
		if (reply->cursor.at && address_equal(&reply->to, to))
			return false;
		if (!reply->cursor.at)
			free = reply;
	}
	if (!free)
		return false;
	*free = (struct rip_table_reply){
		.to = *to,
		.port = port,
		.cursor = { .at = r->order.next, .since = now },
	};
	return true;
}

void answer_asked(struct rip *r, struct instant now, struct rip_interface *i,
		  const struct address *by, uint16_t port, const struct rip_packet *question)
{
	bool all = rip_packet_requests_all(question);

	/* Nothing to tell. */
	if (all && list_empty(&r->order))
		return;
	if (!asker_may(i, now, by) ||
	    !(all ? table_queue(r, now, i, by, port) : reply_queue(i, by, port, question)))
		i->drops[RIP_DROP_ANSWER_LIMIT]++;
}

static void datagram_answer(const struct rip_interface *i, const struct address *to, uint16_t port,
			    const struct rip_packet *p, struct packet *ret)
{
	interface_datagram(i, ret);
	ret->destination = *to;
	ret->destination_port = port;
	ret->length = (uint16_t)rip_packet_encode(p, ret->bytes);
}

/* RFC 2453 3.9.1: each entry that was asked for gets the metric that it has now, or infinity. */
static void reply_fill(const struct rip *r, const struct rip_interface *i, struct rip_packet *p)
{
	p->command = RIP_RESPONSE;
	for (size_t k = 0; k < p->n_entries; k++) {
		struct rip_entry *e = &p->entries[k], asked = *e;
		struct rip_route *t = NULL;
		struct prefix prefix;

		asked.metric = 1; /* whatever the asker put there says nothing */
		if (rip_entry_prefix(p, &asked, &i->network, &prefix) == RIP_DROP_NOTHING)
			t = route_find(r, &prefix);
		e->metric = t && route_goes_out(t, i) ? route_metric(r, t, i) : RIP_INFINITY;
	}
}

static bool output_reply(const struct rip *r, struct rip_interface *i, struct packet *ret)
{
	struct rip_reply *reply;

	if (i->n_replies == 0)
		return false;
	reply = i->replies[0];
	i->n_replies--;
	memmove(&i->replies[0], &i->replies[1], i->n_replies * sizeof(i->replies[0]));
	reply_fill(r, i, &reply->question);
	datagram_answer(i, &reply->to, reply->port, &reply->question, ret);
	free(reply);
	return true;
}

static bool output_table(const struct rip *r, struct rip_interface *i, struct packet *ret)
{
	for (size_t k = 0; k < RIP_TABLE_REPLIES_MAX; k++) {
		struct rip_table_reply *reply = &i->table_replies[k];
		struct rip_packet p = interface_response(i);

		if (!reply->cursor.at)
			continue;
		interface_table_fill(r, i, &reply->cursor, &p);
		if (p.n_entries == 0)
			continue;
		datagram_answer(i, &reply->to, reply->port, &p, ret);
		return true;
	}
	return false;
}

bool answer_output(const struct rip *r, struct instant now, struct rip_interface *i,
		   struct packet *ret)
{
	struct instant answered = instant_add(instant_max(i->answered, now), answer_step(r));

	if (!instant_reached(answer_due(r, i), now))
		return false;
	if (!output_reply(r, i, ret) && !output_table(r, i, ret))
		return false;
	/* The budget is that of the interface, in all its networks. */
	for (struct rip_interface *at = NULL; (at = interface_each(i, at));)
		at->answered = answered;
	return true;
}

void answer_silence(struct rip_interface *i)
{
	memset(i->table_replies, 0, sizeof(i->table_replies));
	while (i->n_replies > 0)
		free(i->replies[--i->n_replies]);
}
