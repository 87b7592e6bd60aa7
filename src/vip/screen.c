/* SPDX-License-Identifier: Apache-2.0 */
#include "vip/screen.h"

#include <inttypes.h>
#include <strings.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/container.h"

size_t screen_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize w;

	if (!isatty(STDOUT_FILENO))
		return 0;
	if (columns && atoi(columns) > 0)
		return (size_t)atoi(columns);
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 0)
		return w.ws_col;
	return 80;
}

bool screen_has_colours(void)
{
	const char *none = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(none && *none) && !(term && strcmp(term, "dumb") == 0);
}

const char *screen_colour(enum colour c)
{
	static const char *const sequences[] = {
		[COLOUR_NONE] = "",	   [COLOUR_GOOD] = "\x1b[32m", [COLOUR_WAIT] = "\x1b[33m",
		[COLOUR_BAD] = "\x1b[31m", [COLOUR_HEAD] = "\x1b[1m",
	};

	return sequences[c];
}

enum colour screen_state_colour(const char *state)
{
	static const struct {
		const char *state;
		enum colour colour;
	} states[] = {
		{ "announced", COLOUR_GOOD }, { "accepted", COLOUR_GOOD },
		{ "proven", COLOUR_GOOD },    { "up", COLOUR_GOOD },
		{ "healthy", COLOUR_NONE },   { "conflict", COLOUR_BAD },
		{ "failed", COLOUR_BAD },     { "down", COLOUR_BAD },
	};

	for (size_t i = 0; i < ARRAY_LENGTH(states); i++)
		if (strcmp(states[i].state, state) == 0)
			return states[i].colour;
	return COLOUR_WAIT;
}

char *screen_age(double seconds, char *buffer)
{
	uint64_t s = seconds > 0 && seconds < 1e15 ? (uint64_t)seconds : 0;

	if (s < 60)
		snprintf(buffer, SCREEN_AGE_MAX, "%" PRIu64 "s", s);
	else if (s < 3600)
		snprintf(buffer, SCREEN_AGE_MAX, "%" PRIu64 "m%" PRIu64 "s", s / 60, s % 60);
	else if (s < 86400)
		snprintf(buffer, SCREEN_AGE_MAX, "%" PRIu64 "h%" PRIu64 "m", s / 3600, s / 60 % 60);
	else
		snprintf(buffer, SCREEN_AGE_MAX, "%" PRIu64 "d%" PRIu64 "h", s / 86400,
			 s / 3600 % 24);
	return buffer;
}

bool screen_confirm(const char *format, ...)
{
	char answer[16] = "";
	va_list args;

	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		return true;
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputs(" [y/N] ", stderr);
	fflush(stderr);
	if (!fgets(answer, sizeof(answer), stdin))
		return false;
	answer[strcspn(answer, "\r\n")] = '\0';
	return strcasecmp(answer, "y") == 0 || strcasecmp(answer, "yes") == 0;
}
