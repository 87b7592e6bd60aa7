/* SPDX-License-Identifier: Apache-2.0 */
/* What outlives the node is written down before it happens: save.c has the reasons. */
#include "base/text.h"
#include "node/core.h"

void save_put(struct node *n, const struct saved *s)
{
	struct effect e;

	e.kind = EFFECT_SAVE;
	e.id = 0;
	e.save = *s;
	n->n_records++;
	n->saving.due = true;
	node_effect_put(n, &e);
}

void save_board(struct node *n, const char *name, bool wanted)
{
	struct saved s = { .kind = wanted ? SAVED_BOARD : SAVED_NO_BOARD };

	text_copy(s.board, sizeof(s.board), name);
	save_put(n, &s);
}
