/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an earlier life has left in the kernel though nothing of it is written down: its records
 * were damaged, lost, or of another layout. Routers may still believe what was said of it, for
 * three minutes, so it does not go without a good-bye. When the kernel has been read for the first
 * time, each address that carries our mark and is nobody's becomes a VIP that is about to leave;
 * when the neighbours can be told (ready.c), the networks that stand in the kernel alone are taken
 * back too.
 *
 * A good-bye too many harms nobody, because a router believes it only of the neighbour that its
 * route leads to.
 *
 * The other way round, what is written down and not in the kernel has been said good-bye to: no
 * speaker goes on where that life has ended.
 */
#include <stdlib.h>

#include "base/text.h"
#include "node/vip/vip.h"

/* With more at once, one line says it for all. */
#define REMNANT_LINES 8

static bool remnant_is_vip(const struct stray *s)
{
	return (s->slot.kind == OBJECT_ADDRESS || s->slot.kind == OBJECT_LOCAL) &&
	       s->slot.present && s->board && s->length == family_bits(s->address.family);
}

static bool remnant_is_silent(struct node *n, const struct address *a)
{
	return slot_find(n, NULL, OBJECT_SILENCE, a, family_bits(a->family)) != NULL;
}

/* What is known of one before it is taken: then its record goes. */
struct remnant {
	struct board *board;
	struct address address;
	uint8_t kind;
};

/* It is held as it was found, whatever a rule would say of a new one: it leaves anyway. */
static bool remnant_take(struct node *n, const struct remnant *r)
{
	struct vip_settings settings;
	char sentence[NODE_SENTENCE_MAX];
	struct binding *b;

	vip_settings_default(&settings);
	settings.address = r->address;
	settings.length = family_bits(r->address.family);
	settings.arp = remnant_is_silent(n, &r->address) ? VIP_ARP_SILENT : VIP_ARP_ANSWER;
	settings.hold = r->kind == OBJECT_LOCAL ? VIP_HOLD_ROUTE : VIP_HOLD_ADDRESS;
	text_copy(settings.board, sizeof(settings.board), r->board->name);
	if (n->vips->n_bindings >= NODE_VIPS_MAX || binding_find(n, &r->address) ||
	    vip_settings_check(&settings, sentence, sizeof(sentence)) < 0)
		return false;
	b = binding_new(n, &settings, 1);
	if (!b)
		return false;
	b->inherited = b->doomed = b->bulk = true;
	save_vip(n, b);
	binding_step(n, b, VIP_ADOPTED,
		     "an earlier life has left it and nothing is known of it: it leaves");
	binding_hold(n, b, r->kind);
	return true;
}

static bool is_held(struct node *n, const struct binding *b)
{
	uint8_t bits = family_bits(b->address.family);
	const struct slot *a = slot_find(n, b->board, OBJECT_ADDRESS, &b->address, bits);
	const struct slot *r = slot_find(n, b->board, OBJECT_LOCAL, &b->address, bits);

	return (a && a->present) || (r && r->present);
}

bool remnant_is_executed(struct node *n)
{
	bool any = false;

	list_each_entry(const struct binding, b, &n->vips->bindings, link) {
		if (b->inherited && is_held(n, b))
			return false;
		any |= b->inherited;
	}
	return any;
}

/* Who is wanted, and held already, has been announced by an earlier life too. */
static void remnant_mark(struct node *n)
{
	list_each_entry(struct binding, b, &n->vips->bindings, link)
		b->inherited |= is_held(n, b);
}

/* All of them, to be freed by the caller; to take one changes the table that is walked here. */
static struct remnant *remnant_collect(const struct node *n, size_t *ret_count)
{
	struct remnant *all = calloc(n->kernel->by_object.count + 1, sizeof(*all));

	*ret_count = 0;
	for (struct hash_node *h = hash_walk(&n->kernel->by_object, NULL); h && all;
	     h = hash_walk(&n->kernel->by_object, h)) {
		const struct stray *s = container_of(h, struct stray, by_object);

		if (remnant_is_vip(s))
			all[(*ret_count)++] =
				(struct remnant){ s->board, s->address, s->slot.kind };
	}
	return all;
}

void remnant_adopt(struct node *n)
{
	size_t found, count = 0;
	struct remnant *all = remnant_collect(n, &found);

	remnant_mark(n);
	for (size_t i = 0; i < found; i++) {
		if (!remnant_take(n, &all[i]) || ++count > REMNANT_LINES)
			continue;
		node_note(n, EVENT_REPAIR, NULL,
			  "%s is in the kernel with our mark and nothing is known of it: the "
			  "neighbours are told that it goes, then it is removed",
			  ADDRESS_TEXT(&all[i].address));
	}
	free(all);
	if (count > REMNANT_LINES)
		node_note(n, EVENT_REPAIR, NULL,
			  "so are %zu more: nothing is known of them, they leave as well",
			  count - REMNANT_LINES);
	n->repairs += count;
}

static void farewell_say(struct node *n, const struct prefix *p)
{

	speakers_announce(n, p, NULL, 0);
	(void)speakers_withdraw(n, p);
}

/*
 * A drained one may have been announced by the life before, which could not write down that it was
 * drained no more.
 */
static bool may_be_announced(const struct binding *b)
{
	return b->announce && !drain_is_done(b);
}

static bool network_is_wanted(const struct node *n, const struct prefix *p)
{
	if (network_find(n, p))
		return true;
	list_each_entry(const struct binding, b, &n->vips->bindings, link) {
		struct prefix network = binding_network(b);

		if (may_be_announced(b) && prefix_equal(&network, p))
			return true;
	}
	return false;
}

static void farewell_network(struct node *n, const struct stray *s)
{
	struct prefix network = prefix_make(&s->address, s->length);

	if (s->slot.kind == OBJECT_UNREACHABLE && s->slot.present && !s->slot.wanted &&
	    !network_is_wanted(n, &network))
		farewell_say(n, &network);
}

/* It stays and is not to be announced any more, which the neighbours have not heard yet. */
static void farewell_muted(struct node *n, const struct binding *b)
{
	struct prefix host = prefix_host(&b->address), network = binding_network(b);

	if (!b->inherited || may_be_announced(b) || b->leaving)
		return;
	farewell_say(n, &host);
	if (!prefix_is_host(&network) && !network_is_wanted(n, &network))
		farewell_say(n, &network);
}

void remnant_farewell(struct node *n)
{
	for (struct hash_node *h = hash_walk(&n->kernel->by_object, NULL); h;
	     h = hash_walk(&n->kernel->by_object, h))
		farewell_network(n, container_of(h, struct stray, by_object));
	list_each(link, &n->vips->bindings)
		farewell_muted(n, container_of(link, struct binding, link));
}
