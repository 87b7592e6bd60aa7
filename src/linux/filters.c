/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/filters.h"

#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include <libmnl/libmnl.h>
#include <libnftnl/chain.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#define RECEIVE_BYTES 32768

struct search {
	char *chain;
	size_t size;
	bool found;
};

static bool chain_drops(const struct nftnl_chain *c, const char **ret_family)
{
	uint32_t family = nftnl_chain_get_u32(c, NFTNL_CHAIN_FAMILY);

	*ret_family = family == NFPROTO_IPV4 ? "ip" : "inet";
	return (family == NFPROTO_IPV4 || family == NFPROTO_INET) &&
	       nftnl_chain_is_set(c, NFTNL_CHAIN_HOOKNUM) &&
	       nftnl_chain_get_u32(c, NFTNL_CHAIN_HOOKNUM) == NF_INET_LOCAL_IN &&
	       nftnl_chain_is_set(c, NFTNL_CHAIN_POLICY) &&
	       nftnl_chain_get_u32(c, NFTNL_CHAIN_POLICY) == NF_DROP;
}

static int chain_take(const struct nlmsghdr *h, void *data)
{
	struct nftnl_chain *c = nftnl_chain_alloc();
	struct search *s = data;
	const char *family;

	if (c && !s->found && nftnl_chain_nlmsg_parse(h, c) == 0 && chain_drops(c, &family)) {
		s->found = true;
		snprintf(s->chain, s->size, "%s %s %s", family,
			 nftnl_chain_get_str(c, NFTNL_CHAIN_TABLE),
			 nftnl_chain_get_str(c, NFTNL_CHAIN_NAME));
	}
	nftnl_chain_free(c);
	return MNL_CB_OK;
}

bool filters_drop_input(char *chain, size_t size)
{
	struct mnl_socket *nl = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	_Alignas(8) char buffer[RECEIVE_BYTES];
	struct search s = { .chain = chain, .size = size };
	struct nlmsghdr *h;
	ssize_t n;

	if (!nl)
		return false;
	h = nftnl_nlmsg_build_hdr(buffer, NFT_MSG_GETCHAIN, NFPROTO_UNSPEC, NLM_F_DUMP, 1);
	if (mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) == 0 &&
	    mnl_socket_sendto(nl, h, h->nlmsg_len) >= 0)
		while ((n = mnl_socket_recvfrom(nl, buffer, sizeof(buffer))) > 0 &&
		       mnl_cb_run(buffer, (size_t)n, 1, mnl_socket_get_portid(nl), chain_take, &s) >
			       0)
			;
	mnl_socket_close(nl);
	return s.found;
}
