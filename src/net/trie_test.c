/* SPDX-License-Identifier: Apache-2.0 */
/* The trie against a naive model: a plain array that is searched from end to end. */
#include "net/trie.h"

#include "base/random.h"
#include "base/unit.h"

#define MODEL_MAX 400

struct model {
	struct prefix prefix[MODEL_MAX];
	size_t count;
};

static const struct prefix *model_match(const struct model *m, const struct prefix *p)
{
	const struct prefix *best = NULL;

	for (size_t i = 0; i < m->count; i++)
		if (prefix_covers(&m->prefix[i], p) &&
		    (!best || m->prefix[i].length > best->length))
			best = &m->prefix[i];
	return best;
}

static const struct prefix *model_first(const struct model *m, const struct prefix *within,
					const struct prefix *after)
{
	const struct prefix *first = NULL;

	for (size_t i = 0; i < m->count; i++) {
		const struct prefix *p = &m->prefix[i];

		if (within && !prefix_covers(within, p))
			continue;
		if (after && prefix_compare(p, after) <= 0)
			continue;
		if (!first || prefix_compare(p, first) < 0)
			first = p;
	}
	return first;
}

/* Prefixes that crowd into a few bits, so that they nest, part and meet often. */
static struct prefix random_prefix(struct random *r)
{
	uint8_t bytes[16] = { 0 };
	enum family family = random_below(r, 2) ? FAMILY_IPV4 : FAMILY_IPV6;
	size_t n = family_bytes(family);
	struct address a;

	for (size_t i = 0; i < n; i++)
		bytes[i] = (uint8_t)(random_below(r, 4) ? 0x0a : random_next(r));
	a = address_make(family, bytes);
	return prefix_make(&a, (uint8_t)random_below(r, n * 8 + 1));
}

static void same(const struct trie_node *n, const struct prefix *p)
{
	assert_true(!n == !p);
	if (n) {
		assert_non_null(n->value);
		assert_true(prefix_equal(&n->prefix, p));
	}
}

static void compare(const struct trie *t, const struct model *m, struct random *r)
{
	struct prefix p = random_prefix(r);
	const struct prefix *expected = NULL;
	struct trie_node *n = NULL;

	same(trie_match(t, &p), model_match(m, &p));
	same(trie_within(t, &p), model_first(m, &p, NULL));
	assert_int_equal(t->count, m->count);
	do {
		n = trie_walk(t, n);
		expected = model_first(m, NULL, expected);
		same(n, expected);
	} while (n);
}

static void test_agrees_with_a_naive_model_through_random_changes(void **state)
{
	static struct model m;
	struct random r;
	struct trie t;
	int value;

	(void)state;
	random_init(&r, 7);
	trie_init(&t);
	for (size_t i = 0; i < 6000; i++) {
		struct prefix p = random_prefix(&r);
		struct trie_node *n = trie_find(&t, &p);

		if (n || m.count == MODEL_MAX || (m.count > 0 && random_below(&r, 3) == 0)) {
			size_t victim = random_below(&r, m.count);

			n = trie_find(&t, &m.prefix[victim]);
			assert_non_null(n);
			trie_remove(&t, n);
			m.prefix[victim] = m.prefix[--m.count];
		} else {
			assert_int_equal(trie_insert(&t, &p, &value), 0);
			assert_true(trie_insert(&t, &p, &value) < 0);
			m.prefix[m.count++] = p;
		}
		if (i % 16 == 0)
			compare(&t, &m, &r);
	}
	trie_done(&t);
}

static void test_an_empty_trie_matches_nothing(void **state)
{
	struct address a = address_ipv4(0x0a090101);
	struct prefix p = prefix_host(&a);
	struct trie t;

	(void)state;
	trie_init(&t);
	assert_null(trie_match(&t, &p));
	assert_null(trie_within(&t, &p));
	assert_null(trie_walk(&t, NULL));
	trie_done(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_agrees_with_a_naive_model_through_random_changes),
		cmocka_unit_test(test_an_empty_trie_matches_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
