/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vipd(8): keeps virtual IP addresses reachable. README.md in this folder shows how the daemon is
 * wired.
 */
#include "vipd/daemon.h"

int main(int argc, char **argv)
{
	struct options options;
	enum exit_code code;

	if (!options_parse(argc, argv, &options, &code))
		return code;
	return options.check ? daemon_check(&options) : daemon_run(&options);
}
