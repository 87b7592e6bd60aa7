/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How vipd-check is started for an attempt, and heard: it runs the program, says on one line how it
 * ended, and ends itself when nothing is left of it (src/check).
 *
 * A vipd that may become another user starts it. One that may not, as under its unit, asks the
 *place of the checks for it (vipd-check --serve), so that no program runs as vipd's own user.
 *
 *	started		pidfd	vipd-check has ended
 *			pipe	its line; when we close it, vipd-check ends what it has started
 *	asked		socket	its line; then its end; when we send no more, likewise
 */
#ifndef LINUX_LAUNCH_H
#define LINUX_LAUNCH_H

#include "linux/attempt.h"

#define LAUNCHER "vipd-check"

/* The words of vipd-check's command line; a target has one argument for two bytes at the most. */
#define LAUNCH_WORDS_MAX (16 + CHECK_TARGET_MAX / 2)

struct launch_words {
	char *at[LAUNCH_WORDS_MAX]; /* not owned; NULL is behind the last */
	size_t count;
};

void launch_word_add(struct launch_words *w, const char *word);

/*
 * Starts the program of the path with these words (NULL is behind the last), which says what it has
 * to say to `output`: without our signals, our environment and our other descriptors. 0 or -errno.
 */
int launch_spawn(const char *path, char *const *words, int output, pid_t *ret);

/* 0, or -errno when there is no vipd-check; or it has been answered why, and 0. */
int launch_start(struct attempt *p, struct launch_words *w);

/* The rest of an attempt's method. */
void launch_ready(struct attempt *p);
void launch_late(const struct attempt *p, char *text, size_t size);
bool launch_leave(struct attempt *p);
void launch_over(struct attempt *p);

#endif
