/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The node: where inputs go, and what happens after each. README.md in this folder is the overview.
 */
#include "node/node.h"

#include <stdlib.h>
#include <string.h>

#include "node/command.h"
#include "node/save.h"
#include "node/vip/vip.h"

/* Whoever waits for the answer about a large set has it in the meantime. */
#define BULK_DELAY DURATION_MS(1)

/* The uses of the node's seed. What is seen on the wire of one tells nothing of the others. */
enum seed_use {
	SEED_NODE,
	SEED_ACD,
	SEED_TABLES,
	/* Those from here on are for speakers: route/speaker.c. */
	SEED_PROOFS = 255,
};

/* All of a node, in one piece of memory. */
struct house {
	struct node node;
	struct kernel kernel;
	struct routing routing;
	struct vips vips;
	struct staging staging;
};

struct node *node_new(void)
{
	struct house *h = calloc(1, sizeof(*h));
	struct node *n = h ? &h->node : NULL;

	if (!n)
		return NULL;
	n->kernel = &h->kernel;
	n->routing = &h->routing;
	n->vips = &h->vips;
	n->staging = &h->staging;
	n->kernel->owners[SLOT_OF_VIP] = &vip_slots;
	n->kernel->owners[SLOT_OF_SILENCE] = &silence_slots;
	n->kernel->owners[SLOT_OF_STRAY] = &stray_slots;
	n->kernel->owners[SLOT_OF_LEARNED] = &learned_slots;
	n->routing->tell = vip_hear;
	n->routing->has = vip_has;
	n->routing->holds = vip_holds;
	timers_init(&n->timers); /* source_init() reserves there */
	if (speakers_new(n, 0) < 0) {
		free(n);
		return NULL;
	}
	n->vips->acd = acd_new(0);
	if (!n->vips->acd || source_init(n) < 0 || learned_init(n) < 0) {
		free(n->routing->learning);
		speakers_free(n);
		acd_free(n->vips->acd);
		free(n);
		return NULL;
	}
	n->next_id = 1;
	outbox_init(&n->outbox);
	list_init(&n->kernel->boards);
	list_init(&n->vips->bindings);
	list_init(&n->routing->links);
	list_init(&n->requests);
	list_init(&n->kernel->dirty);
	list_init(&n->routing->watches);
	list_init(&n->routing->routers);
	list_init(&n->vips->checks);
	list_init(&n->vips->check_news);
	hash_init(&n->vips->check_runs);
	hash_init(&n->vips->by_address);
	hash_init(&n->kernel->by_object);
	hash_init(&n->kernel->troubles);
	hash_init(&n->vips->by_prefix);
	timer_init(&n->vips->edges_due, NODE_TIMER_EDGES);
	timer_init(&n->vips->ready_due, NODE_TIMER_READY);
	timer_init(&n->vips->bulk_due, NODE_TIMER_BULK);
	timer_init(&n->saving.again, NODE_TIMER_SAVE);
	proving_init(n);
	staging_clear(n->staging);
	return n;
}

void node_free(struct node *n)
{
	struct hash_node *h;

	if (!n)
		return;
	list_each_safe(link, &n->vips->bindings)
		binding_free(n, container_of(link, struct binding, link));
	proving_free(n);
	learned_free_all(n);
	stray_free_all(n);
	while ((h = hash_walk(&n->vips->by_prefix, NULL)))
		network_free(n, container_of(h, struct network, by_prefix));
	list_each_safe(link, &n->kernel->boards)
		board_free(n, container_of(link, struct board, link));
	list_each_safe(link, &n->routing->links)
		link_free(n, container_of(link, struct link, link));
	list_each_safe(link, &n->requests)
		request_free(container_of(link, struct request, link));
	source_done(n);
	speakers_free(n);
	acd_free(n->vips->acd);
	hash_done(&n->vips->by_address);
	hash_done(&n->kernel->by_object);
	hash_done(&n->kernel->troubles);
	hash_done(&n->vips->by_prefix);
	watch_free_all(n);
	timers_done(&n->timers);
	outbox_done(&n->outbox);
	staging_clear(n->staging);
	check_free_all(n);
	ways_forget(n, true);
	hash_done(&n->vips->check_runs);
	free(n->kernel->pending);
	free(n->routing->rules);
	free(n->routing->speeches);
	unbound_forget_all(n);
	free(n);
}

struct speaker *node_speaker_add(struct node *n, const struct speaker_class *c,
				 const struct speaker_settings *s, uint64_t seed)
{
	return speakers_add(n, c, s, seed, seed);
}

void node_start(struct node *n, uint64_t seed)
{
	struct acd *acd;

	/* What has begun keeps its seed: tables are filled by it, and speakers spoken to. */
	if (n->inputs > 1)
		return;
	acd = acd_new(hash_seed_for(seed, SEED_ACD));
	if (!acd)
		return;
	if (speakers_new(n, seed) < 0) {
		acd_free(acd);
		return;
	}
	acd_free(n->vips->acd);
	n->vips->acd = acd;
	random_init(&n->random, hash_seed_for(seed, SEED_NODE));
	/* Who tries may still be at what an earlier life has asked for. */
	n->vips->proving.next_token = (uint32_t)hash_seed_for(seed, SEED_PROOFS);
	seed = hash_seed_for(seed, SEED_TABLES);
	hash_seed(&n->vips->by_address, seed);
	hash_seed(&n->kernel->by_object, seed);
	hash_seed(&n->vips->by_prefix, seed);
	learned_seed(n, seed);
	n->started = n->now;
}

/* Addresses have changed: what a rule refused may be allowed now. */
static void node_recheck(struct node *n)
{
	n->routing->recheck = false;
	list_each_entry(struct binding, b, &n->vips->bindings, link) {
		if (!b->leaving && !b->slot.kind && !claim_is_asking(b) &&
		    (b->state == VIP_STATE_FAILED || b->state == VIP_STATE_CHECKING ||
		     b->state == VIP_STATE_ABSENT))
			binding_start(n, b);
	}
}

void node_dump_begin(struct node *n)
{
	n->dumping = true;
	n->resyncing = false;
	link_dump_begin(n);
	slot_dump_begin(n);
}

void node_dump_end(struct node *n)
{
	n->dumping = false;
	link_dump_end(n);
	slot_dump_end(n);
	if (!n->synced) {
		n->synced = true;
		n->routing->recheck = true;
		if (remnant_is_executed(n))
			speakers_forget_left(n);
		speakers_configure(n);
		link_review_all(n);
		speakers_identify(n);
		remnant_adopt(n);
		ready_begin(n);
		learned_adopt(n);
		save_snapshot(n);
	}
}

void node_tick(struct node *n)
{
	struct timer *t;

	/* A neighbour may be forgotten by now that nobody was told of. */
	n->routing->watches_dirty |= !list_empty(&n->routing->watches);
	while ((t = timers_pop(&n->timers, n->now)))
		switch ((enum node_timer)t->slot) {
		case NODE_TIMER_WATCH:
			watch_waited(n, t);
			break;
		case NODE_TIMER_RETRY:
			slot_dirty(n, container_of(t, struct trouble, retry)->slot);
			break;
		case NODE_TIMER_BOARD:
			n->kernel->boards_dirty = true;
			break;
		case NODE_TIMER_WANT:
			want_due(n, t);
			break;
		case NODE_TIMER_EDGES:
			binding_edges_flush(n);
			break;
		case NODE_TIMER_BULK:
			binding_announce_bulk(n);
			break;
		case NODE_TIMER_READY:
			ready_now(n);
			break;
		case NODE_TIMER_CLAIM:
			claim_again(n, container_of(t, struct binding_rare, again)->binding);
			break;
		case NODE_TIMER_TAKE:
			take_due(n, t);
			break;
		case NODE_TIMER_PATIENCE:
			take_impatient(n, t);
			break;
		case NODE_TIMER_DRAIN:
			drain_due(n, t);
			break;
		case NODE_TIMER_SOURCE:
			source_due(n);
			break;
		case NODE_TIMER_LEARNED:
			learned_due(n, t);
			break;
		case NODE_TIMER_SAVE:
			save_again(n);
			break;
		case NODE_TIMER_PROVE: /* node_settle() does */
			break;
		}
}

static bool node_is_empty(const struct node *n)
{
	if (!n->stopping || n->vips->n_bindings > 0 || n->kernel->by_object.count > 0 ||
	    !learned_is_gone(n))
		return false;
	return list_empty(&n->kernel->boards);
}

/* Neighbours would wait for a dead one, and keep what it has said of itself. */
static bool node_has_left(struct node *n)
{
	if (link_leave_all(n))
		return true;
	speakers_pump(n);
	return link_leave_all(n);
}

/*
 * What follows from any input: the tables are compared, the speaker speaks, requests are answered.
 */
void node_settle(struct node *n)
{
	struct effect e = { 0 };

	speakers_tick(n);
	acd_tick(n->vips->acd, n->now);
	/* Handed over: whatever happens now is for the next one. */
	if (n->stopped)
		return;
	if (n->routing->recheck && n->synced && !n->dumping)
		node_recheck(n);
	ready_review(n);
	if (n->routing->networks_dirty && n->synced && !n->dumping) {
		n->routing->networks_dirty = false;
		claim_networks_changed(n);
	}
	do {
		/* Before anything can leave the kernel. */
		source_review(n);
		if (n->synced && !n->dumping) {
			senders_review(n);
			slot_reconcile(n);
			board_reconcile(n);
		}
		speakers_pump(n);
		binding_hasty(n);
		learned_pump(n);
		command_undo_all(n);
	} while (claim_pump(n) || (n->synced && !n->dumping &&
				   (!list_empty(&n->kernel->dirty) || n->kernel->boards_dirty)));
	watch_reconcile(n);
	proving_run(n);
	if (n->resyncing && n->synced && !n->dumping) {
		n->resyncing = false;
		e.kind = EFFECT_RESYNC;
		node_effect_put(n, &e);
	}
	save_compact(n);
	/* What a large set announces goes out when who asked for it has had the answer. */
	if (request_finish(n))
		(void)timer_set(&n->timers, &n->vips->bulk_due, instant_add(n->now, BULK_DELAY));
	source_review(n);
	if (!n->stopped && node_is_empty(n) && node_has_left(n)) {
		n->stopped = true;
		save_snapshot(n);
		binding_edges_flush(n);
		e.kind = EFFECT_STOPPED;
		node_effect_put(n, &e);
	}
}

bool node_effect(struct node *n, struct instant now, struct effect *ret)
{
	(void)now;
	return outbox_take(&n->outbox, ret);
}

struct instant node_deadline(const struct node *n)
{
	struct instant due = instant_min(timers_deadline(&n->timers), acd_deadline(n->vips->acd));

	if (n->stopped)
		return INSTANT_NEVER;
	return instant_min(due, speakers_deadline(n));
}

uint64_t node_unexpected(const struct node *n)
{
	return n->vips->unexpected;
}
