/* SPDX-License-Identifier: Apache-2.0 */
/* vip purge: every VIP is withdrawn and every board goes; the daemon stays. */
#include <inttypes.h>

#include "base/container.h"
#include "vip/arguments.h"
#include "vip/client.h"
#include "vip/screen.h"

/* Whoever sits at a terminal is told what would go, and asked. -1: go on. */
static int purge_ask(struct vip *v)
{
	struct vip quiet = *v;
	json_t *document = NULL;
	bool agreed;
	int r;

	quiet.json = false;
	r = client_request(&quiet, "GET", "/v1/status", NULL, &document);
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
	bool yes = false;
	const struct option_of options[] = { { "--yes", &yes, NULL } };
	int r = arguments_take(v, options, ARRAY_LENGTH(options), &argc, argv);

	if (r >= 0)
		return r;
	if (argc > 0)
		return vip_usage(v, "'%s' is too much", argv[0]);
	r = yes ? -1 : purge_ask(v);
	return r >= 0 ? r : client_request(v, "POST", "/v1/purge", NULL, NULL);
}
