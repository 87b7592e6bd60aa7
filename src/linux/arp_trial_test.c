/* SPDX-License-Identifier: Apache-2.0 */
/* The trial tells a host that answers from one that is silent, and from one that proves nothing. */
#include "linux/arp_trial.h"

#include "base/unit.h"
#include "linux/namespace_test.h"

static struct address parse(const char *text)
{
	struct address a;

	assert_int_equal(address_parse(text, &a), 0);
	return a;
}

static enum arp_trial try(const char *silent, const char *known)
{
	struct address s = parse(silent), k = parse(known);
	char sentence[160] = "";

	return arp_trial(&s, &k, sentence, sizeof(sentence));
}

static void test_a_host_that_answers_is_found_out(void **state)
{
	(void)state;
	assert_int_equal(try("10.9.1.1", "10.9.1.2"), ARP_TRIAL_ANSWERED);
}

static void test_a_host_that_is_silent_is_believed(void **state)
{
	(void)state;
	assert_int_equal(system("nft -f - <<'END'\n"
				"table arp t {\n"
				"chain in { type filter hook input priority 0; arp daddr ip "
				"10.9.1.1 drop; }\n"
				"}\n"
				"END"),
			 0);
	assert_int_equal(try("10.9.1.1", "10.9.1.2"), ARP_TRIAL_SILENT);
	assert_int_equal(system("nft delete table arp t"), 0);
}

static void test_a_host_that_answers_for_nothing_proves_nothing(void **state)
{
	(void)state;
	assert_int_equal(try("10.9.1.1", "10.9.9.9"), ARP_TRIAL_ANSWERED);
	assert_int_equal(try("10.9.9.8", "10.9.9.9"), ARP_TRIAL_NONE);
}

static void test_nothing_of_the_trial_is_left(void **state)
{
	(void)state;
	(void)try("10.9.1.1", "10.9.1.2");
	assert_int_not_equal(system("ip link show vipdtrial0 2>/dev/null"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_host_that_answers_is_found_out),
		cmocka_unit_test(test_a_host_that_is_silent_is_believed),
		cmocka_unit_test(test_a_host_that_answers_for_nothing_proves_nothing),
		cmocka_unit_test(test_nothing_of_the_trial_is_left),
	};

	if (!namespace_enter() || system("ip address add 10.9.1.1/32 dev lo && ip address add "
					 "10.9.1.2/32 dev lo"))
		return 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
