/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/messages.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define RECEIVE_BYTES ((size_t)32 << 10)

struct asking {
	void (*take)(void *context, const struct nlmsghdr *h);
	void *context;
};

/* Reads what one receive has brought. 1: there is more to come; 0 at the end; or -errno. */
static int answer_take(const uint8_t *bytes, int left, const struct asking *asking)
{
	const struct nlmsghdr *h = (const struct nlmsghdr *)(const void *)bytes;

	for (; messages_ok(h, left); h = mnl_nlmsg_next(h, &left)) {
		const struct nlmsgerr *error = mnl_nlmsg_get_payload(h);

		if (h->nlmsg_flags & NLM_F_DUMP_INTR)
			return -EINTR;
		if (h->nlmsg_type == NLMSG_DONE)
			return 0;
		if (h->nlmsg_type == NLMSG_ERROR)
			return mnl_nlmsg_get_payload_len(h) < sizeof(*error) ? -EPROTO
									     : error->error;
		asking->take(asking->context, h);
		if (!(h->nlmsg_flags & NLM_F_MULTI))
			return 0;
	}
	return 1;
}

static int ask(int fd, const struct nlmsghdr *question, const struct asking *asking)
{
	_Alignas(8) uint8_t bytes[RECEIVE_BYTES];
	int more = 1;

	if (send(fd, question, question->nlmsg_len, 0) < 0)
		return -errno;
	while (more == 1) {
		ssize_t n = recv(fd, bytes, sizeof(bytes), 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EPROTO;
		more = answer_take(bytes, (int)n, asking);
	}
	return more;
}

int messages_ask(int protocol, const struct nlmsghdr *question,
		 void (*take)(void *context, const struct nlmsghdr *h), void *context)
{
	const struct asking asking = { take, context };
	struct timeval patience = { .tv_sec = 2 };
	int on = 1, error, fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);

	if (fd < 0)
		return -errno;
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	/* Else the kernel would dump all tables of routes, and its caches: rtnetlink(7). */
	(void)setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof(on));
	error = ask(fd, question, &asking);
	close(fd);
	return error;
}
