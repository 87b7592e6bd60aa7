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

const char *check_kind_name(uint8_t kind)
{
	static const char *const names[] = { "?",    "tcp", "http", "https",
					     "icmp", "dns", "exec", "file" };

	return name_of(names, ARRAY_LENGTH(names), kind);
}

const char *check_failing_name(uint8_t failing)
{
	static const char *const names[] = { "withdraw", "worsen" };

	return name_of(names, ARRAY_LENGTH(names), failing);
}

void check_settings_default(struct check_settings *s)
{
	*s = (struct check_settings){
		.status_low = 200,
		.status_high = 299,
		.user = "nobody",
		.every = DURATION_S(2),
		.timeout = DURATION_S(1),
		.rise = 2,
		.fall = 3,
	};
}

static bool check_needs_port(uint8_t kind)
{
	return kind == CHECK_TCP || kind == CHECK_HTTP || kind == CHECK_HTTPS || kind == CHECK_DNS;
}

int check_settings_check(const struct check_settings *s, char *sentence, size_t size)
{
	if (!s->name[0])
		return text_refuse(sentence, size, "a check needs a name");
	if (s->kind < CHECK_TCP || s->kind > CHECK_FILE)
		return text_refuse(sentence, size,
				   "the check '%s' does not say what it does: tcp, http, https, "
				   "icmp, dns, exec or file",
				   s->name);
	if (check_needs_port(s->kind) && s->port == 0)
		return text_refuse(sentence, size, "the check '%s' needs a port", s->name);
	if ((s->kind == CHECK_FILE || s->kind == CHECK_EXEC) && s->target[0] != '/')
		return text_refuse(sentence, size, "the check '%s' needs a path that begins with /",
				   s->name);
	if (s->kind == CHECK_DNS && !s->target[0])
		return text_refuse(sentence, size, "the check '%s' needs a name to ask for",
				   s->name);
	if (s->every.ns < CHECK_EVERY_MIN.ns || s->every.ns > CHECK_EVERY_MAX.ns)
		return text_refuse(sentence, size,
				   "the check '%s' can be done every 100ms at the most, and every "
				   "1h at the least",
				   s->name);
	if (s->timeout.ns <= 0 || s->timeout.ns > s->every.ns)
		return text_refuse(
			sentence, size,
			"the 'timeout' of the check '%s' must be longer than nothing and "
			"no longer than 'every'",
			s->name);
	if (s->rise == 0 || s->fall == 0)
		return text_refuse(sentence, size,
				   "'rise' and 'fall' of the check '%s' are 1 or more", s->name);
	return 0;
}

void vip_settings_default(struct vip_settings *s)
{
	*s = (struct vip_settings){ .announce = true, .source = true, .hold = VIP_HOLD_AUTO };
	text_copy(s->board, sizeof(s->board), NODE_BOARD_DEFAULT);
}

void bfd_params_default(struct bfd_params *p)
{
	*p = (struct bfd_params){ .tx_us = 300000, .rx_us = 300000, .multiplier = 3 };
}

void probe_params_default(struct probe_params *p)
{
	*p = (struct probe_params){ .interval_us = 100000, .multiplier = 3 };
}

void interface_rule_default(struct interface_rule *r)
{
	*r = (struct interface_rule){ .source = true };
	rip_interface_settings_default(&r->rip);
	rip_interface_settings_default(&r->ripng);
	bfd_params_default(&r->bfd);
	probe_params_default(&r->probe);
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
	if (s->metric >= RIP_INFINITY)
		return text_refuse(sentence, size, "metric %u is unreachable: it must be 1 to 15",
				   s->metric);
	if (!interface_name_is_valid(s->board))
		return text_refuse(sentence, size, "'%s' cannot be the name of a board", s->board);
	return 0;
}

const struct rip_interface_settings *interface_rule_speech(const struct interface_rule *r,
							   enum family family)
{
	if (!r)
		return NULL;
	if (family == FAMILY_IPV6)
		return r->ripng_enabled ? &r->ripng : NULL;
	return r->rip_enabled ? &r->rip : NULL;
}
