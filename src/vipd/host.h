/* SPDX-License-Identifier: Apache-2.0 */
/* The interfaces of this host, as far as a configuration is compared with them. */
#ifndef VIPD_HOST_H
#define VIPD_HOST_H

#include "config/config.h"

/* Adds to the configuration's warnings what fits nothing here. Nothing when that cannot be read. */
void host_check(struct config *c);

#endif
