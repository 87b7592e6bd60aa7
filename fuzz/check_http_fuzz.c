/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as the answer of an HTTP server. Whole or in pieces, it is judged alike, within its
 * limits. The first byte says how large the pieces are, the second how long the text is that
 * follows.
 */
#include <string.h>

#include "check/http.h"
#include "fuzz.h"

static uint8_t judge(const char *expect, const uint8_t *bytes, size_t length, size_t step,
		     char *text, size_t size)
{
	struct http_answer a;

	http_answer_init(&a, 200, 399, expect);
	for (size_t at = 0; at < length; at += step)
		(void)http_answer_take(&a, bytes + at, length - at < step ? length - at : step);
	assert(http_answer_end(&a) != HTTP_MORE);
	assert(a.verdict != HTTP_WELL || (a.status >= 200 && a.status <= 399));
	assert(a.head_bytes <= HTTP_HEAD_MAX + 1 && a.body_bytes <= HTTP_BODY_MAX);
	http_answer_describe(&a, text, size);
	return a.verdict;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	char expect[HTTP_EXPECT_MAX] = "", whole[160], pieces[160];
	size_t step, skipped;

	if (length < 2)
		return 0;
	step = bytes[0] ? bytes[0] : 1;
	skipped = bytes[1] % HTTP_EXPECT_MAX;
	if (skipped > length - 2)
		return 0;
	memcpy(expect, bytes + 2, skipped);
	bytes += 2 + skipped;
	length -= 2 + skipped;
	assert(judge(expect, bytes, length, length ? length : 1, whole, sizeof(whole)) ==
	       judge(expect, bytes, length, step, pieces, sizeof(pieces)));
	assert(strcmp(whole, pieces) == 0);
	return 0;
}
