/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/arp_trial.h"

#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>

#include "base/text.h"
#include "linux/clock.h"
#include "linux/frame.h"
#include "linux/messages.h"
#include "net/ether.h"

#define HOST_END "vipdtrial0"
#define OTHER_END "vipdtrial1"

#define CARRIER_PATIENCE DURATION_MS(500)
#define ANSWER_PATIENCE DURATION_MS(100)
#define ASKED 3

static struct nlmsghdr *link_message(void *buffer, uint16_t type, uint16_t flags, unsigned index,
				     bool up)
{
	struct nlmsghdr *h = mnl_nlmsg_put_header(buffer);
	struct ifinfomsg *m = mnl_nlmsg_put_extra_header(h, sizeof(*m));

	h->nlmsg_type = type;
	h->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | NLM_F_ACK | flags);
	m->ifi_index = (int)index;
	if (up)
		m->ifi_flags = m->ifi_change = IFF_UP;
	return h;
}

/* Nothing but whether it is done is answered. */
static void nothing(void *context, const struct nlmsghdr *h)
{
	(void)context;
	(void)h;
}

static int link_request(const struct nlmsghdr *h)
{
	return messages_ask(NETLINK_ROUTE, h, nothing, NULL);
}

static int pair_make(void)
{
	_Alignas(8) char buffer[1024];
	struct nlmsghdr *h = link_message(buffer, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, 0, false);
	struct nlattr *info, *data, *peer;

	mnl_attr_put_strz(h, IFLA_IFNAME, HOST_END);
	info = mnl_attr_nest_start(h, IFLA_LINKINFO);
	mnl_attr_put_strz(h, IFLA_INFO_KIND, "veth");
	data = mnl_attr_nest_start(h, IFLA_INFO_DATA);
	peer = mnl_attr_nest_start(h, VETH_INFO_PEER);
	mnl_nlmsg_put_extra_header(h, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(h, IFLA_IFNAME, OTHER_END);
	mnl_attr_nest_end(h, peer);
	mnl_attr_nest_end(h, data);
	mnl_attr_nest_end(h, info);
	return link_request(h);
}

/* Only now: an end cannot come up while the other one is still being made. */
static int pair_up(void)
{
	static const char *const names[] = { HOST_END, OTHER_END };
	_Alignas(8) char buffer[256];
	int error = 0;

	for (size_t i = 0; i < 2 && !error; i++)
		error = link_request(
			link_message(buffer, RTM_NEWLINK, 0, if_nametoindex(names[i]), true));
	return error;
}

static void pair_remove(void)
{
	_Alignas(8) char buffer[256];
	unsigned index = if_nametoindex(HOST_END);

	if (index)
		(void)link_request(link_message(buffer, RTM_DELLINK, 0, index, false));
}

/* The end through which the host is asked. */
struct asker {
	int fd;
	unsigned interface;
	uint8_t mac[ETHER_MAC_BYTES];
};

static int asker_open(struct asker *k, const char **ret_why)
{
	struct ifreq request = { 0 };

	k->interface = if_nametoindex(OTHER_END);
	k->fd = frame_open(k->interface, FRAME_SOCKET_ARP, false, ret_why);
	if (k->fd < 0)
		return k->fd;
	text_copy(request.ifr_name, sizeof(request.ifr_name), OTHER_END);
	/* An answer goes to this address, or it would be taken for somebody else's. */
	if (ioctl(k->fd, SIOCGIFHWADDR, &request) < 0) {
		*ret_why = strerror(errno);
		close(k->fd);
		return -EIO;
	}
	memcpy(k->mac, request.ifr_hwaddr.sa_data, ETHER_MAC_BYTES);
	return 0;
}

static void ask(const struct asker *k, const struct address *a)
{
	struct ether_message m = { .kind = ETHER_ARP_REQUEST,
				   .source = address_ipv4(0),
				   .target = *a };
	struct ether_frame f = { .interface = k->interface };

	memcpy(m.from, k->mac, ETHER_MAC_BYTES);
	memcpy(m.mac, k->mac, ETHER_MAC_BYTES);
	memset(m.to, 0xff, ETHER_MAC_BYTES);
	ether_encode(&m, &f);
	(void)frame_send(k->fd, &f);
}

static bool is_answer(const struct ether_frame *f, const struct address *a)
{
	struct ether_message m;

	return ether_decode(f, &m) == 0 && m.kind == ETHER_ARP_REPLY && address_equal(&m.source, a);
}

/* Whether somebody answers for the address within the patience. */
static bool is_answered(const struct asker *k, const struct address *a)
{
	struct pollfd p = { .fd = k->fd, .events = POLLIN };

	for (int i = 0; i < ASKED; i++) {
		struct instant until = instant_add(clock_now(), ANSWER_PATIENCE);

		ask(k, a);
		while (instant_before(clock_now(), until) && poll(&p, 1, 20) >= 0) {
			struct ether_frame frames[4];
			size_t n = frame_receive(k->fd, frames, 4);

			for (size_t at = 0; at < n; at++)
				if (is_answer(&frames[at], a))
					return true;
		}
	}
	return false;
}

/* An interface that has just been made needs a moment until frames can leave. */
static void wait_for_carrier(const struct asker *k, const struct address *known)
{
	struct instant until = instant_add(clock_now(), CARRIER_PATIENCE);

	while (instant_before(clock_now(), until) && !is_answered(k, known))
		;
}

static enum arp_trial trial(const struct address *silent, const struct address *known,
			    char *sentence, size_t size)
{
	enum arp_trial verdict = ARP_TRIAL_NONE;
	const char *why = "";
	struct asker k;

	if (asker_open(&k, &why) < 0) {
		text_copy(sentence, size, why);
		return ARP_TRIAL_NONE;
	}
	wait_for_carrier(&k, known);
	if (is_answered(&k, silent))
		verdict = ARP_TRIAL_ANSWERED;
	else if (is_answered(&k, known))
		verdict = ARP_TRIAL_SILENT;
	else
		text_copy(sentence, size, "the host answers for none of its addresses");
	close(k.fd);
	return verdict;
}

enum arp_trial arp_trial(const struct address *silent, const struct address *known, char *sentence,
			 size_t size)
{
	enum arp_trial verdict;
	int error;

	/* One that a life before us has left. */
	pair_remove();
	error = pair_make();
	if (!error)
		error = pair_up();
	if (error) {
		pair_remove();
		snprintf(sentence, size, "no pair of virtual interfaces can be made: %s",
			 strerror(-error));
		return ARP_TRIAL_NONE;
	}
	verdict = trial(silent, known, sentence, size);
	pair_remove();
	return verdict;
}
