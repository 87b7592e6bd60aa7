/* SPDX-License-Identifier: Apache-2.0 */
#include "guard/remains.h"

#include <errno.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/text.h"
#include "linux/changes.h"

struct remains {
	struct changes *changes;
	uint32_t boards[NODE_BOARDS_MAX]; /* indices */
	size_t n_boards;
	struct object *objects; /* owned: routes, and what learned routes stand on */
	size_t n_objects, capacity;
	size_t wanted, done; /* changes, once it is removed */
	bool read, removing;
	struct remains_count count;
};

static void failed(struct remains *r, const char *reason)
{
	r->count.failed++;
	text_copy(r->count.reason, sizeof(r->count.reason), reason);
}

static void link_found(struct remains *r, const struct interface *i)
{
	if (i->kind != INTERFACE_BOARD)
		return;
	if (r->n_boards < NODE_BOARDS_MAX)
		r->boards[r->n_boards++] = i->index;
	else
		failed(r, "there are more boards than vipd makes");
}

static bool is_board(const struct remains *r, uint32_t index)
{
	for (size_t i = 0; i < r->n_boards; i++)
		if (r->boards[i] == index)
			return true;
	return false;
}

static void object_keep(struct remains *r, const struct object *o)
{
	if (ARRAY_RESERVE(r->objects, r->capacity, r->n_objects + 1) < 0) {
		failed(r, "no memory");
		return;
	}
	r->objects[r->n_objects++] = *o;
}

static void object_found(struct remains *r, const struct object *o)
{
	switch ((enum object_kind)o->kind) {
	case OBJECT_ADDRESS:
		/* Only on a board it is a VIP, with a host mask, and then it goes with the board.
		 */
		if (!is_board(r, o->interface) || o->length != family_bits(o->address.family))
			break;
		r->count.addresses++;
		object_keep(r, o);
		break;
	case OBJECT_LOCAL:
	case OBJECT_UNREACHABLE:
	case OBJECT_LEARNED:
		r->count.routes++;
		object_keep(r, o);
		break;
	case OBJECT_GROUP:
	case OBJECT_NEXTHOP:
	case OBJECT_NO_ECHO:
		object_keep(r, o);
		break;
	/* It goes with the table. */
	case OBJECT_ARP_TABLE:
	case OBJECT_SILENCE:
	case OBJECT_ARP_SENDER:
	case OBJECT_KINDS:
		break;
	}
}

static void change(struct remains *r, struct effect *e)
{
	e->id = (uint32_t)++r->wanted;
	changes_add(r->changes, e);
}

/* What stands on others goes before them: routes, groups, next hops. Addresses go with boards. */
static unsigned turn_of(const struct object *o)
{
	if (o->kind == OBJECT_ADDRESS)
		return 3;
	return o->kind == OBJECT_NEXTHOP ? 2 : o->kind == OBJECT_GROUP ? 1 : 0;
}

static void remove_all(struct remains *r)
{
	struct effect e = { .kind = EFFECT_OBJECT_REMOVE };

	for (unsigned turn = 0; turn < 3; turn++) {
		for (size_t i = 0; i < r->n_objects; i++) {
			if (turn_of(&r->objects[i]) != turn)
				continue;
			e.object = r->objects[i];
			change(r, &e);
		}
	}
	for (size_t i = 0; i < r->n_boards; i++) {
		e = (struct effect){ .kind = EFFECT_BOARD_REMOVE };
		e.board.index = r->boards[i];
		change(r, &e);
	}
	e = (struct effect){ .kind = EFFECT_OBJECT_REMOVE };
	e.object.kind = OBJECT_ARP_TABLE;
	change(r, &e);
	r->count.boards = r->n_boards;
}

static void change_done(struct remains *r, const struct input *in)
{
	/* The last one is the table, which a kernel without nftables cannot have. */
	bool no_table = in->done.first == r->wanted &&
			(in->done.error == -EOPNOTSUPP || in->done.error == -EAFNOSUPPORT ||
			 in->done.error == -EPROTONOSUPPORT);

	r->done += in->done.count;
	if (in->done.error && !no_table)
		failed(r, in->done.text);
}

static void kernel_told(void *context, const struct input *in)
{
	struct remains *r = context;

	/* What happens while it is removed is not read; what a dead vipd has left does not grow. */
	if (in->kind == INPUT_DONE) {
		change_done(r, in);
	} else if (r->read) {
		return;
	} else if (in->kind == INPUT_DUMP_BEGIN) {
		r->n_boards = r->n_objects = 0;
		r->count = (struct remains_count){ 0 };
	} else if (in->kind == INPUT_LINK) {
		link_found(r, &in->link);
	} else if (in->kind == INPUT_OBJECT && in->object.present) {
		object_found(r, &in->object.object);
	} else if (in->kind == INPUT_DUMP_END) {
		r->read = true;
		if (r->removing)
			remove_all(r);
	}
}

int remains_new(struct remains **ret)
{
	struct remains *r = calloc(1, sizeof(*r));
	const struct input_sink sink = { r, kernel_told };
	int error;

	if (!r)
		return -ENOMEM;
	error = changes_new(&sink, &r->changes);
	if (error) {
		remains_free(r);
		return error;
	}
	changes_add(r->changes, &(struct effect){ .kind = EFFECT_RESYNC });
	*ret = r;
	return 0;
}

void remains_free(struct remains *r)
{
	if (!r)
		return;
	changes_free(r->changes);
	free(r->objects);
	free(r);
}

int remains_fd(const struct remains *r)
{
	return changes_fd(r->changes);
}

bool remains_run(struct remains *r, struct instant until)
{
	return changes_run(r->changes, until) && !remains_done(r);
}

bool remains_is_read(const struct remains *r)
{
	return r->read;
}

void remains_each(const struct remains *r, void (*take)(void *context, const struct prefix *p),
		  void *context)
{
	for (size_t i = 0; i < r->n_objects; i++) {
		const struct object *o = &r->objects[i];
		struct prefix p = prefix_make(&o->address, o->length);

		if (o->kind == OBJECT_ADDRESS || o->kind == OBJECT_UNREACHABLE ||
		    (o->kind == OBJECT_LOCAL && prefix_is_host(&p)))
			take(context, &p);
	}
}

void remains_remove(struct remains *r)
{
	if (r->removing)
		return;
	r->removing = true;
	if (r->read)
		remove_all(r);
}

bool remains_done(const struct remains *r)
{
	return r->read && r->removing && r->done == r->wanted;
}

const struct remains_count *remains_count(const struct remains *r)
{
	return &r->count;
}
