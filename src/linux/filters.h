/* SPDX-License-Identifier: Apache-2.0 */
/* The host's packet filter, as far as it may stand in the way of a routing protocol. */
#ifndef LINUX_FILTERS_H
#define LINUX_FILTERS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Whether a chain of nftables at the input hook, of the families ip or inet, drops what no rule
 * takes; "FAMILY TABLE CHAIN" of the first one. iptables on top of nftables shows here too. False
 * when there is none, or it cannot be known.
 */
bool filters_drop_input(char *chain, size_t size);

#endif
