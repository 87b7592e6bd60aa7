/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Linux's forwarding tables as they are: read whole, or asked for one destination. Synchronous; an
 * answer of the kernel's own memory, some ten microseconds for a question, a microsecond for a
 * route of a table.
 */
#ifndef LINUX_FIB_H
#define LINUX_FIB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/prefix.h"

#define FIB_INTERFACES_MAX 4 /* of one route that are told; more are counted */

enum fib_table {
	FIB_MAIN = 254,
	FIB_LOCAL = 255,
};

struct fib_route {
	struct prefix prefix;
	uint32_t metric;
	uint8_t type;	      /* RTN_UNICAST, RTN_LOCAL … */
	uint8_t protocol;     /* RTPROT_…: who has made it */
	bool dead;	      /* nothing leaves by it */
	uint8_t n_interfaces; /* those that packets may leave by; dead ones are left out */
	uint32_t interfaces[FIB_INTERFACES_MAX]; /* as many as fit */
	struct address source;			 /* that Linux prefers, or takes; unset: not said */
};

/*
 * Reads a table of one family; the hook gets each route. 0, or -errno; -EINTR when it was changed
 * meanwhile and is to be read again.
 */
int fib_read(enum family family, enum fib_table table,
	     void (*route)(void *context, const struct fib_route *r), void *context);

/*
 * The way to one destination as a packet without a source would take it, with all the interfaces of
 * a multipath route, by all tables and rules. -ENETUNREACH and its like when there is none.
 */
int fib_ask(const struct address *destination, struct fib_route *ret);

#endif
