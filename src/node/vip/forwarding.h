/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proof by forwarding: which routers hand on to us what is sent to a VIP. A packet with one of our
 * own addresses as its source and the VIP as its destination is given to the router on the wire
 * (EFFECT_PROVE); who forwards by a route to us brings it back. doc/proof.md says what that proves
 * and what it does not. proof_router.c has through whom, proving.c when it is tried, asked.c what
 * is tried because somebody asks, doubt.c what is tried again, proven.c what is known.
 */
#ifndef NODE_FORWARDING_H
#define NODE_FORWARDING_H

#include "base/list.h"
#include "base/timers.h"
#include "net/address.h"
#include "node/boundary.h"

struct node;
struct binding;

/* Stated budget: of packets, repeated ones and questions where routers are included. */
#define PROVING_PACKETS_PER_S 200
#define PROVING_ROUND DURATION_S(10) /* between two tries of one VIP by one router, at best */

/* The same by a router that the echo watches: who asks for that wants to know within a second. */
#define PROVING_QUICK_ROUND DURATION_MS(250)

#define PROVING_ROUTERS_MAX 64
#define PROVING_OPEN_MAX 32 /* at a time */
#define PROVING_WAYS_MAX 32 /* interfaces by which packets have come back */

/* What is known of one VIP by one router: as small as can be, there may be very many. */
struct forwarded {
	uint8_t state : 2;   /* enum forwarding */
	uint8_t due : 1;     /* something has changed: it is tried before its turn */
	uint8_t open : 1;    /* it is being tried */
	uint8_t waits : 1;   /* it did not come back; whether anything does is being found out */
	uint8_t settled : 1; /* it has come back since it was due, or has had the time for it */
	uint8_t again : 1;   /* it has not come back, and is looked at again: doubt.c */
	uint8_t way; /* PROVEN: a place in proving.ways, by which it came in; `again`: when */
	uint16_t
		time; /* PROVEN: there and back, in FORWARDED_TIME_US; FAILED: enum prove_refusal */
};

#define FORWARDED_TIME_US 8

/* A router through which VIPs are proven: a neighbour that is up, or one that is configured. */
struct proof_router {
	struct list link;
	struct path path;	  /* to it, from an address of ours by which it can be asked */
	struct address source;	  /* ours, that packets have; not set: the VIP itself has to do */
	bool configured;	  /* a rule names it; nothing says whether it accepts */
	bool wanted;		  /* while they are compared */
	bool quick;		  /* the echo is up: packets to our own address come back */
	bool returns;		  /* something has come back through it at some time */
	bool silent;		  /* nothing ever has, not even what was for our own address */
	bool asking;		  /* the question about our own address is open */
	struct instant returned;  /* when something did so last */
	struct forwarded *proofs; /* owned: by the places of the VIPs */
	size_t n_proofs;
	size_t n_due, n_waiting, n_again;
	size_t position; /* where the next one that is due is looked for; silent: that of the round
			  */
	size_t again_position; /* where the next one that is looked at again is looked for */
};

/* What has become of one router that somebody has asked for. */
enum ask_result {
	ASK_OPEN,
	ASK_PROVEN,
	ASK_REFUSED,   /* it does not forward, and somebody has said why */
	ASK_LOST,      /* it does not forward; something else does come back through it */
	ASK_UNKNOWN,   /* nothing comes back through it, or nothing else could be sent there */
	ASK_UNREACHED, /* nothing was sent: it does not say where it is */
	ASK_GONE,      /* the router, or the VIP, has gone meanwhile */
};

#define PROVING_ASKS_MAX PROVING_ROUTERS_MAX /* at a time */

/* By hand (INPUT_PROVE): one VIP by one router. Stays readable until its place is needed again. */
struct proving_ask {
	uint32_t request;
	struct proof_router *router; /* NULL: it is over */
	struct binding *binding;
	bool begun;
	uint8_t result; /* enum ask_result */
	uint32_t interface;
	struct address neighbor, source;
	struct echo_proof heard; /* the last that was */
};

/* One VIP after the other by each router, for ever. */
struct proving_round {
	struct proof_router *turn; /* the router, ... */
	size_t position;	   /* ... and the place of the VIP there */
	struct instant last;	   /* its last step */
	struct instant waits;	   /* for budget since then; 0: it does not */
};

struct proving {
	bool on;
	bool routers_dirty; /* neighbours or rules have changed */
	struct list routers;
	size_t n_routers;
	struct binding **at; /* owned: VIPs by their places; NULL: nobody has it */
	size_t n_places, n_free;
	size_t free_from;		 /* none is free before it */
	uint32_t ways[PROVING_WAYS_MAX]; /* indices of interfaces */
	size_t n_ways;
	struct proving_try {
		struct proof_router *router; /* NULL: it is free, or the router has gone */
		struct binding *binding;     /* NULL: our own address, or the VIP has gone */
		uint32_t token;		     /* 0: free */
		uint8_t kind;
		bool control; /* something waits for whether anything comes back */
		struct instant begun;
		struct instant until; /* nobody has answered by then */
	} open[PROVING_OPEN_MAX];
	struct proving_ask asks[PROVING_ASKS_MAX];
	uint32_t next_token;
	struct proof_router *due_turn;	 /* the one of which something due was tried last */
	struct proof_router *again_turn; /* and something that had not come back */
	struct instant again;		 /* no such thing is tried before */
	struct proving_round rounds[2];	 /* of those that are not quick, and of those that are */
	int64_t credit;			 /* packets that may be sent, in thousandths */
	bool spent;			 /* there was more to do than credit: some is saved first */
	struct instant looked;		 /* at the routers */
	struct instant gone; /* a router has, and not all that are left were asked since; 0: none */
	struct instant credited;
	struct timer due;
	uint64_t tried;	    /* packets that were sent */
	uint64_t questions; /* that routers were asked for it where they are */
	uint64_t returned, lost, refused;
};

void proving_init(struct node *n);
void proving_free(struct node *n);
void proof_routers_forget(struct node *n);
/* proof_router.c: through whom it is proven now. Whether one is gone, and what it had proven. */
bool proof_routers_reconcile(struct node *n);

/* Has room for all VIPs, with what is known of those so far; false: there is no memory. */
bool proof_router_fits(const struct node *n, struct proof_router *r);
void proving_set(struct node *n, bool on); /* by configuration */

/* A VIP has come, and goes. 0 or -ENOMEM. */
int proving_join(struct node *n, struct binding *b);
void proving_leave(struct node *n, struct binding *b);

/* It is announced, or no longer, or in another way: what was proven is to be proven anew. */
void proving_changed(struct node *n, struct binding *b);

/*
 * A router has said that it routes to the VIP, or no longer; and somebody has, of whatever. That it
 * `accepts` is no news of what has come back already, by the interface where the router is.
 */
void proving_heard(struct node *n, struct binding *b, uint32_t interface,
		   const struct address *router, bool accepts);
void proving_heard_all(struct node *n, bool accepts);

/* The echo through a router is up, or no longer. */
void proving_watched(struct node *n);

/* Sends what may be sent now; behind everything else. */
void proving_run(struct node *n);
void proving_answered(struct node *n, const struct input *in);

/* asked.c: INPUT_PROVE. The answer comes when all that is asked for is over. */
void asked_command(struct node *n, const struct input *in);

/* The next one whose pair is not being tried, and is from now on; NULL: there is none. */
struct proving_ask *asked_next(struct node *n);

/* What was heard of a pair, what is concluded from it, and that one of the two has gone. */
void asked_heard(struct node *n, const struct proof_router *r, const struct binding *b,
		 const struct input *in);
void asked_concluded(struct node *n, const struct proof_router *r, const struct binding *b,
		     uint8_t state);
void asked_gone(struct node *n, const struct proof_router *r, const struct binding *b);

/* The next router behind this one, or the first (NULL); NULL: the end of them. */
struct proof_router *proof_router_after(const struct proving *p, const struct proof_router *r);

/*
 * doubt.c. A pair has not come back while something else did: whether that is a failure of the
 * router's. Either way it is looked at again.
 */
bool doubt_is_failure(struct node *n, struct proof_router *r, struct forwarded *f);

/* It is not looked at again; and the next one whose time has come for it, false: there is none. */
void doubt_over(struct proof_router *r, struct forwarded *f);
bool doubt_next(struct node *n, struct proof_router **ret_router, struct binding **ret_binding);

/* When there may be one. */
struct instant doubt_deadline(const struct proving *p);

/* The same to change it, of one of its family; NULL: there is no place for it yet. */
struct forwarded *forwarded_at(const struct proof_router *r, const struct binding *b);

/* By how many routers it is proven. */
unsigned binding_proven(const struct node *n, const struct binding *b);

/* What is known of the VIP by a router; NULL: nothing. */
const struct forwarded *forwarded_find(const struct binding *b, const struct proof_router *r);

/* The index of the interface by which it came back; 0: it is not known. */
uint32_t forwarded_way(const struct node *n, const struct forwarded *p);

/*
 * The router says that it routes to the VIP, or is configured to be one that does, and it does not
 * forward to us.
 */
bool router_is_belied(const struct node *n, const struct proof_router *r, const struct binding *b);

/* One does so, and the VIP is proven by nobody. */
bool binding_is_belied(const struct node *n, const struct binding *b);

/* What is said of a router that does not, after its address; by enum prove_refusal, or 0. */
const char *prove_refusal_text(uint8_t refusal);

/*
 * How many VIPs the router does not forward to although it is said to, and what is to be said of
 * that; and what of the interfaces by which everything comes in, false: nothing.
 */
uint32_t proof_finding(const struct node *n, const struct proof_router *r, struct finding *ret);
bool way_in_finding(const struct node *n, enum family family, struct finding *ret);

/* Something has come back through a router of the family: it can be asked for proof. */
bool proving_can(const struct node *n, enum family family);

#endif
