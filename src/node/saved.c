/* SPDX-License-Identifier: Apache-2.0 */
#include "node/saved.h"

#include <assert.h>
#include <errno.h>

#include "proto/rip/rip.h"
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

static const struct field speaks_fields[] = {
	FIELD(1, "interface", struct saved_speaks, interface),
	FIELD_WORD(2, "family", struct saved_speaks, family, family_words),
	FIELD(3, "source", struct saved_speaks, source),
	FIELD(4, "network", struct saved_speaks, network),
	FIELD(5, "beside", struct saved_speaks, beside),
	FIELD(6, "tag", struct saved_speaks, tag),
	FIELD_GROUP(7, "settings", struct saved_speaks, settings, rip_interface_record),
};

static int speaks_check(const void *object, char *sentence, size_t size)
{
	const struct saved_speaks *s = object;

	(void)sentence, (void)size;
	return s->source.family == s->family && s->network.address.family == s->family &&
			       s->family != FAMILY_NONE
		       ? 0
		       : -EINVAL;
}

static const struct record speaks_record =
	RECORD("who is spoken to", struct saved_speaks, speaks_fields, .check = speaks_check);

static int silent_check(const void *object, char *sentence, size_t size)
{
	(void)sentence, (void)size;
	return ((const struct saved_speaks *)object)->family != FAMILY_NONE ? 0 : -EINVAL;
}

/* The first of the fields above. */
static const struct record silent_record = {
	.what = "who is spoken to no more",
	.size = sizeof(struct saved_speaks),
	.fields = speaks_fields,
	.n_fields = 2,
	.check = silent_check,
};

static const struct field sealed_fields[] = {
	FIELD_WHOLE(1, "number", uint32_t),
};
static const struct record sealed_record = RECORD("a seal", uint32_t, sealed_fields);

static const struct field sequence_fields[] = {
	FIELD(1, "neighbor", struct keychain_sequence, neighbor),
	FIELD(2, "key", struct keychain_sequence, key),
	FIELD(3, "number", struct keychain_sequence, number),
};
static const struct record sequence_record = RECORD("a neighbour's seal", struct keychain_sequence,
						    sequence_fields, .check = address_check);

_Static_assert(offsetof(struct keychain_sequence, neighbor) == 0, "it is checked as an address");

static const struct record_choice choices[] = {
	[SAVED_BEGIN] = { "begin", NULL, 0 },
	[SAVED_END] = { "end", NULL, 0 },
	[SAVED_VIP] = { "vip", &vip_saved_record, offsetof(struct saved, vip) },
	[SAVED_GONE] = { "gone", &address_record, offsetof(struct saved, address) },
	[SAVED_UNBOUND] = { "unbound", &address_record, offsetof(struct saved, address) },
	[SAVED_BOARD] = { "board", &board_record, offsetof(struct saved, board) },
	[SAVED_NO_BOARD] = { "no-board", &board_record, offsetof(struct saved, board) },
	[SAVED_SPEAKS] = { "speaks", &speaks_record, offsetof(struct saved, speaks) },
	[SAVED_SILENT] = { "silent", &silent_record, offsetof(struct saved, speaks) },
	[SAVED_STOPPING] = { "stopping", NULL, 0 },
	[SAVED_SOURCE] = { "source", &source_switch_record, offsetof(struct saved, source) },
	[SAVED_SEALED] = { "sealed", &sealed_record, offsetof(struct saved, sealed) },
	[SAVED_SEQUENCE] = { "sequence", &sequence_record, offsetof(struct saved, sequence) },
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
	int r = version < SAVED_VERSION ? saved_old_decode(bytes, length, version, &s)
					: tagged_decode(&saved_record, bytes, length, &s, losses);

	if (r == 0)
		*ret = s;
	return r;
}
