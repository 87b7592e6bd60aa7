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

#include "net/address.h"
#include "net/interface.h"
#include "proto/rip/rip.h"

#define NODE_BOARD_DEFAULT "vnic0" /* the board of a VIP that names none */
#define NODE_LABEL_MAX 32
#define NODE_PATTERN_MAX 32

/* How long a VIP may drain at the most, and by default. */
#define DRAIN_TIME_MAX DURATION_S(7 * 86400)
#define DRAIN_TIME_DEFAULT DURATION_S(60)

/* Limits that the node works inside; what goes beyond is refused with a sentence. */
#define NODE_VIPS_MAX 65536
#define NODE_BOARDS_MAX 256
#define NODE_RULES_MAX 256

/*
 * A board with so many VIPs held as addresses holds the next `auto` ones as routes, and so are all
 * of a larger set that is bound at once.
 */
#define NODE_ADDRESSES_PER_BOARD 256

/* In which form the kernel holds a VIP; see "Kernel costs" in doc/architecture.md. */
enum vip_hold {
	VIP_HOLD_AUTO,	  /* address, or route when the board already holds many */
	VIP_HOLD_ADDRESS, /* an address on the board */
	VIP_HOLD_ROUTE,	  /* a local route to the board */
};

/* What the host says when somebody on a physical network asks who has a VIP. */
enum vip_arp {
	VIP_ARP_SILENT, /* nothing, and the VIP never is the sender of a request */
	VIP_ARP_ANSWER, /* that it is here; it is announced there too (gratuitous ARP) */
};

/* What follows when somebody else has the VIP as well. */
enum vip_conflict {
	VIP_CONFLICT_REFUSE, /* it is not bound while a rival is there; who comes later is only told
			      */
	VIP_CONFLICT_WARN,   /* it is bound and announced, and the rival is told */
	VIP_CONFLICT_WORSEN, /* likewise, with a metric that lets the rival win */
	VIP_CONFLICT_TAKE,   /* likewise, with a metric that wins over the rival */
};

struct vip_settings {
	struct address address;
	uint8_t length; /* of its virtual network; /32 or /128 is a host mask */
	char board[INTERFACE_NAME_MAX];
	bool announce;
	uint8_t metric;	  /* 0: that of the speaker */
	uint8_t hold;	  /* enum vip_hold */
	uint8_t arp;	  /* enum vip_arp */
	uint8_t conflict; /* enum vip_conflict */
	char label[NODE_LABEL_MAX];
};

/*
 * How vipd speaks on the interfaces whose name fits the pattern. The first rule that fits counts.
 */
struct interface_rule {
	char pattern[NODE_PATTERN_MAX];
	bool rip_enabled;
	struct rip_interface_settings rip;
};

/* The words for these in the configuration, the API and the JSON; NULL for what is none. */
const char *vip_hold_name(uint8_t hold);
const char *vip_arp_name(uint8_t arp);
const char *vip_conflict_name(uint8_t conflict);

/* A VIP as it is when nothing but its address is said: host mask, on vnic0, announced. */
void vip_settings_default(struct vip_settings *s);

/*
 * The rules for a VIP that need no knowledge of this host. 0, or -EINVAL with a sentence that says
 * what is wrong.
 */
int vip_settings_check(const struct vip_settings *s, char *sentence, size_t size);

/* A rule that lets nothing speak. */
void interface_rule_default(struct interface_rule *r);

#endif
