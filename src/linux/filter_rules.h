/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the rules of nftables do to a packet, judged from outside: as much of the packet is known as
 * every packet of a routing protocol has, and as much of the language as filters of hosts are
 * written in. What cannot be known makes a rule one that may hold.
 */
#ifndef LINUX_FILTER_RULES_H
#define LINUX_FILTER_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libnftnl/chain.h>
#include <libnftnl/rule.h>
#include <libnftnl/set.h>

#include "net/address.h"

/* All that the kernel has. The arrays and what is in them are owned. */
struct filter_set {
	struct nftnl_chain **chains;
	struct nftnl_rule **rules; /* of each chain in their order */
	struct nftnl_set **sets;   /* with their elements */
	size_t n_chains, n_rules, n_sets;
};

void filter_set_done(struct filter_set *s);

/* A packet of a routing protocol: to its group, from port to port where it has ports. */
struct filter_packet {
	bool out; /* ours; else one of a neighbour, whose address is not known */
	uint32_t interface;
	char name[16]; /* of the interface */
	struct address destination;
	uint8_t protocol; /* of IP; 0: UDP */
	uint16_t port;	  /* of UDP */
};

enum filter_fate {
	FILTER_PASSES,
	FILTER_MAY_DROP, /* it depends on what is not known */
	FILTER_DROPS,
};

#define FILTER_TEXT_MAX 160

struct filter_verdict {
	enum filter_fate fate;
	char where[FILTER_TEXT_MAX]; /* "inet wall out, rule with handle 4" */
	char fix[FILTER_TEXT_MAX];   /* a command that lets such packets pass there */
};

/* The worst that a chain at a hook on the way does to it; the first such chain is named. */
void filter_judge(const struct filter_set *s, const struct filter_packet *p,
		  struct filter_verdict *ret);

/* The protocol of its IP header. */
uint8_t filter_protocol(const struct filter_packet *p);

/* What lets it pass, as iptables writes it: "-p udp --dport 520". Into FILTER_TEXT_MAX bytes. */
const char *filter_option(const struct filter_packet *p, char *text);

/* Whether the match of iptables for UDP takes the packet. */
struct xt_udp;
bool filter_udp_matches(const struct xt_udp *udp, const struct filter_packet *p);

#endif
