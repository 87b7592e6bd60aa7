/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vipd-probe: the client and the service of the lab, and the yardstick of every outage.
 *
 *   echo ADDRESS PORT    answers UDP and TCP on one address; the address may not exist yet
 *   udp ADDRESS PORT     sends numbered probes at a fixed rate and says which were never answered
 *   sink ADDRESS PORT    takes the numbered probes of a udp run and says which never came: one way
 *   tcp ADDRESS PORT     keeps one connection and plays ping-pong on it; never connects again
 *   tick                 wakes at a fixed rate and says how late it was: the stall of other work
 *
 * Results are lines of JSON on the standard output. All times are CLOCK_MONOTONIC, in seconds, so
 * that they compare with those of the program that makes the failure. SIGINT and SIGTERM end a
 * run; the last line then sums it up.
 *
 * An outage is the time between two consecutive replies during which at least one probe was lost.
 * A gap in which nothing was lost is a stall of the machine, and is not counted.
 */
#include <endian.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_SECOND 1000000000LL
#define REPORT_INTERVAL_NS (NS_PER_SECOND / 10)
#define PROBE_RATE 1000
#define PING_RATE 100
#define ECHO_CLIENTS_MAX 16
#define FIFO_PRIORITY 50

struct options {
	const char *mode;
	const char *address;
	const char *port;
	const char *source;
	int64_t rate;
	int64_t duration_s;
	int cpu;
};

/* A run of probes that had no reply when a later one had. */
struct gap {
	int64_t from_ns;
	int64_t to_ns;
	uint64_t first;
	uint64_t last;
	uint64_t lost;
};

/* The state of a UDP run. Owns the bitmap and the gaps. */
struct tally {
	uint8_t *answered;
	uint64_t capacity;
	struct gap *gaps;
	size_t gap_count;
	size_t gap_capacity;
	uint64_t sent;
	uint64_t received;
	uint64_t next_seq;
	int64_t last_reply_ns;
	uint64_t bucket_replies;
};

static volatile sig_atomic_t stop_requested;

static void stop_handler(int signal_number)
{
	(void)signal_number;
	stop_requested = 1;
}

static int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * NS_PER_SECOND + ts.tv_nsec;
}

static double seconds(int64_t ns)
{
	return (double)ns / (double)NS_PER_SECOND;
}

static double milliseconds(int64_t ns)
{
	return (double)ns / 1e6;
}

static void die(const char *what)
{
	fprintf(stderr, "vipd-probe: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* Real-time scheduling is best effort: without the right to it the figures are only noisier. */
static void scheduling_init(int cpu)
{
	struct sched_param param = { .sched_priority = FIFO_PRIORITY };

	(void)sched_setscheduler(0, SCHED_FIFO, &param);
	(void)mlockall(MCL_CURRENT | MCL_FUTURE);
	if (cpu >= 0) {
		cpu_set_t set;

		CPU_ZERO(&set);
		CPU_SET((size_t)cpu, &set);
		if (sched_setaffinity(0, sizeof(set), &set) < 0)
			die("sched_setaffinity");
	}
}

static void signals_init(void)
{
	struct sigaction action = { .sa_handler = stop_handler };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static struct addrinfo *resolve(const char *address, const char *port, int type)
{
	struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
		.ai_socktype = type,
	};
	struct addrinfo *info;
	int err = getaddrinfo(address, port, &hints, &info);

	if (err != 0) {
		fprintf(stderr, "vipd-probe: %s: %s\n", address, gai_strerror(err));
		exit(2);
	}
	return info;
}

/* A socket that is bound to `address`, which need not be on any interface yet. */
static int socket_bound(const char *address, const char *port, int type)
{
	struct addrinfo *info = resolve(address, port, type);
	int fd = socket(info->ai_family, type | SOCK_CLOEXEC, 0);
	int one = 1;

	if (fd < 0)
		die("socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	/* IP_FREEBIND serves both families. */
	setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &one, sizeof(one));
	if (bind(fd, info->ai_addr, info->ai_addrlen) < 0)
		die("bind");
	freeaddrinfo(info);
	return fd;
}

static int socket_connected(const struct options *options, int type)
{
	struct addrinfo *info = resolve(options->address, options->port, type);
	int fd;

	if (options->source != NULL)
		fd = socket_bound(options->source, "0", type);
	else
		fd = socket(info->ai_family, type | SOCK_CLOEXEC, 0);
	if (fd < 0)
		die("socket");
	if (connect(fd, info->ai_addr, info->ai_addrlen) < 0)
		die("connect");
	freeaddrinfo(info);
	return fd;
}

/* Wait for input on `fds` until `deadline_ns`; returns at once when that has passed. */
static int poll_until(struct pollfd *fds, nfds_t count, int64_t deadline_ns)
{
	int64_t left_ns = deadline_ns - now_ns();
	struct timespec timeout;

	if (left_ns < 0)
		left_ns = 0;
	timeout.tv_sec = (time_t)(left_ns / NS_PER_SECOND);
	timeout.tv_nsec = (long)(left_ns % NS_PER_SECOND);
	return ppoll(fds, count, &timeout, NULL);
}

/* ---- echo ------------------------------------------------------------------------------ */

static void echo_datagrams(int fd)
{
	uint8_t buffer[2048];
	struct sockaddr_storage peer;

	for (;;) {
		socklen_t peer_length = sizeof(peer);
		ssize_t length = recvfrom(fd, buffer, sizeof(buffer), MSG_DONTWAIT,
					  (struct sockaddr *)&peer, &peer_length);

		if (length < 0)
			return;
		/* With no route back the reply is lost, which is what the client measures. */
		(void)sendto(fd, buffer, (size_t)length, MSG_DONTWAIT, (struct sockaddr *)&peer,
			     peer_length);
	}
}

/* Returns false when the connection has ended. */
static bool echo_stream(int fd)
{
	uint8_t buffer[2048];
	ssize_t length = recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT);

	if (length < 0)
		return errno == EAGAIN || errno == EINTR;
	if (length == 0)
		return false;
	return send(fd, buffer, (size_t)length, MSG_DONTWAIT) == length;
}

static void echo_accept(int listener, struct pollfd *clients)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	int one = 1;

	if (fd < 0)
		return;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	for (size_t i = 0; i < ECHO_CLIENTS_MAX; i++) {
		if (clients[i].fd < 0) {
			clients[i] = (struct pollfd){ .fd = fd, .events = POLLIN };
			return;
		}
	}
	close(fd);
}

static int echo_run(const struct options *options)
{
	struct pollfd fds[2 + ECHO_CLIENTS_MAX];
	struct pollfd *clients = fds + 2;
	int datagrams = socket_bound(options->address, options->port, SOCK_DGRAM);
	int listener = socket_bound(options->address, options->port, SOCK_STREAM);

	if (listen(listener, ECHO_CLIENTS_MAX) < 0)
		die("listen");
	fds[0] = (struct pollfd){ .fd = datagrams, .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = listener, .events = POLLIN };
	for (size_t i = 0; i < ECHO_CLIENTS_MAX; i++)
		clients[i].fd = -1;
	printf("{\"ready\": true}\n");
	while (!stop_requested) {
		if (poll(fds, 2 + ECHO_CLIENTS_MAX, -1) < 0)
			continue;
		if (fds[0].revents != 0)
			echo_datagrams(datagrams);
		if (fds[1].revents != 0)
			echo_accept(listener, clients);
		for (size_t i = 0; i < ECHO_CLIENTS_MAX; i++) {
			if (clients[i].fd < 0 || clients[i].revents == 0)
				continue;
			if (!echo_stream(clients[i].fd)) {
				close(clients[i].fd);
				clients[i].fd = -1;
			}
		}
	}
	return 0;
}

/* ---- udp ------------------------------------------------------------------------------- */

static void tally_init(struct tally *tally, uint64_t capacity)
{
	*tally = (struct tally){ .capacity = capacity };
	tally->answered = calloc(capacity / 8 + 1, 1);
	if (tally->answered == NULL)
		die("calloc");
}

static void tally_done(struct tally *tally)
{
	free(tally->answered);
	free(tally->gaps);
}

static void tally_open_gap(struct tally *tally, uint64_t seq, int64_t now)
{
	if (tally->gap_count == tally->gap_capacity) {
		tally->gap_capacity = tally->gap_capacity * 2 + 64;
		tally->gaps = reallocarray(tally->gaps, tally->gap_capacity, sizeof(*tally->gaps));
		if (tally->gaps == NULL)
			die("reallocarray");
	}
	tally->gaps[tally->gap_count++] = (struct gap){
		.from_ns = tally->last_reply_ns,
		.to_ns = now,
		.first = tally->next_seq,
		.last = seq - 1,
		.lost = seq - tally->next_seq,
	};
}

/* A reply that was overtaken by a later one was not lost. */
static void tally_late_reply(struct tally *tally, uint64_t seq)
{
	for (size_t i = tally->gap_count; i > 0; i--) {
		struct gap *gap = &tally->gaps[i - 1];

		if (seq >= gap->first && seq <= gap->last) {
			gap->lost--;
			return;
		}
	}
}

static void tally_reply(struct tally *tally, uint64_t seq, int64_t now)
{
	uint8_t bit = (uint8_t)(1U << (seq % 8));

	if (seq >= tally->sent || (tally->answered[seq / 8] & bit) != 0)
		return;
	tally->answered[seq / 8] |= bit;
	tally->received++;
	tally->bucket_replies++;
	if (seq > tally->next_seq)
		tally_open_gap(tally, seq, now);
	else if (seq < tally->next_seq)
		tally_late_reply(tally, seq);
	if (seq >= tally->next_seq)
		tally->next_seq = seq + 1;
	tally->last_reply_ns = now;
}

static void udp_receive(int fd, struct tally *tally)
{
	uint64_t seq;

	for (;;) {
		ssize_t length = recv(fd, &seq, sizeof(seq), MSG_DONTWAIT);

		if (length == sizeof(seq))
			tally_reply(tally, be64toh(seq), now_ns());
		else if (length < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		/* Anything else is an ICMP error of an earlier probe: that probe is lost. */
	}
}

static void udp_send(int fd, struct tally *tally)
{
	uint64_t seq = htobe64(tally->sent);

	(void)send(fd, &seq, sizeof(seq), MSG_DONTWAIT);
	tally->sent++;
}

/* The outage is the longest gap in which something was really lost. */
static void udp_summary(const struct tally *tally, int64_t end)
{
	const struct gap *worst = NULL;

	for (size_t i = 0; i < tally->gap_count; i++) {
		const struct gap *gap = &tally->gaps[i];

		if (gap->lost == 0)
			continue;
		printf("{\"gap\": {\"from\": %.6f, \"to\": %.6f, \"first\": %" PRIu64
		       ", \"last\": %" PRIu64 ", \"lost\": %" PRIu64 "}}\n",
		       seconds(gap->from_ns), seconds(gap->to_ns), gap->first, gap->last,
		       gap->lost);
		if (worst == NULL || gap->to_ns - gap->from_ns > worst->to_ns - worst->from_ns)
			worst = gap;
	}
	printf("{\"summary\": {\"sent\": %" PRIu64 ", \"received\": %" PRIu64 ", \"lost\": %" PRIu64
	       ", \"outage_ms\": %.3f, \"outage_from\": %.6f, \"silent_ms\": %.3f}}\n",
	       tally->sent, tally->received, tally->sent - tally->received,
	       worst == NULL ? 0.0 : milliseconds(worst->to_ns - worst->from_ns),
	       worst == NULL ? 0.0 : seconds(worst->from_ns),
	       milliseconds(end - tally->last_reply_ns));
}

static void udp_report(struct tally *tally, int64_t at)
{
	printf("{\"at\": %.6f, \"replies\": %" PRIu64 ", \"sent\": %" PRIu64 "}\n", seconds(at),
	       tally->bucket_replies, tally->sent);
	tally->bucket_replies = 0;
}

static int udp_run(const struct options *options)
{
	int fd = socket_connected(options, SOCK_DGRAM);
	struct pollfd pollfd = { .fd = fd, .events = POLLIN };
	int64_t interval = NS_PER_SECOND / options->rate;
	int64_t start = now_ns();
	int64_t next_send = start;
	int64_t next_report = start + REPORT_INTERVAL_NS;
	struct tally tally;

	tally_init(&tally, (uint64_t)(options->rate * options->duration_s));
	tally.last_reply_ns = start;
	while (!stop_requested && tally.sent < tally.capacity) {
		poll_until(&pollfd, 1, next_send);
		udp_receive(fd, &tally);
		while (now_ns() >= next_send && tally.sent < tally.capacity) {
			udp_send(fd, &tally);
			next_send += interval;
		}
		if (now_ns() >= next_report) {
			udp_report(&tally, next_report);
			next_report += REPORT_INTERVAL_NS;
		}
	}
	/* The last replies are still under way; what is not here after this time is lost. */
	for (int64_t end = now_ns() + REPORT_INTERVAL_NS; now_ns() < end;) {
		poll_until(&pollfd, 1, end);
		udp_receive(fd, &tally);
	}
	udp_summary(&tally, now_ns());
	tally_done(&tally);
	close(fd);
	return 0;
}

/* ---- sink ------------------------------------------------------------------------------ */

/* A number beyond the bitmap is not of our run: the sender's is as long. */
static void sink_receive(int fd, struct tally *tally)
{
	uint64_t seq;

	for (;;) {
		ssize_t length = recv(fd, &seq, sizeof(seq), MSG_DONTWAIT);

		if (length < 0)
			return;
		if (length != sizeof(seq) || be64toh(seq) >= tally->capacity)
			continue;
		seq = be64toh(seq);
		if (seq >= tally->sent)
			tally->sent = seq + 1;
		tally_reply(tally, seq, now_ns());
	}
}

static int sink_run(const struct options *options)
{
	int fd = socket_bound(options->address, options->port, SOCK_DGRAM);
	struct pollfd pollfd = { .fd = fd, .events = POLLIN };
	int64_t next_report = now_ns() + REPORT_INTERVAL_NS;
	struct tally tally;

	tally_init(&tally, (uint64_t)(options->rate * options->duration_s));
	tally.last_reply_ns = now_ns();
	printf("{\"ready\": true}\n");
	while (!stop_requested) {
		poll_until(&pollfd, 1, next_report);
		sink_receive(fd, &tally);
		if (now_ns() >= next_report) {
			udp_report(&tally, next_report);
			next_report += REPORT_INTERVAL_NS;
		}
	}
	udp_summary(&tally, now_ns());
	tally_done(&tally);
	close(fd);
	return 0;
}

/* ---- tcp ------------------------------------------------------------------------------- */

/* The state of a TCP run: at most one ping is under way. */
struct pingpong {
	uint64_t pongs;
	int64_t ping_sent_ns;
	int64_t stall_ns;
	bool waiting;
	int error;
};

static void pingpong_ping(struct pingpong *game, int fd)
{
	if (send(fd, "p", 1, MSG_DONTWAIT) != 1) {
		game->error = errno;
		return;
	}
	game->ping_sent_ns = now_ns();
	game->waiting = true;
}

static void pingpong_pong(struct pingpong *game, int fd)
{
	char byte;
	ssize_t length = recv(fd, &byte, 1, MSG_DONTWAIT);
	int64_t waited = now_ns() - game->ping_sent_ns;

	if (length < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (length != 1) {
		game->error = length == 0 ? ECONNRESET : errno;
		return;
	}
	game->pongs++;
	game->waiting = false;
	if (waited > game->stall_ns)
		game->stall_ns = waited;
}

static int64_t pingpong_waiting(const struct pingpong *game)
{
	return game->waiting ? now_ns() - game->ping_sent_ns : 0;
}

static int tcp_run(const struct options *options)
{
	int fd = socket_connected(options, SOCK_STREAM);
	struct pollfd pollfd = { .fd = fd, .events = POLLIN };
	struct pingpong game = { 0 };
	int64_t interval = NS_PER_SECOND / options->rate;
	int64_t next_ping = now_ns();
	int64_t next_report = next_ping + REPORT_INTERVAL_NS;
	int one = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	while (!stop_requested && game.error == 0) {
		int64_t wake = game.waiting || next_report < next_ping ? next_report : next_ping;

		if (poll_until(&pollfd, 1, wake) > 0)
			pingpong_pong(&game, fd);
		if (game.error == 0 && !game.waiting && now_ns() >= next_ping) {
			pingpong_ping(&game, fd);
			next_ping = now_ns() + interval;
		}
		if (now_ns() >= next_report) {
			printf("{\"at\": %.6f, \"pongs\": %" PRIu64 ", \"waiting_ms\": %.3f}\n",
			       seconds(next_report), game.pongs,
			       milliseconds(pingpong_waiting(&game)));
			next_report += REPORT_INTERVAL_NS;
		}
	}
	printf("{\"summary\": {\"pongs\": %" PRIu64 ", \"stall_ms\": %.3f, \"waiting_ms\": %.3f"
	       ", \"error\": \"%s\"}}\n",
	       game.pongs, milliseconds(game.stall_ns), milliseconds(pingpong_waiting(&game)),
	       game.error == 0 ? "" : strerror(game.error));
	close(fd);
	return 0;
}

/* ---- tick ------------------------------------------------------------------------------ */

static int tick_run(const struct options *options)
{
	int64_t interval = NS_PER_SECOND / options->rate;
	int64_t start = now_ns();
	int64_t due = start;
	int64_t worst = 0;
	int64_t worst_at = start;
	uint64_t ticks = 0;

	printf("{\"ready\": true}\n");
	while (!stop_requested && due - start < options->duration_s * NS_PER_SECOND) {
		struct timespec when;
		int64_t late;

		due += interval;
		when.tv_sec = (time_t)(due / NS_PER_SECOND);
		when.tv_nsec = (long)(due % NS_PER_SECOND);
		if (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, NULL) != 0)
			continue;
		late = now_ns() - due;
		ticks++;
		if (late > worst) {
			worst = late;
			worst_at = due;
		}
		/* After a stall the missed ticks are not made up for: it was one stall. */
		if (late > interval)
			due += late / interval * interval;
	}
	printf("{\"summary\": {\"ticks\": %" PRIu64 ", \"stall_ms\": %.3f, \"stall_at\": %.6f}}\n",
	       ticks, milliseconds(worst), seconds(worst_at));
	return 0;
}

/* ---- command line ---------------------------------------------------------------------- */

static int usage(void)
{
	fprintf(stderr, "usage: vipd-probe echo ADDRESS PORT\n"
			"       vipd-probe udp  [-r RATE] [-d SECONDS] [-s SOURCE] ADDRESS PORT\n"
			"       vipd-probe sink [-r RATE] [-d SECONDS] ADDRESS PORT\n"
			"       vipd-probe tcp  [-r RATE] [-s SOURCE] ADDRESS PORT\n"
			"       vipd-probe tick [-r RATE] [-d SECONDS] [-c CPU]\n");
	return 2;
}

static bool options_read(struct options *options, int argc, char **argv)
{
	int letter;

	while ((letter = getopt(argc, argv, "r:d:s:c:")) != -1) {
		switch (letter) {
		case 'r':
			options->rate = strtoll(optarg, NULL, 10);
			break;
		case 'd':
			options->duration_s = strtoll(optarg, NULL, 10);
			break;
		case 's':
			options->source = optarg;
			break;
		case 'c':
			options->cpu = (int)strtol(optarg, NULL, 10);
			break;
		default:
			return false;
		}
	}
	if (argc - optind < 1)
		return false;
	options->mode = argv[optind];
	if (options->rate == 0)
		options->rate = strcmp(options->mode, "tcp") == 0 ? PING_RATE : PROBE_RATE;
	if (options->rate < 1 || options->duration_s < 1)
		return false;
	if (strcmp(options->mode, "tick") == 0)
		return argc - optind == 1;
	if (argc - optind != 3)
		return false;
	options->address = argv[optind + 1];
	options->port = argv[optind + 2];
	return true;
}

int main(int argc, char **argv)
{
	struct options options = { .duration_s = 3600, .cpu = -1 };

	if (!options_read(&options, argc, argv))
		return usage();
	setvbuf(stdout, NULL, _IOLBF, 0);
	signals_init();
	scheduling_init(options.cpu);
	if (strcmp(options.mode, "echo") == 0)
		return echo_run(&options);
	if (strcmp(options.mode, "udp") == 0)
		return udp_run(&options);
	if (strcmp(options.mode, "sink") == 0)
		return sink_run(&options);
	if (strcmp(options.mode, "tcp") == 0)
		return tcp_run(&options);
	if (strcmp(options.mode, "tick") == 0)
		return tick_run(&options);
	return usage();
}
