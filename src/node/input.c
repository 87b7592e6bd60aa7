/* SPDX-License-Identifier: Apache-2.0 */
#include "node/input.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/container.h"
#include "fields/filter.h"
#include "node/encoding.h"

static void codec_rule(struct codec *c, struct interface_rule *r)
{
	codec_text(c, r->pattern, sizeof(r->pattern));
	codec_record(c, &route_filter_record, &r->learn);
	codec_bool(c, &r->source);
	codec_bool(c, &r->bfd_enabled);
	codec_bfd_params(c, &r->bfd.params);
	codec_bfd_auth(c, &r->bfd.auth);
	codec_bool(c, &r->probe_enabled);
	codec_probe_params(c, &r->probe);
}

static void codec_config(struct codec *c, struct input *in)
{
	codec_enum(c, &in->config.part, CONFIG_PROTOCOL, CONFIG_SPEECH);
	if (!codec_ok(c))
		return;
	switch ((enum config_part)in->config.part) {
	case CONFIG_PROTOCOL:
		codec_protocol(c, &in->config.protocol);
		break;
	case CONFIG_SPEECH:
		codec_speech(c, &in->config.speech);
		break;
	case CONFIG_BOARD:
		codec_text(c, in->config.board, sizeof(in->config.board));
		break;
	case CONFIG_VIP:
		codec_record(c, &vip_record, &in->config.vip);
		break;
	case CONFIG_CHECK:
		codec_record(c, &check_record, &in->config.check);
		break;
	case CONFIG_RULE:
		codec_rule(c, &in->config.rule);
		break;
	case CONFIG_SOURCE:
		codec_enum(c, &in->config.source_mode, SOURCE_MODE_OFF, SOURCE_MODE_AUTO);
		break;
	case CONFIG_SOURCE_RULE:
		codec_record(c, &source_rule_record, &in->config.source_rule);
		break;
	case CONFIG_END:
		break;
	}
}

static void codec_done(struct codec *c, struct input *in)
{
	codec_u32(c, &in->done.first);
	codec_u32(c, &in->done.count);
	codec_u32(c, (uint32_t *)&in->done.error);
	codec_text(c, in->done.text, sizeof(in->done.text));
}

static void codec_input(struct codec *c, struct input *in)
{
	codec_enum(c, &in->kind, INPUT_START, INPUT_CLOSED);
	codec_check(c, in->kind > 31 || !(INPUT_KINDS_GONE >> in->kind & 1));
	codec_u32(c, &in->request);
	codec_bool(c, &in->more);
	if (!codec_ok(c))
		return;
	switch ((enum input_kind)in->kind) {
	case INPUT_START:
		codec_u64(c, &in->start.seed);
		break;
	case INPUT_CLOCK:
		codec_duration(c, &in->clock.wall);
		codec_check(c, in->clock.wall.ns > -KEYCHAIN_WALL_MAX_S * DURATION_S(1).ns &&
				       in->clock.wall.ns < KEYCHAIN_WALL_MAX_S * DURATION_S(1).ns);
		break;
	case INPUT_LINK:
		codec_interface(c, &in->link);
		break;
	case INPUT_LINK_GONE:
		codec_u32(c, &in->link_gone.index);
		break;
	case INPUT_OBJECT:
		codec_bool(c, &in->object.present);
		codec_object(c, &in->object.object);
		break;
	case INPUT_LISTENING:
	case INPUT_WATCHING:
	case INPUT_SOURCING:
	case INPUT_SENDING:
		codec_u32(c, &in->listening.interface);
		codec_u16(c, &in->listening.speaker);
		codec_bool(c, &in->listening.ready);
		codec_text(c, in->listening.error, sizeof(in->listening.error));
		codec_u32(c, &in->listening.secrets);
		break;
	case INPUT_PACKET:
		codec_datagram(c, &in->packet);
		break;
	case INPUT_OPENED:
		codec_stream(c, &in->stream);
		break;
	case INPUT_STREAM:
		codec_stream_piece(c, &in->piece);
		break;
	case INPUT_CREDIT:
	case INPUT_CLOSED:
		codec_stream_change(c, &in->change);
		break;
	case INPUT_DONE:
		codec_done(c, in);
		break;
	case INPUT_CONFIG:
		codec_config(c, in);
		break;
	case INPUT_BOARD:
		codec_bool(c, &in->board.remove);
		codec_text(c, in->board.name, sizeof(in->board.name));
		break;
	case INPUT_BIND:
		codec_record(c, &vip_record, &in->bind);
		break;
	case INPUT_UNBIND:
		codec_address(c, &in->unbind.address);
		codec_bool(c, &in->unbind.now);
		break;
	case INPUT_DRAIN:
		codec_address(c, &in->drain.address);
		codec_bool(c, &in->drain.on);
		codec_duration(c, &in->drain.time);
		codec_check(c, in->drain.time.ns >= 0 && in->drain.time.ns <= DRAIN_TIME_MAX.ns);
		break;
	case INPUT_COUNTED:
		codec_address(c, &in->counted.address);
		codec_bool(c, &in->counted.known);
		codec_u32(c, &in->counted.connections);
		break;
	case INPUT_CHECKED:
		codec_u32(c, &in->checked.run);
		codec_bool(c, &in->checked.passed);
		codec_text(c, in->checked.text, sizeof(in->checked.text));
		break;
	case INPUT_SOURCE:
		codec_record(c, &source_switch_record, &in->source);
		break;
	case INPUT_STOP:
		codec_bool(c, &in->stop.hand_over);
		break;
	case INPUT_SAVED:
		codec_record(c, &saved_record, &in->saved);
		break;
	case INPUT_FRAME:
		codec_frame(c, &in->frame);
		break;
	case INPUT_BFD:
		codec_path(c, &in->bfd.key);
		codec_bool(c, &in->bfd.known);
		codec_enum(c, &in->bfd.state, BFD_STATE_ADMIN_DOWN, BFD_STATE_UP);
		codec_enum(c, &in->bfd.remote_state, BFD_STATE_ADMIN_DOWN, BFD_STATE_UP);
		codec_u8(c, &in->bfd.diagnostic);
		codec_u8(c, &in->bfd.remote_diagnostic);
		break;
	case INPUT_SAVING:
		codec_bool(c, &in->saving.ready);
		codec_text(c, in->saving.error, sizeof(in->saving.error));
		break;
	case INPUT_PROBE:
		codec_path(c, &in->probe.path);
		codec_bool(c, &in->probe.known);
		codec_enum(c, &in->probe.state, PROBE_STATE_UNKNOWN, PROBE_STATE_DOWN);
		break;
	case INPUT_TICK:
	case INPUT_DUMP_BEGIN:
	case INPUT_DUMP_END:
	case INPUT_PURGE:
		break;
	}
}

size_t input_encode(const struct input *in, uint8_t *bytes)
{
	struct writer w;
	struct codec c = { .writer = &w };

	writer_init(&w, bytes, INPUT_BYTES_MAX);
	/* A codec that writes leaves its struct alone. */
	codec_input(&c, (struct input *)in);
	assert(writer_ok(&w));
	return w.length;
}

int input_decode(const uint8_t *bytes, size_t length, struct input *ret)
{
	struct reader r;
	struct codec c = { .reader = &r };
	struct input in;

	/* An initializer need not clear a union beyond its first member. */
	memset(&in, 0, sizeof(in));
	reader_init(&r, bytes, length);
	codec_input(&c, &in);
	if (!reader_ok(&r) || reader_left(&r) > 0)
		return -EBADMSG;
	*ret = in;
	return 0;
}
