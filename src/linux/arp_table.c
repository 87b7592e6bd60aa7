/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/arp_table.h"

#include <string.h>

#include <linux/netfilter/nf_tables.h>

#include "base/container.h"

#define CHAIN_IN "in"
#define CHAIN_OUT "out"
#define RULES 4

#define NETFILTER_ARP_INPUT 0 /* NF_ARP_IN and NF_ARP_OUT of linux/netfilter_arp.h */
#define NETFILTER_ARP_OUTPUT 1

/* The addresses that are silent, and the own ones of interfaces. */
static const struct nft_set silent = {
	.name = "silent", .id = 1, .key_type = NFT_TYPE_IPV4, .key_bytes = 4
};
static const struct nft_set sender = { .name = "sender",
				       .id = 2,
				       .key_type = NFT_TYPE_INTERFACE,
				       .key_bytes = 4,
				       .data_type = NFT_TYPE_IPV4,
				       .data_bytes = 4,
				       .host_order = true };

/* Where things stand in an ARP packet for IPv4 on Ethernet (RFC 826). */
#define ARP_FIELD(at_, bytes_) .base = NFT_PAYLOAD_NETWORK_HEADER, .at = (at_), .bytes = (bytes_)
#define ARP_OPERATION ARP_FIELD(6, 2)
#define ARP_SENDER_ADDRESS ARP_FIELD(14, 4)
#define ARP_TARGET_ADDRESS ARP_FIELD(24, 4)

static const uint8_t request[] = { 0, 1 }, none[4];

/* Nobody is answered; */
static const struct nft_step is_not_heard[] = {
	{ NFT_STEP_LOAD, ARP_TARGET_ADDRESS },
	{ NFT_STEP_LOOKUP, .set = &silent },
	{ .kind = NFT_STEP_DROP },
};
/* who asks does so in the name of the interface's own address, */
static const struct nft_step asks_as_interface[] = {
	{ NFT_STEP_LOAD, ARP_SENDER_ADDRESS },
	{ NFT_STEP_LOOKUP, .set = &silent },
	{ NFT_STEP_LOAD, ARP_OPERATION },
	{ NFT_STEP_IS, .value = request, .bytes = sizeof(request) },
	{ NFT_STEP_META, .at = NFT_META_OIF },
	{ NFT_STEP_LOOKUP, .set = &sender },
	{ NFT_STEP_STORE, ARP_SENDER_ADDRESS },
};
/* or else of nobody; */
static const struct nft_step asks_as_nobody[] = {
	{ NFT_STEP_LOAD, ARP_SENDER_ADDRESS },
	{ NFT_STEP_LOOKUP, .set = &silent },
	{ NFT_STEP_LOAD, ARP_OPERATION },
	{ NFT_STEP_IS, .value = request, .bytes = sizeof(request) },
	{ NFT_STEP_VALUE, .value = none, .bytes = sizeof(none) },
	{ NFT_STEP_STORE, ARP_SENDER_ADDRESS },
};
/* and all else that is said in its name is not. */
static const struct nft_step is_not_said[] = {
	{ NFT_STEP_LOAD, ARP_SENDER_ADDRESS },
	{ NFT_STEP_LOOKUP, .set = &silent },
	{ .kind = NFT_STEP_DROP },
};

bool arp_table_makes(const struct change *c)
{
	return (c->kind == EFFECT_OBJECT_ADD || c->kind == EFFECT_OBJECT_REMOVE) &&
	       (c->object.kind == OBJECT_ARP_TABLE || c->object.kind == OBJECT_SILENCE ||
		c->object.kind == OBJECT_ARP_SENDER);
}

static void put_all(struct nft *t)
{
	nft_put_table_anew(t);
	nft_put_set(t, &silent);
	nft_put_set(t, &sender);
	nft_put_chain(t, CHAIN_IN, NETFILTER_ARP_INPUT, 0);
	nft_put_chain(t, CHAIN_OUT, NETFILTER_ARP_OUTPUT, 0);
	nft_put_rule(t, CHAIN_IN, is_not_heard, ARRAY_LENGTH(is_not_heard));
	nft_put_rule(t, CHAIN_OUT, asks_as_interface, ARRAY_LENGTH(asks_as_interface));
	nft_put_rule(t, CHAIN_OUT, asks_as_nobody, ARRAY_LENGTH(asks_as_nobody));
	nft_put_rule(t, CHAIN_OUT, is_not_said, ARRAY_LENGTH(is_not_said));
}

static const struct nft_set *element_of(const struct object *o, const void **ret_key,
					const void **ret_data)
{
	bool is_sender = o->kind == OBJECT_ARP_SENDER;

	*ret_key = is_sender ? (const void *)&o->interface : o->address.bytes;
	*ret_data = o->address.bytes;
	return is_sender ? &sender : &silent;
}

static int changes_try(struct nft *t, const struct change *changes, size_t count)
{
	nft_begin(t);
	for (size_t i = 0, n; i < count; i += n) {
		for (n = 0; i + n < count && changes[i + n].object.kind != OBJECT_ARP_TABLE; n++)
			;
		nft_put_elements(t, &changes[i], n, element_of);
		if (n > 0)
			continue;
		if (changes[i].kind == EFFECT_OBJECT_ADD)
			put_all(t);
		else
			nft_put_table(t, NFT_MSG_DELTABLE);
		n = 1;
	}
	return nft_run(t);
}

void arp_table_transact(struct nft *t, const struct change *changes, size_t count,
			struct rtnl_batch *batch)
{
	nft_transact(t, changes_try, changes, count, "the kernel has no nftables for ARP", batch);
}

struct reading {
	void (*tell)(void *context, const struct input *in);
	void *context;
};

static void take_silent(void *context, const void *key, const void *data)
{
	const struct reading *r = context;
	struct input in = { .kind = INPUT_OBJECT };

	(void)data;
	in.object.present = true;
	in.object.object.kind = OBJECT_SILENCE;
	in.object.object.length = 32;
	in.object.object.address = address_make(FAMILY_IPV4, key);
	r->tell(r->context, &in);
}

static void take_sender(void *context, const void *key, const void *data)
{
	const struct reading *r = context;
	struct input in = { .kind = INPUT_OBJECT };

	in.object.present = true;
	in.object.object.kind = OBJECT_ARP_SENDER;
	in.object.object.length = 32;
	memcpy(&in.object.object.interface, key, sizeof(in.object.object.interface));
	in.object.object.address = address_make(FAMILY_IPV4, data);
	r->tell(r->context, &in);
}

void arp_table_dump(struct nft *t, void (*tell)(void *context, const struct input *in),
		    void *context)
{
	struct reading r = { tell, context };
	struct input table = { .kind = INPUT_OBJECT };

	if (!t || !nft_has_rules(t, RULES))
		return;
	table.object.present = true;
	table.object.object.kind = OBJECT_ARP_TABLE;
	tell(context, &table);
	nft_elements(t, &silent, take_silent, &r);
	nft_elements(t, &sender, take_sender, &r);
}
