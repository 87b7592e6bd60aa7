/* SPDX-License-Identifier: Apache-2.0 */
/* vip purge: every VIP is withdrawn and every board goes; the daemon stays. */
#include <inttypes.h>

#include "vip/arguments.h"
#include "vip/client.h"
#include "vip/screen.h"

/* Whoever sits at a terminal is told what would go, and asked. -1: go on. */
static int purge_ask(const struct vip *v)
{
	json_t *document;
	int r = client_look(v, "/v1/status", &document);
	bool agreed;

	if (!document)
		return r;
	agreed = screen_confirm("This withdraws and unbinds all VIPs (%" PRId64
				") and removes all boards (%" PRId64 "). Go on?",
				member_number(document, "vips"), member_number(document, "boards"));
	json_decref(document);
	return agreed ? -1 : vip_fail(VIP_REFUSED, "nothing was done");
}

int purge_run(struct vip *v, int argc, char **argv)
{
	int r = option_given(v, "--yes") ? -1 : purge_ask(v);

	(void)argc;
	(void)argv;
	return r >= 0 ? r : client_request(v, "POST", "/v1/purge", NULL, NULL);
}
