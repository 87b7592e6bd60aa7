/* SPDX-License-Identifier: Apache-2.0 */
/* The speaker of tests over real TCP: two of them at two addresses of the loopback interface. */
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include <uv.h>

#include "base/unit.h"
#include "linux/clock.h"
#include "linux/namespace_test.h"
#include "linux/streams.h"
#include "sim/talk.h"

#define SIDES 2
#define PATIENCE_MS 20000

struct side {
	struct speaker *speaker;
	struct streams *streams;
	uv_timer_t timer;
	struct address address;
	bool pumping;
	unsigned ups, downs, taken;
};

struct wire {
	uv_loop_t loop;
	uv_timer_t patience;
	struct side sides[SIDES];
};

static void pump(struct side *side);

static void hear(void *context, const struct input *in)
{
	struct side *side = context;
	struct instant now = clock_now();

	if (in->kind == INPUT_OPENED)
		speaker_opened(side->speaker, now, &in->stream);
	else if (in->kind == INPUT_STREAM)
		speaker_piece(side->speaker, now, &in->piece);
	else if (in->kind == INPUT_CREDIT)
		speaker_credit(side->speaker, now, &in->change);
	else
		speaker_closed(side->speaker, now, &in->change);
	pump(side);
}

static void due(uv_timer_t *timer)
{
	struct side *side = timer->data;

	speaker_tick(side->speaker, clock_now());
	pump(side);
}

/* As the world does: what comes while effects are carried out waits for its turn. */
static void pump(struct side *side)
{
	struct speaker_output out;
	struct speaker_event e;
	int64_t ms;

	if (side->pumping)
		return;
	side->pumping = true;
	while (speaker_output(side->speaker, clock_now(), &out)) {
		if (out.kind == SPEAKER_OPEN)
			streams_open(side->streams, &out.stream);
		else if (out.kind == SPEAKER_STREAM)
			streams_write(side->streams, &out.piece);
		else if (out.kind == SPEAKER_CLOSE)
			streams_close(side->streams, &out.change);
	}
	side->pumping = false;
	while (speaker_event(side->speaker, &e)) {
		side->ups += e.kind == SPEAKER_EVENT_NEIGHBOR_UP;
		side->downs += e.kind == SPEAKER_EVENT_NEIGHBOR_DOWN;
		side->taken += e.kind == SPEAKER_EVENT_ACCEPTED;
	}
	ms = instant_since(speaker_deadline(side->speaker), clock_now()).ns / 1000000 + 1;
	uv_timer_start(&side->timer, due, ms > 0 ? (uint64_t)ms : 0, 0);
}

static void side_link(struct side *side, bool up)
{
	struct speaker_link link = speaker_link_make(if_nametoindex("lo"), up, &side->address, 8);

	speaker_link(side->speaker, clock_now(), &link);
	pump(side);
}

static void side_begin(struct wire *w, size_t k)
{
	const struct speaker_settings settings = { .protocol = TALK_PROTOCOL };
	struct speech_settings speech = { .protocol = TALK_PROTOCOL, .n_unicast = 1 };
	struct side *side = &w->sides[k];

	side->speaker = talk_class.make(&talk_class, &settings, k + 1, 0);
	side->streams = streams_new(&w->loop, &(struct input_sink){ side, hear });
	assert_non_null(side->speaker);
	assert_non_null(side->streams);
	speech.unicast[0] = w->sides[1 - k].address;
	assert_int_equal(
		speaker_interface_set(side->speaker, clock_now(), if_nametoindex("lo"), &speech),
		0);
	side_link(side, true);
}

static int setup(void **state)
{
	struct wire *w = calloc(1, sizeof(*w));

	if (!w || uv_loop_init(&w->loop) < 0 || uv_timer_init(&w->loop, &w->patience) < 0)
		return -1;
	for (size_t k = 0; k < SIDES; k++) {
		w->sides[k].address = address_ipv4(0x7f000001 + (uint32_t)k);
		uv_timer_init(&w->loop, &w->sides[k].timer);
		w->sides[k].timer.data = &w->sides[k];
	}
	for (size_t k = 0; k < SIDES; k++)
		side_begin(w, k);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct wire *w = *state;

	for (size_t k = 0; k < SIDES; k++) {
		streams_free(w->sides[k].streams);
		uv_close((uv_handle_t *)&w->sides[k].timer, NULL);
		speaker_free(w->sides[k].speaker);
	}
	uv_close((uv_handle_t *)&w->patience, NULL);
	uv_run(&w->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&w->loop), 0);
	free(w);
	return 0;
}

static void out_of_patience(uv_timer_t *timer)
{
	(void)timer;
	fail_msg("what was waited for did not come");
}

#define WAIT_FOR(w, condition)                                                                     \
	do {                                                                                       \
		uv_timer_start(&(w)->patience, out_of_patience, PATIENCE_MS, 0);                   \
		while (!(condition))                                                               \
			uv_run(&(w)->loop, UV_RUN_ONCE);                                           \
		uv_timer_stop(&(w)->patience);                                                     \
	} while (0)

static bool both_are_up(const struct wire *w)
{
	return w->sides[0].ups > w->sides[0].downs && w->sides[1].ups > w->sides[1].downs;
}

static void assert_nothing_wrong(const struct wire *w)
{
	for (size_t k = 0; k < SIDES; k++)
		assert_int_equal(talk_counters(w->sides[k].speaker)->wrong, 0);
}

static void test_a_session_comes_up_and_counts(void **state)
{
	struct wire *w = *state;

	WAIT_FOR(w, talk_counters(w->sides[0].speaker)->numbers >= 2 &&
			    talk_counters(w->sides[1].speaker)->numbers >= 2);
	assert_true(both_are_up(w));
	assert_nothing_wrong(w);
}

static void test_a_prefix_is_announced_taken_and_withdrawn(void **state)
{
	struct wire *w = *state;
	const struct address a = address_ipv4(0x0a090101);
	const struct prefix p = prefix_host(&a);

	WAIT_FOR(w, both_are_up(w));
	assert_int_equal(speaker_announce(w->sides[0].speaker, clock_now(), &p, NULL, 10), 0);
	pump(&w->sides[0]);
	WAIT_FOR(w, talk_hears(w->sides[1].speaker, &p) && w->sides[0].taken == 1);
	assert_int_equal(speaker_withdraw(w->sides[0].speaker, clock_now(), &p), 0);
	pump(&w->sides[0]);
	WAIT_FOR(w, !talk_hears(w->sides[1].speaker, &p));
	assert_nothing_wrong(w);
}

static void test_after_an_end_there_is_a_new_beginning(void **state)
{
	struct wire *w = *state;
	const struct address a = address_ipv4(0x0a090101);
	const struct prefix p = prefix_host(&a);

	WAIT_FOR(w, both_are_up(w));
	assert_int_equal(speaker_announce(w->sides[1].speaker, clock_now(), &p, NULL, 10), 0);
	pump(&w->sides[1]);
	WAIT_FOR(w, talk_hears(w->sides[0].speaker, &p));
	side_link(&w->sides[0], false);
	WAIT_FOR(w, w->sides[1].downs > 0);
	assert_false(talk_hears(w->sides[0].speaker, &p));
	side_link(&w->sides[0], true);
	WAIT_FOR(w, both_are_up(w) && talk_hears(w->sides[0].speaker, &p));
	assert_nothing_wrong(w);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_session_comes_up_and_counts),
		TEST(test_a_prefix_is_announced_taken_and_withdrawn),
		TEST(test_after_an_end_there_is_a_new_beginning),
	};

	if (!namespace_enter())
		return 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
