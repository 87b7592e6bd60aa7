/* SPDX-License-Identifier: Apache-2.0 */
#include "vipd/source.h"

int source_read(const struct options *o, struct config **ret, bool *ret_absent, char *error,
		size_t error_size)
{
	int failure = config_read(o->config, o->config_given, ret, error, error_size);

	*ret_absent = !failure && config_is_default(*ret);
	return failure;
}

void source_warn(const struct config *c, struct logbook *l)
{
	const char *warning;

	for (size_t i = 0; (warning = config_warning(c, i)); i++)
		logbook_print(l, LOG_LEVEL_WARNING, "%s", warning);
}
