/* SPDX-License-Identifier: Apache-2.0 */
#include "guard/message.h"

#include <assert.h>
#include <errno.h>

#include "wire/reader.h"
#include "wire/writer.h"

size_t guard_message_encode(const struct guard_message *m, uint8_t *bytes)
{
	struct writer w;

	writer_init(&w, bytes, GUARD_MESSAGE_BYTES);
	writer_u8(&w, m->kind);
	writer_u8(&w, m->version);
	if (m->kind == GUARD_HELLO)
		writer_u32(&w, (uint32_t)duration_ms(m->grace));
	assert(writer_ok(&w));
	return w.length;
}

int guard_message_decode(const uint8_t *bytes, size_t length, struct guard_message *ret)
{
	struct guard_message m = { 0 };
	struct reader r;

	reader_init(&r, bytes, length);
	m.kind = reader_u8(&r);
	m.version = reader_u8(&r);
	if (!reader_ok(&r) || m.kind < GUARD_HELLO || m.kind > GUARD_HAND_OVER)
		return -EBADMSG;
	/* What another version says behind its first two bytes is its own affair. */
	if (m.version == GUARD_VERSION) {
		if (m.kind == GUARD_HELLO)
			m.grace = DURATION_MS(reader_u32(&r));
		if (!reader_ok(&r) || reader_left(&r) > 0)
			return -EBADMSG;
	}
	*ret = m;
	return 0;
}
