/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/source_hook.h"

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/text.h"
#include "linux/cgroup_root.h"

/* It is made by bpftool: the programs are one long string in it, and it has empty structures. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Woverlength-strings"
#include "bpf/source.skel.h"
#pragma GCC diagnostic pop

#define PROGRAMS 4
#define KERNEL_TYPES "/sys/kernel/btf/vmlinux"

struct source_hook {
	struct source_bpf *bpf;
	struct bpf_link *links[PROGRAMS];
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

/* What it has to say comes back as an error; a daemon's stderr is no place for a verifier's log. */
static int quiet(enum libbpf_print_level level, const char *format, va_list arguments)
{
	(void)level, (void)format, (void)arguments;
	return 0;
}

/*
 * Where the kernel's structures lie is read from its own description of them. A kernel that was
 * built without it makes libbpf say that there is no such process.
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
	libbpf_set_print(quiet);
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
	/* The kernel's types were read for it, some megabytes. */
	malloc_trim(0);
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
	struct bpf_program *programs[PROGRAMS] = {
		h->bpf->progs.vipd_connect4,
		h->bpf->progs.vipd_connect6,
		h->bpf->progs.vipd_sendmsg4,
		h->bpf->progs.vipd_sendmsg6,
	};
	int error = 0, root;

	if (h->links[0])
		return 0;
	root = cgroup_root_open();
	if (root < 0)
		return say(sentence, size, root, "the root of the control groups is not found");
	for (size_t i = 0; i < PROGRAMS && !error; i++) {
		h->links[i] = bpf_program__attach_cgroup(programs[i], root);
		error = h->links[i] ? 0 : -errno;
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
	for (size_t i = 0; i < PROGRAMS; i++) {
		bpf_link__destroy(h->links[i]);
		h->links[i] = NULL;
	}
}

int source_hook_policy(struct source_hook *h, struct source_abi_policy *policy)
{
	uint32_t generation = h->generation + 1, at = generation % SOURCE_POLICIES;
	int error;

	policy->generation = generation;
	error = bpf_map_update_elem(bpf_map__fd(h->bpf->maps.policies), &at, policy, BPF_ANY);
	if (error)
		return -errno;
	h->generation = generation;
	__atomic_store_n(&h->bpf->bss->active, generation, __ATOMIC_RELEASE);
	return 0;
}

int source_hook_prefix(struct source_hook *h, enum source_trie trie,
		       const struct source_abi_prefix *prefix, uint32_t value)
{
	int fd =
		bpf_map__fd(trie == SOURCE_TRIE_LOCALS ? h->bpf->maps.locals : h->bpf->maps.routes);

	if (value)
		return bpf_map_update_elem(fd, prefix, &value, BPF_ANY) ? -errno : 0;
	return bpf_map_delete_elem(fd, prefix) && errno != ENOENT ? -errno : 0;
}

void source_hook_counts(struct source_hook *h, uint64_t counts[SOURCE_ABI_VERDICTS])
{
	int fd = bpf_map__fd(h->bpf->maps.counts), cpus = libbpf_num_possible_cpus();
	uint64_t *each = cpus > 0 ? calloc((size_t)cpus, sizeof(*each)) : NULL;

	memset(counts, 0, sizeof(*counts) * SOURCE_ABI_VERDICTS);
	for (uint32_t i = 0; each && i < SOURCE_ABI_VERDICTS; i++) {
		if (bpf_map_lookup_elem(fd, &i, each))
			continue;
		for (int cpu = 0; cpu < cpus; cpu++)
			counts[i] += each[cpu];
	}
	free(each);
}
