/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/nft.h"

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
#include <linux/filter.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "base/container.h"
#include "base/text.h"
#include "linux/messages.h"

/* On each rule of ours: whoever changes one takes the mark off. */
#define MARK "vipd 1"
/* For nft(8): the order of the bytes of a key. */
#define HOST_ORDER 1
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

struct nft *nft_open(uint8_t family, const char *table, size_t bytes)
{
	struct nft *t = calloc(1, sizeof(*t) + 2 * bytes);

	if (!t)
		return NULL;
	t->family = family;
	t->table = table;
	t->bytes = bytes;
	t->send = t->room;
	t->receive = t->room + bytes;
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

static struct nlmsghdr *message(struct nft *t, uint16_t type, uint16_t flags)
{
	return nftnl_nlmsg_build_hdr(t->out.at, type, t->family, flags, t->sequence++);
}

static void message_done(struct nft *t, const struct nlmsghdr *h)
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
	message_done(t, nftnl_batch_begin(t->out.at, t->sequence++));
}

void nft_put_table(struct nft *t, uint16_t type)
{
	struct nftnl_table *table = nftnl_table_alloc();
	struct nlmsghdr *h;

	if (!table)
		return;
	nftnl_table_set_str(table, NFTNL_TABLE_NAME, t->table);
	h = message(t, type, type == NFT_MSG_NEWTABLE ? NLM_F_CREATE : 0);
	nftnl_table_nlmsg_build_payload(h, table);
	message_done(t, h);
	nftnl_table_free(table);
}

void nft_put_chain(struct nft *t, const char *name, uint32_t hook, int32_t priority)
{
	struct nftnl_chain *chain = nftnl_chain_alloc();
	struct nlmsghdr *h;

	if (!chain)
		return;
	nftnl_chain_set_str(chain, NFTNL_CHAIN_TABLE, t->table);
	nftnl_chain_set_str(chain, NFTNL_CHAIN_NAME, name);
	nftnl_chain_set_str(chain, NFTNL_CHAIN_TYPE, "filter");
	nftnl_chain_set_u32(chain, NFTNL_CHAIN_HOOKNUM, hook);
	nftnl_chain_set_s32(chain, NFTNL_CHAIN_PRIO, priority);
	h = message(t, NFT_MSG_NEWCHAIN, NLM_F_CREATE);
	nftnl_chain_nlmsg_build_payload(h, chain);
	message_done(t, h);
	nftnl_chain_free(chain);
}

void nft_put_table_anew(struct nft *t)
{
	nft_put_table(t, NFT_MSG_NEWTABLE);
	nft_put_table(t, NFT_MSG_DELTABLE);
	nft_put_table(t, NFT_MSG_NEWTABLE);
}

static struct nftnl_set *set_make(const struct nft *t, const struct nft_set *set)
{
	struct nftnl_set *made = nftnl_set_alloc();

	if (!made)
		return NULL;
	nftnl_set_set_str(made, NFTNL_SET_TABLE, t->table);
	nftnl_set_set_str(made, NFTNL_SET_NAME, set->name);
	nftnl_set_set_u32(made, NFTNL_SET_ID, set->id);
	return made;
}

/* Only for people: nft(8) would show numbers of this host the wrong way round. */
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

void nft_put_set(struct nft *t, const struct nft_set *set)
{
	struct nftnl_set *made = set_make(t, set);
	struct nlmsghdr *h;

	if (!made)
		return;
	nftnl_set_set_u32(made, NFTNL_SET_FAMILY, t->family);
	nftnl_set_set_u32(made, NFTNL_SET_KEY_TYPE, set->key_type);
	nftnl_set_set_u32(made, NFTNL_SET_KEY_LEN, set->key_bytes);
	if (set->data_bytes) {
		nftnl_set_set_u32(made, NFTNL_SET_FLAGS, NFT_SET_MAP);
		nftnl_set_set_u32(made, NFTNL_SET_DATA_TYPE, set->data_type);
		nftnl_set_set_u32(made, NFTNL_SET_DATA_LEN, set->data_bytes);
	}
	if (set->host_order)
		set_note_order(made);
	h = message(t, NFT_MSG_NEWSET, NLM_F_CREATE);
	nftnl_set_nlmsg_build_payload(h, made);
	message_done(t, h);
	nftnl_set_free(made);
}

static void element_add(struct nftnl_set *made, const struct nft_set *set, const void *key,
			const void *data)
{
	struct nftnl_set_elem *e = nftnl_set_elem_alloc();

	if (!e)
		return;
	nftnl_set_elem_set(e, NFTNL_SET_ELEM_KEY, key, set->key_bytes);
	if (set->data_bytes)
		nftnl_set_elem_set(e, NFTNL_SET_ELEM_DATA, data, set->data_bytes);
	nftnl_set_elem_add(made, e);
}

/* Those from the first on that go in one message; returns how many there were. */
static size_t put_alike(struct nft *t, const struct change *changes, size_t count,
			nft_element_of *of)
{
	bool add = changes->kind == EFFECT_OBJECT_ADD;
	const void *key, *data = NULL;
	const struct nft_set *set = of(&changes->object, &key, &data);
	struct nftnl_set *made = set_make(t, set);
	struct nlmsghdr *h;
	size_t n = 0;

	if (!made)
		return count;
	while (n < count && changes[n].kind == changes->kind &&
	       of(&changes[n].object, &key, &data) == set) {
		element_add(made, set, key, data);
		n++;
	}
	h = message(t, add ? NFT_MSG_NEWSETELEM : NFT_MSG_DELSETELEM, add ? NLM_F_CREATE : 0);
	nftnl_set_elems_nlmsg_build_payload(h, made);
	message_done(t, h);
	nftnl_set_free(made);
	return n;
}

void nft_put_elements(struct nft *t, const struct change *changes, size_t count, nft_element_of *of)
{
	for (size_t i = 0; i < count;)
		i += put_alike(t, &changes[i], count - i, of);
}

static void step_fill(struct nftnl_expr *e, const struct nft_step *s)
{
	switch (s->kind) {
	case NFT_STEP_META:
		nftnl_expr_set_u32(e, NFTNL_EXPR_META_KEY, s->at);
		nftnl_expr_set_u32(e, NFTNL_EXPR_META_DREG, NFT_REG_1);
		break;
	case NFT_STEP_LOAD:
	case NFT_STEP_STORE:
		nftnl_expr_set_u32(e,
				   s->kind == NFT_STEP_LOAD ? NFTNL_EXPR_PAYLOAD_DREG
							    : NFTNL_EXPR_PAYLOAD_SREG,
				   NFT_REG_1);
		nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_BASE, s->base);
		nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_OFFSET, s->at);
		nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_LEN, s->bytes);
		break;
	case NFT_STEP_VALUE:
		nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_DREG, NFT_REG_1);
		nftnl_expr_set(e, NFTNL_EXPR_IMM_DATA, s->value, s->bytes);
		break;
	case NFT_STEP_IS:
	case NFT_STEP_IS_NOT:
		nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_SREG, NFT_REG_1);
		nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_OP,
				   s->kind == NFT_STEP_IS ? NFT_CMP_EQ : NFT_CMP_NEQ);
		nftnl_expr_set(e, NFTNL_EXPR_CMP_DATA, s->value, s->bytes);
		break;
	case NFT_STEP_LOOKUP:
		nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_SREG, NFT_REG_1);
		if (s->set->data_bytes)
			nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_DREG, NFT_REG_1);
		nftnl_expr_set_str(e, NFTNL_EXPR_LOOKUP_SET, s->set->name);
		nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_SET_ID, s->set->id);
		break;
	case NFT_STEP_COUNT:
		break;
	case NFT_STEP_DROP:
		nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
		nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_VERDICT, NF_DROP);
		break;
	}
}

void nft_put_rule(struct nft *t, const char *chain, const struct nft_step *steps, size_t count)
{
	static const char *const names[] = {
		[NFT_STEP_META] = "meta",     [NFT_STEP_LOAD] = "payload",
		[NFT_STEP_STORE] = "payload", [NFT_STEP_VALUE] = "immediate",
		[NFT_STEP_IS] = "cmp",	      [NFT_STEP_IS_NOT] = "cmp",
		[NFT_STEP_LOOKUP] = "lookup", [NFT_STEP_DROP] = "immediate",
		[NFT_STEP_COUNT] = "counter",
	};
	struct nftnl_rule *rule = nftnl_rule_alloc();
	struct nlmsghdr *h;

	if (!rule)
		return;
	nftnl_rule_set_str(rule, NFTNL_RULE_TABLE, t->table);
	nftnl_rule_set_str(rule, NFTNL_RULE_CHAIN, chain);
	nftnl_rule_set_data(rule, NFTNL_RULE_USERDATA, MARK, sizeof(MARK));
	for (size_t i = 0; i < count; i++) {
		struct nftnl_expr *e = nftnl_expr_alloc(names[steps[i].kind]);

		if (!e)
			continue;
		step_fill(e, &steps[i]);
		nftnl_rule_add_expr(rule, e);
	}
	h = message(t, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);
	nftnl_rule_nlmsg_build_payload(h, rule);
	message_done(t, h);
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

static bool is_about_us(const struct nft *t, const struct nlmsghdr *h)
{
	const struct nfgenmsg *m = mnl_nlmsg_get_payload(h);
	const char *name = NULL;

	if (h->nlmsg_type >> 8 != NFNL_SUBSYS_NFTABLES ||
	    mnl_nlmsg_get_payload_len(h) < sizeof(*m) || m->nfgen_family != t->family)
		return false;
	mnl_attr_parse(h, sizeof(*m), table_name, &name);
	return name && strcmp(name, t->table) == 0;
}

/* What one datagram holds. `answer` is called for the messages that answer us; it may be NULL. */
static void receive_messages(struct nft *t, size_t bytes,
			     void (*answer)(void *context, const struct nlmsghdr *h), void *context)
{
	const struct nlmsghdr *h = (const struct nlmsghdr *)t->receive;
	int length = (int)bytes;

	for (; messages_ok(h, length); h = mnl_nlmsg_next(h, &length)) {
		if (h->nlmsg_pid != t->port)
			t->foreign |= is_about_us(t, h);
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
		ssize_t length = recv(t->fd, t->receive, t->bytes, MSG_DONTWAIT);

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

	message_done(t, nftnl_batch_end(t->out.at, t->sequence++));
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
	const struct nft_set *set;
	void (*take)(void *context, const void *key, const void *data);
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

static int reading_element(struct nftnl_set_elem *e, void *context)
{
	const struct reading *r = context;
	uint32_t n_key = 0, n_data = 0;
	const void *key = nftnl_set_elem_get(e, NFTNL_SET_ELEM_KEY, &n_key);
	const void *data =
		r->set->data_bytes ? nftnl_set_elem_get(e, NFTNL_SET_ELEM_DATA, &n_data) : NULL;

	if (key && n_key >= r->set->key_bytes && n_data >= r->set->data_bytes)
		r->take(r->context, key, data);
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
		/* Who has asked for rules has no set to read them into. */
		if (r->set)
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
	nftnl_rule_set_str(rule, NFTNL_RULE_TABLE, t->table);
	h = message(t, NFT_MSG_GETRULE, NLM_F_DUMP);
	nftnl_rule_nlmsg_build_payload(h, rule);
	message_done(t, h);
	nftnl_rule_free(rule);
	ask(t, &r);
	return !r.errors && !r.foreign_rules && r.rules == count;
}

void nft_elements(struct nft *t, const struct nft_set *set,
		  void (*take)(void *context, const void *key, const void *data), void *context)
{
	struct reading r = { .set = set, .take = take, .context = context };
	struct nftnl_set *made = set_make(t, set);
	struct nlmsghdr *h;

	if (!made)
		return;
	question_begin(t);
	h = message(t, NFT_MSG_GETSETELEM, NLM_F_DUMP);
	nftnl_set_nlmsg_build_payload(h, made);
	message_done(t, h);
	nftnl_set_free(made);
	ask(t, &r);
}
