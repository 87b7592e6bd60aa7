/* SPDX-License-Identifier: Apache-2.0 */
#include "guard/yield.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "linux/clock.h"

/*
 * One that waits for a dead vipd, or carries out its will, does not go before that is over; vipd
 * may be quicker than we are to start another one in its place, which goes as well.
 */
#define PATIENCE DURATION_S(30)
#define LOOK_MS 20

/* He closes the connection when he has gone, or does not want to. */
static void ask(const char *directory)
{
	struct pollfd p = { .fd = channel_connect(directory), .events = POLLIN };

	if (p.fd >= 0) {
		(void)channel_send(p.fd, &(struct guard_message){ .kind = GUARD_YIELD,
								  .version = GUARD_VERSION });
		(void)poll(&p, 1, LOOK_MS);
		close(p.fd);
	}
	(void)poll(NULL, 0, LOOK_MS);
}

int yield_open(const char *directory, struct notes *notes, struct channel_door *ret)
{
	struct instant until = instant_add(clock_now(), PATIENCE);
	int error = channel_open(directory, ret);

	if (error == -EWOULDBLOCK)
		notes_print(notes, LOG_LEVEL_NOTICE, "another guard is there: it is asked to go");
	while (error == -EWOULDBLOCK && !instant_reached(until, clock_now())) {
		ask(directory);
		error = channel_open(directory, ret);
	}
	return error;
}
