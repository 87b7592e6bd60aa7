/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which addresses a speaker has on a link: those of the link, or the one that an unnumbered link
 * borrows (RFC 1812 2.2.7). That one is a VIP or belongs to another interface, and there may be
 * times when this host does not have it; then nothing is said on the link.
 */
#include "node/route/route.h"

#define LINK_LOCAL_LENGTH 10 /* RFC 4291 2.5.6 */

struct prefix link_address_network(const struct link_address *a)
{
	/* As the kernel's own route: of an address with a peer it leads to the peer's network. */
	return prefix_make(address_is_set(&a->peer) ? &a->peer : &a->address, a->length);
}

const struct link *link_with_address(const struct node *n, const struct address *a)
{
	list_each_entry(const struct link, l, &n->routing->links, link) {
		for (size_t k = 0; l->interface.kind != INTERFACE_BOARD && k < l->n_addresses; k++)
			if (address_equal(&l->addresses[k].address, a))
				return l;
	}
	return NULL;
}

static bool is_here(const struct node *n, const struct address *a)
{
	return address_is_set(a) && (n->routing->holds(n, a) || link_with_address(n, a));
}

bool borrowed_by_any(const struct node *n, const struct address *a)
{
	for (size_t k = 0; k < n->routing->n_speeches; k++)
		if (address_equal(&n->routing->speeches[k].settings.borrowed, a))
			return true;
	return false;
}

const struct address *link_borrowed(const struct link *l)
{
	for (size_t k = 0; k < SPEAKERS_MAX; k++) {
		const struct speech *s = l->speeches[k];

		if (s && s->speaking && address_is_set(&s->borrowed) && s->told.n_sources > 0)
			return &s->borrowed;
	}
	return NULL;
}

/* Most protocols of IPv6 speak from the address of the link, those of IPv4 from one of the network.
 */
static bool speaks_from(const struct speaker *sp, const struct address *a)
{
	return a->family == speaker_family(sp) &&
	       (!sp->class->link_local || address_is_link_local(a));
}

/*
 * Who is in the network of a source hears it. The addresses of one network are one source, the
 * first; of one address with several networks the widest counts, because everybody there is in it.
 */
static void view_add(struct speaker_link *view, const struct speaker_source *s, bool *ret_more)
{
	for (size_t k = 0; k < view->n_sources; k++) {
		struct speaker_source *other = &view->sources[k];

		if (address_equal(&other->address, &s->address)) {
			if (prefix_covers(&s->network, &other->network))
				other->network = s->network;
			if (prefix_covers(&other->network, &s->network))
				return;
		}
		if (prefix_equal(&other->network, &s->network))
			return;
	}
	if (view->n_sources < SPEAKER_SOURCES_MAX)
		view->sources[view->n_sources++] = *s;
	else
		*ret_more = true;
}

/* Link-local addresses are all in one network, whatever their length says. */
static struct speaker_source source_of(const struct link_address *a)
{
	struct speaker_source s = { .address = a->address, .network = link_address_network(a) };

	if (a->address.family == FAMILY_IPV6)
		s.network = prefix_make(&a->address, LINK_LOCAL_LENGTH);
	return s;
}

/*
 * Nobody else is in the network of an address with a host mask, and one that is deprecated may be
 * gone soon (RFC 4862 5.5.4): others are the better sources.
 */
static void view_fill(const struct speech *s, bool hosts, bool deprecated,
		      struct speaker_link *view, bool *ret_more)
{
	const struct link *l = s->of;

	for (size_t k = 0; k < l->n_addresses; k++) {
		struct speaker_source source = source_of(&l->addresses[k]);
		bool host =
			prefix_is_host(&source.network) && !address_is_set(&l->addresses[k].peer);

		if (speaks_from(s->speaker, &source.address) && host == hosts &&
		    l->addresses[k].deprecated == deprecated)
			view_add(view, &source, ret_more);
	}
}

/* What the speaker is to know of the link now. */
struct speaker_link speech_view(const struct node *n, const struct speech *s, bool *ret_more)
{
	struct speaker_link view = { .index = s->of->interface.index };

	*ret_more = false;
	for (size_t k = 0; k < 4 && !address_is_set(&s->borrowed); k++)
		if (k < 2 || view.n_sources == 0)
			view_fill(s, k >= 2, k % 2, &view, ret_more);
	if (is_here(n, &s->borrowed))
		view.sources[view.n_sources++] = (struct speaker_source){
			.address = s->borrowed,
			.network = prefix_host(&s->borrowed),
		};
	view.usable = interface_is_usable(&s->of->interface) && s->want.there;
	view.mtu =
		(uint16_t)(s->of->interface.mtu < UINT16_MAX ? s->of->interface.mtu : UINT16_MAX);
	return view;
}
