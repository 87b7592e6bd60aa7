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

void probe_frame(const struct probe_question *q, const uint8_t mac[ETHER_MAC_BYTES],
		 struct ether_frame *ret)
{
	ether_ask(&q->path, mac, q->all ? NULL : q->mac, ret);
}
