/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RFC 2328 13: LSAs that a neighbour sends, and 13.7: what it acknowledges. The steps have their
 * numbers there. What is believed is installed and flooded by flood.c.
 */
#include "proto/ospf/machine.h"

/* RFC 2328 13.5: so long one waits for others, which is less than anybody's RxmtInterval. */
#define ACKNOWLEDGE_DELAY DURATION_MS(100)

static void acknowledge_directly(struct ospf_neighbor *n, const struct lsa_header *h)
{
	acknowledgment_add(&n->acknowledgments, h);
	neighbor_wants_output(n);
}

static void acknowledge_later(struct ospf_neighbor *n, const struct lsa_header *h)
{
	struct ospf_interface *i = n->interface;
	struct ospf *o = i->of;

	/* RFC 2328 13.5: where there is no group they go to each neighbour. */
	if (i->settings.is.network == OSPF_POINT_TO_MULTIPOINT) {
		acknowledge_directly(n, h);
		return;
	}
	acknowledgment_add(&i->acknowledgments, h);
	/* As many as a packet holds leave at once. */
	if (i->acknowledgments.n >= interface_room(i) / LSA_HEADER_BYTES)
		interface_wants_output(i);
	if (!timer_running(&i->acknowledge))
		(void)timer_set(&o->timers, &i->acknowledge,
				instant_add(o->now, ACKNOWLEDGE_DELAY));
}

static bool is_from_dr(const struct ospf_neighbor *n)
{
	return neighbor_id_in_hello(n) == n->interface->dr;
}

/* RFC 2328 13.5, table 19: of one that is new here, and of one that answers what we have sent. */
static void acknowledge_new(struct ospf_neighbor *n, const struct lsa_header *h)
{
	if (n->interface->state != OSPF_INTERFACE_BACKUP || is_from_dr(n))
		acknowledge_later(n, h);
}

static void acknowledge_implied(struct ospf_neighbor *n, const struct lsa_header *h)
{
	if (n->interface->state == OSPF_INTERFACE_BACKUP && is_from_dr(n))
		acknowledge_later(n, h);
}

/* What keeps an LSA from being looked at: (1), (2), (3); OSPF_DROP_COUNT: nothing. */
static enum ospf_drop lsa_refused(struct ospf_interface *i, const struct lsa_header *h,
				  const uint8_t *bytes)
{
	struct ospf *o = i->of;

	if (!lsa_checksum_is_good(bytes, h->length))
		return OSPF_DROP_LSA_CHECKSUM;
	if (!interface_database(i, h->key.type))
		return OSPF_DROP_LSA_TYPE;
	/* RFC 3101 2.3, RFC 5340 4.5.1 */
	if (lsa_kind(o->version, &h->key) == LSA_NSSA && i->area->kind != OSPF_AREA_NSSA)
		return OSPF_DROP_LSA_TYPE;
	/*
	 * RFC 2328 12.4.1: with another ID it is somebody else's for who looks it up by that, and
	 * its router does not answer it. Only what is said in our name goes the way of 13.4.
	 */
	if (o->version == OSPF_V2 && h->key.type == LSA_V2_ROUTER && h->key.id != h->key.router &&
	    h->key.router != o->router)
		return OSPF_DROP_LSA_FORM;
	if (lsa_check(o->version, bytes, h->length) != LSA_GOOD)
		return OSPF_DROP_LSA_FORM;
	return OSPF_DROP_COUNT;
}

/* To all who are there, so that who has sent it hears that it has come. */
static bool is_flooded_back(const struct ospf_interface *i, const struct lsa *l)
{
	list_each_entry(struct queued, q, &l->queued, of_lsa)
		if (q->interface == i)
			return i->settings.is.network == OSPF_BROADCAST;
	return false;
}

/* It is what was asked for, though it is not taken: there is no better one to wait for. */
static void request_answered(struct ospf_neighbor *n, const struct lsa_header *h)
{
	struct request *r = ospf_request_find(n, &h->key);

	if (r && lsa_compare(h, &r->header) >= 0)
		request_remove(n, r);
}

/* (5): it is newer than what we have. */
static void lsa_newer(struct ospf_neighbor *n, struct database *d, const struct lsa *have,
		      const struct lsa_header *h, const uint8_t *bytes)
{
	struct ospf_interface *i = n->interface;
	struct ospf *o = i->of;
	bool asked = ospf_request_find(n, &h->key);
	struct lsa *l;

	/*
	 * (a): a copy that was *flooded*. What we have asked for may be about to change: a router
	 * says what it has, and a moment later that it has us. Who dropped that would hear it again
	 * when the neighbour sends again what is not acknowledged, which FRR does after ten
	 * seconds.
	 */
	if (have && !have->own && !have->asked &&
	    instant_before(o->now, instant_add(have->installed, MIN_LS_ARRIVAL))) {
		neighbor_drop(n, OSPF_DROP_LSA_EARLY);
		return;
	}
	if (!flood_has_room(o, have, h->length)) {
		neighbor_drop(n, OSPF_DROP_LSA_LIMIT);
		return;
	}
	/* (f): what is ours, own.c answers with a newer one, which is flooded in its place. */
	if (own_received(o, d, h, bytes)) {
		request_answered(n, h);
		acknowledge_new(n, h);
		return;
	}
	/* (c), (d) */
	l = flood_install(o, d, bytes, h->length, NULL);
	if (!l) {
		neighbor_drop(n, OSPF_DROP_LSA_LIMIT);
		return;
	}
	l->asked = asked;
	/* (b), (e) */
	lsa_hold(l);
	(void)flood_out(o, l, n);
	if (!is_flooded_back(i, l))
		acknowledge_new(n, h);
	if (l->kind == LSA_GRACE && l->of)
		restart_lsa_received(o, i, l);
	lsa_release(l);
}

/* (8): we have a newer one, and send it back. */
static void lsa_older(struct ospf_neighbor *n, struct lsa *have)
{
	struct ospf *o = n->interface->of;

	if (lsa_is_max_age(have, o->now) && have->header.sequence == LSA_SEQUENCE_MAX)
		return;
	if (have->sent.ns != 0 && instant_before(o->now, instant_add(have->sent, MIN_LS_ARRIVAL)))
		return;
	have->sent = o->now;
	answer_add(n, have);
}

/* False: the rest of the packet is not looked at. */
static bool lsa_received(struct ospf_neighbor *n, struct lsa_header *h, const uint8_t *bytes)
{
	struct ospf_interface *i = n->interface;
	struct ospf *o = i->of;
	enum ospf_drop refused = lsa_refused(i, h, bytes);
	struct database *d;
	struct lsa *have;
	struct lsa_header having;
	int newer = 1;

	if (refused != OSPF_DROP_COUNT) {
		neighbor_drop(n, refused);
		if (refused == OSPF_DROP_LSA_FORM)
			request_answered(n, h);
		return true;
	}
	if (h->age > LSA_AGE_MAX)
		h->age = LSA_AGE_MAX;
	d = interface_database(i, h->key.type);
	have = database_find(d, &h->key);
	/* (4) */
	if (!have && h->age == LSA_AGE_MAX && o->n_exchanging == 0) {
		acknowledge_directly(n, h);
		return true;
	}
	if (have) {
		having = have->header;
		having.age = lsa_age(have, o->now);
		newer = lsa_compare(h, &having);
	}
	if (newer > 0) {
		lsa_newer(n, d, have, h, bytes);
		return true;
	}
	/* (6) */
	if (ospf_request_find(n, &h->key)) {
		neighbor_event(n, NEIGHBOR_BAD_LS_REQUEST);
		return false;
	}
	if (newer < 0)
		lsa_older(n, have);
	/* (7) */
	else if (retransmission_acknowledged(n, have))
		acknowledge_implied(n, h);
	else
		acknowledge_directly(n, h);
	return true;
}

void update_received(struct ospf_neighbor *n, struct reader body)
{
	struct ospf_interface *i = n->interface;
	enum ospf_version v = i->of->version;
	struct lsa_header h;
	const uint8_t *bytes;
	uint32_t count;

	if (n->state < OSPF_NEIGHBOR_EXCHANGE) {
		neighbor_drop(n, OSPF_DROP_STATE);
		return;
	}
	for (count = ospf_update_read(&body); count > 0; count--) {
		if (!ospf_update_next(v, &body, &h, &bytes)) {
			neighbor_drop(n, OSPF_DROP_LENGTH);
			return;
		}
		if (!lsa_received(n, &h, bytes))
			return;
	}
}

void acknowledgment_received(struct ospf_neighbor *n, struct reader body)
{
	struct ospf_interface *i = n->interface;
	enum ospf_version v = i->of->version;
	struct lsa_header h;
	bool any = false;

	if (n->state < OSPF_NEIGHBOR_EXCHANGE) {
		neighbor_drop(n, OSPF_DROP_STATE);
		return;
	}
	while (ospf_lsa_header_next(v, &body, &h)) {
		struct database *d = interface_database(i, h.key.type);
		struct lsa *l = d ? database_find(d, &h.key) : NULL;
		struct lsa_header having;

		if (!l)
			continue;
		having = l->header;
		having.age = lsa_age(l, i->of->now);
		if (lsa_compare(&h, &having) == 0)
			any |= retransmission_acknowledged(n, l);
	}
	if (!reader_ok(&body) || reader_left(&body) > 0)
		neighbor_drop(n, OSPF_DROP_LENGTH);
	if (any && n->remembered)
		neighbor_event(n, NEIGHBOR_CONFIRMED);
}
