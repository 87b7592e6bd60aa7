/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One nftables table of our own, of one family: the messages of a transaction, their answers, and
 * what somebody else does to it. What is in the table is for those to say who use it: arp_table.c
 * and echo_table.c.
 */
#ifndef LINUX_NFT_H
#define LINUX_NFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "linux/change.h"
#include "linux/rtnl.h"

#define NFT_TABLE "vipd"

/* Room for messages, each way: for transactions of many elements, and for a few rules. */
#define NFT_BYTES ((size_t)64 << 10)
#define NFT_BYTES_FEW ((size_t)16 << 10)

/* How nft(8) names the types of keys and data; the kernel only hands them on. */
#define NFT_TYPE_IPV4 7
#define NFT_TYPE_IPV6 8
#define NFT_TYPE_INTERFACE 20

struct nft {
	int fd;
	uint8_t family;	   /* NFPROTO_… */
	const char *table; /* its name */
	uint32_t port, sequence;
	bool foreign; /* somebody else has changed the table */
	struct {
		char *at;
		uint32_t first; /* the number of the first message */
	} out;
	size_t bytes;
	char *send, *receive; /* so many bytes of `room` each */
	_Alignas(8) char room[];
};

/*
 * The name must outlive it. NULL when the kernel has no nftables, or there is no memory: then every
 * change is refused.
 */
struct nft *nft_open(uint8_t family, const char *table, size_t bytes);
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
int nft_run(struct nft *t);

/* Messages about the table, and about a base chain of the type filter in it. */
void nft_put_table(struct nft *t, uint16_t type);
void nft_put_chain(struct nft *t, const char *name, uint32_t hook, int32_t priority);

/* An empty table: whatever of that name is there gives way, in the same transaction. */
void nft_put_table_anew(struct nft *t);

/* A set of ours, or a map. */
struct nft_set {
	const char *name;
	uint32_t id; /* counts within a transaction */
	uint32_t key_type, key_bytes;
	uint32_t data_type, data_bytes; /* of a map; else 0 */
	bool host_order;		/* of the keys, for nft(8) alone */
};
void nft_put_set(struct nft *t, const struct nft_set *set);

/*
 * Elements for objects that are added or removed: `of` says in which set each is, and where its key
 * and its data are. Neighbours of one set and one kind of change go in one message.
 */
typedef const struct nft_set *nft_element_of(const struct object *o, const void **ret_key,
					     const void **ret_data);
void nft_put_elements(struct nft *t, const struct change *changes, size_t count,
		      nft_element_of *of);

/* A step of a rule. All of them work on one register. */
enum nft_step_kind {
	NFT_STEP_META,	/* loads `at`, an enum nft_meta_keys */
	NFT_STEP_LOAD,	/* loads `bytes` of the packet, `at` so far into the header `base` */
	NFT_STEP_STORE, /* the inverse */
	NFT_STEP_VALUE, /* loads `value` */
	NFT_STEP_IS,	/* the rule goes on only when it is `value`, */
	NFT_STEP_IS_NOT,
	NFT_STEP_LOOKUP, /* or is in `set`; of a map it loads the data */
	NFT_STEP_COUNT,	 /* counts who comes so far */
	NFT_STEP_DROP,
};

struct nft_step {
	enum nft_step_kind kind;
	uint32_t base, at, bytes; /* bytes: of `value`, too */
	const void *value;
	const struct nft_set *set;
};

/* A rule with our mark; without memory it has fewer steps. */
void nft_put_rule(struct nft *t, const char *chain, const struct nft_step *steps, size_t count);

/* Whether the table has so many rules, all of them ours. */
bool nft_has_rules(struct nft *t, unsigned count);

/* Gives the key and the data of each element of a set to `take`; data: NULL where there is none. */
void nft_elements(struct nft *t, const struct nft_set *set,
		  void (*take)(void *context, const void *key, const void *data), void *context);

/*
 * Makes the changes with `run`, which makes some of them in one transaction. Their outcomes go to
 * `batch`, in the same positions; `lacking` is said where the kernel has no such thing.
 */
void nft_transact(struct nft *t, int (*run)(struct nft *t, const struct change *c, size_t count),
		  const struct change *changes, size_t count, const char *lacking,
		  struct rtnl_batch *batch);

#endif
