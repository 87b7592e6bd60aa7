/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys with which the packets of a protocol are authenticated on an interface. Which keys there
 * are, and when each is used, is a setting that everybody may see; their secrets stand in files
 * that are named here, and only who seals and opens packets reads them, into a keyring.
 */
#ifndef NET_KEYCHAIN_H
#define NET_KEYCHAIN_H

#include <stdbool.h>
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

#endif
