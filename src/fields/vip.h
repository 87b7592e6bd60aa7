/* SPDX-License-Identifier: Apache-2.0 */
/* What a person may say of a VIP. */
#ifndef FIELDS_VIP_H
#define FIELDS_VIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fields/check.h"
#include "fields/field.h"

#define NODE_BOARD_DEFAULT "vnic0" /* the board of a VIP that names none */
#define NODE_LABEL_MAX 32
#define VIP_METRIC_MAX 65534

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
	uint32_t metric;	    /* 0: that of the speaker */
	uint8_t hold;		    /* enum vip_hold */
	uint8_t arp;		    /* enum vip_arp */
	uint8_t conflict;	    /* enum vip_conflict */
	bool ping;		    /* ICMP echo requests to it are answered */
	bool source;		    /* it may be the first VIP: the source of connections */
	char check[CHECK_NAME_MAX]; /* that it must pass to be announced; empty: none */
	char label[NODE_LABEL_MAX];
};

extern const struct record vip_record; /* struct vip_settings */

/* A VIP as it is when nothing but its address is said: host mask, on vnic0, announced. */
void vip_settings_default(struct vip_settings *s);

/*
 * The rules for a VIP that need no knowledge of this host. 0, or -EINVAL with a sentence that says
 * what is wrong.
 */
int vip_settings_check(const struct vip_settings *s, char *sentence, size_t size);

#endif
