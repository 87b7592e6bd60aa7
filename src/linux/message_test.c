/* SPDX-License-Identifier: Apache-2.0 */
/* What we write, read as if the kernel had said it: an event has the form of the request. */
#include "linux/message.h"

#include <stdlib.h>

#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>

#include <libmnl/libmnl.h>

#include "base/container.h"
#include "base/unit.h"

union message {
	struct nlmsghdr header;
	uint8_t bytes[MESSAGE_BYTES_MAX];
};

static struct object object_make(uint8_t kind, uint32_t interface, const char *text, uint8_t length)
{
	struct object o = { .kind = kind, .interface = interface, .length = length };

	assert_int_equal(address_parse(text, &o.address), 0);
	return o;
}

static void assert_object(const struct object *a, const struct object *b)
{
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->interface, b->interface);
	assert_int_equal(a->length, b->length);
	assert_true(address_equal(&a->address, &b->address));
}

static void test_an_object_is_read_as_it_was_written(void **state)
{
	const struct object objects[] = {
		object_make(OBJECT_ADDRESS, 7, "10.9.1.1", 32),
		object_make(OBJECT_LOCAL, 7, "10.9.1.2", 32),
		object_make(OBJECT_UNREACHABLE, 0, "10.9.1.0", 24),
		object_make(OBJECT_ADDRESS, 8, "2001:db8::1", 128),
		object_make(OBJECT_LOCAL, 8, "2001:db8::", 64),
		object_make(OBJECT_UNREACHABLE, 0, "2001:db8::", 32),
	};
	union message m;
	struct input in;

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(objects); i++) {
		for (int add = 0; add < 2; add++) {
			message_object(&m.header, add, &objects[i]);
			assert_true(m.header.nlmsg_len <= sizeof(m));
			assert_true(message_parse(&m.header, &in));
			assert_int_equal(in.kind, INPUT_OBJECT);
			assert_int_equal(in.object.present, add);
			assert_object(&in.object.object, &objects[i]);
		}
	}
}

static void test_next_hops_groups_and_learned_routes_are_read_as_they_were_written(void **state)
{
	struct object objects[] = {
		object_make(OBJECT_NEXTHOP, 7, "10.1.0.1", 0),
		object_make(OBJECT_NEXTHOP, 8, "fe80::1", 0),
		{ .kind = OBJECT_GROUP, .n_members = OBJECT_MEMBERS_MAX },
		object_make(OBJECT_LEARNED, 0, "10.20.0.0", 16),
		object_make(OBJECT_LEARNED, 0, "2001:db8::", 32),
		object_make(OBJECT_LEARNED, 0, "0.0.0.0", 0),
		object_make(OBJECT_LEARNED, 0, "::", 0),
	};
	union message m;
	struct input in;

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(objects); i++) {
		struct object *o = &objects[i];

		o->id = 1000 + (uint32_t)i;
		for (uint32_t k = 0; k < o->n_members; k++)
			o->members[k] = 50 + k;
		message_object(&m.header, true, o);
		assert_true(m.header.nlmsg_len <= sizeof(m));
		assert_int_equal(m.header.nlmsg_flags & NLM_F_EXCL, NLM_F_EXCL);
		assert_true(message_parse(&m.header, &in));
		assert_true(in.object.present);
		assert_true(object_is_same(&in.object.object, o));
		assert_true(object_content_equal(&in.object.object, o));
		o->replace = true;
		message_object(&m.header, true, o);
		assert_int_equal(m.header.nlmsg_flags & (NLM_F_EXCL | NLM_F_REPLACE),
				 NLM_F_REPLACE);
	}
}

static void test_next_hops_of_others_mean_nothing(void **state)
{
	struct object o = object_make(OBJECT_NEXTHOP, 7, "10.1.0.1", 0);
	struct nhmsg *nexthop;
	union message m;
	struct input in;

	(void)state;
	o.id = 1;
	message_object(&m.header, true, &o);
	nexthop = mnl_nlmsg_get_payload(&m.header);
	nexthop->nh_protocol = RTPROT_ZEBRA;
	assert_false(message_parse(&m.header, &in));
}

static void test_routes_of_others_mean_nothing(void **state)
{
	struct object o = object_make(OBJECT_LOCAL, 7, "10.9.1.2", 32);
	struct rtmsg *route;
	union message m;
	struct input in;

	(void)state;
	message_object(&m.header, true, &o);
	route = mnl_nlmsg_get_payload(&m.header);
	route->rtm_protocol = RTPROT_BOOT;
	assert_false(message_parse(&m.header, &in));
	route->rtm_protocol = VIPD_RTPROT;
	route->rtm_type = RTN_BLACKHOLE;
	assert_false(message_parse(&m.header, &in));
}

static void test_an_address_that_cannot_be_used_yet_is_not_there(void **state)
{
	struct object o = object_make(OBJECT_ADDRESS, 7, "2001:db8::1", 64);
	union message m;
	struct input in;

	(void)state;
	message_object(&m.header, false, &o);
	m.header.nlmsg_type = RTM_NEWADDR;
	mnl_attr_put_u32(&m.header, IFA_FLAGS, IFA_F_TENTATIVE);
	assert_false(message_parse(&m.header, &in));
	/* RFC 4429: an optimistic address is used while it is being checked. */
	mnl_attr_put_u32(&m.header, IFA_FLAGS, IFA_F_TENTATIVE | IFA_F_OPTIMISTIC);
	assert_true(message_parse(&m.header, &in));
}

static void test_the_network_of_an_address_with_a_peer_is_the_peers(void **state)
{
	const struct {
		const char *ours, *peer;
		uint8_t length;
	} cases[] = {
		{ "10.1.0.10", "10.1.0.1", 32 },
		{ "10.1.0.10", "10.2.0.1", 24 },
		{ "2001:db8::10", "2001:db8::1", 128 },
	};
	union message m;
	struct input in;

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct object o = object_make(OBJECT_ADDRESS, 7, cases[i].ours, cases[i].length);
		struct object p = object_make(OBJECT_ADDRESS, 7, cases[i].peer, cases[i].length);
		struct nlmsghdr *h = &m.header;
		struct ifaddrmsg *head;

		mnl_nlmsg_put_header(&m);
		h->nlmsg_type = RTM_NEWADDR;
		head = mnl_nlmsg_put_extra_header(h, sizeof(*head));
		head->ifa_family = o.address.family == FAMILY_IPV4 ? AF_INET : AF_INET6;
		head->ifa_prefixlen = cases[i].length;
		head->ifa_index = 7;
		mnl_attr_put(h, IFA_LOCAL, family_bytes(o.address.family), o.address.bytes);
		mnl_attr_put(h, IFA_ADDRESS, family_bytes(o.address.family), p.address.bytes);
		assert_true(message_parse(h, &in));
		assert_object(&in.object.object, &o);
		assert_true(address_equal(&in.object.object.peer, &p.address));
	}
	/* An address without one is told in both ways too. */
	message_object(&m.header, true,
		       &(struct object){ .kind = OBJECT_ADDRESS,
					 .interface = 7,
					 .address = address_ipv4(0x0a01000a),
					 .length = 24 });
	assert_true(message_parse(&m.header, &in));
	assert_false(address_is_set(&in.object.object.peer));
	assert_false(in.object.object.deprecated);
	mnl_attr_put_u32(&m.header, IFA_FLAGS, IFA_F_DEPRECATED);
	assert_true(message_parse(&m.header, &in));
	assert_true(in.object.object.deprecated);
}

/* A link as the kernel tells of it. */
static struct nlmsghdr *link_make(union message *m, uint32_t flags, uint8_t operstate,
				  const char *alias)
{
	struct ifinfomsg *i;

	mnl_nlmsg_put_header(m);
	m->header.nlmsg_type = RTM_NEWLINK;
	i = mnl_nlmsg_put_extra_header(&m->header, sizeof(*i));
	i->ifi_index = 5;
	i->ifi_flags = flags;
	mnl_attr_put_strz(&m->header, IFLA_IFNAME, "vnic0");
	mnl_attr_put_u8(&m->header, IFLA_OPERSTATE, operstate);
	mnl_attr_put_u32(&m->header, IFLA_MTU, 1400);
	mnl_attr_put(&m->header, IFLA_ADDRESS, 6, "\2\0\0\0\0\1");
	if (alias)
		mnl_attr_put_strz(&m->header, IFLA_IFALIAS, alias);
	return &m->header;
}

static void test_a_link_says_what_it_is(void **state)
{
	union message m;
	struct input in;

	(void)state;
	link_make(&m, IFF_UP | IFF_LOWER_UP | IFF_MULTICAST, IF_OPER_UP, "the uplink");
	assert_true(message_parse(&m.header, &in));
	assert_int_equal(in.kind, INPUT_LINK);
	assert_int_equal(in.link.index, 5);
	assert_string_equal(in.link.name, "vnic0");
	assert_int_equal(in.link.kind, INTERFACE_PHYSICAL);
	assert_true(in.link.up && in.link.carrier && in.link.multicast && !in.link.broadcast);
	assert_int_equal(in.link.mtu, 1400);
	assert_memory_equal(in.link.mac, "\2\0\0\0\0\1", 6);

	link_make(&m, IFF_UP | IFF_LOOPBACK, IF_OPER_UNKNOWN, NULL);
	assert_true(message_parse(&m.header, &in));
	assert_int_equal(in.link.kind, INTERFACE_LOOPBACK);
}

static void test_carrier_is_the_wire_and_what_lies_above_it(void **state)
{
	static const struct {
		uint32_t flags;
		uint8_t operstate;
		const char *alias;
		bool carrier;
	} cases[] = {
		{ IFF_UP | IFF_LOWER_UP, IF_OPER_UP, NULL, true },
		{ IFF_UP | IFF_LOWER_UP, IF_OPER_UNKNOWN, NULL, true },
		{ IFF_UP | IFF_LOWER_UP, IF_OPER_DORMANT, NULL, false },
		{ IFF_UP | IFF_LOWER_UP, IF_OPER_LOWERLAYERDOWN, NULL, false },
		{ IFF_UP, IF_OPER_DOWN, NULL, false },
		{ IFF_UP, IF_OPER_DOWN, VIPD_ALIAS, true },
		{ 0, IF_OPER_DOWN, VIPD_ALIAS, false },
	};
	union message m;
	struct input in;

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		link_make(&m, cases[i].flags, cases[i].operstate, cases[i].alias);
		assert_true(message_parse(&m.header, &in));
		assert_int_equal(in.link.carrier, cases[i].carrier);
	}
}

static void test_a_board_is_what_carries_our_mark(void **state)
{
	union message m;

	(void)state;
	assert_true(message_link_is_ours(link_make(&m, 0, 0, VIPD_ALIAS)));
	assert_false(message_link_is_ours(link_make(&m, 0, 0, "vipd2")));
	assert_false(message_link_is_ours(link_make(&m, 0, 0, NULL)));
	/* Made by us, and the process ended before the alias was on it. */
	mnl_attr_put_u32(&m.header, IFLA_GROUP, VIPD_GROUP);
	assert_true(message_link_is_ours(&m.header));
	link_make(&m, 0, 0, "somebody's");
	mnl_attr_put_u32(&m.header, IFLA_GROUP, VIPD_GROUP);
	assert_false(message_link_is_ours(&m.header));
}

static void test_ports_of_a_bridge_are_not_links_that_come_and_go(void **state)
{
	struct ifinfomsg *i;
	union message m;
	struct input in;

	(void)state;
	i = mnl_nlmsg_get_payload(link_make(&m, IFF_UP, IF_OPER_UP, NULL));
	i->ifi_family = AF_BRIDGE;
	assert_false(message_parse(&m.header, &in));
	m.header.nlmsg_type = RTM_DELLINK;
	assert_false(message_parse(&m.header, &in));
	i->ifi_family = AF_UNSPEC;
	assert_true(message_parse(&m.header, &in));
	assert_int_equal(in.kind, INPUT_LINK_GONE);
	assert_int_equal(in.link_gone.index, 5);
}

/*
 * Each cut stands in memory of its own, with no more than its padding behind it, so that a
 * sanitizer sees every byte too far.
 */
static void cut_everywhere(const struct nlmsghdr *h)
{
	struct input in;

	for (uint32_t length = sizeof(*h); length <= h->nlmsg_len; length++) {
		struct nlmsghdr *cut = calloc(1, NLMSG_ALIGN(length));

		assert_non_null(cut);
		memcpy(cut, h, length);
		cut->nlmsg_len = length;
		message_parse(cut, &in);
		free(cut);
	}
}

static void test_a_message_may_be_cut_anywhere(void **state)
{
	struct object address = object_make(OBJECT_ADDRESS, 7, "2001:db8::1", 128);
	struct object route = object_make(OBJECT_LOCAL, 7, "10.9.1.1", 32);
	union message m;

	(void)state;
	message_object(&m.header, true, &address);
	cut_everywhere(&m.header);
	message_object(&m.header, true, &route);
	cut_everywhere(&m.header);
	cut_everywhere(link_make(&m, IFF_UP, IF_OPER_UP, VIPD_ALIAS));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_object_is_read_as_it_was_written),
		cmocka_unit_test(
			test_next_hops_groups_and_learned_routes_are_read_as_they_were_written),
		cmocka_unit_test(test_next_hops_of_others_mean_nothing),
		cmocka_unit_test(test_routes_of_others_mean_nothing),
		cmocka_unit_test(test_an_address_that_cannot_be_used_yet_is_not_there),
		cmocka_unit_test(test_the_network_of_an_address_with_a_peer_is_the_peers),
		cmocka_unit_test(test_a_link_says_what_it_is),
		cmocka_unit_test(test_carrier_is_the_wire_and_what_lies_above_it),
		cmocka_unit_test(test_a_board_is_what_carries_our_mark),
		cmocka_unit_test(test_ports_of_a_bridge_are_not_links_that_come_and_go),
		cmocka_unit_test(test_a_message_may_be_cut_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
