/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/arp_table.h"

#include <arpa/inet.h>
#include <string.h>

#include <libnftnl/udata.h>
#include <linux/netfilter/nf_tables.h>

#define SILENT "silent"
#define SENDER "sender"
#define CHAIN_IN "in"
#define CHAIN_OUT "out"
#define RULES 4

#define NETFILTER_ARP_INPUT 0 /* NF_ARP_IN and NF_ARP_OUT of linux/netfilter_arp.h */
#define NETFILTER_ARP_OUTPUT 1

/* Where things stand in an ARP packet for IPv4 on Ethernet (RFC 826). */
#define ARP_OPERATION 6
#define ARP_SENDER_ADDRESS 14
#define ARP_TARGET_ADDRESS 24
#define ARP_REQUEST 1

/* For nft(8): the order of bytes of a key. */
#define HOST_ORDER 1

bool arp_table_makes(const struct change *c)
{
	return (c->kind == EFFECT_OBJECT_ADD || c->kind == EFFECT_OBJECT_REMOVE) &&
	       (c->object.kind == OBJECT_ARP_TABLE || c->object.kind == OBJECT_SILENCE ||
		c->object.kind == OBJECT_ARP_SENDER);
}

static struct nftnl_set *set_make(bool sender)
{
	return nft_set(sender ? SENDER : SILENT, sender ? 2 : 1);
}

/* Only for people: nft(8) would show the indexes of interfaces the wrong way round. */
static void set_note_order(struct nftnl_set *set)
{
	struct nftnl_udata_buf *note = nftnl_udata_buf_alloc(64);

	if (!note)
		return;
	if (nftnl_udata_put_u32(note, NFTNL_UDATA_SET_KEYBYTEORDER, HOST_ORDER))
		nftnl_set_set_data(set, NFTNL_SET_USERDATA, nftnl_udata_buf_data(note),
				   nftnl_udata_buf_len(note));
	nftnl_udata_buf_free(note);
}

static void put_set(struct nft *t, bool sender)
{
	struct nftnl_set *set = set_make(sender);

	if (!set)
		return;
	nftnl_set_set_u32(set, NFTNL_SET_KEY_TYPE, sender ? NFT_TYPE_INTERFACE : NFT_TYPE_IPV4);
	nftnl_set_set_u32(set, NFTNL_SET_KEY_LEN, 4);
	if (sender) {
		nftnl_set_set_u32(set, NFTNL_SET_FLAGS, NFT_SET_MAP);
		nftnl_set_set_u32(set, NFTNL_SET_DATA_TYPE, NFT_TYPE_IPV4);
		nftnl_set_set_u32(set, NFTNL_SET_DATA_LEN, 4);
		set_note_order(set);
	}
	nft_put_set(t, set);
}

static void rule_store_sender(struct nftnl_rule *rule)
{
	struct nftnl_expr *e = nft_rule_add(rule, "payload");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_SREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_BASE, NFT_PAYLOAD_NETWORK_HEADER);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_OFFSET, ARP_SENDER_ADDRESS);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_LEN, 4);
}

static void rule_lookup(struct nftnl_rule *rule, bool sender)
{
	struct nftnl_expr *e = nft_rule_add(rule, "lookup");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_SREG, NFT_REG_1);
	if (sender)
		nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_DREG, NFT_REG_1);
	nftnl_expr_set_str(e, NFTNL_EXPR_LOOKUP_SET, sender ? SENDER : SILENT);
	nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_SET_ID, sender ? 2 : 1);
}

static void rule_is_request(struct nftnl_rule *rule)
{
	uint16_t request = htons(ARP_REQUEST);

	nft_rule_load(rule, NFT_PAYLOAD_NETWORK_HEADER, ARP_OPERATION, sizeof(request));
	nft_rule_compare(rule, true, &request, sizeof(request));
}

/* The sender becomes the interface's own address. */
static void rule_sender_of_interface(struct nftnl_rule *rule)
{
	nft_rule_meta(rule, NFT_META_OIF);
	rule_lookup(rule, true);
	rule_store_sender(rule);
}

/* The sender becomes 0.0.0.0. */
static void rule_sender_none(struct nftnl_rule *rule)
{
	struct nftnl_expr *e = nft_rule_add(rule, "immediate");
	uint32_t none = 0;

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_DREG, NFT_REG_1);
	nftnl_expr_set(e, NFTNL_EXPR_IMM_DATA, &none, sizeof(none));
	rule_store_sender(rule);
}

static void put_rule(struct nft *t, const char *chain, uint32_t address,
		     void (*request)(struct nftnl_rule *rule))
{
	struct nftnl_rule *rule = nft_rule(chain);

	if (!rule)
		return;
	nft_rule_load(rule, NFT_PAYLOAD_NETWORK_HEADER, address, 4);
	rule_lookup(rule, false);
	if (request) {
		rule_is_request(rule);
		request(rule);
	} else {
		nft_rule_drop(rule);
	}
	nft_put_rule(t, rule);
}

/* Whatever of that name is there gives way, in the same transaction. */
static void put_all(struct nft *t)
{
	nft_put_table(t, NFT_MSG_NEWTABLE);
	nft_put_table(t, NFT_MSG_DELTABLE);
	nft_put_table(t, NFT_MSG_NEWTABLE);
	put_set(t, false);
	put_set(t, true);
	nft_put_chain(t, CHAIN_IN, NETFILTER_ARP_INPUT);
	nft_put_chain(t, CHAIN_OUT, NETFILTER_ARP_OUTPUT);
	put_rule(t, CHAIN_IN, ARP_TARGET_ADDRESS, NULL);
	put_rule(t, CHAIN_OUT, ARP_SENDER_ADDRESS, rule_sender_of_interface);
	put_rule(t, CHAIN_OUT, ARP_SENDER_ADDRESS, rule_sender_none);
	put_rule(t, CHAIN_OUT, ARP_SENDER_ADDRESS, NULL);
}

static void element_add(struct nftnl_set *set, const struct object *o)
{
	struct nftnl_set_elem *e = nftnl_set_elem_alloc();

	if (!e)
		return;
	if (o->kind == OBJECT_ARP_SENDER) {
		nftnl_set_elem_set(e, NFTNL_SET_ELEM_KEY, &o->interface, 4);
		nftnl_set_elem_set(e, NFTNL_SET_ELEM_DATA, o->address.bytes, 4);
	} else {
		nftnl_set_elem_set(e, NFTNL_SET_ELEM_KEY, o->address.bytes, 4);
	}
	nftnl_set_elem_add(set, e);
}

static bool change_is_like(const struct change *a, const struct change *b)
{
	return a->kind == b->kind && a->object.kind == b->object.kind;
}

/* Neighbours of one kind go in one message; returns how many there were. */
static size_t put_elements(struct nft *t, const struct change *changes, size_t count)
{
	bool add = changes->kind == EFFECT_OBJECT_ADD;
	struct nftnl_set *set = set_make(changes->object.kind == OBJECT_ARP_SENDER);
	size_t n;

	if (!set)
		return count;
	for (n = 0; n < count && change_is_like(changes, &changes[n]); n++)
		element_add(set, &changes[n].object);
	nft_put_elements(t, set, add);
	return n;
}

static int changes_try(struct nft *t, const struct change *changes, size_t count)
{
	nft_begin(t);
	for (size_t i = 0; i < count;) {
		if (changes[i].object.kind != OBJECT_ARP_TABLE) {
			i += put_elements(t, &changes[i], count - i);
			continue;
		}
		if (changes[i].kind == EFFECT_OBJECT_ADD)
			put_all(t);
		else
			nft_put_table(t, NFT_MSG_DELTABLE);
		i++;
	}
	return nft_run(t);
}

void arp_table_transact(struct nft *t, const struct change *changes, size_t count,
			struct rtnl_batch *batch)
{
	nft_transact(t, changes_try, changes, count, "the kernel has no nftables for ARP", batch);
}

struct reading {
	bool sender;
	void (*tell)(void *context, const struct input *in);
	void *context;
};

static int reading_element(struct nftnl_set_elem *e, void *data)
{
	struct reading *r = data;
	struct input in = { .kind = INPUT_OBJECT };
	struct object *o = &in.object.object;
	uint32_t length = 0;
	const void *key = nftnl_set_elem_get(e, NFTNL_SET_ELEM_KEY, &length), *value = key;

	in.object.present = true;
	o->kind = r->sender ? OBJECT_ARP_SENDER : OBJECT_SILENCE;
	o->length = 32;
	if (!key || length < 4)
		return 0;
	if (r->sender) {
		memcpy(&o->interface, key, 4);
		value = nftnl_set_elem_get(e, NFTNL_SET_ELEM_DATA, &length);
	}
	if (!value || length < 4)
		return 0;
	o->address = address_make(FAMILY_IPV4, value);
	r->tell(r->context, &in);
	return 0;
}

void arp_table_dump(struct nft *t, void (*tell)(void *context, const struct input *in),
		    void *context)
{
	struct reading r = { .tell = tell, .context = context };
	struct input table = { .kind = INPUT_OBJECT };

	if (!t || !nft_has_rules(t, RULES))
		return;
	table.object.present = true;
	table.object.object.kind = OBJECT_ARP_TABLE;
	tell(context, &table);
	nft_elements(t, set_make(false), reading_element, &r);
	r.sender = true;
	nft_elements(t, set_make(true), reading_element, &r);
}
