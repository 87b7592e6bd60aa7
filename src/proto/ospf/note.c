/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/ospf/note.h"

#include <assert.h>
#include <string.h>

#define NOTE_FORMAT 1

static void write_address(struct writer *w, const struct address *a)
{
	writer_u8(w, a->family);
	writer_bytes(w, a->bytes, sizeof(a->bytes));
}

static struct address read_address(struct reader *r)
{
	uint8_t bytes[ADDRESS_BYTES_MAX], family = reader_u8(r);

	reader_copy(r, bytes, sizeof(bytes));
	if (family == FAMILY_IPV4 || family == FAMILY_IPV6)
		return address_make((enum family)family, bytes);
	r->failed = true;
	return (struct address){ 0 };
}

static void write_interface(struct writer *w, const struct note_interface *i)
{
	writer_u32(w, i->area);
	writer_u8(w, i->area_kind);
	writer_u8(w, i->network);
	writer_u8(w, i->instance);
	writer_u8(w, i->state);
	writer_u32(w, i->dr);
	writer_u32(w, i->bdr);
	write_address(w, &i->source);
	writer_u64(w, (uint64_t)i->dead.ns);
}

static void read_interface(struct reader *r, struct note_interface *i)
{
	i->area = reader_u32(r);
	i->area_kind = reader_u8(r);
	i->network = reader_u8(r);
	i->instance = reader_u8(r);
	i->state = reader_u8(r);
	i->dr = reader_u32(r);
	i->bdr = reader_u32(r);
	i->source = read_address(r);
	i->dead.ns = (int64_t)reader_u64(r);
}

static void write_who(struct writer *w, const struct note_neighbor *n)
{
	writer_u32(w, n->interface);
	writer_u32(w, n->router);
	write_address(w, &n->address);
}

static void read_who(struct reader *r, struct note_neighbor *n)
{
	n->interface = reader_u32(r);
	n->router = reader_u32(r);
	n->address = read_address(r);
}

static void write_neighbor(struct writer *w, const struct note_neighbor *n)
{
	writer_u8(w, n->full);
	writer_u8(w, n->priority);
	writer_u32(w, n->dr);
	writer_u32(w, n->bdr);
	writer_u32(w, n->interface_id);
	writer_u32(w, n->options);
	writer_u32(w, n->dd_options);
}

static void read_neighbor(struct reader *r, struct note_neighbor *n)
{
	n->full = reader_u8(r);
	n->priority = reader_u8(r);
	n->dr = reader_u32(r);
	n->bdr = reader_u32(r);
	n->interface_id = reader_u32(r);
	n->options = reader_u32(r);
	n->dd_options = reader_u32(r);
}

static void write_piece(struct writer *w, const struct note_lsa *l)
{
	writer_u64(w, (uint64_t)l->installed.ns);
	writer_u16(w, l->at);
	writer_u16(w, l->total);
	writer_bytes(w, l->bytes, l->length);
}

static void read_piece(struct reader *r, struct note_lsa *l)
{
	l->installed.ns = (int64_t)reader_u64(r);
	l->at = reader_u16(r);
	l->total = reader_u16(r);
	l->length = (uint16_t)reader_left(r);
	l->bytes = reader_take(r, l->length);
	r->failed |= l->total < LSA_HEADER_BYTES || l->length == 0 ||
		     l->length > l->total - (l->at < l->total ? l->at : l->total);
}

static void write_key(struct writer *w, const struct lsa_key *k)
{
	writer_u16(w, k->type);
	writer_u32(w, k->id);
	writer_u32(w, k->router);
}

static struct lsa_key read_key(struct reader *r)
{
	struct lsa_key k = { .type = reader_u16(r) };

	k.id = reader_u32(r);
	k.router = reader_u32(r);
	return k;
}

size_t note_encode(const struct note *n, uint8_t *bytes)
{
	struct writer w;

	writer_init(&w, bytes, SPEAKER_NOTE_MAX);
	writer_u8(&w, NOTE_FORMAT);
	writer_u8(&w, n->kind);
	writer_u32(&w, n->number);
	switch ((enum note_kind)n->kind) {
	case NOTE_BEGIN:
		writer_u8(&w, n->begin.version);
		writer_u32(&w, n->begin.router);
		break;
	case NOTE_INTERFACE:
	case NOTE_ALIVE:
	case NOTE_INTERFACE_GONE:
		writer_u32(&w, n->interface.index);
		if (n->kind == NOTE_ALIVE)
			writer_u64(&w, (uint64_t)n->interface.alive.ns);
		if (n->kind == NOTE_INTERFACE)
			write_interface(&w, &n->interface);
		break;
	case NOTE_NEIGHBOR:
	case NOTE_NEIGHBOR_GONE:
		write_who(&w, &n->neighbor);
		if (n->kind == NOTE_NEIGHBOR)
			write_neighbor(&w, &n->neighbor);
		break;
	case NOTE_LSA:
	case NOTE_LSA_GONE:
		writer_u8(&w, n->lsa.scope);
		writer_u32(&w, n->lsa.place);
		if (n->kind == NOTE_LSA)
			write_piece(&w, &n->lsa);
		else
			write_key(&w, &n->lsa.key);
		break;
	}
	assert(writer_ok(&w));
	return w.length;
}

bool note_decode(const uint8_t *bytes, size_t length, struct note *ret)
{
	struct note n = { 0 };
	struct reader r;

	reader_init(&r, bytes, length);
	if (reader_u8(&r) != NOTE_FORMAT)
		return false;
	n.kind = reader_u8(&r);
	n.number = reader_u32(&r);
	switch ((enum note_kind)n.kind) {
	case NOTE_BEGIN:
		n.begin.version = reader_u8(&r);
		n.begin.router = reader_u32(&r);
		break;
	case NOTE_INTERFACE:
	case NOTE_ALIVE:
	case NOTE_INTERFACE_GONE:
		n.interface.index = reader_u32(&r);
		if (n.kind == NOTE_ALIVE)
			n.interface.alive.ns = (int64_t)reader_u64(&r);
		if (n.kind == NOTE_INTERFACE)
			read_interface(&r, &n.interface);
		break;
	case NOTE_NEIGHBOR:
	case NOTE_NEIGHBOR_GONE:
		read_who(&r, &n.neighbor);
		if (n.kind == NOTE_NEIGHBOR)
			read_neighbor(&r, &n.neighbor);
		break;
	case NOTE_LSA:
	case NOTE_LSA_GONE:
		n.lsa.scope = reader_u8(&r);
		n.lsa.place = reader_u32(&r);
		if (n.kind == NOTE_LSA)
			read_piece(&r, &n.lsa);
		else
			n.lsa.key = read_key(&r);
		break;
	default:
		return false;
	}
	if (!reader_ok(&r) || reader_left(&r) > 0)
		return false;
	*ret = n;
	return true;
}
