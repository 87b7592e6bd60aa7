/* SPDX-License-Identifier: Apache-2.0 */
/* What can be asked for, and what is answered. */
#include "api/fixture_test.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/container.h"

static void test_a_list_comes_page_by_page_as_one_document(void **state)
{
	/* HTTP/1.0 has no chunks, whose heads would stand in the middle of a word. */
	static const char get[] = "GET /v1/vips HTTP/1.0\r\n\r\n";
	struct world *w = *state;
	int fd = client_connect(w);

	assert_true(client_send(w, fd, get, strlen(get)));
	client_receive(w, fd);
	close(fd);
	assert_non_null(strstr(w->answer, "Content-Type: application/json"));
	assert_int_equal(occurrences(w->answer, "\"address\":"), ROWS);
	assert_non_null(strstr(w->answer, "{\"schema\":1,\"vips\":[{\"address\":\"10.20.0.0\""));
	assert_non_null(strstr(w->answer, "}]}\n"));
	assert_int_equal(w->n_inputs, 0);
}

static void test_a_slow_reader_of_a_list_is_told_the_rest_when_it_reads_on(void **state)
{
	static const char get[] = "GET /v1/vips HTTP/1.0\r\n\r\n";
	struct world *w = *state;
	int fd = client_connect(w), small = 4096;
	size_t rows = 0;
	char piece[3000];
	ssize_t n;

	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)), 0);
	assert_true(client_send(w, fd, get, strlen(get)));
	/* Piece by piece, with time between them; no word is told twice, and none is missing. */
	w->answer[0] = '\0';
	do {
		world_run(w);
		n = recv(fd, piece, sizeof(piece) - 1, 0);
		if (n > 0) {
			memcpy(w->answer + rows, piece, (size_t)n);
			rows += (size_t)n;
			w->answer[rows] = '\0';
		}
	} while (n > 0 || (n < 0 && errno == EAGAIN));
	close(fd);
	assert_int_equal(occurrences(w->answer, "\"address\":"), ROWS);
	assert_non_null(strstr(w->answer, "}]}\n"));
}

static void test_an_answer_may_come_later(void **state)
{
	struct world *w = *state;
	int fd = client_connect(w);
	static const char request[] = "DELETE /v1/vips/10.9.1.1 HTTP/1.0\r\n\r\n";
	struct pollfd p = { .fd = api_fd(w->api), .events = POLLIN };

	w->later = true;
	assert_true(client_send(w, fd, request, strlen(request)));
	assert_false(client_receive(w, fd));
	assert_int_equal(w->n_waiting, 1);
	assert_string_equal(w->answer, "");
	world_reply(w, &w->waiting[0]);
	/* The daemon's loop learns of it by the descriptor or by the timeout. */
	assert_true(poll(&p, 1, 0) > 0 || api_timeout_ms(w->api) == 0);
	world_run(w);
	client_receive(w, fd);
	world_assert(w, 200, "{\"schema\":1}");
	close(fd);
}

static void test_what_the_world_finds_stands_before_what_the_node_knows(void **state)
{
	static const char get[] = "GET /v1/doctor/10.9.1.1 HTTP/1.0\r\n\r\n";
	struct world *w = *state;
	int fd;

	world_exchange(w, "GET", "/v1/doctor", "");
	world_assert(w, 200,
		     "{\"schema\":1,\"findings\":[{\"severity\":\"problem\",\"vip\":null,"
		     "\"interface\":\"\",\"finding\":\"it is in the way\"");
	world_assert(w, 200, "the kernel does not hold it");
	world_exchange(w, "GET", "/v1/doctor/10.99.0.1", "");
	world_assert(w, 404, "there is no such VIP");
	/* Who asked has gone when it is found. */
	w->later = true;
	fd = client_connect(w);
	assert_true(client_send(w, fd, get, strlen(get)));
	close(fd);
	world_run(w);
	assert_true(w->examined > 0);
	api_found(w->api, w->examined, NULL, 0);
}

static void test_the_status_says_what_is_wrong(void **state)
{
	struct world *w = *state;

	world_exchange(w, "GET", "/v1/status", "");
	world_assert(w, 200, "\"degraded\":true,\"reasons\":[\"1 VIP failed:");
}

static void test_metrics_stand_family_by_family(void **state)
{
	static const char get[] = "GET /metrics HTTP/1.0\r\n\r\n";
	struct world *w = *state;
	int fd = client_connect(w);
	const char *first;

	assert_true(client_send(w, fd, get, strlen(get)));
	client_receive(w, fd);
	close(fd);
	assert_non_null(strstr(w->answer, "\nvipd_vips{state=\"failed\"} 1\n"));
	first = strstr(w->answer, "# TYPE vipd_vip_announced gauge\n"
				  "vipd_vip_announced{vip=\"10.20.0.0\"} 0\n"
				  "vipd_vip_announced{vip=\"10.20.0.1\"} 0\n");
	assert_non_null(first);
	assert_int_equal(occurrences(w->answer, "vipd_vip_announced{"), ROWS);
	assert_int_equal(occurrences(first, "vipd_vip_announced{"), ROWS);
	assert_int_equal(occurrences(w->answer, "# TYPE vipd_vip_announced "), 1);
	assert_int_equal(occurrences(w->answer, "# TYPE "), occurrences(w->answer, "# HELP "));
	assert_int_equal(occurrences(w->answer, "vipd_vip_conflict{"), ROWS);
	assert_non_null(strstr(w->answer, "\nvipd_source_ready 1\n"));
	assert_non_null(strstr(w->answer,
			       "\nvipd_source_vip_info{family=\"ipv4\",vip=\"10.20.0.0\"} 1\n"
			       "vipd_source_vip_info{family=\"ipv6\",vip=\"\"} 0\n"));
	assert_non_null(strstr(w->answer, "\nvipd_source_connections_total{verdict=\"first\"} 0\n"
					  "vipd_source_connections_total{verdict=\"rule\"} 9\n"));
}

static void test_what_is_dropped_is_in_the_metrics(void **state)
{
	struct world *w = *state;

	w->bfd_deaf = 2;
	world_exchange(w, "GET", "/metrics", "");
	world_assert(w, 200, "\nvipd_socket_overrun_total{of=\"frames\"} 77\n");
	world_assert(w, 200, "\nvipd_socket_sent_total{of=\"packets\"} 78\n");
	world_assert(w, 200, "\nvipd_frames_malformed_total 0\n");
	world_assert(w, 200, "\nvipd_kernel_overruns_total 0\n");
	world_assert(w, 200, "\nvipd_guard_bfd_deaf 2\n");
	world_exchange(w, "GET", "/v1/status", "");
	world_assert(w, 200, "\"BFD is deaf on 2 interfaces: another program has UDP port 3784");
}

static void test_a_socket_that_is_made_anew_has_the_same_events(void **state)
{
	static const char follow[] = "GET /v1/events?follow=1&last=0 HTTP/1.1\r\nHost: v\r\n\r\n";
	struct world *w = *state;
	int fd = client_connect(w), before = w->listen_fd;

	assert_true(client_send(w, fd, follow, strlen(follow)));
	world_event(w, EVENT_NOTE, "it was told before");
	world_run(w);
	assert_int_equal(unlink(w->path), 0);
	world_listen(w);
	assert_int_equal(api_serve(w->api, w->listen_fd), 0);
	assert_int_equal(close(before), 0);
	/* Who followed has heard it, and is hung up on. */
	assert_true(client_receive(w, fd));
	assert_non_null(strstr(w->answer, "it was told before"));
	close(fd);
	world_exchange(w, "GET", "/v1/events", "");
	world_assert(w, 200, "it was told before");
}

static void test_one_vip_is_found_or_not(void **state)
{
	struct world *w = *state;

	world_exchange(w, "GET", "/v1/vips/10.9.1.1", "");
	world_assert(w, 200, "\"vips\":[{\"address\":\"10.9.1.1\"");
	world_exchange(w, "GET", "/v1/vips/10.9.1.2", "");
	world_assert(w, 404, "{\"schema\":1,\"error\":\"there is no VIP 10.9.1.2\"}");
	world_exchange(w, "GET", "/v1/vips/x", "");
	world_assert(w, 404, "'x' is not an address");
}

static void test_binding_gives_all_vips_under_one_number(void **state)
{
	struct world *w = *state;

	world_exchange(w, "POST", "/v1/vips", "{\"vips\":[\"10.9.1.1\",\"10.9.1.2/24\"]}");
	world_assert(w, 200, "{\"schema\":1,\"bound\":2}");
	assert_int_equal(w->n_bound, 2);
	assert_int_equal(w->last.bind.length, 24);
	assert_false(w->last.more);
	w->code = REPLY_REFUSED;
	world_exchange(w, "POST", "/v1/vips", "{\"address\":\"10.9.1.1\"}");
	world_assert(w, 409, "a rule forbids it");
	world_exchange(w, "DELETE", "/v1/vips/10.9.1.1?now=1", "");
	assert_int_equal(w->last.kind, INPUT_UNBIND);
	assert_true(w->last.unbind.now);
	w->code = REPLY_NOT_FOUND;
	world_exchange(w, "DELETE", "/v1/vips/10.9.1.1", "");
	world_assert(w, 404, "a rule forbids it");
	assert_false(w->last.unbind.now);
}

static void test_boards_the_configuration_and_the_end_are_asked_for(void **state)
{
	struct world *w = *state;

	world_exchange(w, "POST", "/v1/boards", "{\"name\":\"vnic1\"}");
	world_assert(w, 200, "{\"schema\":1}");
	assert_string_equal(w->last.board.name, "vnic1");
	world_exchange(w, "DELETE", "/v1/boards/vnic1", "");
	assert_true(w->last.board.remove);
	world_exchange(w, "POST", "/v1/config/apply", "");
	world_assert(w, 200, "{\"schema\":1}");
	w->code = REPLY_REFUSED;
	world_exchange(w, "POST", "/v1/config/apply", "{}");
	world_assert(w, 422, "a rule forbids it");
	w->apply_fails = true;
	world_exchange(w, "POST", "/v1/config/apply", "");
	world_assert(w, 422, "f:1:1: unknown key 'x'");
	w->code = REPLY_OK;
	world_exchange(w, "POST", "/v1/purge", "");
	world_assert(w, 200, "{\"schema\":1}");
	assert_int_equal(w->last.kind, INPUT_PURGE);
	world_exchange(w, "POST", "/v1/prove/10.9.1.1?neighbor=10.1.0.1", "");
	world_assert(w, 200, "{\"schema\":1,\"address\":\"10.9.1.1\",\"proofs\":[]}");
	assert_int_equal(w->last.kind, INPUT_PROVE);
	assert_string_equal(ADDRESS_TEXT(&w->last.prove.address), "10.9.1.1");
	assert_string_equal(ADDRESS_TEXT(&w->last.prove.neighbor), "10.1.0.1");
	world_exchange(w, "POST", "/v1/prove/10.9.1.1?neighbor=r1", "");
	world_assert(w, 422, "'r1' is not an address");
	world_exchange(w, "POST", "/v1/prove/vip", "");
	world_assert(w, 404, "'vip' is not an address");
	world_exchange(w, "POST", "/v1/stop", "");
	world_assert(w, 200, "stopping");
	assert_true(w->stopped);
	assert_false(w->handed_over);
	world_exchange(w, "POST", "/v1/stop?hand-over=1", "");
	world_assert(w, 200, "stopping");
	assert_true(w->handed_over);
}

static void test_what_is_wrong_is_refused_with_a_sentence_and_reaches_no_node(void **state)
{
	static const struct {
		const char *method, *path, *body;
		int status;
		const char *text;
	} cases[] = {
		{ "GET", "/", "", 404, "there is nothing at /" },
		{ "GET", "/v1/vip", "", 404, "nothing at /v1/vip" },
		{ "PUT", "/v1/vips", "", 405, "Allow: GET, POST" },
		{ "GET", "/v1/stop", "", 405, "/v1/stop takes POST, not GET" },
		{ "GET", "/v1/vips?x=1", "", 400, "unknown parameter 'x'" },
		{ "GET", "/v1/events?follow=yes", "", 400, "'follow' is a number" },
		{ "POST", "/v1/vips", "", 400, "column 1" },
		{ "POST", "/v1/vips", "{\"adress\":\"10.9.1.1\"}", 422, "did you mean 'address'?" },
		{ "POST", "/v1/vips", "{\"address\":\"10.9.1.1\",", 400, "a key in quotes" },
		{ "POST", "/v1/stop", "{\"now\":true}", 422, "unknown key 'now'" },
		{ "POST", "/v1/purge", "{\"now\":true}", 422, "unknown key 'now'" },
		{ "GET", "/v1/purge", "", 405, "/v1/purge takes POST, not GET" },
		{ "GET", "/v1/source?destination=x", "", 422, "'x' is not an address" },
		{ "GET", "/v1/source?unit=a.service", "", 422, "go with a 'destination'" },
		{ "GET", "/v1/source?dest=10.3.0.1", "", 400, "unknown parameter 'dest'" },
		{ "GET", "/v1/source?destination=10.3.0.1&unit=a%0ab", "", 422,
		  "control character" },
		{ "GET",
		  "/v1/source?destination=10.3.0.1&user=0123456789012345678901234567890123456789",
		  "", 422, "'user' is longer than 32 bytes" },
		{ "POST", "/v1/source", "{\"mode\":\"maybe\"}", 422, "off, on or auto" },
		{ "PUT", "/v1/source", "", 405, "Allow: GET, POST" },
		{ "DELETE", "/v1/vips/x", "", 404, "'x' is not an address" },
		{ "DELETE", "/v1/boards/a%20b", "", 404, "there is no board 'a b'" },
	};
	struct world *w = *state;

	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		world_exchange(w, cases[i].method, cases[i].path, cases[i].body);
		world_assert(w, cases[i].status, cases[i].text);
	}
	assert_int_equal(w->n_inputs, 0);
	assert_false(w->stopped);
}

static void test_sources_are_shown_explained_and_switched(void **state)
{
	struct world *w = *state;

	world_exchange(w, "GET", "/v1/source", "");
	world_assert(
		w, 200,
		"{\"schema\":1,\"mode\":\"on\",\"switched\":false,\"ready\":true,\"error\":"
		"\"\",\"first\":{\"ipv4\":{\"address\":\"10.20.0.0\",\"reason\":\"\"},\"ipv6\":"
		"{\"address\":null,\"reason\":\"there is no VIP of that family\"}}");
	world_assert(w, 200,
		     "\"rules\":[{\"number\":1,\"to\":null,\"unit\":null,\"user\":\"www-data\","
		     "\"use\":\"10.9.1.77\",\"in_force\":false,\"reason\":\"it is not bound\"}],"
		     "\"interfaces_off\":[{\"name\":\"eth9\",\"switched\":true}]}\n");
	world_exchange(w, "GET", "/v1/source?destination=10.3.0.1&unit=%2Fbatch&user=33", "");
	world_assert(w, 200,
		     "{\"schema\":1,\"destination\":\"10.3.0.1\",\"source\":\"10.20.0.0\",\"by\":"
		     "\"first\",\"rule\":null,\"linux\":null,\"interfaces\":[\"eth1\"],\"reasons\":"
		     "[\"rule 1, for 10.9.1.77, is passed over: it is for another user\","
		     "\"10.20.0.0 is the first VIP that is in force\"]}\n");
	assert_string_equal(w->asked.unit, "/batch");
	assert_string_equal(w->asked.user, "33");
	world_exchange(w, "GET", "/v1/source?destination=10.3.0.1&user=nobady", "");
	world_assert(w, 404, "there is no user 'nobady'");
	world_exchange(w, "POST", "/v1/source", "{\"mode\":\"off\",\"interface\":\"eth1\"}");
	world_assert(w, 200, "{\"schema\":1}");
	assert_int_equal(w->last.kind, INPUT_SOURCE);
	assert_string_equal(w->last.source.interface, "eth1");
	w->code = REPLY_NOT_FOUND;
	world_exchange(w, "POST", "/v1/source", "{\"mode\":\"off\",\"interface\":\"eth1\"}");
	world_assert(w, 404, "a rule forbids it");
}

static void test_events_are_lines_and_can_be_followed(void **state)
{
	static const char follow[] = "GET /v1/events?follow=1&last=1 HTTP/1.1\r\nHost: v\r\n\r\n";
	struct world *w = *state;
	int fd;

	world_event(w, EVENT_NOTE, "one");
	world_event(w, EVENT_NOTE, "two");
	world_exchange(w, "GET", "/v1/events", "");
	world_assert(w, 200, "Content-Type: application/x-ndjson");
	assert_int_equal(occurrences(w->answer, "\"kind\":\"note\""), 2);

	fd = client_connect(w);
	assert_true(client_send(w, fd, follow, strlen(follow)));
	assert_false(client_receive(w, fd));
	assert_int_equal(occurrences(w->answer, "\"kind\":\"note\""), 1);
	assert_non_null(strstr(w->answer, "\"number\":1,"));
	world_event(w, EVENT_NOTE, "three");
	assert_false(client_receive(w, fd));
	assert_non_null(strstr(w->answer, "\"reason\":\"three\""));
	close(fd);
}

static void test_the_configuration_is_shown_checked_and_compared(void **state)
{
	struct world *w = *state;

	world_exchange(w, "GET", "/v1/config", "");
	world_assert(w, 200,
		     "{\"schema\":1,\"source\":\"active\",\"yaml\":\"vips: [active]\\u000a\"}");
	world_exchange(w, "GET", "/v1/config?saved=1", "");
	world_assert(w, 200, "\"yaml\":\"vips: [\\\"saved\\\"]\\u000a\"}");
	world_exchange(w, "GET", "/v1/config/check", "");
	world_assert(w, 200, "{\"schema\":1,\"warnings\":[\"f:1:1: warning: hardly meant\"]}");
	world_exchange(w, "GET", "/v1/config/diff", "");
	world_assert(w, 200,
		     "{\"schema\":1,\"changes\":[{\"item\":\"vip\",\"name\":\"10.9.1.1\","
		     "\"change\":\"added\",\"from\":null,\"to\":\"{metric: 3}\"},");
	world_assert(w, 200, "\"change\":\"removed\",\"from\":\"vnic1\",\"to\":null}");
	world_assert(w, 200, "\"change\":\"changed\",\"from\":\"{}\",\"to\":\"{tag: 1}\"}]}");
	w->apply_fails = true;
	world_exchange(w, "GET", "/v1/config/check", "");
	world_assert(w, 422, "{\"schema\":1,\"error\":\"f:1:1: unknown key 'x'\"}");
}

static void test_a_configuration_on_trial_is_confirmed_once(void **state)
{
	struct world *w = *state;

	world_exchange(w, "POST", "/v1/config/confirm", "");
	world_assert(w, 409, "no configuration waits to be confirmed");
	world_exchange(w, "POST", "/v1/config/apply?confirm=60", "");
	world_assert(w, 200, "{\"schema\":1}");
	assert_int_equal(w->confirm_s, 60);
	world_exchange(w, "GET", "/v1/status", "");
	world_assert(w, 200,
		     "\"config\":{\"valid\":true,\"error\":null,\"applied\":\"1970-01-01T00:00:"
		     "01.500Z\",\"on_trial\":true,\"rolls_back_in\":60.000}}");
	world_exchange(w, "POST", "/v1/config/confirm", "");
	world_assert(w, 200, "{\"schema\":1}");
	world_exchange(w, "POST", "/v1/config/apply?confirm=86401", "");
	world_assert(w, 400, "a day at the most");
}

static void test_files_that_are_not_in_force_are_seen_in_status_and_metrics(void **state)
{
	struct world *w = *state;

	world_exchange(w, "GET", "/metrics", "");
	world_assert(w, 200, "\nvipd_config_valid 1\n");
	world_assert(w, 200, "\nvipd_config_applied_timestamp_seconds 1.500\n");
	world_assert(w, 200, "\nvipd_config_on_trial 0\n");
	w->apply_fails = true;
	world_exchange(w, "GET", "/metrics", "");
	world_assert(w, 200, "\nvipd_config_valid 0\n");
	world_assert(w, 200, "\nvipd_degraded 1\n");
	world_exchange(w, "GET", "/v1/status", "");
	world_assert(w, 200, "\"the configuration file is not in force: f:1:1: unknown key 'x'\"]");
	world_assert(w, 200, "\"config\":{\"valid\":false,\"error\":\"f:1:1: unknown key 'x'\"");
}

static void test_what_is_bound_or_unbound_is_saved_when_it_is_asked_for(void **state)
{
	struct world *w = *state;

	world_exchange(w, "POST", "/v1/vips", "{\"vips\":[\"10.9.1.1\",\"10.9.1.2\"]}");
	assert_int_equal(w->n_saved, 0);
	world_exchange(w, "POST", "/v1/vips?save=1", "{\"vips\":[\"10.9.1.1\",\"10.9.1.2\"]}");
	world_assert(w, 200, "{\"schema\":1,\"bound\":2}");
	assert_int_equal(w->n_saved, 2);
	world_exchange(w, "DELETE", "/v1/vips/10.9.1.1?save=1", "");
	world_assert(w, 200, "{\"schema\":1}");
	assert_int_equal(w->n_saved, 3);
	assert_true(w->saved_out);
	w->code = REPLY_REFUSED;
	world_exchange(w, "POST", "/v1/vips?save=1", "{\"address\":\"10.9.1.1\"}");
	world_assert(w, 409, "a rule forbids it");
	assert_int_equal(w->n_saved, 3);
}

static void test_what_is_bound_no_more_can_still_be_taken_out_of_what_is_saved(void **state)
{
	struct world *w = *state;

	w->code = REPLY_NOT_FOUND;
	world_exchange(w, "DELETE", "/v1/vips/10.9.1.1?save=1", "");
	world_assert(w, 200, "{\"schema\":1}");
	w->saves_nothing = true;
	world_exchange(w, "DELETE", "/v1/vips/10.9.1.1?save=1", "");
	world_assert(w, 404, "a rule forbids it");
}

static void test_nothing_is_done_that_cannot_be_saved(void **state)
{
	struct world *w = *state;

	w->save_fails = true;
	world_exchange(w, "POST", "/v1/vips?save=1", "{\"address\":\"10.9.1.1\"}");
	world_assert(w, 409,
		     "nothing is done, for it cannot be saved: conf.d/saved.yaml: no place");
	world_exchange(w, "DELETE", "/v1/vips/10.9.1.1?save=1", "");
	world_assert(w, 409,
		     "nothing is done, for it cannot be saved: conf.d/saved.yaml: no place");
	assert_int_equal(w->n_inputs, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_a_list_comes_page_by_page_as_one_document),
		WORLD_TEST(test_a_slow_reader_of_a_list_is_told_the_rest_when_it_reads_on),
		WORLD_TEST(test_an_answer_may_come_later),
		WORLD_TEST(test_what_the_world_finds_stands_before_what_the_node_knows),
		WORLD_TEST(test_the_status_says_what_is_wrong),
		WORLD_TEST(test_metrics_stand_family_by_family),
		WORLD_TEST(test_what_is_dropped_is_in_the_metrics),
		WORLD_TEST(test_a_socket_that_is_made_anew_has_the_same_events),
		WORLD_TEST(test_one_vip_is_found_or_not),
		WORLD_TEST(test_binding_gives_all_vips_under_one_number),
		WORLD_TEST(test_boards_the_configuration_and_the_end_are_asked_for),
		WORLD_TEST(test_what_is_wrong_is_refused_with_a_sentence_and_reaches_no_node),
		WORLD_TEST(test_sources_are_shown_explained_and_switched),
		WORLD_TEST(test_events_are_lines_and_can_be_followed),
		WORLD_TEST(test_the_configuration_is_shown_checked_and_compared),
		WORLD_TEST(test_a_configuration_on_trial_is_confirmed_once),
		WORLD_TEST(test_files_that_are_not_in_force_are_seen_in_status_and_metrics),
		WORLD_TEST(test_what_is_bound_or_unbound_is_saved_when_it_is_asked_for),
		WORLD_TEST(test_what_is_bound_no_more_can_still_be_taken_out_of_what_is_saved),
		WORLD_TEST(test_nothing_is_done_that_cannot_be_saved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
