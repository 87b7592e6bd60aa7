/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stage on which a test plays with a node: a world that is a few arrays. What the node is told,
 * what it wants of the kernel, what it sends, what it answers. The kernel carries out effects at
 * once, or leaves them for the test to answer; everything that the node wants is a line of the log.
 */
#ifndef NODE_STAGE_TEST_H
#define NODE_STAGE_TEST_H

#include "base/unit.h"
#include "node/protocol.h"
#include "node/rows.h"

#define STAGE_BOARD_INDEX 100
#define STAGE_BOARDS 4
#define STAGE_PROVES_MAX 64
#define STAGE_OBJECTS_MAX 2048
#define STAGE_LOG_MAX 16384
#define STAGE_LOG_LINE 300

struct stage {
	struct node *node;
	struct instant now;
	bool bfd;	 /* the rule for eth* says bfd */
	bool probe;	 /* and probe */
	uint8_t through; /* enum probe_through, with `probe` */
	bool lazy;	 /* effects on the kernel wait for stage_answer() */
	bool deaf;	 /* EFFECT_LISTEN is not answered */
	bool blind;	 /* EFFECT_WATCH is refused */
	bool answering;	 /* stage_answer() is at work */
	int refuse;	 /* objects: the error that the kernel answers with */
	uint8_t refuses; /* only for objects of this kind; 0: for all */
	uint8_t learn;	 /* the rule for eth*: enum route_filter_mode */
	char boards[STAGE_BOARDS][INTERFACE_NAME_MAX]; /* with the index STAGE_BOARD_INDEX + k */
	struct object objects[STAGE_OBJECTS_MAX];
	size_t n_objects;
	struct effect waiting[STAGE_OBJECTS_MAX];
	size_t n_waiting;
	char (*log)[STAGE_LOG_LINE]; /* what the node wanted, in its order */
	size_t n_log;
	size_t adds, removes, resyncs, stopped;
	struct effect reply; /* the last one */
	size_t replies;
	size_t parts; /* REPLY_PART, which are no replies yet */
	/* Who hears both, beside the stage; NULL: nobody. */
	void (*told)(void *context, struct instant now, const struct effect *e);
	void *context;
	struct row_vip *rows; /* that were read last */
	size_t n_rows;
	struct row_interface interface;
	struct row_status status;
	struct row_route route; /* the last one */
	struct row_source_why why;
	struct source_look look; /* what the world finds out for that */
	const char *sourcing;	 /* why connections cannot be given a VIP; NULL: they can */
	uint32_t request;
	bool proof;				/* the configuration proves forwarding */
	struct effect proves[STAGE_PROVES_MAX]; /* EFFECT_PROVE that wait for stage_proved() */
	size_t n_proves;
};

/*
 * For cmocka: *state becomes a stage with a node that has a configuration (a rule for eth*), and
 * has read its kernel: eth0 with 10.1.0.10/24, where it speaks.
 */
int stage_setup(void **state);

/* The two halves of it: a node that has started; its configuration and its kernel, which holds the
 * address on vnic0 unless that is NULL. */
void stage_raise(void **state);
void stage_raise_seeded(void **state, uint64_t seed);
void stage_begin(struct stage *s, const char *held);
void stage_begin_kernel(struct stage *s, const char *held); /* the kernel alone */
int stage_teardown(void **state);

#define STAGE_TEST(name) cmocka_unit_test_setup_teardown(name, stage_setup, stage_teardown)

void stage_put(struct stage *s, const struct input *in);

/* Lets time pass; the node gets its ticks. */
void stage_run(struct stage *s, struct duration time);

/* Answers all effects that wait, and what comes of that. */
void stage_answer(struct stage *s);

/*
 * Answers the first that waits of what is to be proven for the address through the router; false:
 * there is none. `way`: by which interface it came back.
 */
bool stage_proved(struct stage *s, const char *to, const char *router, enum echo_outcome outcome,
		  uint32_t way);

/* What the kernel tells. */
void stage_link_put(struct stage *s, uint32_t index, const char *name, bool up);
/* One that is said to route, whatever it says itself; nobody speaks on either side. */
void stage_config_router(struct stage *s, const char *router);
void stage_object_put(struct stage *s, bool present, uint8_t kind, uint32_t interface,
		      const char *prefix);
void stage_address_put(struct stage *s, uint32_t interface, const char *prefix);
void stage_peer_put(struct stage *s, bool present, uint32_t interface, const char *address,
		    const char *peer);
void stage_board_put(struct stage *s, size_t k, bool up);

/* A board goes, and with it all that is on it. */
void stage_board_drop(struct stage *s, uint32_t index);

/* A response of a RIP-2 router on eth0. */
void stage_packet_put(struct stage *s, const char *source, const char *prefix, uint8_t metric);

/* Somebody with this last byte of his MAC answers on eth0 for the address. */
void stage_rival_put(struct stage *s, const char *address, uint8_t mac);

/* The same packet, from a router that hands on another server's tag. */
void stage_tagged_put(struct stage *s, const char *source, const char *prefix, uint8_t metric,
		      uint16_t tag);

/* Commands, each a request with the next number; stage_bind_part() goes on with the same one. */
void stage_bind(struct stage *s, const char *vip);
void stage_bind_how(struct stage *s, const char *vip, enum vip_arp arp, enum vip_conflict conflict);
void stage_bind_part(struct stage *s, const char *vip, const char *board, bool more);

/* Binds that many host addresses from 10.8.0.1 on in one request, and waits until they are. */
void stage_bind_many(struct stage *s, uint32_t count);
void stage_unbind(struct stage *s, const char *address, bool now);

/* A configuration: the rule for eth*, then VIPs, then the end. */
void stage_config_begin(struct stage *s);
/* How a protocol is spoken by the rule that was put last. */
void stage_speech_put(struct stage *s, enum protocol_id protocol);
void stage_config_vip(struct stage *s, const char *vip, uint8_t metric);
void stage_config_end(struct stage *s);

/* Reads into the stage: how all is; all VIPs; the interface with the index. */
const struct row_status *stage_status(struct stage *s);
void stage_vips(struct stage *s);
void stage_interface(struct stage *s, uint32_t index);

/* Reads the route at this position, or the last one; returns how many there are. */
size_t stage_route(struct stage *s, size_t position);

/* The row of one VIP; NULL when it is not bound. */
const struct row_vip *stage_vip(struct stage *s, const char *address);

/* Why eth0 does not speak; empty when it does. */
const char *stage_interface_reason(struct stage *s);

/*
 * The place of the first line at or behind `from` that has the text in it; STAGE_LOG_MAX: there is
 * none.
 */
size_t stage_find(const struct stage *s, size_t from, const char *text);
bool stage_said(const struct stage *s, const char *text);

/* The kernel holds "address 10.9.1.1/32", "local …" or "unreachable …". */
bool stage_holds(const struct stage *s, const char *what);

/* The outcome of the last request, and a part of its sentence or NULL. */
void assert_reply(const struct stage *s, enum reply_code code, const char *part);
void assert_order(const struct stage *s, const char *first, const char *second);
void assert_state(struct stage *s, const char *address, enum vip_state state);

#endif
