/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The packet socket of the echo (src/proto/echo), one for each family and all interfaces: by which
 * one a packet comes back is news. The kernel shows it nothing but packets with our cookie and ICMP
 * errors that quote one; so what else comes over the interfaces costs a few instructions, and a
 * flood of others' packets wakes nobody. Without state of its own.
 */
#ifndef LINUX_RETURNS_H
#define LINUX_RETURNS_H

#include "proto/echo/echo.h"

#define RETURNS_BATCH 32

/* The descriptor, which does not block; or -errno. */
int returns_open(enum family family, uint32_t cookie);

/* Reads at most `count` frames, at most RETURNS_BATCH, without waiting; how many there were. */
size_t returns_receive(int fd, struct echo_frame *frames, size_t count);

/* Sends a packet of this family by the frame's interface. 0 or -errno. */
int returns_send(int fd, enum family family, const struct ether_frame *frame);

#endif
