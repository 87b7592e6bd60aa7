/* SPDX-License-Identifier: Apache-2.0 */
/* Both ends of each stream are ours, over the loopback interface of a namespace of our own. */
#include "linux/streams.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <net/if.h>

#include "base/unit.h"
#include "linux/namespace_test.h"

#define PORT 7179
#define HEARD_MAX 1024
#define PATIENCE_MS 8000
#define SECRET "/run/vipd-streams-test"
#define OTHER_SECRET SECRET "-other"

/* Who waits, and who calls. */
enum {
	HOST = 1,
	GUEST,
};

struct ear {
	uv_loop_t loop;
	uv_timer_t patience;
	struct streams *streams;
	enum family family;
	struct address ours;
	struct input heard[HEARD_MAX];
	size_t count;
	size_t bytes[3]; /* that each has heard */
	uint32_t credit; /* that the guest has got back */
	uint8_t next;	 /* of what the host hears: bytes count up */
	bool in_order;
};

static void hear(void *context, const struct input *in)
{
	struct ear *e = context;

	if (in->kind == INPUT_STREAM) {
		e->bytes[in->piece.speaker] += in->piece.length;
		for (size_t i = 0; i < in->piece.length && in->piece.speaker == HOST; i++)
			e->in_order &= in->piece.bytes[i] == e->next++;
		return;
	}
	if (in->kind == INPUT_CREDIT) {
		assert_int_equal(in->change.speaker, GUEST);
		e->credit += in->change.credit;
		return;
	}
	assert_true(e->count < HEARD_MAX);
	e->heard[e->count++] = *in;
}

static void out_of_patience(uv_timer_t *timer)
{
	(void)timer;
	fail_msg("what was waited for did not come");
}

static void begin_to_wait(struct ear *e)
{
	uv_timer_start(&e->patience, out_of_patience, PATIENCE_MS, 0);
}

/* Until so many have been opened or closed. */
static void wait_for(struct ear *e, size_t count)
{
	begin_to_wait(e);
	while (e->count < count)
		uv_run(&e->loop, UV_RUN_ONCE);
	uv_timer_stop(&e->patience);
}

static int setup_family(void **state, enum family family)
{
	struct ear *e = calloc(1, sizeof(*e));

	if (!e || uv_loop_init(&e->loop) < 0 || uv_timer_init(&e->loop, &e->patience) < 0)
		return -1;
	e->family = family;
	e->in_order = true;
	assert_int_equal(address_parse(family == FAMILY_IPV6 ? "::1" : "127.0.0.1", &e->ours), 0);
	e->streams = streams_new(&e->loop, &(struct input_sink){ e, hear });
	*state = e;
	return e->streams ? 0 : -1;
}

static int setup(void **state)
{
	return setup_family(state, FAMILY_IPV4);
}

static int setup_ipv6(void **state)
{
	return setup_family(state, FAMILY_IPV6);
}

static int teardown(void **state)
{
	struct ear *e = *state;

	streams_free(e->streams);
	uv_close((uv_handle_t *)&e->patience, NULL);
	uv_run(&e->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&e->loop), 0);
	free(e);
	return 0;
}

static struct stream stream(const struct ear *e, uint16_t speaker)
{
	return (struct stream){ .speaker = speaker,
				.number = 1,
				.listens = speaker == HOST,
				.local = e->ours,
				.remote = e->ours,
				.port = PORT };
}

static struct input opened_by(const struct ear *e, uint16_t speaker)
{
	for (size_t i = 0; i < e->count; i++)
		if (e->heard[i].kind == INPUT_OPENED && e->heard[i].stream.speaker == speaker)
			return e->heard[i];
	fail_msg("it is not open");
	return e->heard[0];
}

/* Both ends are open; the number of the host's end. */
static uint32_t meet(struct ear *e)
{
	struct stream host = stream(e, HOST), guest = stream(e, GUEST);
	struct input accepted;

	streams_open(e->streams, &host);
	streams_open(e->streams, &guest);
	wait_for(e, 2);
	accepted = opened_by(e, HOST);
	assert_true(accepted.stream.number >= STREAM_ACCEPTED);
	assert_true(address_equal(&accepted.stream.remote, &e->ours));
	assert_int_equal(accepted.stream.credit, STREAM_CREDIT);
	assert_int_equal(opened_by(e, GUEST).stream.number, 1);
	e->count = 0;
	return accepted.stream.number;
}

/* The guest writes bytes that count up. */
static void guest_writes(struct ear *e, size_t from, size_t length)
{
	struct stream_piece p = { .speaker = GUEST, .number = 1, .length = (uint16_t)length };

	for (size_t i = 0; i < length; i++)
		p.bytes[i] = (uint8_t)(from + i);
	streams_write(e->streams, &p);
}

static void test_what_is_written_arrives_at_the_other_end(void **state)
{
	struct ear *e = *state;
	struct stream_piece back = { .speaker = HOST, .length = 5 };

	back.number = meet(e);
	guest_writes(e, 0, 300);
	streams_write(e->streams, &back);
	begin_to_wait(e);
	while (e->bytes[HOST] < 300 || e->bytes[GUEST] < 5)
		uv_run(&e->loop, UV_RUN_ONCE);
	assert_true(e->in_order);
}

static void test_credit_comes_back_as_the_other_end_reads(void **state)
{
	struct ear *e = *state;
	size_t written = 0, credit = STREAM_CREDIT;

	meet(e);
	begin_to_wait(e);
	while (e->bytes[HOST] < 4000000) {
		while (credit + e->credit - written >= STREAM_BYTES_MAX) {
			guest_writes(e, written, STREAM_BYTES_MAX);
			written += STREAM_BYTES_MAX;
		}
		uv_run(&e->loop, UV_RUN_ONCE);
	}
	assert_true(e->in_order);
	assert_int_equal(e->count, 0);
}

/* Not of our loop: a socket of the test's own that never reads. */
static int deaf_host(struct ear *e)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	int fd = socket(AF_INET, SOCK_STREAM, 0), small = 4096;

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_true(fd >= 0);
	(void)e;
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)), 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int)), 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(fd, 1), 0);
	return fd;
}

static void test_who_does_not_read_is_written_to_no_further_than_the_credit(void **state)
{
	struct ear *e = *state;
	int host = deaf_host(e);
	struct stream guest = stream(e, GUEST);
	size_t written = 0;

	streams_open(e->streams, &guest);
	wait_for(e, 1);
	/* Until the kernel takes nothing more, and neither do we. */
	for (int quiet = 0; quiet < 20;) {
		if (STREAM_CREDIT + e->credit - written < STREAM_BYTES_MAX) {
			quiet++;
			uv_run(&e->loop, UV_RUN_NOWAIT);
			continue;
		}
		guest_writes(e, written, STREAM_BYTES_MAX);
		written += STREAM_BYTES_MAX;
		quiet = 0;
	}
	assert_int_equal(e->count, 1);
	/* One who writes on all the same has no stream any more. */
	for (int i = 0; i < 2; i++)
		guest_writes(e, written, STREAM_BYTES_MAX);
	assert_int_equal(e->count, 2);
	assert_int_equal(e->heard[1].kind, INPUT_CLOSED);
	assert_int_equal(e->heard[1].change.error, -ENOBUFS);
	close(host);
}

static void test_the_last_words_arrive_before_the_end(void **state)
{
	struct ear *e = *state;
	const struct stream_change end = { .speaker = GUEST, .number = 1 };

	meet(e);
	for (size_t written = 0; written < 42000; written += STREAM_BYTES_MAX)
		guest_writes(e, written, STREAM_BYTES_MAX);
	streams_close(e->streams, &end);
	wait_for(e, 1);
	assert_int_equal(e->heard[0].kind, INPUT_CLOSED);
	assert_int_equal(e->heard[0].change.speaker, HOST);
	assert_int_equal(e->heard[0].change.error, 0);
	assert_int_equal(e->bytes[HOST], 42000);
	assert_true(e->in_order);
}

static void test_one_that_is_cut_off_is_reset_at_the_other_end(void **state)
{
	struct ear *e = *state;

	meet(e);
	streams_close(e->streams, &(struct stream_change){
					  .speaker = GUEST, .number = 1, .error = -ECONNABORTED });
	wait_for(e, 1);
	assert_int_equal(e->heard[0].kind, INPUT_CLOSED);
	assert_int_equal(e->heard[0].change.error, -ECONNRESET);
}

static void test_where_nobody_waits_a_call_is_refused(void **state)
{
	struct ear *e = *state;
	struct stream guest = stream(e, GUEST);

	streams_open(e->streams, &guest);
	wait_for(e, 1);
	assert_int_equal(e->heard[0].kind, INPUT_CLOSED);
	assert_int_equal(e->heard[0].change.error, -ECONNREFUSED);
	/* Its number is free. */
	meet(e);
}

static void test_who_is_not_waited_for_is_turned_away(void **state)
{
	struct ear *e = *state;
	struct stream host = stream(e, HOST), guest = stream(e, GUEST);

	assert_int_equal(
		address_parse(e->family == FAMILY_IPV6 ? "fd00::9" : "10.9.9.9", &host.remote), 0);
	streams_open(e->streams, &host);
	streams_open(e->streams, &guest);
	wait_for(e, 2);
	assert_int_equal(e->heard[0].stream.speaker, GUEST);
	assert_int_equal(e->heard[1].kind, INPUT_CLOSED);
	assert_int_equal(e->heard[1].change.speaker, GUEST);
}

static void test_a_door_is_open_for_as_long_as_somebody_waits(void **state)
{
	struct ear *e = *state;
	struct stream first = stream(e, HOST), second = first, guest = stream(e, GUEST);

	/* Anybody may call the second one. */
	second.number = 2;
	second.remote = (struct address){ 0 };
	streams_open(e->streams, &first);
	streams_open(e->streams, &second);
	streams_close(e->streams, &(struct stream_change){ .speaker = HOST, .number = 1 });
	streams_open(e->streams, &guest);
	wait_for(e, 2);
	assert_int_equal(opened_by(e, HOST).stream.port, PORT);
	e->count = 0;
	streams_close(e->streams, &(struct stream_change){ .speaker = HOST, .number = 2 });
	guest.number = 2;
	streams_open(e->streams, &guest);
	wait_for(e, 1);
	assert_int_equal(e->heard[0].change.error, -ECONNREFUSED);
}

static void count_turn(uv_prepare_t *turn)
{
	++*(unsigned *)turn->data;
}

static void end_of_scarcity(uv_timer_t *timer)
{
	*(bool *)timer->data = true;
}

/* Who calls waits until a descriptor is free, and the loop does not go round meanwhile. */
static void test_without_a_free_descriptor_a_door_rests(void **state)
{
	struct ear *e = *state;
	struct stream host = stream(e, HOST), guest = stream(e, GUEST);
	struct rlimit before, few;
	uv_prepare_t prepare;
	uv_timer_t timer;
	unsigned turns = 0;
	bool over = false;
	int lowest;

	streams_open(e->streams, &host);
	streams_open(e->streams, &guest);
	assert_int_equal(uv_prepare_init(&e->loop, &prepare), 0);
	assert_int_equal(uv_timer_init(&e->loop, &timer), 0);
	prepare.data = &turns;
	timer.data = &over;
	uv_prepare_start(&prepare, count_turn);
	uv_timer_start(&timer, end_of_scarcity, 500, 0);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	lowest = dup(0);
	close(lowest);
	few = before;
	few.rlim_cur = (rlim_t)lowest;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	while (!over)
		uv_run(&e->loop, UV_RUN_ONCE);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	uv_close((uv_handle_t *)&prepare, NULL);
	uv_close((uv_handle_t *)&timer, NULL);
	assert_in_range(turns, 1, 50);
	wait_for(e, 2);
	assert_int_equal(opened_by(e, HOST).stream.port, PORT);
	assert_int_equal(opened_by(e, GUEST).stream.port, PORT);
}

/* RFC 5082: what came over a router is not believed, and leaves no trace. */
static void test_a_call_from_too_far_away_is_not_heard(void **state)
{
	struct ear *e = *state;
	struct stream host = stream(e, HOST), far = stream(e, GUEST), near = far;

	host.hop_limit = host.hop_limit_min = 255;
	far.hop_limit = 254;
	near.number = 2;
	near.hop_limit = near.hop_limit_min = 255;
	streams_open(e->streams, &host);
	streams_open(e->streams, &far);
	streams_open(e->streams, &near);
	wait_for(e, 2);
	assert_int_equal(opened_by(e, GUEST).stream.number, 2);
	(void)opened_by(e, HOST);
}

static void secret_write(const char *path, const char *secret)
{
	int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);

	assert_true(fd >= 0 && write(fd, secret, strlen(secret)) == (ssize_t)strlen(secret));
	close(fd);
}

static void test_a_key_lets_in_who_has_it_too(void **state)
{
	struct ear *e = *state;
	struct stream host = stream(e, HOST), guest = stream(e, GUEST), liar = guest;

	secret_write(SECRET, "a secret");
	secret_write(OTHER_SECRET, "another");
	liar.number = 2;
	snprintf(host.secret, sizeof(host.secret), SECRET);
	snprintf(guest.secret, sizeof(guest.secret), SECRET);
	snprintf(liar.secret, sizeof(liar.secret), OTHER_SECRET);
	streams_open(e->streams, &host);
	streams_open(e->streams, &liar);
	streams_open(e->streams, &guest);
	wait_for(e, 1);
	if (e->heard[0].kind == INPUT_CLOSED && e->heard[0].change.error == -ENOPROTOOPT) {
		print_message("# this kernel has no TCP MD5\n");
		skip();
	}
	wait_for(e, 2);
	assert_int_equal(opened_by(e, GUEST).stream.number, 1);
	unlink(SECRET);
	unlink(OTHER_SECRET);
}

static void test_a_key_stays_as_long_as_somebody_waits_who_demands_it(void **state)
{
	struct ear *e = *state;
	struct stream host = stream(e, HOST), second = host, third = host;
	struct stream guest = stream(e, GUEST), stranger = guest;

	secret_write(SECRET, "a secret");
	second.number = 2;
	third.number = 3;
	stranger.number = 2;
	snprintf(host.secret, sizeof(host.secret), SECRET);
	snprintf(second.secret, sizeof(second.secret), SECRET);
	snprintf(third.secret, sizeof(third.secret), "/nowhere");
	snprintf(guest.secret, sizeof(guest.secret), SECRET);
	streams_open(e->streams, &host);
	if (e->count > 0 && e->heard[0].change.error == -ENOPROTOOPT)
		skip();
	streams_open(e->streams, &second);
	streams_close(e->streams, &(struct stream_change){ .speaker = HOST, .number = 1 });
	/* Nor does one take it along that never was there. */
	streams_open(e->streams, &third);
	assert_int_equal(e->count, 1);
	assert_int_equal(e->heard[0].change.error, -EKEYREJECTED);
	e->count = 0;
	streams_open(e->streams, &stranger);
	streams_open(e->streams, &guest);
	wait_for(e, 2);
	assert_int_equal(opened_by(e, GUEST).stream.number, 1);
	unlink(SECRET);
}

/* The kernel has keys of addresses alone: anybody would come in without. */
static void test_of_anybody_no_key_can_be_demanded(void **state)
{
	struct ear *e = *state;
	struct stream host = stream(e, HOST);

	secret_write(SECRET, "a secret");
	snprintf(host.secret, sizeof(host.secret), SECRET);
	host.remote = (struct address){ 0 };
	streams_open(e->streams, &host);
	assert_int_equal(e->count, 1);
	assert_int_equal(e->heard[0].kind, INPUT_CLOSED);
	assert_int_equal(e->heard[0].change.error, -EINVAL);
	unlink(SECRET);
	/* Without one he may come. */
	host.secret[0] = '\0';
	streams_open(e->streams, &host);
	assert_int_equal(e->count, 1);
}

static void test_without_its_secret_nothing_is_opened(void **state)
{
	struct ear *e = *state;
	struct stream host = stream(e, HOST), guest = stream(e, GUEST);

	snprintf(host.secret, sizeof(host.secret), "/nowhere");
	snprintf(guest.secret, sizeof(guest.secret), "/nowhere");
	streams_open(e->streams, &host);
	streams_open(e->streams, &guest);
	wait_for(e, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(e->heard[i].kind, INPUT_CLOSED);
		assert_int_equal(e->heard[i].change.error, -EKEYREJECTED);
	}
}

#define TEST(name)                                                                                 \
	cmocka_unit_test_setup_teardown(name, setup, teardown),                                    \
	{                                                                                          \
#name " (IPv6)", name, setup_ipv6, teardown, NULL                                  \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_what_is_written_arrives_at_the_other_end),
		TEST(test_credit_comes_back_as_the_other_end_reads),
		cmocka_unit_test_setup_teardown(
			test_who_does_not_read_is_written_to_no_further_than_the_credit, setup,
			teardown),
		TEST(test_the_last_words_arrive_before_the_end),
		TEST(test_one_that_is_cut_off_is_reset_at_the_other_end),
		TEST(test_where_nobody_waits_a_call_is_refused),
		TEST(test_who_is_not_waited_for_is_turned_away),
		TEST(test_a_door_is_open_for_as_long_as_somebody_waits),
		TEST(test_without_a_free_descriptor_a_door_rests),
		TEST(test_a_call_from_too_far_away_is_not_heard),
		TEST(test_a_key_lets_in_who_has_it_too),
		TEST(test_a_key_stays_as_long_as_somebody_waits_who_demands_it),
		TEST(test_of_anybody_no_key_can_be_demanded),
		TEST(test_without_its_secret_nothing_is_opened),
	};

	if (!namespace_enter())
		return 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
