/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The language of NetWare's .NCF scripts, as far as it is about virtual IP addresses:
 *
 *	LOAD VNIC NAME=VNIC
 *	BIND IP VNIC Mask=255.255.255.255 Address=10.1.1.1
 *	UNBIND IP VNIC Address=10.1.1.1
 *	SET RIP2 AGGREGATION OVERRIDE=ON
 *
 *	? LOAD VNIC			what NetWare asks about, and does after 10 s unless told not
 *to VIPS.NCF			another script
 *
 * Verbs and keys in any case, keys also shortened while one key alone begins so. Nothing here asks
 * anybody or changes anything: a line goes in, a struct comes out. doc/netware.md describes the
 * language.
 */
#ifndef VIP_NCF_H
#define VIP_NCF_H

#include <stdbool.h>
#include <stddef.h>

#include "net/address.h"
#include "net/interface.h"

enum ncf_kind {
	NCF_NOTHING, /* blank, or a comment */
	NCF_BIND,
	NCF_UNBIND,
	NCF_LOAD, /* of the virtual driver, likewise the next */
	NCF_UNLOAD,
	NCF_AGGREGATION, /* SET RIP2 AGGREGATION OVERRIDE */
	NCF_SCRIPT,	 /* runs another script; with `maybe`, where there is one of that name */
	NCF_DECLINED,	 /* ?N: NetWare does it only when somebody says yes */
	NCF_FOREIGN,	 /* only means something on NetWare */
	NCF_WRONG,	 /* is about IP and cannot be meant */
};

#define NCF_BOARD_MAX 64
#define NCF_TEXT_MAX 80
#define NCF_SENTENCE_MAX 200
#define NCF_MASK_TEXT_MAX 40
#define NCF_SCRIPT_MAX 64

struct ncf_line {
	enum ncf_kind kind;
	unsigned number;	   /* counted from 1 */
	unsigned column;	   /* of the mistake, or of what the line is about; from 1 */
	char text[NCF_TEXT_MAX];   /* the line, cut, with ? for what cannot be printed */
	char board[NCF_BOARD_MAX]; /* as written, empty when there is none */
	struct address address;	   /* not set when there is none */
	uint8_t length;		   /* of the mask; that of a host mask when there is none */
	bool masked;		   /* there is a mask */
	/* NCF_SCRIPT: its name, with .NCF as it is written or added, and without volume and folder
	 */
	char script[NCF_SCRIPT_MAX];
	bool maybe; /* NCF_SCRIPT: the line has no .NCF; it may as well be a command of NetWare */
	/* NCF_WRONG: what is wrong. Else what was read and means nothing here; mostly empty. */
	char sentence[NCF_SENTENCE_MAX];
};

/* A place in a script. The bytes stay the caller's. */
struct ncf {
	const char *at, *end;
	unsigned number; /* of the line that was read last */
};

/* Begins at the first line. A byte order mark in front and what follows a Ctrl-Z do not count. */
void ncf_init(struct ncf *n, const char *bytes, size_t length);

/* Reads the next line; false when there is none. */
bool ncf_next(struct ncf *n, struct ncf_line *ret);

/* What Linux calls the board of a line: in lower case, and cut to what an interface may have. */
void ncf_board_name(const struct ncf_line *line, char name[INTERFACE_NAME_MAX]);

/*
 * Writes an IPv4 mask in both of NetWare's forms, 255.255.255.0 (FF.FF.FF.0), and an IPv6 mask as
 * its length, /64, into a buffer of at least NCF_MASK_TEXT_MAX bytes; returns it.
 */
char *ncf_mask_format(enum family family, uint8_t length, char *buffer);

#endif
