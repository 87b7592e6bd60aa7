/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which neighbours are watched, and what follows from what is seen (RFC 5882). There are three
 * ways to watch: BFD (bfd.c), and for routers that do not speak it the probe (probe.c), or the echo
 * (echo.c), which has the probe in its place until something has come back. Of BFD and one of the
 * others, a neighbour is down when one of them says so, and up again when none does.
 *
 * A *watch* is wanted for each RIP neighbour on an interface whose rule says so, for as long as the
 * speaker knows the neighbour: also while the watch itself holds it down, or it could never be up
 * again. watch_reconcile() compares what is wanted with what has been asked for, as everywhere in
 * the node.
 *
 * The sessions outlive the node (src/guard). A later life is told of them one by one, before it has
 * heard a neighbour: it keeps them as *adopted* until the neighbour's timeout is over, and takes
 * them away at once where the configuration does not want them any more.
 */
#include <stdlib.h>
#include <string.h>

#include "node/route/route.h"

#define WATCHES_MAX 512 /* of each kind: as many as there are sessions */
_Static_assert(WATCHES_MAX == BFD_SESSIONS_MAX && WATCHES_MAX == PROBE_SESSIONS_MAX &&
		       WATCHES_MAX == ECHO_TRACKS_MAX,
	       "each watch has its session");

static const struct watch_way *const ways[WATCH_KINDS] = {
	[WATCH_BFD] = &watch_by_bfd,
	[WATCH_PROBE] = &watch_by_probe,
	[WATCH_ECHO] = &watch_by_echo,
};

/* A router forwards within milliseconds, or not at all. */
#define VAIN_AFTER DURATION_S(5)

/*
 * A session that is not up says so once a second (RFC 5880 6.8.3), which makes ours Init. So one
 * that has been Down for longer than three of these has nobody at the other end, or nobody who is
 * heard. Routers of OSPF take their session away with the neighbour, and make another when they see
 * in our hellos that we hear them. Who waits for that session until he believes a hello waits for
 * ever: so it counts no longer where hellos show whether both hear each other (RFC 5882 4.1). Where
 * they do not, it does: a path that is broken in one direction looks the same.
 */
#define DESERTED_AFTER DURATION_MS(3500)

static struct watch *watch_find(const struct node *n, enum watch_kind kind, const struct path *path)
{
	list_each_entry(struct watch, w, &n->routing->watches, link)
		if (w->kind == kind && path_equal(&w->path, path))
			return w;
	return NULL;
}

static void watch_end(struct node *n, struct watch *w);

/* Where there is no room, a watch of somebody who is no router makes room for that of one. */
static void watch_make_room(struct node *n, enum watch_kind kind)
{
	if (n->routing->n_watches[kind] < WATCHES_MAX)
		return;
	list_each_entry(struct watch, w, &n->routing->watches, link) {
		if (w->kind == kind && w->plain) {
			watch_end(n, w);
			return;
		}
	}
}

static struct watch *watch_new(struct node *n, enum watch_kind kind, const struct path *path)
{
	struct watch *w = n->routing->n_watches[kind] < WATCHES_MAX ? calloc(1, sizeof(*w)) : NULL;

	if (!w)
		return NULL;
	w->kind = kind;
	w->path = *path;
	want_init(&w->want, ways[kind]->ask);
	w->state = ways[kind]->unseen;
	w->remote_state = BFD_STATE_DOWN;
	w->since = n->now;
	timer_init(&w->vain, NODE_TIMER_WATCH);
	n->routing->n_watches[kind]++;
	list_append(&n->routing->watches, &w->link);
	return w;
}

static void watch_free(struct node *n, struct watch *w)
{
	want_done(n, &w->want);
	timer_stop(&n->timers, &w->vain);
	list_remove(&w->link);
	n->routing->n_watches[w->kind]--;
	free(w);
}

void watch_free_all(struct node *n)
{
	list_each_safe(link, &n->routing->watches)
		watch_free(n, container_of(link, struct watch, link));
}

void watch_read_secrets(struct node *n)
{
	list_each_entry(struct watch, w, &n->routing->watches, link)
		w->stale |= w->params.auth.n_keys > 0;
	n->routing->watches_dirty = true;
}

/* The rule that wants the neighbours of an interface watched, or NULL. */
static const struct interface_rule *watch_rule(const struct node *n, enum watch_kind kind,
					       uint32_t interface, const struct speaker *sp)
{
	const struct link *l = link_find(n, interface);
	const struct interface_rule *rule = l ? link_rule(n, l) : NULL;

	return rule && ways[kind]->is_wanted(rule) && speaker_link_speaks(&link_speech(l, sp)->told)
		       ? rule
		       : NULL;
}

static struct path watch_path(const struct node *n, const struct neighbor *info)
{
	const struct link *l = link_find(n, info->interface);
	struct path path = { .interface = info->interface, .peer = info->address };
	const struct address *local =
		l ? speaker_link_source(&link_speech(l, speaker_numbered(n, info->speaker))->told,
					&info->address)
		  : NULL;

	if (local)
		path.local = *local;
	return path;
}

/* What all the watches of the neighbour say together. */
static enum verdict watches_say(const struct node *n, const struct path *path, bool both_ways)
{
	enum verdict liveness = VERDICT_UNKNOWN;

	list_each_entry(const struct watch, w, &n->routing->watches, link) {
		if (w->path.interface == path->interface &&
		    address_equal(&w->path.peer, &path->peer) && w->liveness > liveness &&
		    !(both_ways && w->deserted))
			liveness = w->liveness;
	}
	return liveness;
}

static void watch_conclude(struct node *n, const struct path *path)
{
	for (size_t k = 0; k < n->routing->n_speakers; k++) {
		struct speaker *sp = n->routing->speakers[k];

		speaker_verdict(sp, n->now, path->interface, &path->peer,
				watches_say(n, path, sp->class->both_ways));
	}
}

static void watch_ask(struct node *n, struct watch *w, const struct watch_params *params)
{
	w->wanted = true;
	w->adopted = (struct instant){ 0 };
	if (w->want.told && !w->stale && memcmp(&w->params, params, sizeof(*params)) == 0)
		return;
	w->params = *params;
	w->stale = false;
	want_ask(n, &w->want);
}

static void watch_end(struct node *n, struct watch *w)
{
	struct path path = w->path;

	want_tell(n, &w->want, false);
	watch_free(n, w);
	watch_conclude(n, &path);
}

/*
 * Something has come back through the neighbour: there is no need to ask it for its address. Of
 * what is wanted now; so it is asked after the echo's turn.
 */
static bool watch_returns(const struct node *n, const struct path *path)
{
	const struct watch *w = watch_find(n, WATCH_ECHO, path);

	return w && w->wanted && w->want.there && w->state != ECHO_STATE_UNKNOWN;
}

/* An earlier life's session stays while its neighbour may still be heard. */
static bool watch_is_kept(const struct node *n, const struct watch *w)
{
	const struct link *l = link_find(n, w->path.interface);
	const struct interface_rule *rule = l ? link_rule(n, l) : NULL;

	if (w->kind == WATCH_PROBE && watch_returns(n, &w->path))
		return false;
	return w->adopted.ns != 0 && rule && ways[w->kind]->is_wanted(rule) &&
	       rule_speaks(n, rule) && !instant_reached(w->adopted, n->now);
}

static void watch_neighbor(struct node *n, enum watch_kind kind, const struct neighbor *info)
{
	const struct interface_rule *rule =
		watch_rule(n, kind, info->interface, speaker_numbered(n, info->speaker));
	struct path path = watch_path(n, info);
	struct watch_params params;
	struct watch *w;

	if (kind == WATCH_PROBE && watch_returns(n, &path))
		return;
	/* Compared as bytes. */
	memset(&params, 0, sizeof(params));
	if (!rule || !path_is_valid(&path) || !ways[kind]->params(n, &path, rule, &params))
		return;
	w = watch_find(n, kind, &path);
	if (!w && !info->plain)
		watch_make_room(n, kind);
	if (!w)
		w = watch_new(n, kind, &path);
	if (!w)
		return;
	w->plain = info->plain;
	watch_ask(n, w, &params);
	/* It was found to be down before it was heard: in an earlier life. */
	if (info->up && w->liveness == VERDICT_DOWN)
		watch_conclude(n, &path);
}

static void watch_neighbors(struct node *n)
{
	struct neighbor info;
	struct speaker_walk at = { 0 };

	while (speakers_neighbor_next(n, &at, &info)) {
		if (!(info.up || info.dead))
			continue;
		watch_neighbor(n, WATCH_BFD, &info);
		watch_neighbor(n, WATCH_ECHO, &info);
		watch_neighbor(n, WATCH_PROBE, &info);
	}
}

void watch_reconcile(struct node *n)
{
	/* On the way out all of them stay until the guard says good-bye for them. */
	if (!n->synced || n->dumping || n->stopping || !n->routing->watches_dirty)
		return;
	n->routing->watches_dirty = false;
	list_each(link, &n->routing->watches)
		container_of(link, struct watch, link)->wanted = false;
	watch_neighbors(n);
	list_each_entry_safe(struct watch, w, &n->routing->watches, link)
		if (!w->wanted && !watch_is_kept(n, w))
			watch_end(n, w);
	/* A neighbour that is believed again has something to say. */
	speakers_pump(n);
}

/* The watch of a session that the guard speaks of; NULL: it is none, and need not be one. */
static struct watch *watch_spoken_of(struct node *n, enum watch_kind kind, const struct path *path,
				     bool known)
{
	struct watch *w = watch_find(n, kind, path);

	if (w || !known || n->stopping)
		return w;
	w = watch_new(n, kind, path);
	if (w)
		w->adopted = instant_add(n->now, speakers_pace(n, FAMILY_NONE).patience);
	n->routing->watches_dirty = true;
	return w;
}

static void watch_say(struct node *n, const struct watch *w, const char *reason)
{
	struct event event = { .kind = (uint8_t)ways[w->kind]->event, .neighbor = w->path.peer };

	text_copy(event.interface, sizeof(event.interface), link_name(n, w->path.interface));
	text_copy(event.reason, sizeof(event.reason), reason);
	node_event(n, &event);
}

static bool watch_is_vain(const struct watch *w)
{
	return w->kind == WATCH_ECHO && w->want.there && w->state == ECHO_STATE_UNKNOWN;
}

/* Down, and whether anybody is there who could bring it up again is to be seen. */
static void watch_listen(struct node *n, struct watch *w)
{
	w->deserted &= w->liveness == VERDICT_DOWN;
	if (w->liveness != VERDICT_DOWN || w->state != BFD_STATE_DOWN)
		timer_stop(&n->timers, &w->vain);
	else if (!timer_running(&w->vain) && !w->deserted)
		(void)timer_set(&n->timers, &w->vain, instant_add(n->now, DESERTED_AFTER));
}

void watch_waited(struct node *n, struct timer *vain)
{
	struct watch *w = container_of(vain, struct watch, vain);

	if (w->kind == WATCH_BFD) {
		w->deserted = true;
		watch_conclude(n, &w->path);
	} else if (watch_is_vain(w))
		watch_say(n, w,
			  "nothing has come back through it: it is asked for its address instead");
}

void watch_observed(struct node *n, enum watch_kind kind, const struct input *in)
{
	struct watch *w = watch_spoken_of(n, kind, &in->bfd.key, in->bfd.known);
	char reason[NODE_SENTENCE_MAX] = "";
	struct text text;
	uint8_t before;
	bool judged;

	if (!w)
		return;
	before = w->state;
	(void)want_hears(&w->want, in->bfd.known,
			 in->bfd.known ? "" : "not watched: the guard is gone");
	w->state = in->bfd.known ? in->bfd.state : ways[kind]->unseen;
	w->remote_state = in->bfd.remote_state;
	w->diagnostic = in->bfd.diagnostic;
	w->remote_diagnostic = in->bfd.remote_diagnostic;
	if (before != w->state)
		w->since = n->now;
	if (before != w->state && kind == WATCH_ECHO)
		n->routing->watches_dirty = true;
	if (watch_is_vain(w) && w->vain.due.ns == 0)
		(void)timer_set(&n->timers, &w->vain, instant_add(n->now, VAIN_AFTER));
	text_init(&text, reason, sizeof(reason));
	judged = ways[kind]->judge(w, before, &text);
	if (kind == WATCH_BFD)
		watch_listen(n, w);
	if (!judged)
		return;
	if (reason[0])
		watch_say(n, w, reason);
	watch_conclude(n, &w->path);
}

const struct watch *watch_of(const struct node *n, enum watch_kind kind,
			     const struct neighbor *info)
{
	struct path path = watch_path(n, info);
	const struct watch *w = watch_find(n, kind, &path);

	return w && w->want.told ? w : NULL;
}

bool watch_echo_is_up(const struct node *n, uint32_t interface, const struct address *router)
{
	list_each_entry(const struct watch, w, &n->routing->watches, link)
		if (w->kind == WATCH_ECHO && w->want.told && w->liveness == VERDICT_UP &&
		    w->path.interface == interface && address_equal(&w->path.peer, router))
			return true;
	return false;
}
