/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of a request that came one by one, until the last is there and all are taken or
 * refused. One request is collected at a time: another that begins drops what an unfinished one
 * left.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

/* Appends to one of the arrays, which grow by powers of two. */
#define ADD(s, array, most, element)                                                               \
	add((void **)&(s)->array, &(s)->n_##array, (most), (element), sizeof(*(element)))

static int add(void **array, size_t *count, size_t most, const void *element, size_t size)
{
	if (*count >= most)
		return -ENOSPC;
	if ((*count & (*count - 1)) == 0) {
		void *grown = reallocarray(*array, *count ? *count * 2 : 1, size);

		if (!grown)
			return -ENOMEM;
		*array = grown;
	}
	memcpy((char *)*array + *count * size, element, size);
	*count += 1;
	return 0;
}

int staging_add_vip(struct staging *s, const struct vip_settings *v)
{
	return ADD(s, vips, NODE_VIPS_MAX, v);
}

int staging_add_rule(struct staging *s, const struct interface_rule *r)
{
	return ADD(s, rules, NODE_RULES_MAX, r);
}

int staging_add_speech(struct staging *s, const struct speech_settings *speech)
{
	const struct rule_speech last = { .rule = s->n_rules - 1, .settings = *speech };

	return s->n_rules ? ADD(s, speeches, NODE_RULES_MAX * PROTOCOL_COUNT, &last) : -ENOSPC;
}

int staging_add_check(struct staging *s, const struct check_settings *c)
{
	return ADD(s, checks, NODE_CHECKS_MAX, c);
}

int staging_add_source_rule(struct staging *s, const struct source_rule *r)
{
	return ADD(s, source_rules, SOURCE_RULES_MAX, r);
}

int staging_add_board(struct staging *s, const char *name)
{
	char board[INTERFACE_NAME_MAX];

	text_copy(board, sizeof(board), name);
	return ADD(s, boards, NODE_BOARDS_MAX, &board);
}
