/* SPDX-License-Identifier: Apache-2.0 */
/* What leaves: questions first, then tracks, and proofs as the pace allows. */
#include <string.h>

#include "proto/echo/instance.h"

static bool router_output(struct echo *e, struct echo_send *ret)
{
	struct echo_router *r;

	if (list_empty(&e->asking))
		return false;
	r = container_of(e->asking.next, struct echo_router, asking);
	list_remove(&r->asking);
	*ret = (struct echo_send){
		.interface = r->path.interface,
		.asks = true,
		.all = r->all,
		.path = r->path,
	};
	if (!r->all)
		memcpy(ret->mac, r->mac, ETHER_MAC_BYTES);
	return true;
}

bool echo_output(struct echo *e, struct instant now, struct echo_send *ret)
{
	return router_output(e, ret) || track_output(e, now, ret) || try_output(e, now, ret);
}

void echo_send_frame(const struct echo *e, const struct echo_send *s,
		     const uint8_t mac[ETHER_MAC_BYTES], struct ether_frame *ret)
{
	if (s->asks)
		ether_ask(&s->path, mac, s->all ? NULL : s->mac, ret);
	else
		echo_packet_encode(&e->mark, s, mac, ret);
}
