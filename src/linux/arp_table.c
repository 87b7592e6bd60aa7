/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/arp_table.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libmnl/libmnl.h>
#include <libnftnl/chain.h>
#include <libnftnl/common.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <libnftnl/set.h>
#include <libnftnl/table.h>
#include <libnftnl/udata.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "base/container.h"
#include "base/text.h"
#include "linux/messages.h"

#define TABLE "vipd"
#define SILENT "silent"
#define SENDER "sender"
#define CHAIN_IN "in"
#define CHAIN_OUT "out"

/* On each rule of ours: whoever changes one takes the mark off. */
#define MARK "vipd 1"
#define RULES 4

#define NETFILTER_ARP_INPUT 0 /* NF_ARP_IN and NF_ARP_OUT of linux/netfilter_arp.h */
#define NETFILTER_ARP_OUTPUT 1

/* Where things stand in an ARP packet for IPv4 on Ethernet (RFC 826). */
#define ARP_OPERATION 6
#define ARP_SENDER_ADDRESS 14
#define ARP_TARGET_ADDRESS 24
#define ARP_REQUEST 1

/* How nft(8) names the types of keys and data, and their order of bytes; the kernel only hands them
 * on. */
#define HOST_ORDER 1
#define TYPE_IPV4 7
#define TYPE_INTERFACE 20

#define SEND_BYTES ((size_t)64 << 10)
#define RECEIVE_BYTES (1 << 20)

struct arp_table {
	int fd;
	uint32_t port, sequence;
	bool foreign; /* somebody else has changed the table */
	struct {
		char *at;
		uint32_t first; /* the number of the first message */
	} out;
	_Alignas(8) char send[SEND_BYTES];
	_Alignas(8) char receive[SEND_BYTES];
};

static int table_socket(uint32_t *ret_port)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK };
	socklen_t length = sizeof(address);
	int group = NFNLGRP_NFTABLES, size = RECEIVE_BYTES;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_NETFILTER);

	if (fd < 0)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &length) < 0 ||
	    setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) < 0) {
		close(fd);
		return -1;
	}
	*ret_port = address.nl_pid;
	return fd;
}

struct arp_table *arp_table_open(void)
{
	struct arp_table *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->sequence = 1;
	t->fd = table_socket(&t->port);
	if (t->fd >= 0)
		return t;
	free(t);
	return NULL;
}

void arp_table_close(struct arp_table *t)
{
	if (!t)
		return;
	close(t->fd);
	free(t);
}

int arp_table_fd(const struct arp_table *t)
{
	return t ? t->fd : -1;
}

bool arp_table_makes(const struct change *c)
{
	return (c->kind == EFFECT_OBJECT_ADD || c->kind == EFFECT_OBJECT_REMOVE) &&
	       (c->object.kind == OBJECT_ARP_TABLE || c->object.kind == OBJECT_SILENCE ||
		c->object.kind == OBJECT_ARP_SENDER);
}

/* The messages of a transaction, one behind the other. */

static struct nlmsghdr *next_message(struct arp_table *t, uint16_t type, uint16_t flags)
{
	return nftnl_nlmsg_build_hdr(t->out.at, type, NFPROTO_ARP, flags, t->sequence++);
}

static void message_done(struct arp_table *t, const struct nlmsghdr *h)
{
	t->out.at += MNL_ALIGN(h->nlmsg_len);
}

static void transaction_begin(struct arp_table *t)
{
	t->out.at = t->send;
	t->out.first = t->sequence;
	message_done(t, nftnl_batch_begin(t->out.at, t->sequence++));
}

static void put_table(struct arp_table *t, uint16_t type)
{
	struct nftnl_table *table = nftnl_table_alloc();
	struct nlmsghdr *h;

	if (!table)
		return;
	nftnl_table_set_str(table, NFTNL_TABLE_NAME, TABLE);
	h = next_message(t, type, type == NFT_MSG_NEWTABLE ? NLM_F_CREATE : 0);
	nftnl_table_nlmsg_build_payload(h, table);
	message_done(t, h);
	nftnl_table_free(table);
}

static void put_chain(struct arp_table *t, const char *name, uint32_t hook)
{
	struct nftnl_chain *chain = nftnl_chain_alloc();
	struct nlmsghdr *h;

	if (!chain)
		return;
	nftnl_chain_set_str(chain, NFTNL_CHAIN_TABLE, TABLE);
	nftnl_chain_set_str(chain, NFTNL_CHAIN_NAME, name);
	nftnl_chain_set_str(chain, NFTNL_CHAIN_TYPE, "filter");
	nftnl_chain_set_u32(chain, NFTNL_CHAIN_HOOKNUM, hook);
	nftnl_chain_set_s32(chain, NFTNL_CHAIN_PRIO, 0);
	h = next_message(t, NFT_MSG_NEWCHAIN, NLM_F_CREATE);
	nftnl_chain_nlmsg_build_payload(h, chain);
	message_done(t, h);
	nftnl_chain_free(chain);
}

static struct nftnl_set *set_make(bool sender)
{
	struct nftnl_set *set = nftnl_set_alloc();

	if (!set)
		return NULL;
	nftnl_set_set_str(set, NFTNL_SET_TABLE, TABLE);
	nftnl_set_set_str(set, NFTNL_SET_NAME, sender ? SENDER : SILENT);
	nftnl_set_set_u32(set, NFTNL_SET_ID, sender ? 2 : 1);
	return set;
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

static void put_set(struct arp_table *t, bool sender)
{
	struct nftnl_set *set = set_make(sender);
	struct nlmsghdr *h;

	if (!set)
		return;
	nftnl_set_set_u32(set, NFTNL_SET_FAMILY, NFPROTO_ARP);
	nftnl_set_set_u32(set, NFTNL_SET_KEY_TYPE, sender ? TYPE_INTERFACE : TYPE_IPV4);
	nftnl_set_set_u32(set, NFTNL_SET_KEY_LEN, 4);
	if (sender) {
		nftnl_set_set_u32(set, NFTNL_SET_FLAGS, NFT_SET_MAP);
		nftnl_set_set_u32(set, NFTNL_SET_DATA_TYPE, TYPE_IPV4);
		nftnl_set_set_u32(set, NFTNL_SET_DATA_LEN, 4);
	}
	if (sender)
		set_note_order(set);
	h = next_message(t, NFT_MSG_NEWSET, NLM_F_CREATE);
	nftnl_set_nlmsg_build_payload(h, set);
	message_done(t, h);
	nftnl_set_free(set);
}

static struct nftnl_expr *rule_add(struct nftnl_rule *rule, const char *name)
{
	struct nftnl_expr *e = nftnl_expr_alloc(name);

	if (e)
		nftnl_rule_add_expr(rule, e);
	return e;
}

static void rule_payload(struct nftnl_rule *rule, bool write, uint32_t offset, uint32_t length)
{
	struct nftnl_expr *e = rule_add(rule, "payload");

	if (!e)
		return;
	nftnl_expr_set_u32(e, write ? NFTNL_EXPR_PAYLOAD_SREG : NFTNL_EXPR_PAYLOAD_DREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_BASE, NFT_PAYLOAD_NETWORK_HEADER);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_OFFSET, offset);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_LEN, length);
}

static void rule_lookup(struct nftnl_rule *rule, bool sender)
{
	struct nftnl_expr *e = rule_add(rule, "lookup");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_SREG, NFT_REG_1);
	if (sender)
		nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_DREG, NFT_REG_1);
	nftnl_expr_set_str(e, NFTNL_EXPR_LOOKUP_SET, sender ? SENDER : SILENT);
	nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_SET_ID, sender ? 2 : 1);
}

static void rule_drop(struct nftnl_rule *rule)
{
	struct nftnl_expr *e = rule_add(rule, "immediate");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_VERDICT, NF_DROP);
}

static void rule_is_request(struct nftnl_rule *rule)
{
	uint16_t request = htons(ARP_REQUEST);
	struct nftnl_expr *e;

	rule_payload(rule, false, ARP_OPERATION, sizeof(request));
	e = rule_add(rule, "cmp");
	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_SREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_OP, NFT_CMP_EQ);
	nftnl_expr_set(e, NFTNL_EXPR_CMP_DATA, &request, sizeof(request));
}

/* The sender becomes the interface's own address. */
static void rule_sender_of_interface(struct nftnl_rule *rule)
{
	struct nftnl_expr *e = rule_add(rule, "meta");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_META_KEY, NFT_META_OIF);
	nftnl_expr_set_u32(e, NFTNL_EXPR_META_DREG, NFT_REG_1);
	rule_lookup(rule, true);
	rule_payload(rule, true, ARP_SENDER_ADDRESS, 4);
}

/* The sender becomes 0.0.0.0. */
static void rule_sender_none(struct nftnl_rule *rule)
{
	struct nftnl_expr *e = rule_add(rule, "immediate");
	uint32_t none = 0;

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_DREG, NFT_REG_1);
	nftnl_expr_set(e, NFTNL_EXPR_IMM_DATA, &none, sizeof(none));
	rule_payload(rule, true, ARP_SENDER_ADDRESS, 4);
}

static void put_rule(struct arp_table *t, const char *chain, uint32_t address,
		     void (*request)(struct nftnl_rule *rule))
{
	struct nftnl_rule *rule = nftnl_rule_alloc();
	struct nlmsghdr *h;

	if (!rule)
		return;
	nftnl_rule_set_str(rule, NFTNL_RULE_TABLE, TABLE);
	nftnl_rule_set_str(rule, NFTNL_RULE_CHAIN, chain);
	nftnl_rule_set_data(rule, NFTNL_RULE_USERDATA, MARK, sizeof(MARK));
	rule_payload(rule, false, address, 4);
	rule_lookup(rule, false);
	if (request) {
		rule_is_request(rule);
		request(rule);
	} else {
		rule_drop(rule);
	}
	h = next_message(t, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);
	nftnl_rule_nlmsg_build_payload(h, rule);
	message_done(t, h);
	nftnl_rule_free(rule);
}

/* Whatever of that name is there gives way, in the same transaction. */
static void put_all(struct arp_table *t)
{
	put_table(t, NFT_MSG_NEWTABLE);
	put_table(t, NFT_MSG_DELTABLE);
	put_table(t, NFT_MSG_NEWTABLE);
	put_set(t, false);
	put_set(t, true);
	put_chain(t, CHAIN_IN, NETFILTER_ARP_INPUT);
	put_chain(t, CHAIN_OUT, NETFILTER_ARP_OUTPUT);
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
static size_t put_elements(struct arp_table *t, const struct change *changes, size_t count)
{
	bool add = changes->kind == EFFECT_OBJECT_ADD;
	struct nftnl_set *set = set_make(changes->object.kind == OBJECT_ARP_SENDER);
	struct nlmsghdr *h;
	size_t n;

	if (!set)
		return count;
	for (n = 0; n < count && change_is_like(changes, &changes[n]); n++)
		element_add(set, &changes[n].object);
	h = next_message(t, add ? NFT_MSG_NEWSETELEM : NFT_MSG_DELSETELEM, add ? NLM_F_CREATE : 0);
	nftnl_set_elems_nlmsg_build_payload(h, set);
	message_done(t, h);
	nftnl_set_free(set);
	return n;
}

/* Somebody else's message about our table; attribute 1 names the table in all of them. */
static int table_name(const struct nlattr *attr, void *name)
{
	if (mnl_attr_get_type(attr) == NFTA_TABLE_NAME &&
	    mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) >= 0)
		*(const char **)name = mnl_attr_get_str(attr);
	return MNL_CB_OK;
}

static bool is_about_us(const struct nlmsghdr *h)
{
	const struct nfgenmsg *m = mnl_nlmsg_get_payload(h);
	const char *name = NULL;

	if (h->nlmsg_type >> 8 != NFNL_SUBSYS_NFTABLES ||
	    mnl_nlmsg_get_payload_len(h) < sizeof(*m) || m->nfgen_family != NFPROTO_ARP)
		return false;
	mnl_attr_parse(h, sizeof(*m), table_name, &name);
	return name && strcmp(name, TABLE) == 0;
}

/* What one datagram holds. `answer` is called for the messages that answer us; it may be NULL. */
static void receive_messages(struct arp_table *t, size_t bytes,
			     void (*answer)(void *context, const struct nlmsghdr *h), void *context)
{
	const struct nlmsghdr *h = (const struct nlmsghdr *)t->receive;
	int length = (int)bytes;

	for (; messages_ok(h, length); h = mnl_nlmsg_next(h, &length)) {
		if (h->nlmsg_pid != t->port)
			t->foreign |= is_about_us(h);
		else if (answer && (int32_t)(h->nlmsg_seq - t->out.first) >= 0)
			answer(context, h);
	}
}

/* Reads all that is there; the kernel has answered before sendto() returned. */
static bool receive_all(struct arp_table *t,
			void (*answer)(void *context, const struct nlmsghdr *h), void *context)
{
	bool any = false;

	for (;;) {
		ssize_t length = recv(t->fd, t->receive, sizeof(t->receive), MSG_DONTWAIT);

		if (length < 0 && errno == ENOBUFS) {
			/* What was dropped may have been about us. */
			t->foreign = true;
			continue;
		}
		if (length < 0 && errno == EINTR)
			continue;
		if (length <= 0)
			return any;
		any = true;
		receive_messages(t, (size_t)length, answer, context);
	}
}

bool arp_table_read(struct arp_table *t)
{
	bool foreign;

	if (!t)
		return false;
	receive_all(t, NULL, NULL);
	foreign = t->foreign;
	t->foreign = false;
	return foreign;
}

static void outcome_answer(void *context, const struct nlmsghdr *h)
{
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(h);
	int *error = context;

	if (h->nlmsg_type == NLMSG_ERROR && mnl_nlmsg_get_payload_len(h) >= sizeof(*e) &&
	    e->error != 0 && *error == 0)
		*error = e->error;
}

/* All or nothing. 0 or -errno. */
static int transaction_run(struct arp_table *t)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	size_t length;
	int error = 0;

	message_done(t, nftnl_batch_end(t->out.at, t->sequence++));
	length = (size_t)(t->out.at - t->send);
	if (sendto(t->fd, t->send, length, 0, (const struct sockaddr *)&kernel, sizeof(kernel)) < 0)
		return -errno;
	receive_all(t, outcome_answer, &error);
	return error;
}

static int changes_try(struct arp_table *t, const struct change *changes, size_t count)
{
	transaction_begin(t);
	for (size_t i = 0; i < count;) {
		if (changes[i].object.kind != OBJECT_ARP_TABLE) {
			i += put_elements(t, &changes[i], count - i);
			continue;
		}
		if (changes[i].kind == EFFECT_OBJECT_ADD)
			put_all(t);
		else
			put_table(t, NFT_MSG_DELTABLE);
		i++;
	}
	return transaction_run(t);
}

static void outcome_set(struct rtnl_batch *batch, size_t i, int error)
{
	batch->results[i].error = error;
	text_copy(batch->results[i].text, NODE_SENTENCE_MAX,
		  error == -EOPNOTSUPP || error == -EAFNOSUPPORT || error == -EPROTONOSUPPORT
			  ? "the kernel has no nftables for ARP"
			  : "");
}

void arp_table_transact(struct arp_table *t, const struct change *changes, size_t count,
			struct rtnl_batch *batch)
{
	int error = t ? changes_try(t, changes, count) : -EPROTONOSUPPORT;

	/* One that cannot be made spoils all: which one it is shows when each goes alone. */
	for (size_t i = 0; i < count; i++)
		outcome_set(batch, i,
			    error && t && count > 1 ? changes_try(t, &changes[i], 1) : error);
}

/* Reading the table. */

struct reading {
	struct input objects[2];
	unsigned rules, foreign_rules, errors;
	bool sender;
	void (*tell)(void *context, const struct input *in);
	void *context;
};

static void reading_rule(struct reading *r, const struct nlmsghdr *h)
{
	struct nftnl_rule *rule = nftnl_rule_alloc();
	const char *mark;
	uint32_t length = 0;

	if (!rule || nftnl_rule_nlmsg_parse(h, rule) < 0) {
		r->errors++;
	} else {
		mark = nftnl_rule_get_data(rule, NFTNL_RULE_USERDATA, &length);
		if (mark && length == sizeof(MARK) && memcmp(mark, MARK, sizeof(MARK)) == 0)
			r->rules++;
		else
			r->foreign_rules++;
	}
	if (rule)
		nftnl_rule_free(rule);
}

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

static void reading_elements(struct reading *r, const struct nlmsghdr *h)
{
	struct nftnl_set *set = nftnl_set_alloc();

	if (set && nftnl_set_elems_nlmsg_parse(h, set) >= 0)
		nftnl_set_elem_foreach(set, reading_element, r);
	if (set)
		nftnl_set_free(set);
}

static void reading_answer(void *context, const struct nlmsghdr *h)
{
	struct reading *r = context;

	switch (h->nlmsg_type & 0xff) {
	case NFT_MSG_NEWRULE:
		reading_rule(r, h);
		break;
	case NFT_MSG_NEWSETELEM:
		reading_elements(r, h);
		break;
	default:
		if (h->nlmsg_type == NLMSG_ERROR)
			r->errors++;
		break;
	}
}

/* The kernel fills a datagram of a dump whenever one is read. */
static void ask(struct arp_table *t, struct reading *r)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	size_t length = (size_t)(t->out.at - t->send);

	if (sendto(t->fd, t->send, length, 0, (const struct sockaddr *)&kernel, sizeof(kernel)) < 0)
		r->errors++;
	else
		receive_all(t, reading_answer, r);
}

static void ask_rules(struct arp_table *t, struct reading *r)
{
	struct nftnl_rule *rule = nftnl_rule_alloc();
	struct nlmsghdr *h;

	if (!rule) {
		r->errors++;
		return;
	}
	t->out.at = t->send;
	t->out.first = t->sequence;
	nftnl_rule_set_str(rule, NFTNL_RULE_TABLE, TABLE);
	h = next_message(t, NFT_MSG_GETRULE, NLM_F_DUMP);
	nftnl_rule_nlmsg_build_payload(h, rule);
	message_done(t, h);
	nftnl_rule_free(rule);
	ask(t, r);
}

static void ask_elements(struct arp_table *t, struct reading *r, bool sender)
{
	struct nftnl_set *set = set_make(sender);
	struct nlmsghdr *h;

	if (!set)
		return;
	r->sender = sender;
	t->out.at = t->send;
	t->out.first = t->sequence;
	h = next_message(t, NFT_MSG_GETSETELEM, NLM_F_DUMP);
	nftnl_set_nlmsg_build_payload(h, set);
	message_done(t, h);
	nftnl_set_free(set);
	ask(t, r);
}

void arp_table_dump(struct arp_table *t, void (*tell)(void *context, const struct input *in),
		    void *context)
{
	struct reading r = { .tell = tell, .context = context };
	struct input table = { .kind = INPUT_OBJECT };

	if (!t)
		return;
	ask_rules(t, &r);
	if (r.errors || r.foreign_rules || r.rules != RULES)
		return;
	table.object.present = true;
	table.object.object.kind = OBJECT_ARP_TABLE;
	tell(context, &table);
	ask_elements(t, &r, false);
	ask_elements(t, &r, true);
}
