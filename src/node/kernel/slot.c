/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The desired and the observed table. Both are columns of one table: a slot stands for one kernel
 * object and says whether it is wanted and whether it is present. Whoever changes one of the two
 * marks the slot dirty, for the reconciler (reconcile.c).
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "node/kernel/slot.h"
#include "node/vip/vip.h"

static struct stray *slot_stray(struct slot *s)
{
	return container_of(s, struct stray, slot);
}

struct board *slot_board(struct slot *s)
{
	if (slot_is_learned(s))
		return NULL;
	return s->in_binding ? slot_binding(s)->board : slot_stray(s)->board;
}

struct object slot_object(struct slot *s)
{
	struct object o = { .kind = s->kind };

	if (slot_is_learned(s))
		return learned_object(s);
	o.address = s->in_binding ? slot_binding(s)->address : slot_stray(s)->address;
	o.length = s->in_binding ? family_bits(o.address.family) : slot_stray(s)->length;
	if (slot_board(s))
		o.interface = slot_board(s)->index;
	else if (!s->in_binding)
		o.interface = slot_stray(s)->interface;
	return o;
}

const char *slot_board_name(struct slot *s)
{
	return slot_board(s) ? slot_board(s)->name : NULL;
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
	default:
		return "the address";
	}
}

static uint32_t stray_hash(const struct node *n, const struct board *board, uint8_t kind,
			   const struct address *a, uint8_t length)
{
	/*
	 * By number, not by pointer: the order of a walk must be the same whenever a trace is
	 * replayed.
	 */
	uint32_t key[3] = { board ? board->serial : 0, (uint32_t)kind << 8 | length,
			    address_hash(n->kernel->by_object.seed, a) };

	return hash_keyed(n->kernel->by_object.seed, key, sizeof(key));
}

/* Of the senders there are few: the interface need not be part of the hash. */
static struct slot *stray_find_on(const struct node *n, const struct board *board,
				  uint32_t interface, uint8_t kind, const struct address *a,
				  uint8_t length)
{
	uint32_t hash;

	/* With very many VIPs there are none, most of the time. */
	if (n->kernel->n_strays[kind] == 0)
		return NULL;
	hash = stray_hash(n, board, kind, a, length);
	for (struct hash_node *h = hash_first(&n->kernel->by_object, hash); h;
	     h = hash_next(h, hash)) {
		struct stray *s = container_of(h, struct stray, by_object);

		if (s->board == board && s->interface == interface && s->slot.kind == kind &&
		    s->length == length && address_equal(&s->address, a))
			return &s->slot;
	}
	return NULL;
}

static struct slot *stray_find(const struct node *n, const struct board *board, uint8_t kind,
			       const struct address *a, uint8_t length)
{
	return stray_find_on(n, board, 0, kind, a, length);
}

struct slot *slot_find(const struct node *n, const struct board *board, uint8_t kind,
		       const struct address *a, uint8_t length)
{
	struct binding *b = length == family_bits(a->family) ? binding_find(n, a) : NULL;

	if (b && b->slot.kind == kind && b->board == board)
		return &b->slot;
	return stray_find(n, board, kind, a, length);
}

static void slot_init(struct slot *s, uint8_t kind, bool in_binding)
{
	*s = (struct slot){ .kind = kind, .in_binding = in_binding };
	list_init(&s->dirty);
	timer_init(&s->retry, NODE_TIMER_RETRY);
}

void slot_begin(struct slot *s, uint8_t kind)
{
	slot_init(s, kind, false);
}

static struct slot *stray_make(struct node *n, struct board *board, uint32_t interface,
			       uint8_t kind, const struct address *a, uint8_t length)
{
	struct stray *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	slot_init(&s->slot, kind, false);
	s->board = board;
	s->interface = interface;
	s->address = *a;
	s->length = length;
	if (hash_insert(&n->kernel->by_object, &s->by_object,
			stray_hash(n, board, kind, a, length)) < 0) {
		free(s);
		return NULL;
	}
	n->kernel->n_strays[kind]++;
	if (board)
		board->slots++;
	return &s->slot;
}

struct slot *slot_get_stray(struct node *n, struct board *board, uint8_t kind,
			    const struct address *a, uint8_t length)
{
	struct slot *found = slot_find(n, board, kind, a, length);

	return found ? found : stray_make(n, board, 0, kind, a, length);
}

struct slot *slot_get_sender(struct node *n, uint32_t interface, const struct address *a)
{
	uint8_t length = family_bits(a->family);
	struct slot *found = stray_find_on(n, NULL, interface, OBJECT_ARP_SENDER, a, length);

	return found ? found : stray_make(n, NULL, interface, OBJECT_ARP_SENDER, a, length);
}

/* The silence that an earlier life left is taken over, too. */
static void slot_adopt_silence(struct node *n, struct binding *b)
{
	struct prefix host = prefix_host(&b->address);
	struct slot *stray = stray_find(n, NULL, OBJECT_SILENCE, &host.address, host.length);

	if (!stray)
		return;
	b->slot.silenced = stray->present;
	b->slot.silence_confirmed = stray->confirmed;
	b->slot.pending = stray->pending;
	b->slot.removing = stray->removing;
	b->slot.hushing = stray->pending != 0;
	pending_move(n, stray, &b->slot);
	stray->pending = 0;
	slot_close(n, stray);
}

void slot_set_silent(struct node *n, struct binding *b)
{
	/* A board's IPv6 addresses are not answered for on other interfaces, nor asked in their
	 * name. */
	bool silent = b->arp == VIP_ARP_SILENT && b->address.family == FAMILY_IPV4;

	if (!b->slot.kind || b->slot.silent == silent)
		return;
	b->slot.silent = silent;
	silence_count(n, silent ? 1 : -1);
	slot_dirty(n, &b->slot);
}

void slot_open(struct node *n, struct binding *b, uint8_t kind)
{
	struct prefix host = prefix_host(&b->address);
	struct slot *stray = stray_find(n, b->board, kind, &host.address, host.length);

	slot_init(&b->slot, kind, true);
	b->board->slots++;
	slot_set_silent(n, b);
	slot_adopt_silence(n, b);
	if (!stray)
		return;
	/* Left by an earlier life of the daemon: it is adopted, not removed and added again. */
	b->slot.present = stray->present;
	b->slot.confirmed = stray->confirmed;
	if (stray->pending) {
		/* Never two for a slot: an outcome of the silence that is lost is asked for again.
		 */
		if (b->slot.pending)
			pending_move(n, &b->slot, NULL);
		b->slot.pending = stray->pending;
		b->slot.removing = stray->removing;
		b->slot.hushing = false;
		pending_move(n, stray, &b->slot);
		stray->pending = 0;
	}
	slot_close(n, stray);
}

void slot_close(struct node *n, struct slot *s)
{
	struct board *board = slot_board(s);
	uint8_t kind = s->kind;

	assert(s->pending == 0);
	timer_stop(&n->timers, &s->retry);
	list_remove(&s->dirty);
	s->kind = 0;
	if (s->silent) {
		s->silent = false;
		silence_count(n, -1);
	}
	if (board && --board->slots == 0)
		n->kernel->boards_dirty = true;
	if (kind >= OBJECT_NEXTHOP) {
		learned_closed(n, s, kind);
	} else if (!s->in_binding) {
		n->kernel->n_strays[kind]--;
		hash_remove(&n->kernel->by_object, &slot_stray(s)->by_object);
		free(slot_stray(s));
	}
}

/* Calls `visit` for every slot, of bindings and strays; it must not close them. */
static void slot_each(struct node *n, const struct board *board,
		      void (*visit)(struct node *n, struct slot *s, const struct board *board))
{
	list_each(link, &n->vips->bindings) {
		struct binding *b = container_of(link, struct binding, link);

		if (b->slot.kind)
			visit(n, &b->slot, board);
	}
	for (struct hash_node *h = hash_walk(&n->kernel->by_object, NULL); h;
	     h = hash_walk(&n->kernel->by_object, h))
		visit(n, &container_of(h, struct stray, by_object)->slot, board);
	learned_each(n, board, visit);
}

void slot_dirty(struct node *n, struct slot *s)
{
	if (list_empty(&s->dirty))
		list_append(&n->kernel->dirty, &s->dirty);
}

void slot_want(struct node *n, struct slot *s, bool wanted)
{
	s->wanted = wanted;
	s->failures = 0;
	timer_stop(&n->timers, &s->retry);
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
	if (!by_us)
		return;
	list_each(link, &n->vips->bindings) {
		struct slot *s = &container_of(link, struct binding, link)->slot;

		if (s->kind != OBJECT_LOCAL || slot_board(s) != board || !s->wanted || s->pending ||
		    slot_binding(s)->address.family != FAMILY_IPV4)
			continue;
		s->present = false;
		slot_dirty(n, s);
	}
}

void slot_set_present(struct node *n, struct slot *s, bool present)
{
	struct board *b = slot_board(s);

	if (s->kind == OBJECT_ARP_TABLE)
		silence_table(n, present);
	if (s->present == present)
		return;
	s->present = present;
	if (s->in_binding)
		source_vip_changed(n, slot_binding(s));
	if (!b || s->kind != OBJECT_ADDRESS || slot_object(s).address.family != FAMILY_IPV4)
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

void slot_refuse_silent(struct node *n, const char *text)
{
	char sentence[NODE_SENTENCE_MAX];

	snprintf(sentence, sizeof(sentence),
		 "ARP silence is not to be had ('arp: answer' does without): %.100s", text);
	list_each(link, &n->vips->bindings) {
		struct binding *b = container_of(link, struct binding, link);

		if (b->slot.kind && b->slot.silent && !b->slot.silenced && b->slot.wanted)
			binding_refused(n, b, sentence);
	}
}

bool slot_has_ground(const struct node *n, struct slot *s)
{
	const struct board *board = slot_board(s);

	if (s->kind == OBJECT_ARP_SENDER)
		return n->kernel->arp_table;
	if (slot_is_learned(s))
		return learned_has_ground(n, s);
	return !board || (board->index && board->up);
}

/* Somebody else took it. Too often, and it is left to him for a while; true then. */
static bool slot_is_fought_for(struct node *n, struct slot *s)
{
	char text[NODE_SENTENCE_MAX];
	struct duration pause =
		fight_lost(&s->fight, n->now, "takes it from the kernel", text, sizeof(text));

	if (pause.ns == 0)
		return false;
	(void)timer_set(&n->timers, &s->retry, instant_add(n->now, pause));
	if (s->in_binding)
		binding_refused(n, slot_binding(s), text);
	else if (!slot_is_learned(s) || !learned_refused(n, s, 0, text))
		node_note(n, EVENT_NOTE, slot_board_name(s), "%s: %s", slot_noun(s), text);
	if (s->kind == OBJECT_ARP_TABLE)
		slot_refuse_silent(n, text);
	return true;
}

static void slot_repair_note(struct node *n, struct slot *s, const char *what)
{
	struct object o = slot_object(s);

	n->repairs++;
	/* Of very many the edge of their states tells, once for all. */
	if (s->in_binding && slot_binding(s)->bulk)
		return;
	if (address_is_set(&o.address))
		node_note(n, EVENT_REPAIR, slot_board_name(s), "%s %s/%u is gone; it is put back",
			  what, ADDRESS_TEXT(&o.address), o.length);
	else
		node_note(n, EVENT_REPAIR, NULL, "%s is gone; it is made again", what);
}

static void slot_note_foreign(struct node *n, struct slot *s)
{
	struct object o = slot_object(s);

	if (!address_is_set(&o.address))
		return;
	n->repairs++;
	node_note(n, EVENT_REPAIR, slot_board_name(s),
		  "%s %s/%u is there and was not asked for; it is removed", slot_noun(s),
		  ADDRESS_TEXT(&o.address), o.length);
}

/* The kernel no longer has the object, whoever took it. */
static void slot_vanished(struct node *n, struct slot *s)
{
	bool told;

	if (!s->present)
		return;
	slot_lost(n, s);
	told = slot_is_learned(s) && learned_vanished(n, s);
	if (!s->wanted || s->pending)
		return;
	if (!told)
		slot_repair_note(n, s, slot_noun(s));
	/* What goes with its board is the board's loss. */
	if ((!slot_has_ground(n, s) || !slot_is_fought_for(n, s)) && s->in_binding)
		binding_lost(n, slot_binding(s));
}

static void slot_silence_vanished(struct node *n, struct slot *s)
{
	if (!s->silenced)
		return;
	s->silenced = false;
	slot_dirty(n, s);
	if (!s->wanted || !s->silent || s->pending)
		return;
	slot_repair_note(n, s, "the ARP silence of");
	(void)slot_is_fought_for(n, s);
}

/* A silence that stands before a VIP's object; false when no VIP has to do with it. */
static bool slot_observed_silence(struct node *n, const struct object *o, bool present)
{
	struct binding *b = binding_find(n, &o->address);

	if (!b || !b->slot.kind)
		return false;
	b->slot.silence_confirmed = true;
	if (!present)
		slot_silence_vanished(n, &b->slot);
	else if (!b->slot.silenced && !b->slot.pending) {
		b->slot.silenced = true;
		slot_dirty(n, &b->slot);
	}
	return true;
}

static struct slot *slot_of_object(struct node *n, const struct object *o, bool present)
{
	struct board *board = NULL;

	switch ((enum object_kind)o->kind) {
	case OBJECT_NEXTHOP:
	case OBJECT_GROUP:
	case OBJECT_LEARNED:
		return learned_slot(n, o, present);
	case OBJECT_ADDRESS:
	case OBJECT_LOCAL:
		board = board_by_index(n, o->interface);
		if (!board)
			return NULL;
		break;
	case OBJECT_ARP_SENDER:
		return present ? slot_get_sender(n, o->interface, &o->address)
			       : stray_find_on(n, NULL, o->interface, o->kind, &o->address,
					       o->length);
	default:
		break;
	}
	/* A board has a link-local address of the kernel's making; it is not one of ours. */
	if (o->kind == OBJECT_ADDRESS && address_is_link_local(&o->address))
		return NULL;
	return present ? slot_get_stray(n, board, o->kind, &o->address, o->length)
		       : slot_find(n, board, o->kind, &o->address, o->length);
}

void slot_observed(struct node *n, const struct object *o, bool present)
{
	struct slot *s;

	if (o->kind == OBJECT_SILENCE && slot_observed_silence(n, o, present))
		return;
	s = slot_of_object(n, o, present);
	if (!s)
		return;
	s->confirmed = true;
	if (!present) {
		slot_vanished(n, s);
		return;
	}
	if (slot_is_learned(s) && !s->pending)
		learned_observed(n, s, o);
	if (s->present || s->pending)
		return;
	slot_set_present(n, s, true);
	slot_dirty(n, s);
	/* Until the kernel has been read once it is what an earlier life has left. */
	if (!s->wanted && !s->in_binding && n->synced)
		slot_note_foreign(n, s);
}

static void visit_board_gone(struct node *n, struct slot *s, const struct board *board)
{
	if (slot_board(s) != board)
		return;
	if (s->present && s->in_binding && s->wanted)
		binding_lost(n, slot_binding(s));
	slot_set_present(n, s, false);
	slot_dirty(n, s);
}

static void visit_board_there(struct node *n, struct slot *s, const struct board *board)
{
	if (slot_board(s) != board)
		return;
	timer_stop(&n->timers, &s->retry);
	slot_dirty(n, s);
}

static void visit_silence_gone(struct node *n, struct slot *s, const struct board *board)
{
	(void)board;
	if (s->silenced || s->kind == OBJECT_SILENCE || s->kind == OBJECT_ARP_SENDER)
		slot_dirty(n, s);
	s->silenced = false;
	if (s->kind == OBJECT_SILENCE || s->kind == OBJECT_ARP_SENDER)
		s->present = false;
}

static void visit_silence_there(struct node *n, struct slot *s, const struct board *board)
{
	(void)board;
	if (!s->silent && s->kind != OBJECT_ARP_SENDER)
		return;
	if (!s->fight.given_up)
		timer_stop(&n->timers, &s->retry);
	slot_dirty(n, s);
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
	s->confirmed = s->silence_confirmed = false;
}

static void visit_dump_end(struct node *n, struct slot *s, const struct board *board)
{
	(void)board;
	if (s->pending)
		return;
	if (!s->silence_confirmed)
		slot_silence_vanished(n, s);
	if (!s->confirmed)
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
