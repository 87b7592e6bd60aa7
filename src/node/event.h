/* SPDX-License-Identifier: Apache-2.0 */
/* What people are told: the lines of the journal, and what the doctor finds. */
#ifndef NODE_EVENT_H
#define NODE_EVENT_H

#include "fields/field.h"

#define NODE_SENTENCE_MAX 200 /* what a person reads, the terminator included */
#define FINDING_TEXT_MAX 160  /* likewise, in a finding */

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
	X(FAILED, "failed")	  /* the kernel refused; it is tried again */                      \
	X(PROVEN, "proven")	  /* a packet sent through a router has come back */

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
	X(PROBE, "probe")   /* likewise */                                                         \
	X(ECHO, "echo")	    /* likewise */                                                         \
	X(PROOF, "proof")   /* a router does not forward what it says it does, or does again */

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

extern const struct record event_record; /* struct event */

/* What `vip doctor` says. */
enum finding_severity {
	FINDING_GOOD,
	FINDING_NOTE,	 /* worth knowing */
	FINDING_PROBLEM, /* something does not work */
};

struct finding {
	uint8_t severity;   /* enum finding_severity */
	struct address vip; /* not set: about the host */
	char interface[INTERFACE_NAME_MAX];
	char what[FINDING_TEXT_MAX], effect[FINDING_TEXT_MAX], fix[FINDING_TEXT_MAX];
};

#endif
