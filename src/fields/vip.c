/* SPDX-License-Identifier: Apache-2.0 */
#include "fields/vip.h"

#include "base/text.h"

static const struct field_word vip_hold_words[] = {
	{ "auto", VIP_HOLD_AUTO, "as an address, until the board holds 256 of them" },
	{ "address", VIP_HOLD_ADDRESS, "as an address of the board" },
	{ "route", VIP_HOLD_ROUTE, "as a local route to the board" },
	{ 0 },
};

static const struct field_word vip_arp_words[] = {
	{ "silent", VIP_ARP_SILENT, "says nothing: only routers lead to it" },
	{ "answer", VIP_ARP_ANSWER, "says that it is here, and tells it unasked" },
	{ 0 },
};

static const struct field_word vip_conflict_words[] = {
	{ "refuse", VIP_CONFLICT_REFUSE, "does not bind it while somebody else answers" },
	{ "warn", VIP_CONFLICT_WARN, "binds and announces it, and tells" },
	{ "worsen", VIP_CONFLICT_WORSEN, "likewise, with a metric that lets the other win" },
	{ "take", VIP_CONFLICT_TAKE, "likewise, with a metric that wins over the other" },
	{ 0 },
};

static const struct vip_settings vip_defaults = {
	.board = NODE_BOARD_DEFAULT,
	.announce = true,
	.ping = true,
	.source = true,
};

static const struct field vip_fields[] = {
	FIELD_HOST(1, "address", struct vip_settings, address, length,
		   .flags = FIELD_NEEDED | FIELD_NOT_SHOWN,
		   .help = "with the length of its virtual network, or else a host mask"),
	FIELD_NAME(2, "board", struct vip_settings, board, .help = "the board it is bound to",
		   .option = "the board; vnic0 unless said otherwise"),
	FIELD(3, "announce", struct vip_settings, announce,
	      .help = "whether the neighbours are told", .option = "bind only, tell no router"),
	FIELD(4, "metric", struct vip_settings, metric, .min = 1, .max = VIP_METRIC_MAX,
	      .flags = FIELD_NOT_SHOWN, .help = "the metric to announce it with",
	      .option = "announce with this metric"),
	FIELD_WORD(5, "hold", struct vip_settings, hold, vip_hold_words, .flags = FIELD_NOT_SHOWN,
		   .help = "how the kernel holds it", .option = "how the kernel holds them"),
	FIELD_WORD(6, "arp", struct vip_settings, arp, vip_arp_words,
		   .help = "what the host says when somebody on a physical network asks who has it",
		   .option = "answer who asks for them on a network, and announce them there"),
	FIELD_WORD(7, "conflict", struct vip_settings, conflict, vip_conflict_words,
		   .help = "what follows when somebody else has it as well",
		   .option = "when somebody else has one"),
	FIELD(8, "source", struct vip_settings, source,
	      .help = "whether it may be the source of connections that name none",
	      .option = "not the source of connections that name none"),
	FIELD(9, "check", struct vip_settings, check, .flags = FIELD_NOT_SHOWN,
	      .help = "the check that must pass for it to be announced",
	      .option = "announce them only while this check of the configuration passes"),
	FIELD(10, "label", struct vip_settings, label, .help = "what it is known by",
	      .option = "a text to know them by"),
	FIELD(11, "ping", struct vip_settings, ping,
	      .help = "whether the host answers ICMP echo requests to it",
	      .option = "answer no ICMP echo request to them"),
};

static int vip_check(const void *object, char *sentence, size_t size)
{
	return vip_settings_check(object, sentence, size);
}

const struct record vip_record =
	RECORD("a VIP", struct vip_settings, vip_fields, .defaults = &vip_defaults,
	       .check = vip_check, .form = RECORD_MAP_OR_ONE);

void vip_settings_default(struct vip_settings *s)
{
	*s = vip_defaults;
}

int vip_settings_check(const struct vip_settings *s, char *sentence, size_t size)
{
	const struct address *a = &s->address;
	struct prefix network;
	const char *why;

	if (!address_is_set(a))
		return text_refuse(sentence, size, "a VIP needs an address");
	if (!address_is_host(a, &why))
		return text_refuse(sentence, size, "%s cannot be a VIP: it is %s", ADDRESS_TEXT(a),
				   why);
	if (s->length == 0 || s->length > family_bits(a->family))
		return text_refuse(sentence, size,
				   "/%u is no mask for the VIP %s: it must be /1 to /%u", s->length,
				   ADDRESS_TEXT(a), family_bits(a->family));
	network = prefix_make(a, s->length);
	/* A route is judged by where its network begins: fec0::1/9 would be one to fe80::/9. */
	if (address_is_link_local(&network.address))
		return text_refuse(sentence, size,
				   "the network %s of the VIP %s begins among the link-local "
				   "addresses, and routers refuse it",
				   PREFIX_TEXT(&network), ADDRESS_TEXT(a));
	/* RFC 3021: the two addresses of a /31 are both hosts; RFC 6164 says so of /127. */
	if (s->length < family_bits(a->family) - 1) {
		struct address broadcast;

		if (address_equal(a, &network.address))
			return text_refuse(
				sentence, size,
				"%s is the address of its network %s itself, not of a host in it",
				ADDRESS_TEXT(a), PREFIX_TEXT(&network));
		if (a->family == FAMILY_IPV4) {
			broadcast = prefix_broadcast(&network);
			if (address_equal(a, &broadcast))
				return text_refuse(sentence, size,
						   "%s is the broadcast address of its network %s",
						   ADDRESS_TEXT(a), PREFIX_TEXT(&network));
		}
	}
	if (!interface_name_is_valid(s->board))
		return text_refuse(sentence, size, "'%s' cannot be the name of a board", s->board);
	return 0;
}
