/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RFC 2328 9.3: the states of an interface, as a table; and how interfaces and areas come and go.
 *
 * One that is removed, or speaks otherwise from now on, leaves first: what we have said there is
 * taken back (originate_leave()), and a last hello names nobody, so that all drop us at once.
 */
#include "proto/ospf/machine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "proto/ospf/ledger.h"
#include "proto/ospf/memory.h"

#define MTU_USUAL 1500
#define MTU_LEAST 576

/* So long an interface that leaves waits for its good-byes to be heard, if they do not fit. */
#define LEAVE_MAX DURATION_S(3)

#define BIT(state) (1u << OSPF_INTERFACE_##state)
#define ANY 0xffu

static void hello_begin(struct ospf_interface *i)
{
	struct ospf *o = i->of;

	i->hello_due = true;
	i->hello_paced = (struct instant){ 0 };
	(void)timer_set(&o->timers, &i->hello, instant_add(o->now, i->settings.is.hello));
	interface_wants_output(i);
}

static uint8_t come_up(struct ospf_interface *i)
{
	struct ospf *o = i->of;
	uint8_t as_before = memory_state(i);

	if (!i->settings.passive)
		hello_begin(i);
	if (as_before != OSPF_INTERFACE_DOWN)
		return as_before;
	if (i->settings.is.network != OSPF_BROADCAST)
		return OSPF_INTERFACE_POINT_TO_POINT;
	if (i->settings.is.priority == 0 || i->settings.passive)
		return OSPF_INTERFACE_DR_OTHER;
	(void)timer_set(&o->timers, &i->wait, instant_add(o->now, i->settings.is.dead));
	return OSPF_INTERFACE_WAITING;
}

static uint8_t vote(struct ospf_interface *i)
{
	timer_stop(&i->of->timers, &i->wait);
	if (election_run(i))
		interface_hello_now(i);
	if (i->dr == interface_id_in_hello(i))
		return OSPF_INTERFACE_DR;
	return i->bdr == interface_id_in_hello(i) ? OSPF_INTERFACE_BACKUP : OSPF_INTERFACE_DR_OTHER;
}

static uint8_t go_down(struct ospf_interface *i)
{
	struct timers *t = &i->of->timers;

	timer_stop(t, &i->hello);
	timer_stop(t, &i->wait);
	timer_stop(t, &i->acknowledge);
	list_each_entry_safe(struct ospf_neighbor, n, &i->neighbors, link) {
		neighbor_event(n, NEIGHBOR_KILL);
		if (!n->helped)
			ospf_neighbor_free(n);
	}
	queue_clear(i);
	i->acknowledgments.n = 0;
	i->hello_due = i->acknowledge_now = false;
	i->dr = i->bdr = 0;
	i->pending = 0;
	return OSPF_INTERFACE_DOWN;
}

static uint8_t loop(struct ospf_interface *i)
{
	(void)go_down(i);
	return OSPF_INTERFACE_LOOPBACK;
}

static const struct {
	uint8_t event;
	uint32_t states;
	uint8_t (*action)(struct ospf_interface *i); /* the new state */
} table[] = {
	{ INTERFACE_UP, BIT(DOWN), come_up },
	{ INTERFACE_WAIT_TIMER, BIT(WAITING), vote },
	{ INTERFACE_BACKUP_SEEN, BIT(WAITING), vote },
	{ INTERFACE_NEIGHBOR_CHANGE, BIT(DR_OTHER) | BIT(BACKUP) | BIT(DR), vote },
	{ INTERFACE_LOOP, ANY & ~BIT(LOOPBACK), loop },
	{ INTERFACE_UNLOOP, BIT(LOOPBACK), go_down },
	{ INTERFACE_EVENT_DOWN, ANY & ~BIT(DOWN), go_down },
};

static void state_changed(struct ospf_interface *i)
{
	struct ospf *o = i->of;

	/* RFC 2328 9.4 (7) */
	list_each_entry(struct ospf_neighbor, n, &i->neighbors, link)
		if (n->state >= OSPF_NEIGHBOR_TWO_WAY)
			neighbor_event(n, NEIGHBOR_ADJ_OK);
	originate_area(o, i->area);
	originate_interface(o, i);
	spf_wanted(o, i->area, SPF_FULL);
	o->mutual_changed = o->unsettled = true;
}

void interface_event(struct ospf_interface *i, enum interface_event e)
{
	uint32_t dr = i->dr, bdr = i->bdr;
	uint8_t was = i->state;

	for (size_t k = 0; k < ARRAY_LENGTH(table); k++)
		if (table[k].event == e && (table[k].states >> i->state & 1)) {
			i->state = table[k].action(i);
			break;
		}
	if (i->state != was || i->dr != dr || i->bdr != bdr) {
		state_changed(i);
		ledger_interface(i);
	}
}

/* Whether it can be up: who we are, from where we speak and to whom is known. */
static void interface_review(struct ospf_interface *i)
{
	bool can = i->usable && interface_source(i) && i->of->router != 0 && !i->of->router_changes;

	if (can && i->state == OSPF_INTERFACE_DOWN) {
		interface_event(i, INTERFACE_UP);
		memory_take_up(i);
	} else if (!can && i->state != OSPF_INTERFACE_DOWN) {
		interface_event(i, INTERFACE_EVENT_DOWN);
	}
}

static void database_clear(struct ospf *o, struct database *d)
{
	struct lsa *l;

	while ((l = database_next(d, NULL)))
		flood_drop(o, l);
}

static bool any_normal(const struct ospf *o)
{
	list_each_entry(struct area, a, &o->areas, link)
		if (a->kind == OSPF_AREA_NORMAL)
			return true;
	return false;
}

static struct area *area_get(struct ospf *o, uint32_t id, uint8_t kind)
{
	struct area *a = area_find(o, id);
	struct list *at;
	size_t n = 0;

	if (a)
		return a;
	list_each(link, &o->areas)
		n++;
	a = n < OSPF_AREAS_MAX ? calloc(1, sizeof(*a)) : NULL;
	if (!a)
		return NULL;
	a->id = id;
	a->kind = kind;
	list_init(&a->room);
	database_init(&a->database, o, LSA_SCOPE_AREA, id);
	for (at = o->areas.next; at != &o->areas && container_of(at, struct area, link)->id < id;)
		at = at->next;
	list_insert_before(at, &a->link);
	return a;
}

/* Nobody keeps those of the AS up to date for us where no area has them. */
static void as_review(struct ospf *o)
{
	if (!any_normal(o))
		database_clear(o, &o->as);
}

static void area_leave(struct ospf *o, struct area *a)
{
	if (--a->n_interfaces > 0)
		return;
	database_clear(o, &a->database);
	database_done(&a->database);
	list_remove(&a->link);
	as_review(o);
	spf_wanted(o, NULL, SPF_FULL);
	free(a);
}

static struct ospf_interface *interface_new(struct ospf *o, uint32_t index, struct area *a)
{
	struct ospf_interface *i = calloc(1, sizeof(*i));

	if (!i || timers_reserve(&o->timers, o->timers.count + 4) < 0) {
		free(i);
		return NULL;
	}
	i->of = o;
	i->index = index;
	i->area = a;
	i->mtu = MTU_USUAL;
	timer_init(&i->hello, SLOT_HELLO);
	timer_init(&i->wait, SLOT_WAIT);
	timer_init(&i->acknowledge, SLOT_ACKNOWLEDGE);
	timer_init(&i->key, SLOT_KEY);
	list_init(&i->neighbors);
	list_init(&i->neighbors_output);
	list_init(&i->output);
	list_init(&i->flood);
	database_init(&i->database, o, LSA_SCOPE_LINK, index);
	a->n_interfaces++;
	list_append(&o->interfaces, &i->link);
	return i;
}

void ospf_interface_free(struct ospf_interface *i)
{
	struct ospf *o = i->of;

	interface_event(i, INTERFACE_EVENT_DOWN);
	list_each_entry_safe(struct ospf_neighbor, n, &i->neighbors, link)
		ospf_neighbor_free(n);
	queue_clear(i);
	database_clear(o, &i->database);
	database_done(&i->database);
	timer_stop(&o->timers, &i->key);
	list_remove(&i->output);
	list_remove(&i->link);
	free(i->acknowledgments.headers);
	free(i->networks);
	area_leave(o, i->area);
	free(i);
}

/* All that a neighbour sees of it but its keys, cost and times: with another one it begins anew. */
static bool speaks_the_same(const struct ospf_interface_settings *a,
			    const struct ospf_interface_settings *b)
{
	if (a->is.area != b->is.area || a->is.area_kind != b->is.area_kind ||
	    a->is.network != b->is.network || a->is.instance != b->is.instance ||
	    a->passive != b->passive || a->unnumbered != b->unnumbered ||
	    a->n_unicast != b->n_unicast)
		return false;
	for (size_t k = 0; k < a->n_unicast; k++)
		if (!address_equal(&a->unicast[k], &b->unicast[k]))
			return false;
	return true;
}

static struct ospf_interface_settings settings_effective(const struct ospf_interface_settings *s)
{
	struct ospf_interface_settings ret = *s;

	if (s->is.hello_multiplier > 0) {
		ret.is.dead = DURATION_S(1);
		ret.is.hello.ns = ret.is.dead.ns / s->is.hello_multiplier;
	}
	return ret;
}

/* What may change while neighbours stay. */
static void interface_adjust(struct ospf_interface *i, const struct ospf_interface_settings *s)
{
	struct ospf *o = i->of;
	struct ospf_interface_settings was = i->settings;

	i->settings = *s;
	if (!keychain_equal(&was.auth, &s->auth)) {
		i->secrets_known = false;
		ospf_key_review(o, o->now, i);
		memset(i->drops, 0, sizeof(i->drops));
	}
	/* What was wrong with others was so by other settings. */
	if (was.is.hello.ns != s->is.hello.ns || was.is.dead.ns != s->is.dead.ns)
		memset(i->drops, 0, sizeof(i->drops));
	if (i->state <= OSPF_INTERFACE_LOOPBACK)
		return;
	if (was.is.hello.ns != s->is.hello.ns && !s->passive)
		hello_begin(i);
	if (was.is.priority != s->is.priority)
		interface_event(i, INTERFACE_NEIGHBOR_CHANGE);
	if (was.cost != s->cost) {
		originate_area(o, i->area);
		spf_wanted(o, i->area, SPF_FULL);
	}
}

/* It speaks as the settings say from now on; whom it knew it does not know any more. */
static int interface_adopt(struct ospf_interface *i, const struct ospf_interface_settings *s)
{
	struct ospf *o = i->of;
	struct area *a, *was = i->area;

	interface_event(i, INTERFACE_EVENT_DOWN);
	i->leaving = i->stays = false;
	memset(i->drops, 0, sizeof(i->drops));
	if (s->is.area_kind != was->kind && s->is.area == was->id) {
		/* All of the area is another one: what is in it may not belong there. */
		database_clear(o, &was->database);
		was->kind = s->is.area_kind;
		as_review(o);
		list_each_entry(struct ospf_interface, other, &o->interfaces, link)
			if (other->area == was)
				interface_event(other, INTERFACE_EVENT_DOWN);
	}
	a = area_get(o, s->is.area, s->is.area_kind);
	if (!a)
		return -ENOSPC;
	a->n_interfaces++;
	i->area = a;
	area_leave(o, was);
	interface_adjust(i, s);
	list_each_entry(struct ospf_interface, other, &o->interfaces, link)
		if (other->area == a)
			interface_review(other);
	return 0;
}

static bool interface_can_say(const struct ospf_interface *i)
{
	return i->state > OSPF_INTERFACE_LOOPBACK && !i->settings.passive && !i->mute;
}

static void interface_leave(struct ospf_interface *i)
{
	struct ospf *o = i->of;

	i->leaving = true;
	ledger_interface(i);
	(void)timer_set(&o->timers, &i->wait, instant_add(o->now, LEAVE_MAX));
	originate_leave(o, i);
	interface_wants_output(i);
}

static void begin_anew(struct ospf *o, uint32_t router)
{
	o->router_changes = false;
	list_each_entry(struct ospf_interface, i, &o->interfaces, link)
		interface_event(i, INTERFACE_EVENT_DOWN);
	list_each_entry(struct ospf_interface, i, &o->interfaces, link)
		database_clear(o, &i->database);
	list_each_entry(struct area, a, &o->areas, link)
		database_clear(o, &a->database);
	database_clear(o, &o->as);
	own_reset(o);
	o->router = router;
	list_each_entry(struct ospf_interface, i, &o->interfaces, link)
		interface_review(i);
	originate_all(o);
}

static bool any_leaves(const struct ospf *o)
{
	list_each_entry(const struct ospf_interface, i, &o->interfaces, link)
		if (i->leaving)
			return true;
	return false;
}

void ospf_interface_left(struct ospf_interface *i)
{
	struct ospf *o = i->of;

	if (i->stays) {
		struct ospf_interface_settings after = i->after;

		(void)interface_adopt(i, &after);
	} else {
		event_tell(o, &(struct speaker_event){ .kind = SPEAKER_EVENT_LEFT,
						       .interface = i->index });
		ospf_interface_free(i);
	}
	/* The last hello, which is still to leave, is of the one that it was. */
	o->unsettled = true;
}

void ospf_interfaces_review(struct ospf *o)
{
	if (o->router_changes && !any_leaves(o))
		begin_anew(o, o->router_next);
}

/* RFC 2328 C.1: what was said with the old router ID is taken back before there is another. */
static void router_becomes(struct ospf *o, uint32_t router)
{
	o->router_next = router;
	if (o->router_changes)
		return;
	o->router_changes = true;
	list_each_entry(struct ospf_interface, i, &o->interfaces, link) {
		if (!i->leaving) {
			i->after = i->settings;
			i->stays = true;
		}
		i->leaving = true;
	}
	list_each_entry_safe(struct ospf_interface, i, &o->interfaces, link) {
		if (interface_can_say(i) && !o->restarting)
			interface_leave(i);
		else
			ospf_interface_left(i);
	}
	ospf_interfaces_review(o);
}

int ospf_interface_set(struct ospf *o, struct instant now, uint32_t index,
		       const struct ospf_interface_settings *settings)
{
	struct ospf_interface_settings s = settings_effective(settings);
	struct ospf_interface *i = ospf_interface_find(o, index);
	struct area *a;
	size_t n = 0;

	o->now = now;
	if (i && i->leaving) {
		/* The good-byes are on their way; then it is there again. */
		i->after = s;
		i->stays = true;
		return 0;
	}
	if (i && speaks_the_same(&i->settings, &s)) {
		interface_adjust(i, &s);
		return 0;
	}
	if (i && interface_can_say(i)) {
		i->after = s;
		i->stays = true;
		interface_leave(i);
		return 0;
	}
	if (i)
		return interface_adopt(i, &s);
	list_each(link, &o->interfaces)
		n++;
	a = n < OSPF_INTERFACES_MAX ? area_get(o, s.is.area, s.is.area_kind) : NULL;
	if (!a)
		return -ENOSPC;
	i = interface_new(o, index, a);
	if (!i) {
		a->n_interfaces++;
		area_leave(o, a);
		return -ENOMEM;
	}
	i->settings.is.area = s.is.area;
	return interface_adopt(i, &s);
}

void ospf_interface_remove(struct ospf *o, struct instant now, uint32_t index)
{
	struct ospf_interface *i = ospf_interface_find(o, index);

	o->now = now;
	if (!i)
		return;
	i->stays = false;
	if (i->leaving)
		return;
	if (interface_can_say(i)) {
		interface_leave(i);
	} else {
		i->leaving = true;
		originate_leave(o, i);
		ospf_interface_left(i);
	}
}

static bool speaks_from_same(const struct ospf_interface *i, const struct speaker_link *link)
{
	if (i->n_sources == 0 || link->n_sources == 0)
		return i->n_sources == link->n_sources;
	return address_equal(&i->sources[0].address, &link->sources[0].address) &&
	       prefix_equal(&i->sources[0].network, &link->sources[0].network);
}

void ospf_link(struct ospf *o, struct instant now, const struct speaker_link *link, uint16_t mtu)
{
	struct ospf_interface *i = ospf_interface_find(o, link->index);
	bool same;

	o->now = now;
	if (!i)
		return;
	same = speaks_from_same(i, link);
	/* Who speaks from another address is another neighbour: RFC 2328 10.5. */
	if (!same && link->usable)
		interface_event(i, INTERFACE_EVENT_DOWN);
	i->usable = link->usable;
	i->n_sources = link->n_sources;
	memcpy(i->sources, link->sources, sizeof(i->sources));
	i->mtu = mtu == 0 ? MTU_USUAL : mtu < MTU_LEAST ? MTU_LEAST : mtu;
	if (!i->usable && i->leaving) {
		ospf_interface_left(i);
		return;
	}
	interface_review(i);
	if (!same && i->state != OSPF_INTERFACE_DOWN)
		originate_interface(o, i);
}

void ospf_network(struct ospf *o, uint32_t index, const struct prefix *p, bool present)
{
	struct ospf_interface *i = ospf_interface_find(o, index);
	size_t k = 0;

	if (!i || p->address.family != ospf_family(o))
		return;
	while (k < i->n_networks && !prefix_equal(&i->networks[k], p))
		k++;
	if (present == (k < i->n_networks))
		return;
	if (!present)
		i->networks[k] = i->networks[--i->n_networks];
	else if (ARRAY_RESERVE(i->networks, i->networks_capacity, i->n_networks + 1) == 0)
		i->networks[i->n_networks++] = *p;
	originate_interface(o, i);
	originate_area(o, i->area);
}

static uint32_t router_later(const struct ospf *o)
{
	return o->router_changes ? o->router_next : o->router;
}

void ospf_router_id(struct ospf *o, struct instant now, uint32_t id)
{
	o->now = now;
	o->router_told = id;
	if (o->settings.router_id == 0 && router_later(o) != id)
		router_becomes(o, id);
}

void ospf_configure(struct ospf *o, struct instant now, const struct ospf_settings *s)
{
	uint32_t router = s->router_id ? s->router_id : o->router_told;

	o->now = now;
	o->settings = *s;
	if (router != router_later(o))
		router_becomes(o, router);
	else
		originate_all(o);
}

uint32_t ospf_router(const struct ospf *o)
{
	return o->router;
}

/* Everything goes, in silence. */
void interfaces_free(struct ospf *o)
{
	list_each_entry_safe(struct ospf_interface, i, &o->interfaces, link)
		ospf_interface_free(i);
}
