/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What routes cost: a database of a grid of routers with stub networks, as a neighbour would flood
 * it, and then full and partial runs of SPF over it, the median of many. One line for each figure:
 *
 *	<what> <number> <unit>
 *
 *	vipd-ospf-spf ROUTERS STUBS EXTERNALS
 *	vipd-ospf-spf ROUTERS STUBS EXTERNALS lsas	writes the LSAs
 *	vipd-ospf-spf ROUTERS STUBS EXTERNALS link K	writes the one with the K-th change of a
 *link
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "proto/ospf/routing.h"

#define US 0x0a000001u
#define FIRST 0x0a010000u /* router IDs */
#define COLUMNS 25
#define RUNS 41
#define PAUSE_US 50000 /* so that caches are as cold as they are for a daemon that waits */
#define INTERFACE 2

struct plan {
	uint32_t routers, stubs, externals;
};

/* Of this process: others do not count. */
static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static size_t heap(void)
{
	return mallinfo2().uordblks;
}

static void die(const char *what)
{
	fprintf(stderr, "vipd-ospf-spf: %s\n", what);
	exit(1);
}

/* Nobody is told anything here. */
void event_tell(struct ospf *o, const struct speaker_event *e)
{
	(void)o;
	(void)e;
}

static struct prefix stub_of(uint32_t number)
{
	struct address a = address_ipv4(0x14000000u + (number << 8));

	return prefix_make(&a, 24);
}

static void link_to(struct writer *w, uint32_t k, uint32_t other, uint16_t metric)
{
	lsa_write_link(OSPF_V2, w, 0,
		       &(struct lsa_link){ .type = LSA_LINK_POINT_TO_POINT,
					   .metric = metric,
					   .neighbor = other,
					   .own = FIRST + k });
}

/* The router at its place in the grid; the first one has us beside it. `extra` changes its costs.
 */
static size_t router_write(const struct plan *p, uint32_t k, uint16_t extra, uint16_t stub_extra,
			   int32_t change, uint8_t *bytes, size_t size)
{
	struct lsa_header h = {
		.key = { LSA_V2_ROUTER, FIRST + k, FIRST + k },
		.options = OSPF_V2_E,
		.sequence = LSA_SEQUENCE_INITIAL + change,
	};
	struct writer w;

	writer_init(&w, bytes, size);
	(void)lsa_begin(OSPF_V2, &w, &h);
	lsa_write_router(OSPF_V2, &w, &(struct lsa_router){ .flags = k == 0 ? LSA_ROUTER_E : 0 });
	if (k == 0)
		link_to(&w, k, US, 1);
	if (k % COLUMNS > 0)
		link_to(&w, k, FIRST + k - 1, (uint16_t)(10 + k % 7 + extra));
	if (k % COLUMNS + 1 < COLUMNS && k + 1 < p->routers)
		link_to(&w, k, FIRST + k + 1, (uint16_t)(10 + k % 5 + extra));
	if (k >= COLUMNS)
		link_to(&w, k, FIRST + k - COLUMNS, (uint16_t)(10 + k % 3 + extra));
	if (k + COLUMNS < p->routers)
		link_to(&w, k, FIRST + k + COLUMNS, (uint16_t)(10 + k % 4 + extra));
	for (uint32_t s = k; s < p->stubs; s += p->routers)
		lsa_write_link(OSPF_V2, &w, 0,
			       &(struct lsa_link){ .type = LSA_LINK_STUB,
						   .metric = (uint16_t)(1 + stub_extra),
						   .prefix = stub_of(s) });
	lsa_finish(&w, 0);
	if (!writer_ok(&w))
		die("a router has too many links");
	return w.length;
}

static size_t external_write(uint32_t number, uint32_t metric, const struct address *forward,
			     uint8_t *bytes, size_t size)
{
	struct address a = address_ipv4(0x64000000u + (number << 8));
	struct lsa_destination d = { .prefix = prefix_make(&a, 24),
				     .forward = forward ? *forward : (struct address){ 0 },
				     .metric = metric,
				     .type_2 = true };
	struct lsa_header h = {
		.key = { LSA_V2_EXTERNAL, 0x64000000u + (number << 8), FIRST },
		.options = OSPF_V2_E,
		.sequence = LSA_SEQUENCE_INITIAL,
	};
	struct writer w;

	writer_init(&w, bytes, size);
	(void)lsa_begin(OSPF_V2, &w, &h);
	lsa_write_destination(OSPF_V2, &w, LSA_V2_EXTERNAL, &d);
	lsa_finish(&w, 0);
	return w.length;
}

static void install(struct ospf *o, struct database *d, const uint8_t *bytes, size_t length)
{
	struct lsa *l = lsa_new(OSPF_V2, bytes, length, o->now), *old;

	if (!l)
		die("no memory");
	old = database_find(d, &l->header.key);
	if (old) {
		lsa_hold(old);
		database_remove(old);
	}
	if (database_add(d, l) < 0)
		die("no memory");
	spf_lsa_changed(o, old, l);
	if (old)
		lsa_release(old);
	lsa_release(l);
}

struct bench {
	struct ospf o;
	struct area area;
	struct ospf_interface interface;
	struct ospf_neighbor neighbor;
	struct plan plan;
	uint8_t bytes[LSA_BYTES_MAX];
};

static void put_router(struct bench *b, uint32_t k, uint16_t extra, uint16_t stub_extra)
{
	size_t length = router_write(&b->plan, k, extra, stub_extra, 0, b->bytes, sizeof(b->bytes));

	install(&b->o, &b->area.database, b->bytes, length);
}

static void put_external(struct bench *b, uint32_t number, uint32_t metric)
{
	size_t length = external_write(number, metric, NULL, b->bytes, sizeof(b->bytes));

	install(&b->o, &b->o.as, b->bytes, length);
}

/* One neighbour, and adjacencies are what the database says. */
static void bench_init(struct bench *b)
{
	struct ospf *o = &b->o;

	o->version = OSPF_V2;
	o->router = US;
	o->hash_seed = 1;
	o->now = (struct instant){ 1000000000 };
	o->settings.spf_delay = DURATION_MS(50);
	o->settings.spf_delay_max = DURATION_S(5);
	timers_init(&o->timers);
	list_init(&o->areas);
	list_init(&o->interfaces);
	hash_init(&o->prefixes);
	database_init(&o->as, o, LSA_SCOPE_AS, 0);
	database_init(&b->area.database, o, LSA_SCOPE_AREA, 0);
	list_append(&o->areas, &b->area.link);
	b->interface = (struct ospf_interface){ .of = o,
						.index = INTERFACE,
						.area = &b->area,
						.usable = true,
						.state = OSPF_INTERFACE_POINT_TO_POINT };
	b->interface.settings.cost = 10;
	b->interface.learn.mode = ROUTE_FILTER_ALL;
	list_init(&b->interface.neighbors);
	list_append(&o->interfaces, &b->interface.link);
	b->neighbor = (struct ospf_neighbor){ .interface = &b->interface,
					      .router = FIRST,
					      .address = address_ipv4(0x0a640001),
					      .state = OSPF_NEIGHBOR_FULL };
	list_append(&b->interface.neighbors, &b->neighbor.link);
	if (spf_init(o) < 0)
		die("no memory");
}

static void run(struct bench *b)
{
	struct timer *t;
	struct route route;

	while ((t = timers_pop(&b->o.timers, b->o.now)))
		spf_due(&b->o);
	while (ospf_learned(&b->o, b->o.now, &route))
		;
}

static int by_number(const void *left, const void *right)
{
	const int64_t *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

/* The median, in microseconds, of a change: the LSA comes, and what it makes due is done. */
static double median(struct bench *b, void (*change)(struct bench *b, uint32_t k))
{
	int64_t all[RUNS];

	for (uint32_t k = 0; k < RUNS; k++) {
		int64_t begun;

		b->o.now = instant_add(b->o.now, DURATION_S(15));
		usleep(PAUSE_US);
		begun = now_ns();
		change(b, k);
		run(b);
		all[k] = now_ns() - begun;
	}
	qsort(all, RUNS, sizeof(all[0]), by_number);
	return (double)all[RUNS / 2] / 1000;
}

/* A cost in the middle of the grid goes up and down. */
static void change_link(struct bench *b, uint32_t k)
{
	put_router(b, b->plan.routers / 2, k % 2 ? 0 : 20, 0);
}

/* All costs of the router beside us: nearly all routes are others then. */
static void change_all(struct bench *b, uint32_t k)
{
	put_router(b, 0, k % 2 ? 0 : 20, 0);
}

/* All ten stubs of one router. */
static void change_stubs(struct bench *b, uint32_t k)
{
	put_router(b, b->plan.routers / 3, 0, k % 2 ? 0 : 5);
}

static void change_external(struct bench *b, uint32_t k)
{
	put_external(b, 0, 10 + k % 2);
}

/* One more, by a stub that does not change: all the others are not about that. */
static void put_forwarding(struct bench *b)
{
	struct address host = stub_of(0).address;
	size_t length;

	host.bytes[3] = 1;
	length = external_write(b->plan.externals, 10, &host, b->bytes, sizeof(b->bytes));
	install(&b->o, &b->o.as, b->bytes, length);
	run(b);
}

/* As they stand on the wire, one behind the other. */
static void lsas_out(struct bench *b)
{
	for (uint32_t k = 0; k < b->plan.routers; k++)
		fwrite(b->bytes, 1, router_write(&b->plan, k, 0, 0, 0, b->bytes, sizeof(b->bytes)),
		       stdout);
	for (uint32_t k = 0; k < b->plan.externals; k++)
		fwrite(b->bytes, 1, external_write(k, 10, NULL, b->bytes, sizeof(b->bytes)),
		       stdout);
}

/* What change_link() puts. */
static void link_out(struct bench *b, uint32_t change)
{
	fwrite(b->bytes, 1,
	       router_write(&b->plan, b->plan.routers / 2, change % 2 ? 20 : 0, 0, (int32_t)change,
			    b->bytes, sizeof(b->bytes)),
	       stdout);
}

static void measure(struct bench *b)
{
	size_t before, lsas, table;
	int64_t begun;

	bench_init(b);
	before = heap();
	begun = now_ns();
	for (uint32_t k = 0; k < b->plan.routers; k++)
		put_router(b, k, 0, 0);
	for (uint32_t k = 0; k < b->plan.externals; k++)
		put_external(b, k, 10);
	printf("feed %.0f us\n", (double)(now_ns() - begun) / 1000);
	begun = now_ns();
	run(b);
	printf("first-run %.0f us\n", (double)(now_ns() - begun) / 1000);
	printf("full %.0f us\n", median(b, change_link));
	printf("full-all-routes-change %.0f us\n", median(b, change_all));
	printf("partial-ten-stubs %.1f us\n", median(b, change_stubs));
	if (b->plan.externals > 0)
		printf("partial-external %.1f us\n", median(b, change_external));
	if (b->plan.externals > 0) {
		put_forwarding(b);
		printf("partial-ten-stubs-while-one-forwards %.1f us\n", median(b, change_stubs));
	}
	printf("routes %zu routes\n", b->o.spf->table.n);
	table = heap();
	spf_free(&b->o);
	lsas = heap();
	printf("memory-lsas %zu kB\n", (lsas - before) / 1024);
	printf("memory-routes %zu kB\n", (table - lsas) / 1024);
	printf("memory-per-lsa %zu bytes\n",
	       (lsas - before) / (b->plan.routers + b->plan.externals));
}

int main(int argc, char **argv)
{
	struct bench *b = calloc(1, sizeof(*b));

	if (!b)
		die("no memory");
	if (argc < 4)
		die("how many routers, stubs and externals?");
	b->plan.routers = (uint32_t)strtoul(argv[1], NULL, 10);
	b->plan.stubs = (uint32_t)strtoul(argv[2], NULL, 10);
	b->plan.externals = (uint32_t)strtoul(argv[3], NULL, 10);
	if (b->plan.routers < 3)
		die("three routers at least");
	if (argc == 4)
		measure(b);
	else if (strcmp(argv[4], "lsas") == 0)
		lsas_out(b);
	else if (argc == 6)
		link_out(b, (uint32_t)strtoul(argv[5], NULL, 10));
	else
		die("lsas, or link and a number");
	return 0;
}
