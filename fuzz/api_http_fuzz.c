/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as what a client says over the socket of the API: a real server, a real node behind it,
 * a world that finds nothing. Whatever comes, an answer that says it is JSON is JSON, and the next
 * client is served.
 */
#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "api/api.h"
#include "api/cursor.h"
#include "base/container.h"
#include "base/text.h"
#include "fuzz.h"
#include "node/node.h"
#include "node/protocol.h"
#include "proto/rip/rip.h"

#define ANSWER_MAX 262144
#define TURNS_MAX 4096 /* of the server, for one client */

struct bench {
	struct node *node;
	struct api *api;
	struct input later[64]; /* what the world has to say to the node */
	size_t n_later;
	char answer[ANSWER_MAX];
	size_t length;
};

static const struct instant now = { INT64_C(1000000000000) };

static void put_later(struct bench *b, const struct input *in)
{
	if (b->n_later < ARRAY_LENGTH(b->later))
		b->later[b->n_later++] = *in;
}

/* The kernel has the board; else the node would ask for it without end. */
static void board_is_there(struct bench *b, const struct effect *e)
{
	struct input in = { .kind = INPUT_LINK };

	in.link = (struct interface){ .kind = INTERFACE_BOARD, .up = true, .carrier = true };
	in.link.index = 100 + e->id;
	text_copy(in.link.name, sizeof(in.link.name), e->board.name);
	put_later(b, &in);
}

static void world_acts(struct bench *b, const struct effect *e)
{
	struct input in = { .kind = INPUT_DONE };

	switch (e->kind) {
	case EFFECT_BOARD_ADD:
		board_is_there(b, e);
		__attribute__((fallthrough));
	case EFFECT_OBJECT_ADD:
	case EFFECT_OBJECT_REMOVE:
		in.done.first = e->id;
		in.done.count = 1;
		put_later(b, &in);
		break;
	default:
		api_effect(b->api, now, e);
		break;
	}
}

static void put(void *context, const struct input *in)
{
	struct bench *b = context;
	struct effect e;

	node_input(b->node, now, in);
	while (node_effect(b->node, now, &e))
		world_acts(b, &e);
}

static void put_all_later(struct bench *b)
{
	for (size_t k = 0; k < 1000 && b->n_later > 0; k++) {
		struct input in = b->later[0];

		memmove(&b->later[0], &b->later[1], --b->n_later * sizeof(b->later[0]));
		put(b, &in);
	}
}

static void stop(void *context, enum api_stop how)
{
	struct input in = { .kind = INPUT_STOP, .stop.hand_over = how != API_STOP_WITHDRAW };

	put(context, &in);
}

static bool guard(void *context, struct guard_counters *ret)
{
	(void)context;
	*ret = (struct guard_counters){ .delays = { 1 } };
	return true;
}

static void world(void *context, struct world_counters *ret)
{
	(void)context;
	*ret = (struct world_counters){ .frames_sent = 1 };
}

static void source_counts(void *context, uint64_t ret[SOURCE_VERDICT_COUNT])
{
	(void)context;
	memset(ret, 0, sizeof(*ret) * SOURCE_VERDICT_COUNT);
}

static void examine(void *context, uint32_t request, const struct address *silent)
{
	struct bench *b = context;

	(void)silent;
	api_found(b->api, request, NULL, 0);
}

static void look(void *context, uint32_t request, const struct source_question *question)
{
	const struct source_look nothing = { .user_known = !question->user[0] };
	struct bench *b = context;

	api_looked(b->api, request, true, &nothing);
}

static int config_apply(void *context, uint32_t request, uint32_t confirm_s, char *error,
			size_t size)
{
	(void)context;
	(void)request;
	(void)confirm_s;
	text_copy(error, size, "f:1:1: wrong");
	return -EINVAL;
}

static int config_confirm(void *context, char *error, size_t size)
{
	(void)context;
	text_copy(error, size, "nothing waits");
	return -ENOENT;
}

static int config_check(void *context, void (*warning)(void *to, const char *text), void *to,
			char *error, size_t size)
{
	(void)context;
	(void)error;
	(void)size;
	warning(to, "f:1:1: hardly meant");
	return 0;
}

static int config_show(void *context, bool saved, char **ret, char *error, size_t size)
{
	(void)context;
	(void)saved;
	(void)error;
	(void)size;
	*ret = strdup("vips: []\n");
	return *ret ? 0 : -ENOMEM;
}

static int config_diff(void *context,
		       void (*take)(void *to, const struct api_config_change *change), void *to,
		       char *error, size_t size)
{
	(void)context;
	(void)error;
	(void)size;
	take(to, &(struct api_config_change){ "vip", "10.9.1.1", NULL, "{metric: 3}" });
	return 0;
}

static int config_save(void *context, const struct api_config_save *save, bool look, char *error,
		       size_t size)
{
	(void)context;
	(void)look;
	if (save->count % 2)
		return 1;
	text_copy(error, size, "no place");
	return -ENOSPC;
}

static void config_state(void *context, struct api_config_state *ret)
{
	(void)context;
	*ret = (struct api_config_state){ .applied_ns = 1 };
}

static const struct api_config_hooks config_hooks = {
	config_apply, config_confirm, config_check, config_show,
	config_diff,  config_save,    config_state,
};

static void put_part(struct bench *b, struct input *in, enum config_part part)
{
	in->config.part = (uint8_t)part;
	in->more = part != CONFIG_END;
	put(b, in);
}

static void node_configure(struct bench *b)
{
	struct input in = { .kind = INPUT_CONFIG, .request = API_REQUEST_MAX + 1 };

	in.config.protocol = protocol_settings(PROTOCOL_RIP);
	put_part(b, &in, CONFIG_PROTOCOL);
	check_settings_default(&in.config.check);
	text_copy(in.config.check.name, sizeof(in.config.check.name), "web");
	in.config.check.kind = CHECK_TCP;
	in.config.check.port = 80;
	put_part(b, &in, CONFIG_CHECK);
	vip_settings_default(&in.config.vip);
	in.config.vip.address = address_ipv4(0x0a090101);
	in.config.vip.length = 24;
	text_copy(in.config.vip.check, sizeof(in.config.vip.check), "web");
	put_part(b, &in, CONFIG_VIP);
	interface_rule_default(&in.config.rule);
	text_copy(in.config.rule.pattern, sizeof(in.config.rule.pattern), "e*");
	in.config.rule.bfd_enabled = true;
	in.config.rule.probe_enabled = true;
	in.config.rule.learn.mode = ROUTE_FILTER_ALL;
	put_part(b, &in, CONFIG_RULE);
	in.config.speech = protocol_speech(PROTOCOL_RIP);
	put_part(b, &in, CONFIG_SPEECH);
	put_part(b, &in, CONFIG_END);
}

/* An interface with an address, and a router that announces 10.2/16 and 10.9.7.7 there. */
static void node_connect(struct bench *b)
{
	static const uint8_t routes[] = {
		2,  2, 0, 0,					 /* header */
		0,  2, 0, 0, 10,  2,   0,   0,	 255, 255, 0, 0, /* a route */
		0,  0, 0, 0, 0,	  0,   0,   1,	 0,   2,   0, 0, /* ... */
		10, 9, 7, 7, 255, 255, 255, 255, 0,   0,   0, 0, 0, 0, 0, 1
	};
	struct input in = { .kind = INPUT_LINK };

	in.link = (struct interface){ .index = 1,
				      .up = true,
				      .carrier = true,
				      .multicast = true,
				      .mtu = 1500,
				      .name = "eth1",
				      .mac = { 2, 0, 0, 0, 0, 1 } };
	put(b, &in);
	in = (struct input){ .kind = INPUT_OBJECT, .object.present = true };
	in.object.object = (struct object){ .kind = OBJECT_ADDRESS,
					    .interface = 1,
					    .length = 24,
					    .address = address_ipv4(0x0a01000a) };
	put(b, &in);
	in = (struct input){ .kind = INPUT_DUMP_END };
	put(b, &in);
	in = (struct input){ .kind = INPUT_LISTENING };
	in.listening.interface = 1;
	in.listening.speaker = PROTOCOL_RIP;
	in.listening.ready = true;
	put(b, &in);
	in = (struct input){ .kind = INPUT_PACKET };
	in.packet = (struct packet){ .speaker = PROTOCOL_RIP,
				     .interface = 1,
				     .source = address_ipv4(0x0a010001),
				     .destination = address_ipv4(0xe0000009),
				     .source_port = RIP_PORT,
				     .destination_port = RIP_PORT,
				     .hop_limit = 1,
				     .length = sizeof(routes) };
	memcpy(in.packet.bytes, routes, sizeof(routes));
	put(b, &in);
}

static void node_start(struct bench *b)
{
	struct input in = { .kind = INPUT_START, .start.seed = 1 };

	put(b, &in);
	in = (struct input){ .kind = INPUT_CLOCK, .clock.wall = DURATION_S(1700000000) };
	put(b, &in);
	put(b, &(struct input){ .kind = INPUT_DUMP_BEGIN });
	node_configure(b);
	node_connect(b);
	put_all_later(b);
}

/* In the abstract name space: nothing is left behind. */
static socklen_t address_make_abstract(struct sockaddr_un *ret)
{
	int n;

	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	n = snprintf(ret->sun_path + 1, sizeof(ret->sun_path) - 1, "vipd-fuzz-%d", (int)getpid());
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n);
}

static int listening(void)
{
	static int fd = -1;
	struct sockaddr_un address;
	socklen_t length = address_make_abstract(&address);

	if (fd >= 0)
		return fd;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	assert(fd >= 0 && bind(fd, (struct sockaddr *)&address, length) == 0 &&
	       listen(fd, 16) == 0);
	return fd;
}

static int connected(void)
{
	struct sockaddr_un address;
	socklen_t length = address_make_abstract(&address);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	assert(fd >= 0 && connect(fd, (struct sockaddr *)&address, length) == 0);
	return fd;
}

static void serve(struct bench *b)
{
	struct pollfd p = { .fd = api_fd(b->api), .events = POLLIN };
	size_t turns = 0;

	do {
		api_run(b->api);
		put_all_later(b);
		assert(++turns < TURNS_MAX);
	} while (poll(&p, 1, 0) > 0 || api_timeout_ms(b->api) == 0);
}

/* Says the bytes and hears what comes until nothing more does. */
static void talk(struct bench *b, const uint8_t *bytes, size_t length)
{
	int fd = connected();
	size_t sent = 0;
	ssize_t n;

	b->length = 0;
	while (sent < length) {
		n = send(fd, bytes + sent, length - sent, MSG_NOSIGNAL);
		if (n <= 0)
			break;
		sent += (size_t)n;
		serve(b);
	}
	shutdown(fd, SHUT_WR);
	serve(b);
	while ((n = recv(fd, b->answer + b->length, sizeof(b->answer) - 1 - b->length, 0)) > 0) {
		b->length += (size_t)n;
		serve(b);
	}
	b->answer[b->length] = '\0';
	close(fd);
	serve(b);
}

/* The first answer, as far as its length is told in its head. */
static void check_answer(const struct bench *b)
{
	static const char json[] = "application/json";
	const char *end = strstr(b->answer, "\r\n\r\n"), *type, *length;
	struct cursor c;

	if (!end)
		return;
	assert(strncmp(b->answer, "HTTP/1.1 ", 9) == 0);
	type = strstr(b->answer, "Content-Type: ");
	length = strstr(b->answer, "Content-Length: ");
	if (!type || type > end || !length || length > end ||
	    strncmp(type + strlen("Content-Type: "), json, strlen(json)) != 0)
		return;
	cursor_init(&c, end + 4, strtoul(length + strlen("Content-Length: "), NULL, 10));
	if (c.end > b->answer + b->length || c.end == c.start)
		return;
	cursor_skip(&c);
	cursor_finish(&c);
	assert(!c.failed);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static const char next[] =
		"GET /v1/status HTTP/1.1\r\nHost: v\r\nConnection: close\r\n\r\n";
	static struct bench b; /* large; cleared each time, but for the answer */
	struct api_hooks hooks = { .context = &b,
				   .node = node_new(),
				   .input = put,
				   .stop = stop,
				   .guard = guard,
				   .world = world,
				   .source_counts = source_counts,
				   .examine = examine,
				   .look = look,
				   .config_context = &b,
				   .config = &config_hooks };
	int created = api_new(&hooks, listening(), &b.api);

	assert(hooks.node && created == 0);
	b.node = (struct node *)hooks.node;
	b.n_later = 0;
	node_start(&b);
	talk(&b, bytes, length);
	check_answer(&b);
	talk(&b, (const uint8_t *)next, strlen(next));
	assert(strncmp(b.answer, "HTTP/1.1 200 ", 13) == 0);
	check_answer(&b);
	api_free(b.api);
	node_free(b.node);
	return 0;
}
