/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file of our own, conf.d/saved.yaml beside the main file: what `vip bind --save` writes. The
 * files of others are read and never written.
 */
#ifndef CONFIG_SAVEFILE_H
#define CONFIG_SAVEFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "node/settings.h"

/* VIPs that are to be in the saved configuration as they are here, or not at all. */
struct savefile_change {
	const struct vip_settings *vips; /* to take out: their addresses count */
	size_t count;
	bool remove;
};

/*
 * Changes the saved configuration of the main file `path`, which may be absent unless `required`;
 * with `look`, only says whether it can be done. The file has its old or its new text at any
 * moment, and the whole is still a valid configuration. 1; 0 when
 * nothing is to be changed; -EINVAL when it would not be, or when a
 * VIP stands in a file of somebody else; or -errno; with a sentence.
 */
int savefile_change(const char *path, bool required, const struct savefile_change *change,
		    bool look, char *error, size_t error_size);

#endif
