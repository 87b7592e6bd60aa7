/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file of what outlives the node: STATE_DIR/state, a header and then records, each with its
 * length and a checksum. They are appended; a snapshot (SAVED_BEGIN … SAVED_END) is written beside
 * the file and takes its place when it is whole.
 *
 * The file counts only until the next boot, because what was bound by hand does not come back by
 * itself then. So it need not reach the disk: the page cache outlives any end of the process, and
 * nothing here waits for a device.
 */
#ifndef LINUX_STATEFILE_H
#define LINUX_STATEFILE_H

#include <stddef.h>

#include "node/saved.h"

struct statefile;

/*
 * Opens the file of a directory, which is then ours alone until statefile_close(). 0;
 * -EWOULDBLOCK: another process has it; or -errno. What is torn or of another boot is left out.
 */
int statefile_open(const char *directory, struct statefile **ret);

/*
 * The same for one who only wants to know what is written, and that nobody writes while he has it:
 * nothing is changed, cut or begun anew. statefile_put() is not for him.
 */
int statefile_look(const char *directory, struct statefile **ret);
void statefile_close(struct statefile *f);

/*
 * Gives each record that an earlier life wrote, in its order, and forgets them: the second time
 * there are none. Snapshots that did not come to their end are left out.
 */
void statefile_each(struct statefile *f, void (*take)(void *context, const struct saved *s),
		    void *context);

/* Appends a record in memory; an outcome shows in statefile_flush(). */
void statefile_put(struct statefile *f, const struct saved *s);

/* Writes down what was put since the last time. 0 or -errno, which is told once. */
int statefile_flush(struct statefile *f);

#endif
