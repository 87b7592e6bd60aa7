/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What goes over the boundary of a node: inputs are all that can happen to it, effects all that it
 * wants of the world. Both are plain data: they can be copied, written to a trace and carried to
 * another process. With node.h this is the node's whole surface.
 *
 * A request (a command, a configuration) carries a number of its world's choosing, not 0;
 * the EFFECT_REPLY to it carries the same. Items that belong together (the VIPs of one bind, the
 * parts of a configuration) come as several inputs with the same request number, all but the last
 * with `more` set: the node takes them all or refuses them all.
 *
 * Effects that change the kernel carry a number; the world reports their outcome with INPUT_DONE
 * under that number, errors one by one, successes in ranges where it likes. Effects must be carried
 * out in the order in which they come.
 */
#ifndef NODE_BOUNDARY_H
#define NODE_BOUNDARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fields/tagged.h"
#include "net/interface.h"
#include "net/prefix.h"
#include "net/stream.h"
#include "node/event.h"
#include "node/saved.h"
#include "node/settings.h"
#include "node/source.h"
#include "proto/acd/acd.h"
#include "proto/echo/echo.h"

enum input_kind {
	INPUT_START = 1, /* the first: the seed */
	INPUT_TICK,	 /* the deadline has come */
	INPUT_LINK,	 /* an interface is there, or has changed */
	INPUT_LINK_GONE,
	INPUT_OBJECT,	  /* an address or a route of ours is, or no longer is, in the kernel */
	INPUT_DUMP_BEGIN, /* the kernel is read whole: what is not repeated until the end is gone */
	INPUT_DUMP_END,
	INPUT_LISTENING, /* the outcome of EFFECT_LISTEN */
	INPUT_PACKET,	 /* bytes from the network for a speaker */
	INPUT_DONE,	 /* the outcome of effects that change the kernel */
	INPUT_CONFIG,	 /* one part of a configuration */
	INPUT_BOARD,	 /* `vip board add|del` */
	INPUT_BIND,	 /* `vip bind` */
	INPUT_UNBIND,	 /* `vip unbind` */
	INPUT_STOP = 16, /* leave nothing behind, or all for the next; then EFFECT_STOPPED */
	INPUT_SAVED,	 /* a record of an earlier life; they come before the first configuration */
	INPUT_WATCHING,	 /* the outcome of EFFECT_WATCH */
	INPUT_FRAME,	 /* an ARP or neighbour discovery frame from an interface */
	INPUT_PURGE,	 /* `vip purge`: unbind everything, remove every board */
	INPUT_DRAIN,	 /* `vip drain`, `vip undrain` */
	INPUT_COUNTED,	 /* the outcome of EFFECT_COUNT */
	INPUT_CHECKED,	 /* the outcome of EFFECT_CHECK */
	/* Whether the world can do what EFFECT_SOURCE wants; may come unasked. */
	INPUT_SOURCING = 25,
	INPUT_SOURCE = 27, /* `vip source on|off|auto` */
	INPUT_BFD,     /* the state of a BFD session; also of one that an earlier life has wanted */
	INPUT_CLOCK,   /* what the clock on the wall says: at the start, when it is set */
	INPUT_PROBE,   /* as INPUT_BFD, of the probe of a neighbour */
	INPUT_SAVING,  /* whether what EFFECT_SAVE wants can be written down; told when that changes
			*/
	INPUT_SENDING, /* the kernel has refused what EFFECT_SEND wants, or takes it again */
	INPUT_OPENED,  /* a stream is open: one that was wanted, or one that somebody else opened */
	INPUT_STREAM,  /* bytes of a stream */
	INPUT_CREDIT,  /* more can be written to it */
	INPUT_CLOSED,  /* it is closed, or could not be opened: its number is free */
	INPUT_ECHO,    /* as INPUT_BFD, of a track of the echo */
	INPUT_PROVED,  /* the outcome of EFFECT_PROVE */
	INPUT_PROVE,   /* `vip prove` */
};

/* What a router does with what is sent to a VIP. */
enum forwarding {
	FORWARDING_UNKNOWN, /* not tried yet, or nothing can be concluded */
	FORWARDING_PROVEN,  /* it has come back */
	FORWARDING_FAILED,  /* it has not, and something else through that router has */
};

/* Kernel objects that bindings are made of. */
enum object_kind {
	OBJECT_ADDRESS = 1, /* an address of an interface */
	OBJECT_LOCAL, /* a local route with our protocol number: its addresses are this host's */
	OBJECT_UNREACHABLE, /* a route of ours for the unused part of a virtual network */
	OBJECT_ARP_TABLE,   /* the table with the rules of ARP silence; it has no address */
	OBJECT_SILENCE, /* in that table: nothing is answered for the address, nor asked in its name
			 */
	OBJECT_ARP_SENDER, /* in that table: in whose name is asked out of an interface instead */
	OBJECT_NEXTHOP, /* a next hop of ours: an interface and a router there; known by its number
			 */
	OBJECT_GROUP,	/* next hops of ours over which flows are spread; known by its number */
	OBJECT_LEARNED, /* a route of ours that neighbours have told, by a group */
	OBJECT_NO_ECHO, /* no ICMP echo request to the address is answered */
	OBJECT_KINDS,
};

#define OBJECT_MEMBERS_MAX 8

struct object {
	uint8_t kind;		/* enum object_kind */
	uint32_t interface;	/* its index; 0 where the kind has none */
	struct address address; /* NEXTHOP: the router; GROUP: none */
	uint8_t length;
	struct address peer; /* ADDRESS: that of the other end; not set: there is none */
	bool deprecated;     /* ADDRESS: another one is to be used for what begins now */

	/* NEXTHOP and GROUP: the number; LEARNED: that of the group. 0 for all others. */
	uint32_t id;
	bool replace; /* of an effect that adds: it is there, with something else in it */
	uint8_t n_members;
	uint32_t members[OBJECT_MEMBERS_MAX]; /* GROUP: the numbers of its next hops */
};

/* Whether both are one and the same object, whatever is in it. */
bool object_is_same(const struct object *a, const struct object *b);

/* Whether the same is in both, of one object. */
bool object_content_equal(const struct object *a, const struct object *b);

enum config_part {
	CONFIG_PROTOCOL = 1, /* settings of all speakers of a protocol */
	CONFIG_BOARD,
	CONFIG_VIP,
	CONFIG_RULE, /* an interface rule, in the order of the file */
	CONFIG_CHECK,
	CONFIG_SOURCE,	    /* the mode of source selection */
	CONFIG_SOURCE_RULE, /* in the order of the file */
	CONFIG_END,	    /* closes a configuration: always the last part, without `more` */
	CONFIG_SPEECH,	    /* how a protocol is spoken by the rule before it; else it is not */
	CONFIG_PROOF,	    /* whether forwarding is proven; it is not when this is left out */
};

struct input {
	uint8_t kind; /* enum input_kind */
	uint32_t request;
	bool more;
	union {
		struct {
			uint64_t seed;
		} start;
		struct interface link;
		struct {
			uint32_t index;
		} link_gone;
		struct {
			bool present;
			struct object object;
		} object;
		struct {
			uint32_t interface;
			uint16_t speaker; /* listening, sending: its number */
			bool ready;
			char error[NODE_SENTENCE_MAX]; /* why not, when not; or of a secret */
			uint32_t
				secrets; /* listening: which are there, by the places of the keys */
		} listening, watching, sourcing, saving, sending;
		struct packet packet;
		struct stream stream;	     /* INPUT_OPENED */
		struct stream_piece piece;   /* INPUT_STREAM */
		struct stream_change change; /* INPUT_CREDIT, INPUT_CLOSED */
		struct {
			uint32_t first, count; /* the effects with these numbers */
			int32_t error;	       /* 0 or -errno; an error is of one effect alone */
			char text[NODE_SENTENCE_MAX]; /* what the kernel says of it */
		} done;
		struct {
			uint8_t part; /* enum config_part */
			struct speaker_settings protocol;
			struct speech_settings speech;
			char board[INTERFACE_NAME_MAX];
			struct vip_settings vip;
			struct interface_rule rule;
			struct check_settings check;
			uint8_t source_mode; /* enum source_mode: on, off or auto */
			struct source_rule source_rule;
			bool proof;
		} config;
		struct {
			bool remove;
			char name[INTERFACE_NAME_MAX];
		} board;
		struct vip_settings bind;
		struct {
			struct address address;
			bool now; /* do not wait for the good-byes to be repeated */
		} unbind;
		struct {
			struct address address;
			bool on;
			struct duration time; /* it is withdrawn then, whoever is still connected */
		} drain;
		struct {
			struct address address, neighbor; /* not set: every router is asked */
		} prove;
		struct {
			struct address address;
			bool known; /* false: they cannot be counted */
			uint32_t connections;
		} counted;
		struct {
			uint32_t run; /* that of the EFFECT_CHECK */
			bool passed;
			char text[NODE_SENTENCE_MAX]; /* what was found: "status 503 in 4 ms" */
		} checked;
		struct source_switch source;
		struct {
			bool hand_over; /* everything stays as it is for the next daemon */
		} stop;
		struct {
			struct duration wall; /* since 1970, at the instant 0 */
		} clock;
		struct saved saved;
		struct ether_frame frame;
		struct {
			struct path key;
			bool known; /* false: nobody watches it now, and nothing can be concluded */
			uint8_t state; /* enum bfd_state, probe_state or echo_state */
			/* Of BFD alone. */
			uint8_t remote_state, diagnostic, remote_diagnostic;
		} bfd, probe, echo;
		struct echo_proof proved;
	};
};

/* Who takes the inputs that a part of a world makes. */
struct input_sink {
	void *context;
	void (*take)(void *context, const struct input *in);
};

static inline void input_pass(const struct input_sink *sink, const struct input *in)
{
	sink->take(sink->context, in);
}

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
	EFFECT_ECHO,   /* as EFFECT_BFD, by what a router forwards to us; INPUT_ECHO tells */
	/*
	 * Have a router forward a packet to an address of ours, until it comes back or all tries
	 * are over: INPUT_PROVED follows, whatever happens.
	 */
	EFFECT_PROVE,
};

enum reply_code {
	REPLY_OK,
	REPLY_REFUSED, /* a rule forbids it: the sentence says which */
	REPLY_NOT_FOUND,
	REPLY_FAILED,  /* the kernel refused */
	REPLY_UNSAVED, /* it is done, and could not be written down: the world's word, not the
			  node's */
	REPLY_PART,    /* a part of it is over (INPUT_PROVE: one router); the answer comes later */
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
		struct {
			bool remove;
			struct path path;
			struct echo_params params; /* not with `remove` */
		} echo;
		struct echo_request prove; /* with a token of the node's choosing */
		struct event event;
		struct {
			uint32_t request;
			uint8_t code; /* enum reply_code */
			bool acted;   /* of a command: something has been done */
			char sentence[NODE_SENTENCE_MAX];
		} reply;
	};
};

/* The values that inputs and effects carry: boundary.c. */
extern const struct record interface_record;	 /* struct interface */
extern const struct record object_record;	 /* struct object */
extern const struct record packet_record;	 /* struct packet */
extern const struct record frame_record;	 /* struct ether_frame */
extern const struct record echo_request_record;	 /* struct echo_request; a valid one */
extern const struct record echo_proof_record;	 /* struct echo_proof */
extern const struct record stream_record;	 /* struct stream */
extern const struct record stream_piece_record;	 /* struct stream_piece */
extern const struct record stream_change_record; /* struct stream_change */

/* All kinds: kinds.c. */
extern const struct record input_record; /* struct input */

/* The longest encoding of an input. */
#define INPUT_BYTES_MAX 2048

/* Encodes into `bytes`, of at least INPUT_BYTES_MAX; returns the length. */
size_t input_encode(const struct input *in, uint8_t *bytes);

/*
 * 0; -EBADMSG when the bytes are no input, or one that cannot be; -ENOENT when it is of a kind that
 * is not known. *losses, when not NULL, is added to.
 */
int input_decode(const uint8_t *bytes, size_t length, struct input *ret,
		 struct tagged_losses *losses);

extern const struct record effect_record; /* struct effect */

/* The longest encoding of an effect. */
#define EFFECT_BYTES_MAX 2048

size_t effect_encode(const struct effect *e, uint8_t *bytes);

/* As input_decode(). *ret is overwritten, also on failure. */
int effect_decode(const uint8_t *bytes, size_t length, struct effect *ret,
		  struct tagged_losses *losses);

#endif
