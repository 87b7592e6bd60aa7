/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OSPFv2 and OSPFv3 behind the face for speakers: the only file of the node that knows them, but
 * for their views (ospf_view.c). Packets of more than a frame are joined and cut here, so the
 * speaker knows whole ones only.
 */
#include <stdlib.h>
#include <string.h>

#include "node/protocol.h"
#include "node/route/ospf_view.h"
#include "proto/ospf/ospf.h"

/* A route of one protocol wins over those of the ones with more: as with other vendors. */
#define PREFERENCE 110

/* After a restart, beside the time that neighbours bear to hear nothing. */
#define EXCHANGE DURATION_S(10)

/* A host that starts has the databases of its neighbours after so long, for all that is usual. */
#define REPEAT_MIN DURATION_S(5)

_Static_assert(sizeof(struct ospf_settings) <= SPEAKER_OWN_MAX, "settings have their place");
_Static_assert(sizeof(struct ospf_speech) <= SPEAKER_OWN_MAX, "and those of an interface");
_Static_assert((int)OSPF_DROP_COUNT <= NEIGHBOR_DROPS_MAX, "drops have theirs");
_Static_assert((int)OSPF_SEAL_MAX <= PACKET_SEAL_MAX, "a seal has its");
_Static_assert((int)OSPF_PACKET_MAX <= PACKET_LONG_MAX, "and a packet");

struct ospf_speaker {
	struct speaker speaker;
	struct ospf *ospf; /* owned */
	enum family family;
	struct ospf_settings settings;
	struct duration dead; /* the longest of its interfaces, since they were configured */
	struct packet_join heard;
	/* What has been said of a long packet so far, and all of its bytes. */
	struct packet leaving;
	uint8_t *bytes; /* owned */
	size_t length;
};

struct ospf *ospf_of(const struct speaker *sp)
{
	return ((const struct ospf_speaker *)sp)->ospf;
}

static struct ospf_settings settings_of(const struct speaker_settings *s)
{
	struct ospf_settings ret;

	memcpy(&ret, s->own, sizeof(ret));
	return ret;
}

static struct speaker *make(const struct speaker_class *c, const struct speaker_settings *s,
			    uint64_t seed, uint64_t hash_seed)
{
	struct ospf_speaker *sp = calloc(1, sizeof(*sp));

	if (!sp)
		return NULL;
	sp->speaker.class = c;
	sp->family = c->protocol == PROTOCOL_OSPFV3 ? FAMILY_IPV6 : FAMILY_IPV4;
	sp->settings = settings_of(s);
	sp->heard.max = OSPF_PACKET_MAX;
	sp->ospf = ospf_new(sp->family == FAMILY_IPV6 ? OSPF_V3 : OSPF_V2, &sp->settings, seed,
			    hash_seed);
	if (sp->ospf)
		return &sp->speaker;
	free(sp);
	return NULL;
}

static void unmake(struct speaker *speaker)
{
	struct ospf_speaker *sp = (struct ospf_speaker *)speaker;

	packet_join_done(&sp->heard);
	ospf_free(sp->ospf);
	free(sp->bytes);
	free(sp);
}

static void configure(struct speaker *speaker, struct instant now, const struct speaker_settings *s,
		      uint16_t mark)
{
	struct ospf_speaker *sp = (struct ospf_speaker *)speaker;

	(void)mark; /* who announces what is written in every LSA */
	sp->settings = settings_of(s);
	sp->dead = (struct duration){ 0 };
	ospf_configure(sp->ospf, now, &sp->settings);
}

static struct speaker_pace pace(const struct speaker *speaker)
{
	const struct ospf_speaker *sp = (const struct ospf_speaker *)speaker;
	struct duration dead = sp->dead.ns ? sp->dead : DURATION_S(40);
	struct duration quarter = { dead.ns / 4 };

	return (struct speaker_pace){
		.repeat = quarter.ns > REPEAT_MIN.ns ? quarter : REPEAT_MIN,
		.patience = dead,
		.settle = OSPF_REACTION,
		.metric = sp->settings.metric,
		.metric_last = OSPF_COST_MAX - 1,
	};
}

static bool note(struct speaker *sp, struct speaker_note *ret)
{
	return ospf_note(ospf_of(sp), ret);
}

static void notes_again(struct speaker *sp)
{
	ospf_notes_again(ospf_of(sp));
}

static void recall(struct speaker *sp, const struct speaker_note *n)
{
	ospf_recall(ospf_of(sp), n);
}

static void forget(struct speaker *sp)
{
	ospf_forget(ospf_of(sp));
}

/* So long neighbours are asked to wait: to hear us, to agree on who leads, and to tell us all. */
static void restart(struct speaker *speaker, struct instant now)
{
	struct duration enough = { pace(speaker).patience.ns + EXCHANGE.ns };
	struct duration grace = ((struct ospf_speaker *)speaker)->settings.grace;

	ospf_restart(ospf_of(speaker), now, grace.ns < enough.ns ? grace : enough);
}

static int interface_set(struct speaker *speaker, struct instant now, uint32_t index,
			 const struct speech_settings *s)
{
	struct ospf_speaker *sp = (struct ospf_speaker *)speaker;
	struct ospf_interface_settings of = {
		.cost = (uint16_t)s->cost,
		.passive = s->passive,
		.unnumbered = address_is_set(&s->borrowed),
		.n_unicast = s->n_unicast,
		.auth = s->keys,
	};

	memcpy(&of.is, s->own, sizeof(of.is));
	memcpy(of.unicast, s->unicast, sizeof(of.unicast));
	if (of.is.dead.ns > sp->dead.ns)
		sp->dead = of.is.dead;
	return ospf_interface_set(sp->ospf, now, index, &of);
}

static void interface_gone(struct speaker *sp, struct instant now, uint32_t index)
{
	ospf_interface_remove(ospf_of(sp), now, index);
}

static void set_link(struct speaker *sp, struct instant now, const struct speaker_link *link)
{
	ospf_link(ospf_of(sp), now, link, link->mtu);
}

static void network(struct speaker *sp, uint32_t index, const struct prefix *p, bool present)
{
	if (p->address.family == ((const struct ospf_speaker *)sp)->family &&
	    !address_is_link_local(&p->address))
		ospf_network(ospf_of(sp), index, p, present);
}

static void identity(struct speaker *sp, struct instant now, uint32_t id)
{
	ospf_router_id(ospf_of(sp), now, id);
}

static void set_clock(struct speaker *sp, struct instant now, struct duration wall)
{
	ospf_clock(ospf_of(sp), now, wall);
}

static void secrets(struct speaker *sp, struct instant now, uint32_t index, uint32_t places)
{
	ospf_secrets(ospf_of(sp), now, index, places);
}

static void sequence(struct speaker *sp, uint64_t next)
{
	ospf_sequence(ospf_of(sp), next);
}

static void sequence_heard(struct speaker *sp, struct instant now,
			   const struct keychain_sequence *s)
{
	ospf_sequence_heard(ospf_of(sp), now, s);
}

static bool sequence_next(const struct speaker *sp, size_t *position, struct keychain_sequence *ret)
{
	return ospf_sequence_next(ospf_of(sp), position, ret);
}

/* OSPF can say any network: nothing has to stand for one. */
static int announce(struct speaker *sp, struct instant now, const struct prefix *p,
		    const struct prefix *stands_for, uint32_t metric)
{
	return stands_for ? 0 : ospf_announce(ospf_of(sp), now, p, metric);
}

static int withdraw(struct speaker *sp, struct instant now, const struct prefix *p)
{
	return ospf_withdraw(ospf_of(sp), now, p);
}

static void reserve(struct speaker *sp, size_t count)
{
	ospf_reserve(ospf_of(sp), count);
}

static bool told(const struct speaker *sp, const struct prefix *p, unsigned *ret_accepted)
{
	return ospf_is_told(ospf_of(sp), p, ret_accepted);
}

static bool leaving(const struct speaker *sp, const struct prefix *p)
{
	return ospf_is_leaving(ospf_of(sp), p);
}

/*
 * The packet as the library has it. That it is one of RFC 7474, whose numbers are of 64 bits, shows
 * in its number where we made it, and in the reason, which means nothing else then, where not.
 */
static struct ospf_packet packet_of(const struct packet *p, const uint8_t *bytes, size_t length)
{
	return (struct ospf_packet){
		.interface = p->interface,
		.source = p->source,
		.destination = p->destination,
		.hop_limit = p->hop_limit,
		.auth = p->auth,
		.key = p->key,
		.sequence = p->sequence,
		.refused = p->refused,
		.reason = p->refused ? p->reason : 0,
		.bytes = bytes,
		.length = length,
	};
}

static void packet(struct speaker *speaker, struct instant now, const struct packet *p)
{
	struct ospf_speaker *sp = (struct ospf_speaker *)speaker;
	size_t length;
	const uint8_t *bytes = packet_join(&sp->heard, p, &length);
	struct ospf_packet of;

	if (!bytes)
		return;
	if (bytes == p->bytes && length > PACKET_BYTES_MAX)
		length = PACKET_BYTES_MAX;
	of = packet_of(p, bytes, length);
	of.extended = !p->refused && p->reason != 0;
	ospf_input(sp->ospf, now, &of);
}

static size_t seal(enum ospf_version v, const struct keyring *keys, const struct packet *p,
		   const uint8_t *bytes, size_t length, uint8_t *to)
{
	struct ospf_packet of = packet_of(p, bytes, length);

	of.extended = v == OSPF_V2 && p->sequence > UINT32_MAX;
	return ospf_seal(v, keys, &of, to);
}

static size_t seal_v2(const struct keyring *keys, const struct packet *p, const uint8_t *bytes,
		      size_t length, uint8_t *to)
{
	return seal(OSPF_V2, keys, p, bytes, length, to);
}

static size_t seal_v3(const struct keyring *keys, const struct packet *p, const uint8_t *bytes,
		      size_t length, uint8_t *to)
{
	return seal(OSPF_V3, keys, p, bytes, length, to);
}

static const uint8_t *open(enum ospf_version v, const struct keyring *keys, const uint8_t *bytes,
			   size_t *length, struct packet *p)
{
	struct ospf_packet of = packet_of(p, bytes, *length);

	ospf_open(v, keys, &of);
	p->auth = of.auth;
	p->key = of.key;
	p->sequence = of.sequence;
	p->refused = of.refused;
	p->reason = of.refused ? of.reason : of.extended;
	*length = of.refused ? 0 : of.length;
	return of.bytes;
}

static const uint8_t *open_v2(const struct keyring *keys, uint8_t *bytes, size_t *length,
			      struct packet *p)
{
	return open(OSPF_V2, keys, bytes, length, p);
}

static const uint8_t *open_v3(const struct keyring *keys, uint8_t *bytes, size_t *length,
			      struct packet *p)
{
	return open(OSPF_V3, keys, bytes, length, p);
}

static size_t secret_max_v2(enum auth_type type)
{
	return ospf_secret_max(OSPF_V2, type);
}

static size_t secret_max_v3(enum auth_type type)
{
	return ospf_secret_max(OSPF_V3, type);
}

static void verdict(struct speaker *sp, struct instant now, uint32_t interface,
		    const struct address *neighbor, enum verdict v)
{
	ospf_liveness(ospf_of(sp), now, interface, neighbor, v);
}

static bool farewell(const struct speaker *sp, uint32_t index, size_t *position,
		     struct farewell *ret)
{
	return ospf_farewell_next(ospf_of(sp), index, position, ret);
}

static struct instant deadline(const struct speaker *sp)
{
	return ospf_deadline(ospf_of(sp));
}

static void tick(struct speaker *sp, struct instant now)
{
	ospf_tick(ospf_of(sp), now);
}

/* The next piece of what is long. */
static void leave(struct ospf_speaker *sp, struct packet *ret)
{
	packet_cut(&sp->leaving, sp->bytes, sp->length);
	*ret = sp->leaving;
	sp->leaving.at = (uint16_t)(sp->leaving.at + sp->leaving.length);
}

/* Of a long one the bytes are kept: they are not all taken before something else is called. */
static bool leave_begin(struct ospf_speaker *sp, const struct ospf_packet *p)
{
	if (!sp->bytes)
		sp->bytes = malloc(OSPF_PACKET_MAX);
	if (!sp->bytes || p->length > OSPF_PACKET_MAX)
		return false;
	memcpy(sp->bytes, p->bytes, p->length);
	sp->length = p->length;
	return true;
}

static bool output(struct speaker *speaker, struct instant now, struct speaker_output *ret)
{
	struct ospf_speaker *sp = (struct ospf_speaker *)speaker;
	struct ospf_packet p;

	ret->kind = SPEAKER_SEND;
	if (sp->leaving.more) {
		leave(sp, &ret->packet);
		return true;
	}
	do {
		if (!ospf_output(sp->ospf, now, &p))
			return false;
	} while (p.length > PACKET_BYTES_MAX && !leave_begin(sp, &p));
	sp->leaving = (struct packet){
		.interface = p.interface,
		.source = p.source,
		.destination = p.destination,
		.hop_limit = p.hop_limit,
		.auth = p.auth,
		.key = p.key,
		.sequence = p.sequence,
	};
	if (p.length > PACKET_BYTES_MAX) {
		leave(sp, &ret->packet);
		return true;
	}
	ret->packet = sp->leaving;
	packet_cut(&ret->packet, p.bytes, p.length);
	return true;
}

static bool event(struct speaker *sp, struct speaker_event *ret)
{
	return ospf_event(ospf_of(sp), ret);
}

static int learn(struct speaker *sp, struct instant now, uint32_t index,
		 const struct route_filter *filter)
{
	return ospf_learn(ospf_of(sp), now, index, filter);
}

static bool learned(struct speaker *sp, struct instant now, struct route *ret)
{
	return ospf_learned(ospf_of(sp), now, ret);
}

static void route(const struct speaker *sp, struct instant now, const struct prefix *p,
		  struct route *ret)
{
	ospf_learned_of(ospf_of(sp), now, p, ret);
}

static void learn_again(struct speaker *sp)
{
	ospf_learn_again(ospf_of(sp));
}

static bool heard(const struct speaker *sp, struct instant now, const struct prefix *p,
		  struct route_heard *ret)
{
	return ospf_heard(ospf_of(sp), now, p, ret);
}

static bool rival(const struct speaker *sp, const struct prefix *p, struct route_heard *ret)
{
	return ospf_rival(ospf_of(sp), p, ret);
}

static bool rival_next(const struct speaker *sp, size_t *position, struct prefix *ret_prefix,
		       struct route_heard *ret)
{
	return ospf_rival_next(ospf_of(sp), position, ret_prefix, ret);
}

static struct speaker_overlaps *overlaps(const struct speaker *sp, struct instant now)
{
	return ospf_overlaps(ospf_of(sp), now);
}

static enum proof proof(const struct speaker *sp, const struct prefix *p, uint32_t interface,
			const struct address *neighbor)
{
	return ospf_proof(ospf_of(sp), p, interface, neighbor);
}

static bool neighbor_next(const struct speaker *sp, struct instant now, size_t *position,
			  struct neighbor *ret)
{
	bool any = ospf_neighbor_next_of(ospf_of(sp), now, position, ret);

	if (any)
		ret->speaker = sp->number;
	return any;
}

static bool interface_next(const struct speaker *sp, struct instant now, size_t *position,
			   struct speaker_interface *ret)
{
	bool any = ospf_interface_next(ospf_of(sp), now, position, ret);

	if (any)
		ret->speaker = sp->number;
	return any;
}

static const char *drop_name(uint8_t reason)
{
	return ospf_drop_name((enum ospf_drop)reason);
}

static enum drop_about drop_about(uint8_t reason)
{
	if (reason == OSPF_DROP_AUTHENTICATION)
		return DROP_NO_KEY;
	if (reason > OSPF_DROP_AUTHENTICATION && reason <= OSPF_DROP_AUTH_REPLAY)
		return DROP_KEY;
	return reason == OSPF_DROP_OFF_LINK	? DROP_OFF_LINK
	       : reason == OSPF_DROP_TABLE_FULL ? DROP_CROWD
						: DROP_OTHER;
}

/* RFC 2328 A.1: they go one hop far, also those to one neighbour. */
#define SOCKETS(of, all, designated)                                                               \
	{                                                                                          \
		{ .transport = SPEAKER_RAW,                                                        \
		  .family = (of),                                                                  \
		  .port = OSPF_PROTOCOL,                                                           \
		  .hop_limit = 1,                                                                  \
		  .group = { .family = (of), .bytes = all },                                       \
		  .also = { .family = (of), .bytes = designated } },                               \
	}
#define GROUP4(last)                                                                               \
	{                                                                                          \
		224, 0, 0, (last)                                                                  \
	}
#define GROUP6(last)                                                                               \
	{                                                                                          \
		0xff, 0x02, [15] = (last)                                                          \
	}

static const struct speaker_socket ospf_sockets[] = SOCKETS(FAMILY_IPV4, GROUP4(5), GROUP4(6));
static const struct speaker_socket ospfv3_sockets[] = SOCKETS(FAMILY_IPV6, GROUP6(5), GROUP6(6));

#define CLASS                                                                                      \
	.suite = "ospf", .shows = "acknowledgment", .preference = PREFERENCE, .n_sockets = 1,      \
	.both_ways = true, .n_drops = OSPF_DROP_COUNT, .neighbors_max = OSPF_NEIGHBORS_MAX,        \
	.metric_max = OSPF_COST_MAX - 1, .packet_max = OSPF_PACKET_MAX, .views = ospf_views,       \
	.n_views = OSPF_VIEWS, .drop_name = drop_name, .drop_about = drop_about,                   \
	.advice = ospf_advice, .settings = &ospf_settings_record, .make = make, .free = unmake,    \
	.configure = configure, .pace = pace, .interface_set = interface_set, .restart = restart,  \
	.note = note, .notes_again = notes_again, .recall = recall, .forget = forget,              \
	.interface_gone = interface_gone, .link = set_link, .network = network,                    \
	.identity = identity, .clock = set_clock, .secrets = secrets, .sequence = sequence,        \
	.sequence_heard = sequence_heard, .sequence_next = sequence_next, .announce = announce,    \
	.withdraw = withdraw, .reserve = reserve, .told = told, .leaving = leaving,                \
	.packet = packet, .verdict = verdict, .farewell = farewell, .deadline = deadline,          \
	.tick = tick, .output = output, .event = event, .learn = learn, .learned = learned,        \
	.route = route, .learn_again = learn_again, .heard = heard, .rival = rival,                \
	.rival_next = rival_next, .overlaps = overlaps, .overlaps_free = ospf_overlaps_free,       \
	.overlap = ospf_overlap, .proof = proof, .neighbor_next = neighbor_next,                   \
	.interface_next = interface_next

const struct speaker_class protocol_ospf = {
	.name = "ospf",
	.title = "OSPF",
	.nobody = "not announced: no interface speaks OSPF now",
	.protocol = PROTOCOL_OSPF,
	.families = 1,
	.sockets = ospf_sockets,
	.speech = &ospf_interface_record,
	.seal = seal_v2,
	.open = open_v2,
	.secret_max = secret_max_v2,
	CLASS,
};

const struct speaker_class protocol_ospfv3 = {
	.name = "ospfv3",
	.title = "OSPFv3",
	.nobody = "not announced: no interface speaks OSPFv3 now",
	.protocol = PROTOCOL_OSPFV3,
	.families = 2,
	.link_local = true,
	.sockets = ospfv3_sockets,
	.speech = &ospfv3_interface_record,
	.seal = seal_v3,
	.open = open_v3,
	.secret_max = secret_max_v3,
	CLASS,
};
