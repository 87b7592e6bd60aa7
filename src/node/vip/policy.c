/* SPDX-License-Identifier: Apache-2.0 */
/*
 * May a VIP be bound? PRODUCT.md row 3: a virtual network must differ from every physical network,
 * or the host would route the whole of its own LAN into a board as soon as the NIC flaps. A host
 * mask may repeat an address of a physical network elsewhere (rows 15 and 16), but not one that
 * this host has itself.
 */
#include <string.h>

#include "base/text.h"
#include "node/vip/vip.h"

static int policy_check_network(const struct link *l, const struct link_address *a,
				const struct vip_settings *s, char *sentence, size_t size)
{
	struct prefix physical, virtual;
	const char *relation;

	if (address_equal(&a->address, &s->address))
		return text_refuse(sentence, size, "%s is the address of %s already",
				   ADDRESS_TEXT(&s->address), l->interface.name);
	if (s->length == family_bits(s->address.family))
		return 0;
	physical = link_address_network(a);
	virtual = prefix_make(&s->address, s->length);
	if (prefix_equal(&virtual, &physical))
		relation = "is";
	else if (prefix_covers(&physical, &virtual))
		relation = "lies inside";
	else if (prefix_covers(&virtual, &physical))
		relation = "contains";
	else
		return 0;
	return text_refuse(sentence, size,
			   "the virtual network %s %s the physical network %s of %s: a virtual "
			   "network must differ from every physical one, or take a host mask",
			   PREFIX_TEXT(&virtual), relation, PREFIX_TEXT(&physical),
			   l->interface.name);
}

static int policy_check_board(const struct node *n, const struct vip_settings *s, char *sentence,
			      size_t size)
{
	const struct board *b = board_find(n, s->board);

	list_each_entry(const struct link, l, &n->routing->links, link) {
		if (strcmp(l->interface.name, s->board) == 0 &&
		    l->interface.kind != INTERFACE_BOARD)
			return text_refuse(sentence, size,
					   "%s is an interface that is not a virtual board",
					   s->board);
	}
	if (strcmp(s->board, NODE_BOARD_DEFAULT) == 0 || (b && board_wanted(b)))
		return 0;
	return text_refuse(sentence, size, "there is no board %s: make it with 'vip board add %s'",
			   s->board, s->board);
}

int policy_check(const struct node *n, const struct vip_settings *s, char *sentence, size_t size)
{
	int r = vip_settings_check(s, sentence, size);

	if (r == 0)
		r = speakers_check_metric(n, n->routing->speeches, n->routing->n_speeches, s,
					  sentence, size);
	if (r == 0 && s->check[0] && !check_exists(n, s->check))
		r = text_refuse(sentence, size,
				"there is no check '%s': 'checks' of the configuration does not "
				"have it",
				s->check);
	if (r == 0)
		r = policy_check_board(n, s, sentence, size);
	if (r < 0)
		return r;
	list_each_entry(const struct link, l, &n->routing->links, link) {
		if (l->interface.kind != INTERFACE_PHYSICAL)
			continue;
		for (size_t k = 0; r == 0 && k < l->n_addresses; k++)
			r = policy_check_network(l, &l->addresses[k], s, sentence, size);
	}
	return r;
}
