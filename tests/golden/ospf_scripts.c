/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Golden tests of the OSPF speaker, in a folder called ospfv3 those of OSPFv3: one router is there,
 * and the script is all others. See script.h.
 *
 *	settings [router=9.9.9.9] [vips=auto|stub|external|nssa] [grace=120s] [no-helper]
 *	interface 1 10.1.0.9/24 [network=broadcast|p2p|p2mp] [priority=1] [hello=10s] [dead=40s]
 *		[multiplier=4] [retransmit=5s] [area=0] [kind=normal|stub|nssa] [cost=10] [passive]
 *		[mtu=1500] [mtu-ignore] [ttl-security] [instance=0] [neighbors=A,B] [unnumbered]
 *		[auth=md5|hmac-sha-256|...] [extended]
 *		[keys=ID[/SEND/SEND_UNTIL[/ACCEPT/ACCEPT_UNTIL]],...] in seconds of the clock
 *	link 1 up|down [10.1.0.9/24,...]	remove 1
 *	clock 500s: what the one on the wall says now	secrets 1 0x3	restart 60s
 *	die 3s		it is dead for so long; the next life knows what it has written down
 *	verdict 1 10.1.0.1 up|down|unknown	announce 10.9.1.1/32 [metric=5]		withdraw …
 *	receive 1 from 10.1.0.1 router 1.1.1.1 [to=ADDRESS] [area=0] [hops=255] [instance=0]
 *		[auth=WAY] [key=1] [number=7] KIND …
 *		hello [priority=1] [dr=A] [bdr=A] [interval=10] [dead=40] [options=0x2] [mask=24]
 *			[interface=5] [neighbors=9.9.9.9,…] [strangers=100]
 *		dd seq=N|ours|ours+1 [init] [more] [master] [mtu=1500] [options=0x42] LSA …
 *		request TYPE:ID:ROUTER …		ack LSA … | ours | all	update LSA …
 *		bytes 0201…
 *	with LSAs like router:1.1.1.1:1.1.1.1:SEQUENCE[@AGE][~PEER/OWN]…[!]: SEQUENCE is counted
 *	from 1 or in hex; a router has links of two to a PEER from its OWN address, or interface;
 *	the mark is a wrong checksum. Other types: network, summary, asbr-summary, external, nssa,
 *	opaque-link, opaque-area, opaque-as, or a number
 *	mute / loud	what is sent is not shown, and shown again
 *	run 1.5s		show		database
 */
#include "ospf_script.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"

static void drain(struct script *s)
{
	struct golden *g = golden_of(s);
	struct ospf_packet p;
	struct speaker_event e;
	struct speaker_note note;
	struct route r;
	bool more = true;

	while (more) {
		more = false;
		for (; ospf_output(g->ospf, s->now, &p); more = true)
			tell_packet(g, &p);
		for (; ospf_event(g->ospf, &e); more = true)
			tell_event(g, &e);
		for (; ospf_learned(g->ospf, s->now, &r); more = true)
			;
	}
	while (ospf_note(g->ospf, &note))
		if (ARRAY_RESERVE(g->notes, g->notes_capacity, g->n_notes + 1) == 0)
			g->notes[g->n_notes++] = note;
}

static void run(struct golden *g, struct duration time)
{
	struct instant until = instant_add(g->script.now, time), due;

	while (instant_reached(due = ospf_deadline(g->ospf), until)) {
		g->script.now = instant_max(g->script.now, due);
		ospf_tick(g->ospf, g->script.now);
		drain(&g->script);
	}
	g->script.now = until;
}

uint32_t id_of(struct golden *g, const char *text)
{
	struct address a = address_ipv4(0);

	if (address_parse(text, &a) == 0 && a.family == FAMILY_IPV4)
		return address_ipv4_number(&a);
	if (!*text || strspn(text, "0123456789") != strlen(text))
		g->script.error = "an ID is like 1.1.1.1, or a number";
	return (uint32_t)strtoul(text, NULL, 10);
}

uint32_t id_value(struct golden *g, const struct words *w, const char *key)
{
	const char *text = value(w, key);

	return text ? id_of(g, text) : 0;
}

uint32_t bits(const struct words *w, const char *key, uint32_t otherwise)
{
	const char *text = value(w, key);

	return text ? (uint32_t)strtoul(text, NULL, 0) : otherwise;
}

uint32_t interface(struct golden *g, struct words *w)
{
	unsigned long index = strtoul(word(w), NULL, 10);

	if (index < 1 || index > INTERFACES) {
		g->script.error = "interfaces have numbers from 1 to 8";
		return 1;
	}
	return (uint32_t)index;
}

struct address address(struct golden *g, const char *text)
{
	struct address a = { 0 };

	if (address_parse(text, &a) < 0)
		g->script.error = "this is no address";
	return a;
}

uint8_t choice(struct golden *g, const char *text, const char *const *among, uint8_t n)
{
	for (uint8_t k = 0; text && k < n; k++)
		if (strcmp(among[k], text) == 0)
			return k;
	if (text)
		g->script.error = "this is none of the words that may stand there";
	return 0;
}

uint8_t auth_choice(struct golden *g, const char *name, uint8_t otherwise)
{
	uint8_t type = AUTH_NONE;

	if (!name)
		return otherwise;
	while (type < AUTH_COUNT && strcmp(auth_name(type), name) != 0)
		type++;
	if (type == AUTH_COUNT)
		g->script.error = "there is no such way to authenticate";
	return type;
}

static void duration_value(struct golden *g, const struct words *w, const char *key,
			   struct duration *ret)
{
	if (value(w, key))
		*ret = script_duration(&g->script, value(w, key));
}

static void do_settings(struct script *script, struct words *w)
{
	static const char *const vips[] = { "auto", "stub", "external", "nssa" };
	struct golden *g = golden_of(script);
	struct ospf_settings *s = &g->settings;

	if (value(w, "router"))
		s->router_id = id_value(g, w, "router");
	if (value(w, "vips"))
		s->vips = choice(g, value(w, "vips"), vips, ARRAY_LENGTH(vips));
	duration_value(g, w, "grace", &s->grace);
	s->helper = !flag(w, "no-helper");
	ospf_configure(g->ospf, script->now, s);
}

static void set_link(struct golden *g, uint32_t index, bool up, const char *text)
{
	struct speaker_link *l = &g->links[index];
	char copy[256], *save, *at;

	l->index = index;
	l->usable = up;
	if (strchr(text, '/'))
		l->n_sources = 0;
	text_copy(copy, sizeof(copy), strchr(text, '/') ? text : "");
	for (at = strtok_r(copy, ",", &save); at && l->n_sources < SPEAKER_SOURCES_MAX;
	     at = strtok_r(NULL, ",", &save)) {
		struct address a = { 0 };
		uint8_t length = 0;

		if (prefix_parse(at, &a, &length) < 0)
			g->script.error = "an interface needs an address with a length";
		l->sources[l->n_sources++] = speaker_link_make(index, up, &a, length).sources[0];
	}
	ospf_link(g->ospf, g->script.now, l, g->mtus[index]);
}

/* ID[/SEND/SEND_UNTIL[/ACCEPT/ACCEPT_UNTIL]], in seconds of the clock on the wall. */
static struct keychain_key read_key(const char *text)
{
	struct keychain_key k = { 0 };
	int64_t times[4] = { 0 };
	char *rest;

	k.id = (uint8_t)strtoul(text, &rest, 10);
	for (size_t i = 0; i < ARRAY_LENGTH(times) && *rest == '/'; i++)
		times[i] = strtoll(rest + 1, &rest, 10);
	k.send = (struct keychain_lifetime){ times[0], times[1] };
	k.accept = (struct keychain_lifetime){ times[2], times[3] };
	(void)snprintf(k.secret, sizeof(k.secret), "/%u", k.id);
	return k;
}

static void read_keys(struct golden *g, const struct words *w, struct keychain *a)
{
	char copy[256], *save, *at;

	a->type = auth_choice(g, value(w, "auth"), AUTH_NONE);
	text_copy(copy, sizeof(copy), value(w, "keys") ? value(w, "keys") : "");
	for (at = strtok_r(copy, ",", &save); at && a->n_keys < KEYCHAIN_KEYS_MAX;
	     at = strtok_r(NULL, ",", &save))
		a->keys[a->n_keys++] = read_key(at);
}

static void read_unicast(struct golden *g, const char *list, struct ospf_interface_settings *s)
{
	char copy[256], *save, *at;

	text_copy(copy, sizeof(copy), list ? list : "");
	for (at = strtok_r(copy, ",", &save); at && s->n_unicast < SPEAKER_UNICAST_MAX;
	     at = strtok_r(NULL, ",", &save))
		s->unicast[s->n_unicast++] = address(g, at);
}

static void do_interface(struct script *script, struct words *w)
{
	static const char *const networks[] = { "broadcast", "p2p", "p2mp" };
	static const char *const kinds[] = { "normal", "stub", "nssa" };
	struct golden *g = golden_of(script);
	uint32_t index = interface(g, w);
	const char *text = word(w);
	struct ospf_interface_settings s;

	ospf_interface_settings_default(&s);
	s.is.network = choice(g, value(w, "network"), networks, ARRAY_LENGTH(networks));
	s.is.area_kind = choice(g, value(w, "kind"), kinds, ARRAY_LENGTH(kinds));
	s.is.area = id_value(g, w, "area");
	s.is.priority = (uint8_t)number(w, "priority", 1);
	s.is.hello_multiplier = (uint8_t)number(w, "multiplier", 0);
	s.is.instance = (uint8_t)number(w, "instance", 0);
	s.is.mtu_ignore = flag(w, "mtu-ignore");
	s.is.ttl_security = flag(w, "ttl-security");
	duration_value(g, w, "hello", &s.is.hello);
	duration_value(g, w, "dead", &s.is.dead);
	duration_value(g, w, "retransmit", &s.is.retransmit);
	s.cost = (uint16_t)number(w, "cost", 10);
	s.passive = flag(w, "passive");
	s.is.extended = flag(w, "extended");
	s.unnumbered = flag(w, "unnumbered");
	read_keys(g, w, &s.auth);
	g->auth[index] = s.auth.type;
	read_unicast(g, value(w, "neighbors"), &s);
	g->mtus[index] = (uint16_t)number(w, "mtu", 1500);
	if (ospf_interface_set(g->ospf, script->now, index, &s) < 0)
		script->error = "the speaker refuses the interface";
	if (s.auth.type != AUTH_NONE)
		ospf_secrets(g->ospf, script->now, index, UINT32_MAX);
	set_link(g, index, true, text);
}

static void do_link(struct script *script, struct words *w)
{
	struct golden *g = golden_of(script);
	uint32_t index = interface(g, w);
	bool up = strcmp(word(w), "up") == 0;

	set_link(g, index, up, word(w));
}

static void do_remove(struct script *script, struct words *w)
{
	struct golden *g = golden_of(script);

	ospf_interface_remove(g->ospf, script->now, interface(g, w));
}

static void do_verdict(struct script *script, struct words *w)
{
	static const char *const words[] = { "unknown", "up", "down" };
	struct golden *g = golden_of(script);
	uint32_t index = interface(g, w);
	struct address a = address(g, word(w));

	ospf_liveness(g->ospf, script->now, index, &a,
		      (enum verdict)choice(g, word(w), words, ARRAY_LENGTH(words)));
}

static void do_clock(struct script *script, struct words *w)
{
	struct duration says = script_duration(script, word(w));

	ospf_clock(golden_of(script)->ospf, script->now,
		   (struct duration){ says.ns - script->now.ns });
}

static void do_secrets(struct script *script, struct words *w)
{
	struct golden *g = golden_of(script);
	uint32_t index = interface(g, w);

	ospf_secrets(g->ospf, script->now, index, (uint32_t)strtoul(word(w), NULL, 0));
}

static void do_restart(struct script *script, struct words *w)
{
	ospf_restart(golden_of(script)->ospf, script->now, script_duration(script, word(w)));
}

static void do_die(struct script *script, struct words *w)
{
	struct golden *g = golden_of(script);
	size_t n = g->n_notes;

	ospf_free(g->ospf);
	script->now = instant_add(script->now, script_duration(script, word(w)));
	g->ospf = ospf_new(g->version, &g->settings, 1, 1);
	for (size_t k = 0; k < n; k++)
		ospf_recall(g->ospf, &g->notes[k]);
	g->n_notes = 0;
}

static void do_announce(struct script *script, struct words *w)
{
	struct prefix p = script_prefix(script, word(w));

	if (ospf_announce(golden_of(script)->ospf, script->now, &p, number(w, "metric", 0)) < 0)
		script->error = "the speaker refuses the prefix";
}

static void do_withdraw(struct script *script, struct words *w)
{
	struct prefix p = script_prefix(script, word(w));

	if (ospf_withdraw(golden_of(script)->ospf, script->now, &p) < 0)
		fprintf(script->out, "  %.3f it is not announced\n", script_seconds(script));
}

static void do_run(struct script *script, struct words *w)
{
	run(golden_of(script), script_duration(script, word(w)));
}

static void do_mute(struct script *script, struct words *w)
{
	struct golden *g = golden_of(script);

	(void)w;
	drain(script);
	g->mute = true;
}

static void do_loud(struct script *script, struct words *w)
{
	(void)w;
	golden_of(script)->mute = false;
}

static void show_drops(struct golden *g, const uint32_t *drops)
{
	for (size_t k = 0; k < OSPF_DROP_COUNT; k++)
		if (drops[k])
			fprintf(g->script.out, " %s=%u", ospf_drop_name((enum ospf_drop)k),
				drops[k]);
	fprintf(g->script.out, "\n");
}

static void do_show(struct script *script, struct words *w)
{
	struct golden *g = golden_of(script);
	struct ospf_neighbor_row n;
	struct ospf_interface_row i;
	struct speaker_interface s;
	struct neighbor known;
	size_t position = 0, same = 0;

	(void)w;
	while (ospf_interface_row(g->ospf, script->now, &position, &i)) {
		(void)ospf_interface_next(g->ospf, script->now, &same, &s);
		fprintf(script->out, "  eth%u %s", i.interface, ospf_interface_state_name(i.state));
		tell_id(g, "dr", i.dr);
		tell_id(g, "bdr", i.bdr);
		fprintf(script->out, " drops:");
		show_drops(g, s.drops);
	}
	position = same = 0;
	while (ospf_neighbor_row(g->ospf, script->now, &position, &n)) {
		struct address router = address_ipv4(n.router);

		(void)ospf_neighbor_next_of(g->ospf, script->now, &same, &known);
		fprintf(script->out,
			"  eth%u %s %s %s%s%s requested=%u retransmitting=%u drops:", n.interface,
			ADDRESS_TEXT(&n.address), ADDRESS_TEXT(&router),
			ospf_neighbor_state_name(n.state), known.dead ? " dead" : "",
			n.helping ? " helping" : "", n.requested, n.retransmitting);
		show_drops(g, known.drops);
	}
}

static int row_compare(const void *a, const void *b)
{
	const struct ospf_lsa_row *first = a, *second = b;

	if (first->scope != second->scope)
		return first->scope < second->scope ? -1 : 1;
	return lsa_key_compare(&first->header.key, &second->header.key);
}

static void do_database(struct script *script, struct words *w)
{
	static const char *const scopes[] = { "link", "area", "as" };
	struct golden *g = golden_of(script);
	struct ospf_lsa_row rows[256];
	size_t position = 0, n = 0;

	(void)w;
	while (n < ARRAY_LENGTH(rows) && ospf_lsa_row(g->ospf, script->now, &position, &rows[n]))
		n++;
	qsort(rows, n, sizeof(rows[0]), row_compare);
	for (size_t k = 0; k < n; k++) {
		fprintf(script->out, "  %s", scopes[rows[k].scope]);
		tell_header(g, &rows[k].header);
		fprintf(script->out, "%s\n", rows[k].own ? " own" : "");
	}
}

static const struct script_command commands[] = {
	{ "settings", do_settings }, { "interface", do_interface }, { "link", do_link },
	{ "remove", do_remove },     { "verdict", do_verdict },	    { "announce", do_announce },
	{ "withdraw", do_withdraw }, { "receive", do_receive },	    { "clock", do_clock },
	{ "secrets", do_secrets },   { "restart", do_restart },	    { "die", do_die },
	{ "run", do_run },	     { "mute", do_mute },	    { "loud", do_loud },
	{ "show", do_show },	     { "database", do_database },   { NULL, NULL },
};

static struct script *golden_begin(const char *path, FILE *out)
{
	struct golden *g = calloc(1, sizeof(*g));

	if (!g)
		return NULL;
	g->version = strstr(path, "/ospfv3/") ? OSPF_V3 : OSPF_V2;
	g->script.out = out;
	g->script.start = g->script.now = (struct instant){ DURATION_S(1000).ns };
	ospf_settings_default(&g->settings);
	g->settings.router_id = 0x09090909;
	g->ospf = ospf_new(g->version, &g->settings, 1, 1);
	return &g->script;
}

static void golden_end(struct script *s)
{
	struct golden *g = golden_of(s);

	ospf_free(g->ospf);
	free(g->notes);
	free(g);
}

int main(int argc, char **argv)
{
	static const struct script_language language = {
		.name = "ospf_scripts",
		.commands = commands,
		.begin = golden_begin,
		.drain = drain,
		.end = golden_end,
	};

	return scripts_run(&language, argc, argv);
}
