/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The node with a world around it that is a few arrays: what it is told, what it wants of the kernel, what it
 * sends, what it answers. The kernel carries out effects at once, or leaves them for the test to answer.
 */
#include "node/node.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/container.h"
#include "base/text.h"
#include "base/unit.h"
#include "proto/rip/packet.h"

#define BOARD_INDEX 100
#define BOARDS 4
#define OBJECTS_MAX 2048
#define LOG_MAX 16384
#define LOG_LINE 300

struct world {
	struct node *node;
	struct instant now;
	bool lazy;	/* effects on the kernel wait for answer() */
	bool deaf;	/* EFFECT_LISTEN is not answered */
	int refuse;	/* objects: the error that the kernel answers with */
	char boards[BOARDS][INTERFACE_NAME_MAX]; /* with the index BOARD_INDEX + k */
	struct object objects[OBJECTS_MAX];
	size_t n_objects;
	struct effect waiting[OBJECTS_MAX];
	size_t n_waiting;
	char (*log)[LOG_LINE]; /* what the node wanted, in its order */
	size_t n_log;
	size_t adds, removes, resyncs, stopped;
	struct effect reply;	     /* the last one */
	size_t replies;
	struct row_vip *rows;	     /* of queries since the last row_clear() */
	size_t n_rows;
	struct row_interface interface;
	struct row_status status;
	uint32_t request;
};

static void take(struct world *w);

static void put(struct world *w, const struct input *in)
{
	node_input(w->node, w->now, in);
	take(w);
}

static void note(struct world *w, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void note(struct world *w, const char *format, ...)
{
	va_list args;

	assert_true(w->n_log < LOG_MAX);
	va_start(args, format);
	vsnprintf(w->log[w->n_log++], LOG_LINE, format, args);
	va_end(args);
}

/* The place of the first line at or behind `from` that has the text in it; LOG_MAX: there is none. */
static size_t find(const struct world *w, size_t from, const char *text)
{
	for (size_t i = from; i < w->n_log; i++)
		if (strstr(w->log[i], text))
			return i;
	return LOG_MAX;
}

static bool said(const struct world *w, const char *text)
{
	return find(w, 0, text) < LOG_MAX;
}

static void object_text(const struct object *o, char *text, size_t size)
{
	static const char *const kinds[] = { "?", "address", "local", "unreachable" };

	snprintf(text, size, "%s %s/%u", kinds[o->kind], ADDRESS_TEXT(&o->address), o->length);
}

static size_t object_find(const struct world *w, const struct object *o)
{
	size_t i = 0;

	while (i < w->n_objects &&
	       !(w->objects[i].kind == o->kind && w->objects[i].length == o->length &&
		 w->objects[i].interface == o->interface &&
		 address_equal(&w->objects[i].address, &o->address)))
		i++;
	return i;
}

static bool kernel_has(const struct world *w, const char *what)
{
	char text[80];

	for (size_t i = 0; i < w->n_objects; i++) {
		object_text(&w->objects[i], text, sizeof(text));
		if (strcmp(text, what) == 0)
			return true;
	}
	return false;
}

static void board_put(struct world *w, size_t k, bool up)
{
	struct input in = { .kind = INPUT_LINK };

	in.link = (struct interface){ .index = BOARD_INDEX + (uint32_t)k, .kind = INTERFACE_BOARD,
				      .up = up, .carrier = up };
	text_copy(in.link.name, sizeof(in.link.name), w->boards[k]);
	put(w, &in);
}

static void board_add(struct world *w, const char *name)
{
	size_t k = 0;

	while (k < BOARDS && w->boards[k][0])
		k++;
	assert_true(k < BOARDS);
	text_copy(w->boards[k], sizeof(w->boards[k]), name);
	board_put(w, k, true);
}

/* A board goes, and with it all that is on it. */
static void board_drop(struct world *w, uint32_t index)
{
	struct input in = { .kind = INPUT_LINK_GONE, .link_gone.index = index };

	w->boards[index - BOARD_INDEX][0] = '\0';
	for (size_t i = w->n_objects; i-- > 0;)
		if (w->objects[i].interface == index)
			w->objects[i] = w->objects[--w->n_objects];
	put(w, &in);
}

static void carry_out(struct world *w, const struct effect *e)
{
	size_t i = object_find(w, &e->object);

	if (e->kind == EFFECT_BOARD_ADD)
		board_add(w, e->board.name);
	else if (e->kind == EFFECT_BOARD_UP)
		board_put(w, e->board.index - BOARD_INDEX, true);
	else if (e->kind == EFFECT_BOARD_REMOVE)
		board_drop(w, e->board.index);
	else if (e->kind == EFFECT_OBJECT_ADD && i == w->n_objects)
		w->objects[w->n_objects++] = e->object;
	else if (e->kind == EFFECT_OBJECT_REMOVE && i < w->n_objects)
		w->objects[i] = w->objects[--w->n_objects];
}

/* Answers all that waits, and what comes of that. */
static void answer(struct world *w)
{
	while (w->n_waiting > 0) {
		struct effect e = w->waiting[0];
		struct input in = { .kind = INPUT_DONE, .done = { .first = e.id, .count = 1 } };
		bool object = e.kind == EFFECT_OBJECT_ADD || e.kind == EFFECT_OBJECT_REMOVE;

		memmove(&w->waiting[0], &w->waiting[1], --w->n_waiting * sizeof(e));
		if (object && w->refuse) {
			in.done.error = w->refuse;
			text_copy(in.done.text, sizeof(in.done.text), "the kernel says no");
		} else {
			carry_out(w, &e);
		}
		put(w, &in);
	}
}

static void took_send(struct world *w, const struct rip_datagram *d)
{
	struct rip_packet p;

	assert_int_equal(rip_packet_decode(d->bytes, d->length, &p), RIP_DROP_NOTHING);
	if (p.command == RIP_REQUEST)
		note(w, "send %u request", d->interface);
	for (size_t k = 0; p.command == RIP_RESPONSE && k < p.n_entries; k++) {
		struct address a = address_ipv4(p.entries[k].address);

		note(w, "send %u %s/%d=%u", d->interface, ADDRESS_TEXT(&a),
		     prefix_ipv4_mask_length(p.entries[k].mask), p.entries[k].metric);
	}
}

static void took_change(struct world *w, const struct effect *e)
{
	char text[80];

	if (e->kind == EFFECT_OBJECT_ADD || e->kind == EFFECT_OBJECT_REMOVE) {
		object_text(&e->object, text, sizeof(text));
		note(w, "%s %s", e->kind == EFFECT_OBJECT_ADD ? "add" : "remove", text);
		w->adds += e->kind == EFFECT_OBJECT_ADD;
		w->removes += e->kind == EFFECT_OBJECT_REMOVE;
	} else {
		note(w, "board %s %s",
		     e->kind == EFFECT_BOARD_ADD ? "add" : e->kind == EFFECT_BOARD_UP ? "up" : "remove",
		     e->board.name);
	}
	assert_true(w->n_waiting < OBJECTS_MAX);
	w->waiting[w->n_waiting++] = *e;
}

static void took_listen(struct world *w, const struct effect *e)
{
	struct input in = { .kind = INPUT_LISTENING };

	note(w, "listen %u %s", e->listen.interface, e->listen.on ? "on" : "off");
	in.listening.interface = e->listen.interface;
	in.listening.ready = true;
	if (e->listen.on && !w->deaf)
		put(w, &in);
}

static void took_row(struct world *w, const struct effect *e)
{
	if (e->kind == EFFECT_ROW_VIP) {
		w->rows = reallocarray(w->rows, w->n_rows + 1, sizeof(*w->rows));
		assert_non_null(w->rows);
		w->rows[w->n_rows++] = e->row.vip;
	} else if (e->kind == EFFECT_ROW_INTERFACE) {
		w->interface = e->row.interface;
	} else if (e->kind == EFFECT_ROW_STATUS) {
		w->status = e->row.status;
	}
}

static void took(struct world *w, const struct effect *e)
{
	char line[LOG_LINE];

	switch ((enum effect_kind)e->kind) {
	case EFFECT_BOARD_ADD:
	case EFFECT_BOARD_UP:
	case EFFECT_BOARD_REMOVE:
	case EFFECT_OBJECT_ADD:
	case EFFECT_OBJECT_REMOVE:
		took_change(w, e);
		break;
	case EFFECT_LISTEN:
		took_listen(w, e);
		break;
	case EFFECT_SEND:
		took_send(w, &e->send);
		break;
	case EFFECT_EVENT:
		event_format(&e->event, line, sizeof(line));
		note(w, "%s", line);
		break;
	case EFFECT_REPLY:
		w->reply = *e;
		w->replies++;
		note(w, "reply %u %u %s", e->reply.request, e->reply.code, e->reply.sentence);
		break;
	case EFFECT_RESYNC:
		w->resyncs++;
		break;
	case EFFECT_STOPPED:
		w->stopped++;
		note(w, "stopped");
		break;
	default:
		took_row(w, e);
		break;
	}
}

static void take(struct world *w)
{
	struct effect e;

	while (node_effect(w->node, w->now, &e))
		took(w, &e);
	if (!w->lazy)
		answer(w);
}

static void run(struct world *w, struct duration time)
{
	struct instant until = instant_add(w->now, time), due;

	while (instant_reached(due = node_deadline(w->node), until)) {
		w->now = instant_max(w->now, due);
		put(w, &(struct input){ .kind = INPUT_TICK });
	}
	w->now = until;
}

static void link_put(struct world *w, uint32_t index, const char *name, bool up)
{
	struct input in = { .kind = INPUT_LINK };

	in.link = (struct interface){ .index = index, .up = up, .carrier = up, .multicast = true,
				      .mac = { 2, 0, 0, 0, 0, (uint8_t)index } };
	text_copy(in.link.name, sizeof(in.link.name), name);
	put(w, &in);
}

static struct address parse(const char *text)
{
	struct address a;

	assert_int_equal(address_parse(text, &a), 0);
	return a;
}

static void object_put(struct world *w, bool present, uint8_t kind, uint32_t interface, const char *prefix)
{
	struct input in = { .kind = INPUT_OBJECT };
	struct object *o = &in.object.object;

	in.object.present = present;
	o->kind = kind;
	o->interface = interface;
	assert_int_equal(prefix_parse(prefix, &o->address, &o->length), 0);
	put(w, &in);
}

static void address_put(struct world *w, uint32_t interface, const char *prefix)
{
	object_put(w, true, OBJECT_ADDRESS, interface, prefix);
}

static void config_begin(struct world *w)
{
	struct input in = { .kind = INPUT_CONFIG, .request = ++w->request, .more = true };

	in.config.part = CONFIG_RULE;
	interface_rule_default(&in.config.rule);
	in.config.rule.rip_enabled = true;
	text_copy(in.config.rule.pattern, sizeof(in.config.rule.pattern), "eth*");
	put(w, &in);
}

static void config_vip(struct world *w, const char *vip, uint8_t metric)
{
	struct input in = { .kind = INPUT_CONFIG, .request = w->request, .more = true };

	in.config.part = CONFIG_VIP;
	vip_settings_default(&in.config.vip);
	in.config.vip.metric = metric;
	assert_int_equal(prefix_parse(vip, &in.config.vip.address, &in.config.vip.length), 0);
	put(w, &in);
}

static void config_end(struct world *w)
{
	struct input in = { .kind = INPUT_CONFIG, .request = w->request };

	in.config.part = CONFIG_END;
	put(w, &in);
}

/* What a world does first: a seed, a configuration, and the kernel read whole: eth0 with 10.1.0.10/24. */
static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	struct input start = { .kind = INPUT_START, .start.seed = 5 };

	assert_non_null(w);
	w->log = calloc(LOG_MAX, sizeof(*w->log));
	w->node = node_new();
	assert_non_null(w->log);
	assert_non_null(w->node);
	w->now = (struct instant){ DURATION_S(1000).ns };
	put(w, &start);
	config_begin(w);
	config_end(w);
	put(w, &(struct input){ .kind = INPUT_DUMP_BEGIN });
	link_put(w, 1, "eth0", true);
	address_put(w, 1, "10.1.0.10/24");
	put(w, &(struct input){ .kind = INPUT_DUMP_END });
	run(w, DURATION_S(1));
	w->n_log = w->adds = w->removes = 0;
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	node_free(w->node);
	free(w->rows);
	free(w->log);
	free(w);
	return 0;
}

static void bind_part(struct world *w, const char *vip, const char *board, bool more)
{
	struct input in = { .kind = INPUT_BIND, .request = w->request, .more = more };

	vip_settings_default(&in.bind);
	if (board)
		text_copy(in.bind.board, sizeof(in.bind.board), board);
	assert_int_equal(prefix_parse(vip, &in.bind.address, &in.bind.length), 0);
	put(w, &in);
}

static void bind(struct world *w, const char *vip)
{
	w->request++;
	bind_part(w, vip, NULL, false);
}

static void unbind(struct world *w, const char *address, bool now)
{
	struct input in = { .kind = INPUT_UNBIND, .request = ++w->request };

	in.unbind.address = parse(address);
	in.unbind.now = now;
	put(w, &in);
}

/* The outcome of the last request. */
static void assert_reply(const struct world *w, enum reply_code code, const char *part)
{
	assert_int_equal(w->reply.reply.request, w->request);
	assert_int_equal(w->reply.reply.code, code);
	if (part && !strstr(w->reply.reply.sentence, part))
		fail_msg("'%s' does not say '%s'", w->reply.reply.sentence, part);
}

static uint32_t query(struct world *w, enum query_kind kind, uint32_t after, uint16_t limit)
{
	struct input in = { .kind = INPUT_QUERY, .request = ++w->request };

	in.query = (struct query){ .kind = (uint8_t)kind, .after = after, .limit = limit };
	put(w, &in);
	assert_reply(w, REPLY_OK, NULL);
	return w->reply.reply.next;
}

static const struct row_vip *vip(struct world *w, const char *address)
{
	struct input in = { .kind = INPUT_QUERY, .request = ++w->request };

	w->n_rows = 0;
	in.query = (struct query){ .kind = QUERY_VIPS, .limit = 1, .address = parse(address) };
	put(w, &in);
	return w->n_rows ? &w->rows[0] : NULL;
}

static void assert_state(struct world *w, const char *address, enum vip_state state)
{
	const struct row_vip *row = vip(w, address);

	if (state == VIP_STATE_ABSENT) {
		assert_null(row);
		return;
	}
	assert_non_null(row);
	assert_string_equal(vip_state_name((enum vip_state)row->state), vip_state_name(state));
}

static const char *interface_reason(struct world *w)
{
	(void)query(w, QUERY_INTERFACES, 0, 1);
	return w->interface.reason;
}

static void packet_put(struct world *w, const char *source, const char *prefix, uint8_t metric)
{
	struct input in = { .kind = INPUT_PACKET };
	struct rip_packet p = { .command = RIP_RESPONSE, .version = 2 };
	struct address a;
	struct prefix about;
	uint8_t length;

	assert_int_equal(prefix_parse(prefix, &a, &length), 0);
	about = prefix_make(&a, length);
	rip_packet_add(&p, &about, 0, metric);
	in.packet = (struct rip_datagram){ .interface = 1, .source = parse(source), .source_port = RIP_PORT };
	in.packet.length = (uint16_t)rip_packet_encode(&p, in.packet.bytes);
	put(w, &in);
}

/* --- rules --- */

static void test_a_virtual_network_that_clashes_with_a_physical_one_is_refused_and_the_clash_is_named(void **state)
{
	struct world *w = *state;

	bind(w, "10.1.0.99/24");
	assert_reply(w, REPLY_REFUSED, "10.1.0.0/24 is the physical network 10.1.0.0/24 of eth0");
	bind(w, "10.1.0.99/28");
	assert_reply(w, REPLY_REFUSED, "10.1.0.96/28 lies inside the physical network 10.1.0.0/24 of eth0");
	bind(w, "10.1.7.1/16");
	assert_reply(w, REPLY_REFUSED, "10.1.0.0/16 contains the physical network 10.1.0.0/24 of eth0");
	assert_int_equal(w->adds, 0);
	assert_state(w, "10.1.0.99", VIP_STATE_ABSENT);
}

static void test_a_host_mask_inside_a_physical_network_is_allowed_but_not_the_hosts_own_address(void **state)
{
	struct world *w = *state;

	bind(w, "10.1.0.99/32");
	assert_reply(w, REPLY_OK, NULL);
	assert_true(kernel_has(w, "address 10.1.0.99/32"));
	bind(w, "10.1.0.10/32");
	assert_reply(w, REPLY_REFUSED, "10.1.0.10 is the address of eth0 already");
}

static void test_an_address_that_no_host_can_have_is_refused(void **state)
{
	static const struct {
		const char *vip, *sentence;
	} cases[] = {
		{ "224.0.0.9/32", "multicast" },
		{ "127.0.0.5/32", "loopback" },
		{ "10.9.1.0/24", "the address of its network" },
		{ "10.9.1.255/24", "the broadcast address of its network" },
		{ "0.0.0.0/32", "cannot be a VIP" },
		{ "ff02::1/128", "multicast" },
		{ "::1/128", "loopback" },
	};
	struct world *w = *state;

	for (size_t k = 0; k < ARRAY_LENGTH(cases); k++) {
		bind(w, cases[k].vip);
		assert_reply(w, REPLY_REFUSED, cases[k].sentence);
	}
	assert_int_equal(w->adds, 0);
}

static void test_a_vip_goes_on_a_board_that_exists_and_on_nothing_else(void **state)
{
	struct input add = { .kind = INPUT_BOARD };
	struct world *w = *state;

	w->request++;
	bind_part(w, "10.9.1.1/32", "vnic7", false);
	assert_reply(w, REPLY_REFUSED, "there is no board vnic7");
	w->request++;
	bind_part(w, "10.9.1.1/32", "eth0", false);
	assert_reply(w, REPLY_REFUSED, "eth0 is an interface that is not a virtual board");
	add.request = ++w->request;
	text_copy(add.board.name, sizeof(add.board.name), "vnic7");
	put(w, &add);
	assert_reply(w, REPLY_OK, NULL);
	w->request++;
	bind_part(w, "10.9.1.1/32", "vnic7", false);
	assert_reply(w, REPLY_OK, NULL);
}

static void test_a_vip_that_is_bound_already_is_refused(void **state)
{
	struct world *w = *state;

	bind(w, "10.9.1.1/32");
	assert_reply(w, REPLY_OK, NULL);
	bind(w, "10.9.1.1/32");
	assert_reply(w, REPLY_REFUSED, "10.9.1.1 is bound already, on vnic0");
	assert_int_equal(w->adds, 1);
}

static void test_a_request_is_taken_whole_or_not_at_all(void **state)
{
	struct world *w = *state;

	w->request++;
	bind_part(w, "10.9.1.1/32", NULL, true);
	bind_part(w, "10.9.1.2/32", NULL, true);
	bind_part(w, "10.1.0.10/32", NULL, false);
	assert_reply(w, REPLY_REFUSED, "10.1.0.10");
	assert_int_equal(w->adds, 0);
	assert_state(w, "10.9.1.1", VIP_STATE_ABSENT);
	/* The same address twice. */
	w->request++;
	bind_part(w, "10.9.1.1/32", NULL, true);
	bind_part(w, "10.9.1.1/32", NULL, false);
	assert_reply(w, REPLY_REFUSED, "10.9.1.1 is bound already");
	assert_state(w, "10.9.1.1", VIP_STATE_ABSENT);
	w->request++;
	bind_part(w, "10.9.1.1/32", NULL, true);
	bind_part(w, "10.9.1.2/32", NULL, false);
	assert_reply(w, REPLY_OK, NULL);
	assert_int_equal(w->adds, 2);
}

static void test_what_is_not_bound_cannot_be_unbound(void **state)
{
	struct world *w = *state;

	unbind(w, "10.9.1.1", false);
	assert_reply(w, REPLY_NOT_FOUND, "10.9.1.1 is not bound");
}

/* --- order --- */

static void test_a_vip_is_announced_only_when_the_kernel_holds_it_and_answered_only_then(void **state)
{
	struct world *w = *state;

	w->lazy = true;
	bind(w, "10.9.1.1/32");
	assert_true(said(w, "add address 10.9.1.1/32"));
	run(w, DURATION_S(2));
	assert_false(said(w, "send 1 10.9.1.1/32"));
	assert_int_equal(w->replies, 1); /* that of the configuration */
	assert_state(w, "10.9.1.1", VIP_STATE_BOUND);
	answer(w);
	assert_true(find(w, find(w, 0, "to=healthy"), "send 1 10.9.1.1/32=3") < LOG_MAX);
	assert_true(said(w, "to=announced"));
	assert_true(said(w, "reply 2 0"));
}

static void test_a_vip_leaves_the_kernel_only_when_its_good_byes_are_out(void **state)
{
	struct world *w = *state;
	size_t last = 0;

	bind(w, "10.9.1.1/32");
	run(w, DURATION_S(1));
	w->n_log = 0;
	unbind(w, "10.9.1.1", false);
	assert_true(said(w, "send 1 10.9.1.1/32=16"));
	run(w, DURATION_MS(90));
	assert_false(said(w, "remove"));
	run(w, DURATION_MS(50));
	for (size_t k = 0; k < 3; k++)
		last = find(w, last, "send 1 10.9.1.1/32=16") + 1;
	assert_true(find(w, last, "remove address 10.9.1.1/32") < LOG_MAX);
	assert_true(said(w, "from=withdrawn to=absent"));
	assert_reply(w, REPLY_OK, NULL);
}

static void test_unbinding_now_waits_for_the_first_good_bye_only(void **state)
{
	struct world *w = *state;
	size_t sent;

	bind(w, "10.9.1.1/32");
	run(w, DURATION_S(1));
	w->n_log = 0;
	unbind(w, "10.9.1.1", true);
	sent = find(w, 0, "send 1 10.9.1.1/32=16");
	assert_true(sent < LOG_MAX && find(w, sent, "remove address 10.9.1.1/32") < LOG_MAX);
	assert_reply(w, REPLY_OK, NULL);
	assert_state(w, "10.9.1.1", VIP_STATE_ABSENT);
}

static void test_a_vip_that_is_bound_again_before_it_is_gone_stays_in_the_kernel(void **state)
{
	struct world *w = *state;

	bind(w, "10.9.1.1/32");
	run(w, DURATION_S(1));
	unbind(w, "10.9.1.1", false);
	run(w, DURATION_MS(30));
	bind(w, "10.9.1.1/32");
	assert_reply(w, REPLY_OK, NULL);
	run(w, DURATION_S(1));
	assert_state(w, "10.9.1.1", VIP_STATE_ANNOUNCED);
	assert_int_equal(w->removes, 0);
	assert_int_equal(w->adds, 1);
}

/* --- the reconciler --- */

static void test_a_board_that_vanishes_is_made_again_with_its_vips(void **state)
{
	struct world *w = *state;

	bind(w, "10.9.1.1/32");
	bind(w, "10.9.1.2/32");
	run(w, DURATION_S(1));
	w->n_log = 0;
	board_drop(w, BOARD_INDEX);
	run(w, DURATION_S(1));
	assert_true(said(w, "the board is gone; it is made again"));
	assert_true(said(w, "board add vnic0"));
	assert_true(kernel_has(w, "address 10.9.1.1/32") && kernel_has(w, "address 10.9.1.2/32"));
	assert_state(w, "10.9.1.1", VIP_STATE_ANNOUNCED);
}

static void test_a_board_that_is_set_down_is_set_up_again(void **state)
{
	struct world *w = *state;

	board_put(w, 0, false);
	assert_true(said(w, "board up vnic0"));
}

static void test_an_address_that_somebody_deletes_is_put_back_and_the_vip_stays_announced(void **state)
{
	struct world *w = *state;

	bind(w, "10.9.1.1/32");
	run(w, DURATION_S(1));
	w->n_log = w->n_objects = 0;
	object_put(w, false, OBJECT_ADDRESS, BOARD_INDEX, "10.9.1.1/32");
	assert_true(said(w, "repair interface=vnic0 reason=\"10.9.1.1/32 is gone; it is put back\""));
	assert_true(kernel_has(w, "address 10.9.1.1/32"));
	run(w, DURATION_S(1));
	assert_false(said(w, "=16"));
	assert_state(w, "10.9.1.1", VIP_STATE_ANNOUNCED);
	(void)query(w, QUERY_STATUS, 0, 1);
	assert_int_equal(w->status.repairs, 1);
}

static void test_what_the_kernel_refuses_is_tried_again_with_growing_patience(void **state)
{
	struct world *w = *state;
	size_t adds;

	w->refuse = -12;
	bind(w, "10.9.1.1/32");
	assert_reply(w, REPLY_FAILED, "the kernel says no");
	assert_state(w, "10.9.1.1", VIP_STATE_FAILED);
	assert_string_equal(vip(w, "10.9.1.1")->reason, "the kernel says no");
	assert_false(said(w, "send 1 10.9.1.1/32"));
	/* After 1, 2, 4 … s, never more than a minute apart. */
	run(w, DURATION_MS(7500));
	assert_int_equal(w->adds, 4);
	run(w, DURATION_S(120));
	adds = w->adds;
	run(w, DURATION_S(60));
	assert_in_range(w->adds - adds, 1, 1);
	w->refuse = 0;
	run(w, DURATION_S(61));
	assert_state(w, "10.9.1.1", VIP_STATE_ANNOUNCED);
}

static void test_a_dump_shows_what_is_missing_and_what_is_too_much(void **state)
{
	struct world *w = *state;

	bind(w, "10.9.1.1/32");
	bind(w, "10.9.1.2/32");
	run(w, DURATION_S(1));
	w->n_log = w->n_objects = 0;
	put(w, &(struct input){ .kind = INPUT_DUMP_BEGIN });
	link_put(w, 1, "eth0", true);
	address_put(w, 1, "10.1.0.10/24");
	board_put(w, 0, true);
	address_put(w, BOARD_INDEX, "10.9.1.1/32");
	address_put(w, BOARD_INDEX, "10.9.7.7/32");
	object_put(w, true, OBJECT_LOCAL, BOARD_INDEX, "10.9.8.8/32");
	object_put(w, true, OBJECT_UNREACHABLE, 0, "10.9.9.0/24");
	assert_int_equal(w->n_log, 0);
	put(w, &(struct input){ .kind = INPUT_DUMP_END });
	assert_true(said(w, "remove address 10.9.7.7/32"));
	assert_true(said(w, "remove local 10.9.8.8/32"));
	assert_true(said(w, "remove unreachable 10.9.9.0/24"));
	assert_true(said(w, "add address 10.9.1.2/32"));
	assert_false(said(w, "address 10.9.1.1/32"));
}

/* --- interfaces --- */

static void test_an_interface_speaks_only_when_nothing_is_missing_and_says_what_is(void **state)
{
	struct world *w = *state;

	assert_string_equal(interface_reason(w), "");
	link_put(w, 1, "eth0", false);
	assert_string_equal(interface_reason(w), "it is down");
	link_put(w, 1, "eth0", true);
	assert_string_equal(interface_reason(w), "");
	object_put(w, false, OBJECT_ADDRESS, 1, "10.1.0.10/24");
	assert_string_equal(interface_reason(w), "it has no IPv4 address");
	address_put(w, 1, "10.1.0.10/24");
	assert_string_equal(interface_reason(w), "");
	/* Another name is another rule: none fits this one. */
	link_put(w, 1, "wan0", true);
	assert_string_equal(interface_reason(w), "no rule of the configuration lets it speak");
	run(w, DURATION_S(1));
	assert_true(said(w, "listen 1 off"));
	link_put(w, 1, "eth5", true);
	run(w, DURATION_S(1));
	assert_string_equal(interface_reason(w), "");
}

static void test_a_vip_says_when_nobody_can_be_told_of_it(void **state)
{
	struct world *w = *state;

	link_put(w, 1, "eth0", false);
	bind(w, "10.9.1.1/32");
	assert_reply(w, REPLY_OK, NULL);
	assert_state(w, "10.9.1.1", VIP_STATE_HEALTHY);
	assert_non_null(strstr(vip(w, "10.9.1.1")->reason, "no interface speaks"));
	link_put(w, 1, "eth0", true);
	assert_state(w, "10.9.1.1", VIP_STATE_ANNOUNCED);
	assert_true(said(w, "send 1 10.9.1.1/32=3"));
}

static void test_sockets_that_cannot_be_opened_are_tried_again(void **state)
{
	struct input in = { .kind = INPUT_LISTENING };
	struct world *w = *state;

	w->deaf = true;
	link_put(w, 2, "eth1", true);
	address_put(w, 2, "10.2.0.10/24");
	in.listening.interface = 2;
	text_copy(in.listening.error, sizeof(in.listening.error), "port 520 is taken");
	put(w, &in);
	assert_true(said(w, "cannot speak RIP: port 520 is taken"));
	(void)query(w, QUERY_INTERFACES, 1, 5);
	while (w->interface.interface.index != 2)
		(void)query(w, QUERY_INTERFACES, w->reply.reply.next, 5);
	assert_string_equal(w->interface.reason, "port 520 is taken");
	w->n_log = 0;
	w->deaf = false;
	run(w, DURATION_S(6));
	assert_true(said(w, "listen 2 on"));
	assert_true(said(w, "interface interface=eth1 reason=\"speaks RIP\""));
}

static void test_a_neighbour_that_poisons_the_vip_back_has_accepted_it(void **state)
{
	struct world *w = *state;

	bind(w, "10.9.1.1/32");
	run(w, DURATION_S(1));
	packet_put(w, "10.1.0.1", "10.9.1.1/32", 16);
	assert_state(w, "10.9.1.1", VIP_STATE_ACCEPTED);
	assert_int_equal(w->rows[0].n_accepted, 1);
	assert_string_equal(w->rows[0].accepted_by[0].interface, "eth0");
	/* It is silent for 180 s, and no longer a witness. */
	run(w, DURATION_S(181));
	assert_state(w, "10.9.1.1", VIP_STATE_ANNOUNCED);
}

static void test_a_rival_is_a_conflict_that_is_told_and_ends(void **state)
{
	struct world *w = *state;

	bind(w, "10.9.1.1/32");
	run(w, DURATION_S(1));
	packet_put(w, "10.1.0.1", "10.9.1.1/32", 2);
	assert_state(w, "10.9.1.1", VIP_STATE_CONFLICT);
	assert_non_null(strstr(w->rows[0].reason, "10.1.0.1 on eth0 announces it too"));
	packet_put(w, "10.1.0.1", "10.9.1.1/32", 16);
	assert_int_not_equal(vip(w, "10.9.1.1")->state, VIP_STATE_CONFLICT);
}

/* --- configuration --- */

static void test_a_configuration_touches_only_what_differs(void **state)
{
	struct world *w = *state;

	config_begin(w);
	config_vip(w, "10.9.1.1/32", 0);
	config_vip(w, "10.9.1.2/32", 0);
	config_end(w);
	run(w, DURATION_S(1));
	assert_state(w, "10.9.1.1", VIP_STATE_ANNOUNCED);
	w->n_log = w->adds = w->removes = 0;
	config_begin(w);
	config_vip(w, "10.9.1.1/32", 0);
	config_vip(w, "10.9.1.3/32", 0);
	config_end(w);
	assert_reply(w, REPLY_OK, NULL);
	run(w, DURATION_S(1));
	assert_false(said(w, "10.9.1.1"));
	assert_true(said(w, "add address 10.9.1.3/32") && said(w, "remove address 10.9.1.2/32"));
	assert_int_equal(w->adds, 1);
	assert_int_equal(w->removes, 1);
	/* Another metric is told, and the kernel is left alone. */
	config_begin(w);
	config_vip(w, "10.9.1.1/32", 7);
	config_vip(w, "10.9.1.3/32", 0);
	config_end(w);
	assert_true(said(w, "send 1 10.9.1.1/32=7"));
	assert_int_equal(w->adds, 1);
}

static void test_a_vip_that_a_command_bound_outlives_a_configuration_without_it(void **state)
{
	struct world *w = *state;

	bind(w, "10.9.1.1/32");
	config_begin(w);
	config_end(w);
	run(w, DURATION_S(1));
	assert_state(w, "10.9.1.1", VIP_STATE_ANNOUNCED);
	assert_int_equal(w->removes, 0);
}

static void test_a_configuration_that_is_refused_leaves_the_old_one_in_force(void **state)
{
	struct world *w = *state;

	config_begin(w);
	config_vip(w, "10.9.1.1/32", 0);
	config_end(w);
	run(w, DURATION_S(1));
	w->n_log = 0;
	config_begin(w);
	config_vip(w, "10.9.1.2/32", 0);
	config_vip(w, "224.0.0.1/32", 0);
	config_end(w);
	assert_reply(w, REPLY_REFUSED, "224.0.0.1");
	run(w, DURATION_S(1));
	assert_state(w, "10.9.1.1", VIP_STATE_ANNOUNCED);
	assert_state(w, "10.9.1.2", VIP_STATE_ABSENT);
	assert_false(said(w, "add ") || said(w, "remove "));
}

/* --- networks --- */

static void test_a_network_is_announced_whole_with_an_unreachable_route_for_the_rest(void **state)
{
	struct world *w = *state;

	bind(w, "10.9.2.1/24");
	assert_reply(w, REPLY_OK, NULL);
	assert_true(kernel_has(w, "address 10.9.2.1/32"));
	assert_true(kernel_has(w, "unreachable 10.9.2.0/24"));
	assert_true(said(w, "send 1 10.9.2.0/24=3"));
	assert_false(said(w, "send 1 10.9.2.1/32"));
}

static void test_a_shared_network_stays_announced_until_its_last_vip_goes(void **state)
{
	struct world *w = *state;

	bind(w, "10.9.2.1/24");
	bind(w, "10.9.2.2/24");
	run(w, DURATION_S(1));
	w->n_log = 0;
	unbind(w, "10.9.2.1", false);
	run(w, DURATION_S(1));
	assert_state(w, "10.9.2.1", VIP_STATE_ABSENT);
	assert_false(said(w, "10.9.2.0/24=16"));
	assert_true(kernel_has(w, "unreachable 10.9.2.0/24"));
	unbind(w, "10.9.2.2", false);
	run(w, DURATION_S(1));
	assert_true(said(w, "send 1 10.9.2.0/24=16"));
	assert_false(kernel_has(w, "unreachable 10.9.2.0/24"));
}

/* --- many, IPv6, the end --- */

static void bind_many(struct world *w, uint32_t count)
{
	w->request++;
	for (uint32_t k = 0; k < count; k++) {
		struct input in = { .kind = INPUT_BIND, .request = w->request, .more = k + 1 < count };

		vip_settings_default(&in.bind);
		in.bind.address = address_ipv4(0x0a080001 + k);
		in.bind.length = 32;
		put(w, &in);
	}
	run(w, DURATION_S(2));
	assert_reply(w, REPLY_OK, NULL);
}

static void test_pages_of_a_query_lose_and_repeat_nobody(void **state)
{
	static const uint16_t limits[] = { 1000, 300, 7, 1 };
	struct world *w = *state;

	bind_many(w, 1000);
	for (size_t k = 0; k < ARRAY_LENGTH(limits); k++) {
		uint32_t after = 0;

		w->n_rows = 0;
		do
			after = query(w, QUERY_VIPS, after, limits[k]);
		while (after != 0);
		assert_int_equal(w->n_rows, 1000);
		for (size_t i = 0; i < 1000; i++)
			assert_int_equal(address_ipv4_number(&w->rows[i].settings.address), 0x0a080001 + i);
	}
}

static void test_a_board_with_many_vips_holds_the_next_ones_as_routes(void **state)
{
	struct world *w = *state;
	char text[32];

	for (unsigned k = 0; k < NODE_ADDRESSES_PER_BOARD; k++) {
		snprintf(text, sizeof(text), "10.8.%u.%u/32", k / 250, 1 + k % 250);
		bind(w, text);
		assert_reply(w, REPLY_OK, NULL);
	}
	assert_true(kernel_has(w, "address 10.8.1.6/32"));
	bind(w, "10.9.1.1/32");
	assert_reply(w, REPLY_OK, NULL);
	assert_true(kernel_has(w, "local 10.9.1.1/32"));
	assert_true(vip(w, "10.9.1.1")->held_as_route);
}

static void test_a_large_set_is_held_as_routes_from_its_first_one_on(void **state)
{
	struct world *w = *state;

	bind_many(w, 1000);
	assert_true(kernel_has(w, "local 10.8.0.1/32") && kernel_has(w, "local 10.8.3.232/32"));
	assert_state(w, "10.8.3.232", VIP_STATE_ANNOUNCED);
}

static void test_an_ipv6_vip_is_bound_and_says_why_it_is_not_announced(void **state)
{
	struct world *w = *state;

	bind(w, "2001:db8::1/128");
	assert_reply(w, REPLY_OK, NULL);
	assert_true(kernel_has(w, "address 2001:db8::1/128"));
	assert_state(w, "2001:db8::1", VIP_STATE_HEALTHY);
	assert_non_null(strstr(w->rows[0].reason, "no speaker carries IPv6"));
}

static void test_a_stop_withdraws_all_leaves_nothing_and_says_so(void **state)
{
	struct world *w = *state;
	size_t last;

	bind(w, "10.9.1.1/32");
	bind(w, "10.9.2.1/24");
	bind(w, "2001:db8::1/128");
	run(w, DURATION_S(1));
	w->n_log = 0;
	put(w, &(struct input){ .kind = INPUT_STOP });
	bind(w, "10.9.1.2/32");
	assert_reply(w, REPLY_REFUSED, "vipd is stopping");
	run(w, DURATION_S(1));
	assert_int_equal(w->stopped, 1);
	assert_int_equal(w->n_objects, 0);
	assert_string_equal(w->boards[0], "");
	last = find(w, 0, "stopped");
	assert_true(find(w, 0, "send 1 10.9.1.1/32=16") < find(w, 0, "remove address 10.9.1.1/32"));
	assert_true(find(w, 0, "send 1 10.9.2.0/24=16") < find(w, 0, "remove unreachable 10.9.2.0/24"));
	assert_true(find(w, 0, "board remove vnic0") < last);
}

static void test_a_board_is_removed_with_all_its_vips(void **state)
{
	struct input in = { .kind = INPUT_BOARD };
	struct world *w = *state;

	bind(w, "10.9.1.1/32");
	bind(w, "2001:db8::1/128");
	in.request = ++w->request;
	in.board.remove = true;
	text_copy(in.board.name, sizeof(in.board.name), "vnic0");
	put(w, &in);
	run(w, DURATION_S(1));
	assert_reply(w, REPLY_OK, NULL);
	assert_int_equal(w->n_objects, 0);
	assert_string_equal(w->boards[0], "");
	assert_true(find(w, 0, "send 1 10.9.1.1/32=16") < find(w, 0, "remove address 10.9.1.1/32"));
}

#define NODE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		NODE_TEST(test_a_virtual_network_that_clashes_with_a_physical_one_is_refused_and_the_clash_is_named),
		NODE_TEST(test_a_host_mask_inside_a_physical_network_is_allowed_but_not_the_hosts_own_address),
		NODE_TEST(test_an_address_that_no_host_can_have_is_refused),
		NODE_TEST(test_a_vip_goes_on_a_board_that_exists_and_on_nothing_else),
		NODE_TEST(test_a_vip_that_is_bound_already_is_refused),
		NODE_TEST(test_a_request_is_taken_whole_or_not_at_all),
		NODE_TEST(test_what_is_not_bound_cannot_be_unbound),
		NODE_TEST(test_a_vip_is_announced_only_when_the_kernel_holds_it_and_answered_only_then),
		NODE_TEST(test_a_vip_leaves_the_kernel_only_when_its_good_byes_are_out),
		NODE_TEST(test_unbinding_now_waits_for_the_first_good_bye_only),
		NODE_TEST(test_a_vip_that_is_bound_again_before_it_is_gone_stays_in_the_kernel),
		NODE_TEST(test_a_board_that_vanishes_is_made_again_with_its_vips),
		NODE_TEST(test_a_board_that_is_set_down_is_set_up_again),
		NODE_TEST(test_an_address_that_somebody_deletes_is_put_back_and_the_vip_stays_announced),
		NODE_TEST(test_what_the_kernel_refuses_is_tried_again_with_growing_patience),
		NODE_TEST(test_a_dump_shows_what_is_missing_and_what_is_too_much),
		NODE_TEST(test_an_interface_speaks_only_when_nothing_is_missing_and_says_what_is),
		NODE_TEST(test_a_vip_says_when_nobody_can_be_told_of_it),
		NODE_TEST(test_sockets_that_cannot_be_opened_are_tried_again),
		NODE_TEST(test_a_neighbour_that_poisons_the_vip_back_has_accepted_it),
		NODE_TEST(test_a_rival_is_a_conflict_that_is_told_and_ends),
		NODE_TEST(test_a_configuration_touches_only_what_differs),
		NODE_TEST(test_a_vip_that_a_command_bound_outlives_a_configuration_without_it),
		NODE_TEST(test_a_configuration_that_is_refused_leaves_the_old_one_in_force),
		NODE_TEST(test_a_network_is_announced_whole_with_an_unreachable_route_for_the_rest),
		NODE_TEST(test_a_shared_network_stays_announced_until_its_last_vip_goes),
		NODE_TEST(test_pages_of_a_query_lose_and_repeat_nobody),
		NODE_TEST(test_a_board_with_many_vips_holds_the_next_ones_as_routes),
		NODE_TEST(test_a_large_set_is_held_as_routes_from_its_first_one_on),
		NODE_TEST(test_an_ipv6_vip_is_bound_and_says_why_it_is_not_announced),
		NODE_TEST(test_a_stop_withdraws_all_leaves_nothing_and_says_so),
		NODE_TEST(test_a_board_is_removed_with_all_its_vips),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
