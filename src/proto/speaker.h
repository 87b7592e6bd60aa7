/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The face for speakers: what a node needs of any routing protocol, as one table of functions.
 *
 * A *protocol* is a `struct speaker_class`, a constant. A *speaker* is an instance of it, with a
 * number; several instances of several protocols run at once, and an interface may have more than
 * one. Who holds speakers calls the functions below and knows no protocol; a function that a class
 * leaves out (NULL) is something that the protocol does not have, and its call does nothing.
 *
 *	interfaces, networks, secrets ──►           ──► outputs: packets to send, streams
 *	prefixes to announce          ──►  speaker  ──► events: neighbours, proofs, rivals, notes
 *	packets, streams, time        ──►           ──► learned routes
 *
 * After any call that may change something, take what there is with speaker_output(),
 * speaker_event() and speaker_learned() until they have nothing more, and call speaker_tick() at
 * speaker_deadline(). Nothing here does I/O, reads a clock or draws a random number of its own.
 *
 * What a protocol wants of the world it says as data: on which sockets it listens on an interface
 * (`sockets`), and how its packets are sealed and opened, which whoever has the secrets does with
 * `seal` and `open`. So the world opens what it is told, and knows no protocol either. And what is
 * to be said in its place when it is dead it says as bytes (`farewell`).
 *
 * A protocol becomes part of the house by an adapter in node/route (rip.c there): its class, made
 * of the library's functions, its settings in bytes, and a line in node/protocol.c. What only one
 * protocol has stays behind that adapter.
 */
#ifndef PROTO_SPEAKER_H
#define PROTO_SPEAKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "net/keychain.h"
#include "net/neighbor.h"
#include "net/packet.h"
#include "net/prefix.h"
#include "net/route.h"
#include "net/stream.h"

#define SPEAKER_SOURCES_MAX 16	 /* addresses that an interface speaks from */
#define SPEAKER_UNICAST_MAX 8	 /* neighbours that an interface may name */
#define SPEAKER_OWN_MAX 64	 /* bytes of settings that only the protocol knows */
#define SPEAKER_SENTENCE_MAX 200 /* the terminator included */

/*
 * How a speaker speaks on an interface. What most protocols have stands here by name; the rest is
 * `own`, a struct of the protocol's.
 */
struct speech_settings {
	uint8_t protocol; /* whose settings these are: 0 of none */
	bool passive;	  /* says nothing but to the neighbours named below */
	uint8_t n_unicast;
	uint32_t cost;
	struct address borrowed; /* of another interface, or a VIP: the only one that it has */
	struct address unicast[SPEAKER_UNICAST_MAX];
	struct keychain keys;
	_Alignas(8) uint8_t own[SPEAKER_OWN_MAX];
};

/* Settings of a whole instance: a struct of the protocol's, aligned for any. */
struct speaker_settings {
	uint8_t protocol;
	_Alignas(8) uint8_t own[SPEAKER_OWN_MAX];
};

/* An address that packets leave from, and who is on-link by it. */
struct speaker_source {
	struct address address; /* of a protocol that speaks by link-local addresses: such a one */
	struct prefix network;	/* that of the address, or of its peer */
};

/* An interface as a speaker needs it. */
struct speaker_link {
	uint32_t index;
	bool usable;  /* up, with carrier, and its sockets are open */
	uint16_t mtu; /* 0: not known; of more: UINT16_MAX */
	uint8_t n_sources;
	struct speaker_source sources[SPEAKER_SOURCES_MAX]; /* one for each network */
};

/* An interface with one address, whose network is of `length` bits. */
struct speaker_link speaker_link_make(uint32_t index, bool usable, const struct address *address,
				      uint8_t length);

/* Something can be said there. */
static inline bool speaker_link_speaks(const struct speaker_link *link)
{
	return link->usable && link->n_sources > 0;
}

/* The address from which the peer is spoken to; NULL when there is none. */
const struct address *speaker_link_source(const struct speaker_link *link,
					  const struct address *peer);

/* What can be said of a neighbour's opinion of a prefix of ours. */
enum proof {
	PROOF_NONE,	/* it has given no sign, and may be unable to */
	PROOF_ACCEPTED, /* it routes to the prefix through us */
	PROOF_IGNORED,	/* it takes other prefixes of ours, but not this one */
};

/* How it goes on an interface. */
struct speaker_interface {
	uint16_t speaker; /* its number */
	uint32_t index;
	bool speaking;		      /* usable, not passive without neighbours, and not mute */
	bool mute;		      /* none of its keys can be used now */
	uint8_t auth;		      /* enum auth_type */
	uint8_t key;		      /* that packets are sealed with now, unless mute */
	uint8_t n_keys, keys_missing; /* how many there are, and how many without their secret */
	uint8_t family;		      /* enum family: that of its addresses */
	uint8_t version;
	uint32_t cost;
	uint32_t lift;	 /* by how much metrics are lowered now for a rescue */
	uint32_t metric; /* that a prefix with the default metric is announced with now */
	uint32_t sent, neighbors;
	bool crowded; /* there were more neighbours than are remembered, a short while ago */
	uint32_t drops[NEIGHBOR_DROPS_MAX]; /* of packets that belong to no neighbour */
};

enum speaker_event_kind {
	SPEAKER_EVENT_NEIGHBOR_UP,
	SPEAKER_EVENT_NEIGHBOR_DOWN, /* and with it all that it had accepted */
	SPEAKER_EVENT_ACCEPTED,	     /* `neighbor` has taken `prefix` */
	SPEAKER_EVENT_UNACCEPTED,    /* it has let go of it; no prefix: of several */
	SPEAKER_EVENT_RIVAL,	  /* `neighbor` announces `prefix`, which is ours, with `metric` */
	SPEAKER_EVENT_RIVAL_SURE, /* it was asked, and has said so again */
	SPEAKER_EVENT_RIVAL_GONE,
	SPEAKER_EVENT_ANNOUNCED,   /* `prefix` has gone out on every speaking interface */
	SPEAKER_EVENT_WITHDRAWN,   /* the good-byes for `prefix` have gone out, all of them */
	SPEAKER_EVENT_LEFT,	   /* an interface that was removed has said its good-byes */
	SPEAKER_EVENT_SPEAKS,	   /* `interface` may speak, or no longer: `text` says why */
	SPEAKER_EVENT_SEQUENCE,	   /* the highest `sequence` of `neighbor` with `key` */
	SPEAKER_EVENT_SOURCE_GONE, /* `neighbor`, which we spoke from, is not our address any more
				    */
	SPEAKER_EVENT_RESCUE,	   /* for the journal: `text`, of what was done for a failure */
	SPEAKER_EVENT_NOTE,	   /* for the journal: `text`, of `interface` and `neighbor` */
};

struct speaker_event {
	uint8_t kind; /* enum speaker_event_kind */
	uint8_t key;
	uint32_t interface;
	uint32_t metric;
	uint64_t sequence;
	struct address neighbor;
	struct prefix prefix;
	char text[SPEAKER_SENTENCE_MAX];
};

enum speaker_output_kind {
	SPEAKER_SEND,	/* `packet` */
	SPEAKER_OPEN,	/* `stream`: a connection; the answer is speaker_opened() or _closed() */
	SPEAKER_STREAM, /* `piece`: bytes, of not more than there is credit for */
	SPEAKER_CLOSE,	/* `change` */
};

struct speaker_output {
	uint8_t kind; /* enum speaker_output_kind */
	union {
		struct packet packet;
		struct stream stream;
		struct stream_piece piece;
		struct stream_change change;
	};
};

enum speaker_transport {
	SPEAKER_UDP,
	SPEAKER_RAW, /* `port` is the number of an IP protocol */
};

/* A socket that a speaker has on each interface that it speaks on. */
struct speaker_socket {
	uint8_t transport; /* enum speaker_transport */
	uint8_t family;	   /* enum family */
	uint8_t hop_limit; /* that packets leave with; 0: 1 for a group, else the usual one */
	bool questions; /* leaves from a port of the world's choosing that changes (`port` is 0) */
	uint16_t port;
	struct address group; /* that is joined, and spoken to; not set: none */
	struct address also;  /* likewise: another one */
};

/* Why packets are dropped, as far as it means anything beyond the protocol. */
enum drop_about {
	DROP_OTHER,
	DROP_NO_KEY,   /* it is authenticated, and we have no key */
	DROP_KEY,      /* a key does not fit, or is missing */
	DROP_UNASKED,  /* it is for us alone, and we have neither asked nor named who sends it */
	DROP_OFF_LINK, /* it comes from outside of the interface's networks */
	DROP_CROWD,    /* there are more neighbours than are remembered */
};

/* How a protocol moves, for who waits for what it does. */
struct speaker_pace {
	struct duration repeat;	  /* after so long what is announced is said again */
	struct duration patience; /* after so long a silent neighbour is given up */
	struct duration settle;	  /* after so long a change has reached those beyond neighbours */
	uint32_t metric;	  /* that a prefix is announced with when nothing is said */
	uint32_t metric_rescue;	  /* below this one there is no headroom for a rescue; 0: none */
	uint16_t mark;		  /* that what it announces carries; 0: none */
	uint32_t metric_last;	  /* so bad that another's is preferred, and still reached */
};

#define FAREWELL_HEAD_MAX 128
#define FAREWELL_ENTRY_MAX 64
#define FAREWELL_DESTINATIONS_MAX (SPEAKER_UNICAST_MAX + 1)

/*
 * A good-bye from one address on an interface, as bytes that the speaker has made: whoever has to
 * say it when the speaker is dead knows no protocol. A packet is the head, and behind it an entry
 * for each prefix that was announced, with the prefix written over it: `entries_max` of them in one
 * packet. Without an entry the head is all that there is to say. It goes to each destination, and
 * is sealed when it is said (keychain_choose(), keychain_count() or _each()). What depends on the
 * packet as a whole, such as a checksum, is for the class to put in when it seals.
 */
struct farewell {
	uint32_t interface;
	uint8_t socket; /* a place in the class */
	struct address source;
	uint16_t port;
	struct address destinations[FAREWELL_DESTINATIONS_MAX];
	uint8_t n_destinations;
	uint16_t pace; /* packets a second */
	struct keychain keys;
	bool each;	   /* no two packets have one sequence number: keychain_count_each() */
	uint8_t hop_limit; /* as in struct packet */
	uint8_t family;	   /* of the prefixes that it is about; none: of all, and it names none */
	bool hosts;	   /* the host routes of VIPs are said beside their networks */
	uint8_t n_head, n_entry;
	uint8_t head[FAREWELL_HEAD_MAX], entry[FAREWELL_ENTRY_MAX];
	uint8_t entries_max;
	/* Where in an entry the address stands, its mask in network byte order, or its length; the
	   last two 0: it has none. */
	uint8_t address_at, mask_at, length_at;
};

/*
 * What a later life of the speaker is to know, as bytes that only it understands; they mean
 * something in their order alone.
 */
#define SPEAKER_NOTE_MAX 1280
struct speaker_note {
	uint16_t length;
	uint8_t bytes[SPEAKER_NOTE_MAX];
};

/* What is wrong between us and others, as packets that were dropped show it, or a neighbour's
 * state. */
struct speaker_advice {
	uint32_t count; /* of the packets; 0: its state shows it */
	const char *what, *fix;
};

struct record; /* fields/field.h */
struct speaker_class;
struct speaker;

#define SPEAKER_VIEW_MAX 256

/*
 * What only one protocol has, for those who look at it: rows of a list, and a table that says what
 * stands in one. Who shows them knows neither. Of an interface it is the index, 0: of none; its
 * name is put beside the fields of the record.
 */
struct speaker_view_row {
	uint32_t interface;
	_Alignas(8) uint8_t bytes[SPEAKER_VIEW_MAX];
};
struct speaker_view {
	const char *name; /* of the list: "neighbors" */
	const struct record *record;
	/* A walk: `position` starts at 0 and is moved on; false at the end. */
	bool (*next)(const struct speaker *sp, struct instant now, size_t *position,
		     struct speaker_view_row *ret);
};

struct speaker {
	const struct speaker_class *class;
	uint16_t number;
};

/* Overlaps of prefixes with what is heard: made for many questions, nothing may happen meanwhile.
 */
struct speaker_overlaps;

struct speaker_class {
	const char *name;   /* for a file: "rip" */
	const char *suite;  /* that of its section, which its other versions have too */
	const char *nobody; /* what is said of a VIP when no interface speaks it */
	const char *title;  /* for a person: "RIP" */
	const char *shows;  /* what neighbours show by that they take a prefix: "poison" */
	uint8_t protocol;   /* its number, in records */
	uint8_t families;   /* of the prefixes that it carries: 1 << family_index() */
	uint8_t preference; /* of what it learns: of two protocols the lower one wins */
	bool link_local;    /* it speaks from link-local addresses */
	bool both_ways;	    /* a neighbour is none before it says that it hears us */
	uint8_t n_sockets;
	uint8_t n_drops;
	uint16_t neighbors_max; /* that it remembers, in each network of an interface */
	uint32_t metric_max;	/* the largest that is still reached */
	const struct speaker_socket *sockets;	      /* a packet's `socket` is a place here */
	const char *(*version_name)(uint8_t version); /* NULL: its number is its name */
	const char *(*drop_name)(uint8_t reason);
	enum drop_about (*drop_about)(uint8_t reason);
	/*
	 * What is most likely wrong where packets are dropped for these reasons;
	 * `n`: the neighbour whose they are, NULL: nobody's. False: nothing that is known.
	 */
	bool (*advice)(const uint32_t drops[NEIGHBOR_DROPS_MAX], const struct neighbor *n,
		       struct speaker_advice *ret);

	/*
	 * Seals and opens packets (net/packet.h). NULL: the bytes are what is sent. A long packet
	 * is sealed and opened whole: *p says of it all but its bytes. `seal` writes at most
	 * PACKET_SEAL_MAX bytes more into `to`, and returns how many; 0: it has no key for that.
	 * `open` says in *p how it was sealed, and returns where the packet without its seal is:
	 * of *length now, in `bytes`, which it may change, or in *p.
	 */
	size_t (*seal)(const struct keyring *keys, const struct packet *p, const uint8_t *bytes,
		       size_t length, uint8_t *to);
	const uint8_t *(*open)(const struct keyring *keys, uint8_t *bytes, size_t *length,
			       struct packet *p);
	size_t (*secret_max)(enum auth_type type); /* bytes of a secret of that type */
	uint32_t packet_max; /* so long a packet may be; 0: PACKET_BYTES_MAX, so there are no pieces
			      */

	/* What of `own` may be said in settings of a speaker; and of how it speaks on an interface.
	 */
	const struct record *settings; /* struct of the protocol's */
	const struct record *speech;   /* struct speech_settings */

	const struct speaker_view *views; /* what only it has; may be NULL */
	uint8_t n_views;

	/* Of this class and with these settings; NULL without memory. `seed` feeds its jitter. */
	struct speaker *(*make)(const struct speaker_class *c, const struct speaker_settings *s,
				uint64_t seed, uint64_t hash_seed);
	void (*free)(struct speaker *sp);
	/* `mark`, unless 0, is ours alone: announcements are marked by it. */
	void (*configure)(struct speaker *sp, struct instant now, const struct speaker_settings *s,
			  uint16_t mark);
	struct speaker_pace (*pace)(const struct speaker *sp);

	bool (*note)(struct speaker *sp, struct speaker_note *ret);
	void (*notes_again)(struct speaker *sp);
	void (*recall)(struct speaker *sp, const struct speaker_note *note);
	void (*forget)(struct speaker *sp);
	void (*restart)(struct speaker *sp, struct instant now);
	int (*interface_set)(struct speaker *sp, struct instant now, uint32_t index,
			     const struct speech_settings *s);
	void (*interface_gone)(struct speaker *sp, struct instant now, uint32_t index);
	void (*link)(struct speaker *sp, struct instant now, const struct speaker_link *link);
	void (*network)(struct speaker *sp, uint32_t index, const struct prefix *p, bool present);
	void (*identity)(struct speaker *sp, struct instant now, uint32_t id);
	void (*clock)(struct speaker *sp, struct instant now, struct duration wall);
	void (*secrets)(struct speaker *sp, struct instant now, uint32_t index, uint32_t places);
	void (*sequence)(struct speaker *sp, uint64_t next);
	void (*sequence_heard)(struct speaker *sp, struct instant now,
			       const struct keychain_sequence *s);
	bool (*sequence_next)(const struct speaker *sp, size_t *position,
			      struct keychain_sequence *ret);

	int (*announce)(struct speaker *sp, struct instant now, const struct prefix *p,
			const struct prefix *stands_for, uint32_t metric);
	int (*withdraw)(struct speaker *sp, struct instant now, const struct prefix *p);
	void (*reserve)(struct speaker *sp, size_t count);
	bool (*told)(const struct speaker *sp, const struct prefix *p, unsigned *ret_accepted);
	bool (*leaving)(const struct speaker *sp, const struct prefix *p);

	void (*packet)(struct speaker *sp, struct instant now, const struct packet *p);
	void (*opened)(struct speaker *sp, struct instant now, const struct stream *s);
	void (*piece_in)(struct speaker *sp, struct instant now, const struct stream_piece *p);
	void (*credit)(struct speaker *sp, struct instant now, const struct stream_change *c);
	void (*closed)(struct speaker *sp, struct instant now, const struct stream_change *c);
	void (*verdict)(struct speaker *sp, struct instant now, uint32_t interface,
			const struct address *neighbor, enum verdict v);

	bool (*farewell)(const struct speaker *sp, uint32_t index, size_t *position,
			 struct farewell *ret);

	struct instant (*deadline)(const struct speaker *sp);
	void (*tick)(struct speaker *sp, struct instant now);
	bool (*output)(struct speaker *sp, struct instant now, struct speaker_output *ret);
	bool (*event)(struct speaker *sp, struct speaker_event *ret);

	int (*learn)(struct speaker *sp, struct instant now, uint32_t index,
		     const struct route_filter *filter);
	bool (*learned)(struct speaker *sp, struct instant now, struct route *ret);
	void (*route)(const struct speaker *sp, struct instant now, const struct prefix *p,
		      struct route *ret);
	void (*learn_again)(struct speaker *sp);

	bool (*heard)(const struct speaker *sp, struct instant now, const struct prefix *p,
		      struct route_heard *ret);
	bool (*rival)(const struct speaker *sp, const struct prefix *p, struct route_heard *ret);
	bool (*rival_next)(const struct speaker *sp, size_t *position, struct prefix *ret_prefix,
			   struct route_heard *ret);
	struct speaker_overlaps *(*overlaps)(const struct speaker *sp, struct instant now);
	void (*overlaps_free)(struct speaker_overlaps *o);
	bool (*overlap)(const struct speaker_overlaps *o, const struct prefix *p,
			struct prefix *ret_other, struct route_heard *ret);
	enum proof (*proof)(const struct speaker *sp, const struct prefix *p, uint32_t interface,
			    const struct address *neighbor);
	bool (*neighbor_next)(const struct speaker *sp, struct instant now, size_t *position,
			      struct neighbor *ret);
	bool (*interface_next)(const struct speaker *sp, struct instant now, size_t *position,
			       struct speaker_interface *ret);
};

/* The family of the addresses that it speaks from. */
static inline enum family speaker_family(const struct speaker *sp)
{
	return sp->class->link_local || sp->class->families == 2 ? FAMILY_IPV6 : FAMILY_IPV4;
}

/*
 * The packet as it goes out, in `to`, which has PACKET_SEAL_MAX bytes more than `length`. How long
 * that is; 0: it is to be sealed, and the key for that is not there.
 */
size_t speaker_seal(const struct speaker_class *c, const struct keyring *keys,
		    const struct packet *p, const uint8_t *bytes, size_t length, uint8_t *to);

/* Whether it carries prefixes of the family. */
bool speaker_carries(const struct speaker *sp, enum family family);

/* The port of its first socket; 0: it has none. */
static inline uint16_t speaker_port(const struct speaker *sp)
{
	return sp->class->n_sockets > 0 ? sp->class->sockets[0].port : 0;
}

/* That is the number of a protocol of IP. */
static inline bool speaker_is_raw(const struct speaker *sp)
{
	return sp->class->n_sockets > 0 && sp->class->sockets[0].transport == SPEAKER_RAW;
}

/* How many of the drops are about that; *ret_worst, unless NULL, is the reason of most of them. */
uint32_t speaker_dropped(const struct speaker *sp, const uint32_t drops[NEIGHBOR_DROPS_MAX],
			 enum drop_about about, uint8_t *ret_worst);

void speaker_free(struct speaker *sp);
void speaker_configure(struct speaker *sp, struct instant now, const struct speaker_settings *s,
		       uint16_t mark);
struct speaker_pace speaker_pace(const struct speaker *sp);

/*
 * What a later life is to know: the next note, which is written down before anything leaves that
 * came after it; and all of them once more, in the place of those before. A later life is given
 * them back in their order, before speaker_restart(), or forgets what it was given.
 */
bool speaker_note(struct speaker *sp, struct speaker_note *ret);
void speaker_notes_again(struct speaker *sp);
void speaker_recall(struct speaker *sp, const struct speaker_note *note);
void speaker_forget(struct speaker *sp);

/*
 * An earlier life has ended without a good-bye, on purpose or not: neighbours may still believe it,
 * and are asked to go on. Called after its settings and before the first interface.
 */
void speaker_restart(struct speaker *sp, struct instant now);

/* Starts speaking on an interface, or changes how. 0, -ENOMEM or -ENOSPC. */
int speaker_interface_set(struct speaker *sp, struct instant now, uint32_t index,
			  const struct speech_settings *s);

/* Says good-bye on the interface while it can, and forgets it with its neighbours. */
void speaker_interface_gone(struct speaker *sp, struct instant now, uint32_t index);

/* The state of an interface: from usable to not usable is a failure, also of one source. */
void speaker_link(struct speaker *sp, struct instant now, const struct speaker_link *link);

/* Adds a network on an interface beside those of its sources, or takes it away. */
void speaker_network(struct speaker *sp, uint32_t index, const struct prefix *p, bool present);

/*
 * Who this host is, where the settings do not say so: an IPv4 address of it as a number, in host
 * byte order, which no other host has, and which stays what it is.
 */
void speaker_identity(struct speaker *sp, struct instant now, uint32_t id);

/* What the clock on the wall says at the instant 0: keys have their times by it. */
void speaker_clock(struct speaker *sp, struct instant now, struct duration wall);

/* Whose secrets are there: bit k stands for the key at place k of the interface's keychain. */
void speaker_secrets(struct speaker *sp, struct instant now, uint32_t index, uint32_t places);

/* No packet is sealed with a sequence number below this one: an earlier life may have used it. */
void speaker_sequence(struct speaker *sp, uint64_t next);

/* An earlier life has heard it; and a walk over what is remembered. */
void speaker_sequence_heard(struct speaker *sp, struct instant now,
			    const struct keychain_sequence *s);
bool speaker_sequence_next(const struct speaker *sp, size_t *position,
			   struct keychain_sequence *ret);

/*
 * Announces a prefix, or changes its metric (0: the default). With `stands_for` it goes out only
 * where that network cannot be said. 0, -ENOMEM, or -EAFNOSUPPORT for one of another family.
 */
int speaker_announce(struct speaker *sp, struct instant now, const struct prefix *p,
		     const struct prefix *stands_for, uint32_t metric);

/* Withdraws it; SPEAKER_EVENT_WITHDRAWN comes when that is said. -ENOENT: it is not announced. */
int speaker_withdraw(struct speaker *sp, struct instant now, const struct prefix *p);
void speaker_reserve(struct speaker *sp, size_t count); /* many prefixes will come */

/* Whether its last change has gone out everywhere; and by how many neighbours it is accepted. */
bool speaker_told(const struct speaker *sp, const struct prefix *p, unsigned *ret_accepted);
bool speaker_leaving(const struct speaker *sp,
		     const struct prefix *p); /* good-byes are on the way */

/* Bytes from the network. Whatever they are, nothing but a counter may break. */
void speaker_packet(struct speaker *sp, struct instant now, const struct packet *p);
void speaker_opened(struct speaker *sp, struct instant now, const struct stream *s);
void speaker_piece(struct speaker *sp, struct instant now, const struct stream_piece *p);
void speaker_credit(struct speaker *sp, struct instant now, const struct stream_change *c);
void speaker_closed(struct speaker *sp, struct instant now, const struct stream_change *c);

/* What somebody who watches the neighbour says. */
void speaker_verdict(struct speaker *sp, struct instant now, uint32_t interface,
		     const struct address *neighbor, enum verdict v);

/*
 * How good-bye is to be said on the interface if the speaker dies now: one for each address that it
 * speaks from there. `position` starts at 0 and is moved on; false at the end. What it is about,
 * the prefixes, is not asked here: so it changes with the interface and its settings alone.
 */
bool speaker_farewell_next(const struct speaker *sp, uint32_t index, size_t *position,
			   struct farewell *ret);

struct instant speaker_deadline(const struct speaker *sp);
void speaker_tick(struct speaker *sp, struct instant now);
bool speaker_output(struct speaker *sp, struct instant now, struct speaker_output *ret);
bool speaker_event(struct speaker *sp, struct speaker_event *ret);

/* What is to be learned on an interface; and each route whose paths may have changed, once. */
void speaker_learn(struct speaker *sp, struct instant now, uint32_t index,
		   const struct route_filter *filter);
bool speaker_learned(struct speaker *sp, struct instant now, struct route *ret);

/* What it hears of a prefix now, by the same filters; without paths: nothing. */
void speaker_route(const struct speaker *sp, struct instant now, const struct prefix *p,
		   struct route *ret);
void speaker_learn_again(struct speaker *sp); /* speaker_learned() is to give all again */

/* Who else announces a prefix: one that we do not announce yet; one that we do; all of those. */
bool speaker_heard(const struct speaker *sp, struct instant now, const struct prefix *p,
		   struct route_heard *ret);
bool speaker_rival(const struct speaker *sp, const struct prefix *p, struct route_heard *ret);
bool speaker_rival_next(const struct speaker *sp, size_t *position, struct prefix *ret_prefix,
			struct route_heard *ret);

/* Other networks that are heard, and lie in a network or cover it. NULL: none, or no memory. */
struct speaker_overlaps *speaker_overlaps(const struct speaker *sp, struct instant now);
void speaker_overlaps_free(const struct speaker *sp, struct speaker_overlaps *o);
bool speaker_overlap(const struct speaker *sp, const struct speaker_overlaps *o,
		     const struct prefix *p, struct prefix *ret_other, struct route_heard *ret);

enum proof speaker_proof(const struct speaker *sp, const struct prefix *p, uint32_t interface,
			 const struct address *neighbor);

/* Walks: `position` starts at 0 and is moved on; false at the end. */
bool speaker_neighbor_next(const struct speaker *sp, struct instant now, size_t *position,
			   struct neighbor *ret);
bool speaker_interface_next(const struct speaker *sp, struct instant now, size_t *position,
			    struct speaker_interface *ret);

#endif
