/* SPDX-License-Identifier: Apache-2.0 */
/* What leaves for one neighbour alone: LSAs that it has asked for, and acknowledgments. */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "proto/ospf/machine.h"

/* More than anybody asks for before he has an answer: what is behind that is asked for again. */
#define ANSWERS_MAX 4096

/* With a packet's worth an acknowledgment does not wait; so there are never many. */
#define ACKNOWLEDGMENTS_MAX 8192

void answer_add(struct ospf_neighbor *n, struct lsa *l)
{
	struct answers *a = &n->answers;

	if (a->n - a->at >= ANSWERS_MAX)
		return;
	if (a->at > 0 && a->n == a->capacity) {
		memmove(a->lsas, a->lsas + a->at, (a->n - a->at) * sizeof(struct lsa *));
		a->n -= a->at;
		a->at = 0;
	}
	if (ARRAY_RESERVE(a->lsas, a->capacity, a->n + 1) < 0)
		return;
	a->lsas[a->n++] = lsa_hold(l);
	neighbor_wants_output(n);
}

void answers_clear(struct answers *a)
{
	for (; a->at < a->n; a->at++)
		lsa_release(a->lsas[a->at]);
	free(a->lsas);
	*a = (struct answers){ 0 };
}

void acknowledgment_add(struct acknowledgments *a, const struct lsa_header *h)
{
	if (a->n < ACKNOWLEDGMENTS_MAX && ARRAY_RESERVE(a->headers, a->capacity, a->n + 1) == 0)
		a->headers[a->n++] = *h;
}
