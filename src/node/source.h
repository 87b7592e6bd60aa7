/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The VIP as source address of connections that name none: what the node wants of the world, and
 * what the world says of it. doc/source.md has the behaviour and the reasons.
 */
#ifndef NODE_SOURCE_H
#define NODE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "fields/source.h"

/*
 * So long a VIP stays in the kernel after it was taken out of the policy: a thread may have been
 * given it and not have come to connect() or sendto() yet, which fail when the
 * address is not there. A thread that is ready runs within a few scheduler ticks.
 */
#define SOURCE_GRACE DURATION_MS(100)

/*
 * Whether a rule for the unit or control group `rule` is one for `unit` too: they are the same, or
 * `unit` is a path in the tree of control groups that leads to it, or through it.
 */
bool source_unit_covers(const char *rule, const char *unit);

/*
 * Whether connections to the address are given a VIP at all: not those that stay on this host or on
 * one link, and not those to many. Where they are not, *ret_why becomes what the address is, a
 * constant ("a multicast address").
 */
bool source_destination_is_ours_to_choose(const struct address *a, const char **ret_why);

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

/* `vip source why`: what does a connection get, and why? */
struct source_question {
	struct address destination;
	char unit[SOURCE_UNIT_MAX], user[SOURCE_USER_MAX]; /* whose; empty: nobody's */
};

/* What the world finds out for it. */
struct source_look {
	bool routed;	      /* there is a way */
	bool local;	      /* it is this host, or a broadcast address */
	uint8_t n_interfaces; /* that it may leave by */
	uint32_t interfaces[4];
	struct address linux_source; /* what Linux takes on its own */
	bool tried;		     /* a socket of ours was connected to it, without a packet */
	struct address got;	     /* and got this */
	bool user_known;	     /* the user that was asked for exists, or none was asked for */
	uint32_t user;		     /* his number */
};

#endif
