/* SPDX-License-Identifier: Apache-2.0 */
/* vip ospf neighbors|interfaces|database|spf|paths: what only OSPF has. */
#include <string.h>

#include "base/container.h"
#include "vip/listing.h"

static void cell_times(struct table *t, const json_t *object, const char *member)
{
	double hello = json_number_value(json_object_get(object, member));

	table_cell(t, COLOUR_NONE, "%g/%gs", hello,
		   json_number_value(json_object_get(object, "dead")));
}

static const struct column neighbor_columns[] = {
	COLUMN("ROUTER", "router"),
	COLUMN("INTERFACE", "interface"),
	COLUMN("PROTOCOL", "protocol"),
	COLUMN("AREA", "area"),
	COLUMN("STATE", "state", .show = cell_state),
	COLUMN("ADDRESS", "address"),
	COLUMN("PRI", "priority", .right = true),
	COLUMN("DR", "dr", .show = cell_or_dash),
	COLUMN("BDR", "bdr", .show = cell_or_dash),
	COLUMN("SINCE", "age", .show = cell_age, .right = true),
	COLUMN("DEAD IN", "dead_in", .show = cell_age, .right = true),
	COLUMN("UNACKED", "retransmitting", .right = true),
	COLUMN("WANTED", "requested", .right = true),
	COLUMN("AGAIN", "retransmissions", .right = true),
	COLUMN("DROPPED", "dropped", .right = true),
};

static const struct column interface_columns[] = {
	COLUMN("INTERFACE", "interface"),
	COLUMN("PROTOCOL", "protocol"),
	COLUMN("AREA", "area"),
	COLUMN("KIND", "area_kind"),
	COLUMN("NETWORK", "network"),
	COLUMN("STATE", "state"),
	COLUMN("COST", "cost", .right = true),
	COLUMN("MTU", "mtu", .right = true),
	COLUMN("HELLO/DEAD", "hello", .show = cell_times, .right = true),
	COLUMN("DR", "dr", .show = cell_or_dash),
	COLUMN("BDR", "bdr", .show = cell_or_dash),
	COLUMN("NEIGHBORS", "neighbors", .right = true),
	COLUMN("FULL", "adjacent", .right = true),
	COLUMN("DROPPED", "dropped", .right = true),
};

static const struct column database_columns[] = {
	COLUMN("TYPE", "type"),
	COLUMN("ID", "id"),
	COLUMN("ROUTER", "router"),
	COLUMN("PROTOCOL", "protocol"),
	COLUMN("SCOPE", "scope"),
	COLUMN("AREA", "area", .show = cell_or_dash),
	COLUMN("INTERFACE", "interface", .show = cell_or_dash),
	COLUMN("AGE", "age", .right = true),
	COLUMN("SEQUENCE", "sequence"),
	COLUMN("BYTES", "length", .right = true),
	COLUMN("OWN", "own", .show = cell_yes_no),
};

static const struct column spf_columns[] = {
	COLUMN("AREA", "area"),
	COLUMN("PROTOCOL", "protocol"),
	COLUMN("RUNS", "runs", .right = true),
	COLUMN("PARTIAL", "partial_runs", .right = true),
	COLUMN("LAST", "age", .show = cell_age, .right = true),
	COLUMN("ROUTERS", "routers", .right = true),
	COLUMN("NETWORKS", "networks", .right = true),
	COLUMN("ROUTES", "routes", .right = true),
	COLUMN("HOST BIT", "host_bit", .show = cell_yes_no),
	COLUMN("ALL KNOW IT", "all_know_host", .show = cell_yes_no),
};

static const struct column route_columns[] = {
	COLUMN("NETWORK", "prefix"),
	COLUMN("KIND", "kind"),
	COLUMN("PROTOCOL", "protocol"),
	COLUMN("METRIC", "metric", .right = true),
	COLUMN("EXTERNAL", "external_metric", .right = true),
	COLUMN("AREA", "area"),
	COLUMN("ROUTER", "router"),
	COLUMN("VIA", "next_hop", .show = cell_or_dash),
	COLUMN("INTERFACE", "interface", .show = cell_or_dash),
	COLUMN("PATHS", "paths", .right = true),
};

#define VIEW(name, columns)                                                                        \
	{                                                                                          \
		"ospf/" name, columns, ARRAY_LENGTH(columns), NULL                                 \
	}
static const struct listing views[] = {
	VIEW("neighbors", neighbor_columns), VIEW("interfaces", interface_columns),
	VIEW("database", database_columns),  VIEW("spf", spf_columns),
	VIEW("paths", route_columns),
};

int ospf_run(struct vip *v, int argc, char **argv)
{
	(void)argc;
	for (size_t i = 0; i < ARRAY_LENGTH(views); i++)
		if (strcmp(strchr(views[i].name, '/') + 1, argv[0]) == 0)
			return listing_run(v, &views[i]);
	return vip_usage(v, "there is no '%s' of OSPF", argv[0]);
}
