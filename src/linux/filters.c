/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/filters.h"

#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include "linux/messages.h"

#define RECEIVE_BYTES 32768
#define KEPT_MAX 65536 /* of each kind: a filter with more of them is not judged whole */

/* A list of the kernel that is read from its beginning to its end. */
struct reading {
	struct mnl_socket *nl;
	struct filter_set *set;
	struct nftnl_set *elements_of;
};

/* Appends to one of the arrays; false: what is given stays the caller's. */
static bool keep(void ***array, size_t *count, void *item)
{
	void **grown;

	if (*count == KEPT_MAX)
		return false;
	/* By powers of two. */
	if ((*count & (*count - 1)) == 0) {
		grown = reallocarray(*array, *count ? *count * 2 : 1, sizeof(void *));
		if (!grown)
			return false;
		*array = grown;
	}
	(*array)[(*count)++] = item;
	return true;
}

static int take_chain(const struct nlmsghdr *h, void *data)
{
	struct filter_set *s = ((struct reading *)data)->set;
	struct nftnl_chain *c = nftnl_chain_alloc();

	/* One without a name could not be spoken of. */
	if (!c || nftnl_chain_nlmsg_parse(h, c) < 0 || !nftnl_chain_get_str(c, NFTNL_CHAIN_TABLE) ||
	    !nftnl_chain_get_str(c, NFTNL_CHAIN_NAME) ||
	    !keep((void ***)&s->chains, &s->n_chains, c))
		nftnl_chain_free(c);
	return MNL_CB_OK;
}

static int take_rule(const struct nlmsghdr *h, void *data)
{
	struct filter_set *s = ((struct reading *)data)->set;
	struct nftnl_rule *r = nftnl_rule_alloc();

	if (!r || nftnl_rule_nlmsg_parse(h, r) < 0 || !nftnl_rule_get_str(r, NFTNL_RULE_TABLE) ||
	    !nftnl_rule_get_str(r, NFTNL_RULE_CHAIN) || !keep((void ***)&s->rules, &s->n_rules, r))
		nftnl_rule_free(r);
	return MNL_CB_OK;
}

static int take_set(const struct nlmsghdr *h, void *data)
{
	struct filter_set *s = ((struct reading *)data)->set;
	struct nftnl_set *n = nftnl_set_alloc();

	if (!n || nftnl_set_nlmsg_parse(h, n) < 0 || !nftnl_set_get_str(n, NFTNL_SET_TABLE) ||
	    !nftnl_set_get_str(n, NFTNL_SET_NAME) || !keep((void ***)&s->sets, &s->n_sets, n))
		nftnl_set_free(n);
	return MNL_CB_OK;
}

static int take_elements(const struct nlmsghdr *h, void *data)
{
	(void)nftnl_set_elems_nlmsg_parse(h, ((struct reading *)data)->elements_of);
	return MNL_CB_OK;
}

static void read_list(struct reading *r, struct nlmsghdr *h, mnl_cb_t take)
{
	_Alignas(8) char buffer[RECEIVE_BYTES];
	ssize_t n;

	if (mnl_socket_sendto(r->nl, h, h->nlmsg_len) < 0)
		return;
	while ((n = mnl_socket_recvfrom(r->nl, buffer, sizeof(buffer))) > 0 &&
	       messages_all_ok(buffer, (size_t)n) &&
	       mnl_cb_run(buffer, (size_t)n, h->nlmsg_seq, mnl_socket_get_portid(r->nl), take, r) >
		       0)
		;
}

static void read_elements(struct reading *r, uint32_t sequence)
{
	_Alignas(8) char buffer[4096];
	uint32_t family = nftnl_set_get_u32(r->elements_of, NFTNL_SET_FAMILY);
	struct nlmsghdr *h = nftnl_nlmsg_build_hdr(buffer, NFT_MSG_GETSETELEM, (uint16_t)family,
						   NLM_F_DUMP, sequence);

	nftnl_set_elems_nlmsg_build_payload(h, r->elements_of);
	read_list(r, h, take_elements);
}

void filters_read(struct filter_set *ret)
{
	static const struct {
		uint16_t message;
		mnl_cb_t take;
	} lists[] = {
		{ NFT_MSG_GETCHAIN, take_chain },
		{ NFT_MSG_GETRULE, take_rule },
		{ NFT_MSG_GETSET, take_set },
	};
	struct reading r = { .nl = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC), .set = ret };
	uint32_t sequence = 1;

	*ret = (struct filter_set){ 0 };
	if (!r.nl)
		return;
	if (mnl_socket_bind(r.nl, 0, MNL_SOCKET_AUTOPID) == 0) {
		for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
			_Alignas(8) char buffer[256];

			read_list(&r,
				  nftnl_nlmsg_build_hdr(buffer, lists[i].message, NFPROTO_UNSPEC,
							NLM_F_DUMP, sequence++),
				  lists[i].take);
		}
		for (size_t i = 0; i < ret->n_sets; i++) {
			r.elements_of = ret->sets[i];
			read_elements(&r, sequence++);
		}
	}
	mnl_socket_close(r.nl);
}
