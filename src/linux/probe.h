/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A probe: one check, done once. For the files of the checks alone; checks.c has the life of a
 * probe, the files check_*.c what the kinds do.
 */
#ifndef LINUX_PROBE_H
#define LINUX_PROBE_H

#include <stdbool.h>
#include <sys/socket.h>
#include <uv.h>

#include "base/hash.h"
#include "base/list.h"
#include "check/dns.h"
#include "check/http.h"
#include "node/input.h"

struct checks;
struct probe;

struct probe_method {
	/* Begins to ask. 0, or -errno when that is not possible. */
	int (*start)(struct probe *p);
	/* What is watched has something to say. */
	void (*ready)(struct probe *p);
	/* Says more than that there was no answer in time; NULL: there is no more to say. */
	void (*late)(const struct probe *p, char *text, size_t size);
	/*
	 * Whoever has asked does not wait any longer. Returns whether something of it lasts, until
	 * probe_gone(); NULL: nothing.
	 */
	bool (*leave)(struct probe *p);
	/* Lets go of what is the method's own; NULL: nothing is. */
	void (*over)(struct probe *p);
	bool is_program; /* of these fewer may be at work at once */
};

enum probe_state {
	PROBE_WAITING, /* for its turn */
	PROBE_ASKING,
	PROBE_LEAVING, /* it is answered, or not wanted any more, and something of it lasts */
	PROBE_OVER,    /* the loop has not let go of its handles yet */
};

struct probe {
	struct list link;	 /* in checks.networks or checks.programs, while it waits */
	struct hash_node by_run; /* until it is over */
	struct checks *set;
	const struct probe_method *method;
	struct check_settings settings;
	struct instant started;
	struct probe *next; /* owned: the same run, asked again while this one leaves */
	uint32_t run;
	uint8_t state; /* enum probe_state */
	unsigned handles;
	int fd; /* what is watched; -1: nothing. It is closed with the probe. */
	int events;
	uv_poll_t poll;
	uv_timer_t timer;
	union {
		struct {
			bool connected;
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
			int pipe; /* what vipd-check says comes out of it; -1: closed */
			bool reaped;
		} program;
		struct file_request *file; /* NULL: no thread looks */
	};
};

extern const struct probe_method probe_tcp, probe_http, probe_icmp, probe_dns, probe_exec,
	probe_https, probe_file;

/* Watches p->fd; may be called again to watch for something else. 0 or -errno. */
int probe_watch(struct probe *p, int events);

/* Says what was found. It is the last thing that a method does: the probe may be gone then. */
void probe_answer(struct probe *p, bool passed, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The probe failed with this -errno, which the world gave for it. Likewise the last thing. */
void probe_fail(struct probe *p, int error);

/* Nothing lasts any more of a probe that leaves. Likewise the last thing. */
void probe_gone(struct probe *p);

/* Milliseconds since it was started. */
double probe_age_ms(const struct probe *p);

/* Where the programs of checks are: the folder, without a slash at its end. */
const char *probe_programs(const struct probe *p);

/*
 * A socket that does not block, connected or about to be to whom the check asks; into p->fd. 0 or
 * -errno.
 */
int probe_connect(struct probe *p, int type, int protocol);

/* The outcome of a connection over TCP, once it can be written to. 0 or -errno. */
int probe_connected(const struct probe *p);

#endif
