/* SPDX-License-Identifier: Apache-2.0 */
/* Text for Prometheus, version 0.0.4: what there is one of. */
#ifndef API_FIGURES_H
#define API_FIGURES_H

#include "api/rows.h"

/* The two lines that stand before a family. */
void figure_head(struct json *j, const char *name, const char *type, const char *help);

/* All single figures. */
void figures_print(struct json *j, const struct row_status *s, const struct row_beside *beside,
		   struct moment at);

#endif
