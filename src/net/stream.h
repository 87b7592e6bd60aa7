/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Streams (TCP) of a speaker, as values. A stream has a number of its own within its speaker: the
 * speaker chooses it for those that it opens, from 1; the world for those that somebody else opens
 * to us, from STREAM_ACCEPTED on. Whom the speaker lets open one it says with a stream that
 * listens; that one never has bytes.
 *
 * Who writes has credit: so many bytes the world takes now. It begins with what comes with the
 * news that the stream is open, each write takes from it, and it is given back as the other end
 * takes what was written. So nothing is queued without a limit, whoever reads slowly.
 */
#ifndef NET_STREAM_H
#define NET_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "net/address.h"
#include "net/keychain.h"

#define STREAM_BYTES_MAX 1400 /* of one piece */
#define STREAM_ACCEPTED 0x80000000u
#define STREAM_CREDIT 65536 /* that a stream begins with */

/* A stream that is to be opened, or that is open now. */
struct stream {
	uint16_t speaker;
	uint32_t number;
	uint32_t interface;    /* that it is bound to; 0: none */
	bool listens;	       /* nobody is called: it is waited for whoever calls */
	struct address local;  /* not set: whatever Linux chooses */
	struct address remote; /* of one that listens: who may call; not set: anybody */
	uint16_t port;	       /* of the remote end; of one that listens or was accepted our own */
	uint8_t hop_limit;     /* with which packets leave; 0: the usual one */
	uint8_t hop_limit_min; /* with less nothing is believed (RFC 5082); 0: anything is */
	uint32_t credit;       /* of one that is open */
	char secret[KEYCHAIN_PATH_MAX]; /* the file of the key (TCP MD5, RFC 2385) of `remote`;
					   empty: none */
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
	/*
	 * It was closed: -errno, or 0 when the other end has closed it. To be closed: 0, when what
	 * was written is to arrive, else it is cut off.
	 */
	int32_t error;
	uint32_t credit; /* more */
};

#endif
