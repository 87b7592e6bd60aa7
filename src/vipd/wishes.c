/* SPDX-License-Identifier: Apache-2.0 */
#include "vipd/wishes.h"

#include <string.h>

#include "base/container.h"

struct wish *wishes_find(struct wishes *w, enum wish_kind kind, const struct path *path, bool make)
{
	struct wish *free_one = NULL;

	for (size_t k = 0; k < w->count; k++) {
		if (!w->list[k].used)
			free_one = &w->list[k];
		else if (w->list[k].kind == kind && path_equal(&w->list[k].path, path))
			return &w->list[k];
	}
	if (!make)
		return NULL;
	if (!free_one && w->count < ARRAY_LENGTH(w->list))
		free_one = &w->list[w->count++];
	if (free_one)
		*free_one = (struct wish){ .used = true, .kind = kind, .path = *path };
	return free_one;
}

void wishes_want(struct wishes *w, const struct effect *e, const struct bfd_params *bfd)
{
	struct wish *wish;

	if (e->kind == EFFECT_BFD)
		wish = wishes_find(w, WISH_BFD, &e->bfd.key, !e->bfd.remove);
	else if (e->kind == EFFECT_PROBE)
		wish = wishes_find(w, WISH_PROBE, &e->probe.path, !e->probe.remove);
	else
		wish = wishes_find(w, WISH_ECHO, &e->echo.path, !e->echo.remove);
	if (!wish)
		return;
	wish->told = false;
	switch (wish->kind) {
	case WISH_BFD:
		wish->wanted = !e->bfd.remove;
		wish->bfd = *bfd;
		break;
	case WISH_PROBE:
		wish->wanted = !e->probe.remove;
		wish->probe = e->probe.params;
		break;
	case WISH_ECHO:
		wish->wanted = !e->echo.remove;
		wish->echo = e->echo.params;
		break;
	}
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

struct guard_message wish_message(const struct wish *wish)
{
	struct guard_message m = { .version = GUARD_VERSION, .key = wish->path };

	switch (wish->kind) {
	case WISH_BFD:
		m.kind = wish->wanted ? GUARD_BFD_SET : GUARD_BFD_REMOVE;
		m.params = wish->bfd;
		break;
	case WISH_PROBE:
		m.kind = wish->wanted ? GUARD_PROBE_SET : GUARD_PROBE_REMOVE;
		m.probe = wish->probe;
		break;
	case WISH_ECHO:
		m.kind = wish->wanted ? GUARD_ECHO_SET : GUARD_ECHO_REMOVE;
		m.echo = wish->echo;
		break;
	}
	return m;
}

struct input wish_input(const struct wish *wish)
{
	struct input in = { 0 };

	if (wish->kind == WISH_PROBE) {
		in.kind = INPUT_PROBE;
		in.probe.key = wish->path;
		in.probe.known = wish->known;
		in.probe.state = wish->known ? wish->state : PROBE_STATE_UNKNOWN;
		return in;
	}
	if (wish->kind == WISH_ECHO) {
		in.kind = INPUT_ECHO;
		in.echo.key = wish->path;
		in.echo.known = wish->known;
		in.echo.state = wish->known ? wish->state : ECHO_STATE_UNKNOWN;
		return in;
	}
	in.kind = INPUT_BFD;
	in.bfd.key = wish->path;
	in.bfd.known = wish->known;
	in.bfd.state = wish->known ? wish->state : BFD_STATE_DOWN;
	in.bfd.remote_state = wish->known ? wish->remote_state : BFD_STATE_DOWN;
	in.bfd.diagnostic = wish->diagnostic;
	in.bfd.remote_diagnostic = wish->remote_diagnostic;
	return in;
}
