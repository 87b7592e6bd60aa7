/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The BFD speaker: Bidirectional Forwarding Detection (RFC 5880), over one hop (RFC 5881) or
 * several (RFC 5883), as a library. Sessions, time and received bytes go in; packets and changes of
 * state come out. It only watches liveness: what a change means is its client's affair (RFC 5882).
 *
 * The shape is that of every speaker: after any call that may change something, take what there is
 * with bfd_output() and bfd_event() until they have nothing more, and call bfd_tick() at
 * bfd_deadline(). Nothing here does I/O, reads a clock or draws a random number of its own.
 *
 * All memory is taken by bfd_new(). No other call allocates.
 */
#ifndef PROTO_BFD_BFD_H
#define PROTO_BFD_BFD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "fields/field.h"
#include "net/path.h"

#define BFD_PORT 3784	       /* one hop: RFC 5881 4 */
#define BFD_PORT_MULTIHOP 4784 /* RFC 5883 5 */
#define BFD_SOURCE_PORT_MIN 49152
#define BFD_TTL 255	  /* RFC 5881 5 */
#define BFD_PACKET_MAX 52 /* 24 bytes, and 28 of the longest authentication section */
#define BFD_SESSIONS_MAX 512
#define BFD_KEYS_MAX 4	  /* of a session */
#define BFD_SECRET_MAX 20 /* RFC 5880 6.7.4; 16 for a password or MD5 */
#define BFD_INTERVAL_MIN_US 1000
#define BFD_INTERVAL_MAX_US 60000000

#define BFD_STATES(X)                                                                              \
	X(ADMIN_DOWN, "admin-down")                                                                \
	X(DOWN, "down")                                                                            \
	X(INIT, "init")                                                                            \
	X(UP, "up")

enum bfd_state {
#define BFD_STATE_ENUM(name, text) BFD_STATE_##name,
	BFD_STATES(BFD_STATE_ENUM)
#undef BFD_STATE_ENUM
		BFD_STATE_COUNT
};

/* Why a session is not up any more: RFC 5880 4.1. */
#define BFD_DIAGNOSTICS(X)                                                                         \
	X(NONE, "no diagnostic")                                                                   \
	X(EXPIRED, "detection time expired")                                                       \
	X(ECHO, "echo function failed")                                                            \
	X(NEIGHBOR, "neighbour signalled down")                                                    \
	X(FORWARDING, "forwarding plane reset")                                                    \
	X(PATH, "path down")                                                                       \
	X(CONCATENATED, "concatenated path down")                                                  \
	X(ADMIN, "administratively down")                                                          \
	X(REVERSE, "reverse concatenated path down")

enum bfd_diagnostic {
#define BFD_DIAGNOSTIC_ENUM(name, text) BFD_DIAGNOSTIC_##name,
	BFD_DIAGNOSTICS(BFD_DIAGNOSTIC_ENUM)
#undef BFD_DIAGNOSTIC_ENUM
		BFD_DIAGNOSTIC_COUNT
};

/* Numbers are RFC 5880 4.1's. */
enum bfd_auth_type {
	BFD_AUTH_NONE = 0,
	BFD_AUTH_PASSWORD = 1,
	BFD_AUTH_MD5 = 2,
	BFD_AUTH_MD5_METICULOUS = 3,
	BFD_AUTH_SHA1 = 4,
	BFD_AUTH_SHA1_METICULOUS = 5,
};

/* Why a packet was not believed. One that is not believed changes nothing but a counter. */
#define BFD_DROPS(X)                                                                               \
	X(TTL, "ttl")				    /* it came from farther away: RFC 5881 5 */    \
	X(LENGTH, "length")			    /* too short, or longer than what arrived */   \
	X(VERSION, "version")			    /* not 1 */                                    \
	X(MULTIPLIER, "multiplier")		    /* 0 */                                        \
	X(MULTIPOINT, "multipoint")		    /* the M bit is set */                         \
	X(MY_DISCRIMINATOR, "my-discriminator")	    /* 0 */                                        \
	X(YOUR_DISCRIMINATOR, "your-discriminator") /* of no session of ours */                    \
	X(STATE, "state")		/* your discriminator is 0, but the sender is not down */  \
	X(NO_SESSION, "no-session")	/* nobody wants one with the sender */                     \
	X(ADDRESS, "address")		/* a session's discriminator, but not its addresses */     \
	X(AUTH_MISSING, "auth-missing") /* the session is authenticated, the packet is not */      \
	X(AUTH_UNEXPECTED, "auth-unexpected") /* or the other way round */                         \
	X(AUTH_TYPE, "auth-type")	      /* unknown, or not the session's */                  \
	X(AUTH_LENGTH, "auth-length")	      /* of the section, for its type */                   \
	X(AUTH_KEY, "auth-key")		      /* a key id that the session does not have */        \
	X(AUTH_DIGEST, "auth-digest")	      /* or a password: it is wrong */                     \
	X(AUTH_SEQUENCE, "auth-sequence")     /* outside the window: RFC 5880 6.7.3, 6.7.4 */      \
	X(ADMIN_DOWN, "admin-down")	      /* the session is being taken away: RFC 5880 6.8.6 */

enum bfd_drop {
#define BFD_DROP_ENUM(name, text) BFD_DROP_##name,
	BFD_DROPS(BFD_DROP_ENUM)
#undef BFD_DROP_ENUM
		BFD_DROP_COUNT
};

/* Bytes that a secret of this type may have: RFC 5880 6.7.2 to 6.7.4. */
size_t bfd_secret_max(uint8_t type);
const char *bfd_auth_name(uint8_t type); /* NULL for what is none */

const char *bfd_state_name(enum bfd_state state);
const char *bfd_diagnostic_name(enum bfd_diagnostic diagnostic); /* "reserved" above the known */
const char *bfd_drop_name(enum bfd_drop reason);

struct bfd_secret {
	uint8_t id;
	uint8_t length; /* 1 to 16, with SHA1 to 20 */
	uint8_t bytes[BFD_SECRET_MAX];
};

/* What a client asks of a session. Compared as bytes: zero it first. */
struct bfd_params {
	uint32_t tx_us; /* our packets are at least that far apart; BFD_INTERVAL_MIN_US … _MAX_US */
	uint32_t rx_us;	    /* and the peer's may come as fast */
	uint8_t multiplier; /* 1 and above: our packets that the peer may miss but the last */
	bool passive;	    /* waits for the peer to begin: RFC 5880 6.1 */
	uint8_t ttl_min;    /* several hops only: the lowest TTL that is believed */
	uint8_t auth;	    /* enum bfd_auth_type */
	uint8_t n_secrets;  /* all are believed; the first is what we send with */
	struct bfd_secret secrets[BFD_KEYS_MAX];
};

struct bfd_settings {
	size_t sessions;  /* the most there can be; 1 to BFD_SESSIONS_MAX */
	bool independent; /* this process outlives its control plane: the C bit, RFC 5882 4.3 */
};

/* A packet that arrived, or one to be sent. Only so much of a longer one is needed. */
struct bfd_datagram {
	uint32_t interface;
	struct address source, destination;
	uint16_t source_port;	   /* to be sent: the session's own */
	uint16_t destination_port; /* BFD_PORT or BFD_PORT_MULTIHOP */
	uint8_t ttl;		   /* or hop limit */
	uint16_t slot;	 /* to be sent: the session's place, by which a host may keep its own */
	uint16_t length; /* of what arrived; at most BFD_PACKET_MAX of it are there */
	uint8_t bytes[BFD_PACKET_MAX];
};

struct bfd_event {
	struct path key;
	uint16_t slot;
	uint8_t from, to;	   /* enum bfd_state */
	uint8_t diagnostic;	   /* enum bfd_diagnostic: why it is not up any more */
	uint8_t remote_state;	   /* ADMIN_DOWN: nothing can be concluded, RFC 5882 3.2 */
	uint8_t remote_diagnostic; /* what the peer says, maybe reserved */
};

struct bfd_session_info {
	struct path key;
	uint16_t slot; /* among as many as there can be; no other session's while this one is */
	uint8_t state, remote_state;
	uint8_t diagnostic, remote_diagnostic;
	uint8_t multiplier, remote_multiplier;
	bool remote_independent;
	uint32_t discriminator, remote_discriminator;
	uint16_t source_port;
	struct duration tx, detect; /* in force; 0: nothing is sent, or waited for */
	struct instant since;	    /* of the state */
	uint32_t flaps;		    /* how often it was up and went down */
	uint64_t sent, received;
	uint32_t drops[BFD_DROP_COUNT];
};

struct bfd;

/* NULL when there is no memory. `seed` feeds discriminators, ports, sequence numbers and jitter. */
struct bfd *bfd_new(const struct bfd_settings *settings, uint64_t seed);
void bfd_free(struct bfd *b);

/* 0, or -EINVAL when the parameters are not what struct bfd_params says. */
int bfd_params_check(const struct bfd_params *p);

extern const struct record bfd_params_record; /* struct bfd_params, with its secrets */

/*
 * Starts a session, or changes its parameters: while it is up by a Poll Sequence (RFC 5880 6.8.3),
 * without a flap. 0; -EINVAL as bfd_params_check(), or a key without addresses or of two families;
 * -ENOSPC when there are too many.
 */
int bfd_session_set(struct bfd *b, struct instant now, const struct path *key,
		    const struct bfd_params *params);

/* Tells the peer AdminDown (RFC 5880 6.8.16), three times, and forgets the session then. */
void bfd_session_remove(struct bfd *b, struct instant now, const struct path *key);

/* The same for all of them. */
void bfd_stop(struct bfd *b, struct instant now);

/* Whether no session is left, not even one that says good-bye. */
bool bfd_is_empty(const struct bfd *b);

/* How many there are, with those that say good-bye. */
size_t bfd_session_count(const struct bfd *b);

/* The source port is taken by somebody else on this machine: another one is drawn. */
void bfd_session_move(struct bfd *b, const struct path *key);

/*
 * Bytes from the network. What has arrived is to be given before bfd_tick(), or a host that was
 * held up would find a peer silent that was not heard.
 */
void bfd_input(struct bfd *b, struct instant now, const struct bfd_datagram *datagram);

/* When bfd_tick() is wanted next; INSTANT_NEVER when nothing is waited for. */
struct instant bfd_deadline(const struct bfd *b);
void bfd_tick(struct bfd *b, struct instant now);

/* The next packet to send at `now`, false when there is none. */
bool bfd_output(struct bfd *b, struct instant now, struct bfd_datagram *ret);

/* The next change of state, false when there is none. A removed session tells none. */
bool bfd_event(struct bfd *b, struct bfd_event *ret);

/* False when there is no such session. */
bool bfd_session_find(const struct bfd *b, const struct path *key, struct bfd_session_info *ret);

/* Walks the sessions: `position` starts at 0 and is moved on; false at the end. */
bool bfd_session_next(const struct bfd *b, size_t *position, struct bfd_session_info *ret);

/*
 * Packets that belong to no session, or to one that is gone, by enum bfd_drop; BFD_DROP_COUNT of
 * them.
 */
const uint32_t *bfd_drops(const struct bfd *b);

/*
 * The shortest interval at which one of the sessions sends or hears now. A packet may leave so much
 * late as bfd_slack() says of an interval: the jitter leaves room for that.
 */
struct duration bfd_interval_shortest(const struct bfd *b);
struct duration bfd_slack(struct duration interval);

#endif
