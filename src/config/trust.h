/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose word a file is. A configuration says what is run and by whom, so what others may write is
 * not read, as sshd does it with its keys: a file belongs to root or to the user of this process,
 * and nobody else may write to it or to a folder on the way, or the folder is sticky, so that
 * nobody can take away what is another's.
 */
#ifndef CONFIG_TRUST_H
#define CONFIG_TRUST_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

/*
 * 0; -EPERM, with a sentence that names the file and what would mend it; -EACCES, likewise, when
 * there is nothing against it but its owner, who may be the user of another process.
 */
int trust_file(const char *path, const struct stat *st, char *sentence, size_t size);

/* The same for all folders that lead to the path, which is there. */
int trust_folders(const char *path, char *sentence, size_t size);

#endif
