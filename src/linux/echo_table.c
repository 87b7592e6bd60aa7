/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/echo_table.h"

#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <string.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#define CHAIN "in"
#define RULES 2
#define LOOPBACK_INDEX 1 /* of lo, in every network namespace */

/* Where the destination stands in a header: RFC 791 3.1, RFC 8200 3. */
#define IPV4_DESTINATION 16
#define IPV6_DESTINATION 24

bool echo_table_makes(const struct change *c)
{
	return (c->kind == EFFECT_OBJECT_ADD || c->kind == EFFECT_OBJECT_REMOVE) &&
	       c->object.kind == OBJECT_NO_ECHO;
}

static const char *set_name(enum family family)
{
	return family == FAMILY_IPV6 ? "silent6" : "silent4";
}

static struct nftnl_set *set_of(enum family family)
{
	return nft_set(set_name(family), family == FAMILY_IPV6 ? 2 : 1);
}

static void put_set(struct nft *t, enum family family)
{
	struct nftnl_set *set = set_of(family);

	if (!set)
		return;
	nftnl_set_set_u32(set, NFTNL_SET_KEY_TYPE,
			  family == FAMILY_IPV6 ? NFT_TYPE_IPV6 : NFT_TYPE_IPV4);
	nftnl_set_set_u32(set, NFTNL_SET_KEY_LEN, (uint32_t)family_bytes(family));
	nft_put_set(t, set);
}

static void put_rule(struct nft *t, enum family family)
{
	bool six = family == FAMILY_IPV6;
	uint8_t protocol = six ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
	uint8_t request = six ? ICMP6_ECHO_REQUEST : ICMP_ECHO;
	uint8_t version = six ? NFPROTO_IPV6 : NFPROTO_IPV4;
	uint32_t loopback = LOOPBACK_INDEX;
	struct nftnl_rule *rule = nft_rule(CHAIN);
	struct nftnl_expr *lookup;

	if (!rule)
		return;
	nft_rule_meta(rule, NFT_META_NFPROTO);
	nft_rule_compare(rule, true, &version, sizeof(version));
	nft_rule_meta(rule, NFT_META_IIF);
	nft_rule_compare(rule, false, &loopback, sizeof(loopback));
	nft_rule_load(rule, NFT_PAYLOAD_NETWORK_HEADER, six ? IPV6_DESTINATION : IPV4_DESTINATION,
		      (uint32_t)family_bytes(family));
	lookup = nft_rule_add(rule, "lookup");
	if (lookup) {
		nftnl_expr_set_u32(lookup, NFTNL_EXPR_LOOKUP_SREG, NFT_REG_1);
		nftnl_expr_set_str(lookup, NFTNL_EXPR_LOOKUP_SET, set_name(family));
		nftnl_expr_set_u32(lookup, NFTNL_EXPR_LOOKUP_SET_ID, six ? 2 : 1);
	}
	nft_rule_meta(rule, NFT_META_L4PROTO);
	nft_rule_compare(rule, true, &protocol, sizeof(protocol));
	nft_rule_load(rule, NFT_PAYLOAD_TRANSPORT_HEADER, 0, sizeof(request));
	nft_rule_compare(rule, true, &request, sizeof(request));
	nft_rule_drop(rule);
	nft_put_rule(t, rule);
}

/* Whatever of that name is there gives way, in the same transaction. */
static void put_all(struct nft *t)
{
	nft_put_table(t, NFT_MSG_NEWTABLE);
	nft_put_table(t, NFT_MSG_DELTABLE);
	nft_put_table(t, NFT_MSG_NEWTABLE);
	put_set(t, FAMILY_IPV4);
	put_set(t, FAMILY_IPV6);
	nft_put_chain(t, CHAIN, NF_INET_LOCAL_IN);
	put_rule(t, FAMILY_IPV4);
	put_rule(t, FAMILY_IPV6);
}

/* Those of one family, and of one kind of change, go in one message. */
static bool belongs(const struct change *a, const struct change *b)
{
	return a->kind == b->kind && a->object.address.family == b->object.address.family;
}

static size_t put_elements(struct nft *t, const struct change *changes, size_t count)
{
	enum family family = (enum family)changes->object.address.family;
	struct nftnl_set *set = set_of(family);
	struct nftnl_set_elem *e;
	size_t n;

	if (!set)
		return count;
	for (n = 0; n < count && belongs(changes, &changes[n]); n++) {
		e = nftnl_set_elem_alloc();
		if (!e)
			break;
		nftnl_set_elem_set(e, NFTNL_SET_ELEM_KEY, changes[n].object.address.bytes,
				   (uint32_t)family_bytes(family));
		nftnl_set_elem_add(set, e);
	}
	nft_put_elements(t, set, changes->kind == EFFECT_OBJECT_ADD);
	return n ? n : count;
}

static int count_element(struct nftnl_set_elem *e, void *count)
{
	(void)e;
	++*(size_t *)count;
	return 0;
}

/* Who has no VIP that is silent has no table. */
static void remove_when_empty(struct nft *t)
{
	size_t count = 0;

	nft_elements(t, set_of(FAMILY_IPV4), count_element, &count);
	nft_elements(t, set_of(FAMILY_IPV6), count_element, &count);
	if (count)
		return;
	nft_begin(t);
	nft_put_table(t, NFT_MSG_DELTABLE);
	(void)nft_run(t);
}

static int changes_try(struct nft *t, const struct change *changes, size_t count)
{
	bool there = nft_has_rules(t, RULES), removes = false;
	int error;

	nft_begin(t);
	for (size_t i = 0; i < count; i++)
		removes |= changes[i].kind == EFFECT_OBJECT_REMOVE;
	if (!there && removes)
		return -ENOENT;
	if (!there)
		put_all(t);
	for (size_t i = 0; i < count;)
		i += put_elements(t, &changes[i], count - i);
	error = nft_run(t);
	if (error == 0 && removes)
		remove_when_empty(t);
	return error;
}

void echo_table_transact(struct nft *t, const struct change *changes, size_t count,
			 struct rtnl_batch *batch)
{
	nft_transact(t, changes_try, changes, count, "the kernel has no nftables for IP", batch);
}

struct reading {
	enum family family;
	void (*tell)(void *context, const struct input *in);
	void *context;
};

static int reading_element(struct nftnl_set_elem *e, void *context)
{
	struct reading *r = context;
	struct input in = { .kind = INPUT_OBJECT };
	uint32_t length = 0;
	const void *key = nftnl_set_elem_get(e, NFTNL_SET_ELEM_KEY, &length);

	if (!key || length < family_bytes(r->family))
		return 0;
	in.object.present = true;
	in.object.object.kind = OBJECT_NO_ECHO;
	in.object.object.address = address_make(r->family, key);
	in.object.object.length = (uint8_t)family_bits(r->family);
	r->tell(r->context, &in);
	return 0;
}

void echo_table_dump(struct nft *t, void (*tell)(void *context, const struct input *in),
		     void *context)
{
	struct reading r = { .tell = tell, .context = context };

	if (!t || !nft_has_rules(t, RULES))
		return;
	for (size_t i = 0; i < FAMILIES; i++) {
		r.family = family_at(i);
		nft_elements(t, set_of(r.family), reading_element, &r);
	}
}
