/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All that a simulated world consists of, and what its parts need of it to go on: the clock's
 * queue, a way to give a node an input, and a word that ends the run. What happens in it is the
 * parts' own.
 */
#ifndef SIM_STATE_H
#define SIM_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/random.h"
#include "net/prefix.h"
#include "node/node.h"
#include "net/ether.h"
#include "proto/bfd/bfd.h"
#include "proto/echo/echo.h"
#include "proto/ospf/ospf.h"
#include "proto/probe/probe.h"
#include "sim/service.h"
#include "sim/streams.h"

#define SIM_LANS_MAX 16
#define SIM_PORTS_MAX 16 /* on one LAN, and of one router or host */
#define SIM_ROUTERS_MAX 12
#define SIM_HOSTS_MAX 4
#define SIM_ROUTES_MAX 64    /* of a router */
#define SIM_OBJECTS_MAX 192  /* of a host's kernel */
#define SIM_PACKETS_MAX 8192 /* on their way at the same time */
/*
 * Four times what a node has open: one that was stalled has given up those whose answers wait for
 * it, and those through routers that went and came as it heard of its time without time.
 */
#define SIM_PROOFS_MAX 128
#define SIM_BELIEFS_MAX 256
#define SIM_QUERY_PORT 50520
#define SIM_UNREACHABLE 16 /* the metric of what cannot be reached */

enum sim_kind {
	SIM_ROUTER,
	SIM_HOST,
};

/* The protocols that routers speak, in the form that the family of the world has. */
enum sim_protocol {
	SIM_RIP,
	SIM_OSPF,
	SIM_PROTOCOLS,
};

/* How a host can speak a protocol on a port. */
struct sim_voice {
	bool listening;	       /* its sockets are open */
	bool refused;	       /* the node has been told that its kernel takes no packet */
	bool closed;	       /* the node has been told that its sockets cannot be opened */
	bool willed;	       /* it is dead, and its last will has a good-bye for the port */
	struct instant speaks; /* it can speak, and could all the time since */
};

/* Where a router or host meets a LAN. */
struct sim_port {
	enum sim_kind kind;
	uint8_t owner; /* its index among routers or hosts */
	uint8_t lan;
	uint32_t interface; /* from 1; the owner's name for the port */
	struct address address;
	struct address global; /* IPv6, where the LAN has such a network; else not set */
	bool up;	       /* the owner's own view: NIC up with carrier */
	bool deaf, mute;       /* the cable is cut in one direction or both, and nobody is told */
	bool refuses;	       /* a host: its kernel takes no packet for it, and says so */
	struct sim_voice voices[SIM_PROTOCOLS]; /* of a host */
};

struct sim_lan {
	struct prefix network;
	struct prefix global; /* IPv6: beside the link-local one; not set: there is none */
	struct duration delay, jitter;
	uint32_t loss_ppm;
	bool speaks[SIM_PROTOCOLS]; /* what is spoken there */
	struct instant last;	    /* the last packet that is under way arrives */
	struct instant harmed;	    /* when a frame may have been lost there last */
	uint8_t n_ports;
	struct sim_port *ports[SIM_PORTS_MAX];
};

/* The three ways in which the routers that we meet differ. */
enum sim_router_style {
	SIM_STYLE_RFC,	/* RFC 2453 to the letter: poison reverse, triggers damped for 1 to 5 s */
	SIM_STYLE_BIRD, /* 2.0: poison reverse, triggers after 100 ms and 5 s apart */
	SIM_STYLE_FRR,	/* 8.4: simple split horizon, triggers at once, 1 to 5 s apart */
};

struct sim_route {
	struct prefix prefix;
	struct address next_hop;
	uint32_t interface;
	uint16_t tag;
	uint8_t metric; /* 16: being forgotten */
	bool changed;	/* since the last triggered update */
	struct instant timeout, garbage;
};

#define WATCH_TOLD_MAX 16

/* The sessions of a router or host that watch its neighbours: watch.c. */
struct watch_point {
	struct bfd *bfd;     /* owned; NULL: none, until sim_bfd() */
	struct probe *probe; /* owned; of a host alone; NULL: none, until sim_probe() */
	struct echo *echo;   /* likewise, until sim_echo() */
	struct instant woken;
	uint32_t flaps;
	struct input told[WATCH_TOLD_MAX]; /* what the node is to be told behind its effects */
	size_t n_told;
};

struct sim_router {
	enum sim_router_style style;
	bool running;
	bool stuck; /* it speaks, answers, and forwards nothing */
	uint8_t n_ports, n_routes;
	struct sim_port ports[SIM_PORTS_MAX];
	struct sim_route routes[SIM_ROUTES_MAX];
	struct sim_route fixed; /* preferred to all of them, whatever it says; no length: none */
	struct instant update, trigger, damped, woken;
	struct ospf *ospf; /* owned; NULL: it does not run, or speaks none */
	struct instant ospf_woken;
	uint32_t triggered; /* updates that changes caused */
	struct watch_point watch;
};

/* What a host last told about a prefix on a port. */
struct sim_told {
	struct prefix prefix;
	uint8_t metric[SIM_PORTS_MAX]; /* 0: never told */
	struct instant at[SIM_PORTS_MAX];
};

/* What outlives its node: records.c. */
struct sim_records {
	struct saved *all; /* owned */
	size_t n, capacity;
	bool in_snapshot;
	size_t snapshot; /* where the one that is written begins */
	bool refuses;	 /* nothing can be written */
	bool broken;	 /* something that was to be written is not; the node is told */
	bool mends;	 /* a snapshot is written that makes it good */
	bool lost;	 /* what the dead node knew is not all there */
};

/* What connections get: source.c. */
struct sim_sources {
	struct address all[SOURCE_RULES_MAX + 2]; /* as it was told */
	uint8_t n, n_new;			  /* new: of a policy that is being told */
	struct address next[SOURCE_RULES_MAX + 2];
	struct sim_source_left {
		struct address address;
		struct instant at;
	} left[SIM_OBJECTS_MAX]; /* the last ones that were taken out of it */
	uint32_t next_left, changes;
};

#define SIM_QUESTIONS_MAX 64

/* The requests that it was given, and has not answered yet: question.c. */
struct sim_questions {
	uint32_t next, replies, refusals;
	uint32_t answered; /* the one that was answered last */
	uint8_t n;
	struct sim_question {
		uint32_t request;
		struct instant at;
	} open[SIM_QUESTIONS_MAX];
};

struct sim_host {
	struct node *node;
	struct speaker *talker; /* the node's; NULL: none */
	uint8_t n_ports, n_objects, n_told;
	struct sim_port ports[SIM_PORTS_MAX];
	uint32_t board; /* the index of vnic0; 0: not there */
	bool watching[SIM_PORTS_MAX];
	struct object objects[SIM_OBJECTS_MAX];
	struct sim_told told[SIM_OBJECTS_MAX];
	struct instant woken;
	uint32_t refuse_ppm; /* how often its kernel refuses a change */
	uint8_t conflict;    /* of the contested VIP: enum vip_conflict */
	bool asks; /* the contested VIP is to be asked for before it comes into the kernel */
	struct instant contested_since; /* when that came in */
	bool stopped;
	bool handing_over;
	uint32_t under_way;	/* changes whose outcome is still to come */
	uint32_t life;		/* counted up by each crash: what was on its way then is lost */
	struct instant stalled; /* the process gets no time until then */
	struct instant forgot;	/* of what was said before, records were lost */
	struct instant harmed;	/* until then it may not know yet, or be putting things back */
	struct speaker_settings settings[SIM_PROTOCOLS]; /* of its configuration */
	uint32_t metric;    /* the same: that prefixes are announced with, in RIP */
	uint32_t router_id; /* by which OSPF knows it */
	uint8_t learn;	    /* the same: enum route_filter_mode */
	bool checks;	    /* of its configuration: those of service.c */
	struct sim_records records;
	struct will *will; /* owned: the last will, while the guard carries it out */
	struct sim_sources sources;
	struct sim_services services;
	struct sim_questions questions;
	uint32_t rescues, relaxes, rivals;
	struct watch_point watch; /* it outlives the node, as the guard does */
	struct sim_proof {
		bool used;
		uint8_t most, tries;
		uint32_t token, spacing_us;
		uint32_t way; /* the last packet comes back by it; 0: it does not */
		struct path path;
		struct address to;
	} proofs[SIM_PROOFS_MAX]; /* what is under way: forwarding.c */
	struct sim_belief {
		struct address vip, router;
		uint32_t interface;
		bool accepted;	      /* that the router has taken it, not that it forwards to it */
		struct instant since; /* what it believes of the pair is false; 0: not in use */
		struct instant looked; /* at it */
	} beliefs[SIM_BELIEFS_MAX];
	FILE *record; /* the caller's; NULL: no trace is written */
};

struct sim_packet {
	bool used, is_frame, is_bfd;
	bool is_probe; /* a frame, of a probe, in answer to one, or of the echo */
	bool seen;     /* a frame: by the kernel, while the node gets no time */
	const struct sim_port *to;
	union {
		struct packet datagram;
		struct ether_frame frame;
		struct bfd_datagram bfd;
	};
};

enum sim_event_kind {
	SIM_EVENT_DELIVER,  /* a packet reaches a port */
	SIM_EVENT_ROUTER,   /* a router's deadline */
	SIM_EVENT_OSPF,	    /* the same, of its OSPF */
	SIM_EVENT_HOST,	    /* a node's deadline */
	SIM_EVENT_DONE,	    /* a host's kernel has finished a change */
	SIM_EVENT_LISTEN,   /* a host's sockets are open; detail: interface and protocol */
	SIM_EVENT_TALKS,    /* the second speaker may speak; detail: interface and speaker */
	SIM_EVENT_WATCH,    /* a host hears frames on an interface */
	SIM_EVENT_SOURCING, /* a host says that connections get what was told */
	SIM_EVENT_CHECKED,  /* and what came of a check: of the run `detail`; refused: it failed */
	SIM_EVENT_COUNTED,  /* and how many are connected: to the service `detail` */
	SIM_EVENT_SAVING,   /* and whether its records can be written */
	SIM_EVENT_STREAM,   /* something of a stream; detail: streams.c knows */
	SIM_EVENT_SENDING,  /* and whether its kernel takes packets; detail as of LISTEN */
	SIM_EVENT_RESTART,  /* a host's daemon is started again */
	SIM_EVENT_GUARD,    /* the grace time of a host's guard is over */
	SIM_EVENT_SESSIONS, /* a deadline of those of watch.c; detail: enum sim_kind */
	SIM_EVENT_PROVED,   /* a packet that was to come back has, or not; detail: its place */
	SIM_EVENT_REREAD,   /* a host finds out that it has missed events, and reads its kernel */
};

struct sim_event {
	struct instant at;
	uint64_t sequence;
	uint8_t kind, owner;
	uint32_t detail; /* the packet, the effect's number, the interface */
	uint32_t life;	 /* of the host */
	bool refused;
};

struct sim {
	struct instant now;
	enum family family; /* of all networks and VIPs: RIP, or RIPng */
	struct random random;
	uint64_t sequence;
	struct sim_event *events; /* a heap, owned */
	size_t n_events, events_capacity;
	struct sim_packet packets[SIM_PACKETS_MAX];
	size_t next_packet;
	uint8_t n_lans, n_routers, n_hosts;
	struct sim_lan lans[SIM_LANS_MAX];
	struct sim_router routers[SIM_ROUTERS_MAX];
	struct sim_host hosts[SIM_HOSTS_MAX];
	struct address shared; /* a VIP that several hosts may announce; not set: there is none */
	struct address contested;    /* one that lies in a LAN: who has it there answers for it */
	struct bfd_params bfd;	     /* of all sessions; no multiplier: there are none */
	struct probe_params probe;   /* likewise */
	struct sim_streams *streams; /* owned; NULL: there was none yet */
	/* Gives the host's node an input, and carries out what it wants then: host.c's. */
	void (*tell)(struct sim *s, uint8_t host, const struct input *in);
	uint64_t steps;
	struct ospf_speech ospf; /* how OSPF is spoken everywhere; its network may be another one */
	bool global;		 /* IPv6: LANs have networks that are not link-local */
	bool talks;		 /* hosts on one LAN speak a second protocol there, of talk.c */
	bool through;		 /* the probes go through the routers: sim_echo() */
	bool proves;		 /* hosts have it proven that routers forward to them */
	struct instant looked;	 /* at what they believe of that */
	bool verbose;		 /* prints journal events */
	char broken[256];	 /* the first invariant that broke; empty: none */
};

void sim_schedule(struct sim *s, struct duration in, const struct sim_event *e);
struct sim_event sim_pop(struct sim *s); /* the next that is to happen; there is one */
void sim_break(struct sim *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

static inline void sim_tell(struct sim *s, uint8_t host, const struct input *in)
{
	s->tell(s, host, in);
}

bool host_lives(const struct sim_host *h);

/* The event comes a moment later, if it is the same life then. */
void host_later(struct sim *s, uint8_t index, enum sim_event_kind kind, uint32_t detail,
		bool refused);

/* Something has happened that it cannot know before it has had the time. */
void host_is_behind(const struct sim *s, struct sim_host *h);

/*
 * Whether the port can say something of the protocol to the others on its LAN, as far as its node
 * can know.
 */
bool port_speaks(const struct sim_port *p, enum sim_protocol protocol);

/* The number of the node's speaker of the protocol, and in packets; and the other way round. */
uint16_t speaker_of(const struct sim *s, enum sim_protocol protocol);
enum sim_protocol protocol_of(uint16_t speaker); /* SIM_PROTOCOLS: it is none of these */

#endif
