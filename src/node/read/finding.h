/* SPDX-License-Identifier: Apache-2.0 */
/* What an examination finds, for the files of `vip doctor`. */
#ifndef NODE_READ_FINDING_H
#define NODE_READ_FINDING_H

#include "node/read/read.h"

/* One examination: for all VIPs, or for one. */
struct examination {
	const struct node *n;
	struct instant now;
	void (*say)(void *context, const struct finding *f);
	void *context;
	struct speaker_overlaps *overlaps[SPEAKERS_MAX]; /* owned; NULL: not known */
};

struct finding finding_make(uint8_t severity, const struct address *vip, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

void finding_say(const struct examination *x, const struct finding *f);
void finding_say_of_interface(const struct examination *x, struct finding f, uint32_t interface,
			      const char *effect, const char *fix);

/* unheard.c: whose packets are not believed on the interfaces, and why */
void examine_unheard(const struct examination *x);

/* The interface has dropped what others have said to us alone. */
void examine_unasked(const struct examination *x, const struct speaker_interface *info);

#endif
