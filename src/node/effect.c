/* SPDX-License-Identifier: Apache-2.0 */
#include "node/effect.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/container.h"
#include "node/encoding.h"

const char *vip_state_name(enum vip_state state)
{
	static const char *const names[] = {
#define VIP_STATE_TEXT(name, text) text,
		VIP_STATES(VIP_STATE_TEXT)
#undef VIP_STATE_TEXT
	};

	return state < VIP_STATE_COUNT ? names[state] : "-";
}

static void codec_event(struct codec *c, struct event *e)
{
	codec_enum(c, &e->kind, 0, EVENT_KIND_COUNT - 1);
	codec_address(c, &e->vip);
	codec_u32(c, &e->count);
	codec_enum(c, &e->from, 0, VIP_STATE_COUNT - 1);
	codec_enum(c, &e->to, 0, VIP_STATE_COUNT - 1);
	codec_duration(c, &e->age);
	codec_text(c, e->interface, sizeof(e->interface));
	codec_address(c, &e->neighbor);
	codec_text(c, e->reason, sizeof(e->reason));
}

static void codec_row_status(struct codec *c, struct row_status *s)
{
	codec_instant(c, &s->started);
	codec_bool(c, &s->stopping);
	codec_u32(c, &s->boards);
	codec_u32(c, &s->vips);
	codec_u32(c, &s->announced);
	codec_u32(c, &s->accepted);
	codec_u32(c, &s->conflicts);
	codec_u32(c, &s->failed);
	codec_u32(c, &s->interfaces);
	codec_u32(c, &s->neighbors);
	codec_u32(c, &s->neighbors_up);
	codec_u32(c, &s->unheard);
	codec_u32(c, &s->mute);
	codec_u32(c, &s->crowded);
	codec_u64(c, &s->repairs);
	codec_u32(c, &s->learned);
	codec_u32(c, &s->learned_unused);
	codec_u32(c, &s->frames_dropped);
	codec_u32(c, &s->unbound);
	codec_text(c, s->unsaved, sizeof(s->unsaved));
	codec_u32(c, &s->ways);
	codec_u32(c, &s->ways_lost);
	codec_text(c, s->lost, sizeof(s->lost));
}

static void codec_row_board(struct codec *c, struct row_board *b)
{
	codec_text(c, b->name, sizeof(b->name));
	codec_u32(c, &b->index);
	codec_text(c, b->backend, sizeof(b->backend));
	codec_bool(c, &b->up);
	codec_bool(c, &b->configured);
	codec_u32(c, &b->vips);
	codec_text(c, b->reason, sizeof(b->reason));
}

static void codec_row_vip(struct codec *c, struct row_vip *v)
{
	codec_vip(c, &v->settings);
	codec_enum(c, &v->state, 0, VIP_STATE_COUNT - 1);
	codec_bool(c, &v->announced);
	codec_u32(c, &v->metric);
	codec_u32(c, &v->own_metric);
	codec_bool(c, &v->leaving);
	codec_instant(c, &v->since);
	codec_bool(c, &v->held_as_route);
	codec_bool(c, &v->configured);
	codec_enum(c, &v->n_accepted, 0, ROW_ACCEPTED_MAX);
	for (size_t k = 0; codec_ok(c) && k < v->n_accepted; k++) {
		codec_text(c, v->accepted_by[k].interface, sizeof(v->accepted_by[k].interface));
		codec_address(c, &v->accepted_by[k].neighbor);
	}
	codec_u8(c, &v->no_proof);
	codec_enum(c, &v->rival.seen, RIVAL_NONE, RIVAL_ON_WIRE);
	codec_text(c, v->rival.interface, sizeof(v->rival.interface));
	codec_address(c, &v->rival.neighbor);
	codec_u32(c, &v->rival.metric);
	codec_bytes(c, v->rival.mac, sizeof(v->rival.mac));
	codec_instant(c, &v->rival.since);
	codec_enum(c, &v->check.state, CHECK_UNKNOWN, CHECK_FAILING);
	codec_text(c, v->check.text, sizeof(v->check.text));
	codec_enum(c, &v->drain.phase, DRAIN_NONE, DRAIN_DONE);
	codec_bool(c, &v->drain.counted);
	codec_u32(c, &v->drain.connections);
	codec_instant(c, &v->drain.until);
	codec_text(c, v->reason, sizeof(v->reason));
}

static void codec_drops(struct codec *c, uint32_t drops[RIP_DROP_COUNT])
{
	for (size_t k = 0; k < RIP_DROP_COUNT; k++)
		codec_u32(c, &drops[k]);
}

static void codec_speech(struct codec *c, struct speaker_interface *i)
{
	codec_u32(c, &i->index);
	codec_u8(c, &i->family);
	codec_bool(c, &i->speaking);
	codec_bool(c, &i->mute);
	codec_enum(c, &i->auth, AUTH_NONE, AUTH_COUNT - 1);
	codec_u8(c, &i->key);
	codec_u8(c, &i->n_keys);
	codec_u8(c, &i->keys_missing);
	codec_u8(c, &i->version);
	codec_u32(c, &i->cost);
	codec_u32(c, &i->lift);
	codec_u32(c, &i->metric);
	codec_u32(c, &i->sent);
	codec_u32(c, &i->neighbors);
	codec_bool(c, &i->crowded);
	codec_drops(c, i->drops);
}

static void codec_row_interface(struct codec *c, struct row_interface *i)
{
	codec_interface(c, &i->interface);
	codec_enum(c, &i->n_addresses, 0, ROW_ADDRESSES_MAX);
	for (size_t k = 0; codec_ok(c) && k < i->n_addresses; k++) {
		codec_address(c, &i->addresses[k].address);
		codec_u8(c, &i->addresses[k].length);
	}
	codec_bool(c, &i->rip_enabled);
	codec_speech(c, &i->rip);
	codec_bool(c, &i->ripng_enabled);
	codec_speech(c, &i->ripng);
	codec_u32(c, &i->bfd_interval_us);
	codec_u8(c, &i->bfd_multiplier);
	codec_u32(c, &i->probe_interval_us);
	codec_u8(c, &i->probe_multiplier);
	codec_u32(c, &i->refused);
	codec_text(c, i->reason, sizeof(i->reason));
}

static void codec_row_bfd(struct codec *c, struct row_bfd *b)
{
	codec_bool(c, &b->wanted);
	codec_enum(c, &b->state, BFD_STATE_ADMIN_DOWN, BFD_STATE_UP);
	codec_enum(c, &b->remote_state, BFD_STATE_ADMIN_DOWN, BFD_STATE_UP);
	codec_u8(c, &b->diagnostic);
	codec_u8(c, &b->remote_diagnostic);
	codec_bool(c, &b->known);
	codec_instant(c, &b->since);
	codec_u32(c, &b->flaps);
	codec_u32(c, &b->tx_us);
	codec_u32(c, &b->rx_us);
	codec_u8(c, &b->multiplier);
}

static void codec_row_probe(struct codec *c, struct row_probe *p)
{
	codec_bool(c, &p->wanted);
	codec_enum(c, &p->state, PROBE_STATE_UNKNOWN, PROBE_STATE_DOWN);
	codec_bool(c, &p->known);
	codec_instant(c, &p->since);
	codec_u32(c, &p->flaps);
	codec_u32(c, &p->interval_us);
	codec_u8(c, &p->multiplier);
}

static void codec_row_neighbor(struct codec *c, struct row_neighbor *n)
{
	codec_text(c, n->interface, sizeof(n->interface));
	codec_u32(c, &n->rip.interface);
	codec_address(c, &n->rip.address);
	codec_bool(c, &n->rip.up);
	codec_bool(c, &n->rip.late);
	codec_duration(c, &n->rip.rhythm);
	codec_u8(c, &n->rip.version);
	codec_bool(c, &n->rip.proves);
	codec_bool(c, &n->rip.ignores_hosts);
	codec_instant(c, &n->rip.since);
	codec_instant(c, &n->rip.heard);
	codec_u32(c, &n->rip.packets);
	codec_u32(c, &n->rip.routes);
	codec_u32(c, &n->rip.accepted);
	codec_u32(c, &n->rip.learned);
	codec_drops(c, n->rip.drops);
	codec_bool(c, &n->rip.dead);
	codec_row_bfd(c, &n->bfd);
	codec_row_probe(c, &n->probe);
}

static void codec_row_session(struct codec *c, struct row_session *s)
{
	codec_text(c, s->interface, sizeof(s->interface));
	codec_path(c, &s->path);
	codec_bool(c, &s->is_probe);
	if (s->is_probe)
		codec_row_probe(c, &s->probe);
	else
		codec_row_bfd(c, &s->bfd);
}

static void codec_row_route(struct codec *c, struct row_route *r)
{
	codec_prefix(c, &r->prefix);
	codec_bool(c, &r->own);
	codec_u32(c, &r->metric);
	codec_bool(c, &r->withdrawn);
	codec_text(c, r->interface, sizeof(r->interface));
	codec_address(c, &r->neighbor);
	codec_u32(c, &r->vips);
	codec_bool(c, &r->learned);
	if (!r->learned)
		return;
	codec_bool(c, &r->in_kernel);
	codec_enum(c, &r->n_paths, 0, ROUTE_PATHS_MAX);
	for (size_t k = 0; codec_ok(c) && k < r->n_paths; k++) {
		codec_text(c, r->paths[k].interface, sizeof(r->paths[k].interface));
		codec_address(c, &r->paths[k].next_hop);
		codec_enum(c, &r->paths[k].state, ROW_PATH_WAITING, ROW_PATH_REFUSED);
	}
	codec_text(c, r->reason, sizeof(r->reason));
}

static void codec_row_check(struct codec *c, struct row_check *r)
{
	codec_check_settings(c, &r->settings);
	codec_enum(c, &r->state, CHECK_UNKNOWN, CHECK_FAILING);
	codec_bool(c, &r->overruled);
	codec_u32(c, &r->vips);
	codec_u32(c, &r->runs);
	codec_u32(c, &r->failures);
	codec_instant(c, &r->since);
	codec_instant(c, &r->suppressed);
	codec_text(c, r->text, sizeof(r->text));
}

static void codec_row_source_state(struct codec *c, struct row_source_state *s)
{
	codec_enum(c, &s->mode, SOURCE_MODE_OFF, SOURCE_MODE_AUTO);
	codec_bool(c, &s->switched);
	codec_bool(c, &s->answered);
	codec_bool(c, &s->ready);
	codec_text(c, s->error, sizeof(s->error));
	for (size_t k = 0; k < ARRAY_LENGTH(s->first); k++) {
		codec_address(c, &s->first[k]);
		codec_text(c, s->reason[k], sizeof(s->reason[k]));
	}
	for (size_t k = 0; k < SOURCE_VERDICT_COUNT; k++)
		codec_u64(c, &s->counts[k]);
}

static void codec_row_source_why(struct codec *c, struct row_source_why *w)
{
	codec_address(c, &w->destination);
	codec_enum(c, &w->by, SOURCE_BY_LINUX, SOURCE_BY_RULE);
	codec_u16(c, &w->rule);
	codec_address(c, &w->source);
	codec_address(c, &w->linux_source);
	codec_enum(c, &w->n_interfaces, 0, ARRAY_LENGTH(w->interfaces));
	for (size_t k = 0; codec_ok(c) && k < w->n_interfaces; k++)
		codec_text(c, w->interfaces[k], sizeof(w->interfaces[k]));
	codec_bool(c, &w->tried);
	codec_bool(c, &w->agrees);
	codec_address(c, &w->got);
}

static void codec_row_source(struct codec *c, struct row_source *r)
{
	codec_enum(c, &r->part, ROW_SOURCE_STATE, ROW_SOURCE_REASON);
	if (!codec_ok(c))
		return;
	switch ((enum row_source_part)r->part) {
	case ROW_SOURCE_STATE:
		codec_row_source_state(c, &r->state);
		break;
	case ROW_SOURCE_RULE:
		codec_u16(c, &r->rule.number);
		codec_bool(c, &r->rule.in_force);
		codec_source_rule(c, &r->rule.rule);
		codec_text(c, r->rule.reason, sizeof(r->rule.reason));
		break;
	case ROW_SOURCE_INTERFACE:
		codec_text(c, r->interface.name, sizeof(r->interface.name));
		codec_bool(c, &r->interface.switched);
		break;
	case ROW_SOURCE_WHY:
		codec_row_source_why(c, &r->why);
		break;
	case ROW_SOURCE_REASON:
		codec_text(c, r->reason, sizeof(r->reason));
		break;
	}
}

static void codec_source_part(struct codec *c, struct source_policy_part *p)
{
	codec_enum(c, &p->part, SOURCE_RULE, SOURCE_END);
	if (!codec_ok(c))
		return;
	switch ((enum source_part)p->part) {
	case SOURCE_RULE:
		codec_source_rule(c, &p->rule);
		break;
	case SOURCE_INTERFACE:
		codec_u32(c, &p->interface);
		break;
	case SOURCE_END:
		codec_address(c, &p->first[0]);
		codec_address(c, &p->first[1]);
		break;
	}
}

static void codec_row(struct codec *c, struct effect *e)
{
	codec_u32(c, &e->row.request);
	if (e->kind == EFFECT_ROW_STATUS)
		codec_row_status(c, &e->row.status);
	else if (e->kind == EFFECT_ROW_BOARD)
		codec_row_board(c, &e->row.board);
	else if (e->kind == EFFECT_ROW_VIP)
		codec_row_vip(c, &e->row.vip);
	else if (e->kind == EFFECT_ROW_INTERFACE)
		codec_row_interface(c, &e->row.interface);
	else if (e->kind == EFFECT_ROW_NEIGHBOR)
		codec_row_neighbor(c, &e->row.neighbor);
	else if (e->kind == EFFECT_ROW_SESSION)
		codec_row_session(c, &e->row.session);
	else if (e->kind == EFFECT_ROW_CHECK)
		codec_row_check(c, &e->row.check);
	else if (e->kind == EFFECT_ROW_SOURCE)
		codec_row_source(c, &e->row.source);
	else if (e->kind == EFFECT_ROW_FINDING)
		codec_finding(c, &e->row.finding);
	else
		codec_row_route(c, &e->row.route);
}

static void codec_reply(struct codec *c, struct effect *e)
{
	codec_u32(c, &e->reply.request);
	codec_enum(c, &e->reply.code, REPLY_OK, REPLY_UNSAVED);
	codec_bool(c, &e->reply.acted);
	codec_u32(c, &e->reply.next);
	codec_text(c, e->reply.sentence, sizeof(e->reply.sentence));
}

static void codec_effect(struct codec *c, struct effect *e)
{
	codec_enum(c, &e->kind, EFFECT_BOARD_ADD, EFFECT_CLOSE);
	codec_u32(c, &e->id);
	if (!codec_ok(c))
		return;
	switch ((enum effect_kind)e->kind) {
	case EFFECT_BOARD_ADD:
	case EFFECT_BOARD_UP:
	case EFFECT_BOARD_REMOVE:
		codec_text(c, e->board.name, sizeof(e->board.name));
		codec_u32(c, &e->board.index);
		break;
	case EFFECT_OBJECT_ADD:
	case EFFECT_OBJECT_REMOVE:
		codec_object(c, &e->object);
		break;
	case EFFECT_LISTEN:
		codec_u32(c, &e->listen.interface);
		codec_family(c, &e->listen.family);
		codec_bool(c, &e->listen.on);
		codec_auth(c, &e->listen.auth);
		break;
	case EFFECT_SEND:
		codec_datagram(c, &e->send);
		break;
	case EFFECT_OPEN:
		codec_stream(c, &e->stream);
		break;
	case EFFECT_STREAM:
		codec_stream_piece(c, &e->piece);
		break;
	case EFFECT_CLOSE:
		codec_stream_change(c, &e->change);
		break;
	case EFFECT_EVENT:
		codec_event(c, &e->event);
		break;
	case EFFECT_REPLY:
		codec_reply(c, e);
		break;
	case EFFECT_ROW_STATUS:
	case EFFECT_ROW_BOARD:
	case EFFECT_ROW_VIP:
	case EFFECT_ROW_INTERFACE:
	case EFFECT_ROW_NEIGHBOR:
	case EFFECT_ROW_ROUTE:
	case EFFECT_ROW_CHECK:
	case EFFECT_ROW_FINDING:
	case EFFECT_ROW_SOURCE:
	case EFFECT_ROW_SESSION:
		codec_row(c, e);
		break;
	case EFFECT_WATCH:
		codec_u32(c, &e->watch.interface);
		codec_bool(c, &e->watch.on);
		codec_bool(c, &e->watch.all_multicast);
		break;
	case EFFECT_FRAME:
		codec_frame(c, &e->frame);
		break;
	case EFFECT_SAVE:
		codec_record(c, &saved_record, &e->save);
		break;
	case EFFECT_EXAMINE:
		codec_u32(c, &e->examine.request);
		codec_address(c, &e->examine.vip);
		codec_address(c, &e->examine.silent);
		break;
	case EFFECT_CHECK:
		codec_u32(c, &e->check.run);
		codec_bool(c, &e->check.off);
		codec_check_settings(c, &e->check.settings);
		break;
	case EFFECT_SOURCE:
		codec_source_part(c, &e->source);
		break;
	case EFFECT_SOURCE_LOOK:
		codec_u32(c, &e->source_look.request);
		codec_address(c, &e->source_look.destination);
		codec_text(c, e->source_look.user, sizeof(e->source_look.user));
		codec_bool(c, &e->source_look.trial);
		break;
	case EFFECT_COUNT:
		codec_address(c, &e->count.address);
		break;
	case EFFECT_BFD:
		codec_bool(c, &e->bfd.remove);
		codec_path(c, &e->bfd.key);
		if (!e->bfd.remove)
			codec_bfd_params(c, &e->bfd.params);
		if (!e->bfd.remove)
			codec_bfd_auth(c, &e->bfd.auth);
		break;
	case EFFECT_PROBE:
		codec_bool(c, &e->probe.remove);
		codec_path(c, &e->probe.path);
		if (!e->probe.remove)
			codec_probe_params(c, &e->probe.params);
		break;
	case EFFECT_RESYNC:
	case EFFECT_STOPPED:
		break;
	}
}

size_t effect_encode(const struct effect *e, uint8_t *bytes)
{
	struct writer w;
	struct codec c = { .writer = &w };

	writer_init(&w, bytes, EFFECT_BYTES_MAX);
	/* A codec that writes leaves its struct alone. */
	codec_effect(&c, (struct effect *)e);
	assert(writer_ok(&w));
	return w.length;
}

int effect_decode(const uint8_t *bytes, size_t length, struct effect *ret)
{
	struct reader r;
	struct codec c = { .reader = &r };

	/*
	 * Cleared whole: a codec passes over fields that mean nothing here (next hops of a route
	 * that is not learned), and whoever prints them must not print what stood there before.
	 */
	memset(ret, 0, sizeof(*ret));
	reader_init(&r, bytes, length);
	codec_effect(&c, ret);
	return reader_ok(&r) && reader_left(&r) == 0 ? 0 : -EBADMSG;
}
