/* SPDX-License-Identifier: Apache-2.0 */
/* What arrives: whose answer it is, and whether it is one. */
#include <errno.h>

#include "proto/probe/instance.h"

/*
 * RFC 826: a reply is from its sender to its target. RFC 4861 7.2.4: an advertisement that was
 * asked for has the address that the question was about as its target, and goes to who has asked.
 */
static bool answer_read(const struct ether_message *m, struct path *ret)
{
	if (m->kind == ETHER_ARP_REPLY) {
		ret->peer = m->source;
		ret->local = m->target;
		return true;
	}
	if (m->kind == ETHER_ADVERTISEMENT && m->solicited) {
		ret->peer = m->target;
		ret->local = m->destination;
		return true;
	}
	return false;
}

void probe_input(struct probe *p, struct instant now, const struct ether_frame *frame)
{
	struct path path = { .interface = frame->interface };
	struct ether_message m;
	struct probe_session *s;
	int error = ether_decode(frame, &m);

	if (error == -EBADMSG) {
		p->drops[PROBE_DROP_MALFORMED]++;
		return;
	}
	if (error || !answer_read(&m, &path)) {
		p->drops[PROBE_DROP_KIND]++;
		return;
	}
	s = session_find(p, &path);
	if (!s)
		p->drops[PROBE_DROP_NO_SESSION]++;
	else if (s->open == 0)
		p->drops[PROBE_DROP_UNASKED]++;
	else
		session_answered(p, now, s, m.mac);
}
