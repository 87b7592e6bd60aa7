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
	for (size_t k = 0; k < e->routers_end; k++)
		if (path_equal(&e->routers[k].path, path))
			return &e->routers[k];
	return NULL;
}

static bool router_is_stale(const struct echo_router *r, struct instant now)
{
	return instant_reached(instant_add(r->answered_at, ECHO_KNOWN), now);
}

static void router_forget(struct echo_router *r)
{
	list_remove(&r->asking);
	memset(r, 0, sizeof(*r));
	list_init(&r->asking);
}

/* A place for another: one that nobody holds, rather one of which nothing is known any more. */
static struct echo_router *router_place(struct echo *e, struct instant now)
{
	struct echo_router *unheld = NULL;

	for (size_t k = 0; k < e->routers_end; k++) {
		struct echo_router *r = &e->routers[k];

		if (r->holders > 0)
			continue;
		if (router_is_stale(r, now))
			return r;
		unheld = r;
	}
	return e->routers_end < e->n_routers ? &e->routers[e->routers_end++] : unheld;
}

struct echo_router *router_hold(struct echo *e, struct instant now, const struct path *path)
{
	struct echo_router *r = router_find(e, path);

	if (!r || (r->holders == 0 && router_is_stale(r, now))) {
		r = r ? r : router_place(e, now);
		router_forget(r);
		r->path = *path;
	}
	r->holders++;
	return r;
}

/* What is known of one that nobody holds is kept for the next who wants it. */
void router_release(struct echo_router *r)
{
	r->holders--;
	if (r->holders > 0)
		return;
	list_remove(&r->asking);
	r->asked = false;
}

static bool router_question(struct echo *e, struct instant now, struct echo_router *r, bool all)
{
	if (r->asked_at.ns != 0 &&
	    !instant_reached(instant_add(r->asked_at, ECHO_ASK_SPACING), now))
		return false;
	r->asked = true;
	r->all = all;
	r->doubted |= !all;
	r->asked_at = now;
	list_remove(&r->asking);
	list_append(&e->asking, &r->asking);
	return true;
}

bool router_ask(struct echo *e, struct instant now, struct echo_router *r)
{
	return router_question(e, now, r, true);
}

bool router_confirm(struct echo *e, struct instant now, struct echo_router *r, struct duration good)
{
	if (r->known && !r->doubted && !instant_reached(instant_add(r->answered_at, good), now))
		return false;
	return router_question(e, now, r, !r->known || r->doubted);
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
	r->asked = r->doubted = false;
	r->answered_at = now;
	news = !r->known || memcmp(r->mac, mac, ETHER_MAC_BYTES) != 0;
	r->known = true;
	memcpy(r->mac, mac, ETHER_MAC_BYTES);
	if (news)
		router_moved(e, now, r);
}
