/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/command.h"

#include <assert.h>

#include "node/rows.h"
#include "sim/invariants.h"
#include "sim/question.h"

void host_bind_vip(struct sim *s, uint8_t index, const struct vip_settings *v)
{
	struct sim_host *h = &s->hosts[index];
	struct sim_service *service = service_of(h, &v->address), before = *service;
	uint32_t refusals = h->questions.refusals;
	struct input in = { .kind = INPUT_BIND, .bind = *v };

	service_bound(s, h, v);
	(void)host_ask(s, index, &in);
	/* It is bound already, with a check of its own. */
	if (h->questions.refusals != refusals || !host_lives(h))
		*service = before;
}

uint32_t host_bind_how(struct sim *s, uint8_t index, const char *vip, enum vip_arp arp,
		       enum vip_conflict conflict)
{
	struct sim_host *h = &s->hosts[index];
	struct input in = { .kind = INPUT_BIND };

	vip_settings_default(&in.bind);
	in.bind.arp = (uint8_t)arp;
	in.bind.conflict = (uint8_t)conflict;
	assert(prefix_parse(vip, &in.bind.address, &in.bind.length) == 0);
	if (address_equal(&in.bind.address, &s->contested)) {
		h->conflict = (uint8_t)conflict;
		h->asks = conflict == VIP_CONFLICT_REFUSE && !host_holds(h, &s->contested);
	}
	return host_ask(s, index, &in);
}

void host_bind(struct sim *s, uint8_t index, const char *vip)
{
	(void)host_bind_how(s, index, vip, VIP_ARP_SILENT, VIP_CONFLICT_REFUSE);
}

bool host_lists(const struct sim *s, uint8_t index, const char *address)
{
	const struct sim_host *h = &s->hosts[index];
	struct address a;
	struct row_vip row;

	assert(address_parse(address, &a) == 0);
	return host_lives(h) && node_vip_find(h->node, s->now, &a, &row);
}

void host_unbind(struct sim *s, uint8_t index, const char *address, bool now)
{
	struct input in = { .kind = INPUT_UNBIND };

	in.unbind.now = now;
	assert(address_parse(address, &in.unbind.address) == 0);
	if (host_lives(&s->hosts[index]))
		service_unbound(s, &s->hosts[index], &in.unbind.address);
	(void)host_ask(s, index, &in);
}

void host_drain(struct sim *s, uint8_t index, const char *address, bool on, struct duration time)
{
	struct input in = { .kind = INPUT_DRAIN };

	in.drain.on = on;
	in.drain.time = time;
	assert(address_parse(address, &in.drain.address) == 0);
	if (host_lives(&s->hosts[index]))
		service_drained(s, &s->hosts[index], &in.drain.address, on);
	(void)host_ask(s, index, &in);
}

void host_stop(struct sim *s, uint8_t index)
{
	sim_tell(s, index, &(struct input){ .kind = INPUT_STOP });
}
