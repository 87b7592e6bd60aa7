/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vipd-nlbatch: how fast the kernel takes many host addresses, with nothing in between.
 *
 *   vipd-nlbatch route|address|element add|del INTERFACE FIRST COUNT
 *
 * Adds or deletes COUNT consecutive host addresses, beginning with FIRST, on INTERFACE: as local
 * routes of table `local` or as addresses. 100 messages go out in a send. It is done twice, with
 * an acknowledgement of each message and with one for each send, by two runs of the caller's
 * choice (-a each|last); the caller takes the faster one as the yardstick.
 *
 * Or as elements of a set in an nftables table of their own, 128 in a transaction; INTERFACE means
 * nothing then, and `del` takes the table away. It is what ARP silence needs beside the routes.
 *
 * One line of JSON says how long it took, in milliseconds, and how many messages were refused.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <libmnl/libmnl.h>
#include <libnftnl/common.h>
#include <libnftnl/set.h>
#include <libnftnl/table.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MESSAGES_PER_SEND 100
#define MESSAGE_MAX 128
#define RECEIVE_MAX 65536
#define ELEMENTS_PER_SEND 128
#define TABLE "nlbatch"
#define TYPE_IPV4 7 /* nft(8)'s number for an IPv4 address */

struct job {
	bool route;
	bool element;
	bool add;
	bool ack_each;
	unsigned int interface;
	uint32_t first;
	uint32_t count;
};

static double now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static void die(const char *what)
{
	fprintf(stderr, "vipd-nlbatch: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void message_add_route(struct nlmsghdr *header, const struct job *job, uint32_t address)
{
	struct rtmsg *route = mnl_nlmsg_put_extra_header(header, sizeof(*route));

	header->nlmsg_type = job->add ? RTM_NEWROUTE : RTM_DELROUTE;
	route->rtm_family = AF_INET;
	route->rtm_dst_len = 32;
	route->rtm_table = RT_TABLE_LOCAL;
	route->rtm_type = RTN_LOCAL;
	route->rtm_scope = RT_SCOPE_HOST;
	route->rtm_protocol = RTPROT_STATIC;
	mnl_attr_put_u32(header, RTA_DST, address);
	mnl_attr_put_u32(header, RTA_OIF, job->interface);
}

static void message_add_address(struct nlmsghdr *header, const struct job *job, uint32_t address)
{
	struct ifaddrmsg *message = mnl_nlmsg_put_extra_header(header, sizeof(*message));

	header->nlmsg_type = job->add ? RTM_NEWADDR : RTM_DELADDR;
	message->ifa_family = AF_INET;
	message->ifa_prefixlen = 32;
	message->ifa_index = job->interface;
	mnl_attr_put_u32(header, IFA_LOCAL, address);
	mnl_attr_put_u32(header, IFA_ADDRESS, address);
}

static size_t message_build(char *at, const struct job *job, uint32_t number, bool ack)
{
	struct nlmsghdr *header = mnl_nlmsg_put_header(at);
	uint32_t address = htonl(job->first + number);

	header->nlmsg_flags = NLM_F_REQUEST;
	if (ack)
		header->nlmsg_flags |= NLM_F_ACK;
	if (job->add)
		header->nlmsg_flags |= NLM_F_CREATE | NLM_F_EXCL;
	header->nlmsg_seq = number + 1;
	if (job->route)
		message_add_route(header, job, address);
	else
		message_add_address(header, job, address);
	return header->nlmsg_len;
}

/*
 * Read until the answer to message `last` has come. A refused message is always answered, so
 * that refusals are counted also when only the last message asks for an acknowledgement.
 */
static uint32_t answers_read(struct mnl_socket *socket, uint32_t last)
{
	static char buffer[RECEIVE_MAX];
	uint32_t refused = 0;

	for (;;) {
		ssize_t received = mnl_socket_recvfrom(socket, buffer, sizeof(buffer));
		const struct nlmsghdr *header = (const struct nlmsghdr *)buffer;
		int left = (int)received;

		if (received < 0)
			die("recv");
		for (; mnl_nlmsg_ok(header, left); header = mnl_nlmsg_next(header, &left)) {
			const struct nlmsgerr *answer = mnl_nlmsg_get_payload(header);

			if (header->nlmsg_type != NLMSG_ERROR)
				continue;
			if (answer->error != 0)
				refused++;
			if (header->nlmsg_seq == last)
				return refused;
		}
	}
}

static uint32_t job_run(struct mnl_socket *socket, const struct job *job)
{
	static char batch[MESSAGES_PER_SEND * MESSAGE_MAX];
	uint32_t refused = 0;

	for (uint32_t done = 0; done < job->count;) {
		uint32_t end = done + MESSAGES_PER_SEND;
		size_t length = 0;

		if (end > job->count)
			end = job->count;
		for (; done < end; done++) {
			bool ack = job->ack_each || done + 1 == end;

			length += message_build(batch + length, job, done, ack);
		}
		if (mnl_socket_sendto(socket, batch, length) < 0)
			die("send");
		refused += answers_read(socket, done);
	}
	return refused;
}

/* A transaction of nftables: it begins, has one message, and ends, which is answered. */
struct transaction {
	char bytes[RECEIVE_MAX];
	char *at;
	uint32_t sequence;
};

static struct nlmsghdr *transaction_message(struct transaction *t, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *header;

	t->at = t->bytes;
	header = nftnl_batch_begin(t->at, t->sequence++);
	t->at += MNL_ALIGN(header->nlmsg_len);
	return nftnl_nlmsg_build_hdr(t->at, type, NFPROTO_ARP, flags | NLM_F_ACK, t->sequence++);
}

static uint32_t transaction_run(struct mnl_socket *socket, struct transaction *t,
				const struct nlmsghdr *message)
{
	uint32_t last = message->nlmsg_seq;

	t->at += MNL_ALIGN(message->nlmsg_len);
	t->at += MNL_ALIGN(nftnl_batch_end(t->at, t->sequence++)->nlmsg_len);
	if (mnl_socket_sendto(socket, t->bytes, (size_t)(t->at - t->bytes)) < 0)
		die("send");
	return answers_read(socket, last);
}

static struct nftnl_set *set_make(void)
{
	struct nftnl_set *set = nftnl_set_alloc();

	if (set == NULL)
		die("nftables");
	nftnl_set_set_str(set, NFTNL_SET_TABLE, TABLE);
	nftnl_set_set_str(set, NFTNL_SET_NAME, TABLE);
	nftnl_set_set_u32(set, NFTNL_SET_ID, 1);
	nftnl_set_set_u32(set, NFTNL_SET_FAMILY, NFPROTO_ARP);
	nftnl_set_set_u32(set, NFTNL_SET_KEY_TYPE, TYPE_IPV4);
	nftnl_set_set_u32(set, NFTNL_SET_KEY_LEN, 4);
	return set;
}

static uint32_t table_change(struct mnl_socket *socket, struct transaction *t, bool add)
{
	struct nftnl_table *table = nftnl_table_alloc();
	struct nlmsghdr *message = transaction_message(t, add ? NFT_MSG_NEWTABLE : NFT_MSG_DELTABLE,
						       add ? NLM_F_CREATE : 0);

	if (table == NULL)
		die("nftables");
	nftnl_table_set_str(table, NFTNL_TABLE_NAME, TABLE);
	nftnl_table_nlmsg_build_payload(message, table);
	nftnl_table_free(table);
	return transaction_run(socket, t, message);
}

static uint32_t set_add(struct mnl_socket *socket, struct transaction *t)
{
	struct nlmsghdr *message = transaction_message(t, NFT_MSG_NEWSET, NLM_F_CREATE);
	struct nftnl_set *set = set_make();

	nftnl_set_nlmsg_build_payload(message, set);
	nftnl_set_free(set);
	return transaction_run(socket, t, message);
}

static uint32_t elements_add(struct mnl_socket *socket, struct transaction *t, uint32_t first,
			     uint32_t count)
{
	struct nlmsghdr *message = transaction_message(t, NFT_MSG_NEWSETELEM, NLM_F_CREATE);
	struct nftnl_set *set = set_make();

	for (uint32_t i = 0; i < count; i++) {
		struct nftnl_set_elem *element = nftnl_set_elem_alloc();
		uint32_t address = htonl(first + i);

		if (element == NULL)
			die("nftables");
		nftnl_set_elem_set(element, NFTNL_SET_ELEM_KEY, &address, sizeof(address));
		nftnl_set_elem_add(set, element);
	}
	nftnl_set_elems_nlmsg_build_payload(message, set);
	nftnl_set_free(set);
	return transaction_run(socket, t, message);
}

/* The table and its set are there before the clock runs. */
static uint32_t elements_run(struct mnl_socket *socket, const struct job *job, double *ret_begin)
{
	static struct transaction transaction = { .sequence = 1 };
	uint32_t refused;

	refused = table_change(socket, &transaction, job->add);
	if (job->add)
		refused += set_add(socket, &transaction);
	*ret_begin = now_ms();
	for (uint32_t done = 0; job->add && done < job->count; done += ELEMENTS_PER_SEND) {
		uint32_t left = job->count - done;

		refused += elements_add(socket, &transaction, job->first + done,
					left < ELEMENTS_PER_SEND ? left : ELEMENTS_PER_SEND);
	}
	return refused;
}

static int usage(void)
{
	fprintf(stderr, "usage: vipd-nlbatch [-a each|last] route|address|element add|del "
			"INTERFACE FIRST COUNT\n");
	return 2;
}

static bool job_read(struct job *job, int argc, char **argv)
{
	struct in_addr first;
	int letter;

	while ((letter = getopt(argc, argv, "a:")) != -1) {
		if (letter != 'a')
			return false;
		job->ack_each = strcmp(optarg, "each") == 0;
	}
	if (argc - optind != 5 || inet_pton(AF_INET, argv[optind + 3], &first) != 1)
		return false;
	job->route = strcmp(argv[optind], "route") == 0;
	job->element = strcmp(argv[optind], "element") == 0;
	job->add = strcmp(argv[optind + 1], "add") == 0;
	job->interface = if_nametoindex(argv[optind + 2]);
	job->first = ntohl(first.s_addr);
	job->count = (uint32_t)strtoul(argv[optind + 4], NULL, 10);
	return (job->interface != 0 || job->element) && job->count > 0;
}

int main(int argc, char **argv)
{
	struct job job = { .ack_each = false };
	struct mnl_socket *socket;
	uint32_t refused;
	double begin;

	if (!job_read(&job, argc, argv))
		return usage();
	socket = mnl_socket_open(job.element ? NETLINK_NETFILTER : NETLINK_ROUTE);
	if (socket == NULL || mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0)
		die("netlink");
	begin = now_ms();
	refused = job.element ? elements_run(socket, &job, &begin) : job_run(socket, &job);
	printf("{\"ms\": %.3f, \"refused\": %" PRIu32 "}\n", now_ms() - begin, refused);
	mnl_socket_close(socket);
	return 0;
}
