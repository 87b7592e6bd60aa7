/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lowest floor: what is wanted of the kernel, what is there, and the reconciler between the
 * two.
 */
#ifndef NODE_KERNEL_H
#define NODE_KERNEL_H

#include "node/core.h"

struct binding;

/* How often something was taken away lately, and given up then: fight.c. */
struct fight {
	uint32_t since; /* in seconds of the clock */
	uint8_t losses, given_up;
};

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
	uint8_t failures;
	struct fight fight;
	char error[NODE_SENTENCE_MAX];
	struct timer retry;
};

/*
 * One kernel object in both tables: `wanted` is the desired one, `present` the observed one. The
 * reconciler makes effects of the difference. A VIP's slot lies in its binding; those of learned
 * routes in what learned.h describes; all others in a stray.
 */
struct slot {
	struct list dirty; /* in kernel.dirty while it is to be looked at */
	struct timer retry;
	uint32_t pending; /* the effect that is on its way; 0: none */
	uint8_t kind;	  /* enum object_kind; 0: there is no slot */
	uint8_t failures;
	bool in_binding;
	bool wanted, present, confirmed; /* confirmed: seen in the dump that is being read */
	bool removing;			 /* what `pending` will do */

	/*
	 * ARP silence comes before the object and goes after it (silence.c). `hushing`: `pending`
	 * is about the silence, not about the object.
	 */
	bool silent, silenced, silence_confirmed, hushing;
	struct fight fight;
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
	struct list boards;
	struct hash by_object; /* strays */
	uint32_t n_strays[OBJECT_LEARNED + 1]; /* of each kind */
	struct list dirty;     /* slots */
	size_t n_silent;       /* VIPs whose slot is to be silent */
	bool arp_table;	       /* the kernel has our table */
	bool senders_dirty;    /* the objects OBJECT_ARP_SENDER are to be looked at */
	bool boards_dirty;

	/*
	 * Effects on their way: pending[i] is the slot of effect first_pending + i; NULL: settled,
	 * or a board's.
	 */
	struct slot **pending;
	size_t n_pending, pending_capacity, pending_start;
	uint32_t first_pending;
};

/*
 * fight.c: it was taken away once more, by somebody who `what`. Zero: it is to be put back; else it
 * is left to him for so long, and the sentence says so.
 */
struct duration fight_lost(struct fight *f, struct instant now, const char *what, char *sentence,
			   size_t size);

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
void board_reconcile(struct node *n); /* all of them */
void board_free(struct node *n, struct board *b);
void board_command(struct node *n, const struct input *in);

/* slot.c: what is wanted and what is there */
struct slot *slot_find(const struct node *n, const struct board *board, uint8_t kind,
		       const struct address *a, uint8_t length);
struct slot *slot_get_stray(struct node *n, struct board *board, uint8_t kind,
			    const struct address *a, uint8_t length);
void slot_open(struct node *n, struct binding *b,
	       uint8_t kind);		       /* takes a stray's place, if one is there */
void slot_begin(struct slot *s, uint8_t kind); /* one that is in no binding */
void slot_want(struct node *n, struct slot *s, bool wanted);
void slot_lost(struct node *n, struct slot *s); /* Linux has dropped it, as it does */
void slot_observed(struct node *n, const struct object *o, bool present);
void slot_dirty(struct node *n, struct slot *s);
void slot_look_at_all(struct node *n);
void slot_silence_gone(struct node *n); /* with the table */
void slot_silence_there(struct node *n);
void slot_set_silent(struct node *n, struct binding *b);
struct slot *slot_get_sender(struct node *n, uint32_t interface, const struct address *a);
void slot_unwant_senders(struct node *n);
void slot_board_gone(struct node *n, struct board *b);
void slot_board_there(struct node *n, struct board *b);
void slot_dump_begin(struct node *n);
void slot_dump_end(struct node *n);
void slot_close(struct node *n, struct slot *s); /* a stray is freed with it */

/* reconcile.c: the reconciler between the two */
void slot_done(struct node *n, uint32_t id, int error, const char *text);
void slot_reconcile(struct node *n);
uint32_t pending_put(struct node *n,
		     struct slot *s); /* the number of the next effect; 0: no memory */

/* silence.c: ARP silence */
void silence_count(struct node *n, int change); /* so many more VIPs are to be silent */
void silence_reconcile(struct node *n);		/* in whose name is asked, out of each interface */
void silence_table(struct node *n, bool present);

#endif
