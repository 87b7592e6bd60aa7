/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The addresses that an interface speaks from. A router believes only who is in a network of its
 * own (RFC 2453 3.9.2), and the next hop of what it believes is the address that it came from. So
 * RIP is spoken in each network of an interface, from an address of that network: struct
 * rip_interface is an interface in one of them, and the ring has them all. RIPng has one network,
 * that of the link-local addresses.
 *
 * An address that goes is a next hop that is lost, and a failure like that of a NIC: routers go on
 * believing in it until they time out. It is worse than that of a NIC, because they may be those to
 * whom we still speak from another address, and whose neighbours we still are. So, when a source is
 * gone while the interface is usable:
 *
 * - What was accepted on the interface is accepted no more. A router does not say by which of our
 * addresses it goes, so it has to show all of it again.
 * - The other sources, on this interface and elsewhere, are lifted as when an interface fails
 * (rescue.c). A router believes the better metric at once, whoever says it.
 * - Good-byes are said in the name of the address: for what we are there stays a struct
 * rip_interface that has *departed*. They are a little later than the better metric, so whoever
 * hears both has a route all the time. They stop when the address is back.
 *
 * While an interface is down its addresses mean nothing: IPv6 takes them away with it, and gives
 * the same ones back. What is missing when it is up again has gone.
 */
#include <string.h>

#include "proto/rip/instance.h"

#define PLACE_NONE UINT8_MAX
_Static_assert(SPEAKER_SOURCES_MAX < PLACE_NONE, "no place has that number");

/* By so much the good-byes of an address that is gone are behind what its successor says. */
#define SOURCE_GOODBYE_LATER DURATION_MS(10)

static bool is_source(const struct speaker_link *link, const struct address *a)
{
	for (size_t k = 0; k < link->n_sources; k++)
		if (address_equal(&link->sources[k].address, a))
			return true;
	return false;
}

/* The place of the address; in the same network where it has several, by its peers. */
static uint8_t place_of_address(const struct speaker_link *link, const bool *taken,
				const struct rip_interface *i)
{
	uint8_t found = PLACE_NONE;

	for (uint8_t k = 0; k < link->n_sources; k++) {
		const struct speaker_source *s = &link->sources[k];

		if (taken[k] || !address_equal(&s->address, &i->state.address))
			continue;
		if (prefix_equal(&s->network, &i->network))
			return k;
		if (found == PLACE_NONE)
			found = k;
	}
	return found;
}

/* The place of a source in the network that no other has taken. */
static uint8_t place_in_network(const struct speaker_link *link, const bool *taken,
				const struct prefix *network)
{
	for (uint8_t k = 0; k < link->n_sources; k++)
		if (!taken[k] && prefix_equal(&link->sources[k].network, network))
			return k;
	return PLACE_NONE;
}

static uint8_t place_free(const struct speaker_link *link, const bool *taken)
{
	for (uint8_t k = 0; k < link->n_sources; k++)
		if (!taken[k])
			return k;
	return PLACE_NONE;
}

static bool has_address(const struct rip_interface *i)
{
	return address_is_set(&i->state.address);
}

/*
 * Which source each network of the interface has from now on: the same address before all others,
 * then another one of the same network, and what has none yet takes what is left.
 */
static void places_give(struct rip_interface *i, const struct speaker_link *link, bool *taken)
{
	struct rip_interface *at = NULL;

	while ((at = interface_each(i, at))) {
		at->place = has_address(at) ? place_of_address(link, taken, at) : PLACE_NONE;
		if (at->place != PLACE_NONE)
			taken[at->place] = true;
	}
	while ((at = interface_each(i, at))) {
		if (at->place != PLACE_NONE)
			continue;
		at->place = has_address(at) ? place_in_network(link, taken, &at->network)
					    : place_free(link, taken);
		if (at->place != PLACE_NONE)
			taken[at->place] = true;
	}
}

/* The sources that are left get a network each, as far as there is memory for them. */
static void places_add(struct rip *r, struct rip_interface *i, const struct speaker_link *link,
		       bool *taken)
{
	uint8_t place;

	while ((place = place_free(link, taken)) != PLACE_NONE) {
		struct rip_interface *added = interface_add(r, i);

		if (!added)
			return;
		taken[place] = true;
		added->place = place;
		added->before.usable = i->before.usable;
		list_append(&i->ring, &added->ring);
	}
}

/* Of very many addresses that come and go the first to go is forgotten before its time. */
static void departed_make_room(struct rip *r)
{
	struct rip_interface *first = NULL;
	size_t count = 0;

	for (struct rip_interface *i = NULL; (i = interface_next(r, i));) {
		if (!i->departed)
			continue;
		if (!first || instant_before(i->stale_until, first->stale_until))
			first = i;
		count++;
	}
	if (count < RIP_DEPARTED_MAX)
		return;
	r->stale_until = instant_max(r->stale_until, first->stale_until);
	interface_free(r, first);
}

/*
 * What is left of an address that is gone. Without memory for it no good-bye is said, and nobody
 * goes back to normal metrics before routers have forgotten it.
 */
static void source_depart(struct rip *r, struct instant now, struct rip_interface *i)
{
	struct rip_interface *d;

	departed_make_room(r);
	d = interface_add(r, i);
	rip_tell(r, &(struct rip_event){
			    .kind = RIP_EVENT_SOURCE_GONE,
			    .interface = i->index,
			    .neighbor = i->state.address,
		    });
	if (d) {
		d->departed = d->leaving = true;
		d->state.usable = true;
		d->state.address = i->state.address;
		d->network = i->network;
		d->penalty = i->penalty;
		d->stale_until = i->stale_until;
		d->stale_offset = i->stale_offset;
		d->before = i->before;
		interface_restart(r, d, instant_add(now, SOURCE_GOODBYE_LATER));
	} else {
		r->stale_until = instant_add(now, r->settings.timeout);
	}
	i->stale_until = (struct instant){ 0 };
}

void source_said(struct rip *r, struct instant now, struct rip_interface *departed)
{
	interface_silence(r, departed);
	departed->state.usable = departed->leaving = false;
	if (instant_before(now, departed->stale_until))
		(void)timer_set(&r->timers, &departed->update, departed->stale_until);
	else
		interface_free(r, departed);
}

/* An address that is back is not spoken of as gone any more. */
static void sources_return(struct rip *r, const struct speaker_link *link)
{
	list_each_entry_safe(struct rip_interface, i, &r->interfaces, link)
		if (i->index == link->index && i->departed && is_source(link, &i->state.address))
			interface_free(r, i);
}

/* Nobody is a neighbour in a network that we are not in. */
static void network_lost(struct rip *r, struct instant now, struct rip_interface *i)
{
	interface_silence(r, i);
	list_each(link, &i->neighbors)
		neighbor_lost(r, now, container_of(link, struct rip_neighbor, link));
	i->failed = false;
	i->lift = i->penalty = 0;
}

/* Gives the network its source, or none; false when it has lost an address by that. */
static bool source_apply(struct rip *r, struct instant now, struct rip_interface *i,
			 const struct speaker_link *link)
{
	const struct speaker_source none = { 0 };
	const struct speaker_source *s = i->place == PLACE_NONE ? &none : &link->sources[i->place];
	bool same = address_equal(&i->state.address, &s->address);
	/* From where nobody is told anything nobody has a next hop. */
	bool silent = i->settings.passive && i->settings.n_unicast == 0;
	/* Nor after so long a time; then the address may be another's. */
	bool forgotten = !i->before.usable && instant_reached(i->stale_until, now);
	bool lost = has_address(i) && !silent && !forgotten && !is_source(link, &i->state.address);

	i->before.moved = !same || !prefix_equal(&i->network, &s->network);
	if (lost)
		source_depart(r, now, i);
	if (i->place == PLACE_NONE)
		network_lost(r, now, i);
	i->state.address = s->address;
	i->state.usable = i->place != PLACE_NONE;
	i->network = s->network;
	return !lost;
}

/* What its neighbours were told by an address that is gone they have to show again. */
static void sources_doubt(struct rip *r, struct instant now, struct rip_interface *i)
{
	struct rip_interface *at = NULL;

	while ((at = interface_each(i, at)))
		list_each(link, &at->neighbors)
			neighbor_doubt(r, now, container_of(link, struct rip_neighbor, link));
}

static void sources_resume(struct rip *r, struct instant now, struct rip_interface *i, bool alone)
{
	struct rip_interface *at = NULL;

	while ((at = interface_each(i, at))) {
		if (!at->state.usable)
			continue;
		if (!at->before.usable)
			rescue_returned(r, now, at);
		/* What is left of it bears the address of before. */
		if (!at->before.usable || at->before.moved) {
			at->copies_left = 0;
			interface_resume(r, now, at, alone);
		}
	}
}

/* Those that spoke have failed; of the others it was known before. */
static void departed_fail(struct rip *r, struct instant now, uint32_t index)
{
	for (struct rip_interface *i = NULL; (i = interface_next(r, i));) {
		if (i->index == index && i->departed && i->before.spoke && !i->before.failed)
			rescue_failed(r, now, i);
		if (i->index == index && i->departed) {
			i->lift = 0;
			i->before.spoke = false;
		}
	}
	rescue_again(r, now);
}

/* Networks without a source go, but for the last one, which has the settings. */
static void networks_tidy(struct rip *r, struct instant now, uint32_t index)
{
	list_each_entry_safe(struct rip_interface, i, &r->interfaces, link) {
		if (i->index != index || i->departed || i->place != PLACE_NONE)
			continue;
		if (interface_each(i, i))
			interface_free(r, i);
		else if (i->leaving)
			interface_left(r, now, i);
	}
}

static void note_before(struct rip *r, uint32_t index)
{
	for (struct rip_interface *i = NULL; (i = interface_next(r, i));) {
		if (i->index != index)
			continue;
		i->before.usable = i->state.usable;
		i->before.spoke = interface_speaks(i) && !i->departed;
		i->before.failed = i->failed;
		i->before.moved = false;
	}
}

static void sources_set(struct rip *r, struct instant now, struct rip_interface *i,
			const struct speaker_link *link)
{
	bool taken[SPEAKER_SOURCES_MAX] = { false }, alone = !interface_any_speaks(r), kept = true;
	struct rip_interface *at = NULL;

	note_before(r, link->index);
	sources_return(r, link);
	places_give(i, link, taken);
	places_add(r, i, link, taken);
	while ((at = interface_each(i, at)))
		kept &= source_apply(r, now, at, link);
	if (!kept)
		sources_doubt(r, now, i);
	sources_resume(r, now, i, alone);
	if (!kept)
		departed_fail(r, now, link->index);
	networks_tidy(r, now, link->index);
}

static void source_down(struct rip *r, struct instant now, struct rip_interface *i)
{
	interface_silence(r, i);
	list_each(link, &i->neighbors)
		neighbor_lost(r, now, container_of(link, struct rip_neighbor, link));
	if (i->departed || i->leaving) {
		i->failed = false;
		i->penalty = 0;
		/* It is gone now, unless it stays in silence. */
		interface_left(r, now, i);
		return;
	}
	if (i->before.spoke && !i->failed)
		rescue_failed(r, now, i);
	i->failed = false;
	i->penalty = 0;
}

static void sources_down(struct rip *r, struct instant now, uint32_t index)
{
	note_before(r, index);
	/* None of them can rescue another. */
	for (struct rip_interface *i = NULL; (i = interface_next(r, i));) {
		if (i->index == index)
			i->state.usable = false;
	}
	list_each_entry_safe(struct rip_interface, i, &r->interfaces, link)
		if (i->index == index && (i->before.usable || i->departed))
			source_down(r, now, i);
}

void rip_link(struct rip *r, struct instant now, const struct speaker_link *link)
{
	struct rip_interface *i = interface_find(r, link->index);

	/* Of an interface that was removed there may still be something to say. */
	if (!link->usable)
		sources_down(r, now, link->index);
	else if (i)
		sources_set(r, now, i, link);
}
