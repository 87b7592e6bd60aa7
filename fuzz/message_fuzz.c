/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as messages of the kernel. They are cut into messages as the receiver cuts them; what
 * is taken is an input that the node may be given.
 */
#include <libmnl/libmnl.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "linux/message.h"

static void check_message(const struct nlmsghdr *h)
{
	uint8_t bytes[INPUT_BYTES_MAX];
	struct input in, again;

	(void)message_link_is_ours(h);
	if (!message_parse(h, &in))
		return;
	assert(in.kind == INPUT_LINK || in.kind == INPUT_LINK_GONE || in.kind == INPUT_OBJECT);
	assert(input_decode(bytes, input_encode(&in, bytes), &again, NULL) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	/* Aligned, as the receive buffer is. */
	struct nlmsghdr *copy = malloc(length ? length : 1);
	const struct nlmsghdr *h = copy;
	int left = (int)length;

	assert(copy);
	memcpy(copy, bytes, length);
	/*
	 * mnl_nlmsg_ok() takes a length of 2 GB and more for a negative one. Only the kernel can
	 * send to the socket, and it never does that.
	 */
	for (; mnl_nlmsg_ok(h, left) && h->nlmsg_len <= INT32_MAX; h = mnl_nlmsg_next(h, &left))
		check_message(h);
	free(copy);
	return 0;
}
