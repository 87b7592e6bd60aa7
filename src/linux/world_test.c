/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The world with a node that only does what a test tells it; the kernel is never asked for
 * anything.
 */
#include "linux/world.h"

#include <stdlib.h>
#include <sys/socket.h>

#include <net/if.h>
#include <netinet/in.h>

#include "base/container.h"
#include "base/unit.h"
#include "linux/clock.h"
#include "linux/namespace_test.h"
#include "node/protocol.h"
#include "proto/rip/rip.h"

#define SEEN_MAX 64

/* It stands in for the real one: the test is not linked with that. */
struct node {
	struct instant deadline;
	struct {
		struct input input;
		struct instant at;
	} seen[SEEN_MAX];
	size_t n_seen;
	struct effect effects[SEEN_MAX]; /* to be given out, in this order */
	size_t next, end;
	bool inside;
};

void node_input(struct node *n, struct instant now, const struct input *in)
{
	assert_false(n->inside);
	assert_true(n->n_seen < SEEN_MAX);
	n->seen[n->n_seen].input = *in;
	n->seen[n->n_seen++].at = now;
	if (in->kind == INPUT_TICK)
		n->deadline = INSTANT_NEVER;
}

bool node_effect(struct node *n, struct instant now, struct effect *ret)
{
	(void)now;
	if (n->next == n->end)
		return false;
	*ret = n->effects[n->next++];
	return true;
}

struct instant node_deadline(const struct node *n)
{
	return n->deadline;
}

/* The real ones come with the real node, and nothing is recorded here. */
size_t input_encode(const struct input *in, uint8_t *bytes)
{
	(void)in, (void)bytes;
	return 0;
}

size_t effect_encode(const struct effect *e, uint8_t *bytes)
{
	(void)e, (void)bytes;
	return 0;
}

struct bench {
	uv_loop_t loop;
	struct node node;
	struct logbook logbook;
	struct world *world;
	size_t replies;
	bool stopped;
};

static void replied(void *context, struct instant now, const struct effect *e)
{
	struct bench *b = context;

	(void)now;
	(void)e;
	b->replies++;
	/* Who gets an answer asks the next question at once. */
	b->node.inside = true;
	world_input(b->world, &(struct input){ .kind = INPUT_PURGE });
	b->node.inside = false;
}

static void stopped(void *context)
{
	struct bench *b = context;

	b->stopped = true;
}

static void effect_plan(struct bench *b, enum effect_kind kind)
{
	assert_true(b->node.end < SEEN_MAX);
	b->node.effects[b->node.end++] = (struct effect){ .kind = (uint8_t)kind };
}

static int setup(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));
	struct world_parts parts;

	if (!b || uv_loop_init(&b->loop) < 0)
		return -1;
	b->node.deadline = INSTANT_NEVER;
	logbook_init(&b->logbook, STDERR_FILENO);
	parts = (struct world_parts){ &b->loop, &b->node, &b->logbook, NULL, NULL };
	*state = b;
	return world_new(
		&parts, &(struct world_hooks){ .context = b, .reply = replied, .stopped = stopped },
		&b->world);
}

static int teardown(void **state)
{
	struct bench *b = *state;

	world_free(b->world);
	assert_int_equal(uv_loop_close(&b->loop), 0);
	free(b);
	return 0;
}

static void test_an_input_from_inside_waits_for_its_turn(void **state)
{
	struct bench *b = *state;

	effect_plan(b, EFFECT_REPLY);
	effect_plan(b, EFFECT_REPLY);
	world_input(b->world, &(struct input){ .kind = INPUT_BOARD });
	assert_int_equal(b->replies, 2);
	assert_int_equal(b->node.n_seen, 3);
	assert_int_equal(b->node.seen[0].input.kind, INPUT_BOARD);
	assert_int_equal(b->node.seen[1].input.kind, INPUT_PURGE);
	assert_int_equal(b->node.seen[2].input.kind, INPUT_PURGE);
}

static void test_time_never_goes_back(void **state)
{
	struct bench *b = *state;

	for (int i = 0; i < 20; i++)
		world_input(b->world, &(struct input){ .kind = INPUT_PURGE });
	for (size_t i = 1; i < b->node.n_seen; i++)
		assert_false(instant_before(b->node.seen[i].at, b->node.seen[i - 1].at));
}

/* Where the only timer may fire before the loop waits, it would wait for ever. */
static void run_once(struct bench *b)
{
	uv_run(&b->loop, UV_RUN_NOWAIT);
	usleep(100);
}

static void test_a_tick_is_never_early(void **state)
{
	static const int64_t us[] = { 100, 900, 1000, 1100, 2500, 4999, 7001 };
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_LENGTH(us); i++) {
		struct instant due = instant_add(clock_now(), (struct duration){ us[i] * 1000 });

		b->node.n_seen = 0;
		b->node.deadline = due;
		world_input(b->world, &(struct input){ .kind = INPUT_PURGE });
		while (!instant_is_never(b->node.deadline))
			run_once(b);
		assert_int_equal(b->node.n_seen, 2);
		assert_int_equal(b->node.seen[1].input.kind, INPUT_TICK);
		assert_true(instant_reached(due, b->node.seen[1].at));
	}
}

static void test_a_deadline_that_has_come_is_not_waited_for(void **state)
{
	struct bench *b = *state;

	b->node.deadline = clock_now();
	world_input(b->world, &(struct input){ .kind = INPUT_PURGE });
	assert_int_equal(b->node.n_seen, 2);
	assert_int_equal(b->node.seen[1].input.kind, INPUT_TICK);
}

/* From this host to itself, to where the node listens. */
static void packets_send(size_t count)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(RIP_PORT) };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(sendto(fd, "x", 1, 0, (struct sockaddr *)&to, sizeof(to)), 1);
	close(fd);
}

static void test_what_came_while_the_process_stood_still_is_heard_before_what_is_due(void **state)
{
	static const uint8_t expected[] = { INPUT_BIND,	  INPUT_LISTENING, INPUT_PACKET,
					    INPUT_PACKET, INPUT_PACKET,	   INPUT_TICK,
					    INPUT_PURGE };
	struct bench *b = *state;

	effect_plan(b, EFFECT_LISTEN);
	b->node.effects[0].listen.interface = if_nametoindex("lo");
	b->node.effects[0].listen.on = true;
	b->node.effects[0].listen.speaker = b->node.effects[0].listen.protocol = PROTOCOL_RIP;
	world_input(b->world, &(struct input){ .kind = INPUT_BIND });
	packets_send(3);
	b->node.deadline = instant_add(clock_now(), DURATION_S(-2));
	world_input(b->world, &(struct input){ .kind = INPUT_PURGE });
	while (b->node.n_seen < ARRAY_LENGTH(expected))
		run_once(b);
	for (size_t i = 0; i < ARRAY_LENGTH(expected); i++) {
		assert_int_equal(b->node.seen[i].input.kind, expected[i]);
		/* Until then nothing follows from what is heard. */
		assert_int_equal(b->node.seen[i].input.more, expected[i] == INPUT_PACKET);
	}
}

static void test_a_refused_change_comes_back_with_its_number(void **state)
{
	struct bench *b = *state;
	struct effect *e = &b->node.effects[0];

	effect_plan(b, EFFECT_OBJECT_ADD);
	e->id = 77;
	e->object = (struct object){ .kind = OBJECT_LOCAL,
				     .interface = 4711,
				     .address = address_ipv4(0x0a090101),
				     .length = 32 };
	world_input(b->world, &(struct input){ .kind = INPUT_BIND });
	while (b->node.n_seen < 2)
		uv_run(&b->loop, UV_RUN_ONCE);
	assert_int_equal(b->node.seen[1].input.kind, INPUT_DONE);
	assert_int_equal(b->node.seen[1].input.done.first, 77);
	assert_true(b->node.seen[1].input.done.error < 0);
}

static void test_the_node_says_when_it_has_stopped(void **state)
{
	struct bench *b = *state;

	effect_plan(b, EFFECT_STOPPED);
	world_input(b->world, &(struct input){ .kind = INPUT_STOP });
	assert_true(b->stopped);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_an_input_from_inside_waits_for_its_turn),
		TEST(test_time_never_goes_back),
		TEST(test_a_tick_is_never_early),
		TEST(test_a_deadline_that_has_come_is_not_waited_for),
		TEST(test_what_came_while_the_process_stood_still_is_heard_before_what_is_due),
		TEST(test_a_refused_change_comes_back_with_its_number),
		TEST(test_the_node_says_when_it_has_stopped),
	};

	if (!namespace_enter())
		return 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
