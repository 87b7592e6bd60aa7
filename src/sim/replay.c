/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/replay.h"

#include <errno.h>
#include <string.h>

#include "node/node.h"
#include "node/trace.h"
#include "sim/print.h"

struct replay {
	struct node *node;
	FILE *to; /* NULL: nobody listens */
	bool print;
	struct instant first; /* of the first record: times are told from there */
	struct replay_result *result;
};

static double seconds(const struct replay *r, struct instant at)
{
	return ((double)at.ns - (double)r->first.ns) / 1e9;
}

/* Byte regions of an encoded effect; what lies behind them depends on its kind. */
static const char *region(size_t offset)
{
	return offset == 0 ? "the kind" : "the body";
}

static size_t bytes_differ(const uint8_t *a, size_t a_length, const uint8_t *b, size_t b_length)
{
	size_t i = 0;

	while (i < a_length && i < b_length && a[i] == b[i])
		i++;
	return i;
}

static void tell_bytes(const struct replay *r, const char *whose, const uint8_t *bytes,
		       size_t length, size_t offset)
{
	fprintf(r->to, "  %-8s from byte %zu of %zu:", whose, offset, length);
	for (size_t i = offset; i < length && i < offset + 16; i++)
		fprintf(r->to, " %02x", bytes[i]);
	fprintf(r->to, "\n");
}

/* Both lines, and a mark under the first letter that is not the same. */
static void tell_lines(const struct replay *r, const char *recorded, const char *replayed)
{
	size_t same = 0;

	while (recorded[same] && recorded[same] == replayed[same])
		same++;
	fprintf(r->to, "  recorded %s\n  replayed %s\n", recorded, replayed);
	if (recorded[same] || replayed[same])
		fprintf(r->to, "  %*s^\n", (int)(same + sizeof("recorded")), "");
	else
		fprintf(r->to,
			"  the lines are the same: the difference is in what they leave out\n");
}

static void tell_difference(const struct replay *r, const struct trace_header *h,
			    const uint8_t *recorded, const struct effect *replayed)
{
	char line[2][PRINT_LINE_MAX];
	uint8_t bytes[EFFECT_BYTES_MAX];
	struct effect e;
	size_t length, offset;

	if (!r->to)
		return;
	fprintf(r->to, "%12.6f the first difference:\n", seconds(r, h->at));
	if (effect_decode(recorded, h->length, &e, NULL) == 0)
		print_effect(&e, line[0], sizeof(line[0]));
	else
		snprintf(line[0], sizeof(line[0]), "an effect that this version cannot read");
	if (!replayed) {
		fprintf(r->to, "  recorded %s\n  replayed nothing: the node wants nothing more\n",
			line[0]);
		return;
	}
	print_effect(replayed, line[1], sizeof(line[1]));
	tell_lines(r, line[0], line[1]);
	length = effect_encode(replayed, bytes);
	offset = bytes_differ(recorded, h->length, bytes, length);
	fprintf(r->to, "  they differ in %s:\n", region(offset));
	tell_bytes(r, "recorded", recorded, h->length, offset);
	tell_bytes(r, "replayed", bytes, length, offset);
}

static void tell_effect(const struct replay *r, const struct trace_header *h,
			const struct effect *e)
{
	char line[PRINT_LINE_MAX];

	if (!r->print || !r->to)
		return;
	print_effect(e, line, sizeof(line));
	fprintf(r->to, "%12.6f < %s\n", seconds(r, h->at), line);
}

static enum replay_outcome replay_input(struct replay *r, const struct trace_header *h,
					const uint8_t *bytes)
{
	char line[PRINT_LINE_MAX];
	struct effect e;
	struct input in;
	int error;

	error = input_decode(bytes, h->length, &in, &r->result->losses);
	/* Another version knows more kinds: time passes, and nothing else happens. */
	if (error == -ENOENT) {
		r->result->unknown++;
		in = (struct input){ 0 };
	} else if (error) {
		return REPLAY_MALFORMED;
	}
	if (r->print && r->to && !error) {
		print_input(&in, line, sizeof(line));
		fprintf(r->to, "%12.6f > %s\n", seconds(r, h->at), line);
	}
	node_input(r->node, h->at, &in);
	for (; r->result->only_inputs && node_effect(r->node, h->at, &e); r->result->effects++)
		tell_effect(r, h, &e);
	return REPLAY_SAME;
}

static enum replay_outcome replay_effect(struct replay *r, const struct trace_header *h,
					 const uint8_t *recorded)
{
	struct effect e, wanted;
	int error = effect_decode(recorded, h->length, &wanted, &r->result->losses);

	/* Another version wants more of the world than this one knows. */
	if (error == -ENOENT) {
		r->result->unknown++;
		return REPLAY_SAME;
	}
	if (!node_effect(r->node, h->at, &e)) {
		tell_difference(r, h, recorded, NULL);
		return REPLAY_DIFFERENT;
	}
	if (error || !record_equal(&effect_record, &e, &wanted)) {
		tell_difference(r, h, recorded, &e);
		return REPLAY_DIFFERENT;
	}
	tell_effect(r, h, &e);
	return REPLAY_SAME;
}

/* All records but one that is not whole, which can only be the last. */
static enum replay_outcome replay_records(struct replay *r, const uint8_t *bytes, size_t length,
					  struct replay_result *ret)
{
	enum replay_outcome outcome = REPLAY_SAME;
	size_t at = TRACE_MAGIC_BYTES;

	while (outcome == REPLAY_SAME && length - at >= TRACE_HEADER_BYTES) {
		struct trace_header h;

		ret->at = at;
		if (trace_header_decode(bytes + at, TRACE_HEADER_BYTES, &h) < 0)
			return REPLAY_MALFORMED;
		if (at == TRACE_MAGIC_BYTES)
			r->first = h.at;
		if (length - at - TRACE_HEADER_BYTES < h.length)
			break;
		at += TRACE_HEADER_BYTES;
		if (h.kind == TRACE_INPUT)
			outcome = replay_input(r, &h, bytes + at);
		else
			outcome = replay_effect(r, &h, bytes + at);
		if (outcome != REPLAY_SAME)
			return outcome;
		ret->inputs += h.kind == TRACE_INPUT;
		ret->effects += h.kind == TRACE_EFFECT;
		at += h.length;
	}
	ret->cut = length - at;
	return REPLAY_SAME;
}

/* A trace that was brought here from a layout without tags has its inputs alone. */
static bool has_effects(const uint8_t *bytes, size_t length)
{
	size_t at = TRACE_MAGIC_BYTES;
	struct trace_header h;

	while (length - at >= TRACE_HEADER_BYTES &&
	       trace_header_decode(bytes + at, TRACE_HEADER_BYTES, &h) == 0 &&
	       length - at - TRACE_HEADER_BYTES >= h.length) {
		if (h.kind == TRACE_EFFECT)
			return true;
		at += TRACE_HEADER_BYTES + h.length;
	}
	return false;
}

enum replay_outcome replay_run(const uint8_t *bytes, size_t length, bool print, FILE *to,
			       struct replay_result *ret)
{
	struct replay r = { .to = to, .print = print, .result = ret };
	enum replay_outcome outcome;

	*ret = (struct replay_result){ 0 };
	if (length < TRACE_MAGIC_BYTES || memcmp(bytes, TRACE_MAGIC, TRACE_MAGIC_BYTES) != 0)
		return REPLAY_MALFORMED;
	ret->only_inputs = !has_effects(bytes, length);
	r.node = node_new();
	if (!r.node)
		return REPLAY_NO_MEMORY;
	outcome = replay_records(&r, bytes, length, ret);
	node_free(r.node);
	return outcome;
}
