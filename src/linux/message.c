/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/message.h"

#include <assert.h>
#include <string.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>

#include "base/container.h"

static uint8_t family_of(const struct address *a)
{
	return a->family == FAMILY_IPV6 ? AF_INET6 : AF_INET;
}

static struct nlmsghdr *start(struct nlmsghdr *h, uint16_t type, uint16_t flags)
{
	mnl_nlmsg_put_header(h);
	h->nlmsg_type = type;
	h->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	return h;
}

static void put_address(struct nlmsghdr *h, uint16_t type, const struct address *a)
{
	mnl_attr_put(h, type, family_bytes((enum family)a->family), a->bytes);
}

static void object_address(struct nlmsghdr *h, bool add, const struct object *o)
{
	struct ifaddrmsg *m;

	start(h, add ? RTM_NEWADDR : RTM_DELADDR, add ? NLM_F_CREATE | NLM_F_EXCL : 0);
	m = mnl_nlmsg_put_extra_header(h, sizeof(*m));
	m->ifa_family = family_of(&o->address);
	m->ifa_prefixlen = o->length;
	m->ifa_index = o->interface;
	put_address(h, IFA_LOCAL, &o->address);
	put_address(h, IFA_ADDRESS, &o->address);
	if (!add)
		return;
	/* There is nobody on a board who could hold the address: it is usable at once. */
	if (o->address.family == FAMILY_IPV6)
		mnl_attr_put_u32(h, IFA_FLAGS, IFA_F_NODAD);
	mnl_attr_put_u8(h, IFA_PROTO, VIPD_RTPROT);
}

static uint16_t creation(const struct object *o)
{
	return NLM_F_CREATE | (o->replace ? NLM_F_REPLACE : NLM_F_EXCL);
}

static void object_route(struct nlmsghdr *h, bool add, const struct object *o)
{
	bool local = o->kind == OBJECT_LOCAL, learned = o->kind == OBJECT_LEARNED;
	struct rtmsg *m;

	start(h, add ? RTM_NEWROUTE : RTM_DELROUTE, add ? creation(o) : 0);
	m = mnl_nlmsg_put_extra_header(h, sizeof(*m));
	m->rtm_family = family_of(&o->address);
	m->rtm_dst_len = o->length;
	m->rtm_protocol = VIPD_RTPROT;
	m->rtm_table = local ? RT_TABLE_LOCAL : RT_TABLE_MAIN;
	m->rtm_type = local ? RTN_LOCAL : learned ? RTN_UNICAST : RTN_UNREACHABLE;
	m->rtm_scope = local ? RT_SCOPE_HOST : RT_SCOPE_UNIVERSE;
	/* The default route has none. */
	if (o->length > 0)
		put_address(h, RTA_DST, &o->address);
	if (local)
		mnl_attr_put_u32(h, RTA_OIF, o->interface);
	else
		mnl_attr_put_u32(h, RTA_PRIORITY,
				 learned ? VIPD_LEARNED_METRIC : VIPD_UNREACHABLE_METRIC);
	if (learned && add)
		mnl_attr_put_u32(h, RTA_NH_ID, o->id);
}

static void object_nexthop(struct nlmsghdr *h, bool add, const struct object *o)
{
	struct nexthop_grp members[OBJECT_MEMBERS_MAX] = { 0 };
	struct nhmsg *m;

	start(h, add ? RTM_NEWNEXTHOP : RTM_DELNEXTHOP, add ? creation(o) : 0);
	m = mnl_nlmsg_put_extra_header(h, sizeof(*m));
	mnl_attr_put_u32(h, NHA_ID, o->id);
	if (!add)
		return;
	m->nh_protocol = VIPD_RTPROT;
	if (o->kind == OBJECT_NEXTHOP) {
		m->nh_family = family_of(&o->address);
		/* It was heard there, whatever addresses the interface has: perhaps none. */
		m->nh_flags = o->address.family == FAMILY_IPV4 ? RTNH_F_ONLINK : 0;
		mnl_attr_put_u32(h, NHA_OIF, o->interface);
		put_address(h, NHA_GATEWAY, &o->address);
		return;
	}
	/* A weight of 0 is one share. */
	for (size_t i = 0; i < o->n_members; i++)
		members[i].id = o->members[i];
	mnl_attr_put(h, NHA_GROUP, o->n_members * sizeof(members[0]), members);
}

void message_object(struct nlmsghdr *h, bool add, const struct object *o)
{
	switch ((enum object_kind)o->kind) {
	case OBJECT_ADDRESS:
		object_address(h, add, o);
		break;
	case OBJECT_NEXTHOP:
	case OBJECT_GROUP:
		object_nexthop(h, add, o);
		break;
	case OBJECT_LEARNED:
	case OBJECT_LOCAL:
	case OBJECT_UNREACHABLE:
		object_route(h, add, o);
		break;
	/* They are no objects of rtnetlink: arp_table.c and echo_table.c make them. */
	case OBJECT_ARP_TABLE:
	case OBJECT_SILENCE:
	case OBJECT_ARP_SENDER:
	case OBJECT_NO_ECHO:
	case OBJECT_KINDS:
		assert(false && "an object of rtnetlink");
		break;
	}
}

static struct ifinfomsg *start_link(struct nlmsghdr *h, uint16_t type, uint16_t flags,
				    uint32_t index)
{
	struct ifinfomsg *m;

	start(h, type, flags);
	m = mnl_nlmsg_put_extra_header(h, sizeof(*m));
	m->ifi_index = (int)index;
	return m;
}

static void link_up(struct ifinfomsg *m)
{
	m->ifi_flags = IFF_UP;
	m->ifi_change = IFF_UP;
}

void message_link_add(struct nlmsghdr *h, const char *name, const char *kind)
{
	struct nlattr *info;

	link_up(start_link(h, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, 0));
	mnl_attr_put_strz(h, IFLA_IFNAME, name);
	mnl_attr_put_u32(h, IFLA_GROUP, VIPD_GROUP);
	info = mnl_attr_nest_start(h, IFLA_LINKINFO);
	mnl_attr_put_strz(h, IFLA_INFO_KIND, kind);
	mnl_attr_nest_end(h, info);
}

void message_link_mark(struct nlmsghdr *h, const char *name)
{
	link_up(start_link(h, RTM_NEWLINK, 0, 0));
	mnl_attr_put_strz(h, IFLA_IFNAME, name);
	mnl_attr_put_str(h, IFLA_IFALIAS, VIPD_ALIAS);
}

void message_link_up(struct nlmsghdr *h, uint32_t index)
{
	link_up(start_link(h, RTM_NEWLINK, 0, index));
}

void message_link_remove(struct nlmsghdr *h, uint32_t index)
{
	start_link(h, RTM_DELLINK, 0, index);
}

void message_link_query(struct nlmsghdr *h, const char *name)
{
	start_link(h, RTM_GETLINK, 0, 0);
	mnl_attr_put_strz(h, IFLA_IFNAME, name);
	mnl_attr_put_u32(h, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
}

/* Only routes with our mark, and of this type (0: any): the kernel leaves out the rest. */
static void dump_routes(struct nlmsghdr *h, uint8_t family, uint8_t table, uint8_t type)
{
	struct rtmsg *m;

	start(h, RTM_GETROUTE, NLM_F_DUMP);
	m = mnl_nlmsg_put_extra_header(h, sizeof(*m));
	m->rtm_family = family;
	m->rtm_table = table;
	m->rtm_type = type;
	m->rtm_protocol = VIPD_RTPROT;
}

void message_dump(struct nlmsghdr *h, size_t question)
{
	struct ifaddrmsg *m;

	assert(question < MESSAGE_DUMPS);
	switch (question) {
	case 0:
		start_link(h, RTM_GETLINK, NLM_F_DUMP, 0);
		mnl_attr_put_u32(h, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
		break;
	case 1:
	case 2:
		start(h, RTM_GETADDR, NLM_F_DUMP);
		m = mnl_nlmsg_put_extra_header(h, sizeof(*m));
		m->ifa_family = question == 1 ? AF_INET : AF_INET6;
		break;
	case 3:
	case 4:
		dump_routes(h, question == 3 ? AF_INET : AF_INET6, RT_TABLE_LOCAL, RTN_LOCAL);
		break;
	case 5:
		/* Those of others come too; a kernel before 5.3 has none. */
		start(h, RTM_GETNEXTHOP, NLM_F_DUMP);
		mnl_nlmsg_put_extra_header(h, sizeof(struct nhmsg));
		break;
	default:
		dump_routes(h, question == 6 ? AF_INET : AF_INET6, RT_TABLE_MAIN, RTN_UNSPEC);
		break;
	}
}

/* The attributes of a message, by their type; those that are unknown or malformed stay NULL. */
struct attributes {
	const struct nlattr **table;
	size_t count;
};

static int attribute_keep(const struct nlattr *attr, void *data)
{
	struct attributes *a = data;
	uint16_t type = mnl_attr_get_type(attr);

	if (type < a->count)
		a->table[type] = attr;
	return MNL_CB_OK;
}

static bool message_attributes(const struct nlmsghdr *h, size_t header, const struct nlattr **table,
			       size_t count)
{
	struct attributes a = { table, count };

	if (h->nlmsg_len < NLMSG_LENGTH(header))
		return false;
	return mnl_attr_parse(h, (unsigned)header, attribute_keep, &a) == MNL_CB_OK;
}

static bool attribute_u32(const struct nlattr *attr, uint32_t *ret)
{
	if (!attr || mnl_attr_get_payload_len(attr) < sizeof(uint32_t))
		return false;
	*ret = mnl_attr_get_u32(attr);
	return true;
}

static bool attribute_address(const struct nlattr *attr, uint8_t family, struct address *ret)
{
	enum family f = family == AF_INET6 ? FAMILY_IPV6 : FAMILY_IPV4;

	if (!attr || mnl_attr_get_payload_len(attr) < family_bytes(f))
		return false;
	*ret = address_make(f, mnl_attr_get_payload(attr));
	return true;
}

/* A text of the kernel, with or without its terminator. */
static void attribute_text(const struct nlattr *attr, char *to, size_t size)
{
	size_t length = mnl_attr_get_payload_len(attr);

	if (length > size - 1)
		length = size - 1;
	memset(to, 0, size);
	memcpy(to, mnl_attr_get_payload(attr), strnlen(mnl_attr_get_payload(attr), length));
}

static bool link_is_ours(const struct nlattr *const *a)
{
	char alias[16];
	uint32_t group;

	if (!a[IFLA_IFALIAS])
		return attribute_u32(a[IFLA_GROUP], &group) && group == VIPD_GROUP;
	attribute_text(a[IFLA_IFALIAS], alias, sizeof(alias));
	return strcmp(alias, VIPD_ALIAS) == 0;
}

static void link_backend(const struct nlattr *info, struct interface *i)
{
	const struct nlattr *table[IFLA_INFO_MAX + 1] = { 0 };
	struct attributes a = { table, ARRAY_LENGTH(table) };

	if (mnl_attr_parse_nested(info, attribute_keep, &a) == MNL_CB_OK && table[IFLA_INFO_KIND])
		attribute_text(table[IFLA_INFO_KIND], i->backend, sizeof(i->backend));
}

/*
 * Whether frames can leave. IFF_LOWER_UP is the wire; the operational state adds what lies above it
 * (802.1X, a VLAN whose parent is down: RFC 2863). A board has no wire, so it is there when it is
 * up: a bridge without ports never has a carrier.
 */
static bool link_carrier(const struct ifinfomsg *m, uint8_t operstate, uint8_t kind)
{
	if (kind == INTERFACE_BOARD)
		return m->ifi_flags & IFF_UP;
	return (m->ifi_flags & IFF_LOWER_UP) &&
	       (operstate == IF_OPER_UNKNOWN || operstate == IF_OPER_UP);
}

static bool parse_link(const struct nlmsghdr *h, struct input *ret)
{
	const struct nlattr *a[IFLA_MAX + 1] = { 0 };
	const struct ifinfomsg *m = mnl_nlmsg_get_payload(h);
	struct interface *i = &ret->link;
	uint8_t operstate = IF_OPER_UNKNOWN;

	/*
	 * A bridge tells of its ports, and a wireless driver of its scans, by messages that look
	 * alike.
	 */
	if (!message_attributes(h, sizeof(*m), a, ARRAY_LENGTH(a)) || m->ifi_family != AF_UNSPEC ||
	    !a[IFLA_IFNAME] || a[IFLA_WIRELESS])
		return false;
	if (h->nlmsg_type == RTM_DELLINK) {
		ret->kind = INPUT_LINK_GONE;
		ret->link_gone.index = (uint32_t)m->ifi_index;
		return true;
	}
	ret->kind = INPUT_LINK;
	i->index = (uint32_t)m->ifi_index;
	attribute_text(a[IFLA_IFNAME], i->name, sizeof(i->name));
	if (m->ifi_flags & IFF_LOOPBACK)
		i->kind = INTERFACE_LOOPBACK;
	else
		i->kind = link_is_ours(a) ? INTERFACE_BOARD : INTERFACE_PHYSICAL;
	if (a[IFLA_OPERSTATE] && mnl_attr_get_payload_len(a[IFLA_OPERSTATE]) >= 1)
		operstate = mnl_attr_get_u8(a[IFLA_OPERSTATE]);
	i->up = m->ifi_flags & IFF_UP;
	i->carrier = link_carrier(m, operstate, i->kind);
	i->multicast = m->ifi_flags & IFF_MULTICAST;
	i->broadcast = m->ifi_flags & IFF_BROADCAST;
	attribute_u32(a[IFLA_MTU], &i->mtu);
	if (a[IFLA_ADDRESS] && mnl_attr_get_payload_len(a[IFLA_ADDRESS]) == sizeof(i->mac))
		memcpy(i->mac, mnl_attr_get_payload(a[IFLA_ADDRESS]), sizeof(i->mac));
	if (a[IFLA_LINKINFO])
		link_backend(a[IFLA_LINKINFO], i);
	return true;
}

/*
 * IFA_LOCAL is ours on any link; beside it IFA_ADDRESS is the other end of a point-to-point one
 * where it differs, and its network is the one that the kernel has a route for.
 */
static bool address_ends(const struct nlattr *const *a, uint8_t family, struct object *o)
{
	if (!attribute_address(a[IFA_LOCAL] ? a[IFA_LOCAL] : a[IFA_ADDRESS], family, &o->address))
		return false;
	if (a[IFA_LOCAL] && attribute_address(a[IFA_ADDRESS], family, &o->peer) &&
	    (address_equal(&o->peer, &o->address) || address_is_unspecified(&o->peer)))
		o->peer = (struct address){ 0 };
	return o->length <= family_bits(o->address.family);
}

static bool parse_address(const struct nlmsghdr *h, struct input *ret)
{
	const struct nlattr *a[IFA_MAX + 1] = { 0 };
	const struct ifaddrmsg *m = mnl_nlmsg_get_payload(h);
	struct object *o = &ret->object.object;
	uint32_t flags;

	if (!message_attributes(h, sizeof(*m), a, ARRAY_LENGTH(a)) ||
	    (m->ifa_family != AF_INET && m->ifa_family != AF_INET6))
		return false;
	flags = m->ifa_flags;
	attribute_u32(a[IFA_FLAGS], &flags);
	ret->kind = INPUT_OBJECT;
	ret->object.present = h->nlmsg_type == RTM_NEWADDR;
	/* RFC 4862 5.4: nobody may use it until its uniqueness is known. */
	if (ret->object.present && m->ifa_family == AF_INET6 &&
	    (flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED)) && !(flags & IFA_F_OPTIMISTIC))
		return false;
	o->kind = OBJECT_ADDRESS;
	o->interface = m->ifa_index;
	o->length = m->ifa_prefixlen;
	o->deprecated = flags & IFA_F_DEPRECATED;
	return address_ends(a, m->ifa_family, o);
}

/* The default route has no address in the message. */
static bool route_destination(const struct nlattr *attr, const struct rtmsg *m, struct object *o)
{
	static const uint8_t zero[ADDRESS_BYTES_MAX];

	if (!attr && m->rtm_dst_len == 0) {
		o->address =
			address_make(m->rtm_family == AF_INET6 ? FAMILY_IPV6 : FAMILY_IPV4, zero);
		return true;
	}
	return attribute_address(attr, m->rtm_family, &o->address) &&
	       o->length <= family_bits(o->address.family);
}

static bool parse_route(const struct nlmsghdr *h, struct input *ret)
{
	const struct nlattr *a[RTA_MAX + 1] = { 0 };
	const struct rtmsg *m = mnl_nlmsg_get_payload(h);
	struct object *o = &ret->object.object;
	uint32_t metric;

	if (h->nlmsg_len < NLMSG_LENGTH(sizeof(*m)) || m->rtm_protocol != VIPD_RTPROT ||
	    (m->rtm_family != AF_INET && m->rtm_family != AF_INET6))
		return false;
	if (!message_attributes(h, sizeof(*m), a, ARRAY_LENGTH(a)))
		return false;
	ret->kind = INPUT_OBJECT;
	ret->object.present = h->nlmsg_type == RTM_NEWROUTE;
	o->length = m->rtm_dst_len;
	if (m->rtm_table == RT_TABLE_LOCAL && m->rtm_type == RTN_LOCAL) {
		o->kind = OBJECT_LOCAL;
		if (!attribute_u32(a[RTA_OIF], &o->interface))
			return false;
	} else if (m->rtm_table == RT_TABLE_MAIN && m->rtm_type == RTN_UNREACHABLE) {
		o->kind = OBJECT_UNREACHABLE;
	} else if (m->rtm_table == RT_TABLE_MAIN && m->rtm_type == RTN_UNICAST) {
		o->kind = OBJECT_LEARNED;
		if (!attribute_u32(a[RTA_PRIORITY], &metric) || metric != VIPD_LEARNED_METRIC)
			return false;
		attribute_u32(a[RTA_NH_ID], &o->id);
	} else {
		return false;
	}
	return route_destination(a[RTA_DST], m, o);
}

static bool parse_group(const struct nlattr *attr, struct object *o)
{
	const struct nexthop_grp *members = mnl_attr_get_payload(attr);
	size_t n = mnl_attr_get_payload_len(attr) / sizeof(*members);

	/* More than we make is not one of ours as it was, and is made anew. */
	o->kind = OBJECT_GROUP;
	o->n_members = (uint8_t)(n <= OBJECT_MEMBERS_MAX ? n : 0);
	for (size_t i = 0; i < o->n_members; i++)
		o->members[i] = members[i].id;
	return true;
}

static bool parse_nexthop(const struct nlmsghdr *h, struct input *ret)
{
	const struct nlattr *a[NHA_MAX + 1] = { 0 };
	const struct nhmsg *m = mnl_nlmsg_get_payload(h);
	struct object *o = &ret->object.object;

	if (!message_attributes(h, sizeof(*m), a, ARRAY_LENGTH(a)) ||
	    !attribute_u32(a[NHA_ID], &o->id))
		return false;
	ret->kind = INPUT_OBJECT;
	ret->object.present = h->nlmsg_type == RTM_NEWNEXTHOP;
	if (m->nh_protocol != VIPD_RTPROT)
		return false;
	if (a[NHA_GROUP])
		return parse_group(a[NHA_GROUP], o);
	o->kind = OBJECT_NEXTHOP;
	return attribute_u32(a[NHA_OIF], &o->interface) &&
	       attribute_address(a[NHA_GATEWAY], m->nh_family, &o->address);
}

bool message_parse(const struct nlmsghdr *h, struct input *ret)
{
	memset(ret, 0, sizeof(*ret));
	switch (h->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		return parse_link(h, ret);
	case RTM_NEWADDR:
	case RTM_DELADDR:
		return parse_address(h, ret);
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
		return parse_route(h, ret);
	case RTM_NEWNEXTHOP:
	case RTM_DELNEXTHOP:
		return parse_nexthop(h, ret);
	default:
		return false;
	}
}

bool message_link_is_ours(const struct nlmsghdr *h)
{
	const struct nlattr *a[IFLA_MAX + 1] = { 0 };

	return message_attributes(h, sizeof(struct ifinfomsg), a, ARRAY_LENGTH(a)) &&
	       link_is_ours(a);
}
