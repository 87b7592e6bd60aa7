/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a message between vipd and its guard. What is taken is taken again when it is said.
 */
#include <string.h>

#include "fuzz.h"
#include "guard/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	uint8_t said[GUARD_MESSAGE_BYTES];
	struct guard_message m, again;

	if (guard_message_decode(bytes, length, &m) < 0)
		return 0;
	assert(m.kind >= GUARD_HELLO);
	assert(m.grace.ns >= 0);
	if (m.version != GUARD_VERSION)
		return 0;
	assert(guard_message_decode(said, guard_message_encode(&m, said), &again) == 0);
	assert(memcmp(&again, &m, sizeof(m)) == 0);
	return 0;
}
