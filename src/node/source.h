/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The VIP as source address of connections that name none: what the node wants of the world, and
 * what the world says of it. doc/source.md has the behaviour and the reasons.
 */
#ifndef NODE_SOURCE_H
#define NODE_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "net/prefix.h"

#define SOURCE_RULES_MAX 64
#define SOURCE_UNIT_MAX 96    /* of a unit's or a control group's name, the terminator included */
#define SOURCE_USER_MAX 33    /* likewise of a user's */
#define SOURCE_INTERFACES_MAX 256 /* that are switched off */

/*
 * A rule for connections that the first VIP is not right for. All that is given must hold; the
 * first rule that holds, and whose VIP is in force, counts.
 */
struct source_rule {
	struct prefix to;	    /* family unset: anywhere */
	char unit[SOURCE_UNIT_MAX]; /* "postgresql.service", or a control group like "/batch/night";
				       empty: any. What stands below it in the tree is meant too */
	char user[SOURCE_USER_MAX]; /* a name or a number; empty: any */
	struct address use;	    /* a VIP; unset: leave the choice to Linux */
};

/* One part of what the world is to do; SOURCE_END closes it, and it takes effect as one. */
enum source_part {
	SOURCE_RULE = 1,  /* in the order in which they are looked at */
	SOURCE_INTERFACE, /* nothing is chosen for what leaves by this interface */
	SOURCE_END,
};

struct source_policy_part {
	uint8_t part; /* enum source_part */
	struct source_rule rule;
	uint32_t interface;
	struct address first[2]; /* SOURCE_END: for IPv4 and IPv6; unset: none */
};

/* What became of a connection, or of a datagram that is not part of one. */
#define SOURCE_VERDICTS(X)                                                                         \
	X(FIRST, "first")	      /* it got the first VIP */                                   \
	X(RULE, "rule")		      /* it got the VIP of a rule */                               \
	X(NONE, "none")		      /* there was no VIP for it, or a rule said so */             \
	X(BOUND, "bound")	      /* it had a source address, or a port, of its own choice */  \
	X(DEVICE, "device")	      /* it was bound to an interface */                           \
	X(DESTINATION, "destination") /* this host, a link, or many */                             \
	X(INTERFACE, "interface")     /* the interface is switched off */                          \
	X(REFUSED, "refused")	      /* Linux did not take the VIP */

enum source_verdict {
#define SOURCE_VERDICT_ENUM(name, text) SOURCE_VERDICT_##name,
	SOURCE_VERDICTS(SOURCE_VERDICT_ENUM)
#undef SOURCE_VERDICT_ENUM
		SOURCE_VERDICT_COUNT
};

const char *source_verdict_name(enum source_verdict verdict);

/* What the world finds out for `vip source` and `vip source why`. */
struct source_look {
	uint64_t counts[SOURCE_VERDICT_COUNT]; /* since it was put into force */

	/* Of a destination, when one was asked for. */
	bool routed;	       /* there is a way */
	bool local;	       /* it is this host, or a broadcast address */
	uint8_t n_interfaces;  /* that it may leave by */
	uint32_t interfaces[4];
	struct address linux_source; /* what Linux takes on its own */
	bool tried;		     /* a socket of ours was connected to it, without a packet */
	struct address got;	     /* and got this */
	bool user_known; /* the user that was asked for exists, or none was asked for */
	uint32_t user;	 /* his number */
};

#endif
