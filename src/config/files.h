/* SPDX-License-Identifier: Apache-2.0 */
/* The files that a configuration is made of, for the files of this folder alone. */
#ifndef CONFIG_FILES_H
#define CONFIG_FILES_H

#include "config/model.h"

#define FILES_FOLDER "conf.d"
#define FILES_PATH_MAX 4096

/* The folder beside the main file: conf.d. 0 or -ENAMETOOLONG. */
int files_folder(const char *path, char *ret, size_t size);

/*
 * Reads a file whole, if only those can have written it whose word counts (config/trust.h); *ret is
 * to be freed. `regular`: nothing but a file, which cannot keep the reader waiting. 0 or an error,
 * also with a sentence.
 */
int files_slurp(const char *path, bool regular, char **ret, size_t *ret_length, char *error,
		size_t error_size);

/* What stands in the place of one file of the folder. */
struct files_stand_in {
	const char *name; /* in the folder */
	const char *text; /* NULL: the file is left out */
	size_t length;
};

/*
 * Loads the main file, which may be absent unless `required`, and those of its folder whose names
 * end in .yaml, in the order of their bytes; a link to /dev/null is none. `instead` may be NULL. 0
 * or an error with its sentence.
 */
int files_load(struct config *c, const char *path, bool required,
	       const struct files_stand_in *instead, char *error, size_t error_size);

#endif
