/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of speakers, with a second protocol beside RIP that is as small as one can be: it hears
 * one route, says what it is told to say, and opens a stream.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/unit.h"
#include "node/route/route.h"
#include "node/rows.h"
#include "node/stage_test.h"
#include "fields/text.h"
#include "proto/ospf/ospf.h"

#define TINY 200 /* its protocol */
#define TINY_PREFERENCE 20

struct tiny {
	struct speaker speaker;
	uint32_t interface; /* that it speaks on; 0: on none */
	struct route route;
	bool news;	   /* of the route */
	char said[32];	   /* what it has to send; empty: nothing */
	struct prefix own; /* that it announces */
	bool announces, leaves, left;
	bool gone; /* from its interface: all good-byes are said */
	unsigned heard, pieces, restarts;
	uint32_t opens, credit;	 /* a stream that is to be opened; what may be written */
	uint64_t sealed, number; /* an earlier life's sequence number, and a neighbour's */
	const char *note;	 /* what is to be written down; NULL: nothing */
	bool notes_again;	 /* all once more */
	char recalled[32];	 /* what an earlier life has written */
};

static struct tiny *tiny_of(const struct speaker *sp)
{
	return (struct tiny *)sp;
}

static struct speaker *tiny_make(const struct speaker_class *c, const struct speaker_settings *s,
				 uint64_t seed, uint64_t hash_seed)
{
	struct tiny *t = calloc(1, sizeof(*t));

	(void)s, (void)seed, (void)hash_seed;
	assert_non_null(t);
	t->speaker.class = c;
	return &t->speaker;
}

static void tiny_free(struct speaker *sp)
{
	free(sp);
}

static int tiny_set(struct speaker *sp, struct instant now, uint32_t index,
		    const struct speech_settings *s)
{
	(void)now;
	assert_int_equal(s->cost, 100000); /* more than RIP knows */
	tiny_of(sp)->interface = index;
	return 0;
}

static void tiny_gone(struct speaker *sp, struct instant now, uint32_t index)
{
	(void)now, (void)index;
	tiny_of(sp)->interface = 0;
}

static void tiny_packet(struct speaker *sp, struct instant now, const struct packet *p)
{
	(void)now;
	assert_int_equal(p->speaker, sp->number);
	tiny_of(sp)->heard++;
}

static void tiny_opened(struct speaker *sp, struct instant now, const struct stream *s)
{
	(void)now;
	tiny_of(sp)->credit = s->credit;
}

static void tiny_piece(struct speaker *sp, struct instant now, const struct stream_piece *p)
{
	(void)now, (void)p;
	tiny_of(sp)->pieces++;
}

static bool tiny_output(struct speaker *sp, struct instant now, struct speaker_output *ret)
{
	struct tiny *t = tiny_of(sp);

	(void)now;
	if (t->opens) {
		ret->kind = SPEAKER_OPEN;
		ret->stream = (struct stream){ .number = t->opens, .port = 179 };
		ret->stream.remote = address_ipv4(0x0a010001);
		t->opens = 0;
		return true;
	}
	if (t->credit > 0) {
		ret->kind = SPEAKER_STREAM;
		ret->piece = (struct stream_piece){ .number = 1, .length = 5, .bytes = "hello" };
		t->credit = 0;
		return true;
	}
	if (!t->said[0] || !t->interface)
		return false;
	ret->kind = SPEAKER_SEND;
	ret->packet = (struct packet){ .interface = t->interface };
	ret->packet.source = address_ipv4(0x0a01000a);
	ret->packet.length = (uint16_t)strlen(t->said);
	memcpy(ret->packet.bytes, t->said, ret->packet.length);
	t->said[0] = '\0';
	return true;
}

static int tiny_announce(struct speaker *sp, struct instant now, const struct prefix *p,
			 const struct prefix *stands_for, uint32_t metric)
{
	(void)now, (void)stands_for, (void)metric;
	tiny_of(sp)->own = *p;
	tiny_of(sp)->announces = true;
	return 0;
}

static int tiny_withdraw(struct speaker *sp, struct instant now, const struct prefix *p)
{
	(void)now, (void)p;
	if (!tiny_of(sp)->announces)
		return -ENOENT;
	tiny_of(sp)->announces = false;
	tiny_of(sp)->leaves = true;
	return 0;
}

static bool tiny_leaving(const struct speaker *sp, const struct prefix *p)
{
	return tiny_of(sp)->leaves && prefix_equal(&tiny_of(sp)->own, p);
}

static bool tiny_event(struct speaker *sp, struct speaker_event *ret)
{
	struct tiny *t = tiny_of(sp);

	if (t->gone) {
		t->gone = false;
		*ret = (struct speaker_event){ .kind = SPEAKER_EVENT_LEFT, .interface = 1 };
		return true;
	}
	if (!t->left)
		return false;
	t->left = t->leaves = false;
	*ret = (struct speaker_event){ .kind = SPEAKER_EVENT_WITHDRAWN, .prefix = t->own };
	return true;
}

static bool tiny_learned(struct speaker *sp, struct instant now, struct route *ret)
{
	(void)now;
	*ret = tiny_of(sp)->route;
	return tiny_of(sp)->news && !(tiny_of(sp)->news = false);
}

static void tiny_route(const struct speaker *sp, struct instant now, const struct prefix *p,
		       struct route *ret)
{
	(void)now;
	if (prefix_equal(p, &tiny_of(sp)->route.prefix))
		*ret = tiny_of(sp)->route;
}

static void tiny_restart(struct speaker *sp, struct instant now)
{
	(void)now;
	assert_int_equal(tiny_of(sp)->interface, 0);
	tiny_of(sp)->restarts++;
}

static bool tiny_note(struct speaker *sp, struct speaker_note *ret)
{
	struct tiny *t = tiny_of(sp);
	const char *is = t->notes_again ? "all" : t->note;

	if (!is)
		return false;
	*ret = (struct speaker_note){ .length = (uint16_t)strlen(is) };
	memcpy(ret->bytes, is, ret->length);
	t->note = NULL;
	t->notes_again = false;
	return true;
}

static void tiny_notes_again(struct speaker *sp)
{
	tiny_of(sp)->notes_again = true;
}

static void tiny_recall(struct speaker *sp, const struct speaker_note *note)
{
	assert_int_equal(tiny_of(sp)->restarts, 0);
	memcpy(tiny_of(sp)->recalled, note->bytes, note->length);
}

static void tiny_forget(struct speaker *sp)
{
	tiny_of(sp)->recalled[0] = '\0';
}

static void tiny_sequence(struct speaker *sp, uint64_t next)
{
	tiny_of(sp)->sealed = next;
}

static void tiny_sequence_heard(struct speaker *sp, struct instant now,
				const struct keychain_sequence *sequence)
{
	(void)now;
	tiny_of(sp)->number = sequence->number;
}

static bool tiny_farewell(const struct speaker *sp, uint32_t index, size_t *position,
			  struct farewell *ret)
{
	*ret = (struct farewell){ .interface = index, .port = 9, .n_head = 3, .head = "bye" };
	return tiny_of(sp)->interface == index && (*position)++ == 0;
}

static const struct speaker_class tiny_class = {
	.name = "tiny",
	.title = "Tiny",
	.protocol = TINY,
	.families = 1,
	.preference = TINY_PREFERENCE,
	.metric_max = UINT32_MAX,
	.make = tiny_make,
	.free = tiny_free,
	.restart = tiny_restart,
	.note = tiny_note,
	.notes_again = tiny_notes_again,
	.recall = tiny_recall,
	.forget = tiny_forget,
	.interface_set = tiny_set,
	.interface_gone = tiny_gone,
	.sequence = tiny_sequence,
	.sequence_heard = tiny_sequence_heard,
	.farewell = tiny_farewell,
	.packet = tiny_packet,
	.opened = tiny_opened,
	.piece_in = tiny_piece,
	.output = tiny_output,
	.announce = tiny_announce,
	.withdraw = tiny_withdraw,
	.leaving = tiny_leaving,
	.event = tiny_event,
	.learned = tiny_learned,
	.route = tiny_route,
};

/* Both speak on eth0, and what they hear is learned. */
static int two_setup(void **state)
{
	struct input in = { .kind = INPUT_CONFIG, .more = true };
	struct speaker_settings none = { 0 };
	struct stage *s;

	stage_raise(state);
	s = *state;
	s->learn = ROUTE_FILTER_ALL;
	assert_non_null(speakers_add(s->node, &tiny_class, &none, 0, 0));
	stage_config_begin(s);
	in.request = s->request;
	in.config.part = CONFIG_SPEECH;
	in.config.speech = (struct speech_settings){ .protocol = TINY, .cost = 100000 };
	stage_put(s, &in);
	stage_config_end(s);
	stage_begin_kernel(s, NULL);
	stage_run(s, DURATION_S(1));
	s->n_log = 0;
	return 0;
}

#define TWO_TEST(name) cmocka_unit_test_setup_teardown(name, two_setup, stage_teardown)

static struct tiny *tiny_in(struct stage *s)
{
	struct speaker *sp = speaker_numbered(s->node, PROTOCOL_COUNT + 1);

	assert_non_null(sp);
	assert_ptr_equal(sp->class, &tiny_class);
	return tiny_of(sp);
}

static void look(struct stage *s)
{
	stage_put(s, &(struct input){ .kind = INPUT_TICK });
	stage_run(s, DURATION_MS(10));
}

static void an_interface_has_more_than_one_speaker(void **state)
{
	struct stage *s = *state;
	struct tiny *t = tiny_in(s);
	struct input in = { .kind = INPUT_PACKET };

	assert_int_equal(t->interface, 1);
	text_copy(t->said, sizeof(t->said), "here");
	look(s);
	assert_true(stage_said(s, "send 1 of speaker 5: here"));
	/* What comes for one is for it alone, and for a number that nobody has for nobody. */
	in.packet = (struct packet){ .speaker = 5, .interface = 1, .length = 1 };
	in.packet.source = address_ipv4(0x0a010001);
	stage_put(s, &in);
	assert_int_equal(t->heard, 1);
	in.packet.speaker = 4;
	stage_put(s, &in);
	stage_packet_put(s, "10.1.0.1", "10.50.0.0/24", 1);
	assert_int_equal(t->heard, 1);
	/* A configuration without it takes it from the interface, and leaves RIP there. */
	stage_config_begin(s);
	stage_config_end(s);
	assert_int_equal(t->interface, 0);
	assert_true(link_find(s->node, 1)->speeches[0]->speaking);
}

/* Neighbours would wait for a dead one, and keep what it has said of itself. */
static void a_stop_is_over_when_good_bye_is_said_everywhere(void **state)
{
	struct stage *s = *state;
	struct tiny *t = tiny_in(s);

	assert_int_equal(t->interface, 1);
	stage_put(s, &(struct input){ .kind = INPUT_STOP });
	stage_run(s, DURATION_S(1));
	assert_int_equal(t->interface, 0);
	assert_false(link_find(s->node, 1)->speeches[0]->speaking);
	assert_int_equal(s->stopped, 0);
	t->gone = true;
	look(s);
	assert_int_equal(s->stopped, 1);
}

static struct row_route learned_row(struct stage *s)
{
	struct row_route row;

	for (struct walk at = { 0 }; node_route_next(s->node, &at, &row);)
		if (row.learned)
			return row;
	fail_msg("nothing is learned");
	return row;
}

static void tiny_hears(struct stage *s, const char *router)
{
	struct tiny *t = tiny_in(s);

	t->route = (struct route){ .metric = 4000000000u };
	assert_int_equal(
		prefix_parse("10.50.0.0/24", &t->route.prefix.address, &t->route.prefix.length), 0);
	if (router) {
		t->route.n_paths = 1;
		t->route.paths[0].interface = 1;
		assert_int_equal(address_parse(router, &t->route.paths[0].next_hop), 0);
	}
	t->news = true;
	look(s);
}

static void of_two_protocols_the_preferred_one_has_the_route(void **state)
{
	struct stage *s = *state;
	struct row_route row;

	stage_packet_put(s, "10.1.0.1", "10.50.0.0/24", 1);
	look(s);
	row = learned_row(s);
	assert_int_equal(row.protocol, PROTOCOL_RIP);
	assert_int_equal(row.n_beaten, 0);
	assert_string_equal(ADDRESS_TEXT(&row.paths[0].next_hop), "10.1.0.1");

	/* Its metric is worse as a number, and says nothing about that of RIP. */
	tiny_hears(s, "10.1.0.2");
	row = learned_row(s);
	assert_int_equal(row.protocol, TINY);
	assert_int_equal(row.metric, 4000000000u);
	assert_int_equal(row.n_paths, 1);
	assert_string_equal(ADDRESS_TEXT(&row.paths[0].next_hop), "10.1.0.2");
	assert_int_equal(row.n_beaten, 1);
	assert_int_equal(row.beaten[0].protocol, PROTOCOL_RIP);
	assert_int_equal(row.beaten[0].metric, 2);

	/* What RIP says in the meantime changes nothing, until the other one has no route. */
	stage_packet_put(s, "10.1.0.1", "10.50.0.0/24", 3);
	look(s);
	row = learned_row(s);
	assert_int_equal(row.protocol, TINY);
	tiny_hears(s, NULL);
	row = learned_row(s);
	assert_int_equal(row.protocol, PROTOCOL_RIP);
	assert_int_equal(row.metric, 4);
	assert_string_equal(ADDRESS_TEXT(&row.paths[0].next_hop), "10.1.0.1");
}

static void a_vip_has_left_when_both_have_said_good_bye(void **state)
{
	struct stage *s = *state;
	struct tiny *t = tiny_in(s);

	stage_bind(s, "10.9.1.1/32");
	assert_true(t->announces);
	s->n_log = 0;
	stage_unbind(s, "10.9.1.1", false);
	stage_run(s, DURATION_S(10));
	assert_true(t->leaves);
	assert_false(stage_said(s, "save gone 10.9.1.1"));
	t->left = true;
	look(s);
	stage_run(s, DURATION_S(1));
	assert_true(stage_said(s, "save gone 10.9.1.1"));
}

static void a_speaker_may_open_a_stream(void **state)
{
	struct stage *s = *state;
	struct tiny *t = tiny_in(s);
	struct input in = { .kind = INPUT_OPENED };

	t->opens = 1;
	look(s);
	assert_true(stage_said(s, "open 1 of speaker 5"));
	in.stream = (struct stream){ .speaker = 5, .number = 1, .credit = STREAM_CREDIT };
	stage_put(s, &in);
	assert_true(stage_said(s, "write 1 of speaker 5: hello"));
	in = (struct input){ .kind = INPUT_STREAM };
	in.piece = (struct stream_piece){ .speaker = 5, .number = 1, .length = 1 };
	stage_put(s, &in);
	assert_int_equal(t->pieces, 1);
}

/* Whatever is said after it counts on it; and what is written already is not written again. */
static void how_good_bye_is_said_is_written_when_it_changes(void **state)
{
	struct stage *s = *state;
	struct input in = { .kind = INPUT_CONFIG, .more = true };

	stage_config_begin(s);
	in.request = s->request;
	in.config.part = CONFIG_SPEECH;
	in.config.speech = (struct speech_settings){ .protocol = TINY, .cost = 100000 };
	stage_put(s, &in);
	stage_config_end(s);
	assert_false(stage_said(s, "save farewell"));
	assert_false(stage_said(s, "save mute"));
	/* By another version, and without the other. */
	in.request = ++s->request;
	in.config.part = CONFIG_RULE;
	interface_rule_default(&in.config.rule);
	text_copy(in.config.rule.pattern, sizeof(in.config.rule.pattern), "eth*");
	stage_put(s, &in);
	in.config.part = CONFIG_SPEECH;
	in.config.speech = protocol_speech(PROTOCOL_RIP);
	in.config.speech.own[0] = 1;
	stage_put(s, &in);
	stage_config_end(s);
	assert_true(stage_said(s, "save farewell of speaker 1 on 1"));
	assert_true(stage_said(s, "save mute of speaker 5 on 1"));
	assert_false(stage_said(s, "save mute of speaker 1"));
	s->n_log = 0;
	stage_link_put(s, 1, "eth0", false);
	assert_true(stage_said(s, "save mute of speaker 1 on 1"));
	stage_link_put(s, 1, "eth0", true);
	assert_true(stage_said(s, "save farewell of speaker 1 on 1"));
}

/* It speaks on an interface, after what an earlier life has written down, and has left there. */
static unsigned restarts_with(void **state, const uint8_t *kinds, size_t n, uint16_t number,
			      const char *held)
{
	struct speaker_settings none = { 0 };
	struct input in = { .kind = INPUT_CONFIG, .more = true };
	struct stage *s;
	struct tiny *t;
	unsigned restarts;

	stage_raise(state);
	s = *state;
	t = tiny_of(speakers_add(s->node, &tiny_class, &none, 0, 0));
	for (size_t k = 0; k < n; k++) {
		struct input saved = { .kind = INPUT_SAVED, .saved.kind = kinds[k] };

		if (kinds[k] == SAVED_FAREWELL)
			saved.saved.farewell.speaker = number;
		if (kinds[k] == SAVED_NOTE)
			saved.saved.note = (struct saved_note){ number, { 4, "once" } };
		if (kinds[k] == SAVED_VIP) {
			vip_settings_default(&saved.saved.vip.settings);
			assert_int_equal(
				address_parse("10.9.1.1", &saved.saved.vip.settings.address), 0);
			saved.saved.vip.settings.length = 32;
		}
		stage_put(s, &saved);
	}
	stage_config_begin(s);
	in.request = s->request;
	in.config.part = CONFIG_SPEECH;
	in.config.speech = (struct speech_settings){ .protocol = TINY, .cost = 100000 };
	stage_put(s, &in);
	stage_config_end(s);
	stage_begin_kernel(s, held);
	stage_run(s, DURATION_S(1));
	assert_int_equal(t->interface, 1);
	restarts = t->restarts;
	/* What counts for nobody is forgotten. */
	assert_true(restarts > 0 || t->recalled[0] == '\0');
	assert_true(restarts == 0 || n < 2 || strcmp(t->recalled, "once") == 0);
	stage_teardown(state);
	return restarts;
}

static unsigned restarts_after(void **state, const uint8_t *kinds, size_t n, uint16_t number)
{
	return restarts_with(state, kinds, n, number, NULL);
}

/* The guard has said what it had not, and has cleaned the kernel. */
static void after_a_will_nothing_is_taken_up(void **state)
{
	const uint8_t kinds[] = { SAVED_FAREWELL, SAVED_NOTE, SAVED_VIP };

	assert_int_equal(restarts_with(state, kinds, 3, 5, "10.9.1.1/32"), 1);
	assert_int_equal(restarts_with(state, kinds, 3, 5, NULL), 0);
}

static void who_left_without_a_good_bye_takes_up_what_it_said(void **state)
{
	const uint8_t kinds[] = { SAVED_FAREWELL, SAVED_NOTE, SAVED_STOPPING };

	assert_int_equal(restarts_after(state, kinds, 0, 5), 0);
	assert_int_equal(restarts_after(state, kinds, 1, 5), 1);
	assert_int_equal(restarts_after(state, kinds, 2, 5), 1);
	assert_int_equal(restarts_after(state, kinds + 1, 1, 5), 0);
	assert_int_equal(restarts_after(state, kinds, 2, 1), 0); /* another speaker */
	assert_int_equal(restarts_after(state, kinds, 3, 5), 0); /* it was to say it */
}

/* Whatever is sent after it counts on it. */
static void a_note_is_written_before_what_comes_after_it_is_sent(void **state)
{
	struct stage *s = *state;
	struct tiny *t = tiny_in(s);
	size_t k = 0;

	t->note = "noted";
	text_copy(t->said, sizeof(t->said), "here");
	look(s);
	while (k < s->n_log && strcmp(s->log[k], "save note of speaker 5: noted") != 0)
		k++;
	assert_true(k + 1 < s->n_log);
	assert_string_equal(s->log[k + 1], "send 1 of speaker 5: here");
}

static void sequence_numbers_are_a_speakers_own(void **state)
{
	struct input in = { .kind = INPUT_SAVED };
	struct speaker_settings none = { 0 };
	struct stage *s;
	struct tiny *t;

	stage_raise(state);
	s = *state;
	t = tiny_of(speakers_add(s->node, &tiny_class, &none, 0, 0));
	in.saved = (struct saved){ .kind = SAVED_SEALED, .sealed = { 1, 7000 } };
	stage_put(s, &in);
	in.saved = (struct saved){ .kind = SAVED_SEQUENCE, .sequence.speaker = 1 };
	in.saved.sequence.is = (struct keychain_sequence){ address_ipv4(0x0a010001), 1, 70 };
	stage_put(s, &in);
	assert_int_equal(t->sealed, 0);
	assert_int_equal(t->number, 0);
	in.saved.sequence.speaker = 5;
	stage_put(s, &in);
	assert_int_equal(t->number, 70);
	in.saved = (struct saved){ .kind = SAVED_SEALED, .sealed = { 5, 6000 } };
	stage_put(s, &in);
	assert_int_equal(t->sealed, 6000);
	/* An earlier vipd did not tell them apart. */
	in.saved.sealed = (struct saved_sealed){ 0, 8000 };
	stage_put(s, &in);
	assert_int_equal(t->sealed, 8000);
}

/* What is too far for RIP is not for the other one, which carries IPv4 alone. */
static void a_metric_is_checked_by_those_that_carry_the_vip(void **state)
{
	struct stage *s = *state;
	struct input in = { .kind = INPUT_BIND, .request = ++s->request };

	vip_settings_default(&in.bind);
	in.bind.metric = 16;
	in.bind.address = address_ipv4(0x0a090101);
	in.bind.length = 32;
	stage_put(s, &in);
	stage_run(s, DURATION_S(2));
	assert_reply(s, REPLY_OK, NULL);
	in.request = ++s->request;
	assert_int_equal(address_parse("2001:db8:9::1", &in.bind.address), 0);
	in.bind.length = 128;
	stage_put(s, &in);
	assert_reply(s, REPLY_REFUSED, "metric 16 is unreachable: it must be 1 to 15");
}

/* RFC 2080 2.1: as long as the frame is. The node is given it in pieces. */
static void a_long_packet_of_ripng_is_read_to_its_end(void **state)
{
	enum { ENTRIES = 200, LENGTH = 4 + 20 * ENTRIES };
	static uint8_t bytes[LENGTH] = { 2, 1 };
	const struct speaker_settings settings = protocol_settings(PROTOCOL_RIPNG);
	const struct speech_settings speech = protocol_speech(PROTOCOL_RIPNG);
	const struct instant now = { DURATION_S(100).ns };
	struct packet p = { .interface = 1, .source_port = 521, .destination_port = 521 };
	struct speaker_link link;
	struct speaker *sp;

	(void)state;
	assert_int_equal(address_parse("fe80::1", &p.source), 0);
	link = speaker_link_make(1, true, &p.source, 10);
	p.source.bytes[15] = 2;
	p.destination = protocol_ripng.sockets[0].group;
	p.hop_limit = 255;
	for (size_t k = 0; k < ENTRIES; k++) {
		uint8_t *entry = &bytes[4 + 20 * k];

		memcpy(entry, (const uint8_t[]){ 0x20, 1, 0xd, 0xb8, 0, (uint8_t)k }, 6);
		entry[18] = 48;
		entry[19] = 1;
	}
	sp = protocol_ripng.make(&protocol_ripng, &settings, 1, 2);
	assert_int_equal(speaker_interface_set(sp, now, 1, &speech), 0);
	speaker_link(sp, now, &link);
	do {
		packet_cut(&p, bytes, LENGTH);
		speaker_packet(sp, now, &p);
		p.at = (uint16_t)(p.at + p.length);
	} while (p.more);
	for (size_t k = 0; k < ENTRIES; k++) {
		struct address a = { .family = FAMILY_IPV6,
				     .bytes = { 0x20, 1, 0xd, 0xb8, 0, (uint8_t)k } };
		struct prefix network = prefix_make(&a, 48);
		struct route_heard heard;

		assert_true(speaker_heard(sp, now, &network, &heard));
	}
	speaker_free(sp);
}

/* A view is a list that needs nothing but its record to be shown. */
static void what_only_ospf_has_is_shown_by_its_views(void **state)
{
	const struct speaker_settings settings = protocol_settings(PROTOCOL_OSPF);
	const struct speech_settings speech = protocol_speech(PROTOCOL_OSPF);
	const struct instant now = { DURATION_S(100).ns };
	const struct address ours = address_ipv4(0x0a01000a);
	const struct speaker_link link = speaker_link_make(7, true, &ours, 24);
	struct speaker *sp = protocol_ospf.make(&protocol_ospf, &settings, 1, 2);
	const struct speaker_view *v = &protocol_ospf.views[1];
	struct speaker_view_row row;
	char text[FIELD_TEXT_MAX];
	size_t at = 0;

	(void)state;
	assert_string_equal(v->name, "interfaces");
	assert_false(v->next(sp, now, &at, &row));
	speaker_identity(sp, now, 0x0a01000a);
	assert_int_equal(speaker_interface_set(sp, now, 7, &speech), 0);
	speaker_link(sp, now, &link);
	at = 0;
	assert_true(v->next(sp, now, &at, &row));
	assert_int_equal(row.interface, 7);
	assert_string_equal(v->record->fields[0].name, "area");
	assert_string_equal(field_format(&v->record->fields[0], row.bytes, 0, text), "0.0.0.0");
	assert_string_equal(v->record->fields[3].name, "state");
	assert_string_equal(field_format(&v->record->fields[3], row.bytes, 0, text), "dr-other");
	assert_false(v->next(sp, now, &at, &row));
	speaker_free(sp);
}

static void what_keeps_an_adjacency_from_coming_up_has_its_fix(void **state)
{
	uint32_t drops[NEIGHBOR_DROPS_MAX] = { 0 };
	struct neighbor n = { .state = "full", .up = true };
	struct speaker_advice a;

	(void)state;
	assert_false(protocol_ospf.advice(drops, NULL, &a));
	drops[OSPF_DROP_AREA] = 3;
	drops[OSPF_DROP_HELLO_INTERVAL] = 5;
	assert_true(protocol_ospf.advice(drops, NULL, &a));
	assert_int_equal(a.count, 5);
	assert_non_null(strstr(a.fix, "'hello'"));
	/* Whoever is up has no trouble, whatever was. */
	assert_false(protocol_ospf.advice(drops, &n, &a));
	memset(drops, 0, sizeof(drops));
	n.state = "ex-start";
	assert_true(protocol_ospf.advice(drops, &n, &a));
	assert_int_equal(a.count, 0);
	assert_non_null(strstr(a.fix, "MTU"));
}

/* The table of a VIP lies below the protocols, and has the number by itself. */
static void the_largest_metric_is_one_that_a_protocol_can_say(void **state)
{
	(void)state;
	assert_int_equal(protocol_metric_max(), VIP_METRIC_MAX);
}

/* It would hold ten thousand prefixes for nothing. */
static void who_is_not_spoken_has_no_prefixes_and_all_when_he_is(void **state)
{
	struct stage *s;
	struct speaker *ospf = NULL;
	struct prefix p = { .length = 32 };

	stage_raise(state);
	s = *state;
	stage_begin(s, NULL);
	for (size_t k = 0; k < s->node->routing->n_speakers; k++)
		if (s->node->routing->speakers[k]->class->protocol == PROTOCOL_OSPF)
			ospf = s->node->routing->speakers[k];
	assert_non_null(ospf);
	assert_int_equal(address_parse("10.9.1.1", &p.address), 0);
	stage_bind(s, "10.9.1.1/32");
	stage_run(s, DURATION_S(1));
	assert_state(s, "10.9.1.1", VIP_STATE_ANNOUNCED);
	assert_int_equal(speaker_withdraw(ospf, s->now, &p), -ENOENT);
	stage_config_begin(s);
	stage_speech_put(s, PROTOCOL_OSPF);
	stage_config_end(s);
	assert_int_equal(speaker_withdraw(ospf, s->now, &p), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TWO_TEST(an_interface_has_more_than_one_speaker),
		TWO_TEST(a_stop_is_over_when_good_bye_is_said_everywhere),
		TWO_TEST(of_two_protocols_the_preferred_one_has_the_route),
		TWO_TEST(a_vip_has_left_when_both_have_said_good_bye),
		TWO_TEST(a_speaker_may_open_a_stream),
		TWO_TEST(a_metric_is_checked_by_those_that_carry_the_vip),
		TWO_TEST(a_note_is_written_before_what_comes_after_it_is_sent),
		TWO_TEST(how_good_bye_is_said_is_written_when_it_changes),
		cmocka_unit_test(who_left_without_a_good_bye_takes_up_what_it_said),
		cmocka_unit_test(after_a_will_nothing_is_taken_up),
		cmocka_unit_test_setup_teardown(sequence_numbers_are_a_speakers_own, NULL,
						stage_teardown),
		cmocka_unit_test(a_long_packet_of_ripng_is_read_to_its_end),
		cmocka_unit_test(what_only_ospf_has_is_shown_by_its_views),
		cmocka_unit_test(what_keeps_an_adjacency_from_coming_up_has_its_fix),
		cmocka_unit_test_setup_teardown(
			who_is_not_spoken_has_no_prefixes_and_all_when_he_is, NULL, stage_teardown),
		cmocka_unit_test(the_largest_metric_is_one_that_a_protocol_can_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
