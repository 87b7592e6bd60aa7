/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/board.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/container.h"
#include "base/text.h"

/* In the order of preference. */
static const char *const kinds[BOARD_KINDS] = { "dummy", "ifb", "bridge" };

void boards_answer(struct boards *b, const struct nlmsghdr *h)
{
	b->name_is_ours = message_link_is_ours(h);
}

/* Sends the one message that stands in the batch. */
static int transact(struct boards *b, struct rtnl *r, bool asks, char *text)
{
	const char *said = "";
	int error;

	rtnl_batch_added(&b->batch);
	error = rtnl_transact(r, &b->batch, asks);
	if (!error) {
		error = b->batch.results[0].error;
		said = b->batch.results[0].text;
	}
	if (error)
		text_copy(text, NODE_SENTENCE_MAX, said[0] ? said : strerror(-error));
	return error;
}

static struct nlmsghdr *message(struct boards *b)
{
	rtnl_batch_begin(&b->batch);
	return rtnl_batch_next(&b->batch);
}

static int mark(struct boards *b, struct rtnl *r, const char *name, char *text)
{
	message_link_mark(message(b), name);
	return transact(b, r, false, text);
}

/* The name is taken: by a board of ours, from an earlier life, or by somebody else's link. */
static int adopt(struct boards *b, struct rtnl *r, const char *name, char *text)
{
	int error;

	b->name_is_ours = false;
	message_link_query(message(b), name);
	error = transact(b, r, true, text);
	if (error)
		return error;
	if (!b->name_is_ours) {
		snprintf(text, NODE_SENTENCE_MAX, "%s exists and is not ours", name);
		return -EEXIST;
	}
	return mark(b, r, name, text);
}

int board_add(struct boards *b, struct rtnl *r, const char *name, char *text)
{
	int error;

	for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
		if (b->missing[i])
			continue;
		message_link_add(message(b), name, kinds[i]);
		error = transact(b, r, false, text);
		if (error == -EEXIST)
			return adopt(b, r, name, text);
		if (!error)
			return mark(b, r, name, text);
		if (error != -EOPNOTSUPP)
			return error;
		b->missing[i] = true;
	}
	snprintf(text, NODE_SENTENCE_MAX,
		 "this kernel has no kind of interface that a board can be made of: %s, %s or %s",
		 kinds[0], kinds[1], kinds[2]);
	return -EOPNOTSUPP;
}

int board_enable_ipv6(uint32_t index, char *text, size_t size)
{
	char name[IF_NAMESIZE], path[64 + IF_NAMESIZE], value = '0';
	int fd, error = 0;

	if (!if_indextoname(index, name))
		return 0;
	snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/disable_ipv6", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0; /* a kernel without IPv6 says so itself */
	if (read(fd, &value, 1) != 1)
		value = '0';
	close(fd);
	if (value != '1')
		return 0;
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "0", 1) != 1)
		error = -errno;
	if (fd >= 0)
		close(fd);
	if (error)
		snprintf(text, size,
			 "IPv6 is disabled on %s and cannot be enabled (%s): "
			 "sysctl net.ipv6.conf.%s.disable_ipv6=0",
			 name, strerror(-error), name);
	return error;
}
