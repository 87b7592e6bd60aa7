/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Streams (TCP) of a speaker, as values. A stream has a number of its own within its speaker: the
 * speaker chooses it for those that it opens, from 1; the world for those that somebody else opens
 * to us, from STREAM_ACCEPTED on.
 *
 * Who writes has credit: so many bytes the world takes now. It begins with what comes with the
 * news that the stream is open, each write takes from it, and it is given back as the other end
 * takes what was written. So nothing is queued without a limit, whoever reads slowly.
 */
#ifndef NET_STREAM_H
#define NET_STREAM_H

#include <stdint.h>

#include "net/address.h"

#define STREAM_BYTES_MAX 1400 /* of one piece */
#define STREAM_ACCEPTED 0x80000000u
#define STREAM_CREDIT 65536 /* that a stream begins with */

/* A stream that is to be opened, or that is open now. */
struct stream {
	uint16_t speaker;
	uint32_t number;
	uint32_t interface;   /* that it is bound to; 0: none */
	struct address local; /* not set: whatever Linux chooses */
	struct address remote;
	uint16_t port;	       /* of the remote end; of one that is accepted our own */
	uint8_t hop_limit;     /* with which packets leave; 0: the usual one */
	uint8_t hop_limit_min; /* with less nothing is believed (RFC 5082); 0: anything is */
	uint32_t credit;       /* of one that is open */
};

/* Bytes of a stream, in either direction. */
struct stream_piece {
	uint16_t speaker;
	uint32_t number;
	uint16_t length;
	uint8_t bytes[STREAM_BYTES_MAX];
};

/* It is closed, or is to be; or so many bytes more can be written. */
struct stream_change {
	uint16_t speaker;
	uint32_t number;
	int32_t error;	 /* closed: -errno, or 0 when the other end has closed it */
	uint32_t credit; /* more */
};

#endif
