/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Networks of OSPF alone: the production speaker as every router of 10 to 1,000, wires between them
 * and a virtual clock. There are no hosts and no kernels here: what is looked at is whether the
 * protocol agrees with itself and with the topology that there really is.
 *
 * What must hold when it is quiet, whatever has happened before (ospf_net_check()):
 *
 * - all databases are equal, by key, sequence number and checksum;
 * - each router has exactly the routes, metrics and next hops that a naive search over the true
 *   topology finds, so that there is no loop either;
 * - no LSA is left whose router has not announced it in this life of his: what was purged stays so.
 */
#ifndef SIM_OSPF_NET_H
#define SIM_OSPF_NET_H

#include "proto/ospf/ospf.h"

#define OSPF_NET_PREFIXES 4 /* that a router may announce */

struct ospf_net;

/* Without wires; nobody speaks before ospf_net_boot(). NULL without memory. */
struct ospf_net *ospf_net_new(enum ospf_version v, enum ospf_vips vips, size_t n_nodes,
			      uint64_t seed);
void ospf_net_free(struct ospf_net *net);

/* A point-to-point wire, or a LAN of some; returns its number. Before the boot alone. */
size_t ospf_net_wire(struct ospf_net *net, size_t a, size_t b, uint16_t cost_a, uint16_t cost_b);
size_t ospf_net_lan(struct ospf_net *net, const size_t *nodes, size_t n, uint16_t cost);
size_t ospf_net_wires(const struct ospf_net *net);
size_t ospf_net_nodes(const struct ospf_net *net);

/* The node begins a life: it announces its prefixes with the metric 1. */
void ospf_net_boot(struct ospf_net *net, size_t node);

/* It is gone without a word. */
void ospf_net_crash(struct ospf_net *net, size_t node);

/*
 * From now on each life writes down what the next one is to know; and the node begins a life that
 * knows what the one before has written.
 */
void ospf_net_write(struct ospf_net *net);
void ospf_net_return(struct ospf_net *net, size_t node);

/* Nothing passes any more; `silent`: and nobody is told. Mended is told in any case. */
void ospf_net_cut(struct ospf_net *net, size_t wire, bool silent);
void ospf_net_mend(struct ospf_net *net, size_t wire);

/* So many packets of 1,000 are lost, on every wire. */
void ospf_net_loss(struct ospf_net *net, unsigned per_mille);

/* The k-th prefix of a node, with that metric; 0: it is withdrawn. */
void ospf_net_announce(struct ospf_net *net, size_t node, size_t k, uint32_t metric);

void ospf_net_run(struct ospf_net *net, struct duration d);

/*
 * Runs until all routes are right, at most so long. Returns after how much that was, to a
 * millisecond; negative: it has not come to that.
 */
struct duration ospf_net_converge(struct ospf_net *net, struct duration most);

/* True: all holds. Otherwise what does not, in a sentence. Wires and nodes are as they are now. */
bool ospf_net_check(struct ospf_net *net, char *sentence, size_t size);

struct ospf_net_counters {
	uint64_t packets, bytes, lost;
	uint64_t full_runs; /* of SPF */
};
struct ospf_net_counters ospf_net_counters(const struct ospf_net *net);

/* Topologies for all. `n` is that of the nodes wished for; there may be a few more or less. */
enum ospf_net_shape {
	OSPF_NET_RING,
	OSPF_NET_GRID,
	OSPF_NET_FAT_TREE,
	OSPF_NET_RANDOM, /* a tree and half as many wires more, some of them LANs */
};
const char *ospf_net_shape_name(enum ospf_net_shape shape);
struct ospf_net *ospf_net_shaped(enum ospf_version v, enum ospf_vips vips,
				 enum ospf_net_shape shape, size_t n, uint64_t seed);

/* Minutes of faults from the seed, then all is healed and must be well. False: the sentence says.
 */
bool ospf_net_random(uint64_t seed, char *sentence, size_t size);

/* Prints how long it takes until all is right again, by shape and size (0: all): doc/ospf.md. */
void ospf_net_table(size_t size);

#endif
