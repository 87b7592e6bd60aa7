/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys with which the packets of a protocol are authenticated on an interface. Which keys there
 * are, and when each is used, is a setting that everybody may see; their secrets stand in files
 * that are named here, and only who seals and opens packets reads them, into a keyring.
 */
#ifndef NET_KEYCHAIN_H
#define NET_KEYCHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "net/address.h"

/*
 * How packets are authenticated; which of these a protocol can, and in what form, is its own. The
 * X-macro gives enum and names together.
 */
#define AUTHS(X)                                                                                   \
	X(NONE, "none")                                                                            \
	X(SIMPLE, "simple") /* a password that everybody on the wire can read */                   \
	X(MD5, "md5")	    /* keyed MD5: RFC 2082 */                                              \
	X(HMAC_SHA_1, "hmac-sha-1")                                                                \
	X(HMAC_SHA_256, "hmac-sha-256") /* these: RFC 4822, RFC 5709, RFC 5310 */                  \
	X(HMAC_SHA_384, "hmac-sha-384")                                                            \
	X(HMAC_SHA_512, "hmac-sha-512")

enum auth_type {
#define AUTH_ENUM(name, text) AUTH_##name,
	AUTHS(AUTH_ENUM)
#undef AUTH_ENUM
		AUTH_COUNT
};

/* NULL above the last one. */
const char *auth_name(uint8_t type);

#define KEYCHAIN_KEYS_MAX 8
#define KEYCHAIN_PATH_MAX 95 /* of a secret's file; the terminator included */

/* The latest second of the wall clock that a lifetime may name: 2200-01-01. */
#define KEYCHAIN_WALL_MAX_S INT64_C(7258118400)

/* In seconds since 1970; from 0: since ever; until, which is outside of it, 0: for ever. */
struct keychain_lifetime {
	int64_t from_s, until_s;
};

/* A key, but for its secret: the file that has it is a name here. */
struct keychain_key {
	struct keychain_lifetime send, accept;
	uint8_t id;
	char secret[KEYCHAIN_PATH_MAX];
};

struct keychain {
	uint8_t type; /* enum auth_type */
	uint8_t n_keys;
	struct keychain_key keys[KEYCHAIN_KEYS_MAX]; /* with different numbers */
};

/* The place of the key with this number; n_keys when there is none. */
size_t keychain_place(const struct keychain *a, uint8_t id);
bool keychain_equal(const struct keychain *a, const struct keychain *b);

/*
 * What the clock on the wall says is in seconds since 1970 here, and 0 when it is not known: then
 * only what has no limits is sure.
 */
bool keychain_lifetime_has(const struct keychain_lifetime *l, int64_t wall_s);

/* What the clock on the wall says, which was `wall` at the instant 0. */
int64_t keychain_wall_s(struct instant now, struct duration wall);

/* When the time of a key begins or ends next; INSTANT_NEVER: none does. */
struct instant keychain_next_change(const struct keychain *a, struct instant now,
				    struct duration wall);

/*
 * The place of the key that seals: of those whose secrets are there (bit k of `places` stands for
 * the key at place k) and that may send now the one whose time has begun last, of equals the one
 * that stands last. KEYCHAIN_KEYS_MAX: there is none.
 */
uint8_t keychain_choose(const struct keychain *a, uint32_t places, int64_t wall_s);

/*
 * Sequence numbers that never go back (RFC 4822 3.1), by seconds; and some that grow with each
 * packet (RFC 7166 2.1, RFC 7474 3), of 64 bits, with the seconds in their upper half. Both are of
 * one counter: a number that goes on the wire with 32 bits is never above UINT32_MAX, and one of
 * the others always is, so what is written down needs no kind beside it.
 */
struct keychain_counter {
	uint64_t last;	   /* with seconds in the upper half */
	struct instant at; /* since when these seconds */
};

/* The number for what is sealed now: seconds; and one of 64 bits. */
uint32_t keychain_count(struct keychain_counter *c, struct instant now, int64_t wall_s);
uint64_t keychain_count_each(struct keychain_counter *c, struct instant now, int64_t wall_s);

/* Goes on behind a number of either kind, which an earlier life has written down. */
void keychain_resume(struct keychain_counter *c, uint64_t number);

/*
 * What has to be written down, before it is used, so that no later life goes back behind a number:
 * one that stands for all of its second. `written`, if that is enough already.
 */
uint64_t keychain_written(uint64_t written, uint64_t number);

#define SECRET_MAX 128 /* bytes of a secret */

struct secret {
	uint8_t id;
	uint8_t length; /* 1 to SECRET_MAX */
	uint8_t bytes[SECRET_MAX];
};

/* The secrets of an interface: in memory only where packets are sealed and opened. */
struct keyring {
	uint8_t type; /* enum auth_type */
	uint8_t n;
	struct secret secrets[KEYCHAIN_KEYS_MAX];
};

/* The secret with this number; NULL: there is none. */
const struct secret *keyring_find(const struct keyring *k, uint8_t id);

/* The highest sequence number that was heard of a neighbour with a key. */
struct keychain_sequence {
	struct address neighbor;
	uint8_t key;
	uint64_t number;
};

#define SEQUENCES_MAX 256 /* neighbours and keys whose numbers are remembered */

/* The highest number of a neighbour, which outlives what else is known of it. */
struct sequence_heard {
	struct keychain_sequence is;
	struct instant heard;
	struct instant paced; /* when what was told of it so far would be at an even pace */
	bool owed;	      /* it has grown since it was told */
};

struct sequences {
	struct sequence_heard all[SEQUENCES_MAX];
	size_t n;
};

/* NULL: nothing was heard of it. */
const struct sequence_heard *sequences_find(const struct sequences *s, const struct address *a,
					    uint8_t key);

/*
 * A number was heard. True: it is to be told, so that a later life knows it. A new number is told
 * at once; of very many, as a router has that gives each packet another one, so many a second after
 * as many in a row, and the last one when the neighbour has nothing more to say: each call of
 * sequences_owed() gives one that is still to be told, false when there is none.
 */
bool sequences_note(struct sequences *s, struct instant now, const struct keychain_sequence *is);
bool sequences_owed(struct sequences *s, struct instant now, const struct address *a,
		    struct keychain_sequence *ret);

/* An earlier life has heard it; and a walk over all: `position` starts at 0. */
void sequences_resume(struct sequences *s, struct instant now, const struct keychain_sequence *is);
bool sequences_next(const struct sequences *s, size_t *position, struct keychain_sequence *ret);

#endif
