/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a little program that drives a node: inputs that make sense, inputs that do not, an
 * obedient or a stubborn kernel, time. Whatever it does, the node never wants without end, tells
 * only what its encoding can carry, and a clean stop after it leaves nothing behind.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "fuzz.h"
#include "node/rows.h"
#include "wire/reader.h"
#include "node/protocol.h"
#include "proto/rip/rip.h"

#define EFFECTS_MAX 20000 /* that may follow from one input */
#define INSTANTS_MAX 200  /* of one step of time */
#define BOARDS 4
#define PENDING 256
#define WALL_S 1700000000 /* on the wall at the instant 0 */

enum kernel_mood {
	KERNEL_OBEYS,
	KERNEL_REFUSES,
	KERNEL_WAITS, /* answers when the program says so */
};

struct bench {
	struct node *node;
	struct instant now;
	enum kernel_mood mood;
	char boards[BOARDS][INTERFACE_NAME_MAX]; /* at the index 100 + k; empty: none */
	struct effect pending[PENDING];
	size_t n_pending;
	bool listen[8];
	bool stopped;
	struct walk vips, routes; /* laid down between inputs */
};

static void take_effects(struct bench *b);

static void put(struct bench *b, const struct input *in)
{
	node_input(b->node, b->now, in);
	take_effects(b);
}

static void put_board(struct bench *b, size_t k)
{
	struct input in = { .kind = INPUT_LINK };

	in.link = (struct interface){
		.index = 100 + (uint32_t)k, .kind = INTERFACE_BOARD, .up = true, .carrier = true
	};
	text_copy(in.link.name, sizeof(in.link.name), b->boards[k]);
	put(b, &in);
}

static void board_make(struct bench *b, const char *name)
{
	size_t k = 0;

	while (k < BOARDS && b->boards[k][0] && strcmp(b->boards[k], name) != 0)
		k++;
	if (k == BOARDS)
		return;
	text_copy(b->boards[k], sizeof(b->boards[k]), name);
	put_board(b, k);
}

static void board_drop(struct bench *b, uint32_t index)
{
	struct input in = { .kind = INPUT_LINK_GONE, .link_gone.index = index };

	if (index >= 100 && index < 100 + BOARDS)
		b->boards[index - 100][0] = '\0';
	put(b, &in);
}

static void answer(struct bench *b, const struct effect *e, bool refuse)
{
	struct input in = { .kind = INPUT_DONE };

	if (!refuse && (e->kind == EFFECT_BOARD_ADD || e->kind == EFFECT_BOARD_UP))
		board_make(b, e->board.name);
	if (!refuse && e->kind == EFFECT_BOARD_REMOVE)
		board_drop(b, e->board.index);
	in.done.first = e->id;
	in.done.count = 1;
	in.done.error = refuse ? -12 : 0;
	put(b, &in);
}

static void answer_pending(struct bench *b, size_t count, bool refuse)
{
	while (count-- > 0 && b->n_pending > 0) {
		struct effect e = b->pending[0];

		b->n_pending--;
		memmove(&b->pending[0], &b->pending[1], b->n_pending * sizeof(b->pending[0]));
		answer(b, &e, refuse);
	}
}

/* Answers are given after the effects are taken, as a kernel does; not from within. */
static void remember(struct bench *b, const struct effect *e)
{
	if (b->n_pending < PENDING)
		b->pending[b->n_pending++] = *e;
}

static void take_effects(struct bench *b)
{
	uint8_t bytes[EFFECT_BYTES_MAX];
	struct effect e, again;
	size_t count = 0;

	while (node_effect(b->node, b->now, &e)) {
		assert(++count < EFFECTS_MAX);
		assert(effect_decode(bytes, effect_encode(&e, bytes), &again, NULL) == 0);
		if (e.kind >= EFFECT_BOARD_ADD && e.kind <= EFFECT_OBJECT_REMOVE)
			remember(b, &e);
		else if (e.kind == EFFECT_LISTEN && e.listen.interface < 8)
			b->listen[e.listen.interface] = e.listen.on;
		b->stopped |= e.kind == EFFECT_STOPPED;
	}
}

/* What the kernel's mood makes of all that waits. Each answer may bring new wishes; they end. */
static void kernel_act(struct bench *b)
{
	size_t count = 0;

	if (b->mood == KERNEL_WAITS)
		return;
	while (b->n_pending > 0 && count++ < EFFECTS_MAX)
		answer_pending(b, 1, b->mood == KERNEL_REFUSES);
	assert(b->n_pending == 0);
}

static void run(struct bench *b, struct duration time, size_t instants)
{
	struct instant until = instant_add(b->now, time);

	for (; instants > 0; instants--) {
		struct instant due = node_deadline(b->node);

		if (!instant_reached(due, until))
			break;
		b->now = instant_max(b->now, due);
		put(b, &(struct input){ .kind = INPUT_TICK });
		kernel_act(b);
		assert(instant_before(b->now, node_deadline(b->node)));
	}
	b->now = instant_max(b->now, until);
}

static void do_raw(struct bench *b, struct reader *r)
{
	size_t length = reader_u8(r);
	const uint8_t *bytes = reader_take(r, length);
	struct input in;

	if (bytes && input_decode(bytes, length, &in, NULL) == 0)
		put(b, &in);
}

static void do_link(struct bench *b, struct reader *r)
{
	uint8_t flags = reader_u8(r);
	struct input in = { .kind = INPUT_LINK };

	if (flags & 0x80) {
		board_drop(b, 1 + (flags & 3));
		return;
	}
	in.link = (struct interface){ .index = 1 + (flags & 3),
				      .up = flags & 4,
				      .carrier = flags & 8,
				      .multicast = true,
				      .mac = { 2, 0, 0, 0, 0, flags & 3 } };
	in.link.name[0] = 'e';
	in.link.name[1] = (char)('0' + (flags & 3) + (flags >> 4 & 1) * 4);
	put(b, &in);
}

static struct address vip(uint8_t n)
{
	static const uint32_t bases[] = { 0x0a090100, 0x0a010000, 0xac100000, 0x0a010100 };

	return address_ipv4(bases[n >> 6] | (n & 0x3f));
}

/* A next hop, a group or a route by one, with numbers of ours. */
static void object_of_learned(struct object *o, uint8_t what, uint8_t where)
{
	static const uint32_t hops = 0x76690001, groups = 0x76697001;

	o->id = o->kind == OBJECT_NEXTHOP ? hops + what % 4 : groups + what % 4;
	if (o->kind != OBJECT_NEXTHOP)
		o->interface = 0;
	for (uint8_t k = 0; o->kind == OBJECT_GROUP && k < 4; k++)
		if (where >> k & 1)
			o->members[o->n_members++] = hops + k;
}

static void do_object(struct bench *b, struct reader *r)
{
	uint8_t what = reader_u8(r), where = reader_u8(r);
	struct input in = { .kind = INPUT_OBJECT };

	in.object.present = what & 0x80;
	in.object.object.kind = (uint8_t)(OBJECT_ADDRESS + (what & 0x7f) % 3);
	in.object.object.interface = where & 0x10 ? 100 + where % BOARDS : 1 + where % 4;
	in.object.object.length = where & 0x20 ? 32 : 24;
	in.object.object.address = vip(reader_u8(r));
	if (in.object.object.kind == OBJECT_UNREACHABLE)
		in.object.object.interface = 0;
	if (what & 0x40) {
		in.object.object.kind = (uint8_t)(OBJECT_NEXTHOP + (what & 0x3f) % 3);
		object_of_learned(&in.object.object, what, where);
	}
	put(b, &in);
}

static void settings_read(struct reader *r, struct vip_settings *s)
{
	static const uint8_t lengths[] = { 32, 24, 28, 16 };
	uint8_t flags;

	vip_settings_default(s);
	s->address = vip(reader_u8(r));
	flags = reader_u8(r);
	s->length = lengths[flags & 3];
	s->board[4] = (char)('0' + (flags >> 2 & 1));
	s->announce = !(flags & 8);
	s->hold = (flags >> 4) % 3;
	s->metric = flags & 0x40 ? 5 : 0;
}

static void do_bind(struct bench *b, struct reader *r)
{
	struct input in = { .kind = INPUT_BIND, .request = 1 + reader_u8(r) % 8 };
	uint8_t count = reader_u8(r) % 4;

	for (uint8_t k = 0; k <= count; k++) {
		settings_read(r, &in.bind);
		in.more = k < count;
		put(b, &in);
	}
}

static void do_unbind(struct bench *b, struct reader *r)
{
	uint8_t flags = reader_u8(r);
	struct input in = { .kind = INPUT_UNBIND, .request = flags % 8 };

	in.unbind.now = flags & 0x80;
	in.unbind.address = vip(reader_u8(r));
	put(b, &in);
}

static void do_board(struct bench *b, struct reader *r)
{
	uint8_t flags = reader_u8(r);
	struct input in = { .kind = INPUT_BOARD, .request = 1 + flags % 8 };

	in.board.remove = flags & 0x80;
	text_copy(in.board.name, sizeof(in.board.name), flags & 0x40 ? "vnic1" : "vnic0");
	put(b, &in);
}

static void put_part(struct bench *b, struct input *in, enum config_part part)
{
	in->config.part = (uint8_t)part;
	in->more = part != CONFIG_END;
	put(b, in);
}

/* One key that lasts and one that ends in ten minutes. */
static void auth_make(struct keychain *a, uint8_t choice)
{
	*a = (struct keychain){
		.type = choice & 0x80 ? AUTH_HMAC_SHA_256 : AUTH_MD5,
		.n_keys = choice & 1 ? 2 : 1,
		.keys = { { .id = 1, .secret = "/k/1" },
			  { .id = 2, .send = { .until_s = WALL_S + 1600 }, .secret = "/k/2" } },
	};
}

static void do_config(struct bench *b, struct reader *r)
{
	uint8_t flags = reader_u8(r), vips = reader_u8(r) % 4;
	struct input in = { .kind = INPUT_CONFIG, .request = 20 };

	in.config.protocol = protocol_settings(PROTOCOL_RIP);
	((struct rip_settings *)in.config.protocol.own)->metric = (uint8_t)(1 + flags % 15);
	put_part(b, &in, CONFIG_PROTOCOL);
	if (flags & 0x20) {
		text_copy(in.config.board, sizeof(in.config.board), "vnic1");
		put_part(b, &in, CONFIG_BOARD);
	}
	while (vips-- > 0) {
		settings_read(r, &in.config.vip);
		put_part(b, &in, CONFIG_VIP);
	}
	interface_rule_default(&in.config.rule);
	in.config.rule.learn.mode = flags & 0x20 ? ROUTE_FILTER_ALL : ROUTE_FILTER_OFF;
	text_copy(in.config.rule.pattern, sizeof(in.config.rule.pattern),
		  flags & 0x80 ? "e1" : "e*");
	put_part(b, &in, CONFIG_RULE);
	in.config.speech = protocol_speech(PROTOCOL_RIP);
	((struct rip_speech *)in.config.speech.own)->version = (uint8_t)(1 + flags % 3);
	if (flags & 0x10)
		auth_make(&in.config.speech.keys, flags);
	if (flags & 0x40)
		put_part(b, &in, CONFIG_SPEECH);
	put_part(b, &in, CONFIG_END);
}

static void do_packet(struct bench *b, struct reader *r)
{
	uint8_t from = reader_u8(r), length = reader_u8(r);
	const uint8_t *bytes = reader_take(r, length);
	struct input in = { .kind = INPUT_PACKET };

	if (!bytes)
		return;
	in.packet.speaker = PROTOCOL_RIP;
	in.packet.interface = 1 + from % 4;
	in.packet.socket = from & 0x40 ? RIP_SOCKET_QUERY : RIP_SOCKET_MAIN;
	in.packet.source = address_ipv4(0x0a010000 | (from & 0x3c));
	in.packet.source_port = RIP_PORT;
	if (from & 0x80) {
		in.packet.auth = AUTH_MD5;
		in.packet.key = 1 + (from & 1);
		in.packet.sequence = (uint32_t)(b->now.ns / DURATION_S(1).ns);
	}
	in.packet.length = length;
	memcpy(in.packet.bytes, bytes, length);
	put(b, &in);
}

static void do_listening(struct bench *b, struct reader *r)
{
	uint8_t flags = reader_u8(r);
	struct input in = { .kind = INPUT_LISTENING };

	in.listening.interface = 1 + flags % 4;
	in.listening.speaker = flags & 0x10 ? PROTOCOL_RIPNG : PROTOCOL_RIP;
	in.listening.ready = !(flags & 0x80);
	in.listening.secrets = flags >> 2 & 3;
	if (!in.listening.ready)
		text_copy(in.listening.error, sizeof(in.listening.error), "the port is taken");
	put(b, &in);
	if (!(flags & 0x40))
		return;
	/* And the kernel refuses what is sent there, or takes it again. */
	in.kind = INPUT_SENDING;
	in.sending.ready = flags & 0x20;
	text_copy(in.sending.error, sizeof(in.sending.error), flags & 0x08 ? "not permitted" : "");
	put(b, &in);
}

static void dump(struct bench *b, struct reader *r)
{
	put(b, &(struct input){ .kind = INPUT_DUMP_BEGIN });
	for (size_t k = 0; k < BOARDS; k++)
		if (b->boards[k][0])
			put_board(b, k);
	for (uint8_t count = r ? reader_u8(r) % 8 : 0; count > 0; count--)
		reader_u8(r) & 1 ? do_link(b, r) : do_object(b, r);
	put(b, &(struct input){ .kind = INPUT_DUMP_END });
}

/* Reads everything, and wants nothing of anybody by that. */
static void do_read(struct bench *b, struct reader *r)
{
	static struct row_source_why why;
	struct source_look look = { .routed = true, .n_interfaces = 1 };
	struct source_question question = { .destination = vip(reader_u8(r)) };
	struct walk walks[8] = { 0 };
	struct row_interface interface;
	struct row_neighbor neighbor;
	struct row_session session;
	struct row_status status;
	struct row_source source;
	struct row_check check;
	struct row_board board;
	struct row_route route;
	struct effect e;
	struct row_vip v;

	look.interfaces[0] = 1 + reader_u8(r) % 4;
	node_status(b->node, b->now, &status);
	node_source(b->node, &source);
	node_source_why(b->node, &question, &look, &why);
	while (node_board_next(b->node, &walks[0], &board) ||
	       node_vip_next(b->node, b->now, &walks[1], &v) ||
	       node_interface_next(b->node, b->now, &walks[2], &interface) ||
	       node_neighbor_next(b->node, b->now, &walks[3], &neighbor) ||
	       node_session_next(b->node, &walks[4], &session) ||
	       node_route_next(b->node, &walks[5], &route) ||
	       node_check_next(b->node, &walks[6], &check))
		;
	assert(!node_effect(b->node, b->now, &e));
}

/* A walk that was laid down some inputs ago goes on. */
static void do_walk(struct bench *b, struct reader *r)
{
	struct row_route route;
	struct row_vip v;

	for (uint8_t count = reader_u8(r) % 8; count > 0; count--) {
		if (!node_vip_next(b->node, b->now, &b->vips, &v))
			b->vips = (struct walk){ 0 };
		if (!node_route_next(b->node, &b->routes, &route))
			b->routes = (struct walk){ 0 };
	}
}

static void do_kernel(struct bench *b, struct reader *r)
{
	uint8_t what = reader_u8(r);

	if (what & 0x80)
		b->mood = (enum kernel_mood)(what % 3);
	else
		answer_pending(b, what >> 1 & 7, what & 1);
}

static void do_time(struct bench *b, struct reader *r)
{
	uint8_t step = reader_u8(r);
	int64_t ms = (int64_t)(step & 0x1f) << (step >> 5) * 2;

	run(b, DURATION_MS(ms), INSTANTS_MAX);
}

static void do_one(struct bench *b, struct reader *r)
{
	static void (*const deeds[])(struct bench * b, struct reader * r) = {
		do_raw,	   do_link,  do_object, do_bind,   do_bind,
		do_unbind, do_board, do_config, do_packet, do_listening,
		dump,	   do_read,  do_kernel, do_time,   do_walk,
	};
	uint8_t op = reader_u8(r);

	if (op == 255)
		put(b, &(struct input){ .kind = INPUT_STOP });
	else
		deeds[op % (sizeof(deeds) / sizeof(deeds[0]))](b, r);
	kernel_act(b);
}

/* The kernel obeys again, and is read whole; then everything must go. */
static void check_stop(struct bench *b)
{
	struct input in = { .kind = INPUT_CONFIG, .request = 40 };

	b->mood = KERNEL_OBEYS;
	kernel_act(b);
	dump(b, NULL);
	kernel_act(b);
	/* A pace or a period of somebody's choosing would only make the end come later. */
	in.config.protocol = protocol_settings(PROTOCOL_RIP);
	put_part(b, &in, CONFIG_PROTOCOL);
	put_part(b, &in, CONFIG_END);
	put(b, &(struct input){ .kind = INPUT_STOP });
	kernel_act(b);
	run(b, DURATION_S(400), SIZE_MAX);
	assert(b->stopped);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static struct bench b; /* large; cleared each time */
	struct input start = { .kind = INPUT_START }, clock = { .kind = INPUT_CLOCK };
	struct reader r;

	memset(&b, 0, sizeof(b));
	reader_init(&r, bytes, length);
	b.node = node_new();
	assert(b.node);
	b.now = (struct instant){ DURATION_S(1000).ns };
	start.start.seed = reader_u8(&r);
	put(&b, &start);
	clock.clock.wall = DURATION_S(WALL_S);
	put(&b, &clock);
	while (reader_ok(&r) && reader_left(&r) > 0)
		do_one(&b, &r);
	check_stop(&b);
	node_free(b.node);
	return 0;
}
