/* SPDX-License-Identifier: Apache-2.0 */
/* Lists, hash tables, timers and random numbers, each against what a simpler structure says. */
#include "base/array.h"
#include "base/hash.h"
#include "base/list.h"
#include "base/random.h"
#include "base/timers.h"
#include "base/unit.h"

#include <stdlib.h>

#define MEMBERS 500

struct member {
	struct list link;
	struct hash_node node;
	struct timer timer;
	uint32_t key;
	bool in;
};

static void test_an_array_has_room_and_keeps_what_is_in_it(void **state)
{
	uint32_t *numbers = NULL;
	size_t capacity = 0;

	(void)state;
	for (uint32_t i = 0; i < 10000; i++) {
		assert_int_equal(ARRAY_RESERVE(numbers, capacity, i + 1), 0);
		assert_true(capacity > i && capacity <= 128 + 2 * i);
		numbers[i] = i;
	}
	for (uint32_t i = 0; i < 10000; i++)
		assert_int_equal(numbers[i], i);
	free(numbers);
}

static void test_a_list_keeps_the_order_of_its_members(void **state)
{
	struct member m[4];
	struct list head;
	size_t i = 0;

	(void)state;
	list_init(&head);
	assert_true(list_empty(&head));
	for (i = 0; i < 4; i++)
		list_append(&head, &m[i].link);
	list_remove(&m[1].link);
	list_remove(&m[1].link);
	list_insert_before(&m[0].link, &m[1].link);
	i = 0;
	list_each_safe(link, &head) {
		static const size_t order[] = { 1, 0, 2, 3 };

		assert_ptr_equal(container_of(link, struct member, link), &m[order[i++]]);
		list_remove(link);
	}
	assert_int_equal(i, 4);
	assert_true(list_empty(&head));
}

static struct member *find(const struct hash *t, uint32_t key)
{
	uint32_t h = hash_bytes(0, &key, sizeof(key)) % 64; /* so that many share a hash */

	for (struct hash_node *n = hash_first(t, h); n; n = hash_next(n, h))
		if (container_of(n, struct member, node)->key == key)
			return container_of(n, struct member, node);
	return NULL;
}

static void test_a_hash_table_finds_exactly_what_was_put_in(void **state)
{
	static struct member m[MEMBERS];
	struct random r;
	struct hash t;
	size_t walked = 0;

	(void)state;
	random_init(&r, 1);
	hash_init(&t);
	assert_null(hash_walk(&t, NULL));
	for (size_t i = 0; i < 20000; i++) {
		struct member *each = &m[random_below(&r, MEMBERS)];

		each->key = (uint32_t)(each - m);
		assert_int_equal(find(&t, each->key) != NULL, each->in);
		if (each->in)
			hash_remove(&t, &each->node);
		else
			assert_int_equal(
				hash_insert(&t, &each->node, hash_bytes(0, &each->key, 4) % 64), 0);
		each->in = !each->in;
	}
	for (struct hash_node *n = hash_walk(&t, NULL); n; n = hash_walk(&t, n)) {
		assert_true(container_of(n, struct member, node)->in);
		walked++;
	}
	assert_int_equal(walked, t.count);
	hash_done(&t);
}

/* As others have computed it: CPython has SipHash-1-3, with a key of zeros on demand. */
static void test_a_keyed_hash_is_siphash(void **state)
{
	static const uint64_t zeros[2];
	static const uint8_t seven[] = { 1, 2, 3, 4, 5, 6, 7 };
	static const uint8_t nine[] = { 10, 9, 1, 1, 255, 255, 255, 0, 9 };

	(void)state;
	assert_true(hash_sip(zeros, seven, sizeof(seven)) == 0xb1cd85cc334196fa);
	assert_true(hash_sip(zeros, nine, sizeof(nine)) == 0x0117e360f48be290);
	assert_true(hash_keyed(1, seven, sizeof(seven)) != hash_keyed(2, seven, sizeof(seven)));
	assert_true(hash_seed_for(7, 1) != hash_seed_for(7, 2));
}

#define CHAIN 256 /* keys that share one of as many buckets */

/* The longest chain that the keys make. */
static size_t longest_chain(uint64_t seed, const uint32_t *keys)
{
	size_t count[CHAIN] = { 0 }, longest = 0;

	for (size_t i = 0; i < CHAIN; i++) {
		size_t *n = &count[hash_keyed(seed, &keys[i], sizeof(keys[i])) % CHAIN];

		longest = ++*n > longest ? *n : longest;
	}
	return longest;
}

static void test_keys_that_share_a_chain_by_one_seed_do_not_by_another(void **state)
{
	uint32_t keys[CHAIN], key = 0;

	(void)state;
	for (size_t found = 0; found < CHAIN; key++)
		if (hash_keyed(1, &key, sizeof(key)) % CHAIN == 0)
			keys[found++] = key;
	assert_int_equal(longest_chain(1, keys), CHAIN);
	for (uint64_t seed = 2; seed < 20; seed++)
		assert_true(longest_chain(seed, keys) < 10);
}

/* The earliest of the running timers, found by looking at all of them. */
static struct instant earliest(const struct member *m)
{
	struct instant due = INSTANT_NEVER;

	for (size_t i = 0; i < MEMBERS; i++)
		if (m[i].in)
			due = instant_min(due, m[i].timer.due);
	return due;
}

static void test_timers_come_due_in_their_order_through_random_changes(void **state)
{
	static struct member m[MEMBERS];
	struct instant now = { 0 };
	struct timers q;
	struct random r;
	struct timer *t;

	(void)state;
	random_init(&r, 2);
	timers_init(&q);
	for (size_t i = 0; i < MEMBERS; i++)
		timer_init(&m[i].timer, (uint16_t)i);
	for (size_t i = 0; i < 20000; i++) {
		struct member *each = &m[random_below(&r, MEMBERS)];

		if (random_below(&r, 3) == 0) {
			timer_stop(&q, &each->timer);
			each->in = false;
		} else {
			struct duration d = { (int64_t)random_below(&r, 1000) };

			assert_int_equal(timer_set(&q, &each->timer, instant_add(now, d)), 0);
			each->in = true;
		}
		assert_int_equal(timer_running(&each->timer), each->in);
		assert_int_equal(timers_deadline(&q).ns, earliest(m).ns);
		if (random_below(&r, 4) == 0) {
			struct instant before = now;

			now.ns += 50;
			while ((t = timers_pop(&q, now))) {
				assert_true(!instant_before(t->due, before) || t->due.ns <= now.ns);
				before = t->due;
				m[t->slot].in = false;
			}
			assert_true(instant_before(now, earliest(m)));
		}
	}
	timers_done(&q);
}

static void test_a_sum_beyond_the_end_of_time_is_never(void **state)
{
	(void)state;
	assert_true(instant_is_never(instant_add(INSTANT_NEVER, DURATION_S(1))));
	assert_true(instant_before((struct instant){ 5 }, INSTANT_NEVER));
}

static void test_random_numbers_repeat_with_their_seed_and_stay_in_bounds(void **state)
{
	struct random a, b;

	(void)state;
	random_init(&a, 42);
	random_init(&b, 42);
	for (size_t i = 0; i < 1000; i++) {
		struct duration d = random_between(&a, DURATION_S(25), DURATION_S(35));

		assert_int_equal(d.ns, random_between(&b, DURATION_S(25), DURATION_S(35)).ns);
		assert_in_range(d.ns, DURATION_S(25).ns, DURATION_S(35).ns);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_array_has_room_and_keeps_what_is_in_it),
		cmocka_unit_test(test_a_list_keeps_the_order_of_its_members),
		cmocka_unit_test(test_a_hash_table_finds_exactly_what_was_put_in),
		cmocka_unit_test(test_a_keyed_hash_is_siphash),
		cmocka_unit_test(test_keys_that_share_a_chain_by_one_seed_do_not_by_another),
		cmocka_unit_test(test_timers_come_due_in_their_order_through_random_changes),
		cmocka_unit_test(test_a_sum_beyond_the_end_of_time_is_never),
		cmocka_unit_test(test_random_numbers_repeat_with_their_seed_and_stay_in_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
