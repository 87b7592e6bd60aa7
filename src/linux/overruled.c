/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/overruled.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "linux/message.h"
#include "linux/messages.h"

#define RECEIVE_BYTES 32768
#define ROUTES_MAX 262144

/* A route of the main table. */
struct entry {
	struct prefix prefix;
	uint32_t metric, interface;
	uint8_t protocol;
};

struct table {
	struct entry *entries; /* owned */
	size_t count, capacity;
};

static void table_add(struct table *t, const struct entry *e)
{
	if (t->count == ROUTES_MAX)
		return;
	if (t->count == t->capacity) {
		size_t wanted = t->capacity ? t->capacity * 2 : 256;
		struct entry *grown = reallocarray(t->entries, wanted, sizeof(*grown));

		if (!grown)
			return;
		t->entries = grown;
		t->capacity = wanted;
	}
	t->entries[t->count++] = *e;
}

static int take_route(const struct nlmsghdr *h, void *data)
{
	const struct rtmsg *m = mnl_nlmsg_get_payload(h);
	enum family family = m->rtm_family == AF_INET6 ? FAMILY_IPV6 : FAMILY_IPV4;
	static const uint8_t zeros[ADDRESS_BYTES_MAX];
	struct entry e = { .protocol = m->rtm_protocol };
	const void *to = zeros;
	const struct nlattr *a;

	if (h->nlmsg_type != RTM_NEWROUTE || m->rtm_table != RT_TABLE_MAIN ||
	    (m->rtm_family != AF_INET && m->rtm_family != AF_INET6) ||
	    m->rtm_dst_len > family_bits(family) || m->rtm_flags & (RTNH_F_DEAD | RTNH_F_LINKDOWN))
		return MNL_CB_OK; /* one whose way is dead does not win */
	for (a = mnl_nlmsg_get_payload_offset(h, sizeof(*m));
	     mnl_attr_ok(a, (int)((const char *)mnl_nlmsg_get_payload_tail(h) - (const char *)a));
	     a = mnl_attr_next(a)) {
		uint16_t type = mnl_attr_get_type(a);

		if (type == RTA_DST && mnl_attr_get_payload_len(a) == family_bytes(family))
			to = mnl_attr_get_payload(a);
		else if (type == RTA_PRIORITY && mnl_attr_validate(a, MNL_TYPE_U32) == 0)
			e.metric = mnl_attr_get_u32(a);
		else if (type == RTA_OIF && mnl_attr_validate(a, MNL_TYPE_U32) == 0)
			e.interface = mnl_attr_get_u32(a);
	}
	e.prefix.address = address_make(family, to);
	e.prefix = prefix_make(&e.prefix.address, m->rtm_dst_len);
	table_add(data, &e);
	return MNL_CB_OK;
}

static void table_read(struct table *t, uint8_t family)
{
	struct mnl_socket *nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	_Alignas(8) char buffer[RECEIVE_BYTES];
	struct nlmsghdr *h = mnl_nlmsg_put_header(buffer);
	struct rtmsg *m;
	ssize_t n;

	if (!nl)
		return;
	h->nlmsg_type = RTM_GETROUTE;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	h->nlmsg_seq = 1;
	m = mnl_nlmsg_put_extra_header(h, sizeof(*m));
	m->rtm_family = family;
	if (mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) == 0 &&
	    mnl_socket_sendto(nl, h, h->nlmsg_len) >= 0)
		while ((n = mnl_socket_recvfrom(nl, buffer, sizeof(buffer))) > 0 &&
		       messages_all_ok(buffer, (size_t)n) &&
		       mnl_cb_run(buffer, (size_t)n, 1, mnl_socket_get_portid(nl), take_route, t) >
			       0)
			;
	mnl_socket_close(nl);
}

/* By network, and in it as Linux chooses. */
static int by_choice(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int order = prefix_compare(&x->prefix, &y->prefix);

	return order ? order : x->metric < y->metric ? -1 : x->metric > y->metric;
}

size_t overruled_find(struct overruled *ret, size_t max)
{
	struct table t = { 0 };
	size_t count = 0, first = 0;

	table_read(&t, AF_INET);
	table_read(&t, AF_INET6);
	if (t.count > 1)
		qsort(t.entries, t.count, sizeof(*t.entries), by_choice);
	for (size_t i = 1; i < t.count; i++) {
		const struct entry *best;

		if (!prefix_equal(&t.entries[i].prefix, &t.entries[first].prefix))
			first = i;
		best = &t.entries[first];
		if (t.entries[i].protocol != VIPD_RTPROT ||
		    t.entries[i].metric != VIPD_LEARNED_METRIC ||
		    best->metric >= VIPD_LEARNED_METRIC)
			continue;
		if (count < max)
			ret[count] =
				(struct overruled){ best->prefix, best->metric, best->interface };
		count++;
	}
	free(t.entries);
	return count;
}
