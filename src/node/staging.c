/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of a request that came one by one, until the last is there and all are taken or
 * refused. One request is collected at a time: another that begins drops what an unfinished one
 * left.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/text.h"
#include "node/command.h"
#include "node/protocol.h"
#include "node/vip/vip.h"

void staging_clear(struct staging *s)
{
	free(s->vips);
	free(s->rules);
	free(s->speeches);
	free(s->boards);
	free(s->checks);
	free(s->source_rules);
	*s = (struct staging){ 0 };
	for (enum protocol_id k = 1; k < PROTOCOL_END; k++)
		s->protocols[k] = protocol_settings(k);
	s->source_mode = SOURCE_MODE_ON;
}

void staging_begin(struct node *n, uint32_t request)
{
	if (n->staging->request == request)
		return;
	staging_clear(n->staging);
	n->staging->request = request;
}

int staging_add_vip(struct staging *s, const struct vip_settings *v)
{
	if (s->n_vips == s->vips_capacity) {
		size_t capacity = s->vips_capacity ? s->vips_capacity * 2 : 16;
		struct vip_settings *vips;

		if (s->n_vips >= NODE_VIPS_MAX)
			return -ENOSPC;
		vips = reallocarray(s->vips, capacity, sizeof(*vips));
		if (!vips)
			return -ENOMEM;
		s->vips = vips;
		s->vips_capacity = capacity;
	}
	s->vips[s->n_vips++] = *v;
	return 0;
}

int staging_add_rule(struct staging *s, const struct interface_rule *r)
{
	struct interface_rule *rules;

	if (s->n_rules >= NODE_RULES_MAX)
		return -ENOSPC;
	rules = reallocarray(s->rules, s->n_rules + 1, sizeof(*rules));
	if (!rules)
		return -ENOMEM;
	s->rules = rules;
	s->rules[s->n_rules++] = *r;
	return 0;
}

int staging_add_speech(struct staging *s, const struct speech_settings *speech)
{
	struct rule_speech *speeches;

	if (s->n_rules == 0 || s->n_speeches >= NODE_RULES_MAX * PROTOCOL_COUNT)
		return -ENOSPC;
	speeches = reallocarray(s->speeches, s->n_speeches + 1, sizeof(*speeches));
	if (!speeches)
		return -ENOMEM;
	s->speeches = speeches;
	s->speeches[s->n_speeches++] =
		(struct rule_speech){ .rule = s->n_rules - 1, .settings = *speech };
	return 0;
}

int staging_add_check(struct staging *s, const struct check_settings *c)
{
	struct check_settings *checks;

	if (s->n_checks >= NODE_CHECKS_MAX)
		return -ENOSPC;
	checks = reallocarray(s->checks, s->n_checks + 1, sizeof(*checks));
	if (!checks)
		return -ENOMEM;
	s->checks = checks;
	s->checks[s->n_checks++] = *c;
	return 0;
}

int staging_add_source_rule(struct staging *s, const struct source_rule *r)
{
	struct source_rule *rules;

	if (s->n_source_rules >= SOURCE_RULES_MAX)
		return -ENOSPC;
	rules = reallocarray(s->source_rules, s->n_source_rules + 1, sizeof(*rules));
	if (!rules)
		return -ENOMEM;
	s->source_rules = rules;
	s->source_rules[s->n_source_rules++] = *r;
	return 0;
}

int staging_add_board(struct staging *s, const char *name)
{
	char(*boards)[INTERFACE_NAME_MAX];

	if (s->n_boards >= NODE_BOARDS_MAX)
		return -ENOSPC;
	boards = reallocarray(s->boards, s->n_boards + 1, sizeof(*boards));
	if (!boards)
		return -ENOMEM;
	s->boards = boards;
	text_copy(s->boards[s->n_boards++], INTERFACE_NAME_MAX, name);
	return 0;
}
