/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is to be said for us when we are dead. Nobody has an LSA then that could be flushed as it
 * is, and a prefix is reached by our router-LSA whatever it stands in: so it is enough that this
 * one goes. Its sequence number is one that we have not come to yet. And a hello that names no
 * neighbour ends the adjacencies (RFC 2328 10.5, 1-WayReceived).
 */
#include <assert.h>

#include "proto/ospf/machine.h"

#define FAREWELL_AHEAD 65536 /* sequence numbers; so often the words are other ones */
#define FAREWELL_PACE 50

/* In this order: who does not hear us any more believes nothing of us. */
enum words {
	WORDS_FLUSH,
	WORDS_HELLO,
	WORDS,
};

/* At least half of the step is ahead of us. */
static int32_t sequence_ahead(const struct own *w)
{
	int64_t used = (int64_t)w->sequence - LSA_SEQUENCE_INITIAL;
	int64_t ahead =
		(used + FAREWELL_AHEAD / 2) / FAREWELL_AHEAD * FAREWELL_AHEAD + FAREWELL_AHEAD;
	int64_t sequence = LSA_SEQUENCE_INITIAL + ahead;

	return sequence < LSA_SEQUENCE_MAX ? (int32_t)sequence : LSA_SEQUENCE_MAX;
}

static void flush_write(const struct ospf *o, const struct ospf_interface *i, struct writer *out)
{
	const struct own *w = i->area->router;
	struct lsa_header h = { .age = LSA_AGE_MAX, .key = w->key, .sequence = sequence_ahead(w) };
	struct lsa_router r = { 0 };
	size_t start;

	if (o->version == OSPF_V3)
		r.options = ospf_options(o, i->area) & ~OSPF_V3_R;
	else
		h.options = (uint8_t)(ospf_options(o, i->area) & OSPF_V2_E);
	ospf_write_update(out);
	ospf_update_count(o->version, out, 1);
	start = lsa_begin(o->version, out, &h);
	lsa_write_router(o->version, out, &r);
	lsa_finish(out, start);
}

static void head_make(const struct ospf *o, struct ospf_interface *i, enum words words,
		      struct farewell *f)
{
	struct ospf_header h = { .type = words == WORDS_FLUSH ? OSPF_UPDATE : OSPF_HELLO,
				 .router = o->router,
				 .area = i->area->id,
				 .instance = i->settings.is.instance };
	struct writer out;

	writer_init(&out, f->head, sizeof(f->head));
	ospf_begin(o->version, &out, &h);
	if (words == WORDS_FLUSH)
		flush_write(o, i, &out);
	else
		hello_write(i, &out, true);
	ospf_finish(&out);
	assert(writer_ok(&out));
	f->n_head = (uint8_t)out.length;
}

static void destinations_add(const struct ospf *o, const struct ospf_interface *i,
			     struct farewell *f)
{
	if (i->settings.n_unicast == 0)
		f->destinations[f->n_destinations++] = ospf_group(o->version, false);
	for (size_t k = 0; k < i->settings.n_unicast; k++)
		f->destinations[f->n_destinations++] = i->settings.unicast[k];
}

bool ospf_farewell_next(const struct ospf *o, uint32_t index, size_t *position,
			struct farewell *ret)
{
	struct ospf_interface *i = ospf_interface_find(o, index);
	const struct address *source = i ? interface_source(i) : NULL;

	if (*position >= WORDS || !source || !ospf_interface_speaks(i) || !i->area->router)
		return false;
	*ret = (struct farewell){ .interface = index,
				  .source = *source,
				  .port = OSPF_PROTOCOL,
				  .pace = FAREWELL_PACE,
				  .keys = i->settings.auth };
	destinations_add(o, i, ret);
	head_make(o, i, (enum words)(*position)++, ret);
	return true;
}
