/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/filters.h"

#include <stdint.h>
#include <stdlib.h>

#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include "base/container.h"
#include "linux/messages.h"

#define KEPT_MAX 65536 /* of each kind: a filter with more of them is not judged whole */

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

static void take_chain(void *context, const struct nlmsghdr *h)
{
	struct filter_set *s = context;
	struct nftnl_chain *c = nftnl_chain_alloc();

	/* One without a name could not be spoken of. */
	if (!c || nftnl_chain_nlmsg_parse(h, c) < 0 || !nftnl_chain_get_str(c, NFTNL_CHAIN_TABLE) ||
	    !nftnl_chain_get_str(c, NFTNL_CHAIN_NAME) ||
	    !keep((void ***)&s->chains, &s->n_chains, c))
		nftnl_chain_free(c);
}

static void take_rule(void *context, const struct nlmsghdr *h)
{
	struct filter_set *s = context;
	struct nftnl_rule *r = nftnl_rule_alloc();

	if (!r || nftnl_rule_nlmsg_parse(h, r) < 0 || !nftnl_rule_get_str(r, NFTNL_RULE_TABLE) ||
	    !nftnl_rule_get_str(r, NFTNL_RULE_CHAIN) || !keep((void ***)&s->rules, &s->n_rules, r))
		nftnl_rule_free(r);
}

static void take_set(void *context, const struct nlmsghdr *h)
{
	struct filter_set *s = context;
	struct nftnl_set *n = nftnl_set_alloc();

	if (!n || nftnl_set_nlmsg_parse(h, n) < 0 || !nftnl_set_get_str(n, NFTNL_SET_TABLE) ||
	    !nftnl_set_get_str(n, NFTNL_SET_NAME) || !keep((void ***)&s->sets, &s->n_sets, n))
		nftnl_set_free(n);
}

static void take_elements(void *set, const struct nlmsghdr *h)
{
	(void)nftnl_set_elems_nlmsg_parse(h, set);
}

void filters_read(struct filter_set *ret)
{
	static const struct {
		uint16_t message;
		void (*take)(void *context, const struct nlmsghdr *h);
	} lists[] = {
		{ NFT_MSG_GETCHAIN, take_chain },
		{ NFT_MSG_GETRULE, take_rule },
		{ NFT_MSG_GETSET, take_set },
	};
	_Alignas(8) char buffer[4096];
	struct nlmsghdr *h;

	*ret = (struct filter_set){ 0 };
	for (size_t i = 0; i < ARRAY_LENGTH(lists); i++) {
		h = nftnl_nlmsg_build_hdr(buffer, lists[i].message, NFPROTO_UNSPEC, NLM_F_DUMP, 1);
		(void)messages_ask(NETLINK_NETFILTER, h, lists[i].take, ret);
	}
	for (size_t i = 0; i < ret->n_sets; i++) {
		struct nftnl_set *set = ret->sets[i];

		h = nftnl_nlmsg_build_hdr(buffer, NFT_MSG_GETSETELEM,
					  (uint16_t)nftnl_set_get_u32(set, NFTNL_SET_FAMILY),
					  NLM_F_DUMP, 1);
		nftnl_set_elems_nlmsg_build_payload(h, set);
		(void)messages_ask(NETLINK_NETFILTER, h, take_elements, set);
	}
}
