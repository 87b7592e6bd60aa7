/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The BPF programs of bpf/source.bpf.c: loaded, attached, told what to do. There are two
 * implementations, and Meson takes one: source_hook.c, and source_unhooked.c for a build without
 * BPF, which says so.
 *
 * The kernel keeps all of it as long as this process has it open. Nothing is pinned, so nothing can
 * be left behind whatever the process dies of.
 */
#ifndef LINUX_SOURCE_HOOK_H
#define LINUX_SOURCE_HOOK_H

#include <stddef.h>
#include <stdint.h>

#include "bpf/source.h"

struct source_hook;

enum source_trie {
	SOURCE_TRIE_LOCALS,
	SOURCE_TRIE_ROUTES,
};

/*
 * Loads the programs for the network namespace of the caller; they are not attached yet. Takes some
 * hundred milliseconds, and may be called in a thread of its own. 0, or -errno and a sentence.
 */
int source_hook_open(struct source_hook **ret, char *sentence, size_t size);

/* Detaches, and lets go of everything. NULL is fine. */
void source_hook_close(struct source_hook *h);

/* At the root of the control groups. One that is attached is left so. 0, or -errno and a sentence.
 */
int source_hook_attach(struct source_hook *h, char *sentence, size_t size);
void source_hook_detach(struct source_hook *h);

/*
 * The policy counts, as a whole, for whoever connects from now on. Its generation is filled in. 0
 * or -errno, and then the old one counts.
 */
int source_hook_policy(struct source_hook *h, struct source_abi_policy *policy);

/*
 * Sets the values of so many prefixes; without `values` it removes them. By one call where the
 * kernel can (5.14), else one by one. 0 or -errno, and then some are done.
 */
int source_hook_prefixes(struct source_hook *h, enum source_trie trie,
			 const struct source_abi_prefix *prefixes, const uint32_t *values,
			 size_t count);

/* Connections by verdict since the programs were loaded. */
void source_hook_counts(struct source_hook *h, uint64_t counts[SOURCE_ABI_VERDICTS]);

#endif
