/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything that a node wants of the world, as plain data. Effects that change the kernel carry a
 * number; the world reports their outcome with INPUT_DONE under that number, errors one by one,
 * successes in ranges where it likes. They must be carried out in the order in which they come.
 */
#ifndef NODE_EFFECT_H
#define NODE_EFFECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "net/interface.h"
#include "net/prefix.h"
#include "node/input.h"
#include "node/settings.h"
#include "node/source.h"

enum effect_kind {
	EFFECT_BOARD_ADD = 1, /* make a board of this name with our mark, and set it up */
	EFFECT_BOARD_UP,      /* set it up again */
	EFFECT_BOARD_REMOVE,
	EFFECT_OBJECT_ADD,    /* put an object into the kernel; it is no error when it is there */
	EFFECT_OBJECT_REMOVE, /* take it out; one that is not there is no error */
	EFFECT_RESYNC,	      /* read the kernel whole (INPUT_DUMP_BEGIN … INPUT_DUMP_END) */
	/* Open, or close, a speaker's sockets on an interface, and read the secrets of its keys. */
	EFFECT_LISTEN,
	EFFECT_SEND,	   /* a packet of a speaker */
	EFFECT_EVENT,	   /* a line for the journal */
	EFFECT_REPLY,	   /* the answer to a request */
	EFFECT_ROW_STATUS, /* rows of a query, before its reply */
	EFFECT_ROW_BOARD,
	EFFECT_ROW_VIP,
	EFFECT_ROW_INTERFACE,
	EFFECT_ROW_NEIGHBOR,
	EFFECT_ROW_ROUTE,
	EFFECT_STOPPED, /* all is withdrawn and removed, or handed over: the process may end */
	EFFECT_WATCH,	/* hear, or no longer hear, ARP and neighbour discovery on an interface */
	EFFECT_FRAME,	/* a frame to send there */
	EFFECT_SAVE,	/* write a record down, before anything that comes after it */
	EFFECT_COUNT,	/* count the connections that are established to a VIP */
	/*
	 * Find out whether a service is well, once, within the timeout: INPUT_CHECKED follows,
	 * whatever happens. Or, with `off`, do not go on with it: nothing follows then.
	 */
	EFFECT_CHECK,
	EFFECT_ROW_CHECK,
	/* Look at the host for what stands in the way of VIPs; INPUT_FOUND follows, once or more.
	 */
	EFFECT_EXAMINE,
	EFFECT_ROW_FINDING,
	EFFECT_SOURCE, /* a part of which VIP is whose source; INPUT_SOURCING follows the last */
	EFFECT_SOURCE_LOOK, /* find out what INPUT_SOURCE_LOOKED says */
	EFFECT_ROW_SOURCE,
	/* Watch, or no longer watch, a neighbour with BFD: INPUT_BFD tells each change of state. */
	EFFECT_BFD,
	EFFECT_PROBE, /* the same by asking it for its address; INPUT_PROBE tells */
	EFFECT_ROW_SESSION,
	/* Connect a stream, or wait for those who call; INPUT_OPENED follows, or INPUT_CLOSED. */
	EFFECT_OPEN,
	EFFECT_STREAM, /* bytes for a stream that is open, of not more than there is credit for */
	EFFECT_CLOSE,  /* nothing comes of it any more */
};

/* The states of a binding; vip/fsm.c has the table of their edges. */
#define VIP_STATES(X)                                                                              \
	X(ABSENT, "absent")                                                                        \
	X(CHECKING, "checking")	  /* may it be bound at all? */                                    \
	X(BOUND, "bound")	  /* given to the kernel, not confirmed yet */                     \
	X(HEALTHY, "healthy")	  /* the kernel holds it: it answers */                            \
	X(ANNOUNCED, "announced") /* told to the neighbours */                                     \
	X(ACCEPTED, "accepted")	  /* at least one neighbour has shown that it routes to it */      \
	X(DRAINING, "draining")	  /* its users are to leave: announced with a bad metric */        \
	X(DRAINED, "drained")	  /* they have left: withdrawn, and still bound */                 \
	X(WITHDRAWN, "withdrawn") /* the good-byes are on their way */                             \
	X(CONFLICT, "conflict")	  /* somebody else announces it too */                             \
	X(FAILED, "failed")	  /* the kernel refused; it is tried again */

enum vip_state {
#define VIP_STATE_ENUM(name, text) VIP_STATE_##name,
	VIP_STATES(VIP_STATE_ENUM)
#undef VIP_STATE_ENUM
		VIP_STATE_COUNT
};

const char *vip_state_name(enum vip_state state);

/* What a journal line is about. */
#define EVENT_KINDS(X)                                                                             \
	X(VIP, "vip")	/* an edge of one VIP */                                                   \
	X(VIPS, "vips") /* the same edge of many VIPs at once */                                   \
	X(BOARD, "board")                                                                          \
	X(INTERFACE, "interface")                                                                  \
	X(NEIGHBOR, "neighbor")                                                                    \
	X(RESCUE, "rescue") /* metrics lowered or relaxed */                                       \
	X(RIVAL, "rival")   /* somebody else announces a VIP of ours */                            \
	X(REPAIR, "repair") /* the kernel differed from what is wanted */                          \
	X(CONFIG, "config")                                                                        \
	X(CHECK, "check") /* a health check passes or fails */                                     \
	X(NOTE, "note")                                                                            \
	X(SOURCE, "source") /* whose address connections get */                                    \
	X(BFD, "bfd")	    /* a session changes its state */                                      \
	X(PROBE, "probe")   /* likewise */

enum event_kind {
#define EVENT_KIND_ENUM(name, text) EVENT_##name,
	EVENT_KINDS(EVENT_KIND_ENUM)
#undef EVENT_KIND_ENUM
		EVENT_KIND_COUNT
};

struct event {
	uint8_t kind;	     /* enum event_kind */
	struct address vip;  /* when it is about one; for VIPS one of them */
	uint32_t count;	     /* VIPS: how many */
	uint8_t from, to;    /* VIP, VIPS: enum vip_state */
	struct duration age; /* VIP: how long it was in `from` */
	char interface[INTERFACE_NAME_MAX];
	struct address neighbor;
	char reason[NODE_SENTENCE_MAX];
};

/*
 * The one place where an event becomes a line: `vip=10.9.1.1 from=bound to=healthy reason="…"
 * age=0.4s`.
 */
void event_format(const struct event *e, char *line, size_t size);
const char *event_kind_name(enum event_kind kind);

enum reply_code {
	REPLY_OK,
	REPLY_REFUSED, /* a rule forbids it: the sentence says which */
	REPLY_NOT_FOUND,
	REPLY_FAILED,  /* the kernel refused */
	REPLY_UNSAVED, /* it is done, and could not be written down: the world's word, not the
			  node's */
};

struct row_status {
	struct instant started;
	bool stopping;
	uint32_t boards, vips, announced, accepted, conflicts, failed;
	uint32_t interfaces, neighbors, neighbors_up;
	uint32_t unheard; /* VIPs to announce, of whose family no neighbour is up */
	uint32_t mute;	  /* interfaces none of whose keys can be used now */
	uint32_t crowded; /* interfaces on which neighbours are turned away */
	uint64_t repairs; /* differences between kernel and wish that were put right */
	uint32_t learned, learned_unused; /* routes; so many of them not in the kernel */
	uint32_t frames_dropped;	  /* of ARP and neighbour discovery: malformed */
	uint32_t unbound;		  /* VIPs of the configuration, by hand */
	char unsaved[NODE_SENTENCE_MAX];  /* why nothing can be written down; empty: it can */
	uint32_t ways, ways_lost;	  /* by which VIPs are reached: see ways.c */
	char lost[NODE_SENTENCE_MAX];	  /* what is lost, the first of it */
};

struct row_board {
	char name[INTERFACE_NAME_MAX];
	uint32_t index;			  /* 0: not in the kernel */
	char backend[INTERFACE_NAME_MAX]; /* dummy, ifb, bridge */
	bool up, configured;
	uint32_t vips;
	char reason[NODE_SENTENCE_MAX]; /* why it is not there, when it is not */
};

#define ROW_ACCEPTED_MAX 8

/* How somebody else who has a VIP was noticed. */
enum rival_seen {
	RIVAL_NONE,
	RIVAL_IN_ROUTING,
	RIVAL_ON_WIRE, /* by ARP or neighbour discovery */
};

struct row_vip {
	struct vip_settings settings; /* as it is wished, also while it is not yet so */
	uint8_t state;		      /* enum vip_state */
	bool announced;		      /* it is told to the neighbours now, or was last */
	uint32_t metric;	      /* with which it is announced, or would be */
	uint32_t own_metric;	      /* the same when nothing puts another in its place */
	bool leaving;		      /* nobody wishes it any more */
	struct instant since;
	bool held_as_route, configured; /* configured: it stands in the configuration file */
	uint8_t n_accepted;
	struct {
		char interface[INTERFACE_NAME_MAX];
		struct address neighbor;
	} accepted_by[ROW_ACCEPTED_MAX];
	uint8_t no_proof; /* neighbours that hear us and have given no sign */
	struct row_rival {
		uint8_t seen; /* enum rival_seen */
		char interface[INTERFACE_NAME_MAX];
		struct address neighbor; /* in routing: who announces it to us */
		uint32_t metric;
		uint8_t mac[ETHER_MAC_BYTES]; /* on the wire: who has it */
		struct instant since;
	} rival;
	struct row_vip_check {
		uint8_t state; /* enum check_state */
		char text[NODE_SENTENCE_MAX / 2];
	} check;
	struct row_drain {
		uint8_t phase; /* enum drain_phase */
		bool counted;  /* the connections are known */
		uint32_t connections;
		struct instant until; /* when it is withdrawn at the latest */
	} drain;
	char reason[NODE_SENTENCE_MAX];
};

#define ROW_ADDRESSES_MAX 8

struct row_interface {
	struct interface interface;
	uint8_t n_addresses;
	struct {
		struct address address;
		uint8_t length;
	} addresses[ROW_ADDRESSES_MAX];
	bool rip_enabled, ripng_enabled;
	struct speaker_interface rip, ripng;
	/* How its neighbours are watched; an interval of 0: they are not. */
	uint32_t bfd_interval_us, probe_interval_us;
	uint8_t bfd_multiplier, probe_multiplier;
	uint32_t refused;		/* packets that the kernel did not take */
	char reason[NODE_SENTENCE_MAX]; /* why it does not speak although it should */
};

/* The BFD session that watches a neighbour. */
struct row_bfd {
	bool wanted; /* false: there is none, and nothing else here means anything */
	uint8_t state, remote_state;
	uint8_t diagnostic, remote_diagnostic; /* of the last time that it went down */
	bool known;			       /* somebody watches: the guard is there */
	struct instant since;		       /* of the state */
	uint32_t flaps;			       /* how often it was up and went down */
	uint32_t tx_us, rx_us;
	uint8_t multiplier;
};

/* The probe that watches it. */
struct row_probe {
	bool wanted;   /* false: there is none, and nothing else here means anything */
	uint8_t state; /* enum probe_state */
	bool known;    /* somebody watches: the guard is there */
	struct instant since;
	uint32_t flaps;
	uint32_t interval_us;
	uint8_t multiplier;
};

struct row_neighbor {
	char interface[INTERFACE_NAME_MAX];
	struct neighbor rip;
	struct row_bfd bfd;
	struct row_probe probe;
};

/* A session that watches a neighbour, as a row of its own behind those of the neighbours. */
struct row_session {
	char interface[INTERFACE_NAME_MAX];
	struct path path;
	bool is_probe; /* `probe` has it, else `bfd` */
	struct row_bfd bfd;
	struct row_probe probe;
};

/* A next hop of a learned route. */
enum row_path_state {
	ROW_PATH_WAITING, /* on its way into the kernel, or out of it */
	ROW_PATH_USED,
	ROW_PATH_REFUSED, /* by the kernel */
};

struct row_path {
	char interface[INTERFACE_NAME_MAX];
	struct address next_hop;
	uint8_t state; /* enum row_path_state */
};

struct row_route {
	struct prefix prefix;
	bool own;     /* a virtual network of ours, ... */
	bool learned; /* ... or a route of the network; else a rival's */
	uint32_t metric;
	bool withdrawn;
	char interface[INTERFACE_NAME_MAX]; /* rivals: where */
	struct address neighbor;	    /* rivals: who */
	uint32_t vips;			    /* own: how many VIPs stand behind it */

	/* Learned: */
	bool in_kernel;
	uint8_t n_paths;
	struct row_path paths[ROUTE_PATHS_MAX];
	char reason[NODE_SENTENCE_MAX]; /* why it is not in the kernel, or only for now */
};

/* What a check says of one address. */
enum check_state {
	CHECK_UNKNOWN, /* it has not been done yet */
	CHECK_PASSING,
	CHECK_FAILING,
};

struct row_check {
	struct check_settings settings; /* with the address that is asked */
	uint8_t state;			/* enum check_state */
	bool overruled;			/* it fails for every VIP and counts for none: fail_open */
	uint32_t vips;			/* how many depend on it */
	uint32_t runs, failures;
	struct instant since;	      /* of the state */
	struct instant suppressed;    /* it may not pass again before then: it flaps; 0: it may */
	char text[NODE_SENTENCE_MAX]; /* what was found the last time */
};

/* A row of QUERY_SOURCE is one of these. */
enum row_source_part {
	ROW_SOURCE_STATE = 1, /* without a destination: this one, */
	ROW_SOURCE_RULE,      /* then the rules in their order, */
	ROW_SOURCE_INTERFACE, /* then the interfaces that are switched off */
	ROW_SOURCE_WHY,	      /* with a destination: what a connection to it gets, */
	ROW_SOURCE_REASON,    /* then why, and why not another, sentence by sentence */
};

/* By what a connection gets its address. */
enum source_by {
	SOURCE_BY_LINUX, /* on its own choice */
	SOURCE_BY_FIRST,
	SOURCE_BY_RULE,
};

struct row_source {
	uint8_t part; /* enum row_source_part */
	union {
		struct row_source_state {
			uint8_t mode;  /* enum source_mode: off, on or auto */
			bool switched; /* by `vip source`, not by the configuration */
			bool answered; /* the world has said whether it can; */
			bool ready;    /* and it can */
			char error[NODE_SENTENCE_MAX];	   /* why not */
			struct address first[2];	   /* for IPv4 and IPv6; unset: none */
			char reason[2][NODE_SENTENCE_MAX]; /* why none */
			uint64_t counts[SOURCE_VERDICT_COUNT];
		} state;
		struct row_source_rule {
			uint16_t number; /* from 1 */
			bool in_force;
			struct source_rule rule;
			char reason[NODE_SENTENCE_MAX]; /* why not in force */
		} rule;
		struct row_source_interface {
			char name[INTERFACE_NAME_MAX];
			bool switched; /* by `vip source`, not by the configuration */
		} interface;
		struct row_source_why {
			struct address destination;
			uint8_t by;	       /* enum source_by */
			uint16_t rule;	       /* its number; 0: no rule decided */
			struct address source; /* what it gets; unset: it cannot be said */
			struct address linux_source;
			uint8_t n_interfaces;
			char interfaces[4][INTERFACE_NAME_MAX];
			bool tried, agrees; /* a socket was connected, and got `source` */
			struct address got;
		} why;
		char reason[NODE_SENTENCE_MAX];
	};
};

struct effect {
	uint8_t kind; /* enum effect_kind */
	uint32_t id;  /* of effects that change the kernel: counted up from 1 */
	union {
		struct {
			char name[INTERFACE_NAME_MAX];
			uint32_t index; /* not for EFFECT_BOARD_ADD */
		} board;
		struct object object;
		struct {
			uint32_t interface;
			uint8_t family; /* enum family: RIP's sockets, or RIPng's */
			bool on;
			struct keychain auth; /* whose secrets are to be read, again if need be */
		} listen;
		struct packet send;
		struct stream stream;	     /* EFFECT_OPEN */
		struct stream_piece piece;   /* EFFECT_STREAM */
		struct stream_change change; /* EFFECT_CLOSE */
		struct {
			uint32_t interface;
			bool on;
			bool all_multicast; /* solicitations for IPv6 VIPs are to be heard */
		} watch;
		struct ether_frame frame;
		struct saved save;
		struct {
			struct address address;
		} count;
		struct {
			uint32_t request;      /* for INPUT_FOUND */
			struct address vip;    /* the same */
			struct address silent; /* a VIP that no ARP request is to be answered for;
						  not set: none */
		} examine;
		struct {
			uint32_t run; /* a number of the node's choosing, of one run at a time */
			bool off;
			struct check_settings settings; /* with the address that is asked */
		} check;
		struct source_policy_part source;
		struct {
			uint32_t request;	    /* for INPUT_SOURCE_LOOKED */
			struct address destination; /* unset: the counts alone */
			char user[SOURCE_USER_MAX]; /* to be looked up; empty: none */
			bool trial;		    /* connect a socket to it */
		} source_look;
		struct {
			bool remove;
			struct path key;
			struct bfd_params params; /* not with `remove`; without secrets, */
			struct bfd_auth auth;	  /* which are to be read, again if need be */
		} bfd;
		struct {
			bool remove;
			struct path path;
			struct probe_params params; /* not with `remove` */
		} probe;
		struct event event;
		struct {
			uint32_t request;
			uint8_t code;  /* enum reply_code */
			bool acted;    /* of a command: something has been done */
			uint32_t next; /* of a query: `after` of the next page; 0: there is none */
			char sentence[NODE_SENTENCE_MAX];
		} reply;
		struct {
			uint32_t request;
			union {
				struct row_status status;
				struct row_board board;
				struct row_vip vip;
				struct row_interface interface;
				struct row_neighbor neighbor;
				struct row_session session;
				struct row_route route;
				struct row_check check;
				struct finding finding;
				struct row_source source;
			};
		} row;
	};
};

/* The longest encoding of an effect. */
#define EFFECT_BYTES_MAX 2048

size_t effect_encode(const struct effect *e, uint8_t *bytes);
int effect_decode(const uint8_t *bytes, size_t length, struct effect *ret);

#endif
