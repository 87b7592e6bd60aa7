/* SPDX-License-Identifier: Apache-2.0 */
/* The table of a VIP's life: every state with every event, against the one in README.md. */
#include "node/vip/fsm.h"

#include <stdio.h>
#include <string.h>

#include "base/unit.h"
#include "node/node.h"

#define NO_EDGE (VIP_STATE_COUNT + 1)

static const char *readme;

static const char *const events[] = {
#define VIP_EVENT_TEXT(name, text) text,
	VIP_EVENTS(VIP_EVENT_TEXT)
#undef VIP_EVENT_TEXT
};

/* What README.md says follows: a state, VIP_STATE_COUNT for none, NO_EDGE where it says nothing. */
static uint8_t told[VIP_STATE_COUNT][VIP_EVENT_COUNT];

static uint8_t state_named(const char *name)
{
	for (uint8_t state = 0; state < VIP_STATE_COUNT; state++)
		if (strcmp(vip_state_name(state), name) == 0)
			return state;
	assert_string_equal(name, "stays");
	return VIP_STATE_COUNT;
}

static uint8_t event_named(const char *name)
{
	for (uint8_t event = 0; event < VIP_EVENT_COUNT; event++)
		if (strcmp(events[event], name) == 0)
			return event;
	return VIP_EVENT_COUNT;
}

/* The next cell of a row, without the blanks around it. */
static char *cell(char **at)
{
	char *text = strsep(at, "|"), *end;

	assert_non_null(text);
	text += strspn(text, " ");
	for (end = text + strlen(text); end > text && end[-1] == ' ';)
		*--end = '\0';
	return text;
}

/* | event | states | what follows | ... */
static void read_row(char *line)
{
	uint8_t event, next;
	char *states, *name;

	(void)cell(&line);
	event = event_named(cell(&line));
	if (event == VIP_EVENT_COUNT)
		return;
	states = cell(&line);
	next = state_named(cell(&line));
	while ((name = strsep(&states, ",")))
		told[state_named(name + strspn(name, " "))][event] = next;
}

static int read_table(void **state)
{
	FILE *f = fopen(readme, "r");
	char line[1024];

	(void)state;
	assert_non_null(f);
	memset(told, NO_EDGE, sizeof(told));
	while (fgets(line, sizeof(line), f))
		if (line[0] == '|')
			read_row(line);
	(void)fclose(f);
	return 0;
}

static void test_every_state_and_event_is_in_the_table_as_readme_says(void **state)
{
	(void)state;
	for (uint8_t from = 0; from < VIP_STATE_COUNT; from++)
		for (uint8_t event = 0; event < VIP_EVENT_COUNT; event++) {
			const struct vip_edge *edge = vip_edge(from, event);
			uint8_t next = edge ? edge->next : NO_EDGE;

			if (next != told[from][event])
				fail_msg("%s while %s: not as in README.md", events[event],
					 vip_state_name(from));
		}
}

static void test_every_state_is_reached_and_left(void **state)
{
	(void)state;
	for (uint8_t at = 0; at < VIP_STATE_COUNT; at++) {
		bool reached = false, left = false;

		for (uint8_t from = 0; from < VIP_STATE_COUNT; from++)
			for (uint8_t event = 0; event < VIP_EVENT_COUNT; event++) {
				const struct vip_edge *edge = vip_edge(from, event);

				reached |= edge && edge->next == at && from != at;
				left |= edge && from == at && edge->next != at &&
					edge->next != VIP_STATE_COUNT;
			}
		assert_true(reached);
		assert_true(left);
	}
}

static void test_what_cannot_happen_is_counted_and_changes_nothing(void **state)
{
	struct vip_settings settings;
	struct node *n = node_new();
	struct binding *b;
	uint64_t count = 0;

	(void)state;
	assert_non_null(n);
	vip_settings_default(&settings);
	assert_int_equal(address_parse("10.9.1.1", &settings.address), 0);
	settings.length = 32;
	b = binding_new(n, &settings, 1);
	assert_non_null(b);
	for (uint8_t from = 0; from < VIP_STATE_COUNT; from++)
		for (uint8_t event = 0; event < VIP_EVENT_COUNT; event++) {
			if (vip_edge(from, event))
				continue;
			b->state = from;
			binding_step(n, b, event, "never said");
			assert_int_equal(b->state, from);
			assert_null(b->reason);
			assert_int_equal(node_unexpected(n), ++count);
		}
	assert_true(count > 0);
	node_free(n);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_state_and_event_is_in_the_table_as_readme_says),
		cmocka_unit_test(test_every_state_is_reached_and_left),
		cmocka_unit_test(test_what_cannot_happen_is_counted_and_changes_nothing),
	};

	readme = argc > 1 ? argv[1] : "src/node/README.md";
	return cmocka_run_group_tests(tests, read_table, NULL);
}
