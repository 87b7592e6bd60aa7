/* SPDX-License-Identifier: Apache-2.0 */
/* A random run, from the network to the clean stop. */
#include <stdio.h>

#include "base/text.h"
#include "sim/demand.h"
#include "sim/fault.h"
#include "sim/truth.h"
#include "sim/question.h"
#include "sim/scenario.h"

static void stop_all(struct run *run)
{
	struct sim *s = run->s;

	for (uint8_t i = 0; i < s->n_hosts; i++)
		host_stop(s, i);
	/* What has changed a moment before the stop waits for MinLSInterval, and for routers to
	 * act. */
	sim_run(s, DURATION_S(10));
	for (uint8_t i = 0; i < s->n_hosts; i++)
		if (!s->hosts[i].stopped || s->hosts[i].n_objects > 0 || s->hosts[i].board)
			sim_break(s, "host %u leaves something behind after a clean stop", i);
	for (uint8_t i = 0; i < s->n_hosts; i++)
		for (uint8_t r = 0; r < s->n_routers; r++)
			if (truth_knows(s, &s->routers[r], &s->hosts[i]))
				sim_break(s, "router %u has an LSA of host %u after a clean stop",
					  r, i);
	/* A withdrawal waits at most 5 s in each router; the longest way has 12 of them. */
	sim_run(s, DURATION_S(90));
}

/*
 * Of a bind that was refused nothing stays, nor of what could not be written down before a crash:
 * who wants it asks again when all is well.
 */
static void ask_again(struct run *run, uint8_t host, uint8_t vip)
{
	struct sim_host *h = &run->s->hosts[host];
	const struct wish *w = &run->wishes[host][vip];
	struct address a = wish_address(run, host, vip);
	const char *text = ADDRESS_TEXT(&a);
	bool known = service_of(h, &a)->known;

	if (!w->bound && host_lists(run->s, host, text)) {
		host_unbind(run->s, host, text, false);
	} else if (w->bound && !host_lists(run->s, host, text)) {
		wish_bind(run, host, vip);
		host_drain(run->s, host, text, w->drained, DURATION_S(60));
	} else if (w->bound && !known) {
		host_drain(run->s, host, text, w->drained, DURATION_S(60));
	}
}

bool scenario_random(uint64_t seed, bool verbose, char *broken, size_t size)
{
	/* Every other one is of IPv6. */
	struct run run = { .s = sim_new(seed, family_at(seed % FAMILIES)) };
	struct sim *s = run.s;
	size_t faults;
	bool good;

	/* And half of those have link-local addresses alone. */
	s->global = seed / FAMILIES % 2;
	s->verbose = verbose;
	scenario_build(s);
	if (seed / (2 * FAMILIES) % 2)
		sim_echo(s, 100000, 3);
	sim_run(s, DURATION_S(5));
	for (faults = 10 + below(&run, 40); faults > 0 && !s->broken[0]; faults--) {
		fault_happens(&run);
		sim_run(s, random_between(&s->random, DURATION_MS(1), DURATION_S(20)));
	}
	fault_heal(&run);
	/* Longer than anybody is dead, or gets no time. */
	sim_run(s, DURATION_S(40));
	for (uint8_t i = 0; i < s->n_hosts; i++)
		for (uint8_t k = 0; k < VIPS_PER_HOST; k++)
			ask_again(&run, i, k);
	/*
	 * The stated bound: a silent route's timeout, its garbage time, and two updates to hear the
	 * rest; and a check that flapped may not pass before its time.
	 */
	sim_run(s, DURATION_S(180 + 120 + 70));
	sim_run(s, DURATION_S(600));
	for (uint8_t i = 0; i < s->n_hosts; i++) {
		questions_demand(s, i);
		if (s->hosts[i].records.broken)
			sim_break(s, "host %u has not written down all", i);
	}
	if (!s->broken[0])
		demand_all(&run, false);
	for (uint8_t i = 0; i < s->n_hosts; i++)
		for (uint8_t k = 0; k < s->n_hosts && !s->broken[0]; k++) {
			demand_learned(&run, i, k);
			demand_talk(&run, i, k);
		}
	for (uint8_t i = 0; i < s->n_hosts; i++)
		if (s->hosts[i].rivals > 0)
			sim_break(s, "host %u takes its own echo for a rival", i);
	if (!s->broken[0])
		stop_all(&run);
	if (!s->broken[0])
		demand_all(&run, true);
	good = !s->broken[0];
	if (!good)
		snprintf(broken, size, "%s, after %.6f s", s->broken,
			 (double)(s->now.ns - DURATION_S(1000).ns) / 1e9);
	sim_free(s);
	return good;
}
