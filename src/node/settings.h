/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a person may set, as plain values. One model serves the configuration file, the API and the
 * JSON output, with the same names; `config/` gives every field its name and checks its range.
 */
#ifndef NODE_SETTINGS_H
#define NODE_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fields/check.h"
#include "fields/vip.h"
#include "proto/bfd/bfd.h"
#include "proto/echo/echo.h"
#include "proto/probe/probe.h"
#include "proto/speaker.h"

#define NODE_PATTERN_MAX 32
#define RULE_ROUTERS_MAX 4

/* How long a VIP may drain at the most, and by default. */
#define DRAIN_TIME_MAX DURATION_S(7 * 86400)
#define DRAIN_TIME_DEFAULT DURATION_S(60)

/* Limits that the node works inside; what goes beyond is refused with a sentence. */
#define NODE_VIPS_MAX 65536
#define NODE_BOARDS_MAX 256
#define NODE_RULES_MAX 256
#define NODE_CHECKS_MAX 256

/*
 * A board with so many VIPs held as addresses holds the next `auto` ones as routes, and so are all
 * of a larger set that is bound at once.
 */
#define NODE_ADDRESSES_PER_BOARD 256

/*
 * How BFD packets are authenticated. All keys are believed, the first is sent with. Secrets are
 * named by their files here: whoever runs the sessions reads them.
 */
struct bfd_auth {
	uint8_t type; /* enum bfd_auth_type */
	uint8_t n_keys;
	struct bfd_auth_key {
		uint8_t id;
		char secret[KEYCHAIN_PATH_MAX];
	} keys[BFD_KEYS_MAX]; /* with different numbers */
};

/* How neighbours are watched with BFD. */
struct bfd_rule {
	struct bfd_params params; /* without authentication and secrets */
	struct bfd_auth auth;
};

/* What a neighbour is asked that is not watched with BFD. */
enum probe_through {
	PROBE_THROUGH_NEIGHBOR, /* where its address is */
	PROBE_THROUGH_ROUTER,	/* to forward a packet of ours to us: the echo */
};

struct probe_rule {
	struct probe_params params;
	uint8_t through; /* enum probe_through */
};

/*
 * How vipd speaks on the interfaces whose name fits the pattern. The first rule that fits counts.
 */
struct interface_rule {
	char pattern[NODE_PATTERN_MAX];
	struct route_filter learn; /* which routes of its neighbours this host uses */
	bool source;		   /* what leaves by it may be given a VIP as its source */
	bool bfd_enabled;	   /* the neighbours that are found are watched with BFD */
	struct bfd_rule bfd;
	bool probe_enabled; /* or by asking them for their addresses, or to forward */
	struct probe_rule probe;
	uint8_t n_routers;
	struct address routers[RULE_ROUTERS_MAX]; /* that route to our VIPs and speak nothing */
};

extern const struct record bfd_auth_record;   /* struct bfd_auth */
extern const struct record bfd_rule_record;   /* struct bfd_rule */
extern const struct record probe_rule_record; /* struct probe_rule */

/* struct interface_rule; the file has its pattern in front. */
#define INTERFACE_RULE_FIELDS 6
extern const struct field interface_rule_fields[INTERFACE_RULE_FIELDS];
extern const struct record interface_rule_record;

/* A rule that lets nothing speak, and leaves the choice of sources on. */
void interface_rule_default(struct interface_rule *r);
#endif
