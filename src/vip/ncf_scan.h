/* SPDX-License-Identifier: Apache-2.0 */
/* One line of an .NCF script that is read from left to right, word by word. */
#ifndef VIP_NCF_SCAN_H
#define VIP_NCF_SCAN_H

#include "vip/ncf.h"

#define NCF_WORD_MAX 64

/* A piece of the script. */
struct word {
	const char *at;
	size_t length;
};

/* One line that is read from left to right. */
struct scan {
	const char *begin, *at, *end;
	struct ncf_line *line;
};

/* A word for a sentence: cut, with ? for what cannot be printed. Returns the buffer. */
const char *word_text(struct word w, char *buffer, size_t size);

#define WORD_TEXT(w) word_text((w), (char[NCF_WORD_MAX]){ 0 }, NCF_WORD_MAX)

/* In any case. */
bool word_is(struct word w, const char *name);

/* SYS:SYSTEM\VNIC.LAN is VNIC.LAN, and the module VNIC. */
struct word word_base(struct word w);
struct word word_module(struct word w);

/* The line is wrong at this place. Always false, for a return. */
bool scan_refuse(struct scan *s, const char *at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

bool scan_is_blank(char c);

/* Goes to the next word. A comment ends the line. */
void scan_blanks(struct scan *s);

/* The next word, which ends before a blank or a `=`; empty at the end of the line. */
struct word scan_word(struct scan *s);

/* Takes a `=`, which may stand between blanks. */
bool scan_equals(struct scan *s);

/* The value behind a `=`: all until the next blank. */
struct word scan_value(struct scan *s);

#endif
