/* SPDX-License-Identifier: Apache-2.0 */
/* A process that is about to listen to a stranger gives up all that listening does not need. */
#ifndef CHECK_CONFINE_H
#define CHECK_CONFINE_H

/*
 * From now on this process reads and writes what it has open, and has memory and a clock: it opens
 * nothing, connects to nobody, starts nothing, sends no signals, and no memory of it becomes code.
 * Whatever else it asks for fails with EPERM. 0 or -errno.
 */
int confine_to_descriptors(void);

#endif
