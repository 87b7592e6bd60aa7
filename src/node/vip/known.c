/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known of a VIP, for whoever decides: who has accepted it, who else has it, its check, its
 * drain, whether it is taken over. Nothing is changed here.
 */
#include <stdio.h>

#include "base/text.h"
#include "node/vip/vip.h"

unsigned binding_accepted(const struct node *n, const struct binding *b)
{
	struct prefix p = binding_network(b), host = prefix_host(&b->address);
	unsigned accepted;

	(void)speakers_told(n, &p, &accepted);
	/* Where RIP-1 cannot carry the network, it is the VIP's host route that is accepted. */
	if (accepted == 0 && binding_in_network(b))
		(void)speakers_told(n, &host, &accepted);
	return accepted;
}

/* By its network, or by the host route that stands for it. */
bool rival_in_routing(const struct node *n, const struct binding *b, struct route_heard *ret)
{
	struct prefix network = binding_network(b), host = prefix_host(&b->address);

	return b->announced && (speakers_rival(n, &network, ret) ||
				(network.length != host.length && speakers_rival(n, &host, ret)));
}

bool rival_is_on_wire(const struct binding *b)
{
	return b->rare && b->rare->wire.there;
}

bool rival_is_hearsay(const struct node *n, const struct binding *b)
{
	struct route_heard heard;

	if (rival_is_on_wire(b) && b->rare->wire.sure)
		return false;
	return !rival_in_routing(n, b, &heard) || !heard.sure;
}

void rival_mac_text(const uint8_t *mac, char *text, size_t size)
{
	snprintf(text, size, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3],
		 mac[4], mac[5]);
}

bool rival_explain(struct node *n, struct binding *b)
{
	struct route_heard heard;
	char mac[3 * ETHER_MAC_BYTES];

	if (rival_is_on_wire(b)) {
		rival_mac_text(b->rare->wire.mac, mac, sizeof(mac));
		binding_explain(b, "%s on %s has it too", mac,
				link_name(n, b->rare->wire.interface));
		return true;
	}
	if (!rival_in_routing(n, b, &heard))
		return false;
	binding_explain(b, "%s on %s announces it too, with metric %u%s",
			ADDRESS_TEXT(&heard.neighbor), link_name(n, heard.interface), heard.metric,
			take_is_on(b) ? ": it is taken over" : "");
	return true;
}

void rival_tell(struct node *n, const struct binding *b, uint32_t interface, const char *what)
{
	struct event event = { .kind = EVENT_RIVAL, .vip = b->address };

	text_copy(event.interface, sizeof(event.interface),
		  interface ? link_name(n, interface) : "");
	text_copy(event.reason, sizeof(event.reason), what);
	node_event(n, &event);
}

bool check_lets(const struct binding *b)
{
	const struct check_run *r = b->rare ? b->rare->run : NULL;

	if (!b->rare || !b->rare->check)
		return true;
	if (!r)
		return false;
	return r->state == CHECK_PASSING ||
	       (r->state == CHECK_FAILING &&
		(r->check->overruled || r->check->settings.failing == CHECK_WORSENS));
}

bool check_worsens(const struct binding *b)
{
	const struct check_run *r = b->rare ? b->rare->run : NULL;

	return r && r->state == CHECK_FAILING && !r->check->overruled &&
	       r->check->settings.failing == CHECK_WORSENS;
}

void check_explain(struct binding *b)
{
	const struct check_run *r = b->rare->run;

	if (!r || r->state == CHECK_UNKNOWN)
		binding_explain(b, "waits for the check '%s'", b->rare->check);
	else if (check_worsens(b))
		binding_explain(b, "the check '%s' fails: announced as a last resort",
				b->rare->check);
	else
		binding_explain(b, "the check '%s' fails: %s", b->rare->check,
				r->want.said ? r->want.said : "?");
}

bool drain_is_on(const struct binding *b)
{
	return b->rare && b->rare->drain;
}

bool drain_is_running(const struct binding *b)
{
	return drain_is_on(b) && b->rare->drain->phase == DRAIN_RUNNING;
}

bool drain_is_done(const struct binding *b)
{
	return drain_is_on(b) && b->rare->drain->phase == DRAIN_DONE;
}

enum drain_phase drain_saved(const struct binding *b, struct instant *ret_until)
{
	if (!drain_is_on(b))
		return DRAIN_NONE;
	*ret_until = b->rare->drain->until;
	return (enum drain_phase)b->rare->drain->phase;
}

void drain_explain(struct binding *b)
{
	const struct drain *d = b->rare->drain;

	if (d->phase == DRAIN_DONE)
		binding_explain(b, "drained: nothing is announced until 'vip undrain'");
	else if (!d->counted)
		binding_explain(b, "drains: its connections cannot be counted yet");
	else
		binding_explain(b, "drains: %u connections are left", d->connections);
}

bool take_is_on(const struct binding *b)
{
	return b->rare && b->rare->take;
}

uint32_t take_metric(const struct binding *b)
{
	return b->rare->take->metric;
}

bool take_is_awaited(const struct binding *b)
{
	return take_is_on(b) && b->rare->take->phase <= TAKE_SETTLING;
}
