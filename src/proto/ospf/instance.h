/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of the OSPF speaker, for the files of this folder alone. See README.md. */
#ifndef PROTO_OSPF_INSTANCE_H
#define PROTO_OSPF_INSTANCE_H

#include "base/random.h"
#include "net/keychain.h"
#include "proto/ospf/database.h"
#include "proto/ospf/ospf.h"

/* RFC 2328 B */
#define MIN_LS_INTERVAL DURATION_S(5)
#define MIN_LS_ARRIVAL DURATION_S(1)

#define LSA_V3_U 0x8000u /* of a type: RFC 5340 A.4.2.1 */

/* What a timer is for: timer.slot. */
enum slot {
	SLOT_HELLO,	  /* of an interface: a hello is due */
	SLOT_WAIT,	  /* of an interface: nobody was heard to be the DR */
	SLOT_ACKNOWLEDGE, /* of an interface: delayed acknowledgments are due */
	SLOT_KEY,	  /* of an interface: the time of a key begins or ends */
	SLOT_INACTIVITY,  /* of a neighbour */
	SLOT_RETRANSMIT,  /* of a neighbour: descriptions, requests and updates, again */
	SLOT_HELPING,	  /* of a neighbour: its grace time is over */
	SLOT_LSA,	  /* of an LSA: refreshed, or too old */
	SLOT_ORIGINATE,	  /* of an own LSA: it may be originated again, or is to be refreshed */
	SLOT_SETTLE,	  /* of an own prefix: it is waited for long enough */
	SLOT_SPF,	  /* of the instance */
	SLOT_RESTART,	  /* of the instance: our grace time is over */
};

struct area {
	struct list link; /* ospf.areas, by their number */
	uint32_t id;
	uint8_t kind; /* enum ospf_area_kind */
	struct database database;
	struct route_own *anchor; /* NSSA: the prefix that others are forwarded to: place.c */
	uint32_t n_interfaces;
	struct own *router; /* our router-LSA */
	struct own *info;   /* our router information LSA: RFC 7770 */
	struct list room; /* v3: struct own by `room`: those for prefixes that take more of them */
	bool host_bit;	  /* what we say: RFC 8770 */
	bool all_know_host;
	uint32_t full_runs, partial_runs;
};

/* LSA headers that are to be acknowledged. */
struct acknowledgments {
	struct lsa_header *headers; /* owned */
	size_t n, capacity;
};

/* LSAs that are to be sent to one neighbour alone, once. */
struct answers {
	struct lsa **lsas; /* owned, and each is held */
	size_t n, at, capacity;
};

/* RFC 2328 9 */
struct ospf_interface {
	struct list link; /* ospf.interfaces */
	struct ospf *of;
	uint32_t index; /* also the interface ID */
	struct area *area;
	struct ospf_interface_settings settings;
	uint8_t state;	 /* enum ospf_interface_state */
	uint8_t pending; /* bits of enum interface_event that settle.c is to deal with */
	bool usable;
	bool leaving; /* it is removed: for what we originate it is gone already */
	uint16_t mtu;
	uint8_t n_sources;
	struct speaker_source sources[SPEAKER_SOURCES_MAX]; /* the first is spoken from */
	uint32_t dr, bdr;	  /* as in hellos: v2 addresses, v3 router IDs; 0: none */
	struct database database; /* of link scope */
	struct list neighbors;	  /* struct ospf_neighbor */
	uint32_t n_neighbors, n_full;
	struct timer hello, wait, acknowledge, key;
	struct list output;	      /* ospf.output: it may have something to send */
	struct list neighbors_output; /* struct ospf_neighbor, by output: they may */
	struct list flood; /* struct queued: LSAs that are to be flooded here, in order */
	struct acknowledgments acknowledgments; /* delayed ones */
	bool acknowledge_now;
	bool hello_due;
	bool graced;		    /* our restart was told there */
	uint8_t grace_due;	    /* grace-LSAs that are still to leave, before any hello */
	uint8_t hello_to;	    /* the next of the named neighbours that it goes to */
	uint32_t noted;		    /* ledger.c: a hash of what was written of it; 0: nothing */
	struct instant alive;	    /* a hello has left then, at the latest */
	struct instant hello_paced; /* hellos out of turn: until then so many have left */
	/* Keys: which one seals; key.c. */
	uint32_t secrets;
	bool secrets_known, mute;
	uint8_t sealing; /* the place of the key, unless it is mute or not known yet */
	uint32_t sent[OSPF_PACKET_TYPES], received[OSPF_PACKET_TYPES];
	uint32_t drops[OSPF_DROP_COUNT]; /* that belong to no neighbour */
	struct prefix *networks;	 /* owned */
	size_t n_networks, networks_capacity;
	struct own *link_lsa, *network_lsa, *network_prefixes; /* v3: LINK; as DR: NETWORK, INTRA */
	bool stays; /* it is leaving, and is then set anew, with `after` */
	struct ospf_interface_settings after;
	struct route_filter learn;
};

/* An LSA that is to be flooded on an interface: it leaves the queue when another replaces it. */
struct queued {
	struct list link;   /* interface.flood */
	struct list of_lsa; /* lsa.queued */
	struct ospf_interface *interface;
	struct lsa *lsa;
};

/*
 * An LSA that a neighbour has not acknowledged. It stands in a list of the LSA and in one of the
 * neighbour: `queued` while it waits for its turn on the interface, `missed` when it has had none
 * because there was no room under way, and `retransmissions` when it was sent.
 */
struct retransmission {
	struct list of_neighbor;
	struct list of_lsa; /* lsa.waiting */
	struct ospf_neighbor *neighbor;
	struct lsa *lsa;
	struct instant sent;
	uint32_t order; /* n->bytes_sent when it was sent; n->bytes_read then, when somebody else
			   has sent it */
	uint64_t
		since; /* ours: own.serial of the first instance that it has not acknowledged; own.c
			  sets it, and it stays when a newer instance takes the place of `lsa` */
};

/*
 * What is still to be described to a neighbour: a place in the lists of the databases, which have
 * the newest last. summary.c
 */
struct summary {
	struct lsa *next; /* NULL: nothing. Who takes it out of its list moves this on. */
	uint8_t database, kind;
	struct instant begun; /* what was installed later is flooded */
	uint32_t left;	      /* about so many */
};

/* RFC 2328 10 */
struct ospf_neighbor {
	struct list link; /* ospf_interface.neighbors */
	struct ospf_interface *interface;
	uint32_t router;
	struct address address;
	uint8_t state; /* enum ospf_neighbor_state */
	uint8_t priority;
	uint32_t dr, bdr;      /* that it says: as in hellos */
	uint32_t interface_id; /* v3: its */
	uint32_t options;      /* of its last hello; those of its description once there is one */
	uint8_t liveness;      /* enum verdict */
	struct timer inactivity, retransmit, helping;
	struct instant since, heard; /* `since`: it is up, or down */
	struct instant state_since;
	bool up;		     /* full, or as near as it is to come: it was told so */
	bool was_full;		     /* since it is up */
	bool counts_full;	     /* what others were told: neighbor_is_full() */
	struct retransmission *owed; /* flood_out() alone: the one of the LSA */
	uint32_t charged;	     /* ospf.updates of the last packet that took room of it */
	uint16_t mtu;		     /* of its last description, if it was too large */
	/* The exchange of descriptions: RFC 2328 10.6, 10.8. exchange.c */
	bool master; /* we are */
	uint32_t dd_sequence, dd_options;
	uint8_t dd_flags;
	uint32_t last_dd_sequence; /* of its last packet, to know duplicates */
	uint8_t last_dd_flags;
	struct summary summary;
	struct list requests;		  /* struct request: what we want of it, in order */
	struct hash wanted;		  /* the same, by key */
	uint32_t n_requests, n_requested; /* of these the ones that it was asked for */
	struct list queued, missed, retransmissions; /* struct retransmission; the one sent longest
							ago first */
	uint32_t n_retransmissions;
	/* Bytes as its socket counts them: that we have sent, that have left the socket for all
	   that is known, and up to where it was asked. They wrap: retransmission.c */
	uint32_t bytes_sent, bytes_read, bytes_asked;
	struct list output;	/* interface.neighbors_output */
	struct answers answers; /* what it has asked for, and what is newer than what it has sent */
	struct acknowledgments acknowledgments;	  /* direct ones */
	bool description_due, request_due, again; /* `again`: what was sent longest ago */
	bool ask_due;				  /* whether it has read what was sent last */
	uint8_t pending;			  /* enum neighbor_pending, for settle.c */
	uint8_t *sent_dd; /* owned: the last description that we sent, for duplicates */
	size_t sent_dd_length;
	struct instant description_sent, request_sent;
	struct instant described; /* when the exchange was done: for RFC 2328 10.8 */
	/* Authentication: the highest sequence heard, by packet type where RFC 7474 has it so */
	uint64_t sequence[OSPF_PACKET_TYPES];
	bool sequence_known;
	uint32_t packets, retransmitted, events;
	uint32_t drops[OSPF_DROP_COUNT];
	bool knows;	 /* full, for both: it has all that was there when it came (announce.c) */
	bool helped;	 /* RFC 3623 3: it restarts, and stays full for us */
	bool remembered; /* an earlier life has had it so; it is still to show that it agrees */
	uint32_t noted;	 /* ledger.c, as of the interface */
};

/* What settle.c does with a neighbour when nobody walks over any. */
enum neighbor_pending {
	NEIGHBOR_PENDING_LOADED = 1,   /* the last of its requests is gone */
	NEIGHBOR_PENDING_MISMATCH = 2, /* there was no memory: the exchange begins anew */
};

/* An LSA that is wanted of a neighbour. */
struct request {
	struct list link;
	struct hash_node node;	  /* neighbor.wanted */
	struct lsa_header header; /* as it was described */
	bool sent;
};

/*
 * An LSA of ours: what it is, whatever instance of it is installed. own.c keeps the times
 * (MinLSInterval, refresh, sequence wrap, RFC 2328 13.4); originate.c makes the contents.
 */
struct own {
	struct hash_node node; /* ospf.own, by database and key */
	struct database *of;
	struct lsa_key key;
	struct lsa *lsa;	/* the instance that is installed; NULL: none */
	struct timer originate; /* a change that waits, or the refresh */
	struct instant sent;	/* when an instance has left last */
	struct instant refresh;
	struct instant credited; /* up to when `burst` has been given back */
	uint8_t burst;		 /* changes that may still go out a second apart */
	bool wanted;		 /* it is to exist; else it is flushed */
	bool changed;		 /* its contents are to be made anew */
	bool again;		 /* and go out even when they are the same */
	uint8_t fought;		 /* newer instances that others have had since the last refresh */
	bool flush_waits;	 /* it is flushed as soon as receivers take that: ospf.n_flushes */
	bool wrapping;	  /* 12.1.6: it is flushed, to begin with the initial sequence number */
	int32_t sequence; /* the highest that was used or seen */
	uint64_t serial;  /* of the instance that is installed; ospf.serial counts them */
	uint32_t unsent;  /* interfaces that the instance still waits to leave on */
	uint64_t unsent_since; /* the first instance that has not left on all of them */
	struct list carriages; /* struct carriage, the one that has changed last at the end */
	struct list room;      /* area.room */
	uint32_t prefix_bytes; /* v3: that its prefixes take */
};

/* A prefix that we announce: announce.c. */
struct route_own {
	struct hash_node node; /* ospf.prefixes */
	struct prefix prefix;
	uint32_t metric;
	uint32_t id; /* the Link State ID of its own LSAs, if it has some */
	bool has_id;
	bool leaving; /* withdrawn, and the neighbours are still to say that they know it */
	bool lingers; /* they know it; what they do of it comes a moment later */
	bool waits;  /* leaving, and said all the while: a rival has just come, and not all go to it
		      */
	bool told;   /* its last change has left on every interface */
	bool moving; /* it stands elsewhere too, until all have it where it is to stand */
	struct list carriages; /* struct carriage: the LSAs that it stands in */
	struct timer settle;
};

/* That a prefix stands in an LSA: in one for each area, or for itself, or in two for a while. */
struct carriage {
	struct list of_own, of_prefix;
	struct own *own;
	struct route_own *prefix;
	uint64_t serial; /* of the instance with its last change; CARRIAGE_WAITS: not made yet */
	bool said;	 /* an instance has had it */
	bool leaving;	 /* it is taken out */
};
#define CARRIAGE_WAITS UINT64_MAX

struct spf;    /* spf.c: graph and table of routes */
struct memory; /* memory.c: what an earlier life has written down */
struct learning_table;

/* What is written down for a later life, and waits to be taken: ledger.c. */
struct ledger {
	uint8_t *bytes; /* owned: notes, each with its length */
	size_t first, end, capacity;
	uint32_t number; /* of the last one */
	uint32_t router; /* of whom they are; 0: nothing was written yet */
	bool on;	 /* somebody takes them */
	bool closed;	 /* there is too much: nothing is written, and that is */
	bool quiet;	 /* what happens is written already */
};

struct ospf {
	enum ospf_version version;
	struct ospf_settings settings;
	uint32_t router;      /* 0: not known yet */
	uint32_t router_told; /* by ospf_router_id(): for when the settings name none */
	uint32_t router_next; /* when all interfaces have left as `router` */
	bool router_changes;
	struct instant now;
	struct random random;
	uint64_t hash_seed;
	struct timers timers;
	struct list areas, interfaces;
	struct database as;	  /* of AS scope */
	size_t n_lsas, lsa_bytes; /* of others */
	size_t n_requests;	  /* in all */
	uint32_t updates;	  /* updates that were made: what marks one */
	size_t n_retransmissions;
	struct list purged;    /* struct lsa, by of_kind: MaxAge, and they may go soon */
	size_t n_exchanging;   /* neighbours in Exchange or Loading */
	struct list output;    /* struct ospf_interface, by output */
	bool topology_changed; /* for restart.c, by settle.c */
	bool links_changed, paths_changed; /* for originate.c: link-LSAs; SPF has run */
	bool mutual_changed;  /* for announce.c: a neighbour may say now that we are full for it */
	bool unsettled;	      /* something is pending: settle.c */
	struct hash own;      /* struct own */
	struct hash prefixes; /* struct route_own */
	uint64_t serial;      /* instances that we have originated */
	int32_t sequence;   /* no new LSA of ours begins below it: others may have had it higher */
	uint32_t fought;    /* instances of our LSAs that others have sent, and we have not */
	bool large;	    /* OSPF_VIPS_AUTO: there are too many for a router-LSA */
	size_t n_externals; /* LSAs of ours, of types 5 and 7 */
	size_t n_leaving;   /* of prefixes */
	size_t n_flushes;   /* of LSAs of ours, which those who leave wait for */
	struct duration wall;
	struct keychain_counter counter;
	bool wall_known;
	struct list events; /* event.c */
	size_t n_events;
	struct sequences *sequences; /* owned: that were heard of neighbours */
	struct spf *spf;	     /* owned */
	uint8_t *packet;	     /* owned: the packet that ospf_output() has given out */
	bool restarting;	     /* RFC 3623 2: our own LSAs are left as they are */
	bool goes_on;		     /* as memory.c knows: nobody is asked to wait for us */
	bool all_again;		     /* and all adjacencies are there; our prefixes may not be */
	struct ledger ledger;
	struct memory *memory; /* owned; NULL: there is none */
	bool memory_doubted;   /* for settle.c: memory_review() */
	struct timer restart;
};

/* version.c: what differs by version and is not bytes */
uint32_t ospf_options(const struct ospf *o,
		      const struct area *a);   /* of hellos, descriptions, LSAs */
enum family ospf_family(const struct ospf *o); /* of the prefixes */

/*
 * life.c: timers that are due call by their slot:
 *	SLOT_LSA	flood_lsa_due(): of others' LSAs, and of those that are purged
 *	SLOT_ORIGINATE	own_due()		SLOT_SETTLE	announce_settled()
 *	SLOT_SPF	spf_due()		SLOT_RESTART	restart_due()
 *	SLOT_HELPING	restart_helped_due()
 * ospf_new() calls own_init() and spf_init(); ospf_free() takes interfaces and areas away first,
 * then calls own_done() and spf_free().
 */

/* find.c: who is who; nothing changes by it */
struct ospf_interface *ospf_interface_find(const struct ospf *o, uint32_t index);
struct area *area_find(const struct ospf *o, uint32_t id);
void neighbor_helped(struct ospf_neighbor *n, bool helped); /* restart.c: it is, or no longer */
struct ospf_neighbor *ospf_neighbor_find(const struct ospf_interface *i, uint32_t router);
struct ospf_neighbor *neighbor_by_address(const struct ospf_interface *i, const struct address *a);
struct ospf_neighbor *neighbor_from(const struct ospf_interface *i, uint32_t router,
				    const struct address *a);	/* who sends a packet */
uint32_t interface_id_in_hello(const struct ospf_interface *i); /* we, as a DR is named there */
uint32_t neighbor_id_in_hello(const struct ospf_neighbor *n);
const struct address *interface_source(const struct ospf_interface *i); /* NULL: none */
bool neighbor_is_full(const struct ospf_neighbor *n); /* or is helped to restart */

/* Up, and not passive: packets come and go. */
bool ospf_interface_speaks(const struct ospf_interface *i);

/* The database for an LSA of the type that is received or originated there; NULL: there is none. */
struct database *interface_database(struct ospf_interface *i, uint16_t type);

/* Something is to be sent there, or to it: ospf_output() has a look. */
void interface_wants_output(struct ospf_interface *i);
void neighbor_wants_output(struct ospf_neighbor *n);

/* key.c. OSPF_DROP_COUNT: the packet is good. */
void ospf_key_review(struct ospf *o, struct instant now, struct ospf_interface *i);
enum ospf_drop ospf_key_check(struct ospf *o, struct instant now, struct ospf_interface *i,
			      struct ospf_neighbor *n, uint8_t type, const struct ospf_packet *p);
void ospf_key_stamp(struct ospf *o, struct instant now, struct ospf_interface *i,
		    struct ospf_packet *p);

/* A packet of that neighbour was good; it is not there any more. */
void key_heard(struct ospf *o, struct ospf_neighbor *n, uint8_t type, const struct ospf_packet *p);
void key_silent(struct ospf *o, struct ospf_neighbor *n);
bool ospf_key_is_ready(const struct ospf_interface *i); /* it is known with what to seal */
void ospf_key_describe(const struct ospf_interface *i, struct speaker_interface *ret);

/* interface.c: RFC 2328 9.3 */
enum interface_event {
	INTERFACE_UP,
	INTERFACE_WAIT_TIMER,
	INTERFACE_BACKUP_SEEN,
	INTERFACE_NEIGHBOR_CHANGE,
	INTERFACE_LOOP,
	INTERFACE_UNLOOP,
	INTERFACE_EVENT_DOWN,
};
void interface_event(struct ospf_interface *i, enum interface_event e);

/* election.c: RFC 2328 9.4; true: the DR or the BDR is another one now */
bool election_run(struct ospf_interface *i);

/* neighbor.c: RFC 2328 10.3 */
enum neighbor_event {
	NEIGHBOR_HELLO_RECEIVED,
	NEIGHBOR_TWO_WAY_RECEIVED,
	NEIGHBOR_NEGOTIATION_DONE,
	NEIGHBOR_EXCHANGE_DONE,
	NEIGHBOR_BAD_LS_REQUEST,
	NEIGHBOR_LOADING_DONE,
	NEIGHBOR_ADJ_OK,
	NEIGHBOR_SEQUENCE_MISMATCH,
	NEIGHBOR_ONE_WAY,
	NEIGHBOR_KILL,
	NEIGHBOR_INACTIVITY_TIMER,
	NEIGHBOR_LL_DOWN,
	NEIGHBOR_REMEMBERED_FULL, /* memory.c: an earlier life has had it so */
	NEIGHBOR_REMEMBERED,	  /* or in 2-Way */
	NEIGHBOR_CONFIRMED,	  /* and it has shown that it agrees */
};
void neighbor_event(struct ospf_neighbor *n, enum neighbor_event e);
void neighbor_helped(struct ospf_neighbor *n, bool helped); /* it is, or is no longer */

/*
 * flood.c: RFC 2328 13. What comes of others; and what own.c originates, `bytes` being a whole LSA
 * with its checksum. The old instance is replaced, its retransmissions are those of the new one.
 * NULL: there is no memory, and the old one stays.
 */
struct lsa *flood_install(struct ospf *o, struct database *d, const uint8_t *bytes, size_t length,
			  struct own *own);

/* Returns on how many interfaces it waits to leave: own_sent() comes as often. */
unsigned flood_out(struct ospf *o, struct lsa *l, struct ospf_neighbor *from);

/* Ages it to MaxAge and floods that: RFC 2328 14.1. It goes when all have acknowledged it. */
unsigned flood_purge(struct ospf *o, struct lsa *l);
void flood_uncount(struct ospf *o, struct lsa *l); /* it takes none of the room of others */

/* It goes at once, and nobody is told: its place goes. own_gone() is called. */
void flood_drop(struct ospf *o, struct lsa *l);

/* own.c: what the rest tells of our LSAs */
void own_init(struct ospf *o); /* with what announce.c has */
void own_done(struct ospf *o);

/*
 * The router ID has changed, neighbours and databases are gone (own_gone()): what is kept of LSAs
 * with the old one is forgotten. originate_all() is called next.
 */
void own_reset(struct ospf *o);

/* The LSA is to be: 0 or -ENOMEM; its contents may be others now; it is to be flushed. */
int own_want(struct ospf *o, struct database *d, const struct lsa_key *k, struct own **ret);
void own_changed(struct ospf *o, struct own *w);
void own_unwant(struct ospf *o, struct own *w);
struct own *own_find(const struct ospf *o, const struct database *d, const struct lsa_key *k);

/* SLOT_ORIGINATE */
void own_due(struct ospf *o, struct own *w);

/*
 * Somebody has sent us an instance that is newer than what is installed. RFC 2328 13.4: when it is
 * one of our own (v2, of a network-LSA: or its Link State ID is an address of ours), true: it is
 * dealt with, and is not to be installed; it is acknowledged as any. False: it is as any.
 */
bool own_received(struct ospf *o, struct database *d, const struct lsa_header *h,
		  const uint8_t *bytes);

/*
 * The neighbour has acknowledged t->lsa, which is ours; or (`said` is false) it is not waited for
 * any more. `t` goes then. (When a newer instance takes the old one's place in `t`, nothing is
 * told.)
 */
void own_acknowledged(struct ospf *o, const struct retransmission *t, bool said);

/* `l`, which is ours, has been flooded on the interface for the first time, or never will be. */
void own_sent(struct ospf *o, struct lsa *l, struct ospf_interface *i);

/* `l`, which is ours, has been sent to somebody who has requested it. */
void own_answered(struct ospf *o, struct lsa *l);

/* It is dropped, and nobody is told; one of ours may be made anew. */
void own_forget(struct ospf *o, struct lsa *l);

/* `l`, which is ours (l->own), leaves the database: purged, or with its area or interface. */
void own_gone(struct ospf *o, struct lsa *l);

/* originate.c: something that our LSAs say has changed */
void originate_all(struct ospf *o); /* the router ID is known now, or settings have changed */
void originate_area(struct ospf *o, struct area *a); /* links, neighbours, options: router-LSAs */
void originate_interface(struct ospf *o, struct ospf_interface *i); /* link-LSA, and as DR */
void originate_links(
	struct ospf *o); /* link-LSAs have changed: ours as the DR may depend on them */

/*
 * The interface is going (`leaving` is set): what is said of it is taken back at once, and with an
 * area's last one all that is said there. Its neighbours are still there to hear it.
 */
void originate_leave(struct ospf *o, struct ospf_interface *i);

/* After a run of SPF: whether all routers of an area know RFC 8770. */
void originate_hosts(struct ospf *o);

/* announce.c */
void announce_neighbor_gone(struct ospf *o, struct ospf_neighbor *n); /* it has accepted nothing */
void announce_neighbor(struct ospf *o, struct ospf_neighbor *n);      /* full now, or no longer */
/* How many of our prefixes it has. */
uint32_t announce_accepted(const struct ospf *o, const struct ospf_neighbor *n);
bool announce_has(const struct ospf *o, const struct prefix *p); /* and it does not leave */
void announce_review(struct ospf *o); /* LSAs have changed: who has all that there was */
int announce_withdraw(struct ospf *o, const struct prefix *p); /* -ENOENT */
void announce_settled(struct ospf *o, struct route_own *r);    /* SLOT_SETTLE */

/* spf.c: how graph.c, table.c, prefer.c and the others are told */
enum spf_change {
	SPF_PARTIAL, /* prefixes alone: summaries, externals, intra-area-prefixes */
	SPF_FULL,
};
int spf_init(struct ospf *o);
void spf_free(struct ospf *o);
void spf_wanted(struct ospf *o, struct area *a, enum spf_change c); /* a NULL: all */
void spf_due(struct ospf *o);					    /* SLOT_SPF */

/*
 * In place of `old` there is `l` now; either may be NULL. Both are still held, and `l` is where it
 * belongs (l->of). One that is purged or too old says nothing: when that befalls one where it
 * stands, it is both.
 */
void spf_lsa_changed(struct ospf *o, const struct lsa *old, const struct lsa *l);

bool spf_has_room(const struct ospf *o); /* for an LSA whose prefixes it is to know */

/* Whether it goes there and back, as of the last run; of any area when `a` is NULL. */
bool spf_reaches(const struct ospf *o, const struct area *a, uint32_t router);

/* rival.c: the prefix has come into o->prefixes, or has left it. */
void rival_own_changed(struct ospf *o, const struct prefix *p);

/* When the last of those came who announce a prefix of ours as well; INSTANT_NEVER: nobody does. */
struct instant rival_last(const struct ospf *o, const struct prefix *p);

/* event.c */
void event_tell(struct ospf *o, const struct speaker_event *e);
void event_neighbor(struct ospf *o, const struct ospf_neighbor *n, enum speaker_event_kind kind);
void event_note(struct ospf *o, uint32_t interface, const struct address *neighbor,
		const char *format, ...) __attribute__((format(printf, 4, 5)));

/* restart.c: RFC 3623, RFC 5187 */
/* So long it is waited for prefixes, or neighbours, that the earlier life has had. */
#define PREFIXES_WAIT DURATION_S(5)
void restart_soon(struct ospf *o, struct duration most); /* it ends no later */
void restart_due(struct ospf *o);			 /* SLOT_RESTART */
void restart_helped_due(struct ospf_neighbor *n);	 /* SLOT_HELPING */
/* The LSAs of an update that is due there (grace_due): how many. */
uint32_t restart_output(struct ospf_interface *i, struct writer *w);
bool restart_is_helped(const struct ospf_neighbor *n);
void restart_lsa_received(struct ospf *o, struct ospf_interface *i, const struct lsa *l);
void restart_topology_changed(struct ospf *o);
void restart_withdraws(struct ospf *o); /* what an earlier life has said of us is not true now */
void restart_review(struct ospf *o);	/* while we restart: interfaces and adjacencies come */

#endif
