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
	EFFECT_SEND,	     /* a packet of a speaker */
	EFFECT_EVENT,	     /* a line for the journal */
	EFFECT_REPLY,	     /* the answer to a request */
	EFFECT_STOPPED = 17, /* all is withdrawn and removed, or handed over: the process may end */
	EFFECT_WATCH, /* hear, or no longer hear, ARP and neighbour discovery on an interface */
	EFFECT_FRAME, /* a frame to send there */
	EFFECT_SAVE,  /* write a record down, before anything that comes after it */
	EFFECT_COUNT, /* count the connections that are established to a VIP */
	/*
	 * Find out whether a service is well, once, within the timeout: INPUT_CHECKED follows,
	 * whatever happens. Or, with `off`, do not go on with it: nothing follows then.
	 */
	EFFECT_CHECK,
	/* A part of which VIP is whose source; INPUT_SOURCING follows the last. */
	EFFECT_SOURCE = 26,
	/* Watch, or no longer watch, a neighbour with BFD: INPUT_BFD tells each change of state. */
	EFFECT_BFD = 29,
	EFFECT_PROBE, /* the same by asking it for its address; INPUT_PROBE tells */
	/* Connect a stream, or wait for those who call; INPUT_OPENED follows, or INPUT_CLOSED. */
	EFFECT_OPEN = 32,
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

/* What a check says of one address. */
enum check_state {
	CHECK_UNKNOWN, /* it has not been done yet */
	CHECK_PASSING,
	CHECK_FAILING,
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
			uint16_t speaker; /* its number: its sockets are to be opened there */
			uint8_t protocol; /* whose class says which (node/protocol.h) */
			bool on;
			struct keychain keys; /* whose secrets are to be read, again if need be */
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
			uint32_t run; /* a number of the node's choosing, of one run at a time */
			bool off;
			struct check_settings settings; /* with the address that is asked */
		} check;
		struct source_policy_part source;
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
			uint8_t code; /* enum reply_code */
			bool acted;   /* of a command: something has been done */
			char sentence[NODE_SENTENCE_MAX];
		} reply;
	};
};

extern const struct record effect_record; /* struct effect */

/* The longest encoding of an effect. */
#define EFFECT_BYTES_MAX 2048

size_t effect_encode(const struct effect *e, uint8_t *bytes);

/* As input_decode(). *ret is overwritten, also on failure. */
int effect_decode(const uint8_t *bytes, size_t length, struct effect *ret,
		  struct tagged_losses *losses);

#endif
