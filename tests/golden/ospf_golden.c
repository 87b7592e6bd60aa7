/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What real routers have sent, in the files of a folder that is named:
 *
 *	lsa-v2.txt, lsa-v3.txt	WHOSE TYPE BYTES: an LSA. It is well formed, its checksum is right,
 *and written again of what was read it is the same, byte for byte.
 *	packets.txt		WHOSE VERSION TYPE BYTES: a packet without a seal. It is read, and
 *				written again it is the same, but for its checksum.
 *	sealed.txt		WHOSE VERSION AUTH KEY SECRET SOURCE DESTINATION BYTES: a packet. It
 *				opens; with any bit of it changed it does not; sealed again it is
 *the same.
 *
 * Bytes and secrets are hexadecimal, "-" is none.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/ospf/again.h"
#include "proto/ospf/ospf.h"

#define LINE_BYTES 8192
#define BYTES_MAX 2048
#define WORDS_MAX 8
#define CHECKSUM_AT 12 /* of a packet, in both versions */

/* Checks one line; NULL: it is right, else what is wrong. */
typedef const char *check(enum ospf_version v, char **words);

static size_t hex_read(const char *text, uint8_t *bytes)
{
	size_t n = 0;
	unsigned value;

	for (; n < BYTES_MAX && sscanf(text, "%2x", &value) == 1; text += 2)
		bytes[n++] = (uint8_t)value;
	return n;
}

/* The same bytes where they end with their allocation, for those who look for reads behind it. */
static uint8_t *exactly(const uint8_t *bytes, size_t length)
{
	uint8_t *copy = malloc(length);

	memcpy(copy, bytes, length);
	return copy;
}

static const char *lsa_wrong(enum ospf_version v, const char *type, const uint8_t *bytes,
			     size_t length)
{
	uint8_t again[BYTES_MAX];
	struct lsa_header h;
	struct reader r;
	struct writer w;

	reader_init(&r, bytes, length);
	h = lsa_header_read(v, &r);
	if (lsa_check(v, bytes, length) != LSA_GOOD)
		return "it is not well formed";
	if (!lsa_checksum_is_good(bytes, length) || lsa_checksum(bytes, length) != h.checksum)
		return "its checksum is wrong";
	if (strcmp(lsa_type_name(v, h.key.type), type) != 0)
		return "it is of another type";
	writer_init(&w, again, sizeof(again));
	if (!lsa_again(v, bytes, length, &w) || !writer_ok(&w))
		return "it cannot be written";
	if (w.length != length || memcmp(again, bytes, length) != 0)
		return "it is written otherwise than it came";
	return NULL;
}

static const char *lsa_line(enum ospf_version v, char **words)
{
	uint8_t bytes[BYTES_MAX], *exact;
	size_t length = hex_read(words[2], bytes);
	const char *wrong;

	exact = exactly(bytes, length);
	wrong = lsa_wrong(v, words[1], exact, length);
	free(exact);
	return wrong;
}

/* Each walk and reader of a body, and its writer. */
static void body_again(enum ospf_version v, uint8_t type, struct reader body, struct writer *w)
{
	struct ospf_description d;
	struct ospf_hello hello;
	struct lsa_header h;
	struct lsa_key key;
	const uint8_t *lsa;
	uint32_t router, count = 0;

	switch ((enum ospf_packet_type)type) {
	case OSPF_HELLO:
		if (!ospf_hello_read(v, body, &hello))
			return;
		ospf_write_hello(v, w, &hello);
		while (ospf_neighbor_next(&hello.neighbors, &router))
			ospf_write_neighbor(w, router);
		break;
	case OSPF_DESCRIPTION:
		if (!ospf_description_read(v, body, &d))
			return;
		ospf_write_description(v, w, &d);
		while (ospf_lsa_header_next(v, &d.headers, &h))
			lsa_header_write(v, w, &h);
		break;
	case OSPF_REQUEST:
		while (ospf_request_next(v, &body, &key))
			ospf_write_request(v, w, &key);
		break;
	case OSPF_UPDATE:
		ospf_write_update(w);
		for (count = 0, ospf_update_read(&body); ospf_update_next(v, &body, &h, &lsa);
		     count++)
			(void)lsa_again(v, lsa, h.length, w);
		ospf_update_count(v, w, count);
		break;
	default:
		while (ospf_lsa_header_next(v, &body, &h))
			lsa_header_write(v, w, &h);
		break;
	}
}

static const char *packet_wrong(enum ospf_version v, const char *type, const uint8_t *bytes,
				size_t length)
{
	static const uint8_t none[2];
	uint8_t again[BYTES_MAX];
	struct ospf_packet p = { .bytes = bytes, .length = length };
	struct ospf_header h;
	struct reader body;
	struct writer w;

	if (ospf_header_read(v, bytes, length, &h, &body) != PACKET_GOOD || h.length != length)
		return "its header";
	if (strcmp(ospf_packet_name(h.type), type) != 0)
		return "it is of another type";
	/* The checksum of OSPFv3 is over addresses, too. */
	ospf_open(v, &(struct keyring){ 0 }, &p);
	if (v == OSPF_V2 && p.refused)
		return "its checksum is wrong";
	writer_init(&w, again, sizeof(again));
	ospf_begin(v, &w, &h);
	body_again(v, h.type, body, &w);
	ospf_finish(&w);
	if (!writer_ok(&w) || w.length != length)
		return "it is longer or shorter when it is written";
	if (memcmp(again, bytes, CHECKSUM_AT) != 0 ||
	    memcmp(again + CHECKSUM_AT, none, sizeof(none)) != 0 ||
	    memcmp(again + CHECKSUM_AT + 2, bytes + CHECKSUM_AT + 2, length - CHECKSUM_AT - 2) != 0)
		return "it is written otherwise than it came";
	return NULL;
}

static const char *packet_line(enum ospf_version v, char **words)
{
	uint8_t bytes[BYTES_MAX], *exact;
	size_t length = hex_read(words[3], bytes);
	const char *wrong;

	v = (enum ospf_version)atoi(words[1]);
	exact = exactly(bytes, length);
	wrong = packet_wrong(v, words[2], exact, length);
	free(exact);
	return wrong;
}

static uint8_t auth_type(const char *name)
{
	uint8_t type = 0;

	while (type < AUTH_COUNT && strcmp(auth_name(type), name) != 0)
		type++;
	return type;
}

/* The 64 bits of an OSPFv2 header mean nothing where there is no authentication. */
static bool bit_counts(enum ospf_version v, const struct keyring *k, size_t bit)
{
	return v == OSPF_V3 || k->type != AUTH_NONE || bit / 8 < 16 || bit / 8 >= 24;
}

/* Whether the packet opens with the bit changed. */
static bool opens_changed(enum ospf_version v, const struct keyring *k, const struct ospf_packet *p,
			  uint8_t *bytes, size_t bit)
{
	struct ospf_packet changed = *p;

	changed.bytes = bytes;
	bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
	ospf_open(v, k, &changed);
	bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
	return !changed.refused;
}

static const char *sealed_wrong(enum ospf_version v, const struct keyring *k,
				const struct ospf_packet *p, uint8_t *bytes)
{
	static uint8_t again[OSPF_SEALED_MAX];
	struct ospf_packet opened = *p;

	ospf_open(v, k, &opened);
	if (opened.refused)
		return ospf_drop_name((enum ospf_drop)opened.reason);
	if (opened.key != k->secrets[0].id)
		return "it has another key";
	for (size_t bit = 0; bit < p->length * 8; bit++)
		if (bit_counts(v, k, bit) && opens_changed(v, k, p, bytes, bit))
			return "it opens with a bit changed";
	if (ospf_seal(v, k, &opened, again) != p->length || memcmp(again, bytes, p->length) != 0)
		return "it is sealed otherwise than it came";
	return NULL;
}

static const char *sealed_line(enum ospf_version v, char **words)
{
	struct keyring k = { .type = auth_type(words[2]), .n = 1 };
	struct ospf_packet p = { 0 };
	uint8_t bytes[BYTES_MAX], *exact;
	const char *wrong;

	v = (enum ospf_version)atoi(words[1]);
	k.secrets[0].id = (uint8_t)atoi(words[3]);
	k.secrets[0].length = (uint8_t)hex_read(words[4], bytes);
	memcpy(k.secrets[0].bytes, bytes, k.secrets[0].length);
	if (address_parse(words[5], &p.source) < 0 || address_parse(words[6], &p.destination) < 0)
		return "its addresses";
	p.length = hex_read(words[7], bytes);
	p.bytes = exact = exactly(bytes, p.length);
	wrong = sealed_wrong(v, &k, &p, exact);
	free(exact);
	return wrong;
}

static bool line_check(char *line, check *f, enum ospf_version v, size_t n_words)
{
	char *words[WORDS_MAX], *rest = NULL;
	const char *wrong;
	size_t n = 0;

	for (char *word = strtok_r(line, " \n", &rest); word && n < WORDS_MAX;
	     word = strtok_r(NULL, " \n", &rest))
		words[n++] = word;
	wrong = n == n_words ? f(v, words) : "it has too few words";
	if (wrong)
		printf("# %s %s: %s\n", words[0], words[1], wrong);
	return !wrong;
}

/* Whether all lines of the file are right, and there are some. */
static bool file_check(const char *folder, const char *name, check *f, enum ospf_version v,
		       size_t n_words)
{
	char path[4096], line[LINE_BYTES];
	size_t n = 0, wrong = 0;
	FILE *from;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	from = fopen(path, "r");
	while (from && fgets(line, sizeof(line), from)) {
		if (line[0] == '#')
			continue;
		n++;
		wrong += !line_check(line, f, v, n_words);
	}
	if (from)
		fclose(from);
	return n > 0 && wrong == 0;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		check *f;
		enum ospf_version version;
		size_t words;
	} files[] = {
		{ "lsa-v2.txt", lsa_line, OSPF_V2, 3 },
		{ "lsa-v3.txt", lsa_line, OSPF_V3, 3 },
		{ "packets.txt", packet_line, OSPF_V2, 4 },
		{ "sealed.txt", sealed_line, OSPF_V2, 8 },
	};
	size_t n = sizeof(files) / sizeof(files[0]);
	bool all = argc == 2;

	if (argc != 2) {
		fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
		return 2;
	}
	printf("1..%zu\n", n);
	for (size_t i = 0; i < n; i++) {
		bool ok = file_check(argv[1], files[i].name, files[i].f, files[i].version,
				     files[i].words);

		printf("%s %zu - %s\n", ok ? "ok" : "not ok", i + 1, files[i].name);
		all = all && ok;
	}
	return !all;
}
