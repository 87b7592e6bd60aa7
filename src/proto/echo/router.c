/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where routers are. The host's own table of neighbours is neither asked nor filled: what is in it
 * may be old, and an entry of ours would keep a dead router in it.
 */
#include <errno.h>
#include <string.h>

#include "proto/echo/instance.h"

static struct echo_router *router_find(struct echo *e, const struct path *path)
{
	for (size_t k = 0; k < e->n_routers; k++)
		if (path_equal(&e->routers[k].path, path))
			return &e->routers[k];
	return NULL;
}

static void router_forget(struct echo_router *r)
{
	list_remove(&r->asking);
	memset(r, 0, sizeof(*r));
	list_init(&r->asking);
}

/* One that nobody holds is kept for the next who wants it, as long as there is room. */
struct echo_router *router_hold(struct echo *e, const struct path *path)
{
	struct echo_router *r = router_find(e, path), *unheld = NULL, *unused = NULL;

	for (size_t k = 0; !r && k < e->n_routers; k++) {
		if (e->routers[k].holders == 0)
			unheld = &e->routers[k];
		if (!address_is_set(&e->routers[k].path.peer))
			unused = &e->routers[k];
	}
	if (!r) {
		r = unused ? unused : unheld;
		router_forget(r);
		r->path = *path;
	}
	r->holders++;
	return r;
}

void router_release(struct echo *e, struct echo_router *r)
{
	r->holders--;
	if (r->holders > 0)
		return;
	list_remove(&r->asking);
	r->asked = false;
	/* What is known when all is over is of no use for later: the next one asks. */
	if (echo_is_empty(e))
		for (size_t k = 0; k < e->n_routers; k++)
			router_forget(&e->routers[k]);
}

void router_ask(struct echo *e, struct instant now, struct echo_router *r)
{
	if (r->asked_at.ns != 0 &&
	    !instant_reached(instant_add(r->asked_at, ECHO_ASK_SPACING), now))
		return;
	r->asked = true;
	r->asked_at = now;
	list_remove(&r->asking);
	list_append(&e->asking, &r->asking);
}

static void router_moved(struct echo *e, struct instant now, const struct echo_router *r)
{
	for (size_t k = 0; k < e->settings.tracks; k++)
		if (e->tracks[k].used && e->tracks[k].router == r)
			track_router_moved(e, now, &e->tracks[k]);
	for (size_t k = 0; k < e->settings.proofs; k++)
		if (e->tries[k].used && !e->tries[k].over && e->tries[k].router == r)
			try_router_moved(e, &e->tries[k]);
}

void echo_input_answer(struct echo *e, struct instant now, const struct ether_frame *frame)
{
	uint8_t mac[ETHER_MAC_BYTES];
	struct echo_router *r;
	struct path path;
	int error = ether_answer(frame, &path, mac);
	bool news;

	if (error) {
		echo_drop_count(e, error == -EBADMSG ? ECHO_DROP_MALFORMED : ECHO_DROP_KIND);
		return;
	}
	r = router_find(e, &path);
	/* The first answer to a question counts: who comes after it was not asked any more. */
	if (!r || !r->asked) {
		echo_drop_count(e, ECHO_DROP_UNASKED);
		return;
	}
	r->asked = false;
	news = !r->known || memcmp(r->mac, mac, ETHER_MAC_BYTES) != 0;
	r->known = true;
	memcpy(r->mac, mac, ETHER_MAC_BYTES);
	if (news)
		router_moved(e, now, r);
}
