/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All kinds of inputs and effects: what each is called, what it says, and who in the node hears it.
 * Their bytes, the lines of a trace and what a fuzzer makes of them come from these tables.
 */
#include "node/boundary.h"

#include <assert.h>
#include <errno.h>

#include "fields/keychain.h"
#include "fields/path.h"
#include "node/command.h"
#include "node/node.h"
#include "node/protocol.h"
#include "node/save.h"
#include "node/vip/vip.h"
#include "wire/writer.h"

#define IN(tag, name, member, ...) FIELD(tag, name, struct input, member, __VA_ARGS__)

RECORD_PART(in_start, IN(1, "seed", start.seed));
RECORD_PART(in_clock, IN(1, "wall", clock.wall, .min = -KEYCHAIN_WALL_MAX_S * 1000,
			 .max = KEYCHAIN_WALL_MAX_S * 1000));
RECORD_PART(in_link_gone, IN(1, "index", link_gone.index));
RECORD_PART(in_object, IN(1, "present", object.present),
	    FIELD_GROUP(2, "object", struct input, object.object, object_record));
RECORD_PART(in_listening, IN(1, "interface", listening.interface),
	    IN(2, "speaker", listening.speaker), IN(3, "ready", listening.ready),
	    IN(4, "error", listening.error), IN(5, "secrets", listening.secrets));
RECORD_PART(in_done, IN(1, "first", done.first), IN(2, "count", done.count),
	    IN(3, "error", done.error), IN(4, "text", done.text));
RECORD_PART(in_board, IN(1, "remove", board.remove),
	    FIELD_NAME(2, "name", struct input, board.name));
RECORD_PART(in_bind,
	    FIELD_GROUP(1, "vip", struct input, bind, vip_record, .flags = FIELD_UNCHECKED));
RECORD_PART(in_unbind, IN(1, "address", unbind.address), IN(2, "now", unbind.now));
RECORD_PART(in_drain, IN(1, "address", drain.address), IN(2, "on", drain.on),
	    IN(3, "time", drain.time, .max = 7 * 86400 * 1000));
RECORD_PART(in_prove, IN(1, "address", prove.address), IN(2, "neighbor", prove.neighbor));
RECORD_PART(in_counted, IN(1, "address", counted.address), IN(2, "known", counted.known),
	    IN(3, "connections", counted.connections));
RECORD_PART(in_checked, IN(1, "run", checked.run), IN(2, "passed", checked.passed),
	    IN(3, "text", checked.text));
RECORD_PART(in_saved, FIELD_GROUP(1, "record", struct input, saved, saved_record));
RECORD_PART(in_stop, IN(1, "hand_over", stop.hand_over));

RECORD_PART(in_bfd, FIELD_GROUP(1, "path", struct input, bfd.key, path_record),
	    IN(2, "known", bfd.known), IN(3, "state", bfd.state, .max = BFD_STATE_UP),
	    IN(4, "remote_state", bfd.remote_state, .max = BFD_STATE_UP),
	    IN(5, "diagnostic", bfd.diagnostic), IN(6, "remote_diagnostic", bfd.remote_diagnostic));

RECORD_PART(in_probe, FIELD_GROUP(1, "path", struct input, probe.key, path_record),
	    IN(2, "known", probe.known), IN(3, "state", probe.state, .max = PROBE_STATE_DOWN));

RECORD_PART(in_echo, FIELD_GROUP(1, "path", struct input, echo.key, path_record),
	    IN(2, "known", echo.known), IN(3, "state", echo.state, .max = ECHO_STATE_DOWN));
RECORD_PART(in_proved, FIELD_GROUP(1, "proof", struct input, proved, echo_proof_record));

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

RECORD_PART(config_proof, FIELD(1, "forwarding", input_config, proof));

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
	[CONFIG_PROOF] = { "proof", &config_proof_record, 0 },
};
static const struct record config_part_record =
	RECORD_CHOICES("a part of the configuration", input_config, part, config_choices);
RECORD_PART(in_config, FIELD_GROUP(1, "part", struct input, config, config_part_record));

static const struct field input_fields[] = {
	FIELD(120, "request", struct input, request),
	FIELD(121, "more", struct input, more),
};

#define AT(member) offsetof(struct input, member)

static const struct record_choice input_choices[] = {
	[INPUT_START] = { "start", &in_start_record, 0 },
	[INPUT_TICK] = { "tick", NULL, 0 },
	[INPUT_LINK] = { "link", &interface_record, AT(link) },
	[INPUT_LINK_GONE] = { "link-gone", &in_link_gone_record, 0 },
	[INPUT_OBJECT] = { "object", &in_object_record, 0 },
	[INPUT_DUMP_BEGIN] = { "dump-begin", NULL, 0 },
	[INPUT_DUMP_END] = { "dump-end", NULL, 0 },
	[INPUT_LISTENING] = { "listening", &in_listening_record, 0 },
	[INPUT_PACKET] = { "packet", &packet_record, AT(packet) },
	[INPUT_DONE] = { "done", &in_done_record, 0 },
	[INPUT_CONFIG] = { "config", &in_config_record, 0 },
	[INPUT_BOARD] = { "board", &in_board_record, 0 },
	[INPUT_BIND] = { "bind", &in_bind_record, 0 },
	[INPUT_UNBIND] = { "unbind", &in_unbind_record, 0 },
	[INPUT_STOP] = { "stop", &in_stop_record, 0 },
	[INPUT_SAVED] = { "saved", &in_saved_record, 0 },
	[INPUT_WATCHING] = { "watching", &in_listening_record, 0 },
	[INPUT_FRAME] = { "frame", &frame_record, AT(frame) },
	[INPUT_PURGE] = { "purge", NULL, 0 },
	[INPUT_DRAIN] = { "drain", &in_drain_record, 0 },
	[INPUT_COUNTED] = { "counted", &in_counted_record, 0 },
	[INPUT_CHECKED] = { "checked", &in_checked_record, 0 },
	[INPUT_SOURCING] = { "sourcing", &in_listening_record, 0 },
	[INPUT_SOURCE] = { "source", &source_switch_record, AT(source) },
	[INPUT_BFD] = { "bfd", &in_bfd_record, 0 },
	[INPUT_CLOCK] = { "clock", &in_clock_record, 0 },
	[INPUT_PROBE] = { "probe", &in_probe_record, 0 },
	[INPUT_ECHO] = { "echo", &in_echo_record, 0 },
	[INPUT_SAVING] = { "saving", &in_listening_record, 0 },
	[INPUT_SENDING] = { "sending", &in_listening_record, 0 },
	[INPUT_OPENED] = { "opened", &stream_record, AT(stream) },
	[INPUT_STREAM] = { "stream", &stream_piece_record, AT(piece) },
	[INPUT_CREDIT] = { "credit", &stream_change_record, AT(change) },
	[INPUT_CLOSED] = { "closed", &stream_change_record, AT(change) },
	[INPUT_PROVED] = { "proved", &in_proved_record, 0 },
	[INPUT_PROVE] = { "prove", &in_prove_record, 0 },
};

const struct record input_record =
	RECORD_CHOICES("an input", struct input, kind, input_choices, .fields = input_fields,
		       .n_fields = ARRAY_LENGTH(input_fields));

#undef AT

static const struct field_word part_words[] = {
	{ "rule", SOURCE_RULE, NULL },
	{ "interface", SOURCE_INTERFACE, NULL },
	{ "end", SOURCE_END, NULL },
	{ 0 },
};

static int part_check(const void *object, char *sentence, size_t size)
{
	const struct source_policy_part *p = object;

	if (p->part == SOURCE_RULE)
		return source_rule_check(&p->rule, sentence, size);
	return p->part != 0 ? 0 : -EINVAL;
}

static const struct field source_fields[] = {
	FIELD_WORD(1, "part", struct source_policy_part, part, part_words),
	FIELD_GROUP(2, "rule", struct source_policy_part, rule, source_rule_record,
		    .flags = FIELD_OR_NONE),
	FIELD(3, "interface", struct source_policy_part, interface),
	FIELD_ARRAY(4, "first", struct source_policy_part, first),
};
static const struct record source_part_record = RECORD(
	"a part of the policy", struct source_policy_part, source_fields, .check = part_check);

static const struct field_word reply_words[] = {
	{ "ok", REPLY_OK, NULL },
	{ "refused", REPLY_REFUSED, NULL },
	{ "not-found", REPLY_NOT_FOUND, NULL },
	{ "failed", REPLY_FAILED, NULL },
	{ "unsaved", REPLY_UNSAVED, NULL },
	{ "part", REPLY_PART, NULL },
	{ 0 },
};

#define OUT(tag, name, member, ...) FIELD(tag, name, struct effect, member, __VA_ARGS__)

RECORD_PART(out_board, FIELD_NAME(1, "name", struct effect, board.name),
	    OUT(2, "index", board.index));
RECORD_PART(out_listen, OUT(1, "interface", listen.interface), OUT(2, "speaker", listen.speaker),
	    OUT(3, "protocol", listen.protocol), OUT(4, "on", listen.on),
	    FIELD_GROUP(5, "keys", struct effect, listen.keys, keychain_record,
			.flags = FIELD_UNCHECKED));
RECORD_PART(out_watch, OUT(1, "interface", watch.interface), OUT(2, "on", watch.on),
	    OUT(3, "all_multicast", watch.all_multicast));
RECORD_PART(out_saved, FIELD_GROUP(1, "record", struct effect, save, saved_record));
RECORD_PART(out_count, OUT(1, "address", count.address));
RECORD_PART(out_check, OUT(1, "run", check.run), OUT(2, "off", check.off),
	    FIELD_GROUP(3, "check", struct effect, check.settings, check_record,
			.flags = FIELD_UNCHECKED));

/* Of a session that is to end nobody asks how it was. */
static int bfd_check(const void *object, char *sentence, size_t size)
{
	const struct effect *e = object;

	(void)sentence, (void)size;
	return e->bfd.remove ? 0 : bfd_params_check(&e->bfd.params);
}

RECORD_PART_CHECKED(out_bfd, bfd_check, OUT(1, "remove", bfd.remove),
		    FIELD_GROUP(2, "path", struct effect, bfd.key, path_record),
		    FIELD_GROUP(3, "params", struct effect, bfd.params, bfd_params_record,
				.flags = FIELD_OR_NONE),
		    FIELD_GROUP(4, "auth", struct effect, bfd.auth, bfd_auth_record,
				.flags = FIELD_OR_NONE));

RECORD_PART(out_probe, OUT(1, "remove", probe.remove),
	    FIELD_GROUP(2, "path", struct effect, probe.path, path_record),
	    FIELD_INTERVAL(3, "interval", struct effect, probe.params.interval_us),
	    OUT(4, "multiplier", probe.params.multiplier));
RECORD_PART(out_echo, OUT(1, "remove", echo.remove),
	    FIELD_GROUP(2, "path", struct effect, echo.path, path_record),
	    FIELD_INTERVAL(3, "interval", struct effect, echo.params.interval_us),
	    OUT(4, "multiplier", echo.params.multiplier), OUT(5, "source", echo.params.source));
RECORD_PART(out_prove, FIELD_GROUP(1, "request", struct effect, prove, echo_request_record));
RECORD_PART(out_reply, OUT(1, "request", reply.request),
	    FIELD_WORD(2, "code", struct effect, reply.code, reply_words),
	    OUT(3, "acted", reply.acted), OUT(4, "sentence", reply.sentence));

static const struct field effect_fields[] = {
	FIELD(120, "id", struct effect, id),
};

#define AT(member) offsetof(struct effect, member)

static const struct record_choice effect_choices[] = {
	[EFFECT_BOARD_ADD] = { "board-add", &out_board_record, 0 },
	[EFFECT_BOARD_UP] = { "board-up", &out_board_record, 0 },
	[EFFECT_BOARD_REMOVE] = { "board-remove", &out_board_record, 0 },
	[EFFECT_OBJECT_ADD] = { "object-add", &object_record, AT(object) },
	[EFFECT_OBJECT_REMOVE] = { "object-remove", &object_record, AT(object) },
	[EFFECT_RESYNC] = { "resync", NULL, 0 },
	[EFFECT_LISTEN] = { "listen", &out_listen_record, 0 },
	[EFFECT_SEND] = { "send", &packet_record, AT(send) },
	[EFFECT_EVENT] = { "event", &event_record, AT(event) },
	[EFFECT_REPLY] = { "reply", &out_reply_record, 0 },
	[EFFECT_STOPPED] = { "stopped", NULL, 0 },
	[EFFECT_WATCH] = { "watch", &out_watch_record, 0 },
	[EFFECT_FRAME] = { "frame", &frame_record, AT(frame) },
	[EFFECT_SAVE] = { "save", &out_saved_record, 0 },
	[EFFECT_COUNT] = { "count", &out_count_record, 0 },
	[EFFECT_CHECK] = { "check", &out_check_record, 0 },
	[EFFECT_SOURCE] = { "source", &source_part_record, AT(source) },
	[EFFECT_BFD] = { "bfd", &out_bfd_record, 0 },
	[EFFECT_PROBE] = { "probe", &out_probe_record, 0 },
	[EFFECT_OPEN] = { "open", &stream_record, AT(stream) },
	[EFFECT_STREAM] = { "stream", &stream_piece_record, AT(piece) },
	[EFFECT_ECHO] = { "echo", &out_echo_record, 0 },
	[EFFECT_CLOSE] = { "close", &stream_change_record, AT(change) },
	[EFFECT_PROVE] = { "prove", &out_prove_record, 0 },
};

const struct record effect_record =
	RECORD_CHOICES("an effect", struct effect, kind, effect_choices, .fields = effect_fields,
		       .n_fields = ARRAY_LENGTH(effect_fields));

#undef AT

static size_t encode(const struct record *r, const void *object, uint8_t *bytes, size_t size)
{
	struct writer w;

	writer_init(&w, bytes, size);
	tagged_encode(r, object, &w);
	assert(writer_ok(&w));
	return w.length;
}

size_t input_encode(const struct input *in, uint8_t *bytes)
{
	return encode(&input_record, in, bytes, INPUT_BYTES_MAX);
}

size_t effect_encode(const struct effect *e, uint8_t *bytes)
{
	return encode(&effect_record, e, bytes, EFFECT_BYTES_MAX);
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

int effect_decode(const uint8_t *bytes, size_t length, struct effect *ret,
		  struct tagged_losses *losses)
{
	return tagged_decode(&effect_record, bytes, length, ret, losses);
}

static void node_object(struct node *n, const struct input *in)
{
	const struct object *o = &in->object.object;

	if (o->kind == OBJECT_ADDRESS)
		link_address(n, o, in->object.present);
	slot_observed(n, o, in->object.present);
}

static void node_done(struct node *n, const struct input *in)
{
	uint32_t count = in->done.count;

	/* More than is on its way cannot be meant: a trace may say anything. */
	if (count > n->next_id - in->done.first)
		count = n->next_id - in->done.first;
	for (uint32_t i = 0; i < count; i++)
		slot_done(n, in->done.first + i, in->done.error, in->done.text);
}

static void node_dispatch(struct node *n, const struct input *in)
{
	switch ((enum input_kind)in->kind) {
	case INPUT_START:
		node_start(n, in->start.seed);
		break;
	case INPUT_TICK:
		node_tick(n);
		break;
	case INPUT_CLOCK:
		speakers_clock(n, in->clock.wall);
		break;
	case INPUT_LINK:
		link_seen(n, &in->link);
		break;
	case INPUT_LINK_GONE:
		link_vanished(n, in->link_gone.index);
		break;
	case INPUT_OBJECT:
		node_object(n, in);
		break;
	case INPUT_DUMP_BEGIN:
		node_dump_begin(n);
		break;
	case INPUT_DUMP_END:
		node_dump_end(n);
		break;
	case INPUT_LISTENING:
		link_listening(n, in);
		break;
	case INPUT_SENDING:
		link_sending(n, in);
		break;
	case INPUT_PACKET:
	case INPUT_OPENED:
	case INPUT_STREAM:
	case INPUT_CREDIT:
	case INPUT_CLOSED:
		speakers_input(n, in);
		break;
	case INPUT_DONE:
		node_done(n, in);
		break;
	case INPUT_CONFIG:
		apply_config(n, in);
		break;
	case INPUT_BOARD:
		command_board(n, in);
		break;
	case INPUT_BIND:
		command_bind(n, in);
		break;
	case INPUT_UNBIND:
		command_unbind(n, in);
		break;
	case INPUT_STOP:
		command_stop(n, in->stop.hand_over);
		break;
	case INPUT_PURGE:
		command_purge(n, in->request);
		break;
	case INPUT_SAVED:
		save_restore(n, &in->saved);
		break;
	case INPUT_WATCHING:
		claim_watching(n, in);
		break;
	case INPUT_DRAIN:
		command_drain(n, in);
		break;
	case INPUT_CHECKED:
		check_answered(n, in);
		binding_hear_checks(n);
		break;
	case INPUT_COUNTED:
		drain_counted(n, in);
		break;
	case INPUT_SOURCING:
		source_sourcing(n, in);
		break;
	case INPUT_SOURCE:
		source_command(n, in);
		break;
	case INPUT_BFD:
		watch_observed(n, WATCH_BFD, in);
		break;
	case INPUT_SAVING:
		save_outcome(n, in);
		break;
	case INPUT_PROBE:
		watch_observed(n, WATCH_PROBE, in);
		break;
	case INPUT_ECHO:
		watch_observed(n, WATCH_ECHO, in);
		proving_watched(n);
		break;
	case INPUT_PROVED:
		proving_answered(n, in);
		break;
	case INPUT_PROVE:
		asked_command(n, in);
		break;
	case INPUT_FRAME:
		acd_input(n->vips->acd, n->now, &in->frame);
		break;
	}
}

void node_input(struct node *n, struct instant now, const struct input *in)
{
	n->now = instant_max(n->now, now);
	n->inputs++;
	node_dispatch(n, in);
	/* Of a request that comes in parts nothing follows before the last. */
	if (!in->more)
		node_settle(n);
}
