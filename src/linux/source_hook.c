/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/source_hook.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/bpf.h>

#include "base/container.h"
#include "base/text.h"
#include "linux/cgroup_root.h"

/*
 * It is made by bpftool, with all code that it needs: a small program of its own has the kernel
 * make the maps, find its structures and load the programs. These are long strings in it, and it
 * has empty structures.
 */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wpointer-arith"
#pragma GCC diagnostic ignored "-Woverlength-strings"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wconversion"
#include "bpf/source.skel.h"
#pragma GCC diagnostic pop

#define KERNEL_TYPES "/sys/kernel/btf/vmlinux"
#define PROCESSORS "/sys/devices/system/cpu/possible"

struct source_hook {
	struct source_bpf *bpf;
	bool attached;
	uint32_t generation;
};

static int say(char *sentence, size_t size, int error, const char *what)
{
	snprintf(sentence, size, "%s: %s%s", what, strerror(-error),
		 error == -EPERM || error == -EACCES
			 ? " (it takes CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN)"
			 : "");
	return error;
}

static int namespace_cookie(uint64_t *ret)
{
	socklen_t size = sizeof(*ret);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int error = 0;

	if (fd < 0 || getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, ret, &size) < 0)
		error = -errno;
	if (fd >= 0)
		close(fd);
	return error;
}

/*
 * Where the kernel's structures lie is in its own description of them. A kernel that was built
 * without it refuses the programs, and does not say why.
 */
static const char *load_flaw(int *error)
{
	if (access(KERNEL_TYPES, R_OK) == 0)
		return "this kernel does not take the BPF programs";
	*error = -errno;
	return "the BPF programs need the kernel's types, and cannot read " KERNEL_TYPES
	       " (CONFIG_DEBUG_INFO_BTF)";
}

int source_hook_open(struct source_hook **ret, char *sentence, size_t size)
{
	struct source_hook *h = calloc(1, sizeof(*h));
	uint64_t cookie = 0;
	const char *what;
	int error;

	if (!h)
		return say(sentence, size, -ENOMEM, "source selection");
	error = namespace_cookie(&cookie);
	if (error) {
		free(h);
		return say(sentence, size, error,
			   "this kernel does not tell network namespaces "
			   "apart");
	}
	h->bpf = source_bpf__open();
	error = h->bpf ? 0 : -errno;
	if (!error) {
		h->bpf->rodata->our_namespace = cookie;
		error = source_bpf__load(h->bpf);
	}
	if (error) {
		source_hook_close(h);
		what = load_flaw(&error);
		return say(sentence, size, error, what);
	}
	*ret = h;
	return 0;
}

void source_hook_close(struct source_hook *h)
{
	if (!h)
		return;
	source_hook_detach(h);
	source_bpf__destroy(h->bpf);
	free(h);
}

int source_hook_attach(struct source_hook *h, char *sentence, size_t size)
{
	struct source_bpf *b = h->bpf;
	const struct {
		int *link, program;
		enum bpf_attach_type type;
	} places[] = {
		{ &b->links.vipd_connect4_fd, b->progs.vipd_connect4.prog_fd,
		  BPF_CGROUP_INET4_CONNECT },
		{ &b->links.vipd_connect6_fd, b->progs.vipd_connect6.prog_fd,
		  BPF_CGROUP_INET6_CONNECT },
		{ &b->links.vipd_sendmsg4_fd, b->progs.vipd_sendmsg4.prog_fd,
		  BPF_CGROUP_UDP4_SENDMSG },
		{ &b->links.vipd_sendmsg6_fd, b->progs.vipd_sendmsg6.prog_fd,
		  BPF_CGROUP_UDP6_SENDMSG },
	};
	int error = 0, root;

	if (h->attached)
		return 0;
	root = cgroup_root_open();
	if (root < 0)
		return say(sentence, size, root, "the root of the control groups is not found");
	h->attached = true;
	for (size_t i = 0; i < ARRAY_LENGTH(places) && !error; i++) {
		*places[i].link = skel_link_create(places[i].program, root, places[i].type);
		error = *places[i].link < 0 ? -errno : 0;
	}
	close(root);
	if (!error)
		return 0;
	source_hook_detach(h);
	return say(sentence, size, error,
		   "the BPF programs cannot be attached to the control "
		   "groups");
}

void source_hook_detach(struct source_hook *h)
{
	source_bpf__detach(h->bpf);
	memset(&h->bpf->links, 0, sizeof(h->bpf->links));
	h->attached = false;
}

int source_hook_policy(struct source_hook *h, struct source_abi_policy *policy)
{
	uint32_t generation = h->generation + 1, at = generation % SOURCE_POLICIES;
	int error;

	policy->generation = generation;
	error = skel_map_update_elem(h->bpf->maps.policies.map_fd, &at, policy, BPF_ANY);
	if (error)
		return -errno;
	h->generation = generation;
	__atomic_store_n(&h->bpf->bss->active, generation, __ATOMIC_RELEASE);
	return 0;
}

/* False when the kernel takes no batches of a trie, or stopped within this one. */
static bool prefixes_together(int fd, const struct source_abi_prefix *prefixes,
			      const uint32_t *values, size_t count)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.batch.map_fd = (uint32_t)fd;
	attr.batch.keys = (uintptr_t)prefixes;
	attr.batch.values = (uintptr_t)values;
	attr.batch.count = (uint32_t)count;
	return skel_sys_bpf(values ? BPF_MAP_UPDATE_BATCH : BPF_MAP_DELETE_BATCH, &attr,
			    sizeof(attr)) == 0;
}

int source_hook_prefixes(struct source_hook *h, enum source_trie trie,
			 const struct source_abi_prefix *prefixes, const uint32_t *values,
			 size_t count)
{
	int fd = trie == SOURCE_TRIE_LOCALS ? h->bpf->maps.locals.map_fd
					    : h->bpf->maps.routes.map_fd;

	if (prefixes_together(fd, prefixes, values, count))
		return 0;
	/* To do it twice does no harm. */
	for (size_t i = 0; i < count; i++) {
		if (values ? skel_map_update_elem(fd, &prefixes[i], &values[i], BPF_ANY)
			   : skel_map_delete_elem(fd, &prefixes[i]) && errno != ENOENT)
			return -errno;
	}
	return 0;
}

/* How many processors the kernel keeps a number for, of a list such as 0-3,8-11; 0: nobody knows.
 */
static size_t processors(void)
{
	FILE *list = fopen(PROCESSORS, "re");
	unsigned last = 0;
	bool known = false;

	while (list && fscanf(list, "%u%*[-,]", &last) == 1)
		known = true;
	if (list)
		fclose(list);
	return known ? (size_t)last + 1 : 0;
}

static int map_look(int fd, const void *key, void *value)
{
	union bpf_attr attr = { .map_fd = (uint32_t)fd,
				.key = (uintptr_t)key,
				.value = (uintptr_t)value };

	return skel_sys_bpf(BPF_MAP_LOOKUP_ELEM, &attr, sizeof(attr));
}

void source_hook_counts(struct source_hook *h, uint64_t counts[SOURCE_ABI_VERDICTS])
{
	size_t n = processors();
	uint64_t *each = n > 0 ? calloc(n, sizeof(*each)) : NULL;

	memset(counts, 0, sizeof(*counts) * SOURCE_ABI_VERDICTS);
	for (uint32_t i = 0; each && i < SOURCE_ABI_VERDICTS; i++) {
		if (map_look(h->bpf->maps.counts.map_fd, &i, each))
			continue;
		for (size_t cpu = 0; cpu < n; cpu++)
			counts[i] += each[cpu];
	}
	free(each);
}
