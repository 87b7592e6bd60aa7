/* SPDX-License-Identifier: Apache-2.0 */
#include "guard/message.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "fields/path.h"
#include "fields/tagged.h"
#include "node/boundary.h"
#include "node/will.h"
#include "wire/reader.h"
#include "wire/writer.h"

static const struct field counters_fields[] = {
	FIELD(1, "delay_worst_us", struct guard_counters, delay_worst_us),
	FIELD(2, "delay_sum_us", struct guard_counters, delay_sum_us),
	FIELD_ARRAY(3, "delays", struct guard_counters, delays),
	FIELD(4, "bfd_changes", struct guard_counters, bfd_changes),
	FIELD(5, "probe_changes", struct guard_counters, probe_changes),
	FIELD(6, "bfd_sessions", struct guard_counters, bfd_sessions),
	FIELD(7, "probe_sessions", struct guard_counters, probe_sessions),
	FIELD(8, "bfd_deaf", struct guard_counters, bfd_deaf),
	FIELD_ARRAY(9, "bfd_drops", struct guard_counters, bfd_drops),
	FIELD_ARRAY(10, "probe_drops", struct guard_counters, probe_drops),
	FIELD(11, "echo_changes", struct guard_counters, echo_changes),
	FIELD(12, "echo_tracks", struct guard_counters, echo_tracks),
	FIELD_ARRAY(13, "echo_drops", struct guard_counters, echo_drops),
	FIELD(14, "echo_proofs", struct guard_counters, echo_proofs),
};
static const struct record counters_record =
	RECORD("counters", struct guard_counters, counters_fields);

static const struct field echo_fields[] = {
	FIELD(1, "interval", struct echo_params, interval_us),
	FIELD(2, "multiplier", struct echo_params, multiplier),
	FIELD(3, "source", struct echo_params, source),
};
static const struct record echo_record = RECORD("a track", struct echo_params, echo_fields);

static const struct field message_fields[] = {
	FIELD(1, "grace", struct guard_message, grace, .max = 24 * 3600 * 1000),
	FIELD_GROUP(2, "path", struct guard_message, key, path_record, .flags = FIELD_OR_NONE),
	FIELD_GROUP(3, "bfd", struct guard_message, params, bfd_params_record,
		    .flags = FIELD_OR_NONE),
	FIELD(4, "probe_interval", struct guard_message, probe.interval_us),
	FIELD(5, "probe_multiplier", struct guard_message, probe.multiplier),
	FIELD(6, "state", struct guard_message, state),
	FIELD(7, "remote_state", struct guard_message, remote_state),
	FIELD(8, "diagnostic", struct guard_message, diagnostic),
	FIELD(9, "remote_diagnostic", struct guard_message, remote_diagnostic),
	FIELD_GROUP(10, "counters", struct guard_message, counters, counters_record),
	FIELD_GROUP(11, "echo", struct guard_message, echo, echo_record),
	FIELD_LIST_OF(12, "request", struct guard_message, requests, n_requests,
		      echo_request_record),
	FIELD_LIST_OF(13, "proof", struct guard_message, proofs, n_proofs, echo_proof_record),
};

static bool echo_is_valid(const struct guard_message *m)
{
	switch (m->kind) {
	case GUARD_ECHO_SET:
		return echo_params_check(&m->echo) == 0;
	case GUARD_ECHO_STATE:
		return m->state < ECHO_STATE_COUNT;
	case GUARD_PROVE:
		return m->n_requests > 0;
	case GUARD_PROVED:
		return m->n_proofs > 0;
	default:
		return true;
	}
}

/* What a kind must say; what else it says is of no account. */
static int message_check(const struct guard_message *m)
{
	bool of_bfd = m->kind >= GUARD_BFD_SET && m->kind <= GUARD_BFD_STATE;
	bool of_probe = m->kind >= GUARD_PROBE_SET && m->kind <= GUARD_PROBE_STATE;
	bool of_echo = m->kind >= GUARD_ECHO_SET && m->kind <= GUARD_ECHO_STATE;
	bool valid = !(of_bfd || of_probe || of_echo) || path_is_valid(&m->key);

	if (m->kind == GUARD_BFD_SET)
		valid &= bfd_params_check(&m->params) == 0;
	if (m->kind == GUARD_BFD_STATE)
		valid &= m->state < BFD_STATE_COUNT && m->remote_state < BFD_STATE_COUNT;
	if (m->kind == GUARD_PROBE_SET)
		valid &= probe_params_check(&m->probe) == 0;
	if (m->kind == GUARD_PROBE_STATE)
		valid &= m->state < PROBE_STATE_COUNT;
	return valid && echo_is_valid(m) ? 0 : -EINVAL;
}

static const struct record message_record =
	RECORD("a message", struct guard_message, message_fields);

size_t guard_message_encode(const struct guard_message *m, uint8_t *bytes)
{
	struct writer w;

	writer_init(&w, bytes, GUARD_MESSAGE_BYTES);
	writer_u8(&w, m->kind);
	writer_u8(&w, m->version);
	tagged_encode(&message_record, m, &w);
	assert(writer_ok(&w));
	return w.length;
}

int guard_message_decode(const uint8_t *bytes, size_t length, struct guard_message *ret)
{
	struct guard_message m;

	if (length < 2 || bytes[0] < GUARD_HELLO)
		return -EBADMSG;
	memset(&m, 0, sizeof(m));
	/* What another version says behind its first two bytes is its own affair. */
	if (bytes[1] == GUARD_VERSION &&
	    tagged_decode(&message_record, bytes + 2, length - 2, &m, NULL) < 0)
		return -EBADMSG;
	m.kind = bytes[0];
	m.version = bytes[1];
	/* Not said, or longer than we could wait: none at all would be the end of all VIPs. */
	if (m.kind == GUARD_HELLO && m.grace.ns == 0)
		m.grace = WILL_GRACE_DEFAULT;
	if (m.version == GUARD_VERSION && message_check(&m) < 0)
		return -EBADMSG;
	*ret = m;
	return 0;
}
