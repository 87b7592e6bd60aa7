/* SPDX-License-Identifier: Apache-2.0 */
/* Where the programs are that vipd starts. */
#ifndef LINUX_PROGRAM_H
#define LINUX_PROGRAM_H

#include <stddef.h>

/*
 * The folder of a program of ours: that of our own executable, where it lies there too (it was
 * built and not installed), else the one into which it is installed.
 */
void program_folder(const char *name, char *folder, size_t size);

#endif
