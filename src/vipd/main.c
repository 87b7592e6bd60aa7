/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vipd(8): keeps virtual IP addresses reachable. README.md in this folder shows how the daemon is
 * wired.
 */
#include <malloc.h>

#include "vipd/daemon.h"

int main(int argc, char **argv)
{
	struct options options;
	enum exit_code code;

	/*
	 * Large buffers come and go with large requests. Each gets pages of its own, which go back
	 * when it is freed; left to itself the allocator would soon take them from its heap, and
	 * keep it.
	 */
	mallopt(M_MMAP_THRESHOLD, 64 * 1024);
	if (!options_parse(argc, argv, &options, &code))
		return code;
	return options.check ? daemon_check(&options) : daemon_run(&options);
}
