/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/config.h"

#include <stdio.h>

#include "base/text.h"
#include "node/protocol.h"
#include "sim/router_ospf.h"
#include "sim/service.h"
#include "sim/talk.h"

static void config_part(struct sim *s, uint8_t index, struct input *in, enum config_part part)
{
	in->kind = INPUT_CONFIG;
	in->request = 1;
	in->more = part != CONFIG_END;
	in->config.part = (uint8_t)part;
	sim_tell(s, index, in);
}

/* LANs differ in what is spoken there, or in who is. */
static bool is_by_port(const struct sim *s)
{
	bool ospf = false;

	for (size_t k = 0; k < s->n_lans; k++)
		ospf |= s->lans[k].speaks[SIM_OSPF];
	return s->talks || ospf;
}

/* On that port, or on all; with the other hosts on its LAN as neighbours of the second speaker. */
static void config_rule(struct sim *s, uint8_t index, const struct sim_port *port)
{
	const struct sim_host *h = &s->hosts[index];
	struct input in = { 0 };

	interface_rule_default(&in.config.rule);
	text_copy(in.config.rule.pattern, sizeof(in.config.rule.pattern), "eth*");
	if (port)
		snprintf(in.config.rule.pattern, sizeof(in.config.rule.pattern), "eth%u",
			 port->interface);
	in.config.rule.learn.mode = h->learn;
	in.config.rule.bfd_enabled = s->bfd.multiplier > 0;
	if (in.config.rule.bfd_enabled)
		in.config.rule.bfd.params = s->bfd;
	in.config.rule.probe_enabled = s->probe.multiplier > 0;
	if (in.config.rule.probe_enabled)
		in.config.rule.probe.params = s->probe;
	if (s->through)
		in.config.rule.probe.through = PROBE_THROUGH_ROUTER;
	config_part(s, index, &in, CONFIG_RULE);
	for (size_t k = 0; k < SIM_PROTOCOLS; k++) {
		if (!s->lans[port ? port->lan : h->ports[0].lan].speaks[k])
			continue;
		in.config.speech = protocol_speech(speaker_of(s, (enum sim_protocol)k));
		if (k == SIM_OSPF)
			router_ospf_client(s, &s->lans[port->lan], &in.config.speech);
		config_part(s, index, &in, CONFIG_SPEECH);
	}
	in.config.speech = (struct speech_settings){ .protocol = TALK_PROTOCOL, .cost = 1 };
	for (size_t i = 0; port && i < s->lans[port->lan].n_ports; i++) {
		const struct sim_port *other = s->lans[port->lan].ports[i];

		if (other != port && other->kind == SIM_HOST)
			in.config.speech.unicast[in.config.speech.n_unicast++] = other->address;
	}
	if (in.config.speech.n_unicast > 0)
		config_part(s, index, &in, CONFIG_SPEECH);
}

void host_configure(struct sim *s, uint8_t index)
{
	const struct sim_host *h = &s->hosts[index];
	struct input in = { 0 };

	for (size_t k = 0; k < SIM_PROTOCOLS; k++) {
		in.config.protocol = h->settings[k];
		if (in.config.protocol.protocol)
			config_part(s, index, &in, CONFIG_PROTOCOL);
	}
	for (size_t k = 0; is_by_port(s) && k < h->n_ports; k++)
		config_rule(s, index, &h->ports[k]);
	if (!is_by_port(s))
		config_rule(s, index, NULL);
	in.config.proof = s->proves;
	config_part(s, index, &in, CONFIG_PROOF);
	for (size_t k = 0; h->checks && service_check_settings(k, &in.config.check); k++)
		config_part(s, index, &in, CONFIG_CHECK);
	config_part(s, index, &in, CONFIG_END);
}
