/* SPDX-License-Identifier: Apache-2.0 */
#include "node/saved.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "node/encoding.h"

/* A VIP that no command would take is none: what bytes can say is more than what can be. */
static void codec_saved_vip(struct codec *c, struct saved *s)
{
	char unused[8];

	codec_vip(c, &s->vip.settings);
	codec_check(c, vip_settings_check(&s->vip.settings, unused, sizeof(unused)) == 0);
	codec_metric(c, &s->vip.spoken);
	codec_check(c, s->vip.spoken < RIP_INFINITY);
	codec_bool(c, &s->vip.configured);
	codec_bool(c, &s->vip.leaving);
	codec_enum(c, &s->vip.drain, DRAIN_NONE, DRAIN_DONE);
	codec_instant(c, &s->vip.drain_until);
}

/* Before layout 6 it was the network of the address, of which there was one. */
static void codec_speaks_network(struct codec *c, struct saved *s)
{
	struct prefix *network = &s->speaks.network;

	if (codec_since(c, 6)) {
		codec_prefix(c, network);
		codec_check(c, network->address.family == s->speaks.family);
		codec_bool(c, &s->speaks.beside);
		return;
	}
	codec_u8(c, &network->length);
	codec_check(c, network->length <= family_bits(s->speaks.source.family));
	if (codec_ok(c))
		*network = prefix_make(&s->speaks.source, network->length);
}

void codec_saved(struct codec *c, struct saved *s)
{
	codec_enum(c, &s->kind, SAVED_BEGIN, SAVED_LAST);
	if (!codec_ok(c))
		return;
	switch ((enum saved_kind)s->kind) {
	case SAVED_VIP:
		codec_saved_vip(c, s);
		break;
	case SAVED_GONE:
	case SAVED_UNBOUND:
		codec_address(c, &s->address);
		codec_check(c, address_is_set(&s->address));
		break;
	case SAVED_BOARD:
	case SAVED_NO_BOARD:
		codec_text(c, s->board, sizeof(s->board));
		codec_check(c, interface_name_is_valid(s->board));
		break;
	case SAVED_SPEAKS:
		codec_u32(c, &s->speaks.interface);
		codec_family(c, &s->speaks.family);
		codec_address(c, &s->speaks.source);
		codec_check(c, s->speaks.source.family == s->speaks.family);
		codec_speaks_network(c, s);
		codec_u16(c, &s->speaks.tag);
		codec_rip_interface(c, &s->speaks.settings);
		break;
	case SAVED_SILENT:
		codec_u32(c, &s->speaks.interface);
		codec_family(c, &s->speaks.family);
		break;
	case SAVED_SOURCE:
		codec_source_switch(c, &s->source);
		break;
	case SAVED_SEALED:
		codec_u32(c, &s->sealed);
		break;
	case SAVED_SEQUENCE:
		codec_address(c, &s->sequence.neighbor);
		codec_check(c, address_is_set(&s->sequence.neighbor));
		codec_u8(c, &s->sequence.key);
		codec_u32(c, &s->sequence.number);
		break;
	case SAVED_BEGIN:
	case SAVED_END:
	case SAVED_STOPPING:
		break;
	}
}

size_t saved_encode(const struct saved *s, uint8_t *bytes)
{
	struct writer w;
	struct codec c = { .writer = &w };

	writer_init(&w, bytes, SAVED_BYTES_MAX);
	/* A codec that writes leaves its struct alone. */
	codec_saved(&c, (struct saved *)s);
	assert(writer_ok(&w));
	return w.length;
}

int saved_decode(const uint8_t *bytes, size_t length, unsigned version, struct saved *ret)
{
	struct reader r;
	struct codec c = { .reader = &r, .version = version };
	struct saved s;

	memset(&s, 0, sizeof(s));
	reader_init(&r, bytes, length);
	codec_saved(&c, &s);
	if (!reader_ok(&r) || reader_left(&r) > 0)
		return -EBADMSG;
	*ret = s;
	return 0;
}
