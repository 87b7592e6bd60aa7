/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What outlives the node, as plain data: records that the world writes down, in their order and
 * before the acts that follow them. A node that starts is given them back (INPUT_SAVED), so that it
 * takes up what an earlier life has bound; the guard reads them to say good-bye for a node that
 * does not come back.
 *
 * Between SAVED_BEGIN and SAVED_END stands everything; what was written before them counts no more.
 * A reader that finds no SAVED_END behind the last SAVED_BEGIN goes on with what was before.
 */
#ifndef NODE_SAVED_H
#define NODE_SAVED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "fields/tagged.h"
#include "node/settings.h"
#include "node/source.h"
#include "proto/speaker.h"

enum saved_kind {
	SAVED_BEGIN = 1,
	SAVED_END,
	SAVED_VIP,	/* a VIP is to be bound, or is bound, or leaves */
	SAVED_GONE,	/* it has gone: nothing of it is left */
	SAVED_UNBOUND,	/* it stands in the configuration, but was unbound by hand */
	SAVED_BOARD,	/* a board was asked for by hand */
	SAVED_NO_BOARD, /* and given back */
	SAVED_SPEAKS,	/* of an earlier vipd, whose guard knew protocols: of no account */
	SAVED_SILENT,	/* likewise */
	SAVED_STOPPING, /* all VIPs leave: what was bound by hand does not come back */
	SAVED_SOURCE,	/* `vip source on|off` */
	SAVED_SEALED,	/* packets are sealed with this sequence number: none below it any more */
	SAVED_SEQUENCE, /* a neighbour has sealed with this number: none below it is believed */
	SAVED_FAREWELL, /* a speaker speaks on an interface: so good-bye is said there */
	SAVED_MUTE,	/* no longer */
	SAVED_IDENTITY, /* who this host is for protocols that name routers by a number */
	SAVED_NOTE,	/* what a speaker's later life is to know, as bytes of its own */
};

/* How far a VIP is drained. */
enum drain_phase {
	DRAIN_NONE,
	DRAIN_RUNNING, /* until its connections have ended, or its time is over */
	DRAIN_DONE,    /* it is withdrawn */
};

struct saved_vip {
	struct vip_settings settings;
	uint32_t spoken;	    /* the metric that is announced in its place; 0: none */
	bool configured;	    /* it stands in the configuration */
	bool leaving;		    /* it is being unbound */
	uint8_t drain;		    /* enum drain_phase */
	struct instant drain_until; /* of the same boot: records do not outlive it */
};

/* By it good-bye is said in the place of a speaker: no sooner than it is dead. */
struct saved_farewell {
	uint16_t speaker; /* its number */
	uint8_t protocol;
	bool beside; /* the others of the speaker there, which else count no more */
	struct farewell is;
};

/* Of every speaker, when it names none: an earlier vipd did not tell them apart. */
struct saved_sealed {
	uint16_t speaker;
	uint64_t number;
};
struct saved_sequence {
	uint16_t speaker;
	struct keychain_sequence is;
};

struct saved_note {
	uint16_t speaker;
	struct speaker_note is;
};

struct saved {
	uint8_t kind; /* enum saved_kind */
	union {
		struct saved_vip vip;
		struct address address; /* SAVED_GONE, SAVED_UNBOUND */
		char board[INTERFACE_NAME_MAX];
		struct saved_farewell farewell; /* SAVED_MUTE: speaker and interface alone */
		struct source_switch source;
		struct saved_sealed sealed;
		uint32_t identity;
		struct saved_sequence sequence;
		struct saved_note note;
	};
};

extern const struct record saved_record; /* struct saved */

/*
 * The layout of the records. From 7 on they are tagged (fields/tagged.h): fields come and go, and
 * the layout stays. state_golden.c has a file of each layout that was released, and fails when one
 * of them is not understood.
 */
#define SAVED_VERSION 7
#define SAVED_VERSION_OLDEST 3 /* that can still be read */

/* The longest encoding of a record. */
#define SAVED_BYTES_MAX 1536

/* Encodes into `bytes`, of at least SAVED_BYTES_MAX; returns the length. */
size_t saved_encode(const struct saved *s, uint8_t *bytes);

/*
 * Reads a record of that layout. 0; -EBADMSG when the bytes are none, or it says what cannot be;
 * -ENOENT when it is of a kind that is not known. *losses, when not NULL, is added to.
 */
int saved_decode(const uint8_t *bytes, size_t length, unsigned version, struct saved *ret,
		 struct tagged_losses *losses);

/* The same of the layouts before 7 (saved_old.c). 0 or -EBADMSG. */
int saved_old_decode(const uint8_t *bytes, size_t length, struct saved *ret);

#endif
