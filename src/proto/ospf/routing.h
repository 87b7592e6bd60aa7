/* SPDX-License-Identifier: Apache-2.0 */
/* What spf.c, learn.c and rival.c share: the graphs, the table, and what is to be told of it. */
#ifndef PROTO_OSPF_ROUTING_H
#define PROTO_OSPF_ROUTING_H

#include "proto/ospf/prefer.h"

enum spf_work {
	SPF_NOTHING,
	SPF_EXTERNALS, /* all externals: how it goes to who says them is another way */
	SPF_ALL,
};

struct spf {
	struct graph *graphs; /* owned: of each area */
	size_t n_graphs, graphs_capacity;
	struct hops hops;
	struct borders borders;
	struct table table;
	struct preference preference;
	uint8_t work; /* enum spf_work: that is to be done at `due` */
	struct instant due;
	struct instant complete; /* when claims that are missing are looked for */
	struct timer timer;
	/* RFC 8405: how long the next full run has to wait after the last one. */
	struct instant ran;
	struct duration back_off;
	bool has_run, had_external;
	uint32_t runs;
	/* learn.c */
	uint32_t changed, changed_last; /* places */
	/* rival.c */
	struct hash rivals;  /* by prefix */
	struct instant sure; /* when the next of them is sure */
};

/* learn.c: the route of the destination has changed. */
void learn_changed(struct ospf *o, struct destination *d);

/*
 * rival.c: the claims to the destination, or the ways to who claims it, may be others. Of one that
 * is not ours nothing comes.
 */
void ospf_rival_review(struct ospf *o, struct destination *d);

/* Those that have been there for long enough are sure: at spf.sure. */
void rival_sure(struct ospf *o);
void rival_drop(struct ospf *o); /* forgets all, and tells nothing */

/* When the timer is to run: spf.c */
void spf_set_timer(struct ospf *o);

#endif
