/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of a VIP: what is done when something happens to it. Which state follows stands in the
 * table of fsm.c.
 *
 * Order is a promise (PRODUCT.md, "Order"): a VIP is announced only from `healthy`, and its kernel
 * object is given up only when the good-byes have left.
 */
#include <stdlib.h>
#include <string.h>

#include "node/vip/fsm.h"

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
	binding_step(n, b, VIP_ASKED, "asked for");
	binding_refused(n, b, sentence);
}

void binding_start_allowed(struct node *n, struct binding *b)
{
	binding_step(n, b, VIP_ASKED,
		     n->synced ? "asked for" : "waits until the kernel has been read");
	if (!n->synced)
		return;
	if (!binding_hold_as_found(n, b) && claim_ask(n, b)) {
		binding_say(b, "asks its physical network whether somebody has it");
		return;
	}
	binding_go(n, b);
}

void vip_is_given(struct node *n, struct binding *b)
{
	binding_hold(n, b, b->held_as_route ? OBJECT_LOCAL : OBJECT_ADDRESS);
}

void binding_go(struct node *n, struct binding *b)
{
	binding_step(n, b, VIP_GIVEN, "given to the kernel");
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
	if (b->state != VIP_STATE_BOUND && b->state != VIP_STATE_FAILED) {
		binding_step(n, b, VIP_HELD, NULL);
		return;
	}
	claim_make(n, b);
	check_join(n, b);
	if (check_lets(b)) {
		binding_step(n, b, VIP_HELD, "the kernel holds it");
		return;
	}
	check_explain(b);
	binding_step(n, b, VIP_UNFIT, NULL);
	binding_settle(n, b, NULL);
}

void vip_is_held(struct node *n, struct binding *b)
{
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
	binding_step(n, b, VIP_UNFIT, NULL);
}

/* What its check says has changed. */
static void binding_checked(struct node *n, struct binding *b)
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

void binding_hear_checks(struct node *n)
{
	while (!list_empty(&n->vips->check_news)) {
		struct list *news = n->vips->check_news.next;

		list_remove(news);
		list_each_safe(link, &container_of(news, struct check_run, news)->vips)
			binding_checked(n,
					container_of(link, struct binding_rare, checked)->binding);
	}
}

void binding_announce_bulk(struct node *n)
{
	list_each_entry(struct binding, b, &n->vips->bindings, link) {
		if (!b->bulk || b->state != VIP_STATE_HEALTHY)
			continue;
		binding_announce_if_ready(n, b);
		binding_review(n, b);
	}
}

void binding_refused(struct node *n, struct binding *b, const char *text)
{
	if (!b->leaving)
		binding_explain(b, "%s", text);
	binding_step(n, b, VIP_REFUSED, NULL);
}

void vip_is_refused(struct node *n, struct binding *b)
{
	claim_release(n, b);
	(void)network_leave(n, b);
	request_reject(n, b->request);
	binding_settle(n, b, b->reason);
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
	ping_forget(n, b);
	proving_leave(n, b);
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

void binding_turn_away(struct node *n, struct binding *b)
{
	request_reject(n, b->request);
	binding_settle(n, b, b->reason);
	save_gone(n, b);
	binding_free(n, b);
}

/*
 * It stays announced: it is put back within a millisecond, and withdrawing it would cost seconds.
 * If it cannot be put back, binding_refused() withdraws it.
 */
void binding_lost(struct node *n, struct binding *b)
{
	binding_step(n, b, VIP_LOST, "somebody took it from the kernel; put back");
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
	binding_step(n, b, VIP_LEAVES,
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
	binding_step(n, b, VIP_GONE, "unbound");
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
	binding_take(n, b, s);
	source_changed(n);
	binding_silence(n, b);
	binding_step(n, b, VIP_REVIVED, "bound again before it was gone");
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

		if (binding_in_network(b) && !binding_spoken(b))
			b->rare->network->with_metric += (s->metric != 0) - (b->metric != 0);
		if (!same_check)
			check_leave(n, b);
		binding_take(n, b, s);
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
