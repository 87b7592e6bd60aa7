/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a shell offers when TAB is pressed. It is all read from the table of commands, from the same
 * text that `--help` prints, so it cannot go stale; addresses and boards are asked for.
 */
#ifndef VIP_COMPLETE_H
#define VIP_COMPLETE_H

#include "vip/vip.h"

/*
 * The words are those behind `vip` on the command line, the last of which is not finished. Prints
 * what it may become, one a line, each with a tab and a few words on it behind; the line
 * COMPLETE_FILES instead asks for the names of files. Never says anything on stderr. Returns
 * VIP_DONE.
 */
enum vip_exit complete_run(struct vip *v, const struct command *commands, size_t count, int argc,
			   char **argv);

#define COMPLETE_FILES ":files"

#endif
