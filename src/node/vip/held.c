/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a VIP wants of the kernel, as the reconciler sees it: its address, and its ARP silence, on
 * which the address stands. So the silence comes first, and goes last.
 */
#include "node/vip/vip.h"

static struct binding *vip_of(struct slot *s)
{
	return container_of(s, struct binding, slot);
}

static struct object vip_object(struct slot *s)
{
	const struct binding *b = vip_of(s);

	return (struct object){ .kind = s->kind,
				.address = b->address,
				.length = family_bits(b->address.family),
				.interface = b->board->index };
}

static struct board *vip_board(struct slot *s)
{
	return vip_of(s)->board;
}

static struct slot *vip_find(struct node *n, const struct object *o, bool make)
{
	struct binding *b = NULL;

	(void)make;
	if ((o->kind == OBJECT_ADDRESS || o->kind == OBJECT_LOCAL) &&
	    o->length == family_bits(o->address.family))
		b = binding_find(n, &o->address);
	return b && b->slot.kind == o->kind ? &b->slot : NULL;
}

static void vip_each(struct node *n, const struct board *board, slot_visit *visit)
{
	list_each(link, &n->vips->bindings) {
		struct binding *b = container_of(link, struct binding, link);

		if (b->slot.kind)
			visit(n, &b->slot, board);
	}
}

static bool vip_has_ground(const struct node *n, struct slot *s)
{
	const struct binding *b = vip_of(s);

	(void)n;
	return !b->silence.wanted || b->silence.present;
}

static bool vip_keeps(const struct node *n, struct slot *s)
{
	return source_keeps(n, vip_of(s));
}

static bool vip_is_quiet(struct slot *s)
{
	return vip_of(s)->bulk;
}

static void vip_changed(struct node *n, struct slot *s)
{
	source_vip_changed(n, vip_of(s));
}

static void vip_held(struct node *n, struct slot *s)
{
	binding_held(n, vip_of(s));
}

static void vip_gone(struct node *n, struct slot *s)
{
	binding_removed(n, vip_of(s));
}

static void vip_lost(struct node *n, struct slot *s)
{
	binding_lost(n, vip_of(s));
}

static bool refuse(struct node *n, const struct slot *s, struct binding *b, const char *text)
{
	if (s->wanted)
		binding_refused(n, b, text);
	return s->wanted;
}

static bool vip_refused(struct node *n, struct slot *s, int error, const char *text)
{
	(void)error;
	return refuse(n, s, vip_of(s), text);
}

/* Who has come since then is told at once as well. */
static void vip_board_refused(struct node *n, struct board *board, bool newcomers)
{
	list_each(link, &n->vips->bindings) {
		struct binding *b = container_of(link, struct binding, link);

		if (b->board == board && (!newcomers || b->state == VIP_STATE_BOUND))
			binding_refused(n, b, board->error);
	}
}

const struct slot_owner vip_slots = {
	.object = vip_object,
	.board = vip_board,
	.find = vip_find,
	.each = vip_each,
	.has_ground = vip_has_ground,
	.keeps = vip_keeps,
	.is_quiet = vip_is_quiet,
	.changed = vip_changed,
	.held = vip_held,
	.gone = vip_gone,
	.lost = vip_lost,
	.refused = vip_refused,
	.board_refused = vip_board_refused,
};

static struct binding *silence_of(struct slot *s)
{
	return container_of(s, struct binding, silence);
}

static struct object silence_object(struct slot *s)
{
	const struct binding *b = silence_of(s);

	return (struct object){ .kind = OBJECT_SILENCE,
				.address = b->address,
				.length = family_bits(b->address.family) };
}

static struct slot *silence_find(struct node *n, const struct object *o, bool make)
{
	struct binding *b = o->kind == OBJECT_SILENCE ? binding_find(n, &o->address) : NULL;

	(void)make;
	return b && b->silence.kind ? &b->silence : NULL;
}

static void silence_each(struct node *n, const struct board *board, slot_visit *visit)
{
	list_each(link, &n->vips->bindings) {
		struct binding *b = container_of(link, struct binding, link);

		if (b->silence.kind)
			visit(n, &b->silence, board);
	}
}

static bool silence_is_quiet(struct slot *s)
{
	return silence_of(s)->bulk;
}

static void silence_changed(struct node *n, struct slot *s)
{
	struct binding *b = silence_of(s);

	if (b->slot.kind)
		slot_dirty(n, &b->slot);
}

static void silence_gone(struct node *n, struct slot *s)
{
	binding_removed(n, silence_of(s));
}

static bool silence_refused(struct node *n, struct slot *s, int error, const char *text)
{
	(void)error;
	return refuse(n, s, silence_of(s), text);
}

static void silence_closed(struct node *n, struct slot *s, uint8_t kind)
{
	(void)s;
	(void)kind;
	silence_count(n, -1);
}

const struct slot_owner silence_slots = {
	.object = silence_object,
	.find = silence_find,
	.each = silence_each,
	.is_quiet = silence_is_quiet,
	.changed = silence_changed,
	.gone = silence_gone,
	.refused = silence_refused,
	.closed = silence_closed,
};

/* A board's IPv6 addresses are not answered for on other interfaces, nor asked in their name. */
void binding_silence(struct node *n, struct binding *b)
{
	bool silent = b->arp == VIP_ARP_SILENT && b->address.family == FAMILY_IPV4;

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
