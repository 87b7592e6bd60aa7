/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of inputs: what each kind is called, and what it says. Bytes, the lines of a trace and
 * what a fuzzer makes of an input come from it.
 */
#include "node/input.h"

#include <assert.h>
#include <errno.h>

#include "fields/path.h"
#include "node/protocol.h"
#include "node/records.h"
#include "wire/writer.h"

#define IN(tag, name, member, ...) FIELD(tag, name, struct input, member, __VA_ARGS__)

RECORD_PART(start, IN(1, "seed", start.seed));
RECORD_PART(clock, IN(1, "wall", clock.wall, .min = -KEYCHAIN_WALL_MAX_S * 1000,
		      .max = KEYCHAIN_WALL_MAX_S * 1000));
RECORD_PART(link_gone, IN(1, "index", link_gone.index));
RECORD_PART(object_part, IN(1, "present", object.present),
	    FIELD_GROUP(2, "object", struct input, object.object, object_record));
RECORD_PART(listening, IN(1, "interface", listening.interface), IN(2, "speaker", listening.speaker),
	    IN(3, "ready", listening.ready), IN(4, "error", listening.error),
	    IN(5, "secrets", listening.secrets));
RECORD_PART(done, IN(1, "first", done.first), IN(2, "count", done.count),
	    IN(3, "error", done.error), IN(4, "text", done.text));
RECORD_PART(board, IN(1, "remove", board.remove), FIELD_NAME(2, "name", struct input, board.name));
RECORD_PART(bind, FIELD_GROUP(1, "vip", struct input, bind, vip_record, .flags = FIELD_UNCHECKED));
RECORD_PART(unbind, IN(1, "address", unbind.address), IN(2, "now", unbind.now));
RECORD_PART(drain, IN(1, "address", drain.address), IN(2, "on", drain.on),
	    IN(3, "time", drain.time, .max = 7 * 86400 * 1000));
RECORD_PART(counted, IN(1, "address", counted.address), IN(2, "known", counted.known),
	    IN(3, "connections", counted.connections));
RECORD_PART(checked, IN(1, "run", checked.run), IN(2, "passed", checked.passed),
	    IN(3, "text", checked.text));
RECORD_PART(saved_part, FIELD_GROUP(1, "record", struct input, saved, saved_record));
RECORD_PART(stop, IN(1, "hand_over", stop.hand_over));

RECORD_PART(bfd, FIELD_GROUP(1, "path", struct input, bfd.key, path_record),
	    IN(2, "known", bfd.known), IN(3, "state", bfd.state, .max = BFD_STATE_UP),
	    IN(4, "remote_state", bfd.remote_state, .max = BFD_STATE_UP),
	    IN(5, "diagnostic", bfd.diagnostic), IN(6, "remote_diagnostic", bfd.remote_diagnostic));

RECORD_PART(probe, FIELD_GROUP(1, "path", struct input, probe.path, path_record),
	    IN(2, "known", probe.known), IN(3, "state", probe.state, .max = PROBE_STATE_DOWN));

typedef __typeof__(FIELD_MEMBER(struct input, config)) input_config;

static int mode_check(const void *object, char *sentence, size_t size)
{
	(void)sentence, (void)size;
	return ((const input_config *)object)->source_mode != SOURCE_MODE_UNSET ? 0 : -EINVAL;
}

RECORD_PART(config_protocol,
	    FIELD_GROUP(1, "settings", input_config, protocol, speaker_settings_record));
RECORD_PART(config_speech,
	    FIELD_GROUP(1, "settings", input_config, speech, speech_settings_record));
RECORD_PART(config_board, FIELD_NAME(1, "board", input_config, board));
RECORD_PART(config_vip,
	    FIELD_GROUP(1, "vip", input_config, vip, vip_record, .flags = FIELD_UNCHECKED));
RECORD_PART(config_rule, FIELD_GROUP(1, "rule", input_config, rule, interface_rule_record));
RECORD_PART(config_check,
	    FIELD_GROUP(1, "check", input_config, check, check_record, .flags = FIELD_UNCHECKED));
RECORD_PART_CHECKED(config_source, mode_check,
		    FIELD_WORD(1, "mode", input_config, source_mode, source_mode_words));
RECORD_PART(config_source_rule,
	    FIELD_GROUP(1, "rule", input_config, source_rule, source_rule_record));

static const struct record_choice config_choices[] = {
	[CONFIG_PROTOCOL] = { "protocol", &config_protocol_record, 0 },
	[CONFIG_SPEECH] = { "speech", &config_speech_record, 0 },
	[CONFIG_BOARD] = { "board", &config_board_record, 0 },
	[CONFIG_VIP] = { "vip", &config_vip_record, 0 },
	[CONFIG_RULE] = { "rule", &config_rule_record, 0 },
	[CONFIG_CHECK] = { "check", &config_check_record, 0 },
	[CONFIG_SOURCE] = { "source", &config_source_record, 0 },
	[CONFIG_SOURCE_RULE] = { "source-rule", &config_source_rule_record, 0 },
	[CONFIG_END] = { "end", NULL, 0 },
};
static const struct record config_part_record =
	RECORD_CHOICES("a part of the configuration", input_config, part, config_choices);
RECORD_PART(config, FIELD_GROUP(1, "part", struct input, config, config_part_record));

static const struct field input_fields[] = {
	FIELD(120, "request", struct input, request),
	FIELD(121, "more", struct input, more),
};

#define AT(member) offsetof(struct input, member)

static const struct record_choice input_choices[] = {
	[INPUT_START] = { "start", &start_record, 0 },
	[INPUT_TICK] = { "tick", NULL, 0 },
	[INPUT_LINK] = { "link", &interface_record, AT(link) },
	[INPUT_LINK_GONE] = { "link-gone", &link_gone_record, 0 },
	[INPUT_OBJECT] = { "object", &object_part_record, 0 },
	[INPUT_DUMP_BEGIN] = { "dump-begin", NULL, 0 },
	[INPUT_DUMP_END] = { "dump-end", NULL, 0 },
	[INPUT_LISTENING] = { "listening", &listening_record, 0 },
	[INPUT_PACKET] = { "packet", &packet_record, AT(packet) },
	[INPUT_DONE] = { "done", &done_record, 0 },
	[INPUT_CONFIG] = { "config", &config_record, 0 },
	[INPUT_BOARD] = { "board", &board_record, 0 },
	[INPUT_BIND] = { "bind", &bind_record, 0 },
	[INPUT_UNBIND] = { "unbind", &unbind_record, 0 },
	[INPUT_STOP] = { "stop", &stop_record, 0 },
	[INPUT_SAVED] = { "saved", &saved_part_record, 0 },
	[INPUT_WATCHING] = { "watching", &listening_record, 0 },
	[INPUT_FRAME] = { "frame", &frame_record, AT(frame) },
	[INPUT_PURGE] = { "purge", NULL, 0 },
	[INPUT_DRAIN] = { "drain", &drain_record, 0 },
	[INPUT_COUNTED] = { "counted", &counted_record, 0 },
	[INPUT_CHECKED] = { "checked", &checked_record, 0 },
	[INPUT_SOURCING] = { "sourcing", &listening_record, 0 },
	[INPUT_SOURCE] = { "source", &source_switch_record, AT(source) },
	[INPUT_BFD] = { "bfd", &bfd_record, 0 },
	[INPUT_CLOCK] = { "clock", &clock_record, 0 },
	[INPUT_PROBE] = { "probe", &probe_record, 0 },
	[INPUT_SAVING] = { "saving", &listening_record, 0 },
	[INPUT_SENDING] = { "sending", &listening_record, 0 },
	[INPUT_OPENED] = { "opened", &stream_record, AT(stream) },
	[INPUT_STREAM] = { "stream", &stream_piece_record, AT(piece) },
	[INPUT_CREDIT] = { "credit", &stream_change_record, AT(change) },
	[INPUT_CLOSED] = { "closed", &stream_change_record, AT(change) },
};

const struct record input_record =
	RECORD_CHOICES("an input", struct input, kind, input_choices, .fields = input_fields,
		       .n_fields = ARRAY_LENGTH(input_fields));

size_t input_encode(const struct input *in, uint8_t *bytes)
{
	struct writer w;

	writer_init(&w, bytes, INPUT_BYTES_MAX);
	tagged_encode(&input_record, in, &w);
	assert(writer_ok(&w));
	return w.length;
}

int input_decode(const uint8_t *bytes, size_t length, struct input *ret,
		 struct tagged_losses *losses)
{
	struct input in;
	int r = tagged_decode(&input_record, bytes, length, &in, losses);

	if (r == 0)
		*ret = in;
	return r;
}
