/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of our own LSAs have among themselves: own.c, originate.c, place.c, announce.c.
 */
#ifndef PROTO_OSPF_OWN_H
#define PROTO_OSPF_OWN_H

#include "proto/ospf/instance.h"

/*
 * own.c: what waits for its time is done at once; and it is flushed as soon as those who have its
 * last instance believe it, which is a second (13 (5) (a)). In both cases it may be gone then.
 */
void own_now(struct ospf *o, struct own *w);
void own_flush_soon(struct ospf *o, struct own *w);

/* originate.c: its contents, now; and it goes, so nobody points at it. */
void originate_due(struct ospf *o, struct own *w, struct writer *out, int32_t sequence);
void originate_forget(struct ospf *o, const struct own *w);

/* place.c: carriages. Touched: the LSA is to be made anew, and those who take it are told so. */
void carriage_free(struct ospf *o, struct carriage *c);
void carriage_touch(struct ospf *o, struct carriage *c);

/*
 * The prefix is put where it is to stand, and is taken from where it is not, as soon as all have it
 * there. `but` does not count as waited for. 0 or -ENOMEM.
 */
int place_review(struct ospf *o, struct route_own *r, const struct retransmission *but);
void place_force(struct ospf *o, struct route_own *r); /* whoever has it */
void place_all(struct ospf *o);

/* There are so many prefixes. True: they are to stand elsewhere now. */
bool place_size(struct ospf *o, size_t count);
bool place_has_room(const struct ospf *o); /* for one prefix more */

/* announce.c */
void announce_done(struct ospf *o);
void announce_made(struct own *w);		   /* an instance has its changes */
void announce_left(struct ospf *o, struct own *w); /* and has left on all interfaces */
/* Nobody has to acknowledge it, or one less; `t` does not count any more. */
void announce_known(struct ospf *o, struct own *w);
void announce_acknowledged(struct ospf *o, struct own *w, const struct retransmission *t,
			   bool said);
void announce_same(struct ospf *o, struct own *w); /* its changes stand in what is there */
bool announce_is_known(const struct carriage *c, const struct retransmission *but);
/* The carriage has gone with its LSA: the prefix may be gone then too. */
void announce_dropped(struct ospf *o, struct carriage *c);
void announce_settle(struct ospf *o, struct route_own *r); /* it is waited for only so long */

#endif
