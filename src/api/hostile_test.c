/* SPDX-License-Identifier: Apache-2.0 */
/* Clients that stop half-way, flood, leave, or may not. The server goes on. */
#include "api/fixture_test.h"

#include <grp.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "api/client.h"
#include "api/journal.h"
#include "base/container.h"
#include "base/text.h"

static void test_a_body_of_100_megabytes_is_refused_and_the_daemon_goes_on(void **state)
{
	static const char announced[] = "POST /v1/vips HTTP/1.1\r\nHost: vipd\r\n"
					"Content-Length: 104857600\r\n\r\n";
	static const char chunked[] = "POST /v1/vips HTTP/1.1\r\nHost: vipd\r\n"
				      "Transfer-Encoding: chunked\r\n\r\n6400000\r\n";
	struct world *w = *state;
	const char *const heads[] = { announced, chunked };
	char *megabyte = malloc(1 << 20);

	memset(megabyte, ' ', 1 << 20);
	for (size_t i = 0; i < ARRAY_LENGTH(heads); i++) {
		int fd = client_connect(w), sent = 0;

		assert_true(client_send(w, fd, heads[i], strlen(heads[i])));
		while (sent < 100 && client_send(w, fd, megabyte, 1 << 20))
			sent++;
		assert_true(sent < 6);
		assert_true(client_receive(w, fd));
		world_assert(w, 413, "the body is longer than 4194304 bytes");
		close(fd);
	}
	free(megabyte);
	world_exchange(w, "GET", "/v1/status", "");
	world_assert(w, 200, "running");
}

static void test_half_a_request_keeps_nobody_waiting(void **state)
{
	static const char half[] = "POST /v1/vips HTTP/1.1\r\nContent-Length: 100\r\n\r\n{\"addr";
	struct world *w = *state;
	int fds[32];

	for (size_t i = 0; i < ARRAY_LENGTH(fds); i++) {
		fds[i] = client_connect(w);
		/* Cut off in the head, and in the body. */
		assert_true(client_send(w, fds[i], half, i % 2 ? strlen(half) : 20));
	}
	world_exchange(w, "GET", "/v1/status", "");
	world_assert(w, 200, "running");
	/* Somebody's time will be over, and the loop is told when. */
	assert_true(api_timeout_ms(w->api) > 0 && api_timeout_ms(w->api) <= 10000);
	for (size_t i = 0; i < ARRAY_LENGTH(fds); i++)
		close(fds[i]);
	world_run(w);
	assert_int_equal(w->n_inputs, 0);
}

static void test_more_parameters_than_fit_are_refused_and_do_nothing(void **state)
{
	static const size_t counts[] = { 33, 249, 250, 300, 2000 };
	struct world *w = *state;
	char request[16384];
	struct text t;

	for (size_t i = 0; i < ARRAY_LENGTH(counts); i++) {
		int fd = client_connect(w);

		text_init(&t, request, sizeof(request));
		text_add(&t, "DELETE /v1/vips/10.9.1.1?now=1");
		for (size_t k = 1; k < counts[i]; k++)
			text_add(&t, "&now=1");
		text_add(&t, " HTTP/1.1\r\nHost: v\r\n\r\n");
		(void)client_send(w, fd, request, strlen(request));
		assert_true(client_receive(w, fd));
		world_assert(w, 414, "more parameters than anything takes");
		assert_int_equal(occurrences(w->answer, "HTTP/1.1"), 1);
		close(fd);
		world_run(w);
	}
	assert_int_equal(w->n_inputs, 0);
	world_exchange(w, "GET", "/v1/status", "");
	world_assert(w, 200, "running");
}

/* What is before it would be taken for all of it. */
static void test_nothing_with_a_nul_in_it_is_taken(void **state)
{
	struct world *w = *state;

	world_exchange(w, "DELETE", "/v1/vips/10.9.1.1%002", "");
	world_assert(w, 400, "nothing has a NUL in it");
	world_exchange(w, "POST", "/v1/purge%00", "");
	world_assert(w, 400, "nothing has a NUL in it");
	world_exchange(w, "GET", "/v1/source?destination=10.3.0.1%00", "");
	world_assert(w, 400, "nothing has a NUL in it");
	assert_int_equal(w->n_inputs, 0);
	world_exchange(w, "GET", "/v1/status", "");
	world_assert(w, 200, "running");
}

static void test_a_client_that_leaves_before_its_answer_does_no_harm(void **state)
{
	static const char get[] = "DELETE /v1/vips/10.9.1.1 HTTP/1.1\r\nHost: v\r\n\r\n";
	struct world *w = *state;
	int fd = client_connect(w);

	w->later = true;
	assert_true(client_send(w, fd, get, strlen(get)));
	close(fd);
	world_run(w);
	world_reply(w, &w->waiting[0]);
	world_run(w);
	w->later = false;
	world_exchange(w, "GET", "/v1/status", "");
	world_assert(w, 200, "running");
}

static void test_a_slow_follower_loses_its_place_and_is_told(void **state)
{
	static const char follow[] = "GET /v1/events?follow=1&last=0 HTTP/1.1\r\nHost: v\r\n\r\n";
	struct world *w = *state;
	int fd = client_connect(w);

	assert_true(client_send(w, fd, follow, strlen(follow)));
	/* The client reads nothing: first its socket fills up, then it falls behind. */
	for (int i = 0; i < 20 * JOURNAL_EVENTS_MAX; i++) {
		world_event(w, EVENT_NOTE,
			    "a sentence that takes its room in the buffer of the socket");
		if (i % 16 == 0)
			world_run(w);
	}
	assert_false(client_receive(w, fd));
	assert_non_null(strstr(w->answer, "{\"schema\":1,\"kind\":\"gap\",\"lost\":"));
	assert_non_null(strstr(w->answer, "\"number\":20479,"));
	close(fd);
}

static void test_nobody_may_take_all_places_with_event_streams(void **state)
{
	static const char follow[] = "GET /v1/events?follow=1 HTTP/1.1\r\nHost: v\r\n\r\n";
	struct world *w = *state;
	int fds[49];

	for (size_t i = 0; i < ARRAY_LENGTH(fds); i++) {
		fds[i] = client_connect(w);
		assert_true(client_send(w, fds[i], follow, strlen(follow)));
	}
	client_receive(w, fds[48]);
	world_assert(w, 503, "as many clients as may follow the events already");
	world_exchange(w, "GET", "/v1/status", "");
	world_assert(w, 200, "running");
	for (size_t i = 0; i < ARRAY_LENGTH(fds); i++)
		close(fds[i]);
}

#define READER 65534
#define WRITERS 54321 /* a group that stands for `vipd` */

/* Another user, in a process of its own. */
struct stranger {
	bool writes; /* it is in the group */
	const char *request;
	const char *wanted; /* what the answer must have in it */
	size_t connections; /* that it holds before it asks, each with the request `holding` */
	const char *holding;
};

static int stranger_connect(const char *path, const char *request)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	text_copy(address.sun_path, sizeof(address.sun_path), path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		_exit(2);
	(void)!send(fd, request, strlen(request), MSG_NOSIGNAL);
	return fd;
}

/* Exits 0 when the answer is as it should be. */
static void stranger_run(const struct stranger *s, const char *path)
{
	const gid_t writers = WRITERS;
	char answer[4096] = "";
	size_t length = 0;
	int fd;

	if (setgroups(s->writes, &writers) < 0 || setgid(READER) < 0 || setuid(READER) < 0)
		_exit(1);
	for (size_t i = 0; i < s->connections; i++)
		(void)stranger_connect(path, s->holding);
	fd = stranger_connect(path, s->request);
	while (!strstr(answer, s->wanted)) {
		ssize_t n = recv(fd, answer + length, sizeof(answer) - 1 - length, 0);

		if (n <= 0)
			_exit(3);
		length += (size_t)n;
		answer[length] = '\0';
	}
	_exit(0);
}

/* Serves the stranger until it has ended. */
static void stranger_serve(struct world *w, const struct stranger *s)
{
	int status;
	pid_t pid;

	if (geteuid() != 0)
		skip(); /* only root can become somebody else */
	assert_int_equal(chmod(w->directory, 0755), 0);
	assert_int_equal(chmod(w->path, 0666), 0);
	api_set_writers(w->api, WRITERS);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		stranger_run(s, w->path);
	while (waitpid(pid, &status, WNOHANG) == 0) {
		struct pollfd p = { .fd = api_fd(w->api), .events = POLLIN };

		poll(&p, 1, 10);
		api_run(w->api);
	}
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

#define ASK(line) line " HTTP/1.1\r\nHost: v\r\n\r\n"

static void test_a_stranger_may_read_and_not_write(void **state)
{
	static const struct stranger reads = { .request = ASK("GET /v1/status"),
					       .wanted = "HTTP/1.1 200 " };
	static const struct stranger writes = { .request = ASK("POST /v1/stop"),
						.wanted = "only root and members" };
	struct world *w = *state;

	stranger_serve(w, &reads);
	stranger_serve(w, &writes);
	assert_false(w->stopped);
}

static void test_a_stranger_may_not_have_the_host_examined_or_a_user_looked_up(void **state)
{
	static const struct stranger strangers[] = {
		{ .request = ASK("GET /v1/doctor"), .wanted = "HTTP/1.1 403 " },
		{ .request = ASK("GET /v1/doctor/10.9.1.1"), .wanted = "HTTP/1.1 403 " },
		{ .request = ASK("GET /v1/source?destination=10.1.1.1&user=root"),
		  .wanted = "HTTP/1.1 403 " },
		{ .request = ASK("GET /v1/source?destination=10.1.1.1"),
		  .wanted = "HTTP/1.1 200 " },
	};

	for (size_t i = 0; i < ARRAY_LENGTH(strangers); i++) {
		struct world *w = *state;

		stranger_serve(w, &strangers[i]);
		assert_int_equal(address_is_set(&w->asked.destination), i == 3);
		assert_int_equal(w->examined, 0);
	}
}

static void test_a_member_of_the_group_may_write_by_a_supplementary_group(void **state)
{
	static const struct stranger member = { .writes = true,
						.request = ASK("POST /v1/stop"),
						.wanted = "HTTP/1.1 200 " };
	struct world *w = *state;

	stranger_serve(w, &member);
	assert_true(w->stopped);
}

static void test_a_user_s_connections_leave_room_for_others(void **state)
{
	/* Half a request, which keeps a place. */
	static const struct stranger greedy = {
		.connections = 96,
		.holding = "GET /v1/status HTTP/1.1\r\n",
		.request = ASK("GET /v1/status"),
		.wanted = "too many clients of this user",
	};
	static const struct stranger member = {
		.writes = true,
		.connections = CLIENTS_OF_USER_MAX,
		.holding = "GET /v1/status HTTP/1.1\r\n",
		.request = ASK("GET /v1/status"),
		.wanted = "too many clients of this user",
	};
	struct world *w = *state;

	stranger_serve(w, &greedy);
	stranger_serve(w, &member);
}

static void test_a_user_s_event_streams_leave_room_for_others(void **state)
{
	static const struct stranger greedy = {
		.connections = CLIENTS_FOLLOWERS_OF_USER_MAX,
		.holding = ASK("GET /v1/events?follow=1"),
		.request = ASK("GET /v1/events?follow=1"),
		.wanted = "as many clients as may follow",
	};

	stranger_serve(*state, &greedy);
}

static void test_a_get_has_no_body_and_keeps_no_memory(void **state)
{
	static const char announced[] = "GET /v1/status HTTP/1.1\r\nHost: v\r\n"
					"Content-Length: 4194304\r\n\r\n";
	static const char chunked[] = "GET /v1/status HTTP/1.1\r\nHost: v\r\n"
				      "Transfer-Encoding: chunked\r\n\r\n400000\r\n";
	static const char words[] = "POST /v1/purge HTTP/1.1\r\nHost: v\r\n"
				    "Content-Length: 4194304\r\n\r\n";
	const char *const heads[] = { announced, chunked, words };
	struct world *w = *state;
	char *megabyte = malloc(1 << 20);

	memset(megabyte, ' ', 1 << 20);
	for (size_t i = 0; i < ARRAY_LENGTH(heads); i++) {
		int fd = client_connect(w);

		assert_true(client_send(w, fd, heads[i], strlen(heads[i])));
		(void)client_send(w, fd, megabyte, 1 << 20);
		client_receive(w, fd);
		world_assert(w, 413, i < 2 ? "longer than 0 bytes" : "longer than 4096 bytes");
		close(fd);
		world_run(w);
	}
	free(megabyte);
	assert_int_equal(w->n_inputs, 0);
}

static void test_long_bodies_have_a_limit_together(void **state)
{
	static const char head[] = "POST /v1/vips HTTP/1.1\r\nHost: v\r\n"
				   "Content-Length: 4194304\r\n\r\n";
	struct world *w = *state;
	char *megabyte = malloc(1 << 20);
	int fds[5];

	memset(megabyte, ' ', 1 << 20);
	for (size_t i = 0; i < ARRAY_LENGTH(fds); i++) {
		fds[i] = client_connect(w);
		assert_true(client_send(w, fds[i], head, strlen(head)));
		for (int k = 0; k < 3; k++)
			(void)client_send(w, fds[i], megabyte, 1 << 20);
	}
	client_receive(w, fds[4]);
	world_assert(w, 503, "too many long bodies");
	for (size_t i = 0; i < ARRAY_LENGTH(fds); i++)
		close(fds[i]);
	free(megabyte);
	world_run(w);
	/* Their memory is free for others. */
	world_exchange(w, "POST", "/v1/vips", "{\"address\":\"10.9.1.1\"}");
	world_assert(w, 200, "\"bound\":1");
}

static void test_it_ends_with_requests_that_still_wait(void **state)
{
	static const char get[] = "DELETE /v1/vips/10.9.1.1 HTTP/1.1\r\nHost: v\r\n\r\n";
	static const char follow[] = "GET /v1/events?follow=1 HTTP/1.1\r\nHost: v\r\n\r\n";
	struct world *w = *state;
	int a = client_connect(w), b = client_connect(w);

	w->later = true;
	assert_true(client_send(w, a, get, strlen(get)));
	assert_true(client_send(w, b, follow, strlen(follow)));
	api_free(w->api);
	w->api = NULL;
	close(a);
	close(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_a_body_of_100_megabytes_is_refused_and_the_daemon_goes_on),
		WORLD_TEST(test_half_a_request_keeps_nobody_waiting),
		WORLD_TEST(test_more_parameters_than_fit_are_refused_and_do_nothing),
		WORLD_TEST(test_nothing_with_a_nul_in_it_is_taken),
		WORLD_TEST(test_a_client_that_leaves_before_its_answer_does_no_harm),
		WORLD_TEST(test_a_slow_follower_loses_its_place_and_is_told),
		WORLD_TEST(test_nobody_may_take_all_places_with_event_streams),
		WORLD_TEST(test_a_stranger_may_read_and_not_write),
		WORLD_TEST(test_a_stranger_may_not_have_the_host_examined_or_a_user_looked_up),
		WORLD_TEST(test_a_member_of_the_group_may_write_by_a_supplementary_group),
		WORLD_TEST(test_a_user_s_connections_leave_room_for_others),
		WORLD_TEST(test_a_user_s_event_streams_leave_room_for_others),
		WORLD_TEST(test_a_get_has_no_body_and_keeps_no_memory),
		WORLD_TEST(test_long_bodies_have_a_limit_together),
		WORLD_TEST(test_it_ends_with_requests_that_still_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
