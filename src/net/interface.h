/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known of a network interface, as a value. The index is the kernel's and stays with the
 * interface when it is renamed.
 */
#ifndef NET_INTERFACE_H
#define NET_INTERFACE_H

#include <stdbool.h>
#include <stdint.h>

#define INTERFACE_NAME_MAX 16 /* IFNAMSIZ, the terminator included */

enum interface_kind {
	INTERFACE_PHYSICAL, /* anything that is not one of the others */
	INTERFACE_LOOPBACK,
	INTERFACE_BOARD, /* a virtual board that carries our mark */
};

struct interface {
	uint32_t index;
	char name[INTERFACE_NAME_MAX];
	uint8_t kind; /* enum interface_kind */
	bool up;      /* administratively up (IFF_UP) */
	bool carrier; /* the wire is there (IFF_LOWER_UP; operstate) */
	bool multicast, broadcast;
	uint32_t mtu;
	uint8_t mac[6];			  /* zero when it has none */
	char backend[INTERFACE_NAME_MAX]; /* the kernel's kind, as dummy, ifb, veth; empty: none */
};

/* Frames can leave by it. */
static inline bool interface_is_usable(const struct interface *i)
{
	return i->up && i->carrier;
}

/* Matches an interface name against a pattern with *, ? and [...] as in glob(7). */
bool interface_name_matches(const char *pattern, const char *name);

/* True when the pattern is a plain name, without anything that glob(7) gives a meaning. */
bool interface_name_is_plain(const char *pattern);

/*
 * What the kernel takes as a name: 1 to 15 bytes, printable, no space, slash or colon, not . or ..
 */
bool interface_name_is_valid(const char *name);

#endif
