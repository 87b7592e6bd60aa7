/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/sockets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "linux/datagram.h"
#include "linux/ports.h"
#include "linux/secret.h"
#include "node/protocol.h"
#include "proto/rip/packet.h"

/* A question that comes so long after the last one has a port of its own; each has after longer. */
#define QUESTION_REST_MS 2000
#define QUESTION_PORT_MS 30000

/* The secrets of an interface that has keys. */
struct ring {
	struct list link;
	uint32_t interface;
	struct keyring keys;
};

/* The place of a port in its pair is its enum rip_socket. */
struct sockets {
	struct input_sink sink;
	struct ports ports[FAMILIES];
	struct sockets_counters counters;
	struct list rings; /* owned */
	struct datagram packets[PACKETS_A_READ];
};

static struct ring *ring_find(const struct sockets *s, uint32_t interface)
{
	list_each(link, &s->rings) {
		struct ring *r = container_of(link, struct ring, link);

		if (r->interface == interface)
			return r;
	}
	return NULL;
}

/* Only RIP has keys: RFC 2080 3 leaves them to IPsec. */
static const struct keyring *ring_of(const struct sockets *s, uint32_t interface,
				     enum family family)
{
	static const struct keyring none = { .type = AUTH_NONE };
	const struct ring *r = family == FAMILY_IPV4 ? ring_find(s, interface) : NULL;

	return r ? &r->keys : &none;
}

static void ring_free(struct ring *r)
{
	list_remove(&r->link);
	explicit_bzero(r, sizeof(*r));
	free(r);
}

/* Without memory it has no secret: nothing is sent, and nothing believed. */
static uint32_t ring_read(struct sockets *s, uint32_t interface, const struct keychain *auth,
			  char *error, size_t size)
{
	struct ring *r = ring_find(s, interface);

	if (!auth || auth->type == AUTH_NONE) {
		if (r)
			ring_free(r);
		return 0;
	}
	if (!r) {
		r = calloc(1, sizeof(*r));
		if (!r) {
			text_copy(error, size, "no memory for its secret");
			return 0;
		}
		r->interface = interface;
		list_append(&s->rings, &r->link);
	}
	return secrets_read(auth, &r->keys, error, size);
}

static uint16_t number_of(enum family family)
{
	return family == FAMILY_IPV6 ? PROTOCOL_RIPNG : PROTOCOL_RIP;
}

static enum family port_family(const struct sockets *s, const struct port *p)
{
	return family_at((size_t)(p->pair->set - s->ports));
}

/* Packets of RIPng are as long as the link allows, and there is nothing to be opened. */
static void deliver_pieces(struct sockets *s, const struct datagram *packet, struct input *in)
{
	struct rip_pieces pieces = {
		.bytes = packet->bytes,
		.length = packet->length < DATAGRAM_MAX ? packet->length : DATAGRAM_MAX,
	};

	do {
		in->packet.length = (uint16_t)rip_piece_next(&pieces, in->packet.bytes);
		input_pass(&s->sink, in);
	} while (pieces.at < pieces.length);
}

static void port_deliver(struct sockets *s, const struct port *p, const struct datagram *packet)
{
	enum family family = port_family(s, p);
	struct input in;

	memset(&in, 0, sizeof(in));
	in.kind = INPUT_PACKET;
	in.packet.speaker = number_of(family);
	in.packet.interface = p->pair->interface;
	in.packet.socket = p->which;
	in.packet.source = packet->source;
	in.packet.source_port = packet->source_port;
	in.packet.destination = packet->destination;
	in.packet.hop_limit = packet->hop_limit;
	in.packet.destination_port = p->which == RIP_SOCKET_MAIN ? rip_port(family) : 0;
	s->counters.received++;
	if (family == FAMILY_IPV6) {
		deliver_pieces(s, packet, &in);
		return;
	}
	rip_open(ring_of(s, p->pair->interface, family), packet->bytes, packet->length, &in.packet);
	input_pass(&s->sink, &in);
}

static size_t port_read(void *context, struct port *p)
{
	struct sockets *s = context;
	size_t n = datagram_receive(p->fd, s->packets, PACKETS_A_READ);

	for (size_t i = 0; i < n && p->fd >= 0; i++)
		port_deliver(s, p, &s->packets[i]);
	return n;
}

static int port_open(void *context, const struct port *p, const char **ret_why)
{
	enum family family = port_family(context, p);
	struct address group = rip_group(family);
	uint16_t number = p->which == RIP_SOCKET_MAIN ? rip_port(family) : 0;

	return datagram_open(p->pair->interface, number, &group, ret_why);
}

struct sockets *sockets_new(uv_loop_t *loop, const struct input_sink *sink)
{
	struct sockets *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->sink = *sink;
	list_init(&s->rings);
	for (size_t k = 0; k < FAMILIES; k++)
		ports_init(&s->ports[k], loop, &(struct ports_hooks){ s, port_open, port_read });
	return s;
}

void sockets_free(struct sockets *s)
{
	if (!s)
		return;
	for (size_t k = 0; k < FAMILIES; k++)
		ports_done(&s->ports[k]);
	list_each_safe(link, &s->rings)
		ring_free(container_of(link, struct ring, link));
	free(s);
}

/* What the kernel has dropped of the sockets, since they are open. */
static uint64_t pair_overrun(const struct port_pair *pair)
{
	uint64_t sum = 0;

	for (size_t k = 0; k < PORTS_A_PAIR; k++)
		sum += pair->ports[k].fd >= 0 ? datagram_dropped(pair->ports[k].fd) : 0;
	return sum;
}

void sockets_listen(struct sockets *s, uint32_t interface, enum family family, bool on,
		    const struct keychain *auth)
{
	struct ports *ports = &s->ports[family_index(family)];
	struct port_pair *pair = ports_find(ports, interface);
	const char *why = "";
	struct input in;

	if (!on) {
		if (pair) {
			s->counters.overrun += pair_overrun(pair);
			ports_close(pair);
		}
		if (family == FAMILY_IPV4)
			(void)ring_read(s, interface, NULL, NULL, 0);
		return;
	}
	memset(&in, 0, sizeof(in));
	in.kind = INPUT_LISTENING;
	in.listening.interface = interface;
	in.listening.speaker = number_of(family);
	in.listening.ready = pair || ports_open(ports, interface, &why) == 0;
	text_copy(in.listening.error, sizeof(in.listening.error), why);
	if (in.listening.ready && family == FAMILY_IPV4)
		in.listening.secrets = ring_read(s, interface, auth, in.listening.error,
						 sizeof(in.listening.error));
	input_pass(&s->sink, &in);
}

static bool datagram_is_to_all(const struct packet *d)
{
	const uint8_t *b = d->destination.bytes;

	/* Also the broadcast address of the network, as RIP-1 has it: it ends with ones. */
	return address_is_multicast(&d->destination) ||
	       (d->destination.family == FAMILY_IPV4 && b[3] == 255);
}

/* What no repetition mends: a filter of the host, or a route that forbids. */
static bool is_refusal(int error)
{
	return error == -EPERM || error == -EACCES || error == -ENETUNREACH ||
	       error == -EHOSTUNREACH;
}

/*
 * Whether anybody can hear us is judged by what is said to all; where nothing is, by the rest. The
 * node is told of each packet that the kernel refuses, and of the first that it takes again.
 */
static void judge_sending(struct sockets *s, struct port_pair *pair, const struct packet *d,
			  int error)
{
	enum family family = (enum family)d->destination.family;
	bool to_all = d->destination_port == rip_port(family) && datagram_is_to_all(d);
	bool was = pair->refused;
	struct input in;

	pair->says_to_all |= to_all;
	if (to_all || !pair->says_to_all)
		pair->refused = is_refusal(error);
	if (!is_refusal(error) && pair->refused == was)
		return;
	memset(&in, 0, sizeof(in));
	in.kind = INPUT_SENDING;
	in.sending.interface = pair->interface;
	in.sending.speaker = number_of(family);
	in.sending.ready = !pair->refused;
	if (is_refusal(error))
		text_copy(in.sending.error, sizeof(in.sending.error), strerror(-error));
	input_pass(&s->sink, &in);
}

/*
 * A good-bye in the name of an address that is not ours any more: the kernel sends it when it is
 * told not to look. Only for this packet, because such a socket would also get what others send to
 * foreign addresses, where a rule of the firewall leads it here (TPROXY).
 */
static int send_departed(int fd, const struct packet *d, const uint8_t *bytes, size_t length)
{
	enum family family = (enum family)d->destination.family;
	int error = datagram_any_source(fd, family, true);

	if (!error)
		error = datagram_send(fd, d->interface, &d->source, &d->destination,
				      d->destination_port, bytes, length);
	(void)datagram_any_source(fd, family, false);
	return error;
}

static int send_one(int fd, const struct packet *d, const uint8_t *bytes, size_t length)
{
	if (d->departed)
		return send_departed(fd, d, bytes, length);
	return datagram_send(fd, d->interface, &d->source, &d->destination, d->destination_port,
			     bytes, length);
}

/*
 * Questions leave from a port that another one knows only for as long as it is asked: who wants to
 * answer in a router's name has to find it. Between two questions that do not follow each other
 * closely nothing is lost by a change; and when they always do, an answer may be.
 */
static int question_port(struct port *p, enum family family)
{
	uint64_t now_ms = uv_now(p->pair->set->loop);
	bool rests = now_ms - p->used_ms >= QUESTION_REST_MS;
	int error;

	p->used_ms = now_ms;
	if (!rests && now_ms - p->named_ms < QUESTION_PORT_MS)
		return 0;
	error = datagram_renew(p->fd, p->pair->interface, family);
	p->named_ms = error ? 0 : now_ms;
	return error;
}

void sockets_send(struct sockets *s, const struct packet *d)
{
	enum family family = (enum family)d->destination.family;
	struct port_pair *pair = ports_find(&s->ports[family_index(family)], d->interface);
	uint8_t bytes[RIP_SEALED_MAX];
	size_t length = rip_seal(ring_of(s, d->interface, family), d, bytes);
	int error;

	if (!pair || d->socket >= PORTS_A_PAIR || length == 0) {
		s->counters.not_sent++;
		return;
	}
	error = d->socket == RIP_SOCKET_QUERY ? question_port(&pair->ports[d->socket], family) : 0;
	if (error == 0)
		error = send_one(pair->ports[d->socket].fd, d, bytes, length);
	if (error < 0)
		s->counters.not_sent++;
	else
		s->counters.sent++;
	if (!d->departed)
		judge_sending(s, pair, d, error);
}

struct sockets_counters sockets_counters(const struct sockets *s)
{
	struct sockets_counters ret = s->counters;

	for (size_t k = 0; k < FAMILIES; k++)
		list_each(link, &s->ports[k].pairs)
			ret.overrun += pair_overrun(container_of(link, struct port_pair, link));
	return ret;
}

size_t sockets_interfaces(const struct sockets *s, uint32_t *ret, uint8_t *ret_families, size_t max)
{
	size_t n = 0;

	for (size_t k = 0; k < FAMILIES; k++)
		list_each(link, &s->ports[k].pairs) {
			uint32_t index = container_of(link, struct port_pair, link)->interface;
			size_t i = 0;

			while (i < n && ret[i] != index)
				i++;
			if (i == max)
				continue;
			if (i == n) {
				ret[n] = index;
				ret_families[n++] = 0;
			}
			ret_families[i] |= (uint8_t)(1u << k);
		}
	return n;
}
