/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Destinations: the prefixes that LSAs of others speak of, each with the LSAs that do, its
 * *claims*, and with the route that was chosen of them last (prefer.h). The table follows the
 * database, LSA by LSA, and says of which destinations the claims have changed; so a change of one
 * prefix costs what its claims cost.
 *
 * No claims are what we say ourselves, but for the prefix of a network of which we are the DR. An
 * LSA is pointed at as long as it is installed: who replaces or removes one tells that before the
 * LSA goes.
 */
#ifndef PROTO_OSPF_TABLE_H
#define PROTO_OSPF_TABLE_H

#include "proto/ospf/database.h"

/*
 * Who floods what he likes can claim one prefix with all that he floods, and millions of prefixes
 * with a few LSAs: one change would cost as much as there is. What is above the first is not looked
 * at; above the second no LSA is taken any more (flood.c).
 */
#define CLAIMS_OF_ONE_MAX 1024
#define CLAIMS_MAX 1000000

struct claim {
	struct claim *next; /* of the same destination */
	const struct lsa *lsa;
	uint32_t metric; /* of a stub link, or of a prefix in an area */
};

#define DESTINATION_NONE 0xff /* no route: else enum ospf_route_kind */

/* There may be very many: others are named by their places, counted from 1, and 0 is none. */
struct destination {
	struct claim claims; /* the first: none when it has no LSA */
	struct prefix prefix;
	bool used : 1, is_dirty : 1, is_changed : 1;
	bool learned : 1;	       /* the last that was told of it had paths */
	bool ours : 1, ours_known : 1; /* we announce it too */
	bool rivals : 1;	       /* then: others do; rival.c */
	uint16_t n_claims;
	uint8_t kind;		  /* the route: from here on */
	uint32_t cost;		  /* to it; of type 2: to who says it */
	uint32_t external_metric; /* of type 2 */
	uint32_t hops;		  /* set of hops */
	uint32_t area, router;
	uint32_t place;
	uint32_t next;		 /* with the same hash, or free */
	uint32_t dirty, changed; /* the next one of the table that is dirty; learn.c */
};

/* Where externals forward to: there are few such addresses, each of very many LSAs perhaps. */
#define FORWARDEES_MAX 32
struct forwardee {
	struct address address;
	size_t count; /* of claims; 0: it is free */
};

struct table {
	enum ospf_version version;
	uint32_t router; /* we */
	uint64_t seed;
	struct destination **chunks; /* owned, and each is */
	size_t n_chunks, capacity;
	uint32_t *heads; /* owned: by the hash of the prefix */
	size_t n_heads;	 /* a power of two */
	uint32_t end;	 /* the highest place */
	uint32_t free;	 /* the first place that is free */
	size_t n;
	uint32_t dirty; /* the first */
	size_t n_claims;
	size_t n_external; /* of these the ones by EXTERNAL and NSSA */
	struct forwardee forwardees[FORWARDEES_MAX];
	size_t n_forwarded;    /* of these the ones with an address for which there is no room */
	size_t by_length[129]; /* destinations with an intra- or inter-area route */
	bool failed; /* a claim is missing that there is room for now, or memory perhaps */
};

void table_init(struct table *t, enum ospf_version v, uint64_t seed);
void table_done(struct table *t);

struct destination *table_find(const struct table *t, const struct prefix *p);

/* By its place, from 1 on; 0: NULL. */
#define DESTINATIONS_CHUNK 256u
static inline struct destination *table_at(const struct table *t, uint32_t place)
{
	return place ? &t->chunks[(place - 1) / DESTINATIONS_CHUNK]
				 [(place - 1) % DESTINATIONS_CHUNK]
		     : NULL;
}

/* The next of all; *place begins at 0. It may be released, and others may come. NULL: the end. */
struct destination *table_next(const struct table *t, uint32_t *place);

/*
 * In place of `old` there is `l` now; either may be NULL. Destinations whose claims are others now
 * are dirty. With `l` NULL `old` may also be one that was told of before.
 */
void table_lsa_changed(struct table *t, const struct lsa *old, const struct lsa *l);

/* Claims of an LSA for which there was no memory when it came: those that are missing are made. */
void table_complete(struct table *t, const struct lsa *l);

void table_dirty(struct table *t, struct destination *d);
struct destination *table_dirty_next(struct table *t); /* takes it out; NULL: none is left */

/* What externals forward to may be in the prefix. */
bool table_is_forwarded_to(const struct table *t, const struct prefix *p);

/* The route is another kind now. */
void table_set_kind(struct table *t, struct destination *d, uint8_t kind);

static inline bool destination_is_internal(const struct destination *d)
{
	return d->kind <= 1; /* OSPF_ROUTE_INTRA, OSPF_ROUTE_INTER */
}

/* It is freed when nobody claims it and nobody waits to hear of it. */
void table_release(struct table *t, struct destination *d);

/* What an LSA says of prefixes. */
struct claims_walk {
	enum ospf_version version;
	const struct lsa *lsa;
	struct lsa_walk walk;
	bool ended;
};
struct claims_walk claims_walk(enum ospf_version v, const struct lsa *l);
bool claims_next(struct claims_walk *w, struct prefix *ret_prefix, uint32_t *ret_metric);

#endif
