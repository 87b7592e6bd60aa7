/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/destinations.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/container.h"
#include "linux/clock.h"
#include "linux/fib.h"
#include "linux/source_address.h"

/* Between two looks, and so many times as long as a look has taken. */
#define GAP_MS 10
#define GAP_LOOKS 10
#define READ_ATTEMPTS 5
#define TRIES 2
#define BATCH_MAX 512

struct entry {
	struct source_abi_prefix prefix;
	uint32_t metric, value;
};

/* Entries in the order of their prefixes, each once. */
struct entries {
	struct entry *at; /* owned */
	size_t n, capacity;
	bool overflow;
};

struct destinations {
	struct destinations_hooks hooks;
	uv_loop_t *loop;
	struct source_hook *hook;
	uv_poll_t poll;
	uv_timer_t timer;
	unsigned handles;
	int fd;
	bool failed;
	struct instant next; /* not to be read before */
	struct entries tries[TRIES];
	uint32_t *off; /* owned */
	size_t n_off;
};

struct table_reading {
	const struct destinations *d;
	struct entries *to;
};

static void entry_add(struct entries *e, const struct prefix *p, uint32_t metric, uint32_t value)
{
	if (ARRAY_RESERVE(e->at, e->capacity, e->n + 1) < 0) {
		e->overflow = true;
		return;
	}
	e->at[e->n++] = (struct entry){ source_prefix(p), metric, value };
}

static void local_taken(void *context, const struct fib_route *r)
{
	const struct table_reading *t = context;

	if (r->type == RTN_LOCAL || r->type == RTN_BROADCAST || r->type == RTN_ANYCAST ||
	    r->type == RTN_MULTICAST)
		entry_add(t->to, &r->prefix, r->metric, SOURCE_ROUTE_ON);
}

static bool is_off(const struct destinations *d, uint32_t interface)
{
	for (size_t i = 0; i < d->n_off; i++)
		if (d->off[i] == interface)
			return true;
	return false;
}

/*
 * Which one of several interfaces a packet takes is decided when its source is known: one that is
 * off is enough. Of a route with more interfaces than are told nothing is promised.
 */
static void route_taken(void *context, const struct fib_route *r)
{
	const struct table_reading *t = context;
	bool off = r->n_interfaces > FIB_INTERFACES_MAX;

	if (r->type == RTN_UNICAST && r->n_interfaces == 0)
		return; /* all its interfaces are down: Linux goes on to the next */
	for (size_t i = 0; i < r->n_interfaces && i < FIB_INTERFACES_MAX; i++)
		off |= is_off(t->d, r->interfaces[i]);
	entry_add(t->to, &r->prefix, r->metric, off ? SOURCE_ROUTE_OFF : SOURCE_ROUTE_ON);
}

static int prefix_order(const struct source_abi_prefix *a, const struct source_abi_prefix *b)
{
	int order = memcmp(a->address, b->address, sizeof(a->address));

	return order ? order : (a->bits > b->bits) - (a->bits < b->bits);
}

static int entry_order(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;
	int order = prefix_order(&a->prefix, &b->prefix);

	if (order)
		return order;
	if (a->metric != b->metric)
		return a->metric < b->metric ? -1 : 1;
	/* Equal routes are one multipath route; one interface that is off is enough. */
	return (b->value > a->value) - (b->value < a->value);
}

/* Sorts, and keeps of each prefix the route that Linux takes: the one with the lowest metric. */
static void entries_order(struct entries *e)
{
	size_t kept = 0;

	if (e->n)
		qsort(e->at, e->n, sizeof(*e->at), entry_order);
	for (size_t i = 0; i < e->n; i++)
		if (!kept || prefix_order(&e->at[kept - 1].prefix, &e->at[i].prefix) != 0)
			e->at[kept++] = e->at[i];
	e->n = kept;
}

static int table_read(struct destinations *d, enum fib_table table, struct entries *ret)
{
	const struct table_reading reading = { d, ret };
	int error = -EINTR;

	for (int i = 0; i < READ_ATTEMPTS && error == -EINTR; i++) {
		ret->n = 0;
		error = fib_read(FAMILY_IPV4, table, table == FIB_LOCAL ? local_taken : route_taken,
				 (void *)&reading);
		if (!error)
			error = fib_read(FAMILY_IPV6, table,
					 table == FIB_LOCAL ? local_taken : route_taken,
					 (void *)&reading);
	}
	if (ret->overflow)
		error = -ENOMEM;
	if (!error)
		entries_order(ret);
	return error;
}

/* Prefixes that are told to the kernel together. */
struct batch {
	struct destinations *d;
	enum source_trie trie;
	bool remove;
	size_t n;
	struct source_abi_prefix prefixes[BATCH_MAX];
	uint32_t values[BATCH_MAX];
	int error;
};

static void batch_run(struct batch *b)
{
	if (b->n && !b->error)
		b->error = source_hook_prefixes(b->d->hook, b->trie, b->prefixes,
						b->remove ? NULL : b->values, b->n);
	b->n = 0;
}

static void batch_add(struct batch *b, const struct entry *e)
{
	b->prefixes[b->n] = e->prefix;
	b->values[b->n++] = e->value;
	if (b->n == BATCH_MAX)
		batch_run(b);
}

/* Adds what `a` has and `b` has not; with `values` also what has another value there. */
static void batch_difference(struct batch *to, const struct entries *a, const struct entries *b,
			     bool values)
{
	for (size_t i = 0, j = 0; i < a->n && !to->error; i++) {
		const struct entry *e = &a->at[i];

		while (j < b->n && prefix_order(&b->at[j].prefix, &e->prefix) < 0)
			j++;
		if (j == b->n || prefix_order(&b->at[j].prefix, &e->prefix) != 0 ||
		    (values && b->at[j].value != e->value))
			batch_add(to, e);
	}
	batch_run(to);
}

/* Makes the trie say what `e` says, and keeps `e`. What comes is put before what goes is taken. */
static int trie_set(struct destinations *d, enum source_trie trie, struct entries *e)
{
	struct entries *old = &d->tries[trie];
	struct batch batch = { .d = d, .trie = trie };

	batch_difference(&batch, e, old, true);
	batch.remove = true;
	if (!batch.error)
		batch_difference(&batch, old, e, false);
	free(old->at);
	*old = *e;
	return batch.error;
}

static void timer_fired(uv_timer_t *timer);

static int look(struct destinations *d)
{
	struct instant begin = clock_now();
	struct entries locals = { 0 }, routes = { 0 };
	int error = table_read(d, FIB_LOCAL, &locals);

	if (!error && d->n_off)
		error = table_read(d, FIB_MAIN, &routes);
	if (error) {
		free(locals.at);
		free(routes.at);
	} else {
		error = trie_set(d, SOURCE_TRIE_LOCALS, &locals);
		if (!error)
			error = trie_set(d, SOURCE_TRIE_ROUTES, &routes);
		else
			free(routes.at);
	}
	d->next = instant_add(clock_now(), DURATION_MS(GAP_MS));
	d->next = instant_add(
		d->next, (struct duration){ GAP_LOOKS * instant_since(clock_now(), begin).ns });
	return error;
}

static void look_or_fail(struct destinations *d)
{
	int error = d->failed ? 0 : look(d);

	/* Somebody changes the tables all the time: look again. */
	if (error == -EINTR && uv_timer_start(&d->timer, timer_fired, GAP_MS, 0) == 0)
		return;
	if (!error)
		return;
	d->failed = true;
	d->hooks.failed(d->hooks.context, error);
}

static void timer_fired(uv_timer_t *timer)
{
	look_or_fail(timer->data);
}

static void changed(uv_poll_t *poll, int status, int events)
{
	struct destinations *d = poll->data;
	uint8_t bytes[8192];
	struct duration wait;

	(void)events;
	/* What has changed is seen in the tables; an overrun is one more change. */
	while (recv(d->fd, bytes, sizeof(bytes), MSG_DONTWAIT) >= 0 || errno == ENOBUFS)
		continue;
	if (status < 0)
		uv_poll_start(poll, UV_READABLE, changed);
	if (uv_is_active((uv_handle_t *)&d->timer))
		return;
	wait = instant_since(d->next, clock_now());
	if (wait.ns <= 0)
		look_or_fail(d);
	else
		uv_timer_start(&d->timer, timer_fired, (uint64_t)wait.ns / 1000000 + 1, 0);
}

static int events_subscribe(int fd)
{
	static const int groups[] = { RTNLGRP_LINK, RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE };
	const struct sockaddr_nl any = { .nl_family = AF_NETLINK };

	if (bind(fd, (const struct sockaddr *)&any, sizeof(any)) < 0)
		return -errno;
	for (size_t i = 0; i < ARRAY_LENGTH(groups); i++)
		if (setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &groups[i],
			       sizeof(groups[i])) < 0)
			return -errno;
	return 0;
}

static int events_open(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
	int error = fd < 0 ? -errno : events_subscribe(fd);

	if (error && fd >= 0)
		close(fd);
	return error ? error : fd;
}

static int handles_make(struct destinations *d)
{
	int error = uv_timer_init(d->loop, &d->timer);

	if (error)
		return error;
	d->timer.data = d;
	d->handles++;
	error = uv_poll_init(d->loop, &d->poll, d->fd);
	if (error)
		return error;
	d->poll.data = d;
	d->handles++;
	return 0;
}

int destinations_new(uv_loop_t *loop, struct source_hook *h, const struct destinations_hooks *hooks,
		     struct destinations **ret)
{
	struct destinations *d = calloc(1, sizeof(*d));
	int error;

	if (!d)
		return -ENOMEM;
	d->loop = loop;
	d->hook = h;
	d->hooks = *hooks;
	d->fd = events_open();
	error = d->fd < 0 ? d->fd : handles_make(d);
	if (error) {
		destinations_free(d);
		return error;
	}
	*ret = d;
	return 0;
}

static void handle_closed(uv_handle_t *handle)
{
	struct destinations *d = handle->data;

	d->handles--;
}

void destinations_free(struct destinations *d)
{
	if (!d)
		return;
	if (d->timer.data)
		uv_close((uv_handle_t *)&d->timer, handle_closed);
	if (d->poll.data)
		uv_close((uv_handle_t *)&d->poll, handle_closed);
	while (d->handles)
		uv_run(d->loop, UV_RUN_NOWAIT);
	if (d->fd >= 0)
		close(d->fd);
	for (size_t i = 0; i < TRIES; i++)
		free(d->tries[i].at);
	free(d->off);
	free(d);
}

int destinations_set_off(struct destinations *d, const uint32_t *interfaces, size_t count)
{
	uint32_t *copy = count ? reallocarray(NULL, count, sizeof(*copy)) : NULL;
	int error;

	if (count && !copy)
		return -ENOMEM;
	if (count)
		memcpy(copy, interfaces, count * sizeof(*copy));
	free(d->off);
	d->off = copy;
	d->n_off = count;
	/* First to listen, then to look: what changes in between is looked at again. */
	error = uv_poll_start(&d->poll, UV_READABLE, changed);
	for (int i = 0; i < READ_ATTEMPTS && (error == 0 || error == -EINTR); i++) {
		error = look(d);
		if (!error)
			return 0;
	}
	return error;
}

void destinations_rest(struct destinations *d)
{
	uv_poll_stop(&d->poll);
	uv_timer_stop(&d->timer);
}
