/* SPDX-License-Identifier: Apache-2.0 */
/* The host's packet filter, as it is in the kernel now. */
#ifndef LINUX_FILTERS_H
#define LINUX_FILTERS_H

#include "linux/filter_rules.h"

/*
 * Reads the chains, rules and sets of nftables; iptables on top of it shows there too. Empty when
 * there are none, or it may not be read. To be freed by filter_set_done().
 */
void filters_read(struct filter_set *ret);

#endif
