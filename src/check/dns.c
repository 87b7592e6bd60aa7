/* SPDX-License-Identifier: Apache-2.0 */
#include "check/dns.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/container.h"
#include "wire/reader.h"
#include "wire/writer.h"

#define DNS_LABEL_MAX 63
#define DNS_NAME_MAX 255 /* on the wire */
#define DNS_TYPE_A 1
#define DNS_CLASS_IN 1
#define DNS_HEADER_BYTES 12

#define DNS_FLAG_ANSWER 0x8000
#define DNS_FLAG_RECURSION 0x0100
#define DNS_RCODE 0x000f

/* RFC 1035 4.1.4: the two highest bits of a length. */
#define DNS_POINTER 0xc0

static bool name_write(struct writer *w, const char *name)
{
	size_t start = w->length;

	while (*name) {
		size_t length = strcspn(name, ".");

		if (length == 0 || length > DNS_LABEL_MAX)
			return false;
		writer_u8(w, (uint8_t)length);
		writer_bytes(w, name, length);
		name += length;
		if (*name == '.')
			name++;
	}
	writer_u8(w, 0);
	return w->length - start > 1 && w->length - start <= DNS_NAME_MAX;
}

size_t dns_query_write(uint8_t *bytes, uint16_t id, const char *name)
{
	struct writer w;

	writer_init(&w, bytes, DNS_QUERY_MAX);
	writer_u16(&w, id);
	writer_u16(&w, DNS_FLAG_RECURSION);
	writer_u16(&w, 1);
	writer_zeros(&w, 6);
	if (!name_write(&w, name))
		return 0;
	writer_u16(&w, DNS_TYPE_A);
	writer_u16(&w, DNS_CLASS_IN);
	return writer_ok(&w) ? w.length : 0;
}

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
}

/* RFC 4343: names are the same in any case. */
static bool question_is_ours(struct reader *r, const uint8_t *query, size_t length)
{
	const uint8_t *question = reader_take(r, length - DNS_HEADER_BYTES);

	for (size_t i = DNS_HEADER_BYTES; question && i < length; i++)
		if (lower(question[i - DNS_HEADER_BYTES]) != lower(query[i]))
			return false;
	return question != NULL;
}

/* Steps over a name. A pointer ends it, wherever it points. */
static void name_skip(struct reader *r)
{
	size_t total = 0;

	while (reader_ok(r) && total <= DNS_NAME_MAX) {
		uint8_t length = reader_u8(r);

		if (length == 0)
			return;
		if (length >= DNS_POINTER) {
			(void)reader_u8(r);
			return;
		}
		if (length > DNS_LABEL_MAX)
			break;
		(void)reader_take(r, length);
		total += length + 1u;
	}
	r->failed = true;
}

static void record_skip(struct reader *r)
{
	name_skip(r);
	(void)reader_take(r, 8); /* type, class, time to live */
	(void)reader_take(r, reader_u16(r));
}

static const char *rcode_name(unsigned rcode)
{
	static const char *const names[] = { "NOERROR",	 "FORMERR", "SERVFAIL",
					     "NXDOMAIN", "NOTIMP",  "REFUSED" };

	return rcode < ARRAY_LENGTH(names) ? names[rcode] : "an unknown error";
}

enum dns_verdict dns_answer_read(const uint8_t *query, size_t query_length, const uint8_t *bytes,
				 size_t length, char *text, size_t size)
{
	struct reader r, q;
	uint16_t flags, questions, answers;

	reader_init(&r, bytes, length);
	reader_init(&q, query, query_length);
	if (reader_u16(&r) != reader_u16(&q) || !reader_ok(&r))
		return DNS_FOREIGN;
	flags = reader_u16(&r);
	questions = reader_u16(&r);
	answers = reader_u16(&r);
	(void)reader_take(&r, 4);
	if (!reader_ok(&r) || !(flags & DNS_FLAG_ANSWER))
		return DNS_FOREIGN;
	/* A server that cannot make sense of the question need not repeat it. */
	if (questions == 1 ? !question_is_ours(&r, query, query_length)
			   : !(questions == 0 && (flags & DNS_RCODE)))
		return DNS_FOREIGN;
	if (flags & DNS_RCODE) {
		snprintf(text, size, "%s", rcode_name(flags & DNS_RCODE));
		return DNS_ILL;
	}
	if (answers == 0) {
		snprintf(text, size, "NOERROR, but no answer for the name");
		return DNS_ILL;
	}
	record_skip(&r);
	if (!reader_ok(&r)) {
		snprintf(text, size, "the answer is not DNS");
		return DNS_ILL;
	}
	snprintf(text, size, "NOERROR, %u answer%s", answers, answers == 1 ? "" : "s");
	return DNS_WELL;
}
