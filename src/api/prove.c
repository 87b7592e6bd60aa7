/* SPDX-License-Identifier: Apache-2.0 */
/* POST /v1/prove/ADDRESS: routers are asked to forward to a VIP, now, and what came of it is told.
 */
#include "api/request.h"

void prove_begin(struct request *r)
{
	struct input in = { .kind = INPUT_PROVE };
	const char *neighbor = request_text(r, "neighbor");

	if (!argument_address(r, &r->vip))
		return;
	in.prove.address = r->vip;
	if (*neighbor && address_parse(neighbor, &in.prove.neighbor) < 0)
		request_refuse(r, MHD_HTTP_UNPROCESSABLE_CONTENT, "'%.60s' is not an address",
			       neighbor);
	else if (resource_takes_nothing(r))
		request_send(r, &in);
}

static void ask_print(struct json *j, const struct row_ask *a)
{
	json_open(j, NULL, '{');
	json_string(j, "neighbor", ADDRESS_TEXT(&a->neighbor));
	json_string(j, "interface", a->interface);
	json_string(j, "source", ADDRESS_TEXT(&a->source));
	json_string(j, "outcome", a->outcome);
	json_number(j, "packets", a->packets);
	if (a->reason) {
		json_string(j, "reason", a->reason);
		json_address(j, "by", &a->by);
	}
	if (a->way[0]) {
		json_string(j, "way_in", a->way);
		json_number(j, "time_us", a->time_us);
		json_number(j, "routers", a->routers);
	}
	json_close(j, '}');
}

void prove_reply(struct request *r, const struct effect *e)
{
	struct walk at = { 0 };
	struct row_ask row;

	if (request_refused(r, e))
		return;
	request_open(r);
	json_string(&r->out, "address", ADDRESS_TEXT(&r->vip));
	json_open(&r->out, "proofs", '[');
	while (node_ask_next(r->api->hooks.node, e->reply.request, &at, &row))
		ask_print(&r->out, &row);
	json_close(&r->out, ']');
	request_close(r);
}
