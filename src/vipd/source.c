/* SPDX-License-Identifier: Apache-2.0 */
#include "vipd/source.h"

#include <errno.h>

int source_read(const struct options *o, struct config **ret, bool *ret_absent, char *error,
		size_t error_size)
{
	int failure = config_read(o->config, ret, error, error_size);

	*ret_absent = failure == -ENOENT && !o->config_given;
	if (*ret_absent)
		failure = config_parse(o->config, "", 0, ret, error, error_size);
	return failure;
}

void source_warn(const struct config *c, struct logbook *l)
{
	const char *warning;

	for (size_t i = 0; (warning = config_warning(c, i)); i++)
		logbook_print(l, LOG_LEVEL_WARNING, "%s", warning);
}
