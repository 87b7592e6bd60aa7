/* SPDX-License-Identifier: Apache-2.0 */
/* What the guard has counted, as metrics. */
#include <inttypes.h>

#include "api/rows.h"
#include "base/container.h"

static void head(struct json *j, const char *name, const char *type, const char *help)
{
	json_format(j, "# HELP vipd_%s %s\n# TYPE vipd_%s %s\n", name, help, name, type);
}

static void print_delays(struct json *j, const struct guard_counters *c)
{
	static const uint32_t bounds[] = GUARD_DELAY_BOUNDS;
	uint64_t so_far = 0;

	head(j, "guard_delay_worst_seconds", "gauge", "How late the guard was run at the worst.");
	json_format(j, "vipd_guard_delay_worst_seconds %u.%06u\n", c->delay_worst_us / 1000000,
		    c->delay_worst_us % 1000000);
	head(j, "guard_delay_seconds", "histogram",
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

static void print_drops(struct json *j, const struct guard_counters *c)
{
	head(j, "guard_packets_dropped_total", "counter",
	     "Packets to the guard's sessions that were not believed, by reason.");
	for (enum bfd_drop k = 0; k < BFD_DROP_COUNT; k++)
		json_format(j,
			    "vipd_guard_packets_dropped_total{protocol=\"bfd\",reason=\"%s\"} "
			    "%" PRIu32 "\n",
			    bfd_drop_name(k), c->bfd_drops[k]);
	for (enum probe_drop k = 0; k < PROBE_DROP_COUNT; k++)
		json_format(j,
			    "vipd_guard_packets_dropped_total{protocol=\"probe\",reason=\"%s\"} "
			    "%" PRIu32 "\n",
			    probe_drop_name(k), c->probe_drops[k]);
}

void guard_print_metrics(struct json *j, const struct guard_counters *c, bool there)
{
	head(j, "guard_up", "gauge", "Whether vipd has its guard.");
	json_format(j, "vipd_guard_up %d\n", there);
	head(j, "guard_sessions", "gauge", "Sessions that the guard runs.");
	json_format(j,
		    "vipd_guard_sessions{protocol=\"bfd\"} %u\n"
		    "vipd_guard_sessions{protocol=\"probe\"} %u\n",
		    c->bfd_sessions, c->probe_sessions);
	head(j, "guard_bfd_deaf", "gauge", "Interfaces on which BFD's port cannot be opened.");
	json_format(j, "vipd_guard_bfd_deaf %u\n", c->bfd_deaf);
	head(j, "guard_session_changes_total", "counter", "How often one changed its state.");
	json_format(j,
		    "vipd_guard_session_changes_total{protocol=\"bfd\"} %" PRIu64 "\n"
		    "vipd_guard_session_changes_total{protocol=\"probe\"} %" PRIu64 "\n",
		    c->bfd_changes, c->probe_changes);
	print_delays(j, c);
	print_drops(j, c);
}
