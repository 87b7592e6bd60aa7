/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/wish.h"

#include <assert.h>
#include <stdio.h>

#include "base/text.h"

/* The VIPs of a host: three with host masks, two that share a network. */
void wish_text(const struct run *run, uint8_t host, uint8_t vip, bool with_length, char *text,
	       size_t size)
{
	bool ipv6 = run->s->family == FAMILY_IPV6, alone = vip < VIPS_ALONE;
	const char *length = alone ? ipv6 ? "/128" : "/32" : ipv6 ? "/64" : "/24";

	snprintf(text, size, ipv6 ? "fd00:%u:%u::%u%s" : "172.%u.%u.%u%s", alone ? 16 : 17, host,
		 vip + 1, with_length ? length : "");
}

struct address wish_address(const struct run *run, uint8_t host, uint8_t vip)
{
	struct address a;
	char text[32];

	wish_text(run, host, vip, false, text, sizeof(text));
	assert(address_parse(text, &a) == 0);
	return a;
}

void wish_bind(struct run *run, uint8_t host, uint8_t vip)
{
	const struct wish *w = &run->wishes[host][vip];
	struct check_settings check = { 0 };
	struct vip_settings v;
	char text[32];

	wish_text(run, host, vip, true, text, sizeof(text));
	vip_settings_default(&v);
	assert(prefix_parse(text, &v.address, &v.length) == 0);
	if (w->check && service_check_settings(w->check - 1u, &check))
		text_copy(v.check, sizeof(v.check), check.name);
	host_bind_vip(run->s, host, &v);
}
