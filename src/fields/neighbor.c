/* SPDX-License-Identifier: Apache-2.0 */
#include "fields/neighbor.h"

#include "base/text.h"
#include "fields/value.h"

static int parse_ipv4(const char *text, void *value, char *sentence, size_t size)
{
	struct address *a = value;
	const char *why;

	if (address_parse(text, a) < 0 || a->family != FAMILY_IPV4)
		return text_refuse(sentence, size, "%s is not an IPv4 address of a neighbour",
				   VALUE_QUOTE(text));
	if (!address_is_host(a, &why))
		return text_refuse(sentence, size, "%s cannot be a neighbour: it is %s", text, why);
	return 0;
}

static int parse_link_local(const char *text, void *value, char *sentence, size_t size)
{
	struct address *a = value;

	if (address_parse(text, a) < 0 || a->family != FAMILY_IPV6)
		return text_refuse(sentence, size, "%s is not an IPv6 address of a neighbour",
				   VALUE_QUOTE(text));
	if (!address_is_link_local(a))
		return text_refuse(sentence, size,
				   "%s cannot be a neighbour: it is not a link-local address like "
				   "fe80::1",
				   text);
	return 0;
}

const struct field_text neighbors_ipv4 = {
	.form = "a list of addresses like [10.1.0.1]",
	.parse = parse_ipv4,
};
const struct field_text neighbors_link_local = {
	.form = "a list of addresses like [fe80::1]",
	.parse = parse_link_local,
};
