/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The link state database: LSAs as bytes, of one scope's place each: an interface, an area, or the
 * AS. It keeps, finds and ages; what is believed and flooded, flood.c decides.
 */
#ifndef PROTO_OSPF_DATABASE_H
#define PROTO_OSPF_DATABASE_H

#include "base/clock.h"
#include "base/hash.h"
#include "base/list.h"
#include "base/timers.h"
#include "proto/ospf/lsa.h"

struct ospf;
struct database;
struct own;

/*
 * One LSA. It lives as long as somebody holds it: the database while it is installed there, queues
 * and lists of retransmissions. A newer instance is another object.
 */
struct lsa {
	struct hash_node node; /* in database->lsas, by its key */
	struct list of_kind;   /* in database->kinds; purged: in ospf->purged */
	struct list waiting;   /* struct retransmission, by of_lsa: who has not acknowledged it */
	struct list queued;    /* struct queued, by of_lsa: where it is still to be flooded */
	struct database *of;   /* where it is installed; NULL: nowhere any more */
	struct own *own;       /* ours: what it is made of (instance.h); NULL: somebody else's */
	struct timer due;      /* it is refreshed, or too old */
	struct lsa_header header; /* with its age when it was installed */
	struct instant installed;
	struct instant sent; /* when it has left last, to whomever */
	uint32_t references;
	uint8_t kind;	 /* enum lsa_kind */
	bool purged;	 /* MaxAge: it goes when all have acknowledged it */
	bool asked;	 /* it came because we had asked for it, and was not flooded */
	bool remembered; /* of an earlier life: memory.c */
	bool counted;	 /* among those of others, in ospf->n_lsas */
	uint8_t bytes[]; /* header.length of them; the age is that of `header` */
};

struct database {
	struct ospf *of;
	enum lsa_scope scope;
	uint32_t place; /* the interface, or the area */
	struct hash lsas;
	struct list kinds[LSA_KINDS]; /* the newest last */
};

void database_init(struct database *d, struct ospf *of, enum lsa_scope scope, uint32_t place);
void database_done(struct database *d); /* lets go of all */

/*
 * Another place for LSAs: `bytes` are a whole one, and are copied. It belongs to whoever calls.
 * NULL without memory.
 */
struct lsa *lsa_new(enum ospf_version v, const uint8_t *bytes, size_t length, struct instant now);

/* Holds it from now on. 0 or -ENOMEM. No other one with its key may be there. */
int database_add(struct database *d, struct lsa *l);
void database_remove(struct lsa *l); /* from where it is, and lets go of it */

/* The next of all, in no order; NULL starts and ends. */
struct lsa *database_next(const struct database *d, const struct lsa *after);

/* The one that is installed; NULL: none. */
struct lsa *database_find(const struct database *d, const struct lsa_key *k);

#define database_each(l, d, kind) list_each_entry(struct lsa, l, &(d)->kinds[kind], of_kind)

/* In seconds, at most LSA_AGE_MAX. */
uint16_t lsa_age(const struct lsa *l, struct instant now);
bool lsa_is_max_age(const struct lsa *l, struct instant now);

struct lsa *lsa_hold(struct lsa *l);
void lsa_release(struct lsa *l);

#endif
