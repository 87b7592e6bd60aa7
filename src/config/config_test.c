/* SPDX-License-Identifier: Apache-2.0 */
/* What a good configuration becomes: inputs for a node, warnings, and the same text again. */
#include "config/config.h"

#include <stdlib.h>

#include "base/container.h"
#include "base/unit.h"
#include "config/host.h"
#include "node/protocol.h"
#include "proto/ospf/ospf.h"
#include "proto/rip/rip.h"

static struct config *parse(const char *text)
{
	char error[CONFIG_ERROR_MAX] = "";
	struct config *c = NULL;

	if (config_parse("f", text, strlen(text), &c, error, sizeof(error)) < 0)
		fail_msg("%s", error);
	return c;
}

/* The `skip`th part of a kind. */
static struct input part(const struct config *c, enum config_part kind, size_t skip)
{
	struct input in;

	for (size_t position = 0; config_part(c, &position, &in);)
		if (in.config.part == kind && skip-- == 0)
			return in;
	fail_msg("there is no such part");
	return in;
}

static size_t count(const struct config *c, enum config_part kind)
{
	struct input in;
	size_t n = 0;

	for (size_t position = 0; config_part(c, &position, &in);)
		n += in.config.part == kind;
	return n;
}

static char *print(const struct config *c)
{
	char *text = NULL;
	size_t length = 0;
	FILE *to = open_memstream(&text, &length);

	assert_non_null(to);
	assert_int_equal(config_print(c, to), 0);
	fclose(to);
	return text;
}

static void test_an_empty_file_is_a_configuration_of_defaults(void **state)
{
	static const char *const texts[] = { "", "\n", "# nothing\n", "---\n", "{}\n" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
		struct config *c = parse(texts[i]);
		struct speaker_settings defaults = protocol_settings(PROTOCOL_RIP);
		struct input in = part(c, CONFIG_PROTOCOL, 0);

		assert_memory_equal(in.config.protocol.own, defaults.own, sizeof(defaults.own));
		assert_int_equal(count(c, CONFIG_BOARD), 1);
		assert_string_equal(part(c, CONFIG_BOARD, 0).config.board, "vnic0");
		assert_int_equal(count(c, CONFIG_VIP), 0);
		assert_int_equal(count(c, CONFIG_RULE), 0);
		assert_null(config_warning(c, 0));
		config_free(c);
	}
}

static void test_marks_and_signs_of_other_systems_are_read_where_they_may_stand(void **state)
{
	/* A byte order mark in front; what is in quotes or in a comment is meant. */
	static const char text[] =
		"\xef\xbb\xbfvips: # 10.9.1.1\xc2\xa0\r\n"
		"- {address: 10.9.1.1, label: \"a\xc2\xa0z\"}\r\n"
		"- {address: 10.9.1.2, label: Bob\xe2\x80\x99s \xe2\x80\x93 mail}\r\n";
	struct config *c = parse(text);

	(void)state;
	assert_int_equal(count(c, CONFIG_VIP), 2);
	assert_string_equal(part(c, CONFIG_VIP, 0).config.vip.label, "a\xc2\xa0z");
	assert_string_equal(part(c, CONFIG_VIP, 1).config.vip.label,
			    "Bob\xe2\x80\x99s \xe2\x80\x93 mail");
	config_free(c);
	c = parse("\xef\xbb\xbf");
	assert_int_equal(count(c, CONFIG_VIP), 0);
	config_free(c);
}

static void test_what_fits_nothing_on_the_host_is_told(void **state)
{
	static const char text[] = "interfaces:\n"
				   "  eht2: {rip: {}}\n"
				   "  eth1: {rip: {neighbors: [10.1.0.1, 10.9.9.9]}}\n"
				   "  'ens*': {ripng: {neighbors: ['fe80::1']}}\n"
				   "  'eth[12]': {rip: {neighbors: [10.2.0.1, 10.3.0.1]}}\n";
	struct host_address host[] = { { .interface = "lo" },
				       { .interface = "eth1" },
				       { .interface = "eth1" },
				       { .interface = "eth2" } };
	struct config *c = parse(text);

	(void)state;
	assert_int_equal(
		prefix_parse("10.1.0.0/24", &host[2].network.address, &host[2].network.length), 0);
	assert_int_equal(
		prefix_parse("10.2.0.0/24", &host[3].network.address, &host[3].network.length), 0);
	assert_null(config_warning(c, 0));
	config_check_host(c, host, ARRAY_LENGTH(host));
	assert_string_equal(config_warning(c, 0),
			    "f:2:3: warning: 'eht2' fits no interface that is there now (did you "
			    "mean 'eth2'?)");
	assert_string_equal(config_warning(c, 1),
			    "f:3:3: warning: the neighbour 10.9.9.9 lies outside of the networks "
			    "that 'eth1' has now: it cannot be heard");
	assert_string_equal(config_warning(c, 2),
			    "f:4:3: warning: 'ens*' fits no interface that is there now");
	assert_string_equal(config_warning(c, 3),
			    "f:5:3: warning: the neighbour 10.3.0.1 lies outside of the networks "
			    "that 'eth[12]' has now: it cannot be heard");
	assert_null(config_warning(c, 4));
	config_free(c);
}

static void test_parts_come_in_order_and_only_the_last_closes(void **state)
{
	static const uint8_t order[] = { CONFIG_PROTOCOL,    CONFIG_PROTOCOL, CONFIG_PROTOCOL,
					 CONFIG_PROTOCOL,    CONFIG_BOARD,    CONFIG_BOARD,
					 CONFIG_CHECK,	     CONFIG_VIP,      CONFIG_RULE,
					 CONFIG_SOURCE_RULE, CONFIG_SOURCE,   CONFIG_PROOF,
					 CONFIG_END };
	struct config *c = parse("interfaces: {eth1: {}}\nvips: [10.9.1.1]\nboards: [vnic0, b]\n"
				 "checks: {web: {tcp: 80}}\n"
				 "source: {user: a, use: none}\n");
	size_t position = 0;
	struct input in;

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(order); i++) {
		assert_true(config_part(c, &position, &in));
		assert_int_equal(in.kind, INPUT_CONFIG);
		assert_int_equal(in.config.part, order[i]);
		assert_int_equal(in.more, i + 1 < ARRAY_LENGTH(order));
	}
	assert_false(config_part(c, &position, &in));
	config_free(c);
}

static void test_a_vip_has_what_it_was_given_and_defaults_for_the_rest(void **state)
{
	struct config *c =
		parse("boards: [vnic0, vnic1]\n"
		      "vips:\n"
		      "  - 10.9.1.1\n"
		      "  - {address: 10.9.2.1/24, board: vnic1, announce: no, metric: 5,\n"
		      "     hold: route, label: no, arp: answer, conflict: worsen}\n"
		      "  - address: \"2001:db8::1\"\n");
	struct vip_settings plain = part(c, CONFIG_VIP, 0).config.vip;
	struct vip_settings full = part(c, CONFIG_VIP, 1).config.vip;
	struct vip_settings v6 = part(c, CONFIG_VIP, 2).config.vip;

	(void)state;
	assert_string_equal(ADDRESS_TEXT(&plain.address), "10.9.1.1");
	assert_int_equal(plain.length, 32);
	assert_string_equal(plain.board, "vnic0");
	assert_true(plain.announce);
	assert_int_equal(plain.metric, 0);
	assert_int_equal(plain.hold, VIP_HOLD_AUTO);
	assert_int_equal(plain.arp, VIP_ARP_SILENT);
	assert_int_equal(plain.conflict, VIP_CONFLICT_REFUSE);
	assert_string_equal(ADDRESS_TEXT(&full.address), "10.9.2.1");
	assert_int_equal(full.length, 24);
	assert_string_equal(full.board, "vnic1");
	assert_false(full.announce);
	assert_int_equal(full.metric, 5);
	assert_int_equal(full.hold, VIP_HOLD_ROUTE);
	assert_int_equal(full.arp, VIP_ARP_ANSWER);
	assert_int_equal(full.conflict, VIP_CONFLICT_WORSEN);
	assert_string_equal(full.label, "no");
	assert_int_equal(v6.length, 128);
	config_free(c);
}

static void test_a_plain_name_comes_before_the_patterns_and_they_keep_their_order(void **state)
{
	static const char *const order[] = { "eth3", "no", "eth*", "eth[2-9]" };
	struct config *c = parse("interfaces:\n"
				 "  eth*: {rip: {cost: 2}}\n"
				 "  \"eth[2-9]\": {rip: off}\n"
				 "  eth3: {rip: {}, learn: off}\n"
				 "  no: {rip: {version: compatible, passive: on,\n"
				 "             neighbors: [10.1.0.1, 10.1.0.2]}}\n");
	struct speech_settings s;

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(order); i++)
		assert_string_equal(part(c, CONFIG_RULE, i).config.rule.pattern, order[i]);
	/* Each comes behind its rule, and for the last there is none. */
	assert_int_equal(count(c, CONFIG_SPEECH), 3);
	s = part(c, CONFIG_SPEECH, 0).config.speech;
	assert_int_equal(s.protocol, PROTOCOL_RIP);
	assert_int_equal(((struct rip_speech *)s.own)->version, RIP_VERSION_2);
	assert_int_equal(s.cost, 1);
	s = part(c, CONFIG_SPEECH, 1).config.speech;
	assert_int_equal(((struct rip_speech *)s.own)->version, RIP_VERSION_COMPATIBLE);
	assert_true(s.passive);
	assert_int_equal(s.n_unicast, 2);
	assert_string_equal(ADDRESS_TEXT(&s.unicast[1]), "10.1.0.2");
	assert_int_equal(part(c, CONFIG_SPEECH, 2).config.speech.cost, 2);
	config_free(c);
}

static void test_sources_are_written_as_a_word_a_rule_a_list_or_a_map(void **state)
{
	static const struct {
		const char *text, *printed;
	} rows[] = {
		{ "source: on\n", "" },
		{ "source: yes\n", "" },
		{ "source: auto\n", "source: auto\n" },
		{ "source: off\n", "source: off\n" },
		{ "source: {mode: auto}\n", "source: auto\n" },
		{ "source: { to: 10.8.0.0/16, unit: postgresql.service, use: 10.9.1.5 }\n",
		  "source: {mode: on, rules: [{to: 10.8.0.0/16, unit: postgresql.service, "
		  "use: 10.9.1.5}]}\n" },
		{ "source: [{user: 33, use: none}, {unit: /batch/night, use: \"2001:db8::1\"}]\n",
		  "source: {mode: on, rules: [{user: 33, use: none}, {unit: \"/batch/night\", "
		  "use: \"2001:db8::1\"}]}\n" },
		{ "source: {rules: [{to: \"2001:db8::/32\", use: none}], mode: auto}\n",
		  "source: {mode: auto, rules: [{to: \"2001:db8::/32\", use: none}]}\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		struct config *c = parse(rows[i].text), *again;
		char *first = print(c), *second;
		const char *at = strstr(first, "source:");

		assert_string_equal(at ? at : "", rows[i].printed);
		again = parse(first);
		second = print(again);
		assert_string_equal(first, second);
		assert_int_equal(count(again, CONFIG_SOURCE_RULE), count(c, CONFIG_SOURCE_RULE));
		free(first);
		free(second);
		config_free(c);
		config_free(again);
	}
}

static void test_vips_and_interfaces_are_kept_out_of_the_choice_of_sources(void **state)
{
	struct config *c = parse("vips: [{address: 10.9.1.1, source: no}, 10.9.1.2]\n"
				 "interfaces: {eth1: {rip: {}, source: off}, eth2: {}}\n"
				 "source: {to: 10.8.0.0/16, use: 10.9.1.5}\n");

	(void)state;
	assert_false(part(c, CONFIG_VIP, 0).config.vip.source);
	assert_true(part(c, CONFIG_VIP, 1).config.vip.source);
	assert_false(part(c, CONFIG_RULE, 0).config.rule.source);
	assert_true(part(c, CONFIG_RULE, 1).config.rule.source);
	assert_int_equal(part(c, CONFIG_SOURCE, 0).config.source_mode, SOURCE_MODE_ON);
	assert_string_equal(config_warning(c, 0),
			    "f:3:32: warning: no VIP of the configuration is 10.9.1.5: the rule "
			    "counts only while it is bound by hand");
	config_free(c);
}

static void test_the_probe_is_of_a_tenth_of_a_second_unless_a_number_says_otherwise(void **state)
{
	struct config *c =
		parse("interfaces:\n"
		      "  eth1: {rip: {}, probe: on}\n"
		      "  eth2: {rip: {}, probe: {interval: 10ms, multiplier: 5}, bfd: on}\n"
		      "  eth3: {rip: {}, probe: off}\n"
		      "  eth4: {rip: {}, probe: {through: router}}\n");
	struct interface_rule on, fast, through;

	(void)state;
	on = part(c, CONFIG_RULE, 0).config.rule;
	fast = part(c, CONFIG_RULE, 1).config.rule;
	assert_true(on.probe_enabled && !on.bfd_enabled);
	assert_int_equal(on.probe.params.interval_us, 100000);
	assert_int_equal(on.probe.params.multiplier, 3);
	assert_true(fast.probe_enabled && fast.bfd_enabled);
	assert_int_equal(fast.probe.params.interval_us, 10000);
	assert_int_equal(fast.probe.params.multiplier, 5);
	assert_int_equal(on.probe.through, PROBE_THROUGH_NEIGHBOR);
	assert_false(part(c, CONFIG_RULE, 2).config.rule.probe_enabled);
	through = part(c, CONFIG_RULE, 3).config.rule;
	assert_true(through.probe_enabled);
	assert_int_equal(through.probe.through, PROBE_THROUGH_ROUTER);
	assert_int_equal(through.probe.params.interval_us, 100000);
	config_free(c);
}

static void test_what_is_learned_is_a_word_or_a_list(void **state)
{
	struct config *c;
	struct route_filter list;

	(void)state;
	c = parse("interfaces:\n"
		  "  eth0: {rip: {}}\n"
		  "  eth1: {rip: {}, learn: default}\n"
		  "  eth2: {rip: {}, learn: all}\n"
		  "  eth3: {rip: {}, learn: [10.0.0.0/8, '2001:db8::/32', 0.0.0.0/0]}\n");
	assert_int_equal(part(c, CONFIG_RULE, 0).config.rule.learn.mode, ROUTE_FILTER_OFF);
	assert_int_equal(part(c, CONFIG_RULE, 1).config.rule.learn.mode, ROUTE_FILTER_DEFAULT);
	assert_int_equal(part(c, CONFIG_RULE, 2).config.rule.learn.mode, ROUTE_FILTER_ALL);
	list = part(c, CONFIG_RULE, 3).config.rule.learn;
	assert_int_equal(list.mode, ROUTE_FILTER_PREFIXES);
	assert_int_equal(list.n_prefixes, 3);
	assert_int_equal(list.prefixes[0].length, 8);
	assert_int_equal(list.prefixes[1].address.family, FAMILY_IPV6);
	config_free(c);
}

static void test_bfd_is_slow_unless_a_number_says_otherwise(void **state)
{
	struct config *c =
		parse("interfaces:\n"
		      "  eth1: {rip: {}, bfd: on}\n"
		      "  eth2: {rip: {}, bfd: {interval: 10ms, multiplier: 5, passive: yes}}\n"
		      "  eth3: {rip: {}, bfd: off}\n");
	struct interface_rule on = part(c, CONFIG_RULE, 0).config.rule;
	struct interface_rule fast = part(c, CONFIG_RULE, 1).config.rule;

	(void)state;
	assert_true(on.bfd_enabled);
	assert_int_equal(on.bfd.params.tx_us, 300000);
	assert_int_equal(on.bfd.params.rx_us, 300000);
	assert_int_equal(on.bfd.params.multiplier, 3);
	assert_int_equal(fast.bfd.params.tx_us, 10000);
	assert_int_equal(fast.bfd.params.multiplier, 5);
	assert_true(fast.bfd.params.passive);
	assert_false(part(c, CONFIG_RULE, 2).config.rule.bfd_enabled);
	config_free(c);
}

static struct check_settings check(const struct config *c, size_t i)
{
	return part(c, CONFIG_CHECK, i).config.check;
}

static void test_a_check_has_what_it_was_given_and_what_its_kind_implies(void **state)
{
	struct config *c = parse("checks:\n"
				 "  web: {http: /health, port: 8080, expect: ok, status: 200-399, "
				 "host: a.b, rise: 1}\n"
				 "  plain: {https: /}\n"
				 "  db: {tcp: 5432, failing: worsen, every: 500ms}\n"
				 "  self: {icmp: yes, fail_open: on}\n"
				 "  ping: {icmp: \"2001:db8::1\"}\n"
				 "  names: {dns: www.example.com, address: 127.0.0.1}\n"
				 "  script: {exec: [/bin/a b, '', -f], user: www-data}\n"
				 "  flag: {file: /run/x, fall: 9, timeout: 1ms}\n"
				 "vips: [{address: 10.9.1.1, check: web}]\n");

	struct check_settings web = check(c, 0), db = check(c, 2), ping = check(c, 4);

	(void)state;
	assert_string_equal(web.name, "web");
	assert_int_equal(web.kind, CHECK_HTTP);
	assert_string_equal(web.target, "/health");
	assert_string_equal(web.host, "a.b");
	assert_string_equal(web.expect, "ok");
	assert_int_equal(web.port, 8080);
	assert_int_equal(web.status_low, 200);
	assert_int_equal(web.status_high, 399);
	assert_int_equal(web.rise, 1);
	assert_int_equal(web.fall, 3);
	assert_false(address_is_set(&web.address));
	assert_int_equal(check(c, 1).port, 443);
	assert_int_equal(check(c, 1).status_high, 299);
	assert_int_equal(db.port, 5432);
	assert_int_equal(db.failing, CHECK_WORSENS);
	/* Not longer than until the next time, when nothing is said of it. */
	assert_int_equal(db.timeout.ns, DURATION_MS(500).ns);
	assert_int_equal(check(c, 3).kind, CHECK_ICMP);
	assert_true(check(c, 3).fail_open);
	assert_string_equal(ADDRESS_TEXT(&ping.address), "2001:db8::1");
	assert_int_equal(check(c, 5).port, 53);
	assert_string_equal(check(c, 6).target, "/bin/a b\n\n-f\n");
	assert_string_equal(check(c, 6).user, "www-data");
	assert_string_equal(check(c, 7).target, "/run/x");
	assert_string_equal(check(c, 7).user, "nobody");
	assert_int_equal(count(c, CONFIG_CHECK), 8);
	assert_string_equal(part(c, CONFIG_VIP, 0).config.vip.check, "web");
	config_free(c);
}

static void test_durations_are_read_in_every_unit(void **state)
{
	struct config *c = parse("rip: {update: 300ms, timeout: 2m, garbage: 1h, pace: 65535}\n");
	struct input in = part(c, CONFIG_PROTOCOL, 0);
	struct rip_settings rip = *(struct rip_settings *)in.config.protocol.own;

	(void)state;
	assert_true(rip.update.ns == DURATION_MS(300).ns);
	assert_true(rip.timeout.ns == DURATION_S(120).ns);
	assert_true(rip.garbage.ns == DURATION_S(3600).ns);
	assert_int_equal(rip.pace, 65535);
	config_free(c);
}

static void test_a_grace_time_of_ten_seconds_is_the_default(void **state)
{
	struct config *c = parse("guard: {}\n");

	(void)state;
	assert_int_equal(config_grace(c).ns, DURATION_S(10).ns);
	config_free(c);
	c = parse("guard: {grace: 2m}\n");
	assert_int_equal(config_grace(c).ns, DURATION_S(120).ns);
	config_free(c);
}

/* The part of a configuration that says how a protocol is spoken on the only interface. */
static struct speech_settings speech_of(const struct config *c, uint8_t protocol)
{
	struct input in;

	for (size_t position = 0; config_part(c, &position, &in);)
		if (in.config.part == CONFIG_SPEECH && in.config.speech.protocol == protocol)
			return in.config.speech;
	fail_msg("the protocol is not spoken");
	return (struct speech_settings){ 0 };
}

static void test_ospf_is_said_for_each_version(void **state)
{
	struct config *c = parse(
		"interfaces: {eth1: {ospf: {area: 0.0.1.0, cost: 7, network: point-to-point,\n"
		"  hello: 250ms, dead: 1s, unnumbered: 10.9.1.1, ttl-security: yes},\n"
		"  ospfv3: {area: 5, instance: 3, passive: yes}}}\n"
		"ospf: {router-id: 10.1.0.10, vips: external, metric-type: 1, tag: 9}\n");
	struct speech_settings v2 = speech_of(c, PROTOCOL_OSPF), v3 = speech_of(c, PROTOCOL_OSPFV3);
	struct ospf_speech own;
	struct ospf_settings settings;
	struct input in;

	(void)state;
	memcpy(&own, v2.own, sizeof(own));
	assert_int_equal(own.area, 256);
	assert_int_equal(v2.cost, 7);
	assert_int_equal(own.network, OSPF_POINT_TO_POINT);
	assert_int_equal(own.hello.ns, DURATION_MS(250).ns);
	assert_int_equal(own.retransmit.ns, DURATION_S(5).ns);
	assert_string_equal(ADDRESS_TEXT(&v2.borrowed), "10.9.1.1");
	assert_true(own.ttl_security && !own.extended);
	memcpy(&own, v3.own, sizeof(own));
	assert_int_equal(own.area, 5);
	assert_int_equal(v3.cost, 10);
	assert_int_equal(own.dead.ns, DURATION_S(40).ns);
	assert_int_equal(own.instance, 3);
	assert_true(v3.passive);
	for (size_t position = 0; config_part(c, &position, &in);) {
		if (in.config.part != CONFIG_PROTOCOL ||
		    (in.config.protocol.protocol != PROTOCOL_OSPF &&
		     in.config.protocol.protocol != PROTOCOL_OSPFV3))
			continue;
		memcpy(&settings, in.config.protocol.own, sizeof(settings));
		assert_int_equal(settings.router_id, 0x0a01000a);
		assert_int_equal(settings.vips, OSPF_VIPS_EXTERNAL);
		assert_int_equal(settings.metric_type, 1);
		assert_int_equal(settings.tag, 9);
		assert_int_equal(settings.metric, 10);
	}
	assert_null(config_warning(c, 0));
	config_free(c);
}

static void test_what_is_hardly_meant_is_warned_of_with_its_place(void **state)
{
	static const struct {
		const char *text, *warning;
	} cases[] = {
		{ "rip: {metric: 2}\n",
		  "f:1:15: warning: 'metric' 2 leaves no headroom for a rescue over a 'distance' "
		  "of 1: that takes 3 or more" },
		{ "rip: {update: 30s,\n  timeout: 60s}\n",
		  "f:2:12: warning: 'timeout' (1m) is less than three times 'update' (30s): two "
		  "lost packets are enough to give a neighbour up" },
		{ "vips: [10.9.1.1]\n", "f:1:8: warning: no interface has 'rip' or 'ospf': the "
					"VIPs are bound, but announced to nobody" },
		{ "interfaces: {e: {ospf: {hello: 4s, dead: 8s}}}\n",
		  "f:1:42: warning: 'dead' (8s) is less than three times 'hello' (4s): two lost "
		  "packets "
		  "are enough to give a neighbour up" },
		{ "interfaces: {e: {ospf: {area: 1, area-kind: stub}}}\nospf: {vips: external}\n",
		  "f:1:45: warning: externals do not come into a stub area: the VIPs are announced "
		  "to "
		  "nobody on 'e' while 'vips' of 'ospf' is external" },
		{ "vips: ['2001:db8::1']\ninterfaces: {e: {ospf: {}}}\n",
		  "f:1:8: warning: no interface has 'ripng' or 'ospfv3': the IPv6 VIPs are bound, "
		  "but announced to nobody" },
		{ "interfaces: {e: {rip: {cost: 9}}}\nvips: [{address: 10.9.1.1, metric: 8}]\n",
		  "f:2:36: warning: the VIP 10.9.1.1 cannot be announced on 'e': its 'metric' 8 "
		  "and the 'cost' 9 there make 16, and 16 means unreachable" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct config *c = parse(cases[i].text);

		assert_non_null(config_warning(c, 0));
		assert_string_equal(config_warning(c, 0), cases[i].warning);
		assert_null(config_warning(c, 1));
		config_free(c);
	}
}

static void test_what_is_printed_reads_back_as_the_same(void **state)
{
	struct config *c =
		parse("boards: [vnic0, \"y\\\"z\", \"#1\"]\n"
		      "vips: [10.9.1.1, {address: 10.9.2.1/24, label: 'a: \"b\" \\ #ü',\n"
		      "  metric: 15, hold: address, announce: off}, {address: '2001:db8::1/64',\n"
		      "  arp: answer, conflict: take}, {address: 10.9.3.1, conflict: warn,\n"
		      "  check: web}]\n"
		      "checks: {web: {http: '/a?b#c', port: 81, status: 204, expect: 'a \"b\"'},\n"
		      "  tls: {https: /, host: a.b}, db: {tcp: 5432, every: 100ms},\n"
		      "  self: {icmp: {}}, ping: {icmp: '2001:db8::1', failing: worsen},\n"
		      "  n: {dns: a.b, address: 10.1.0.1, rise: 1, fall: 9, timeout: 2s},\n"
		      "  s: {exec: [/bin/a b, '', \"-f\"], user: www-data}, \"0\": {file: '/ü'}}\n"
		      "interfaces: {'*': {rip: {cost: 3}}, eth1: {}, 'eth[12]': {rip: {}},\n"
		      "  eth7: {ospf: {area: 1.2.3.4, area-kind: nssa, hello: 300ms, dead: 2s, "
		      "priority: 1,\n"
		      "    auth: {type: hmac-sha-1, secret: 'file:/k'}, auth-extended: yes}, "
		      "ospfv3: {area: 7}},\n"
		      "  eth8: {ospf: {network: point-to-multipoint, neighbors: [10.1.0.1], "
		      "mtu-ignore: yes}},\n"
		      "  eth2: {rip: {version: 1, neighbors: [10.1.0.1]}},\n"
		      "  eth3: {rip: {}, bfd: on, probe: {multiplier: 9}},\n"
		      "  eth4: {rip: {}, probe: on, bfd: {passive: yes, auth: {type: md5,\n"
		      "  keys: [{secret: 'file:/a b', id: 0}, {secret: file:/k, id: 255}]}}}}\n"
		      "rip: {update: 1500ms, timeout: 90s, garbage: 2h, metric: 4, tag: 7}\n"
		      "ospf: {router-id: 0.0.0.9, vips: nssa, host: bit, metric: 77, grace: 0s, "
		      "helper: no}\n"
		      "guard: {grace: 1500ms}\n");
	char *first = print(c), *second;
	struct config *again = parse(first);
	size_t a = 0, b = 0;
	struct input x, y;

	(void)state;
	while (config_part(c, &a, &x)) {
		uint8_t one[INPUT_BYTES_MAX], two[INPUT_BYTES_MAX];
		size_t length;

		assert_true(config_part(again, &b, &y));
		length = input_encode(&x, one);
		assert_int_equal(input_encode(&y, two), length);
		assert_memory_equal(one, two, length);
	}
	assert_false(config_part(again, &b, &y));
	assert_int_equal(config_grace(again).ns, DURATION_MS(1500).ns);
	second = print(again);
	assert_string_equal(first, second);
	free(first);
	free(second);
	config_free(c);
	config_free(again);
}

static void test_a_file_of_65536_vips_is_read_and_one_more_is_refused(void **state)
{
	char *text = malloc(65537 * 64), error[CONFIG_ERROR_MAX];
	size_t length, last = 0;
	struct config *c;

	(void)state;
	assert_non_null(text);
	length = (size_t)sprintf(text, "vips:\n");
	for (unsigned i = 0; i < 65537; i++) {
		last = length;
		length += (size_t)sprintf(text + length,
					  "  - {address: 10.%u.%u.%u/32, metric: 4, hold: route}\n",
					  20 + (i >> 16), (i >> 8) & 255, i & 255);
	}
	assert_true(config_parse("f", text, length, &c, error, sizeof(error)) < 0);
	assert_string_equal(error, "f:65538:15: there are more than 65536 VIPs");
	text[last] = '\0';
	c = parse(text);
	assert_int_equal(count(c, CONFIG_VIP), 65536);
	config_free(c);
	free(text);
}

static void test_every_part_can_be_recorded_and_read_again(void **state)
{
	struct config *c =
		parse("checks: {web: {tcp: 80}}\n"
		      "vips: [10.9.1.1]\n"
		      "interfaces: {eth1: {rip: {}}, eth2: {ripng: {}}, eth3: {source: no}}\n");
	uint8_t bytes[INPUT_BYTES_MAX];
	struct input in, again;

	(void)state;
	for (size_t position = 0; config_part(c, &position, &in);)
		assert_int_equal(input_decode(bytes, input_encode(&in, bytes), &again, NULL), 0);
	config_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_empty_file_is_a_configuration_of_defaults),
		cmocka_unit_test(
			test_marks_and_signs_of_other_systems_are_read_where_they_may_stand),
		cmocka_unit_test(test_what_fits_nothing_on_the_host_is_told),
		cmocka_unit_test(test_parts_come_in_order_and_only_the_last_closes),
		cmocka_unit_test(test_every_part_can_be_recorded_and_read_again),
		cmocka_unit_test(test_a_vip_has_what_it_was_given_and_defaults_for_the_rest),
		cmocka_unit_test(
			test_a_plain_name_comes_before_the_patterns_and_they_keep_their_order),
		cmocka_unit_test(test_sources_are_written_as_a_word_a_rule_a_list_or_a_map),
		cmocka_unit_test(test_vips_and_interfaces_are_kept_out_of_the_choice_of_sources),
		cmocka_unit_test(test_what_is_learned_is_a_word_or_a_list),
		cmocka_unit_test(test_bfd_is_slow_unless_a_number_says_otherwise),
		cmocka_unit_test(
			test_the_probe_is_of_a_tenth_of_a_second_unless_a_number_says_otherwise),
		cmocka_unit_test(test_a_check_has_what_it_was_given_and_what_its_kind_implies),
		cmocka_unit_test(test_durations_are_read_in_every_unit),
		cmocka_unit_test(test_a_grace_time_of_ten_seconds_is_the_default),
		cmocka_unit_test(test_ospf_is_said_for_each_version),
		cmocka_unit_test(test_what_is_hardly_meant_is_warned_of_with_its_place),
		cmocka_unit_test(test_what_is_printed_reads_back_as_the_same),
		cmocka_unit_test(test_a_file_of_65536_vips_is_read_and_one_more_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
