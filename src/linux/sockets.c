/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sockets of each speaker are a set of their own, as its protocol's face wants them; so are the
 * secrets of its interfaces. What the bytes mean nobody here knows.
 */
#include "linux/sockets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "linux/datagram.h"
#include "linux/ports.h"
#include "linux/secret.h"

/* A question that comes so long after the last one has a port of its own; each has after longer. */
#define QUESTION_REST_MS 2000
#define QUESTION_PORT_MS 30000

/* The secrets of an interface that has keys. */
struct ring {
	struct list link;
	uint32_t interface;
	struct keyring keys;
};

/* What one speaker has; the place of a port among those of an interface is its packet's socket. */
struct voice {
	struct list link;
	struct sockets *set;
	const struct speaker_class *class;
	uint16_t speaker;
	struct ports ports;
	struct list rings;	 /* owned */
	struct packet_join sent; /* what is to be sent and has not come whole yet */
};

struct sockets {
	uv_loop_t *loop;
	struct input_sink sink;
	struct list voices; /* owned */
	struct sockets_counters counters;
	struct datagram packets[PACKETS_A_READ];
	uint8_t sealed[PACKET_LONG_MAX + PACKET_SEAL_MAX];
};

static struct voice *voice_find(const struct sockets *s, uint16_t speaker)
{
	list_each_entry(struct voice, v, &s->voices, link)
		if (v->speaker == speaker)
			return v;
	return NULL;
}

static struct ring *ring_find(const struct voice *v, uint32_t interface)
{
	list_each_entry(struct ring, r, &v->rings, link)
		if (r->interface == interface)
			return r;
	return NULL;
}

static const struct keyring *ring_of(const struct voice *v, uint32_t interface)
{
	static const struct keyring none = { .type = AUTH_NONE };
	const struct ring *r = ring_find(v, interface);

	return r ? &r->keys : &none;
}

static void ring_free(struct ring *r)
{
	list_remove(&r->link);
	explicit_bzero(r, sizeof(*r));
	free(r);
}

/* Without memory it has no secret: nothing is sent, and nothing believed. */
static uint32_t ring_read(struct voice *v, uint32_t interface, const struct keychain *keys,
			  char *error, size_t size)
{
	struct ring *r = ring_find(v, interface);

	if (keys->type == AUTH_NONE) {
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
		list_append(&v->rings, &r->link);
	}
	return secrets_read(keys, v->class->secret_max((enum auth_type)keys->type), &r->keys, error,
			    size);
}

/* A packet that is longer than what an input has room for is given to the node in pieces. */
static void deliver(struct voice *v, const uint8_t *bytes, size_t length, struct input *in)
{
	struct packet *p = &in->packet;

	if (length > PACKET_BYTES_MAX && length > v->class->packet_max) {
		memcpy(p->bytes, bytes, PACKET_BYTES_MAX);
		p->length = (uint16_t)length;
		input_pass(&v->set->sink, in);
		return;
	}
	do {
		packet_cut(p, bytes, length);
		input_pass(&v->set->sink, in);
		p->at = (uint16_t)(p->at + p->length);
	} while (p->more);
}

/* A raw socket of IPv4 gives the packet with its header. */
static size_t header_length(const struct speaker_socket *socket, const struct datagram *packet)
{
	size_t length = (packet->bytes[0] & 0xfu) * 4u;

	if (socket->transport != SPEAKER_RAW || socket->family != FAMILY_IPV4)
		return 0;
	return length < packet->length ? length : packet->length;
}

static void port_deliver(struct voice *v, const struct port *p, struct datagram *packet)
{
	const struct speaker_socket *socket = &v->class->sockets[p->which];
	size_t header = header_length(socket, packet);
	size_t length = packet->length - header;
	const uint8_t *bytes = packet->bytes + header;
	struct input in;

	memset(&in, 0, sizeof(in));
	in.kind = INPUT_PACKET;
	in.packet.speaker = v->speaker;
	in.packet.interface = p->pair->interface;
	in.packet.socket = p->which;
	in.packet.source = packet->source;
	in.packet.source_port = packet->source_port;
	in.packet.destination = packet->destination;
	in.packet.hop_limit = packet->hop_limit;
	in.packet.destination_port = socket->transport == SPEAKER_UDP ? socket->port : 0;
	v->set->counters.received++;
	if (v->class->open)
		bytes = v->class->open(ring_of(v, in.packet.interface), packet->bytes + header,
				       &length, &in.packet);
	if (bytes == in.packet.bytes)
		input_pass(&v->set->sink, &in);
	else
		deliver(v, bytes, length, &in);
}

static size_t port_read(void *context, struct port *p)
{
	struct voice *v = context;
	struct datagram *packets = v->set->packets;
	size_t n = datagram_receive(p->fd, packets, PACKETS_A_READ);

	for (size_t i = 0; i < n && p->fd >= 0; i++)
		port_deliver(v, p, &packets[i]);
	return n;
}

static int port_open(void *context, const struct port *p, const char **ret_why)
{
	const struct voice *v = context;

	return datagram_open(p->pair->interface, &v->class->sockets[p->which], ret_why);
}

struct sockets *sockets_new(uv_loop_t *loop, const struct input_sink *sink)
{
	struct sockets *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->loop = loop;
	s->sink = *sink;
	list_init(&s->voices);
	return s;
}

static struct voice *voice_make(struct sockets *s, uint16_t speaker, const struct speaker_class *c)
{
	struct voice *v = calloc(1, sizeof(*v));

	if (!v)
		return NULL;
	v->set = s;
	v->class = c;
	v->speaker = speaker;
	list_init(&v->rings);
	v->sent.max = PACKET_LONG_MAX;
	list_append(&s->voices, &v->link);
	ports_init(&v->ports, s->loop, c->n_sockets,
		   &(struct ports_hooks){ v, port_open, port_read });
	return v;
}

void sockets_free(struct sockets *s)
{
	if (!s)
		return;
	list_each_entry_safe(struct voice, v, &s->voices, link) {
		ports_done(&v->ports);
		list_each_safe(ring, &v->rings)
			ring_free(container_of(ring, struct ring, link));
		packet_join_done(&v->sent);
		free(v);
	}
	free(s);
}

/* What the kernel has dropped of the sockets, since they are open. */
static uint64_t pair_overrun(const struct port_pair *pair)
{
	uint64_t sum = 0;

	for (size_t k = 0; k < pair->set->n_ports; k++)
		sum += pair->ports[k].fd >= 0 ? datagram_dropped(pair->ports[k].fd) : 0;
	return sum;
}

static void sockets_shut(struct sockets *s, struct voice *v, uint32_t interface)
{
	static const struct keychain none = { .type = AUTH_NONE };
	struct port_pair *pair = ports_find(&v->ports, interface);

	if (pair) {
		s->counters.overrun += pair_overrun(pair);
		ports_close(pair);
	}
	(void)ring_read(v, interface, &none, NULL, 0);
}

void sockets_listen(struct sockets *s, uint32_t interface, uint16_t speaker,
		    const struct speaker_class *class, const struct keychain *keys)
{
	struct voice *v = voice_find(s, speaker);
	const char *why = class ? "no memory" : "nobody here knows this protocol";
	struct input in;

	if (!keys) {
		if (v)
			sockets_shut(s, v, interface);
		return;
	}
	if (!v && class)
		v = voice_make(s, speaker, class);
	memset(&in, 0, sizeof(in));
	in.kind = INPUT_LISTENING;
	in.listening.interface = interface;
	in.listening.speaker = speaker;
	if (v) {
		why = "";
		in.listening.ready = ports_find(&v->ports, interface) ||
				     ports_open(&v->ports, interface, &why) == 0;
	}
	text_copy(in.listening.error, sizeof(in.listening.error), why);
	if (in.listening.ready)
		in.listening.secrets = ring_read(v, interface, keys, in.listening.error,
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
static void judge_sending(struct voice *v, struct port_pair *pair, const struct packet *d,
			  int error)
{
	bool to_all = datagram_is_to_all(d) && !v->class->sockets[d->socket].questions;
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
	in.sending.speaker = v->speaker;
	in.sending.ready = !pair->refused;
	if (is_refusal(error))
		text_copy(in.sending.error, sizeof(in.sending.error), strerror(-error));
	input_pass(&v->set->sink, &in);
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
		error = datagram_send(fd, d, bytes, length);
	(void)datagram_any_source(fd, family, false);
	return error;
}

static int send_one(int fd, const struct packet *d, const uint8_t *bytes, size_t length)
{
	if (d->departed)
		return send_departed(fd, d, bytes, length);
	return datagram_send(fd, d, bytes, length);
}

/*
 * Questions leave from a port that another one knows only for as long as it is asked: who wants to
 * answer in a router's name has to find it. Between two questions that do not follow each other
 * closely nothing is lost by a change; and when they always do, an answer may be.
 */
static int question_port(struct port *p, const struct speaker_socket *socket)
{
	uint64_t now_ms = uv_now(p->pair->set->loop);
	bool rests = now_ms - p->used_ms >= QUESTION_REST_MS;
	int error;

	p->used_ms = now_ms;
	if (!rests && now_ms - p->named_ms < QUESTION_PORT_MS)
		return 0;
	error = datagram_renew(p->fd, p->pair->interface, (enum family)socket->family);
	p->named_ms = error ? 0 : now_ms;
	return error;
}

/* What is to be sent, sealed, once all of its pieces are there. Its length; 0: it cannot be. */
static size_t whole_seal(struct voice *v, const struct port_pair *pair, const struct packet *d,
			 bool *ret_more)
{
	size_t length = 0;
	const uint8_t *bytes = packet_join(&v->sent, d, &length);

	*ret_more = !bytes && d->more;
	if (!bytes || !pair || d->socket >= v->ports.n_ports)
		return 0;
	return speaker_seal(v->class, ring_of(v, d->interface), d, bytes, length, v->set->sealed);
}

void sockets_send(struct sockets *s, const struct packet *d)
{
	struct voice *v = voice_find(s, d->speaker);
	struct port_pair *pair = v ? ports_find(&v->ports, d->interface) : NULL;
	const struct speaker_socket *socket;
	bool more = false;
	size_t length = v ? whole_seal(v, pair, d, &more) : 0;
	int error;

	if (more)
		return;
	if (length == 0) {
		s->counters.not_sent++;
		return;
	}
	socket = &v->class->sockets[d->socket];
	error = socket->questions ? question_port(&pair->ports[d->socket], socket) : 0;
	if (error == 0)
		error = send_one(pair->ports[d->socket].fd, d, s->sealed, length);
	if (error < 0)
		s->counters.not_sent++;
	else
		s->counters.sent++;
	if (!d->departed)
		judge_sending(v, pair, d, error);
}

struct sockets_counters sockets_counters(const struct sockets *s)
{
	struct sockets_counters ret = s->counters;

	list_each(voice, &s->voices)
		list_each(link, &container_of(voice, struct voice, link)->ports.pairs)
			ret.overrun += pair_overrun(container_of(link, struct port_pair, link));
	return ret;
}

size_t sockets_spoken(const struct sockets *s, struct sockets_spoken *ret, size_t max)
{
	size_t n = 0;

	list_each_entry(const struct voice, v, &s->voices, link) {
		list_each(link, &v->ports.pairs)
			if (n < max)
				ret[n++] = (struct sockets_spoken){ container_of(link,
										 struct port_pair,
										 link)
									    ->interface,
								    v->class };
	}
	return n;
}
