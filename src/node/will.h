/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The last will of a node: what has to be said to its neighbours when it is dead and does not come
 * back. It is made of the records that the node wrote down (saved.h): the good-byes of its
 * speakers, as bytes that they have made (struct farewell), and the VIPs that they may have
 * announced. It knows no protocol, does no I/O and reads no clock; the guard and the simulator run
 * this same code.
 *
 * A good-bye too many harms nobody, because a router believes it only of the neighbour that its
 * route leads to. One too few costs minutes. So what is in doubt is said.
 */
#ifndef NODE_WILL_H
#define NODE_WILL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"
#include "node/saved.h"

/* So long a node may be dead before its will is carried out, unless the configuration says else. */
#define WILL_GRACE_DEFAULT_S 10
#define WILL_GRACE_DEFAULT DURATION_S(WILL_GRACE_DEFAULT_S)

struct will;

/* An empty will; NULL when there is no memory. */
struct will *will_new(void);
void will_free(struct will *w);

/*
 * Takes in the next record, in the order in which they were written. 0, or -ENOMEM: then it is
 * missing. Not after will_begin().
 */
int will_record(struct will *w, const struct saved *s);

/*
 * The kernel holds this address, or has the unreachable route of this network, with our mark. If no
 * record knows of it there is a good-bye for it all the same. 0 or -ENOMEM. Not after will_begin().
 */
int will_found(struct will *w, const struct prefix *p);

/*
 * Walks the good-byes: one for each speaker and address that it spoke from; `position` starts at 0
 * and is moved on. NULL at the end.
 */
const struct saved_farewell *will_farewell_next(const struct will *w, size_t *position);

/* Whose secrets have been found, by the places of the keys: without any it cannot be said. */
void will_secrets(struct will *w, const struct saved_farewell *f, uint32_t places);

/* It is not said: the interface is not there any more. Not after will_begin(). */
void will_drop(struct will *w, const struct saved_farewell *f);

/*
 * Begins to speak: take what there is with will_output() until it has nothing more, and again at
 * will_deadline(), until will_is_said(). It is paced and waits for nobody, so how long it takes is
 * known: three times the packets, at the pace. `wall` is what the clock on the wall says at the
 * instant 0. 0; or -ENOMEM: then nothing is said that names a VIP.
 */
int will_begin(struct will *w, struct instant now, struct duration wall);

/* After that: how many there are to say good-bye for. */
struct will_count {
	size_t vips;	/* nobody has heard of one whose family is not spoken */
	size_t unknown; /* addresses and networks that the kernel has, and no record knows of */
};
struct will_count will_count(const struct will *w);

bool will_output(struct will *w, struct instant now, struct packet *ret);
struct instant will_deadline(const struct will *w);

/* Whether all good-byes are out, on every interface, three times. */
bool will_is_said(const struct will *w);

#endif
