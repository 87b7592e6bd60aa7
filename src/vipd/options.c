/* SPDX-License-Identifier: Apache-2.0 */
#include "vipd/options.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum option_name {
	OPTION_CONFIG = 1,
	OPTION_SOCKET,
	OPTION_STATE,
	OPTION_CHECK,
	OPTION_RECORD,
	OPTION_VERSION,
	OPTION_HELP,
};

static const struct option names[] = {
	{ "config", required_argument, NULL, OPTION_CONFIG },
	{ "socket", required_argument, NULL, OPTION_SOCKET },
	{ "state-dir", required_argument, NULL, OPTION_STATE },
	{ "check", no_argument, NULL, OPTION_CHECK },
	{ "record", required_argument, NULL, OPTION_RECORD },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ NULL, 0, NULL, 0 },
};

static void usage(FILE *to)
{
	fputs("usage: vipd [--config FILE] [--socket PATH] [--state-dir DIR] [--record FILE]\n"
	      "       vipd --check [--config FILE]\n"
	      "       vipd --version | --help\n",
	      to);
}

static void help(void)
{
	usage(stdout);
	fputs("\nKeeps virtual IP addresses reachable. Runs in the foreground and logs to "
	      "stderr.\n\n"
	      "  --config FILE    the configuration (" VIPD_CONFIG_DEFAULT ")\n"
	      "  --socket PATH    where vip finds the daemon (" VIPD_SOCKET_DEFAULT ")\n"
	      "  --state-dir DIR  what outlives the daemon (" VIPD_STATE_DEFAULT ")\n"
	      "  --check          read the configuration, say what is wrong with it, and exit\n"
	      "  --record FILE    write all that happens to a trace that can be replayed\n\n"
	      "SIGHUP reads the configuration again; SIGTERM withdraws all and exits.\n"
	      "Exit codes: 0 done, 1 failed, 2 usage, 3 configuration error.\n",
	      stdout);
}

static void own_state_name(const char *socket, char *to, size_t size)
{
	struct text t;

	while (*socket == '/')
		socket++;
	text_init(&t, to, size);
	text_add(&t, "%s/%s", VIPD_STATE_DEFAULT, socket);
	for (char *c = to + sizeof(VIPD_STATE_DEFAULT); *c; c++)
		if (*c == '/')
			*c = '-';
}

const char *options_state(const struct options *o)
{
	return o->state ? o->state : o->own_state;
}

bool options_parse(int argc, char **argv, struct options *ret, enum exit_code *ret_exit)
{
	struct options o = { .config = VIPD_CONFIG_DEFAULT, .socket = VIPD_SOCKET_DEFAULT };
	int name;

	*ret_exit = EXIT_DONE;
	while ((name = getopt_long(argc, argv, "", names, NULL)) != -1) {
		switch (name) {
		case OPTION_CONFIG:
			o.config = optarg;
			o.config_given = true;
			break;
		case OPTION_SOCKET:
			o.socket = optarg;
			break;
		case OPTION_STATE:
			o.state = optarg;
			break;
		case OPTION_CHECK:
			o.check = true;
			break;
		case OPTION_RECORD:
			o.record = optarg;
			break;
		case OPTION_VERSION:
			puts("vipd " VIPD_VERSION);
			return false;
		case OPTION_HELP:
			help();
			return false;
		default:
			usage(stderr);
			*ret_exit = EXIT_USAGE;
			return false;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "vipd: %s: vipd takes options only\n", argv[optind]);
		usage(stderr);
		*ret_exit = EXIT_USAGE;
		return false;
	}
	if (!o.state && strcmp(o.socket, VIPD_SOCKET_DEFAULT) == 0)
		o.state = VIPD_STATE_DEFAULT;
	else if (!o.state)
		own_state_name(o.socket, o.own_state, sizeof(o.own_state));
	*ret = o;
	return true;
}
