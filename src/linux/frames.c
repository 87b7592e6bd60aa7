/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/frames.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "linux/frame.h"
#include "linux/ports.h"

_Static_assert((int)FRAME_SOCKETS <= PORTS_MAX, "the sockets of an interface have their places");

/* The place of a port in its pair is its enum frame_socket. */
struct frames {
	struct input_sink sink;
	struct ports ports;
	struct frames_counters counters;
	struct ether_frame received[PACKETS_A_READ];
};

static void port_deliver(struct frames *f, const struct port *p, const struct ether_frame *frame)
{
	size_t kept = frame->length < ETHER_FRAME_MAX ? frame->length : ETHER_FRAME_MAX;
	struct input in;

	memset(&in, 0, sizeof(in));
	in.kind = INPUT_FRAME;
	in.frame.interface = p->pair->interface;
	in.frame.length = frame->length;
	memcpy(in.frame.bytes, frame->bytes, kept);
	f->counters.received++;
	input_pass(&f->sink, &in);
}

static size_t port_read(void *context, struct port *p)
{
	struct frames *f = context;
	size_t n = frame_receive(p->fd, f->received, PACKETS_A_READ);

	for (size_t i = 0; i < n && p->fd >= 0; i++)
		port_deliver(f, p, &f->received[i]);
	return n;
}

static int port_open(void *context, const struct port *p, const char **ret_why)
{
	(void)context;
	return frame_open(p->pair->interface, (enum frame_socket)p->which, false, ret_why);
}

struct frames *frames_new(uv_loop_t *loop, const struct input_sink *sink)
{
	struct frames *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->sink = *sink;
	ports_init(&f->ports, loop, FRAME_SOCKETS,
		   &(struct ports_hooks){ f, port_open, port_read });
	return f;
}

void frames_free(struct frames *f)
{
	if (!f)
		return;
	ports_done(&f->ports);
	free(f);
}

static void pair_count_dropped(struct frames *f, const struct port_pair *pair)
{
	for (size_t i = 0; i < FRAME_SOCKETS; i++)
		f->counters.dropped += frame_dropped(pair->ports[i].fd);
}

static void pair_close(struct frames *f, struct port_pair *pair)
{
	pair_count_dropped(f, pair);
	ports_close(pair);
}

static int pair_set_all_multicast(struct port_pair *pair, bool on, const char **ret_why)
{
	int error;

	/* Linux counts them, and would want to be told as often that it is over. */
	if (pair->all_multicast == on)
		return 0;
	error = frame_set_all_multicast(pair->ports[FRAME_SOCKET_IPV6].fd, pair->interface, on,
					ret_why);
	if (!error)
		pair->all_multicast = on;
	return error;
}

static bool watch_begin(struct frames *f, uint32_t interface, bool all_multicast,
			const char **ret_why)
{
	struct port_pair *pair = ports_find(&f->ports, interface);

	if (!pair && ports_open(&f->ports, interface, ret_why) < 0)
		return false;
	pair = ports_find(&f->ports, interface);
	if (pair_set_all_multicast(pair, all_multicast, ret_why) == 0)
		return true;
	pair_close(f, pair);
	return false;
}

void frames_watch(struct frames *f, uint32_t interface, bool on, bool all_multicast)
{
	struct port_pair *pair;
	const char *why = "";
	struct input in;

	if (!on) {
		pair = ports_find(&f->ports, interface);
		if (pair)
			pair_close(f, pair);
		return;
	}
	memset(&in, 0, sizeof(in));
	in.kind = INPUT_WATCHING;
	in.watching.interface = interface;
	in.watching.ready = watch_begin(f, interface, all_multicast, &why);
	text_copy(in.watching.error, sizeof(in.watching.error), why);
	input_pass(&f->sink, &in);
}

void frames_send(struct frames *f, const struct ether_frame *frame)
{
	const struct port_pair *pair = ports_find(&f->ports, frame->interface);
	enum frame_socket which = frame_socket_of(frame);

	if (!pair || which == FRAME_SOCKETS || frame_send(pair->ports[which].fd, frame) < 0)
		f->counters.not_sent++;
	else
		f->counters.sent++;
}

const struct frames_counters *frames_counters(struct frames *f)
{
	list_each(link, &f->ports.pairs)
		pair_count_dropped(f, container_of(link, struct port_pair, link));
	return &f->counters;
}
