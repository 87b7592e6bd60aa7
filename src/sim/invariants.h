/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What must hold of a host at every effect of its node, whatever happens in the network:
 *
 * - what is announced is bound: each prefix with a finite metric has a VIP in the kernel at that
 * moment, so nothing is announced before it answers, and nothing but our own VIPs ever is;
 * - what is announced may be: a VIP whose check fails, or has said nothing yet, is not, or with the
 * metric of a last resort; one that drains neither, and not at all when nobody is connected;
 * - and what may not be announced any more was withdrawn on each port that can speak, soon after;
 * - what is unbound was withdrawn: when a VIP leaves the kernel at the node's wish, or by the guard
 * of a dead one, the last word of RIP on each port that can speak was metric 16, and no router
 * there that is adjacent by OSPF has an LSA with it;
 * - silence comes before the address and goes after it;
 * - no VIP is anybody's source that the kernel does not hold, and none leaves the kernel at the
 * node's wish before it has been nobody's for SOURCE_GRACE;
 * - each request has one answer;
 * - no check is asked for twice at once;
 * - a VIP in a LAN is not bound while another host has answered for it there all the time;
 * - what is proven is true and whole, soon after it has become so (forwarding.c).
 *
 * The first that breaks stops the run (sim_break). Where the host was harmed a moment ago it is
 * given the time to put things right.
 */
#ifndef SIM_INVARIANTS_H
#define SIM_INVARIANTS_H

#include "sim/state.h"

/* Whether the kernel of the host holds the address, on its board. */
bool host_holds(const struct sim_host *h, const struct address *a);

/* An object that makes an address this host's. */
bool object_is_vip(const struct object *o);

/* Whether the host's kernel has an object of the kind for the address. */
bool host_has(const struct sim_host *h, enum object_kind kind, const struct address *a);

/*
 * The prefix is about to be announced with the metric. What is forbidden may be said for as long as
 * the patience of the protocol, which must not change its words too often.
 */
void invariant_announced(struct sim *s, uint8_t index, const struct prefix *p, uint32_t metric,
			 struct duration patience);

/* Nothing has happened to a VIP that its state does not know. */
void invariant_expected(struct sim *s, uint8_t index);

/* The node has just been told how a service is. */
void invariant_obeyed(struct sim *s, uint8_t index);

/* The object is about to leave the kernel. */
void invariant_withdrawn(struct sim *s, uint8_t index, const struct object *o);
void invariant_nobodys_source(struct sim *s, uint8_t index, const struct object *o);
void invariant_unsilenced(struct sim *s, uint8_t index, const struct object *o);

/* The object is about to come into it. */
void invariant_silent(struct sim *s, uint8_t index, const struct object *o);
void invariant_asked(struct sim *s, uint8_t index, const struct object *o);

/* Connections of the host are about to get these. */
void invariant_sources(struct sim *s, uint8_t index);

#endif
