/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the machine of RFC 2328 9, 10 and 13 have of each other, and nobody else. */
#ifndef PROTO_OSPF_MACHINE_H
#define PROTO_OSPF_MACHINE_H

#include "base/container.h"
#include "proto/ospf/instance.h"

#define OSPF_TRANSIT_DELAY 1 /* InfTransDelay, in seconds: that an LSA gets older by on its way */

#define OSPF_UPDATE_BYTES 4 /* of an update, before its LSAs: how many they are */

/* What a packet of an MTU takes of a socket's buffer: struct sk_buff, and its data as allocated. */
#define RETRANSMISSION_PACKET_COST 2560

/* find.c: marks for settle.c */
void interface_event_later(struct ospf_interface *i, enum interface_event e);

/* A hello leaves out of turn, unless there were several of late. */
void interface_hello_now(struct ospf_interface *i);

/* The options of our hellos and descriptions there. */
uint32_t interface_options(const struct ospf_interface *i);

/* How many bytes the body of a packet may have there. */
size_t interface_room(const struct ospf_interface *i);

/* request.c */
struct request *ospf_request_find(const struct ospf_neighbor *n, const struct lsa_key *k);
int request_add(struct ospf_neighbor *n, const struct lsa_header *h); /* 0, -ENOMEM, -ENOSPC */
void request_remove(struct ospf_neighbor *n, struct request *r);
void requests_clear(struct ospf_neighbor *n);
void requests_again(struct ospf_neighbor *n); /* none of those asked for counts as asked for */

/* retransmission.c */

/* It waits for its turn on the interface. 0, -ENOMEM or -ENOSPC. */
int retransmission_add(struct ospf_neighbor *n, struct lsa *l);

/* It goes; `said`: because the neighbour has acknowledged it. */
void retransmission_done(struct retransmission *t, bool said);

/* The neighbour has the very instance; false: it was not waited for. */
bool retransmission_acknowledged(struct ospf_neighbor *n, struct lsa *l);

/* Who has not acknowledged `from` is to have `to`, which may be the same, anew. */
void retransmissions_move(struct lsa *from, struct lsa *to);
void retransmissions_clear(struct ospf_neighbor *n);
bool neighbor_has_room(const struct ospf_neighbor *n);

/* It has left now, `cost` of the neighbour's room being its share; or somebody else tells it; or it
   has to leave alone; or it has left long enough ago to be lost. */
void retransmission_sent(struct retransmission *t, uint32_t cost);
void retransmission_told(struct retransmission *t);
void retransmission_missed(struct retransmission *t);
void retransmission_overdue(const struct retransmission *t);

/* What tells whether the neighbour has read all that was sent to it; NULL: there is nothing. */
struct lsa *retransmission_ask(struct ospf_neighbor *n, uint32_t cost);

/* Something has left that is said again in RxmtInterval. */
void neighbor_retransmit_later(struct ospf_neighbor *n);
int queue_add(struct ospf_interface *i, struct lsa *l);
void queue_remove(struct queued *q, bool told); /* `told`: it has had its turn */
void queue_clear(struct ospf_interface *i);

/* Who waits for a purged LSA has changed; and whether nobody does. */
void lsa_is_awaited(struct ospf *o, struct lsa *l);
bool lsa_may_go(const struct lsa *l);

/* flood.c */
/* For an LSA of others in place of `old`, or for one more. */
bool flood_has_room(const struct ospf *o, const struct lsa *old, size_t length);
void flood_lsa_due(struct ospf *o, struct lsa *l); /* it is too old, or was purged long ago */
void flood_sweep(struct ospf *o);		   /* purged LSAs that may go, go */

/* exchange.c: RFC 2328 10.6 to 10.8 */
void exchange_begin(struct ospf_neighbor *n);	 /* ExStart */
void exchange_greet(struct ospf_neighbor *n);	 /* ExStart: the same again, as it is now */
int exchange_summarize(struct ospf_neighbor *n); /* Exchange: what there is to describe */
void exchange_clear(struct ospf_neighbor *n);

/* summary.c: what there is to describe to it from now on; and the next one, behind n->summary.next
 */
void summary_begin(struct ospf_neighbor *n);
void summary_next(struct ospf_neighbor *n);

/* There are more than so many; and whether one means something to the neighbour. */
bool summary_exceeds(const struct ospf_neighbor *n, size_t count);
bool summary_concerns(const struct ospf_neighbor *n, const struct lsa *l);
void summary_lsa_goes(struct ospf *o, const struct lsa *l); /* out of the list of its kind */

/* neighbor.c. NULL: there are too many, or there is no memory. */
struct ospf_neighbor *neighbor_new(struct ospf_interface *i, uint32_t router,
				   const struct address *a);
void ospf_neighbor_free(struct ospf_neighbor *n); /* down first */

/* answer.c: what is for one neighbour alone */
void answer_add(struct ospf_neighbor *n, struct lsa *l);
void answers_clear(struct answers *a);
void acknowledgment_add(struct acknowledgments *a, const struct lsa_header *h);

/* interface.c */
void ospf_interface_free(struct ospf_interface *i);
void interfaces_free(struct ospf *o);
void ospf_interface_left(struct ospf_interface *i); /* the last hello is out */
void ospf_interfaces_review(struct ospf *o); /* all have left: we are another router from now on */

/* What arrives: each is told of a packet that is good so far, from a neighbour. */
void hello_received(struct ospf_interface *i, const struct ospf_header *h, struct reader body,
		    const struct ospf_packet *p);
void description_received(struct ospf_neighbor *n, struct reader body);
void request_received(struct ospf_neighbor *n, struct reader body);
void update_received(struct ospf_neighbor *n, struct reader body);
void acknowledgment_received(struct ospf_neighbor *n, struct reader body);

/* hello.c: the body of ours; `alone`: with no neighbour in it */
void hello_write(struct ospf_interface *i, struct writer *w, bool alone);

/* event.c: counts a packet that is not believed, and tells of the first one of its kind */
void interface_refuses(struct ospf_interface *i, enum ospf_drop reason, uint32_t router,
		       const struct address *from);

void events_free(struct ospf *o);

/* Counts a packet, or a part of it, that is not believed. */
static inline void neighbor_drop(struct ospf_neighbor *n, enum ospf_drop reason)
{
	n->drops[reason]++;
}

static inline void interface_drop(struct ospf_interface *i, enum ospf_drop reason)
{
	i->drops[reason]++;
}

/* settle.c: what was put off is done, until nothing is */
void settle(struct ospf *o);

#endif
