/* SPDX-License-Identifier: Apache-2.0 */
#include "guard/message.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "node/encoding.h"
#include "wire/reader.h"
#include "wire/writer.h"

static void codec_counters(struct codec *c, struct guard_counters *g)
{
	codec_u32(c, &g->delay_worst_us);
	codec_u64(c, &g->delay_sum_us);
	for (size_t k = 0; k < GUARD_DELAYS; k++)
		codec_u64(c, &g->delays[k]);
	codec_u64(c, &g->bfd_changes);
	codec_u64(c, &g->probe_changes);
	codec_u16(c, &g->bfd_sessions);
	codec_u16(c, &g->probe_sessions);
	codec_u16(c, &g->bfd_deaf);
	for (size_t k = 0; k < BFD_DROP_COUNT; k++)
		codec_u32(c, &g->bfd_drops[k]);
	for (size_t k = 0; k < PROBE_DROP_COUNT; k++)
		codec_u32(c, &g->probe_drops[k]);
}

/* What stands behind the first two bytes, in a message of our version. */
static void codec_body(struct codec *c, struct guard_message *m)
{
	uint32_t grace_ms = (uint32_t)duration_ms(m->grace);

	switch ((enum guard_message_kind)m->kind) {
	case GUARD_HELLO:
		codec_u32(c, &grace_ms);
		m->grace = DURATION_MS(grace_ms);
		break;
	case GUARD_BFD_SET:
		codec_path(c, &m->key);
		codec_bfd_params(c, &m->params);
		break;
	case GUARD_BFD_REMOVE:
		codec_path(c, &m->key);
		break;
	case GUARD_BFD_STATE:
		codec_path(c, &m->key);
		codec_enum(c, &m->state, BFD_STATE_ADMIN_DOWN, BFD_STATE_UP);
		codec_enum(c, &m->remote_state, BFD_STATE_ADMIN_DOWN, BFD_STATE_UP);
		codec_u8(c, &m->diagnostic);
		codec_u8(c, &m->remote_diagnostic);
		break;
	case GUARD_PROBE_SET:
		codec_path(c, &m->key);
		codec_probe_params(c, &m->probe);
		break;
	case GUARD_PROBE_REMOVE:
		codec_path(c, &m->key);
		break;
	case GUARD_PROBE_STATE:
		codec_path(c, &m->key);
		codec_enum(c, &m->state, PROBE_STATE_UNKNOWN, PROBE_STATE_DOWN);
		break;
	case GUARD_COUNTERS:
		codec_counters(c, &m->counters);
		break;
	case GUARD_KINDS_END:
	case GUARD_WELCOME:
	case GUARD_REFUSED:
	case GUARD_BYE:
	case GUARD_HAND_OVER:
	case GUARD_RESTART:
	case GUARD_YIELD:
		break;
	}
}

size_t guard_message_encode(const struct guard_message *m, uint8_t *bytes)
{
	struct writer w;
	struct codec c = { .writer = &w };
	struct guard_message copy = *m;

	writer_init(&w, bytes, GUARD_MESSAGE_BYTES);
	writer_u8(&w, m->kind);
	writer_u8(&w, m->version);
	codec_body(&c, &copy);
	assert(writer_ok(&w));
	return w.length;
}

int guard_message_decode(const uint8_t *bytes, size_t length, struct guard_message *ret)
{
	struct guard_message m;
	struct reader r;
	struct codec c = { .reader = &r };

	memset(&m, 0, sizeof(m));
	reader_init(&r, bytes, length);
	m.kind = reader_u8(&r);
	m.version = reader_u8(&r);
	if (!reader_ok(&r) || m.kind < GUARD_HELLO || m.kind >= GUARD_KINDS_END)
		return -EBADMSG;
	/* What another version says behind its first two bytes is its own affair. */
	if (m.version == GUARD_VERSION) {
		codec_body(&c, &m);
		if (!reader_ok(&r) || reader_left(&r) > 0)
			return -EBADMSG;
	}
	*ret = m;
	return 0;
}
