/* SPDX-License-Identifier: Apache-2.0 */
/* The proofs: a few packets each, until one comes back or all of them had their time. */
#include <errno.h>
#include <string.h>

#include "proto/echo/instance.h"

int echo_request_check(const struct echo_request *r)
{
	bool valid = path_is_valid(&r->path) && r->path.interface != 0 && r->tries > 0 &&
		     r->tries <= ECHO_TRIES_MAX && r->spacing_us >= ECHO_SPACING_MIN_US &&
		     r->spacing_us <= ECHO_INTERVAL_MAX_US;
	const struct address *const ends[] = { &r->source, &r->destination };

	for (size_t k = 0; k < 2; k++)
		valid &= ends[k]->family == r->path.peer.family && !address_is_multicast(ends[k]) &&
			 !address_is_unspecified(ends[k]);
	/* RFC 4291 2.5.6, RFC 3927 2.7: a router forwards neither. */
	valid &= !address_is_link_local(&r->source) && !address_is_link_local(&r->destination);
	return valid ? 0 : -EINVAL;
}

static struct duration spacing(const struct echo_try *t)
{
	return echo_us(t->request.spacing_us);
}

/* It has its time from when it leaves, however long it stands in the queue. */
static void try_waits(struct echo *e, struct echo_try *t)
{
	timer_stop(&e->timers, &t->timer);
	list_remove(&t->link);
	list_append(&e->waiting, &t->link);
}

/* One more packet, or a question for the router where it would have to go. */
static void try_begin(struct echo *e, struct instant now, struct echo_try *t)
{
	t->tries++;
	/* A packet that is lost may have gone to where the router was. */
	t->proof.questions +=
		router_confirm(e, now, t->router, t->tries > 1 ? ECHO_SURE_IN_DOUBT : ECHO_SURE);
	if (t->router->known)
		try_waits(e, t);
	else
		(void)timer_set(&e->timers, &t->timer, instant_add(now, spacing(t)));
}

int echo_prove(struct echo *e, struct instant now, const struct echo_request *request)
{
	struct echo_try *t;

	if (echo_request_check(request) < 0)
		return -EINVAL;
	if (list_empty(&e->free_tries))
		return -ENOSPC;
	t = container_of(e->free_tries.next, struct echo_try, link);
	list_remove(&t->link);
	memset(t, 0, sizeof(*t));
	list_init(&t->link);
	timer_init(&t->timer, ECHO_TIMER_TRY);
	t->used = true;
	t->request = *request;
	t->router = router_hold(e, now, &request->path);
	t->proof = (struct echo_proof){
		.token = request->token,
		.outcome = ECHO_OUTCOME_UNREACHED,
		.path = request->path,
		.destination = request->destination,
	};
	e->n_tries++;
	e->n_open++;
	e->begun++;
	try_begin(e, now, t);
	return 0;
}

/*
 * The router has said where it is: what could not be sent is sent; and what was sent to where it
 * was is lost, which is nobody's failure: it is sent anew, but once.
 */
void try_router_moved(struct echo *e, struct echo_try *t)
{
	if (t->proof.tries <= t->tries)
		try_waits(e, t);
}

bool try_output(struct echo *e, struct instant now, struct echo_send *ret)
{
	struct echo_try *t;
	uint64_t serial;

	if (list_empty(&e->waiting))
		return false;
	if (e->burst == 0) {
		if (!timer_running(&e->pace))
			(void)timer_set(&e->timers, &e->pace, instant_add(now, ECHO_BURST_EVERY));
		return false;
	}
	e->burst--;
	t = container_of(e->waiting.next, struct echo_try, link);
	list_remove(&t->link);
	serial = serial_draw(e, ECHO_SLOT_PROOF | (unsigned)(t - e->tries));
	t->window[t->proof.tries % ECHO_TRY_WINDOW] =
		(struct echo_sent){ .serial = serial, .at = now, .open = true };
	t->proof.tries++;
	if (t->proof.outcome == ECHO_OUTCOME_UNREACHED)
		t->proof.outcome = ECHO_OUTCOME_LOST;
	(void)timer_set(&e->timers, &t->timer, instant_add(now, spacing(t)));
	*ret = (struct echo_send){
		.interface = t->request.path.interface,
		.path = t->request.path,
		.source = t->request.source,
		.destination = t->request.destination,
		.serial = serial,
	};
	memcpy(ret->mac, t->router->mac, ETHER_MAC_BYTES);
	return true;
}

void tries_pace(struct echo *e)
{
	e->burst = ECHO_BURST;
}

void tries_tell(struct echo *e)
{
	timer_stop(&e->timers, &e->gather);
	e->tells = true;
}

static void try_ends(struct echo *e, struct instant now, struct echo_try *t)
{
	timer_stop(&e->timers, &t->timer);
	list_remove(&t->link);
	t->over = true;
	e->n_open--;
	list_append(&e->done, &t->link);
	if (!t->request.patient)
		tries_tell(e);
	else if (!e->tells && !timer_running(&e->gather))
		(void)timer_set(&e->timers, &e->gather, instant_add(now, ECHO_GATHER));
}

void try_expires(struct echo *e, struct instant now, struct echo_try *t)
{
	if (t->tries < t->request.tries)
		try_begin(e, now, t);
	else
		try_ends(e, now, t);
}

static struct echo_sent *window_find(struct echo_try *t, uint64_t serial)
{
	for (unsigned k = 0; k < ECHO_TRY_WINDOW; k++)
		if (t->window[k].serial == serial)
			return &t->window[k];
	return NULL;
}

static void try_refused(struct echo_try *t, const struct echo_heard *h)
{
	t->proof.outcome = ECHO_OUTCOME_REFUSED;
	t->proof.refusal = h->refusal;
	t->proof.by = h->by;
	memcpy(t->proof.mac, h->mac, ETHER_MAC_BYTES);
}

static void try_returned(struct echo *e, struct instant now, struct echo_try *t,
			 const struct echo_heard *h, const struct echo_sent *sent,
			 uint32_t interface)
{
	t->proof.outcome = ECHO_OUTCOME_RETURNED;
	t->proof.refusal = ECHO_REFUSAL_NOTHING;
	t->proof.by = (struct address){ 0 };
	t->proof.interface = interface;
	t->proof.ttl = h->ttl;
	t->proof.time_us = (uint32_t)(instant_since(now, sent->at).ns / 1000);
	memcpy(t->proof.mac, h->mac, ETHER_MAC_BYTES);
	try_ends(e, now, t);
}

/* An error is not the end: the routers may be about to learn the way. */
void try_heard(struct echo *e, struct instant now, struct echo_try *t, const struct echo_heard *h,
	       uint32_t interface)
{
	struct echo_sent *sent = window_find(t, h->serial);

	if (!sent)
		echo_drop_count(e, ECHO_DROP_CLOSED);
	else if (!sent->open)
		echo_drop_count(e, ECHO_DROP_DUPLICATE);
	else if (t->over)
		echo_drop_count(e, ECHO_DROP_LATE);
	else if (!h->error && h->ttl >= ECHO_TTL)
		echo_drop_count(e, ECHO_DROP_TTL);
	else if (h->error)
		try_refused(t, h);
	else
		try_returned(e, now, t, h, sent, interface);
	/* Each packet is heard of once. */
	if (sent && (h->error || h->ttl < ECHO_TTL))
		sent->open = false;
}

void try_free(struct echo *e, struct echo_try *t)
{
	timer_stop(&e->timers, &t->timer);
	list_remove(&t->link);
	if (!t->over)
		e->n_open--;
	t->used = false;
	e->n_tries--;
	list_append(&e->free_tries, &t->link);
	router_release(t->router);
	if (!list_empty(&e->done))
		return;
	timer_stop(&e->timers, &e->gather);
	e->tells = false;
}

size_t echo_proofs(const struct echo *e, struct echo_proof *ret, size_t count)
{
	size_t n = 0;

	if (!e->tells)
		return 0;
	list_each(link, &e->done) {
		if (n == count)
			break;
		ret[n++] = container_of(link, struct echo_try, link)->proof;
	}
	return n;
}

void echo_proofs_told(struct echo *e, size_t count)
{
	for (; count > 0 && !list_empty(&e->done); count--)
		try_free(e, container_of(e->done.next, struct echo_try, link));
}
