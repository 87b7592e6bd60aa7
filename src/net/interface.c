/* SPDX-License-Identifier: Apache-2.0 */
#include "net/interface.h"

#include <ctype.h>
#include <fnmatch.h>
#include <string.h>

bool interface_name_matches(const char *pattern, const char *name)
{
	return fnmatch(pattern, name, 0) == 0;
}

bool interface_name_is_plain(const char *pattern)
{
	return !strpbrk(pattern, "*?[\\");
}

bool interface_name_is_valid(const char *name)
{
	size_t length = strnlen(name, INTERFACE_NAME_MAX);

	if (length == 0 || length == INTERFACE_NAME_MAX)
		return false;
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return false;
	for (size_t i = 0; i < length; i++)
		if (!isgraph((unsigned char)name[i]) || name[i] == '/' || name[i] == ':')
			return false;
	return true;
}
