/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the outside reads of a node: const walks over it, with rows as values. A read changes
 * nothing, is not in a trace, and says what holds at the moment `now` that it is given.
 *
 *	struct row_vip row;
 *
 *	for (struct walk at = { 0 }; node_vip_next(n, now, &at, &row);)
 *		use the row
 *
 * All steps between two inputs of the node see one and the same moment. A walk may be laid down
 * where it `rests`, and taken up again when the node has got inputs: what is there all the time is
 * not lost then, nor told twice.
 */
#ifndef NODE_ROWS_H
#define NODE_ROWS_H

#include "node/node.h"
#include "node/protocol.h"

/* Begins with zeroes. */
struct walk {
	bool rests; /* behind the row that was told last it may be laid down */
	uint8_t part;
	uint32_t after; /* the number of the last one, or of its slice of a hash table */
	size_t position;
	const void *place; /* of the last one, as long as the node is as it was */
	uint64_t inputs;   /* that the node had got by then */
};

struct row_status {
	struct instant started;
	bool stopping;
	uint32_t boards, vips, announced, accepted, proven, conflicts, failed;
	uint32_t interfaces, neighbors, neighbors_up;
	struct {
		uint32_t neighbors, up;
	} of[PROTOCOL_END];  /* by protocols */
	uint32_t unheard;    /* VIPs to announce, of whose family no neighbour is up */
	uint32_t mute;	     /* interfaces none of whose keys can be used now */
	uint32_t crowded;    /* interfaces on which neighbours are turned away */
	uint64_t unexpected; /* events in states of VIPs that do not know them: vip/fsm.c */
	uint64_t repairs;    /* differences between kernel and wish that were put right */
	uint32_t learned, learned_unused; /* routes; so many of them not in the kernel */
	uint32_t frames_dropped;	  /* of ARP and neighbour discovery: malformed */
	uint32_t unbound;		  /* VIPs of the configuration, by hand */
	char unsaved[NODE_SENTENCE_MAX];  /* why nothing can be written down; empty: it can */
	uint32_t ways, ways_lost;	  /* by which VIPs are reached: see ways.c */
	char lost[NODE_SENTENCE_MAX];	  /* what is lost, the first of it */
	bool proving;			  /* forwarding is proven */
	uint32_t belied; /* VIPs that a router says it routes to, and does not forward to us */
	char belied_by[NODE_SENTENCE_MAX]; /* the first of them */
	char way_in[NODE_SENTENCE_MAX]; /* that everything comes in by one interface; empty: no */
	uint64_t proofs_tried, proofs_questions, proofs_returned, proofs_lost, proofs_refused;
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

/* What one router has done with a VIP that somebody has asked for (INPUT_PROVE). */
struct row_ask {
	char interface[INTERFACE_NAME_MAX];
	struct address neighbor;
	struct address source; /* of the packets: ours */
	const char *outcome;   /* "proven", "refused", "lost", "unknown", "unreached", "gone" */
	bool open;	       /* it is not over yet: "open" */
	bool proven;
	bool not_forwarded;	      /* "refused" or "lost" */
	const char *reason;	      /* of "refused": what is said of it; else NULL */
	struct address by;	      /* who has said so; not set: nobody */
	char way[INTERFACE_NAME_MAX]; /* "proven": by which interface it came back, ... */
	uint32_t time_us;	      /* ... in what time, ... */
	uint8_t routers;	      /* ... and how many it passed */
	uint8_t packets;	      /* that were sent */
};

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
	uint8_t n_proofs;
	struct row_proof {     /* what routers do with it */
		uint8_t state; /* enum forwarding, and not UNKNOWN */
		bool belied;   /* FAILED, and it says that it routes to it */
		char interface[INTERFACE_NAME_MAX];
		struct address router;
		char way[INTERFACE_NAME_MAX]; /* PROVEN: by which interface it came back */
		uint32_t time_us;	      /* PROVEN: there and back */
	} proofs[ROW_ACCEPTED_MAX];
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

#define ROW_SPOKEN_MAX 4

struct row_interface {
	struct interface interface;
	uint8_t n_addresses;
	struct {
		struct address address;
		uint8_t length;
	} addresses[ROW_ADDRESSES_MAX];
	uint8_t n_spoken;
	struct row_spoken {	  /* the protocols that are spoken there */
		uint8_t protocol; /* enum protocol_id */
		struct speaker_interface speaker;
	} spoken[ROW_SPOKEN_MAX];
	/* How its neighbours are watched; an interval of 0: they are not. */
	uint32_t bfd_interval_us, probe_interval_us;
	uint8_t bfd_multiplier, probe_multiplier;
	uint8_t probe_through;		/* enum probe_through */
	uint32_t unreturned;		/* through a router: neighbours that send nothing back */
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

/* The probe, or the echo, that watches it. */
struct row_probe {
	bool wanted;   /* false: there is none, and nothing else here means anything */
	uint8_t state; /* enum probe_state, or enum echo_state */
	bool known;    /* somebody watches: the guard is there */
	struct instant since;
	uint32_t flaps;
	uint32_t interval_us;
	uint8_t multiplier;
};

struct row_neighbor {
	char interface[INTERFACE_NAME_MAX];
	uint8_t protocol; /* enum protocol_id */
	struct neighbor neighbor;
	struct row_bfd bfd;
	struct row_probe probe, echo;
	uint32_t proven, belied; /* VIPs: it forwards to them; it says so, and does not */
};

/* A session that watches a neighbour, as a row of its own behind those of the neighbours. */
struct row_session {
	char interface[INTERFACE_NAME_MAX];
	struct path path;
	bool is_probe; /* `probe` has it, else `bfd` */
	bool is_echo;  /* and it is the echo */
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

#define ROW_BEATEN_MAX 4

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
	uint8_t protocol; /* enum protocol_id: whose route it is */
	uint8_t n_beaten;
	struct row_beaten { /* other protocols have one too, and are not preferred */
		uint8_t protocol;
		uint32_t metric;
	} beaten[ROW_BEATEN_MAX];
	char reason[NODE_SENTENCE_MAX]; /* why it is not in the kernel, or only for now */
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

/* How source selection stands. */
struct row_source {
	uint8_t mode;				  /* enum source_mode: off, on or auto */
	bool switched;				  /* by `vip source`, not by the configuration */
	bool answered;				  /* the world has said whether it can; */
	bool ready;				  /* and it can */
	char error[NODE_SENTENCE_MAX];		  /* why not */
	struct address first[FAMILIES];		  /* for IPv4 and IPv6; unset: none */
	char reason[FAMILIES][NODE_SENTENCE_MAX]; /* why none */
};

struct row_source_rule {
	uint16_t number; /* from 1 */
	bool in_force;
	struct source_rule rule;
	char reason[NODE_SENTENCE_MAX]; /* why not in force */
};

/* An interface that is switched off. */
struct row_source_interface {
	char name[INTERFACE_NAME_MAX];
	bool switched; /* by `vip source`, not by the configuration */
};

/* By what a connection gets its address. */
enum source_by {
	SOURCE_BY_LINUX, /* on its own choice */
	SOURCE_BY_FIRST,
	SOURCE_BY_RULE,
};

/* One for each rule, and what is said beside them. */
#define ROW_REASONS_MAX (SOURCE_RULES_MAX + 16)

/* What a connection gets, then why, and why not another. */
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
	size_t n_reasons;
	char reasons[ROW_REASONS_MAX][NODE_SENTENCE_MAX];
};

void node_status(const struct node *n, struct instant now, struct row_status *ret);
bool node_board_next(const struct node *n, struct walk *at, struct row_board *ret);

/*
 * In the order in which they were bound; then those of the configuration that are unbound by hand.
 * One that is bound or unbound while the walk is laid down may be told as both.
 */
bool node_vip_next(const struct node *n, struct instant now, struct walk *at, struct row_vip *ret);

/* The VIP with this address; false when there is none. */
bool node_vip_find(const struct node *n, struct instant now, const struct address *a,
		   struct row_vip *ret);

/* At the most so many routers can be asked; `position` of the walk is 1 and above then. */
#define PROVE_ROUTERS_MAX 64

/* What has become of an INPUT_PROVE, while a part of its answer, or all of it, is told. */
bool node_ask_next(const struct node *n, uint32_t request, struct walk *at, struct row_ask *ret);

/* How a protocol is spoken on the interface; NULL: it is not. */
const struct speaker_interface *row_spoken(const struct row_interface *r, uint8_t protocol);

bool node_interface_next(const struct node *n, struct instant now, struct walk *at,
			 struct row_interface *ret);
bool node_neighbor_next(const struct node *n, struct instant now, struct walk *at,
			struct row_neighbor *ret);

/* Also those of an earlier life, whose neighbours are not heard yet. */
bool node_session_next(const struct node *n, struct walk *at, struct row_session *ret);

/*
 * What only one protocol has (speaker.h): the rows of the view `name` of all versions of it, of a
 * class's `suite`. node_has_view(): there is such a view.
 */
struct row_view {
	uint8_t protocol;		    /* enum protocol_id */
	char interface[INTERFACE_NAME_MAX]; /* empty: of none */
	const struct record *record;	    /* of row.bytes */
	struct speaker_view_row row;
};
bool node_has_view(const char *suite, const char *name);
bool node_view_next(const struct node *n, struct instant now, const char *suite, const char *name,
		    struct walk *at, struct row_view *ret);

/* Our own virtual networks, then those of rivals, then what is learned. */
bool node_route_next(const struct node *n, struct walk *at, struct row_route *ret);
bool node_check_next(const struct node *n, struct walk *at, struct row_check *ret);

/* Source selection: how it stands, the rules in their order, and what is switched off. */
void node_source(const struct node *n, struct row_source *ret);
bool node_source_rule_next(const struct node *n, struct walk *at, struct row_source_rule *ret);
bool node_source_interface_next(const struct node *n, struct walk *at,
				struct row_source_interface *ret);

/* What a connection gets, by what the world has found out for the same question. */
void node_source_why(const struct node *n, const struct source_question *q,
		     const struct source_look *look, struct row_source_why *ret);

/*
 * Whether an examination makes sense, of one VIP, or of all when it is not set; false: there is no
 * such VIP. *ret_silent: one of them that no ARP request is answered for, which the world may put
 * to the test; not set: there is none.
 */
bool node_examinable(const struct node *n, const struct address *vip, struct address *ret_silent);

/* Says what the node itself knows to stand between VIPs and their clients. */
void node_doctor(const struct node *n, struct instant now, const struct address *vip,
		 void (*say)(void *context, const struct finding *f), void *context);

#endif
