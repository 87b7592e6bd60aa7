/* SPDX-License-Identifier: Apache-2.0 */
/* The server over a real socket, with a node that is made up here. */
#include "api/fixture_test.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/container.h"
#include "base/text.h"
#include "node/protocol.h"

static const struct instant now = { INT64_C(100000000000) };

static void node_put(struct world *w, const struct input *in);

/* The kernel does what the node wants, but for one VIP. */
static void node_wants(struct world *w, const struct effect *e)
{
	struct input in = { .kind = INPUT_DONE };

	if (e->kind == EFFECT_BOARD_ADD) {
		in.kind = INPUT_LINK;
		in.link = (struct interface){
			.index = 100, .kind = INTERFACE_BOARD, .up = true, .carrier = true
		};
		text_copy(in.link.name, sizeof(in.link.name), e->board.name);
		node_put(w, &in);
		in = (struct input){ .kind = INPUT_DONE };
	}
	if (e->kind == EFFECT_SOURCE && e->source.part == SOURCE_END) {
		in.kind = INPUT_SOURCING;
		in.sourcing.ready = true;
		node_put(w, &in);
	}
	if (e->id == 0)
		return;
	in.done.first = e->id;
	in.done.count = 1;
	if (e->kind == EFFECT_OBJECT_ADD &&
	    address_ipv4_number(&e->object.address) == 0x0a140000 + ROWS - 2)
		in.done.error = -ENOMEM;
	node_put(w, &in);
}

static void node_put(struct world *w, const struct input *in)
{
	struct effect e;

	node_input(w->node, now, in);
	while (node_effect(w->node, now, &e))
		node_wants(w, &e);
}

static void node_put_part(struct world *w, struct input *in, enum config_part part)
{
	in->config.part = (uint8_t)part;
	in->more = part != CONFIG_END;
	node_put(w, in);
}

static void node_put_vip(struct world *w, uint32_t address)
{
	struct input in = { .kind = INPUT_CONFIG, .request = 1 };

	vip_settings_default(&in.config.vip);
	in.config.vip.arp = VIP_ARP_ANSWER;
	in.config.vip.address = address_ipv4(address);
	in.config.vip.length = 32;
	node_put_part(w, &in, CONFIG_VIP);
}

static void node_put_link(struct world *w, uint32_t index, const char *name)
{
	struct input in = { .kind = INPUT_LINK };

	in.link = (struct interface){ .index = index, .up = true, .carrier = true };
	text_copy(in.link.name, sizeof(in.link.name), name);
	node_put(w, &in);
}

/* A first VIP, one rule that is not in force, one interface that is off. */
static void node_make(struct world *w)
{
	struct input in = { .kind = INPUT_CONFIG, .request = 1 };
	struct input off = { .kind = INPUT_SOURCE,
			     .request = 2,
			     .source = { SOURCE_MODE_OFF, "eth9" } };

	w->node = node_new();
	assert_non_null(w->node);
	node_put(w, &(struct input){ .kind = INPUT_START });
	in.config.protocol = protocol_settings(PROTOCOL_RIP);
	node_put_part(w, &in, CONFIG_PROTOCOL);
	for (uint32_t i = 0; i + 1 < ROWS; i++)
		node_put_vip(w, 0x0a140000 + i);
	node_put_vip(w, 0x0a090101);
	in.config.source_mode = SOURCE_MODE_ON;
	node_put_part(w, &in, CONFIG_SOURCE);
	in.config.source_rule =
		(struct source_rule){ .user = "www-data", .use = address_ipv4(0x0a09014d) };
	node_put_part(w, &in, CONFIG_SOURCE_RULE);
	node_put_part(w, &in, CONFIG_END);
	node_put(w, &(struct input){ .kind = INPUT_DUMP_BEGIN });
	node_put_link(w, 1, "eth1");
	node_put_link(w, 9, "eth9");
	node_put(w, &(struct input){ .kind = INPUT_DUMP_END });
	node_put(w, &off);
}

void world_reply(struct world *w, const struct input *in)
{
	struct effect e = { .kind = EFFECT_REPLY };

	e.reply.request = in->request;
	e.reply.code = (uint8_t)w->code;
	text_copy(e.reply.sentence, sizeof(e.reply.sentence), w->code ? "a rule forbids it" : "");
	api_effect(w->api, now, &e);
}

static void world_input(void *context, const struct input *in)
{
	struct world *w = context;

	w->last = *in;
	w->n_inputs++;
	w->n_bound += in->kind == INPUT_BIND;
	if (w->take) {
		w->take(w->context, in);
		return;
	}
	if (in->more)
		return;
	if (w->later) {
		assert_true(w->n_waiting < ARRAY_LENGTH(w->waiting));
		w->waiting[w->n_waiting++] = *in;
	} else {
		world_reply(w, in);
	}
}

static int world_apply(void *context, uint32_t request, uint32_t confirm_s, char *error,
		       size_t size)
{
	struct world *w = context;
	struct input in = { .kind = INPUT_CONFIG, .request = request };

	if (w->apply_fails) {
		snprintf(error, size, "f:1:1: unknown key 'x'");
		return -EINVAL;
	}
	w->confirm_s = confirm_s;
	world_input(w, &in);
	return 0;
}

static int world_confirm(void *context, char *error, size_t size)
{
	struct world *w = context;

	if (w->confirm_s == 0) {
		snprintf(error, size, "no configuration waits to be confirmed");
		return -ENOENT;
	}
	w->confirm_s = 0;
	return 0;
}

static int world_check(void *context, void (*warning)(void *to, const char *text), void *to,
		       char *error, size_t size)
{
	struct world *w = context;

	warning(to, "f:1:1: warning: hardly meant");
	if (w->apply_fails)
		snprintf(error, size, "f:1:1: unknown key 'x'");
	return w->apply_fails ? -EINVAL : 0;
}

static int world_show(void *context, bool saved, char **ret, char *error, size_t size)
{
	(void)context;
	(void)error;
	(void)size;
	*ret = strdup(saved ? "vips: [\"saved\"]\n" : "vips: [active]\n");
	return *ret ? 0 : -ENOMEM;
}

static int world_diff(void *context, void (*take)(void *to, const struct api_config_change *change),
		      void *to, char *error, size_t size)
{
	(void)context;
	(void)error;
	(void)size;
	take(to, &(struct api_config_change){ "vip", "10.9.1.1", NULL, "{metric: 3}" });
	take(to, &(struct api_config_change){ "board", "vnic1", "vnic1", NULL });
	take(to, &(struct api_config_change){ "rip", "", "{}", "{tag: 1}" });
	return 0;
}

static int world_save(void *context, const struct api_config_save *save, bool look, char *error,
		      size_t size)
{
	struct world *w = context;

	if (w->save_fails) {
		snprintf(error, size, "conf.d/saved.yaml: no place");
		return -ENOSPC;
	}
	if (!look)
		w->n_saved += save->count;
	w->saved_out = save->remove;
	return w->saves_nothing ? 0 : 1;
}

static void world_state(void *context, struct api_config_state *ret)
{
	struct world *w = context;

	*ret = (struct api_config_state){ .applied_ns = INT64_C(1500000000) };
	if (w->apply_fails)
		text_copy(ret->wrong, sizeof(ret->wrong), "f:1:1: unknown key 'x'");
	ret->on_trial = w->confirm_s > 0;
	ret->trial_left = DURATION_S(w->confirm_s);
}

static const struct api_config_hooks config_hooks = {
	.apply = world_apply,
	.confirm = world_confirm,
	.check = world_check,
	.show = world_show,
	.diff = world_diff,
	.save = world_save,
	.state = world_state,
};

static bool world_guard(void *context, struct guard_counters *ret)
{
	const struct world *w = context;

	*ret = (struct guard_counters){ .delay_worst_us = 1234, .delays = { 1, 2 } };
	ret->bfd_deaf = w->bfd_deaf;
	return true;
}

static void world_counts(void *context, struct world_counters *ret)
{
	(void)context;
	*ret = (struct world_counters){ .frames_overrun = 77, .packets_sent = 78 };
}

static void world_source_counts(void *context, uint64_t ret[SOURCE_VERDICT_COUNT])
{
	(void)context;
	for (size_t k = 0; k < SOURCE_VERDICT_COUNT; k++)
		ret[k] = k == SOURCE_VERDICT_RULE ? 9 : 0;
}

static void world_examine(void *context, uint32_t request, const struct address *silent)
{
	const struct finding found = { .severity = FINDING_PROBLEM, .what = "it is in the way" };
	struct world *w = context;

	assert_false(address_is_set(silent));
	w->examined = request;
	if (!w->later)
		api_found(w->api, request, &found, 1);
}

static void world_look(void *context, uint32_t request, const struct source_question *question)
{
	const struct source_look look = {
		.routed = true,
		.n_interfaces = 1,
		.interfaces = { 1 },
		.user_known = strcmp(question->user, "nobady") != 0,
	};
	struct world *w = context;

	w->asked = *question;
	api_looked(w->api, request, true, &look);
}

static void world_stop(void *context, enum api_stop how)
{
	((struct world *)context)->handed_over = how;
	((struct world *)context)->stopped = true;
}

/* Listens at the path, in place of a file that has been removed. */
void world_listen(struct world *w)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	text_copy(address.sun_path, sizeof(address.sun_path), w->path);
	w->listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	assert_true(w->listen_fd >= 0);
	assert_int_equal(bind(w->listen_fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(w->listen_fd, 128), 0);
}

static void world_serve(void **state, struct world *w, const struct node *node)
{
	struct api_hooks hooks = {
		.context = w,
		.node = node,
		.input = world_input,
		.stop = world_stop,
		.guard = world_guard,
		.world = world_counts,
		.source_counts = world_source_counts,
		.examine = world_examine,
		.look = world_look,
		.config_context = w,
		.config = &config_hooks,
	};

	w->answer = malloc(ANSWER_MAX);
	snprintf(w->directory, sizeof(w->directory), "vipd-api-test.XXXXXX");
	assert_non_null(mkdtemp(w->directory));
	snprintf(w->path, sizeof(w->path), "%s/s", w->directory);
	world_listen(w);
	assert_int_equal(api_new(&hooks, w->listen_fd, &w->api), 0);
	*state = w;
}

static struct world *world_new(void)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	return w;
}

int world_setup(void **state)
{
	struct world *w = world_new();

	node_make(w);
	world_serve(state, w, w->node);
	return 0;
}

void world_open(void **state, const struct node *node,
		void (*take)(void *context, const struct input *in), void *context)
{
	struct world *w = world_new();

	w->take = take;
	w->context = context;
	world_serve(state, w, node);
}

int world_teardown(void **state)
{
	struct world *w = *state;

	api_free(w->api);
	node_free(w->node);
	/* The socket was the caller's, and still is. */
	assert_int_equal(close(w->listen_fd), 0);
	unlink(w->path);
	rmdir(w->directory);
	free(w->answer);
	free(w);
	return 0;
}

int client_connect(const struct world *w)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	text_copy(address.sun_path, sizeof(address.sun_path), w->path);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

void world_run(struct world *w)
{
	struct pollfd p = { .fd = api_fd(w->api), .events = POLLIN };

	do
		api_run(w->api);
	while (poll(&p, 1, 0) > 0 || api_timeout_ms(w->api) == 0);
}

bool client_send(struct world *w, int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t n = send(fd, bytes, length, MSG_NOSIGNAL);

		if (n < 0 && errno != EAGAIN)
			return false;
		if (n > 0) {
			bytes += n;
			length -= (size_t)n;
		}
		world_run(w);
	}
	return true;
}

bool client_receive(struct world *w, int fd)
{
	size_t length = 0;
	int quiet = 0;

	w->answer[0] = '\0';
	while (quiet < 3) {
		ssize_t n = recv(fd, w->answer + length, ANSWER_MAX - 1 - length, 0);

		if (n == 0 || (n < 0 && errno != EAGAIN))
			return true;
		if (n > 0) {
			length += (size_t)n;
			quiet = 0;
		} else {
			quiet++;
		}
		w->answer[length] = '\0';
		world_run(w);
	}
	return false;
}

void world_exchange(struct world *w, const char *method, const char *path, const char *body)
{
	int fd = client_connect(w);
	char head[256];

	snprintf(head, sizeof(head),
		 "%s %s HTTP/1.1\r\nHost: vipd\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n",
		 method, path, strlen(body));
	assert_true(client_send(w, fd, head, strlen(head)));
	assert_true(client_send(w, fd, body, strlen(body)));
	client_receive(w, fd);
	close(fd);
	world_run(w);
}

void world_assert(const struct world *w, int status, const char *text)
{
	char line[32];

	snprintf(line, sizeof(line), "HTTP/1.1 %d ", status);
	if (strncmp(w->answer, line, strlen(line)) != 0 || !strstr(w->answer, text))
		fail_msg("expected %d and %s, got %s", status, text, w->answer);
}

size_t occurrences(const char *text, const char *of)
{
	size_t n = 0;

	for (const char *at = strstr(text, of); at; at = strstr(at + 1, of))
		n++;
	return n;
}

void world_event(struct world *w, uint8_t kind, const char *reason)
{
	struct effect e = { .kind = EFFECT_EVENT };

	e.event.kind = kind;
	text_copy(e.event.reason, sizeof(e.event.reason), reason);
	api_effect(w->api, now, &e);
}
