/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The place of checks: a service of its own, which runs them for a vipd that may not become another
 * user. Its unit gives it the rights that vipd has not, and none of those that vipd has.
 *
 * Who asks connects to its socket, which only vipd's user may, and sends the words of a launcher's
 * command line in one message (SOCK_SEQPACKET), each with its terminator. The launcher's line comes
 * back; the connection is its standard output, and ends with it.
 */
#ifndef CHECK_PLACE_H
#define CHECK_PLACE_H

#include <sys/types.h>

/* Runs a launcher's command line for the user who asked, in a process of its own. */
typedef int place_run(int argc, char **argv, uid_t asker);

/*
 * Serves the socket that the service manager has passed (sd_listen_fds(3)), until the process is
 * ended. What it returns is an exit status, for when there is none.
 */
int place_serve(place_run *run);

#endif
