/* SPDX-License-Identifier: Apache-2.0 */
#include "net/packet.h"

#include <stdlib.h>
#include <string.h>

static bool join_reserve(struct packet_join *j, size_t length)
{
	size_t capacity = j->capacity ? j->capacity : 4 * (size_t)PACKET_BYTES_MAX;
	uint8_t *bytes;

	if (length <= j->capacity)
		return true;
	while (capacity < length)
		capacity *= 2;
	bytes = realloc(j->bytes, capacity);
	if (!bytes)
		return false;
	j->bytes = bytes;
	j->capacity = capacity;
	return true;
}

const uint8_t *packet_join(struct packet_join *j, const struct packet *p, size_t *ret_length)
{
	size_t length = j->length + p->length;

	if (p->at == 0 && !p->more) {
		j->length = 0;
		*ret_length = p->length;
		return p->bytes;
	}
	if (p->at == 0) {
		length = p->length;
		j->length = 0;
		j->interface = p->interface;
	}
	if (p->length > PACKET_BYTES_MAX || p->at != j->length || p->interface != j->interface ||
	    length > j->max || !join_reserve(j, length)) {
		j->length = 0;
		return NULL;
	}
	memcpy(j->bytes + j->length, p->bytes, p->length);
	j->length = length;
	if (p->more)
		return NULL;
	j->length = 0;
	*ret_length = length;
	return j->bytes;
}

void packet_join_done(struct packet_join *j)
{
	free(j->bytes);
	*j = (struct packet_join){ .max = j->max };
}

void packet_cut(struct packet *p, const uint8_t *bytes, size_t length)
{
	size_t left = length - p->at, piece = left < PACKET_BYTES_MAX ? left : PACKET_BYTES_MAX;

	p->more = piece < left;
	p->length = (uint16_t)piece;
	memcpy(p->bytes, bytes + p->at, piece);
}
