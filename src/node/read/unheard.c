/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who speaks on our interfaces and is not believed: because of keys, ours or theirs, because there
 * are too many, because they are set otherwise, or because somebody forges what they say.
 */
#include <stdio.h>

#include "base/text.h"
#include "node/read/finding.h"

static void examine_keys(const struct examination *x)
{
	struct speaker_interface info;
	struct speaker_walk at = { .now = x->now };

	while (speakers_interface_next(x->n, &at, &info)) {
		const char *name = link_name(x->n, info.index);

		if (info.mute)
			finding_say_of_interface(
				x,
				finding_make(FINDING_PROBLEM, NULL,
					     "none of the keys of %s can be used now", name),
				info.index, "nothing is sent or accepted there",
				"look at the times of its keys, at their files, and at "
				"the clock");
		else if (info.keys_missing > 0)
			finding_say_of_interface(
				x,
				finding_make(FINDING_PROBLEM, NULL,
					     "%u of the keys of %s have no secret",
					     info.keys_missing, name),
				info.index, "packets with these keys are dropped",
				"let vipd read the files, then 'vip config apply'");
	}
}

/* In the others nobody hears us. */
static void examine_networks(const struct examination *x)
{
	list_each_entry(const struct link, l, &x->n->routing->links, link) {
		for (size_t k = 0; k < x->n->routing->n_speakers; k++)
			if (link_speech(l, x->n->routing->speakers[k])->more)
				finding_say_of_interface(
					x,
					finding_make(
						FINDING_PROBLEM, NULL,
						"%s has more than %d networks, and %s is spoken in "
						"the first of them",
						l->interface.name, SPEAKER_SOURCES_MAX,
						x->n->routing->speakers[k]->class->title),
					l->interface.index,
					"routers that are in the others alone do not believe us",
					"take addresses away from it that nobody needs");
	}
}

/* More who speak than there is room for: whoever is turned away may be the one that matters. */
static void examine_crowds(const struct examination *x)
{
	struct speaker_interface info;
	struct speaker_walk at = { .now = x->now };

	while (speakers_interface_next(x->n, &at, &info)) {
		const struct speaker *sp = speaker_numbered(x->n, info.speaker);

		if (info.crowded)
			finding_say_of_interface(
				x,
				finding_make(FINDING_PROBLEM, NULL,
					     "%s hears more than %d %s neighbours in a network: %u "
					     "packets of others were dropped",
					     link_name(x->n, info.index), sp->class->neighbors_max,
					     sp->class->title,
					     speaker_dropped(sp, info.drops, DROP_CROWD, NULL)),
				info.index,
				"routers come before servers that announce addresses, but some "
				"neighbours are not heard",
				"name the routers in 'neighbors' of the interface: they always "
				"have a place");
	}
}

/* The reason for which most packets of a neighbour were not believed, as far as keys go. */
static bool worst_of_keys(const struct speaker *sp, const struct neighbor *info, uint8_t *ret)
{
	uint8_t other = 0;
	uint32_t fits = speaker_dropped(sp, info->drops, DROP_KEY, ret);
	uint32_t none = speaker_dropped(sp, info->drops, DROP_NO_KEY, &other);

	if (none > 0 && (fits == 0 || info->drops[other] >= info->drops[*ret]))
		*ret = other;
	return fits + none > 0;
}

/* Somebody is up on the interface with whom the speaker speaks. */
static bool has_company(const struct examination *x, const struct speaker *sp, uint32_t interface)
{
	struct neighbor n;

	for (size_t at = 0; speaker_neighbor_next(sp, x->now, &at, &n);)
		if (n.up && n.interface == interface)
			return true;
	return false;
}

static void say_advice(const struct examination *x, const struct speaker *sp, uint32_t interface,
		       const char *whose, const struct speaker_advice *a)
{
	struct finding f =
		a->count ? finding_make(FINDING_PROBLEM, NULL,
					"%s%s on %s does not come up: %s (%u packets were dropped)",
					sp->class->title, whose, link_name(x->n, interface),
					a->what, a->count)
			 : finding_make(FINDING_PROBLEM, NULL, "%s%s on %s does not come up: %s",
					sp->class->title, whose, link_name(x->n, interface),
					a->what);

	finding_say_of_interface(x, f, interface,
				 "it is no neighbour, and does not hear of the VIPs", a->fix);
}

/* Where somebody is up as well it may be another router that is set otherwise, or a stranger. */
static void say_strangers(const struct examination *x, const struct speaker *sp, uint32_t interface,
			  const struct speaker_advice *a)
{
	finding_say_of_interface(
		x,
		finding_make(FINDING_NOTE, NULL, "%s of somebody on %s is not believed: %s",
			     sp->class->title, link_name(x->n, interface), a->what),
		interface, "it is no neighbour; the journal says who was the first", a->fix);
}

/* What the protocol itself knows to be wrong. */
static void examine_advice(const struct examination *x, const struct speaker *sp)
{
	char whose[ADDRESS_TEXT_MAX + sizeof(" with ")];
	struct speaker_interface info;
	struct speaker_advice a;
	struct neighbor n;

	if (!sp->class->advice)
		return;
	for (size_t at = 0; speaker_interface_next(sp, x->now, &at, &info);) {
		if (!sp->class->advice(info.drops, NULL, &a))
			continue;
		if (!has_company(x, sp, info.index))
			say_advice(x, sp, info.index, "", &a);
		else
			say_strangers(x, sp, info.index, &a);
	}
	for (size_t at = 0; speaker_neighbor_next(sp, x->now, &at, &n);) {
		if (!sp->class->advice(n.drops, &n, &a))
			continue;
		snprintf(whose, sizeof(whose), " with %s", ADDRESS_TEXT(&n.address));
		say_advice(x, sp, n.interface, whose, &a);
	}
}

/* Routers that speak, and are not heard because of their keys or ours; or others in their name. */
static void examine_refused(const struct examination *x)
{
	struct neighbor info;
	struct speaker_walk at = { .now = x->now };

	while (speakers_neighbor_next(x->n, &at, &info)) {
		const struct speaker *sp = speaker_numbered(x->n, info.speaker);
		uint8_t worst;

		if (!worst_of_keys(sp, &info, &worst))
			continue;
		if (info.up && sp->class->advice)
			finding_say_of_interface(
				x,
				finding_make(FINDING_NOTE, NULL,
					     "%u packets of %s on %s were not believed (%s)",
					     info.drops[worst], ADDRESS_TEXT(&info.address),
					     link_name(x->n, info.interface),
					     sp->class->drop_name(worst)),
				info.interface, "it is a neighbour all the same",
				"if there are more and more, somebody forges or repeats "
				"them: look at who is on that network");
		if (info.up || sp->class->advice)
			continue;
		finding_say_of_interface(
			x,
			finding_make(FINDING_PROBLEM, NULL,
				     "%s on %s is not heard: %u of its packets were dropped (%s)",
				     ADDRESS_TEXT(&info.address), link_name(x->n, info.interface),
				     info.drops[worst], sp->class->drop_name(worst)),
			info.interface, "it is no neighbour, and may not believe us either",
			sp->class->drop_about(worst) == DROP_NO_KEY
				? "it authenticates and we do not: give the interface its 'auth'"
				: "let 'auth' be the same there and here: type, id and secret");
	}
}

/* Somebody does that, as routers that have us as a neighbour by configuration. */
void examine_unasked(const struct examination *x, const struct speaker_interface *info)
{
	struct neighbor n;
	struct speaker_walk at = { .now = x->now };
	const struct speaker *sp = speaker_numbered(x->n, info->speaker);
	uint8_t reason = 0;
	uint32_t count = speaker_dropped(sp, info->drops, DROP_UNASKED, &reason);
	bool up = false;

	while (!up && speakers_neighbor_next(x->n, &at, &n))
		up = n.up && n.interface == info->index;
	/* Where a router is heard it is more likely a stranger. */
	finding_say_of_interface(
		x,
		finding_make(up ? FINDING_NOTE : FINDING_PROBLEM, NULL,
			     "%u responses to us alone were dropped on %s (%s)", count,
			     link_name(x->n, info->index), sp->class->drop_name(reason)),
		info->index, "a router that speaks to us by unicast only is no neighbour",
		"list the router in 'neighbors' of the interface");
}

void examine_unheard(const struct examination *x)
{
	examine_networks(x);
	examine_crowds(x);
	examine_keys(x);
	examine_refused(x);
	for (size_t k = 0; k < x->n->routing->n_speakers; k++)
		examine_advice(x, x->n->routing->speakers[k]);
}
