/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GET /metrics: text for Prometheus, version 0.0.4. All lines of one family have to stand together,
 * so each family walks the rows of its query for itself and nothing is kept in memory: it is a
 * stream like the lists. First comes what the status says, in one piece.
 */
#include <inttypes.h>

#include "api/request.h"
#include "base/container.h"

struct metric {
	const char *name, *type, *help;
	uint8_t query; /* enum query_kind */
	void (*print)(struct json *j, const struct metric *f, const struct effect *row,
		      struct moment at);
};

/* A label's value: only a backslash, a quote and a newline have to be escaped. */
static void label(struct json *j, const char *name, const char *value)
{
	json_format(j, "%s=\"", name);
	for (const char *c = value; *c; c++)
		json_format(j, *c == '\n' ? "\\n" : *c == '"' || *c == '\\' ? "\\%c" : "%c", *c);
	json_format(j, "\"");
}

static void sample_begin(struct json *j, const struct metric *f)
{
	json_format(j, "vipd_%s{", f->name);
}

static void sample_end(struct json *j, uint64_t value)
{
	json_format(j, "} %" PRIu64 "\n", value);
}

static void sample_of_interface(struct json *j, const struct metric *f, const char *interface,
				uint64_t value)
{
	sample_begin(j, f);
	label(j, "interface", interface);
	sample_end(j, value);
}

static void interface_up(struct json *j, const struct metric *f, const struct effect *row,
			 struct moment at)
{
	const struct interface *i = &row->row.interface.interface;

	(void)at;
	if (i->kind == INTERFACE_PHYSICAL)
		sample_of_interface(j, f, i->name, interface_is_usable(i));
}

static void interface_speaks(struct json *j, const struct metric *f, const struct effect *row,
			     struct moment at)
{
	const struct row_interface *r = &row->row.interface;

	(void)at;
	if (r->interface.kind == INTERFACE_PHYSICAL)
		sample_of_interface(j, f, r->interface.name,
				    (r->rip_enabled && r->rip.speaking) ||
					    (r->ripng_enabled && r->ripng.speaking));
}

static void rip_mute(struct json *j, const struct metric *f, const struct effect *row,
		     struct moment at)
{
	const struct row_interface *r = &row->row.interface;

	(void)at;
	if (r->rip_enabled && r->rip.auth != AUTH_NONE)
		sample_of_interface(j, f, r->interface.name, r->rip.mute);
}

static void rip_crowded(struct json *j, const struct metric *f, const struct effect *row,
			struct moment at)
{
	const struct row_interface *r = &row->row.interface;

	(void)at;
	if (r->rip_enabled || r->ripng_enabled)
		sample_of_interface(j, f, r->interface.name, r->rip.crowded || r->ripng.crowded);
}

/* What a speaker says of the interface; NULL: it does not speak there. */
static const struct speaker_interface *speech_of(const struct effect *row, enum family family)
{
	const struct row_interface *r = &row->row.interface;

	if (family == FAMILY_IPV6)
		return r->ripng_enabled ? &r->ripng : NULL;
	return r->rip_enabled ? &r->rip : NULL;
}

static void speech_dropped(struct json *j, const struct metric *f, const struct effect *row,
			   const struct speaker_interface *s)
{
	for (enum rip_drop i = 0; s && i < RIP_DROP_COUNT; i++) {
		sample_begin(j, f);
		label(j, "interface", row->row.interface.interface.name);
		json_format(j, ",");
		label(j, "reason", rip_drop_name(i));
		sample_end(j, s->drops[i]);
	}
}

static void interface_refused(struct json *j, const struct metric *f, const struct effect *row,
			      struct moment at)
{
	(void)at;
	if (row->row.interface.rip_enabled || row->row.interface.ripng_enabled)
		sample_of_interface(j, f, row->row.interface.interface.name,
				    row->row.interface.refused);
}

/* The same three of RIP and of RIPng. */
#define SPEECH_METRICS(protocol, family)                                                           \
	static void protocol##_metric(struct json *j, const struct metric *f,                      \
				      const struct effect *row, struct moment at)                  \
	{                                                                                          \
		const struct speaker_interface *s = speech_of(row, family);                        \
                                                                                                   \
		(void)at;                                                                          \
		if (s)                                                                             \
			sample_of_interface(j, f, row->row.interface.interface.name, s->metric);   \
	}                                                                                          \
                                                                                                   \
	static void protocol##_sent(struct json *j, const struct metric *f,                        \
				    const struct effect *row, struct moment at)                    \
	{                                                                                          \
		const struct speaker_interface *s = speech_of(row, family);                        \
                                                                                                   \
		(void)at;                                                                          \
		if (s)                                                                             \
			sample_of_interface(j, f, row->row.interface.interface.name, s->sent);     \
	}                                                                                          \
                                                                                                   \
	static void protocol##_dropped(struct json *j, const struct metric *f,                     \
				       const struct effect *row, struct moment at)                 \
	{                                                                                          \
		(void)at;                                                                          \
		speech_dropped(j, f, row, speech_of(row, family));                                 \
	}

SPEECH_METRICS(rip, FAMILY_IPV4)
SPEECH_METRICS(ripng, FAMILY_IPV6)

static void neighbor_labels(struct json *j, const struct metric *f, const struct row_neighbor *n)
{
	sample_begin(j, f);
	label(j, "protocol", n->rip.address.family == FAMILY_IPV6 ? "ripng" : "rip");
	json_format(j, ",");
	label(j, "interface", n->interface);
	json_format(j, ",");
	label(j, "neighbor", ADDRESS_TEXT(&n->rip.address));
}

static void neighbor_up(struct json *j, const struct metric *f, const struct effect *row,
			struct moment at)
{
	(void)at;
	neighbor_labels(j, f, &row->row.neighbor);
	sample_end(j, row->row.neighbor.rip.up);
}

static void neighbor_heard(struct json *j, const struct metric *f, const struct effect *row,
			   struct moment at)
{
	int64_t heard_ns = moment_wall(at, row->row.neighbor.rip.heard);

	if (row->row.neighbor.rip.heard.ns == 0)
		return;
	neighbor_labels(j, f, &row->row.neighbor);
	json_raw(j, "} ", 2);
	json_decimal(j, (struct duration){ heard_ns });
	json_raw(j, "\n", 1);
}

static void neighbor_accepted(struct json *j, const struct metric *f, const struct effect *row,
			      struct moment at)
{
	(void)at;
	neighbor_labels(j, f, &row->row.neighbor);
	sample_end(j, row->row.neighbor.rip.accepted);
}

static void neighbor_learned(struct json *j, const struct metric *f, const struct effect *row,
			     struct moment at)
{
	(void)at;
	neighbor_labels(j, f, &row->row.neighbor);
	sample_end(j, row->row.neighbor.rip.learned);
}

static void neighbor_received(struct json *j, const struct metric *f, const struct effect *row,
			      struct moment at)
{
	(void)at;
	neighbor_labels(j, f, &row->row.neighbor);
	sample_end(j, row->row.neighbor.rip.packets);
}

static void neighbor_dropped(struct json *j, const struct metric *f, const struct effect *row,
			     struct moment at)
{
	(void)at;
	for (enum rip_drop i = 0; i < RIP_DROP_COUNT; i++) {
		neighbor_labels(j, f, &row->row.neighbor);
		json_format(j, ",");
		label(j, "reason", rip_drop_name(i));
		sample_end(j, row->row.neighbor.rip.drops[i]);
	}
}

static void bfd_up(struct json *j, const struct metric *f, const struct effect *row,
		   struct moment at)
{
	const struct row_bfd *b = &row->row.neighbor.bfd;

	(void)at;
	if (!b->wanted)
		return;
	neighbor_labels(j, f, &row->row.neighbor);
	sample_end(j, b->known && b->state == BFD_STATE_UP);
}

static void bfd_flaps(struct json *j, const struct metric *f, const struct effect *row,
		      struct moment at)
{
	(void)at;
	if (!row->row.neighbor.bfd.wanted)
		return;
	neighbor_labels(j, f, &row->row.neighbor);
	sample_end(j, row->row.neighbor.bfd.flaps);
}

static void probe_up(struct json *j, const struct metric *f, const struct effect *row,
		     struct moment at)
{
	const struct row_probe *p = &row->row.neighbor.probe;

	(void)at;
	if (!p->wanted)
		return;
	neighbor_labels(j, f, &row->row.neighbor);
	sample_end(j, p->known && p->state == PROBE_STATE_UP);
}

static void probe_flaps(struct json *j, const struct metric *f, const struct effect *row,
			struct moment at)
{
	(void)at;
	if (!row->row.neighbor.probe.wanted)
		return;
	neighbor_labels(j, f, &row->row.neighbor);
	sample_end(j, row->row.neighbor.probe.flaps);
}

static void check_sample(struct json *j, const struct metric *f, const struct row_check *r,
			 uint64_t value)
{
	const struct address *a = &r->settings.address;

	sample_begin(j, f);
	label(j, "check", r->settings.name);
	json_format(j, ",");
	label(j, "address", address_is_set(a) ? ADDRESS_TEXT(a) : "");
	sample_end(j, value);
}

static void check_passing(struct json *j, const struct metric *f, const struct effect *row,
			  struct moment at)
{
	(void)at;
	check_sample(j, f, &row->row.check, row->row.check.state == CHECK_PASSING);
}

static void check_suppressed(struct json *j, const struct metric *f, const struct effect *row,
			     struct moment at)
{
	check_sample(j, f, &row->row.check, instant_before(at.now, row->row.check.suppressed));
}

static void check_runs(struct json *j, const struct metric *f, const struct effect *row,
		       struct moment at)
{
	(void)at;
	check_sample(j, f, &row->row.check, row->row.check.runs);
}

static void check_failures(struct json *j, const struct metric *f, const struct effect *row,
			   struct moment at)
{
	(void)at;
	check_sample(j, f, &row->row.check, row->row.check.failures);
}

static void vip_sample(struct json *j, const struct metric *f, const struct row_vip *v,
		       uint64_t value)
{
	/* Nobody is to be woken for what a hand has unbound. */
	if (v->state == VIP_STATE_ABSENT && v->leaving)
		return;
	sample_begin(j, f);
	label(j, "vip", ADDRESS_TEXT(&v->settings.address));
	sample_end(j, value);
}

static void vip_announced(struct json *j, const struct metric *f, const struct effect *row,
			  struct moment at)
{
	uint8_t state = row->row.vip.state;

	(void)at;
	vip_sample(j, f, &row->row.vip,
		   state == VIP_STATE_ANNOUNCED || state == VIP_STATE_ACCEPTED);
}

static void vip_accepted(struct json *j, const struct metric *f, const struct effect *row,
			 struct moment at)
{
	(void)at;
	vip_sample(j, f, &row->row.vip, row->row.vip.n_accepted);
}

static void vip_conflict(struct json *j, const struct metric *f, const struct effect *row,
			 struct moment at)
{
	(void)at;
	vip_sample(j, f, &row->row.vip, row->row.vip.rival.seen != RIVAL_NONE);
}

static void source_ready(struct json *j, const struct metric *f, const struct effect *row,
			 struct moment at)
{
	(void)at;
	if (row->row.source.part == ROW_SOURCE_STATE)
		json_format(j, "vipd_%s %d\n", f->name, row->row.source.state.ready);
}

static void source_vip(struct json *j, const struct metric *f, const struct effect *row,
		       struct moment at)
{
	const struct row_source *r = &row->row.source;

	(void)at;
	for (size_t k = 0; r->part == ROW_SOURCE_STATE && k < ARRAY_LENGTH(r->state.first); k++) {
		const struct address *first = &r->state.first[k];

		sample_begin(j, f);
		label(j, "family", k == 0 ? "ipv4" : "ipv6");
		json_format(j, ",");
		label(j, "vip", address_is_set(first) ? ADDRESS_TEXT(first) : "");
		sample_end(j, address_is_set(first));
	}
}

static void source_connections(struct json *j, const struct metric *f, const struct effect *row,
			       struct moment at)
{
	const struct row_source *r = &row->row.source;

	(void)at;
	for (size_t k = 0; r->part == ROW_SOURCE_STATE && k < SOURCE_VERDICT_COUNT; k++) {
		sample_begin(j, f);
		label(j, "verdict", source_verdict_name((enum source_verdict)k));
		sample_end(j, r->state.counts[k]);
	}
}

/* clang-format off */
static const struct metric families[] = {
	{ "interface_up", "gauge", "Whether a physical interface is up and has its carrier.",
	  QUERY_INTERFACES, interface_up },
	{ "interface_speaking", "gauge", "Whether vipd speaks a routing protocol on it.",
	  QUERY_INTERFACES, interface_speaks },
	{ "interface_packets_refused_total", "counter",
	  "Packets of the routing protocols that the kernel refused to send: a filter of this host.",
	  QUERY_INTERFACES, interface_refused },
	{ "rip_mute", "gauge", "1 when none of the interface's RIP keys can be used now.",
	  QUERY_INTERFACES, rip_mute },
	{ "rip_crowded", "gauge",
	  "1 when the interface has more neighbours than are kept, and some were turned away.",
	  QUERY_INTERFACES, rip_crowded },
	{ "rip_metric", "gauge", "The metric that a VIP without one of its own is announced with.",
	  QUERY_INTERFACES, rip_metric },
	{ "rip_packets_sent_total", "counter", "RIP packets that were sent.",
	  QUERY_INTERFACES, rip_sent },
	{ "rip_packets_dropped_total", "counter", "RIP packets that belong to no neighbour, by reason.",
	  QUERY_INTERFACES, rip_dropped },
	{ "ripng_metric", "gauge", "The same for an IPv6 VIP.",
	  QUERY_INTERFACES, ripng_metric },
	{ "ripng_packets_sent_total", "counter", "RIPng packets that were sent.",
	  QUERY_INTERFACES, ripng_sent },
	{ "ripng_packets_dropped_total", "counter", "RIPng packets that belong to no neighbour, by reason.",
	  QUERY_INTERFACES, ripng_dropped },
	{ "neighbor_up", "gauge", "Whether a neighbour is heard.", QUERY_NEIGHBORS, neighbor_up },
	{ "neighbor_last_heard_timestamp_seconds", "gauge", "When its last good packet came, since 1970.",
	  QUERY_NEIGHBORS, neighbor_heard },
	{ "neighbor_accepted", "gauge", "Networks of ours that it has shown to route to us.",
	  QUERY_NEIGHBORS, neighbor_accepted },
	{ "neighbor_learned", "gauge", "Routes of it that pass the filter of the interface.",
	  QUERY_NEIGHBORS, neighbor_learned },
	{ "neighbor_packets_received_total", "counter", "Good packets of a neighbour.",
	  QUERY_NEIGHBORS, neighbor_received },
	{ "neighbor_dropped_total", "counter", "Packets and entries of a neighbour that were not believed, by reason.",
	  QUERY_NEIGHBORS, neighbor_dropped },
	{ "bfd_session_up", "gauge", "Whether the BFD session with a neighbour is up; none where none is wanted.",
	  QUERY_NEIGHBORS, bfd_up },
	{ "bfd_flaps_total", "counter", "How often it was up and went down.", QUERY_NEIGHBORS, bfd_flaps },
	{ "probe_up", "gauge", "Whether a neighbour answers its probe; none where it is not probed.",
	  QUERY_NEIGHBORS, probe_up },
	{ "probe_flaps_total", "counter", "How often it did so no more.", QUERY_NEIGHBORS, probe_flaps },
	{ "check_passing", "gauge", "Whether a health check passes.", QUERY_CHECKS, check_passing },
	{ "check_suppressed", "gauge", "Whether it may not pass yet because it flaps.",
	  QUERY_CHECKS, check_suppressed },
	{ "check_runs_total", "counter", "How often it was done.", QUERY_CHECKS, check_runs },
	{ "check_failures_total", "counter", "How often that went wrong.",
	  QUERY_CHECKS, check_failures },
	{ "vip_announced", "gauge", "Whether a VIP is announced and nothing speaks against it.",
	  QUERY_VIPS, vip_announced },
	{ "vip_accepted_by", "gauge", "Neighbours that have shown that they route to it; at most 8 are counted.",
	  QUERY_VIPS, vip_accepted },
	{ "vip_conflict", "gauge", "Whether somebody else has it too.", QUERY_VIPS, vip_conflict },
	{ "source_ready", "gauge", "Whether connections can be given a VIP as their source.",
	  QUERY_SOURCE, source_ready },
	{ "source_vip_info", "gauge", "The VIP that connections get that name no source; 0: none.",
	  QUERY_SOURCE, source_vip },
	{ "source_connections_total", "counter", "What became of connections, and of datagrams outside of one.",
	  QUERY_SOURCE, source_connections },
};
/* clang-format on */

/* Asks for the rows of the family at r->place, or for more of them. */
void metrics_fill(struct request *r)
{
	const struct metric *f = &families[r->place];
	struct input in = { .kind = INPUT_QUERY };

	if (r->after == 0)
		json_format(&r->out, "# HELP vipd_%s %s\n# TYPE vipd_%s %s\n", f->name, f->help,
			    f->name, f->type);
	in.query.kind = f->query;
	in.query.after = r->after;
	in.query.limit = REQUEST_PAGE_ROWS;
	request_send(r, &in);
}

void metrics_begin(struct request *r)
{
	struct input in = { .kind = INPUT_QUERY };

	r->type = "text/plain; version=0.0.4; charset=utf-8";
	in.query.kind = QUERY_STATUS;
	in.query.limit = 1;
	request_send(r, &in);
}

void metrics_row(struct request *r, const struct effect *e, struct moment at)
{
	struct row_beside beside;

	if (e->kind == EFFECT_ROW_STATUS) {
		request_look_beside(r, &beside);
		row_print_metrics(&r->out, &e->row.status, &beside, at);
		config_print_metrics(&r->out, &beside.config);
		guard_print_metrics(&r->out, &beside.guard, beside.has_guard);
		world_print_metrics(&r->out, &beside.world);
		return;
	}
	/* What is said of a session is said of its neighbour. */
	if (e->kind != EFFECT_ROW_SESSION)
		families[r->place].print(&r->out, &families[r->place], e, at);
}

void metrics_reply(struct request *r, const struct effect *e)
{
	bool first = r->status == 0;

	if (e->reply.code != REPLY_OK) {
		if (!first || !request_refused(r, e))
			r->failed = true;
		return;
	}
	r->after = e->reply.next;
	if (first) {
		r->status = MHD_HTTP_OK;
		r->streams = true;
	} else if (r->after == 0) {
		r->place++;
	}
	r->complete = r->place == ARRAY_LENGTH(families);
}
