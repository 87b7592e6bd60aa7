/* SPDX-License-Identifier: Apache-2.0 */
#include "vipd/realm.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "linux/clock.h"

/* A process that is being killed lets go of one thing after the other. */
#define ENDING_MAX DURATION_S(1)

/* A guard with ten thousand VIPs to say good-bye for needs seconds. */
#define WILL_MAX DURATION_S(60)
#define LOOK_MS 20

static void holder_print(const struct netlock_holder *h, char *text, size_t size)
{
	int n = snprintf(text, size, h->pid ? "process %d" : "of another process namespace",
			 (int)h->pid);

	if (h->path[0] && n > 0 && (size_t)n < size)
		snprintf(text + n, size - (size_t)n, ", %s %s",
			 h->guard ? "state directory" : "socket", h->path);
}

static void strangers_tell(struct logbook *log, const struct realm *r,
			   const struct netlock_holder *h)
{
	if (h->strangers == 0)
		return;
	logbook_print(
		log, LOG_LEVEL_WARNING,
		"process %d of the user %u has the name of vipd's lock, and no right to it: %s",
		(int)h->stranger, (unsigned)h->stranger_user,
		r->lock.fd >= 0 ? "another name is taken"
				: "no name is left, so a second vipd here would not be found");
}

int realm_take(struct realm *r, const char *socket, struct logbook *log)
{
	struct instant now = clock_now(), will = instant_add(now, WILL_MAX);
	struct instant until = instant_add(now, ENDING_MAX);
	struct netlock_holder h;
	char who[128];
	bool told = false;
	int error;

	for (;;) {
		error = netlock_take(NETLOCK_VIPD, socket, &r->lock, &h);
		now = clock_now();
		/* A guard that has done its work is about to end, too. */
		if (h.guard)
			until = instant_min(will, instant_add(now, ENDING_MAX));
		if (error != -EADDRINUSE || instant_reached(until, now))
			break;
		holder_print(&h, who, sizeof(who));
		if (h.guard && !told)
			logbook_print(
				log, LOG_LEVEL_NOTICE,
				"a guard (%s) is carrying out the last will of another vipd in "
				"this network namespace: waiting for its end",
				who);
		told |= h.guard;
		(void)poll(NULL, 0, LOOK_MS);
	}
	if (!error) {
		strangers_tell(log, r, &h);
		return 0;
	}
	holder_print(&h, who, sizeof(who));
	if (error == -EADDRINUSE)
		logbook_print(
			log, LOG_LEVEL_ERROR,
			"another vipd (%s) has this network namespace: there can be only one, "
			"because both would look after the same marks in the kernel",
			who);
	else
		logbook_print(log, LOG_LEVEL_ERROR, "the network namespace cannot be taken: %s",
			      strerror(-error));
	return error;
}

void realm_describe(char *text, size_t size)
{
	struct netlock_holder h;
	struct netlock l;
	char who[128];

	text[0] = '\0';
	if (netlock_take(NETLOCK_VIPD, "", &l, &h) == 0) {
		netlock_release(&l);
		return;
	}
	holder_print(&h, who, sizeof(who));
	if (h.pid || h.path[0])
		snprintf(text, size, " (%s)", who);
}

static void somebody_looks(uv_poll_t *poll, int status, int events)
{
	const struct realm *r = poll->data;

	(void)status;
	(void)events;
	netlock_drain(&r->lock);
}

int realm_watch(struct realm *r, uv_loop_t *loop)
{
	int error;

	if (r->lock.fd < 0)
		return 0;
	error = uv_poll_init(loop, &r->poll, r->lock.fd);
	if (error)
		return error;
	r->poll.data = r;
	return uv_poll_start(&r->poll, UV_READABLE, somebody_looks);
}

void realm_unwatch(struct realm *r)
{
	if (r->poll.data)
		uv_close((uv_handle_t *)&r->poll, NULL);
	r->poll.data = NULL;
}

void realm_release(struct realm *r)
{
	netlock_release(&r->lock);
}
