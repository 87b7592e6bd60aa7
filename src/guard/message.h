/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What vipd and its guard say to each other: one message a packet. The first two bytes, kind and
 * version, mean the same in all versions; so a guard of another version can still be sent away.
 * From version 5 on tagged fields follow them (fields/tagged.h), which come and go without another
 * version; a kind that is not known is passed over. 6 is who reads how speakers say good-bye in the
 * state file.
 */
#ifndef GUARD_MESSAGE_H
#define GUARD_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "node/counters.h"
#include "proto/bfd/bfd.h"
#include "proto/echo/echo.h"
#include "proto/probe/probe.h"

#define GUARD_VERSION 6

enum guard_message_kind {
	GUARD_HELLO = 1,  /* vipd: guard me; again, with another grace time */
	GUARD_WELCOME,	  /* guard: from now on */
	GUARD_REFUSED,	  /* guard: another vipd is guarded here */
	GUARD_BYE,	  /* vipd: all is withdrawn and removed; the guard ends */
	GUARD_HAND_OVER,  /* vipd: all stays for the next one; the guard ends */
	GUARD_BFD_SET,	  /* vipd: run this BFD session, or run it with other parameters */
	GUARD_BFD_REMOVE, /* vipd: end it */
	GUARD_BFD_STATE,  /* guard: its state; of each one behind WELCOME, and of each change */
	GUARD_PROBE_SET,  /* the same for the probe of a neighbour */
	GUARD_PROBE_REMOVE,
	GUARD_PROBE_STATE,
	GUARD_COUNTERS, /* guard: what it has counted, now and then */
	GUARD_RESTART,	/* vipd: another one comes at once, or else this is a death */
	GUARD_YIELD,	/* another guard, a service of its own: go, I take your place */
	GUARD_ECHO_SET, /* the same as PROBE_* for a track of the echo */
	GUARD_ECHO_REMOVE,
	GUARD_ECHO_STATE,
	GUARD_PROVE,  /* vipd: whether packets to VIPs come to us through routers */
	GUARD_PROVED, /* guard: how that came out, once; UNREACHED too where it could not be begun
		       */
};

#define GUARD_PROOFS_MAX 20 /* in one message: to be woken costs more than to read it */

struct guard_message {
	uint8_t kind;		   /* enum guard_message_kind, or one of a later day */
	uint8_t version;	   /* of who says it */
	struct duration grace;	   /* HELLO of our version: so long vipd may be away */
	struct path key;	   /* BFD_*, PROBE_*, ECHO_* */
	struct bfd_params params;  /* BFD_SET */
	struct probe_params probe; /* PROBE_SET */
	struct echo_params echo;   /* ECHO_SET */
	struct echo_request requests[GUARD_PROOFS_MAX]; /* PROVE */
	struct echo_proof proofs[GUARD_PROOFS_MAX];	/* PROVED */
	uint8_t n_requests, n_proofs;
	uint8_t state; /* BFD_STATE, PROBE_STATE, ECHO_STATE */
	uint8_t remote_state, diagnostic, remote_diagnostic; /* BFD_STATE */
	struct guard_counters counters;			     /* COUNTERS */
};

/* The longest encoding; whoever is newer may say more. */
#define GUARD_MESSAGE_BYTES 3072
#define GUARD_MESSAGE_BYTES_MAX 4096

/* Encodes into `bytes`, of at least GUARD_MESSAGE_BYTES; returns the length. */
size_t guard_message_encode(const struct guard_message *m, uint8_t *bytes);

/* 0, or -EBADMSG when the bytes are no message. */
int guard_message_decode(const uint8_t *bytes, size_t length, struct guard_message *ret);

#endif
