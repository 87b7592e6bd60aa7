/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An .NCF script that is carried out: its lines in their order, and what has become of each. Before
 * a line changes anything the daemon is asked how things are, so that a script may run twice.
 *
 * BINDs that follow each other are one request: a VIP that is taken over is answered when the
 * routers have changed over, and three services of a dead server must not wait for each other.
 */
#ifndef VIP_SCRIPT_H
#define VIP_SCRIPT_H

#include <jansson.h>

#include "vip/ncf.h"
#include "vip/vip.h"

/* The outcomes and their names in JSON. */
#define SCRIPT_OUTCOMES(X)                                                                         \
	X(WAITING, "waiting") /* not carried out yet */                                            \
	X(BOUND, "bound")                                                                          \
	X(UNBOUND, "unbound")                                                                      \
	X(LOADED, "loaded")                                                                        \
	X(UNLOADED, "unloaded")                                                                    \
	X(UNCHANGED, "unchanged") /* it was so already */                                          \
	X(NOTED, "noted")	  /* there is nothing to do */                                     \
	X(SKIPPED, "skipped")	  /* only means something on NetWare */                            \
	X(FAILED, "failed")

enum script_outcome {
#define X(name, text) SCRIPT_##name,
	SCRIPT_OUTCOMES(X)
#undef X
};

#define STEP_SENTENCE_MAX 512

/* A line that is neither blank nor a comment. */
struct step {
	struct ncf_line line;
	const char *file; /* in which it stands */
	enum script_outcome outcome;
	char board[INTERFACE_NAME_MAX]; /* what the line's board is called here */
	char note[STEP_SENTENCE_MAX];	/* what was done, or why it was not */
};

struct script {
	const struct vip *v;
	bool dry; /* says what it would do, and asks nobody */
	struct step *steps;
	size_t count, capacity;
	char **files; /* the script, and those that it names; owned */
	size_t n_files;
	json_t *boards, *vips; /* what the daemon has; NULL: to be asked for */
};

/*
 * Reads all lines, and in the place of those that name another script its lines. `path` may be "-".
 * VIP_DONE, or the code to end with, of which it has been told on stderr.
 */
enum vip_exit script_init(struct script *s, const struct vip *v, bool dry, const char *path);

void script_done(struct script *s);

/*
 * Carries out a step that still waits, and with a BIND those that follow it. Returns VIP_DONE also
 * when the step has failed, which is its outcome; else the code to end with, of which it has been
 * told on stderr.
 */
enum vip_exit script_step(struct script *s, size_t step);

const char *script_outcome_name(enum script_outcome outcome);

#endif
