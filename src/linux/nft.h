/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One nftables table of our own, of one family: the messages of a transaction, their answers, and
 * what somebody else does to it. What is in the table is for those to say who use it: arp_table.c
 * and ping_table.c.
 */
#ifndef LINUX_NFT_H
#define LINUX_NFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libmnl/libmnl.h>
#include <libnftnl/common.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <libnftnl/set.h>

#include "linux/change.h"
#include "linux/rtnl.h"

#define NFT_TABLE "vipd"
#define NFT_BYTES ((size_t)64 << 10)

/* How nft(8) names the types of keys and data; the kernel only hands them on. */
#define NFT_TYPE_IPV4 7
#define NFT_TYPE_IPV6 8
#define NFT_TYPE_INTERFACE 20

struct nft {
	int fd;
	uint8_t family; /* NFPROTO_… */
	uint32_t port, sequence;
	bool foreign; /* somebody else has changed the table */
	struct {
		char *at;
		uint32_t first; /* the number of the first message */
	} out;
	_Alignas(8) char send[NFT_BYTES];
	_Alignas(8) char receive[NFT_BYTES];
};

/* NULL when the kernel has no nftables, or there is no memory: then every change is refused. */
struct nft *nft_open(uint8_t family);
void nft_close(struct nft *t);

/*
 * Both have tables of ours: neither socket is told any more of what the other, or it itself, has
 * changed. There may be ten thousand elements, and whoever is told of them without reading is
 * overrun, and has to make everything anew. Nothing happens when one of them is NULL.
 */
void nft_mute(const struct nft *a, const struct nft *b);

/* Readable when nft_read() has something to do; -1 for NULL. */
int nft_fd(const struct nft *t);

/*
 * Reads the events that are there; never waits. True when somebody else has changed our table, or
 * that cannot be excluded: it has to be made anew.
 */
bool nft_read(struct nft *t);

/* A transaction: begun, filled with messages, and run whole. 0 or -errno. */
void nft_begin(struct nft *t);
struct nlmsghdr *nft_message(struct nft *t, uint16_t type, uint16_t flags);
void nft_message_done(struct nft *t, const struct nlmsghdr *h);
int nft_run(struct nft *t);

/* Messages about the table, and about a base chain of the type filter in it. */
void nft_put_table(struct nft *t, uint16_t type);
void nft_put_chain(struct nft *t, const char *name, uint32_t hook);

/* A set of ours; its `id` counts within a transaction. */
struct nftnl_set *nft_set(const char *name, uint32_t id);
void nft_put_set(struct nft *t, struct nftnl_set *set);		       /* and frees it */
void nft_put_elements(struct nft *t, struct nftnl_set *set, bool add); /* likewise */

/* A rule with our mark, made of expressions and then put; without memory it has fewer of them. */
struct nftnl_rule *nft_rule(const char *chain);
struct nftnl_expr *nft_rule_add(struct nftnl_rule *rule, const char *name);
void nft_rule_load(struct nftnl_rule *rule, uint32_t base, uint32_t offset, uint32_t length);
void nft_rule_meta(struct nftnl_rule *rule, uint32_t key);
void nft_rule_compare(struct nftnl_rule *rule, bool equal, const void *value, uint32_t length);
void nft_rule_drop(struct nftnl_rule *rule);
void nft_put_rule(struct nft *t, struct nftnl_rule *rule); /* and frees it */

/* Whether the table has so many rules, all of them ours. */
bool nft_has_rules(struct nft *t, unsigned count);

/* Gives each element of a set to `take`. */
void nft_elements(struct nft *t, struct nftnl_set *set,
		  int (*take)(struct nftnl_set_elem *e, void *context), void *context);

/*
 * Makes the changes with `run`, which makes some of them in one transaction. Their outcomes go to
 * `batch`, in the same positions; `lacking` is said where the kernel has no such thing.
 */
void nft_transact(struct nft *t, int (*run)(struct nft *t, const struct change *c, size_t count),
		  const struct change *changes, size_t count, const char *lacking,
		  struct rtnl_batch *batch);

#endif
