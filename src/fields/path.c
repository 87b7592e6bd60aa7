/* SPDX-License-Identifier: Apache-2.0 */
#include "fields/path.h"

#include <errno.h>

static const struct field path_fields[] = {
	FIELD(1, "interface", struct path, interface),
	FIELD(2, "peer", struct path, peer),
	FIELD(3, "local", struct path, local),
};

static int path_check(const void *object, char *sentence, size_t size)
{
	(void)sentence, (void)size;
	return path_is_valid(object) ? 0 : -EINVAL;
}

const struct record path_record = RECORD("a path", struct path, path_fields, .check = path_check);
