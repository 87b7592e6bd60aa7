/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as the body of a request: refused with a sentence, or taken with values in their
 * range.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "api/body.h"
#include "net/interface.h"
#include "node/protocol.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void check_vip(const struct vip_settings *s)
{
	assert(address_is_set(&s->address));
	assert(s->length <= family_bits(s->address.family));
	assert(s->metric <= protocol_metric_max());
	assert(s->hold <= VIP_HOLD_ROUTE);
	assert(interface_name_is_valid(s->board));
	assert(strnlen(s->label, sizeof(s->label)) < sizeof(s->label));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	char sentence[BODY_SENTENCE_MAX] = "", name[INTERFACE_NAME_MAX];
	const char *body = (const char *)bytes;
	struct vip_settings *vips = NULL;
	size_t count = 0;

	if (body_parse_bind(body, length, &vips, &count, sentence, sizeof(sentence)) == 0) {
		assert(count > 0);
		for (size_t i = 0; i < count; i++)
			check_vip(&vips[i]);
		free(vips);
	} else {
		assert(*sentence && !vips);
	}
	if (body_parse_board(body, length, name, sentence, sizeof(sentence)) == 0)
		assert(interface_name_is_valid(name));
	(void)body_parse_nothing(body, length, sentence, sizeof(sentence));
	return 0;
}
