/* SPDX-License-Identifier: Apache-2.0 */
/* Learned routes, for the node's own files: learned.c is the overview. */
#ifndef NODE_LEARNED_H
#define NODE_LEARNED_H

#include "node/route/route.h"

/* The numbers of our next hops and groups in the kernel: so many of each, from these on. */
#define LEARNED_HOPS_MAX 256
#define LEARNED_GROUPS_MAX 1024
#define LEARNED_HOP_ID 0x76690001u
#define LEARNED_GROUP_ID 0x76697001u

_Static_assert(ROUTE_PATHS_MAX <= OBJECT_MEMBERS_MAX, "a group holds all paths of a route");

struct learned_hop {
	struct slot slot;
	struct route_path path;
	uint32_t id;
	uint32_t n_groups; /* that are wanted, and with it */
	uint32_t n_held;   /* groups in which the kernel has it */
	bool refused;	   /* the kernel has not taken it the last time */
	bool asked;	   /* while all routes are looked at: one of them would go by it */
};

/* Sorted by their numbers. */
struct learned_hops {
	uint8_t n;
	struct learned_hop *hops[ROUTE_PATHS_MAX];
};

struct learned_group {
	struct slot slot;
	uint32_t id;
	struct learned_hops wanted, held, sent; /* sent: by the effect that is on its way */
	struct list routes;			/* learned_route.in_group */
	uint32_t n_routes;
	uint32_t n_held; /* routes that the kernel has by it, ... */
	uint32_t n_sent; /* ... and that it will have */

	/* While changes are collected: how many of its routes leave, and whether for one set. */
	uint32_t n_leaving;
	struct learned_hops leaving_to;
	bool parts;
};

struct learned_route {
	struct slot slot; /* its kind is 0 while the kernel has nothing to do with it */
	struct hash_node by_prefix;
	struct list in_group;
	struct learned_group *group, *held, *sent;
	struct prefix prefix;
	uint16_t speaker; /* whose route it is: of those that have one the preferred */
	uint32_t metric;
	bool told;	    /* a neighbour announces it, and the filter lets it pass */
	const char *reason; /* why it is not wanted in the kernel all the same; NULL: it is */
	char error[NODE_SENTENCE_MAX / 2]; /* why it is not there */
};

struct learned_change {
	struct learned_route *route;
	struct learned_hops to;
};

struct learning {
	struct learned_hop *hops[LEARNED_HOPS_MAX];	  /* owned; by number */
	struct learned_group *groups[LEARNED_GROUPS_MAX]; /* likewise */
	size_t hops_end, groups_end; /* no number was ever given from here on */
	struct hash routes;
	struct learned_change *changes; /* owned */
	size_t n_changes, changes_capacity;
	bool again;		      /* all routes are to be looked at */
	struct timer due;	      /* until then routes are not looked at */
	struct timer kept;	      /* at these two: */
	struct instant settled, keep; /* until when hops, and routes, of an earlier life stay */
	size_t n_repaired, n_refused;
	struct prefix refused; /* one of them */
	char refusal[NODE_SENTENCE_MAX];
};

/* Where a slot belongs. */
struct learned_hop *learned_hop_of(struct slot *s);
struct learned_group *learned_group_of(struct slot *s);
struct learned_route *learned_route_of(struct slot *s);

/* learned_table.c: sets of hops, in the order of their numbers, so that equal ones are equal */
bool learned_hops_equal(const struct learned_hops *a, const struct learned_hops *b);
bool learned_hops_have(const struct learned_hops *s, const struct learned_hop *h);
void learned_hops_insert(struct learned_hops *set, struct learned_hop *h);
void learned_hops_drop(struct learned_hops *s, const struct learned_hop *h);

/* The hop of a path; NULL when there are too many. Whoever does not use it sees it go. */
struct learned_hop *learned_hop_get(struct node *n, const struct route_path *path);
struct learned_hop *learned_hop_find(const struct learning *l, const struct route_path *path);
struct learned_hop *learned_hop_make(struct node *n, size_t place, const struct route_path *path);
void learned_hop_review(struct node *n, struct learned_hop *h); /* whether it is wanted */

/* A group with these hops, found or made; NULL when there are too many. */
struct learned_group *learned_group_get(struct node *n, const struct learned_hops *set);
struct learned_group *learned_group_make(struct node *n, size_t place);

/* Other hops in place of those that it has; it must be wanted. */
void learned_group_change(struct node *n, struct learned_group *g, const struct learned_hops *to);

/* Without the hop it goes on with the others, if there are any. */
void learned_group_shrink(struct node *n, struct learned_group *g, const struct learned_hop *h);

/* What the kernel has in it. */
void learned_group_hold(struct learned_group *g, const struct learned_hops *held);

struct learned_route *learned_route_find(const struct learning *l, const struct prefix *p);
struct learned_route *learned_route_make(struct node *n, const struct prefix *p);
void learned_route_free_if_idle(struct node *n, struct learned_route *r);

/* By this group from now on; NULL: out of the kernel. */
void learned_route_move(struct node *n, struct learned_route *r, struct learned_group *to);

/* By which group the kernel has it, and will have it by the effect that is on its way. */
void learned_route_hold(struct learned_route *r, struct learned_group *held);
void learned_route_send(struct learned_route *r, struct learned_group *sent);

/* learned_slot.c: the kernel has dropped the hop, and taken it out of its groups. */
void learned_hop_fell(struct node *n, struct learned_hop *h);

#endif
