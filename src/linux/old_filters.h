/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables of the old iptables, which live beside nftables in kernels that still have them. They
 * are judged as those of nftables are (filter_rules.h), by the same half knowledge of a packet.
 */
#ifndef LINUX_OLD_FILTERS_H
#define LINUX_OLD_FILTERS_H

#include "linux/filter_rules.h"

/*
 * The worst that they do to the packet; what *ret says already is kept unless this is worse.
 * Nothing, when there are none or they may not be read.
 */
void old_filters_judge(const struct filter_packet *p, struct filter_verdict *ret);

#endif
