/* SPDX-License-Identifier: Apache-2.0 */
/* vip config apply: the daemon reads its configuration file again. */
#include <string.h>

#include "vip/arguments.h"
#include "vip/client.h"

int config_run(struct vip *v, int argc, char **argv)
{
	int r = arguments_take_plain(v, &argc, argv, 1, 1);

	if (r >= 0)
		return r;
	if (strcmp(argv[0], "apply") != 0)
		return vip_usage(v, "unknown command 'config %s'", argv[0]);
	return client_request(v, "POST", "/v1/config/apply", NULL, NULL);
}
