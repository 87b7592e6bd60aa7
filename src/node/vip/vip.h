/* SPDX-License-Identifier: Apache-2.0 */
/* The floor of VIPs: their records, and all that is known of them together. */
#ifndef NODE_VIP_H
#define NODE_VIP_H

#include "node/route/route.h"
#include "node/vip/forwarding.h"
#include "proto/acd/acd.h"

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

#define BINDING_BULK 32 /* with more at once, edges are told together */
#define CLAIMS_MAX 8	/* interfaces in physical networks that contain one VIP */

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
	struct take *take;	      /* owned: it is taken over */
	struct instant takes_until;   /* a rival that is heard before then is taken over */
	struct drain *drain;	      /* owned: it is drained */
	struct list sourced;	      /* in sourcing.vips, while it is a source, or was just now */
	struct instant sourced_until; /* INSTANT_NEVER: while it is in the policy */
	uint32_t spoken;   /* the metric that is announced in place of its own; 0: none */
	uint32_t worsened; /* the metric with which it gives way to a rival; 0: to none */
};

struct binding {
	struct hash_node by_address;
	struct list link;    /* in vips.bindings, by serial */
	struct list brought; /* in request.brought, until the bind that made it has its answer */
	struct slot slot, silence; /* held.c */
	struct board *board;
	struct binding_rare *rare; /* owned; NULL: nothing of it */
	struct address address;
	uint8_t length, hold, arp, conflict;	 /* as in vip_settings */
	uint8_t state;				 /* enum vip_state */
	bool announce : 1, source : 1, ping : 1; /* as in vip_settings */
	bool announced : 1;			 /* the speaker has been told */
	bool configured : 1, held_as_route : 1;
	bool bulk : 1;	    /* bound with many others: its edges are told together with theirs */
	bool leaving : 1;   /* it is to be unbound */
	bool now : 1;	    /* without waiting for the good-byes to be repeated */
	bool stale : 1;	    /* while a configuration is applied: not seen in it yet */
	bool inherited : 1; /* an earlier life has announced it: it does not leave without a
			       good-bye */
	bool doomed : 1;    /* it leaves as soon as the good-byes can be said */
	bool by_hand : 1;   /* a command unbinds it */
	uint32_t metric;    /* as in vip_settings */
	uint32_t serial, request;
	uint32_t place; /* among those that are proven: proof_router.c */
	struct instant since;
	const char *reason; /* a constant sentence, or rare->detail */
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

/* check.c: a definition of the configuration, and one address that is asked. */
struct check {
	struct list link; /* in node.checks */
	struct check_settings settings;
	struct list runs;
	bool stale; /* while a configuration is applied: not seen in it yet */
	bool overruled;
};

struct check_run {
	struct list link; /* in check.runs */
	struct list news; /* in vips.check_news: its VIPs are to hear of it */
	struct hash_node by_number;
	struct check *check;
	struct address address;
	struct list vips; /* binding_rare.checked */
	uint32_t number, n_vips;
	uint32_t runs, failures;
	uint8_t state;	/* enum check_state */
	uint8_t streak; /* results in a row that speak against the state */
	uint8_t flaps;
	struct want want; /* an answer: EFFECT_CHECK; what it said the last time */
	struct instant asked, since, failed, suppressed;
};

/* drain.c */
struct drain {
	uint8_t phase; /* enum drain_phase */
	bool counted;
	uint32_t connections; /* when they were counted last */
	struct instant until;
	struct timer due;
	struct binding *binding;
};

/* take.c */
enum take_phase {
	TAKE_WINNING,
	TAKE_SETTLING,
	TAKE_HOLDING,
	TAKE_RELAXING,
};

struct take {
	uint8_t phase; /* enum take_phase */
	uint32_t metric;
	uint32_t heard; /* what the rival was announced with to us when it began */
	bool shown;	/* when it was last looked at */
	struct duration hold;
	struct timer due;
	struct timer patience; /* of the command that waits */
	struct binding *binding;
};

/* A VIP of the configuration that a hand has unbound. */
struct unbound {
	struct vip_settings settings; /* of the configuration; before it is applied the address */
	struct instant since;
	bool configured; /* the configuration in force has it */
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
	struct want want;		   /* that the world carries it out */
};

/* What happens to a VIP; fsm.c says what follows. */
#define VIP_EVENTS(X)                                                                              \
	X(ASKED, "asked")	  /* it is to be bound */                                          \
	X(OBJECTED, "objected")	  /* somebody in its physical network has it */                    \
	X(GIVEN, "given")	  /* nobody objects: to the kernel */                              \
	X(ADOPTED, "adopted")	  /* an earlier life has left it in the kernel */                  \
	X(HELD, "held")		  /* the kernel holds it, and its check passes */                  \
	X(LOST, "lost")		  /* somebody took it from the kernel */                           \
	X(REFUSED, "refused")	  /* by a rule, or by the kernel */                                \
	X(UNFIT, "unfit")	  /* its check does not pass */                                    \
	X(UNHEARD, "unheard")	  /* it is not announced, or nobody can hear it */                 \
	X(SENT, "sent")		  /* it is announced on every interface that speaks */             \
	X(ACCEPTED, "accepted")	  /* a neighbour has shown that it routes to it */                 \
	X(PROVEN, "proven")	  /* what is sent to it through a router has come back */          \
	X(CONTESTED, "contested") /* somebody else has it too */                                   \
	X(DRAINS, "drains")	  /* its users are to leave */                                     \
	X(EMPTY, "empty")	  /* they have left */                                             \
	X(LEAVES, "leaves")	  /* it is unbound */                                              \
	X(GONE, "gone")		  /* nothing of it is left */                                      \
	X(REVIVED, "revived")	  /* bound again before it was gone */

enum vip_event {
#define VIP_EVENT_ENUM(name, text) VIP_##name,
	VIP_EVENTS(VIP_EVENT_ENUM)
#undef VIP_EVENT_ENUM
		VIP_EVENT_COUNT
};

struct vips {
	uint64_t unexpected;	/* events in states in which they cannot happen */
	struct hash by_address; /* bindings */
	struct list bindings;
	struct hash by_prefix; /* networks */
	size_t n_bindings, n_of_family[FAMILIES];
	struct unbound *unbound; /* owned */
	size_t n_unbound;
	bool hasty; /* a binding leaves without waiting */

	struct acd *acd;
	struct sourcing source;
	struct proving proving;
	struct list checks;
	struct hash check_runs; /* by number */
	struct list check_news; /* runs that say something else than before */
	uint32_t next_run;

	struct {
		uint32_t count;
		struct address example;
		const char *reason;
	} edges[VIP_STATE_COUNT][VIP_STATE_COUNT];
	struct timer edges_due, ready_due, bulk_due;
};

/*
 * review.c: what is heard of routing, and what follows. vip_has() says why a prefix is not for
 * others to direct.
 */
void vip_hear(struct node *n, const struct route_event *e);
const char *vip_has(const struct node *n, const struct prefix *p);
bool vip_holds(const struct node *n, const struct address *a); /* the kernel does, as one of ours */
unsigned binding_accepted(const struct node *n, const struct binding *b); /* by how many */
void binding_review(struct node *n, struct binding *b); /* the state that fits what is known */
void binding_review_all(struct node *n);
void binding_hasty(struct node *n); /* those that do not wait leave behind the first good-bye */

/* network.c: the RIB of our own virtual networks, and what the speaker says of them */
void network_join(struct node *n, struct binding *b);
bool network_leave(struct node *n, struct binding *b); /* false: nothing has to be withdrawn */
void network_refresh(struct node *n, struct binding *b);
void network_refresh_all(struct node *n);	  /* there are speakers that know of none */
uint32_t binding_metric(const struct binding *b); /* as it is announced; 0: the speaker's */
static inline uint32_t binding_spoken(const struct binding *b)
{
	return b->rare ? b->rare->spoken : 0;
}

/* Announces it with this metric in place of its own; 0: with its own again. */
void network_speak(struct node *n, struct binding *b, uint32_t metric);
struct network *network_find(const struct node *n, const struct prefix *p);
void network_withdrawn(struct node *n, const struct prefix *p); /* its good-byes are out */

/* Walks the announced bindings behind a prefix; NULL starts and ends. */
struct binding *network_next(const struct node *n, const struct prefix *p,
			     const struct binding *after);
void network_free(struct node *n, struct network *w);

/* metric.c: what it is announced with */
uint32_t metric_own(const struct node *n, const struct binding *b);

/* So bad that another's is preferred, and most of the network is still reached. */
uint32_t metric_last(const struct node *n, const struct binding *b);
void metric_review(struct node *n, struct binding *b);

/* ready.c: when the speaker is ready to judge */
void ready_begin(struct node *n);
void ready_review(struct node *n);
void ready_now(struct node *n);

/* ways.c: the ways by which VIPs of a family are reached, and so many of them that are lost. */
struct ways {
	uint32_t count, lost;
};

/* Tells each loss at the moment `now`, with what follows and what would mend it. */
void ways_review(const struct node *n, struct instant now, const struct speaker *sp,
		 struct ways *ret, void (*lost)(void *context, const struct finding *f),
		 void *context);

/* A router has accepted a VIP, or taken that back; it came up, or went down. */
void ways_accepted(struct node *n, uint32_t interface, const struct address *router, bool accepted);
void ways_router(struct node *n, uint32_t interface, const struct address *router, bool up);

/* Routers that are not there are expected no more; with `all` none is. */
void ways_forget(struct node *n, bool all);

/* binding.c and life.c */
struct prefix binding_network(const struct binding *b);
struct binding *binding_find(const struct node *n, const struct address *a);
struct binding *binding_new(struct node *n, const struct vip_settings *s,
			    size_t together); /* of how many at once */
void binding_await(struct node *n, struct binding *b,
		   uint32_t request); /* its outcome answers the request */
bool binding_revive(struct node *n, struct binding *b, const struct vip_settings *s);
void binding_start(struct node *n, struct binding *b); /* from absent, or again after a failure */
void binding_start_allowed(struct node *n, struct binding *b); /* policy_check() has passed it */
void binding_go(struct node *n, struct binding *b);	       /* nobody objects: into the kernel */
void binding_held(struct node *n, struct binding *b);
void binding_hear_checks(struct node *n);		   /* what some checks say has changed */
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
struct network *
binding_in_network(const struct binding *b);	      /* the network it is a member of, or NULL */
struct binding_rare *binding_rare(struct binding *b); /* makes it; NULL: no memory */
void binding_settings(const struct binding *b, struct vip_settings *ret);

/* held.c */
extern const struct slot_owner vip_slots, silence_slots;
void binding_hold(struct node *n, struct binding *b, uint8_t kind); /* gives it to the kernel */
void ping_review(struct node *n, struct binding *b); /* ping.c: as it is wished now */
void ping_forget(struct node *n, const struct binding *b);
void binding_silence(struct node *n, struct binding *b); /* as it is wished now */
void binding_silence_all(struct node *n);

/* How it is wished: while it leaves to be bound in another way, that one. */
void binding_wish(const struct binding *b, struct vip_settings *ret);
void binding_forget_successor(struct binding *b);
bool binding_is_leaving(const struct binding *b); /* and nobody wishes it to come back */
void binding_explain(struct binding *b, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void binding_clear_detail(struct binding *b);
void binding_take(struct node *n, struct binding *b, const struct vip_settings *s);

/*
 * fsm.c: something has happened to it, with a constant sentence that says what; NULL: it is what
 * binding_explain() said. binding_say() is another sentence while nothing happens.
 */
void binding_step(struct node *n, struct binding *b, enum vip_event event, const char *reason);
void binding_say(struct binding *b, const char *reason);
void binding_edges_flush(struct node *n); /* tells what many have done at the same time */

/* policy.c: may it be bound? 0 or -EINVAL with a sentence */
int policy_check(const struct node *n, const struct vip_settings *s, char *sentence, size_t size);

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
void rival_review(struct node *n, struct binding *b);	 /* what is known of rivals has changed */
void rival_remember(struct binding *b, uint32_t spoken); /* the metric of an earlier life */
void rival_expect(struct node *n, struct binding *b);	 /* it is about to be announced */
bool rival_explain(struct node *n, struct binding *b);	 /* the reason; false: there is no rival */

/* All that is known of a rival is a packet that anybody can send. */
bool rival_is_hearsay(const struct node *n, const struct binding *b);
/* `asked`: it has answered a question before the bind. */
void rival_on_wire(struct node *n, struct binding *b, const struct acd_event *e, bool asked);
void rival_off_wire(struct node *n, struct binding *b, uint32_t interface);
void rival_mac_text(const uint8_t *mac, char *text, size_t size);

/* Whether one is seen there: by the VIP's network, or by the host route that stands for it. */
bool rival_is_on_wire(const struct binding *b);
bool rival_in_routing(const struct node *n, const struct binding *b, struct route_heard *ret);
void rival_tell(struct node *n, const struct binding *b, uint32_t interface, const char *what);

/* take.c: taking a VIP over */
uint32_t take_metric(const struct binding *b);
void take_rival(struct node *n, struct binding *b, uint32_t metric); /* one announces it */
void take_resume(struct node *n, struct binding *b); /* an earlier life has begun it */
void take_review(struct node *n, struct binding *b);
bool take_is_on(const struct binding *b);
bool take_is_awaited(const struct binding *b); /* its command is not to be answered yet */
void take_end(struct node *n, struct binding *b);
void take_free(struct node *n, struct binding *b);
void take_due(struct node *n, struct timer *due);
void take_impatient(struct node *n, struct timer *patience);

/* check.c: health checks */
bool check_exists(const struct node *n, const char *name);
void check_configure(struct node *n, const struct check_settings *checks, size_t n_checks);
void check_configured(struct node *n);
void check_free_all(struct node *n); /* when no VIP is left */
void check_join(struct node *n, struct binding *b);
void check_leave(struct node *n, struct binding *b);
bool check_lets(const struct binding *b);    /* it may be announced */
bool check_worsens(const struct binding *b); /* but as a last resort only */
void check_explain(struct binding *b);
void check_answered(struct node *n, const struct input *in);
enum check_state check_state_of(const struct binding *b, const char **ret_text);

/* Walks what is asked, address by address; NULL starts and ends. */
const struct check_run *check_run_next(const struct node *n, const struct check_run *after);

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
void drain_free(struct node *n, struct binding *b);

/* source.c: the VIP as source address */
int source_init(struct node *n); /* 0 or -ENOMEM */
void source_done(struct node *n);
void source_changed(struct node *n); /* something that the policy depends on */
void source_vip_changed(struct node *n, const struct binding *b); /* its state, or its object */
void source_review(struct node *n); /* tells the world, when the policy is another one now */

/* Whether the object of the VIP has to stay because connections may still begin with it. */
bool source_keeps(const struct node *n, const struct binding *b);
void source_forget(struct node *n, struct binding *b); /* it goes */
void source_due(struct node *n);
/* Takes the rules over, and gives back those that it had. */
struct source_rule *source_configure(struct node *n, uint8_t mode, struct source_rule *rules,
				     size_t n_rules);
void source_sourcing(struct node *n, const struct input *in);
void source_command(struct node *n, const struct input *in);
int source_switch_set(struct node *n, const struct source_switch *s); /* 0 or -ENOSPC, -ENOMEM */
void source_save_all(struct node *n);
enum source_mode source_mode(const struct node *n); /* that counts */
bool source_interface_is_on(const struct node *n, const struct link *l, bool *ret_switched);
const char *source_vip_why_not(const struct node *n, const struct binding *b, bool first);
const char *source_first_why_not(const struct node *n, size_t family);

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

/* record.c */
void save_vip(struct node *n, const struct binding *b);
void save_gone(struct node *n, const struct binding *b);

/* remnant.c: what an earlier life has left in the kernel and not written down */
/*
 * The VIPs of the life before are written down, and none is in the kernel: its guard has said
 * good-bye and has taken them all away.
 */
bool remnant_is_executed(struct node *n);
void remnant_adopt(struct node *n);    /* the kernel has been read for the first time */
void remnant_farewell(struct node *n); /* the neighbours can be told */

#endif
