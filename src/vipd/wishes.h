/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The BFD sessions that the node wants of the guard, and what the guard has said of them. It is
 * what another guard is told when the one that is there is gone, and what a node is told that comes
 * after another.
 */
#ifndef VIPD_WISHES_H
#define VIPD_WISHES_H

#include "guard/message.h"
#include "node/effect.h"

struct wish {
	bool used;
	bool wanted; /* by the node; else it is the guard's, from an earlier life */
	bool told;   /* the guard knows what we want */
	bool known;  /* it has said how the session is: `state` */
	struct path key;
	struct bfd_params params;
	struct guard_message state;
};

struct wishes {
	struct wish list[BFD_SESSIONS_MAX];
	size_t count; /* none in use beyond */
};

/* The wish with the key, made when `make`; NULL when there is none, or there are too many. */
struct wish *wishes_find(struct wishes *w, const struct path *key, bool make);

/* The node wants it, with EFFECT_BFD, or no longer; the guard is to be told. */
void wishes_want(struct wishes *w, const struct effect *e);

/* The next that the guard does not know of; NULL when there is none. */
struct wish *wishes_untold(struct wishes *w);

/* It is told: what is not wanted any more is forgotten. */
void wishes_told(struct wish *wish);

/* The input that tells the node how the session is. */
struct input wish_input(const struct wish *wish);

#endif
