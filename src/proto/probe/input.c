/* SPDX-License-Identifier: Apache-2.0 */
/* What arrives: whose answer it is, and whether it is one. */
#include <errno.h>

#include "proto/probe/instance.h"

void probe_input(struct probe *p, struct instant now, const struct ether_frame *frame)
{
	uint8_t mac[ETHER_MAC_BYTES];
	struct path path;
	struct probe_session *s;
	int error = ether_answer(frame, &path, mac);

	if (error) {
		p->drops[error == -EBADMSG ? PROBE_DROP_MALFORMED : PROBE_DROP_KIND]++;
		return;
	}
	s = session_find(p, &path);
	if (!s)
		p->drops[PROBE_DROP_NO_SESSION]++;
	else if (s->open == 0)
		p->drops[PROBE_DROP_UNASKED]++;
	else
		session_answered(p, now, s, mac);
}
