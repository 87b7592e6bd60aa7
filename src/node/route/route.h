/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The floor of routing: interfaces, speakers, and what neighbours are to us.
 */
#ifndef NODE_ROUTE_H
#define NODE_ROUTE_H

#include "base/text.h"
#include "node/kernel/kernel.h"
#include "node/protocol.h"

struct learning;

/* What one speaker has to do with a link. */
struct speech {
	struct link *of;
	struct speaker *speaker;
	bool speaking;		  /* speaker_interface_set() has been called */
	struct want want;	  /* its sockets: EFFECT_LISTEN */
	struct keychain keys;	  /* that the world has been told of with EFFECT_LISTEN */
	struct address borrowed;  /* the only one that it speaks from; not set: those of the link */
	struct speaker_link told; /* what the speaker knows */
	uint32_t farewell;	  /* a hash of the good-byes that are written down; 0: none */
	bool more;		  /* there are more networks than it may know */
	bool spoke;		  /* at some time */
	uint32_t refused;	  /* packets that the kernel did not take */
	char blocked[NODE_SENTENCE_MAX]; /* why nothing leaves that is said to all; empty: it does
					  */
	struct instant asked_at;	 /* when it was to speak, and since when it does */
	struct instant spoken;
};

/* A network interface, and how it is spoken on. */
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
	struct speech *speeches[SPEAKERS_MAX]; /* owned, by the places of the speakers; or NULL */
	struct want hearing;		       /* of ARP and neighbour discovery */
	bool hears_all; /* also the frames for groups that nobody has joined */
	uint32_t n_claims, n_claims_ipv6;
};

enum watch_kind {
	WATCH_BFD,
	WATCH_PROBE,
	WATCH_ECHO,
	WATCH_KINDS,
};

/* Compared as bytes: zeroed first. */
struct watch_params {
	struct bfd_params bfd;
	struct bfd_auth auth;
	struct probe_params probe;
	struct echo_params echo;
};

/* A neighbour is watched in one way. */
struct watch {
	struct list link;
	enum watch_kind kind;
	struct path path;
	struct want want;	    /* the session: EFFECT_BFD, _PROBE or _ECHO */
	struct watch_params params; /* that have been asked for */
	bool stale;		    /* the files of its secrets may be other ones */
	bool wanted;		    /* while they are compared */
	bool plain;		    /* its neighbour is no router, as far as is known */
	struct instant adopted;	    /* an earlier life's: kept until then; 0: ours */
	enum verdict liveness;	    /* what it says of the neighbour */
	uint8_t state;		    /* enum bfd_state, probe_state or echo_state */
	uint8_t remote_state, diagnostic, remote_diagnostic; /* BFD alone */
	struct timer vain; /* ECHO: if nothing has come back by then, it is told; BFD: deserted */
	bool deserted;	   /* BFD: it is down, and the neighbour has no session any more */
	struct instant since; /* of the state */
	uint32_t flaps;
};

/* What the floor above is told. */
enum route_event_kind {
	ROUTE_NEIGHBOR_UP,
	ROUTE_NEIGHBOR_DOWN,
	ROUTE_ACCEPTED,	  /* a neighbour routes to the prefix; not set: look at all */
	ROUTE_UNACCEPTED, /* or no longer */
	ROUTE_ANNOUNCED,  /* sent on every interface that speaks */
	ROUTE_WITHDRAWN,  /* its good-byes are out */
	ROUTE_RIVAL,	  /* somebody else announces it */
	ROUTE_RIVAL_SURE,
	ROUTE_RIVAL_GONE,
	ROUTE_SPEAKS,	   /* the first interface speaks, or the last one no longer */
	ROUTE_SENDING,	   /* the kernel lets out what is sent, or no longer */
	ROUTE_SOURCE_GONE, /* what neighbours have accepted by an address they have to show again */
	ROUTE_LINK,	   /* an interface has come, or is another one now */
	ROUTE_LINK_GONE,
	ROUTE_ADDRESS, /* it has another address */
};

struct route_event {
	enum route_event_kind kind;
	uint32_t interface;
	struct link *link;
	struct address neighbor;
	struct prefix prefix;
	uint32_t metric;
};

/* How a protocol is spoken by a rule. */
struct rule_speech {
	size_t rule; /* its place */
	struct speech_settings settings;
};

struct routing {
	void (*tell)(struct node *n, const struct route_event *e);
	/* Why others are not to direct it: it is the floor's above; NULL: it is not. */
	const char *(*has)(const struct node *n, const struct prefix *p);
	/* The kernel holds it as a VIP. */
	bool (*holds)(const struct node *n, const struct address *a);
	struct list links;
	struct interface_rule *rules; /* owned */
	size_t n_rules;

	struct rule_speech *speeches; /* owned: how protocols are spoken by the rules */
	size_t n_speeches;

	struct speaker *speakers[SPEAKERS_MAX]; /* owned; a speaker's number is its place and 1 */
	size_t n_speakers;
	struct speaker_settings protocols[PROTOCOL_END];
	uint32_t identity;		   /* who this host is; 0: not known yet */
	bool identified;		   /* the speakers have been told */
	uint64_t sealed[SPEAKERS_MAX + 1]; /* the last sequence number of each that is written */
	bool speaks[SPEAKERS_MAX];	   /* at least one interface */
	bool fed[SPEAKERS_MAX];		 /* they have our prefixes: some rule has had them spoken */
	bool taken_up[SPEAKERS_MAX + 1]; /* what was before is known, or forgotten */
	bool left[SPEAKERS_MAX + 1]; /* without a good-bye in the life before, by their numbers */
	bool recheck;	     /* addresses have changed: what was refused may be allowed now */
	bool networks_dirty; /* physical networks have come or gone: claims are to be looked at */

	struct learning *learning; /* owned: of learned.c */
	struct list watches;	   /* of watch.c */
	struct list routers;	   /* of ways.c */
	size_t n_routers;
	size_t n_watches[WATCH_KINDS];
	bool watches_dirty; /* neighbours or rules have changed: sessions are to be looked at */
};

/* link.c: physical interfaces */
struct link *link_find(const struct node *n, uint32_t index);
void link_seen(struct node *n, const struct interface *i);
void link_vanished(struct node *n, uint32_t index);
void link_address(struct node *n, const struct object *o, bool present);
void link_listening(struct node *n, const struct input *in);
/* Another interface than a board of ours that has the address; NULL: none. */
const struct link *link_with_address(const struct node *n, const struct address *a);
uint8_t link_address_length(const struct link *l, const struct address *a);
void link_sending(struct node *n, const struct input *in);
/* How many interfaces speak the family, and on how many of them the kernel lets nothing leave. */
size_t link_count_speaking(const struct node *n, enum family family, size_t *ret_blocked);

/* How the protocol of the speaker is spoken by a rule, which may be NULL; NULL: it is not. */
const struct speech_settings *rule_speech(const struct node *n, const struct interface_rule *rule,
					  const struct speaker *sp);
bool rule_speaks(const struct node *n, const struct interface_rule *rule); /* any protocol */
void link_review(struct node *n, struct link *l); /* brings the speaker in line with the link */
void link_review_all(struct node *n);
void link_read_secrets(struct node *n); /* all again: what is in the files may have changed */
const struct interface_rule *link_rule(const struct node *n, const struct link *l);
const struct interface_rule *link_rule_named(const struct node *n, const char *name);
const char *link_silence(const struct link *l,
			 const struct speaker *sp); /* why it does not speak; "" */
const char *link_fix(const struct link *l, const struct speaker *sp,
		     char fix[FINDING_TEXT_MAX]); /* and what would let it */
void link_left(struct node *n, uint32_t index, const struct speaker *sp);

/*
 * Nothing is announced any more, and nothing will be: says good-bye wherever something is spoken.
 * True: that is said everywhere.
 */
bool link_leave_all(struct node *n);
void link_speaks_changed(struct node *n); /* an interface may speak, or no longer */
const struct speech *link_speech(const struct link *l, const struct speaker *sp);
bool link_is_spoken_on(const struct link *l); /* by one speaker at least */
void link_dump_begin(struct node *n);
void link_dump_end(struct node *n);
void link_free(struct node *n, struct link *l);
const char *link_name(const struct node *n, uint32_t index);

/* Who is on-link by the address. */
struct prefix link_address_network(const struct link_address *a);

/* link_view.c: what the speaker is to know of the link now; whether some link borrows the address;
 * and this host has it now, or no longer. */
struct speaker_link speech_view(const struct node *n, const struct speech *s, bool *ret_more);
const struct address *link_borrowed(const struct link *l); /* that it speaks from now; NULL: none */
bool borrowed_by_any(const struct node *n, const struct address *a);
void borrowed_changed(struct node *n, const struct address *a);

/* farewell.c: writes down how good-bye is said there, or that none is, if that has changed; all. */
void farewell_review(struct node *n, struct speech *s);
void farewell_save_all(struct node *n);

/* speaker.c: the speakers of the node. What is asked of them all goes to those of the family. */

/* Makes those of all protocols, anew if there are some; 0 or -ENOMEM, then nothing has changed. */
int speakers_new(struct node *n, uint64_t seed);
struct speaker *speakers_add(struct node *n, const struct speaker_class *c,
			     const struct speaker_settings *s, uint64_t seed, uint64_t hash_seed);
void speakers_free(struct node *n);
struct speaker *speaker_numbered(const struct node *n, uint16_t number); /* NULL: there is none */
void speakers_configure(struct node *n); /* their settings, and the mark of what we announce */
void speakers_clock(struct node *n, struct duration wall);
/* Tells them who this host is; chosen, once the kernel is known, from the addresses that it has. */
void speakers_identify(struct node *n);

/* Sequence numbers, ours and those of neighbours: of an earlier life; and writes all of them down.
 */
void speakers_restore_sealed(struct node *n, const struct saved_sealed *s);
void speakers_restore_sequence(struct node *n, const struct saved_sequence *s);
void speakers_restore_note(struct node *n, const struct saved_note *s);
/* A life before spoke, and has not said good-bye; it has after all; and who speaks now knows it. */
void speakers_restore_left(struct node *n, uint16_t number);
void speakers_forget_left(struct node *n);
void speaker_take_up(struct node *n, struct speaker *sp);
/* Where a life before has not said good-bye the kernel tells whether its guard has. */
bool speaker_may_speak(const struct node *n, const struct speaker *sp);
void speakers_save(struct node *n);
void speakers_tick(struct node *n);
struct instant speakers_deadline(const struct node *n);
void speakers_input(struct node *n, const struct input *in); /* a packet, or of a stream */
void speakers_pump(struct node *n); /* takes out all that they have to say */

/* One of the family speaks somewhere; how they move: what is longest, and the first one's metrics.
 */
bool speakers_speak(const struct node *n, enum family family);
struct speaker_pace speakers_pace(const struct node *n, enum family family);
const char *speakers_nobody(const struct node *n, enum family family); /* what follows if not */

/* Whether one of those that carry a VIP can say its metric, of those that are spoken by these
 * rules. 0, or -EINVAL with a sentence. */
int speakers_check_metric(const struct node *n, const struct rule_speech *speeches, size_t count,
			  const struct vip_settings *v, char *sentence, size_t size);

/*
 * Speakers that the rules have spoken from now on have our prefixes; one that nobody speaks would
 * hold them for nothing. True: there is one that is still to be told of them, and has room for so
 * many.
 */
bool speakers_feed(struct node *n, const size_t by_family[FAMILIES]);
void speakers_reserve(struct node *n, enum family family, size_t count);
void speakers_announce(struct node *n, const struct prefix *p, const struct prefix *stands_for,
		       uint32_t metric);
bool speakers_withdraw(struct node *n, const struct prefix *p); /* ROUTE_WITHDRAWN will come */

/* Sent on every interface that speaks; and by how many neighbours it is accepted. */
bool speakers_told(const struct node *n, const struct prefix *p, unsigned *ret_accepted);
bool speakers_rival(const struct node *n, const struct prefix *p, struct route_heard *ret);
bool speakers_heard(const struct node *n, const struct prefix *p, struct route_heard *ret);

/*
 * Walk what all speakers know; a walk begins with zeroes, false is its end. It tells what holds at
 * `now`, or at the last input when that is left out.
 */
struct speaker_walk {
	size_t speaker, position;
	struct instant now;
};
bool speakers_neighbor_next(const struct node *n, struct speaker_walk *at, struct neighbor *ret);
bool speakers_interface_next(const struct node *n, struct speaker_walk *at,
			     struct speaker_interface *ret);
bool speakers_rival_next(const struct node *n, struct speaker_walk *at, struct prefix *ret_prefix,
			 struct route_heard *ret);

/* What a neighbour has shown about a prefix. */
bool speakers_accepted_by(const struct node *n, const struct neighbor *info,
			  const struct prefix *p);

void senders_review(struct node *n); /* sender.c */

/* watch.c: the sessions that watch our neighbours. */
void watch_reconcile(struct node *n);
void watch_free_all(struct node *n);

/* A configuration is applied: the secrets are to be read again. */
void watch_read_secrets(struct node *n);

/* What the guard says of a session; one that is new is an earlier life's, and adopted. */
void watch_observed(struct node *n, enum watch_kind kind, const struct input *in);

/* Its time has come: nothing has come back yet, perhaps. */
void watch_waited(struct node *n, struct timer *vain);

/* The watch that has been asked for, or NULL. */
const struct watch *watch_of(const struct node *n, enum watch_kind kind,
			     const struct neighbor *info);

/* Whether what is sent to our own address through the router comes back, now and all the time. */
bool watch_echo_is_up(const struct node *n, uint32_t interface, const struct address *router);

/* A way to watch neighbours: bfd.c, probe.c and echo.c. */
struct watch_way {
	uint8_t event;	/* enum event_kind */
	uint8_t unseen; /* the state of a neighbour that nobody watches */

	/* Whether a rule wants it, and how; false: that cannot be done with this neighbour. */
	bool (*is_wanted)(const struct interface_rule *rule);
	bool (*params)(const struct node *n, const struct path *path,
		       const struct interface_rule *rule, struct watch_params *ret);

	/* Asks for the session, or for its end when it is not wanted any more. */
	void (*ask)(struct node *n, const struct want *w);

	/* What its state means, which was another one: false: nothing. The text is told if any. */
	bool (*judge)(struct watch *w, uint8_t before, struct text *ret);
};

extern const struct watch_way watch_by_bfd, watch_by_probe, watch_by_echo;

/* learned.c: the routes of the network that this host uses */
int learned_init(struct node *n); /* 0 or -ENOMEM */
void learned_seed(struct node *n, uint64_t seed);
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

/* How many there are, and how many of them the kernel does not have. */
void learned_count(const struct node *n, uint32_t *ret_routes, uint32_t *ret_unused);
uint32_t learned_through(const struct node *n, uint32_t interface, const struct address *router);

extern const struct slot_owner learned_slots; /* learned_slot.c */

#endif
