/* SPDX-License-Identifier: Apache-2.0 */
#include "vipd/daemon.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include <linux/capability.h>

#include "base/container.h"
#include "linux/logbook.h"
#include "linux/record.h"
#include "linux/rights.h"
#include "linux/world.h"
#include "vipd/configuration.h"
#include "vipd/guard.h"
#include "vipd/listen.h"
#include "vipd/notify.h"
#include "vipd/realm.h"
#include "vipd/server.h"

/* All good-byes are out long before; after this the process ends, whatever is left. */
#define STOP_LIMIT_MS 20000

#define SENTENCE_MAX CONFIG_ERROR_MAX

static const int signals[] = { SIGTERM, SIGINT, SIGHUP };

struct daemon {
	const struct options *options;
	struct logbook logbook;
	struct configuration *configuration;
	struct recording *record;
	struct statefile *state;
	struct guard_client *guard;
	struct node *node;
	struct world *world;
	struct server *server;
	struct notify *notify;
	struct listen_socket socket;
	struct realm realm;
	uv_loop_t loop;
	uv_signal_t signals[ARRAY_LENGTH(signals)];
	uv_timer_t limit;
	uint32_t request; /* the number of our own newest request */
	bool loop_made;
	bool stopping;
	bool stopped; /* all is withdrawn and removed, or handed over */
	enum api_stop how;
	enum exit_code exit;
};

static void end(struct daemon *d, enum exit_code code)
{
	d->exit = code;
	uv_stop(&d->loop);
}

static void limit_reached(uv_timer_t *timer)
{
	struct daemon *d = timer->data;

	logbook_print(&d->logbook, LOG_LEVEL_ERROR,
		      "stopping took more than %d s: something may be left behind",
		      STOP_LIMIT_MS / 1000);
	end(d, EXIT_FAILED);
}

static void stop_begin(struct daemon *d, enum api_stop how)
{
	if (d->stopping)
		return;
	d->stopping = true;
	d->how = how;
	notify_stopping(d->notify, how == API_STOP_WITHDRAW);
	uv_timer_start(&d->limit, limit_reached, STOP_LIMIT_MS, 0);
	world_input(d->world, &(struct input){ .kind = INPUT_STOP,
					       .stop.hand_over = how != API_STOP_WITHDRAW });
}

/* Numbers that the API does not use. */
static uint32_t request_next(void *context)
{
	struct daemon *d = context;

	d->request = d->request < UINT32_MAX ? d->request + 1 : API_REQUEST_MAX + 1;
	return d->request;
}

static void config_begun(void *context)
{
	struct daemon *d = context;

	notify_reloading(d->notify);
}

static void config_ended(void *context, bool taken)
{
	struct daemon *d = context;

	/* There is no old one to go on with. */
	if (!configuration_in_force(d->configuration)) {
		end(d, EXIT_CONFIG);
		return;
	}
	if (taken)
		guard_client_grace(d->guard, configuration_grace(d->configuration));
	server_reload(d->server);
	notify_configured(d->notify);
	notify_reloaded(d->notify);
}

static void node_replied(void *context, struct instant now, const struct effect *e)
{
	struct daemon *d = context;

	if (e->kind == EFFECT_EVENT)
		notify_event(d->notify);
	if (!configuration_effect(d->configuration, e))
		server_effect(d->server, now, e);
}

static void node_wants_session(void *context, const struct effect *e)
{
	struct daemon *d = context;

	guard_client_want(d->guard, e);
}

static void node_stopped(void *context)
{
	struct daemon *d = context;

	logbook_print(&d->logbook, LOG_LEVEL_NOTICE, "stopped");
	d->stopped = true;
	end(d, EXIT_DONE);
}

static void input_came(void *context, const struct input *in)
{
	struct daemon *d = context;

	world_input(d->world, in);
}

static void api_stop(void *context, enum api_stop how)
{
	stop_begin(context, how);
}

static bool api_guard(void *context, struct guard_counters *ret)
{
	struct daemon *d = context;

	return guard_client_counters(d->guard, ret);
}

static void api_world(void *context, struct world_counters *ret)
{
	struct daemon *d = context;

	world_count(d->world, ret);
}

static void api_source_counts(void *context, uint64_t ret[SOURCE_VERDICT_COUNT])
{
	struct daemon *d = context;

	world_source_counts(d->world, ret);
}

static void api_examine(void *context, uint32_t request, const struct address *silent)
{
	struct daemon *d = context;

	world_examine(d->world, request, silent);
}

static void api_look(void *context, uint32_t request, const struct source_question *question)
{
	struct daemon *d = context;

	world_look(d->world, request, question);
}

static void world_found(void *context, uint32_t request, const struct finding *findings,
			size_t count)
{
	struct daemon *d = context;

	server_found(d->server, request, findings, count);
}

static void world_looked(void *context, uint32_t request, bool done, const struct source_look *look)
{
	struct daemon *d = context;

	server_looked(d->server, request, done, look);
}

static void signal_came(uv_signal_t *handle, int number)
{
	struct daemon *d = handle->data;

	if (number == SIGHUP) {
		if (!d->stopping)
			configuration_reload(d->configuration);
	} else if (d->stopping) {
		logbook_print(&d->logbook, LOG_LEVEL_WARNING,
			      "a second signal: ends at once, and may leave something behind");
		end(d, EXIT_FAILED);
	} else {
		stop_begin(d, API_STOP_WITHDRAW);
	}
}

static int loop_make(struct daemon *d)
{
	int error = uv_loop_init(&d->loop);

	if (error)
		return error;
	d->loop_made = true;
	error = uv_timer_init(&d->loop, &d->limit);
	if (error)
		return error;
	d->limit.data = d;
	for (size_t i = 0; i < ARRAY_LENGTH(signals); i++) {
		error = uv_signal_init(&d->loop, &d->signals[i]);
		if (error)
			return error;
		/* Handles with data are closed in the end. */
		d->signals[i].data = d;
		error = uv_signal_start(&d->signals[i], signal_came, signals[i]);
		if (error)
			return error;
	}
	return 0;
}

static int complain(struct daemon *d, const char *what, int error)
{
	logbook_print(&d->logbook, LOG_LEVEL_ERROR, "%s: %s", what, strerror(-error));
	return error;
}

/*
 * The state directory, ours alone. Who has it may be the guard of an earlier vipd, which holds it
 * while it carries out the last will; it is waited for.
 */
static int state_open(struct daemon *d)
{
	const char *state = options_state(d->options);
	char sentence[SENTENCE_MAX];
	int error = directory_make(state, 0700);

	if (!error)
		error = guard_client_new(state, &d->logbook, &d->guard);
	if (!error)
		error = statefile_open(state, &d->state);
	if (error == -EWOULDBLOCK) {
		guard_client_await(d->guard, configuration_grace(d->configuration));
		error = statefile_open(state, &d->state);
	}
	if (error == -EWOULDBLOCK) {
		realm_describe(sentence, sizeof(sentence));
		logbook_print(&d->logbook, LOG_LEVEL_ERROR,
			      "%s: another vipd uses this directory%s", state, sentence);
	} else if (error)
		complain(d, state, error);
	else if (statefile_explain(d->state, sentence, sizeof(sentence)))
		logbook_print(&d->logbook, LOG_LEVEL_ERROR, "%s/state: %s", state, sentence);
	return error;
}

/* What the daemon stands on, from the bottom up. 0 or -errno; what went wrong has been said. */
static int parts_make(struct daemon *d)
{
	struct api_hooks api_hooks = { .context = d,
				       .input = input_came,
				       .stop = api_stop,
				       .guard = api_guard,
				       .world = api_world,
				       .source_counts = api_source_counts,
				       .examine = api_examine,
				       .look = api_look,
				       .config_context = d->configuration,
				       .config = &configuration_api };
	struct world_hooks world_hooks = {
		d, node_replied, node_wants_session, node_stopped, world_found, world_looked
	};
	char sentence[SENTENCE_MAX];
	struct world_parts parts;
	int error;

	error = state_open(d);
	if (!error)
		error = realm_take(&d->realm, d->options->socket, &d->logbook);
	if (error)
		return error;
	error = listen_open(d->options->socket, &d->socket, sentence, sizeof(sentence));
	if (error) {
		logbook_print(&d->logbook, LOG_LEVEL_ERROR, "%s", sentence);
		return error;
	}
	if (d->options->record)
		error = record_open(d->options->record, &d->record);
	if (error)
		return complain(d, d->options->record, error);
	error = loop_make(d);
	if (error)
		return complain(d, "the loop cannot be made", error);
	error = realm_watch(&d->realm, &d->loop);
	if (error)
		return complain(d, "the lock of the network namespace", error);
	d->node = node_new();
	if (!d->node)
		return complain(d, "the node cannot be made", -ENOMEM);
	error = configuration_watch(d->configuration, &d->loop, d->node);
	if (error)
		return complain(d, "the configuration has no clock", error);
	error = notify_new(&d->loop, d->node, &d->notify);
	if (error)
		return complain(d, "the service manager cannot be told", error);
	/* It comes up while we do; and what the manager is told is ours alone by now. */
	guard_client_start(d->guard, configuration_grace(d->configuration));
	parts = (struct world_parts){ &d->loop, d->node, &d->logbook, d->record, d->state };
	error = world_new(&parts, &world_hooks, &d->world);
	if (error)
		return complain(d, "no way to the kernel", error);
	api_hooks.node = d->node;
	error = server_new(&d->loop, &api_hooks, &d->socket, &d->logbook, &d->server);
	return error ? complain(d, "the API cannot be served", error) : 0;
}

static void saved_feed(void *world, const struct saved *s)
{
	world_input(world, &(struct input){ .kind = INPUT_SAVED, .saved = *s });
}

static int guard_meet(struct daemon *d)
{
	int error;

	guard_client_meet(d->guard);
	error = guard_client_watch(d->guard, &d->loop);
	return error ? complain(d, "the guard cannot be watched", error) : 0;
}

static int node_start(struct daemon *d)
{
	/* One that was there before knows of sessions, and the node is to know of them at once. */
	bool new = guard_client_started(d->guard);
	struct input start = { .kind = INPUT_START };
	int error = new ? 0 : guard_meet(d);

	if (error)
		return error;
	if (getrandom(&start.start.seed, sizeof(start.start.seed), 0) < 0)
		return complain(d, "no random numbers", -errno);
	world_input(d->world, &start);
	statefile_each(d->state, saved_feed, d->world);
	guard_client_attend(d->guard, &(struct input_sink){ d, input_came });
	configuration_start(d->configuration);
	/* From here on the daemon does things that it must not leave behind. */
	error = new ? guard_meet(d) : 0;
	if (error)
		return error;
	error = world_follow(d->world);
	return error ? complain(d, "the kernel cannot be followed", error) : 0;
}

/*
 * What the guard is told in the end. Without a word it takes the end for a death: after one that
 * was not clean, and after a start that has failed though there was a guard before it.
 */
static void guard_leave(struct daemon *d)
{
	static const enum guard_message_kind words[] = {
		[API_STOP_WITHDRAW] = GUARD_BYE,
		[API_STOP_HAND_OVER] = GUARD_HAND_OVER,
		[API_STOP_RESTART] = GUARD_RESTART,
	};

	if (d->stopped)
		guard_client_leave(d->guard, words[d->how]);
	else if (d->guard && !configuration_in_force(d->configuration) &&
		 guard_client_started(d->guard))
		guard_client_leave(d->guard, GUARD_BYE);
}

/*
 * From the top down; whoever gives inputs goes before who takes them. The guard knows of the end
 * before another vipd can have the state directory.
 */
static void parts_free(struct daemon *d)
{
	d->stopping = true;
	guard_leave(d);
	guard_client_unwatch(d->guard);
	realm_unwatch(&d->realm);
	notify_close(d->notify);
	configuration_unwatch(d->configuration);
	server_free(d->server);
	world_free(d->world);
	node_free(d->node);
	if (d->loop_made) {
		if (d->limit.data)
			uv_close((uv_handle_t *)&d->limit, NULL);
		for (size_t i = 0; i < ARRAY_LENGTH(signals); i++)
			if (d->signals[i].data)
				uv_close((uv_handle_t *)&d->signals[i], NULL);
		uv_run(&d->loop, UV_RUN_DEFAULT);
		uv_loop_close(&d->loop);
	}
	guard_client_free(d->guard);
	notify_free(d->notify);
	configuration_free(d->configuration);
	record_close(d->record);
	listen_close(&d->socket);
	realm_release(&d->realm);
	statefile_close(d->state);
}

enum exit_code daemon_run(const struct options *o)
{
	struct daemon d = { .options = o,
			    .socket.fd = -1,
			    .realm.lock = { -1, -1 },
			    .request = API_REQUEST_MAX,
			    .exit = EXIT_FAILED };
	const struct configuration_hooks hooks = { &d, input_came, request_next, config_begun,
						   config_ended };

	logbook_init(&d.logbook, STDERR_FILENO);
	signal(SIGPIPE, SIG_IGN);
	/* It comes first: what is wrong with it is worth knowing whatever else is wrong. */
	if (configuration_new(o, &d.logbook, &hooks, &d.configuration) < 0)
		return EXIT_CONFIG;
	if (!rights_include(RIGHT(CAP_NET_ADMIN)))
		logbook_print(
			&d.logbook, LOG_LEVEL_ERROR,
			"vipd lacks CAP_NET_ADMIN: run it as root or give it that capability");
	else if (parts_make(&d) == 0 && node_start(&d) == 0)
		uv_run(&d.loop, UV_RUN_DEFAULT);
	parts_free(&d);
	return d.exit;
}
