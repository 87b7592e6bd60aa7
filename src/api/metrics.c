/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GET /metrics: text for Prometheus, version 0.0.4. All lines of one family have to stand together,
 * and all of them are of one moment. So each table of the node is walked once, and of a row only
 * its labels and its numbers are kept, 40 bytes of a VIP; they become lines as they are read. First
 * comes what there is one of (figures.c), and at the end what source selection says.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "api/figures.h"
#include "api/request.h"
#include "base/container.h"
#include "node/protocol.h"

#define NO_VALUE UINT64_MAX /* there is no line then */

/* What there is of each row. */
enum shape {
	NUMBER,
	TIME,  /* in nanoseconds since 1970 */
	DROPS, /* whose reasons, and a number for each */
};

/* Lines of one name, from all rows of a table. */
struct metric {
	enum shape shape;
	const char *name, *type, *help;
};

/* clang-format off */
static const struct metric of_interfaces[] = {
	{ NUMBER, "interface_up", "gauge", "Whether a physical interface is up and has its carrier." },
	{ NUMBER, "interface_speaking", "gauge", "Whether vipd speaks a routing protocol on it." },
	{ NUMBER, "interface_packets_refused_total", "counter",
	  "Packets of the routing protocols that the kernel refused to send: a filter of this host." },
	{ NUMBER, "rip_mute", "gauge", "1 when none of the interface's RIP keys can be used now." },
	{ NUMBER, "rip_crowded", "gauge",
	  "1 when the interface has more neighbours than are kept, and some were turned away." },
	{ NUMBER, "rip_metric", "gauge", "The metric that a VIP without one of its own is announced with." },
	{ NUMBER, "rip_packets_sent_total", "counter", "RIP packets that were sent." },
	{ DROPS, "rip_packets_dropped_total", "counter", "RIP packets that belong to no neighbour, by reason." },
	{ NUMBER, "ripng_metric", "gauge", "The same for an IPv6 VIP." },
	{ NUMBER, "ripng_packets_sent_total", "counter", "RIPng packets that were sent." },
	{ DROPS, "ripng_packets_dropped_total", "counter", "RIPng packets that belong to no neighbour, by reason." },
	{ NUMBER, "ospf_mute", "gauge", "1 when none of the interface's OSPF keys can be used now." },
	{ NUMBER, "ospf_metric", "gauge", "The metric that a VIP without one of its own is announced with." },
	{ NUMBER, "ospf_packets_sent_total", "counter", "OSPF packets that were sent." },
	{ DROPS, "ospf_packets_dropped_total", "counter", "OSPF packets that belong to no neighbour, by reason." },
	{ NUMBER, "ospfv3_mute", "gauge", "1 when none of the interface's OSPFv3 keys can be used now." },
	{ NUMBER, "ospfv3_metric", "gauge", "The same for an IPv6 VIP." },
	{ NUMBER, "ospfv3_packets_sent_total", "counter", "OSPFv3 packets that were sent." },
	{ DROPS, "ospfv3_packets_dropped_total", "counter", "OSPFv3 packets that belong to no neighbour, by reason." },
};

static const struct metric of_neighbors[] = {
	{ NUMBER, "neighbor_up", "gauge", "Whether a neighbour is heard." },
	{ TIME, "neighbor_last_heard_timestamp_seconds", "gauge", "When its last good packet came, since 1970." },
	{ NUMBER, "neighbor_accepted", "gauge", "Networks of ours that it has shown to route to us." },
	{ NUMBER, "neighbor_learned", "gauge", "Routes of it that pass the filter of the interface." },
	{ NUMBER, "neighbor_packets_received_total", "counter", "Good packets of a neighbour." },
	{ DROPS, "neighbor_dropped_total", "counter", "Packets and entries of a neighbour that were not believed, by reason." },
	{ NUMBER, "bfd_session_up", "gauge", "Whether the BFD session with a neighbour is up; none where none is wanted." },
	{ NUMBER, "bfd_flaps_total", "counter", "How often it was up and went down." },
	{ NUMBER, "probe_up", "gauge", "Whether a neighbour answers its probe; none where it is not probed." },
	{ NUMBER, "probe_flaps_total", "counter", "How often it did so no more." },
	{ NUMBER, "echo_up", "gauge", "Whether packets come back through a neighbour; none where that is not wanted." },
	{ NUMBER, "echo_flaps_total", "counter", "How often they did so no more." },
};

static const struct metric of_checks[] = {
	{ NUMBER, "check_passing", "gauge", "Whether a health check passes." },
	{ NUMBER, "check_suppressed", "gauge", "Whether it may not pass yet because it flaps." },
	{ NUMBER, "check_runs_total", "counter", "How often it was done." },
	{ NUMBER, "check_failures_total", "counter", "How often that went wrong." },
};

static const struct metric of_vips[] = {
	{ NUMBER, "vip_announced", "gauge", "Whether a VIP is announced and nothing speaks against it." },
	{ NUMBER, "vip_accepted_by", "gauge", "Neighbours that have shown that they route to it; at most 8 are counted." },
	{ NUMBER, "vip_proven_by", "gauge", "Routers through which what is sent to it has come back; at most 8 are counted." },
	{ NUMBER, "vip_conflict", "gauge", "Whether somebody else has it too." },
};
/* clang-format on */

/* One walk: its rows as labels and numbers. */
struct table {
	const struct metric *metrics;
	size_t n_metrics, n_columns;
	struct json labels; /* of each row, one after the other, each with a terminator */
	struct json values; /* likewise its numbers, in the order of the metrics */
	size_t n_rows;
};

#define TABLES 4

struct metrics {
	struct table tables[TABLES];
	struct json sources; /* lines that come at the end */
	/* The next line. */
	size_t table, metric;
	size_t column; /* of its first number */
	size_t row, label;
};

static void label(struct json *j, const char *name, const char *value)
{
	if (j->length > 0 && j->at[j->length - 1])
		json_raw(j, ",", 1);
	json_raw(j, name, strlen(name));
	json_raw(j, "=\"", 2);
	/* Only these have to be escaped. */
	for (size_t plain; (plain = strcspn(value, "\n\"\\"), value[plain]); value += plain + 1) {
		json_raw(j, value, plain);
		json_raw(j, "\\", 1);
		json_raw(j, value[plain] == '\n' ? "n" : value + plain, 1);
	}
	json_raw(j, value, strlen(value));
	json_raw(j, "\"", 1);
}

static void put(struct table *t, uint64_t value)
{
	json_raw(&t->values, (const char *)&value, sizeof(value));
}

static void put_if(struct table *t, bool there, uint64_t value)
{
	put(t, there ? value : NO_VALUE);
}

/* NULL: there are none. */
static void put_drops(struct table *t, uint8_t protocol, const uint32_t *drops)
{
	put_if(t, drops, protocol);
	for (size_t k = 0; k < NEIGHBOR_DROPS_MAX; k++)
		put_if(t, drops, drops ? drops[k] : 0);
}

static size_t width(const struct metric *f)
{
	return f->shape == DROPS ? 1 + NEIGHBOR_DROPS_MAX : 1;
}

static void row_end(struct table *t)
{
	json_raw(&t->labels, "", 1);
	t->n_rows++;
	assert(t->values.failed || t->values.length == t->n_rows * t->n_columns * sizeof(uint64_t));
}

static void take_speech(struct table *t, const struct row_interface *r, uint8_t protocol)
{
	const struct speaker_interface *s = row_spoken(r, protocol);

	put_if(t, s, s ? s->metric : 0);
	put_if(t, s, s ? s->sent : 0);
	put_drops(t, protocol, s ? s->drops : NULL);
}

static void take_mute(struct table *t, const struct row_interface *r, uint8_t protocol)
{
	const struct speaker_interface *s = row_spoken(r, protocol);

	put_if(t, s && s->auth != AUTH_NONE, s && s->mute);
}

static void take_interfaces(struct table *t, const struct node *n, struct moment at)
{
	struct walk walk = { 0 };
	struct row_interface r;

	while (node_interface_next(n, at.now, &walk, &r)) {
		bool physical = r.interface.kind == INTERFACE_PHYSICAL;
		bool enabled = r.n_spoken > 0, speaks = false, crowded = false;

		for (size_t k = 0; k < r.n_spoken; k++) {
			speaks |= r.spoken[k].speaker.speaking;
			crowded |= r.spoken[k].speaker.crowded;
		}

		if (!physical && !enabled)
			continue;
		label(&t->labels, "interface", r.interface.name);
		put_if(t, physical, interface_is_usable(&r.interface));
		put_if(t, physical, speaks);
		put_if(t, enabled, r.refused);
		take_mute(t, &r, PROTOCOL_RIP);
		put_if(t, enabled, crowded);
		take_speech(t, &r, PROTOCOL_RIP);
		take_speech(t, &r, PROTOCOL_RIPNG);
		take_mute(t, &r, PROTOCOL_OSPF);
		take_speech(t, &r, PROTOCOL_OSPF);
		take_mute(t, &r, PROTOCOL_OSPFV3);
		take_speech(t, &r, PROTOCOL_OSPFV3);
		row_end(t);
	}
}

static void take_neighbors(struct table *t, const struct node *n, struct moment at)
{
	struct walk walk = { 0 };
	struct row_neighbor r;

	while (node_neighbor_next(n, at.now, &walk, &r)) {
		label(&t->labels, "protocol", row_protocol(&r));
		label(&t->labels, "interface", r.interface);
		label(&t->labels, "neighbor", ADDRESS_TEXT(&r.neighbor.address));
		put(t, r.neighbor.up);
		put_if(t, r.neighbor.heard.ns, (uint64_t)moment_wall(at, r.neighbor.heard));
		put(t, r.neighbor.accepted);
		put(t, r.neighbor.learned);
		put(t, r.neighbor.packets);
		put_drops(t, r.protocol, r.neighbor.drops);
		put_if(t, r.bfd.wanted, r.bfd.known && r.bfd.state == BFD_STATE_UP);
		put_if(t, r.bfd.wanted, r.bfd.flaps);
		put_if(t, r.probe.wanted, r.probe.known && r.probe.state == PROBE_STATE_UP);
		put_if(t, r.probe.wanted, r.probe.flaps);
		put_if(t, r.echo.wanted, r.echo.known && r.echo.state == ECHO_STATE_UP);
		put_if(t, r.echo.wanted, r.echo.flaps);
		row_end(t);
	}
}

static void take_checks(struct table *t, const struct node *n, struct moment at)
{
	struct walk walk = { 0 };
	struct row_check r;

	while (node_check_next(n, &walk, &r)) {
		const struct address *a = &r.settings.address;

		label(&t->labels, "check", r.settings.name);
		label(&t->labels, "address", address_is_set(a) ? ADDRESS_TEXT(a) : "");
		put(t, r.state == CHECK_PASSING);
		put(t, instant_before(at.now, r.suppressed));
		put(t, r.runs);
		put(t, r.failures);
		row_end(t);
	}
}

static unsigned proofs_of(const struct row_vip *r, enum forwarding state)
{
	unsigned count = 0;

	for (size_t k = 0; k < r->n_proofs; k++)
		count += r->proofs[k].state == state;
	return count;
}

static void take_vips(struct table *t, const struct node *n, struct moment at)
{
	struct walk walk = { 0 };
	struct row_vip r;

	while (node_vip_next(n, at.now, &walk, &r)) {
		/* Nobody is to be woken for what a hand has unbound. */
		if (r.state == VIP_STATE_ABSENT && r.leaving)
			continue;
		label(&t->labels, "vip", ADDRESS_TEXT(&r.settings.address));
		put(t, r.state == VIP_STATE_ANNOUNCED || r.state == VIP_STATE_ACCEPTED ||
			       r.state == VIP_STATE_PROVEN);
		put(t, r.n_accepted);
		put(t, proofs_of(&r, FORWARDING_PROVEN));
		put(t, r.rival.seen != RIVAL_NONE);
		row_end(t);
	}
}

static void take_sources(struct json *j, const struct request *r)
{
	static const char *const families[] = { "ipv4", "ipv6" };
	uint64_t counts[SOURCE_VERDICT_COUNT];
	struct row_source s;

	node_source(r->api->hooks.node, &s);
	r->api->hooks.source_counts(r->api->hooks.context, counts);
	figure_head(j, "source_ready", "gauge",
		    "Whether connections can be given a VIP as their source.");
	json_format(j, "vipd_source_ready %d\n", s.ready);
	figure_head(j, "source_vip_info", "gauge",
		    "The VIP that connections get that name no source; 0: none.");
	for (size_t k = 0; k < ARRAY_LENGTH(families); k++) {
		bool any = address_is_set(&s.first[k]);

		json_format(j, "vipd_source_vip_info{family=\"%s\",vip=\"%s\"} %d\n", families[k],
			    any ? ADDRESS_TEXT(&s.first[k]) : "", any);
	}
	figure_head(j, "source_connections_total", "counter",
		    "What became of connections, and of datagrams outside of one.");
	for (size_t k = 0; k < SOURCE_VERDICT_COUNT; k++)
		json_format(j, "vipd_source_connections_total{verdict=\"%s\"} %" PRIu64 "\n",
			    source_verdict_name((enum source_verdict)k), counts[k]);
}

static const struct {
	const struct metric *metrics;
	size_t n_metrics;
	void (*take)(struct table *t, const struct node *n, struct moment at);
} kinds[TABLES] = {
	{ of_interfaces, ARRAY_LENGTH(of_interfaces), take_interfaces },
	{ of_neighbors, ARRAY_LENGTH(of_neighbors), take_neighbors },
	{ of_checks, ARRAY_LENGTH(of_checks), take_checks },
	{ of_vips, ARRAY_LENGTH(of_vips), take_vips },
};

void metrics_free(struct metrics *m)
{
	for (size_t k = 0; m && k < TABLES; k++) {
		json_done(&m->tables[k].labels);
		json_done(&m->tables[k].values);
	}
	if (m)
		json_done(&m->sources);
	free(m);
}

static uint64_t value_at(const struct table *t, size_t row, size_t column)
{
	uint64_t value;

	memcpy(&value, t->values.at + (row * t->n_columns + column) * sizeof(value), sizeof(value));
	return value;
}

/* `reason`: why it was dropped; NULL where nothing was. */
static void line(struct json *j, const struct metric *f, const char *labels, const char *reason,
		 uint64_t value)
{
	if (value == NO_VALUE)
		return;
	json_raw(j, "vipd_", 5);
	json_raw(j, f->name, strlen(f->name));
	json_raw(j, "{", 1);
	json_raw(j, labels, strlen(labels));
	if (reason)
		json_format(j, ",reason=\"%s\"", reason);
	json_raw(j, "} ", 2);
	if (f->shape == TIME)
		json_decimal(j, (struct duration){ (int64_t)value });
	else
		json_format(j, "%" PRIu64, value);
	json_raw(j, "\n", 1);
}

static void drop_lines(const struct metrics *m, struct json *j, const struct metric *f,
		       const char *labels)
{
	const struct table *t = &m->tables[m->table];
	const struct speaker_class *c =
		protocol_class((uint8_t)value_at(t, m->row, m->column)); /* NO_VALUE: of none */

	for (uint8_t k = 0; c && k < c->n_drops; k++)
		line(j, f, labels, c->drop_name(k), value_at(t, m->row, m->column + 1 + k));
}

/* The lines of the next row; false when the family has no more. */
static bool metrics_row(struct metrics *m, struct json *j)
{
	const struct table *t = &m->tables[m->table];
	const struct metric *f = &t->metrics[m->metric];
	const char *labels;

	if (m->row == t->n_rows)
		return false;
	labels = t->labels.at + m->label;
	if (f->shape == DROPS)
		drop_lines(m, j, f, labels);
	else
		line(j, f, labels, NULL, value_at(t, m->row, m->column));
	m->label += strlen(labels) + 1;
	m->row++;
	return true;
}

void metrics_fill(struct request *r)
{
	struct metrics *m = r->metrics;

	while (m->table < TABLES && r->out.length < REQUEST_STREAM_BYTES) {
		const struct table *t = &m->tables[m->table];
		const struct metric *f = &t->metrics[m->metric];

		if (m->row == 0)
			figure_head(&r->out, f->name, f->type, f->help);
		while (metrics_row(m, &r->out) && r->out.length < REQUEST_STREAM_BYTES)
			;
		if (m->row < t->n_rows)
			return;
		m->row = m->label = 0;
		m->column += width(f);
		if (++m->metric == t->n_metrics) {
			m->table++;
			m->metric = m->column = 0;
		}
	}
	if (m->table < TABLES)
		return;
	json_raw(&r->out, m->sources.at, m->sources.length);
	r->complete = true;
}

void metrics_begin(struct request *r)
{
	struct metrics *m = r->metrics = calloc(1, sizeof(*m));
	struct moment at = moment_now();
	struct row_beside beside;
	struct row_status status;

	if (!m) {
		request_refuse(r, MHD_HTTP_SERVICE_UNAVAILABLE, "no memory");
		return;
	}
	for (size_t k = 0; k < TABLES; k++) {
		struct table *t = &m->tables[k];

		t->metrics = kinds[k].metrics;
		t->n_metrics = kinds[k].n_metrics;
		for (size_t i = 0; i < t->n_metrics; i++)
			t->n_columns += width(&t->metrics[i]);
		kinds[k].take(t, r->api->hooks.node, at);
		r->out.failed |= t->labels.failed || t->values.failed;
	}
	take_sources(&m->sources, r);
	node_status(r->api->hooks.node, at.now, &status);
	request_look_beside(r, &beside);
	r->type = "text/plain; version=0.0.4; charset=utf-8";
	figures_print(&r->out, &status, &beside, at);
	r->status = MHD_HTTP_OK;
	r->streams = true;
	metrics_fill(r);
}
