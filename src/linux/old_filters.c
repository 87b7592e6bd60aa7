/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/old_filters.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/netfilter/xt_tcpudp.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>

#include "base/container.h"
#include "base/text.h"

#define TABLE_BYTES_MAX ((uint32_t)16 << 20)
#define STEPS_MAX 100000 /* rules that one packet is taken through */
#define JUMPS_MAX 32

/* A table as the kernel gives it away. */
struct old_table {
	char name[XT_TABLE_MAXNAMELEN];
	bool six;
	uint32_t valid_hooks, entry[NF_INET_NUMHOOKS], size;
	const uint8_t *bytes;
};

/* What the two kinds of rules, of IPv4 and of IPv6, have in common. */
struct old_rule {
	const uint8_t *destination, *destination_mask, *source_mask;
	const char *in, *out;
	const uint8_t *in_mask, *out_mask;
	uint16_t protocol; /* 0: any */
	uint8_t flags, inverse;
	uint32_t matches, target, next; /* offsets from the rule */
};

enum old_match {
	OLD_NO,
	OLD_MAYBE,
	OLD_YES,
};

struct old_walk {
	const struct old_table *table;
	const struct filter_packet *packet;
	bool may_have_passed;
	enum filter_fate fate;
	unsigned steps;
};

/* Reads the rule at an offset; false when it does not lie in the table. */
static bool rule_read(const struct old_table *t, uint32_t at, struct old_rule *ret)
{
	size_t size = t->six ? sizeof(struct ip6t_entry) : sizeof(struct ipt_entry);

	if (at > t->size || t->size - at < size)
		return false;
	if (t->six) {
		const struct ip6t_entry *e = (const void *)(t->bytes + at);

		*ret = (struct old_rule){
			.destination = e->ipv6.dst.s6_addr,
			.destination_mask = e->ipv6.dmsk.s6_addr,
			.source_mask = e->ipv6.smsk.s6_addr,
			.in = e->ipv6.iniface,
			.out = e->ipv6.outiface,
			.in_mask = e->ipv6.iniface_mask,
			.out_mask = e->ipv6.outiface_mask,
			.protocol = e->ipv6.flags & IP6T_F_PROTO ? e->ipv6.proto : 0,
			.flags = e->ipv6.flags & IP6T_F_GOTO,
			.inverse = e->ipv6.invflags,
			.target = e->target_offset,
			.next = e->next_offset,
		};
	} else {
		const struct ipt_entry *e = (const void *)(t->bytes + at);

		*ret = (struct old_rule){
			.destination = (const void *)&e->ip.dst,
			.destination_mask = (const void *)&e->ip.dmsk,
			.source_mask = (const void *)&e->ip.smsk,
			.in = e->ip.iniface,
			.out = e->ip.outiface,
			.in_mask = e->ip.iniface_mask,
			.out_mask = e->ip.outiface_mask,
			.protocol = e->ip.proto,
			.flags = e->ip.flags & IPT_F_GOTO,
			.inverse = e->ip.invflags,
			.target = e->target_offset,
			.next = e->next_offset,
		};
	}
	ret->matches = (uint32_t)size;
	return ret->target >= size && ret->target <= ret->next && ret->next <= t->size - at &&
	       ret->next - ret->target >= sizeof(struct xt_entry_target);
}

static enum old_match turned(enum old_match m, bool inverse)
{
	if (!inverse || m == OLD_MAYBE)
		return m;
	return m == OLD_YES ? OLD_NO : OLD_YES;
}

static enum old_match both(enum old_match a, enum old_match b)
{
	return a < b ? a : b;
}

/* The name of an interface, of which the mask says how much counts. */
static enum old_match interface_match(const char *name, const uint8_t *mask, const char *rule)
{
	for (size_t i = 0; i < IFNAMSIZ; i++)
		if ((name[i] ^ rule[i]) & mask[i])
			return OLD_NO;
	return OLD_YES;
}

static bool all_zero(const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (bytes[i])
			return false;
	return true;
}

static enum old_match header_match(const struct old_walk *w, const struct old_rule *r)
{
	const struct filter_packet *p = w->packet;
	size_t length = family_bytes((enum family)p->destination.family);
	char none[sizeof(p->name)] = "";
	enum old_match m = OLD_YES, to = OLD_YES;

	for (size_t i = 0; i < length; i++)
		if ((p->destination.bytes[i] ^ r->destination[i]) & r->destination_mask[i])
			to = OLD_NO;
	m = both(m, turned(to, r->inverse & IPT_INV_DSTIP));
	/* Whom it comes from is not known. */
	if (!all_zero(r->source_mask, length))
		m = both(m, OLD_MAYBE);
	m = both(m, turned(interface_match(p->out ? none : p->name, r->in_mask, r->in),
			   r->inverse & IPT_INV_VIA_IN));
	m = both(m, turned(interface_match(p->out ? p->name : none, r->out_mask, r->out),
			   r->inverse & IPT_INV_VIA_OUT));
	if (r->protocol)
		m = both(m, turned(r->protocol == filter_protocol(w->packet) ? OLD_YES : OLD_NO,
				   r->inverse & XT_INV_PROTO));
	return m;
}

/* Of the matches that of UDP is understood; what others look at is not known. */
static enum old_match matches_match(const struct old_walk *w, uint32_t rule,
				    const struct old_rule *r)
{
	enum old_match m = OLD_YES;
	uint32_t at = r->matches;

	while (at < r->target && r->target - at >= sizeof(struct xt_entry_match)) {
		const struct xt_entry_match *e = (const void *)(w->table->bytes + rule + at);
		size_t size = e->u.match_size;

		if (size < sizeof(*e) || size > r->target - at)
			return OLD_MAYBE;
		if (strncmp(e->u.user.name, "udp", sizeof(e->u.user.name)) == 0 &&
		    size - sizeof(*e) >= sizeof(struct xt_udp))
			m = both(m, filter_udp_matches((const void *)e->data, w->packet) ? OLD_YES
											 : OLD_NO);
		else if (strncmp(e->u.user.name, "comment", sizeof(e->u.user.name)) != 0)
			m = both(m, OLD_MAYBE);
		at += (uint32_t)size;
	}
	return m;
}

/* True: it is decided, or what is behind cannot matter. */
static bool drop(struct old_walk *w, enum old_match sure)
{
	enum filter_fate fate =
		sure == OLD_YES && !w->may_have_passed ? FILTER_DROPS : FILTER_MAY_DROP;

	if (fate > w->fate)
		w->fate = fate;
	return sure == OLD_YES;
}

static bool chain_walk(struct old_walk *w, uint32_t at, enum old_match sure, unsigned depth);

/* What the target does. 0: the next rule; 1: out of the chain; 2: it is decided. */
static int target_take(struct old_walk *w, uint32_t rule, const struct old_rule *r,
		       enum old_match sure, unsigned depth)
{
	const struct xt_entry_target *t = (const void *)(w->table->bytes + rule + r->target);
	char name[sizeof(t->u.user.name)];
	int verdict;

	text_copy(name, sizeof(name), t->u.user.name);
	if (strcmp(name, "REJECT") == 0)
		return drop(w, sure) ? 2 : 0;
	if (strcmp(name, XT_ERROR_TARGET) == 0)
		return 1; /* the head of another chain: this one has ended */
	if (*name || r->next - r->target < sizeof(struct xt_standard_target))
		return 0;
	verdict = ((const struct xt_standard_target *)t)->verdict;
	if (verdict >= 0) {
		bool ended = depth < JUMPS_MAX && chain_walk(w, (uint32_t)verdict, sure, depth + 1);

		return ended && sure == OLD_YES ? 2 : r->flags && sure == OLD_YES ? 1 : 0;
	}
	if (verdict == XT_RETURN)
		return sure == OLD_YES ? 1 : 0;
	if (verdict == -NF_DROP - 1)
		return drop(w, sure) ? 2 : 0;
	if (verdict != -NF_ACCEPT - 1)
		return drop(w, OLD_MAYBE) ? 2 : 0; /* a program decides: QUEUE */
	w->may_have_passed |= sure != OLD_YES;
	return sure == OLD_YES ? 2 : 0;
}

/* True: what becomes of the packet is decided in the chain. */
static bool chain_walk(struct old_walk *w, uint32_t at, enum old_match sure, unsigned depth)
{
	struct old_rule r;

	while (w->steps++ < STEPS_MAX && rule_read(w->table, at, &r)) {
		enum old_match m = both(sure, header_match(w, &r));

		if (m != OLD_NO)
			m = both(m, matches_match(w, at, &r));
		if (m != OLD_NO) {
			int course = target_take(w, at, &r, m, depth);

			if (course)
				return course == 2;
		}
		at += r.next;
	}
	return false;
}

static void hook_judge(const struct old_table *t, const struct filter_packet *p, unsigned hook,
		       struct filter_verdict *ret)
{
	static const char *const names[] = {
		[NF_INET_PRE_ROUTING] = "PREROUTING",
		[NF_INET_LOCAL_IN] = "INPUT",
		[NF_INET_LOCAL_OUT] = "OUTPUT",
		[NF_INET_POST_ROUTING] = "POSTROUTING",
	};
	struct old_walk w = { .table = t, .packet = p };
	char option[FILTER_TEXT_MAX];

	if (!(t->valid_hooks & 1u << hook))
		return;
	(void)chain_walk(&w, t->entry[hook], OLD_YES, 0);
	if (w.fate <= ret->fate)
		return;
	ret->fate = w.fate;
	snprintf(ret->where, sizeof(ret->where), "the old iptables, table %s, chain %s", t->name,
		 names[hook]);
	snprintf(ret->fix, sizeof(ret->fix), "%s-legacy -t %s -I %s %.60s -j ACCEPT",
		 t->six ? "ip6tables" : "iptables", t->name, names[hook], filter_option(p, option));
}

/* The whole table; NULL when it cannot be read. To be freed. */
static void *table_read(int fd, struct old_table *t)
{
	int level = t->six ? IPPROTO_IPV6 : IPPROTO_IP;
	struct ipt_getinfo info = { 0 };
	struct ipt_get_entries *entries;
	socklen_t size = sizeof(info);

	/* Both families have the same layout here, and the same numbers. */
	text_copy(info.name, sizeof(info.name), t->name);
	if (getsockopt(fd, level, IPT_SO_GET_INFO, &info, &size) < 0 || info.size > TABLE_BYTES_MAX)
		return NULL;
	size = (socklen_t)(sizeof(*entries) + info.size);
	entries = calloc(1, size);
	if (!entries)
		return NULL;
	text_copy(entries->name, sizeof(entries->name), t->name);
	entries->size = info.size;
	if (getsockopt(fd, level, IPT_SO_GET_ENTRIES, entries, &size) < 0) {
		free(entries);
		return NULL;
	}
	t->valid_hooks = info.valid_hooks;
	memcpy(t->entry, info.hook_entry, sizeof(t->entry));
	t->size = info.size;
	t->bytes = (const void *)entries->entrytable;
	return entries;
}

static void table_judge(int fd, const struct filter_packet *p, const char *name,
			struct filter_verdict *ret)
{
	struct old_table t = { .six = p->destination.family == FAMILY_IPV6 };
	void *entries;

	text_copy(t.name, sizeof(t.name), name);
	entries = table_read(fd, &t);
	if (!entries)
		return;
	hook_judge(&t, p, p->out ? NF_INET_LOCAL_OUT : NF_INET_PRE_ROUTING, ret);
	hook_judge(&t, p, p->out ? NF_INET_POST_ROUTING : NF_INET_LOCAL_IN, ret);
	free(entries);
}

void old_filters_judge(const struct filter_packet *p, struct filter_verdict *ret)
{
	bool six = p->destination.family == FAMILY_IPV6;
	FILE *names = fopen(six ? "/proc/thread-self/net/ip6_tables_names"
				: "/proc/thread-self/net/ip_tables_names",
			    "re");
	char name[64];
	int fd;

	if (!names)
		return;
	/* Only tables that are there are asked for: to ask for another would make it. */
	fd = socket(six ? AF_INET6 : AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	while (fd >= 0 && fgets(name, sizeof(name), names)) {
		name[strcspn(name, "\n")] = '\0';
		table_judge(fd, p, name, ret);
	}
	if (fd >= 0)
		close(fd);
	fclose(names);
}
