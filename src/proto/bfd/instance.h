/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inside of the BFD speaker, for its own files only.
 *
 *   struct bfd ──┬─ sessions[limit]: free, or in both tables below
 *                ├─ by_key, by_discriminator
 *                ├─ ready ── session ── session ── …    something is to be sent
 *                ├─ timers: transmit, detect, farewell
 *                └─ events: a ring
 */
#ifndef PROTO_BFD_INSTANCE_H
#define PROTO_BFD_INSTANCE_H

#include "base/clock.h"
#include "base/hash.h"
#include "base/list.h"
#include "base/random.h"
#include "base/timers.h"
#include "proto/bfd/bfd.h"
#include "proto/bfd/packet.h"

#define BFD_SLOW_US 1000000 /* RFC 5880 6.8.3: the least between packets while not up */
#define BFD_FAREWELLS 3	    /* packets with AdminDown */
#define BFD_FAREWELL_GAP DURATION_MS(10)

/*
 * To be run late by more than a quarter of a session's interval is to be held up; a pace wants less
 * than a sixteenth (bfd_slack()). Intervals are told apart by powers of two of the shortest.
 */
#define BFD_HELD_UP_CLASSES 17

enum bfd_timer {
	BFD_TIMER_TRANSMIT, /* the next periodic packet; says good-bye when the session leaves */
	BFD_TIMER_DETECT,   /* the peer is silent for too long */
};

enum bfd_fsm_event {
	BFD_FSM_ADMIN_DOWN, /* the peer says that it is in this state: RFC 5880 6.8.6 */
	BFD_FSM_DOWN,
	BFD_FSM_INIT,
	BFD_FSM_UP,
	BFD_FSM_EXPIRED, /* it says nothing any more: RFC 5880 6.8.4 */
	BFD_FSM_REMOVED, /* our client does not want it any more: RFC 5880 6.8.16 */
};

enum bfd_poll {
	BFD_POLL_NONE,
	BFD_POLL_ASKING,  /* our packets have the P bit until one with F comes */
	BFD_POLL_BETWEEN, /* another sequence follows once a packet without F has come */
};

/* What is to be sent out of turn. */
enum bfd_send {
	BFD_SEND_PERIODIC = 1, /* its time has come */
	BFD_SEND_CHANGE = 2,   /* it would differ from the last: RFC 5880 6.8.7 */
	BFD_SEND_FINAL = 4,    /* the peer polls */
};

struct bfd_session {
	struct hash_node by_key, by_discriminator;
	struct list ready; /* or in the list of the free */
	bool used, leaving;
	struct path key;
	struct bfd_params params;
	uint16_t source_port;

	/* RFC 5880 6.8.1, in its words. */
	uint8_t state, remote_state;
	uint8_t diagnostic, remote_diagnostic;
	uint8_t last_diagnostic; /* of the last time that it left UP, for people */
	uint32_t discriminator, remote_discriminator;
	uint32_t remote_rx_us, remote_tx_us;
	uint8_t remote_multiplier;
	bool remote_demand, remote_independent;
	uint32_t transmit_sequence, receive_sequence;
	bool sequence_known;

	uint32_t tx_us, rx_us; /* in force, where a Poll Sequence holds back the parameters' */
	enum bfd_poll poll;
	bool poll_again; /* the parameters have changed since it began */
	uint8_t send;	 /* enum bfd_send */
	uint8_t farewells;

	struct timer transmit, detect;
	struct instant received_at, since;
	struct instant paced_from;   /* where the interval to the next packet begins */
	struct instant answered;     /* while it is passive: when a stranger's packet was, last */
	struct duration last_detect; /* the detection time when the last packet came */
	uint8_t postponed;	     /* how often its expiry was, since then */
	uint32_t flaps;
	uint64_t sent, received;
	uint32_t drops[BFD_DROP_COUNT];
};

struct bfd {
	struct bfd_settings settings;
	struct random random;
	struct timers timers;
	struct hash by_key, by_discriminator;
	struct bfd_session *sessions; /* settings.sessions of them */
	struct list free, ready;
	size_t n_used;
	/* When we were last run late by a quarter of the shortest interval, of twice that, ... */
	struct instant held_up_until[BFD_HELD_UP_CLASSES];
	uint32_t drops[BFD_DROP_COUNT];
	struct bfd_event *events; /* a ring of capacity 4 for each session */
	size_t first_event, n_events;
};

/* fsm.c: the state machine. False when the event means nothing in this state. */
bool fsm_step(struct bfd *b, struct instant now, struct bfd_session *s, enum bfd_fsm_event event);

/* session.c */
struct bfd_session *session_by_key(const struct bfd *b, const struct path *key);
struct bfd_session *session_by_discriminator(const struct bfd *b, uint32_t discriminator);

uint16_t session_slot(const struct bfd *b, const struct bfd_session *s);

/* The state has changed: what else changes with it. */
void session_entered(struct bfd *b, struct instant now, struct bfd_session *s, uint8_t from);
void session_expired(struct bfd *b, struct instant now, struct bfd_session *s);
void session_free(struct bfd *b, struct bfd_session *s);

/* Something is to be sent: `why` is an enum bfd_send. */
void session_wants_to_send(struct bfd *b, struct bfd_session *s, enum bfd_send why);

/* interval.c: how often, and for how long. */

/* The peer's packets are at most so far apart. */
struct duration interval_receive(const struct bfd_session *s);

/* What we say we would like: the parameters, but slow while not up. */
uint32_t interval_desired_us(const struct bfd_session *s);

/* RFC 5880 6.8.2 and 6.8.4; zero: nothing is sent, or nothing is waited for. */
struct duration interval_transmit(const struct bfd_session *s);
struct duration interval_detect(const struct bfd_session *s);

/* The parameters or the state have changed: a Poll Sequence where one is needed. */
void interval_changed(struct bfd *b, struct instant now, struct bfd_session *s);

/* A packet came, with these bits. */
void interval_heard(struct bfd *b, struct instant now, struct bfd_session *s, bool final);

/*
 * Sets the transmit timer by what is in force now: earlier than it stands, or later where the
 * packet that waits would come too soon behind the one before it.
 */
void interval_adapt(struct bfd *b, struct instant now, struct bfd_session *s);

/* Sets it for the next packet. */
void interval_next(struct bfd *b, struct instant now, struct bfd_session *s);

/* bfd.c */

/* When a session with such an interval was last held up. */
struct instant bfd_held_up_until(const struct bfd *b, struct duration interval);

void bfd_tell(struct bfd *b, const struct bfd_event *e);

#endif
