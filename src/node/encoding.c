/* SPDX-License-Identifier: Apache-2.0 */
#include "node/encoding.h"

#include <string.h>

#include "node/protocol.h"

void codec_record(struct codec *c, const struct record *r, void *object)
{
	size_t start;
	uint16_t length = 0;
	const uint8_t *bytes;

	if (!codec_reads(c)) {
		start = c->writer->length;
		writer_u16(c->writer, 0);
		tagged_encode(r, object, c->writer);
		length = (uint16_t)(c->writer->length - start - sizeof(length));
		writer_patch_u16(c->writer, start, length);
		return;
	}
	length = reader_u16(c->reader);
	bytes = reader_take(c->reader, length);
	codec_check(c, bytes && tagged_decode_wish(r, bytes, length, object, NULL) == 0);
}

void codec_enum(struct codec *c, uint8_t *value, uint8_t low, uint8_t high)
{
	codec_u8(c, value);
	codec_check(c, *value >= low && *value <= high);
}

void codec_duration(struct codec *c, struct duration *d)
{
	codec_i64(c, &d->ns);
}

void codec_address(struct codec *c, struct address *a)
{
	codec_u8(c, &a->family);
	codec_check(c, a->family == FAMILY_NONE || a->family == FAMILY_IPV4 ||
			       a->family == FAMILY_IPV6);
	if (!codec_ok(c))
		return;
	if (codec_reads(c))
		memset(a->bytes, 0, sizeof(a->bytes));
	codec_bytes(c, a->bytes, family_bytes(a->family));
}

static void codec_length(struct codec *c, const struct address *a, uint8_t *length)
{
	codec_u8(c, length);
	codec_check(c, *length <= family_bits(a->family));
}

void codec_prefix(struct codec *c, struct prefix *p)
{
	codec_address(c, &p->address);
	codec_length(c, &p->address, &p->length);
}

void codec_interface(struct codec *c, struct interface *i)
{
	codec_u32(c, &i->index);
	codec_text(c, i->name, sizeof(i->name));
	codec_enum(c, &i->kind, INTERFACE_PHYSICAL, INTERFACE_BOARD);
	codec_bool(c, &i->up);
	codec_bool(c, &i->carrier);
	codec_bool(c, &i->multicast);
	codec_bool(c, &i->broadcast);
	codec_u32(c, &i->mtu);
	codec_bytes(c, i->mac, sizeof(i->mac));
	codec_text(c, i->backend, sizeof(i->backend));
}

bool object_is_same(const struct object *a, const struct object *b)
{
	if (a->kind != b->kind)
		return false;
	if (a->kind == OBJECT_NEXTHOP || a->kind == OBJECT_GROUP)
		return a->id == b->id;
	return a->interface == b->interface && a->length == b->length &&
	       address_equal(&a->address, &b->address);
}

bool object_content_equal(const struct object *a, const struct object *b)
{
	return a->interface == b->interface && address_equal(&a->address, &b->address) &&
	       a->id == b->id && a->n_members == b->n_members &&
	       memcmp(a->members, b->members, a->n_members * sizeof(a->members[0])) == 0;
}

void codec_object(struct codec *c, struct object *o)
{
	codec_enum(c, &o->kind, OBJECT_ADDRESS, OBJECT_KINDS - 1);
	codec_u32(c, &o->interface);
	codec_address(c, &o->address);
	codec_length(c, &o->address, &o->length);
	if (o->kind == OBJECT_ADDRESS) {
		codec_address(c, &o->peer);
		codec_check(c, !address_is_set(&o->peer) || o->peer.family == o->address.family);
		codec_bool(c, &o->deprecated);
	}
	if (o->kind < OBJECT_NEXTHOP || o->kind == OBJECT_NO_ECHO)
		return;
	codec_u32(c, &o->id);
	codec_bool(c, &o->replace);
	codec_enum(c, &o->n_members, 0, OBJECT_MEMBERS_MAX);
	for (size_t k = 0; codec_ok(c) && k < o->n_members; k++)
		codec_u32(c, &o->members[k]);
}

void codec_datagram(struct codec *c, struct packet *d)
{
	codec_u16(c, &d->speaker);
	codec_u32(c, &d->interface);
	codec_enum(c, &d->socket, 0, PACKET_SOCKETS_MAX - 1);
	codec_address(c, &d->source);
	codec_u16(c, &d->source_port);
	codec_bool(c, &d->departed);
	codec_u8(c, &d->hop_limit);
	codec_address(c, &d->destination);
	codec_u16(c, &d->destination_port);
	codec_enum(c, &d->auth, AUTH_NONE, AUTH_COUNT - 1);
	codec_u8(c, &d->key);
	codec_u32(c, &d->sequence);
	codec_bool(c, &d->refused);
	codec_u8(c, &d->reason);
	codec_u16(c, &d->length);
	/* What arrived may have been longer than what is kept of it. */
	codec_bytes(c, d->bytes, d->length < PACKET_BYTES_MAX ? d->length : PACKET_BYTES_MAX);
}

void codec_stream(struct codec *c, struct stream *s)
{
	codec_u16(c, &s->speaker);
	codec_u32(c, &s->number);
	codec_u32(c, &s->interface);
	codec_bool(c, &s->listens);
	codec_address(c, &s->local);
	codec_address(c, &s->remote);
	/* Its family is that of one of them. */
	codec_check(c, address_is_set(&s->remote) || (s->listens && address_is_set(&s->local)));
	codec_u16(c, &s->port);
	codec_u8(c, &s->hop_limit);
	codec_u8(c, &s->hop_limit_min);
	codec_u32(c, &s->credit);
	codec_text(c, s->secret, sizeof(s->secret));
}

void codec_stream_piece(struct codec *c, struct stream_piece *p)
{
	codec_u16(c, &p->speaker);
	codec_u32(c, &p->number);
	codec_u16(c, &p->length);
	codec_check(c, p->length >= 1 && p->length <= STREAM_BYTES_MAX);
	if (codec_ok(c))
		codec_bytes(c, p->bytes, p->length);
}

void codec_stream_change(struct codec *c, struct stream_change *s)
{
	uint32_t error = (uint32_t)s->error;

	codec_u16(c, &s->speaker);
	codec_u32(c, &s->number);
	codec_u32(c, &error);
	s->error = (int32_t)error;
	codec_u32(c, &s->credit);
}

void codec_frame(struct codec *c, struct ether_frame *f)
{
	codec_u32(c, &f->interface);
	codec_u16(c, &f->length);
	/* What arrived may have been longer than what is kept of it. */
	codec_bytes(c, f->bytes, f->length < ETHER_FRAME_MAX ? f->length : ETHER_FRAME_MAX);
}

void codec_protocol(struct codec *c, struct speaker_settings *s)
{
	const struct speaker_class *of;

	codec_u8(c, &s->protocol);
	of = protocol_class(s->protocol);
	codec_check(c, of != NULL);
	if (codec_ok(c))
		codec_record(c, of->settings, s->own);
}

void codec_speech(struct codec *c, struct speech_settings *s)
{
	uint8_t protocol = s->protocol;
	const struct speaker_class *of;

	codec_u8(c, &protocol);
	of = protocol_class(protocol);
	codec_check(c, of != NULL);
	if (codec_ok(c))
		codec_record(c, of->speech, s);
	s->protocol = protocol;
}

void codec_path(struct codec *c, struct path *p)
{
	codec_u32(c, &p->interface);
	codec_address(c, &p->peer);
	codec_address(c, &p->local);
	codec_check(c, path_is_valid(p));
}

void codec_bfd_params(struct codec *c, struct bfd_params *p)
{
	codec_u32(c, &p->tx_us);
	codec_u32(c, &p->rx_us);
	codec_u8(c, &p->multiplier);
	codec_bool(c, &p->passive);
	codec_u8(c, &p->ttl_min);
	codec_enum(c, &p->auth, BFD_AUTH_NONE, BFD_AUTH_SHA1_METICULOUS);
	codec_enum(c, &p->n_secrets, 0, BFD_KEYS_MAX);
	for (size_t k = 0; codec_ok(c) && k < p->n_secrets; k++) {
		codec_u8(c, &p->secrets[k].id);
		codec_enum(c, &p->secrets[k].length, 1, BFD_SECRET_MAX);
		codec_bytes(c, p->secrets[k].bytes, codec_ok(c) ? p->secrets[k].length : 0);
	}
	codec_check(c, codec_ok(c) && bfd_params_check(p) == 0);
}

void codec_bfd_auth(struct codec *c, struct bfd_auth *a)
{
	codec_enum(c, &a->type, BFD_AUTH_NONE, BFD_AUTH_SHA1_METICULOUS);
	codec_enum(c, &a->n_keys, 0, BFD_KEYS_MAX);
	codec_check(c, (a->n_keys > 0) == (a->type != BFD_AUTH_NONE));
	for (size_t k = 0; codec_ok(c) && k < a->n_keys; k++) {
		codec_u8(c, &a->keys[k].id);
		codec_text(c, a->keys[k].secret, sizeof(a->keys[k].secret));
		for (size_t i = 0; i < k; i++)
			codec_check(c, a->keys[i].id != a->keys[k].id);
	}
}

void codec_probe_params(struct codec *c, struct probe_params *p)
{
	codec_u32(c, &p->interval_us);
	codec_u8(c, &p->multiplier);
	codec_check(c, codec_ok(c) && probe_params_check(p) == 0);
}
