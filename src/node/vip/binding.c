/* SPDX-License-Identifier: Apache-2.0 */
/* The record of a VIP: how it is wished, on which board, why it is as it is. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "node/vip/vip.h"

struct binding *binding_find(const struct node *n, const struct address *a)
{
	uint32_t hash = address_hash(n->vips->by_address.seed, a);

	for (struct hash_node *h = hash_first(&n->vips->by_address, hash); h;
	     h = hash_next(h, hash)) {
		struct binding *b = container_of(h, struct binding, by_address);

		if (address_equal(&b->address, a))
			return b;
	}
	return NULL;
}

struct prefix binding_network(const struct binding *b)
{
	return prefix_make(&b->address, b->length);
}

struct binding_rare *binding_rare(struct binding *b)
{
	if (!b->rare)
		b->rare = calloc(1, sizeof(*b->rare));
	if (b->rare && !b->rare->binding) {
		b->rare->binding = b;
		list_init(&b->rare->member);
		list_init(&b->rare->checked);
		list_init(&b->rare->sourced);
		timer_init(&b->rare->again, NODE_TIMER_CLAIM);
	}
	return b->rare;
}

struct network *binding_in_network(const struct binding *b)
{
	return b->rare ? b->rare->network : NULL;
}

void binding_clear_detail(struct binding *b)
{
	if (!b->rare)
		return;
	free(b->rare->detail);
	b->rare->detail = NULL;
}

void binding_explain(struct binding *b, const char *format, ...)
{
	char sentence[NODE_SENTENCE_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	if (b->reason && strcmp(b->reason, sentence) == 0)
		return;
	binding_clear_detail(b);
	b->reason = "out of memory for the reason";
	if (binding_rare(b) && (b->rare->detail = strdup(sentence)))
		b->reason = b->rare->detail;
}

void binding_settings(const struct binding *b, struct vip_settings *ret)
{
	vip_settings_default(ret);
	ret->address = b->address;
	ret->length = b->length;
	ret->metric = b->metric;
	ret->hold = b->hold;
	ret->announce = b->announce;
	ret->arp = b->arp;
	ret->conflict = b->conflict;
	ret->source = b->source;
	ret->ping = b->ping;
	text_copy(ret->board, sizeof(ret->board), b->board->name);
	text_copy(ret->label, sizeof(ret->label), b->rare && b->rare->label ? b->rare->label : "");
	text_copy(ret->check, sizeof(ret->check), b->rare && b->rare->check ? b->rare->check : "");
}

void binding_wish(const struct binding *b, struct vip_settings *ret)
{
	if ((b->leaving || b->doomed) && b->rare && b->rare->successor)
		*ret = *b->rare->successor;
	else
		binding_settings(b, ret);
}

bool binding_is_leaving(const struct binding *b)
{
	return (b->leaving || b->doomed) && !(b->rare && b->rare->successor);
}

void binding_forget_successor(struct binding *b)
{
	if (!b->rare)
		return;
	free(b->rare->successor);
	b->rare->successor = NULL;
}

/* Takes all settings but those that say where and how it is held. */
void binding_take(struct node *n, struct binding *b, const struct vip_settings *s)
{
	b->announce = s->announce;
	b->metric = s->metric;
	b->arp = s->arp;
	b->conflict = s->conflict;
	b->source = s->source;
	b->ping = s->ping;
	ping_review(n, b);
	if (b->rare) {
		free(b->rare->label);
		free(b->rare->check);
		b->rare->label = b->rare->check = NULL;
	}
	if (s->label[0] && binding_rare(b))
		b->rare->label = strdup(s->label);
	if (s->check[0] && binding_rare(b))
		b->rare->check = strdup(s->check);
}

/* The command that brought the binding about has its answer. */
void binding_settle(struct node *n, struct binding *b, const char *failure)
{
	uint32_t request = b->request;

	b->request = 0;
	request_settle(n, request, failure);
}

/* Addresses cost the kernel more the more there are on a board; local routes do not. */
static bool binding_holds_as_route(const struct board *board, const struct vip_settings *s,
				   size_t together)
{
	return s->hold == VIP_HOLD_ROUTE ||
	       (s->hold == VIP_HOLD_AUTO && (together > NODE_ADDRESSES_PER_BOARD ||
					     board->addresses >= NODE_ADDRESSES_PER_BOARD));
}

struct binding *binding_new(struct node *n, const struct vip_settings *s, size_t together)
{
	struct board *board = board_get(n, s->board);
	struct binding *b = board ? calloc(1, sizeof(*b)) : NULL;

	if (!b)
		return NULL;
	b->address = s->address;
	b->length = s->length;
	b->hold = s->hold;
	b->board = board;
	b->bulk = together > BINDING_BULK;
	b->since = n->now;
	b->serial = ++n->next_serial;
	list_init(&b->brought);
	if (proving_join(n, b) < 0) {
		free(b);
		return NULL;
	}
	if (hash_insert(&n->vips->by_address, &b->by_address,
			address_hash(n->vips->by_address.seed, &s->address)) < 0) {
		proving_leave(n, b);
		free(b);
		return NULL;
	}
	binding_take(n, b, s);
	list_append(&n->vips->bindings, &b->link);
	n->vips->n_bindings++;
	n->vips->n_of_family[family_index((enum family)b->address.family)]++;
	board->bindings++;
	board->doomed = false;
	n->kernel->boards_dirty = true;
	b->held_as_route = binding_holds_as_route(board, s, together);
	if (!b->held_as_route)
		board->addresses++;
	return b;
}

void binding_await(struct node *n, struct binding *b, uint32_t request)
{
	binding_settle(n, b, "another command came in between");
	b->request = request;
	request_wait(n, request);
}
