/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vipd --check: reads the configuration, and says what is wrong with it.
 *
 * Root can read everything, but vipd.service runs as a user of its own, who may not. So root reads
 * it a second time as that user, in a process of its own.
 */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vipd/configuration.h"
#include "vipd/daemon.h"

/* The user of vipd.service. */
#define SERVICE_USER "vipd"

static enum exit_code check_read(const struct options *o, char *error, size_t size)
{
	struct config *config;

	if (configuration_read(o, &config, error, size) < 0)
		return EXIT_CONFIG;
	for (size_t i = 0; config_warning(config, i); i++)
		fprintf(stderr, "%s\n", config_warning(config, i));
	if (config_is_default(config))
		fprintf(stderr, "%s: there is no such file: the defaults hold\n", o->config);
	config_free(config);
	return EXIT_DONE;
}

/* In the child: what the first reading has found wrong is not said again. */
static enum exit_code check_as(const struct options *o, const struct passwd *user)
{
	char error[CONFIG_ERROR_MAX] = "";
	struct config *config;

	if (setgroups(1, &user->pw_gid) < 0 ||
	    setresgid(user->pw_gid, user->pw_gid, user->pw_gid) < 0 ||
	    setresuid(user->pw_uid, user->pw_uid, user->pw_uid) < 0) {
		fprintf(stderr, "vipd: cannot read it as " SERVICE_USER ": %s\n", strerror(errno));
		return EXIT_DONE;
	}
	if (configuration_read(o, &config, error, sizeof(error)) == 0)
		return EXIT_DONE;
	fprintf(stderr, "%s\n", error);
	return EXIT_CONFIG;
}

/*
 * The default configuration is what the service reads: what its user cannot read is wrong. Another
 * may be for a vipd that root runs: then it is worth a warning.
 */
static enum exit_code check_for_service(const struct options *o)
{
	const struct passwd *user = geteuid() == 0 ? getpwnam(SERVICE_USER) : NULL;
	int status = 0;
	pid_t pid;

	if (!user || user->pw_uid == 0)
		return EXIT_DONE;
	pid = fork();
	if (pid == 0)
		_exit(check_as(o, user));
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || !WIFEXITED(status) ||
	    WEXITSTATUS(status) != EXIT_CONFIG)
		return EXIT_DONE;
	fprintf(stderr,
		"vipd: %s: that is what vipd.service would find, which runs as the user "
		"'" SERVICE_USER "'\n",
		o->config_given ? "warning" : "error");
	return o->config_given ? EXIT_DONE : EXIT_CONFIG;
}

enum exit_code daemon_check(const struct options *o)
{
	char error[CONFIG_ERROR_MAX] = "";
	enum exit_code code = check_read(o, error, sizeof(error));

	if (code != EXIT_DONE) {
		fprintf(stderr, "%s\n", error);
		return code;
	}
	return check_for_service(o);
}
