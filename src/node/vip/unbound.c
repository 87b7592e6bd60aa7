/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VIPs of the configuration that a hand has unbound. One rule for what hands have done, be it to
 * bind or to unbind: it outlives a vipd that dies, hands over or is restarted by its service
 * manager, and ends when vipd is stopped, which a boot is too. Whoever applies the configuration
 * anew wants what stands in it.
 */
#include <stdlib.h>

#include "base/text.h"
#include "node/vip/vip.h"

static struct unbound *unbound_find(const struct node *n, const struct address *a)
{
	for (size_t k = 0; k < n->vips->n_unbound; k++)
		if (address_equal(&n->vips->unbound[k].settings.address, a))
			return &n->vips->unbound[k];
	return NULL;
}

void unbound_add(struct node *n, const struct vip_settings *s, bool configured)
{
	struct unbound *u = unbound_find(n, &s->address), *grown;

	if (!u) {
		grown = reallocarray(n->vips->unbound, n->vips->n_unbound + 1, sizeof(*grown));
		if (grown) {
			n->vips->unbound = grown;
			u = &grown[n->vips->n_unbound++];
		}
	}
	if (u)
		*u = (struct unbound){ *s, n->now, configured };
	if (configured)
		node_note(
			n, EVENT_CONFIG, NULL,
			"%s stands in the configuration and is unbound by hand: so it stays until "
			"'vip bind', 'vip config apply' or a stop of vipd",
			ADDRESS_TEXT(&s->address));
	save_put(n, &(struct saved){ .kind = SAVED_UNBOUND, .address = s->address });
}

bool unbound_remove(struct node *n, const struct address *a)
{
	struct unbound *u = unbound_find(n, a);
	bool configured = u && u->configured;

	if (u)
		*u = n->vips->unbound[--n->vips->n_unbound];
	return configured;
}

bool unbound_keeps(struct node *n, const struct vip_settings *s)
{
	struct unbound *u = unbound_find(n, &s->address);

	if (!u)
		return false;
	u->settings = *s;
	u->configured = true;
	node_note(n, EVENT_CONFIG, NULL,
		  "%s stands in the configuration and is not bound: it was unbound by hand ('vip "
		  "bind' or 'vip config apply' binds it)",
		  ADDRESS_TEXT(&s->address));
	return true;
}

size_t unbound_count(const struct node *n)
{
	size_t count = 0;

	for (size_t k = 0; k < n->vips->n_unbound; k++)
		count += n->vips->unbound[k].configured;
	return count;
}

void unbound_forget_all(struct node *n)
{
	free(n->vips->unbound);
	n->vips->unbound = NULL;
	n->vips->n_unbound = 0;
}

void unbound_save_all(struct node *n)
{
	/* After a stop the configuration counts. */
	for (size_t k = 0; k < n->vips->n_unbound && !n->stopping; k++)
		save_put(n, &(struct saved){ .kind = SAVED_UNBOUND,
					     .address = n->vips->unbound[k].settings.address });
}
