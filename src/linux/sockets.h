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

#include "node/input.h"

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
 * Opens or closes the sockets of an interface, RIP's or RIPng's by the family, and reads the
 * secrets of its keys (NULL: it has none; RIPng never has any). The outcome of opening comes as
 * INPUT_LISTENING, before this returns; what is open already stays so, and goes on with the keys as
 * they are now.
 */
void sockets_listen(struct sockets *s, uint32_t interface, enum family family, bool on,
		    const struct keychain *auth);

/*
 * Sends a packet from the address and socket that it names. What the kernel does not take at once
 * is lost, as on any wire, and counted: RIP repeats itself. What it refuses is told by
 * INPUT_SENDING.
 */
void sockets_send(struct sockets *s, const struct packet *d);

/*
 * The interfaces on which sockets are open, at most `max` of them, and for which families: bits by
 * family_index(). Returns how many.
 */
size_t sockets_interfaces(const struct sockets *s, uint32_t *ret, uint8_t *ret_families,
			  size_t max);

/* Also asks the kernel what it has dropped. */
struct sockets_counters sockets_counters(const struct sockets *s);

#endif
