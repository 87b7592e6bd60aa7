/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_RESCUE_TABLE_H
#define SIM_RESCUE_TABLE_H

/* Measures what the rescue metric saves, and prints the tables that stand in doc/rip.md. */
void rescue_table_print(void);

#endif
