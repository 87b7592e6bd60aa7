/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Address conflict detection as a library: asks the neighbours of a physical network whether
 * somebody has an address already, says to them that it is here now, and notices when somebody else
 * uses it. ARP for IPv4 (RFC 826, RFC 5227), neighbour discovery for IPv6 (RFC 4861, RFC 4862 5.4).
 *
 * The shape is that of every speaker: after any call that may change something, take what there is
 * with acd_output() and acd_event() until they have nothing more, and call acd_tick() at
 * acd_deadline(). Nothing here does I/O, reads a clock or draws a random number of its own.
 *
 *	probe ──nobody──► CLEAR            the caller binds, then claims
 *	   └───somebody─► RIVAL
 *	claim ── frames of somebody else ──► RIVAL ── silent when probed ──► RIVAL_GONE
 */
#ifndef PROTO_ACD_ACD_H
#define PROTO_ACD_ACD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "net/address.h"
#include "net/ether.h"

/*
 * RFC 5227 1.1 asks for three probes over several seconds, for hosts that wake up with thousands of
 * others on a slow network. A server that takes an address over cannot wait so long.
 */
#define ACD_PROBES 3
#define ACD_PROBE_INTERVAL DURATION_MS(100)

#define ACD_ANNOUNCEMENTS 3 /* in a burst: at once, after one, and after two more intervals */
#define ACD_ANNOUNCE_INTERVAL DURATION_S(1)
#define ACD_REFRESH DURATION_S(60)
#define ACD_DEFEND_INTERVAL DURATION_S(10) /* RFC 5227 2.4: one defence in that time */

/* A rival is asked so often whether it is still there, and gone after ACD_PROBES silences. */
#define ACD_VERIFY_INTERVAL DURATION_S(10)

/* Addresses that are probed for or claimed, each counted on each interface; no memory beyond. */
#define ACD_WATCHES_MAX 65536

enum acd_event_kind {
	ACD_EVENT_CLEAR, /* nobody has answered a probe */
	ACD_EVENT_RIVAL, /* somebody uses the address; ends a probe */
	ACD_EVENT_RIVAL_GONE,
};

struct acd_event {
	uint8_t kind; /* enum acd_event_kind */
	uint32_t interface;
	struct address address;
	uint8_t mac[ETHER_MAC_BYTES]; /* of the rival */
	bool again; /* the rival of a claim has answered when it was asked; told once */
};

struct acd;

/* NULL when there is no memory. `seed` feeds the jitter. */
struct acd *acd_new(uint64_t seed);
void acd_free(struct acd *a);

/*
 * An interface: its own address on the wire, and whether frames can be sent and heard there now.
 * What all interfaces have sent themselves is never a rival. A probe on an interface that is not
 * usable, or ceases to be, ends with CLEAR: nobody there can object. An interface that comes back
 * announces what is claimed there anew. 0 or -ENOMEM.
 */
int acd_link(struct acd *a, struct instant now, uint32_t index, bool usable,
	     const uint8_t mac[ETHER_MAC_BYTES]);
void acd_link_remove(struct acd *a, struct instant now, uint32_t index);

/*
 * Asks on the interface whether somebody has the address; a CLEAR or a RIVAL follows, also when it
 * has been asked before. One that is claimed is released first. The verdict is remembered until the
 * address is claimed, probed for again or released. 0 or -ENOMEM.
 */
int acd_probe(struct acd *a, struct instant now, uint32_t index, const struct address *address);

/*
 * From now on the address is ours on the interface, and who else uses it is a rival. With `answer`
 * it is announced (RFC 5227 3: gratuitous ARP requests; RFC 4861 7.2.6: unsolicited neighbour
 * advertisements), in a burst and then now and then, defended, and for IPv6, where Linux answers
 * only for the interface's own addresses, solicitations are answered. May be called again with
 * another `answer`. A rival that the probe before it has found is not told again. 0 or -ENOMEM.
 */
int acd_claim(struct acd *a, struct instant now, uint32_t index, const struct address *address,
	      bool answer);

/* Neither probed for nor claimed any more, on this interface or, with 0, on every one. No event. */
void acd_release(struct acd *a, uint32_t index, const struct address *address);

/* A frame from the network. Whatever it is, nothing but a counter may break. */
void acd_input(struct acd *a, struct instant now, const struct ether_frame *frame);

/* The next frame to send, false when there is none. */
bool acd_output(struct acd *a, struct instant now, struct ether_frame *ret);

/*
 * The next thing to tell, false when there is none. Of an address on an interface only the latest
 * is kept.
 */
bool acd_event(struct acd *a, struct acd_event *ret);

/* When acd_tick() is wanted next; INSTANT_NEVER when nothing is waited for. */
struct instant acd_deadline(const struct acd *a);
void acd_tick(struct acd *a, struct instant now);

/* Frames that were dropped because they were malformed. */
uint32_t acd_dropped(const struct acd *a);

#endif
