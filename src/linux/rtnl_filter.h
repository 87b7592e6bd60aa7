/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kernel need not even tell us: a socket filter of classic BPF. It drops the events of
 * routes that are not ours (a router next door may change a hundred thousand of them) and the
 * echoes of our own route changes, whose outcome the acknowledgement tells already.
 */
#ifndef LINUX_RTNL_FILTER_H
#define LINUX_RTNL_FILTER_H

#include <stdint.h>

/* Attaches the filter to a netlink socket that is bound to `port`. 0 or -errno. */
int rtnl_filter_attach(int fd, uint32_t port);

#endif
