/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An attempt: one check, done once. For the files of the checks alone; attempt.c has the life of an
 * attempt, the files check_*.c what the kinds do.
 */
#ifndef LINUX_ATTEMPT_H
#define LINUX_ATTEMPT_H

#include <stdbool.h>
#include <sys/socket.h>
#include <uv.h>

#include "base/hash.h"
#include "base/list.h"
#include "check/dns.h"
#include "check/http.h"
#include "node/boundary.h"

#define CHECKS_AT_ONCE 128	   /* over the network, each with one descriptor */
#define CHECKS_PROGRAMS_AT_ONCE 16 /* each with two descriptors and some processes */

struct checks;
struct attempt;

struct attempt_method {
	/* Begins to ask. 0, or -errno when that is not possible. */
	int (*start)(struct attempt *p);
	/* What is watched has something to say. */
	void (*ready)(struct attempt *p);
	/* Says more than that there was no answer in time; NULL: there is no more to say. */
	void (*late)(const struct attempt *p, char *text, size_t size);
	/*
	 * Whoever has asked does not wait any longer. Returns whether something of it lasts, until
	 * attempt_gone(); NULL: nothing.
	 */
	bool (*leave)(struct attempt *p);
	/* Lets go of what is the method's own; NULL: nothing is. */
	void (*over)(struct attempt *p);
	bool is_program; /* of these fewer may be at work at once */
};

enum attempt_state {
	ATTEMPT_WAITING, /* for its turn */
	ATTEMPT_ASKING,
	ATTEMPT_LEAVING, /* it is answered, or not wanted any more, and something of it lasts */
	ATTEMPT_OVER,	 /* the loop has not let go of its handles yet */
};

struct attempt {
	struct list link;	 /* in checks.networks or checks.programs, while it waits */
	struct hash_node by_run; /* until it is over */
	struct checks *set;
	const struct attempt_method *method;
	struct check_settings settings;
	struct instant started;
	struct attempt *next; /* owned: the same run, asked again while this one leaves */
	uint32_t run;
	uint8_t state; /* enum attempt_state */
	bool lingers;  /* what lasts of it may be cut off at any time */
	unsigned handles;
	int fd; /* what is watched; -1: nothing. It is closed with the attempt. */
	int events;
	uv_poll_t poll;
	uv_timer_t timer;
	union {
		struct {
			bool connected, ended;
			size_t lingered; /* bytes that came behind what was judged */
			struct http_answer answer;
		} http;
		struct {
			uint8_t query[DNS_QUERY_MAX];
			size_t length;
		} dns;
		struct {
			bool raw; /* the socket hears the echoes of others, too */
			uint16_t id;
			uint64_t token;
		} icmp;
		struct {
			int pipe;    /* what vipd-check says comes out of it; -1: closed */
			bool reaped; /* it has ended */
			bool asked;  /* of the place of checks; there is no pipe then */
		} program;
		struct file_request *file; /* NULL: no thread looks */
	};
};

/* All that are under way, and those that wait for their turn: checks.h has what these do. */
struct checks *attempts_new(uv_loop_t *loop, const struct input_sink *sink, const char *programs);
void attempts_free(struct checks *c);
void attempts_on(struct checks *c, uint32_t run, const struct check_settings *settings,
		 const struct attempt_method *method);
void attempts_off(struct checks *c, uint32_t run);

extern const struct attempt_method attempt_tcp, attempt_http, attempt_icmp, attempt_dns,
	attempt_exec, attempt_https, attempt_file;

/* Watches p->fd; may be called again to watch for something else. 0 or -errno. */
int attempt_watch(struct attempt *p, int events);

/* Says what was found. It is the last thing that a method does: the attempt may be gone then. */
void attempt_answer(struct attempt *p, bool passed, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The attempt failed with this -errno, which the world gave for it. Likewise the last thing. */
void attempt_fail(struct attempt *p, int error);

/* Nothing lasts any more of an attempt that leaves. Likewise the last thing. */
void attempt_gone(struct attempt *p);

/*
 * For leave(): what lasts is out of politeness. It is over after that time, or when the same run is
 * asked again.
 */
void attempt_linger(struct attempt *p, struct duration time);

/* Milliseconds since it was started. */
double attempt_age_ms(const struct attempt *p);

/* Where the programs of checks are: the folder, without a slash at its end. */
const char *attempt_programs(const struct attempt *p);

/*
 * A socket that does not block, connected or about to be to whom the check asks; into p->fd. 0 or
 * -errno.
 */
int attempt_connect(struct attempt *p, int type, int protocol);

/* The outcome of a connection over TCP, once it can be written to. 0 or -errno. */
int attempt_connected(const struct attempt *p);

#endif
