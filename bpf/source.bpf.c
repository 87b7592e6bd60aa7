// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The first VIP as source address, for exactly the sockets that ask for none.
 *
 * Four programs, at the root of the control groups: a socket is about to connect (TCP, or UDP that
 * is connected), or to send a datagram without being connected; IPv4 and IPv6. Each looks at the
 * socket, at the destination and at the policy, and either binds the socket to a VIP (connect) or
 * writes the source of this one datagram (sendmsg, where the kernel does not let a program bind).
 * They always say yes: what they do not understand is Linux's to decide.
 *
 * Looked at in this order, the cheap before the dear, and the first that holds is counted:
 *
 *	another network namespace		not even counted
 *	not TCP or UDP				likewise: raw sockets, ping, SCTP
 *	bound to a device			DEVICE
 *	has a source				BOUND
 *	destination: none, loopback, link-local,
 *	  multicast				DESTINATION
 *	leaves by an interface that is off	INTERFACE
 *	a rule, in their order			RULE, or NONE when it says so
 *	the first VIP				FIRST, or NONE when there is none
 *
 * and for what would get a VIP now:
 *
 *	has a port of its own			BOUND (a server's answer comes from such a port)
 *	destination: this host, or broadcast	DESTINATION
 *
 * `policies` is a ring. The daemon writes the next one, and then `active` says that it counts. A
 * program that was held up for a whole round of the ring notices by the generation, and chooses
 * nothing.
 */
#include <linux/bpf.h>
#include <linux/in.h>
#include <stdbool.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "source.h"

#define AF_INET 2
#define AF_INET6 10
#define SOCK_BINDPORT_LOCK 8

/* Of the kernel's structures what is looked at here; where it lies is found when it is loaded. */
struct kernfs_node {
	const char *name;
} __attribute__((preserve_access_index));
struct cgroup_subsys_state {
	struct cgroup *cgroup;
	struct cgroup_subsys_state *parent;
} __attribute__((preserve_access_index));
struct cgroup {
	struct cgroup_subsys_state self;
	struct kernfs_node *kn;
} __attribute__((preserve_access_index));
struct css_set {
	struct cgroup *dfl_cgrp;
} __attribute__((preserve_access_index));
struct task_struct {
	struct css_set *cgroups;
} __attribute__((preserve_access_index));
struct sock {
	unsigned char sk_userlocks : 4;
} __attribute__((preserve_access_index));

const volatile __u64 our_namespace; /* its cookie */
__u32 active;			    /* the generation of the policy that counts */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SOURCE_POLICIES);
	__type(key, __u32);
	__type(value, struct source_abi_policy);
} policies SEC(".maps");

/* The destinations that are this host, or broadcast: Linux's table `local`. */
struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 262144);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct source_abi_prefix);
	__type(value, __u32);
} locals SEC(".maps");

/* Linux's table `main`, as far as interfaces are switched off. */
struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 262144);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct source_abi_prefix);
	__type(value, __u32);
} routes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, SOURCE_ABI_VERDICTS);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

/* A socket, and where it wants to go. */
struct wish {
	struct source_abi_prefix to; /* the destination, with all its bits */
	__u8 family;		     /* enum source_abi_family of the destination */
};

/* The control groups of this process, upwards: hashes of their names, and of their paths. */
struct groups {
	__u64 names[SOURCE_LEVELS], paths[SOURCE_LEVELS];
};

static void wish_set_ipv4(struct wish *w, __u32 address)
{
	__builtin_memset(w, 0, sizeof(*w));
	w->to.bits = SOURCE_ADDRESS_BITS;
	w->to.address[10] = w->to.address[11] = 0xff;
	__builtin_memcpy(&w->to.address[12], &address, sizeof(address));
	w->family = SOURCE_ABI_IPV4;
}

/* Returns false for what is no place that a VIP is of use for. */
static bool wish_is_unicast(const struct wish *w)
{
	const __u8 *a = w->to.address;

	if (w->family == SOURCE_ABI_IPV4)
		return a[12] != 0 && a[12] != 127 && a[12] < 224 && !(a[12] == 169 && a[13] == 254);
	if (a[0] == 0xff || (a[0] == 0xfe && (a[1] & 0xc0) == 0x80))
		return false;
		/* ::, ::1, and the IPv4-compatible addresses that nobody uses any more: RFC
		 * 4291 2.5.5.1 */
#pragma clang loop unroll(disable)
	for (int i = 0; i < 12; i++)
		if (a[i])
			return true;
	return false;
}

static void wish_set_ipv6(struct wish *w, const __u32 *address)
{
	static const __u8 mapped[12] = { [10] = 0xff, [11] = 0xff };

	__builtin_memset(w, 0, sizeof(*w));
	w->to.bits = SOURCE_ADDRESS_BITS;
	__builtin_memcpy(w->to.address, address, SOURCE_ADDRESS_BYTES);
	w->family = SOURCE_ABI_IPV6;
#pragma clang loop unroll(disable)
	for (int i = 0; i < 12; i++)
		if (w->to.address[i] != mapped[i])
			return;
	w->family = SOURCE_ABI_IPV4;
}

static bool prefix_contains(const struct source_abi_rule *r, const struct wish *w)
{
	__u64 to[2];

	__builtin_memcpy(to, w->to.address, sizeof(to));
	return (((to[0] ^ r->to[0]) & r->to_mask[0]) | ((to[1] ^ r->to[1]) & r->to_mask[1])) == 0;
}

/* Without a branch for each byte, or to verify it would take the kernel seconds. */
static __u64 name_hash(const char *name)
{
	__u64 words[SOURCE_NAME_WORDS] = { 0 }, hash = SOURCE_HASH_SEED;

	bpf_probe_read_kernel_str(words, sizeof(words), name);
#pragma clang loop unroll(disable)
	for (int i = 0; i < SOURCE_NAME_WORDS; i++)
		hash = SOURCE_HASH(hash, words[i]);
	return hash;
}

/*
 * This and rule_holds() are global, because such functions are verified once and by themselves;
 * with all rules one after the other the verifier would see a million instructions.
 */
__noinline int groups_read(struct groups *g)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct cgroup *group = BPF_CORE_READ(task, cgroups, dfl_cgrp);
	__u64 path = SOURCE_HASH_SEED;

	if (!g)
		return 0;
#pragma clang loop unroll(disable)
	for (int i = 0; i < SOURCE_LEVELS && group; i++) {
		struct cgroup_subsys_state *parent = BPF_CORE_READ(group, self.parent);

		if (!parent)
			break; /* the root has no name */
		g->names[i] = name_hash(BPF_CORE_READ(group, kn, name));
		group = BPF_CORE_READ(parent, cgroup);
	}
#pragma clang loop unroll(disable)
	for (int i = SOURCE_LEVELS - 1; i >= 0; i--) {
		if (g->names[i])
			path = SOURCE_HASH(path, g->names[i]);
		g->paths[i] = path;
	}
	return 0;
}

static bool groups_have(const __u64 *hashes, __u64 wanted)
{
#pragma clang loop unroll(disable)
	for (int i = 0; i < SOURCE_LEVELS; i++)
		if (hashes[i] == wanted)
			return true;
	return false;
}

/* All that a rule asks for, but the control groups. */
static bool rule_fits(const struct source_abi_rule *r, const struct wish *w, __u32 user)
{
	if (r->family != SOURCE_ABI_FAMILIES && r->family != w->family)
		return false;
	if ((r->flags & SOURCE_RULE_USER) && r->user != user)
		return false;
	return prefix_contains(r, w);
}

__noinline int rule_holds(const struct source_abi_rule *r, const struct wish *w,
			  const struct groups *g, __u32 user)
{
	if (!r || !w || !g || !rule_fits(r, w, user))
		return false;
	if ((r->flags & SOURCE_RULE_UNIT) && !groups_have(g->names, r->group))
		return false;
	return !(r->flags & SOURCE_RULE_GROUP) || groups_have(g->paths, r->group);
}

static int rule_judge(const struct source_abi_rule *r, __u8 *use)
{
	if (r->flags & SOURCE_RULE_LEAVE)
		return SOURCE_ABI_NONE;
	__builtin_memcpy(use, r->use, SOURCE_ADDRESS_BYTES);
	return SOURCE_ABI_RULE;
}

/* By the first rule that holds; SOURCE_ABI_VERDICTS when there is none. */
static __noinline int rules_judge_with_groups(const struct source_abi_policy *p,
					      const struct wish *w, __u8 *use)
{
	__u32 user = (__u32)bpf_get_current_uid_gid();
	struct groups g = { 0 };

	groups_read(&g);
#pragma clang loop unroll(disable)
	for (__u32 i = 0; i < SOURCE_ABI_RULES && i < p->n_rules; i++)
		if (rule_holds(&p->rules[i], w, &g, user))
			return rule_judge(&p->rules[i], use);
	return SOURCE_ABI_VERDICTS;
}

/* The same for a policy that asks for no control groups: nothing is read from the kernel. */
static __noinline int rules_judge(const struct source_abi_policy *p, const struct wish *w,
				  __u8 *use)
{
	__u32 user = (__u32)bpf_get_current_uid_gid();

#pragma clang loop unroll(disable)
	for (__u32 i = 0; i < SOURCE_ABI_RULES && i < p->n_rules; i++)
		if (rule_fits(&p->rules[i], w, user))
			return rule_judge(&p->rules[i], use);
	return SOURCE_ABI_VERDICTS;
}

static int policy_judge(const struct source_abi_policy *p, const struct wish *w, __u8 *use)
{
	__u32 *route;

	if (p->flags & SOURCE_POLICY_INTERFACES) {
		route = bpf_map_lookup_elem(&routes, &w->to);
		if (route && *route == SOURCE_ROUTE_OFF)
			return SOURCE_ABI_INTERFACE;
	}
	if (p->n_rules) {
		int verdict = p->flags & SOURCE_POLICY_GROUPS ? rules_judge_with_groups(p, w, use)
							      : rules_judge(p, w, use);

		if (verdict != SOURCE_ABI_VERDICTS)
			return verdict;
	}
	if (w->family >= SOURCE_ABI_FAMILIES || !p->has_first[w->family])
		return SOURCE_ABI_NONE;
	__builtin_memcpy(use, p->first[w->family], SOURCE_ADDRESS_BYTES);
	return SOURCE_ABI_FIRST;
}

static int wish_judge(const struct wish *w, __u8 *use)
{
	__u32 generation = *(volatile __u32 *)&active;
	__u32 at = generation % SOURCE_POLICIES;
	struct source_abi_policy *p = bpf_map_lookup_elem(&policies, &at);
	int verdict;

	if (!p || *(volatile __u32 *)&p->generation != generation)
		return SOURCE_ABI_NONE;
	if (!wish_is_unicast(w))
		return SOURCE_ABI_DESTINATION;
	verdict = policy_judge(p, w, use);
	if (*(volatile __u32 *)&p->generation != generation)
		return SOURCE_ABI_NONE;
	return verdict;
}

/*
 * What the process has laid down about the socket. A program may not look behind what it is given
 * of a socket; so the pointer becomes a number first, by a copy of the place that holds it.
 */
static __u32 socket_locks(struct bpf_sock *sk)
{
	struct bpf_sock *volatile place = sk;
	struct sock *at = NULL;

	bpf_probe_read_kernel(&at, sizeof(at), (const void *)&place);
	return (__u32)BPF_CORE_READ_BITFIELD_PROBED(at, sk_userlocks);
}

static bool is_ours(struct bpf_sock_addr *context)
{
	if (context->protocol != IPPROTO_TCP && context->protocol != IPPROTO_UDP)
		return false;
	return bpf_get_netns_cookie(context) == our_namespace;
}

static void count(__u32 verdict)
{
	__u64 *n = bpf_map_lookup_elem(&counts, &verdict);

	if (n)
		(*n)++;
}

static bool chosen(int verdict)
{
	return verdict == SOURCE_ABI_FIRST || verdict == SOURCE_ABI_RULE;
}

/*
 * `bound`: the socket has an address, or is none that can be given one.
 *
 * Who binds a socket to a port has an end of his own, and a server answers from there; one that
 * has got its port from Linux on the way has not. That is not told to programs, and is read from
 * the socket itself.
 */
static int judge(struct bpf_sock_addr *context, const struct wish *w, bool bound, __u8 *use)
{
	struct bpf_sock *sk = context->sk;
	int verdict;

	if (sk && sk->bound_dev_if)
		return SOURCE_ABI_DEVICE;
	if (bound || !sk)
		return SOURCE_ABI_BOUND;
	verdict = wish_judge(w, use);
	if (!chosen(verdict))
		return verdict;
	if (socket_locks(sk) & SOCK_BINDPORT_LOCK)
		return SOURCE_ABI_BOUND;
	if (bpf_map_lookup_elem(&locals, &w->to))
		return SOURCE_ABI_DESTINATION;
	return verdict;
}

SEC("cgroup/connect4")
int vipd_connect4(struct bpf_sock_addr *context)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	__u8 use[SOURCE_ADDRESS_BYTES] = { 0 };
	struct wish w;
	int verdict;

	if (!is_ours(context))
		return 1;
	wish_set_ipv4(&w, context->user_ip4);
	/* An IPv4 address given to an IPv6 socket: it cannot be bound by it. */
	verdict =
		judge(context, &w,
		      !context->sk || context->sk->family != AF_INET || context->sk->src_ip4, use);
	if (chosen(verdict)) {
		__builtin_memcpy(&a.sin_addr, &use[12], sizeof(a.sin_addr));
		if (bpf_bind(context, (struct sockaddr *)&a, sizeof(a)) < 0)
			verdict = SOURCE_ABI_REFUSED;
	}
	count((__u32)verdict);
	return 1;
}

SEC("cgroup/connect6")
int vipd_connect6(struct bpf_sock_addr *context)
{
	struct {
		__u16 family, port;
		__u32 flow;
		__u8 address[SOURCE_ADDRESS_BYTES];
		__u32 scope;
	} a = { .family = AF_INET6 };
	__u8 use[SOURCE_ADDRESS_BYTES] = { 0 };
	__u32 to[4] = { context->user_ip6[0], context->user_ip6[1], context->user_ip6[2],
			context->user_ip6[3] };
	struct bpf_sock *sk = context->sk;
	struct wish w;
	int verdict;

	if (!is_ours(context))
		return 1;
	wish_set_ipv6(&w, to);
	verdict = judge(context, &w,
			!sk || sk->src_ip6[0] || sk->src_ip6[1] || sk->src_ip6[2] || sk->src_ip6[3],
			use);
	if (chosen(verdict)) {
		__builtin_memcpy(a.address, use, sizeof(a.address));
		if (bpf_bind(context, (struct sockaddr *)&a, sizeof(a)) < 0)
			verdict = SOURCE_ABI_REFUSED;
	}
	count((__u32)verdict);
	return 1;
}

SEC("cgroup/sendmsg4")
int vipd_sendmsg4(struct bpf_sock_addr *context)
{
	__u8 use[SOURCE_ADDRESS_BYTES] = { 0 };
	struct wish w;
	int verdict;

	if (!is_ours(context))
		return 1;
	wish_set_ipv4(&w, context->user_ip4);
	verdict = judge(context, &w, context->msg_src_ip4 != 0, use);
	if (chosen(verdict)) {
		__u32 source;

		__builtin_memcpy(&source, &use[12], sizeof(source));
		context->msg_src_ip4 = source;
	}
	count((__u32)verdict);
	return 1;
}

SEC("cgroup/sendmsg6")
int vipd_sendmsg6(struct bpf_sock_addr *context)
{
	__u32 use[SOURCE_ADDRESS_BYTES / 4] = { 0 };
	__u32 to[4] = { context->user_ip6[0], context->user_ip6[1], context->user_ip6[2],
			context->user_ip6[3] };
	bool bound = context->msg_src_ip6[0] || context->msg_src_ip6[1] ||
		     context->msg_src_ip6[2] || context->msg_src_ip6[3];
	struct wish w;
	int verdict;

	if (!is_ours(context))
		return 1;
	wish_set_ipv6(&w, to);
	verdict = judge(context, &w, bound, (__u8 *)use);
	if (chosen(verdict)) {
		context->msg_src_ip6[0] = use[0];
		context->msg_src_ip6[1] = use[1];
		context->msg_src_ip6[2] = use[2];
		context->msg_src_ip6[3] = use[3];
	}
	count((__u32)verdict);
	return 1;
}

/* Some of the helpers are for such programs alone. */
char terms[] SEC("license") = "Dual BSD/GPL";
