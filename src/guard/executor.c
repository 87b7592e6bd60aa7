/* SPDX-License-Identifier: Apache-2.0 */
#include "guard/executor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/container.h"
#include "guard/remains.h"
#include "linux/datagram.h"
#include "linux/netlock.h"
#include "linux/secret.h"
#include "linux/statefile.h"
#include "linux/wall.h"
#include "node/protocol.h"
#include "node/will.h"

/* What is in the kernel is worth so much delay of the good-byes for what is known anyway. */
#define READ_MAX DURATION_S(1)

/* The kernel has all it takes to remove everything within a second. */
#define REMOVAL_MAX DURATION_S(10)

/* For which the loop may not look at anything else. */
#define SLICE DURATION_MS(5)

/* Good-byes go out on the interfaces that fit. */
#define SOCKETS_MAX 512

struct executor {
	struct notes *notes;
	struct statefile *state; /* owned; NULL: it could not be had, and nothing is known */
	struct netlock realm;
	struct will *will; /* owned; NULL: all is said */
	struct mouth {
		uint32_t interface;
		uint16_t speaker;
		uint8_t socket;
		const struct speaker_class *class;
		int fd;
		struct keyring keys;
		uint32_t secrets; /* that were found, by the places of the keys */
	} sockets[SOCKETS_MAX];
	size_t n_sockets, n_interfaces;
	struct will_count count;
	bool unknown; /* a record was lost for want of memory */
	unsigned sent, not_sent;
	struct instant deadline;
	struct remains *remains; /* owned; NULL: the kernel cannot be asked */
	bool begun;		 /* it speaks, or has spoken */
	bool removing;
	struct instant give_up; /* the reading of the kernel, then the removal */
};

static void record_read(void *context, const struct saved *s)
{
	struct executor *e = context;

	e->unknown |= will_record(e->will, s) < 0;
}

static void records_read(struct executor *e)
{
	char sentence[256];

	if (statefile_explain(e->state, sentence, sizeof(sentence)))
		notes_print(e->notes, LOG_LEVEL_ERROR, "%s", sentence);
	statefile_each(e->state, record_read, e);
}

/*
 * The records name the files that have the secrets; they are read now, because nobody else should
 * keep them, and what is in them now is what the neighbours have by now.
 */
static void secrets_find(struct executor *e, const struct farewell *f, struct mouth *m)
{
	const struct keychain *auth = &f->keys;
	char why[256] = "";

	if (auth->type == AUTH_NONE)
		return;
	m->secrets = secrets_read(auth, m->class->secret_max((enum auth_type)auth->type), &m->keys,
				  why, sizeof(why));
	if (why[0])
		notes_print(e->notes, LOG_LEVEL_WARNING,
			    "a key of the interface with the index %u cannot be used: %s",
			    f->interface, why);
}

static bool has_socket(const struct executor *e, uint32_t interface)
{
	for (size_t i = 0; i < e->n_sockets; i++)
		if (e->sockets[i].interface == interface)
			return true;
	return false;
}

/* The socket of a speaker on an interface; NULL: there is none. */
static struct mouth *mouth_find(struct executor *e, uint16_t speaker, uint32_t interface,
				uint8_t socket)
{
	for (size_t i = 0; i < e->n_sockets; i++)
		if (e->sockets[i].interface == interface && e->sockets[i].speaker == speaker &&
		    e->sockets[i].socket == socket)
			return &e->sockets[i];
	return NULL;
}

static struct mouth *mouth_open(struct executor *e, const struct saved_farewell *f,
				const char **ret_why)
{
	const struct speaker_class *class = protocol_class(f->protocol);
	const struct speaker_socket *socket;
	struct mouth *m = &e->sockets[e->n_sockets];
	int fd;

	*ret_why = "there are too many";
	if (e->n_sockets == ARRAY_LENGTH(e->sockets))
		return NULL;
	*ret_why = "its protocol is not known here";
	if (!class || f->is.socket >= class->n_sockets ||
	    (f->is.keys.type != AUTH_NONE && !class->seal))
		return NULL;
	socket = &class->sockets[f->is.socket];
	fd = datagram_open(f->is.interface, socket, ret_why);
	if (fd < 0)
		return NULL;
	/* The node may have died before it heard that an address is gone. */
	(void)datagram_any_source(fd, (enum family)socket->family, true);
	e->n_interfaces += !has_socket(e, f->is.interface);
	e->n_sockets++;
	*m = (struct mouth){ .interface = f->is.interface,
			     .speaker = f->speaker,
			     .socket = f->is.socket,
			     .class = class,
			     .fd = fd };
	secrets_find(e, &f->is, m);
	return m;
}

/*
 * One socket for each interface that is still there, and each speaker on it; what would be said
 * elsewhere is taken out of the will.
 */
static void sockets_open(struct executor *e)
{
	const struct saved_farewell *f;
	const char *why = "";

	for (size_t at = 0; (f = will_farewell_next(e->will, &at));) {
		const struct mouth *m = mouth_find(e, f->speaker, f->is.interface, f->is.socket);

		if (!m)
			m = mouth_open(e, f, &why);
		if (m) {
			will_secrets(e->will, f, m->secrets);
			continue;
		}
		notes_print(e->notes, LOG_LEVEL_WARNING,
			    "no good-byes on the interface with the index %u: %s", f->is.interface,
			    why);
		will_drop(e->will, f);
		at--;
	}
}

static void sockets_close(struct executor *e)
{
	while (e->n_sockets > 0)
		close(e->sockets[--e->n_sockets].fd);
}

/*
 * Two vipd cannot tell their marks in the kernel apart: who has the network namespace now looks
 * after all that is in it, and has said good-bye for what was not his. False, with *ret_error, when
 * it is not ours; that it cannot be had for another reason stops nobody.
 */
static bool realm_take(struct executor *e, const char *directory, int *ret_error)
{
	struct netlock_holder h;

	*ret_error = netlock_take(NETLOCK_GUARD, directory, &e->realm, &h);
	if (*ret_error != -EADDRINUSE)
		return true;
	if (h.guard)
		*ret_error = -EBUSY;
	else
		notes_print(e->notes, LOG_LEVEL_WARNING,
			    "another vipd (process %d, socket %s) has this network namespace: what "
			    "is left here is its business",
			    (int)h.pid, h.path);
	return false;
}

int executor_new(const char *directory, struct notes *notes, struct instant now,
		 struct executor **ret)
{
	struct executor *e = calloc(1, sizeof(*e));
	int error, taken;

	if (!e)
		return -ENOMEM;
	e->notes = notes;
	e->realm = (struct netlock){ -1, -1 };
	e->will = will_new();
	error = e->will ? statefile_look(directory, &e->state) : -ENOMEM;
	if (error == -EWOULDBLOCK || error == -ENOMEM) {
		executor_free(e);
		return error;
	}
	if (!realm_take(e, directory, &taken)) {
		executor_free(e);
		return taken;
	}
	/* What is in the kernel can be removed all the same. */
	if (error)
		notes_print(notes, LOG_LEVEL_ERROR, "%s: %s: what was announced is not known",
			    directory, strerror(-error));
	else
		records_read(e);
	sockets_open(e);
	error = remains_new(&e->remains);
	if (error)
		notes_print(notes, LOG_LEVEL_ERROR,
			    "what vipd has left in the kernel stays there: %s", strerror(-error));
	e->deadline = now;
	e->give_up = instant_add(now, READ_MAX);
	*ret = e;
	return 0;
}

void executor_free(struct executor *e)
{
	if (!e)
		return;
	remains_free(e->remains);
	will_free(e->will);
	sockets_close(e);
	netlock_release(&e->realm);
	statefile_close(e->state);
	explicit_bzero(e->sockets, sizeof(e->sockets));
	free(e);
}

static void found(void *context, const struct prefix *p)
{
	struct executor *e = context;

	e->unknown |= will_found(e->will, p) < 0;
}

/*
 * The kernel knows of VIPs that the records do not, when they were damaged or could not be written.
 * False while it is still being read.
 */
static bool begin(struct executor *e, struct instant now)
{
	if (e->remains && !remains_is_read(e->remains) && !instant_reached(e->give_up, now)) {
		e->deadline = e->give_up;
		return false;
	}
	if (e->remains && remains_is_read(e->remains))
		remains_each(e->remains, found, e);
	e->unknown |= will_begin(e->will, now, wall_offset()) < 0;
	e->count = will_count(e->will);
	if (e->count.unknown)
		notes_print(e->notes, LOG_LEVEL_WARNING,
			    "%zu VIPs and networks are in the kernel and in no record%s",
			    e->count.unknown,
			    e->n_sockets ? ": good-bye is said for them too"
					 : ", and no record says where vipd spoke: nobody hears "
					   "that they go");
	e->begun = true;
	return true;
}

static void send_one(struct executor *e, const struct packet *d)
{
	const struct mouth *m = mouth_find(e, d->speaker, d->interface, d->socket);
	uint8_t bytes[PACKET_SEALED_MAX];
	size_t length = m ? speaker_seal(m->class, &m->keys, d, d->bytes, d->length, bytes) : 0;

	if (length > 0 && datagram_send(m->fd, d, bytes, length) == 0)
		e->sent++;
	else
		e->not_sent++;
}

static void said(struct executor *e)
{
	notes_print(e->notes, LOG_LEVEL_NOTICE,
		    "good-bye is said for %zu VIPs on %zu interfaces, in %u packets", e->count.vips,
		    e->n_interfaces, e->sent);
	if (e->not_sent)
		notes_print(e->notes, LOG_LEVEL_WARNING, "%u packets could not be sent",
			    e->not_sent);
	if (e->unknown)
		notes_print(e->notes, LOG_LEVEL_ERROR,
			    "there was too little memory to say good-bye for all");
	will_free(e->will);
	e->will = NULL;
	sockets_close(e);
}

static void speak(struct executor *e, struct instant now)
{
	struct packet d;

	while (will_output(e->will, now, &d))
		send_one(e, &d);
	if (will_is_said(e->will))
		said(e);
	else
		e->deadline = will_deadline(e->will);
}

static void removal_begin(struct executor *e, struct instant now)
{
	e->removing = true;
	e->give_up = instant_add(now, REMOVAL_MAX);
	remains_remove(e->remains);
}

static void removed(struct executor *e)
{
	const struct remains_count *c = remains_count(e->remains);

	notes_print(e->notes, LOG_LEVEL_NOTICE, "removed %zu boards with %zu VIPs, and %zu routes",
		    c->boards, c->addresses, c->routes);
	if (c->failed)
		notes_print(e->notes, LOG_LEVEL_ERROR, "%zu things could not be removed: %s",
			    c->failed, c->reason);
	if (!remains_done(e->remains))
		notes_print(e->notes, LOG_LEVEL_ERROR,
			    "the kernel does not answer: something may be left behind");
}

bool executor_run(struct executor *e, struct instant now)
{
	bool more = e->remains && remains_run(e->remains, instant_add(now, SLICE));

	if (!e->begun && !begin(e, now)) {
		e->deadline = more ? now : e->deadline;
		return false;
	}
	if (e->will)
		speak(e, now);
	if (e->will)
		return false;
	if (!e->remains)
		return true;
	if (!e->removing) {
		removal_begin(e, now);
		more = true;
	}
	e->deadline = more ? now : e->give_up;
	if (!remains_done(e->remains) && !instant_reached(e->give_up, now))
		return false;
	removed(e);
	return true;
}

struct instant executor_deadline(const struct executor *e)
{
	return e->deadline;
}

int executor_fd(const struct executor *e)
{
	return e->remains ? remains_fd(e->remains) : -1;
}
