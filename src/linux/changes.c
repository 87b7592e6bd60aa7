/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/changes.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <linux/netfilter.h>

#include "base/text.h"
#include "linux/arp_table.h"
#include "linux/backlog.h"
#include "linux/board.h"
#include "linux/change.h"
#include "linux/clock.h"
#include "linux/echo_table.h"
#include "linux/message.h"
#include "linux/rtnl.h"

/* Messages that are told to the node before the clock is read again. */
#define MESSAGES_A_STEP 64

/* How often an interrupted question is asked again before the whole dump is put off. */
#define DUMP_ATTEMPTS 64

#define BATCH_ADDRESSES 32

/*
 * Changes wait in two lanes, and each has its turn. What stands on something else is wanted when
 * that is done, so nobody needs the order between the two: the routes of the first VIPs are made,
 * and announced, while the last ones are still to be silenced.
 */
enum lane {
	LANE_LINKS,  /* boards, addresses and routes, and the reading of all */
	LANE_TABLES, /* what nftables makes */
	LANES
};

enum dump_state {
	DUMP_IDLE,
	DUMP_READING, /* the parts come in; nothing is told, nothing is sent */
	DUMP_OLDER,   /* the dump is whole; the node is told what happened before it */
	DUMP_TELLING, /* the node is told the dump itself; after that, what happened since */
};

struct changes {
	struct input_sink sink;
	struct rtnl *rtnl;
	struct nft *echo;  /* likewise */
	struct nft *table; /* NULL: this kernel has no such thing */
	int fd;		   /* of an epoll: readable when one of the two is */
	struct change_queue lanes[LANES];
	uint8_t turn; /* enum lane: whose turn it is */
	struct boards boards;
	struct backlog events;
	struct rtnl_batch batch;
	struct change sent[RTNL_BATCH_MAX]; /* the changes of the running batch */
	size_t n_sent;
	size_t answered_at; /* events before this tail came before the answer */
	bool resync;	    /* the kernel must be read anew, sooner or later */
	struct {
		uint8_t state; /* enum dump_state */
		size_t question, start;
		bool begun;
		size_t begun_at; /* events before this tail came before the dump */
		unsigned attempts;
		struct backlog parts;
	} dump;
};

static void message_read(void *context, enum rtnl_origin origin, const struct nlmsghdr *h)
{
	struct changes *c = context;

	if (origin == RTNL_ANSWER)
		boards_answer(&c->boards, h);
	if (origin == RTNL_DUMP && !c->dump.begun) {
		c->dump.begun = true;
		c->dump.begun_at = c->events.tail;
	}
	if (backlog_push(origin == RTNL_DUMP ? &c->dump.parts : &c->events, h) < 0)
		c->resync = true;
}

static void transaction_answered(void *context)
{
	struct changes *c = context;

	c->answered_at = c->events.tail;
}

static int poll_both(struct changes *c)
{
	struct epoll_event e = { .events = EPOLLIN };

	c->fd = epoll_create1(EPOLL_CLOEXEC);
	if (c->fd < 0 || epoll_ctl(c->fd, EPOLL_CTL_ADD, rtnl_fd(c->rtnl), &e) < 0 ||
	    (c->table && epoll_ctl(c->fd, EPOLL_CTL_ADD, nft_fd(c->table), &e) < 0) ||
	    (c->echo && epoll_ctl(c->fd, EPOLL_CTL_ADD, nft_fd(c->echo), &e) < 0))
		return -errno;
	return 0;
}

int changes_new(const struct input_sink *sink, struct changes **ret)
{
	struct changes *c = calloc(1, sizeof(*c));
	int error;

	if (!c)
		return -ENOMEM;
	c->sink = *sink;
	c->fd = -1;
	error = rtnl_open(&(struct rtnl_hooks){ c, message_read, transaction_answered }, &c->rtnl);
	if (error) {
		free(c);
		return error;
	}
	c->table = nft_open(NFPROTO_ARP, NFT_TABLE, NFT_BYTES);
	c->echo = nft_open(NFPROTO_INET, NFT_TABLE, NFT_BYTES);
	nft_mute(c->table, c->echo);
	error = poll_both(c);
	if (error) {
		changes_free(c);
		return error;
	}
	*ret = c;
	return 0;
}

void changes_free(struct changes *c)
{
	if (!c)
		return;
	if (c->fd >= 0)
		close(c->fd);
	nft_close(c->table);
	nft_close(c->echo);
	rtnl_close(c->rtnl);
	for (size_t i = 0; i < LANES; i++)
		change_queue_done(&c->lanes[i]);
	backlog_done(&c->events);
	backlog_done(&c->dump.parts);
	free(c);
}

int changes_fd(const struct changes *c)
{
	return c->fd;
}

static void tell(struct changes *c, const struct input *in)
{
	input_pass(&c->sink, in);
}

static void tell_done(struct changes *c, uint32_t first, uint32_t count, int error,
		      const char *text)
{
	struct input in;

	memset(&in, 0, sizeof(in));
	in.kind = INPUT_DONE;
	in.done.first = first;
	in.done.count = count;
	in.done.error = error;
	if (error)
		text_copy(in.done.text, sizeof(in.done.text), text[0] ? text : strerror(-error));
	tell(c, &in);
}

static enum lane effect_lane(const struct effect *e)
{
	struct change like = { .kind = e->kind };

	if (e->kind != EFFECT_OBJECT_ADD && e->kind != EFFECT_OBJECT_REMOVE)
		return LANE_LINKS;
	like.object.kind = e->object.kind;
	return arp_table_makes(&like) || echo_table_makes(&like) ? LANE_TABLES : LANE_LINKS;
}

void changes_add(struct changes *c, const struct effect *e)
{
	struct change_queue *q = &c->lanes[effect_lane(e)];
	const struct change *last = NULL;

	if (q->count)
		last = change_queue_at(q, q->count - 1);
	/* To read everything twice in a row tells nothing new. */
	if (e->kind == EFFECT_RESYNC && last && last->kind == EFFECT_RESYNC)
		return;
	if (change_queue_push(q, e) == 0)
		return;
	if (e->kind == EFFECT_RESYNC)
		c->resync = true;
	else
		tell_done(c, e->id, 1, -ENOMEM, "");
}

/*
 * Somebody took an object away while the batch that adds it was under way. Whether before or after
 * our add, the events do not say (the filter holds back our echoes); so the kernel is read anew.
 */
static bool event_in_doubt(const struct changes *c, const struct nlmsghdr *h,
			   const struct input *in)
{
	const struct object *gone = &in->object.object;

	if (in->kind != INPUT_OBJECT || in->object.present || rtnl_is_ours(c->rtnl, h))
		return false;
	for (size_t i = 0; i < c->n_sent; i++) {
		const struct object *o = &c->sent[i].object;

		if (c->sent[i].kind == EFFECT_OBJECT_ADD && object_is_same(o, gone))
			return true;
	}
	return false;
}

/* Tells the node of at most `limit` events that lie before `tail`. True when there was one. */
static bool tell_events(struct changes *c, size_t tail, size_t limit)
{
	const struct nlmsghdr *h;
	struct input in;
	size_t n;

	for (n = 0; n < limit && (c->events.head < tail || !tail); n++) {
		h = backlog_pop(&c->events);
		if (!h)
			break;
		if (!message_parse(h, &in))
			continue;
		if (event_in_doubt(c, h, &in))
			c->resync = true;
		tell(c, &in);
	}
	return n > 0;
}

/* It cannot be had now; it is tried again when there is something else to do. */
static void dump_put_off(struct changes *c)
{
	c->resync = true;
	c->dump.state = DUMP_IDLE;
	backlog_done(&c->dump.parts);
}

static void dump_ask(struct changes *c)
{
	c->dump.start = c->dump.parts.tail;
	if (rtnl_dump(c->rtnl, c->dump.question) < 0)
		dump_put_off(c);
}

static void dump_begin(struct changes *c)
{
	c->resync = false;
	c->dump.state = DUMP_READING;
	c->dump.question = 0;
	c->dump.attempts = 0;
	c->dump.begun = false;
	c->dump.begun_at = 0;
	dump_ask(c);
}

/* The question is answered, or must be asked again. */
static void dump_next(struct changes *c, enum rtnl_progress progress)
{
	if (progress == RTNL_INTERRUPTED) {
		backlog_cut(&c->dump.parts, c->dump.start);
		if (++c->dump.attempts == DUMP_ATTEMPTS) {
			dump_put_off(c);
			return;
		}
	} else {
		c->dump.question++;
	}
	if (c->dump.question < MESSAGE_DUMPS) {
		dump_ask(c);
		return;
	}
	c->dump.state = DUMP_OLDER;
}

/*
 * An event that is older than the dump must not come after it: it would undo what the dump knows
 * better.
 */
static void dump_tell_older(struct changes *c)
{
	if (c->events.head < c->dump.begun_at) {
		tell_events(c, c->dump.begun_at, MESSAGES_A_STEP);
		return;
	}
	c->dump.state = DUMP_TELLING;
	tell(c, &(struct input){ .kind = INPUT_DUMP_BEGIN });
}

static bool dump_read(struct changes *c)
{
	enum rtnl_progress progress = rtnl_dump_progress(c->rtnl);

	if (progress == RTNL_RUNNING)
		return rtnl_read(c->rtnl);
	dump_next(c, progress);
	return true;
}

static void dump_tell(struct changes *c)
{
	const struct nlmsghdr *h;
	struct input in;

	for (size_t i = 0; i < MESSAGES_A_STEP; i++) {
		h = backlog_pop(&c->dump.parts);
		if (!h) {
			c->dump.state = DUMP_IDLE;
			arp_table_dump(c->table, c->sink.take, c->sink.context);
			echo_table_dump(c->echo, c->sink.take, c->sink.context);
			tell(c, &(struct input){ .kind = INPUT_DUMP_END });
			return;
		}
		if (message_parse(h, &in))
			tell(c, &in);
	}
}

/* Successes are told in ranges of neighbouring numbers, errors one by one. */
static void tell_results(struct changes *c, int error)
{
	uint32_t first = 0, count = 0;

	for (size_t i = 0; i < c->n_sent; i++) {
		const struct change *sent = &c->sent[i];
		int result = error ? error : change_outcome(sent, c->batch.results[i].error);

		if (!result && count && first + count == sent->id) {
			count++;
			continue;
		}
		if (count)
			tell_done(c, first, count, 0, "");
		first = sent->id;
		count = result ? 0 : 1;
		if (result)
			tell_done(c, sent->id, 1, result, error ? "" : c->batch.results[i].text);
	}
	if (count)
		tell_done(c, first, count, 0, "");
}

/*
 * The kernel holds a CPU for a whole send, where it is not preemptible. An address costs it up to
 * 120 us on a crowded board, a route 3: so many may go together that it is 4 ms at the most.
 */
static size_t batch_limit(const struct change *next)
{
	bool object = next->kind == EFFECT_OBJECT_ADD || next->kind == EFFECT_OBJECT_REMOVE;

	return !object || next->object.kind == OBJECT_ADDRESS ? BATCH_ADDRESSES : RTNL_BATCH_MAX;
}

/* Whether it is an IPv6 address that a board is to hold, in either form. */
static bool is_for_ipv6_board(const struct change *c)
{
	return c->kind == EFFECT_OBJECT_ADD && c->object.address.family == FAMILY_IPV6 &&
	       (c->object.kind == OBJECT_ADDRESS || c->object.kind == OBJECT_LOCAL);
}

/*
 * Where interfaces are made without IPv6, it is enabled on the boards of those changes that are
 * about to be sent. The sentence stays empty when that is done, or was not needed.
 */
static void batch_enable_ipv6(const struct changes *c, char *why, size_t size)
{
	uint32_t seen = 0;

	why[0] = '\0';
	for (size_t i = 0; i < c->n_sent; i++) {
		if (!is_for_ipv6_board(&c->sent[i]) || c->sent[i].object.interface == seen)
			continue;
		seen = c->sent[i].object.interface;
		(void)board_enable_ipv6(seen, why, size);
	}
}

/* Linux says no more than "Permission denied". */
static void batch_explain(struct changes *c, const char *why)
{
	for (size_t i = 0; why[0] && i < c->n_sent; i++)
		if (is_for_ipv6_board(&c->sent[i]) && c->batch.results[i].error)
			text_copy(c->batch.results[i].text, sizeof(c->batch.results[i].text), why);
}

static void batch_run(struct changes *c)
{
	char why[NODE_SENTENCE_MAX];
	struct change_queue *q = &c->lanes[LANE_LINKS];
	const struct change *next;
	int error;

	rtnl_batch_begin(&c->batch);
	c->n_sent = 0;
	while ((next = change_queue_at(q, 0)) && change_is_message(next) &&
	       c->n_sent < batch_limit(next)) {
		c->sent[c->n_sent] = change_queue_pop(q);
		change_message(&c->sent[c->n_sent++], rtnl_batch_next(&c->batch));
		rtnl_batch_added(&c->batch);
	}
	c->answered_at = 0;
	batch_enable_ipv6(c, why, sizeof(why));
	error = rtnl_transact(c->rtnl, &c->batch, false);
	batch_explain(c, why);
	/* The node hears of everything in the order in which the kernel made it. */
	if (c->answered_at)
		tell_events(c, c->answered_at, SIZE_MAX);
	tell_results(c, error);
	c->n_sent = 0;
}

static void table_run(struct changes *c)
{
	struct change_queue *q = &c->lanes[LANE_TABLES];
	const struct change *next;

	c->n_sent = 0;
	while ((next = change_queue_at(q, 0)) && arp_table_makes(next) &&
	       c->n_sent < RTNL_BATCH_MAX)
		c->sent[c->n_sent++] = change_queue_pop(q);
	arp_table_transact(c->table, c->sent, c->n_sent, &c->batch);
	tell_results(c, 0);
	c->n_sent = 0;
}

/* The same of those that answer no ping. */
static void echo_run(struct changes *c)
{
	struct change_queue *q = &c->lanes[LANE_TABLES];
	const struct change *next;

	c->n_sent = 0;
	while ((next = change_queue_at(q, 0)) && echo_table_makes(next) &&
	       c->n_sent < RTNL_BATCH_MAX)
		c->sent[c->n_sent++] = change_queue_pop(q);
	echo_table_transact(c->echo, c->sent, c->n_sent, &c->batch);
	tell_results(c, 0);
	c->n_sent = 0;
}

/*
 * Somebody else has changed a table: to the node that of ARP silence is gone, and is made anew; of
 * the other it hears when all is read again.
 */
static bool table_read(struct changes *c)
{
	struct input in = { .kind = INPUT_OBJECT };

	bool echo = nft_read(c->echo), table = nft_read(c->table);

	c->resync |= echo;
	in.object.object.kind = OBJECT_ARP_TABLE;
	if (table)
		tell(c, &in);
	return echo || table;
}

static void board_run(struct changes *c)
{
	struct change change = change_queue_pop(&c->lanes[LANE_LINKS]);
	char text[NODE_SENTENCE_MAX] = "";
	int error;

	c->answered_at = 0;
	error = board_add(&c->boards, c->rtnl, change.board.name, text);
	/* So that the node knows the board when it hears that it is done. */
	if (c->answered_at)
		tell_events(c, c->answered_at, SIZE_MAX);
	tell_done(c, change.id, 1, error, text);
}

static void change_run(struct changes *c)
{
	const struct change *next;

	if (!c->lanes[c->turn].count)
		c->turn = LANES - 1 - c->turn;
	next = change_queue_at(&c->lanes[c->turn], 0);
	if (arp_table_makes(next)) {
		table_run(c);
	} else if (echo_table_makes(next)) {
		echo_run(c);
	} else if (change_is_message(next)) {
		batch_run(c);
	} else if (next->kind == EFFECT_BOARD_ADD) {
		board_run(c);
	} else {
		change_queue_pop(&c->lanes[LANE_LINKS]);
		dump_begin(c);
	}
	c->turn = LANES - 1 - c->turn;
}

static bool any_change(const struct changes *c)
{
	return c->lanes[LANE_LINKS].count > 0 || c->lanes[LANE_TABLES].count > 0;
}

/* Does the one thing whose turn it is; false when there is none, or its answer is still to come. */
static bool step(struct changes *c, bool *may_resync)
{
	switch (c->dump.state) {
	case DUMP_READING:
		return dump_read(c);
	case DUMP_OLDER:
		dump_tell_older(c);
		return true;
	case DUMP_TELLING:
		dump_tell(c);
		return true;
	default:
		break;
	}
	if (tell_events(c, 0, MESSAGES_A_STEP))
		return true;
	if (rtnl_overrun(c->rtnl))
		c->resync = true;
	if (c->resync && *may_resync) {
		*may_resync = false;
		dump_begin(c);
		return true;
	}
	if (any_change(c)) {
		change_run(c);
		return true;
	}
	return rtnl_read(c->rtnl) || table_read(c);
}

bool changes_waiting(const struct changes *c)
{
	return any_change(c) && c->dump.state == DUMP_IDLE;
}

bool changes_run(struct changes *c, struct instant until)
{
	bool may_resync = true;

	while (step(c, &may_resync))
		if (instant_reached(until, clock_now()))
			return true;
	return false;
}

uint64_t changes_overruns(const struct changes *c)
{
	return rtnl_overruns(c->rtnl);
}
