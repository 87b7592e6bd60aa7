/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sessions, of BFD, of the probe and of the echo, that the node wants of the guard, and what
 * the guard has said of them. It is what another guard is told when the one that is there is gone,
 * and what a node is told that comes after another.
 */
#ifndef VIPD_WISHES_H
#define VIPD_WISHES_H

#include "guard/message.h"
#include "node/boundary.h"

enum wish_kind {
	WISH_BFD,
	WISH_PROBE,
	WISH_ECHO,
};

struct wish {
	bool used;
	bool wanted; /* by the node; else it is the guard's, from an earlier life */
	bool told;   /* the guard knows what we want */
	bool known;  /* it has said how the session is: `state` */
	enum wish_kind kind;
	struct path path;
	struct bfd_params bfd;
	struct probe_params probe;
	struct echo_params echo;
	uint8_t state;
	uint8_t remote_state, diagnostic, remote_diagnostic; /* of BFD */
};

struct wishes {
	struct wish list[BFD_SESSIONS_MAX + PROBE_SESSIONS_MAX + ECHO_TRACKS_MAX];
	size_t count; /* none in use beyond */
};

/* The wish for the path, made when `make`; NULL when there is none, or there are too many. */
struct wish *wishes_find(struct wishes *w, enum wish_kind kind, const struct path *path, bool make);

/*
 * The node wants it, with EFFECT_BFD, EFFECT_PROBE or EFFECT_ECHO, or no longer; the guard is to be
 * told. `bfd` has the secrets that the effect only names.
 */
void wishes_want(struct wishes *w, const struct effect *e, const struct bfd_params *bfd);

/* The next that the guard does not know of; NULL when there is none. */
struct wish *wishes_untold(struct wishes *w);

/* It is told: what is not wanted any more is forgotten. */
void wishes_told(struct wish *wish);

/* What the guard is told, and what the node: how the session is. */
struct guard_message wish_message(const struct wish *wish);
struct input wish_input(const struct wish *wish);

#endif
