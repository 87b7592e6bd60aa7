/* SPDX-License-Identifier: Apache-2.0 */
/* The floor of those who only look: queries, the doctor, questions about sources. */
#ifndef NODE_READ_H
#define NODE_READ_H

#include "node/core.h"

/* query.c */
void query_answer(struct node *n, const struct input *in);

/* doctor.c: what stands between VIPs and their clients */
void doctor_begin(struct node *n, const struct input *in);
void doctor_found(struct node *n, const struct input *in);

/* ask.c: what a person asks of it */
void ask_begin(struct node *n, const struct input *in);
void ask_looked(struct node *n, const struct input *in);
void ask_free_all(struct node *n);

#endif
