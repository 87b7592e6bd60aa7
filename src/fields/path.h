/* SPDX-License-Identifier: Apache-2.0 */
/* The table of a path to a neighbour. */
#ifndef FIELDS_PATH_H
#define FIELDS_PATH_H

#include "fields/field.h"
#include "net/path.h"

extern const struct record path_record; /* struct path; a valid one */

#endif
