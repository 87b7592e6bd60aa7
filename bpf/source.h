/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What source.bpf.c and the daemon share. Addresses are 16 bytes for both families, IPv4 mapped
 * into IPv6 (RFC 4291 2.5.5.2), so that there is one comparison and one trie.
 */
#ifndef BPF_SOURCE_H
#define BPF_SOURCE_H

#define SOURCE_ADDRESS_BYTES 16
#define SOURCE_ADDRESS_BITS 128
#define SOURCE_ABI_RULES 64
/* A policy is written where no program looks, and then made the one that counts. */
#define SOURCE_POLICIES 16
/* Control groups are looked at from the process upwards, so many levels. */
#define SOURCE_LEVELS 12
/* A name is padded with zeros to so many words, and a longer one is cut. */
#define SOURCE_NAME_WORDS 12
/*
 * Names are compared by a hash, FNV-1a over words of the host's order: of a name over its words, of
 * a path over the hashes of its names, from the top.
 */
#define SOURCE_HASH_SEED 0xcbf29ce484222325ULL
#define SOURCE_HASH_PRIME 0x100000001b3ULL
#define SOURCE_HASH(hash, word) (((hash) ^ (word)) * SOURCE_HASH_PRIME)

enum source_abi_verdict {
	SOURCE_ABI_FIRST,
	SOURCE_ABI_RULE,
	SOURCE_ABI_NONE,
	SOURCE_ABI_BOUND,
	SOURCE_ABI_DEVICE,
	SOURCE_ABI_DESTINATION,
	SOURCE_ABI_INTERFACE,
	SOURCE_ABI_REFUSED,
	SOURCE_ABI_VERDICTS
};

enum source_abi_family { SOURCE_ABI_IPV4, SOURCE_ABI_IPV6, SOURCE_ABI_FAMILIES };

enum source_rule_flags {
	SOURCE_RULE_UNIT = 1,  /* one of the control groups above the process has this name */
	SOURCE_RULE_GROUP = 2, /* this path is above it */
	SOURCE_RULE_USER = 4,
	SOURCE_RULE_LEAVE = 8, /* no VIP: Linux chooses */
};

struct source_abi_rule {
	unsigned long long to[2], to_mask[2]; /* bytes of the network, not numbers */
	unsigned char use[SOURCE_ADDRESS_BYTES];
	unsigned long long group; /* the hash of the name, or of the path */
	unsigned int user;
	unsigned char flags;
	unsigned char family; /* enum source_abi_family, that it is for; of a rule without an
				 address 0 to SOURCE_ABI_FAMILIES: both */
	unsigned char padding[2];
};

enum source_policy_flags {
	SOURCE_POLICY_INTERFACES = 1, /* some are off: the routes are to be asked */
	SOURCE_POLICY_GROUPS = 2,     /* some rule wants to know the control groups */
};

struct source_abi_policy {
	unsigned int generation;
	unsigned int flags;
	unsigned int n_rules;
	unsigned char has_first[SOURCE_ABI_FAMILIES];
	unsigned char padding[2];
	unsigned char first[SOURCE_ABI_FAMILIES][SOURCE_ADDRESS_BYTES];
	struct source_abi_rule rules[SOURCE_ABI_RULES];
};

/* The key of both tries: the length in bits, and the address. */
struct source_abi_prefix {
	unsigned int bits;
	unsigned char address[SOURCE_ADDRESS_BYTES];
};

enum source_route_value {
	SOURCE_ROUTE_ON = 1,
	SOURCE_ROUTE_OFF, /* an interface that it leaves by is switched off */
};

_Static_assert(sizeof(struct source_abi_rule) == 64, "the same on both sides");
_Static_assert(sizeof(struct source_abi_policy) == 16 + 32 + 64 * SOURCE_ABI_RULES,
	       "the same on both sides");
_Static_assert(sizeof(struct source_abi_prefix) == 20, "the same on both sides");

#endif
