/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Golden test of the state file: a file of each layout of its records that was released, as a vipd
 * of that time wrote it, is read as it was meant. A field that is new has its default in all of
 * them, so a sample never says anything of it; a kind that is new is sampled behind the end,
 * and what nobody writes any more stays in the files: --rewrite knows nothing of that.
 *
 *	state_golden FOLDER		compares
 *	state_golden --rewrite FOLDER	writes the file of the newest layout; never one that was
 *					released
 *
 * The files are text: the header's version, then a record in each line, in hexadecimal.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/container.h"
#include "base/text.h"
#include "node/saved.h"
#include "node/protocol.h"

#define SAMPLES_MAX 32
#define LINE_MAX_BYTES (2 * SAVED_BYTES_MAX + 2)

struct samples {
	struct saved list[SAMPLES_MAX];
	unsigned since[SAMPLES_MAX]; /* the layout that it came with */
	size_t count;
};

static struct saved *sample(struct samples *s, enum saved_kind kind, unsigned since)
{
	struct saved *new = &s->list[s->count];

	s->since[s->count++] = since;
	memset(new, 0, sizeof(*new));
	new->kind = (uint8_t)kind;
	return new;
}

static struct address address(const char *text)
{
	struct address a = { 0 };

	if (address_parse(text, &a) < 0)
		abort();
	return a;
}

/* Every field has a value of its own, none that a field has when nobody sets it. */
static void sample_vip(struct samples *s, const char *of, uint8_t length)
{
	struct saved *r = sample(s, SAVED_VIP, 3);
	struct vip_settings *v = &r->vip.settings;

	vip_settings_default(v);
	v->address = address(of);
	v->length = length;
	text_copy(v->board, sizeof(v->board), "vnic7");
	v->announce = true;
	v->metric = 5;
	v->hold = VIP_HOLD_ROUTE;
	v->arp = VIP_ARP_ANSWER;
	v->conflict = VIP_CONFLICT_TAKE;
	v->source = true;
	text_copy(v->check, sizeof(v->check), "web");
	text_copy(v->label, sizeof(v->label), "a label");
	r->vip.spoken = 8;
	r->vip.configured = r->vip.leaving = true;
	r->vip.drain = DRAIN_DONE;
	r->vip.drain_until = (struct instant){ DURATION_S(12345).ns };
}

static void sample_farewell(struct samples *s)
{
	struct saved *r = sample(s, SAVED_FAREWELL, 7);
	struct farewell *f = &r->farewell.is;

	r->farewell.speaker = 3;
	r->farewell.protocol = PROTOCOL_RIP;
	r->farewell.beside = true;
	f->interface = 7;
	f->socket = 1;
	f->source = address("10.1.0.10");
	f->port = 520;
	f->n_destinations = 2;
	f->destinations[0] = address("224.0.0.9");
	f->destinations[1] = address("10.1.0.2");
	f->pace = 400;
	f->family = FAMILY_IPV4;
	f->hosts = true;
	f->n_head = 4;
	memcpy(f->head, "\2\2\0\0", 4);
	f->n_entry = 20;
	memcpy(f->entry, "\0\2\22\147\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\20", 20);
	f->entries_max = 24;
	f->address_at = 4;
	f->mask_at = 8;
	f->length_at = 19;
	f->keys.type = AUTH_HMAC_SHA_256;
	f->keys.n_keys = 2;
	for (uint8_t k = 0; k < 2; k++) {
		f->keys.keys[k].id = (uint8_t)(k + 1);
		f->keys.keys[k].send = (struct keychain_lifetime){ 1000, 2000 + k };
		f->keys.keys[k].accept = (struct keychain_lifetime){ 900, 2100 + k };
		text_copy(f->keys.keys[k].secret, sizeof(f->keys.keys[k].secret),
			  k ? "/etc/vipd/two" : "/etc/vipd/one");
	}
	r = sample(s, SAVED_MUTE, 7);
	r->farewell.speaker = 3;
	r->farewell.is.interface = 8;
}

static void samples_make(struct samples *s)
{
	struct saved *r;

	(void)sample(s, SAVED_BEGIN, 3);
	sample_vip(s, "10.9.1.1", 24);
	sample_vip(s, "2001:db8:9::1", 128);
	sample(s, SAVED_GONE, 3)->address = address("10.9.1.2");
	sample(s, SAVED_UNBOUND, 3)->address = address("2001:db8:9::2");
	text_copy(sample(s, SAVED_BOARD, 3)->board, INTERFACE_NAME_MAX, "vnic1");
	text_copy(sample(s, SAVED_NO_BOARD, 3)->board, INTERFACE_NAME_MAX, "vnic2");
	(void)sample(s, SAVED_SPEAKS, 3);
	(void)sample(s, SAVED_SPEAKS, 6);
	(void)sample(s, SAVED_SILENT, 3);
	(void)sample(s, SAVED_STOPPING, 3);
	r = sample(s, SAVED_SOURCE, 3);
	r->source.mode = SOURCE_MODE_ON;
	text_copy(r->source.interface, sizeof(r->source.interface), "eth5");
	sample(s, SAVED_SEALED, 3)->sealed.number = 1700000000;
	r = sample(s, SAVED_SEQUENCE, 5);
	r->sequence.is.neighbor = address("10.1.0.1");
	r->sequence.is.key = 7;
	r->sequence.is.number = 1700000001;
	(void)sample(s, SAVED_END, 3);
	sample_farewell(s);
	sample(s, SAVED_IDENTITY, 7)->identity = 0x0a01000a;
	r = sample(s, SAVED_NOTE, 7);
	r->note.speaker = 4;
	r->note.is.length = 5;
	memcpy(r->note.is.bytes, "\1\2\3\4\5", 5);
}

static bool line_decode(const char *line, uint8_t *bytes, size_t *ret_length)
{
	size_t n = strcspn(line, "\n") / 2;

	for (size_t i = 0; i < n; i++) {
		unsigned byte;

		if (sscanf(line + 2 * i, "%2x", &byte) != 1)
			return false;
		bytes[i] = (uint8_t)byte;
	}
	*ret_length = n;
	return n <= SAVED_BYTES_MAX;
}

static FILE *file_open(const char *folder, unsigned version, const char *mode)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%02u", folder, version);
	return fopen(path, mode);
}

/* Whether the line is the sample, and nothing of it is lost. */
static bool line_is(const char *line, const struct saved *sample, unsigned version)
{
	struct tagged_losses losses = { 0 };
	uint8_t bytes[SAVED_BYTES_MAX];
	struct saved read;
	size_t length;

	return line_decode(line, bytes, &length) &&
	       saved_decode(bytes, length, version, &read, &losses) == 0 &&
	       losses.unknown + losses.refused == 0 && record_equal(&saved_record, &read, sample);
}

static bool version_holds(const char *folder, const struct samples *s, unsigned version)
{
	static char line[LINE_MAX_BYTES];
	FILE *f = file_open(folder, version, "r");
	bool holds = f != NULL;

	for (size_t i = 0; holds && i < s->count; i++)
		if (s->since[i] <= version)
			holds = fgets(line, sizeof(line), f) && line_is(line, &s->list[i], version);
	holds = holds && !fgets(line, sizeof(line), f);
	if (f)
		fclose(f);
	return holds;
}

static int rewrite(const char *folder, const struct samples *s)
{
	FILE *f = file_open(folder, SAVED_VERSION, "w");

	if (!f)
		return EXIT_FAILURE;
	for (size_t i = 0; i < s->count; i++) {
		uint8_t bytes[SAVED_BYTES_MAX];
		size_t n = saved_encode(&s->list[i], bytes);

		for (size_t k = 0; k < n; k++)
			fprintf(f, "%02x", bytes[k]);
		fputc('\n', f);
	}
	return fclose(f) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static bool samples_are_all(const struct samples *s)
{
	for (size_t kind = SAVED_BEGIN; kind < saved_record.n_choices; kind++) {
		bool sampled = !saved_record.choices[kind].name;

		for (size_t i = 0; i < s->count; i++)
			sampled |= s->list[i].kind == kind;
		if (!sampled)
			return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	bool rewrites = argc == 3 && strcmp(argv[1], "--rewrite") == 0;
	static struct samples s;
	int failed = 0;

	if (argc != 2 && !rewrites) {
		fputs("usage: state_golden [--rewrite] FOLDER\n", stderr);
		return 2;
	}
	samples_make(&s);
	if (rewrites)
		return rewrite(argv[2], &s);
	printf("1..%d\n", SAVED_VERSION - SAVED_VERSION_OLDEST + 2);
	failed += !samples_are_all(&s);
	printf("%sok 1 - each kind of record has a sample\n", failed ? "not " : "");
	for (unsigned v = SAVED_VERSION_OLDEST; v <= SAVED_VERSION; v++) {
		bool holds = version_holds(argv[1], &s, v);

		printf("%sok %u - layout %u is read as it was meant\n", holds ? "" : "not ",
		       v - SAVED_VERSION_OLDEST + 2, v);
		failed += !holds;
	}
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
