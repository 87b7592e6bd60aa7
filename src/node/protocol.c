/* SPDX-License-Identifier: Apache-2.0 */
#include "node/protocol.h"

#include "fields/field.h"

static const struct speaker_class *const classes[PROTOCOL_END] = {
	[PROTOCOL_RIP] = &protocol_rip,
	[PROTOCOL_RIPNG] = &protocol_ripng,
};

const struct speaker_class *protocol_class(uint8_t protocol)
{
	return protocol < PROTOCOL_END ? classes[protocol] : NULL;
}

const char *protocol_title(uint8_t protocol)
{
	const struct speaker_class *c = protocol_class(protocol);

	return c ? c->title : "?";
}

struct speaker_settings protocol_settings(enum protocol_id protocol)
{
	struct speaker_settings s = { .protocol = (uint8_t)protocol };

	record_default(classes[protocol]->settings, s.own);
	return s;
}

struct speech_settings protocol_speech(enum protocol_id protocol)
{
	struct speech_settings s = { .protocol = (uint8_t)protocol };

	record_default(classes[protocol]->speech, &s);
	s.protocol = (uint8_t)protocol;
	return s;
}

uint32_t protocol_metric_max(void)
{
	uint32_t max = 0;

	for (uint8_t k = 1; k < PROTOCOL_END; k++)
		max = classes[k]->metric_max > max ? classes[k]->metric_max : max;
	return max;
}
