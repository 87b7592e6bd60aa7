/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/filter_rules.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libnftnl/expr.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/xt_tcpudp.h>

#include "base/container.h"

#define REGISTER_BYTES 64
#define JUMPS_MAX 16
#define CT_NEW 8 /* NF_CT_STATE_BIT(IP_CT_NEW): nobody answers a packet to a group */

/* Bytes of which it is known whether they are known. */
struct known {
	uint8_t bytes[REGISTER_BYTES], mask[REGISTER_BYTES];
};

/* How sure it is that a rule holds. */
enum match {
	MATCH_NO,
	MATCH_MAYBE,
	MATCH_YES,
};

/* One packet on its way through the chains of one base chain. */
struct walk {
	const struct filter_set *set;
	const struct filter_packet *packet;
	struct known network, transport; /* its headers */
	const char *table;
	uint32_t family;
	unsigned jumps;
	bool may_have_passed; /* a rule that may hold has let it pass already */
	enum filter_fate fate;
	char where[FILTER_TEXT_MAX];
};

/* Where a rule leaves the packet. */
enum course {
	COURSE_ON,     /* the next rule, or who has called this chain */
	COURSE_RETURN, /* out of this chain */
	COURSE_END,    /* it is decided */
};

void filter_set_done(struct filter_set *s)
{
	for (size_t i = 0; i < s->n_chains; i++)
		nftnl_chain_free(s->chains[i]);
	for (size_t i = 0; i < s->n_rules; i++)
		nftnl_rule_free(s->rules[i]);
	for (size_t i = 0; i < s->n_sets; i++)
		nftnl_set_free(s->sets[i]);
	free(s->chains);
	free(s->rules);
	free(s->sets);
}

static void known_put(struct known *k, size_t at, const void *bytes, size_t length)
{
	if (at + length > sizeof(k->bytes))
		return;
	memcpy(k->bytes + at, bytes, length);
	memset(k->mask + at, 0xff, length);
}

/* Registers of 16 bytes are numbered from 1, those of 4, in the same place, from NFT_REG32_00. */
static size_t register_at(uint32_t number)
{
	if (number >= NFT_REG32_00 && number <= NFT_REG32_15)
		return (number - NFT_REG32_00) * 4;
	if (number >= NFT_REG_1 && number <= NFT_REG_4)
		return (number - NFT_REG_1) * 16;
	return REGISTER_BYTES;
}

static void register_forget(struct known *r, uint32_t number)
{
	size_t at = register_at(number);

	if (at < REGISTER_BYTES)
		memset(r->mask + at, 0, REGISTER_BYTES - at < 16 ? REGISTER_BYTES - at : 16);
}

static void headers_make(struct walk *w)
{
	const struct filter_packet *p = w->packet;
	bool six = p->destination.family == FAMILY_IPV6;
	uint8_t protocol = filter_protocol(p), version = six ? 0x60 : 0x45;
	uint16_t port = htons(p->port);

	known_put(&w->network, 0, &version, 1);
	known_put(&w->network, six ? 6 : 9, &protocol, 1);
	known_put(&w->network, six ? 24 : 16, p->destination.bytes,
		  family_bytes((enum family)p->destination.family));
	if (protocol != IPPROTO_UDP)
		return;
	known_put(&w->transport, 0, &port, sizeof(port));
	known_put(&w->transport, 2, &port, sizeof(port));
}

static void load_meta(const struct walk *w, struct known *r, const struct nftnl_expr *e)
{
	const struct filter_packet *p = w->packet;
	bool six = p->destination.family == FAMILY_IPV6;
	size_t at = register_at(nftnl_expr_get_u32(e, NFTNL_EXPR_META_DREG));
	uint8_t protocol = filter_protocol(p), family = six ? NFPROTO_IPV6 : NFPROTO_IPV4;
	uint16_t ether = htons(six ? ETH_P_IPV6 : ETH_P_IP);
	uint32_t key = nftnl_expr_get_u32(e, NFTNL_EXPR_META_KEY), none = 0;
	uint8_t multicast = PACKET_MULTICAST;
	char name[16] = "";

	if (!nftnl_expr_is_set(e, NFTNL_EXPR_META_DREG))
		return; /* it sets something */
	register_forget(r, nftnl_expr_get_u32(e, NFTNL_EXPR_META_DREG));
	if ((key == NFT_META_IIFNAME && !p->out) || (key == NFT_META_OIFNAME && p->out))
		memcpy(name, p->name, sizeof(name));
	switch (key) {
	case NFT_META_L4PROTO:
		known_put(r, at, &protocol, sizeof(protocol));
		break;
	case NFT_META_NFPROTO:
		known_put(r, at, &family, sizeof(family));
		break;
	case NFT_META_PROTOCOL:
		known_put(r, at, &ether, sizeof(ether));
		break;
	case NFT_META_IIFNAME:
	case NFT_META_OIFNAME:
		known_put(r, at, name, sizeof(name));
		break;
	case NFT_META_IIF:
		known_put(r, at, p->out ? &none : &p->interface, sizeof(none));
		break;
	case NFT_META_OIF:
		known_put(r, at, p->out ? &p->interface : &none, sizeof(none));
		break;
	case NFT_META_PKTTYPE:
		if (!p->out)
			known_put(r, at, &multicast, sizeof(multicast));
		break;
	default:
		break;
	}
}

static void load_payload(const struct walk *w, struct known *r, const struct nftnl_expr *e)
{
	uint32_t base = nftnl_expr_get_u32(e, NFTNL_EXPR_PAYLOAD_BASE);
	uint32_t offset = nftnl_expr_get_u32(e, NFTNL_EXPR_PAYLOAD_OFFSET);
	uint32_t length = nftnl_expr_get_u32(e, NFTNL_EXPR_PAYLOAD_LEN);
	uint32_t number = nftnl_expr_get_u32(e, NFTNL_EXPR_PAYLOAD_DREG);
	size_t at = register_at(number);
	const struct known *from = base == NFT_PAYLOAD_NETWORK_HEADER	  ? &w->network
				   : base == NFT_PAYLOAD_TRANSPORT_HEADER ? &w->transport
									  : NULL;

	if (!nftnl_expr_is_set(e, NFTNL_EXPR_PAYLOAD_DREG))
		return;
	register_forget(r, number);
	if (!from || length > REGISTER_BYTES || offset > REGISTER_BYTES - length ||
	    at + length > REGISTER_BYTES)
		return;
	memcpy(r->bytes + at, from->bytes + offset, length);
	memcpy(r->mask + at, from->mask + offset, length);
}

static void load_connection(struct known *r, const struct nftnl_expr *e)
{
	uint32_t state = CT_NEW, number = nftnl_expr_get_u32(e, NFTNL_EXPR_CT_DREG);

	if (!nftnl_expr_is_set(e, NFTNL_EXPR_CT_DREG))
		return;
	register_forget(r, number);
	if (nftnl_expr_get_u32(e, NFTNL_EXPR_CT_KEY) == NFT_CT_STATE)
		known_put(r, register_at(number), &state, sizeof(state));
}

static void apply_bitwise(struct known *r, const struct nftnl_expr *e)
{
	size_t from = register_at(nftnl_expr_get_u32(e, NFTNL_EXPR_BITWISE_SREG));
	size_t to = register_at(nftnl_expr_get_u32(e, NFTNL_EXPR_BITWISE_DREG));
	uint32_t length = nftnl_expr_get_u32(e, NFTNL_EXPR_BITWISE_LEN), n_mask = 0, n_xor = 0;
	const uint8_t *mask = nftnl_expr_get(e, NFTNL_EXPR_BITWISE_MASK, &n_mask);
	const uint8_t *flip = nftnl_expr_get(e, NFTNL_EXPR_BITWISE_XOR, &n_xor);

	if (from + length > REGISTER_BYTES || to + length > REGISTER_BYTES)
		return;
	for (size_t i = 0; i < length; i++) {
		bool readable = mask && flip && i < n_mask && i < n_xor;

		r->mask[to + i] = readable && mask[i] == 0 ? 0xff
				  : readable		   ? r->mask[from + i]
							   : 0;
		r->bytes[to + i] =
			readable ? (uint8_t)((r->bytes[from + i] & mask[i]) ^ flip[i]) : 0;
	}
}

/* How the register compares with the data; *ret_known: all of it is known. Known bytes that differ
 * are enough to say that the two are not equal. */
static int compare(const struct known *r, size_t at, const uint8_t *data, size_t length,
		   bool *ret_known)
{
	int order = 0;

	*ret_known = true;
	for (size_t i = 0; i < length; i++) {
		bool known = r->mask[at + i] == 0xff;

		*ret_known &= known;
		if (order == 0 && known && r->bytes[at + i] != data[i])
			order = r->bytes[at + i] < data[i] ? -1 : 1;
	}
	return order;
}

static enum match match_cmp(const struct known *r, const struct nftnl_expr *e)
{
	size_t at = register_at(nftnl_expr_get_u32(e, NFTNL_EXPR_CMP_SREG));
	uint32_t length = 0, op = nftnl_expr_get_u32(e, NFTNL_EXPR_CMP_OP);
	const uint8_t *data = nftnl_expr_get(e, NFTNL_EXPR_CMP_DATA, &length);
	bool known, holds;
	int order;

	if (!data || at + length > REGISTER_BYTES)
		return MATCH_MAYBE;
	order = compare(r, at, data, length, &known);
	if (!known && !(order != 0 && (op == NFT_CMP_EQ || op == NFT_CMP_NEQ)))
		return MATCH_MAYBE;
	holds = op == NFT_CMP_EQ    ? order == 0
		: op == NFT_CMP_NEQ ? order != 0
		: op == NFT_CMP_LT  ? order < 0
		: op == NFT_CMP_LTE ? order <= 0
		: op == NFT_CMP_GT  ? order > 0
				    : order >= 0;
	return holds ? MATCH_YES : MATCH_NO;
}

static enum match match_range(const struct known *r, const struct nftnl_expr *e)
{
	size_t at = register_at(nftnl_expr_get_u32(e, NFTNL_EXPR_RANGE_SREG));
	uint32_t n_from = 0, n_to = 0, op = nftnl_expr_get_u32(e, NFTNL_EXPR_RANGE_OP);
	const uint8_t *from = nftnl_expr_get(e, NFTNL_EXPR_RANGE_FROM_DATA, &n_from);
	const uint8_t *to = nftnl_expr_get(e, NFTNL_EXPR_RANGE_TO_DATA, &n_to);
	bool known, inside;

	if (!from || !to || n_from != n_to || at + n_from > REGISTER_BYTES)
		return MATCH_MAYBE;
	inside = compare(r, at, from, n_from, &known) >= 0 && compare(r, at, to, n_to, &known) <= 0;
	if (!known)
		return MATCH_MAYBE;
	return inside == (op == NFT_RANGE_EQ) ? MATCH_YES : MATCH_NO;
}

static const struct nftnl_set *set_find(const struct walk *w, const char *name)
{
	for (size_t i = 0; name && i < w->set->n_sets; i++) {
		const struct nftnl_set *s = w->set->sets[i];

		if (nftnl_set_get_u32(s, NFTNL_SET_FAMILY) == w->family &&
		    strcmp(nftnl_set_get_str(s, NFTNL_SET_TABLE), w->table) == 0 &&
		    strcmp(nftnl_set_get_str(s, NFTNL_SET_NAME), name) == 0)
			return s;
	}
	return NULL;
}

/* 0 when it is not there: libnftnl itself reads such a one through a null pointer. */
static uint32_t element_number(struct nftnl_set_elem *e, uint16_t attribute)
{
	uint32_t length = 0, number = 0;
	const void *at = nftnl_set_elem_get(e, attribute, &length);

	if (at)
		memcpy(&number, at, sizeof(number));
	return number;
}

/*
 * The element of the set that holds the register; NULL when there is none, or *ret_known is false.
 * A set of intervals has an element where one begins and one, marked, where it ends.
 */
static struct nftnl_set_elem *element_find(const struct nftnl_set *s, const struct known *r,
					   size_t at, bool *ret_known)
{
	bool intervals = nftnl_set_is_set(s, NFTNL_SET_FLAGS) &&
			 (nftnl_set_get_u32(s, NFTNL_SET_FLAGS) & NFT_SET_INTERVAL);
	struct nftnl_set_elems_iter *iterator = nftnl_set_elems_iter_create(s);
	struct nftnl_set_elem *e, *found = NULL;
	const uint8_t *best = NULL;

	*ret_known = true;
	while (iterator && (e = nftnl_set_elems_iter_next(iterator)) != NULL) {
		uint32_t length = 0;
		const uint8_t *key = nftnl_set_elem_get(e, NFTNL_SET_ELEM_KEY, &length);
		bool known;
		int order;

		if (!key || at + length > REGISTER_BYTES) {
			*ret_known = false;
			break;
		}
		order = compare(r, at, key, length, &known);
		if (!known && (intervals || order == 0))
			*ret_known = false;
		if (intervals ? order < 0 || (best && memcmp(key, best, length) < 0) : order != 0)
			continue;
		best = key;
		found = e;
	}
	if (iterator)
		nftnl_set_elems_iter_destroy(iterator);
	if (found && (element_number(found, NFTNL_SET_ELEM_FLAGS) & NFT_SET_ELEM_INTERVAL_END))
		found = NULL;
	return found;
}

static enum course chain_walk(struct walk *w, const char *name, enum match sure);
static enum course verdict_take(struct walk *w, const struct nftnl_rule *rule, int verdict,
				const char *chain, enum match sure);

static bool set_is_simple(const struct nftnl_set *s)
{
	return s && !nftnl_set_is_set(s, NFTNL_SET_DESC_CONCAT);
}

/* A set, or a map of verdicts, whose verdict is taken at once. */
static enum match match_lookup(struct walk *w, const struct nftnl_rule *rule,
			       const struct nftnl_expr *e, struct known *r, enum match sure,
			       enum course *ret)
{
	const struct nftnl_set *s = set_find(w, nftnl_expr_get_str(e, NFTNL_EXPR_LOOKUP_SET));
	size_t at = register_at(nftnl_expr_get_u32(e, NFTNL_EXPR_LOOKUP_SREG));
	bool inverse = nftnl_expr_is_set(e, NFTNL_EXPR_LOOKUP_FLAGS) &&
		       (nftnl_expr_get_u32(e, NFTNL_EXPR_LOOKUP_FLAGS) & NFT_LOOKUP_F_INV);
	bool is_map = nftnl_expr_is_set(e, NFTNL_EXPR_LOOKUP_DREG), known = false;
	struct nftnl_set_elem *found = NULL;

	if (set_is_simple(s))
		found = element_find(s, r, at, &known);
	if (is_map && nftnl_expr_get_u32(e, NFTNL_EXPR_LOOKUP_DREG) == NFT_REG_VERDICT && found &&
	    nftnl_set_elem_is_set(found, NFTNL_SET_ELEM_VERDICT)) {
		*ret = verdict_take(w, rule, (int)element_number(found, NFTNL_SET_ELEM_VERDICT),
				    nftnl_set_elem_get_str(found, NFTNL_SET_ELEM_CHAIN),
				    known ? sure : MATCH_MAYBE);
		return known ? MATCH_YES : MATCH_MAYBE;
	}
	if (is_map)
		register_forget(r, nftnl_expr_get_u32(e, NFTNL_EXPR_LOOKUP_DREG));
	if (!known)
		return MATCH_MAYBE;
	return (found != NULL) != inverse ? MATCH_YES : MATCH_NO;
}

uint8_t filter_protocol(const struct filter_packet *p)
{
	return p->protocol ? p->protocol : IPPROTO_UDP;
}

const char *filter_option(const struct filter_packet *p, char *text)
{
	if (filter_protocol(p) == IPPROTO_UDP)
		snprintf(text, FILTER_TEXT_MAX, "-p udp --dport %u", p->port);
	else
		snprintf(text, FILTER_TEXT_MAX, "-p %u", p->protocol);
	return text;
}

bool filter_udp_matches(const struct xt_udp *udp, const struct filter_packet *p)
{
	bool source = p->port >= udp->spts[0] && p->port <= udp->spts[1];
	bool destination = p->port >= udp->dpts[0] && p->port <= udp->dpts[1];

	return filter_protocol(p) == IPPROTO_UDP &&
	       source != !!(udp->invflags & XT_UDP_INV_SRCPT) &&
	       destination != !!(udp->invflags & XT_UDP_INV_DSTPT);
}

/* What iptables has put there: of its matches that of UDP is understood. */
static enum match match_xtables(const struct walk *w, const struct nftnl_expr *e)
{
	const char *name = nftnl_expr_get_str(e, NFTNL_EXPR_MT_NAME);
	uint32_t length = 0;
	const struct xt_udp *udp = nftnl_expr_get(e, NFTNL_EXPR_MT_INFO, &length);

	if (!name || strcmp(name, "udp") != 0 || !udp || length < sizeof(*udp))
		return name && strcmp(name, "comment") == 0 ? MATCH_YES : MATCH_MAYBE;
	return filter_udp_matches(udp, w->packet) ? MATCH_YES : MATCH_NO;
}

static bool is_one_of(const char *name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

/* What ends a rule with a verdict of its own; false: it is none of those. */
static bool ends_rule(const struct nftnl_expr *e, const char *name, int *ret_verdict)
{
	static const char *const passes[] = { "nat", "masq", "redir", "tproxy" };
	static const char *const targets[] = { "DROP", "REJECT" };
	const char *target =
		strcmp(name, "target") == 0 ? nftnl_expr_get_str(e, NFTNL_EXPR_TG_NAME) : NULL;

	if (strcmp(name, "reject") == 0 ||
	    (target && is_one_of(target, targets, ARRAY_LENGTH(targets))))
		*ret_verdict = NF_DROP;
	else if (is_one_of(name, passes, ARRAY_LENGTH(passes)) ||
		 (target && strcmp(target, "ACCEPT") == 0))
		*ret_verdict = NF_ACCEPT;
	else
		return false;
	return true;
}

/* An expression that looks or loads: how sure it is that the rule goes on behind it. */
static enum match expression_match(struct walk *w, const struct nftnl_expr *e, const char *name,
				   struct known *r)
{
	static const char *const silent[] = { "counter", "log",	 "notrack",	"target",
					      "objref",	 "last", "flow_offload" };

	if (strcmp(name, "meta") == 0)
		load_meta(w, r, e);
	else if (strcmp(name, "payload") == 0)
		load_payload(w, r, e);
	else if (strcmp(name, "ct") == 0)
		load_connection(r, e);
	else if (strcmp(name, "bitwise") == 0)
		apply_bitwise(r, e);
	else if (strcmp(name, "cmp") == 0)
		return match_cmp(r, e);
	else if (strcmp(name, "range") == 0)
		return match_range(r, e);
	else if (strcmp(name, "match") == 0)
		return match_xtables(w, e);
	else if (!is_one_of(name, silent, ARRAY_LENGTH(silent))) {
		/* Whatever it is, nothing is known of any register behind it. */
		memset(r->mask, 0, sizeof(r->mask));
		return MATCH_MAYBE;
	}
	return MATCH_YES;
}

static void remember(struct walk *w, enum filter_fate fate, const struct nftnl_rule *rule)
{
	if (fate <= w->fate)
		return;
	w->fate = fate;
	if (rule)
		snprintf(w->where, sizeof(w->where), "chain %.60s, rule with handle %llu",
			 nftnl_rule_get_str(rule, NFTNL_RULE_CHAIN),
			 (unsigned long long)nftnl_rule_get_u64(rule, NFTNL_RULE_HANDLE));
	else
		snprintf(w->where, sizeof(w->where), "its policy");
}

static enum course dropped(struct walk *w, const struct nftnl_rule *rule, enum match sure)
{
	bool surely = sure == MATCH_YES && !w->may_have_passed;

	remember(w, surely ? FILTER_DROPS : FILTER_MAY_DROP, rule);
	return sure == MATCH_YES ? COURSE_END : COURSE_ON;
}

static enum course verdict_take(struct walk *w, const struct nftnl_rule *rule, int verdict,
				const char *chain, enum match sure)
{
	enum course course;

	switch (verdict) {
	case NF_DROP:
		return dropped(w, rule, sure);
	case NF_ACCEPT:
	case NF_STOP:
		if (sure == MATCH_YES)
			return COURSE_END;
		w->may_have_passed = true;
		return COURSE_ON;
	case NF_QUEUE:
		return dropped(w, rule, MATCH_MAYBE);
	case NFT_JUMP:
	case NFT_GOTO:
		course = chain ? chain_walk(w, chain, sure) : COURSE_ON;
		if (course == COURSE_END && sure == MATCH_YES)
			return COURSE_END;
		return verdict == NFT_GOTO && sure == MATCH_YES ? COURSE_RETURN : COURSE_ON;
	case NFT_RETURN:
		return sure == MATCH_YES ? COURSE_RETURN : COURSE_ON;
	default:
		return COURSE_ON;
	}
}

static enum course rule_walk(struct walk *w, const struct nftnl_rule *rule, enum match sure)
{
	struct nftnl_expr_iter *iterator = nftnl_expr_iter_create(rule);
	enum course course = COURSE_ON;
	struct nftnl_expr *e;
	struct known r = { 0 };

	while (iterator && sure != MATCH_NO && course == COURSE_ON &&
	       (e = nftnl_expr_iter_next(iterator)) != NULL) {
		const char *name = nftnl_expr_get_str(e, NFTNL_EXPR_NAME);
		enum match match;
		int verdict;

		if (strcmp(name, "immediate") == 0 &&
		    nftnl_expr_is_set(e, NFTNL_EXPR_IMM_VERDICT)) {
			course = verdict_take(w, rule,
					      (int)nftnl_expr_get_u32(e, NFTNL_EXPR_IMM_VERDICT),
					      nftnl_expr_get_str(e, NFTNL_EXPR_IMM_CHAIN), sure);
			break;
		}
		if (ends_rule(e, name, &verdict)) {
			course = verdict_take(w, rule, verdict, NULL, sure);
			break;
		}
		match = strcmp(name, "lookup") == 0 ? match_lookup(w, rule, e, &r, sure, &course)
						    : expression_match(w, e, name, &r);
		if (match < sure)
			sure = match;
	}
	if (iterator)
		nftnl_expr_iter_destroy(iterator);
	return course;
}

static enum course chain_walk(struct walk *w, const char *name, enum match sure)
{
	enum course course = COURSE_ON;

	if (w->jumps == JUMPS_MAX)
		return COURSE_ON;
	w->jumps++;
	for (size_t i = 0; i < w->set->n_rules && course == COURSE_ON; i++) {
		const struct nftnl_rule *rule = w->set->rules[i];

		if (nftnl_rule_get_u32(rule, NFTNL_RULE_FAMILY) == w->family &&
		    strcmp(nftnl_rule_get_str(rule, NFTNL_RULE_TABLE), w->table) == 0 &&
		    strcmp(nftnl_rule_get_str(rule, NFTNL_RULE_CHAIN), name) == 0)
			course = rule_walk(w, rule, sure);
	}
	w->jumps--;
	return course == COURSE_RETURN ? COURSE_ON : course;
}

/* Whether such packets come through the chain. */
static bool chain_is_on_the_way(const struct nftnl_chain *c, const struct filter_packet *p)
{
	uint32_t family = nftnl_chain_get_u32(c, NFTNL_CHAIN_FAMILY), hook;
	bool six = p->destination.family == FAMILY_IPV6;
	const char *device;

	if (!nftnl_chain_is_set(c, NFTNL_CHAIN_HOOKNUM))
		return false;
	hook = nftnl_chain_get_u32(c, NFTNL_CHAIN_HOOKNUM);
	device = nftnl_chain_get_str(c, NFTNL_CHAIN_DEV);
	if (family == NFPROTO_NETDEV)
		return hook == (p->out ? NF_NETDEV_EGRESS : NF_NETDEV_INGRESS) && device &&
		       strcmp(device, p->name) == 0;
	if (family != NFPROTO_INET && family != (six ? NFPROTO_IPV6 : NFPROTO_IPV4))
		return false;
	return p->out ? hook == NF_INET_LOCAL_OUT || hook == NF_INET_POST_ROUTING
		      : hook == NF_INET_LOCAL_IN || hook == NF_INET_PRE_ROUTING;
}

static const char *family_name(uint32_t family)
{
	return family == NFPROTO_IPV4	? "ip"
	       : family == NFPROTO_IPV6 ? "ip6"
	       : family == NFPROTO_INET ? "inet"
					: "netdev";
}

/* Chains that iptables has made are mended by it. */
static void fix_make(const struct nftnl_chain *c, const struct filter_packet *p, char *fix,
		     size_t size)
{
	uint32_t family = nftnl_chain_get_u32(c, NFTNL_CHAIN_FAMILY);
	const char *table = nftnl_chain_get_str(c, NFTNL_CHAIN_TABLE);
	const char *name = nftnl_chain_get_str(c, NFTNL_CHAIN_NAME);
	char option[FILTER_TEXT_MAX];

	if (strcmp(table, "filter") == 0 && family != NFPROTO_INET &&
	    (strcmp(name, "INPUT") == 0 || strcmp(name, "OUTPUT") == 0))
		snprintf(fix, size, "%s -I %.50s %s -j ACCEPT",
			 family == NFPROTO_IPV6 ? "ip6tables" : "iptables", name,
			 filter_option(p, option));
	else if (filter_protocol(p) != IPPROTO_UDP)
		snprintf(fix, size, "nft insert rule %s %.50s %.50s meta l4proto %u accept",
			 family_name(family), table, name, p->protocol);
	else
		snprintf(fix, size, "nft insert rule %s %.50s %.50s udp dport %u accept",
			 family_name(family), table, name, p->port);
}

static void chain_judge(const struct filter_set *s, const struct nftnl_chain *c,
			const struct filter_packet *p, struct filter_verdict *ret)
{
	struct walk w = { .set = s,
			  .packet = p,
			  .table = nftnl_chain_get_str(c, NFTNL_CHAIN_TABLE),
			  .family = nftnl_chain_get_u32(c, NFTNL_CHAIN_FAMILY) };
	const char *name = nftnl_chain_get_str(c, NFTNL_CHAIN_NAME);

	headers_make(&w);
	if (chain_walk(&w, name, MATCH_YES) != COURSE_END &&
	    nftnl_chain_is_set(c, NFTNL_CHAIN_POLICY) &&
	    nftnl_chain_get_u32(c, NFTNL_CHAIN_POLICY) == NF_DROP)
		(void)dropped(&w, NULL, MATCH_YES);
	if (w.fate <= ret->fate)
		return;
	ret->fate = w.fate;
	snprintf(ret->where, sizeof(ret->where), "%s %.40s %.40s, %.69s", family_name(w.family),
		 w.table, name, w.where);
	fix_make(c, p, ret->fix, sizeof(ret->fix));
}

void filter_judge(const struct filter_set *s, const struct filter_packet *p,
		  struct filter_verdict *ret)
{
	*ret = (struct filter_verdict){ .fate = FILTER_PASSES };
	for (size_t i = 0; i < s->n_chains; i++)
		if (chain_is_on_the_way(s->chains[i], p))
			chain_judge(s, s->chains[i], p, ret);
}
