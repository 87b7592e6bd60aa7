/* SPDX-License-Identifier: Apache-2.0 */
/* What a person asks for, and the configuration. */
#ifndef NODE_COMMAND_H
#define NODE_COMMAND_H

#include "node/core.h"
#include "node/protocol.h"

/* Inputs of one request that came with `more`, until the last one. */
struct staging {
	uint32_t request;
	struct vip_settings *vips; /* owned */
	size_t n_vips;
	struct interface_rule *rules; /* owned */
	size_t n_rules;
	struct check_settings *checks; /* owned */
	size_t n_checks;
	char (*boards)[INTERFACE_NAME_MAX]; /* owned */
	size_t n_boards;
	struct rule_speech *speeches; /* owned: by the rules that they belong to */
	size_t n_speeches;
	struct speaker_settings protocols[PROTOCOL_END];
	bool proof;
	uint8_t source_mode;
	struct source_rule *source_rules; /* owned */
	size_t n_source_rules;
	bool overflow;
};

/* node.c: what is of the whole node */
void node_start(struct node *n, uint64_t seed);
void node_dump_begin(struct node *n);
void node_dump_end(struct node *n);
void node_tick(struct node *n);
void node_settle(struct node *n); /* what follows from any input */

/* command.c and apply.c */
void command_board(struct node *n, const struct input *in);
void command_bind(struct node *n, const struct input *in);
void command_undo_all(struct node *n); /* of requests that wait for nothing more */
void command_unbind(struct node *n, const struct input *in);
void command_drain(struct node *n, const struct input *in);
void command_stop(struct node *n, bool hand_over);
void command_purge(struct node *n, uint32_t request);
void apply_config(struct node *n, const struct input *in);
int staging_add_vip(struct staging *s, const struct vip_settings *v);
int staging_add_rule(struct staging *s, const struct interface_rule *r);
int staging_add_speech(struct staging *s, const struct speech_settings *speech);
int staging_add_check(struct staging *s, const struct check_settings *c);
int staging_add_source_rule(struct staging *s, const struct source_rule *r);
int staging_add_board(struct staging *s, const char *name);
void staging_begin(struct node *n, uint32_t request); /* what another request left is thrown away */
void staging_clear(struct staging *s);

#endif
