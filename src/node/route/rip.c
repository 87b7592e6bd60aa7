/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RIP and RIPng behind the face for speakers: the only file of the node that knows them. Most of it
 * hands on what has the same form there; what only RIP has, its rescue above all, becomes sentences
 * for the journal here.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "node/protocol.h"
#include "proto/rip/packet.h"
#include "proto/rip/rip.h"
#include "proto/rip/seal.h"

/* RFC 2453 3.10.1: so long a router holds news back at the most; and a little more. */
#define DAMPING DURATION_S(5)
#define DAMPING_MARGIN DURATION_S(1)

/* A route of one protocol wins over those of the ones with more: as with other vendors. */
#define PREFERENCE 120

#define RIPNG_PACKET_MAX (4 + 460 * 20) /* of a jumbo frame */

struct rip_speaker {
	struct speaker speaker;
	struct rip *rip; /* owned */
	enum family family;
	struct rip_settings settings;
	struct packet_join heard;
};

_Static_assert(sizeof(struct rip_settings) <= SPEAKER_OWN_MAX, "settings have their place");
_Static_assert(sizeof(struct rip_speech) <= SPEAKER_OWN_MAX, "and those of an interface");
_Static_assert((int)RIP_DROP_COUNT <= NEIGHBOR_DROPS_MAX, "drops have theirs");
_Static_assert((int)RIP_UNICAST_MAX <= SPEAKER_UNICAST_MAX, "neighbours have theirs");
_Static_assert((int)RIP_SEALED_MAX <= PACKET_SEALED_MAX, "a sealed packet has its");
_Static_assert(RIP_NEIGHBORS_MAX == 256, "a sentence says so");

static struct rip *rip_of(const struct speaker *sp)
{
	return ((const struct rip_speaker *)sp)->rip;
}

static struct rip_settings settings_of(const struct speaker_settings *s)
{
	struct rip_settings ret;

	memcpy(&ret, s->own, sizeof(ret));
	return ret;
}

static struct speaker *make(const struct speaker_class *c, const struct speaker_settings *s,
			    uint64_t seed, uint64_t hash_seed)
{
	struct rip_speaker *sp = calloc(1, sizeof(*sp));

	if (!sp)
		return NULL;
	sp->speaker.class = c;
	sp->family = c->protocol == PROTOCOL_RIPNG ? FAMILY_IPV6 : FAMILY_IPV4;
	sp->settings = settings_of(s);
	sp->heard.max = RIPNG_PACKET_MAX;
	sp->rip = rip_new(sp->family, &sp->settings, seed);
	if (!sp->rip) {
		free(sp);
		return NULL;
	}
	rip_hash_seed(sp->rip, hash_seed);
	return &sp->speaker;
}

static void unmake(struct speaker *sp)
{
	packet_join_done(&((struct rip_speaker *)sp)->heard);
	rip_free(rip_of(sp));
	free(sp);
}

static void configure(struct speaker *speaker, struct instant now, const struct speaker_settings *s,
		      uint16_t mark)
{
	struct rip_speaker *sp = (struct rip_speaker *)speaker;

	sp->settings = settings_of(s);
	if (sp->settings.tag == 0)
		sp->settings.tag = mark;
	rip_configure(sp->rip, now, &sp->settings);
}

static struct speaker_pace pace(const struct speaker *sp)
{
	const struct rip_settings *s = &((const struct rip_speaker *)sp)->settings;

	return (struct speaker_pace){
		.repeat = s->update,
		.patience = s->timeout,
		.settle = { DAMPING.ns * s->distance + DAMPING_MARGIN.ns },
		.mark = s->tag,
		.metric = s->metric,
		.metric_rescue = s->distance + 2,
		.metric_last = RIP_INFINITY / 2,
	};
}

static int interface_set(struct speaker *sp, struct instant now, uint32_t index,
			 const struct speech_settings *s)
{
	struct rip_interface_settings of = {
		.version = ((const struct rip_speech *)s->own)->version,
		.cost = (uint8_t)s->cost,
		.passive = s->passive,
		.n_unicast = s->n_unicast,
		.auth = s->keys,
	};

	memcpy(of.unicast, s->unicast, sizeof(of.unicast));
	return rip_interface_set(rip_of(sp), now, index, &of);
}

static void interface_gone(struct speaker *sp, struct instant now, uint32_t index)
{
	rip_interface_remove(rip_of(sp), now, index);
}

static void set_link(struct speaker *sp, struct instant now, const struct speaker_link *link)
{
	rip_link(rip_of(sp), now, link);
}

/* RIPng sees by them which interfaces are on one wire, and every wire has fe80::/10. */
static void network(struct speaker *sp, uint32_t index, const struct prefix *p, bool present)
{
	enum family family = ((const struct rip_speaker *)sp)->family;

	if (p->address.family == family &&
	    (family == FAMILY_IPV4 || !address_is_link_local(&p->address)))
		(void)rip_network(rip_of(sp), index, p, present);
}

static void set_clock(struct speaker *sp, struct instant now, struct duration wall)
{
	rip_clock(rip_of(sp), now, wall);
}

static void secrets(struct speaker *sp, struct instant now, uint32_t index, uint32_t places)
{
	rip_secrets(rip_of(sp), now, index, places);
}

static void sequence(struct speaker *sp, uint64_t next)
{
	rip_sequence(rip_of(sp), (uint32_t)next);
}

static void sequence_heard(struct speaker *sp, struct instant now,
			   const struct keychain_sequence *s)
{
	rip_sequence_heard(rip_of(sp), now, s);
}

static bool sequence_next(const struct speaker *sp, size_t *position, struct keychain_sequence *ret)
{
	return rip_sequence_next(rip_of(sp), position, ret);
}

static int announce(struct speaker *sp, struct instant now, const struct prefix *p,
		    const struct prefix *stands_for, uint32_t metric)
{
	return rip_announce(rip_of(sp), now, p, stands_for, metric);
}

static int withdraw(struct speaker *sp, struct instant now, const struct prefix *p)
{
	return rip_withdraw(rip_of(sp), now, p);
}

static void reserve(struct speaker *sp, size_t count)
{
	rip_reserve(rip_of(sp), count);
}

static bool told(const struct speaker *sp, const struct prefix *p, unsigned *ret_accepted)
{
	return rip_is_told(rip_of(sp), p, ret_accepted);
}

static bool leaving(const struct speaker *sp, const struct prefix *p)
{
	return rip_is_leaving(rip_of(sp), p);
}

/* RFC 2080 2.1: as long as the link lets it be. It is read as if it had come as several. */
static void long_packet(struct rip *rip, struct instant now, const struct packet *p,
			const uint8_t *bytes, size_t length)
{
	struct rip_pieces pieces = { .bytes = bytes, .length = length };
	struct packet piece = *p;

	do {
		piece.length = (uint16_t)rip_piece_next(&pieces, piece.bytes);
		rip_input(rip, now, &piece);
	} while (pieces.at < pieces.length);
}

static void packet(struct speaker *sp, struct instant now, const struct packet *p)
{
	size_t length;
	const uint8_t *bytes = packet_join(&((struct rip_speaker *)sp)->heard, p, &length);

	if (bytes == p->bytes)
		rip_input(rip_of(sp), now, p);
	else if (bytes)
		long_packet(rip_of(sp), now, p, bytes, length);
}

static size_t seal(const struct keyring *keys, const struct packet *p, const uint8_t *bytes,
		   size_t length, uint8_t *to)
{
	(void)bytes, (void)length;
	return rip_seal(keys, p, to);
}

static const uint8_t *open(const struct keyring *keys, uint8_t *bytes, size_t *length,
			   struct packet *p)
{
	rip_open(keys, bytes, *length, p);
	*length = p->length;
	return p->bytes;
}

static void verdict(struct speaker *sp, struct instant now, uint32_t interface,
		    const struct address *neighbor, enum verdict v)
{
	rip_neighbor_liveness(rip_of(sp), now, interface, neighbor, v);
}

static bool farewell(const struct speaker *sp, uint32_t index, size_t *position,
		     struct farewell *ret)
{
	return rip_farewell_next(rip_of(sp), index, position, ret);
}

static struct instant deadline(const struct speaker *sp)
{
	return rip_deadline(rip_of(sp));
}

static void tick(struct speaker *sp, struct instant now)
{
	rip_tick(rip_of(sp), now);
}

static bool output(struct speaker *sp, struct instant now, struct speaker_output *ret)
{
	ret->kind = SPEAKER_SEND;
	return rip_output(rip_of(sp), now, &ret->packet);
}

/* What was done for a failure, in the journal's words. */
static void rescue_text(const struct rip_speaker *sp, const struct rip_event *e, char *text)
{
	const char *whose = sp->family == FAMILY_IPV6 ? "RIPng " : "";
	char failed[ADDRESS_TEXT_MAX + sizeof("its address  is gone")] = "failed";

	if (address_is_set(&e->neighbor))
		snprintf(failed, sizeof(failed), "its address %s is gone",
			 ADDRESS_TEXT(&e->neighbor));
	if (e->kind == RIP_EVENT_RESCUE)
		snprintf(text, SPEAKER_SENTENCE_MAX,
			 "%s; the others now announce %smetric %u, better than the route that is "
			 "lost",
			 failed, whose, e->metric);
	else if (e->kind == RIP_EVENT_NO_HEADROOM)
		snprintf(text, SPEAKER_SENTENCE_MAX,
			 "%s; the others now announce %smetric %u, which is not better by enough: "
			 "routers behind it switch only when they %s",
			 failed, whose, e->metric,
			 address_is_set(&e->neighbor) ? "hear the good-bye in its name, or "
							"time out"
						      : "time out");
	else
		snprintf(text, SPEAKER_SENTENCE_MAX, "relaxes to %smetric %u", whose, e->metric);
}

/* The face's word for it; those that are told in a sentence have it written into `text`. */
static enum speaker_event_kind event_kind(const struct rip_speaker *sp, const struct rip_event *e,
					  char *text)
{
	const char *sentence = "";
	enum speaker_event_kind kind = SPEAKER_EVENT_NOTE;

	switch ((enum rip_event_kind)e->kind) {
	case RIP_EVENT_NEIGHBOR_UP:
		return SPEAKER_EVENT_NEIGHBOR_UP;
	case RIP_EVENT_NEIGHBOR_DOWN:
		return SPEAKER_EVENT_NEIGHBOR_DOWN;
	case RIP_EVENT_ACCEPTED:
		return SPEAKER_EVENT_ACCEPTED;
	case RIP_EVENT_UNACCEPTED:
		return SPEAKER_EVENT_UNACCEPTED;
	case RIP_EVENT_RIVAL:
		return SPEAKER_EVENT_RIVAL;
	case RIP_EVENT_RIVAL_SURE:
		return SPEAKER_EVENT_RIVAL_SURE;
	case RIP_EVENT_RIVAL_GONE:
		return SPEAKER_EVENT_RIVAL_GONE;
	case RIP_EVENT_ANNOUNCED:
		return SPEAKER_EVENT_ANNOUNCED;
	case RIP_EVENT_WITHDRAWN:
		return SPEAKER_EVENT_WITHDRAWN;
	case RIP_EVENT_LEFT:
		return SPEAKER_EVENT_LEFT;
	case RIP_EVENT_SEQUENCE:
		return SPEAKER_EVENT_SEQUENCE;
	case RIP_EVENT_SOURCE_GONE:
		return SPEAKER_EVENT_SOURCE_GONE;
	case RIP_EVENT_RESCUE:
	case RIP_EVENT_NO_HEADROOM:
	case RIP_EVENT_RELAX:
		rescue_text(sp, e, text);
		return SPEAKER_EVENT_RESCUE;
	case RIP_EVENT_KEY:
		snprintf(text, SPEAKER_SENTENCE_MAX, "authenticates with key %u", e->key);
		return SPEAKER_EVENT_SPEAKS;
	case RIP_EVENT_MUTE:
		kind = SPEAKER_EVENT_SPEAKS;
		sentence = "none of its keys can be used now: nothing is sent or accepted there";
		break;
	case RIP_EVENT_CROWDED:
		sentence = "turned away, and maybe others: there is room for 256 neighbours in a "
			   "network, and those who are there are worth more";
		break;
	case RIP_EVENT_HOSTS_IGNORED:
		sentence = "speaks RIP-1 and ignores host routes: give its VIPs a network of "
			   "their own";
		break;
	}
	text_copy(text, SPEAKER_SENTENCE_MAX, sentence);
	return kind;
}

static bool event(struct speaker *sp, struct speaker_event *ret)
{
	struct rip_event e;

	if (!rip_event(rip_of(sp), &e))
		return false;
	ret->text[0] = '\0';
	ret->kind = (uint8_t)event_kind((const struct rip_speaker *)sp, &e, ret->text);
	ret->key = e.key;
	ret->interface = e.interface;
	ret->metric = e.metric;
	ret->sequence = e.sequence;
	ret->neighbor = e.neighbor;
	ret->prefix = e.prefix;
	return true;
}

static int learn(struct speaker *sp, struct instant now, uint32_t index,
		 const struct route_filter *filter)
{
	return rip_learn(rip_of(sp), now, index, filter);
}

static bool learned(struct speaker *sp, struct instant now, struct route *ret)
{
	return rip_learned(rip_of(sp), now, ret);
}

static void route(const struct speaker *sp, struct instant now, const struct prefix *p,
		  struct route *ret)
{
	rip_learned_of(rip_of(sp), now, p, ret);
}

static void learn_again(struct speaker *sp)
{
	rip_learn_again(rip_of(sp));
}

static bool heard(const struct speaker *sp, struct instant now, const struct prefix *p,
		  struct route_heard *ret)
{
	return rip_heard(rip_of(sp), now, p, ret);
}

static bool rival(const struct speaker *sp, const struct prefix *p, struct route_heard *ret)
{
	return rip_rival(rip_of(sp), p, ret);
}

static bool rival_next(const struct speaker *sp, size_t *position, struct prefix *ret_prefix,
		       struct route_heard *ret)
{
	return rip_rival_next(rip_of(sp), position, ret_prefix, ret);
}

static struct speaker_overlaps *overlaps(const struct speaker *sp, struct instant now)
{
	return (struct speaker_overlaps *)rip_overlaps_new(rip_of(sp), now);
}

static void overlaps_gone(struct speaker_overlaps *o)
{
	overlaps_free((struct overlaps *)o);
}

static bool overlap(const struct speaker_overlaps *o, const struct prefix *p,
		    struct prefix *ret_other, struct route_heard *ret)
{
	return rip_overlaps_find((const struct overlaps *)o, p, ret_other, ret);
}

static enum proof proof(const struct speaker *sp, const struct prefix *p, uint32_t interface,
			const struct address *neighbor)
{
	return rip_proof(rip_of(sp), p, interface, neighbor);
}

static bool neighbor_next(const struct speaker *sp, struct instant now, size_t *position,
			  struct neighbor *ret)
{
	return rip_neighbor_next(rip_of(sp), now, position, ret);
}

static bool interface_next(const struct speaker *sp, struct instant now, size_t *position,
			   struct speaker_interface *ret)
{
	return rip_interface_next(rip_of(sp), now, position, ret);
}

static const char *version_name(uint8_t version)
{
	return version == RIP_VERSION_COMPATIBLE ? "compatible" : NULL;
}

static const char *drop_name(uint8_t reason)
{
	return rip_drop_name((enum rip_drop)reason);
}

static enum drop_about drop_about(uint8_t reason)
{
	if (reason == RIP_DROP_AUTHENTICATION)
		return DROP_NO_KEY;
	if (reason > RIP_DROP_AUTHENTICATION && reason <= RIP_DROP_AUTH_REPLAY)
		return DROP_KEY;
	return reason == RIP_DROP_UNASKED      ? DROP_UNASKED
	       : reason == RIP_DROP_OFF_LINK   ? DROP_OFF_LINK
	       : reason == RIP_DROP_TABLE_FULL ? DROP_CROWD
					       : DROP_OTHER;
}

/* By their places these are enum rip_socket. */
#define SOCKETS(of, number, limit, ...)                                                            \
	{                                                                                          \
		{ .transport = SPEAKER_UDP,                                                        \
		  .family = (of),                                                                  \
		  .port = (number),                                                                \
		  .hop_limit = (limit),                                                            \
		  .group = { .family = (of), .bytes = { __VA_ARGS__ } } },                         \
			{ .transport = SPEAKER_UDP,                                                \
			  .family = (of),                                                          \
			  .questions = true,                                                       \
			  .hop_limit = (limit),                                                    \
			  .group = { .family = (of), .bytes = { __VA_ARGS__ } } },                 \
	}

static const struct speaker_socket rip_sockets[] = SOCKETS(FAMILY_IPV4, RIP_PORT, 0, 224, 0, 0, 9);

/* RFC 2080 2.4.2: by 255 everybody sees that no router has handed it on. */
static const struct speaker_socket ripng_sockets[] =
	SOCKETS(FAMILY_IPV6, RIPNG_PORT, 255, 0xff, 0x02, [15] = 0x09);

#define CLASS                                                                                      \
	.suite = "rip", .shows = "poison", .preference = PREFERENCE, .n_sockets = 2,               \
	.n_drops = RIP_DROP_COUNT, .neighbors_max = RIP_NEIGHBORS_MAX, .metric_max = RIP_COST_MAX, \
	.drop_name = drop_name, .version_name = version_name, .drop_about = drop_about,            \
	.secret_max = rip_secret_max, .settings = &rip_settings_record, .make = make,              \
	.free = unmake, .configure = configure, .pace = pace, .interface_set = interface_set,      \
	.interface_gone = interface_gone, .link = set_link, .network = network,                    \
	.clock = set_clock, .secrets = secrets, .sequence = sequence,                              \
	.sequence_heard = sequence_heard, .sequence_next = sequence_next, .announce = announce,    \
	.withdraw = withdraw, .reserve = reserve, .told = told, .leaving = leaving,                \
	.packet = packet, .verdict = verdict, .farewell = farewell, .deadline = deadline,          \
	.tick = tick, .output = output, .event = event, .learn = learn, .learned = learned,        \
	.route = route, .learn_again = learn_again, .heard = heard, .rival = rival,                \
	.rival_next = rival_next, .overlaps = overlaps, .overlaps_free = overlaps_gone,            \
	.overlap = overlap, .proof = proof, .neighbor_next = neighbor_next,                        \
	.interface_next = interface_next

const struct speaker_class protocol_rip = {
	.name = "rip",
	.title = "RIP",
	.nobody = "not announced: no interface speaks RIP now",
	.protocol = PROTOCOL_RIP,
	.families = 1,
	.sockets = rip_sockets,
	.speech = &rip_interface_record,
	.seal = seal,
	.open = open,
	CLASS,
};

/* RFC 2080 3 leaves keys to IPsec, and 2.1 the length of packets to the link. */
const struct speaker_class protocol_ripng = {
	.name = "ripng",
	.title = "RIPng",
	.nobody = "not announced: no interface speaks RIPng now",
	.protocol = PROTOCOL_RIPNG,
	.families = 2,
	.link_local = true,
	.sockets = ripng_sockets,
	.speech = &ripng_interface_record,
	.packet_max = RIPNG_PACKET_MAX,
	CLASS,
};
