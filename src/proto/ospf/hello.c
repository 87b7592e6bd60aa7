/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RFC 2328 10.5: what a hello means. In OSPFv3 (RFC 5340 4.2.2.1) it has no mask, and names the
 * Designated Routers by their router IDs.
 *
 * Intervals are seconds on the wire. With a hello multiplier the field is 0, and that of others is
 * not looked at, as other vendors have it. Hellos that are plainly faster than one a second say 1,
 * because a router can only be told whole seconds to expect; 0 is as good there.
 */
#include "proto/ospf/ledger.h"
#include "proto/ospf/machine.h"

static int64_t whole_seconds(struct duration d)
{
	return (d.ns + DURATION_S(1).ns - 1) / DURATION_S(1).ns;
}

static uint16_t interval_field(const struct ospf_interface *i)
{
	return i->settings.is.hello_multiplier ? 0 : (uint16_t)whole_seconds(i->settings.is.hello);
}

static uint32_t dead_field(const struct ospf_interface *i)
{
	return (uint32_t)whole_seconds(i->settings.is.dead);
}

static bool interval_fits(const struct ospf_interface *i, uint16_t interval)
{
	if (i->settings.is.hello_multiplier)
		return true;
	return interval == interval_field(i) ||
	       (interval == 0 && i->settings.is.hello.ns < DURATION_S(1).ns);
}

/* RFC 2328 9.5, RFC 3101 2.1: what says which kind of area it is; the O bit is one of descriptions.
 */
static uint32_t area_bits(enum ospf_version v)
{
	return v == OSPF_V2 ? OSPF_V2_E | OSPF_V2_NP : OSPF_V3_E | OSPF_V3_N;
}

static uint32_t hello_options(const struct ospf_interface *i)
{
	uint32_t options = interface_options(i);

	return i->of->version == OSPF_V2 ? options & ~OSPF_V2_O : options;
}

void hello_write(struct ospf_interface *i, struct writer *w, bool alone)
{
	struct ospf *o = i->of;
	struct ospf_hello h = {
		.mask_length = i->n_sources > 0 && !i->settings.unnumbered
				       ? i->sources[0].network.length
				       : 0,
		.interface_id = i->index,
		.options = hello_options(i),
		.priority = i->settings.is.priority,
		.interval = interval_field(i),
		.dead = dead_field(i),
		.dr = i->dr,
		.bdr = i->bdr,
	};

	ospf_write_hello(o->version, w, &h);
	list_each_entry(struct ospf_neighbor, each, &i->neighbors, link) {
		if (alone || each->state < OSPF_NEIGHBOR_INIT || writer_left(w) < 4)
			continue;
		ospf_write_neighbor(w, each->router);
	}
}

static bool mask_is_ours(const struct ospf_interface *i, const struct ospf_hello *h,
			 const struct address *from)
{
	if (i->of->version != OSPF_V2 || i->settings.is.network == OSPF_POINT_TO_POINT)
		return true;
	for (size_t k = 0; k < i->n_sources; k++)
		if (prefix_contains(&i->sources[k].network, from))
			return !h->mask_holes && h->mask_length == i->sources[k].network.length;
	return false;
}

/* RFC 2328 10.5: what must be the same in all of a network; OSPF_DROP_COUNT: it is. */
static enum ospf_drop hello_refused(const struct ospf_interface *i, const struct ospf_hello *h,
				    const struct address *from)
{
	if (!mask_is_ours(i, h, from))
		return OSPF_DROP_MASK;
	if (!interval_fits(i, h->interval))
		return OSPF_DROP_HELLO_INTERVAL;
	if (h->dead != dead_field(i))
		return OSPF_DROP_DEAD_INTERVAL;
	if ((h->options ^ ospf_options(i->of, i->area)) & area_bits(i->of->version))
		return OSPF_DROP_OPTIONS;
	return OSPF_DROP_COUNT;
}

static bool names_us(const struct ospf_interface *i, struct reader neighbors)
{
	uint32_t router;

	while (ospf_neighbor_next(&neighbors, &router))
		if (router == i->of->router)
			return true;
	return false;
}

/*
 * RFC 5340 4.2.2.1: it is the same neighbour. For all who know it by its address, because they
 * watch it or go by it, it is another one.
 */
static void neighbor_moves(struct ospf_neighbor *n, const struct address *to)
{
	struct ospf *o = n->interface->of;

	announce_neighbor_gone(o, n);
	if (n->up)
		event_neighbor(o, n, SPEAKER_EVENT_NEIGHBOR_DOWN);
	n->address = *to;
	n->liveness = VERDICT_UNKNOWN;
	if (n->up)
		event_neighbor(o, n, SPEAKER_EVENT_NEIGHBOR_UP);
	announce_neighbor(o, n);
	spf_wanted(o, n->interface->area, SPF_FULL);
}

/* Whoever was there with another router ID is not there any more: RFC 2328 10.5. */
static struct ospf_neighbor *neighbor_get(struct ospf_interface *i, uint32_t router,
					  const struct address *a)
{
	struct ospf_neighbor *n = neighbor_from(i, router, a), *before;

	if (n) {
		if (!address_equal(&n->address, a))
			neighbor_moves(n, a);
		return n;
	}
	before = neighbor_by_address(i, a);
	if (before)
		neighbor_event(before, NEIGHBOR_KILL);
	n = neighbor_new(i, router, a);
	if (n)
		interface_hello_now(i);
	return n;
}

/*
 * RFC 2328 8.2: a router with two networks on a link speaks in both of them. We speak in the first
 * of ours: where it is known in that one, it is not another neighbour in the other, nor has it
 * moved.
 */
static bool is_known_in_ours(const struct ospf_interface *i, uint32_t router,
			     const struct address *from)
{
	const struct prefix *ours = &i->sources[0].network;

	if (i->of->version != OSPF_V2 || i->n_sources == 0 || prefix_contains(ours, from))
		return false;
	list_each_entry(const struct ospf_neighbor, n, &i->neighbors, link)
		if (n->router == router && prefix_contains(ours, &n->address))
			return true;
	return false;
}

/* RFC 3623 2.2: when we restart, and a neighbour says that we are the DR, we have been it. */
static void resume_as_designated(struct ospf_interface *i, const struct ospf_hello *h)
{
	uint32_t we = interface_id_in_hello(i);

	if (!i->of->restarting || h->dr != we || we == 0)
		return;
	i->dr = we;
	i->bdr = h->bdr;
	interface_event_later(i, INTERFACE_BACKUP_SEEN);
}

/* What it says of the Designated Routers, and whether an election is to look at it again. */
static void note_roles(struct ospf_interface *i, struct ospf_neighbor *n,
		       const struct ospf_hello *h, const struct ospf_hello *before)
{
	uint32_t id = neighbor_id_in_hello(n);
	bool waiting = i->state == OSPF_INTERFACE_WAITING;

	if (waiting)
		resume_as_designated(i, h);
	if (h->priority != before->priority)
		interface_event_later(i, INTERFACE_NEIGHBOR_CHANGE);
	if (waiting && (h->bdr == id || (h->dr == id && h->bdr == 0)))
		interface_event_later(i, INTERFACE_BACKUP_SEEN);
	if ((h->dr == id) != (before->dr == id) || (h->bdr == id) != (before->bdr == id))
		interface_event_later(i, INTERFACE_NEIGHBOR_CHANGE);
}

void hello_received(struct ospf_interface *i, const struct ospf_header *header, struct reader body,
		    const struct ospf_packet *p)
{
	struct ospf *o = i->of;
	struct ospf_hello h, before;
	struct ospf_neighbor *n;
	enum ospf_drop refused;

	if (!ospf_hello_read(o->version, body, &h)) {
		interface_drop(i, OSPF_DROP_LENGTH);
		return;
	}
	refused = hello_refused(i, &h, &p->source);
	if (refused != OSPF_DROP_COUNT) {
		interface_refuses(i, refused, header->router, &p->source);
		return;
	}
	if (is_known_in_ours(i, header->router, &p->source)) {
		interface_drop(i, OSPF_DROP_OFF_LINK);
		return;
	}
	n = neighbor_get(i, header->router, &p->source);
	if (!n) {
		interface_refuses(i, OSPF_DROP_TABLE_FULL, header->router, &p->source);
		return;
	}
	key_heard(o, n, OSPF_HELLO, p);
	n->packets++;
	n->heard = o->now;
	before = (struct ospf_hello){ .priority = n->priority, .dr = n->dr, .bdr = n->bdr };
	/* RFC 3623 3: what it said before it restarts counts until that is over. */
	if (n->helped) {
		h.priority = before.priority;
		h.dr = before.dr;
		h.bdr = before.bdr;
	}
	n->priority = h.priority;
	n->dr = h.dr;
	n->bdr = h.bdr;
	if (n->interface_id != h.interface_id && n->state >= OSPF_NEIGHBOR_EX_START)
		originate_area(o, i->area);
	if (n->interface_id != h.interface_id && n->state >= OSPF_NEIGHBOR_TWO_WAY)
		spf_wanted(o, i->area, SPF_FULL);
	if (n->interface_id != h.interface_id)
		o->mutual_changed = o->unsettled = true;
	n->interface_id = h.interface_id;
	if (n->state < OSPF_NEIGHBOR_EXCHANGE)
		n->options = h.options;
	if (n->liveness == VERDICT_DOWN) {
		/* It is remembered as long as it is heard, and is not believed. */
		(void)timer_set(&o->timers, &n->inactivity,
				instant_add(o->now, i->settings.is.dead));
		return;
	}
	if (n->state == OSPF_NEIGHBOR_DOWN)
		interface_hello_now(i);
	neighbor_event(n, NEIGHBOR_HELLO_RECEIVED);
	if (!names_us(i, h.neighbors)) {
		/* Who has begun anew is answered as who is new. */
		if (n->state >= OSPF_NEIGHBOR_TWO_WAY)
			interface_hello_now(i);
		neighbor_event(n, NEIGHBOR_ONE_WAY);
		return;
	}
	neighbor_event(n, NEIGHBOR_TWO_WAY_RECEIVED);
	if (i->settings.is.network == OSPF_BROADCAST)
		note_roles(i, n, &h, &before);
	if (n->remembered && n->state == OSPF_NEIGHBOR_TWO_WAY)
		neighbor_event(n, NEIGHBOR_CONFIRMED);
	/* Who is full acknowledges what it was told again; or it is not, and has not said so. */
	else if (n->remembered &&
		 instant_reached(instant_add(n->state_since, i->settings.is.dead), o->now))
		neighbor_event(n, NEIGHBOR_SEQUENCE_MISMATCH);
	ledger_neighbor(n);
}
