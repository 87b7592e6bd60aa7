/* SPDX-License-Identifier: Apache-2.0 */
/* The state machine of a session: RFC 5880 6.2 and 6.8.6, as a table. */
#include "proto/bfd/instance.h"

#define IN(state) (1u << BFD_STATE_##state)

static const struct transition {
	uint8_t states; /* bits of enum bfd_state */
	uint8_t event;	/* enum bfd_fsm_event */
	uint8_t next, diagnostic;
} transitions[] = {
	/* RFC 5880 6.8.6: the peer's state, and ours. */
	{ IN(INIT) | IN(UP), BFD_FSM_ADMIN_DOWN, BFD_STATE_DOWN, BFD_DIAGNOSTIC_NEIGHBOR },
	{ IN(DOWN), BFD_FSM_DOWN, BFD_STATE_INIT, BFD_DIAGNOSTIC_NONE },
	{ IN(DOWN), BFD_FSM_INIT, BFD_STATE_UP, BFD_DIAGNOSTIC_NONE },
	{ IN(INIT), BFD_FSM_INIT, BFD_STATE_UP, BFD_DIAGNOSTIC_NONE },
	{ IN(INIT), BFD_FSM_UP, BFD_STATE_UP, BFD_DIAGNOSTIC_NONE },
	{ IN(UP), BFD_FSM_DOWN, BFD_STATE_DOWN, BFD_DIAGNOSTIC_NEIGHBOR },

	/* RFC 5880 6.8.4 */
	{ IN(INIT) | IN(UP), BFD_FSM_EXPIRED, BFD_STATE_DOWN, BFD_DIAGNOSTIC_EXPIRED },

	/* RFC 5880 6.8.16 */
	{ IN(DOWN) | IN(INIT) | IN(UP), BFD_FSM_REMOVED, BFD_STATE_ADMIN_DOWN,
	  BFD_DIAGNOSTIC_ADMIN },
};

/*
 * The diagnostic says why the session is not up, and so it stays through INIT: the peer can still
 * read it there (RFC 5880 6.8.1).
 */
static void set_state(struct bfd *b, struct instant now, struct bfd_session *s,
		      const struct transition *t)
{
	uint8_t from = s->state;

	s->state = t->next;
	if (t->diagnostic != BFD_DIAGNOSTIC_NONE || t->next == BFD_STATE_UP)
		s->diagnostic = t->diagnostic;
	if (t->diagnostic != BFD_DIAGNOSTIC_NONE)
		s->last_diagnostic = t->diagnostic;
	s->since = now;
	session_entered(b, now, s, from);
}

bool fsm_step(struct bfd *b, struct instant now, struct bfd_session *s, enum bfd_fsm_event event)
{
	for (size_t k = 0; k < sizeof(transitions) / sizeof(transitions[0]); k++) {
		const struct transition *t = &transitions[k];

		if (t->event != event || !(t->states & (1u << s->state)))
			continue;
		set_state(b, now, s, t);
		return true;
	}
	return false;
}
