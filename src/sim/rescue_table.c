/* SPDX-License-Identifier: Apache-2.0 */
/* vipd-sim --rescue: the tables of doc/rip.md, measured anew. */
#include "sim/rescue_table.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/scenario.h"

#define TABLE_SEEDS 31
#define TABLE_VIP "10.9.1.1"

static const struct {
	enum sim_router_style style;
	const char *name;
} styles[] = {
	{ SIM_STYLE_RFC, "RFC 2453" },
	{ SIM_STYLE_BIRD, "BIRD" },
	{ SIM_STYLE_FRR, "FRR" },
};

static int by_size(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Seconds until router 0 reaches the VIP again, looked at each millisecond; at most 300. */
static double outage(struct sim *s)
{
	struct address vip;
	uint8_t host;
	int r = address_parse(TABLE_VIP, &vip);

	assert(r == 0);
	for (int ms = 0; ms < 300000; ms++) {
		if (sim_reach(s, 0, &vip, &host) == SIM_REACHED)
			return ms / 1000.0;
		sim_run(s, DURATION_MS(1));
	}
	return 300;
}

/* One failure of the first NIC, `calm` after the bind. */
static double fail_once(uint64_t seed, enum sim_router_style style, uint8_t distance,
			const struct rip_settings *rip, struct duration calm)
{
	struct sim *s = scenario_line(seed, FAMILY_IPV4, style, distance, rip);
	double seconds;

	/* The bind meets routers that have long been quiet. */
	sim_run(s, DURATION_S(60));
	host_bind(s, 0, TABLE_VIP "/32");
	sim_run(s, calm);
	host_port(s, 0, 1, false);
	seconds = outage(s);
	sim_free(s);
	return seconds;
}

static void measure(enum sim_router_style style, uint8_t distance, const struct rip_settings *rip,
		    struct duration calm, double *ret_median, double *ret_max)
{
	double seconds[TABLE_SEEDS];

	for (uint64_t k = 0; k < TABLE_SEEDS; k++)
		seconds[k] = fail_once(k + 1, style, distance, rip, calm);
	qsort(seconds, TABLE_SEEDS, sizeof(seconds[0]), by_size);
	*ret_median = seconds[TABLE_SEEDS / 2];
	*ret_max = seconds[TABLE_SEEDS - 1];
}

static void table_headroom(void)
{
	printf("Outage in seconds (median of %d runs) after a NIC has failed, RFC 2453 routers,\n"
	       "by the distance between the two routers and the metric of the VIP:\n\n| distance |",
	       TABLE_SEEDS);
	for (int metric = 1; metric <= 6; metric++)
		printf(" metric %d |", metric);
	printf("\n|---|---|---|---|---|---|---|\n");
	for (uint8_t distance = 1; distance <= 4; distance++) {
		printf("| %u |", distance);
		for (uint8_t metric = 1; metric <= 6; metric++) {
			struct rip_settings rip;
			double median, max;

			rip_settings_default(&rip);
			rip.metric = metric;
			rip.distance = distance;
			measure(SIM_STYLE_RFC, distance, &rip, DURATION_S(45), &median, &max);
			printf(" %.3f |", median);
		}
		printf("\n");
	}
}

static void table_calm(void)
{
	static const int64_t calm_ms[] = { 200, 1000, 2000, 4000, 6000, 20000 };

	printf("\nOutage in seconds (median / longest of %d runs) by the time between the last "
	       "change\n"
	       "that the routers heard of and the failure, metric 3:\n\n| routers |",
	       TABLE_SEEDS);
	for (size_t i = 0; i < sizeof(calm_ms) / sizeof(calm_ms[0]); i++)
		printf(" %.1f s |", (double)calm_ms[i] / 1000);
	printf("\n|---|---|---|---|---|---|---|\n");
	for (size_t k = 0; k < sizeof(styles) / sizeof(styles[0]); k++) {
		printf("| %s |", styles[k].name);
		for (size_t i = 0; i < sizeof(calm_ms) / sizeof(calm_ms[0]); i++) {
			struct rip_settings rip;
			double median, max;

			rip_settings_default(&rip);
			measure(styles[k].style, 1, &rip, DURATION_MS(calm_ms[i]), &median, &max);
			printf(" %.3f / %.3f |", median, max);
		}
		printf("\n");
	}
}

void rescue_table_print(void)
{
	table_headroom();
	table_calm();
}
