/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is written down for a later life, in its order: README.md, "A life after a death". Whoever
 * changes one of these things tells it here, before anything that says so leaves.
 */
#ifndef PROTO_OSPF_LEDGER_H
#define PROTO_OSPF_LEDGER_H

#include "proto/ospf/instance.h"
#include "proto/ospf/note.h"

/* It speaks otherwise, or no longer; and the same of a neighbour. */
void ledger_interface(struct ospf_interface *i);
void ledger_neighbor(struct ospf_neighbor *n);
void ledger_alive(struct ospf_interface *i); /* a hello leaves */
void ledger_lsa(struct ospf *o, const struct lsa *l);
void ledger_lsa_gone(struct ospf *o, const struct lsa *l);
void ledger_done(struct ospf *o);

/* For memory.c: what is remembered is written down anew with all else. */
void ledger_put(struct ospf *o, struct note *n);
void ledger_put_lsa(struct ospf *o, const struct note_lsa *whole, const uint8_t *bytes);

/* Whatever waits is dropped, and all begins anew; false: there is nothing to be written. */
bool ledger_begin(struct ospf *o, uint32_t router);
void ledger_put_lsas(struct ospf *o); /* first; then the rest */
void ledger_put_rest(struct ospf *o);
bool ledger_take(struct ospf *o, struct speaker_note *ret);

#endif
