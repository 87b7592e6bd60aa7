/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inside of the RIP speaker, for its own files only.
 *
 *   struct rip ──┬─ order ── rip_route ── rip_route ── …      oldest change first
 *                │                ▲            ▲
 *                ├─ interfaces ── rip_interface: pass[0..2], full: cursors into the order
 *                │                  └─ neighbors ── rip_neighbor
 *                ├─ heard ── lessons: what of it is learned
 *                └─ rivals
 *
 * A change moves its route to the end of the order. Each interface walks the order with three
 * cursors, the passes: the first sends a change at once, the second and third send it again after
 * 20 and 100 ms, so that a lost packet costs 100 ms and not a period. A fourth cursor, `full`,
 * walks all of it for the periodic update. So there is no queue of packets that could grow, and
 * what is sent is always what is true at that moment.
 */
#ifndef PROTO_RIP_INSTANCE_H
#define PROTO_RIP_INSTANCE_H

#include "base/clock.h"
#include "base/hash.h"
#include "base/list.h"
#include "base/random.h"
#include "base/timers.h"
#include "proto/rip/packet.h"
#include "proto/rip/rip.h"

#define RIP_PASSES 3

#define RIP_BURST 32  /* packets that may leave an idle interface at once */
#define RIP_HASTE 10  /* so many times as fast as the pace are changes, */
#define RIP_AHEAD 128 /* until so many are ahead of it: with a burst they fit a socket buffer */
#define RIP_TABLE_REPLIES_MAX 4 /* whole-table requests that are answered at the same time */
#define RIP_PACKETS_HEARD 64	/* of a neighbour, that were sealed */
#define RIP_ASKERS_MAX 16	/* that have a budget of their own */
#define RIP_REPLIES_MAX 8	/* answers to other requests that wait to leave */
#define RIP_NETWORKS_MAX 16	/* networks of an interface, beside those of its sources */
#define RIP_DEPARTED_MAX 32	/* addresses that are gone and not forgotten yet */
#define RIP_PROVERS_MAX 64	/* neighbours whose acceptance is kept, in the bits of a word */
#define RIP_NEIGHBOR_TIMERS 4
#define RIP_RIVALRY_MAX 10 /* told of rivals of a prefix in a row; one comes back in 6 s */
#define RIP_RIVALS_MAX 256
#define RIP_HEARD_MAX 16384 /* announcements of others that are remembered */
#define RIP_SOCKETS 2	    /* enum rip_socket */
#define RIP_EVENTS_MAX 1024 /* that wait to be taken; more are dropped */
#define RIP_BULK 64	    /* changes under way with which announcements are no longer repeated */

enum rip_timer {
	RIP_TIMER_UPDATE,  /* interface: the periodic update */
	RIP_TIMER_TIMEOUT, /* neighbour: silent for too long */
	RIP_TIMER_QUERY,   /* neighbour: ask it what it thinks of our prefixes */
	RIP_TIMER_ASK,	   /* neighbour: have it say again what it has said once */
	RIP_TIMER_QUIET,   /* neighbour: the update that it sent is over */
	RIP_TIMER_GARBAGE, /* route: its withdrawal need no longer be repeated */
	RIP_TIMER_DAMP,	   /* route: a change that was held back may go out */
	RIP_TIMER_RIVAL,   /* rival: not heard for too long */
	RIP_TIMER_RELAX,   /* instance: metrics may go up by one */
	RIP_TIMER_KEY,	   /* interface: the time of one of its keys begins or ends */
	RIP_TIMER_SWEEP,   /* instance: announcements that are learned may have timed out */
};

/* What neighbours say of a prefix of ours, a bit for each (neighbor_bit); update.c, proof.c. */
struct rip_said {
	uint64_t accepted;
	uint64_t shown;	    /* of these: who says so in its updates; the others answer only */
	uint64_t restated;  /* since the last whole update */
	uint64_t missed[2]; /* whole updates in a row that were without it: a number of two bits */
	uint64_t claimed;   /* said the contrary of what is believed, once */
	uint64_t asked;	    /* and was asked since */
};

/* A prefix of ours. There may be very many. */
struct rip_route {
	struct hash_node by_prefix;
	struct list order;
	struct prefix prefix;
	uint8_t stands_for; /* the length of the network that it stands for; its own: itself */
	uint8_t metric;	    /* 0: the default */
	uint8_t credit;	    /* announcements that may still follow each other at once */
	uint8_t rivalry;    /* and what may still be told of rivals */
	bool withdrawn : 1;
	bool bulk : 1;	   /* announced with very many others: repeated once */
	bool held : 1;	   /* announced anew, but held back by damping: still told as withdrawn */
	bool reported : 1; /* RIP_EVENT_ANNOUNCED or _WITHDRAWN has been given for the last change
			    */
	bool rebound : 1;  /* announced again after a withdrawal: an early poison proves nothing */
	struct instant rivalled;
	uint64_t sequence; /* of the last change; the order is sorted by it */
	struct instant changed;
	struct instant announced; /* when it was last announced anew */
	struct instant credited;
	struct rip_opinion *opinion; /* of opinion.c; NULL: nobody says anything of it */
	struct timer timer; /* RIP_TIMER_GARBAGE while withdrawn, RIP_TIMER_DAMP while held */
};

struct rip_cursor {
	struct list *at;      /* the next route to send; NULL: all are sent */
	struct instant since; /* changes count as made then, when they are older */
};

/* A neighbour asked for our whole table. */
struct rip_table_reply {
	struct address to;
	uint16_t port;
	struct rip_cursor cursor;
};

/*
 * A neighbour's question that waits for the pace. It is answered when the answer leaves, so that
 * prefixes, network and address are those of that moment.
 */
struct rip_reply {
	struct address to;
	uint16_t port;
	struct rip_packet question;
};

/* Somebody who has asked something. */
struct rip_asker {
	struct address address;
	struct instant paced; /* when his questions so far would have come at an even pace */
};

/*
 * An interface in one of its networks: RIP is spoken in each from an address of its own, and each
 * has its neighbours, and can fail by itself (source.c). What is set for the interface is the same
 * in all of them. One that has no address still stands here, so that its settings do.
 */
struct rip_interface {
	struct list link;
	struct list ring; /* itself and the other networks of the interface, without a head */
	uint32_t index;
	uint8_t family; /* of its speaker */
	struct rip_interface_settings settings;
	struct {
		bool usable;		/* there is an address, and the interface is up */
		struct address address; /* that packets leave from */
	} state;
	struct {
		bool usable, spoke, failed, moved;
	} before;	       /* while rip_link() is at work */
	bool leads;	       /* one of the ring does */
	uint8_t place;	       /* of the address among the sources */
	bool departed;	       /* the address is not ours any more: what is left to be said of it */
	struct prefix network; /* of state.address */
	struct prefix networks[RIP_NETWORKS_MAX];
	uint8_t n_networks;
	bool leaving; /* it says good-bye, and then it goes */
	bool stays;   /* or stays, in silence, with the settings `after` */
	struct rip_interface_settings after;
	bool failed;	       /* it has its carrier, but no neighbour on it lives */
	uint8_t lift, penalty; /* see rescue.c */
	/* It failed, and neighbours there may hold a route to us until then, with that offset. */
	struct instant stale_until;
	int8_t stale_offset;

	struct list neighbors;
	uint32_t n_neighbors;
	bool crowded;				 /* somebody found no place among them, */
	struct instant crowded_at, crowded_told; /* for the last time, and when that was told */
	struct route_filter learn;

	struct rip_cursor pass[RIP_PASSES], full;
	struct rip_table_reply table_replies[RIP_TABLE_REPLIES_MAX];
	struct rip_reply *replies[RIP_REPLIES_MAX]; /* owned */
	uint8_t n_replies;
	struct instant answered; /* as paced, of answers alone */
	struct rip_asker askers[RIP_ASKERS_MAX];
	bool request_due; /* neighbours are to be asked for their tables */
	bool requested;	  /* they were, and when that was */
	struct instant requested_at;
	struct instant paced; /* when the packets sent so far would have left at an even pace */
	struct instant hasty; /* and at that of changes */
	bool filled;	      /* the changes said last have filled a packet */
	struct packet copy;   /* the last update, while it is still to go to more destinations */
	uint8_t copies_left;

	struct timer update;
	uint32_t sent;
	uint32_t drops[RIP_DROP_COUNT];

	/* key.c; of settings.auth */
	uint32_t secrets;   /* whose secrets are there, by place */
	bool secrets_known; /* since the keys have changed */
	bool mute;	    /* none of the keys can be used now */
	uint8_t key;	    /* the place of the one that seals */
	struct timer key_change;
};

/* What a neighbour has sealed with one key. */
struct rip_heard_sequence {
	bool known;
	bool spent; /* the numbers are of an earlier time, and were good then */
	uint8_t key;
	uint32_t last[RIP_SOCKETS];	   /* by the socket that it came to */
	struct instant first[RIP_SOCKETS]; /* when that was first heard */
};

/* A packet that was sealed, and believed. */
struct rip_packet_heard {
	uint64_t hash;
	struct instant at;
};

/* What a neighbour is good for: who is worth less makes room for who is worth more. */
enum rip_worth {
	RIP_WORTH_NOTHING, /* it is down, or sends bad packets only */
	RIP_WORTH_PLAIN,   /* it announces host routes, as other servers do, or asks */
	RIP_WORTH_TEACHES, /* we learn of it */
	RIP_WORTH_ROUTES,  /* it announces networks, or speaks of a prefix of ours: a router */
	RIP_WORTH_PROVES,  /* it routes to a prefix of ours; or did, and is watched */
	RIP_WORTH_NAMED,   /* the configuration names it */
};

struct rip_neighbor {
	struct list link;
	struct rip_interface *interface;
	struct address address;
	bool up, ignores_hosts;
	bool dead;	      /* held down by rip_neighbor_liveness(); its timeout runs on */
	bool routes_networks; /* it has announced something else than hosts since it is up */
	uint8_t version;
	uint8_t prover;	    /* its bit in rip_route.accepted; RIP_PROVERS_MAX: none was left */
	uint8_t unanswered; /* questions in a row that it left without an answer */
	bool answers;	    /* it answers: what it says in answers counts, not its updates */
	bool answered;	    /* it has answered one since it is up */
	struct instant since, heard;
	struct {
		struct instant since;	     /* of the timeout's length */
		struct duration gap, before; /* the longest in it, and in the one before it */
	} rhythm;
	uint32_t packets, routes, accepted, learned;
	uint32_t drops[RIP_DROP_COUNT];
	uint64_t asked;	   /* sequence of the last route that it was asked to accept */
	uint64_t verified; /* of the last one that it was asked to confirm */
	struct timer timeout, query, ask, quiet;
	bool question_due, table_due; /* what it is to be asked, as soon as the pace lets */
	struct instant table_asked;   /* for the last time; it may be before all times */
	bool ever_asked;
	bool awaited; /* the answer to a question, since then */
	struct instant questioned;
	bool restates; /* the update that is under way has something that it said before */
	uint32_t n_others;
	struct list others; /* what it announces that is not ours */
	struct rip_heard_sequence sequences[KEYCHAIN_KEYS_MAX];	  /* by the places of the keys */
	struct rip_packet_heard packets_heard[RIP_PACKETS_HEARD]; /* a ring */
	uint8_t next_packet;
};

/* What a neighbour announces that does not come from us. */
struct heard {
	struct hash_node by_prefix;
	struct list link; /* in rip_neighbor.others */
	struct rip_neighbor *neighbor;
	struct lesson *lesson; /* NULL: it is not learned */
	struct prefix prefix;
	struct address next_hop; /* none: by us, and of no use */
	uint16_t tag;
	uint8_t metric;
	bool again; /* it has been said more than once, over more than a moment */
	struct instant first, changed, last;
};

struct rip_rival {
	struct list link;
	struct prefix prefix;
	uint32_t interface;
	struct address neighbor;
	uint8_t metric, told; /* as it is, and as it was told of */
	bool sure;	      /* it has been said again when it was asked for */
	struct instant first;
	struct timer timeout;
};

struct rip {
	enum family family; /* of all its prefixes and addresses */
	struct rip_settings settings;
	struct random random;
	struct timers timers;

	struct hash by_prefix;
	struct hash opinions; /* of opinion.c: each once, by what it says */
	struct list order;
	uint64_t sequence;
	uint32_t n_announced, n_withdrawn;
	struct rip_cursor announced, gone; /* up to where the two events have been given */

	struct list interfaces;
	size_t n_interfaces;
	uint64_t provers;	    /* bits in use */
	struct instant place_taken; /* from when on somebody may lose his for another */

	struct hash heard; /* of heard.c, by prefix */

	/* learn.c */
	struct hash lessons; /* by prefix */
	struct list changed; /* lessons of which rip_learned() has to speak */
	struct timer sweep;

	struct list rivals;
	size_t n_rivals;

	bool wall_known;
	struct duration wall; /* what the clock on the wall says at the instant 0 */
	struct keychain_counter sealed;
	struct sequences sequences;

	struct timer relax;
	struct instant stale_until; /* of interfaces that failed and have been removed since */

	struct rip_event events[RIP_EVENTS_MAX]; /* a ring */
	size_t first_event, n_events;
};

/* event.c */
void rip_tell(struct rip *r, const struct rip_event *e);
void neighbor_tell(struct rip *r, const struct rip_neighbor *n, enum rip_event_kind kind);

/* route.c */
struct rip_route *route_of(struct list *order);
struct rip_route *route_find(const struct rip *r, const struct prefix *p);

/* The metric that the route has on the interface now: 1 to 15, or 16 when it is withdrawn. */
uint8_t route_metric(const struct rip *r, const struct rip_route *t, const struct rip_interface *i);

/* Whether the route is told on this interface at all: RIP-1 cannot carry every prefix. */
bool route_goes_out(const struct rip_route *t, const struct rip_interface *i);

/* The next route behind the cursor's. */
struct list *order_next(const struct rip *r, struct list *at);

/* Gives the next RIP_EVENT_ANNOUNCED or RIP_EVENT_WITHDRAWN that is due; false when none is. */
bool route_progress(struct rip *r, struct rip_event *ret);

/* No interface spoke until now: what has been announced before will be announced again. */
void route_report_again(struct rip *r);

/* network.c */

/* Any of the networks of the interface. */
struct rip_interface *interface_find(const struct rip *r, uint32_t index);

/* The next of all interfaces, in each of their networks, behind `at`; NULL begins and ends. */
struct rip_interface *interface_next(const struct rip *r, const struct rip_interface *at);

/* The next in the ring behind `at`, which is NULL at first; NULL when all were given. */
struct rip_interface *interface_each(struct rip_interface *i, struct rip_interface *at);

/* The network in which the address is spoken to. */
struct rip_interface *interface_toward(struct rip_interface *i, const struct address *a);

/* The neighbour with this address: in that network, or in whatever network of the interface. */
struct rip_neighbor *neighbor_find(const struct rip_interface *i, const struct address *a);
struct rip_neighbor *interface_neighbor(const struct rip_interface *i, const struct address *a);

/* Whether it is an address that we speak from there. */
bool interface_is_ours(const struct rip_interface *i, const struct address *a);

/* It sends updates: usable, and not told to keep silent. */
bool interface_speaks(const struct rip_interface *i);
bool interface_any_speaks(const struct rip *r);

/* Whether there is somebody to be told in this network, with these settings. */
bool interface_would_speak(const struct rip_interface *i, const struct rip_interface_settings *s);
bool interface_is_on_link(const struct rip_interface *i, const struct address *a);

/* Who is spoken to there is everybody: a group, a broadcast, or nobody knows whom. */
bool interface_is_for_all(const struct rip_interface *i, const struct address *a);

/* The same as interface_is_on_link(), and it can be the address of one host there. */
bool interface_is_host(const struct rip_interface *i, const struct address *a);

/* cursor.c */

/* Starts all passes from the beginning, because every metric on the interface has changed. */
void interface_restart(struct rip *r, struct rip_interface *i, struct instant now);

/* Drops all that was still to be said. */
void interface_silence(struct rip *r, struct rip_interface *i);

/* It speaks again: all is told anew. `alone`: no interface has spoken until now. */
void interface_resume(struct rip *r, struct instant now, struct rip_interface *i, bool alone);

/* When its next periodic update is due. */
void interface_update_next(struct rip *r, struct instant now, struct rip_interface *i);

/* Moves every cursor of the interface off a route that is about to move or to go. */
void interface_step_off(struct rip *r, struct rip_interface *i, struct list *route);

/* interface.c */

/* One more network of the same interface, with its settings; NULL when there is no memory. */
struct rip_interface *interface_add(struct rip *r, const struct rip_interface *like);
void interface_free(struct rip *r, struct rip_interface *i);
void interface_update_due(struct rip *r, struct instant now, struct rip_interface *i);

/* The good-byes of an interface that is leaving are out: it goes, or stays in silence. */
void interface_left(struct rip *r, struct instant now, struct rip_interface *i);

/* source.c */

/* The good-byes in the name of an address that is gone are out. */
void source_said(struct rip *r, struct instant now, struct rip_interface *departed);

/* datagram.c */

/* How many entries a packet holds there: one fewer, where there is a seal. */
size_t interface_entries_max(const struct rip_interface *i);
uint8_t interface_version(const struct rip_interface *i);

/* To whom its updates go, but for the neighbours that are named for unicast. */
struct address interface_everybody(const struct rip_interface *i);

/* An empty response, and a datagram of ours without a destination of its own. */
struct rip_packet interface_response(const struct rip_interface *i);
void interface_datagram(const struct rip_interface *i, struct packet *d);

/* Adds the route as it is on the interface, or nothing when it is not told there. */
void interface_add_route(const struct rip *r, const struct rip_interface *i,
			 const struct rip_route *t, struct rip_packet *p);

/* Fills the packet with whatever comes next in a walk over all routes. */
void interface_table_fill(const struct rip *r, const struct rip_interface *i, struct rip_cursor *c,
			  struct rip_packet *p);

/* output.c */
bool interface_output(struct rip *r, struct instant now, struct rip_interface *i,
		      struct packet *ret);
struct instant interface_deadline(const struct rip *r, const struct rip_interface *i);

/* answer.c */

/* Somebody has asked; he is answered as soon as nothing else is to be said, or not at all. */
void answer_asked(struct rip *r, struct instant now, struct rip_interface *i,
		  const struct address *by, uint16_t port, const struct rip_packet *question);
bool answer_output(const struct rip *r, struct instant now, struct rip_interface *i,
		   struct packet *ret);

/* When the next answer may leave; INSTANT_NEVER when there is none. */
struct instant answer_due(const struct rip *r, const struct rip_interface *i);
void answer_silence(struct rip_interface *i); /* drops all */

/* neighbor.c */

/* The configuration names it. */
bool neighbor_is_named(const struct rip_interface *i, const struct address *a);

/* Finds or remembers a neighbour; NULL when there are too many. */
struct rip_neighbor *neighbor_get(struct rip *r, struct instant now, struct rip_interface *i,
				  const struct address *a, enum rip_worth worth);
enum rip_worth neighbor_worth(const struct rip_neighbor *n);
void neighbor_turned_away(struct rip *r, struct instant now, struct rip_interface *i,
			  const struct address *a);

/* Somebody was turned away a short while ago. */
bool neighbor_is_crowded(const struct rip *r, const struct rip_interface *i, struct instant now);
void neighbor_heard(struct rip *r, struct instant now, struct rip_neighbor *n, uint8_t version);

/* It speaks RIP-1, which knows no masks. */
bool neighbor_is_classful(const struct rip_neighbor *n);
void neighbor_timed_out(struct rip *r, struct instant now, struct rip_neighbor *n);
void neighbor_free(struct rip *r, struct rip_neighbor *n);

/* What it has accepted was so by a next hop that is gone: it has to show it again. */
void neighbor_doubt(struct rip *r, struct instant now, struct rip_neighbor *n);

/* The interface is gone, and with it what its neighbours could prove. */
void neighbor_lost(struct rip *r, struct instant now, struct rip_neighbor *n);
void neighbor_accepts(struct rip *r, struct instant now, struct rip_neighbor *n,
		      struct rip_route *t, bool accepts);

/* The same without an event, where another event says it for many routes. */
void neighbor_forgets(struct rip *r, struct rip_neighbor *n, struct rip_route *t);

/* The bits of the routes that are the neighbour's; 0: it has none yet. */
uint64_t neighbor_bit(const struct rip_neighbor *n);

/* Takes a place among those whose opinions are kept, if need be from one without any. */
uint64_t neighbor_take_bit(struct rip *r, struct instant now, struct rip_neighbor *n);

/* Nothing is to be asked of it, or waited for, any more. */
void neighbor_rest(struct rip *r, struct rip_neighbor *n);

/* opinion.c: what is said of the route now, until it is set again. */
const struct rip_said *opinion(const struct rip_route *t);

/* False without memory: then nothing has changed. Nothing at all can always be set. */
bool opinion_set(struct rip *r, struct rip_route *t, const struct rip_said *said);

/* Nothing of what the neighbour with that bit has said. */
void said_clear(struct rip_said *s, uint64_t bit);

/* The same for all routes; and whoever has that bit was asked about all that it claims. */
void opinions_clear(struct rip *r, uint64_t bit);
void opinions_claims_asked(struct rip *r, uint64_t bit);

/* proof.c */
void proof_forget(struct rip *r, struct instant now, struct rip_route *t);

/* Its update says that it routes to the prefix through us, or has another way. */
void proof_shown(struct rip *r, struct instant now, struct rip_neighbor *n, struct rip_route *t);
void proof_denied(struct rip *r, struct instant now, struct rip_neighbor *n, struct rip_route *t,
		  uint32_t metric);

/* Its updates no longer say so. */
void proof_faded(struct rip *r, struct instant now, struct rip_neighbor *n, struct rip_route *t);

/* Somebody else on the interface is known to offer the prefix with a metric as good as ours. */
void proof_outbid(struct rip *r, struct instant now, const struct rip_neighbor *by,
		  struct rip_route *t);
bool proof_is_told(const struct rip_route *t, const struct rip_neighbor *n);
void proof_query(struct rip *r, struct instant now, struct rip_neighbor *n);

/* What it has said once is to be said again. */
void proof_doubt(struct rip *r, struct instant now, struct rip_neighbor *n);
void proof_ask(struct rip *r, struct instant now, struct rip_neighbor *n);

/* Whether it was asked since. */
bool proof_asked_since(const struct rip_neighbor *n, struct instant since);

/* The question that is due to it; false when there is nothing to ask, or no such question due. */
bool proof_question(struct rip *r, struct instant now, struct rip_neighbor *n,
		    struct rip_packet *ret);

/* Whether a response to us alone is the answer to a question of ours; an answer is one once. */
bool interface_has_requested(const struct rip_interface *i, struct instant now);
bool proof_is_asked_for(const struct rip_neighbor *n, struct instant now);
bool proof_is_awaited(struct rip_neighbor *n, struct instant now);
bool proof_table_request(struct rip *r, struct rip_neighbor *n, struct rip_packet *ret);
void proof_answer(struct rip *r, struct instant now, struct rip_neighbor *n,
		  const struct rip_packet *p);

/* A route changed: the neighbours that have not proved it yet are asked soon. */
void proof_wanted(struct rip *r, struct instant now);

/* update.c */

/* A packet of an update has come; and something in it that was said before. */
void update_heard(struct rip *r, struct instant now, struct rip_neighbor *n);
void update_restates(struct rip_neighbor *n, struct instant now, struct instant changed);
void update_over(struct rip *r, struct instant now, struct rip_neighbor *n);

/* announce.c */
void route_garbage_expired(struct rip *r, struct instant now, struct rip_route *t);
void route_damp_expired(struct rip *r, struct instant now, struct rip_route *t);
void route_free(struct rip *r, struct rip_route *t);

/* heard.c */

/*
 * Whether somebody else on the neighbour's interface offers the prefix, with this metric or less;
 * `sure`: and has said so more than once.
 */
bool heard_is_outbid(const struct rip *r, struct instant now, const struct prefix *p,
		     const struct rip_neighbor *n, uint8_t metric, bool sure);

/* The next announcement of the prefix, by anybody; NULL starts and ends. */
struct heard *heard_next(const struct rip *r, const struct prefix *p, struct heard *after);
struct route_heard heard_as(const struct heard *h);
bool heard_is_current(const struct rip *r, const struct heard *h, struct instant now);
void heard_note(struct rip *r, struct instant now, struct rip_neighbor *n, const struct prefix *p,
		const struct rip_entry *e, const struct address *next_hop);
void heard_forget(struct rip *r, const struct rip_neighbor *n, const struct prefix *p);

/* The prefix is announced by us from now on: who announces it already is a rival. */
void heard_becomes_ours(struct rip *r, struct instant now, const struct prefix *p);
void heard_drop(struct rip *r, struct rip_neighbor *n);
void heard_sweep(struct rip *r, struct instant now, struct rip_neighbor *n); /* what is old */

/* lesson.c */

/* Whether the filter of the interface wants the prefix. */
bool lesson_is_wanted(const struct rip_interface *i, const struct prefix *p);

/* The announcement has been heard, `differs`: not as the last time; or it is forgotten. */
void lesson_heard(struct rip *r, struct instant now, struct heard *h, bool differs);
void lesson_release(struct rip *r, struct heard *h);

/* The prefix has become ours, or is ours no longer. */
void lesson_prefix_changed(struct rip *r, const struct prefix *p);

/* The neighbour has come up or has died: its routes, and those by it, count or do not. */
void lesson_neighbor_changed(struct rip *r, const struct rip_neighbor *n);
void lesson_cost_changed(struct rip *r, const struct rip_interface *i);

/* The next prefix whose paths may have changed; false when there is none. */
bool lesson_take(struct rip *r, struct prefix *ret);
void lesson_sweep_later(struct rip *r, struct instant now);
void lessons_free(struct rip *r);

/* learn.c */

/* The next hop of a route that names one, or none (not set, or unspecified). */
struct address learn_next_hop(const struct rip_neighbor *n, const struct address *named);
void learn_sweep(struct rip *r, struct instant now);

/* rival.c */
/* `sure`: it was heard over some time already. */
void rival_heard(struct rip *r, struct instant now, struct rip_neighbor *n,
		 const struct prefix *prefix, uint8_t metric, bool sure);

/* The neighbour has answered that it has such a route. */
void rival_answered(struct rip *r, struct instant now, const struct rip_neighbor *n,
		    const struct prefix *prefix, uint8_t metric);
void rival_silent(struct rip *r, struct rip_rival *v);
void rival_forget(struct rip *r, struct instant now, const struct prefix *prefix,
		  const struct rip_neighbor *n);

/* True when somebody else announces this prefix with that tag and metric: it is no echo of ours. */
bool rival_is_foreign(const struct rip *r, const struct rip_route *t, uint16_t tag, uint8_t metric);

/* key.c */

/* Looks at the keys of the interface anew: at their times, and whose secrets are there. */
void key_review(struct rip *r, struct instant now, struct rip_interface *i);

/* Whether the packet was opened as it must be on this interface. */
enum rip_drop key_check(const struct rip *r, struct instant now, const struct rip_interface *i,
			const struct packet *d);

/* Says with what the packet is to be sealed. */
void key_stamp(struct rip *r, struct instant now, const struct rip_interface *i, struct packet *d);

void key_describe(const struct rip_interface *i, struct speaker_interface *ret);

/* Whether it is known with what to seal; always, where nothing is sealed. */
bool key_is_ready(const struct rip_interface *i);

/* sequence.c */

/*
 * Whether the number of the packet is good, and the packet has not been heard before; both are
 * taken note of. `repeats`: the neighbour itself may have said it twice.
 */
enum rip_drop sequence_check(struct rip *r, struct instant now, struct rip_neighbor *n,
			     const struct packet *d, bool *ret_repeats);

/* The neighbour has nothing more to say: its numbers are told. */
void sequence_settle(struct rip *r, struct instant now, const struct rip_neighbor *n);

/* rescue.c */
void rescue_failed(struct rip *r, struct instant now, struct rip_interface *failed);
void rescue_returned(struct rip *r, struct instant now, struct rip_interface *back);
void rescue_relax(struct rip *r, struct instant now);

/* Who speaks carries what routers need that still hold a route to one who does not. */
void rescue_again(struct rip *r, struct instant now);

#endif
