/* SPDX-License-Identifier: Apache-2.0 */
/* The values that inputs and effects carry: their tables of fields. */
#include "node/boundary.h"

#include <errno.h>
#include <string.h>

#include "fields/path.h"

bool object_is_same(const struct object *a, const struct object *b)
{
	if (a->kind != b->kind)
		return false;
	if (a->kind == OBJECT_NEXTHOP || a->kind == OBJECT_GROUP)
		return a->id == b->id;
	return a->interface == b->interface && a->length == b->length &&
	       address_equal(&a->address, &b->address);
}

bool object_content_equal(const struct object *a, const struct object *b)
{
	return a->interface == b->interface && address_equal(&a->address, &b->address) &&
	       a->id == b->id && a->n_members == b->n_members &&
	       memcmp(a->members, b->members, a->n_members * sizeof(a->members[0])) == 0;
}

static const struct field_word interface_words[] = {
	{ "physical", INTERFACE_PHYSICAL, NULL },
	{ "loopback", INTERFACE_LOOPBACK, NULL },
	{ "board", INTERFACE_BOARD, NULL },
	{ 0 },
};

static const struct field interface_fields[] = {
	FIELD(1, "index", struct interface, index),
	FIELD_NAME(2, "name", struct interface, name),
	FIELD_WORD(3, "kind", struct interface, kind, interface_words),
	FIELD(4, "up", struct interface, up),
	FIELD(5, "carrier", struct interface, carrier),
	FIELD(6, "multicast", struct interface, multicast),
	FIELD(7, "broadcast", struct interface, broadcast),
	FIELD(8, "mtu", struct interface, mtu),
	FIELD_BYTES(9, "mac", struct interface, mac),
	FIELD(10, "backend", struct interface, backend),
};
const struct record interface_record = RECORD("an interface", struct interface, interface_fields);

static const struct field_word object_words[] = {
	{ "address", OBJECT_ADDRESS, NULL },
	{ "local", OBJECT_LOCAL, NULL },
	{ "unreachable", OBJECT_UNREACHABLE, NULL },
	{ "arp-table", OBJECT_ARP_TABLE, NULL },
	{ "silence", OBJECT_SILENCE, NULL },
	{ "arp-sender", OBJECT_ARP_SENDER, NULL },
	{ "next-hop", OBJECT_NEXTHOP, NULL },
	{ "group", OBJECT_GROUP, NULL },
	{ "learned", OBJECT_LEARNED, NULL },
	{ "no-echo", OBJECT_NO_ECHO, NULL },
	{ 0 },
};

static const struct field object_fields[] = {
	FIELD_WORD(1, "object", struct object, kind, object_words),
	FIELD(2, "interface", struct object, interface),
	FIELD_HOST(3, "address", struct object, address, length),
	FIELD(4, "peer", struct object, peer),
	FIELD(5, "deprecated", struct object, deprecated),
	FIELD(6, "id", struct object, id),
	FIELD(7, "replace", struct object, replace),
	FIELD_LIST(8, "members", struct object, members, n_members),
};

static int object_check(const void *object, char *sentence, size_t size)
{
	const struct object *o = object;

	(void)sentence, (void)size;
	if (o->kind == 0 || (address_is_set(&o->peer) && o->peer.family != o->address.family))
		return -EINVAL;
	return 0;
}

const struct record object_record =
	RECORD("an object", struct object, object_fields, .check = object_check);

/* What arrived may have been longer than what is kept of it: the length comes behind, and counts.
 */
static const struct field packet_fields[] = {
	FIELD(1, "speaker", struct packet, speaker),
	FIELD(2, "interface", struct packet, interface),
	FIELD(3, "socket", struct packet, socket, .max = PACKET_SOCKETS_MAX - 1),
	FIELD(4, "source", struct packet, source),
	FIELD(5, "source_port", struct packet, source_port),
	FIELD(6, "departed", struct packet, departed),
	FIELD(7, "hop_limit", struct packet, hop_limit),
	FIELD(8, "destination", struct packet, destination),
	FIELD(9, "destination_port", struct packet, destination_port),
	FIELD(10, "auth", struct packet, auth, .max = AUTH_COUNT - 1),
	FIELD(11, "key", struct packet, key),
	FIELD(12, "sequence", struct packet, sequence),
	FIELD(13, "refused", struct packet, refused),
	FIELD(14, "reason", struct packet, reason),
	FIELD_BYTES_COUNTED(15, "bytes", struct packet, bytes, length),
	FIELD(16, "length", struct packet, length),
	FIELD(17, "question", struct packet, question),
	FIELD(18, "more", struct packet, more),
	FIELD(19, "at", struct packet, at),
};
const struct record packet_record = RECORD("a packet", struct packet, packet_fields);

static const struct field frame_fields[] = {
	FIELD(1, "interface", struct ether_frame, interface),
	FIELD_BYTES_COUNTED(2, "bytes", struct ether_frame, bytes, length),
	FIELD(3, "length", struct ether_frame, length),
};
const struct record frame_record = RECORD("a frame", struct ether_frame, frame_fields);

static const struct field stream_fields[] = {
	FIELD(1, "speaker", struct stream, speaker),
	FIELD(2, "number", struct stream, number),
	FIELD(3, "interface", struct stream, interface),
	FIELD(4, "listens", struct stream, listens),
	FIELD(5, "local", struct stream, local),
	FIELD(6, "remote", struct stream, remote),
	FIELD(7, "port", struct stream, port),
	FIELD(8, "hop_limit", struct stream, hop_limit),
	FIELD(9, "hop_limit_min", struct stream, hop_limit_min),
	FIELD(10, "credit", struct stream, credit),
	FIELD(11, "secret", struct stream, secret),
};

/* Its family is that of one of its ends. */
static int stream_check(const void *object, char *sentence, size_t size)
{
	const struct stream *s = object;

	(void)sentence, (void)size;
	return address_is_set(&s->remote) || (s->listens && address_is_set(&s->local)) ? 0
										       : -EINVAL;
}

const struct record stream_record =
	RECORD("a stream", struct stream, stream_fields, .check = stream_check);

static const struct field piece_fields[] = {
	FIELD(1, "speaker", struct stream_piece, speaker),
	FIELD(2, "number", struct stream_piece, number),
	FIELD_BYTES_COUNTED(3, "bytes", struct stream_piece, bytes, length),
};

static int piece_check(const void *object, char *sentence, size_t size)
{
	(void)sentence, (void)size;
	return ((const struct stream_piece *)object)->length > 0 ? 0 : -EINVAL;
}

const struct record stream_piece_record =
	RECORD("a piece of a stream", struct stream_piece, piece_fields, .check = piece_check);

static const struct field change_fields[] = {
	FIELD(1, "speaker", struct stream_change, speaker),
	FIELD(2, "number", struct stream_change, number),
	FIELD(3, "error", struct stream_change, error),
	FIELD(4, "credit", struct stream_change, credit),
};
const struct record stream_change_record =
	RECORD("a change of a stream", struct stream_change, change_fields);

static int request_check(const void *object, char *sentence, size_t size)
{
	(void)sentence, (void)size;
	return echo_request_check(object);
}

static const struct field request_fields[] = {
	FIELD(1, "token", struct echo_request, token),
	FIELD(2, "tries", struct echo_request, tries),
	FIELD_INTERVAL(3, "spacing", struct echo_request, spacing_us),
	FIELD_GROUP(4, "path", struct echo_request, path, path_record),
	FIELD(5, "source", struct echo_request, source),
	FIELD(6, "destination", struct echo_request, destination),
	FIELD(7, "patient", struct echo_request, patient),
};
const struct record echo_request_record =
	RECORD("a request for proof", struct echo_request, request_fields, .check = request_check);

static int proof_check(const void *object, char *sentence, size_t size)
{
	const struct echo_proof *p = object;

	(void)sentence, (void)size;
	return p->outcome < ECHO_OUTCOME_COUNT && p->refusal < ECHO_REFUSAL_COUNT ? 0 : -EINVAL;
}

static const struct field proof_fields[] = {
	FIELD(1, "token", struct echo_proof, token),
	FIELD(2, "outcome", struct echo_proof, outcome),
	FIELD(3, "refusal", struct echo_proof, refusal),
	FIELD(4, "tries", struct echo_proof, tries),
	FIELD_GROUP(5, "path", struct echo_proof, path, path_record, .flags = FIELD_OR_NONE),
	FIELD(6, "destination", struct echo_proof, destination),
	FIELD(7, "interface", struct echo_proof, interface),
	FIELD(8, "ttl", struct echo_proof, ttl),
	FIELD(9, "time", struct echo_proof, time_us),
	FIELD_BYTES(10, "mac", struct echo_proof, mac),
	FIELD(11, "by", struct echo_proof, by),
	FIELD(12, "questions", struct echo_proof, questions),
};
const struct record echo_proof_record =
	RECORD("a proof", struct echo_proof, proof_fields, .check = proof_check);
