/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Routes of the network, as a routing protocol hears them; whose protocol it is does not show. A
 * metric is a number of 32 bits whose meaning is the protocol's: lower is better, and those of two
 * protocols cannot be compared.
 */
#ifndef NET_ROUTE_H
#define NET_ROUTE_H

#include <stdbool.h>
#include <stdint.h>

#include "net/address.h"
#include "net/prefix.h"

#define ROUTE_PATHS_MAX 8	     /* of more with the same metric the first */
#define ROUTE_FILTER_PREFIXES_MAX 16 /* that a filter may list */

/* Where packets may go. */
struct route_path {
	uint32_t interface;
	struct address next_hop; /* on-link there */
};

/* A route. Without paths it is there no more. */
struct route {
	struct prefix prefix;
	uint32_t metric; /* the lowest that is heard, with the cost of the interface */
	uint8_t n_paths;
	struct route_path
		paths[ROUTE_PATHS_MAX]; /* all with that metric, by interface and address */
};

/* Which of the routes that neighbours on an interface announce this host is to use. */
enum route_filter_mode {
	ROUTE_FILTER_OFF,
	ROUTE_FILTER_DEFAULT, /* the default route alone */
	ROUTE_FILTER_ALL,
	ROUTE_FILTER_PREFIXES, /* these, and what lies in them; the default route: itself alone */
};

struct route_filter {
	uint8_t mode; /* enum route_filter_mode */
	uint8_t n_prefixes;
	struct prefix prefixes[ROUTE_FILTER_PREFIXES_MAX]; /* of any family */
};

bool route_filter_wants(const struct route_filter *f, const struct prefix *p);
bool route_filter_equal(const struct route_filter *a, const struct route_filter *b);

/* Who announces a prefix beside us. */
struct route_heard {
	uint32_t interface;
	struct address neighbor;
	uint32_t metric;
	bool sure; /* it was said more than once: no single packet that anybody can send */
};

#endif
