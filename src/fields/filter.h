/* SPDX-License-Identifier: Apache-2.0 */
/* What a person may say of the routes of neighbours that this host is to use. */
#ifndef FIELDS_FILTER_H
#define FIELDS_FILTER_H

#include "fields/field.h"
#include "net/route.h"

extern const struct record route_filter_record; /* struct route_filter */

#endif
