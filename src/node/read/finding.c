/* SPDX-License-Identifier: Apache-2.0 */
#include "node/read/finding.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"

struct finding finding_make(uint8_t severity, const struct address *vip, const char *format, ...)
{
	struct finding f = { .severity = severity };
	va_list args;

	if (vip)
		f.vip = *vip;
	va_start(args, format);
	vsnprintf(f.what, sizeof(f.what), format, args);
	va_end(args);
	return f;
}

void finding_say(const struct examination *x, const struct finding *f)
{
	x->say(x->context, f);
}

void finding_say_of_interface(const struct examination *x, struct finding f, uint32_t interface,
			      const char *effect, const char *fix)
{
	text_copy(f.interface, sizeof(f.interface), link_name(x->n, interface));
	text_copy(f.effect, sizeof(f.effect), effect);
	text_copy(f.fix, sizeof(f.fix), fix);
	finding_say(x, &f);
}
