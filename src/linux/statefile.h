/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file of what outlives the node: STATE_DIR/state, a header and then records, each with its
 * length and a checksum. They are appended; a snapshot (SAVED_BEGIN … SAVED_END) is written beside
 * the file and takes its place when it is whole.
 *
 * The file counts only until the next boot, because what was bound by hand does not come back by
 * itself then. So it need not reach the disk: the page cache outlives any end of the process, and
 * nothing here waits for a device.
 *
 * A file that is damaged, or of somebody else, is kept beside as `state.damaged`.
 */
#ifndef LINUX_STATEFILE_H
#define LINUX_STATEFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "node/saved.h"

struct statefile;

/*
 * Opens the file of a directory, which is then ours alone until statefile_close(). 0;
 * -EWOULDBLOCK: another process has it; or -errno. What is damaged is left out, and what is of
 * another boot. A disk that is full or cannot be written is no failure: see statefile_flush().
 */
int statefile_open(const char *directory, struct statefile **ret);

/*
 * The same for one who only wants to know what is written, and that nobody writes while he has it:
 * nothing is changed, cut or begun anew. statefile_put() is not for him.
 */
int statefile_look(const char *directory, struct statefile **ret);
void statefile_close(struct statefile *f);

/* What of it could not be read, as a sentence; false when all could. */
bool statefile_explain(const struct statefile *f, char *sentence, size_t size);

/*
 * Gives each record that an earlier life wrote, in its order, and forgets them: the second time
 * there are none. Snapshots that did not come to their end are left out.
 */
void statefile_each(struct statefile *f, void (*take)(void *context, const struct saved *s),
		    void *context);

/* Appends a record in memory; an outcome shows in statefile_flush(). */
void statefile_put(struct statefile *f, const struct saved *s);

/*
 * Writes down what was put since the last time. 0; or -errno as long as something that was put is
 * not written: then the file ends with the last record that is whole, what is put is lost, and only
 * a snapshot that can be written makes it good again.
 */
int statefile_flush(struct statefile *f);

#endif
