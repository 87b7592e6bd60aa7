/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the golden scripts of OSPF have of each other; ospf_scripts.c has the language.
 */
#ifndef TESTS_GOLDEN_OSPF_SCRIPT_H
#define TESTS_GOLDEN_OSPF_SCRIPT_H

#include "base/container.h"
#include "proto/ospf/ospf.h"
#include "script.h"

#define INTERFACES 8
#define PACKET_BYTES 65536
#define OURS_MAX 64
#define DESCRIBED_MAX 32

struct golden {
	struct script script;
	enum ospf_version version;
	struct ospf *ospf;
	struct ospf_settings settings;
	struct speaker_link links[INTERFACES + 1];
	uint16_t mtus[INTERFACES + 1];
	uint8_t auth[INTERFACES + 1]; /* enum auth_type */
	struct {
		uint32_t interface, sequence;
		struct address to;
	} described[DESCRIBED_MAX];	     /* the number of the last description to each */
	struct lsa_header updated[OURS_MAX]; /* of the last update that was sent */
	size_t n_updated;
	struct speaker_note *notes; /* owned: what it has written down */
	size_t n_notes, notes_capacity;
	bool mute;
};

static inline struct golden *golden_of(struct script *s)
{
	return container_of(s, struct golden, script);
}

/* ospf_scripts.c: words of a script as what they stand for */
uint32_t id_of(struct golden *g, const char *text);
uint32_t id_value(struct golden *g, const struct words *w, const char *key);
uint32_t bits(const struct words *w, const char *key, uint32_t otherwise);
uint32_t interface(struct golden *g, struct words *w);
struct address address(struct golden *g, const char *text);

/* The place of the text among some words. */
uint8_t choice(struct golden *g, const char *text, const char *const *among, uint8_t n);

/* The way to authenticate that has the name; without one what there is. */
uint8_t auth_choice(struct golden *g, const char *name, uint8_t otherwise);

/* ospf_tell.c: what happens, as a script has it */

/* The type of LSAs that a script calls so: that of lsa_type_name(), or a number. */
uint16_t type_of(const struct golden *g, const char *name);
void tell_header(struct golden *g, const struct lsa_header *h);
void tell_id(struct golden *g, const char *name, uint32_t id);
void tell_packet(struct golden *g, const struct ospf_packet *p);
void tell_event(struct golden *g, const struct speaker_event *e);

/* Where the number of the last description is noted; a link of two has no addresses. */
uint32_t *described_to(struct golden *g, uint32_t interface, const struct address *to);

/* ospf_said.c: what others say */
void do_receive(struct script *script, struct words *w);

#endif
