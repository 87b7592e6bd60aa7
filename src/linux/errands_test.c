/* SPDX-License-Identifier: Apache-2.0 */
/* Errands that take their time keep nobody waiting but each other. */
#include "linux/errands.h"

#include <semaphore.h>
#include <stdlib.h>

#include "base/container.h"
#include "base/unit.h"

#define MANY 16

static uv_loop_t loop;
static struct errands *errands;

/* What the thread and the test share. It is not on a stack: a thread may outlast its test. */
static sem_t door, freed;
static int at_once, most_at_once, n_done;
static bool stat_done;

static int begin(void **state)
{
	(void)state;
	sem_init(&door, 0, 0);
	sem_init(&freed, 0, 0);
	at_once = most_at_once = n_done = 0;
	stat_done = false;
	assert_int_equal(uv_loop_init(&loop), 0);
	return errands_new(&loop, &errands);
}

static int end(void **state)
{
	(void)state;
	errands_free(errands);
	return uv_loop_close(&loop);
}

static void wait_at_the_door(struct errand *e)
{
	(void)e;
	at_once++;
	most_at_once = at_once > most_at_once ? at_once : most_at_once;
	while (sem_wait(&door) < 0)
		continue;
	at_once--;
}

static void done(struct errand *e, bool wanted)
{
	n_done += wanted;
	free(e);
	sem_post(&freed);
}

static void put(void)
{
	struct errand *e = calloc(1, sizeof(*e));

	assert_non_null(e);
	*e = (struct errand){ .run = wait_at_the_door, .done = done };
	assert_int_equal(errands_put(errands, e), 0);
}

static void file_looked(uv_fs_t *fs)
{
	stat_done = true;
	uv_fs_req_cleanup(fs);
}

static void test_one_after_the_other_and_all_come_back(void **state)
{
	(void)state;
	for (int k = 0; k < MANY; k++)
		put();
	for (int k = 0; k < MANY; k++)
		sem_post(&door);
	while (n_done < MANY)
		uv_run(&loop, UV_RUN_ONCE);
	assert_int_equal(most_at_once, 1);
}

static void test_a_file_is_looked_at_while_all_errands_hang(void **state)
{
	uv_fs_t fs;

	(void)state;
	for (int k = 0; k < MANY; k++)
		put();
	assert_int_equal(uv_fs_stat(&loop, &fs, "/", file_looked), 0);
	while (!stat_done)
		uv_run(&loop, UV_RUN_ONCE);
	assert_int_equal(n_done, 0);
	for (int k = 0; k < MANY; k++)
		sem_post(&door);
	while (n_done < MANY)
		uv_run(&loop, UV_RUN_ONCE);
}

static void test_its_owner_does_not_wait_for_one_that_hangs(void **state)
{
	(void)state;
	put();
	put();
	errands_free(errands);
	assert_int_equal(n_done, 0);
	/* The thread lets go of all when it comes back. */
	sem_post(&door);
	while (sem_wait(&freed) < 0 || sem_wait(&freed) < 0)
		continue;
	assert_int_equal(n_done, 0);
	assert_int_equal(errands_new(&loop, &errands), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_one_after_the_other_and_all_come_back, begin,
						end),
		cmocka_unit_test_setup_teardown(test_a_file_is_looked_at_while_all_errands_hang,
						begin, end),
		cmocka_unit_test_setup_teardown(test_its_owner_does_not_wait_for_one_that_hangs,
						begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
