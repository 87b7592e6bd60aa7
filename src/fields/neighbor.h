/* SPDX-License-Identifier: Apache-2.0 */
/* Neighbours that are named in how a routing protocol is spoken on an interface: struct address. */
#ifndef FIELDS_NEIGHBOR_H
#define FIELDS_NEIGHBOR_H

#include "fields/field.h"

/* The address of a host. */
extern const struct field_text neighbors_ipv4;

/*
 * A link-local address: who speaks by these (RFC 2080 2.4.2, RFC 5340 2.5) answers from the one
 * that it has on the link.
 */
extern const struct field_text neighbors_link_local;

#endif
