/* SPDX-License-Identifier: Apache-2.0 */
/* The table of effects: as that of inputs (input.c). */
#include "node/effect.h"

#include <assert.h>
#include <errno.h>

#include "fields/keychain.h"
#include "fields/path.h"
#include "node/records.h"
#include "wire/writer.h"

#define VIP_STATE_WORD(name, text) { text, VIP_STATE_##name, NULL },
static const struct field_word vip_state_words[] = { VIP_STATES(VIP_STATE_WORD){ 0 } };
#undef VIP_STATE_WORD

#define EVENT_KIND_WORD(name, text) { text, EVENT_##name, NULL },
static const struct field_word event_words[] = { EVENT_KINDS(EVENT_KIND_WORD){ 0 } };
#undef EVENT_KIND_WORD

const char *vip_state_name(enum vip_state state)
{
	const char *text = field_word_text(vip_state_words, (uint8_t)state);

	return text ? text : "-";
}

static const struct field event_fields[] = {
	FIELD_WORD(1, "event", struct event, kind, event_words),
	FIELD(2, "vip", struct event, vip),
	FIELD(3, "count", struct event, count),
	FIELD_WORD(4, "from", struct event, from, vip_state_words),
	FIELD_WORD(5, "to", struct event, to, vip_state_words),
	FIELD(6, "age", struct event, age),
	FIELD_NAME(7, "interface", struct event, interface),
	FIELD(8, "neighbor", struct event, neighbor),
	FIELD(9, "reason", struct event, reason),
};
static const struct record event_record = RECORD("an event", struct event, event_fields);

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
	{ 0 },
};

#define OUT(tag, name, member, ...) FIELD(tag, name, struct effect, member, __VA_ARGS__)

RECORD_PART(board, FIELD_NAME(1, "name", struct effect, board.name), OUT(2, "index", board.index));
RECORD_PART(listen, OUT(1, "interface", listen.interface), OUT(2, "speaker", listen.speaker),
	    OUT(3, "protocol", listen.protocol), OUT(4, "on", listen.on),
	    FIELD_GROUP(5, "keys", struct effect, listen.keys, keychain_record,
			.flags = FIELD_UNCHECKED));
RECORD_PART(watch, OUT(1, "interface", watch.interface), OUT(2, "on", watch.on),
	    OUT(3, "all_multicast", watch.all_multicast));
RECORD_PART(saved_part, FIELD_GROUP(1, "record", struct effect, save, saved_record));
RECORD_PART(count, OUT(1, "address", count.address));
RECORD_PART(check_part, OUT(1, "run", check.run), OUT(2, "off", check.off),
	    FIELD_GROUP(3, "check", struct effect, check.settings, check_record,
			.flags = FIELD_UNCHECKED));

/* Of a session that is to end nobody asks how it was. */
static int bfd_check(const void *object, char *sentence, size_t size)
{
	const struct effect *e = object;

	(void)sentence, (void)size;
	return e->bfd.remove ? 0 : bfd_params_check(&e->bfd.params);
}

RECORD_PART_CHECKED(bfd, bfd_check, OUT(1, "remove", bfd.remove),
		    FIELD_GROUP(2, "path", struct effect, bfd.key, path_record),
		    FIELD_GROUP(3, "params", struct effect, bfd.params, bfd_params_record,
				.flags = FIELD_OR_NONE),
		    FIELD_GROUP(4, "auth", struct effect, bfd.auth, bfd_auth_record,
				.flags = FIELD_OR_NONE));

RECORD_PART(probe, OUT(1, "remove", probe.remove),
	    FIELD_GROUP(2, "path", struct effect, probe.path, path_record),
	    FIELD_INTERVAL(3, "interval", struct effect, probe.params.interval_us),
	    OUT(4, "multiplier", probe.params.multiplier));
RECORD_PART(reply, OUT(1, "request", reply.request),
	    FIELD_WORD(2, "code", struct effect, reply.code, reply_words),
	    OUT(3, "acted", reply.acted), OUT(4, "sentence", reply.sentence));

static const struct field effect_fields[] = {
	FIELD(120, "id", struct effect, id),
};

#define AT(member) offsetof(struct effect, member)

static const struct record_choice effect_choices[] = {
	[EFFECT_BOARD_ADD] = { "board-add", &board_record, 0 },
	[EFFECT_BOARD_UP] = { "board-up", &board_record, 0 },
	[EFFECT_BOARD_REMOVE] = { "board-remove", &board_record, 0 },
	[EFFECT_OBJECT_ADD] = { "object-add", &object_record, AT(object) },
	[EFFECT_OBJECT_REMOVE] = { "object-remove", &object_record, AT(object) },
	[EFFECT_RESYNC] = { "resync", NULL, 0 },
	[EFFECT_LISTEN] = { "listen", &listen_record, 0 },
	[EFFECT_SEND] = { "send", &packet_record, AT(send) },
	[EFFECT_EVENT] = { "event", &event_record, AT(event) },
	[EFFECT_REPLY] = { "reply", &reply_record, 0 },
	[EFFECT_STOPPED] = { "stopped", NULL, 0 },
	[EFFECT_WATCH] = { "watch", &watch_record, 0 },
	[EFFECT_FRAME] = { "frame", &frame_record, AT(frame) },
	[EFFECT_SAVE] = { "save", &saved_part_record, 0 },
	[EFFECT_COUNT] = { "count", &count_record, 0 },
	[EFFECT_CHECK] = { "check", &check_part_record, 0 },
	[EFFECT_SOURCE] = { "source", &source_part_record, AT(source) },
	[EFFECT_BFD] = { "bfd", &bfd_record, 0 },
	[EFFECT_PROBE] = { "probe", &probe_record, 0 },
	[EFFECT_OPEN] = { "open", &stream_record, AT(stream) },
	[EFFECT_STREAM] = { "stream", &stream_piece_record, AT(piece) },
	[EFFECT_CLOSE] = { "close", &stream_change_record, AT(change) },
};

const struct record effect_record =
	RECORD_CHOICES("an effect", struct effect, kind, effect_choices, .fields = effect_fields,
		       .n_fields = ARRAY_LENGTH(effect_fields));

size_t effect_encode(const struct effect *e, uint8_t *bytes)
{
	struct writer w;

	writer_init(&w, bytes, EFFECT_BYTES_MAX);
	tagged_encode(&effect_record, e, &w);
	assert(writer_ok(&w));
	return w.length;
}

int effect_decode(const uint8_t *bytes, size_t length, struct effect *ret,
		  struct tagged_losses *losses)
{
	return tagged_decode(&effect_record, bytes, length, ret, losses);
}
