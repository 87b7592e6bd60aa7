/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sockets as applications make them, and the address that each gets: the programs of
 * bpf/source.bpf.c on this kernel. Root, a network namespace, and a kernel with BPF.
 */
#include "linux/source.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <linux/bpf.h>

#include "base/container.h"
#include "base/unit.h"
#include "linux/cgroup_root.h"
#include "linux/clock.h"
#include "linux/namespace_test.h"
#include "linux/socket_address.h"

#define PORT 4567
#define VIP4 "10.9.1.1"
#define VIP6 "2001:db8:9::1"
#define OTHER4 "10.9.1.5"
#define OTHER6 "2001:db8:9::5"
#define OWN4 "10.0.1.10" /* of the interface "near" */
#define OWN6 "2001:db8:1::10"
#define FAR4 "10.0.1.1" /* a router there */
#define FAR6 "2001:db8:1::1"
#define BEYOND4 "192.0.2.7"
#define BEYOND6 "2001:db8:77::7"
#define SECOND4 "198.51.100.7" /* by the other interface, from 10.0.2.10 */
#define SECOND_OWN4 "10.0.2.10"

struct fixture {
	uv_loop_t loop;
	struct source *source;
	struct input told; /* the last INPUT_SOURCING */
	unsigned n_told;
	uint32_t answered; /* the last question */
	struct source_look look;
};

static struct fixture fixture;

static struct address parse(const char *text)
{
	struct address a = { 0 };

	if (text)
		assert_int_equal(address_parse(text, &a), 0);
	return a;
}

static void took(void *context, const struct input *in)
{
	struct fixture *f = context;

	f->told = *in;
	f->n_told++;
}

/* The loop runs until something is told; the alarm of main() ends a test that waits in vain. */
static void looked(void *context, uint32_t request, bool done, const struct source_look *look)
{
	struct fixture *f = context;

	assert_true(done);
	f->answered = request;
	f->look = *look;
	f->n_told++;
}

static void await(struct fixture *f, unsigned seen)
{
	while (f->n_told == seen)
		uv_run(&f->loop, UV_RUN_ONCE);
}

static void put_first(const char *first4, const char *first6)
{
	struct source_policy_part end = { .part = SOURCE_END };
	unsigned seen = fixture.n_told;

	end.first[0] = parse(first4);
	end.first[1] = parse(first6);
	source_part(fixture.source, &end);
	await(&fixture, seen);
	if (!fixture.told.sourcing.ready)
		fail_msg("%s", fixture.told.sourcing.error);
}

static void put_rule(const char *to, const char *unit, const char *user, const char *use)
{
	struct source_policy_part part = { .part = SOURCE_RULE };
	uint8_t length;

	if (to) {
		assert_int_equal(prefix_parse(to, &part.rule.to.address, &length), 0);
		part.rule.to.length = length;
	}
	snprintf(part.rule.unit, sizeof(part.rule.unit), "%s", unit ? unit : "");
	snprintf(part.rule.user, sizeof(part.rule.user), "%s", user ? user : "");
	part.rule.use = parse(use);
	source_part(fixture.source, &part);
}

static void put_off(const char *interface)
{
	struct source_policy_part part = { .part = SOURCE_INTERFACE };

	part.interface = if_nametoindex(interface);
	assert_true(part.interface);
	source_part(fixture.source, &part);
}

/* How an application has made its socket. */
enum manner {
	TCP,
	UDP,		 /* connected */
	UDP_UNCONNECTED, /* sendto() */
	TCP_BOUND,	 /* to the interface's own address */
	UDP_BOUND,
	TCP_NO_PORT,  /* the same, and IP_BIND_ADDRESS_NO_PORT */
	TCP_FREEBIND, /* to an address that nobody has */
	UDP_PORT,     /* a server: bound to a port alone, answers with sendto() */
	UDP_PKTINFO,  /* names its source for this one datagram */
	TCP_DEVICE,   /* SO_BINDTODEVICE */
	TCP_MAPPED,   /* an IPv6 socket, the destination mapped */
	UDP_MAPPED,
	UDP_UNCONNECTED_MAPPED,
	PING, /* SOCK_DGRAM, IPPROTO_ICMP */
};

static bool is_mapped(enum manner m)
{
	return m == TCP_MAPPED || m == UDP_MAPPED || m == UDP_UNCONNECTED_MAPPED;
}

static bool is_unconnected(enum manner m)
{
	return m == UDP_UNCONNECTED || m == UDP_PORT || m == UDP_PKTINFO ||
	       m == UDP_UNCONNECTED_MAPPED;
}

static struct address map(const struct address *a)
{
	struct address ret = { .family = FAMILY_IPV6, .bytes = { [10] = 0xff, [11] = 0xff } };

	memcpy(ret.bytes + 12, a->bytes, 4);
	return ret;
}

static struct address unmap(const struct address *a)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (a->family != FAMILY_IPV6 || memcmp(a->bytes, mapped, sizeof(mapped)) != 0)
		return *a;
	return address_make(FAMILY_IPV4, a->bytes + 12);
}

static int socket_make(enum manner m, int family)
{
	bool tcp = m == TCP || m == TCP_BOUND || m == TCP_NO_PORT || m == TCP_FREEBIND ||
		   m == TCP_DEVICE || m == TCP_MAPPED;
	int fd = m == PING ? socket(family, SOCK_DGRAM,
				    family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6)
			   : socket(family, (tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK, 0);

	assert_true(fd >= 0);
	return fd;
}

static void socket_bind(int fd, enum manner m, bool four)
{
	struct sockaddr_storage a;
	struct address own = parse(four ? OWN4 : OWN6);
	socklen_t size;
	int on = 1;

	if (m == TCP_NO_PORT)
		assert_int_equal(
			setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on)), 0);
	if (m == TCP_FREEBIND) {
		assert_int_equal(setsockopt(fd, four ? IPPROTO_IP : IPPROTO_IPV6,
					    four ? IP_FREEBIND : IPV6_FREEBIND, &on, sizeof(on)),
				 0);
		own = parse(four ? "203.0.113.9" : "2001:db8:ffff::9");
	}
	if (m == TCP_DEVICE)
		assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "near", 5), 0);
	if (m == UDP_PORT)
		own = parse(four ? "0.0.0.0" : "::");
	if (m == TCP_BOUND || m == UDP_BOUND || m == TCP_NO_PORT || m == TCP_FREEBIND ||
	    m == UDP_PORT) {
		size = socket_address_make(&own, m == UDP_PORT ? 7788 : 0, &a);
		assert_int_equal(bind(fd, (struct sockaddr *)&a, size), 0);
	}
}

static void send_with_source(int fd, const struct sockaddr_storage *to, socklen_t size, bool four)
{
	char control[CMSG_SPACE(sizeof(struct in6_pktinfo))] = { 0 };
	struct iovec v = { "x", 1 };
	struct msghdr m = { .msg_name = (void *)to,
			    .msg_namelen = size,
			    .msg_iov = &v,
			    .msg_iovlen = 1,
			    .msg_control = control };
	struct cmsghdr *c;
	struct address own = parse(four ? OWN4 : OWN6);

	m.msg_controllen = four ? CMSG_SPACE(sizeof(struct in_pktinfo))
				: CMSG_SPACE(sizeof(struct in6_pktinfo));
	c = CMSG_FIRSTHDR(&m);
	if (four) {
		struct in_pktinfo *info = (void *)CMSG_DATA(c);

		c->cmsg_level = IPPROTO_IP;
		c->cmsg_type = IP_PKTINFO;
		c->cmsg_len = CMSG_LEN(sizeof(*info));
		memcpy(&info->ipi_spec_dst, own.bytes, 4);
	} else {
		struct in6_pktinfo *info = (void *)CMSG_DATA(c);

		c->cmsg_level = IPPROTO_IPV6;
		c->cmsg_type = IPV6_PKTINFO;
		c->cmsg_len = CMSG_LEN(sizeof(*info));
		memcpy(&info->ipi6_addr, own.bytes, 16);
	}
	assert_int_equal(sendmsg(fd, &m, 0), 1);
}

/* A datagram that leaves by "near" comes out of "far", where all is seen. */
static struct address sniff(int ear)
{
	struct pollfd p = { ear, POLLIN, 0 };
	uint8_t frame[2048];

	while (poll(&p, 1, 2000) == 1) {
		ssize_t n = recv(ear, frame, sizeof(frame), 0);

		if (n > 42 && frame[12] == 0x08 && frame[13] == 0x00 && frame[23] == IPPROTO_UDP)
			return address_make(FAMILY_IPV4, frame + 26);
		if (n > 62 && frame[12] == 0x86 && frame[13] == 0xdd && frame[20] == IPPROTO_UDP)
			return address_make(FAMILY_IPV6, frame + 22);
	}
	return (struct address){ 0 };
}

static int sniffer_open(void)
{
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, htons(3 /* ETH_P_ALL */));

	assert_true(fd >= 0);
	return fd;
}

/* The source that such a socket gets on its way to an address. */
static struct address source_of(enum manner m, const char *destination)
{
	struct address to = parse(destination), ret = { 0 };
	bool four = to.family == FAMILY_IPV4;
	int ear = is_unconnected(m) ? sniffer_open() : -1, fd;
	struct sockaddr_storage a;
	socklen_t size;

	if (is_mapped(m))
		to = map(&to);
	fd = socket_make(m, to.family == FAMILY_IPV4 ? AF_INET : AF_INET6);
	socket_bind(fd, m, four);
	size = socket_address_make(&to, PORT, &a);
	if (m == UDP_PKTINFO) {
		send_with_source(fd, &a, size, four);
	} else if (is_unconnected(m)) {
		assert_int_equal(sendto(fd, "x", 1, 0, (struct sockaddr *)&a, size), 1);
	} else if (connect(fd, (struct sockaddr *)&a, size) < 0 && errno != EINPROGRESS &&
		   errno != ECONNREFUSED && m != TCP_FREEBIND) {
		fail_msg("connect to %s: %s", destination, strerror(errno));
	}
	if (ear >= 0) {
		ret = sniff(ear);
		close(ear);
	} else {
		size = sizeof(a);
		assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &size), 0);
		assert_true(socket_address_read(&a, &ret));
	}
	close(fd);
	return unmap(&ret);
}

static void expect(enum manner m, const char *destination, const char *wanted)
{
	struct address got = source_of(m, destination), w = parse(wanted);

	if (!address_equal(&got, &w))
		fail_msg("manner %d to %s: %s, not %s", (int)m, destination,
			 address_is_set(&got) ? ADDRESS_TEXT(&got) : "nothing", wanted);
}

static void test_sockets_that_name_no_source_get_the_vip_and_others_keep_theirs(void **state)
{
	static const struct {
		enum manner manner;
		const char *destination, *source;
	} table[] = {
		{ TCP, BEYOND4, VIP4 },
		{ TCP, BEYOND6, VIP6 },
		{ UDP, BEYOND4, VIP4 },
		{ UDP, BEYOND6, VIP6 },
		{ UDP_UNCONNECTED, BEYOND4, VIP4 },
		{ UDP_UNCONNECTED, BEYOND6, VIP6 },
		{ TCP_MAPPED, BEYOND4, VIP4 },
		{ UDP_MAPPED, BEYOND4, VIP4 },
		{ UDP_UNCONNECTED_MAPPED, BEYOND4, VIP4 },
		{ TCP, FAR4, VIP4 },
		{ TCP, FAR6, VIP6 },
		{ TCP_BOUND, BEYOND4, OWN4 },
		{ TCP_BOUND, BEYOND6, OWN6 },
		{ UDP_BOUND, BEYOND4, OWN4 },
		{ UDP_BOUND, BEYOND6, OWN6 },
		{ TCP_NO_PORT, BEYOND4, OWN4 },
		{ TCP_FREEBIND, BEYOND4, "203.0.113.9" },
		{ TCP_FREEBIND, BEYOND6, "2001:db8:ffff::9" },
		{ UDP_PORT, BEYOND4, OWN4 },
		{ UDP_PORT, BEYOND6, OWN6 },
		{ UDP_PKTINFO, BEYOND4, OWN4 },
		{ UDP_PKTINFO, BEYOND6, OWN6 },
		{ TCP_DEVICE, BEYOND4, OWN4 },
		{ TCP_DEVICE, BEYOND6, OWN6 },
		{ PING, BEYOND4, OWN4 },
		{ PING, BEYOND6, OWN6 },
	};

	(void)state;
	put_first(VIP4, VIP6);
	for (size_t i = 0; i < ARRAY_LENGTH(table); i++)
		expect(table[i].manner, table[i].destination, table[i].source);
}

/* What changes in the kernel is followed a moment later. */
static void await_source(enum manner manner, const char *destination, const char *source)
{
	struct instant until = instant_add(clock_now(), DURATION_S(10));
	struct address want = parse(source), got = source_of(manner, destination);

	while (!address_equal(&got, &want) && !instant_reached(until, clock_now())) {
		uv_run(&fixture.loop, UV_RUN_NOWAIT);
		got = source_of(manner, destination);
	}
	expect(manner, destination, source);
}

static void test_this_host_and_what_is_no_single_host_are_left_alone(void **state)
{
	(void)state;
	put_first(VIP4, VIP6);
	expect(UDP, "127.0.0.1", "127.0.0.1");
	expect(UDP, "::1", "::1");
	expect(UDP, OWN4, OWN4);
	expect(UDP, OWN6, OWN6);
	expect(UDP, VIP4, VIP4);
	expect(UDP, OTHER4, OTHER4);
	expect(UDP, "224.0.0.9", OWN4);
	expect(UDP, "169.254.7.7", OWN4);
}

/* More than are told to the kernel together, and the last of them as well. */
static void test_very_many_addresses_of_this_host_are_followed(void **state)
{
	static const char *const some[] = { "10.77.0.0", "10.77.3.77", "10.77.5.255" };

	(void)state;
	put_first(VIP4, VIP6);
	assert_int_equal(system("for i in 0 1 2 3 4 5; do for k in $(seq 0 255); do echo route add "
				"local 10.77.$i.$k dev lo; done; done | ip -batch -"),
			 0);
	for (size_t i = 0; i < ARRAY_LENGTH(some); i++)
		await_source(UDP, some[i], some[i]);
	assert_int_equal(system("ip route flush table local root 10.77.0.0/16"), 0);
	for (size_t i = 0; i < ARRAY_LENGTH(some); i++)
		await_source(UDP, some[i], VIP4);
}

static void test_a_family_without_a_vip_is_linuxs_own(void **state)
{
	(void)state;
	put_first(NULL, VIP6);
	expect(TCP, BEYOND4, OWN4);
	expect(TCP, BEYOND6, VIP6);
	put_first(VIP4, NULL);
	expect(TCP, BEYOND4, VIP4);
	expect(TCP, BEYOND6, OWN6);
}

static void test_without_a_vip_nothing_is_attached(void **state)
{
	(void)state;
	put_first(VIP4, VIP6);
	assert_int_equal(system("bpftool --version >/dev/null 2>&1 || exit 0; "
				"bpftool prog show name vipd_connect4 | grep -q vipd"),
			 0);
	put_first(NULL, NULL);
	expect(TCP, BEYOND4, OWN4);
	expect(UDP_UNCONNECTED, BEYOND6, OWN6);
}

static void test_an_interface_that_is_off_is_followed_through_route_changes(void **state)
{
	(void)state;
	put_off("second");
	put_first(VIP4, VIP6);
	expect(TCP, SECOND4, SECOND_OWN4);
	expect(TCP, BEYOND4, VIP4);
	assert_int_equal(system("ip route replace 192.0.2.0/24 via 10.0.2.1 dev second"), 0);
	await_source(TCP, BEYOND4, SECOND_OWN4);
	assert_int_equal(system("ip route del 192.0.2.0/24"), 0);
	await_source(TCP, BEYOND4, VIP4);
	put_first(VIP4, VIP6);
	expect(TCP, SECOND4, VIP4);
}

static void test_a_multipath_route_with_one_interface_off_is_left_alone(void **state)
{
	(void)state;
	assert_int_equal(system("ip route add 192.0.2.0/24 nexthop via 10.0.1.1 dev near "
				"nexthop via 10.0.2.1 dev second"),
			 0);
	put_off("second");
	put_first(VIP4, NULL);
	{
		struct address got = source_of(TCP, BEYOND4), vip = parse(VIP4);

		assert_false(address_equal(&got, &vip));
	}
	assert_int_equal(system("ip route del 192.0.2.0/24"), 0);
}

static void test_rules_count_in_their_order(void **state)
{
	(void)state;
	put_rule("192.0.2.0/28", NULL, NULL, OTHER4);
	put_rule("2001:db8:77::/48", NULL, NULL, OTHER6);
	put_rule("198.51.100.0/24", NULL, NULL, NULL);
	put_rule("192.0.0.0/8", NULL, NULL, VIP4);
	put_first(VIP4, VIP6);
	expect(TCP, BEYOND4, OTHER4);
	expect(UDP_UNCONNECTED, BEYOND4, OTHER4);
	expect(TCP_MAPPED, BEYOND4, OTHER4);
	expect(TCP, "192.0.2.77", VIP4);
	expect(TCP, BEYOND6, OTHER6);
	expect(TCP, "2001:db8:78::1", VIP6);
	expect(TCP, SECOND4, SECOND_OWN4);
}

static void test_a_rule_of_a_user_is_for_him_alone(void **state)
{
	int status;
	pid_t child;

	(void)state;
	put_rule(NULL, NULL, "4242", OTHER4);
	put_rule(NULL, NULL, "nobody", OTHER6);
	put_rule(NULL, NULL, "nobody-has-this-name", OTHER4);
	put_first(VIP4, VIP6);
	assert_non_null(strstr(fixture.told.sourcing.error, "nobody-has-this-name"));
	expect(TCP, BEYOND4, VIP4);
	expect(TCP, BEYOND6, VIP6);
	child = fork();
	if (child == 0) {
		struct address got, wanted = parse(OTHER4);

		if (setuid(4242) < 0)
			_exit(2);
		got = source_of(TCP, BEYOND4);
		_exit(address_equal(&got, &wanted) ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

/* Puts this process into a control group below the root of them; false when that cannot be. */
static bool group_enter(const char *path)
{
	char part[256], pid[16], where[300];
	int root = cgroup_root_open(), fd = -1;
	size_t length = 0;

	while (root >= 0 && path[length]) {
		length += strcspn(path + length, "/");
		snprintf(part, sizeof(part), "%.*s", (int)length, path);
		(void)mkdirat(root, part, 0755);
		length += path[length] == '/';
	}
	snprintf(where, sizeof(where), "%s%scgroup.procs", path, *path ? "/" : "");
	if (root >= 0)
		fd = openat(root, where, O_WRONLY | O_CLOEXEC);
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	if (root >= 0)
		close(root);
	if (fd < 0 || write(fd, pid, strlen(pid)) < 0) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	close(fd);
	return true;
}

static void group_remove(const char *path)
{
	int root = cgroup_root_open();

	if (root >= 0) {
		(void)unlinkat(root, path, AT_REMOVEDIR);
		close(root);
	}
}

static void test_a_rule_of_a_unit_is_for_its_processes_wherever_it_is(void **state)
{
	char top[64], unit[128], below[160], rule_path[200];
	int status;
	pid_t child;

	(void)state;
	snprintf(top, sizeof(top), "vipd-test-%d.slice", (int)getpid());
	snprintf(unit, sizeof(unit), "%s/vipd-test.service", top);
	snprintf(below, sizeof(below), "%s/worker", unit);
	snprintf(rule_path, sizeof(rule_path), "/%s/other", top);
	put_rule(NULL, "vipd-test.service", NULL, OTHER4);
	put_rule(NULL, rule_path, NULL, OTHER6);
	put_first(VIP4, VIP6);
	child = fork();
	if (child == 0) {
		struct address four, six, wanted4 = parse(OTHER4), wanted6 = parse(VIP6);
		bool right;

		if (!group_enter(below))
			_exit(77);
		four = source_of(TCP, BEYOND4);
		six = source_of(TCP, BEYOND6);
		right = address_equal(&four, &wanted4) && address_equal(&six, &wanted6);
		snprintf(rule_path, sizeof(rule_path), "%s/other", top);
		if (!group_enter(rule_path))
			_exit(77);
		four = source_of(TCP, BEYOND4);
		six = source_of(TCP, BEYOND6);
		wanted4 = parse(VIP4);
		wanted6 = parse(OTHER6);
		_exit(right && address_equal(&four, &wanted4) && address_equal(&six, &wanted6) ? 0
											       : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	expect(TCP, BEYOND4, VIP4);
	group_remove(below);
	group_remove(unit);
	snprintf(below, sizeof(below), "%s/other", top);
	group_remove(below);
	group_remove(top);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(status, 0);
}

/* A program of somebody else's for connect4, that says yes or no; it holds no memory and no map. */
static int foreign_attach(const char *group, int verdict)
{
	const struct bpf_insn code[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = verdict },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr load = { 0 }, attach = { 0 };
	int root = cgroup_root_open(), program, folder;

	load.prog_type = BPF_PROG_TYPE_CGROUP_SOCK_ADDR;
	load.expected_attach_type = BPF_CGROUP_INET4_CONNECT;
	load.insns = (uintptr_t)code;
	load.insn_cnt = ARRAY_LENGTH(code);
	load.license = (uintptr_t) "GPL";
	program = (int)syscall(SYS_bpf, BPF_PROG_LOAD, &load, sizeof(load));
	folder = openat(root, group, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	close(root);
	if (program < 0 || folder < 0)
		return -errno;
	attach.target_fd = (uint32_t)folder;
	attach.attach_bpf_fd = (uint32_t)program;
	attach.attach_type = BPF_CGROUP_INET4_CONNECT;
	attach.attach_flags = BPF_F_ALLOW_MULTI;
	return syscall(SYS_bpf, BPF_PROG_ATTACH, &attach, sizeof(attach)) < 0 ? -errno : 0;
}

/* 0 when the VIP was given and the connection begun, or the error of connect(). */
static int connect_from(const char *group)
{
	struct address to = parse(BEYOND4), vip = parse(VIP4), got;
	struct sockaddr_storage a;
	socklen_t size = socket_address_make(&to, PORT, &a);
	int fd;

	if (!group_enter(group))
		return 77;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (connect(fd, (struct sockaddr *)&a, size) < 0)
		return errno;
	size = sizeof(a);
	if (getsockname(fd, (struct sockaddr *)&a, &size) < 0 || !socket_address_read(&a, &got))
		return 78;
	return address_equal(&got, &vip) ? 0 : 79;
}

static void test_programs_of_others_stay_and_are_asked_as_well(void **state)
{
	char top[64];
	int outcome[2];

	(void)state;
	snprintf(top, sizeof(top), "vipd-foreign-%d", (int)getpid());
	put_first(VIP4, VIP6);
	for (int verdict = 1; verdict >= 0; verdict--) {
		int status;
		pid_t child = fork();

		if (child == 0) {
			int error = connect_from(top);

			/* In the group already: the program is there for it alone. */
			if (!error && foreign_attach(top, verdict) < 0)
				_exit(80);
			_exit(error ? error : connect_from(top));
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFEXITED(status));
		outcome[verdict] = WEXITSTATUS(status);
		group_remove(top); /* the program goes with it */
	}
	if (outcome[1] == 77)
		skip();
	assert_int_equal(outcome[1], 0);
	assert_int_equal(outcome[0], EPERM);
	expect(TCP, BEYOND4, VIP4);
}

static void test_another_network_namespace_is_not_ours(void **state)
{
	int status;
	pid_t child;

	(void)state;
	put_first(VIP4, VIP6);
	child = fork();
	if (child == 0) {
		struct address got, vip = parse(VIP4);

		if (unshare(CLONE_NEWNET) < 0 ||
		    system("ip link set lo up && ip address add " VIP4 "/32 dev lo && "
			   "ip address add 10.3.3.3/32 dev lo && "
			   "ip route add default dev lo src 10.3.3.3") != 0)
			_exit(2);
		got = source_of(UDP, BEYOND4);
		_exit(address_equal(&got, &vip) ? 1 : 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void test_a_question_is_answered_with_the_truth(void **state)
{
	struct source_question q = { .destination = parse(BEYOND4) };
	const struct source_look *l = &fixture.look;
	struct address vip = parse(VIP4), own = parse(OWN4);
	uint64_t counts[SOURCE_VERDICT_COUNT];
	unsigned seen;

	(void)state;
	put_first(VIP4, NULL);
	expect(TCP, BEYOND4, VIP4);
	seen = fixture.n_told;
	source_look(fixture.source, 7, &q);
	await(&fixture, seen);
	assert_int_equal(fixture.answered, 7);
	assert_true(l->routed && !l->local && l->tried && l->user_known);
	assert_int_equal(l->n_interfaces, 1);
	assert_true(address_equal(&l->got, &vip));
	assert_true(address_equal(&l->linux_source, &own));
	source_counts(fixture.source, counts);
	assert_true(counts[SOURCE_VERDICT_FIRST] > 0);
	q.destination = own;
	seen = fixture.n_told;
	source_look(fixture.source, 8, &q);
	await(&fixture, seen);
	assert_int_equal(fixture.answered, 8);
	assert_true(l->routed && l->local);
	/* Our own socket stands for nobody else. */
	strcpy(q.unit, "/batch");
	seen = fixture.n_told;
	source_look(fixture.source, 9, &q);
	await(&fixture, seen);
	assert_false(l->tried);
}

static void test_the_root_of_the_groups_is_found_in_any_mountinfo(void **state)
{
	char path[128];

	(void)state;
	cgroup_root_find("25 30 0:23 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n", path,
			 sizeof(path));
	assert_string_equal(path, "/sys/fs/cgroup");
	cgroup_root_find(
		"25 30 0:23 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n"
		"26 25 0:24 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
		"27 25 0:25 / /sys/fs/cgroup/unified rw shared:9 master:2 - cgroup2 c rw\n",
		path, sizeof(path));
	assert_string_equal(path, "/sys/fs/cgroup/unified");
	cgroup_root_find("1 2 0:25 /a/part /mnt/part rw - cgroup2 c rw\n"
			 "3 2 0:25 / /mnt/the\\040whole rw - cgroup2 c rw\n"
			 "4 2 0:25 /b /mnt/other rw - cgroup2 c rw",
			 path, sizeof(path));
	assert_string_equal(path, "/mnt/the whole");
	cgroup_root_find("1 2 0:25\n\nnonsense - cgroup2\n - cgroup2", path, sizeof(path));
	assert_string_equal(path, "");
}

static int fixture_open(void **state)
{
	(void)state;
	assert_int_equal(uv_loop_init(&fixture.loop), 0);
	fixture.source = source_new(&fixture.loop,
				    &(struct source_hooks){ { &fixture, took }, looked, &fixture });
	return fixture.source ? 0 : -1;
}

static int fixture_close(void **state)
{
	(void)state;
	source_free(fixture.source);
	return uv_loop_close(&fixture.loop);
}

/* BPF on this machine, or a sentence why not. */
static bool can_be_tried(char *sentence, size_t size)
{
	struct source_policy_part end = { .part = SOURCE_END };
	unsigned seen = fixture.n_told;
	bool ready;

	(void)fixture_open(NULL);
	end.first[0] = parse(VIP4);
	source_part(fixture.source, &end);
	await(&fixture, seen);
	ready = fixture.told.sourcing.ready;
	snprintf(sentence, size, "%s", fixture.told.sourcing.error);
	(void)fixture_close(NULL);
	return ready;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_sockets_that_name_no_source_get_the_vip_and_others_keep_theirs),
		cmocka_unit_test(test_this_host_and_what_is_no_single_host_are_left_alone),
		cmocka_unit_test(test_very_many_addresses_of_this_host_are_followed),
		cmocka_unit_test(test_a_family_without_a_vip_is_linuxs_own),
		cmocka_unit_test(test_without_a_vip_nothing_is_attached),
		cmocka_unit_test(test_an_interface_that_is_off_is_followed_through_route_changes),
		cmocka_unit_test(test_a_multipath_route_with_one_interface_off_is_left_alone),
		cmocka_unit_test(test_rules_count_in_their_order),
		cmocka_unit_test(test_a_rule_of_a_user_is_for_him_alone),
		cmocka_unit_test(test_a_rule_of_a_unit_is_for_its_processes_wherever_it_is),
		cmocka_unit_test(test_programs_of_others_stay_and_are_asked_as_well),
		cmocka_unit_test(test_another_network_namespace_is_not_ours),
		cmocka_unit_test(test_a_question_is_answered_with_the_truth),
		cmocka_unit_test(test_the_root_of_the_groups_is_found_in_any_mountinfo),
	};
	char sentence[NODE_SENTENCE_MAX];

	if (!namespace_enter())
		return 0;
	alarm(120);
	if (system("ip link add near type veth peer name far && "
		   "ip link add second type veth peer name second2 && "
		   "for i in near far second second2; do ip link set $i up || exit 1; "
		   "sysctl -qw net.ipv6.conf.$i.accept_dad=0; done && "
		   "sysctl -qw net.ipv4.ping_group_range='0 65535' && "
		   "ip address add 10.0.1.10/24 dev near && "
		   "ip address add 10.0.2.10/24 dev second && "
		   "ip address add 2001:db8:1::10/64 dev near nodad && "
		   "ip address add " VIP4 "/32 dev lo && ip address add " OTHER4 "/32 dev lo && "
		   "ip address add " VIP6 "/128 dev lo nodad && "
		   "ip address add " OTHER6 "/128 dev lo nodad && "
		   "ip route add default via 10.0.1.1 && "
		   "ip route add 198.51.100.0/24 via 10.0.2.1 && "
		   "ip neigh replace 10.0.1.1 lladdr 02:00:00:00:00:01 dev near nud permanent && "
		   "ip neigh replace 10.0.2.1 lladdr 02:00:00:00:00:02 dev second nud permanent && "
		   "ip neigh replace 2001:db8:1::1 lladdr 02:00:00:00:00:01 dev near nud permanent "
		   "&& ip -6 route add default via 2001:db8:1::1 dev near") != 0) {
		printf("1..0 # SKIP this kernel has no veth\n");
		return 0;
	}
	if (!can_be_tried(sentence, sizeof(sentence))) {
		printf("1..0 # SKIP %s\n", sentence);
		return 0;
	}
	return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
