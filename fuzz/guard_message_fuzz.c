/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a message between vipd and its guard. What is taken encodes to where it came from.
 */
#include <string.h>

#include "fuzz.h"
#include "guard/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	uint8_t again[GUARD_MESSAGE_BYTES];
	struct guard_message m;

	if (guard_message_decode(bytes, length, &m) < 0)
		return 0;
	assert(m.kind >= GUARD_HELLO && m.kind < GUARD_KINDS_END);
	assert(m.grace.ns >= 0);
	if (m.version != GUARD_VERSION)
		return 0;
	assert(guard_message_encode(&m, again) == length);
	assert(memcmp(again, bytes, length) == 0);
	return 0;
}
