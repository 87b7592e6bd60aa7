/* SPDX-License-Identifier: Apache-2.0 */
#include "node/effect.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/container.h"
#include "fields/keychain.h"
#include "node/encoding.h"
#include "node/protocol.h"

const char *vip_state_name(enum vip_state state)
{
	static const char *const names[] = {
#define VIP_STATE_TEXT(name, text) text,
		VIP_STATES(VIP_STATE_TEXT)
#undef VIP_STATE_TEXT
	};

	return state < VIP_STATE_COUNT ? names[state] : "-";
}

static void codec_event(struct codec *c, struct event *e)
{
	codec_enum(c, &e->kind, 0, EVENT_KIND_COUNT - 1);
	codec_address(c, &e->vip);
	codec_u32(c, &e->count);
	codec_enum(c, &e->from, 0, VIP_STATE_COUNT - 1);
	codec_enum(c, &e->to, 0, VIP_STATE_COUNT - 1);
	codec_duration(c, &e->age);
	codec_text(c, e->interface, sizeof(e->interface));
	codec_address(c, &e->neighbor);
	codec_text(c, e->reason, sizeof(e->reason));
}

static void codec_source_part(struct codec *c, struct source_policy_part *p)
{
	codec_enum(c, &p->part, SOURCE_RULE, SOURCE_END);
	if (!codec_ok(c))
		return;
	switch ((enum source_part)p->part) {
	case SOURCE_RULE:
		codec_record(c, &source_rule_record, &p->rule);
		break;
	case SOURCE_INTERFACE:
		codec_u32(c, &p->interface);
		break;
	case SOURCE_END:
		codec_address(c, &p->first[0]);
		codec_address(c, &p->first[1]);
		break;
	}
}

static void codec_reply(struct codec *c, struct effect *e)
{
	uint32_t none = 0; /* where pages of rows had their number */

	codec_u32(c, &e->reply.request);
	codec_enum(c, &e->reply.code, REPLY_OK, REPLY_UNSAVED);
	codec_bool(c, &e->reply.acted);
	codec_u32(c, &none);
	codec_check(c, none == 0);
	codec_text(c, e->reply.sentence, sizeof(e->reply.sentence));
}

static void codec_effect(struct codec *c, struct effect *e)
{
	codec_enum(c, &e->kind, EFFECT_BOARD_ADD, EFFECT_CLOSE);
	codec_check(c, e->kind > 31 || !(EFFECT_KINDS_GONE >> e->kind & 1));
	codec_u32(c, &e->id);
	if (!codec_ok(c))
		return;
	switch ((enum effect_kind)e->kind) {
	case EFFECT_BOARD_ADD:
	case EFFECT_BOARD_UP:
	case EFFECT_BOARD_REMOVE:
		codec_text(c, e->board.name, sizeof(e->board.name));
		codec_u32(c, &e->board.index);
		break;
	case EFFECT_OBJECT_ADD:
	case EFFECT_OBJECT_REMOVE:
		codec_object(c, &e->object);
		break;
	case EFFECT_LISTEN:
		codec_u32(c, &e->listen.interface);
		codec_u16(c, &e->listen.speaker);
		codec_u8(c, &e->listen.protocol);
		codec_check(c, protocol_class(e->listen.protocol) != NULL);
		codec_bool(c, &e->listen.on);
		codec_record(c, &keychain_record, &e->listen.keys);
		break;
	case EFFECT_SEND:
		codec_datagram(c, &e->send);
		break;
	case EFFECT_OPEN:
		codec_stream(c, &e->stream);
		break;
	case EFFECT_STREAM:
		codec_stream_piece(c, &e->piece);
		break;
	case EFFECT_CLOSE:
		codec_stream_change(c, &e->change);
		break;
	case EFFECT_EVENT:
		codec_event(c, &e->event);
		break;
	case EFFECT_REPLY:
		codec_reply(c, e);
		break;
	case EFFECT_WATCH:
		codec_u32(c, &e->watch.interface);
		codec_bool(c, &e->watch.on);
		codec_bool(c, &e->watch.all_multicast);
		break;
	case EFFECT_FRAME:
		codec_frame(c, &e->frame);
		break;
	case EFFECT_SAVE:
		codec_record(c, &saved_record, &e->save);
		break;
	case EFFECT_CHECK:
		codec_u32(c, &e->check.run);
		codec_bool(c, &e->check.off);
		codec_record(c, &check_record, &e->check.settings);
		break;
	case EFFECT_SOURCE:
		codec_source_part(c, &e->source);
		break;
	case EFFECT_COUNT:
		codec_address(c, &e->count.address);
		break;
	case EFFECT_BFD:
		codec_bool(c, &e->bfd.remove);
		codec_path(c, &e->bfd.key);
		if (!e->bfd.remove)
			codec_bfd_params(c, &e->bfd.params);
		if (!e->bfd.remove)
			codec_bfd_auth(c, &e->bfd.auth);
		break;
	case EFFECT_PROBE:
		codec_bool(c, &e->probe.remove);
		codec_path(c, &e->probe.path);
		if (!e->probe.remove)
			codec_probe_params(c, &e->probe.params);
		break;
	case EFFECT_RESYNC:
	case EFFECT_STOPPED:
		break;
	}
}

size_t effect_encode(const struct effect *e, uint8_t *bytes)
{
	struct writer w;
	struct codec c = { .writer = &w };

	writer_init(&w, bytes, EFFECT_BYTES_MAX);
	/* A codec that writes leaves its struct alone. */
	codec_effect(&c, (struct effect *)e);
	assert(writer_ok(&w));
	return w.length;
}

int effect_decode(const uint8_t *bytes, size_t length, struct effect *ret)
{
	struct reader r;
	struct codec c = { .reader = &r };

	/*
	 * Cleared whole: a codec passes over fields that mean nothing here (next hops of a route
	 * that is not learned), and whoever prints them must not print what stood there before.
	 */
	memset(ret, 0, sizeof(*ret));
	reader_init(&r, bytes, length);
	codec_effect(&c, ret);
	return reader_ok(&r) && reader_left(&r) == 0 ? 0 : -EBADMSG;
}
