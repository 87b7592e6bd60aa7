/* SPDX-License-Identifier: Apache-2.0 */
#include "node/settings.h"

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

const struct rip_interface_settings *interface_rule_speech(const struct interface_rule *r,
							   enum family family)
{
	if (!r)
		return NULL;
	if (family == FAMILY_IPV6)
		return r->ripng_enabled ? &r->ripng : NULL;
	return r->rip_enabled ? &r->rip : NULL;
}
