/* SPDX-License-Identifier: Apache-2.0 */
/* What a router of the simulator can reach, and for how long it cannot: the VIP of host 0. */
#ifndef SIM_OUTAGE_TEST_H
#define SIM_OUTAGE_TEST_H

#include "base/unit.h"
#include "sim/sim.h"

/* Every other seed is of IPv6. */
static inline enum family family_of(uint64_t seed)
{
	return family_at(seed % FAMILIES);
}

static inline const char *vip_of(const struct sim *s)
{
	return s->family == FAMILY_IPV6 ? "fd00:9::1" : "10.9.1.1";
}

static inline const char *vip_host_of(const struct sim *s)
{
	return s->family == FAMILY_IPV6 ? "fd00:9::1/128" : "10.9.1.1/32";
}

static inline bool reaches(const struct sim *s, uint8_t router)
{
	uint8_t host = UINT8_MAX;
	struct address a;

	assert_int_equal(address_parse(vip_of(s), &a), 0);
	return sim_reach(s, router, &a, &host) == SIM_REACHED && host == 0;
}

/* How long, within the time, the router does not reach the VIP; looks once a step. */
static inline struct duration outage(struct sim *s, uint8_t router, struct duration time,
				     struct duration step)
{
	struct duration lost = { 0 };

	for (int64_t at = 0; at < time.ns; at += step.ns) {
		lost.ns += reaches(s, router) ? 0 : step.ns;
		sim_run(s, step);
	}
	assert_string_equal(s->broken, "");
	return lost;
}

/* The same in milliseconds, looking once each. */
static inline int64_t outage_ms(struct sim *s, uint8_t router, int64_t time_ms)
{
	return duration_ms(outage(s, router, DURATION_MS(time_ms), DURATION_MS(1)));
}

#endif
