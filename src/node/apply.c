/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A configuration takes the place of the one before. Only what differs is touched: a VIP that
 * stands in both is left alone, whatever else changes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/command.h"
#include "node/save.h"
#include "node/vip/vip.h"

static void apply_boards(struct node *n, const struct staging *s)
{
	list_each(link, &n->kernel->boards)
		container_of(link, struct board, link)->configured = false;
	for (size_t k = 0; k < s->n_boards || k == 0; k++) {
		struct board *b = board_get(n, s->n_boards ? s->boards[k] : NODE_BOARD_DEFAULT);

		if (b) {
			b->configured = true;
			b->doomed = false;
		}
	}
	n->kernel->boards_dirty = true;
}

static void apply_vip(struct node *n, const struct vip_settings *v, size_t together)
{
	struct binding *b = binding_find(n, &v->address);
	struct vip_settings now;

	if (b) {
		b->stale = b->doomed = b->by_hand = false;
		b->configured = true;
		binding_settings(b, &now);
		if (b->leaving || !record_equal(&vip_record, &now, v))
			binding_change(n, b, v);
		return;
	}
	if (!n->synced && unbound_keeps(n, v))
		return;
	b = binding_new(n, v, together);
	if (!b)
		return;
	b->configured = true;
	save_vip(n, b);
	binding_start(n, b);
}

static void apply_vips(struct node *n, const struct staging *s)
{
	list_each_entry(struct binding, b, &n->vips->bindings, link) {
		b->stale = b->configured;
		b->configured = false;
	}
	if (n->synced)
		unbound_forget_all(n);
	for (size_t k = 0; k < s->n_vips; k++)
		apply_vip(n, &s->vips[k], s->n_vips);
	list_each_entry_safe(struct binding, b, &n->vips->bindings, link)
		if (b->stale)
			binding_leave(n, b, false);
}

static void apply_rules(struct node *n, struct staging *s)
{
	/* The list changes hands: staging_clear() then frees the old one. */
	struct interface_rule *rules = n->routing->rules;

	n->routing->rules = s->rules;
	n->routing->n_rules = s->n_rules;
	s->rules = rules;
	free(n->routing->speeches);
	n->routing->speeches = s->speeches;
	n->routing->n_speeches = s->n_speeches;
	s->speeches = NULL;
	link_review_all(n);
	link_read_secrets(n);
	ways_forget(n, false);
}

/*
 * A configuration is refused whole. The sentence names the VIP; the file's line is named by
 * config/.
 */
static bool apply_check(const struct node *n, const struct staging *s, char *sentence, size_t size)
{
	if (s->overflow) {
		snprintf(sentence, size, "the configuration is larger than the limits allow");
		return false;
	}
	for (size_t k = 0; k < s->n_vips; k++)
		if (vip_settings_check(&s->vips[k], sentence, size) < 0 ||
		    speakers_check_metric(n, s->speeches, s->n_speeches, &s->vips[k], sentence,
					  size) < 0)
			return false;
	for (size_t k = 0; k < s->n_checks; k++)
		if (check_settings_check(&s->checks[k], sentence, size) < 0)
			return false;
	for (size_t k = 0; k < s->n_source_rules; k++)
		if (source_rule_check(&s->source_rules[k], sentence, size) < 0)
			return false;
	return true;
}

static void apply_part(struct staging *s, const struct input *in)
{
	int r = 0;

	switch ((enum config_part)in->config.part) {
	case CONFIG_PROTOCOL:
		s->protocols[in->config.protocol.protocol] = in->config.protocol;
		break;
	case CONFIG_SPEECH:
		r = staging_add_speech(s, &in->config.speech);
		break;
	case CONFIG_BOARD:
		r = staging_add_board(s, in->config.board);
		break;
	case CONFIG_VIP:
		r = staging_add_vip(s, &in->config.vip);
		break;
	case CONFIG_RULE:
		r = staging_add_rule(s, &in->config.rule);
		break;
	case CONFIG_CHECK:
		r = staging_add_check(s, &in->config.check);
		break;
	case CONFIG_SOURCE:
		s->source_mode = in->config.source_mode;
		break;
	case CONFIG_SOURCE_RULE:
		r = staging_add_source_rule(s, &in->config.source_rule);
		break;
	case CONFIG_PROOF:
		s->proof = in->config.proof;
		break;
	case CONFIG_END:
		break;
	}
	s->overflow |= r < 0;
}

void apply_config(struct node *n, const struct input *in)
{
	char sentence[NODE_SENTENCE_MAX] = "";
	struct staging *s = n->staging;

	staging_begin(n, in->request);
	apply_part(s, in);
	if (in->config.part != CONFIG_END)
		return;
	if (n->stopping) {
		request_reply(n, in->request, REPLY_REFUSED, "vipd is stopping");
	} else if (!apply_check(n, s, sentence, sizeof(sentence))) {
		node_note(n, EVENT_CONFIG, NULL, "refused: %s", sentence);
		request_reply(n, in->request, REPLY_REFUSED, sentence);
	} else {
		memcpy(n->routing->protocols, s->protocols, sizeof(n->routing->protocols));
		speakers_configure(n);
		apply_boards(n, s);
		apply_rules(n, s);
		if (speakers_feed(n, n->vips->n_of_family))
			network_refresh_all(n);
		proving_set(n, s->proof);
		check_configure(n, s->checks, s->n_checks);
		binding_hear_checks(n);
		s->source_rules =
			source_configure(n, s->source_mode, s->source_rules, s->n_source_rules);
		apply_vips(n, s);
		binding_silence_all(n);
		check_configured(n);
		node_note(n, EVENT_CONFIG, NULL, "applied: %zu VIPs, %zu interface rules",
			  s->n_vips, n->routing->n_rules);
		request_reply(n, in->request, REPLY_OK, NULL);
	}
	staging_clear(s);
}
