/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/nft.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libnftnl/chain.h>
#include <libnftnl/table.h>
#include <linux/filter.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "base/container.h"
#include "base/text.h"
#include "linux/messages.h"

/* On each rule of ours: whoever changes one takes the mark off. */
#define MARK "vipd 1"
#define RECEIVE_BYTES (1 << 20)

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

struct nft *nft_open(uint8_t family)
{
	struct nft *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->family = family;
	t->sequence = 1;
	t->fd = table_socket(&t->port);
	if (t->fd >= 0)
		return t;
	free(t);
	return NULL;
}

void nft_close(struct nft *t)
{
	if (!t)
		return;
	close(t->fd);
	free(t);
}

/* Numbers in netlink have the host's order, and a filter loads them in the network's. */
static void events_filter(const struct nft *t, uint32_t port, uint32_t other)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, offsetof(struct nlmsghdr, nlmsg_type)),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, htons(0xff00)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(NFNL_SUBSYS_NFTABLES << 8), 0, 5),
		/* Parts of a dump carry our port as well. */
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, offsetof(struct nlmsghdr, nlmsg_flags)),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, htons(NLM_F_MULTI), 3, 0),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct nlmsghdr, nlmsg_pid)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(port), 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(other), 1, 0),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog program = { .len = ARRAY_LENGTH(code), .filter = code };

	/* Without it they are read and passed over. */
	(void)setsockopt(t->fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

void nft_mute(const struct nft *a, const struct nft *b)
{
	if (!a || !b)
		return;
	events_filter(a, a->port, b->port);
	events_filter(b, a->port, b->port);
}

int nft_fd(const struct nft *t)
{
	return t ? t->fd : -1;
}

/* The messages of a transaction, one behind the other. */

struct nlmsghdr *nft_message(struct nft *t, uint16_t type, uint16_t flags)
{
	return nftnl_nlmsg_build_hdr(t->out.at, type, t->family, flags, t->sequence++);
}

void nft_message_done(struct nft *t, const struct nlmsghdr *h)
{
	t->out.at += MNL_ALIGN(h->nlmsg_len);
}

static void question_begin(struct nft *t)
{
	t->out.at = t->send;
	t->out.first = t->sequence;
}

void nft_begin(struct nft *t)
{
	question_begin(t);
	nft_message_done(t, nftnl_batch_begin(t->out.at, t->sequence++));
}

void nft_put_table(struct nft *t, uint16_t type)
{
	struct nftnl_table *table = nftnl_table_alloc();
	struct nlmsghdr *h;

	if (!table)
		return;
	nftnl_table_set_str(table, NFTNL_TABLE_NAME, NFT_TABLE);
	h = nft_message(t, type, type == NFT_MSG_NEWTABLE ? NLM_F_CREATE : 0);
	nftnl_table_nlmsg_build_payload(h, table);
	nft_message_done(t, h);
	nftnl_table_free(table);
}

void nft_put_chain(struct nft *t, const char *name, uint32_t hook)
{
	struct nftnl_chain *chain = nftnl_chain_alloc();
	struct nlmsghdr *h;

	if (!chain)
		return;
	nftnl_chain_set_str(chain, NFTNL_CHAIN_TABLE, NFT_TABLE);
	nftnl_chain_set_str(chain, NFTNL_CHAIN_NAME, name);
	nftnl_chain_set_str(chain, NFTNL_CHAIN_TYPE, "filter");
	nftnl_chain_set_u32(chain, NFTNL_CHAIN_HOOKNUM, hook);
	nftnl_chain_set_s32(chain, NFTNL_CHAIN_PRIO, 0);
	h = nft_message(t, NFT_MSG_NEWCHAIN, NLM_F_CREATE);
	nftnl_chain_nlmsg_build_payload(h, chain);
	nft_message_done(t, h);
	nftnl_chain_free(chain);
}

struct nftnl_set *nft_set(const char *name, uint32_t id)
{
	struct nftnl_set *set = nftnl_set_alloc();

	if (!set)
		return NULL;
	nftnl_set_set_str(set, NFTNL_SET_TABLE, NFT_TABLE);
	nftnl_set_set_str(set, NFTNL_SET_NAME, name);
	nftnl_set_set_u32(set, NFTNL_SET_ID, id);
	return set;
}

void nft_put_set(struct nft *t, struct nftnl_set *set)
{
	struct nlmsghdr *h = nft_message(t, NFT_MSG_NEWSET, NLM_F_CREATE);

	nftnl_set_set_u32(set, NFTNL_SET_FAMILY, t->family);
	nftnl_set_nlmsg_build_payload(h, set);
	nft_message_done(t, h);
	nftnl_set_free(set);
}

void nft_put_elements(struct nft *t, struct nftnl_set *set, bool add)
{
	struct nlmsghdr *h = nft_message(t, add ? NFT_MSG_NEWSETELEM : NFT_MSG_DELSETELEM,
					 add ? NLM_F_CREATE : 0);

	nftnl_set_elems_nlmsg_build_payload(h, set);
	nft_message_done(t, h);
	nftnl_set_free(set);
}

struct nftnl_rule *nft_rule(const char *chain)
{
	struct nftnl_rule *rule = nftnl_rule_alloc();

	if (!rule)
		return NULL;
	nftnl_rule_set_str(rule, NFTNL_RULE_TABLE, NFT_TABLE);
	nftnl_rule_set_str(rule, NFTNL_RULE_CHAIN, chain);
	nftnl_rule_set_data(rule, NFTNL_RULE_USERDATA, MARK, sizeof(MARK));
	return rule;
}

struct nftnl_expr *nft_rule_add(struct nftnl_rule *rule, const char *name)
{
	struct nftnl_expr *e = nftnl_expr_alloc(name);

	if (e)
		nftnl_rule_add_expr(rule, e);
	return e;
}

void nft_rule_load(struct nftnl_rule *rule, uint32_t base, uint32_t offset, uint32_t length)
{
	struct nftnl_expr *e = nft_rule_add(rule, "payload");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_DREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_BASE, base);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_OFFSET, offset);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_LEN, length);
}

void nft_rule_meta(struct nftnl_rule *rule, uint32_t key)
{
	struct nftnl_expr *e = nft_rule_add(rule, "meta");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_META_KEY, key);
	nftnl_expr_set_u32(e, NFTNL_EXPR_META_DREG, NFT_REG_1);
}

void nft_rule_compare(struct nftnl_rule *rule, bool equal, const void *value, uint32_t length)
{
	struct nftnl_expr *e = nft_rule_add(rule, "cmp");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_SREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_OP, equal ? NFT_CMP_EQ : NFT_CMP_NEQ);
	nftnl_expr_set(e, NFTNL_EXPR_CMP_DATA, value, length);
}

void nft_rule_drop(struct nftnl_rule *rule)
{
	struct nftnl_expr *e = nft_rule_add(rule, "immediate");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_VERDICT, NF_DROP);
}

void nft_put_rule(struct nft *t, struct nftnl_rule *rule)
{
	struct nlmsghdr *h = nft_message(t, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);

	nftnl_rule_nlmsg_build_payload(h, rule);
	nft_message_done(t, h);
	nftnl_rule_free(rule);
}

/* Somebody else's message about our table; attribute 1 names the table in all of them. */
static int table_name(const struct nlattr *attr, void *name)
{
	if (mnl_attr_get_type(attr) == NFTA_TABLE_NAME &&
	    mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) >= 0)
		*(const char **)name = mnl_attr_get_str(attr);
	return MNL_CB_OK;
}

static bool is_about_us(const struct nlmsghdr *h, uint8_t family)
{
	const struct nfgenmsg *m = mnl_nlmsg_get_payload(h);
	const char *name = NULL;

	if (h->nlmsg_type >> 8 != NFNL_SUBSYS_NFTABLES ||
	    mnl_nlmsg_get_payload_len(h) < sizeof(*m) || m->nfgen_family != family)
		return false;
	mnl_attr_parse(h, sizeof(*m), table_name, &name);
	return name && strcmp(name, NFT_TABLE) == 0;
}

/* What one datagram holds. `answer` is called for the messages that answer us; it may be NULL. */
static void receive_messages(struct nft *t, size_t bytes,
			     void (*answer)(void *context, const struct nlmsghdr *h), void *context)
{
	const struct nlmsghdr *h = (const struct nlmsghdr *)t->receive;
	int length = (int)bytes;

	for (; messages_ok(h, length); h = mnl_nlmsg_next(h, &length)) {
		if (h->nlmsg_pid != t->port)
			t->foreign |= is_about_us(h, t->family);
		else if (answer && (int32_t)(h->nlmsg_seq - t->out.first) >= 0)
			answer(context, h);
	}
}

/* Reads all that is there; the kernel has answered before sendto() returned. */
static bool receive_all(struct nft *t, void (*answer)(void *context, const struct nlmsghdr *h),
			void *context)
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

bool nft_read(struct nft *t)
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
int nft_run(struct nft *t)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	size_t length;
	int error = 0;

	nft_message_done(t, nftnl_batch_end(t->out.at, t->sequence++));
	length = (size_t)(t->out.at - t->send);
	if (sendto(t->fd, t->send, length, 0, (const struct sockaddr *)&kernel, sizeof(kernel)) < 0)
		return -errno;
	receive_all(t, outcome_answer, &error);
	return error;
}

static void outcome_set(struct rtnl_batch *batch, size_t i, int error, const char *lacking)
{
	batch->results[i].error = error;
	text_copy(batch->results[i].text, NODE_SENTENCE_MAX,
		  error == -EOPNOTSUPP || error == -EAFNOSUPPORT || error == -EPROTONOSUPPORT
			  ? lacking
			  : "");
}

void nft_transact(struct nft *t, int (*run)(struct nft *t, const struct change *c, size_t count),
		  const struct change *changes, size_t count, const char *lacking,
		  struct rtnl_batch *batch)
{
	int error = t ? run(t, changes, count) : -EPROTONOSUPPORT;

	/* One that cannot be made spoils all: which one it is shows when each goes alone. */
	for (size_t i = 0; i < count; i++)
		outcome_set(batch, i, error && t && count > 1 ? run(t, &changes[i], 1) : error,
			    lacking);
}

/* Reading the table. */

struct reading {
	unsigned rules, foreign_rules, errors;
	int (*take)(struct nftnl_set_elem *e, void *context);
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

static void reading_elements(struct reading *r, const struct nlmsghdr *h)
{
	struct nftnl_set *set = nftnl_set_alloc();

	if (set && nftnl_set_elems_nlmsg_parse(h, set) >= 0)
		nftnl_set_elem_foreach(set, r->take, r->context);
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
static void ask(struct nft *t, struct reading *r)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	size_t length = (size_t)(t->out.at - t->send);

	if (sendto(t->fd, t->send, length, 0, (const struct sockaddr *)&kernel, sizeof(kernel)) < 0)
		r->errors++;
	else
		receive_all(t, reading_answer, r);
}

bool nft_has_rules(struct nft *t, unsigned count)
{
	struct nftnl_rule *rule = nftnl_rule_alloc();
	struct reading r = { 0 };
	struct nlmsghdr *h;

	if (!rule)
		return false;
	question_begin(t);
	nftnl_rule_set_str(rule, NFTNL_RULE_TABLE, NFT_TABLE);
	h = nft_message(t, NFT_MSG_GETRULE, NLM_F_DUMP);
	nftnl_rule_nlmsg_build_payload(h, rule);
	nft_message_done(t, h);
	nftnl_rule_free(rule);
	ask(t, &r);
	return !r.errors && !r.foreign_rules && r.rules == count;
}

void nft_elements(struct nft *t, struct nftnl_set *set,
		  int (*take)(struct nftnl_set_elem *e, void *context), void *context)
{
	struct reading r = { .take = take, .context = context };
	struct nlmsghdr *h;

	if (!set)
		return;
	question_begin(t);
	h = nft_message(t, NFT_MSG_GETSETELEM, NLM_F_DUMP);
	nftnl_set_nlmsg_build_payload(h, set);
	nft_message_done(t, h);
	nftnl_set_free(set);
	ask(t, &r);
}
