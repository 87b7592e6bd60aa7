/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of a VIP. README.md has the picture; the edges are made here and nowhere else:
 *
 *   start ──► checking ──rules──► bound ──kernel──► healthy ──sent──► announced ⇄ accepted
 *                │                  │                                    │
 *                └──────► failed ◄──┘ (retried)                       conflict ⇄
 *   leave ──► withdrawn ──good-byes out──► absent
 *
 * Order is a promise (PRODUCT.md, "Order"): a VIP is announced only from `healthy`, and its kernel
 * object is given up only when the good-byes have left.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "node/vip/vip.h"

#define EDGES_DELAY DURATION_MS(200)
#define BINDING_BULK 32 /* with more at once, edges are told together */

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

static void binding_clear_detail(struct binding *b)
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

static void edge_tell(struct node *n, const struct binding *b, enum vip_state from,
		      struct duration age)
{
	struct event e = {
		.kind = EVENT_VIP,
		.vip = b->address,
		.from = (uint8_t)from,
		.to = b->state,
		.age = age,
	};

	text_copy(e.reason, sizeof(e.reason), b->reason ? b->reason : "");
	node_event(n, &e);
}

/* An edge that many VIPs make at the same time is told once, with their number. */
static void edge_count(struct node *n, const struct binding *b, enum vip_state from)
{
	n->vips->edges[from][b->state].count++;
	n->vips->edges[from][b->state].example = b->address;
	n->vips->edges[from][b->state].reason = b->rare && b->rare->detail ? "" : b->reason;
	if (!timer_running(&n->vips->edges_due))
		(void)timer_set(&n->timers, &n->vips->edges_due, instant_add(n->now, EDGES_DELAY));
}

/*
 * The reason is a constant sentence, or the binding's own detail; NULL keeps what binding_explain()
 * said.
 */
void binding_set_state(struct node *n, struct binding *b, enum vip_state state, const char *reason)
{
	enum vip_state from = b->state;
	struct duration age = instant_since(n->now, b->since);

	if (reason && reason != b->reason) {
		binding_clear_detail(b);
		b->reason = reason;
	}
	if (from == state)
		return;
	b->state = (uint8_t)state;
	b->since = n->now;
	source_vip_changed(n, b);
	if (b->bulk)
		edge_count(n, b, from);
	else
		edge_tell(n, b, from, age);
}

void binding_edges_flush(struct node *n)
{
	for (uint8_t from = 0; from < VIP_STATE_COUNT; from++) {
		for (uint8_t to = 0; to < VIP_STATE_COUNT; to++) {
			struct event e = {
				.kind = EVENT_VIPS,
				.vip = n->vips->edges[from][to].example,
				.count = n->vips->edges[from][to].count,
				.from = from,
				.to = to,
			};

			if (e.count == 0)
				continue;
			if (n->vips->edges[from][to].reason)
				text_copy(e.reason, sizeof(e.reason),
					  n->vips->edges[from][to].reason);
			n->vips->edges[from][to].count = 0;
			node_event(n, &e);
		}
	}
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
static void binding_take(struct binding *b, const struct vip_settings *s)
{
	b->announce = s->announce;
	b->metric = s->metric;
	b->arp = s->arp;
	b->conflict = s->conflict;
	b->source = s->source;
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
	binding_take(b, s);
	b->address = s->address;
	b->length = s->length;
	b->hold = s->hold;
	b->board = board;
	b->bulk = together > BINDING_BULK;
	b->since = n->now;
	b->serial = ++n->next_serial;
	list_init(&b->brought);
	if (hash_insert(&n->vips->by_address, &b->by_address,
			address_hash(n->vips->by_address.seed, &s->address)) < 0) {
		if (b->rare) {
			free(b->rare->label);
			free(b->rare->check);
		}
		free(b->rare);
		free(b);
		return NULL;
	}
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

static bool binding_is_found(struct node *n, const struct binding *b, bool as_route)
{
	const struct slot *found = slot_find(n, b->board, as_route ? OBJECT_LOCAL : OBJECT_ADDRESS,
					     &b->address, family_bits(b->address.family));

	return found && found->present;
}

/*
 * Whether the kernel holds it already, left by an earlier life. Where it may be held either way, it
 * stays in the form in which it was left: to change it would be to take it away for a moment.
 */
static bool binding_hold_as_found(struct node *n, struct binding *b)
{
	bool other = binding_is_found(n, b, !b->held_as_route);

	if (b->hold != VIP_HOLD_AUTO || !other)
		return other || binding_is_found(n, b, b->held_as_route);
	b->held_as_route = !b->held_as_route;
	if (b->held_as_route)
		b->board->addresses--;
	else
		b->board->addresses++;
	return true;
}

void binding_start(struct node *n, struct binding *b)
{
	char sentence[NODE_SENTENCE_MAX];
	struct vip_settings settings;

	binding_settings(b, &settings);
	if (!n->synced || policy_check(n, &settings, sentence, sizeof(sentence)) == 0) {
		binding_start_allowed(n, b);
		return;
	}
	binding_set_state(n, b, VIP_STATE_CHECKING, "asked for");
	binding_refused(n, b, sentence);
}

void binding_start_allowed(struct node *n, struct binding *b)
{
	binding_set_state(n, b, VIP_STATE_CHECKING,
			  n->synced ? "asked for" : "waits until the kernel has been read");
	if (!n->synced)
		return;
	if (!binding_hold_as_found(n, b) && claim_ask(n, b)) {
		binding_set_state(n, b, b->state,
				  "asks its physical network whether somebody has it");
		return;
	}
	binding_go(n, b);
}

void binding_go(struct node *n, struct binding *b)
{
	binding_set_state(n, b, VIP_STATE_BOUND, "given to the kernel");
	binding_hold(n, b, b->held_as_route ? OBJECT_LOCAL : OBJECT_ADDRESS);
}

/*
 * Of a large set the first is announced when the last is held: packets are full then, and routers
 * do not fill their tables, under the same lock of the kernel where they share the machine, while
 * ours are still being filled.
 */
static bool binding_awaits_others(const struct node *n, const struct binding *b)
{
	const struct request *r = b->bulk && b->request ? request_find(n, b->request) : NULL;

	return r && r->items > BINDING_BULK;
}

static void binding_announce(struct node *n, struct binding *b)
{
	rival_expect(n, b);
	metric_review(n, b);
	network_join(n, b);
}

/* It may be announced already: it was put back after somebody took it from the kernel. */
void binding_announce_if_ready(struct node *n, struct binding *b)
{
	bool held = b->slot.kind && b->state >= VIP_STATE_HEALTHY && b->state != VIP_STATE_FAILED;

	if (held && b->slot.wanted && b->announce && !b->announced && !b->leaving && !b->doomed &&
	    !drain_is_done(b))
		binding_announce(n, b);
}

void binding_held(struct node *n, struct binding *b)
{
	if (b->state != VIP_STATE_BOUND && b->state != VIP_STATE_FAILED)
		return;
	claim_make(n, b);
	check_join(n, b);
	if (!check_lets(b)) {
		check_explain(b);
		binding_set_state(n, b, VIP_STATE_BOUND, NULL);
		binding_settle(n, b, NULL);
		return;
	}
	binding_set_state(n, b, VIP_STATE_HEALTHY, "the kernel holds it");
	if (!binding_awaits_others(n, b))
		binding_announce_if_ready(n, b);
	binding_review(n, b);
	if (!take_is_awaited(b))
		binding_settle(n, b, NULL);
}

/* Routers may still believe what an earlier life has said: they have to hear that it is over. */
static void binding_fails_check(struct node *n, struct binding *b)
{
	if (b->inherited && b->announce && !b->announced)
		network_join(n, b);
	b->inherited = false;
	(void)network_leave(n, b);
	check_explain(b);
	binding_set_state(n, b, VIP_STATE_BOUND, NULL);
}

void binding_checked(struct node *n, struct binding *b)
{
	bool held = b->slot.kind && b->slot.wanted && b->slot.present && !b->leaving;

	if (!held || b->state == VIP_STATE_FAILED)
		return;
	if (!check_lets(b)) {
		binding_fails_check(n, b);
		return;
	}
	metric_review(n, b);
	if (b->state == VIP_STATE_BOUND)
		slot_dirty(n, &b->slot); /* what is held is announced by binding_held() */
	else
		binding_review(n, b);
}

void binding_announce_bulk(struct node *n)
{
	list_each(link, &n->vips->bindings) {
		struct binding *b = container_of(link, struct binding, link);

		if (!b->bulk || b->state != VIP_STATE_HEALTHY)
			continue;
		binding_announce_if_ready(n, b);
		binding_review(n, b);
	}
}

void binding_refused(struct node *n, struct binding *b, const char *text)
{
	if (b->leaving)
		return;
	binding_explain(b, "%s", text);
	binding_set_state(n, b, VIP_STATE_FAILED, NULL);
	claim_release(n, b);
	(void)network_leave(n, b);
	request_reject(n, b->request);
	binding_settle(n, b, text);
}

void binding_turn_away(struct node *n, struct binding *b)
{
	request_reject(n, b->request);
	binding_settle(n, b, b->reason);
	save_gone(n, b);
	binding_free(n, b);
}

void binding_lost(struct node *n, struct binding *b)
{
	if (b->leaving || b->state == VIP_STATE_BOUND || b->state == VIP_STATE_FAILED)
		return;
	/*
	 * It stays announced: it is put back within a millisecond, and withdrawing it would cost
	 * seconds. If it cannot be put back, binding_refused() withdraws it.
	 */
	binding_set_state(n, b, VIP_STATE_BOUND, "somebody took it from the kernel; put back");
}

void binding_leave(struct node *n, struct binding *b, bool now)
{
	bool withdrawing;

	b->now |= now;
	n->vips->hasty |= now;
	if (b->leaving)
		return;
	/* The neighbours believe what an earlier life said: it leaves when they can be told. */
	if (b->inherited && !n->ready && !n->stopping) {
		b->doomed = true;
		source_changed(n);
		save_vip(n, b);
		return;
	}
	b->leaving = true;
	source_changed(n);
	b->doomed = false;
	take_free(n, b);
	check_leave(n, b);
	claim_release(n, b);
	save_vip(n, b);
	if (b->inherited && b->announce && !b->announced)
		network_join(n, b);
	withdrawing = network_leave(n, b);
	binding_set_state(n, b, VIP_STATE_WITHDRAWN,
			  withdrawing ? "the good-byes are on their way"
				      : "nothing has to be withdrawn");
	if (!withdrawing)
		binding_removed(n, b);
}

/* The good-byes are out, or the kernel object is gone: whichever of the two is left comes next. */
void binding_removed(struct node *n, struct binding *b)
{
	struct vip_settings *successor = NULL;
	uint32_t request = b->request;
	bool configured = b->configured;
	struct binding *next;

	if (!b->leaving)
		return;
	if (b->slot.kind || b->silence.kind) {
		slot_want(n, b->slot.kind ? &b->slot : &b->silence, false);
		return;
	}
	binding_set_state(n, b, VIP_STATE_ABSENT, "unbound");
	if (!b->rare || !b->rare->successor)
		save_gone(n, b);
	b->request = 0;
	if (b->rare) {
		successor = b->rare->successor;
		b->rare->successor = NULL;
	}
	binding_free(n, b);
	next = successor && !n->stopping ? binding_new(n, successor, 1) : NULL;
	if (next) {
		next->configured = configured;
		save_vip(n, next);
		/* Who asked for it hears how it goes with this one. */
		if (request) {
			binding_await(n, next, request);
			request_brings(n, request, &next->brought);
		}
		binding_start(n, next);
	}
	request_settle(n, request, NULL);
	free(successor);
}

/*
 * It is bound again while its good-byes are still on their way: as long as the kernel object has
 * not been given up it is announced again at once. False when it is too late for that.
 */
bool binding_revive(struct node *n, struct binding *b, const struct vip_settings *s)
{
	if (!b->slot.kind || !b->slot.wanted || b->length != s->length ||
	    strcmp(b->board->name, s->board) != 0)
		return false;
	binding_settle(n, b, "it was bound again");
	b->leaving = b->now = b->by_hand = false;
	binding_take(b, s);
	source_changed(n);
	binding_silence(n, b);
	binding_set_state(n, b, VIP_STATE_BOUND, "bound again before it was gone");
	slot_dirty(n, &b->slot);
	return true;
}

static bool binding_has_check(const struct binding *b, const char *name)
{
	return strcmp(b->rare && b->rare->check ? b->rare->check : "", name) == 0;
}

/* The same address is to be bound, perhaps in another way. */
void binding_change(struct node *n, struct binding *b, const struct vip_settings *s)
{
	bool same_place = b->length == s->length && strcmp(b->board->name, s->board) == 0 &&
			  b->hold == s->hold;

	if (same_place && !b->leaving) {
		bool told = b->announce, same_check = binding_has_check(b, s->check);
		uint8_t policy = b->conflict;

		if (binding_in_network(b) && !b->spoken)
			b->rare->network->with_metric += (s->metric != 0) - (b->metric != 0);
		if (!same_check)
			check_leave(n, b);
		binding_take(b, s);
		b->doomed = false;
		binding_forget_successor(b);
		source_changed(n);
		if (b->slot.kind)
			binding_silence(n, b);
		save_vip(n, b);
		if (!b->slot.kind && b->state == VIP_STATE_CONFLICT) {
			claim_again(n, b);
			return;
		}
		if (b->slot.kind)
			claim_make(n, b);
		if (policy != b->conflict)
			take_end(n, b);
		if (!same_check && b->slot.kind && b->slot.present) {
			check_join(n, b);
			binding_checked(n, b);
		}
		if (b->state == VIP_STATE_BOUND || b->state == VIP_STATE_FAILED ||
		    b->state == VIP_STATE_CHECKING)
			return;
		if (s->announce && !told)
			binding_announce_if_ready(n, b);
		else if (!s->announce && told)
			(void)network_leave(n, b);
		else
			network_refresh(n, b);
		rival_review(n, b);
		return;
	}
	if (binding_rare(b) && !b->rare->successor)
		b->rare->successor = malloc(sizeof(*s));
	if (b->rare && b->rare->successor)
		*b->rare->successor = *s;
	binding_leave(n, b, false);
}

static void binding_let_go(struct node *n, struct slot *s)
{
	s->pending = 0;
	if (s->kind)
		slot_close(n, s);
}

void binding_free(struct node *n, struct binding *b)
{
	(void)network_leave(n, b);
	take_free(n, b);
	drain_free(n, b);
	source_forget(n, b);
	check_leave(n, b);
	claim_release(n, b);
	binding_settle(n, b, NULL);
	binding_let_go(n, &b->slot);
	binding_let_go(n, &b->silence);
	list_remove(&b->brought);
	list_remove(&b->link);
	hash_remove(&n->vips->by_address, &b->by_address);
	n->vips->n_bindings--;
	n->vips->n_of_family[family_index((enum family)b->address.family)]--;
	b->board->bindings--;
	if (!b->held_as_route)
		b->board->addresses--;
	n->kernel->boards_dirty = true;
	if (b->rare) {
		free(b->rare->successor);
		free(b->rare->label);
		free(b->rare->check);
		free(b->rare->detail);
		free(b->rare);
	}
	free(b);
}
