/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lowest floor: what is wanted of the kernel, what is there, and the reconciler between the
 * two.
 */
#ifndef NODE_KERNEL_H
#define NODE_KERNEL_H

#include "node/core.h"

/* A virtual board, wanted or found. */
struct board {
	struct list link;
	char name[INTERFACE_NAME_MAX];
	char backend[INTERFACE_NAME_MAX];
	uint32_t index; /* 0: not in the kernel */
	bool up;
	bool configured;  /* it stands in the configuration, or is the default board */
	bool commanded;	  /* `vip board add` asked for it */
	bool doomed;	  /* to be removed when its last VIP has gone */
	uint32_t pending; /* the effect that is on its way; 0: none */
	uint32_t request; /* who waits for it; 0: nobody */
	uint32_t serial;
	uint32_t bindings, addresses,
		slots;	  /* VIPs on it; those held as addresses; kernel objects known */
	uint32_t present; /* IPv4 addresses of ours that the kernel has there */
	struct trouble trouble;
	char error[NODE_SENTENCE_MAX];
};

/*
 * One kernel object in both tables: `wanted` is the desired one, `present` the observed one. The
 * reconciler makes effects of the difference. The slots of a VIP lie in its binding; those of
 * learned routes in what learned.h describes; all others in a stray.
 */
struct slot {
	struct list dirty; /* in kernel.dirty while it is to be looked at */
	uint32_t pending;  /* the effect that is on its way; 0: none */
	uint8_t kind;	   /* enum object_kind; 0: there is no slot */
	uint8_t owner;	   /* enum slot_owner_kind */
	bool wanted : 1, present : 1;
	bool confirmed : 1; /* seen in the dump that is being read */
	bool removing : 1;  /* what `pending` will do */
	bool troubled : 1;  /* something has gone wrong: it is in kernel.troubles */
};

enum slot_owner_kind {
	SLOT_OF_VIP,
	SLOT_OF_SILENCE,
	SLOT_OF_STRAY,
	SLOT_OF_LEARNED,
	SLOT_OWNERS,
};

typedef void slot_visit(struct node *n, struct slot *s, const struct board *board);

/*
 * What the owner of a slot knows of it, and what he is told. The floors above put theirs into
 * kernel.owners. Of what concerns none of his slots he has NULL.
 */
struct slot_owner {
	/* The object, as it is wanted; the board that it lies on. */
	struct object (*object)(struct slot *s);
	struct board *(*board)(struct slot *s);

	/* The slot of an object; with `make` one is made. And all of them. */
	struct slot *(*find)(struct node *n, const struct object *o, bool make);
	void (*each)(struct node *n, const struct board *board, slot_visit *visit);

	/* Before an effect: what it stands on is there; it has to stay; it is there, but differs.
	 */
	bool (*has_ground)(const struct node *n, struct slot *s);
	bool (*keeps)(const struct node *n, struct slot *s);
	bool (*differs)(struct slot *s);
	bool (*is_quiet)(struct slot *s); /* of its repair no line is written */
	void (*sending)(struct slot *s);

	/* It was seen in the kernel; has come there, or gone; an effect has done what it was to do.
	 */
	void (*seen)(struct node *n, struct slot *s, const struct object *o);
	void (*changed)(struct node *n, struct slot *s);
	void (*done)(struct node *n, struct slot *s);

	/* HELD: it is wanted, and there. GONE: it was not wanted, and the slot is closed. */
	void (*held)(struct node *n, struct slot *s);
	void (*gone)(struct node *n, struct slot *s);

	/*
	 * LOST: somebody took it, and it is put back. REFUSED: the kernel will not have it, or it
	 * is left to whoever takes it. True from `vanished` and `refused`: no line is needed.
	 */
	bool (*vanished)(struct node *n, struct slot *s);
	void (*lost)(struct node *n, struct slot *s);
	bool (*refused)(struct node *n, struct slot *s, int error, const char *text);
	void (*board_refused)(struct node *n, struct board *b, bool newcomers);

	/* The slot is closed; what it lies in may be freed. */
	void (*closed)(struct node *n, struct slot *s, uint8_t kind);
};

/*
 * A kernel object behind which no VIP stands: one that was found, or a network's unreachable route.
 */
struct stray {
	struct slot slot;
	struct hash_node by_object;
	struct board *board; /* NULL where the kind has none */
	uint32_t interface;  /* of an OBJECT_ARP_SENDER */
	struct address address;
	uint8_t length;
};

struct kernel {
	const struct slot_owner *owners[SLOT_OWNERS];
	struct list boards;
	struct hash by_object;		 /* strays */
	uint32_t n_strays[OBJECT_KINDS]; /* of each kind */
	struct list dirty;		 /* slots */
	struct hash troubles;		 /* of slots, by the slot; most have none */
	size_t n_silent;		 /* VIPs whose slot is to be silent */
	bool arp_table;			 /* the kernel has our table */
	char why_not_silent[NODE_SENTENCE_MAX];
	bool senders_dirty; /* the objects OBJECT_ARP_SENDER are to be looked at */
	bool boards_dirty;

	/*
	 * Effects on their way: pending[i] is the slot of effect first_pending + i; NULL: settled,
	 * or a board's.
	 */
	struct slot **pending;
	size_t n_pending, pending_capacity, pending_start;
	uint32_t first_pending;
};

/* board.c */
struct board *board_find(const struct node *n, const char *name);
struct board *board_by_index(const struct node *n, uint32_t index);
struct board *board_get(struct node *n,
			const char *name); /* makes the record; NULL: no memory, or too many */
bool board_wanted(const struct board *b);
void board_appeared(struct node *n, const struct interface *i);
void board_vanished(struct node *n, struct board *b);
void board_name_is_free(struct node *n, const char *name); /* who had it has gone */
void board_done(struct node *n, struct board *b, int error, const char *text);
void board_free(struct node *n, struct board *b);

/* slot.c: what is wanted and what is there */
struct slot *slot_find(struct node *n, const struct board *board, uint8_t kind,
		       const struct address *a, uint8_t length);
struct slot *slot_get_stray(struct node *n, struct board *board, uint8_t kind,
			    const struct address *a, uint8_t length);
void slot_begin(struct slot *s, enum slot_owner_kind owner, uint8_t kind);
void slot_open(struct node *n, struct slot *s, enum slot_owner_kind owner,
	       uint8_t kind); /* takes a stray's place, if one is there */
void slot_want(struct node *n, struct slot *s, bool wanted);
void slot_lost(struct node *n, struct slot *s); /* Linux has dropped it, as it does */
void slot_observed(struct node *n, const struct object *o, bool present);
void slot_dirty(struct node *n, struct slot *s);
uint8_t slot_failures(const struct node *n, const struct slot *s); /* in a row */
void slot_look_at_all(struct node *n);
void slot_silence_gone(struct node *n); /* with the table */
void slot_silence_there(struct node *n);
struct slot *slot_get_sender(struct node *n, uint32_t interface, const struct address *a);
void slot_unwant_senders(struct node *n);
void slot_board_gone(struct node *n, struct board *b);
void slot_board_there(struct node *n, struct board *b);
void slot_dump_begin(struct node *n);
void slot_dump_end(struct node *n);
void slot_close(struct node *n, struct slot *s); /* what it lies in may be freed with it */
void slot_drop(struct node *n, struct slot *s);	 /* the node ends */
void stray_free_all(struct node *n);

/* reconcile.c: the reconciler between the two */
void slot_done(struct node *n, uint32_t id, int error, const char *text);
void slot_reconcile(struct node *n);
void board_reconcile(struct node *n); /* all of them */

/* silence.c: ARP silence */
void silence_count(struct node *n, int change); /* so many more VIPs are to be silent */
void silence_table(struct node *n, bool present);
extern const struct slot_owner stray_slots; /* stray.c */

#endif
