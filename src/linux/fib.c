/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/fib.h"

#include <sys/socket.h>

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>

#include "linux/messages.h"

#define ROUTE_DEAD (RTNH_F_DEAD | RTNH_F_LINKDOWN)

struct reading {
	uint32_t table; /* 0: whatever it is */
	void (*route)(void *context, const struct fib_route *r);
	void *context;
};

static void interface_add(struct fib_route *r, uint32_t index)
{
	for (size_t i = 0; i < r->n_interfaces && i < FIB_INTERFACES_MAX; i++)
		if (r->interfaces[i] == index)
			return;
	if (r->n_interfaces < FIB_INTERFACES_MAX)
		r->interfaces[r->n_interfaces] = index;
	if (r->n_interfaces < UINT8_MAX)
		r->n_interfaces++;
}

static void multipath_read(const struct nlattr *attribute, struct fib_route *r)
{
	const uint8_t *at = mnl_attr_get_payload(attribute);
	size_t left = mnl_attr_get_payload_len(attribute);
	const struct rtnexthop *hop = (const void *)at;

	while (left >= sizeof(*hop) && hop->rtnh_len >= sizeof(*hop) && hop->rtnh_len <= left) {
		size_t step = MNL_ALIGN((size_t)hop->rtnh_len);

		if (!(hop->rtnh_flags & ROUTE_DEAD))
			interface_add(r, (uint32_t)hop->rtnh_ifindex);
		left -= step < left ? step : left;
		at += step;
		hop = (const void *)at;
	}
}

static void address_read(const struct nlattr *attribute, enum family family, struct address *ret)
{
	if (mnl_attr_get_payload_len(attribute) == family_bytes(family))
		*ret = address_make(family, mnl_attr_get_payload(attribute));
}

static void message_read(void *context, const struct nlmsghdr *h)
{
	const struct reading *reading = context;
	const struct rtmsg *m = mnl_nlmsg_get_payload(h);
	static const uint8_t none[ADDRESS_BYTES_MAX];
	struct address destination;
	const struct nlattr *a;
	struct fib_route r;
	enum family family;
	uint32_t table;

	if (h->nlmsg_type != RTM_NEWROUTE || mnl_nlmsg_get_payload_len(h) < sizeof(*m))
		return;
	family = m->rtm_family == AF_INET ? FAMILY_IPV4 : FAMILY_IPV6;
	destination = address_make(family, none);
	table = m->rtm_table;
	r = (struct fib_route){ .type = m->rtm_type,
				.protocol = m->rtm_protocol,
				.dead = m->rtm_flags & ROUTE_DEAD };
	for (a = mnl_nlmsg_get_payload_offset(h, sizeof(*m));
	     mnl_attr_ok(a, (int)((const char *)mnl_nlmsg_get_payload_tail(h) - (const char *)a));
	     a = mnl_attr_next(a)) {
		switch (mnl_attr_get_type(a)) {
		case RTA_TABLE:
			table = mnl_attr_get_u32(a);
			break;
		case RTA_DST:
			address_read(a, family, &destination);
			break;
		case RTA_PREFSRC:
			address_read(a, family, &r.source);
			break;
		case RTA_PRIORITY:
			r.metric = mnl_attr_get_u32(a);
			break;
		case RTA_OIF:
			if (!(m->rtm_flags & ROUTE_DEAD))
				interface_add(&r, mnl_attr_get_u32(a));
			break;
		case RTA_MULTIPATH:
			multipath_read(a, &r);
			break;
		}
	}
	if (m->rtm_dst_len > family_bits(family))
		return;
	r.prefix = prefix_make(&destination, m->rtm_dst_len);
	if (!reading->table || reading->table == table)
		reading->route(reading->context, &r);
}

int fib_read(enum family family, enum fib_table table,
	     void (*route)(void *context, const struct fib_route *r), void *context)
{
	struct reading reading = { (uint32_t)table, route, context };
	_Alignas(8) uint8_t bytes[128];
	struct nlmsghdr *h = mnl_nlmsg_put_header(bytes);
	struct rtmsg *m = mnl_nlmsg_put_extra_header(h, sizeof(*m));

	h->nlmsg_type = RTM_GETROUTE;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	m->rtm_family = family == FAMILY_IPV4 ? AF_INET : AF_INET6;
	m->rtm_table = (uint8_t)table;
	return messages_ask(NETLINK_ROUTE, h, message_read, &reading);
}

static void route_keep(void *context, const struct fib_route *r)
{
	*(struct fib_route *)context = *r;
}

static int ask_for(const struct address *destination, unsigned flags, struct fib_route *ret)
{
	struct reading reading = { 0, route_keep, ret };
	_Alignas(8) uint8_t bytes[128];
	struct nlmsghdr *h = mnl_nlmsg_put_header(bytes);
	struct rtmsg *m = mnl_nlmsg_put_extra_header(h, sizeof(*m));

	h->nlmsg_type = RTM_GETROUTE;
	h->nlmsg_flags = NLM_F_REQUEST;
	m->rtm_family = destination->family == FAMILY_IPV4 ? AF_INET : AF_INET6;
	m->rtm_dst_len = family_bits(destination->family);
	m->rtm_flags = flags;
	mnl_attr_put(h, RTA_DST, family_bytes(destination->family), destination->bytes);
	return messages_ask(NETLINK_ROUTE, h, message_read, &reading);
}

int fib_ask(const struct address *destination, struct fib_route *ret)
{
	struct fib_route chosen = { 0 }, entry = { 0 };
	int error = ask_for(destination, 0, &chosen);

	if (error)
		return error;
	/* The entry knows all the interfaces, the answer for one packet the source. */
	if (ask_for(destination, RTM_F_FIB_MATCH, &entry) == 0 && entry.n_interfaces) {
		entry.source = chosen.source;
		chosen = entry;
	}
	*ret = chosen;
	return 0;
}
