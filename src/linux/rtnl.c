/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/rtnl.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>

#include "base/container.h"
#include "base/text.h"
#include "linux/messages.h"
#include "linux/rtnl_filter.h"

/* The default holds 256 events; this one a hundred thousand. */
#define RECEIVE_BYTES (8 << 20)

/* The kernel fills up to 32 KiB with a dump when the reader takes as much. */
#define DATAGRAMS 8
#define DATAGRAM_BYTES ((size_t)32 << 10)

#define SEND_ATTEMPTS 3

struct rtnl {
	int fd;
	uint32_t port, sequence;
	struct rtnl_hooks hooks;
	bool overrun;
	uint64_t overruns;
	struct {
		struct rtnl_batch *batch; /* NULL: none is running */
		uint32_t first;		  /* the number of its first message */
		bool asks, answered;
	} transaction;
	struct {
		uint32_t sequence;
		enum rtnl_progress progress;
		bool interrupted;
	} dump;
	struct mmsghdr headers[DATAGRAMS];
	struct iovec vectors[DATAGRAMS];
	struct sockaddr_nl senders[DATAGRAMS];
	_Alignas(8) uint8_t buffers[DATAGRAMS][DATAGRAM_BYTES];
};

static int socket_options(int fd)
{
	static const int groups[] = { RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR,
				      RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE };
	int on = 1, size = RECEIVE_BYTES, nexthops = RTNLGRP_NEXTHOP;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)) < 0)
		return -errno;
	/*
	 * The filter must stand before the first subscription, or foreign routes come in between.
	 */
	for (size_t i = 0; i < ARRAY_LENGTH(groups); i++)
		if (setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &groups[i],
			       sizeof(groups[i])) < 0)
			return -errno;
	/* A kernel before 5.3 has no next hops to tell of. */
	(void)setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &nexthops, sizeof(nexthops));
	if (setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on)) < 0 ||
	    setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on)) < 0 ||
	    setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof(on)) < 0)
		return -errno;
	return 0;
}

static int socket_open(uint32_t *ret_port)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK };
	socklen_t length = sizeof(address);
	int fd, error;

	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
	if (fd < 0)
		return -errno;
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &length) < 0) {
		error = -errno;
	} else {
		error = rtnl_filter_attach(fd, address.nl_pid);
		if (!error)
			error = socket_options(fd);
	}
	if (error) {
		close(fd);
		return error;
	}
	*ret_port = address.nl_pid;
	return fd;
}

int rtnl_open(const struct rtnl_hooks *hooks, struct rtnl **ret)
{
	struct rtnl *r = calloc(1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	r->fd = socket_open(&r->port);
	if (r->fd < 0) {
		int error = r->fd;

		free(r);
		return error;
	}
	r->hooks = *hooks;
	r->sequence = 1;
	r->dump.progress = RTNL_COMPLETE;
	for (size_t i = 0; i < DATAGRAMS; i++)
		r->vectors[i] = (struct iovec){ r->buffers[i], DATAGRAM_BYTES };
	*ret = r;
	return 0;
}

void rtnl_close(struct rtnl *r)
{
	if (!r)
		return;
	close(r->fd);
	free(r);
}

int rtnl_fd(const struct rtnl *r)
{
	return r->fd;
}

bool rtnl_is_ours(const struct rtnl *r, const struct nlmsghdr *h)
{
	return h->nlmsg_pid == r->port;
}

void rtnl_batch_begin(struct rtnl_batch *b)
{
	b->count = b->length = 0;
}

struct nlmsghdr *rtnl_batch_next(struct rtnl_batch *b)
{
	assert(b->count < RTNL_BATCH_MAX);
	return (void *)(b->bytes + b->length);
}

void rtnl_batch_added(struct rtnl_batch *b)
{
	struct nlmsghdr *h = rtnl_batch_next(b);

	assert(h->nlmsg_len <= MESSAGE_BYTES_MAX);
	b->results[b->count].error = 0;
	b->results[b->count].text[0] = '\0';
	b->length += NLMSG_ALIGN(h->nlmsg_len);
	b->count++;
}

static int error_attribute(const struct nlattr *attr, void *text)
{
	const char *said = mnl_attr_get_payload(attr);

	if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG &&
	    memchr(said, '\0', mnl_attr_get_payload_len(attr)))
		text_copy(text, NODE_SENTENCE_MAX, said);
	return MNL_CB_OK;
}

/* The sentence that the kernel adds to an error; nothing when it adds none. */
static void error_text(const struct nlmsghdr *h, char text[NODE_SENTENCE_MAX])
{
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(h);
	size_t offset = sizeof(*e);

	text[0] = '\0';
	if (!(h->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	if (!(h->nlmsg_flags & NLM_F_CAPPED))
		offset += NLMSG_ALIGN(e->msg.nlmsg_len) - sizeof(e->msg);
	if (h->nlmsg_len >= NLMSG_HDRLEN + offset)
		mnl_attr_parse(h, (unsigned)offset, error_attribute, text);
}

/* Every error is answered, and the last message of a batch in any case: then all are done. */
static void transaction_answer(struct rtnl *r, const struct nlmsghdr *h, uint32_t position)
{
	struct rtnl_batch *b = r->transaction.batch;
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(h);

	b->results[position].error = e->error;
	if (e->error)
		error_text(h, b->results[position].text);
	if (position + 1 == b->count) {
		r->transaction.answered = true;
		r->hooks.answered(r->hooks.context);
	}
}

static void dump_end(struct rtnl *r, int error)
{
	bool nothing = error == -EOPNOTSUPP || error == -EAFNOSUPPORT || error == -ENOENT;

	r->dump.progress =
		(error && !nothing) || r->dump.interrupted ? RTNL_INTERRUPTED : RTNL_COMPLETE;
}

/* A part, the end or the refusal of the running dump; false when the message is none of them. */
static bool dump_take(struct rtnl *r, const struct nlmsghdr *h)
{
	if (r->dump.progress != RTNL_RUNNING || h->nlmsg_seq != r->dump.sequence)
		return false;
	if (h->nlmsg_flags & NLM_F_DUMP_INTR)
		r->dump.interrupted = true;
	if (h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_ERROR) {
		/* Both begin with an error number. */
		if (h->nlmsg_len < NLMSG_LENGTH(sizeof(int)))
			dump_end(r, -EBADMSG);
		else
			dump_end(r, *(const int *)mnl_nlmsg_get_payload(h));
		return true;
	}
	if (!(h->nlmsg_flags & NLM_F_MULTI))
		return false;
	r->hooks.message(r->hooks.context, RTNL_DUMP, h);
	return true;
}

static void message_take(struct rtnl *r, const struct nlmsghdr *h)
{
	uint32_t position = h->nlmsg_seq - r->transaction.first;
	bool answers;

	if (rtnl_is_ours(r, h) && dump_take(r, h))
		return;
	answers = r->transaction.batch && rtnl_is_ours(r, h) &&
		  position < r->transaction.batch->count;
	if (h->nlmsg_type == NLMSG_ERROR) {
		if (answers && h->nlmsg_len >= NLMSG_LENGTH(sizeof(struct nlmsgerr)))
			transaction_answer(r, h, position);
		return;
	}
	if (h->nlmsg_type < RTM_BASE || h->nlmsg_flags & NLM_F_MULTI)
		return;
	r->hooks.message(r->hooks.context,
			 answers && r->transaction.asks ? RTNL_ANSWER : RTNL_EVENT, h);
}

static void datagram_take(struct rtnl *r, const struct mmsghdr *m)
{
	const struct sockaddr_nl *sender = m->msg_hdr.msg_name;
	const struct nlmsghdr *h = m->msg_hdr.msg_iov->iov_base;
	int left = (int)m->msg_len;

	/* Only the kernel has port 0. */
	if (m->msg_hdr.msg_namelen != sizeof(*sender) || sender->nl_pid != 0)
		return;
	if (m->msg_hdr.msg_flags & MSG_TRUNC) {
		r->overrun = true;
		return;
	}
	for (; messages_ok(h, left); h = mnl_nlmsg_next(h, &left))
		message_take(r, h);
}

bool rtnl_read(struct rtnl *r)
{
	int n;

	for (size_t i = 0; i < DATAGRAMS; i++)
		r->headers[i].msg_hdr = (struct msghdr){ .msg_name = &r->senders[i],
							 .msg_namelen = sizeof(r->senders[i]),
							 .msg_iov = &r->vectors[i],
							 .msg_iovlen = 1 };
	n = recvmmsg(r->fd, r->headers, DATAGRAMS, MSG_DONTWAIT, NULL);
	if (n < 0) {
		if (errno == ENOBUFS)
			r->overrun = true;
		return errno == ENOBUFS || errno == EINTR;
	}
	for (int i = 0; i < n; i++)
		datagram_take(r, &r->headers[i]);
	return true;
}

bool rtnl_overrun(struct rtnl *r)
{
	bool overrun = r->overrun;

	r->overruns += overrun;
	r->overrun = false;
	return overrun;
}

uint64_t rtnl_overruns(const struct rtnl *r)
{
	return r->overruns;
}

static int send_bytes(const struct rtnl *r, const void *bytes, size_t length)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	ssize_t n;

	do
		n = sendto(r->fd, bytes, length, MSG_DONTWAIT, (struct sockaddr *)&kernel,
			   sizeof(kernel));
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

static void batch_number(struct rtnl *r, struct rtnl_batch *b)
{
	uint8_t *at = b->bytes;

	r->transaction.first = r->sequence;
	for (size_t i = 0; i < b->count; i++) {
		struct nlmsghdr *h = (void *)at;

		b->results[i].error = 0;
		h->nlmsg_seq = r->sequence++;
		if (i + 1 == b->count)
			h->nlmsg_flags |= NLM_F_ACK;
		at += NLMSG_ALIGN(h->nlmsg_len);
	}
}

int rtnl_transact(struct rtnl *r, struct rtnl_batch *b, bool asks)
{
	int error = -ENOBUFS;

	assert(b->count > 0 && !r->transaction.batch);
	r->transaction.batch = b;
	r->transaction.asks = asks;
	r->transaction.answered = false;
	/*
	 * When the queue is empty and the answer was not in it, it was lost. Adding what is there
	 * and removing what is not are no errors to the node, so sending it again is harmless.
	 */
	for (int attempt = 0; attempt < SEND_ATTEMPTS && !r->transaction.answered; attempt++) {
		batch_number(r, b);
		error = send_bytes(r, b->bytes, b->length);
		if (error)
			break;
		while (!r->transaction.answered && rtnl_read(r))
			;
		error = r->transaction.answered ? 0 : -ENOBUFS;
	}
	r->transaction.batch = NULL;
	return error;
}

int rtnl_dump(struct rtnl *r, size_t question)
{
	_Alignas(8) uint8_t bytes[MESSAGE_BYTES_MAX];
	struct nlmsghdr *h = (void *)bytes;
	int error;

	message_dump(h, question);
	h->nlmsg_seq = r->sequence++;
	error = send_bytes(r, h, h->nlmsg_len);
	if (error)
		return error;
	r->dump.sequence = h->nlmsg_seq;
	r->dump.interrupted = false;
	r->dump.progress = RTNL_RUNNING;
	return 0;
}

enum rtnl_progress rtnl_dump_progress(const struct rtnl *r)
{
	return r->dump.progress;
}
