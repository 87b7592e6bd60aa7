/* SPDX-License-Identifier: Apache-2.0 */
/* Whose address connections of a host get, as its node wants it. */
#include "sim/source.h"

#include <string.h>

#include "base/text.h"
#include "sim/invariants.h"

#define SOURCE_AGAIN DURATION_S(1)

static bool sources_have(const struct address *sources, size_t count, const struct address *a)
{
	for (size_t i = 0; i < count; i++)
		if (address_equal(&sources[i], a))
			return true;
	return false;
}

/* The policy that has been told whole takes the place of the one before. */
static void sources_take(struct sim *s, struct sim_sources *sources)
{
	for (size_t i = 0; i < sources->n; i++)
		if (!sources_have(sources->next, sources->n_new, &sources->all[i]))
			sources->left[sources->next_left++ % SIM_OBJECTS_MAX] =
				(struct sim_source_left){ sources->all[i], s->now };
	memcpy(sources->all, sources->next, sizeof(sources->all));
	sources->n = sources->n_new;
	sources->n_new = 0;
	sources->changes++;
}

void source_told(struct sim *s, uint8_t index, const struct source_policy_part *p)
{
	struct sim_host *h = &s->hosts[index];
	struct sim_sources *sources = &h->sources;

	if (p->part == SOURCE_RULE && address_is_set(&p->rule.use))
		sources->next[sources->n_new++] = p->rule.use;
	if (p->part != SOURCE_END)
		return;
	for (size_t k = 0; k < 2; k++)
		if (address_is_set(&p->first[k]))
			sources->next[sources->n_new++] = p->first[k];
	sources_take(s, sources);
	invariant_sources(s, index);
	host_later(s, index, SIM_EVENT_SOURCING, 0, kernel_refuses(s, h));
}

/* What could not be done is tried again, and the outcome told unasked, as Linux does. */
void source_answers(struct sim *s, uint8_t index, bool refused)
{
	struct sim_host *h = &s->hosts[index];
	struct input in = { .kind = INPUT_SOURCING, .sourcing.ready = !refused };

	if (refused) {
		text_copy(in.sourcing.error, sizeof(in.sourcing.error), "no program is loaded");
		sim_schedule(s, SOURCE_AGAIN,
			     &(struct sim_event){ .kind = SIM_EVENT_SOURCING,
						  .owner = index,
						  .life = h->life,
						  .refused = kernel_refuses(s, h) });
	}
	sim_tell(s, index, &in);
}
