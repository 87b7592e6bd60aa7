/* SPDX-License-Identifier: Apache-2.0 */
/* What /metrics says in single figures: of the node, its configuration, its guard and its world. */
#include <string.h>

#include "api/figures.h"

#include <inttypes.h>

#include "base/container.h"

/* One without labels. */
struct figure {
	const char *name, *type, *help;
	uint64_t value;
};

void figure_head(struct json *j, const char *name, const char *type, const char *help)
{
	json_format(j, "# HELP vipd_%s %s\n# TYPE vipd_%s %s\n", name, help, name, type);
}

static void figures(struct json *j, const struct figure *f, size_t count)
{
	for (; count > 0; f++, count--) {
		figure_head(j, f->name, f->type, f->help);
		json_format(j, "vipd_%s %" PRIu64 "\n", f->name, f->value);
	}
}

/* One that has a value for each of a few words. */
struct figure_of {
	const char *labels;
	uint64_t value;
};

static void figures_of(struct json *j, const char *name, const char *type, const char *help,
		       const struct figure_of *f, size_t count)
{
	figure_head(j, name, type, help);
	for (; count > 0; f++, count--)
		json_format(j, "vipd_%s{%s} %" PRIu64 "\n", name, f->labels, f->value);
}

static void figure_time(struct json *j, const char *name, const char *help, int64_t wall_ns)
{
	figure_head(j, name, "gauge", help);
	json_format(j, "vipd_%s ", name);
	json_decimal(j, (struct duration){ wall_ns });
	json_raw(j, "\n", 1);
}

/* The neighbours that are up, or not, of all protocols of the suite. */
static uint32_t of(const struct row_status *s, enum protocol_id first, bool up)
{
	const char *suite = protocol_class((uint8_t)first)->suite;
	uint32_t sum = 0;

	for (uint8_t id = 1; id < PROTOCOL_END; id++)
		if (strcmp(protocol_class(id)->suite, suite) == 0)
			sum += up ? s->of[id].up : s->of[id].neighbors - s->of[id].up;
	return sum;
}

static void node_figures(struct json *j, const struct row_status *s, bool degraded,
			 struct moment at)
{
	const struct figure how[] = {
		{ "stopping", "gauge", "1 while the daemon withdraws its VIPs and ends.",
		  s->stopping },
		{ "degraded", "gauge", "1 when something is not as it should be.", degraded },
		{ "state_unsaved", "gauge",
		  "1 while the state directory cannot be written and a crash would forget.",
		  s->unsaved[0] != '\0' },
		{ "boards", "gauge", "Virtual boards.", s->boards },
		{ "vips_bound", "gauge", "Virtual IP addresses, in whatever state.", s->vips },
		{ "vips_unbound", "gauge", "VIPs of the configuration that are unbound by hand.",
		  s->unbound },
	};
	const struct figure_of states[] = {
		{ "state=\"announced\"", s->announced }, { "state=\"accepted\"", s->accepted },
		{ "state=\"proven\"", s->proven },	 { "state=\"conflict\"", s->conflicts },
		{ "state=\"failed\"", s->failed },
	};
	const struct figure_of proofs[] = {
		{ "outcome=\"returned\"", s->proofs_returned },
		{ "outcome=\"lost\"", s->proofs_lost },
		{ "outcome=\"refused\"", s->proofs_refused },
	};
	const struct figure interfaces = { "interfaces", "gauge", "Physical interfaces.",
					   s->interfaces };
	const struct figure_of neighbors[] = {
		{ "protocol=\"rip\",state=\"up\"", of(s, PROTOCOL_RIP, true) },
		{ "protocol=\"rip\",state=\"down\"", of(s, PROTOCOL_RIP, false) },
		{ "protocol=\"ospf\",state=\"up\"", of(s, PROTOCOL_OSPF, true) },
		{ "protocol=\"ospf\",state=\"down\"", of(s, PROTOCOL_OSPF, false) },
	};
	const struct figure network[] = {
		{ "learned_routes", "gauge", "Routes that are learned from neighbours.",
		  s->learned },
		{ "learned_routes_unused", "gauge", "Those of them that the kernel does not have.",
		  s->learned_unused },
		{ "ways", "gauge", "Ways by which VIPs are or should be reached.", s->ways },
		{ "ways_lost", "gauge", "Those of them that are lost.", s->ways_lost },
		{ "proof_packets_total", "counter", "Packets that were sent to prove forwarding.",
		  s->proofs_tried },
		{ "proof_questions_total", "counter",
		  "Questions to routers, by ARP or ND, where they are, to prove forwarding.",
		  s->proofs_questions },
		{ "vips_not_forwarded", "gauge",
		  "VIPs, for each router that says that it routes to them and does not forward.",
		  s->belied },
		{ "frames_malformed_total", "counter",
		  "Frames of ARP and neighbour discovery that were malformed.", s->frames_dropped },
		{ "repairs_total", "counter",
		  "Differences between kernel and wish that were put right.", s->repairs },
		{ "unexpected_events_total", "counter",
		  "Events that the state of a VIP does not know: mistakes of vipd.",
		  s->unexpected },
	};

	figure_head(j, "build_info", "gauge", "The version of the daemon.");
	json_format(j, "vipd_build_info{version=\"%s\"} 1\n", VIPD_VERSION);
	figure_time(j, "start_time_seconds", "When the daemon started, since 1970.",
		    moment_wall(at, s->started));
	figures(j, how, ARRAY_LENGTH(how));
	figures_of(j, "vips", "gauge",
		   "Virtual IP addresses by state; proven ones count as accepted, accepted ones as "
		   "announced too.",
		   states, ARRAY_LENGTH(states));
	figures(j, &interfaces, 1);
	figures_of(j, "neighbors", "gauge", "Neighbours by state.", neighbors,
		   ARRAY_LENGTH(neighbors));
	figures_of(j, "proofs_total", "counter",
		   "Tries to have a router forward to a VIP, by how they came out.", proofs,
		   ARRAY_LENGTH(proofs));
	figures(j, network, ARRAY_LENGTH(network));
}

static void config_figures(struct json *j, const struct api_config_state *s)
{
	const struct figure valid = {
		"config_valid", "gauge",
		"1 when the configuration files are in force, as they were read last.", !s->wrong[0]
	};
	const struct figure trial = { "config_on_trial", "gauge",
				      "1 while a configuration waits to be confirmed.",
				      s->on_trial };

	figures(j, &valid, 1);
	figure_time(j, "config_applied_timestamp_seconds",
		    "When what is in force was applied, since 1970.", s->applied_ns);
	figures(j, &trial, 1);
}

static void guard_delays(struct json *j, const struct guard_counters *c)
{
	static const uint32_t bounds[] = GUARD_DELAY_BOUNDS;
	uint64_t so_far = 0;

	figure_head(j, "guard_delay_worst_seconds", "gauge",
		    "How late the guard was run at the worst.");
	json_format(j, "vipd_guard_delay_worst_seconds %u.%06u\n", c->delay_worst_us / 1000000,
		    c->delay_worst_us % 1000000);
	figure_head(j, "guard_delay_seconds", "histogram",
		    "How late the guard was run when a session was due.");
	for (size_t k = 0; k < ARRAY_LENGTH(bounds); k++) {
		so_far += c->delays[k];
		json_format(j, "vipd_guard_delay_seconds_bucket{le=\"0.%06u\"} %" PRIu64 "\n",
			    bounds[k], so_far);
	}
	so_far += c->delays[GUARD_DELAYS - 1];
	json_format(j, "vipd_guard_delay_seconds_bucket{le=\"+Inf\"} %" PRIu64 "\n", so_far);
	json_format(j, "vipd_guard_delay_seconds_sum %" PRIu64 ".%06" PRIu64 "\n",
		    c->delay_sum_us / 1000000, c->delay_sum_us % 1000000);
	json_format(j, "vipd_guard_delay_seconds_count %" PRIu64 "\n", so_far);
}

static void guard_drop(struct json *j, const char *protocol, const char *reason, uint32_t count)
{
	json_format(j,
		    "vipd_guard_packets_dropped_total{protocol=\"%s\",reason=\"%s\"} %" PRIu32 "\n",
		    protocol, reason, count);
}

static void guard_figures(struct json *j, const struct guard_counters *c, bool there)
{
	const struct figure up = { "guard_up", "gauge", "Whether vipd has its guard.", there };
	const struct figure_of sessions[] = { { "protocol=\"bfd\"", c->bfd_sessions },
					      { "protocol=\"probe\"", c->probe_sessions },
					      { "protocol=\"echo\"", c->echo_tracks } };
	const struct figure deaf = { "guard_bfd_deaf", "gauge",
				     "Interfaces on which BFD's port cannot be opened.",
				     c->bfd_deaf };
	const struct figure_of changes[] = { { "protocol=\"bfd\"", c->bfd_changes },
					     { "protocol=\"probe\"", c->probe_changes },
					     { "protocol=\"echo\"", c->echo_changes } };
	const struct figure proofs = { "guard_proofs_total", "counter",
				       "Proofs by forwarding that were begun.", c->echo_proofs };

	figures(j, &up, 1);
	figures_of(j, "guard_sessions", "gauge", "Sessions that the guard runs.", sessions,
		   ARRAY_LENGTH(sessions));
	figures(j, &deaf, 1);
	figures_of(j, "guard_session_changes_total", "counter", "How often one changed its state.",
		   changes, ARRAY_LENGTH(changes));
	figures(j, &proofs, 1);
	guard_delays(j, c);
	figure_head(j, "guard_packets_dropped_total", "counter",
		    "Packets to the guard's sessions that were not believed, by reason.");
	for (enum bfd_drop k = 0; k < BFD_DROP_COUNT; k++)
		guard_drop(j, "bfd", bfd_drop_name(k), c->bfd_drops[k]);
	for (enum probe_drop k = 0; k < PROBE_DROP_COUNT; k++)
		guard_drop(j, "probe", probe_drop_name(k), c->probe_drops[k]);
	for (enum echo_drop k = 0; k < ECHO_DROP_COUNT; k++)
		guard_drop(j, "echo", echo_drop_name(k), c->echo_drops[k]);
}

static void socket_figure(struct json *j, const char *name, const char *help, uint64_t packets,
			  uint64_t frames)
{
	const struct figure_of both[] = { { "of=\"packets\"", packets },
					  { "of=\"frames\"", frames } };

	figures_of(j, name, "counter", help, both, ARRAY_LENGTH(both));
}

static void world_figures(struct json *j, const struct world_counters *c)
{
	const struct figure overruns = { "kernel_overruns_total", "counter",
					 "How often news of the kernel was lost, and it was read "
					 "anew.",
					 c->kernel_overruns };

	socket_figure(j, "socket_received_total",
		      "Packets of routing protocols, and frames of ARP and neighbour discovery, "
		      "received.",
		      c->packets_received, c->frames_received);
	socket_figure(j, "socket_sent_total", "The same, sent.", c->packets_sent, c->frames_sent);
	socket_figure(j, "socket_not_sent_total",
		      "The same, not sent: the kernel did not take them, or there was no key.",
		      c->packets_not_sent, c->frames_not_sent);
	socket_figure(j, "socket_overrun_total",
		      "The same, dropped by the kernel: they came faster than they were read.",
		      c->packets_overrun, c->frames_overrun);
	figures(j, &overruns, 1);
}

void figures_print(struct json *j, const struct row_status *s, const struct row_beside *beside,
		   struct moment at)
{
	node_figures(j, s, row_is_degraded(s, beside), at);
	config_figures(j, &beside->config);
	guard_figures(j, &beside->guard, beside->has_guard);
	world_figures(j, &beside->world);
}
