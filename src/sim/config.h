/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration of a host, as its node is told it. */
#ifndef SIM_CONFIG_H
#define SIM_CONFIG_H

#include "sim/state.h"

void host_configure(struct sim *s, uint8_t index);

#endif
