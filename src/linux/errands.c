/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loop and the thread share one struct, which whoever leaves last frees. The thread rings with
 * an eventfd, not with libuv: a thread that is held up may outlive the loop.
 */
#include "linux/errands.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/container.h"

struct shared {
	pthread_mutex_t lock; /* of everything here */
	pthread_cond_t more;
	struct list waiting, ready; /* to be run; have been run */
	int bell;		    /* eventfd: something is ready */
	bool leaving;		    /* the loop has left */
	bool threaded;		    /* the thread is there */
};

struct errands {
	struct shared *shared;
	uv_poll_t poll;
	bool closed;
};

static struct errand *errand_take(struct list *from)
{
	struct list *link = list_empty(from) ? NULL : from->next;

	if (link)
		list_remove(link);
	return link ? container_of(link, struct errand, link) : NULL;
}

/* Nobody holds the lock, or uses it any more. */
static void shared_free(struct shared *s)
{
	struct errand *e;

	while ((e = errand_take(&s->waiting)) || (e = errand_take(&s->ready)))
		e->done(e, false);
	close(s->bell);
	pthread_cond_destroy(&s->more);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

/* The next errand; NULL: the loop has left. With the lock. */
static struct errand *await(struct shared *s)
{
	while (!s->leaving && list_empty(&s->waiting))
		pthread_cond_wait(&s->more, &s->lock);
	return s->leaving ? NULL : errand_take(&s->waiting);
}

static void *work(void *context)
{
	struct shared *s = context;
	struct errand *e;

	pthread_mutex_lock(&s->lock);
	while ((e = await(s))) {
		pthread_mutex_unlock(&s->lock);
		e->run(e);
		pthread_mutex_lock(&s->lock);
		list_append(&s->ready, &e->link);
		(void)eventfd_write(s->bell, 1);
	}
	pthread_mutex_unlock(&s->lock);
	shared_free(s);
	return NULL;
}

/* Signals are the loop's. */
static int thread_start(struct shared *s)
{
	pthread_attr_t attributes;
	sigset_t all, before;
	pthread_t thread;
	int error;

	if (pthread_attr_init(&attributes) != 0)
		return -ENOMEM;
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&thread, &attributes, work, s);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	s->threaded = error == 0;
	return -error;
}

static void rang(uv_poll_t *poll, int status, int events)
{
	struct errands *es = poll->data;
	struct shared *s = es->shared;
	struct list ready;
	eventfd_t count;
	struct errand *e;

	(void)status;
	(void)events;
	(void)eventfd_read(s->bell, &count);
	list_init(&ready);
	pthread_mutex_lock(&s->lock);
	while ((e = errand_take(&s->ready)))
		list_append(&ready, &e->link);
	pthread_mutex_unlock(&s->lock);
	while ((e = errand_take(&ready)))
		e->done(e, true);
}

int errands_put(struct errands *es, struct errand *e)
{
	struct shared *s = es->shared;
	int error = 0;

	pthread_mutex_lock(&s->lock);
	if (!s->threaded)
		error = thread_start(s);
	if (!error) {
		list_append(&s->waiting, &e->link);
		pthread_cond_signal(&s->more);
	}
	pthread_mutex_unlock(&s->lock);
	return error;
}

static int shared_new(struct shared **ret)
{
	struct shared *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (s->bell < 0) {
		int error = -errno;

		free(s);
		return error;
	}
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->more, NULL);
	list_init(&s->waiting);
	list_init(&s->ready);
	*ret = s;
	return 0;
}

int errands_new(uv_loop_t *loop, struct errands **ret)
{
	struct errands *es = calloc(1, sizeof(*es));
	int error = es ? shared_new(&es->shared) : -ENOMEM;

	if (!error) {
		error = uv_poll_init(loop, &es->poll, es->shared->bell);
		if (error)
			shared_free(es->shared);
	}
	if (error) {
		free(es);
		return error;
	}
	es->poll.data = es;
	error = uv_poll_start(&es->poll, UV_READABLE, rang);
	if (error) {
		errands_free(es);
		return error;
	}
	*ret = es;
	return 0;
}

static void closed(uv_handle_t *poll)
{
	struct errands *es = poll->data;

	es->closed = true;
}

void errands_free(struct errands *es)
{
	struct shared *s;
	bool last;

	if (!es)
		return;
	s = es->shared;
	uv_close((uv_handle_t *)&es->poll, closed);
	/* Before the thread may go and close the bell. */
	while (!es->closed)
		uv_run(es->poll.loop, UV_RUN_NOWAIT);
	pthread_mutex_lock(&s->lock);
	s->leaving = true;
	last = !s->threaded;
	pthread_cond_signal(&s->more);
	pthread_mutex_unlock(&s->lock);
	free(es);
	if (last)
		shared_free(s);
}
