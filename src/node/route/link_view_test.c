/* SPDX-License-Identifier: Apache-2.0 */
/* A link that borrows its address: when it has it, and what of the address follows. */
#include "base/text.h"
#include "node/stage_test.h"

#define VIP "10.9.1.1"
#define NOT_HERE "the address that it borrows is not here"

/* With RIP, because the stage has it: whatever is spoken, it is the node that lends the address. */
static void configure(struct stage *s, const char *borrowed)
{
	struct input in = { .kind = INPUT_CONFIG, .request = ++s->request, .more = true };

	in.config.part = CONFIG_RULE;
	interface_rule_default(&in.config.rule);
	text_copy(in.config.rule.pattern, sizeof(in.config.rule.pattern), "eth0");
	stage_put(s, &in);
	in.config.part = CONFIG_SPEECH;
	in.config.speech = protocol_speech(PROTOCOL_RIP);
	if (borrowed)
		assert_int_equal(address_parse(borrowed, &in.config.speech.borrowed), 0);
	stage_put(s, &in);
	stage_config_end(s);
}

static void a_link_speaks_from_a_vip_while_it_is_here(void **state)
{
	struct stage *s = *state;

	configure(s, VIP);
	assert_string_equal(stage_interface_reason(s), NOT_HERE);
	stage_bind(s, VIP "/32");
	assert_string_equal(stage_interface_reason(s), "");
	assert_true(stage_said(s, "speaks RIP"));
	stage_unbind(s, VIP, false);
	stage_run(s, DURATION_S(5));
	assert_string_equal(stage_interface_reason(s), NOT_HERE);
	/* It has one of its own, from which it speaks when it is to borrow none. */
	configure(s, NULL);
	assert_string_equal(stage_interface_reason(s), "");
}

static void a_link_speaks_from_the_address_of_another_one_while_that_has_it(void **state)
{
	struct stage *s = *state;

	configure(s, "10.66.0.10");
	assert_string_equal(stage_interface_reason(s), NOT_HERE);
	stage_link_put(s, 2, "lo", true);
	stage_address_put(s, 2, "10.66.0.10/32");
	assert_string_equal(stage_interface_reason(s), "");
	stage_object_put(s, false, OBJECT_ADDRESS, 2, "10.66.0.10/32");
	assert_string_equal(stage_interface_reason(s), NOT_HERE);
}

/* It is the next hop of the router there, who asks who has it. */
static void a_vip_that_is_borrowed_is_not_silent(void **state)
{
	struct stage *s = *state;

	stage_bind_how(s, VIP "/32", VIP_ARP_SILENT, VIP_CONFLICT_REFUSE);
	stage_bind_how(s, "10.9.1.2/32", VIP_ARP_SILENT, VIP_CONFLICT_REFUSE);
	stage_run(s, DURATION_S(1));
	assert_true(stage_holds(s, "silence " VIP "/32"));
	configure(s, VIP);
	stage_run(s, DURATION_S(1));
	assert_false(stage_holds(s, "silence " VIP "/32"));
	assert_true(stage_holds(s, "silence 10.9.1.2/32"));
	configure(s, NULL);
	stage_run(s, DURATION_S(1));
	assert_true(stage_holds(s, "silence " VIP "/32"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STAGE_TEST(a_link_speaks_from_a_vip_while_it_is_here),
		STAGE_TEST(a_link_speaks_from_the_address_of_another_one_while_that_has_it),
		STAGE_TEST(a_vip_that_is_borrowed_is_not_silent),
	};

	return cmocka_run_group_tests_name("node: link view", tests, NULL, NULL);
}
