/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All that has come of a program: its children, and those that they have left behind. It belongs
 * to a process that the kernel gives orphans to (PR_SET_CHILD_SUBREAPER), so nobody gets away by
 * forking twice or by leaving its process group.
 */
#ifndef CHECK_FAMILY_H
#define CHECK_FAMILY_H

/*
 * Ends every descendant of this process and reaps it. Returns when there is none left; one that is
 * stuck in the kernel is waited for.
 */
void family_end(void);

#endif
