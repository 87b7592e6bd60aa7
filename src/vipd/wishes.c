/* SPDX-License-Identifier: Apache-2.0 */
#include "vipd/wishes.h"

#include <string.h>

struct wish *wishes_find(struct wishes *w, const struct path *key, bool make)
{
	struct wish *free_one = NULL;

	for (size_t k = 0; k < w->count; k++) {
		if (!w->list[k].used)
			free_one = &w->list[k];
		else if (path_equal(&w->list[k].key, key))
			return &w->list[k];
	}
	if (!make)
		return NULL;
	if (!free_one && w->count < BFD_SESSIONS_MAX)
		free_one = &w->list[w->count++];
	if (free_one)
		*free_one = (struct wish){ .used = true, .key = *key };
	return free_one;
}

void wishes_want(struct wishes *w, const struct effect *e)
{
	struct wish *wish = wishes_find(w, &e->bfd.key, !e->bfd.remove);

	if (!wish)
		return;
	wish->wanted = !e->bfd.remove;
	wish->told = false;
	wish->params = e->bfd.params;
}

struct wish *wishes_untold(struct wishes *w)
{
	for (size_t k = 0; k < w->count; k++)
		if (w->list[k].used && !w->list[k].told)
			return &w->list[k];
	return NULL;
}

void wishes_told(struct wish *wish)
{
	wish->told = true;
	if (wish->wanted)
		return;
	explicit_bzero(wish, sizeof(*wish));
}

struct input wish_input(const struct wish *wish)
{
	struct input in = { .kind = INPUT_BFD };

	in.bfd.key = wish->key;
	in.bfd.known = wish->known;
	in.bfd.state = wish->known ? wish->state.state : BFD_STATE_DOWN;
	in.bfd.remote_state = wish->known ? wish->state.remote_state : BFD_STATE_DOWN;
	in.bfd.diagnostic = wish->state.diagnostic;
	in.bfd.remote_diagnostic = wish->state.remote_diagnostic;
	return in;
}
