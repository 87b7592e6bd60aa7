/* SPDX-License-Identifier: Apache-2.0 */
/*
 *	OPEN ──► CALLING ──► OPENED ──► gone          our calls
 *	OPEN ──► WAITING     OPENED ──► gone          those who may call us, and a call
 *	                        └──► LEAVING ──► gone what was written is to arrive yet
 *
 * Those who wait at the same place share one socket of the kernel, a *door*; it knows the key of
 * each who may come by it.
 */
#include "linux/streams.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/pkt_sched.h>

#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>

#include "base/list.h"
#include "linux/secret.h"
#include "linux/socket_address.h"

/* Pieces that one stream is read of, and calls that one door takes, in a turn of the loop. */
#define PIECES_A_TURN 16
#define CALLS_A_TURN 8
#define CALLS_WAITING 64

/* Credit is given back in portions, so that not each write is answered. */
#define CREDIT_PORTION (STREAM_CREDIT / 4)

/* So long the other end has to take what was written before the stream was closed. */
#define LEAVING_MS 5000

/* So long no call is taken when there was no descriptor for one. */
#define REST_MS 100

/* RFC 2474: class selector 6, network control. */
#define TOS_NETWORK_CONTROL 0xc0

enum flow_state {
	FLOW_CALLING,
	FLOW_WAITING,
	FLOW_OPENED,
	FLOW_LEAVING,
	FLOW_GONE, /* the loop has yet to let go of it */
};

struct flow {
	struct list link; /* in streams.flows, unless it is gone */
	struct streams *set;
	struct stream stream;
	enum flow_state state;
	struct door *door; /* of one that waits */
	int fd;
	uv_poll_t poll;
	uint8_t *queue; /* owned: a ring of STREAM_CREDIT bytes; NULL: nothing was ever kept */
	size_t head, queued;
	uint32_t owed;	   /* credit that has been used, is free again, and not told yet */
	uint32_t used;	   /* credit that has been used, `owed` included */
	uint64_t leave_ms; /* of one that leaves: until then */
};

struct door {
	struct list link;
	struct streams *set;
	enum family family;
	uint32_t interface;
	struct address local;
	uint16_t port;
	int fd;
	uv_poll_t poll;
};

struct streams {
	uv_loop_t *loop;
	struct input_sink sink;
	struct list flows, doors;
	uv_timer_t leaving; /* runs while one leaves */
	uv_timer_t resting; /* runs while doors take no calls */
	unsigned handles;
	unsigned accepted;
	uint32_t next_accepted;
};

static struct flow *flow_find(const struct streams *s, uint16_t speaker, uint32_t number)
{
	list_each_entry(struct flow, f, &s->flows, link) {
		if (f->stream.speaker == speaker && f->stream.number == number &&
		    f->state != FLOW_LEAVING)
			return f;
	}
	return NULL;
}

static struct flow *flow_make(struct streams *s, const struct stream *stream, int fd)
{
	struct flow *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->set = s;
	f->stream = *stream;
	f->fd = fd;
	list_append(&s->flows, &f->link);
	s->accepted += stream->number >= STREAM_ACCEPTED;
	return f;
}

static void flow_free(struct flow *f)
{
	free(f->queue);
	free(f);
}

static void flow_released(uv_handle_t *handle)
{
	struct flow *f = handle->data;

	f->set->handles--;
	flow_free(f);
}

static void door_released(uv_handle_t *handle)
{
	struct door *d = handle->data;

	d->set->handles--;
	free(d);
}

static void door_close(struct door *d)
{
	list_remove(&d->link);
	if (d->fd >= 0)
		close(d->fd);
	d->fd = -1;
	if (d->poll.data)
		uv_close((uv_handle_t *)&d->poll, door_released);
	else
		free(d);
}

static int option(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value)) < 0 ? -errno : 0;
}

/* With how many hops to live packets leave, and arrive at the least (RFC 5082). */
static int hops_set(int fd, enum family family, uint8_t leaves, uint8_t least)
{
	bool ipv6 = family == FAMILY_IPV6;
	int level = ipv6 ? IPPROTO_IPV6 : IPPROTO_IP, error = 0;

	if (leaves)
		error = option(fd, level, ipv6 ? IPV6_UNICAST_HOPS : IP_TTL, leaves);
	return error ? error : option(fd, level, ipv6 ? IPV6_MINHOPCOUNT : IP_MINTTL, least);
}

/* RFC 2385: of whoever has the address, or of nobody any more. */
static int key_set(int fd, const struct address *remote, const char *path, bool on)
{
	struct tcp_md5sig sig = { 0 };
	struct sockaddr_storage address;
	struct secret secret = { 0 };
	char why[256];
	int error = 0;

	if (!path[0])
		return 0;
	if (on)
		error = secret_read(path, TCP_MD5SIG_MAXKEYLEN, "TCP MD5", &secret, why,
				    sizeof(why));
	if (error)
		return -EKEYREJECTED;
	(void)socket_address_make(remote, 0, &address);
	memcpy(&sig.tcpm_addr, &address, sizeof(sig.tcpm_addr));
	sig.tcpm_keylen = secret.length;
	memcpy(sig.tcpm_key, secret.bytes, secret.length);
	if (setsockopt(fd, IPPROTO_TCP, TCP_MD5SIG, &sig, sizeof(sig)) < 0)
		error = -errno;
	explicit_bzero(&sig, sizeof(sig));
	explicit_bzero(&secret, sizeof(secret));
	return error;
}

static int socket_make(enum family family, uint32_t interface, const struct address *local,
		       uint16_t port, bool shared)
{
	bool ipv6 = family == FAMILY_IPV6;
	int fd = socket(ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_storage address;
	socklen_t size;
	int error;

	if (fd < 0)
		return -errno;
	error = option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	if (!error)
		error = option(fd, ipv6 ? IPPROTO_IPV6 : IPPROTO_IP, ipv6 ? IPV6_TCLASS : IP_TOS,
			       TOS_NETWORK_CONTROL);
	/* After the other one, which sets a priority too. */
	if (!error)
		error = option(fd, SOL_SOCKET, SO_PRIORITY, TC_PRIO_CONTROL);
	if (!error && ipv6)
		error = option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	if (!error && interface)
		error = option(fd, SOL_SOCKET, SO_BINDTOIFINDEX, (int)interface);
	if (!error && shared)
		error = option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	size = address_is_set(local) ? socket_address_on(local, port, interface, &address)
				     : socket_address_any(family, port, &address);
	if (!error && (shared || address_is_set(local)) &&
	    bind(fd, (const struct sockaddr *)&address, size) < 0)
		error = -errno;
	if (!error)
		return fd;
	close(fd);
	return error;
}

static void change_tell(struct flow *f, enum input_kind kind, int error, uint32_t credit)
{
	struct input in = { .kind = (uint8_t)kind };

	in.change = (struct stream_change){ .speaker = f->stream.speaker,
					    .number = f->stream.number,
					    .error = error,
					    .credit = credit };
	input_pass(&f->set->sink, &in);
}

static void door_review(struct door *d);

/* One who waited is gone: his caller's address has the key of another who waits for it, or none. */
static void door_key_review(struct door *d, const struct stream *gone)
{
	if (!gone->secret[0] || !address_is_set(&gone->remote))
		return;
	list_each_entry(const struct flow, f, &d->set->flows, link) {
		if (f->door != d || !f->stream.secret[0] ||
		    !address_equal(&f->stream.remote, &gone->remote))
			continue;
		/* If it cannot be read now, the one that is set keeps strangers out. */
		(void)key_set(d->fd, &f->stream.remote, f->stream.secret, true);
		return;
	}
	(void)key_set(d->fd, &gone->remote, gone->secret, false);
}

/* Nobody is told. It is freed when the loop has let go of it. */
static void flow_end(struct flow *f)
{
	struct door *door = f->door;

	if (f->state == FLOW_GONE)
		return;
	f->state = FLOW_GONE;
	f->set->accepted -= f->stream.number >= STREAM_ACCEPTED;
	list_remove(&f->link);
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
	f->door = NULL;
	if (door) {
		door_key_review(door, &f->stream);
		door_review(door);
	}
	if (f->poll.data)
		uv_close((uv_handle_t *)&f->poll, flow_released);
	else
		flow_free(f);
}

/* The last word of it, unless it has been closed by us. */
static void flow_lost(struct flow *f, int error)
{
	struct flow told = { .set = f->set, .stream = f->stream };
	bool leaving = f->state == FLOW_LEAVING;

	flow_end(f);
	if (!leaving)
		change_tell(&told, INPUT_CLOSED, error, 0);
}

static void flow_ready(uv_poll_t *poll, int status, int events);

static void flow_poll(struct flow *f)
{
	int events = f->state == FLOW_CALLING ? 0 : UV_READABLE;

	if (f->state == FLOW_CALLING || f->queued > 0)
		events |= UV_WRITABLE;
	uv_poll_start(&f->poll, events, flow_ready);
}

static int flow_watch(struct flow *f)
{
	int error = uv_poll_init(f->set->loop, &f->poll, f->fd);

	if (error)
		return error;
	f->poll.data = f;
	f->set->handles++;
	flow_poll(f);
	return 0;
}

static void flow_opened(struct flow *f)
{
	struct sockaddr_storage address;
	socklen_t size = sizeof(address);
	struct input in = { .kind = INPUT_OPENED };

	f->state = FLOW_OPENED;
	if (getsockname(f->fd, (struct sockaddr *)&address, &size) == 0)
		(void)socket_address_read(&address, &f->stream.local);
	f->stream.credit = STREAM_CREDIT;
	flow_poll(f);
	in.stream = f->stream;
	input_pass(&f->set->sink, &in);
}

static void flow_called(struct flow *f)
{
	int error = 0;
	socklen_t size = sizeof(error);

	if (getsockopt(f->fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
		error = errno;
	if (error)
		flow_lost(f, -error);
	else
		flow_opened(f);
}

/* Our last word is said; now the other end has to see it before the socket goes. */
static void flow_leave(struct flow *f)
{
	if (f->queued == 0)
		(void)shutdown(f->fd, SHUT_WR);
}

static void flow_free_credit(struct flow *f, size_t sent)
{
	uint32_t owed;

	f->owed += (uint32_t)sent;
	if (f->state != FLOW_OPENED || f->owed < CREDIT_PORTION)
		return;
	owed = f->owed;
	f->used -= owed;
	f->owed = 0;
	change_tell(f, INPUT_CREDIT, 0, owed);
}

/* Gives the kernel what is kept. */
static void flow_flush(struct flow *f)
{
	size_t sent = 0;

	while (f->queued > 0) {
		size_t run =
			STREAM_CREDIT - f->head < f->queued ? STREAM_CREDIT - f->head : f->queued;
		ssize_t n = send(f->fd, f->queue + f->head, run, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno != EAGAIN) {
			flow_lost(f, -errno);
			return;
		}
		if (n <= 0)
			break;
		f->head = (f->head + (size_t)n) % STREAM_CREDIT;
		f->queued -= (size_t)n;
		sent += (size_t)n;
	}
	if (f->state == FLOW_LEAVING)
		flow_leave(f);
	flow_poll(f);
	flow_free_credit(f, sent);
}

/* What is read of one that leaves is of interest to nobody; it is read so that it can end well. */
static void flow_read(struct flow *f)
{
	struct input in = { .kind = INPUT_STREAM };

	in.piece.speaker = f->stream.speaker;
	in.piece.number = f->stream.number;
	for (size_t i = 0; i < PIECES_A_TURN && f->fd >= 0; i++) {
		ssize_t n = recv(f->fd, in.piece.bytes, sizeof(in.piece.bytes), MSG_DONTWAIT);

		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			flow_lost(f, n < 0 ? -errno : 0);
			return;
		}
		in.piece.length = (uint16_t)n;
		if (f->state == FLOW_OPENED)
			input_pass(&f->set->sink, &in);
	}
}

/* Who hears something may close this very stream because of it. */
static void flow_ready(uv_poll_t *poll, int status, int events)
{
	struct flow *f = poll->data;

	if (f->state == FLOW_CALLING) {
		flow_called(f);
		return;
	}
	/* An error of the socket stops libuv's poll; to read tells which it is. */
	if (status < 0 || (events & UV_READABLE))
		flow_read(f);
	if (f->fd >= 0 && (events & UV_WRITABLE))
		flow_flush(f);
	if (f->fd >= 0 && status < 0)
		flow_poll(f);
}

static void flow_call(struct flow *f)
{
	const struct stream *s = &f->stream;
	enum family family = (enum family)s->remote.family;
	struct sockaddr_storage address;
	socklen_t size = socket_address_on(&s->remote, s->port, s->interface, &address);
	int error;

	f->state = FLOW_CALLING;
	f->fd = socket_make(family, s->interface, &s->local, 0, false);
	error = f->fd < 0 ? f->fd : hops_set(f->fd, family, s->hop_limit, s->hop_limit_min);
	if (!error)
		error = key_set(f->fd, &s->remote, s->secret, true);
	if (!error && connect(f->fd, (const struct sockaddr *)&address, size) < 0 &&
	    errno != EINPROGRESS)
		error = -errno;
	if (!error)
		error = flow_watch(f);
	if (error)
		flow_lost(f, error);
}

/* Who may come by the door with that address: by name before all others. */
static struct flow *door_host(const struct door *d, const struct address *remote)
{
	struct flow *anybody = NULL;

	list_each_entry(struct flow, f, &d->set->flows, link) {
		if (f->door != d)
			continue;
		if (address_equal(&f->stream.remote, remote))
			return f;
		if (!address_is_set(&f->stream.remote))
			anybody = f;
	}
	return anybody;
}

static void door_admit(struct door *d, int fd, const struct address *remote)
{
	struct streams *s = d->set;
	const struct flow *host = door_host(d, remote);
	struct stream stream;
	struct flow *f;

	if (!host || s->accepted >= STREAMS_ACCEPTED_MAX ||
	    hops_set(fd, d->family, host->stream.hop_limit, host->stream.hop_limit_min) < 0) {
		close(fd);
		return;
	}
	stream = host->stream;
	stream.listens = false;
	stream.remote = *remote;
	do
		stream.number = STREAM_ACCEPTED | s->next_accepted++;
	while (flow_find(s, stream.speaker, stream.number));
	f = flow_make(s, &stream, fd);
	if (!f)
		close(fd);
	else if (flow_watch(f) < 0)
		flow_end(f);
	else
		flow_opened(f);
}

static void door_ready(uv_poll_t *poll, int status, int events);

static void rest_over(uv_timer_t *timer)
{
	struct streams *s = timer->data;

	list_each(link, &s->doors) {
		struct door *d = container_of(link, struct door, link);

		if (d->poll.data)
			uv_poll_start(&d->poll, UV_READABLE, door_ready);
	}
}

/* Who calls could not be let in for want of descriptors, or of memory: he waits at the door. */
static void door_rest(struct door *d)
{
	uv_poll_stop(&d->poll);
	if (!uv_is_active((const uv_handle_t *)&d->set->resting))
		uv_timer_start(&d->set->resting, rest_over, REST_MS, 0);
}

static bool is_scarcity(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

static void door_ready(uv_poll_t *poll, int status, int events)
{
	struct door *d = poll->data;

	(void)events;
	for (size_t i = 0; i < CALLS_A_TURN && d->fd >= 0; i++) {
		struct sockaddr_storage from;
		socklen_t size = sizeof(from);
		struct address remote;
		int fd = accept4(d->fd, (struct sockaddr *)&from, &size,
				 SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd < 0 && is_scarcity(errno)) {
			door_rest(d);
			return;
		}
		if (fd < 0)
			break;
		if (socket_address_read(&from, &remote))
			door_admit(d, fd, &remote);
		else
			close(fd);
	}
	if (status < 0 && d->fd >= 0)
		uv_poll_start(poll, UV_READABLE, door_ready);
}

/* Once what is demanded of a caller is set: nobody comes by before. */
static int door_listen(struct door *d)
{
	int error;

	if (d->poll.data)
		return 0;
	if (listen(d->fd, CALLS_WAITING) < 0)
		return -errno;
	error = uv_poll_init(d->set->loop, &d->poll, d->fd);
	if (error)
		return error;
	d->poll.data = d;
	d->set->handles++;
	return uv_poll_start(&d->poll, UV_READABLE, door_ready);
}

/* NULL with *ret_error. */
static struct door *door_for(struct streams *s, const struct stream *stream, int *ret_error)
{
	enum family family = (enum family)(address_is_set(&stream->local) ? stream->local.family
									  : stream->remote.family);
	struct door *d;

	list_each(link, &s->doors) {
		d = container_of(link, struct door, link);
		if (d->family == family && d->interface == stream->interface &&
		    d->port == stream->port && address_equal(&d->local, &stream->local))
			return d;
	}
	d = calloc(1, sizeof(*d));
	*ret_error = -ENOMEM;
	if (!d)
		return NULL;
	*d = (struct door){ .set = s,
			    .family = family,
			    .interface = stream->interface,
			    .local = stream->local,
			    .port = stream->port };
	list_append(&s->doors, &d->link);
	d->fd = socket_make(d->family, d->interface, &d->local, d->port, true);
	*ret_error = d->fd < 0 ? d->fd : 0;
	if (d->fd >= 0)
		return d;
	door_close(d);
	return NULL;
}

/*
 * Its answers leave with the most hops to live of those who wait here, and what all of them demand
 * of a caller is demanded at once. Where nobody waits it is closed.
 */
static void door_review(struct door *d)
{
	uint8_t leaves = 0, least = UINT8_MAX;
	bool used = false;

	list_each_entry(const struct flow, f, &d->set->flows, link) {
		if (f->door != d)
			continue;
		used = true;
		leaves = f->stream.hop_limit > leaves ? f->stream.hop_limit : leaves;
		least = f->stream.hop_limit_min < least ? f->stream.hop_limit_min : least;
	}
	if (!used)
		door_close(d);
	else
		(void)hops_set(d->fd, d->family, leaves, least);
}

static void flow_wait(struct flow *f)
{
	bool named = address_is_set(&f->stream.remote);
	int error = 0;

	f->state = FLOW_WAITING;
	/* The kernel has keys of addresses: of anybody it would demand none. */
	if (f->stream.secret[0] && !named)
		error = -EINVAL;
	else
		f->door = door_for(f->set, &f->stream, &error);
	if (f->door && named)
		error = key_set(f->door->fd, &f->stream.remote, f->stream.secret, true);
	if (f->door && !error) {
		door_review(f->door);
		error = door_listen(f->door);
	}
	if (!f->door || error)
		flow_lost(f, error);
}

void streams_open(struct streams *s, const struct stream *stream)
{
	struct flow *f = flow_make(s, stream, -1);
	struct flow told = { .set = s, .stream = *stream };

	if (!f)
		change_tell(&told, INPUT_CLOSED, -ENOMEM, 0);
	else if (stream->listens)
		flow_wait(f);
	else
		flow_call(f);
}

/* What the kernel does not take is kept. */
static int flow_keep(struct flow *f, const uint8_t *bytes, size_t length)
{
	if (!f->queue)
		f->queue = malloc(STREAM_CREDIT);
	if (!f->queue)
		return -ENOMEM;
	for (size_t i = 0; i < length; i++)
		f->queue[(f->head + f->queued + i) % STREAM_CREDIT] = bytes[i];
	f->queued += length;
	return 0;
}

void streams_write(struct streams *s, const struct stream_piece *piece)
{
	struct flow *f = flow_find(s, piece->speaker, piece->number);
	ssize_t sent = 0;
	int error = 0;

	if (!f || f->state != FLOW_OPENED)
		return;
	f->used += piece->length;
	if (f->used > STREAM_CREDIT) {
		flow_lost(f, -ENOBUFS);
		return;
	}
	if (f->queued == 0)
		sent = send(f->fd, piece->bytes, piece->length, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (sent < 0 && errno != EAGAIN) {
		flow_lost(f, -errno);
		return;
	}
	sent = sent < 0 ? 0 : sent;
	if (sent < piece->length)
		error = flow_keep(f, piece->bytes + sent, piece->length - (size_t)sent);
	if (error) {
		flow_lost(f, error);
		return;
	}
	flow_poll(f);
	flow_free_credit(f, (size_t)sent);
}

static void leaving_look(uv_timer_t *timer)
{
	struct streams *s = timer->data;
	uint64_t now = uv_now(s->loop);
	bool any = false;

	list_each_entry_safe(struct flow, f, &s->flows, link) {
		if (f->state != FLOW_LEAVING)
			continue;
		if (now >= f->leave_ms)
			flow_end(f);
		else
			any = true;
	}
	if (!any)
		uv_timer_stop(timer);
}

void streams_close(struct streams *s, const struct stream_change *change)
{
	const struct linger cut = { .l_onoff = 1 };
	struct flow *f = flow_find(s, change->speaker, change->number);

	if (!f)
		return;
	if (change->error == 0 && f->state == FLOW_OPENED) {
		f->state = FLOW_LEAVING;
		f->leave_ms = uv_now(s->loop) + LEAVING_MS;
		flow_leave(f);
		/* Who leaves after another does not put off when that one is looked at. */
		if (!uv_is_active((const uv_handle_t *)&s->leaving))
			uv_timer_start(&s->leaving, leaving_look, LEAVING_MS, LEAVING_MS);
		return;
	}
	if (f->fd >= 0 && change->error)
		(void)setsockopt(f->fd, SOL_SOCKET, SO_LINGER, &cut, sizeof(cut));
	flow_end(f);
}

struct streams *streams_new(uv_loop_t *loop, const struct input_sink *sink)
{
	struct streams *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->loop = loop;
	s->sink = *sink;
	list_init(&s->flows);
	list_init(&s->doors);
	/* To initialize a timer cannot fail. */
	uv_timer_init(loop, &s->leaving);
	uv_timer_init(loop, &s->resting);
	s->leaving.data = s->resting.data = s;
	s->handles = 2;
	return s;
}

static void timer_released(uv_handle_t *handle)
{
	struct streams *s = handle->data;

	s->handles--;
}

void streams_free(struct streams *s)
{
	if (!s)
		return;
	list_each_safe(link, &s->flows)
		flow_end(container_of(link, struct flow, link));
	uv_close((uv_handle_t *)&s->leaving, timer_released);
	uv_close((uv_handle_t *)&s->resting, timer_released);
	while (s->handles)
		uv_run(s->loop, UV_RUN_NOWAIT);
	free(s);
}
