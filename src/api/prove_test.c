/* SPDX-License-Identifier: Apache-2.0 */
/* /v1/prove over a real socket, with a node that asks two routers, and clients that mean harm. */
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api/fixture_test.h"
#include "base/container.h"
#include "base/text.h"
#include "node/stage_test.h"

#define VIP "10.9.1.1"
#define OWN "10.1.0.10"
#define ROUTER "10.1.0.1"
#define SECOND "10.1.0.7"
#define ASK(line) line " HTTP/1.1\r\nHost: v\r\n\r\n"

struct lan {
	struct world *w;
	struct stage *s;
};

static void take(void *context, const struct input *in)
{
	stage_put(context, in);
}

static void told(void *context, struct instant now, const struct effect *e)
{
	api_effect(((struct lan *)context)->w->api, now, e);
}

static bool answer(struct lan *p, const char *router, enum echo_outcome outcome)
{
	bool asked = stage_proved(p->s, VIP, router, outcome, 1);

	world_run(p->w);
	return asked;
}

/* What is due for other reasons is over. */
static void settle(struct lan *p)
{
	for (size_t k = 0; k < 5; k++) {
		while (answer(p, ROUTER, ECHO_OUTCOME_RETURNED) ||
		       answer(p, SECOND, ECHO_OUTCOME_RETURNED))
			continue;
		stage_run(p->s, DURATION_MS(100));
	}
}

static int proof_setup(void **state)
{
	struct lan *p = test_malloc(sizeof(*p));

	stage_raise((void **)&p->s);
	p->s->proof = true;
	stage_begin(p->s, NULL);
	stage_packet_put(p->s, ROUTER, "10.88.0.0/24", 1);
	stage_packet_put(p->s, SECOND, "10.88.0.0/24", 1);
	stage_bind(p->s, VIP "/32");
	stage_run(p->s, DURATION_S(1));
	world_open((void **)&p->w, p->s->node, take, p->s);
	settle(p);
	p->s->told = told;
	p->s->context = p;
	*state = p;
	return 0;
}

static int proof_teardown(void **state)
{
	struct lan *p = *state;

	world_teardown((void **)&p->w);
	stage_teardown((void **)&p->s);
	test_free(p);
	return 0;
}

/* Connects and asks; the answer, or a part of it, is to be received. */
static int ask(struct lan *p, const char *request)
{
	int fd = client_connect(p->w);

	assert_true(client_send(p->w, fd, request, strlen(request)));
	return fd;
}

static const char *heard(struct lan *p, int fd)
{
	client_receive(p->w, fd);
	return p->w->answer;
}

static void each_router_is_told_as_soon_as_it_has_been_tried(void **state)
{
	struct lan *p = *state;
	int fd = ask(p, ASK("POST /v1/prove/" VIP "?stream=1"));

	assert_string_equal(heard(p, fd), "");
	assert_true(answer(p, SECOND, ECHO_OUTCOME_RETURNED));
	heard(p, fd);
	world_assert(p->w, 200, "Content-Type: application/x-ndjson");
	world_assert(p->w, 200,
		     "{\"schema\":1,\"kind\":\"proof\",\"neighbor\":\"" SECOND
		     "\",\"interface\":\"eth0\",\"source\":\"10.1.0.10\",\"outcome\":\"proven\",");
	assert_int_equal(occurrences(p->w->answer, "\"kind\""), 1);
	/* It is lost when something else comes back through it, and not before. */
	assert_true(answer(p, ROUTER, ECHO_OUTCOME_LOST));
	assert_string_equal(heard(p, fd), "");
	stage_run(p->s, DURATION_MS(100));
	assert_true(stage_proved(p->s, OWN, ROUTER, ECHO_OUTCOME_RETURNED, 1));
	heard(p, fd);

	assert_int_equal(occurrences(p->w->answer, SECOND), 0);
	assert_int_equal(occurrences(p->w->answer, "\"outcome\":\"lost\""), 1);
	assert_non_null(strstr(p->w->answer, "{\"schema\":1,\"kind\":\"verdict\",\"address\":\"" VIP
					     "\",\"asked\":2,\"proven\":1,\"not_forwarded\":1}\n"));
	/* The last chunk. */
	assert_non_null(strstr(p->w->answer, "\r\n0\r\n\r\n"));
	close(fd);
}

static void who_wants_one_document_has_it_when_all_is_over(void **state)
{
	struct lan *p = *state;
	int fds[] = { ask(p, ASK("POST /v1/prove/" VIP)),
		      ask(p, ASK("POST /v1/prove/" VIP "?stream=0")) };

	settle(p);
	for (size_t i = 0; i < ARRAY_LENGTH(fds); i++) {
		heard(p, fds[i]);
		world_assert(p->w, 200, "Content-Type: application/json");
		world_assert(p->w, 200, "{\"schema\":1,\"address\":\"" VIP "\",\"proofs\":[{");
		assert_int_equal(occurrences(p->w->answer, "\"outcome\":\"proven\""), 2);
		close(fds[i]);
	}
}

static void what_cannot_be_asked_is_refused_as_one_document_also_to_who_streams(void **state)
{
	struct lan *p = *state;
	int fd = ask(p, ASK("POST /v1/prove/10.9.1.2?stream=1"));

	heard(p, fd);
	world_assert(p->w, 404, "{\"schema\":1,\"error\":\"10.9.1.2 is not bound\"}");
	world_assert(p->w, 404, "Content-Type: application/json");
	close(fd);
}

static void nonsense_is_refused_and_reaches_no_router(void **state)
{
	static const struct {
		const char *path;
		int status;
		const char *text;
	} cases[] = {
		{ "", 404, "there is nothing at" },
		{ "vip", 404, "is not an address" },
		{ "10.9.1.1/32", 404, "is not an address" },
		{ "10.9.1.1%2F32", 404, "is not an address" },
		{ "10.9.1", 404, "is not an address" },
		{ "010.9.1.1", 404, "is not an address" },
		{ "%0010.9.1.1", 400, "nothing has a NUL in it" },
		{ "10.9.1.1%00", 400, "nothing has a NUL in it" },
		{ "10.9.1.1?neighbor=10.1.0.1%00x", 400, "nothing has a NUL in it" },
		{ "%22%0a%7b", 404, "'\\\"\\u000a{' is not an address" },
		{ "10.9.1.1%20", 404, "is not an address" },
		{ "fe80::1%25eth0", 404, "is not an address" },
		{ "::", 404, "is not bound" },
		{ "::ffff:10.9.1.1", 404, "" },
		{ "10.9.1.1?neighbor=", 422, "'' is not an address" },
		{ "10.9.1.1?neighbor=10.1.0.1%20", 422, "is not an address" },
		{ "10.9.1.1?neighbor=0.0.0.0", 404, "0.0.0.0 is no router" },
		{ "10.9.1.1?neighbor=::", 404, ":: is no router" },
		{ "10.9.1.1?neighbor=fe80::1", 404, "is no router" },
		{ "10.9.1.1?neighbor=10.1.0.10", 404, "is no router" },
		{ "10.9.1.1?neighbour=10.1.0.1", 400, "unknown parameter 'neighbour'" },
		{ "10.9.1.1?stream=yes", 400, "the parameter 'stream' is a number" },
		{ "10.9.1.1?stream=1&stream=-1", 400, "the parameter 'stream' is a number" },
	};
	struct lan *p = *state;

	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		char path[128];

		snprintf(path, sizeof(path), "/v1/prove/%s", cases[i].path);
		world_exchange(p->w, "POST", path, "");
		world_assert(p->w, cases[i].status, cases[i].text);
	}
	world_exchange(p->w, "GET", "/v1/prove/" VIP, "");
	world_assert(p->w, 405, "takes POST, not GET");
	assert_int_equal(p->s->n_proves, 0);
}

static void a_body_that_is_not_empty_is_refused_and_reaches_no_router(void **state)
{
	struct lan *p = *state;
	char body[4096];
	char nested[2001];

	memset(nested, '[', 1000);
	memset(nested + 1000, ']', 1000);
	nested[2000] = '\0';
	world_exchange(p->w, "POST", "/v1/prove/" VIP, nested);
	world_assert(p->w, 400, "error");
	memset(nested, '{', 2000);
	world_exchange(p->w, "POST", "/v1/prove/" VIP "?stream=1", nested);
	world_assert(p->w, 400, "error");
	world_exchange(p->w, "POST", "/v1/prove/" VIP, "{\"neighbor\":\"" ROUTER "\"}");
	world_assert(p->w, 422, "error");
	memset(body, ' ', sizeof(body) - 1);
	body[sizeof(body) - 1] = '\0';
	assert_int_equal(p->s->n_proves, 0);
	/* Nothing, in many bytes. */
	world_exchange(p->w, "POST", "/v1/prove/" VIP, body);
	assert_int_equal(p->s->n_proves, 2);
}

static void a_body_that_is_too_long_is_not_read(void **state)
{
	static const char head[] = "POST /v1/prove/" VIP " HTTP/1.1\r\nHost: v\r\n"
				   "Content-Length: 4194304\r\n\r\n";
	static const char chunked[] = "POST /v1/prove/" VIP "?stream=1 HTTP/1.1\r\nHost: v\r\n"
				      "Transfer-Encoding: chunked\r\n\r\n400000\r\n";
	struct lan *p = *state;
	char piece[8192];

	memset(piece, '[', sizeof(piece));
	for (size_t i = 0; i < 2; i++) {
		int fd = ask(p, i ? chunked : head);

		(void)client_send(p->w, fd, piece, sizeof(piece));
		heard(p, fd);
		world_assert(p->w, 413, "longer than 4096 bytes");
		close(fd);
		world_run(p->w);
	}
	assert_int_equal(p->s->n_proves, 0);
}

static void is_alive(struct lan *p)
{
	int fd = ask(p, ASK("POST /v1/prove/" VIP "?stream=1"));

	stage_run(p->s, DURATION_MS(100));
	settle(p);
	heard(p, fd);
	world_assert(p->w, 200, "\"asked\":2,\"proven\":2,\"not_forwarded\":0}");
	close(fd);
	world_run(p->w);
}

/* Before anything is told, between two lines, with half of what was sent unread. */
static void a_client_that_goes_away_harms_nobody(void **state)
{
	static const char *const requests[] = { ASK("POST /v1/prove/" VIP),
						ASK("POST /v1/prove/" VIP "?stream=1") };
	struct lan *p = *state;

	for (size_t i = 0; i < 3 * ARRAY_LENGTH(requests); i++) {
		int fd = ask(p, requests[i % 2]);

		if (i / 2 == 1)
			assert_int_equal(shutdown(fd, SHUT_RDWR), 0);
		if (i / 2 == 2) {
			assert_true(answer(p, SECOND, ECHO_OUTCOME_RETURNED));
			stage_run(p->s, DURATION_MS(50));
		}
		close(fd);
		world_run(p->w);
		settle(p);
		is_alive(p);
	}
}

static void the_router_may_go_while_it_is_asked(void **state)
{
	struct lan *p = *state;
	int fd = ask(p, ASK("POST /v1/prove/" VIP "?stream=1"));

	assert_true(answer(p, SECOND, ECHO_OUTCOME_RETURNED));
	stage_unbind(p->s, VIP, true);
	heard(p, fd);
	assert_int_equal(occurrences(p->w->answer, "\"kind\":\"proof\""), 2);
	assert_int_equal(occurrences(p->w->answer, "\"outcome\":\"gone\""), 1);
	world_assert(p->w, 200, "\"asked\":2,\"proven\":1,\"not_forwarded\":0}");
	close(fd);
}

/* There are places for 64 pairs: 32 have their answer, of one try, and 68 are told that it is much.
 */
static void of_a_hundred_at_once_each_has_an_answer(void **state)
{
	struct lan *p = *state;
	size_t good = 0, refused = 0;
	int fds[100];

	for (size_t i = 0; i < ARRAY_LENGTH(fds); i++)
		fds[i] = ask(p, i % 2 ? ASK("POST /v1/prove/" VIP)
				      : ASK("POST /v1/prove/" VIP "?stream=1"));
	settle(p);
	for (size_t i = 0; i < ARRAY_LENGTH(fds); i++) {
		heard(p, fds[i]);
		good += occurrences(p->w->answer, "\"outcome\":\"proven\"") == 2;
		refused += strstr(p->w->answer, "HTTP/1.1 503 ") &&
			   strstr(p->w->answer, "too much is asked at once");
		close(fds[i]);
	}
	world_run(p->w);
	assert_int_equal(good, 32);
	assert_int_equal(refused, 68);
	is_alive(p);
}

static void the_server_may_end_while_it_is_asked(void **state)
{
	struct lan *p = *state;
	int fd = ask(p, ASK("POST /v1/prove/" VIP "?stream=1"));
	int other = ask(p, ASK("POST /v1/prove/" VIP));

	assert_true(answer(p, SECOND, ECHO_OUTCOME_RETURNED));
	p->s->told = NULL;
	api_free(p->w->api);
	p->w->api = NULL;
	close(fd);
	close(other);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, proof_setup, proof_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_router_is_told_as_soon_as_it_has_been_tried),
		TEST(who_wants_one_document_has_it_when_all_is_over),
		TEST(what_cannot_be_asked_is_refused_as_one_document_also_to_who_streams),
		TEST(nonsense_is_refused_and_reaches_no_router),
		TEST(a_body_that_is_not_empty_is_refused_and_reaches_no_router),
		TEST(a_body_that_is_too_long_is_not_read),
		TEST(a_client_that_goes_away_harms_nobody),
		TEST(the_router_may_go_while_it_is_asked),
		TEST(of_a_hundred_at_once_each_has_an_answer),
		TEST(the_server_may_end_while_it_is_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
