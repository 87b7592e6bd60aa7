/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a routing protocol has in the configuration: a section of its own, keys of an interface, and
 * rules that span both. Each protocol has one file here, like rip.c; nothing else names it but the
 * list of them.
 */
#ifndef CONFIG_PROTOCOL_H
#define CONFIG_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>

#include "config/config.h"
#include "config/map.h"

#define PROTOCOLS 2
#define PROTOCOL_SETTINGS_MAX SPEAKER_OWN_MAX /* bytes of the settings of one */

struct config_rule;
struct host_address;

struct protocol {
	const char *name;	       /* of its section */
	uint32_t ids;		       /* whose settings these are: 1 << enum protocol_id */
	const struct record *settings; /* of the section; with defaults */

	/* What spans several keys of a rule. 0 or what document_refuse() returned. */
	int (*check_rule)(const struct config_rule *rule, struct document *d);

	/* What spans the section, the rules and the VIPs; likewise, with warnings. */
	int (*check)(struct config *c, struct document *d);

	/* The `k`th secret that a rule names; false: there are less. */
	bool (*secret)(const struct config_rule *rule, size_t k, struct config_secret *ret);

	/* Warns of what fits none of the addresses that the host has now. */
	void (*check_host)(struct config *c, const struct config_rule *rule,
			   const struct host_address *addresses, size_t count);
};

extern const struct protocol config_rip, config_ospf;
/* struct config_rule: their keys there, each with those before it. */
extern const struct record config_rip_speech, config_ospf_speech;

extern const struct protocol *const config_protocols[PROTOCOLS];

/* A secret and where it is named: `offset` is that of its member in the rule. */
struct config_secret protocol_secret(const struct config_rule *rule, size_t offset,
				     const char *path, uint8_t type);

#endif
