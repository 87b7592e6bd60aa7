/* SPDX-License-Identifier: Apache-2.0 */
/* Which kind of check is done in which way: attempt.c has what they have in common. */
#include "linux/checks.h"

#include <limits.h>

#include "linux/attempt.h"
#include "linux/program.h"

static const struct attempt_method *method_of(uint8_t kind)
{
	static const struct attempt_method *const methods[] = {
		[CHECK_TCP] = &attempt_tcp,	[CHECK_HTTP] = &attempt_http,
		[CHECK_HTTPS] = &attempt_https, [CHECK_ICMP] = &attempt_icmp,
		[CHECK_DNS] = &attempt_dns,	[CHECK_EXEC] = &attempt_exec,
		[CHECK_FILE] = &attempt_file,
	};

	return methods[kind];
}

struct checks *checks_new(uv_loop_t *loop, const struct input_sink *sink, const char *programs)
{
	char folder[PATH_MAX];

	if (!programs)
		program_folder("vipd-check", folder, sizeof(folder));
	return attempts_new(loop, sink, programs ? programs : folder);
}

void checks_free(struct checks *c)
{
	attempts_free(c);
}

void checks_run(struct checks *c, const struct effect *e)
{
	const struct check_settings *s = &e->check.settings;

	if (e->check.off)
		attempts_off(c, e->check.run);
	else
		attempts_on(c, e->check.run, s, method_of(s->kind));
}
