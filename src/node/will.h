/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The last will of a node: what has to be said to its neighbours when it is dead and does not come
 * back. It is made of the records that the node wrote down (saved.h), and says good-bye on every
 * interface that the node spoke on, for every VIP that it may have announced. Like a speaker it
 * does no I/O and reads no clock; the guard and the simulator run this same code.
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
#include "proto/speaker.h"

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
 * record knows of it there is a good-bye for it all the same. 1: it is one more; 0: it was known;
 * or -ENOMEM. Not after will_begin().
 */
int will_found(struct will *w, const struct prefix *p);

/* How many VIPs there are to say good-bye for: nobody has heard of one whose family is not spoken.
 */
size_t will_vips(const struct will *w);

/*
 * Walks the interfaces that the node spoke on, once for each family; `position` starts at 0 and is
 * moved on. False at the end.
 */
bool will_interface_next(const struct will *w, size_t *position, struct speaker_link *ret);

/*
 * The keys with which an interface of the will authenticates; NULL when there is no such one. Here
 * and below it is found by the index of the link and the family of its address.
 */
const struct keychain *will_interface_auth(const struct will *w, const struct speaker_link *link);

/* The protocol that is spoken there; NULL when there is no such interface. */
const struct speaker_class *will_interface_class(const struct will *w,
						 const struct speaker_link *link);

/* Whose secrets have been found, by the places of the keys. Without one nothing can be said there.
 */
void will_interface_secrets(struct will *w, const struct speaker_link *link, uint32_t places);

/* An interface is not there any more: nothing is said on it. Not after will_begin(). */
void will_interface_drop(struct will *w, const struct speaker_link *link);

/*
 * Begins to speak: take what there is with will_output() until it has nothing more, and call
 * will_tick() at will_deadline(), until will_is_said(). It is paced and waits for nobody, so how
 * long it takes is known: three times the packets, at the pace. `wall` is what the clock on the
 * wall says at the instant 0. 0; or -ENOMEM: something will be missing from it, or all: when
 * will_is_said() holds at once.
 */
int will_begin(struct will *w, struct instant now, struct duration wall);
bool will_output(struct will *w, struct instant now, struct packet *ret);
struct instant will_deadline(const struct will *w);
void will_tick(struct will *w, struct instant now);

/* Whether all good-byes are out, on every interface, three times. */
bool will_is_said(const struct will *w);

#endif
