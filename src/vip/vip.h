/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands share: the options that all of them know, their table, and their exit codes. */
#ifndef VIP_VIP_H
#define VIP_VIP_H

#include <stdbool.h>
#include <stddef.h>

/* A contract with scripts: vip(1) lists them. */
enum vip_exit {
	VIP_DONE = 0,
	VIP_REFUSED = 1, /* or failed; one sentence on stderr says why */
	VIP_USAGE = 2,
	VIP_CONFIG = 3, /* the configuration file is wrong */
	VIP_UNREACHABLE = 4,
	VIP_DEGRADED = 5,
};

#define VIP_SOCKET_DEFAULT "/run/vipd/vipd.sock"

struct record;
struct listing;

/* A piece of a text that stays the caller's. */
struct piece {
	const char *at;
	size_t length;
};

#define VIP_HELP_MAX 2048
#define VIP_OPTIONS_MAX 24

struct vip {
	const char *socket;
	bool json;
	bool unsaved; /* what was asked for is done, but a crash of vipd would forget it */
	const struct command *command; /* the one that runs */

	/* The options that are given: arguments.c. */
	struct option_given {
		struct piece name; /* in `help` */
		const char *value; /* "" for one that takes none */
	} given[VIP_OPTIONS_MAX];
	size_t n_given;
	char help[VIP_HELP_MAX]; /* of the command */
};

/* One command: a row of the table in main.c, and a file of its own. */
struct command {
	const char *name;
	const char *arguments; /* as in the synopsis */
	const char *summary;   /* half a line for `vip --help` */
	const char *details;   /* what `vip COMMAND --help` adds, with a line for each option */

	/* argv[0] is the first argument behind the command's name. Returns an exit code. */
	int (*run)(struct vip *v, int argc, char **argv);

	/* So many arguments it takes, options aside; what is asked where there are less, or NULL.
	 */
	int low, high;
	const char *missing;

	/* Whose fields its options set; in --help they come in front of the details. Or NULL. */
	const struct record *record;

	const struct listing *listing; /* in place of `run`: what it lists */
};

int ospf_run(struct vip *v, int argc, char **argv);
int doctor_run(struct vip *v, int argc, char **argv);
int board_run(struct vip *v, int argc, char **argv);
int bind_run(struct vip *v, int argc, char **argv);
int unbind_run(struct vip *v, int argc, char **argv);
int drain_run(struct vip *v, int argc, char **argv);
int undrain_run(struct vip *v, int argc, char **argv);
int prove_run(struct vip *v, int argc, char **argv);
int show_run(struct vip *v, int argc, char **argv);
int status_run(struct vip *v, int argc, char **argv);
int events_run(struct vip *v, int argc, char **argv);
int config_run(struct vip *v, int argc, char **argv);
int source_run(struct vip *v, int argc, char **argv);
int purge_run(struct vip *v, int argc, char **argv);
int run_ncf_run(struct vip *v, int argc, char **argv);
int stop_run(struct vip *v, int argc, char **argv);

/* Says one sentence on stderr and returns the exit code. */
int vip_fail(enum vip_exit code, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same with how the command is used; returns VIP_USAGE. */
int vip_usage(const struct vip *v, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
