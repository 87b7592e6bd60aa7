/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a VIP wants of the kernel, as the reconciler sees it: its address, and its ARP silence, on
 * which the address stands. So the silence comes first, and goes last.
 */
#include "node/vip/vip.h"

static struct binding *binding_of(struct slot *s)
{
	return s->owner == SLOT_OF_VIP ? container_of(s, struct binding, slot)
				       : container_of(s, struct binding, silence);
}

static struct board *address_board(struct slot *s)
{
	return binding_of(s)->board;
}

static struct object address_object(struct slot *s)
{
	const struct binding *b = binding_of(s);

	return (struct object){ .kind = s->kind,
				.address = b->address,
				.length = family_bits(b->address.family),
				.interface = b->board->index };
}

static struct object silence_object(struct slot *s)
{
	struct object o = address_object(s);

	o.interface = 0;
	return o;
}

static struct slot *address_find(struct node *n, const struct object *o, bool make)
{
	struct binding *b = NULL;

	(void)make;
	if ((o->kind == OBJECT_ADDRESS || o->kind == OBJECT_LOCAL) &&
	    o->length == family_bits(o->address.family))
		b = binding_find(n, &o->address);
	return b && b->slot.kind == o->kind ? &b->slot : NULL;
}

static struct slot *silence_find(struct node *n, const struct object *o, bool make)
{
	struct binding *b = o->kind == OBJECT_SILENCE ? binding_find(n, &o->address) : NULL;

	(void)make;
	return b && b->silence.kind ? &b->silence : NULL;
}

static void address_each(struct node *n, const struct board *board, slot_visit *visit)
{
	list_each_entry(struct binding, b, &n->vips->bindings, link)
		if (b->slot.kind)
			visit(n, &b->slot, board);
}

static void silence_each(struct node *n, const struct board *board, slot_visit *visit)
{
	list_each_entry(struct binding, b, &n->vips->bindings, link)
		if (b->silence.kind)
			visit(n, &b->silence, board);
}

static bool address_has_ground(const struct node *n, struct slot *s)
{
	const struct binding *b = binding_of(s);

	(void)n;
	return !b->silence.wanted || b->silence.present;
}

static bool address_keeps(const struct node *n, struct slot *s)
{
	return source_keeps(n, binding_of(s));
}

static bool is_quiet(struct slot *s)
{
	return binding_of(s)->bulk;
}

static void address_changed(struct node *n, struct slot *s)
{
	source_vip_changed(n, binding_of(s));
	borrowed_changed(n, &binding_of(s)->address);
}

static void silence_changed(struct node *n, struct slot *s)
{
	struct binding *b = binding_of(s);

	if (b->slot.kind)
		slot_dirty(n, &b->slot);
}

static void address_held(struct node *n, struct slot *s)
{
	binding_held(n, binding_of(s));
}

static void address_lost(struct node *n, struct slot *s)
{
	binding_lost(n, binding_of(s));
}

static void gone(struct node *n, struct slot *s)
{
	binding_removed(n, binding_of(s));
}

static bool refused(struct node *n, struct slot *s, int error, const char *text)
{
	(void)error;
	if (s->wanted)
		binding_refused(n, binding_of(s), text);
	return s->wanted;
}

/* Who has come since then is told at once as well. */
static void board_refused(struct node *n, struct board *board, bool newcomers)
{
	list_each_entry(struct binding, b, &n->vips->bindings, link)
		if (b->board == board && (!newcomers || b->state == VIP_STATE_BOUND))
			binding_refused(n, b, board->error);
}

static void silence_closed(struct node *n, struct slot *s, uint8_t kind)
{
	(void)s;
	(void)kind;
	silence_count(n, -1);
}

const struct slot_owner vip_slots = {
	.object = address_object,
	.board = address_board,
	.find = address_find,
	.each = address_each,
	.has_ground = address_has_ground,
	.keeps = address_keeps,
	.is_quiet = is_quiet,
	.changed = address_changed,
	.held = address_held,
	.gone = gone,
	.lost = address_lost,
	.refused = refused,
	.board_refused = board_refused,
};

const struct slot_owner silence_slots = {
	.object = silence_object,
	.find = silence_find,
	.each = silence_each,
	.is_quiet = is_quiet,
	.changed = silence_changed,
	.gone = gone,
	.refused = refused,
	.closed = silence_closed,
};

/*
 * A board's IPv6 addresses are not answered for on other interfaces, nor asked in their name. Where
 * a link borrows the address it is the next hop of the router there, who has to find it.
 */
void binding_silence(struct node *n, struct binding *b)
{
	bool silent = b->arp == VIP_ARP_SILENT && b->address.family == FAMILY_IPV4 &&
		      !borrowed_by_any(n, &b->address);

	if (silent && !b->silence.kind) {
		slot_open(n, &b->silence, SLOT_OF_SILENCE, OBJECT_SILENCE);
		silence_count(n, 1);
	}
	if (b->silence.kind && b->silence.wanted != silent)
		slot_want(n, &b->silence, silent);
}

void binding_hold(struct node *n, struct binding *b, uint8_t kind)
{
	binding_silence(n, b);
	slot_open(n, &b->slot, SLOT_OF_VIP, kind);
	slot_want(n, &b->slot, true);
}

void binding_silence_all(struct node *n)
{
	list_each_entry(struct binding, b, &n->vips->bindings, link)
		if (b->slot.kind)
			binding_silence(n, b);
}
