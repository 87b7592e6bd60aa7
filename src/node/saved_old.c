/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The records of the layouts 3 to 6, which had no tags: each field in its place, numbers in network
 * byte order, texts with their length in front. Nobody writes them any more.
 */
#include <errno.h>
#include <string.h>

#include "node/saved.h"
#include "wire/reader.h"

/* Latches failure when a value is not what it may be. */
static void must(struct reader *r, bool valid)
{
	r->failed |= !valid;
}

static bool old_bool(struct reader *r)
{
	uint8_t value = reader_u8(r);

	must(r, value <= 1);
	return value == 1;
}

#define OLD_METRIC_MAX 15 /* there was RIP alone */

static uint8_t old_number(struct reader *r, uint8_t low, uint8_t high)
{
	uint8_t value = reader_u8(r);

	must(r, value >= low && value <= high);
	return value;
}

static void old_text(struct reader *r, char *text, size_t size)
{
	uint8_t length = reader_u8(r);

	must(r, length < size);
	if (!reader_ok(r))
		return;
	/* Behind it nothing may be left of a default that is longer. */
	memset(text, 0, size);
	reader_copy(r, text, length);
	must(r, memchr(text, 0, length) == NULL);
}

static void old_address(struct reader *r, struct address *a)
{
	a->family = reader_u8(r);
	must(r, a->family == FAMILY_NONE || family_bits((enum family)a->family) > 0);
	if (reader_ok(r))
		reader_copy(r, a->bytes, family_bytes((enum family)a->family));
}

static void old_length(struct reader *r, const struct address *a, uint8_t *length)
{
	*length = old_number(r, 0, family_bits((enum family)a->family));
}

static void old_vip(struct reader *r, struct saved_vip *v)
{
	struct vip_settings *s = &v->settings;

	/* What nobody could say then is as it is by default. */
	vip_settings_default(s);
	old_address(r, &s->address);
	old_length(r, &s->address, &s->length);
	old_text(r, s->board, sizeof(s->board));
	s->announce = old_bool(r);
	s->metric = reader_u8(r);
	s->hold = old_number(r, VIP_HOLD_AUTO, VIP_HOLD_ROUTE);
	s->arp = old_number(r, VIP_ARP_SILENT, VIP_ARP_ANSWER);
	s->conflict = old_number(r, VIP_CONFLICT_REFUSE, VIP_CONFLICT_TAKE);
	s->source = old_bool(r);
	old_text(r, s->check, sizeof(s->check));
	old_text(r, s->label, sizeof(s->label));
	must(r, vip_settings_check(s, NULL, 0) == 0);
	v->spoken = old_number(r, 0, OLD_METRIC_MAX);
	v->configured = old_bool(r);
	v->leaving = old_bool(r);
	v->drain = old_number(r, DRAIN_NONE, DRAIN_DONE);
	v->drain_until.ns = (int64_t)reader_u64(r);
}

static void old_record(struct reader *r, struct saved *s)
{
	s->kind = old_number(r, SAVED_BEGIN, SAVED_SEQUENCE);
	switch ((enum saved_kind)s->kind) {
	case SAVED_VIP:
		old_vip(r, &s->vip);
		break;
	case SAVED_GONE:
	case SAVED_UNBOUND:
		old_address(r, &s->address);
		must(r, address_is_set(&s->address));
		break;
	case SAVED_BOARD:
	case SAVED_NO_BOARD:
		old_text(r, s->board, sizeof(s->board));
		must(r, interface_name_is_valid(s->board));
		break;
	case SAVED_SPEAKS:
	case SAVED_SILENT:
		(void)reader_take(r, reader_left(r));
		break;
	case SAVED_SOURCE:
		s->source.mode = old_number(r, SOURCE_MODE_UNSET, SOURCE_MODE_AUTO);
		old_text(r, s->source.interface, sizeof(s->source.interface));
		break;
	case SAVED_SEALED:
		s->sealed.number = reader_u32(r);
		break;
	case SAVED_SEQUENCE:
		old_address(r, &s->sequence.is.neighbor);
		must(r, address_is_set(&s->sequence.is.neighbor));
		s->sequence.is.key = reader_u8(r);
		s->sequence.is.number = reader_u32(r);
		break;
	case SAVED_BEGIN:
	case SAVED_END:
	case SAVED_STOPPING:
	case SAVED_FAREWELL:
	case SAVED_MUTE:
	case SAVED_IDENTITY:
	case SAVED_NOTE:
		break;
	}
}

int saved_old_decode(const uint8_t *bytes, size_t length, struct saved *ret)
{
	struct reader r;

	memset(ret, 0, sizeof(*ret));
	reader_init(&r, bytes, length);
	old_record(&r, ret);
	return reader_ok(&r) && reader_left(&r) == 0 ? 0 : -EBADMSG;
}
