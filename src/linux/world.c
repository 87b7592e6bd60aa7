/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/world.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "linux/changes.h"
#include "linux/checks.h"
#include "linux/clock.h"
#include "linux/connections.h"
#include "linux/examine.h"
#include "linux/frames.h"
#include "linux/inbox.h"
#include "linux/source.h"
#include "linux/streams.h"
#include "linux/wall.h"
#include "node/protocol.h"

/* So long may one thing hold the loop, until another may have its turn. */
#define SLICE DURATION_MS(5)

/* Effects that are carried out before the clock is read again. */
#define EFFECTS_A_LOOK 64

/* A node that asks for a tick again and again gets so many before the loop goes on. */
#define TICKS_A_TURN 16

/*
 * A deadline that was missed by so much says that the process did not run. Then what has come
 * meanwhile is heard first, all of it or for so long: a neighbour that spoke all the time must not
 * be taken for dead.
 */
#define STALL DURATION_S(1)
#define CATCH_UP_MAX DURATION_MS(200)

/* Turns of the loop in which nothing is heard: the first may have begun behind its poll. */
#define CATCH_UP_QUIET_TURNS 2

struct world {
	struct world_parts parts;
	struct world_hooks hooks;
	struct changes *changes;
	struct sockets *sockets;
	struct streams *streams;
	struct frames *frames;
	struct checks *checks;
	struct source *source;
	struct errands *examinations;
	struct inbox inbox;
	uv_poll_t kernel, wall;
	int wall_fd; /* says when the clock on the wall is set */
	uv_timer_t timer;
	uv_idle_t idle;	   /* runs while there is work that waits for nothing */
	uv_prepare_t turn; /* the end of a turn of the loop */
	unsigned handles;
	struct instant armed; /* what the timer waits for */
	bool closing;	      /* nothing is taken any more */
	bool taking;	      /* an input is being taken: others go to the inbox */
	bool in_parts;	      /* the rest of a request is still to come */
	bool working;	      /* world_work() is on the stack */
	bool effects_left;    /* the node has more effects than fitted into a slice */
	bool changes_left;    /* likewise for the kernel's changes, or there is something to read */
	int unsaved;	      /* -errno: what is to be written down cannot be, and the node knows */
	struct {
		bool on; /* packets alone are taken; all else waits in the inbox */
		struct instant until;
		bool heard; /* in this turn of the loop */
		unsigned quiet_turns;
	} catch_up;
};

static void world_work(struct world *w);
static void input_from_kernel(void *context, const struct input *in);
static void idle_ran(uv_idle_t *idle);

static void state_tell(struct world *w, int error)
{
	struct input in = { .kind = INPUT_SAVING };

	w->unsaved = error;
	in.saving.ready = error == 0;
	if (error)
		text_copy(in.saving.error, sizeof(in.saving.error), strerror(-error));
	world_input(w, &in);
}

/* What is written down is written before anything is done that comes after it. */
static void state_flush(struct world *w)
{
	int error = w->parts.state ? statefile_flush(w->parts.state) : 0;

	/* An input is large, and this is asked for each effect. */
	if (error != w->unsaved)
		state_tell(w, error);
}

/* Who has asked for something hears that it would not outlive us. */
static void reply(struct world *w, struct instant now, const struct effect *e)
{
	struct effect unsaved;

	if (!w->unsaved || !e->reply.acted || e->reply.code != REPLY_OK) {
		w->hooks.reply(w->hooks.context, now, e);
		return;
	}
	unsaved = *e;
	unsaved.reply.code = REPLY_UNSAVED;
	snprintf(unsaved.reply.sentence, sizeof(unsaved.reply.sentence),
		 "it is done, but it could not be written down (%s): if vipd dies now, it is "
		 "forgotten",
		 strerror(-w->unsaved));
	w->hooks.reply(w->hooks.context, now, &unsaved);
}

static void count_connections(struct world *w, const struct address *local)
{
	struct input in = { .kind = INPUT_COUNTED };

	in.counted.address = *local;
	in.counted.known = connections_count(local, &in.counted.connections) == 0;
	world_input(w, &in);
}

static void effect_carry_out(struct world *w, struct instant now, const struct effect *e)
{
	if (e->kind != EFFECT_SAVE)
		state_flush(w);
	switch ((enum effect_kind)e->kind) {
	case EFFECT_SAVE:
		if (w->parts.state)
			statefile_put(w->parts.state, &e->save);
		break;
	case EFFECT_BOARD_ADD:
	case EFFECT_BOARD_UP:
	case EFFECT_BOARD_REMOVE:
	case EFFECT_OBJECT_ADD:
	case EFFECT_OBJECT_REMOVE:
	case EFFECT_RESYNC:
		changes_add(w->changes, e);
		break;
	case EFFECT_LISTEN:
		sockets_listen(w->sockets, e->listen.interface, e->listen.speaker,
			       protocol_class(e->listen.protocol),
			       e->listen.on ? &e->listen.keys : NULL);
		break;
	case EFFECT_SEND:
		sockets_send(w->sockets, &e->send);
		break;
	case EFFECT_OPEN:
		streams_open(w->streams, &e->stream);
		break;
	case EFFECT_STREAM:
		streams_write(w->streams, &e->piece);
		break;
	case EFFECT_CLOSE:
		streams_close(w->streams, &e->change);
		break;
	case EFFECT_WATCH:
		frames_watch(w->frames, e->watch.interface, e->watch.on, e->watch.all_multicast);
		break;
	case EFFECT_FRAME:
		frames_send(w->frames, &e->frame);
		break;
	case EFFECT_COUNT:
		count_connections(w, &e->count.address);
		break;
	case EFFECT_CHECK:
		checks_run(w->checks, e);
		break;
	case EFFECT_SOURCE:
		source_part(w->source, &e->source);
		break;
	case EFFECT_STOPPED:
		w->hooks.stopped(w->hooks.context);
		break;
	case EFFECT_EVENT:
		logbook_event(w->parts.logbook, &e->event);
		w->hooks.reply(w->hooks.context, now, e);
		break;
	case EFFECT_REPLY:
		reply(w, now, e);
		break;
	case EFFECT_BFD:
	case EFFECT_PROBE:
	case EFFECT_ECHO:
	case EFFECT_PROVE:
		w->hooks.session(w->hooks.context, e);
		break;
	}
}

/* Takes from the node what it wants, as far as a slice reaches. */
static void effects_drain(struct world *w, struct instant now)
{
	struct instant until = instant_add(now, SLICE);
	struct effect e;

	w->effects_left = true;
	for (size_t i = 1; node_effect(w->parts.node, now, &e); i++) {
		if (w->parts.record)
			record_effect(w->parts.record, now, &e);
		effect_carry_out(w, now, &e);
		if (i % EFFECTS_A_LOOK == 0 && instant_reached(until, clock_now()))
			return;
	}
	w->effects_left = false;
}

static void input_take(struct world *w, const struct input *in)
{
	struct instant now = clock_now();

	if (w->parts.record)
		record_input(w->parts.record, now, in);
	node_input(w->parts.node, now, in);
	w->in_parts = in->more;
	/* Of a request that comes in parts nothing follows before the last of them. */
	if (!in->more)
		effects_drain(w, now);
}

static void inbox_empty(struct world *w)
{
	struct input next;

	while (inbox_pop(&w->inbox, &next))
		input_take(w, &next);
}

static bool catch_up_begins(struct world *w)
{
	struct instant now = clock_now();

	if (w->catch_up.on || w->in_parts ||
	    !instant_reached(instant_add(node_deadline(w->parts.node), STALL), now))
		return w->catch_up.on;
	w->catch_up.on = true;
	w->catch_up.until = instant_add(now, CATCH_UP_MAX);
	w->catch_up.heard = false;
	w->catch_up.quiet_turns = 0;
	uv_idle_start(&w->idle, idle_ran);
	return true;
}

/* Looks at a turn of the loop; when it was the last one, what was due and what waited is done. */
static bool catch_up_ends(struct world *w)
{
	w->catch_up.quiet_turns = w->catch_up.heard ? 0 : w->catch_up.quiet_turns + 1;
	w->catch_up.heard = false;
	if (w->catch_up.quiet_turns < CATCH_UP_QUIET_TURNS &&
	    !instant_reached(w->catch_up.until, clock_now()))
		return false;
	w->catch_up.on = false;
	w->taking = true;
	input_take(w, &(struct input){ .kind = INPUT_TICK });
	inbox_empty(w);
	w->taking = false;
	return true;
}

/* A packet or a frame. With `more` the node takes note of it, and does nothing that is due yet. */
static void catch_up_hear(struct world *w, const struct input *in)
{
	struct input part = *in;

	part.more = true;
	w->catch_up.heard = true;
	w->taking = true;
	input_take(w, &part);
	w->in_parts = w->taking = false;
}

void world_input(struct world *w, const struct input *in)
{
	if (w->closing)
		return;
	if (w->taking || catch_up_begins(w)) {
		if (inbox_push(&w->inbox, in) < 0)
			logbook_print(w->parts.logbook, LOG_LEVEL_ERROR,
				      "out of memory: something that happened was not seen");
		return;
	}
	w->taking = true;
	input_take(w, in);
	inbox_empty(w);
	w->taking = false;
	if (!w->working && !in->more)
		world_work(w);
}

/* Gives the node the ticks that are due. */
static void ticks_run(struct world *w)
{
	for (int i = 0; i < TICKS_A_TURN; i++) {
		if (!instant_reached(node_deadline(w->parts.node), clock_now()))
			return;
		world_input(w, &(struct input){ .kind = INPUT_TICK });
	}
}

static void timer_fired(uv_timer_t *timer)
{
	struct world *w = timer->data;

	w->armed = INSTANT_NEVER;
	world_work(w);
}

/* libuv counts whole milliseconds on the same clock: to round up is never to be early. */
static void timer_arm(struct world *w)
{
	struct instant due = node_deadline(w->parts.node);
	uint64_t due_ms, now_ms;

	if (due.ns == w->armed.ns)
		return;
	w->armed = due;
	if (instant_is_never(due)) {
		uv_timer_stop(&w->timer);
		return;
	}
	due_ms = due.ns > 0 ? ((uint64_t)due.ns + 999999) / 1000000 : 0;
	uv_update_time(w->parts.loop);
	now_ms = uv_now(w->parts.loop);
	uv_timer_start(&w->timer, timer_fired, due_ms > now_ms ? due_ms - now_ms : 0, 0);
}

static void idle_ran(uv_idle_t *idle)
{
	struct world *w = idle->data;

	if (!w->catch_up.on || catch_up_ends(w))
		world_work(w);
}

/*
 * Does all that can be done now, as far as a slice reaches, and sees to it that it will be called
 * again.
 */
static void world_work(struct world *w)
{
	struct instant now = clock_now();

	if (w->closing || catch_up_begins(w))
		return;
	w->working = true;
	if (w->effects_left) {
		w->taking = true;
		effects_drain(w, now);
		inbox_empty(w);
		w->taking = false;
	}
	ticks_run(w);
	state_flush(w);
	if (w->changes_left || changes_waiting(w->changes))
		w->changes_left = changes_run(w->changes, instant_add(now, SLICE));
	w->working = false;
	if (w->changes_left || w->effects_left)
		uv_idle_start(&w->idle, idle_ran);
	else
		uv_idle_stop(&w->idle);
	timer_arm(w);
}

static void kernel_ready(uv_poll_t *poll, int status, int events)
{
	struct world *w = poll->data;

	(void)events;
	w->changes_left = true;
	world_work(w);
	/* An error, such as an overrun, stops libuv's poll; to read has taken the error away. */
	if (status < 0 && !w->closing)
		uv_poll_start(poll, UV_READABLE, kernel_ready);
}

static void wall_tell(struct world *w)
{
	struct input in = { .kind = INPUT_CLOCK };

	in.clock.wall = wall_offset();
	world_input(w, &in);
}

static void wall_was_set(uv_poll_t *poll, int status, int events)
{
	struct world *w = poll->data;

	(void)events;
	wall_arm(w->wall_fd);
	wall_tell(w);
	/* That the timer is cancelled may count as an error of the descriptor. */
	if (status < 0 && !w->closing)
		uv_poll_start(poll, UV_READABLE, wall_was_set);
}

static void turn_ended(uv_prepare_t *turn)
{
	struct world *w = turn->data;
	int error = record_flush(w->parts.record);

	if (error)
		logbook_print(w->parts.logbook, LOG_LEVEL_ERROR, "the recording ends here: %s",
			      strerror(-error));
}

static void handle_closed(uv_handle_t *handle)
{
	struct world *w = handle->data;

	w->handles--;
}

static void handle_close(struct world *w, uv_handle_t *handle)
{
	if (handle->data != w)
		return;
	uv_close(handle, handle_closed);
}

void world_free(struct world *w)
{
	if (!w)
		return;
	w->closing = true;
	handle_close(w, (uv_handle_t *)&w->kernel);
	handle_close(w, (uv_handle_t *)&w->wall);
	handle_close(w, (uv_handle_t *)&w->timer);
	handle_close(w, (uv_handle_t *)&w->idle);
	handle_close(w, (uv_handle_t *)&w->turn);
	while (w->handles)
		uv_run(w->parts.loop, UV_RUN_NOWAIT);
	if (w->wall_fd >= 0)
		close(w->wall_fd);
	errands_free(w->examinations);
	sockets_free(w->sockets);
	streams_free(w->streams);
	frames_free(w->frames);
	checks_free(w->checks);
	source_free(w->source);
	changes_free(w->changes);
	inbox_done(&w->inbox);
	free(w);
}

/* A handle that the loop knows carries us in its data, and is to be closed. */
static int handle_made(struct world *w, int error, uv_handle_t *handle)
{
	if (error)
		return error;
	handle->data = w;
	w->handles++;
	return 0;
}

static int handles_make(struct world *w)
{
	uv_loop_t *loop = w->parts.loop;
	int error;

	error = handle_made(w, uv_timer_init(loop, &w->timer), (uv_handle_t *)&w->timer);
	if (!error)
		error = handle_made(w, uv_idle_init(loop, &w->idle), (uv_handle_t *)&w->idle);
	if (!error)
		error = handle_made(w, uv_prepare_init(loop, &w->turn), (uv_handle_t *)&w->turn);
	if (!error)
		error = handle_made(w, uv_poll_init(loop, &w->kernel, changes_fd(w->changes)),
				    (uv_handle_t *)&w->kernel);
	if (!error)
		error = handle_made(w, uv_poll_init(loop, &w->wall, w->wall_fd),
				    (uv_handle_t *)&w->wall);
	if (!error && w->parts.record)
		error = uv_prepare_start(&w->turn, turn_ended);
	return error;
}

static void input_from_kernel(void *context, const struct input *in)
{
	world_input(context, in);
}

static void input_from_network(void *context, const struct input *in)
{
	struct world *w = context;
	bool heard = in->kind == INPUT_PACKET || in->kind == INPUT_FRAME;

	if (heard && !w->closing && !w->taking && catch_up_begins(w))
		catch_up_hear(w, in);
	else
		world_input(w, in);
}

int world_new(const struct world_parts *parts, const struct world_hooks *hooks, struct world **ret)
{
	struct world *w = calloc(1, sizeof(*w));
	int error;

	if (!w)
		return -ENOMEM;
	w->parts = *parts;
	w->hooks = *hooks;
	w->armed = INSTANT_NEVER;
	w->wall_fd = wall_open();
	w->sockets = sockets_new(parts->loop, &(struct input_sink){ w, input_from_network });
	w->streams = streams_new(parts->loop, &(struct input_sink){ w, input_from_network });
	w->frames = frames_new(parts->loop, &(struct input_sink){ w, input_from_network });
	w->checks = checks_new(parts->loop, &(struct input_sink){ w, input_from_kernel }, NULL);
	w->source = source_new(
		parts->loop,
		&(struct source_hooks){ { w, input_from_kernel }, hooks->looked, hooks->context });
	error = errands_new(parts->loop, &w->examinations);
	if (!error)
		error = w->sockets && w->streams && w->frames && w->checks && w->source ? 0
											: -ENOMEM;
	if (!error && w->wall_fd < 0)
		error = w->wall_fd;
	if (!error)
		error = changes_new(&(struct input_sink){ w, input_from_kernel }, &w->changes);
	if (!error)
		error = handles_make(w);
	if (error) {
		world_free(w);
		return error;
	}
	*ret = w;
	return 0;
}

int world_follow(struct world *w)
{
	int error = uv_poll_start(&w->kernel, UV_READABLE, kernel_ready);

	if (!error)
		error = uv_poll_start(&w->wall, UV_READABLE, wall_was_set);
	if (error)
		return error;
	wall_arm(w->wall_fd);
	wall_tell(w);
	changes_add(w->changes, &(struct effect){ .kind = EFFECT_RESYNC });
	world_work(w);
	return 0;
}

void world_examine(struct world *w, uint32_t request, const struct address *silent)
{
	const struct examine_hooks hooks = { w->hooks.context, w->hooks.found };
	struct examine_what what = { .request = request, .silent = *silent };

	what.n_spoken = sockets_spoken(w->sockets, what.spoken, EXAMINE_SPOKEN_MAX);
	if (examine_begin(w->examinations, &hooks, &what) < 0)
		w->hooks.found(w->hooks.context, request, NULL, 0);
}

void world_look(struct world *w, uint32_t request, const struct source_question *question)
{
	source_look(w->source, request, question);
}

void world_source_counts(const struct world *w, uint64_t ret[SOURCE_VERDICT_COUNT])
{
	source_counts(w->source, ret);
}

void world_count(const struct world *w, struct world_counters *ret)
{
	const struct frames_counters *frames = frames_counters(w->frames);
	struct sockets_counters sockets = sockets_counters(w->sockets);

	*ret = (struct world_counters){
		.packets_received = sockets.received,
		.packets_sent = sockets.sent,
		.packets_not_sent = sockets.not_sent,
		.packets_overrun = sockets.overrun,
		.frames_received = frames->received,
		.frames_sent = frames->sent,
		.frames_not_sent = frames->not_sent,
		.frames_overrun = frames->dropped,
		.kernel_overruns = changes_overruns(w->changes),
	};
}
