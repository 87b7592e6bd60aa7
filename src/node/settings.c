/* SPDX-License-Identifier: Apache-2.0 */
#include "node/settings.h"

#include "base/container.h"
#include "base/text.h"
#include "net/prefix.h"

static const char *name_of(const char *const *names, size_t count, uint8_t value)
{
	return value < count ? names[value] : NULL;
}

const char *vip_hold_name(uint8_t hold)
{
	static const char *const names[] = { "auto", "address", "route" };

	return name_of(names, ARRAY_LENGTH(names), hold);
}

const char *vip_arp_name(uint8_t arp)
{
	static const char *const names[] = { "silent", "answer" };

	return name_of(names, ARRAY_LENGTH(names), arp);
}

const char *vip_conflict_name(uint8_t conflict)
{
	static const char *const names[] = { "refuse", "warn", "worsen", "take" };

	return name_of(names, ARRAY_LENGTH(names), conflict);
}

void vip_settings_default(struct vip_settings *s)
{
	*s = (struct vip_settings){ .announce = true, .hold = VIP_HOLD_AUTO };
	text_copy(s->board, sizeof(s->board), NODE_BOARD_DEFAULT);
}

void interface_rule_default(struct interface_rule *r)
{
	*r = (struct interface_rule){ 0 };
	rip_interface_settings_default(&r->rip);
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
	if (s->metric >= RIP_INFINITY)
		return text_refuse(sentence, size, "metric %u is unreachable: it must be 1 to 15",
				   s->metric);
	if (!interface_name_is_valid(s->board))
		return text_refuse(sentence, size, "'%s' cannot be the name of a board", s->board);
	return 0;
}
