/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The speakers' UDP sockets: two for each family and interface that is spoken on. Each is bound to
 * its interface by index, so that a rename changes nothing and what arrives says by which wire it
 * came.
 */
#ifndef LINUX_SOCKETS_H
#define LINUX_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

#include "node/boundary.h"
#include "proto/speaker.h"

struct sockets;

/* What happened since the start, on all interfaces. */
struct sockets_counters {
	uint64_t received, sent;
	uint64_t overrun; /* dropped by the kernel: they came faster than they were read */
	uint64_t
		not_sent; /* there was no key, the kernel did not take it, or there was no socket */
};

/*
 * NULL when there is no memory. The loop must outlive the sockets. INPUT_LISTENING, INPUT_PACKET
 * and INPUT_SENDING come by the sink.
 */
struct sockets *sockets_new(uv_loop_t *loop, const struct input_sink *sink);

/* Closes all and frees them; runs the loop, without waiting, until it has let go of them. */
void sockets_free(struct sockets *s);

/*
 * Opens the sockets of a speaker on an interface, as its class wants them, and reads the secrets of
 * its keys; without `keys` they are closed. The outcome of opening comes as INPUT_LISTENING, before
 * this returns; what is open already stays so, and goes on with the keys as they are now.
 */
void sockets_listen(struct sockets *s, uint32_t interface, uint16_t speaker,
		    const struct speaker_class *class, const struct keychain *keys);

/*
 * Sends a packet from the address and socket that it names. What the kernel does not take at once
 * is lost, as on any wire, and counted. What it refuses is told by INPUT_SENDING.
 */
void sockets_send(struct sockets *s, const struct packet *d);

/* A protocol that is spoken on an interface. */
struct sockets_spoken {
	uint32_t interface;
	const struct speaker_class *class;
};

/* On which sockets are open, at most `max` of them. Returns how many. */
size_t sockets_spoken(const struct sockets *s, struct sockets_spoken *ret, size_t max);

/* Also asks the kernel what it has dropped. */
struct sockets_counters sockets_counters(const struct sockets *s);

#endif
