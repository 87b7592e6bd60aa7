/* SPDX-License-Identifier: Apache-2.0 */
#include "node/trace.h"

#include <assert.h>
#include <errno.h>

#include "node/boundary.h"
#include "wire/reader.h"
#include "wire/writer.h"

void trace_header_encode(const struct trace_header *h, uint8_t *bytes)
{
	struct writer w;

	writer_init(&w, bytes, TRACE_HEADER_BYTES);
	writer_u8(&w, h->kind);
	writer_u64(&w, (uint64_t)h->at.ns);
	writer_u32(&w, h->length);
	assert(writer_ok(&w));
}

int trace_header_decode(const uint8_t *bytes, size_t length, struct trace_header *ret)
{
	struct trace_header h;
	struct reader r;
	size_t most;

	reader_init(&r, bytes, length);
	h.kind = reader_u8(&r);
	h.at.ns = (int64_t)reader_u64(&r);
	h.length = reader_u32(&r);
	if (!reader_ok(&r) || (h.kind != TRACE_INPUT && h.kind != TRACE_EFFECT))
		return -EBADMSG;
	most = h.kind == TRACE_INPUT ? INPUT_BYTES_MAX : EFFECT_BYTES_MAX;
	if (h.length > most || h.at.ns < 0)
		return -EBADMSG;
	*ret = h;
	return 0;
}
