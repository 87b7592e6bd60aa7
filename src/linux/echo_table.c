/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/echo_table.h"

#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include "base/container.h"

#define CHAIN "in"
#define RULES 2

static const struct nft_set silent4 = {
	.name = "silent4", .id = 1, .key_type = NFT_TYPE_IPV4, .key_bytes = 4
};
static const struct nft_set silent6 = {
	.name = "silent6", .id = 2, .key_type = NFT_TYPE_IPV6, .key_bytes = 16
};

static const uint8_t ipv4 = NFPROTO_IPV4, icmp = IPPROTO_ICMP, echo = ICMP_ECHO;
static const uint8_t ipv6 = NFPROTO_IPV6, icmp6 = IPPROTO_ICMPV6, echo6 = ICMP6_ECHO_REQUEST;
static const uint32_t loopback = 1; /* the index of lo, in every network namespace */

/* A rule of a family; `at_`: where the destination stands in its header (RFC 791 3.1, RFC 8200 3).
 */
#define RULE(version_, at_, bytes_, set_, protocol_, request_)                                     \
	{                                                                                          \
		{ NFT_STEP_META, .at = NFT_META_NFPROTO },                                         \
			{ NFT_STEP_IS, .value = &(version_), .bytes = 1 },                         \
			{ NFT_STEP_META, .at = NFT_META_IIF },                                     \
			{ NFT_STEP_IS_NOT, .value = &loopback, .bytes = sizeof(loopback) },        \
			{ NFT_STEP_LOAD, .base = NFT_PAYLOAD_NETWORK_HEADER, .at = (at_),          \
			  .bytes = (bytes_) },                                                     \
			{ NFT_STEP_LOOKUP, .set = &(set_) },                                       \
			{ NFT_STEP_META, .at = NFT_META_L4PROTO },                                 \
			{ NFT_STEP_IS, .value = &(protocol_), .bytes = 1 },                        \
			{ NFT_STEP_LOAD, .base = NFT_PAYLOAD_TRANSPORT_HEADER, .bytes = 1 },       \
			{ NFT_STEP_IS, .value = &(request_), .bytes = 1 },                         \
			{ .kind = NFT_STEP_DROP },                                                 \
	}
static const struct nft_step rules[RULES][11] = {
	RULE(ipv4, 16, 4, silent4, icmp, echo),
	RULE(ipv6, 24, 16, silent6, icmp6, echo6),
};

bool echo_table_makes(const struct change *c)
{
	return (c->kind == EFFECT_OBJECT_ADD || c->kind == EFFECT_OBJECT_REMOVE) &&
	       c->object.kind == OBJECT_NO_ECHO;
}

static void put_all(struct nft *t)
{
	nft_put_table_anew(t);
	nft_put_set(t, &silent4);
	nft_put_set(t, &silent6);
	nft_put_chain(t, CHAIN, NF_INET_LOCAL_IN, 0);
	for (size_t i = 0; i < RULES; i++)
		nft_put_rule(t, CHAIN, rules[i], ARRAY_LENGTH(rules[i]));
}

static const struct nft_set *element_of(const struct object *o, const void **ret_key,
					const void **ret_data)
{
	(void)ret_data;
	*ret_key = o->address.bytes;
	return o->address.family == FAMILY_IPV6 ? &silent6 : &silent4;
}

static void count_element(void *count, const void *key, const void *data)
{
	(void)key;
	(void)data;
	++*(size_t *)count;
}

/* Who has no VIP that is silent has no table. */
static void remove_when_empty(struct nft *t)
{
	size_t count = 0;

	nft_elements(t, &silent4, count_element, &count);
	nft_elements(t, &silent6, count_element, &count);
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
	nft_put_elements(t, changes, count, element_of);
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

static void take_element(void *context, const void *key, const void *data)
{
	const struct reading *r = context;
	struct input in = { .kind = INPUT_OBJECT };

	(void)data;
	in.object.present = true;
	in.object.object.kind = OBJECT_NO_ECHO;
	in.object.object.address = address_make(r->family, key);
	in.object.object.length = (uint8_t)family_bits(r->family);
	r->tell(r->context, &in);
}

void echo_table_dump(struct nft *t, void (*tell)(void *context, const struct input *in),
		     void *context)
{
	struct reading r = { .family = FAMILY_IPV4, .tell = tell, .context = context };

	if (!t || !nft_has_rules(t, RULES))
		return;
	nft_elements(t, &silent4, take_element, &r);
	r.family = FAMILY_IPV6;
	nft_elements(t, &silent6, take_element, &r);
}
