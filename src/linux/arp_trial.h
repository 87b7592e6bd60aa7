/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ARP silence put to the test: a pair of virtual Ethernet interfaces is made for a moment, and
 * through one of them the host is asked for an address, as a stranger on a LAN would ask.
 */
#ifndef LINUX_ARP_TRIAL_H
#define LINUX_ARP_TRIAL_H

#include <stddef.h>

#include "net/address.h"

enum arp_trial {
	ARP_TRIAL_SILENT,
	ARP_TRIAL_ANSWERED,
	ARP_TRIAL_NONE, /* it could not be made; the sentence says why */
};

/*
 * Asks for `silent`, and for `known`, an address of the host that is not silent: if that is not
 * answered for either, the trial proves nothing. Takes up to a second; to be called from a thread
 * that may wait.
 */
enum arp_trial arp_trial(const struct address *silent, const struct address *known, char *sentence,
			 size_t size);

#endif
