/* SPDX-License-Identifier: Apache-2.0 */
#include "node/saved.h"

#include <assert.h>
#include <errno.h>

#include "fields/keychain.h"
#include "node/protocol.h"
#include "wire/writer.h"

static const struct field_word drain_words[] = {
	{ "not", DRAIN_NONE, NULL },
	{ "draining", DRAIN_RUNNING, NULL },
	{ "drained", DRAIN_DONE, NULL },
	{ 0 },
};

static const struct field vip_fields[] = {
	FIELD_GROUP(1, "settings", struct saved_vip, settings, vip_record),
	FIELD(2, "spoken", struct saved_vip, spoken, .max = VIP_METRIC_MAX),
	FIELD(3, "configured", struct saved_vip, configured),
	FIELD(4, "leaving", struct saved_vip, leaving),
	FIELD_WORD(5, "drain", struct saved_vip, drain, drain_words),
	FIELD(6, "drain_until", struct saved_vip, drain_until),
};

static const struct record vip_saved_record = RECORD("a VIP", struct saved_vip, vip_fields);

static int address_check(const void *object, char *sentence, size_t size)
{
	(void)sentence, (void)size;
	return address_is_set(object) ? 0 : -EINVAL;
}

static const struct field address_fields[] = {
	FIELD_WHOLE(1, "address", struct address),
};
static const struct record address_record =
	RECORD("an address", struct address, address_fields, .check = address_check);

typedef char board_name[INTERFACE_NAME_MAX];

static int board_check(const void *object, char *sentence, size_t size)
{
	(void)sentence, (void)size;
	return interface_name_is_valid(object) ? 0 : -EINVAL;
}

static const struct field board_fields[] = {
	FIELD_WHOLE(1, "board", board_name),
};
static const struct record board_record =
	RECORD("a board", board_name, board_fields, .check = board_check);

#define IS(tag, name, member, ...) FIELD(tag, name, struct saved_farewell, is.member, __VA_ARGS__)

static const struct field farewell_fields[] = {
	FIELD(1, "speaker", struct saved_farewell, speaker, .max = SPEAKERS_MAX),
	IS(2, "interface", interface),
	FIELD(3, "protocol", struct saved_farewell, protocol),
	FIELD(4, "beside", struct saved_farewell, beside),
	IS(5, "socket", socket, .max = PACKET_SOCKETS_MAX - 1),
	IS(6, "source", source),
	IS(7, "port", port),
	FIELD_LIST(8, "destinations", struct saved_farewell, is.destinations, is.n_destinations),
	IS(9, "pace", pace),
	FIELD_GROUP(10, "keys", struct saved_farewell, is.keys, keychain_record,
		    .flags = FIELD_UNCHECKED),
	FIELD_WORD(11, "family", struct saved_farewell, is.family, family_words),
	IS(12, "hosts", hosts),
	FIELD_BYTES_COUNTED(13, "head", struct saved_farewell, is.head, is.n_head),
	FIELD_BYTES_COUNTED(14, "entry", struct saved_farewell, is.entry, is.n_entry),
	IS(15, "entries_max", entries_max),
	IS(16, "address_at", address_at),
	IS(17, "mask_at", mask_at),
	IS(18, "length_at", length_at),
	IS(19, "each", each),
	IS(20, "hop_limit", hop_limit),
};

/* What is written over an entry lies in it, and a packet holds them all. */
static bool form_fits(const struct farewell *f)
{
	size_t bytes = family_bytes((enum family)f->family);

	if (f->n_entry == 0)
		return f->n_head > 0;
	return bytes > 0 && f->entries_max > 0 && f->address_at + bytes <= f->n_entry &&
	       f->mask_at + (f->mask_at ? 4u : 0u) <= f->n_entry && f->length_at < f->n_entry &&
	       (f->mask_at == 0 || f->family == FAMILY_IPV4) &&
	       f->n_head + (size_t)f->entries_max * f->n_entry <= PACKET_BYTES_MAX;
}

static int farewell_check(const void *object, char *sentence, size_t size)
{
	const struct farewell *f = &((const struct saved_farewell *)object)->is;

	(void)sentence, (void)size;
	if (!address_is_set(&f->source) || f->n_destinations == 0 || f->pace == 0 || !form_fits(f))
		return -EINVAL;
	for (size_t k = 0; k < f->n_destinations; k++)
		if (f->destinations[k].family != f->source.family)
			return -EINVAL;
	return 0;
}

static const struct record farewell_record =
	RECORD("a good-bye", struct saved_farewell, farewell_fields, .check = farewell_check);

/* The first of the fields above. */
static const struct record mute_record = {
	.what = "who says no good-bye any more",
	.size = sizeof(struct saved_farewell),
	.fields = farewell_fields,
	.n_fields = 2,
};

static const struct record retired_record = { .what = "who is spoken to", .retired = true };

static const struct field sealed_fields[] = {
	FIELD(1, "number", struct saved_sealed, number),
	FIELD(2, "speaker", struct saved_sealed, speaker, .max = SPEAKERS_MAX),
};
static const struct record sealed_record = RECORD("a seal", struct saved_sealed, sealed_fields);

static const struct field sequence_fields[] = {
	FIELD(1, "neighbor", struct saved_sequence, is.neighbor),
	FIELD(2, "key", struct saved_sequence, is.key),
	FIELD(3, "number", struct saved_sequence, is.number),
	FIELD(4, "speaker", struct saved_sequence, speaker, .max = SPEAKERS_MAX),
};

static int sequence_check(const void *object, char *sentence, size_t size)
{
	return address_check(&((const struct saved_sequence *)object)->is.neighbor, sentence, size);
}

static const struct record sequence_record = RECORD("a neighbour's seal", struct saved_sequence,
						    sequence_fields, .check = sequence_check);

static const struct field identity_fields[] = { FIELD_WHOLE(1, "identity", uint32_t, .min = 1,
							    .max = UINT32_MAX - 1) };
static const struct record identity_record = {
	.what = "who this host is",
	.size = sizeof(uint32_t),
	.fields = identity_fields,
	.n_fields = 1,
};

static const struct field note_fields[] = {
	FIELD(1, "speaker", struct saved_note, speaker, .min = 1, .max = SPEAKERS_MAX),
	FIELD_BYTES_COUNTED(2, "bytes", struct saved_note, is.bytes, is.length),
};
static const struct record note_record = RECORD("a note", struct saved_note, note_fields);

static const struct record_choice choices[] = {
	[SAVED_BEGIN] = { "begin", NULL, 0 },
	[SAVED_END] = { "end", NULL, 0 },
	[SAVED_VIP] = { "vip", &vip_saved_record, offsetof(struct saved, vip) },
	[SAVED_GONE] = { "gone", &address_record, offsetof(struct saved, address) },
	[SAVED_UNBOUND] = { "unbound", &address_record, offsetof(struct saved, address) },
	[SAVED_BOARD] = { "board", &board_record, offsetof(struct saved, board) },
	[SAVED_NO_BOARD] = { "no-board", &board_record, offsetof(struct saved, board) },
	[SAVED_SPEAKS] = { "speaks", &retired_record, 0 },
	[SAVED_SILENT] = { "silent", &retired_record, 0 },
	[SAVED_STOPPING] = { "stopping", NULL, 0 },
	[SAVED_SOURCE] = { "source", &source_switch_record, offsetof(struct saved, source) },
	[SAVED_SEALED] = { "sealed", &sealed_record, offsetof(struct saved, sealed) },
	[SAVED_SEQUENCE] = { "sequence", &sequence_record, offsetof(struct saved, sequence) },
	[SAVED_FAREWELL] = { "farewell", &farewell_record, offsetof(struct saved, farewell) },
	[SAVED_MUTE] = { "mute", &mute_record, offsetof(struct saved, farewell) },
	[SAVED_IDENTITY] = { "identity", &identity_record, offsetof(struct saved, identity) },
	[SAVED_NOTE] = { "note", &note_record, offsetof(struct saved, note) },
};

const struct record saved_record = RECORD_CHOICES("a record", struct saved, kind, choices);

size_t saved_encode(const struct saved *s, uint8_t *bytes)
{
	struct writer w;

	writer_init(&w, bytes, SAVED_BYTES_MAX);
	tagged_encode(&saved_record, s, &w);
	assert(writer_ok(&w));
	return w.length;
}

int saved_decode(const uint8_t *bytes, size_t length, unsigned version, struct saved *ret,
		 struct tagged_losses *losses)
{
	struct saved s;
	int r = version < SAVED_VERSION ? saved_old_decode(bytes, length, &s)
					: tagged_decode(&saved_record, bytes, length, &s, losses);

	if (r == 0)
		*ret = s;
	return r;
}
