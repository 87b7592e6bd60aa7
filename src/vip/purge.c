/* SPDX-License-Identifier: Apache-2.0 */
/* vip purge: every VIP is withdrawn and every board goes; the daemon stays. */
#include "vip/arguments.h"
#include "vip/client.h"

int purge_run(struct vip *v, int argc, char **argv)
{
	int r = arguments_take_plain(v, &argc, argv, 0, 0);

	if (r >= 0)
		return r;
	return client_request(v, "POST", "/v1/purge", NULL, NULL);
}
