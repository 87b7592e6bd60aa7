/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vipd-sim: random runs of the simulator.
 *
 *	vipd-sim [--seeds N] [--from SEED]	N runs, from that seed on
 *	vipd-sim --seed SEED			one run, with every journal line
 *	vipd-sim --rescue			the tables of doc/rip.md, measured anew
 *
 * Of networks that speak OSPF:
 *
 *	vipd-sim --ospf SEEDS			so many runs
 *	vipd-sim --ospf-seed SEED		one of them
 *	vipd-sim --ospf-table [NODES]		the table of doc/ospf.md, measured anew; or
 *						measured for networks of that size
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/ospf_net.h"
#include "sim/rescue_table.h"
#include "sim/scenario.h"

static int run_one(uint64_t seed, bool verbose)
{
	char broken[320];

	if (scenario_random(seed, verbose, broken, sizeof(broken)))
		return 0;
	printf("seed %llu: %s\n", (unsigned long long)seed, broken);
	fflush(stdout);
	return 1;
}

static int run_many(uint64_t from, uint64_t count)
{
	uint64_t failed = 0;

	for (uint64_t seed = from; seed < from + count; seed++)
		failed += (uint64_t)run_one(seed, false);
	printf("%llu seeds from %llu: %llu failed\n", (unsigned long long)count,
	       (unsigned long long)from, (unsigned long long)failed);
	return failed > 0;
}

static int run_ospf(uint64_t from, uint64_t count)
{
	uint64_t failed = 0;
	char broken[320];

	for (uint64_t seed = from; seed < from + count; seed++) {
		if (ospf_net_random(seed, broken, sizeof(broken)))
			continue;
		printf("seed %llu: %s\n", (unsigned long long)seed, broken);
		failed++;
	}
	printf("%llu seeds from %llu: %llu failed\n", (unsigned long long)count,
	       (unsigned long long)from, (unsigned long long)failed);
	return failed > 0;
}

int main(int argc, char **argv)
{
	uint64_t from = 1, count = 200;

	if ((argc == 2 || argc == 3) && strcmp(argv[1], "--ospf-table") == 0) {
		ospf_net_table(argc == 3 ? (size_t)strtoull(argv[2], NULL, 10) : 0);
		return 0;
	}
	if (argc == 2 && strcmp(argv[1], "--rescue") == 0) {
		rescue_table_print();
		return 0;
	}
	for (int i = 1; i < argc; i += 2) {
		uint64_t value = i + 1 < argc ? strtoull(argv[i + 1], NULL, 10) : 0;

		if (i + 1 < argc && strcmp(argv[i], "--seed") == 0)
			return run_one(value, true);
		if (i + 1 < argc && strcmp(argv[i], "--ospf-seed") == 0)
			return run_ospf(value, 1);
		if (i + 1 < argc && strcmp(argv[i], "--ospf") == 0)
			return run_ospf(1, value);
		if (i + 1 < argc && strcmp(argv[i], "--seeds") == 0) {
			count = value;
		} else if (i + 1 < argc && strcmp(argv[i], "--from") == 0) {
			from = value;
		} else {
			fprintf(stderr, "usage: vipd-sim [--seeds N] [--from SEED] | --seed SEED | "
					"--rescue | --ospf SEEDS | --ospf-seed SEED | --ospf-table "
					"[NODES]\n");
			return 2;
		}
	}
	return run_many(from, count);
}
