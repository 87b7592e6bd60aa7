/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the machine alone does to a program that has to be on time. On each core it sleeps for a
 * millisecond at a time, before all that is not of real time where that is allowed, and whenever it
 * is woken more than another late says by how much:
 *
 *	<core> <microseconds>
 *
 * It ends when its standard input does. A guard beside it cannot be better than it is.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define BEAT_NS 1000000
#define LATE_NS 1000000
#define CORES_MAX 64
/* Above the guards', or it would measure them. */
#define PRIORITY 90

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void sleep_until(int64_t at)
{
	const struct timespec t = { at / 1000000000, at % 1000000000 };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
		;
}

static void *beat(void *context)
{
	int core = (int)(intptr_t)context;
	const struct sched_param urgent = { .sched_priority = PRIORITY };
	int64_t due = now();
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(core, &set);
	(void)pthread_setaffinity_np(pthread_self(), sizeof(set), &set);
	(void)pthread_setschedparam(pthread_self(), SCHED_FIFO, &urgent);
	for (;;) {
		int64_t woken;

		due += BEAT_NS;
		sleep_until(due);
		woken = now();
		if (woken - due <= LATE_NS)
			continue;
		printf("%d %lld\n", core, (long long)(woken - due) / 1000);
		/* What was missed is not made up for: it would be said again and again. */
		due = woken;
	}
	return NULL;
}

static void wait_for_end(void)
{
	char c;

	while (read(STDIN_FILENO, &c, 1) > 0)
		;
}

int main(void)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	(void)mlockall(MCL_CURRENT | MCL_FUTURE);
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (long core = 0; core < cores && core < CORES_MAX; core++) {
		pthread_t thread;
		int error = pthread_create(&thread, NULL, beat, (void *)(intptr_t)core);

		if (error) {
			fprintf(stderr, "no thread: %s\n", strerror(error));
			return 1;
		}
	}
	wait_for_end();
	return 0;
}
