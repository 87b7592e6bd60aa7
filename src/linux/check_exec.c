/* SPDX-License-Identifier: Apache-2.0 */
/* The checks `exec` and `https`: a program is well when it ends with 0 (linux/launch.h). */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "linux/launch.h"

#define HTTPS LAUNCHER "-https"

#define PORT_HTTPS 443
#define NUMBER_MAX 12

/* Cuts the target into the arguments that it is made of, each ended by a newline. */
static void target_add(struct launch_words *w, char *target)
{
	char *rest = target, *word;

	while ((word = strsep(&rest, "\n")))
		if (rest || *word)
			launch_word_add(w, word);
}

static int exec_start(struct attempt *p)
{
	struct check_settings s = p->settings;
	char address[ADDRESS_TEXT_MAX];
	struct launch_words w = { 0 };

	launch_word_add(&w, LAUNCHER);
	launch_word_add(&w, "--user");
	launch_word_add(&w, s.user);
	launch_word_add(&w, "--name");
	launch_word_add(&w, s.name);
	if (address_is_set(&s.address)) {
		launch_word_add(&w, "--address");
		launch_word_add(&w, address_format(&s.address, address));
	}
	launch_word_add(&w, "--");
	target_add(&w, s.target);
	return launch_start(p, &w);
}

static int https_start(struct attempt *p)
{
	const struct check_settings *s = &p->settings;
	char program[PATH_MAX], address[ADDRESS_TEXT_MAX], host[CHECK_EXPECT_MAX + NUMBER_MAX];
	char port[NUMBER_MAX], low[NUMBER_MAX], high[NUMBER_MAX], timeout[NUMBER_MAX];
	bool six = s->address.family == FAMILY_IPV6;
	const char *name = s->host[0] ? s->host : address_format(&s->address, address);
	struct text t;

	address_format(&s->address, address);
	snprintf(program, sizeof(program), "%.4000s/" HTTPS, attempt_programs(p));
	snprintf(port, sizeof(port), "%u", s->port);
	snprintf(low, sizeof(low), "%u", s->status_low);
	snprintf(high, sizeof(high), "%u", s->status_high);
	snprintf(timeout, sizeof(timeout), "%u", (unsigned)duration_ms(s->timeout));
	text_init(&t, host, sizeof(host));
	text_add(&t, six && !s->host[0] ? "[%s]" : "%s", name);
	if (s->port != PORT_HTTPS)
		text_add(&t, ":%s", port);
	return launch_start(p, &(struct launch_words){ { LAUNCHER, "--user", (char *)s->user,
							 "--plain", "--", program, address, port,
							 (char *)name, host, (char *)s->target, low,
							 high, (char *)s->expect, timeout },
						       15 });
}

const struct attempt_method attempt_exec = { .start = exec_start,
					     .ready = launch_ready,
					     .late = launch_late,
					     .leave = launch_leave,
					     .over = launch_over,
					     .is_program = true };

const struct attempt_method attempt_https = { .start = https_start,
					      .ready = launch_ready,
					      .late = launch_late,
					      .leave = launch_leave,
					      .over = launch_over,
					      .is_program = true };
