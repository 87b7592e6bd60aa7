/* SPDX-License-Identifier: Apache-2.0 */
#include "node/protocol.h"

#include "fields/field.h"

static const struct speaker_class *const classes[PROTOCOL_END] = {
	[PROTOCOL_RIP] = &protocol_rip,
	[PROTOCOL_RIPNG] = &protocol_ripng,
	[PROTOCOL_OSPF] = &protocol_ospf,
	[PROTOCOL_OSPFV3] = &protocol_ospfv3,
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

static bool settings_choose(uint8_t protocol, struct record_choice *ret)
{
	const struct speaker_class *c = protocol_class(protocol);

	if (c)
		*ret = (struct record_choice){ c->name, c->settings,
					       offsetof(struct speaker_settings, own) };
	return c != NULL;
}

static bool speech_choose(uint8_t protocol, struct record_choice *ret)
{
	const struct speaker_class *c = protocol_class(protocol);

	if (c)
		*ret = (struct record_choice){ c->name, c->speech, 0 };
	return c != NULL;
}

const struct record speaker_settings_record = {
	.what = "the settings of a protocol",
	.size = sizeof(struct speaker_settings),
	.choose = settings_choose,
	.kind = offsetof(struct speaker_settings, protocol),
};

const struct record speech_settings_record = {
	.what = "how a protocol is spoken",
	.size = sizeof(struct speech_settings),
	.choose = speech_choose,
	.kind = offsetof(struct speech_settings, protocol),
};
