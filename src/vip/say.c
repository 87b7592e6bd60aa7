/* SPDX-License-Identifier: Apache-2.0 */
/* What is said on stderr. */
#include <stdarg.h>
#include <stdio.h>

#include "vip/vip.h"

int vip_fail(enum vip_exit code, const char *format, ...)
{
	va_list args;

	fputs("vip: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return code;
}

int vip_usage(const struct vip *v, const char *format, ...)
{
	const struct command *c = v->command;
	va_list args;

	fputs("vip: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	if (c)
		fprintf(stderr, "\nusage: vip %s%s%s\n", c->name, *c->arguments ? " " : "",
			c->arguments);
	else
		fputs("\nusage: vip [--socket PATH] [--json] COMMAND ...; see vip --help\n",
		      stderr);
	return VIP_USAGE;
}
