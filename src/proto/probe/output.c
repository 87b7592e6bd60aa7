/* SPDX-License-Identifier: Apache-2.0 */
/* What leaves. */
#include <string.h>

#include "proto/probe/instance.h"

bool probe_output(struct probe *p, struct instant now, struct probe_question *ret)
{
	struct probe_session *s;

	(void)now;
	if (list_empty(&p->ready))
		return false;
	s = container_of(p->ready.next, struct probe_session, ready);
	*ret = (struct probe_question){ .path = s->path, .all = !(s->waiting & PROBE_ASK_ONE) };
	memcpy(ret->mac, s->mac, ETHER_MAC_BYTES);
	s->waiting &= (uint8_t) ~(ret->all ? PROBE_ASK_ALL : PROBE_ASK_ONE);
	s->asked++;
	list_remove(&s->ready);
	if (s->waiting)
		list_append(&p->ready, &s->ready);
	return true;
}

/*
 * Who is asked learns our addresses on the way (RFC 826; RFC 4861 4.3), so it need not ask back
 * before it can answer.
 */
void probe_frame(const struct probe_question *q, const uint8_t mac[ETHER_MAC_BYTES],
		 struct ether_frame *ret)
{
	bool ipv4 = q->path.local.family == FAMILY_IPV4;
	struct ether_message m = {
		.kind = ipv4 ? ETHER_ARP_REQUEST : ETHER_SOLICITATION,
		.has_option = !ipv4,
		.source = q->path.local,
		.destination = q->path.peer,
		.target = q->path.peer,
	};

	memcpy(m.from, mac, ETHER_MAC_BYTES);
	memcpy(m.mac, mac, ETHER_MAC_BYTES);
	if (!q->all) {
		memcpy(m.to, q->mac, ETHER_MAC_BYTES);
	} else if (ipv4) {
		memset(m.to, 0xff, ETHER_MAC_BYTES);
	} else {
		m.destination = ether_solicited_node(&q->path.peer);
		ether_multicast_mac(&m.destination, m.to);
	}
	ret->interface = q->path.interface;
	ether_encode(&m, ret);
}
