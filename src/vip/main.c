/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vip: all that a person does with the daemon, from the command line. It speaks HTTP over the
 * daemon's Unix socket and nothing else; see README.md in this folder.
 */
#include "vip/vip.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/container.h"
#include "base/text.h"
#include "fields/vip.h"
#include "vip/arguments.h"
#include "vip/complete.h"
#include "vip/listing.h"

static const struct command commands[] = {
	{ "status", "[--exit-code]", "Shows how the daemon is",
	  "  --exit-code   exits 5 when something is not as it should be\n", .run = status_run },
	{ "list", "", "Lists the virtual IP addresses", "", .listing = &list_listing },
	{ "show", "ADDRESS", "Shows all that is known of one VIP", "", .run = show_run, .low = 1,
	  .high = 1 },
	{ "bind", "ADDRESS[/LEN]... [OPTIONS]", "Binds VIPs to a board and announces them",
	  "  --take         take them over from whoever has them: --conflict take\n"
	  "  --save         and write them to the saved configuration\n"
	  "  -f FILE        takes one ADDRESS[/LEN] a line of a file; - is standard input\n"
	  "\nWithout /LEN it is a host mask. All are bound, or none is.\n",
	  .run = bind_run, .high = INT_MAX, .record = &vip_record },
	{ "unbind", "ADDRESS... [--now] [--save]", "Withdraws VIPs and takes them off their board",
	  "  --now   does not wait for the withdrawal to be repeated\n"
	  "  --save  and takes them out of the saved configuration\n",
	  .run = unbind_run, .low = 1, .high = INT_MAX, .missing = "which address?" },
	{ "drain", "ADDRESS [--timeout T] [--no-wait]",
	  "Waits until a VIP has lost its users, then withdraws it",
	  "  --timeout T   withdraws it then at the latest: 60s unless said otherwise\n"
	  "  --no-wait     lets it drain and does not wait for it\n"
	  "\nIt stays bound, and drained over a restart, until it is undrained or unbound.\n",
	  .run = drain_run, .low = 1, .high = 1, .missing = "which address?" },
	{ "undrain", "ADDRESS", "Announces a drained VIP again", "", .run = undrain_run, .low = 1,
	  .high = 1 },
	{ "board", "add|del NAME [--yes] | list", "Makes and removes virtual boards",
	  "All VIPs of a board go with it; on a terminal it asks before.\n"
	  "  --yes          does not ask\n",
	  .run = board_run, .high = 2 },
	{ "doctor", "[ADDRESS] [--problems]",
	  "Proves VIPs end to end, and says what would mend them",
	  "  --problems     leaves out what is good, and notes\n"
	  "\nWhat holds for many VIPs is said once. Exits 5 when it has found a problem.\n",
	  .run = doctor_run, .high = 1 },
	{ "prove", "ADDRESS [--neighbor ROUTER]",
	  "Has routers forward to a VIP, and says what came of it",
	  "  --neighbor ROUTER   asks this one; else all through which it can be proven\n"
	  "\nEach gets a packet whose destination is the VIP, and brings it back if it\n"
	  "forwards to us. Exits 1 when one does not.\n",
	  .run = prove_run, .low = 1, .high = 1, .missing = "which address?" },
	{ "source", "on|off|auto | why DEST [OPTIONS]",
	  "Shows and switches the VIP as source address",
	  "  --interface IF  switches one interface on or off\n"
	  "  --unit U        why: for a process of this unit or control group\n"
	  "  --user U        why: for a process of this user\n"
	  "\nWithout a word it shows how everything stands.\n"
	  "Connections that name no source get the first VIP; with auto only while a\n"
	  "neighbour has accepted it. It lasts until the configuration is applied.\n",
	  .run = source_run, .high = 2 },
	{ "checks", "", "Lists the health checks and what they have found", "",
	  .listing = &checks_listing },
	{ "interfaces", "", "Lists the interfaces and how vipd speaks on them", "",
	  .listing = &interfaces_listing },
	{ "neighbors", "", "Lists the routers that vipd hears", "", .listing = &neighbors_listing },
	{ "routes", "", "Lists the networks that are announced, and rivals", "",
	  .listing = &routes_listing },
	{ "ospf", "neighbors|interfaces|database|spf|paths", "Shows what only OSPF has",
	  "  neighbors    the routers, and how far each is with its database\n"
	  "  interfaces   those that speak it, their timers, and who is designated there\n"
	  "  database     the LSAs that are known\n"
	  "  spf          how often shortest paths were looked for, and what is in areas\n"
	  "  paths        the routes by them\n",
	  .run = ospf_run, .low = 1, .high = 1,
	  .missing = "neighbors, interfaces, database, spf or paths?" },
	{ "events", "[-f] [-n N]", "Shows what has happened",
	  "  -f      goes on and shows what happens\n"
	  "  -n N    shows the last N events; with -f 10 unless said otherwise\n",
	  .run = events_run },
	{ "config", "check|diff|apply|confirm|show ...",
	  "Checks, compares, applies and shows the configuration",
	  "  check         reads the files and says what is wrong with them\n"
	  "  diff          shows what applying them would change\n"
	  "  apply         applies them; what is the same in both is left alone\n"
	  "  --confirm T   takes it back after T (60s, 5m) unless it is confirmed\n"
	  "  confirm       confirms what was applied\n"
	  "  show          shows what is active, as YAML\n"
	  "  --saved       show: what is in the files instead\n"
	  "\nWrong files are refused whole (exit code 3); the old ones stay in force.\n",
	  .run = config_run, .low = 1, .high = 1,
	  .missing = "check, diff, apply, confirm or show?" },
	{ "run-ncf", "FILE [--dry-run]", "Runs a NetWare script (.NCF) as it is",
	  "  --dry-run   says what it would do, and does nothing\n"
	  "\nCarries out BIND IP, UNBIND IP, LOAD VNIC, UNLOAD VNIC and SET RIP2 AGGREGATION\n"
	  "OVERRIDE, and skips what only means something on NetWare with a note. What is so\n"
	  "already stays so: a script may run twice. FILE is - for standard input.\n"
	  "Exits 1 when a line about IP did not take; the others are carried out all the\n"
	  "same.\n",
	  .run = run_ncf_run, .low = 1, .high = 1, .missing = "which script?" },
	{ "purge", "[--yes]", "Unbinds all VIPs and removes all boards; the daemon stays",
	  "On a terminal it asks before.\n"
	  "  --yes          does not ask\n",
	  .run = purge_run },
	{ "stop", "[--hand-over | --service UNIT]",
	  "Withdraws all VIPs, leaves nothing behind and ends the daemon",
	  "  --hand-over      leaves everything as it is, for the next daemon to go on with\n"
	  "  --service UNIT   the same while systemd restarts UNIT; for its ExecStop=\n",
	  .run = stop_run },
};

static int vip_help(void)
{
	printf("usage: vip [--socket PATH] [--json] COMMAND ...\n\n");
	for (size_t i = 0; i < ARRAY_LENGTH(commands); i++)
		printf("  %-11s %s\n", commands[i].name, commands[i].summary);
	printf("\n"
	       "  --socket PATH   the daemon's socket; else $VIPD_SOCKET, else\n"
	       "                  " VIP_SOCKET_DEFAULT "\n"
	       "  --json          prints what the daemon answers, as JSON\n"
	       "\n"
	       "`vip COMMAND --help` says more. Exit codes: 0 done, 1 refused or failed,\n"
	       "2 usage, 3 configuration error, 4 daemon not reachable, 5 degraded.\n");
	return VIP_DONE;
}

static int vip_unknown(const struct vip *v, const char *name)
{
	const char *names[ARRAY_LENGTH(commands)], *nearest;

	for (size_t i = 0; i < ARRAY_LENGTH(commands); i++)
		names[i] = commands[i].name;
	nearest = text_nearest(name, names, ARRAY_LENGTH(commands));
	if (nearest)
		return vip_usage(v, "unknown command '%s' (did you mean '%s'?)", name, nearest);
	return vip_usage(v, "unknown command '%s'", name);
}

/* The options in front of the command; *at becomes where the command is. -1 or an exit code. */
static int vip_options(struct vip *v, int argc, char **argv, int *at)
{
	for (; *at < argc && argv[*at][0] == '-'; *at += 1) {
		const char *option = argv[*at];

		if (strcmp(option, "--json") == 0) {
			v->json = true;
		} else if (strncmp(option, "--socket=", 9) == 0) {
			v->socket = option + 9;
		} else if (strcmp(option, "--socket") == 0) {
			if (*at + 1 == argc)
				return vip_usage(v, "'--socket' needs a value");
			v->socket = argv[++*at];
		} else if (strcmp(option, "--help") == 0 || strcmp(option, "-h") == 0) {
			return vip_help();
		} else if (strcmp(option, "--version") == 0) {
			puts("vip " VIPD_VERSION);
			return VIP_DONE;
		} else {
			return vip_usage(v, "unknown option '%s'", option);
		}
	}
	return -1;
}

int main(int argc, char **argv)
{
	struct vip v = { .socket = getenv("VIPD_SOCKET") };
	int at = 1, r = vip_options(&v, argc, argv, &at);

	if (r >= 0)
		return r;
	if (!v.socket || !*v.socket)
		v.socket = VIP_SOCKET_DEFAULT;
	if (at == argc)
		return vip_usage(&v, "what shall be done?");
	if (strcmp(argv[at], "help") == 0)
		return vip_help();
	/* For shells, not for people: --help does not name it. */
	if (strcmp(argv[at], "complete") == 0)
		return complete_run(&v, commands, ARRAY_LENGTH(commands), argc - at - 1,
				    argv + at + 1);
	for (size_t i = 0; i < ARRAY_LENGTH(commands); i++)
		if (strcmp(commands[i].name, argv[at]) == 0)
			v.command = &commands[i];
	if (!v.command)
		return vip_unknown(&v, argv[at]);
	argc -= at + 1;
	argv += at + 1;
	r = arguments_take(&v, &argc, argv);
	if (r < 0)
		r = v.command->run ? v.command->run(&v, argc, argv)
				   : listing_run(&v, v.command->listing);
	if (r == VIP_DONE && v.unsaved)
		r = VIP_DEGRADED;
	/* What could not be written was not shown: a full disk is a failure too. */
	if (fflush(stdout) != 0 && r == VIP_DONE)
		r = vip_fail(VIP_REFUSED, "the output could not be written");
	return r;
}
