/* SPDX-License-Identifier: Apache-2.0 */
/* A build without BPF: source selection is off, and says why. */
#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "linux/source_hook.h"

int source_hook_open(struct source_hook **ret, char *sentence, size_t size)
{
	(void)ret;
	text_copy(sentence, size, "this vipd was built without BPF");
	return -ENOTSUP;
}

void source_hook_close(struct source_hook *h)
{
	(void)h;
}

int source_hook_attach(struct source_hook *h, char *sentence, size_t size)
{
	(void)h, (void)sentence, (void)size;
	return -ENOTSUP;
}

void source_hook_detach(struct source_hook *h)
{
	(void)h;
}

int source_hook_policy(struct source_hook *h, struct source_abi_policy *policy)
{
	(void)h, (void)policy;
	return -ENOTSUP;
}

int source_hook_prefixes(struct source_hook *h, enum source_trie trie,
			 const struct source_abi_prefix *prefixes, const uint32_t *values,
			 size_t count)
{
	(void)h, (void)trie, (void)prefixes, (void)values, (void)count;
	return -ENOTSUP;
}

void source_hook_counts(struct source_hook *h, uint64_t counts[SOURCE_ABI_VERDICTS])
{
	(void)h;
	memset(counts, 0, sizeof(*counts) * SOURCE_ABI_VERDICTS);
}
