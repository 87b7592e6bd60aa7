/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sockets in the loop, some for each interface that somebody listens on: a speaker's (sockets.h),
 * and those for frames (frames.h). They are opened and closed together and read in turns that are
 * bounded, so that nobody who floods holds the loop.
 */
#ifndef LINUX_PORTS_H
#define LINUX_PORTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

#include "base/list.h"

#define PORTS_MAX 4 /* of one interface */

#define PACKETS_A_READ 16 /* what one call of ports_hooks.read may read, at most */

struct port {
	struct port_pair *pair;
	uint8_t which; /* its place in the pair */
	int fd;	       /* -1: closed */
	uint64_t used_ms,
		named_ms; /* of questions: the last one, and since when it has its number */
	uv_poll_t poll;
};

/* One interface. It is freed when the loop has let go of both polls. */
struct port_pair {
	struct list link;
	struct ports *set;
	uint32_t interface;
	unsigned handles;
	bool all_multicast; /* of frames: the interface hears every multicast frame for them */
	/* Of datagrams: the kernel refuses what is said to all; anything was said to all. */
	bool refused, says_to_all;
	struct port ports[PORTS_MAX];
};

struct ports_hooks {
	void *context;
	/* A descriptor that does not block, or -errno with a phrase for a person in *ret_why. */
	int (*open)(void *context, const struct port *p, const char **ret_why);
	/*
	 * Reads once, at most PACKETS_A_READ, tells what it read as long as the port is open, and
	 * returns how many there were.
	 */
	size_t (*read)(void *context, struct port *p);
};

struct ports {
	uv_loop_t *loop;
	struct ports_hooks hooks;
	struct list pairs;
	uint8_t n_ports;  /* of each interface */
	unsigned handles; /* of all pairs, those that are being closed included */
};

/* The loop must outlive the set. */
void ports_init(struct ports *s, uv_loop_t *loop, uint8_t n_ports, const struct ports_hooks *hooks);

/* Closes all; runs the loop, without waiting, until it has let go of them. */
void ports_done(struct ports *s);

/* NULL when nothing is open on the interface. */
struct port_pair *ports_find(const struct ports *s, uint32_t interface);

/* Opens the ports of an interface on which nothing is open. 0, or -errno with *ret_why. */
int ports_open(struct ports *s, uint32_t interface, const char **ret_why);

void ports_close(struct port_pair *pair);

#endif
