/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/shield.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include "base/container.h"
#include "linux/nft.h"
#include "proto/echo/echo.h"

#define TABLE "vipd_echo"
#define CHAIN "returns"

/* NF_IP_PRI_RAW_BEFORE_DEFRAG, which the kernel's headers for programs do not have for IPv6. */
#define PRIORITY (-450)

/* In network byte order. */
static const uint8_t udp = IPPROTO_UDP, icmp = IPPROTO_ICMP, icmp6 = IPPROTO_ICMPV6;
static const uint8_t port[] = { ECHO_PORT >> 8, ECHO_PORT & 0xff };
static const uint8_t magic[] = { ECHO_MAGIC >> 24, ECHO_MAGIC >> 16 & 0xff, ECHO_MAGIC >> 8 & 0xff,
				 ECHO_MAGIC & 0xff };

#define LOAD(at_, bytes_)                                                                          \
	{                                                                                          \
		NFT_STEP_LOAD, .base = NFT_PAYLOAD_TRANSPORT_HEADER, .at = (at_),                  \
			       .bytes = (bytes_)                                                   \
	}
#define IS(what)                                                                                   \
	{                                                                                          \
		NFT_STEP_IS, .value = &(what), .bytes = sizeof(what)                               \
	}
#define PROTOCOL(what) { NFT_STEP_META, .at = NFT_META_L4PROTO }, IS(what)

/* UDP that is ours, so far behind the beginning of the transport's header; and its end. */
#define OURS(at_)                                                                                  \
	LOAD((at_) + 2, sizeof(port)), IS(port),                                                   \
		LOAD((at_) + 8 + ECHO_MAGIC_OFFSET, sizeof(magic)), IS(magic),                     \
		{ .kind = NFT_STEP_COUNT },                                                        \
	{                                                                                          \
		.kind = NFT_STEP_DROP                                                              \
	}

/* What ICMP quotes so far behind its own beginning: a header of IP, and ours behind it. */
#define QUOTES(at_, protocol_at, header)                                                           \
	LOAD((at_) + (protocol_at), 1), IS(udp), OURS((at_) + (header))
#define QUOTES4(at_) QUOTES(at_, 9, 20)
#define QUOTES6(at_) QUOTES(at_, 6, 40)

/*
 * RFC 4861 4.5, 4.6.3: what a redirect is about stands behind two addresses, an option with the
 * better router's address on the wire if that is known, and the head of another.
 */
#define REDIRECTED (8 + 2 * 16)
#define OPTION 8

static const struct nft_step itself[] = { PROTOCOL(udp), OURS(0) };
static const struct nft_step error4[] = { PROTOCOL(icmp), QUOTES4(8) };
static const struct nft_step error6[] = { PROTOCOL(icmp6), QUOTES6(8) };
static const struct nft_step redirect6[] = { PROTOCOL(icmp6), QUOTES6(REDIRECTED + OPTION) };
static const struct nft_step redirect6_known[] = { PROTOCOL(icmp6),
						   QUOTES6(REDIRECTED + 2 * OPTION) };
#define RULES 5

struct shield {
	struct nft *table;
	bool raised;
};

struct shield *shield_new(void)
{
	struct shield *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->table = nft_open(NFPROTO_INET, TABLE, NFT_BYTES_FEW);
	if (s->table)
		return s;
	free(s);
	return NULL;
}

void shield_free(struct shield *s)
{
	if (!s)
		return;
	shield_lower(s);
	nft_close(s->table);
	free(s);
}

static int table_make(struct nft *t)
{
	nft_begin(t);
	nft_put_table_anew(t);
	nft_put_chain(t, CHAIN, NF_INET_PRE_ROUTING, PRIORITY);
	nft_put_rule(t, CHAIN, itself, ARRAY_LENGTH(itself));
	nft_put_rule(t, CHAIN, error4, ARRAY_LENGTH(error4));
	nft_put_rule(t, CHAIN, error6, ARRAY_LENGTH(error6));
	nft_put_rule(t, CHAIN, redirect6, ARRAY_LENGTH(redirect6));
	nft_put_rule(t, CHAIN, redirect6_known, ARRAY_LENGTH(redirect6_known));
	return nft_run(t);
}

int shield_raise(struct shield *s)
{
	int error = -EPROTONOSUPPORT;

	if (!s)
		return error;
	/* Whoever flushes all tables of the host does not ask us. */
	if (s->raised && (!nft_read(s->table) || nft_has_rules(s->table, RULES)))
		return 0;
	error = table_make(s->table);
	s->raised = error == 0;
	return error;
}

void shield_lower(struct shield *s)
{
	if (!s || !s->raised)
		return;
	nft_begin(s->table);
	nft_put_table(s->table, NFT_MSG_DELTABLE);
	(void)nft_run(s->table);
	s->raised = false;
}

void shield_clear(void)
{
	struct shield *s = shield_new();

	if (s)
		s->raised = true;
	shield_free(s);
}
