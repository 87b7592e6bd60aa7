/* SPDX-License-Identifier: Apache-2.0 */
/*
 *	files ──read──► given ──the node takes it──► active
 *	                  └── it refuses: dropped       │ on trial: the one before is kept, and
 *given to ▼ the node again unless somebody confirms
 *
 * The node answers a configuration before the input returns, unless it is at work itself; then
 * later.
 */
#include "vipd/configuration.h"

#include <errno.h>
#include <malloc.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "config/savefile.h"
#include "config/trust.h"
#include "linux/clock.h"
#include "linux/secret.h"
#include "node/protocol.h"
#include "proto/bfd/bfd.h"
#include "vipd/host.h"
#include "vipd/trial.h"

struct configuration {
	const struct options *options;
	struct logbook *log;
	const struct node *node;
	struct configuration_hooks hooks;
	uv_timer_t trial_end;
	struct config *active; /* owned; NULL until the node has taken one */

	/* On its way into the node. */
	struct config *given; /* owned; NULL: none is */
	uint32_t request;     /* its number; of the daemon's own those above API_REQUEST_MAX */
	uint32_t trial_s;     /* how long it is on trial; 0: it is not */
	bool back;	      /* it is the one before */
	struct config *undo;  /* owned; on trial: what the node did until then */

	struct config
		*before; /* owned; what is gone back to when the active one is not confirmed */
	struct instant back_at;

	/* How the files compare with what is in force, for those who ask. */
	int64_t applied_ns;	      /* since 1970 */
	char wrong[CONFIG_ERROR_MAX]; /* why they are not in force; "" when they are */
};

static int64_t wall_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/*
 * A secret that cannot be read is a mistake like any other, and is named with its place. For one
 * that starts it is no reason not to: it has no old configuration to go on with, and its VIPs must
 * not go because of a key. With `log` each is told there, and its interface is mute.
 */
static int secrets_check(const struct config *c, struct logbook *log, char *error, size_t size)
{
	struct config_secret s;
	struct secret secret;
	char why[256];
	size_t position = 0;
	int r = 0;

	while (r == 0 && config_secret_next(c, &position, &s)) {
		const struct speaker_class *class = protocol_class(s.protocol);
		size_t max =
			class ? class->secret_max((enum auth_type)s.type) : bfd_secret_max(s.type);
		const char *name = class ? auth_name(s.type) : bfd_auth_name(s.type);

		r = secret_read(s.path, max, name, &secret, why, sizeof(why));
		if (r == 0)
			r = trust_folders(s.path, why, sizeof(why));
		if (r < 0)
			snprintf(error, size, "%s:%u:%u: %s", s.file, s.line, s.column, why);
		if (r < 0 && log) {
			logbook_print(log, LOG_LEVEL_ERROR,
				      "%s; until it is applied with a secret, %s", error,
				      class ? "nothing is said with it"
					    : "no session runs with it");
			r = 0;
		}
	}
	explicit_bzero(&secret, sizeof(secret));
	return r < 0 ? -EINVAL : 0;
}

static int read_whole(const struct options *o, struct logbook *log, struct config **ret,
		      char *error, size_t size)
{
	int r = config_read(o->config, o->config_given, o->check, ret, error, size);

	if (r == 0) {
		r = secrets_check(*ret, log, error, size);
		if (r < 0)
			config_free(*ret);
	}
	if (r == 0)
		host_check(*ret);
	/* The documents were large. What comes next is allocated beside what is left of them. */
	malloc_trim(0);
	return r;
}

int configuration_read(const struct options *o, struct config **ret, char *error, size_t size)
{
	return read_whole(o, NULL, ret, error, size);
}

static int files_read(const struct configuration *c, struct config **ret, char *error, size_t size)
{
	return configuration_read(c->options, ret, error, size);
}

static void warn(const struct configuration *c, const struct config *config)
{
	const char *warning;

	for (size_t i = 0; (warning = config_warning(config, i)); i++)
		logbook_print(c->log, LOG_LEVEL_WARNING, "%s", warning);
}

int configuration_new(const struct options *o, struct logbook *log,
		      const struct configuration_hooks *hooks, struct configuration **ret)
{
	struct configuration *c = calloc(1, sizeof(*c));
	char error[CONFIG_ERROR_MAX] = "";
	int r;

	if (!c)
		return -ENOMEM;
	c->options = o;
	c->log = log;
	c->hooks = *hooks;
	r = read_whole(o, log, &c->given, error, sizeof(error));
	if (r < 0) {
		fprintf(stderr, "%s\n", error);
		free(c);
		return r;
	}
	if (config_is_default(c->given))
		logbook_print(log, LOG_LEVEL_NOTICE, "there is no %s: the defaults hold",
			      o->config);
	*ret = c;
	return 0;
}

void configuration_free(struct configuration *c)
{
	if (!c)
		return;
	config_free(c->active);
	config_free(c->given);
	config_free(c->before);
	config_free(c->undo);
	free(c);
}

int configuration_watch(struct configuration *c, uv_loop_t *loop, const struct node *node)
{
	int error = uv_timer_init(loop, &c->trial_end);

	if (!error)
		c->trial_end.data = c;
	c->node = node;
	return error;
}

void configuration_unwatch(struct configuration *c)
{
	if (c && c->trial_end.data)
		uv_close((uv_handle_t *)&c->trial_end, NULL);
	if (c)
		c->trial_end.data = NULL;
}

bool configuration_in_force(const struct configuration *c)
{
	return c && c->active;
}

struct duration configuration_grace(const struct configuration *c)
{
	return config_grace(c->given ? c->given : c->active);
}

/* Gives a configuration to the node part by part, as one request. It is ours from now on. */
static void give(struct configuration *c, struct config *config, uint32_t request)
{
	struct input in;
	size_t position = 0;

	c->given = config;
	c->request = request;
	c->hooks.begun(c->hooks.context);
	while (config_part(config, &position, &in)) {
		in.request = request;
		c->hooks.input(c->hooks.context, &in);
		/* Refused already: the rest would be another request. */
		if (c->given != config)
			return;
	}
}

/* A trial that an earlier daemon did not see the end of has failed. */
static void recall(struct configuration *c)
{
	char error[CONFIG_ERROR_MAX];
	struct config *before;
	int r = trial_recall(options_state(c->options), &before, error, sizeof(error));

	if (r == 0) {
		logbook_print(c->log, LOG_LEVEL_WARNING,
			      "vipd ended before the configuration was confirmed: the one before "
			      "is applied");
		config_free(c->given);
		c->given = before;
		c->back = true;
	} else if (r != -ENOENT) {
		logbook_print(c->log, LOG_LEVEL_ERROR, "%s", error);
	}
}

void configuration_start(struct configuration *c)
{
	recall(c);
	warn(c, c->given);
	give(c, c->given, c->hooks.number(c->hooks.context));
}

/* The files are not in force, and this is why. */
static void go_wrong(struct configuration *c, const char *sentence)
{
	text_copy(c->wrong, sizeof(c->wrong), sentence);
	logbook_print(c->log, LOG_LEVEL_ERROR, "%s%s", sentence,
		      c->active ? "; the old configuration stays" : "");
}

/* What is wished of the node, as a configuration. */
static int live_make(struct configuration *c, struct config **ret, char *error, size_t size)
{
	struct walk at = { 0 };
	struct row_vip row;
	struct config *live;
	int r = c->active ? config_live_begin(c->active, &live) : -EAGAIN;

	if (r == 0) {
		while (r == 0 && node_vip_next(c->node, clock_now(), &at, &row))
			r = config_live_vip(live, &row);
		if (r == 0)
			*ret = live;
		else
			config_free(live);
	}
	if (r < 0)
		snprintf(error, size, "the node cannot be asked now: %s", strerror(-r));
	return r;
}

/* What undoes the configuration that is wanted, whatever hands have done meanwhile. */
static int undo_make(struct configuration *c, const struct config *wanted, char *error, size_t size)
{
	int r = live_make(c, &c->undo, error, size);

	if (r == 0 && config_live_narrow(c->undo, wanted) < 0) {
		r = -ENOMEM;
		snprintf(error, size, "%s", strerror(ENOMEM));
		config_free(c->undo);
		c->undo = NULL;
	}
	return r;
}

static int apply(struct configuration *c, uint32_t request, uint32_t trial_s, char *error,
		 size_t size)
{
	struct config *config;
	int r;

	if (c->given) {
		snprintf(error, size, "another configuration is being applied");
		return -EBUSY;
	}
	r = files_read(c, &config, error, size);
	if (r < 0) {
		go_wrong(c, error);
		return r;
	}
	if (trial_s && !c->before)
		r = undo_make(c, config, error, size);
	if (r < 0) {
		config_free(config);
		return r;
	}
	warn(c, config);
	c->trial_s = trial_s;
	give(c, config, request);
	return 0;
}

void configuration_reload(struct configuration *c)
{
	char error[CONFIG_ERROR_MAX];

	(void)apply(c, c->hooks.number(c->hooks.context), 0, error, sizeof(error));
}

/* Nobody has confirmed. */
static void trial_ended(uv_timer_t *timer)
{
	struct configuration *c = timer->data;
	struct config *before = c->before;

	if (c->given) {
		uv_timer_start(timer, trial_ended, 100, 0);
		return;
	}
	logbook_print(c->log, LOG_LEVEL_WARNING,
		      "the configuration was not confirmed in time: the one before is applied");
	c->before = NULL;
	c->back = true;
	give(c, before, c->hooks.number(c->hooks.context));
}

static void trial_over(struct configuration *c)
{
	trial_forget(options_state(c->options));
	config_free(c->before);
	c->before = NULL;
	uv_timer_stop(&c->trial_end);
}

static void keep(const struct configuration *c)
{
	int error = trial_keep(options_state(c->options), c->before);

	if (error)
		logbook_print(c->log, LOG_LEVEL_WARNING,
			      "a vipd that is started again will not go back: %s",
			      strerror(-error));
}

/* What is gone back to is what the node did last without being on trial. */
static void trial_begin(struct configuration *c)
{
	struct duration time = DURATION_S(c->trial_s);

	if (!c->before) {
		c->before = c->undo;
		c->undo = NULL;
		keep(c);
	}
	c->back_at = instant_add(clock_now(), time);
	uv_timer_start(&c->trial_end, trial_ended, (uint64_t)duration_ms(time), 0);
}

/* What left with the trial has come back, and the node has forgotten that it was drained. */
static void drain_again(struct configuration *c)
{
	struct input in;
	size_t position = 0;

	while (config_live_drain_next(c->active, &position, clock_now(), &in)) {
		in.request = c->hooks.number(c->hooks.context);
		c->hooks.input(c->hooks.context, &in);
	}
}

static void taken(struct configuration *c)
{
	if (c->trial_s)
		trial_begin(c);
	else
		trial_over(c);
	config_free(c->active);
	c->active = c->given;
	c->applied_ns = wall_ns();
	text_copy(c->wrong, sizeof(c->wrong), c->back ? "it was not confirmed in time" : "");
}

static void refused(struct configuration *c, const char *sentence)
{
	char line[CONFIG_ERROR_MAX];

	snprintf(line, sizeof(line), "%s: %s", c->options->config, sentence);
	go_wrong(c, line);
	config_free(c->given);
}

static void configuration_answered(struct configuration *c, const struct effect *e)
{
	bool good = e->reply.code != REPLY_REFUSED && e->reply.code != REPLY_NOT_FOUND;
	bool back = c->back;

	if (good)
		taken(c);
	else
		refused(c, e->reply.sentence);
	if (e->reply.code == REPLY_FAILED || e->reply.code == REPLY_UNSAVED)
		logbook_print(c->log, LOG_LEVEL_ERROR, "%s: %s", c->options->config,
			      e->reply.sentence);
	c->given = NULL;
	config_free(c->undo);
	c->undo = NULL;
	c->trial_s = 0;
	c->back = false;
	c->hooks.ended(c->hooks.context, good);
	if (back && good)
		drain_again(c);
}

bool configuration_effect(struct configuration *c, const struct effect *e)
{
	if (e->kind != EFFECT_REPLY)
		return false;
	if (c->given && e->reply.request == c->request)
		configuration_answered(c, e);
	return e->reply.request > API_REQUEST_MAX;
}

static int api_apply(void *context, uint32_t request, uint32_t confirm_s, char *error, size_t size)
{
	return apply(context, request, confirm_s, error, size);
}

static int api_confirm(void *context, char *error, size_t size)
{
	struct configuration *c = context;

	if (!c->before) {
		snprintf(error, size, "no configuration waits to be confirmed");
		return -ENOENT;
	}
	trial_over(c);
	logbook_print(c->log, LOG_LEVEL_NOTICE, "the configuration is confirmed");
	return 0;
}

static int api_check(void *context, void (*warning)(void *to, const char *text), void *to,
		     char *error, size_t size)
{
	struct config *config;
	const char *text;
	int r = files_read(context, &config, error, size);

	if (r < 0)
		return r;
	for (size_t i = 0; (text = config_warning(config, i)); i++)
		warning(to, text);
	config_free(config);
	return 0;
}

static int print(const struct config *config, char **ret, char *error, size_t size)
{
	size_t length = 0;
	FILE *to = open_memstream(ret, &length);
	int r = to ? config_print(config, to) : -ENOMEM;

	if (to && fclose(to) != 0)
		r = -ENOMEM;
	if (r < 0)
		snprintf(error, size, "the configuration cannot be printed: %s", strerror(-r));
	return r;
}

static int api_show(void *context, bool saved, char **ret, char *error, size_t size)
{
	struct config *config;
	int r = saved ? files_read(context, &config, error, size)
		      : live_make(context, &config, error, size);

	if (r < 0)
		return r;
	r = print(config, ret, error, size);
	config_free(config);
	return r;
}

struct taker {
	void (*take)(void *to, const struct api_config_change *change);
	void *to;
};

static void change_take(void *context, const struct config_change *change)
{
	const struct taker *t = context;

	t->take(t->to, &(struct api_config_change){ change->kind, change->name, change->from,
						    change->to });
}

static int api_diff(void *context, void (*take)(void *to, const struct api_config_change *change),
		    void *to, char *error, size_t size)
{
	struct config *wanted, *live;
	struct taker taker = { take, to };
	int r = files_read(context, &wanted, error, size);

	if (r < 0)
		return r;
	r = live_make(context, &live, error, size);
	if (r == 0) {
		r = config_diff(live, wanted, change_take, &taker);
		if (r < 0)
			snprintf(error, size, "%s", strerror(-r));
		config_free(live);
	}
	config_free(wanted);
	return r;
}

static int api_save(void *context, const struct api_config_save *save, bool look, char *error,
		    size_t size)
{
	const struct configuration *c = context;
	struct savefile_change change = { save->vips, save->count, save->remove };

	return savefile_change(c->options->config, c->options->config_given, &change, look, error,
			       size);
}

static void api_state(void *context, struct api_config_state *ret)
{
	const struct configuration *c = context;

	*ret = (struct api_config_state){ .applied_ns = c->applied_ns };
	text_copy(ret->wrong, sizeof(ret->wrong), c->wrong);
	ret->on_trial = c->before != NULL;
	if (ret->on_trial)
		ret->trial_left = instant_since(c->back_at, clock_now());
}

const struct api_config_hooks configuration_api = {
	.apply = api_apply,
	.confirm = api_confirm,
	.check = api_check,
	.show = api_show,
	.diff = api_diff,
	.save = api_save,
	.state = api_state,
};
