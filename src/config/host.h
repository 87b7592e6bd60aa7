/* SPDX-License-Identifier: Apache-2.0 */
/* A configuration beside the host that it is read on: what fits nothing there is told. */
#ifndef CONFIG_HOST_H
#define CONFIG_HOST_H

#include <stddef.h>

#include "config/config.h"
#include "net/interface.h"
#include "net/prefix.h"

/* An address of an interface; one without an address stands for the interface alone. */
struct host_address {
	char interface[INTERFACE_NAME_MAX];
	struct prefix network; /* in which neighbours are by it; not set: none */
};

/*
 * Warns of entries of `interfaces` that fit no interface, and of neighbours outside of the networks
 * of theirs. The host may change, so neither is a mistake.
 */
void config_check_host(struct config *c, const struct host_address *addresses, size_t count);

/* Warns of a neighbour that lies in no network of the interfaces that the rule is for. */
struct config_rule;
void host_check_neighbor(struct config *c, const struct config_rule *rule,
			 const struct address *neighbor, const struct host_address *addresses,
			 size_t count);

#endif
