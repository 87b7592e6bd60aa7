/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The desired and the observed table. Both are columns of one table: a slot stands for one kernel
 * object and says whether it is wanted and whether it is present. Whoever changes one of the two
 * marks the slot dirty, for the reconciler (reconcile.c). Whose it is does not matter here: its
 * owner (struct slot_owner) is asked what it stands for, and is told what becomes of it.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "node/kernel/slot.h"

struct board *slot_board(const struct node *n, struct slot *s)
{
	const struct slot_owner *owner = slot_owner(n, s);

	return owner->board ? owner->board(s) : NULL;
}

static struct object slot_object(const struct node *n, struct slot *s)
{
	return slot_owner(n, s)->object(s);
}

const char *slot_board_name(const struct node *n, struct slot *s)
{
	return slot_board(n, s) ? slot_board(n, s)->name : NULL;
}

const char *slot_noun(const struct slot *s)
{
	switch ((enum object_kind)s->kind) {
	case OBJECT_LOCAL:
		return "the local route";
	case OBJECT_UNREACHABLE:
		return "the unreachable route";
	case OBJECT_ARP_TABLE:
		return "the table of ARP silence";
	case OBJECT_SILENCE:
		return "the ARP silence of";
	case OBJECT_ARP_SENDER:
		return "the ARP sender";
	case OBJECT_NEXTHOP:
		return "the next hop";
	case OBJECT_GROUP:
		return "a group of next hops";
	case OBJECT_LEARNED:
		return "the learned route";
	case OBJECT_NO_ECHO:
		return "the silence to pings of";
	default:
		return "the address";
	}
}

static struct slot *owned_find(struct node *n, const struct object *o, bool make)
{
	struct slot *s = NULL;

	for (size_t k = 0; k < SLOT_OWNERS && !s; k++)
		if (n->kernel->owners[k]->find)
			s = n->kernel->owners[k]->find(n, o, make);
	return s;
}

static struct object object_of(uint8_t kind, const struct address *a, uint8_t length)
{
	return (struct object){ .kind = kind, .address = *a, .length = length };
}

struct slot *slot_find(struct node *n, const struct board *board, uint8_t kind,
		       const struct address *a, uint8_t length)
{
	struct object o = object_of(kind, a, length);
	struct slot *s = owned_find(n, &o, false);

	return s && slot_board(n, s) == board ? s : stray_find(n, board, 0, &o);
}

void slot_begin(struct slot *s, enum slot_owner_kind owner, uint8_t kind)
{
	*s = (struct slot){ .kind = kind, .owner = (uint8_t)owner };
	list_init(&s->dirty);
}

struct slot *slot_get_stray(struct node *n, struct board *board, uint8_t kind,
			    const struct address *a, uint8_t length)
{
	struct slot *found = slot_find(n, board, kind, a, length);
	struct object o = object_of(kind, a, length);

	return found ? found : stray_make(n, board, 0, &o);
}

struct slot *slot_get_sender(struct node *n, uint32_t interface, const struct address *a)
{
	struct object o = object_of(OBJECT_ARP_SENDER, a, family_bits(a->family));
	struct slot *found = stray_find(n, NULL, interface, &o);

	return found ? found : stray_make(n, NULL, interface, &o);
}

void slot_open(struct node *n, struct slot *s, enum slot_owner_kind owner, uint8_t kind)
{
	struct board *board;
	struct slot *stray;
	struct object o;

	slot_begin(s, owner, kind);
	board = slot_board(n, s);
	o = slot_object(n, s);
	stray = stray_find(n, board, 0, &o);
	if (board)
		board->slots++;
	if (!stray)
		return;
	/* Left by an earlier life of the daemon: it is adopted, not removed and added again. */
	s->present = stray->present;
	s->confirmed = stray->confirmed;
	s->pending = stray->pending;
	s->removing = stray->removing;
	pending_move(n, stray, s);
	stray->pending = 0;
	slot_close(n, stray);
}

struct slot_trouble {
	struct hash_node by_slot;
	struct trouble trouble;
};

static uint32_t slot_hash(const struct slot *s)
{
	return hash_bytes(0, &s, sizeof(s));
}

/* NULL: nothing has gone wrong yet. */
static struct slot_trouble *trouble_find(const struct node *n, const struct slot *s)
{
	uint32_t hash = s->troubled ? slot_hash(s) : 0;

	for (struct hash_node *h = s->troubled ? hash_first(&n->kernel->troubles, hash) : NULL; h;
	     h = hash_next(h, hash)) {
		struct slot_trouble *t = container_of(h, struct slot_trouble, by_slot);

		if (t->trouble.slot == s)
			return t;
	}
	return NULL;
}

void slot_drop(struct node *n, struct slot *s)
{
	struct slot_trouble *t = trouble_find(n, s);

	if (t) {
		timer_stop(&n->timers, &t->trouble.retry);
		hash_remove(&n->kernel->troubles, &t->by_slot);
		free(t);
		s->troubled = false;
	}
	list_remove(&s->dirty);
}

void slot_close(struct node *n, struct slot *s)
{
	const struct slot_owner *owner = slot_owner(n, s);
	struct board *board = slot_board(n, s);
	uint8_t kind = s->kind;

	assert(s->pending == 0);
	slot_drop(n, s);
	s->kind = 0;
	if (board && --board->slots == 0)
		n->kernel->boards_dirty = true;
	if (owner->closed)
		owner->closed(n, s, kind);
}

/* Calls `visit` for every slot; it must not close them. */
static void slot_each(struct node *n, const struct board *board, slot_visit *visit)
{
	for (size_t k = 0; k < SLOT_OWNERS; k++)
		n->kernel->owners[k]->each(n, board, visit);
}

void slot_dirty(struct node *n, struct slot *s)
{
	if (list_empty(&s->dirty))
		list_append(&n->kernel->dirty, &s->dirty);
}

struct trouble *slot_trouble(struct node *n, struct slot *s)
{
	struct slot_trouble *t = trouble_find(n, s);

	if (t)
		return &t->trouble;
	t = calloc(1, sizeof(*t));
	if (!t)
		return NULL;
	t->trouble.slot = s;
	timer_init(&t->trouble.retry, NODE_TIMER_RETRY);
	if (hash_insert(&n->kernel->troubles, &t->by_slot, slot_hash(s)) < 0) {
		free(t);
		return NULL;
	}
	s->troubled = true;
	return &t->trouble;
}

bool slot_waits(const struct node *n, const struct slot *s)
{
	const struct slot_trouble *t = trouble_find(n, s);

	return t && timer_running(&t->trouble.retry);
}

uint8_t slot_failures(const struct node *n, const struct slot *s)
{
	const struct slot_trouble *t = trouble_find(n, s);

	return t ? t->trouble.failures : 0;
}

void slot_has_not_failed(struct node *n, struct slot *s)
{
	struct slot_trouble *t = trouble_find(n, s);

	if (t)
		t->trouble.failures = 0;
}

/* It need not wait any longer. */
static void slot_wake(struct node *n, struct slot *s)
{
	struct slot_trouble *t = trouble_find(n, s);

	if (t)
		timer_stop(&n->timers, &t->trouble.retry);
	slot_dirty(n, s);
}

void slot_want(struct node *n, struct slot *s, bool wanted)
{
	s->wanted = wanted;
	slot_has_not_failed(n, s);
	slot_wake(n, s);
}

static void visit_route_dropped(struct node *n, struct slot *s, const struct board *board)
{
	if (s->kind != OBJECT_LOCAL || slot_board(n, s) != board || !s->wanted || s->pending ||
	    slot_object(n, s).address.family != FAMILY_IPV4)
		return;
	s->present = false;
	slot_dirty(n, s);
}

/*
 * With a device's last IPv4 address Linux drops all IPv4 routes over it, local ones too, without a
 * word; IPv6 addresses do not count. When that was our own doing, the VIPs that are held as routes
 * are put back at once, and nobody has taken them; reading the kernel shows what else is missing.
 */
static void slot_routes_dropped(struct node *n, const struct board *board, bool by_us)
{
	n->resyncing = true;
	if (by_us)
		slot_each(n, board, visit_route_dropped);
}

void slot_set_present(struct node *n, struct slot *s, bool present)
{
	const struct slot_owner *owner = slot_owner(n, s);
	bool changes = s->present != present;
	struct board *b = slot_board(n, s);

	s->present = present;
	/* What the table holds may be unknown though it was there all the time. */
	if (owner->changed && (changes || s->kind == OBJECT_ARP_TABLE))
		owner->changed(n, s);
	if (!changes || !b || s->kind != OBJECT_ADDRESS ||
	    slot_object(n, s).address.family != FAMILY_IPV4)
		return;
	if (present)
		b->present++;
	else
		b->present--;
	if (b->present == 0 && b->index != 0 && b->bindings > b->addresses)
		slot_routes_dropped(n, b, s->removing);
}

void slot_lost(struct node *n, struct slot *s)
{
	slot_set_present(n, s, false);
	slot_dirty(n, s);
}

bool slot_refuse(struct node *n, struct slot *s, int error, const char *text)
{
	const struct slot_owner *owner = slot_owner(n, s);

	return owner->refused && owner->refused(n, s, error, text);
}

bool slot_differs(const struct node *n, struct slot *s)
{
	const struct slot_owner *owner = slot_owner(n, s);

	return owner->differs && owner->differs(s);
}

static void visit_refuse_silent(struct node *n, struct slot *s, const struct board *board)
{
	(void)board;
	if (s->kind == OBJECT_SILENCE && s->wanted && !s->present)
		(void)slot_refuse(n, s, 0, n->kernel->why_not_silent);
}

void slot_refuse_silent(struct node *n, const char *text)
{
	snprintf(n->kernel->why_not_silent, sizeof(n->kernel->why_not_silent),
		 "ARP silence is not to be had ('arp: answer' does without): %.100s", text);
	slot_each(n, NULL, visit_refuse_silent);
}

bool slot_has_ground(const struct node *n, struct slot *s)
{
	const struct slot_owner *owner = slot_owner(n, s);
	const struct board *board = slot_board(n, s);

	if ((s->kind == OBJECT_ARP_SENDER || s->kind == OBJECT_SILENCE) && !n->kernel->arp_table)
		return false;
	if (board && !(board->index && board->up))
		return false;
	return !owner->has_ground || owner->has_ground(n, s);
}

/* Somebody else took it. Too often, and it is left to him for a while; true then. */
static bool slot_is_fought_for(struct node *n, struct slot *s)
{
	struct trouble *t = slot_trouble(n, s);
	char text[NODE_SENTENCE_MAX];
	struct duration pause =
		t ? trouble_lost(t, n->now, "takes it from the kernel", text, sizeof(text))
		  : DURATION_S(0);

	if (pause.ns == 0)
		return false;
	(void)timer_set(&n->timers, &t->retry, instant_add(n->now, pause));
	if (!slot_refuse(n, s, 0, text))
		node_note(n, EVENT_NOTE, slot_board_name(n, s), "%s: %s", slot_noun(s), text);
	if (s->kind == OBJECT_ARP_TABLE)
		slot_refuse_silent(n, text);
	return true;
}

static void slot_repair_note(struct node *n, struct slot *s)
{
	const struct slot_owner *owner = slot_owner(n, s);
	struct object o = slot_object(n, s);

	n->repairs++;
	/* Of very many the edge of their states tells, once for all. */
	if (owner->is_quiet && owner->is_quiet(s))
		return;
	if (address_is_set(&o.address))
		node_note(n, EVENT_REPAIR, slot_board_name(n, s),
			  "%s %s/%u is gone; it is put back", slot_noun(s),
			  ADDRESS_TEXT(&o.address), o.length);
	else
		node_note(n, EVENT_REPAIR, NULL, "%s is gone; it is made again", slot_noun(s));
}

static void slot_note_foreign(struct node *n, struct slot *s)
{
	struct object o = slot_object(n, s);

	if (!address_is_set(&o.address))
		return;
	n->repairs++;
	node_note(n, EVENT_REPAIR, slot_board_name(n, s),
		  "%s %s/%u is there and was not asked for; it is removed", slot_noun(s),
		  ADDRESS_TEXT(&o.address), o.length);
}

/* The kernel no longer has the object, whoever took it. */
static void slot_vanished(struct node *n, struct slot *s)
{
	const struct slot_owner *owner = slot_owner(n, s);
	bool told;

	if (!s->present)
		return;
	slot_lost(n, s);
	told = owner->vanished && owner->vanished(n, s);
	if (!s->wanted || s->pending)
		return;
	if (!told)
		slot_repair_note(n, s);
	/* What goes with its board is the board's loss. */
	if ((!slot_has_ground(n, s) || !slot_is_fought_for(n, s)) && owner->lost)
		owner->lost(n, s);
}

static struct slot *slot_of_object(struct node *n, const struct object *o, bool present)
{
	struct board *board = NULL;
	uint32_t interface = 0;
	struct slot *s;

	switch ((enum object_kind)o->kind) {
	case OBJECT_NEXTHOP:
	case OBJECT_GROUP:
	case OBJECT_LEARNED:
		return owned_find(n, o, present);
	case OBJECT_ADDRESS:
	case OBJECT_LOCAL:
		board = board_by_index(n, o->interface);
		if (!board)
			return NULL;
		break;
	case OBJECT_ARP_SENDER:
		interface = o->interface;
		break;
	case OBJECT_UNREACHABLE:
	case OBJECT_ARP_TABLE:
	case OBJECT_SILENCE:
	case OBJECT_NO_ECHO:
	case OBJECT_KINDS:
		break;
	}
	/* A board has a link-local address of the kernel's making; it is not one of ours. */
	if (o->kind == OBJECT_ADDRESS && address_is_link_local(&o->address))
		return NULL;
	s = interface ? stray_find(n, NULL, interface, o)
		      : slot_find(n, board, o->kind, &o->address, o->length);
	return s || !present ? s : stray_make(n, board, interface, o);
}

void slot_observed(struct node *n, const struct object *o, bool present)
{
	struct slot *s = slot_of_object(n, o, present);

	if (!s)
		return;
	s->confirmed = true;
	if (!present) {
		slot_vanished(n, s);
		return;
	}
	if (slot_owner(n, s)->seen && !s->pending)
		slot_owner(n, s)->seen(n, s, o);
	if (s->present || s->pending)
		return;
	slot_set_present(n, s, true);
	slot_dirty(n, s);
	/* Until the kernel has been read once it is what an earlier life has left. */
	if (!s->wanted && s->owner >= SLOT_OF_STRAY && n->synced)
		slot_note_foreign(n, s);
}

static void visit_board_gone(struct node *n, struct slot *s, const struct board *board)
{
	if (slot_board(n, s) != board)
		return;
	if (s->present && s->wanted && slot_owner(n, s)->lost)
		slot_owner(n, s)->lost(n, s);
	slot_lost(n, s);
}

static void visit_board_there(struct node *n, struct slot *s, const struct board *board)
{
	if (slot_board(n, s) == board)
		slot_wake(n, s);
}

static bool is_in_table(const struct slot *s)
{
	return s->kind == OBJECT_SILENCE || s->kind == OBJECT_ARP_SENDER;
}

static void visit_silence_gone(struct node *n, struct slot *s, const struct board *board)
{
	(void)board;
	if (is_in_table(s))
		slot_lost(n, s);
}

/* Somebody took it too often. */
static bool slot_is_given_up(const struct node *n, const struct slot *s)
{
	const struct slot_trouble *t = trouble_find(n, s);

	return t && t->trouble.fight.given_up;
}

static void visit_silence_there(struct node *n, struct slot *s, const struct board *board)
{
	(void)board;
	if (!is_in_table(s))
		return;
	if (slot_is_given_up(n, s))
		slot_dirty(n, s);
	else
		slot_wake(n, s);
}

static void visit_unwant_sender(struct node *n, struct slot *s, const struct board *board)
{
	(void)board;
	if (s->kind != OBJECT_ARP_SENDER)
		return;
	s->wanted = false;
	slot_dirty(n, s);
}

static void visit_dump_begin(struct node *n, struct slot *s, const struct board *board)
{
	(void)n;
	(void)board;
	s->confirmed = false;
}

static void visit_dump_end(struct node *n, struct slot *s, const struct board *board)
{
	(void)board;
	if (!s->pending && !s->confirmed)
		slot_vanished(n, s);
}

void slot_board_gone(struct node *n, struct board *b)
{
	slot_each(n, b, visit_board_gone);
}

void slot_board_there(struct node *n, struct board *b)
{
	slot_each(n, b, visit_board_there);
}

static void visit_dirty(struct node *n, struct slot *s, const struct board *board)
{
	(void)board;
	slot_dirty(n, s);
}

void slot_look_at_all(struct node *n)
{
	slot_each(n, NULL, visit_dirty);
}

void slot_silence_gone(struct node *n)
{
	slot_each(n, NULL, visit_silence_gone);
}

void slot_silence_there(struct node *n)
{
	slot_each(n, NULL, visit_silence_there);
}

void slot_unwant_senders(struct node *n)
{
	slot_each(n, NULL, visit_unwant_sender);
}

void slot_dump_begin(struct node *n)
{
	slot_each(n, NULL, visit_dump_begin);
}

void slot_dump_end(struct node *n)
{
	slot_each(n, NULL, visit_dump_end);
}
