/* SPDX-License-Identifier: Apache-2.0 */
/* Random runs of networks of OSPF, and the table of how long they take to be right again. */
#include <stdio.h>
#include <stdlib.h>

#include "sim/ospf_state.h"

#define FAULTS 40
#define NODES_MAX 16

/*
 * What may be left of faults: a silent neighbour is there for its dead interval; what was lost is
 * sent again after the retransmit interval, a few times; a change may have to wait for
 * MinLSInterval; SPF for its longest back-off.
 */
#define HEALED DURATION_S(40 + 60 + 10 + 10)

static void fault(struct ospf_net *net)
{
	size_t node = (size_t)random_below(&net->random, net->n_nodes),
	       wire = (size_t)random_below(&net->random, net->n_wires),
	       k = (size_t)random_below(&net->random, OSPF_NET_PREFIXES);

	switch (random_below(&net->random, 9)) {
	case 0:
		ospf_net_cut(net, wire, random_below(&net->random, 2));
		break;
	case 1:
		ospf_net_mend(net, wire);
		break;
	case 2:
		ospf_net_crash(net, node);
		break;
	case 3:
		ospf_net_boot(net, node);
		break;
	case 7:
		ospf_net_return(net, node);
		break;
	case 8:
		/* Most come back soon, some when nobody waits for them any more. */
		ospf_net_crash(net, node);
		ospf_net_run(net, random_between(&net->random, DURATION_MS(0),
						 random_below(&net->random, 4) ? DURATION_S(5)
									       : DURATION_S(60)));
		ospf_net_return(net, node);
		break;
	case 4:
		ospf_net_loss(net, (unsigned)random_below(&net->random, 300));
		break;
	default:
		ospf_net_announce(net, node, k, (uint32_t)random_below(&net->random, 4));
		break;
	}
}

static void heal(struct ospf_net *net)
{
	ospf_net_loss(net, 0);
	for (size_t i = 0; i < net->n_wires; i++)
		ospf_net_mend(net, i);
	for (size_t i = 0; i < net->n_nodes; i++)
		ospf_net_boot(net, i);
}

bool ospf_net_random(uint64_t seed, char *sentence, size_t size)
{
	static const enum ospf_vips forms[] = { OSPF_VIPS_AUTO, OSPF_VIPS_STUB,
						OSPF_VIPS_EXTERNAL };
	struct random r;
	struct ospf_net *net;
	bool well;

	random_init(&r, seed);
	net = ospf_net_shaped(random_below(&r, 2) ? OSPF_V3 : OSPF_V2,
			      forms[random_below(&r, ARRAY_LENGTH(forms))],
			      (enum ospf_net_shape)random_below(&r, 4),
			      3 + (size_t)random_below(&r, NODES_MAX - 3), random_next(&r));
	ospf_net_write(net);
	for (size_t i = 0; i < net->n_nodes; i++) {
		ospf_net_run(net, random_between(&net->random, DURATION_MS(0), DURATION_MS(500)));
		ospf_net_boot(net, i);
	}
	for (size_t i = 0; i < FAULTS; i++) {
		struct duration longest = { random_below(&net->random, 3) ? DURATION_S(2).ns
									  : DURATION_S(60).ns };

		ospf_net_run(net, random_between(&net->random, DURATION_MS(0), longest));
		fault(net);
	}
	heal(net);
	ospf_net_run(net, HEALED);
	well = ospf_net_check(net, sentence, size);
	/* What is refreshed, and what grows old, changes nothing. */
	if (well && seed % 8 == 0) {
		ospf_net_run(net, DURATION_S(2 * LSA_AGE_MAX));
		well = ospf_net_check(net, sentence, size);
	}
	ospf_net_free(net);
	return well;
}

/* All boot within a second. */
static struct ospf_net *booted(enum ospf_net_shape shape, size_t n)
{
	struct ospf_net *net = ospf_net_shaped(OSPF_V2, OSPF_VIPS_STUB, shape, n, 1);

	for (size_t i = 0; i < net->n_nodes; i++) {
		ospf_net_run(net, (struct duration){ DURATION_S(1).ns / (int64_t)net->n_nodes });
		ospf_net_boot(net, i);
	}
	return net;
}

static void cell(struct duration d)
{
	if (d.ns < 0)
		printf(" %8s |", "not");
	else
		printf(" %5lld ms |", (long long)duration_ms(d));
}

static void line(enum ospf_net_shape shape, size_t n)
{
	struct ospf_net *net = booted(shape, n);
	struct ospf_net_counters before, after;
	size_t wire = 0;

	printf("| %-8s | %5zu | %5zu |", ospf_net_shape_name(shape), net->n_nodes, net->n_wires);
	cell(ospf_net_converge(net, DURATION_S(600)));
	ospf_net_run(net, DURATION_S(60));
	before = ospf_net_counters(net);
	ospf_net_announce(net, 0, 1, 1);
	cell(ospf_net_converge(net, DURATION_S(60)));
	after = ospf_net_counters(net);
	ospf_net_run(net, DURATION_S(60));
	ospf_net_announce(net, 0, 1, 0);
	cell(ospf_net_converge(net, DURATION_S(60)));
	ospf_net_run(net, DURATION_S(60));
	ospf_net_cut(net, wire, false);
	cell(ospf_net_converge(net, DURATION_S(60)));
	ospf_net_run(net, DURATION_S(60));
	ospf_net_mend(net, wire);
	cell(ospf_net_converge(net, DURATION_S(120)));
	ospf_net_run(net, DURATION_S(60));
	ospf_net_cut(net, wire, true);
	cell(ospf_net_converge(net, DURATION_S(120)));
	printf(" %7llu |\n", (unsigned long long)(after.packets - before.packets));
	fflush(stdout);
	ospf_net_free(net);
}

void ospf_net_table(size_t size)
{
	/*
	 * A ring of more than 900 hops is none for OSPF: an LSA grows a second older with each hop,
	 * and beyond MaxAgeDiff two copies of it are taken for two instances (RFC 2328 13.1).
	 */
	static const size_t sizes[] = { 10, 100, 1000 }, ring_most = 500;

	printf("| shape    | nodes | wires | all boot | announce | withdraw | wire cut | mended   "
	       "| cut "
	       "silently | packets of an announcement |\n"
	       "|---|---|---|---|---|---|---|---|---|---|\n");
	for (size_t k = 0; k < (size ? 1 : ARRAY_LENGTH(sizes)); k++)
		for (unsigned shape = OSPF_NET_RING; shape <= OSPF_NET_RANDOM; shape++) {
			size_t n = size ? size : sizes[k];

			line((enum ospf_net_shape)shape,
			     shape == OSPF_NET_RING && n > ring_most ? ring_most : n);
		}
}
