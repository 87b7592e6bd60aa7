/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/nexthops.h"

static bool has(const struct sim_host *h, enum object_kind kind, uint32_t id)
{
	for (size_t i = 0; i < h->n_objects; i++)
		if (h->objects[i].kind == kind && h->objects[i].id == id)
			return true;
	return false;
}

bool nexthops_take(const struct sim_host *h, const struct object *o)
{
	switch ((enum object_kind)o->kind) {
	case OBJECT_NEXTHOP:
		return o->interface > 0 && o->interface <= h->n_ports &&
		       h->ports[o->interface - 1].up;
	case OBJECT_GROUP:
		for (size_t k = 0; k < o->n_members; k++)
			if (!has(h, OBJECT_NEXTHOP, o->members[k]))
				return false;
		return o->n_members > 0;
	case OBJECT_LEARNED:
		return has(h, OBJECT_GROUP, o->id);
	case OBJECT_ADDRESS:
	case OBJECT_LOCAL:
	case OBJECT_UNREACHABLE:
	case OBJECT_ARP_TABLE:
	case OBJECT_SILENCE:
	case OBJECT_ARP_SENDER:
	case OBJECT_NO_ECHO:
	case OBJECT_KINDS:
		break;
	}
	return true;
}

static void drop_at(struct sim_host *h, size_t at)
{
	struct object o = h->objects[at];

	h->objects[at] = h->objects[--h->n_objects];
	nexthops_gone(h, &o);
}

static void group_lose(struct object *group, uint32_t id)
{
	uint8_t kept = 0;

	for (size_t k = 0; k < group->n_members; k++)
		if (group->members[k] != id)
			group->members[kept++] = group->members[k];
	group->n_members = kept;
}

static void hop_gone(struct sim_host *h, uint32_t id)
{
	size_t at = 0;

	for (size_t i = 0; i < h->n_objects; i++)
		if (h->objects[i].kind == OBJECT_GROUP)
			group_lose(&h->objects[i], id);
	/* To drop one moves the others. */
	while (at < h->n_objects) {
		if (h->objects[at].kind == OBJECT_GROUP && h->objects[at].n_members == 0) {
			drop_at(h, at);
			at = 0;
		} else {
			at++;
		}
	}
}

void nexthops_gone(struct sim_host *h, const struct object *o)
{
	if (o->kind == OBJECT_NEXTHOP)
		hop_gone(h, o->id);
	for (size_t i = h->n_objects; o->kind == OBJECT_GROUP && i-- > 0;)
		if (h->objects[i].kind == OBJECT_LEARNED && h->objects[i].id == o->id)
			h->objects[i] = h->objects[--h->n_objects];
}

void nexthops_link_down(struct sim_host *h, uint32_t interface)
{
	size_t at = 0;

	while (at < h->n_objects) {
		if (h->objects[at].kind == OBJECT_NEXTHOP &&
		    h->objects[at].interface == interface) {
			drop_at(h, at);
			at = 0;
		} else {
			at++;
		}
	}
}
