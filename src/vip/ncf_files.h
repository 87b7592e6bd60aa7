/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of a script: itself, and those that its lines name, which stand beside it whatever
 * volume and folder they had on NetWare.
 */
#ifndef VIP_NCF_FILES_H
#define VIP_NCF_FILES_H

#include <stddef.h>

#include "vip/vip.h"

/*
 * Reads the whole script; *ret is to be freed. "-" is stdin. When it cannot be read, or is none,
 * `sentence` says why.
 */
enum vip_exit ncf_file_read(const char *path, char **ret, size_t *ret_length, char *sentence,
			    size_t size);

/*
 * The path of the file that is called `name`, in any case, in the folder of the script `path`; to
 * be freed. NULL: there is none. Where several differ in case alone, the one that is written so
 * wins, else the first by its bytes.
 */
char *ncf_file_beside(const char *path, const char *name);

#endif
