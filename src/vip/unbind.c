/* SPDX-License-Identifier: Apache-2.0 */
/* vip unbind ADDRESS...: withdraws, then takes off the board. */
#include <stdio.h>
#include <string.h>

#include "vip/arguments.h"
#include "vip/client.h"

int unbind_run(struct vip *v, int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		char path[512], query[32];
		int r;

		/* The length does not matter: an address is bound once. */
		argv[i][strcspn(argv[i], "/")] = '\0';
		snprintf(query, sizeof(query), "?now=%d&save=%d", option_given(v, "--now"),
			 option_given(v, "--save"));
		client_path(path, sizeof(path), "/v1/vips/", argv[i], query);
		r = client_request(v, "DELETE", path, NULL, NULL);
		if (r != VIP_DONE)
			return r;
	}
	return VIP_DONE;
}
