/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Somebody else who has a VIP of ours: seen in routing (proto/rip/rival.c), or on the wire of a
 * physical network (claim.c). Who it is and since when is kept, and `conflict` says what follows:
 *
 *	refuse	it is not bound while somebody answers for it on the wire; who comes later is told
 *of warn	it is bound, and the rival is told of
 *	worsen	likewise, with a metric that lets the rival win
 *	take	likewise, with a metric that wins: take.c
 *
 * Nobody is refused for what is seen in routing: routers go on announcing a server that has died
 * for as long as their timeout, and to take its place is what a VIP is bound for. And who is bound
 * stays so whatever comes later: a frame or a packet of a stranger must not take a service down.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "node/vip/vip.h"

/* After a start the neighbours need so long to be heard. */
#define RIVAL_NOTICE DURATION_S(10)

/*
 * Worse than the rival's at every router: at ours it has `metric`, ours would have one more. And
 * not up and down with every word of the rival. Who gets worse than that gives way in his turn: the
 * steps get longer, or two such would need hours to their last metrics.
 */
static void rival_worsen(const struct node *n, struct binding *b, uint32_t metric)
{
	uint32_t last = metric_last(n, b), worse = metric < last ? metric + 1 : last;

	if (!binding_rare(b) || worse <= b->rare->worsened)
		return;
	if (worse < 2 * b->rare->worsened)
		worse = 2 * b->rare->worsened;
	b->rare->worsened = worse < last ? worse : last;
}

/*
 * Who has it when it is bound is taken over. Who comes later has been told to take it in his turn:
 * two that both insisted would never let go, and a VIP could not be moved back.
 */
static void rival_take(struct node *n, struct binding *b, uint32_t metric)
{
	bool fresh = b->rare && instant_before(n->now, b->rare->takes_until);

	if (b->conflict == VIP_CONFLICT_TAKE && !drain_is_on(b) && (fresh || take_is_on(b)))
		take_rival(n, b, metric);
}

void rival_review(struct node *n, struct binding *b)
{
	struct route_heard heard = { .metric = metric_last(n, b) };
	bool routing = rival_in_routing(n, b, &heard), any = routing || rival_is_on_wire(b);

	if (routing && binding_rare(b) && !b->rare->heard_routing)
		b->rare->heard_since = n->now;
	if (b->rare)
		b->rare->heard_routing = routing;
	if (b->conflict == VIP_CONFLICT_WORSEN && any && !rival_is_hearsay(n, b))
		rival_worsen(n, b, heard.metric);
	else if (b->rare)
		b->rare->worsened = 0;
	if (routing)
		rival_take(n, b, heard.metric);
	metric_review(n, b);
	binding_review(n, b);
	source_changed(n);
}

void rival_remember(struct binding *b, uint32_t spoken)
{
	if (!spoken || !binding_rare(b))
		return;
	b->rare->spoken = spoken;
	if (b->conflict == VIP_CONFLICT_WORSEN)
		b->rare->worsened = spoken;
}

void rival_expect(struct node *n, struct binding *b)
{
	struct prefix network = binding_network(b);
	struct route_heard heard;

	if (b->conflict == VIP_CONFLICT_TAKE && binding_rare(b))
		b->rare->takes_until = instant_add(n->now, RIVAL_NOTICE);
	if (binding_spoken(b) && b->conflict == VIP_CONFLICT_TAKE && !take_is_on(b))
		take_resume(n, b);
	if (!speakers_heard(n, &network, &heard))
		return;
	if (b->conflict == VIP_CONFLICT_WORSEN)
		rival_worsen(n, b, heard.metric);
	else
		rival_take(n, b, heard.metric);
}

void rival_on_wire(struct node *n, struct binding *b, const struct acd_event *e, bool asked)
{
	char mac[3 * ETHER_MAC_BYTES], what[NODE_SENTENCE_MAX];
	bool known = b->rare->wire.there;

	b->rare->wire.there = true;
	b->rare->wire.interface = e->interface;
	memcpy(b->rare->wire.mac, e->mac, sizeof(b->rare->wire.mac));
	if (asked || e->again) {
		b->rare->wire.sure = true;
		rival_review(n, b);
	}
	if (known)
		return; /* with every other MAC a line would be a stranger's way to fill the disk */
	b->rare->wire.since = n->now;
	rival_mac_text(e->mac, mac, sizeof(mac));
	snprintf(what, sizeof(what), "%s has a VIP of ours", mac);
	rival_tell(n, b, e->interface, what);
	rival_review(n, b);
}

void rival_off_wire(struct node *n, struct binding *b, uint32_t interface)
{
	if (!b->rare->wire.there || b->rare->wire.interface != interface)
		return;
	b->rare->wire.there = b->rare->wire.sure = false;
	if (!b->slot.kind || b->leaving)
		return;
	rival_tell(n, b, interface, "nobody else has the VIP any more");
	rival_review(n, b);
}
