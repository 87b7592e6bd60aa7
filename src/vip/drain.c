/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vip drain ADDRESS: lets a VIP lose its users, then withdraws it. vip undrain ADDRESS takes it
 * back. The daemon does it; the command only waits and shows how many are left, so to interrupt it
 * stops nothing.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "vip/arguments.h"
#include "vip/client.h"

#define DRAIN_LOOK_MS 200
#define DRAIN_SECONDS_MAX (7 * 86400)

/* Tells of the connections whenever their number has changed; true while there is more to come. */
static bool drain_shows(const char *address, const json_t *vip, int64_t *last)
{
	const json_t *drain = json_object_get(vip, "drain");
	const json_t *connections = json_object_get(drain, "connections");

	if (!drain || member_true(drain, "done"))
		return false;
	if (json_is_integer(connections) && json_integer_value(connections) != *last) {
		*last = json_integer_value(connections);
		printf("%s: %" PRId64 " connections are left\n", address, *last);
		fflush(stdout);
	}
	return true;
}

static int drain_wait(struct vip *v, const char *address)
{
	struct timespec pause = { 0, DRAIN_LOOK_MS * 1000000L };
	int64_t last = -1;
	bool more = true;
	char path[512];

	client_path(path, sizeof(path), "/v1/vips/", address, "");
	while (more) {
		json_t *document = NULL;
		int r = client_request(v, "GET", path, NULL, &document);

		if (!document)
			return r;
		more = drain_shows(address, json_array_get(json_object_get(document, "vips"), 0),
				   &last);
		json_decref(document);
		if (more)
			(void)nanosleep(&pause, NULL);
	}
	printf("%s is drained: nothing is announced until 'vip undrain %s'\n", address, address);
	return VIP_DONE;
}

int drain_run(struct vip *v, int argc, char **argv)
{
	const char *time = option_value(v, "--timeout");
	long time_s = arguments_seconds(time ? time : "60s", DRAIN_SECONDS_MAX);
	char path[512], seconds[32];
	json_t *document;
	int r;

	(void)argc;
	if (time_s < 0)
		return vip_usage(v,
				 "'--timeout' is a time like 90s, 5m or 2h, up to a week, not '%s'",
				 time);
	argv[0][strcspn(argv[0], "/")] = '\0';
	snprintf(seconds, sizeof(seconds), "?seconds=%ld", time_s);
	client_path(path, sizeof(path), "/v1/drain/", argv[0], seconds);
	r = client_request(v, "POST", path, NULL, &document);
	json_decref(document);
	/* Who wants JSON wants one document, and asks `vip --json show` for the rest. */
	return r != VIP_DONE || option_given(v, "--no-wait") || v->json ? r
									: drain_wait(v, argv[0]);
}

int undrain_run(struct vip *v, int argc, char **argv)
{
	char path[512];

	(void)argc;
	argv[0][strcspn(argv[0], "/")] = '\0';
	client_path(path, sizeof(path), "/v1/drain/", argv[0], "");
	return client_request(v, "DELETE", path, NULL, NULL);
}
