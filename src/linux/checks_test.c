/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checks of every kind, done for real in a network namespace. The servers are children of the test.
 * The folder of vipd-check is the test's argument.
 */
#include "linux/checks.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/container.h"
#include "base/text.h"
#include "base/unit.h"
#include "linux/attempt.h"
#include "linux/clock.h"
#include "linux/namespace_test.h"

#define PORT 7000
#define RUNS_MAX 512
#define PATIENCE DURATION_S(20)

/* An address of a network that has no other host: nobody answers. */
#define SILENT "10.5.0.9"

struct fixture {
	uv_loop_t loop;
	struct checks *checks;
	unsigned answered, passed;
	struct {
		unsigned answers;
		bool passed;
		char text[NODE_SENTENCE_MAX];
	} runs[RUNS_MAX];
};

static const char *programs;
static struct fixture f;
static pid_t servers[4];
static size_t n_servers;

static void hear(void *context, const struct input *in)
{
	uint32_t run = in->checked.run;

	(void)context;
	assert_int_equal(in->kind, INPUT_CHECKED);
	assert_true(run < RUNS_MAX);
	f.answered++;
	f.passed += in->checked.passed;
	f.runs[run].answers++;
	f.runs[run].passed = in->checked.passed;
	text_copy(f.runs[run].text, NODE_SENTENCE_MAX, in->checked.text);
}

static int begin(void **state)
{
	(void)state;
	memset(&f, 0, sizeof(f));
	assert_int_equal(uv_loop_init(&f.loop), 0);
	f.checks = checks_new(&f.loop, &(struct input_sink){ NULL, hear }, programs);
	return f.checks ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	checks_free(f.checks);
	while (n_servers > 0) {
		kill(servers[--n_servers], SIGKILL);
		waitpid(servers[n_servers], NULL, 0);
	}
	return uv_loop_close(&f.loop);
}

static struct effect check_of(uint8_t kind, const char *address, const char *target)
{
	struct effect e = { .kind = EFFECT_CHECK };
	struct check_settings *s = &e.check.settings;

	check_settings_default(s);
	text_copy(s->name, sizeof(s->name), "test");
	text_copy(s->target, sizeof(s->target), target);
	s->kind = kind;
	s->port = PORT;
	if (address)
		assert_int_equal(address_parse(address, &s->address), 0);
	return e;
}

static void run_until(unsigned answers)
{
	struct instant until = instant_add(clock_now(), PATIENCE);

	/* To wait in the loop would be for ever, when its only timer fires before it waits. */
	while (f.answered < answers) {
		assert_true(instant_before(clock_now(), until));
		uv_run(&f.loop, UV_RUN_NOWAIT);
		usleep(1000);
	}
}

static void run_for(struct duration time)
{
	struct instant until = instant_add(clock_now(), time);

	while (instant_before(clock_now(), until)) {
		uv_run(&f.loop, UV_RUN_NOWAIT);
		usleep(1000);
	}
}

/* Does the check and returns what was found, with '+' or '-' before it. */
static const char *outcome(struct effect *e)
{
	static char text[NODE_SENTENCE_MAX + 1];
	uint32_t run = ++e->check.run;
	unsigned before = f.runs[run].answers;

	checks_run(f.checks, e);
	run_until(f.answered + (f.runs[run].answers == before));
	assert_int_equal(f.runs[run].answers, before + 1);
	snprintf(text, sizeof(text), "%c%.*s", f.runs[run].passed ? '+' : '-',
		 NODE_SENTENCE_MAX - 1, f.runs[run].text);
	return text;
}

static void assert_begins(const char *text, const char *beginning)
{
	if (strncmp(text, beginning, strlen(beginning)) != 0)
		fail_msg("'%s' does not begin with '%s'", text, beginning);
}

static int socket_bound(int type)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6, .sin6_port = htons(PORT) };
	int fd = socket(AF_INET6, type, 0), on = 1;

	assert_true(fd >= 0);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

/* A child that does one thing with the socket for each client, until the test is over. */
static void serve(int fd, void (*client)(int fd, const char *bytes, size_t length),
		  const char *bytes, size_t length)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	while (pid == 0)
		client(fd, bytes, length);
	servers[n_servers++] = pid;
	close(fd);
}

static void http_client(int fd, const char *bytes, size_t length)
{
	int client = accept(fd, NULL, NULL);
	char request[1024];

	if (read(client, request, sizeof(request)) > 0 && write(client, bytes, length) < 0)
		_exit(1);
	close(client);
}

/* A client that is never let go. */
static void http_client_held(int fd, const char *bytes, size_t length)
{
	int client = accept(fd, NULL, NULL);

	if (write(client, bytes, length) < 0)
		_exit(1);
}

static void http_serve(const char *bytes)
{
	int fd = socket_bound(SOCK_STREAM);

	assert_int_equal(listen(fd, 8), 0);
	serve(fd, http_client, bytes, strlen(bytes));
}

static void test_tcp_is_well_when_somebody_listens(void **state)
{
	struct effect e = check_of(CHECK_TCP, "127.0.0.1", "");
	int fd = socket_bound(SOCK_STREAM);

	(void)state;
	assert_string_equal(outcome(&e), "-connection refused");
	assert_int_equal(listen(fd, 8), 0);
	assert_begins(outcome(&e), "+connected in ");
	e = check_of(CHECK_TCP, "::1", "");
	assert_begins(outcome(&e), "+connected in ");
	close(fd);
	assert_string_equal(outcome(&e), "-connection refused");
	e = check_of(CHECK_TCP, "203.0.113.1", "");
	assert_string_equal(outcome(&e), "-network is unreachable");
}

static void test_silence_is_a_failure_within_the_timeout(void **state)
{
	static const uint8_t kinds[] = { CHECK_TCP, CHECK_HTTP, CHECK_ICMP, CHECK_DNS };

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
		struct effect e = check_of(kinds[i], SILENT, "a");
		struct instant asked = clock_now();

		e.check.settings.timeout = DURATION_MS(150);
		assert_string_equal(outcome(&e), "-no answer within 150ms");
		assert_true(instant_since(clock_now(), asked).ns < DURATION_MS(1000).ns);
	}
}

static void test_http_looks_at_the_status_and_for_the_text(void **state)
{
	struct effect e = check_of(CHECK_HTTP, "127.0.0.1", "/health");

	(void)state;
	http_serve("HTTP/1.1 204 OK\r\n\r\nall is ok");
	assert_begins(outcome(&e), "+status 204 in ");
	text_copy(e.check.settings.expect, CHECK_EXPECT_MAX, "is ok");
	assert_begins(outcome(&e), "+status 204 in ");
	text_copy(e.check.settings.expect, CHECK_EXPECT_MAX, "is well");
	assert_string_equal(outcome(&e), "-status 204, but 'is well' is not in the body");
	e.check.settings.status_high = 200;
	assert_string_equal(outcome(&e), "-status 204");
}

static void test_http_is_not_held_up_by_a_server_that_does_not_end(void **state)
{
	static const char bytes[] = "HTTP/1.1 200 OK\r\n\r\nall is";
	struct effect e = check_of(CHECK_HTTP, "127.0.0.1", "/");
	int fd = socket_bound(SOCK_STREAM);

	(void)state;
	assert_int_equal(listen(fd, 8), 0);
	serve(fd, http_client_held, bytes, strlen(bytes));
	assert_begins(outcome(&e), "+status 200 in ");
	e.check.settings.timeout = DURATION_MS(200);
	text_copy(e.check.settings.expect, CHECK_EXPECT_MAX, "ok");
	assert_string_equal(outcome(&e), "-status 200, but 'ok' is not in the body");
}

/* Sends a page that is longer than any buffer, and tells by a pipe how the client has left. */
static int page_left[2];

static void http_client_of_a_page(int fd, const char *bytes, size_t length)
{
	static const char page[400 * 1024] = "HTTP/1.1 200 OK\r\n\r\nok";
	int client = accept(fd, NULL, NULL);
	char request[1024];
	bool well = read(client, request, sizeof(request)) > 0;

	(void)bytes;
	(void)length;
	for (size_t at = 0; well && at < sizeof(page);) {
		ssize_t n = send(client, page + at, sizeof(page) - at, MSG_NOSIGNAL);

		well = n > 0;
		at += well ? (size_t)n : 0;
	}
	well = well && shutdown(client, SHUT_WR) == 0 && read(client, request, 1) == 0;
	close(client);
	if (write(page_left[1], well ? "." : "R", 1) < 0)
		_exit(1);
}

static void test_http_reads_a_page_to_its_end(void **state)
{
	struct effect e = check_of(CHECK_HTTP, "127.0.0.1", "/");
	struct instant until = instant_add(clock_now(), PATIENCE);
	int fd = socket_bound(SOCK_STREAM);
	char how = 0;

	(void)state;
	assert_int_equal(pipe2(page_left, O_NONBLOCK), 0);
	assert_int_equal(listen(fd, 8), 0);
	serve(fd, http_client_of_a_page, NULL, 0);
	text_copy(e.check.settings.expect, CHECK_EXPECT_MAX, "ok");
	assert_begins(outcome(&e), "+status 200 in ");
	while (read(page_left[0], &how, 1) != 1) {
		assert_true(instant_before(clock_now(), until));
		run_for(DURATION_MS(1));
	}
	assert_int_equal(how, '.');
}

static void test_http_does_not_read_on_when_it_is_asked_again(void **state)
{
	static const char bytes[] = "HTTP/1.1 200 OK\r\n\r\n";
	struct effect e = check_of(CHECK_HTTP, "127.0.0.1", "/");
	int fd = socket_bound(SOCK_STREAM);

	(void)state;
	assert_int_equal(listen(fd, 8), 0);
	serve(fd, http_client_held, bytes, strlen(bytes));
	e.check.run = 1;
	for (unsigned i = 1; i <= 5; i++) {
		checks_run(f.checks, &e);
		run_until(i);
		assert_true(f.runs[1].passed);
	}
	/* One of another run is cut off in the end. */
	run_for(DURATION_MS(1200));
	assert_int_equal(f.answered, 5);
}

static void test_icmp_is_well_when_the_echo_comes_back(void **state)
{
	static const char *const addresses[] = { "127.0.0.1", "::1" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(addresses); i++) {
		struct effect e = check_of(CHECK_ICMP, addresses[i], "");

		assert_begins(outcome(&e), "+answered in ");
		/* Now by ping sockets; before by raw ones. */
		assert_int_equal(system("echo 0 2147483647 >/proc/sys/net/ipv4/ping_group_range"),
				 0);
		assert_begins(outcome(&e), "+answered in ");
		assert_int_equal(system("echo 1 0 >/proc/sys/net/ipv4/ping_group_range"), 0);
	}
}

/* First somebody else's answer, then the real one: one record, or the error that `bytes` says. */
static void dns_client(int fd, const char *bytes, size_t length)
{
	static const uint8_t record[] = { 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 0, 0, 1 };
	uint8_t answer[512];
	struct sockaddr_in6 from;
	socklen_t size = sizeof(from);
	ssize_t n = recvfrom(fd, answer, sizeof(answer) - sizeof(record), 0,
			     (struct sockaddr *)&from, &size);

	(void)length;
	if (n < 12)
		return;
	answer[2] |= 0x80;
	answer[3] = (uint8_t)bytes[0];
	answer[7] = !bytes[0];
	memcpy(answer + n, record, sizeof(record));
	answer[0] ^= 1;
	sendto(fd, answer, (size_t)n + sizeof(record), 0, (struct sockaddr *)&from, size);
	answer[0] ^= 1;
	sendto(fd, answer, (size_t)n + sizeof(record), 0, (struct sockaddr *)&from, size);
}

static void test_dns_is_well_when_the_name_has_an_address(void **state)
{
	struct effect e = check_of(CHECK_DNS, "127.0.0.1", "www.example.com");

	(void)state;
	assert_string_equal(outcome(&e), "-connection refused");
	serve(socket_bound(SOCK_DGRAM), dns_client, "\0", 1);
	assert_begins(outcome(&e), "+NOERROR, 1 answer in ");
}

static void test_dns_tells_the_error_of_the_server(void **state)
{
	struct effect e = check_of(CHECK_DNS, "::1", "www.example.com");

	(void)state;
	serve(socket_bound(SOCK_DGRAM), dns_client, "\3", 1);
	assert_string_equal(outcome(&e), "-NXDOMAIN");
}

static void test_file_is_well_while_it_is_there(void **state)
{
	char path[] = "checks-file-XXXXXX";
	int fd = mkstemp(path);
	struct effect e = check_of(CHECK_FILE, NULL, path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	assert_string_equal(outcome(&e), "+the file is there");
	unlink(path);
	assert_string_equal(outcome(&e), "-no such file or directory");
}

static void test_exec_tells_how_the_program_ended(void **state)
{
	static const struct {
		const char *target, *outcome;
	} cases[] = {
		{ "/bin/true\n", "+exited with 0 in " },
		{ "/bin/false\n", "-exited with 1" },
		{ "/bin/sh\n-c\necho; echo no space; echo more; exit 3\n",
		  "-exited with 3: no space" },
		{ "/bin/sh\n-c\nprintf 'a\\033b\\377' >&2; exit 1\n", "-exited with 1: a?b?" },
		{ "/bin/sh\n-c\nkill -SEGV $$\n", "-killed by signal 11" },
		{ "/bin/sh\n-c\necho $VIPD_CHECK at $VIPD_ADDRESS; id -un; exit 1\n",
		  "-exited with 1: test at 10.9.1.1" },
		{ "/bin/sh\n-c\nid -un; exit 1\n", "-exited with 1: nobody" },
		{ "/bin/sh\n-c\ntest -z \"$1\"\nname\n\n", "+exited with 0" },
		{ "/nonexistent\n", "-/nonexistent cannot be run: No such file or directory" },
		{ "/etc/passwd\n", "-/etc/passwd cannot be run: Permission denied" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct effect e = check_of(CHECK_EXEC, "10.9.1.1", cases[i].target);

		e.check.run = (uint32_t)i;
		assert_begins(outcome(&e), cases[i].outcome);
	}
}

/*
 * Waits until nothing runs that has these words in its command line; in our network namespace, that
 * is: the same test may run beside this one, or have failed and left something.
 */
static void assert_none_left(const char *pattern)
{
	struct instant until = instant_add(clock_now(), PATIENCE);
	char command[120];

	snprintf(command, sizeof(command), "! pgrep --ns %d --nslist net -f '%s' >/dev/null",
		 (int)getpid(), pattern);
	while (system(command) != 0) {
		assert_true(instant_before(clock_now(), until));
		run_for(DURATION_MS(10));
	}
}

static void test_nothing_is_left_of_a_hostile_program(void **state)
{
	/* Whether the bomb meets the limit of processes within the time is a matter of luck. */
	static const struct {
		const char *target, *outcome, *or_else;
	} cases[] = {
		{ .target = "/bin/sleep\n4711\n", .outcome = "-no answer within 300ms: killed" },
		{ .target = "/bin/sh\n-c\ntrap '' TERM HUP; sleep 4711; sleep 4711\n",
		  .outcome = "-no answer within 300ms: killed" },
		{ .target = "/bin/sh\n-c\nsetsid sleep 4711 & exit 1\n",
		  .outcome = "-exited with 1" },
		{ .target = "/bin/sh\n-c\n(setsid sh -c 'sleep 4711 & sleep 4711' &) & exit 0\n",
		  .outcome = "+exited with 0" },
		{ .target = "/bin/sh\n-c\nwhile :; do setsid sleep 4711 & done\n",
		  .outcome = "-no answer within 300ms: killed",
		  .or_else = "-exited with 2: /bin/sh: 0: Cannot fork" },
		{ .target = "/usr/bin/yes\n4711\n", .outcome = "-no answer within 300ms: killed" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct effect e = check_of(CHECK_EXEC, NULL, cases[i].target);
		const char *found;

		e.check.run = (uint32_t)i;
		e.check.settings.timeout = DURATION_MS(300);
		found = outcome(&e);
		if (!cases[i].or_else || strcmp(found, cases[i].or_else) != 0)
			assert_begins(found, cases[i].outcome);
		assert_none_left("[ /](sleep|yes) 4711");
	}
}

static void test_what_is_switched_off_ends_without_a_word(void **state)
{
	static const char *const targets[] = { "/bin/sleep\n4712\n", "" };
	static const uint8_t kinds[] = { CHECK_EXEC, CHECK_TCP };

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
		struct effect e = check_of(kinds[i], SILENT, targets[i]);

		e.check.settings.timeout = DURATION_MS(500);
		checks_run(f.checks, &e);
		run_for(DURATION_MS(50));
		e.check.off = true;
		checks_run(f.checks, &e);
		run_for(DURATION_MS(600));
		assert_int_equal(f.answered, 0);
	}
	assert_none_left("[s]leep 4712");
}

/* The process that runs the program. There may be dead ones of earlier tests. */
static pid_t launcher(void)
{
	char command[40], number[16] = "";
	FILE *from;

	snprintf(command, sizeof(command), "pgrep -n -P %d vipd-check", (int)getpid());
	from = popen(command, "r");
	assert_non_null(from);
	assert_non_null(fgets(number, sizeof(number), from));
	pclose(from);
	return (pid_t)atoi(number);
}

/* vipd-check is stopped meanwhile, so it cannot end what it has started. */
static void test_a_run_never_has_two_programs_at_once(void **state)
{
	struct effect e = check_of(CHECK_EXEC, NULL, "/bin/sleep\n4713\n");
	pid_t stopped;

	(void)state;
	e.check.run = 1;
	e.check.settings.timeout = DURATION_MS(100);
	checks_run(f.checks, &e);
	run_for(DURATION_MS(20));
	stopped = launcher();
	assert_int_equal(kill(stopped, SIGSTOP), 0);
	run_until(1);
	checks_run(f.checks, &e);
	run_until(2);
	assert_string_equal(f.runs[1].text, "the last run has not ended yet");
	text_copy(e.check.settings.target, CHECK_TARGET_MAX, "/bin/true\n");
	e.check.settings.timeout = DURATION_S(5);
	checks_run(f.checks, &e);
	assert_int_equal(kill(stopped, SIGCONT), 0);
	run_until(3);
	assert_true(f.runs[1].passed);
	assert_none_left("[s]leep 4713");
}

static unsigned descriptors(void)
{
	unsigned n = 0;

	for (int fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void test_many_checks_take_turns_and_all_are_answered(void **state)
{
	struct effect e = check_of(CHECK_TCP, SILENT, "");
	unsigned before = descriptors();

	(void)state;
	e.check.settings.timeout = DURATION_MS(100);
	for (e.check.run = 0; e.check.run < RUNS_MAX; e.check.run++) {
		if (e.check.run == RUNS_MAX / 2) {
			e = check_of(CHECK_TCP, "203.0.113.1", "");
			e.check.run = RUNS_MAX / 2;
		}
		checks_run(f.checks, &e);
	}
	assert_true(descriptors() <= before + CHECKS_AT_ONCE);
	run_until(RUNS_MAX);
	for (size_t run = 0; run < RUNS_MAX; run++) {
		assert_int_equal(f.runs[run].answers, 1);
		assert_string_equal(f.runs[run].text, run < RUNS_MAX / 2
							      ? "no answer within 100ms"
							      : "network is unreachable");
	}
	run_for(DURATION_MS(10));
	assert_int_equal(descriptors(), before);
}

static void test_an_end_in_the_middle_of_everything_is_an_end(void **state)
{
	static const uint8_t kinds[] = { CHECK_TCP, CHECK_EXEC, CHECK_FILE, CHECK_ICMP };

	(void)state;
	for (uint32_t run = 0; run < RUNS_MAX; run++) {
		struct effect e =
			check_of(kinds[run % ARRAY_LENGTH(kinds)], SILENT, "/bin/sleep\n4714\n");

		e.check.run = run;
		checks_run(f.checks, &e);
	}
	run_for(DURATION_MS(20));
	checks_free(f.checks);
	f.checks = NULL;
	uv_run(&f.loop, UV_RUN_DEFAULT);
	assert_none_left("[s]leep 4714");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_tcp_is_well_when_somebody_listens, begin, end),
		cmocka_unit_test_setup_teardown(test_silence_is_a_failure_within_the_timeout, begin,
						end),
		cmocka_unit_test_setup_teardown(test_http_looks_at_the_status_and_for_the_text,
						begin, end),
		cmocka_unit_test_setup_teardown(
			test_http_is_not_held_up_by_a_server_that_does_not_end, begin, end),
		cmocka_unit_test_setup_teardown(test_http_reads_a_page_to_its_end, begin, end),
		cmocka_unit_test_setup_teardown(test_http_does_not_read_on_when_it_is_asked_again,
						begin, end),
		cmocka_unit_test_setup_teardown(test_icmp_is_well_when_the_echo_comes_back, begin,
						end),
		cmocka_unit_test_setup_teardown(test_dns_is_well_when_the_name_has_an_address,
						begin, end),
		cmocka_unit_test_setup_teardown(test_dns_tells_the_error_of_the_server, begin, end),
		cmocka_unit_test_setup_teardown(test_file_is_well_while_it_is_there, begin, end),
		cmocka_unit_test_setup_teardown(test_exec_tells_how_the_program_ended, begin, end),
		cmocka_unit_test_setup_teardown(test_nothing_is_left_of_a_hostile_program, begin,
						end),
		cmocka_unit_test_setup_teardown(test_what_is_switched_off_ends_without_a_word,
						begin, end),
		cmocka_unit_test_setup_teardown(test_a_run_never_has_two_programs_at_once, begin,
						end),
		cmocka_unit_test_setup_teardown(test_many_checks_take_turns_and_all_are_answered,
						begin, end),
		cmocka_unit_test_setup_teardown(test_an_end_in_the_middle_of_everything_is_an_end,
						begin, end),
	};

	if (argc != 2)
		return 2;
	programs = argv[1];
	if (!namespace_enter() || system("ip link add b0 type bridge && ip link set b0 up && "
					 "ip address add 10.5.0.1/24 dev b0"))
		return 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
