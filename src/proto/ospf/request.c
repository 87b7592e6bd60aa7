/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is wanted of a neighbour: the Link state request list of RFC 2328 10. A neighbour describes
 * what it likes, so there are never more in all than LSAs that we would keep.
 */
#include <errno.h>
#include <stdlib.h>

#include "proto/ospf/machine.h"

static uint32_t key_hash(const struct ospf *o, const struct lsa_key *k)
{
	const uint32_t words[] = { k->type, k->id, k->router };

	return hash_keyed(o->hash_seed, words, sizeof(words));
}

struct request *ospf_request_find(const struct ospf_neighbor *n, const struct lsa_key *k)
{
	uint32_t h = key_hash(n->interface->of, k);

	for (struct hash_node *at = hash_first(&n->wanted, h); at; at = hash_next(at, h)) {
		struct request *r = container_of(at, struct request, node);

		if (lsa_key_equal(&r->header.key, k))
			return r;
	}
	return NULL;
}

int request_add(struct ospf_neighbor *n, const struct lsa_header *h)
{
	struct ospf *o = n->interface->of;
	struct request *r = ospf_request_find(n, &h->key);

	if (r) {
		r->header = *h;
		return 0;
	}
	if (o->n_requests >= OSPF_LSAS_MAX)
		return -ENOSPC;
	r = malloc(sizeof(*r));
	if (!r)
		return -ENOMEM;
	*r = (struct request){ .header = *h };
	if (hash_insert(&n->wanted, &r->node, key_hash(o, &h->key)) < 0) {
		free(r);
		return -ENOMEM;
	}
	list_append(&n->requests, &r->link);
	n->n_requests++;
	o->n_requests++;
	return 0;
}

static void request_free(struct ospf_neighbor *n, struct request *r)
{
	hash_remove(&n->wanted, &r->node);
	list_remove(&r->link);
	n->n_requests--;
	n->n_requested -= r->sent;
	n->interface->of->n_requests--;
	free(r);
}

void request_remove(struct ospf_neighbor *n, struct request *r)
{
	request_free(n, r);
	/* RFC 2328 10.9: what was asked for has come, and the next ones are asked for. */
	if (n->n_requested == 0 && n->n_requests > 0) {
		n->request_due = true;
		neighbor_wants_output(n);
	}
	if (n->n_requests == 0 && n->state == OSPF_NEIGHBOR_LOADING) {
		n->pending |= NEIGHBOR_PENDING_LOADED;
		n->interface->of->unsettled = true;
	}
}

void requests_clear(struct ospf_neighbor *n)
{
	list_each_entry_safe(struct request, r, &n->requests, link)
		request_free(n, r);
	hash_done(&n->wanted);
	n->request_due = false;
}

void requests_again(struct ospf_neighbor *n)
{
	list_each_entry(struct request, r, &n->requests, link) {
		if (!r->sent)
			break;
		r->sent = false;
	}
	n->n_requested = 0;
	n->request_due = n->n_requests > 0;
	if (n->request_due)
		neighbor_wants_output(n);
}
