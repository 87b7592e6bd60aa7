/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OSPF routers and the wires between them, in memory and in virtual time: for unit tests of the
 * machine, and for simulators. A router is an instance of the library; what it sends arrives after
 * the delay of the wire at all others there whom it is for, unless the wire is cut or loses it.
 *
 * Router number k has the router ID k; on wire number w of OSPFv2 its address is 10.w/256.w%256.k,
 * in OSPFv3 fe80::k everywhere. So up to 254 routers are on one wire of OSPFv2.
 */
#ifndef PROTO_OSPF_FIXTURE_TEST_H
#define PROTO_OSPF_FIXTURE_TEST_H

#include "base/list.h"
#include "base/random.h"
#include "base/timers.h"
#include "proto/ospf/ospf.h"

struct fixture;

struct fixture_wire {
	struct list link; /* fixture.wires */
	struct list ends; /* struct fixture_end */
	uint32_t number;  /* from 1 */
	uint16_t mtu;
	struct duration delay;
	uint32_t loss; /* of 1,000 packets */
	bool cut;
	/* Each packet that is sent there, before anything else is done with it; NULL: nobody looks.
	   False: it is lost. */
	bool (*tap)(void *of, const struct ospf_packet *p);
	void *tap_of;
};

struct fixture_router {
	struct list link; /* fixture.routers */
	struct fixture *of;
	struct ospf *ospf; /* owned */
	uint32_t number;
	struct timer due;
	uint32_t n_interfaces;
	/* Events of all kinds, and the text of the last note. */
	uint32_t events[SPEAKER_EVENT_NOTE + 1];
	char note[SPEAKER_SENTENCE_MAX];
	bool asleep; /* it does nothing, and hears nothing */
};

struct fixture_end {
	struct list link; /* wire.ends */
	struct fixture_router *router;
	struct fixture_wire *wire;
	uint32_t index; /* of the interface: the number of the wire */
	struct address address;
	bool up;
};

struct fixture {
	enum ospf_version version;
	struct instant now;
	struct random random;
	struct timers timers; /* when routers are due */
	struct list routers, wires;
	struct list flight; /* packets under way, the next one first */
	uint32_t n_routers, n_wires;
	uint64_t sent, arrived, bytes; /* packets, and their bytes */
};

struct fixture *fixture_new(enum ospf_version v, uint64_t seed);
void fixture_free(struct fixture *f);

/* `s` NULL: the defaults. */
struct fixture_router *fixture_router(struct fixture *f, const struct ospf_settings *s);
struct fixture_wire *fixture_wire(struct fixture *f);

/* Puts a router on a wire, with these settings (NULL: the defaults), up. */
struct fixture_end *fixture_join(struct fixture_router *r, struct fixture_wire *w,
				 const struct ospf_interface_settings *s);
struct fixture_end *fixture_end_of(const struct fixture_router *r, const struct fixture_wire *w);
void fixture_link(struct fixture_end *e, bool up);

/* Takes what there is of a router, after something was done with it; and lets time pass. */
void fixture_drain(struct fixture_router *r);
void fixture_run(struct fixture *f, struct duration time);

/* Until it is so, or false after `limit`. */
bool fixture_until(struct fixture *f, struct duration limit, bool (*is_so)(void *of), void *of);

/* The neighbour of `r` on the wire with that number; false: there is none. */
bool fixture_neighbor(const struct fixture_router *r, const struct fixture_wire *w, uint32_t number,
		      struct ospf_neighbor_row *ret);
bool fixture_interface(const struct fixture_router *r, const struct fixture_wire *w,
		       struct ospf_interface_row *ret);

/* The LSA with that key in any database of the router; false: there is none. */
bool fixture_lsa(const struct fixture_router *r, uint16_t type, uint32_t id, uint32_t router,
		 struct ospf_lsa_row *ret);

/* How many LSAs it has, and a sum over all but their ages: equal where databases are. `scope`s. */
uint32_t fixture_database(const struct fixture_router *r, enum lsa_scope scope, uint64_t *ret_sum);

/* Whether all routers have the same LSAs of areas and the AS; and whether no adjacency is open. */
bool fixture_is_synchronized(void *fixture);
bool fixture_is_settled(void *fixture);

/* A whole LSA with its checksum: of `length` bytes that mean nothing to anybody. */
size_t fixture_lsa_make(enum ospf_version v, const struct lsa_key *k, int32_t sequence,
			uint16_t age, size_t length, uint8_t *to);

#endif
