/* SPDX-License-Identifier: Apache-2.0 */
/* What a confined process can do, and what not. Each is tried by a child. */
#include "check/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/container.h"
#include "base/unit.h"

static int pipe_ends[2];

static bool opens(void)
{
	return open("/etc/passwd", O_RDONLY) >= 0;
}

static bool makes_a_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) >= 0;
}

static bool makes_a_local_socket(void)
{
	return socket(AF_UNIX, SOCK_SEQPACKET, 0) >= 0;
}

static bool starts(void)
{
	return fork() >= 0;
}

static bool becomes(void)
{
	return execl("/bin/true", "true", NULL) >= 0;
}

static bool kills(void)
{
	return kill(getppid(), 0) == 0;
}

static bool traces(void)
{
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0;
}

static bool makes_code(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
	       MAP_FAILED;
}

static bool turns_data_into_code(void)
{
	void *data = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return data == MAP_FAILED || mprotect(data, 4096, PROT_READ | PROT_EXEC) == 0;
}

static bool (*const forbidden[])(void) = {
	opens,	makes_a_socket, makes_a_local_socket, starts, becomes, kills,
	traces, makes_code,	turns_data_into_code,
};

static bool reads_writes_and_allocates(void)
{
	char *bytes = malloc(1 << 20);
	bool well = bytes && write(pipe_ends[1], "x", 1) == 1 && read(pipe_ends[0], bytes, 1) == 1;

	free(bytes);
	return well;
}

static bool child_says(bool (*done)(void), bool confined)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		if (confined && confine_to_descriptors() != 0)
			_exit(2);
		_exit(done() ? 1 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	/* A child that has become /bin/true ends with 0. */
	if (done == becomes && !confined)
		return WIFEXITED(status) && WEXITSTATUS(status) == 0;
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) != 2);
	return WEXITSTATUS(status) == 1;
}

static void test_it_reads_and_writes_what_is_open_and_does_nothing_else(void **state)
{
	(void)state;
	assert_int_equal(pipe(pipe_ends), 0);
	for (size_t i = 0; i < ARRAY_LENGTH(forbidden); i++)
		assert_false(child_says(forbidden[i], true));
	assert_true(child_says(reads_writes_and_allocates, true));
}

static void test_the_same_can_be_done_by_who_is_not_confined(void **state)
{
	(void)state;
	/* Without this one the other could pass for another reason. */
	assert_true(child_says(opens, false));
	assert_true(child_says(makes_a_local_socket, false));
	assert_true(child_says(starts, false));
	assert_true(child_says(becomes, false));
	assert_true(child_says(kills, false));
	assert_true(child_says(makes_code, false));
	assert_true(child_says(turns_data_into_code, false));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_reads_and_writes_what_is_open_and_does_nothing_else),
		cmocka_unit_test(test_the_same_can_be_done_by_who_is_not_confined),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
