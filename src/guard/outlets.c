/* SPDX-License-Identifier: Apache-2.0 */
#include "guard/outlets.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "linux/frame.h"

#define READ_FRAMES 16
#define READ_ROUNDS 8 /* of one socket before the next has its turn */

struct outlet {
	uint32_t interface;
	uint8_t family; /* enum family; NONE: not in use */
	bool needed;	/* while they are counted */
	int fd;		/* or -1: it cannot be had, tried again at `retry` */
	struct instant retry;
	uint8_t mac[ETHER_MAC_BYTES]; /* of the interface, ... */
	struct instant asked;	      /* ... as it was then */
};

struct outlets {
	struct liveness_hooks hooks;
	struct notes *notes;
	const char *what;
	size_t most, count; /* none in use beyond the count */
	struct ether_frame frames[READ_FRAMES];
	struct outlet list[];
};

struct outlets *outlets_new(const struct liveness_hooks *hooks, struct notes *notes,
			    const char *what, size_t most)
{
	struct outlets *o = calloc(1, sizeof(*o) + most * sizeof(o->list[0]));

	if (!o)
		return NULL;
	o->hooks = *hooks;
	o->notes = notes;
	o->what = what;
	o->most = most;
	return o;
}

static void outlet_close(struct outlet *t)
{
	if (t->family != FAMILY_NONE && t->fd >= 0)
		close(t->fd);
	*t = (struct outlet){ .fd = -1 };
}

void outlets_close(struct outlets *o)
{
	for (size_t k = 0; k < o->count; k++)
		outlet_close(&o->list[k]);
	o->count = 0;
}

void outlets_free(struct outlets *o)
{
	if (o)
		outlets_close(o);
	free(o);
}

/* That of a path; NULL: it is not in use. */
static struct outlet *outlet_find(struct outlets *o, const struct path *path)
{
	for (size_t k = 0; k < o->count; k++)
		if (o->list[k].family == path->local.family &&
		    o->list[k].interface == path->interface)
			return &o->list[k];
	return NULL;
}

/* NULL: there are too many. */
static struct outlet *outlet_get(struct outlets *o, const struct path *path)
{
	struct outlet *t = outlet_find(o, path);

	for (size_t k = 0; !t && k < o->count; k++)
		if (o->list[k].family == FAMILY_NONE)
			t = &o->list[k];
	if (!t && o->count < o->most)
		t = &o->list[o->count++];
	if (t && t->family == FAMILY_NONE)
		*t = (struct outlet){ .interface = path->interface,
				      .family = path->local.family,
				      .fd = -1 };
	return t;
}

static void outlet_open(struct outlets *o, struct instant now, struct outlet *t)
{
	enum frame_socket which = t->family == FAMILY_IPV4 ? FRAME_SOCKET_ARP : FRAME_SOCKET_IPV6;
	const char *why;

	if (t->fd >= 0 || !instant_reached(t->retry, now))
		return;
	t->fd = frame_open(t->interface, which, true, &why);
	if (t->fd >= 0) {
		o->hooks.watch(o->hooks.context, t->fd);
		return;
	}
	if (t->retry.ns == 0)
		notes_print(o->notes, LOG_LEVEL_WARNING,
			    "no %s on the interface with the index %u: %s", o->what, t->interface,
			    why);
	t->fd = -1;
	t->retry = instant_add(now, OUTLET_RETRY);
}

void outlets_count_anew(struct outlets *o)
{
	for (size_t k = 0; k < o->count; k++)
		o->list[k].needed = false;
}

void outlets_need(struct outlets *o, const struct path *path)
{
	struct outlet *t = outlet_find(o, path);

	if (t)
		t->needed = true;
}

void outlets_sweep(struct outlets *o)
{
	for (size_t k = 0; k < o->count; k++)
		if (!o->list[k].needed)
			outlet_close(&o->list[k]);
	while (o->count > 0 && o->list[o->count - 1].family == FAMILY_NONE)
		o->count--;
}

void outlets_read(struct outlets *o, struct instant now,
		  void (*take)(void *context, struct instant now, const struct ether_frame *frame),
		  void *context)
{
	for (size_t k = 0; k < o->count; k++) {
		struct outlet *t = &o->list[k];
		size_t n = READ_FRAMES;

		if (t->family == FAMILY_NONE)
			continue;
		outlet_open(o, now, t);
		for (int round = 0; t->fd >= 0 && n == READ_FRAMES && round < READ_ROUNDS;
		     round++) {
			n = frame_receive(t->fd, o->frames, READ_FRAMES);
			for (size_t i = 0; i < n; i++) {
				o->frames[i].interface = t->interface;
				take(context, now, &o->frames[i]);
			}
		}
	}
}

bool outlets_open(struct outlets *o, struct instant now, const struct path *path,
		  uint8_t ret_mac[ETHER_MAC_BYTES])
{
	struct outlet *t = outlet_get(o, path);

	if (!t)
		return false;
	outlet_open(o, now, t);
	/* Not that of yesterday: who is sent to would believe it. */
	if (t->fd >= 0 && t->asked.ns != now.ns) {
		if (frame_address(t->fd, t->mac) < 0)
			return false;
		t->asked = now;
	}
	memcpy(ret_mac, t->mac, ETHER_MAC_BYTES);
	return t->fd >= 0;
}

void outlets_send(struct outlets *o, const struct path *path, const struct ether_frame *frame)
{
	const struct outlet *t = outlet_find(o, path);

	/* An error may be of earlier, when the interface was down. */
	if (t && t->fd >= 0 && frame_send(t->fd, frame) < 0)
		(void)frame_send(t->fd, frame);
}
