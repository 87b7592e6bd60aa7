/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A thin layer over one rtnetlink socket, which carries requests, their answers and the kernel's
 * events alike: so all arrive in the order in which the kernel made them. See README.md for why
 * that matters.
 *
 * The kernel handles a request before sendmsg() returns, and its answer is in the socket's queue by
 * then. So a transaction never waits: it sends, reads what is there, and finds its answer, or knows
 * it to be lost.
 */
#ifndef LINUX_RTNL_H
#define LINUX_RTNL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "linux/message.h"
#include "node/boundary.h"

struct rtnl;

#define RTNL_BATCH_MAX 128

/* Where a message that was read belongs. */
enum rtnl_origin {
	RTNL_EVENT,  /* the kernel tells of a change, ours or not */
	RTNL_DUMP,   /* a part of the dump that was asked for */
	RTNL_ANSWER, /* of a transaction that asks for something */
};

struct rtnl_hooks {
	void *context;
	/* A message was read; it is valid during the call only. */
	void (*message)(void *context, enum rtnl_origin origin, const struct nlmsghdr *h);
	/* The running transaction is answered: messages from here on came after it. */
	void (*answered)(void *context);
};

/* Requests that are sent at once. Their outcomes stand in the same positions. */
struct rtnl_batch {
	size_t count, length;
	struct {
		int error;		      /* 0 or -errno */
		char text[NODE_SENTENCE_MAX]; /* what the kernel says of an error, empty: nothing */
	} results[RTNL_BATCH_MAX];
	_Alignas(8) uint8_t bytes[RTNL_BATCH_MAX * MESSAGE_BYTES_MAX];
};

enum rtnl_progress {
	RTNL_RUNNING,	  /* parts are still to come */
	RTNL_COMPLETE,	  /* also when the kernel has no such family or table */
	RTNL_INTERRUPTED, /* it failed, or what was dumped changed meanwhile: ask again */
};

/* Opens the socket and subscribes to links, addresses and routes. 0 or -errno. */
int rtnl_open(const struct rtnl_hooks *hooks, struct rtnl **ret);
void rtnl_close(struct rtnl *r);

/* Readable when rtnl_read() has something to do. */
int rtnl_fd(const struct rtnl *r);

/* True when the message is the echo of a request of ours. */
bool rtnl_is_ours(const struct rtnl *r, const struct nlmsghdr *h);

/* Empties a batch, and gives the place for its next message, which rtnl_batch_added() takes in. */
void rtnl_batch_begin(struct rtnl_batch *b);
struct nlmsghdr *rtnl_batch_next(struct rtnl_batch *b);
void rtnl_batch_added(struct rtnl_batch *b);

/*
 * Sends the batch, which must not be empty, and fills in its results; `asks`: an RTM_NEW… message
 * with its number is an answer. Events that are read meanwhile go to the hook. 0; or -errno when
 * the batch could not be sent or its answer was lost three times over: then nothing is known of its
 * outcome.
 */
int rtnl_transact(struct rtnl *r, struct rtnl_batch *b, bool asks);

/* Asks one of the questions of message_dump(). 0 or -errno. */
int rtnl_dump(struct rtnl *r, size_t question);
enum rtnl_progress rtnl_dump_progress(const struct rtnl *r);

/*
 * Reads once what is there, at most some hundred kilobytes. True when there was something. Never
 * waits.
 */
bool rtnl_read(struct rtnl *r);

/* True, once, when the kernel had to drop messages: what is known must be read anew. */
bool rtnl_overrun(struct rtnl *r);

/* How often that was asked and true. */
uint64_t rtnl_overruns(const struct rtnl *r);

#endif
