/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The streams of hosts: bytes come in order and whole, in pieces of any size, later when the wire
 * loses much, and not at all while it is cut; then the stream ends some time. Who does not get the
 * time to read stops who writes.
 */
#ifndef SIM_STREAMS_H
#define SIM_STREAMS_H

#include "net/stream.h"

struct sim;
struct effect;
struct sim_event;

#define SIM_STREAMS_MAX 64

struct sim_stream {
	enum sim_stream_state {
		SIM_STREAM_FREE,
		SIM_STREAM_CALLING, /* end 0 calls */
		SIM_STREAM_OPEN,
	} state;
	uint32_t life; /* counted up whenever it is made: what was on its way then is lost */
	uint64_t tries;
	struct sim_stream_end {
		uint8_t host;
		bool there;    /* it has not been closed here */
		uint32_t life; /* of the host */
		struct stream stream;
		/* What it has written and the other end has not read. */
		uint8_t bytes[STREAM_CREDIT];
		size_t head, written;
		uint32_t credit; /* that it has */
		bool ends;	 /* behind that it is closed */
	} ends[2];
};

struct sim_streams {
	struct sim_stream all[SIM_STREAMS_MAX];
	struct sim_listener {
		bool used;
		uint8_t host;
		uint32_t life; /* of the host */
		struct stream stream;
	} listeners[SIM_STREAMS_MAX];
	uint32_t next_accepted;
	uint32_t opened, reset, pieces, short_of_credit; /* what has happened */
};

/* EFFECT_OPEN, EFFECT_STREAM and EFFECT_CLOSE of a host. */
void stream_effect(struct sim *s, uint8_t host, const struct effect *e);

/* SIM_EVENT_STREAM: something of it was on its way. */
void stream_happens(struct sim *s, const struct sim_event *e);

/* A host's node is dead, and with it all its ends. */
void streams_die(struct sim *s, uint8_t host);

/* Some stream that is open is cut off, by nobody at its ends. */
void stream_reset_any(struct sim *s);

#endif
