/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The services behind a host's VIPs, as its health checks find them, and who is connected to them.
 * Beside how each is there stands what its node has been told of it in this life: by that alone it
 * may be judged.
 */
#ifndef SIM_SERVICE_H
#define SIM_SERVICE_H

#include "node/boundary.h"

struct sim;
struct sim_host;

#define SIM_SERVICES_MAX 16
#define SIM_RUNS_MAX 32

/*
 * The metric of what is to be a last resort. Where an interface has failed it is lifted as any
 * other: by less than the metric of those that are none.
 */
#define SIM_LAST_RESORT 8

/* What becomes of a question. */
enum sim_mood {
	SIM_WELL,
	SIM_ILL,
	SIM_LATE,  /* it answers when it is almost, or already, too late */
	SIM_HANGS, /* it never answers */
	SIM_MOODS
};

struct sim_service {
	struct address vip;	    /* not set: the one that all checks without an address ask */
	uint8_t mood;		    /* enum sim_mood */
	char check[CHECK_NAME_MAX]; /* with which the VIP was bound; empty: with none */
	bool countable;		    /* its connections can be counted */
	uint32_t connections;
	bool known; /* the node has the VIP as it was commanded: no record of it was lost */
	bool draining, drained;
	struct instant changed; /* nobody has commanded anything since */
	struct instant stale;	/* a router has it since then that must not; 0: none */
};

/* A question that is asked again and again, and how it was answered. */
struct sim_run {
	uint32_t number; /* 0: none */
	struct check_settings settings;
	bool asking, passed;	/* passed: at least once */
	uint32_t failed;	/* in a row */
	struct instant failing; /* since when all answers were bad */
};

struct sim_services {
	struct sim_service all[SIM_SERVICES_MAX];
	struct sim_run runs[SIM_RUNS_MAX];
	uint8_t n;
	uint32_t checked, counted; /* answers that were given */
};

/* The checks that every host has in its configuration; the n-th, false: there is none. */
bool service_check_settings(size_t n, struct check_settings *ret);

/* The service of a VIP; made, and well, when it is not there yet. */
struct sim_service *service_of(struct sim_host *h, const struct address *vip);

/* A VIP is bound anew: what was commanded of it before is of no meaning. */
void service_bound(struct sim *s, struct sim_host *h, const struct vip_settings *v);
void service_unbound(struct sim *s, struct sim_host *h, const struct address *vip);
void service_drained(struct sim *s, struct sim_host *h, const struct address *vip, bool on);

/* The node knows nothing yet of what it was told; with `lost` neither what it had written down. */
void services_new_life(struct sim *s, struct sim_host *h, bool lost);

/* EFFECT_CHECK and EFFECT_COUNT, and what comes of them a while later. */
void service_ask(struct sim *s, uint8_t index, const struct effect *e);
void service_answers(struct sim *s, uint8_t index, uint32_t run, bool refused);
void service_count(struct sim *s, uint8_t index, const struct effect *e);
void service_counted(struct sim *s, uint8_t index, uint32_t service);

/* Whether the VIP may be announced with the metric, after all that its node was told. */
bool service_lets(const struct sim_host *h, const struct address *vip, uint32_t metric);

/* Whether nobody can say if it is announced: a record is lost, or it hangs on how others do. */
bool service_is_uncertain(const struct sim_host *h, const struct address *vip);

/* Since when it may not be announced with the metric; INSTANT_NEVER: it may. */
struct instant service_forbids(const struct sim_host *h, const struct address *vip,
			       uint32_t metric);

#endif
