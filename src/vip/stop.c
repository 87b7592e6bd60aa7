/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vip stop: the daemon withdraws all VIPs, or leaves them to the next one, and ends; the command
 * ends when the daemon has.
 */
#include <errno.h>
#include <time.h>

#include "vip/arguments.h"
#include "vip/client.h"
#include "vip/manager.h"

#define STOP_STEP_MS 10
#define STOP_PATIENCE_MS 30000

static bool stop_ignore(void *context, const char *bytes, size_t length)
{
	(void)context;
	(void)bytes;
	(void)length;
	return true;
}

/* Asks for something and waits for the end of the answer; whether there was anybody to ask. */
static bool stop_ask(const struct vip *v, const char *path)
{
	struct http h;
	int r;

	http_init(&h, stop_ignore, NULL);
	r = http_exchange(&h, v->socket, "GET", path, NULL, 0, STOP_PATIENCE_MS);
	return r != -ENOENT && r != -ECONNREFUSED;
}

int stop_run(struct vip *v, int argc, char **argv)
{
	const char *service = option_value(v, "--service"), *path = "/v1/stop";
	bool hand_over = option_given(v, "--hand-over");
	int r;

	(void)argc;
	(void)argv;
	if (hand_over && service)
		return vip_usage(v, "--hand-over and --service exclude each other");
	if (hand_over)
		path = "/v1/stop?hand-over=1";
	else if (service && manager_restarts(service))
		path = "/v1/stop?restart=1";
	r = client_request(v, "POST", path, NULL, NULL);
	if (r != VIP_DONE)
		return r;
	/* A stream of events ends with the daemon; what is left is to see that it has gone. */
	stop_ask(v, "/v1/events?follow=1&last=0");
	for (int waited = 0; stop_ask(v, "/v1/status"); waited += STOP_STEP_MS) {
		const struct timespec step = { .tv_nsec = STOP_STEP_MS * 1000000 };

		if (waited >= STOP_PATIENCE_MS)
			return vip_fail(VIP_REFUSED, "vipd is still ending after %d seconds",
					STOP_PATIENCE_MS / 1000);
		nanosleep(&step, NULL);
	}
	return VIP_DONE;
}
