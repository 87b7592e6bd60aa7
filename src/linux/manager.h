/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The service manager that has started us, and what it is told: sd_notify(3). Its protocol is
 * datagrams of lines, KEY=VALUE, to the socket that the environment names.
 */
#ifndef LINUX_MANAGER_H
#define LINUX_MANAGER_H

#include <sys/socket.h>
#include <sys/un.h>

#include "base/clock.h"

struct manager {
	int fd; /* -1: nobody wants to be told */
	struct sockaddr_un address;
	socklen_t length;
	struct duration watchdog; /* it wants a sign of life within each; 0: never */
};

/*
 * Takes the manager from the environment, and out of it: nobody whom we start is to speak for us.
 * Where there is none, or none that can be told anything, nothing is told.
 */
void manager_init(struct manager *m);

void manager_done(struct manager *m);

/* Sends lines, without waiting. 0, also when there is no manager; or -errno. */
int manager_tell(const struct manager *m, const char *lines);

#endif
