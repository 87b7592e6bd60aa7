/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rtnetlink messages: from what the node wants to what the kernel reads, and from what the kernel
 * says to inputs. Pure: nothing is sent or received here.
 *
 * Everything that vipd makes carries its mark, so that a fresh start finds exactly its own: routes
 * and addresses the protocol number, boards the link alias.
 */
#ifndef LINUX_MESSAGE_H
#define LINUX_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "node/boundary.h"

struct nlmsghdr;

/*
 * Our mark on routes (rtm_protocol) and on addresses (IFA_PROTO); `ip route show proto 118` lists
 * them.
 */
#define VIPD_RTPROT 118

/*
 * Our mark on boards (IFLA_IFALIAS); `ip link` shows it. Linux takes no alias when a link is made,
 * but it takes a group: so a board that has the group and no alias yet is ours too, from a life
 * that was cut short.
 */
#define VIPD_ALIAS "vipd"
#define VIPD_GROUP 118

/*
 * The metric of the routes for the unused part of a virtual network: as bad as the one that Linux
 * suggests for an unreachable default (ip-vrf(8)), so that any real route to the network wins.
 */
#define VIPD_UNREACHABLE_METRIC 4278198272u

/*
 * The metric of learned routes: that of all routing daemons' routes in FRR. Better than what DHCP
 * and router advertisements bring (100 and more, 1024), worse than an IPv4 route that somebody has
 * set without a metric (0).
 */
#define VIPD_LEARNED_METRIC 20

/* No message that is built here is longer. */
#define MESSAGE_BYTES_MAX 256

/*
 * All builders write into a buffer of at least MESSAGE_BYTES_MAX bytes, aligned as a nlmsghdr, and
 * leave the sequence number and NLM_F_ACK to the sender.
 */

/*
 * Puts an object into the kernel (-EEXIST when it is there; `replace`: in place of the one that is)
 * or takes it out.
 */
void message_object(struct nlmsghdr *h, bool add, const struct object *o);

/*
 * Makes a link of a kernel kind ("dummy") in our group and sets it up. -EEXIST: the name is taken;
 * -EOPNOTSUPP: the kernel has no such kind.
 */
void message_link_add(struct nlmsghdr *h, const char *name, const char *kind);

/* Puts our alias on the link of this name and sets it up. */
void message_link_mark(struct nlmsghdr *h, const char *name);
void message_link_up(struct nlmsghdr *h, uint32_t index);
void message_link_remove(struct nlmsghdr *h, uint32_t index);

/* Asks for one link by its name. */
void message_link_query(struct nlmsghdr *h, const char *name);

/* The questions whose answers together are all that the node wants to know of the kernel. */
#define MESSAGE_DUMPS 8
void message_dump(struct nlmsghdr *h, size_t question);

/*
 * What a message of the kernel means to the node: INPUT_LINK, INPUT_LINK_GONE or INPUT_OBJECT.
 * False when it means nothing: routes that are not ours, IPv6 addresses that cannot be used yet,
 * bridge ports.
 */
bool message_parse(const struct nlmsghdr *h, struct input *ret);

/* Whether the link of an RTM_NEWLINK message carries our mark. */
bool message_link_is_ours(const struct nlmsghdr *h);

#endif
