/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inside of the node, for its own files only. README.md in this folder draws how they hang
 * together.
 */
#ifndef NODE_INSTANCE_H
#define NODE_INSTANCE_H

#include "base/hash.h"
#include "base/list.h"
#include "base/random.h"
#include "base/timers.h"
#include "node/node.h"
#include "node/outbox.h"
#include "proto/acd/acd.h"
#include "proto/rip/rip.h"

enum node_timer {
	NODE_TIMER_RETRY,    /* slot: the kernel refused it; try again */
	NODE_TIMER_BOARD,    /* board: likewise */
	NODE_TIMER_LISTEN,   /* link: its sockets could not be opened; try again */
	NODE_TIMER_EDGES,    /* node: edges of many VIPs are told together */
	NODE_TIMER_READY,    /* node: the neighbours have had their time */
	NODE_TIMER_CLAIM,    /* binding: ask again whether somebody has it */
	NODE_TIMER_TAKE,     /* take: the next step */
	NODE_TIMER_PATIENCE, /* take: the command is not to wait any longer */
	NODE_TIMER_CHECK,    /* check run: ask again */
	NODE_TIMER_DRAIN,    /* drain: look again at its connections */
	NODE_TIMER_SOURCE,   /* node: a VIP that was a source may leave the kernel */
	NODE_TIMER_LEARNED,  /* node: learned routes are to be looked at */
	NODE_TIMER_SAVE,     /* node: what could not be written down is tried again */
};

/* How often something was taken away lately, and given up then: fight.c. */
struct fight {
	uint32_t since; /* in seconds of the clock */
	uint8_t losses, given_up;
};

/* A virtual board, wanted or found. */
struct board {
	struct list link;
	char name[INTERFACE_NAME_MAX];
	char backend[INTERFACE_NAME_MAX];
	uint32_t index; /* 0: not in the kernel */
	bool up;
	bool configured;  /* it stands in the configuration, or is the default board */
	bool commanded;	  /* `vip board add` asked for it */
	bool doomed;	  /* to be removed when its last VIP has gone */
	uint32_t pending; /* the effect that is on its way; 0: none */
	uint32_t request; /* who waits for it; 0: nobody */
	uint32_t serial;
	uint32_t bindings, addresses,
		slots;	  /* VIPs on it; those held as addresses; kernel objects known */
	uint32_t present; /* IPv4 addresses of ours that the kernel has there */
	uint8_t failures;
	struct fight fight;
	char error[NODE_SENTENCE_MAX];
	struct timer retry;
};

/*
 * One kernel object in both tables: `wanted` is the desired one, `present` the observed one. The
 * reconciler makes effects of the difference. A VIP's slot lies in its binding; those of learned
 * routes in what learned.h describes; all others in a stray.
 */
struct slot {
	struct list dirty; /* in node.dirty while it is to be looked at */
	struct timer retry;
	uint32_t pending; /* the effect that is on its way; 0: none */
	uint8_t kind;	  /* enum object_kind; 0: there is no slot */
	uint8_t failures;
	bool in_binding;
	bool wanted, present, confirmed; /* confirmed: seen in the dump that is being read */
	bool removing;			 /* what `pending` will do */

	/*
	 * ARP silence comes before the object and goes after it (silence.c). `hushing`: `pending`
	 * is about the silence, not about the object.
	 */
	bool silent, silenced, silence_confirmed, hushing;
	struct fight fight;
};

/*
 * A kernel object behind which no VIP stands: one that was found, or a network's unreachable route.
 */
struct stray {
	struct slot slot;
	struct hash_node by_object;
	struct board *board; /* NULL where the kind has none */
	uint32_t interface;  /* of an OBJECT_ARP_SENDER */
	struct address address;
	uint8_t length;
};

/*
 * A virtual network of more than one address. One with a host mask needs no record: its VIP is all
 * of it.
 */
struct network {
	struct hash_node by_prefix;
	struct prefix prefix;
	struct list members;  /* binding_rare.member of the bindings that want it announced */
	uint32_t with_metric; /* how many of them have a metric of their own */
};

/* What a VIP has to do with one physical network that contains it. */
enum claim_state {
	CLAIM_CLEAR,   /* nobody there has objected, or could */
	CLAIM_WAITING, /* until the interface can be heard */
	CLAIM_ASKING,
	CLAIM_MADE, /* it is bound, and claimed there */
};

struct claim {
	uint32_t interface;
	uint8_t state; /* enum claim_state */
};

#define CLAIMS_MAX 8 /* interfaces in physical networks that contain one VIP */

/* What few bindings have: kept apart, because there may be very many bindings. */
struct binding_rare {
	struct vip_settings *successor; /* owned: how it is to be bound anew when it has gone */
	char *label;			/* owned; NULL: none */
	char *check;			/* owned: that it must pass; NULL: none */
	struct check_run *run;		/* what asks for it, while it is held */
	struct list checked;		/* in check_run.vips */
	char *detail;			/* owned: the reason, where it is not a constant sentence */
	struct network *network;	/* while it is announced, unless it has a host mask */
	struct list member;		/* in network.members */
	struct binding *binding;

	struct claim claims[CLAIMS_MAX];
	uint8_t n_claims;
	struct timer again; /* it is refused, and is asked for again then */

	struct {
		bool there;
		bool sure; /* it has answered a question, not only sent a frame */
		uint32_t interface;
		uint8_t mac[ETHER_MAC_BYTES];
		struct instant since;
	} wire;		    /* the rival that is seen there */
	bool heard_routing; /* one is seen in routing */
	struct instant heard_since;
	struct take *take;	    /* owned: it is taken over */
	struct instant takes_until; /* a rival that is heard before then is taken over */
	struct drain *drain;	    /* owned: it is drained */
	struct list sourced;	    /* in node.source.vips, while it is a source, or was just now */
	struct instant sourced_until; /* INSTANT_NEVER: while it is in the policy */
	uint8_t worsened; /* the metric with which it gives way to a rival; 0: to none */
};

struct binding {
	struct hash_node by_address;
	struct list link;    /* in node.bindings, by serial */
	struct list brought; /* in request.brought, until the bind that made it has its answer */
	struct slot slot;
	struct board *board;
	struct binding_rare *rare; /* owned; NULL: nothing of it */
	struct address address;
	uint8_t length, metric, hold, arp, conflict; /* as in vip_settings */
	uint8_t state;				     /* enum vip_state */
	uint8_t spoken; /* the metric that is announced in place of its own; 0: none */
	uint32_t serial, request;
	bool announce, source; /* as in vip_settings */
	bool announced;	       /* the speaker has been told */
	bool configured, held_as_route;
	bool bulk;	/* bound with many others: its edges are told together with theirs */
	bool leaving;	/* it is to be unbound */
	bool now;	/* without waiting for the good-byes to be repeated */
	bool stale;	/* while a configuration is applied: not seen in it yet */
	bool inherited; /* an earlier life has announced it: it does not leave without a good-bye */
	bool doomed;	/* it leaves as soon as the good-byes can be said */
	bool by_hand;	/* a command unbinds it */
	struct instant since;
	const char *reason; /* a constant sentence, or rare->detail */
};

/* Whether ARP and neighbour discovery are heard on an interface. */
enum watch_state {
	WATCH_OFF,
	WATCH_BEGUN, /* EFFECT_WATCH is on its way */
	WATCH_ON,
	WATCH_FAILED,
};

/* A network interface, and how it is spoken on. */
/* What one speaker, of RIP or RIPng, has to do with a link. */
struct speech {
	struct link *of;
	uint8_t family; /* enum family */
	bool speaking;	/* rip_interface_set has been called */
	bool asked;	/* EFFECT_LISTEN is on */
	bool listening; /* and was answered */
	char error[NODE_SENTENCE_MAX];
	struct rip_auth keys; /* that the world has been told of with EFFECT_LISTEN */
	struct rip_link told; /* what the speaker knows */
	bool more;	      /* there are more networks than it may know */
	struct timer retry;
	bool spoke;			 /* at some time */
	uint32_t refused;		 /* packets that the kernel did not take */
	char blocked[NODE_SENTENCE_MAX]; /* why nothing leaves that is said to all; empty: it does
					  */
	struct instant asked_at;	 /* when it was to speak, and since when it does */
	struct instant spoken;
};

struct link {
	struct list link;
	struct interface interface;
	struct link_address {
		struct address address;
		struct address peer; /* that of the other end; not set: there is none */
		uint8_t length;
		bool deprecated; /* RFC 4862 5.5.4: another one is the better source */
		bool confirmed;
	} * addresses; /* owned */
	size_t n_addresses;
	bool confirmed;
	struct speech speeches[FAMILIES];
	uint8_t watch;	/* enum watch_state */
	bool watch_all; /* also the frames for groups that nobody has joined */
	uint32_t n_claims, n_claims_ipv6;
};

/* A request whose answer waits for something. */
struct request {
	struct list link;
	uint32_t id;
	uint32_t waiting; /* items that are not settled yet */
	uint32_t items, failed;
	struct list brought; /* bindings that exist because of it: of a bind all stay, or none */
	bool refused;	     /* one of them cannot be held: they are to go */
	char sentence[NODE_SENTENCE_MAX]; /* of the first that failed; a note while none has */
};

/* Inputs of one request that came with `more`, until the last one. */
struct staging {
	uint32_t request;
	struct vip_settings *vips; /* owned */
	size_t n_vips, vips_capacity;
	struct interface_rule *rules; /* owned */
	size_t n_rules;
	struct check_settings *checks; /* owned */
	size_t n_checks;
	char (*boards)[INTERFACE_NAME_MAX]; /* owned */
	size_t n_boards;
	struct rip_settings rip;
	uint8_t source_mode;
	struct source_rule *source_rules; /* owned */
	size_t n_source_rules;
	bool overflow;
};

/* Which VIP is whose source, as the world is told. */
struct source_policy {
	struct source_rule rules[SOURCE_RULES_MAX];
	size_t n_rules;
	uint32_t interfaces[SOURCE_INTERFACES_MAX];
	size_t n_interfaces;
	struct address first[2];
};

/* source.c: all that has to do with it. */
struct sourcing {
	uint8_t mode;		   /* of the configuration: enum source_mode */
	uint8_t switched;	   /* by a command; SOURCE_MODE_UNSET: the configuration counts */
	struct source_rule *rules; /* owned */
	size_t n_rules;
	struct source_switch *switches; /* owned: of interfaces, by a command */
	size_t n_switches;
	struct source_policy *told, *next; /* owned: what the world knows; room for what it will */
	bool dirty;			   /* the two may differ */
	struct list vips;		   /* binding_rare.sourced */
	struct timer due;		   /* the first of them may leave the kernel */
	bool answered, ready;
	char error[NODE_SENTENCE_MAX];
	struct list questions; /* that wait for the world to look */
	size_t n_questions;
};

enum watch_kind {
	WATCH_BFD,
	WATCH_PROBE,
	WATCH_KINDS,
};

/* Compared as bytes: zeroed first. */
struct watch_params {
	struct bfd_params bfd;
	struct bfd_auth auth;
	struct probe_params probe;
};

/* A neighbour is watched in one way. */
struct watch {
	struct list link;
	enum watch_kind kind;
	struct path path;
	struct watch_params params; /* that have been asked for */
	bool stale;		    /* the files of its secrets may be other ones */
	bool asked;
	bool wanted;		    /* while they are compared */
	bool plain;		    /* its neighbour is no router, as far as is known */
	struct instant adopted;	    /* an earlier life's: kept until then; 0: ours */
	bool known;		    /* the guard has told us of it */
	enum rip_liveness liveness; /* what it says of the neighbour */
	uint8_t state;		    /* enum bfd_state or enum probe_state */
	uint8_t remote_state, diagnostic, remote_diagnostic; /* BFD alone */
	struct instant since;				     /* of the state */
	uint32_t flaps;
};

/* Lines of one kind that strangers can cause. */
struct event_quota {
	struct instant paced; /* when those so far would have come at an even pace */
	uint32_t left_out;
};

/* A VIP of the configuration that a hand has unbound. */
struct unbound {
	struct vip_settings settings; /* of the configuration; before it is applied the address */
	struct instant since;
	bool configured; /* the configuration in force has it */
};

struct node {
	struct event_quota quotas[EVENT_KIND_COUNT];
	struct instant now, started;
	bool synced;	/* the kernel has been read whole once */
	bool dumping;	/* it is being read now */
	bool resyncing; /* a re-read has been asked for */
	bool stopping, stopped;
	bool ready; /* the speaker has had the time to hear its neighbours: see ready.c */
	struct timers timers;
	struct outbox outbox;
	uint32_t next_id, next_serial;

	struct list boards, bindings, links, requests;
	struct hash by_address, by_object, by_prefix; /* bindings, strays, networks */
	size_t n_bindings;
	struct list dirty;   /* slots */
	size_t n_silent;     /* VIPs whose slot is to be silent */
	bool arp_table;	     /* the kernel has our table */
	bool senders_dirty;  /* the objects OBJECT_ARP_SENDER are to be looked at */
	bool networks_dirty; /* physical networks have come or gone: claims are to be looked at */

	struct unbound *unbound; /* owned */
	size_t n_unbound;
	size_t n_records; /* written since the last snapshot */
	struct {
		bool broken; /* something could not be written down; a snapshot makes it good */
		bool due;    /* and there is more to write since it was tried last */
		struct instant tried;
		struct timer again;
		char error[NODE_SENTENCE_MAX];
	} saving;
	bool boards_dirty;

	/*
	 * Effects on their way: pending[i] is the slot of effect first_pending + i; NULL: settled,
	 * or a board's.
	 */
	struct slot **pending;
	size_t n_pending, pending_capacity, pending_start;
	uint32_t first_pending;

	struct acd *acd;
	struct rip *speakers[FAMILIES];	  /* RIP and RIPng */
	struct rip_settings rip_settings; /* of both */
	uint16_t tag;			  /* of what is announced */
	uint32_t sealed;		  /* the last sequence number that is written down */
	bool speaks[FAMILIES];		  /* at least one interface */
	bool recheck; /* addresses have changed: what was refused may be allowed now */
	bool hasty;   /* a binding leaves without waiting */
	struct interface_rule *rules; /* owned */
	size_t n_rules;

	struct sourcing source;
	struct learning *learning; /* owned: of learned.c */
	struct list watches;	   /* of watch.c */
	struct list routers;	   /* of ways.c */
	size_t n_routers;
	size_t n_watches[WATCH_KINDS];
	bool watches_dirty; /* neighbours or rules have changed: sessions are to be looked at */

	struct list checks;
	struct hash check_runs; /* by number */
	uint32_t next_run;
	struct random random;

	struct staging staging;
	struct {
		uint32_t count;
		struct address example;
		const char *reason;
	} edges[VIP_STATE_COUNT][VIP_STATE_COUNT];
	struct timer edges_due, ready_due;
	uint64_t repairs;
};

/* node.c */
void node_effect_put(struct node *n, const struct effect *e);
void node_event(struct node *n, const struct event *e);
void node_note(struct node *n, enum event_kind kind, const char *interface, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/*
 * fight.c: it was taken away once more, by somebody who `what`. Zero: it is to be put back; else it
 * is left to him for so long, and the sentence says so.
 */
struct duration fight_lost(struct fight *f, struct instant now, const char *what, char *sentence,
			   size_t size);

/* ways.c: the ways by which VIPs of a family are reached, and so many of them that are lost. */
struct ways {
	uint32_t count, lost;
};

/* Tells each loss, with what follows and what would mend it. */
void ways_review(struct node *n, enum family family, struct ways *ret,
		 void (*lost)(void *context, const struct finding *f), void *context);

/* A router has accepted a VIP, or taken that back; it came up, or went down. */
void ways_accepted(struct node *n, uint32_t interface, const struct address *router, bool accepted);
void ways_router(struct node *n, uint32_t interface, const struct address *router, bool up);

/* Routers that are not there are expected no more; with `all` none is. */
void ways_forget(struct node *n, bool all);

/* watch.c: the sessions that watch our neighbours. */
void watch_reconcile(struct node *n);
void watch_free_all(struct node *n);

/* A configuration is applied: the secrets are to be read again. */
void watch_read_secrets(struct node *n);

/* The watch of a session that the guard speaks of; one that is new is adopted. NULL: it is none. */
struct watch *watch_observed(struct node *n, enum watch_kind kind, const struct path *path,
			     bool known);

/* What the watch says of its neighbour from now on. */
void watch_judge(struct node *n, struct watch *w, enum rip_liveness liveness);
void watch_say(struct node *n, const struct watch *w, const char *reason);

/* The watch that has been asked for, or NULL. */
const struct watch *watch_of(const struct node *n, enum watch_kind kind,
			     const struct rip_neighbor_info *info);

/* bfd.c, probe.c: asks for the session, or for its end when it is not `asked` any more. */
void bfd_ask(struct node *n, const struct watch *w);
void bfd_observed(struct node *n, const struct input *in);
void bfd_describe(const struct watch *w, struct row_bfd *ret); /* NULL: there is none */
void probe_ask(struct node *n, const struct watch *w);
void probe_observed(struct node *n, const struct input *in);
void probe_describe(const struct watch *w, struct row_probe *ret); /* likewise */

/* learned.c: the routes of the network that this host uses */
int learned_init(struct node *n); /* 0 or -ENOMEM */
void learned_free_all(struct node *n);
void learned_pump(struct node *n);	 /* takes out what the speaker has learned */
void learned_look_again(struct node *n); /* something that decides over routes has changed */
void learned_adopt(struct node *n);	 /* the kernel has been read for the first time */
void learned_due(struct node *n, struct timer *due);
void learned_stop(struct node *n);
bool learned_is_gone(const struct node *n);

/* A router is down by what somebody says who watches it: it leaves all groups now. */
void learned_router_lost(struct node *n, uint32_t interface, const struct address *router);

/* The interface cannot be used any more, and Linux has dropped what is by it; or it can again. */
void learned_link_lost(struct node *n, uint32_t interface);
void learned_link_there(struct node *n, uint32_t interface);

/* Walks the routes; NULL starts and ends. */
struct hash_node *learned_walk(const struct node *n, struct hash_node *after);
void learned_row(const struct node *n, struct hash_node *at, struct row_route *ret);

/* How many there are, and how many of them the kernel does not have. */
void learned_count(const struct node *n, uint32_t *ret_routes, uint32_t *ret_unused);

/* For slot.c and reconcile.c, of slots of kinds from OBJECT_NEXTHOP on. */
struct slot *learned_slot(struct node *n, const struct object *o, bool make);
struct object learned_object(struct slot *s); /* as it is wanted */
void learned_observed(struct node *n, struct slot *s, const struct object *o);
bool learned_differs(struct slot *s); /* the kernel has something else in it */
bool learned_has_ground(const struct node *n, struct slot *s);
bool learned_keeps(const struct node *n, struct slot *s); /* it may not be removed yet */
void learned_sending(struct slot *s);
void learned_done(struct node *n, struct slot *s);

/* True when it has been told to the journal, or need not be. */
bool learned_refused(struct node *n, struct slot *s, int error, const char *text);
bool learned_vanished(struct node *n, struct slot *s);
void learned_closed(struct node *n, struct slot *s, uint8_t kind); /* the slot may be gone then */
void learned_each(struct node *n, const struct board *board,
		  void (*visit)(struct node *n, struct slot *s, const struct board *board));

/* board.c */
struct board *board_find(const struct node *n, const char *name);
struct board *board_by_index(const struct node *n, uint32_t index);
struct board *board_get(struct node *n,
			const char *name); /* makes the record; NULL: no memory, or too many */
bool board_wanted(const struct board *b);
void board_appeared(struct node *n, const struct interface *i);
void board_vanished(struct node *n, struct board *b);
void board_name_is_free(struct node *n, const char *name); /* who had it has gone */
void board_done(struct node *n, struct board *b, int error, const char *text);
void board_reconcile(struct node *n); /* all of them */
void board_free(struct node *n, struct board *b);
void board_command(struct node *n, const struct input *in);

/* slot.c: what is wanted and what is there */
struct slot *slot_find(const struct node *n, const struct board *board, uint8_t kind,
		       const struct address *a, uint8_t length);
struct slot *slot_get_stray(struct node *n, struct board *board, uint8_t kind,
			    const struct address *a, uint8_t length);
void slot_open(struct node *n, struct binding *b,
	       uint8_t kind);		       /* takes a stray's place, if one is there */
void slot_begin(struct slot *s, uint8_t kind); /* one that is in no binding */
void slot_want(struct node *n, struct slot *s, bool wanted);
void slot_lost(struct node *n, struct slot *s); /* Linux has dropped it, as it does */
void slot_observed(struct node *n, const struct object *o, bool present);
void slot_dirty(struct node *n, struct slot *s);
void slot_look_at_all(struct node *n);
void slot_silence_gone(struct node *n); /* with the table */
void slot_silence_there(struct node *n);
void slot_set_silent(struct node *n, struct binding *b);
struct slot *slot_get_sender(struct node *n, uint32_t interface, const struct address *a);
void slot_unwant_senders(struct node *n);
void slot_board_gone(struct node *n, struct board *b);
void slot_board_there(struct node *n, struct board *b);
void slot_dump_begin(struct node *n);
void slot_dump_end(struct node *n);
void slot_close(struct node *n, struct slot *s); /* a stray is freed with it */

/* reconcile.c: the reconciler between the two */
void slot_done(struct node *n, uint32_t id, int error, const char *text);
void slot_reconcile(struct node *n);
uint32_t pending_put(struct node *n,
		     struct slot *s); /* the number of the next effect; 0: no memory */

/* silence.c: ARP silence */
void silence_count(struct node *n, int change); /* so many more VIPs are to be silent */
void silence_reconcile(struct node *n);		/* in whose name is asked, out of each interface */
void silence_table(struct node *n, bool present);

/* save.c: what outlives the node */
void save_vip(struct node *n, const struct binding *b);
void save_gone(struct node *n, const struct binding *b);
void save_board(struct node *n, const char *name, bool wanted);
void save_source(struct node *n, const struct source_switch *s);
void save_speaks(struct node *n, const struct link *l, enum family family);
void save_stopping(struct node *n);
void save_sequence(struct node *n, const struct rip_sequence *s);
void save_sealed(struct node *n, uint32_t sequence);
void save_snapshot(struct node *n); /* writes all anew */
void save_compact(struct node *n);  /* likewise, when that is worth it */
void save_restore(struct node *n, const struct saved *s);
void save_outcome(struct node *n, const struct input *in); /* it can be written down, or not */
void save_again(struct node *n);

/*
 * unbound.c: what a hand has unbound stays so until a hand binds it, the configuration is applied
 * anew, or vipd is stopped: as what a hand has bound stays until then.
 */
void unbound_add(struct node *n, const struct vip_settings *s, bool configured);
bool unbound_remove(struct node *n, const struct address *a); /* whether it is configured */

/* The configuration has it: true when it is not to be bound all the same. */
bool unbound_keeps(struct node *n, const struct vip_settings *s);
size_t unbound_count(const struct node *n);
void unbound_forget_all(struct node *n);
void unbound_save_all(struct node *n);
void unbound_row(const struct unbound *u, struct row_vip *ret);
void save_unbound(struct node *n, const struct address *a);

/* remnant.c: what an earlier life has left in the kernel and not written down */
void remnant_adopt(struct node *n);    /* the kernel has been read for the first time */
void remnant_farewell(struct node *n); /* the neighbours can be told */

/* ready.c: when the speaker is ready to judge */
void ready_begin(struct node *n);
void ready_review(struct node *n);
void ready_now(struct node *n);

/* binding.c: the life of a VIP */
struct binding *binding_find(const struct node *n, const struct address *a);
struct binding *binding_new(struct node *n, const struct vip_settings *s,
			    size_t together); /* of how many at once */
void binding_await(struct node *n, struct binding *b,
		   uint32_t request); /* its outcome answers the request */
bool binding_revive(struct node *n, struct binding *b, const struct vip_settings *s);
void binding_start(struct node *n, struct binding *b); /* from absent, or again after a failure */
void binding_go(struct node *n, struct binding *b);    /* nobody objects: into the kernel */
void binding_held(struct node *n, struct binding *b);
void binding_checked(struct node *n, struct binding *b);   /* what its check says has changed */
void binding_turn_away(struct node *n, struct binding *b); /* refused, and forgotten */
void binding_settle(struct node *n, struct binding *b, const char *failure); /* its command */
void binding_announce_if_ready(struct node *n, struct binding *b);
void binding_announce_bulk(struct node *n); /* those that waited for the others of their request */
void binding_refused(struct node *n, struct binding *b, const char *text);
void binding_lost(struct node *n, struct binding *b); /* the kernel no longer holds it */
void binding_removed(struct node *n, struct binding *b);
void binding_leave(struct node *n, struct binding *b, bool now);
void binding_change(struct node *n, struct binding *b, const struct vip_settings *s);
void binding_free(struct node *n, struct binding *b);
void binding_set_state(struct node *n, struct binding *b, enum vip_state state, const char *reason);
struct network *
binding_in_network(const struct binding *b);	      /* the network it is a member of, or NULL */
struct binding_rare *binding_rare(struct binding *b); /* makes it; NULL: no memory */
void binding_settings(const struct binding *b, struct vip_settings *ret);

/* How it is wished: while it leaves to be bound in another way, that one. */
void binding_wish(const struct binding *b, struct vip_settings *ret);
void binding_forget_successor(struct binding *b);
bool binding_is_leaving(const struct binding *b); /* and nobody wishes it to come back */
void binding_explain(struct binding *b, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void binding_edges_flush(struct node *n);

/* network.c: the RIB of our own virtual networks, and what the speaker says of them */
void network_join(struct node *n, struct binding *b);
bool network_leave(struct node *n, struct binding *b); /* false: nothing has to be withdrawn */
void network_refresh(struct node *n, struct binding *b);
uint8_t binding_metric(const struct binding *b); /* as it is announced; 0: the speaker's */

/* Announces it with this metric in place of its own; 0: with its own again. */
void network_speak(struct node *n, struct binding *b, uint8_t metric);
struct network *network_find(const struct node *n, const struct prefix *p);
void network_withdrawn(struct node *n, const struct prefix *p); /* its good-byes are out */

/* Walks the announced bindings behind a prefix; NULL starts and ends. */
struct binding *network_next(const struct node *n, const struct prefix *p,
			     const struct binding *after);
void network_free(struct node *n, struct network *w);

/* speaker.c: the speakers, and the RIP policy */

/* The one that carries prefixes of the family. */
struct rip *speaker_of(const struct node *n, enum family family);
struct rip *speaker_for(const struct node *n, const struct prefix *p);

/* Walk what all speakers know; a walk begins with zeroes, false is its end. */
struct speaker_walk {
	size_t speaker, position;
};
bool speaker_neighbor_next(const struct node *n, struct speaker_walk *at,
			   struct rip_neighbor_info *ret);
bool speaker_interface_next(const struct node *n, struct speaker_walk *at,
			    struct rip_interface_info *ret);
bool speaker_rival_next(const struct node *n, struct speaker_walk *at, struct prefix *ret_prefix,
			struct rip_heard *ret);
void speaker_pump(struct node *n); /* takes out all that the speaker has to say */
unsigned speaker_accepted(const struct node *n, const struct binding *b); /* by how many */
void speaker_review(struct node *n, struct binding *b); /* the state that fits what is known */
void speaker_review_all(struct node *n);
void speaker_tag(struct node *n); /* gives our announcements their mark */
struct prefix binding_network(const struct binding *b);

/* link.c: physical interfaces */
struct link *link_find(const struct node *n, uint32_t index);
void link_seen(struct node *n, const struct interface *i);
void link_gone(struct node *n, uint32_t index);
void link_address(struct node *n, const struct object *o, bool present);
void link_listening(struct node *n, const struct input *in);
/* Another interface than a board of ours that has the address; NULL: none. */
const struct link *link_with_address(const struct node *n, const struct address *a);
uint8_t link_address_length(const struct link *l, const struct address *a);
void link_sending(struct node *n, const struct input *in);
/* How many interfaces speak the family, and on how many of them the kernel lets nothing leave. */
size_t link_count_speaking(const struct node *n, enum family family, size_t *ret_blocked);
void link_review(struct node *n, struct link *l); /* brings the speaker in line with the link */
void link_review_all(struct node *n);
void link_read_secrets(struct node *n); /* all again: what is in the files may have changed */
const struct interface_rule *link_rule(const struct node *n, const struct link *l);
const struct interface_rule *link_rule_named(const struct node *n, const char *name);
const char *link_silence(const struct link *l, enum family family); /* why it does not speak; "" */
const char *link_fix(const struct link *l, enum family family,
		     char fix[FINDING_TEXT_MAX]); /* and what would let it */
void link_left(struct node *n, uint32_t index, enum family family);
void link_speaks_changed(struct node *n); /* an interface may speak, or no longer */
void link_retry(struct node *n, struct speech *s);
const struct speech *link_speech(const struct link *l, enum family family);
bool link_is_spoken_on(const struct link *l); /* by one speaker at least */
void link_dump_begin(struct node *n);
void link_dump_end(struct node *n);
void link_free(struct node *n, struct link *l);
const char *link_name(const struct node *n, uint32_t index);

/* Who is on-link by the address. */
struct prefix link_address_network(const struct link_address *a);

/* policy.c: may it be bound? 0 or -EINVAL with a sentence */
int policy_check(const struct node *n, const struct vip_settings *s, char *sentence, size_t size);

/* request.c */
struct request *request_find(const struct node *n, uint32_t id);
void request_wait(struct node *n, uint32_t id); /* one more item to wait for */

/* The binding exists because of the request, which has been waited for; or what it brings leaves.
 */
void request_brings(struct node *n, uint32_t id, struct binding *b);
void request_reject(struct node *n, uint32_t id);
void request_undo_all(struct node *n); /* of those that wait for nothing more */
void request_note(struct node *n, uint32_t id,
		  const char *note); /* worth knowing, when it is done */
void request_settle(struct node *n, uint32_t id, const char *failure); /* NULL: it went well */
void request_reply(struct node *n, uint32_t id, enum reply_code code, const char *sentence);

/* The same to somebody who has only asked. */
void request_answer(struct node *n, uint32_t id, enum reply_code code, const char *sentence);
bool request_finish(
	struct node *n); /* answers those that wait for nothing more; true: announced a set */
void request_free(struct request *r);

/* command.c and apply.c */
void command_bind(struct node *n, const struct input *in);
void command_unbind(struct node *n, const struct input *in);
void command_drain(struct node *n, const struct input *in);
void command_stop(struct node *n, bool hand_over);
void command_purge(struct node *n, uint32_t request);
void apply_config(struct node *n, const struct input *in);
int staging_add_vip(struct staging *s, const struct vip_settings *v);
int staging_add_rule(struct staging *s, const struct interface_rule *r);
int staging_add_check(struct staging *s, const struct check_settings *c);
int staging_add_source_rule(struct staging *s, const struct source_rule *r);
int staging_add_board(struct staging *s, const char *name);
void staging_begin(struct node *n, uint32_t request); /* what another request left is thrown away */
void staging_clear(struct staging *s);

/* claim.c: the hosts of physical networks that contain a VIP */
bool claim_ask(struct node *n, struct binding *b); /* true: binding_go() or a refusal follows */
bool claim_is_asking(const struct binding *b);
void claim_again(struct node *n, struct binding *b);
void claim_make(struct node *n, struct binding *b);
void claim_release(struct node *n, struct binding *b);
void claim_link(struct node *n, struct link *l); /* its state or its MAC has changed */
void claim_link_gone(struct node *n, struct link *l);
void claim_networks_changed(struct node *n);
void claim_watching(struct node *n, const struct input *in);
bool claim_pump(struct node *n); /* takes out all frames and events; true: there were events */

/* rival.c: who else has a VIP, and what follows */
void rival_review(struct node *n, struct binding *b);	/* what is known of rivals has changed */
void rival_remember(struct binding *b, uint8_t spoken); /* the metric of an earlier life */
void rival_expect(struct node *n, struct binding *b);	/* it is about to be announced */
bool rival_explain(struct node *n, struct binding *b);	/* the reason; false: there is no rival */

/* All that is known of a rival is a packet that anybody can send. */
bool rival_is_hearsay(const struct node *n, const struct binding *b);
/* `asked`: it has answered a question before the bind. */
void rival_on_wire(struct node *n, struct binding *b, const struct acd_event *e, bool asked);
void rival_off_wire(struct node *n, struct binding *b, uint32_t interface);
void rival_row(const struct node *n, const struct binding *b, struct row_rival *r);
void rival_tell(struct node *n, const struct binding *b, uint32_t interface, const char *what);

/* metric.c: what it is announced with */

/* So bad that another's is preferred, and half of the network is still reached: half of infinity.
 */
#define METRIC_LAST_RESORT (RIP_INFINITY / 2)
uint8_t metric_own(const struct node *n, const struct binding *b);
void metric_review(struct node *n, struct binding *b);

/* check.c: health checks */
bool check_exists(const struct node *n, const char *name);
void check_configure(struct node *n, const struct staging *s);
void check_configured(struct node *n);
void check_free_all(struct node *n); /* when no VIP is left */
void check_join(struct node *n, struct binding *b);
void check_leave(struct node *n, struct binding *b);
bool check_lets(const struct binding *b);    /* it may be announced */
bool check_worsens(const struct binding *b); /* but as a last resort only */
void check_explain(struct binding *b);
void check_answered(struct node *n, const struct input *in);
void check_due(struct node *n, struct timer *due);
enum check_state check_state_of(const struct binding *b, const char **ret_text);
bool check_row_next(const struct node *n, size_t *position, struct row_check *ret);

/* doctor.c: what stands between VIPs and their clients */
void doctor_begin(struct node *n, const struct input *in);
void doctor_found(struct node *n, const struct input *in);

/* source.c: the VIP as source address */
int source_init(struct node *n); /* 0 or -ENOMEM */
void source_done(struct node *n);
void source_changed(struct node *n); /* something that the policy depends on */
void source_review(struct node *n);  /* tells the world, when the policy is another one now */

/* Whether the object of the VIP has to stay because connections may still begin with it. */
bool source_keeps(const struct node *n, const struct binding *b);
void source_forget(struct node *n, struct binding *b); /* it goes */
void source_due(struct node *n);
void source_configure(struct node *n, struct staging *s);
void source_sourcing(struct node *n, const struct input *in);
void source_command(struct node *n, const struct input *in);
int source_switch_set(struct node *n, const struct source_switch *s); /* 0 or -ENOSPC, -ENOMEM */
void source_save_all(struct node *n);
enum source_mode source_mode(const struct node *n); /* that counts */
bool source_interface_is_on(const struct node *n, const struct link *l, bool *ret_switched);
const char *source_vip_why_not(const struct node *n, const struct binding *b, bool first);
const char *source_first_why_not(const struct node *n, size_t family);

/* ask.c: what a person asks of it */
void ask_begin(struct node *n, const struct input *in);
void ask_looked(struct node *n, const struct input *in);
void ask_free_all(struct node *n);

/* drain.c: draining */
int drain_begin(struct node *n, struct binding *b, struct duration time); /* -1: no memory */
void drain_end(struct node *n, struct binding *b);
void drain_restore(struct node *n, struct binding *b, enum drain_phase phase, struct instant until);
enum drain_phase drain_saved(const struct binding *b, struct instant *ret_until);
bool drain_is_on(const struct binding *b);
bool drain_is_running(const struct binding *b);
bool drain_is_done(const struct binding *b);
void drain_due(struct node *n, struct timer *due);
void drain_counted(struct node *n, const struct input *in);
void drain_explain(struct binding *b);
void drain_row(const struct binding *b, struct row_drain *r);
void drain_free(struct node *n, struct binding *b);

/* take.c: taking a VIP over */
uint8_t take_metric(const struct binding *b);
void take_rival(struct node *n, struct binding *b, uint8_t metric); /* one announces it */
void take_resume(struct node *n, struct binding *b); /* an earlier life has begun it */
void take_review(struct node *n, struct binding *b);
bool take_is_on(const struct binding *b);
bool take_is_awaited(const struct binding *b); /* its command is not to be answered yet */
void take_end(struct node *n, struct binding *b);
void take_free(struct node *n, struct binding *b);
void take_due(struct node *n, struct timer *due);
void take_impatient(struct node *n, struct timer *patience);

/* query.c */
void query_answer(struct node *n, const struct input *in);

#endif
