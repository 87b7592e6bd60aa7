/* SPDX-License-Identifier: Apache-2.0 */
/*
 * POST /v1/prove/ADDRESS: routers are asked to forward to a VIP, now, and what came of it is told:
 * when all of it is over, or with ?stream=1 of each router as soon as it has been tried.
 */
#include "api/request.h"

void prove_begin(struct request *r)
{
	struct input in = { .kind = INPUT_PROVE };
	const char *neighbor =
		MHD_lookup_connection_value(r->connection, MHD_GET_ARGUMENT_KIND, "neighbor");

	if (!argument_address(r, &r->vip))
		return;
	in.prove.address = r->vip;
	if (request_parameter(r, "stream", 0)) {
		r->streams = true;
		r->type = "application/x-ndjson";
	}
	/* One that is empty is a mistake, and does not stand for all of them. */
	if (neighbor && address_parse(neighbor, &in.prove.neighbor) < 0)
		request_refuse(r, MHD_HTTP_UNPROCESSABLE_CONTENT, "'%.60s' is not an address",
			       neighbor);
	else if (resource_takes_nothing(r))
		request_send(r, &in);
}

static void ask_print(struct json *j, const struct row_ask *a)
{
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
}

static void line_open(struct request *r, const char *kind)
{
	r->out.comma = false;
	request_open(r);
	json_string(&r->out, "kind", kind);
}

static void line_close(struct request *r)
{
	json_close(&r->out, '}');
	json_raw(&r->out, "\n", 1);
	r->status = MHD_HTTP_OK;
}

/* Those that are over and have not been told yet. */
static void steps_print(struct request *r, uint32_t id)
{
	struct walk at = { 0 };
	struct row_ask row;

	_Static_assert(PROVE_ROUTERS_MAX <= 64, "r->place has a bit for each");
	while (node_ask_next(r->api->hooks.node, id, &at, &row)) {
		uint64_t bit = UINT64_C(1) << (at.position - 1);

		if (row.open || (r->place & bit))
			continue;
		r->place |= bit;
		line_open(r, "proof");
		ask_print(&r->out, &row);
		line_close(r);
	}
}

void prove_part(struct request *r)
{
	steps_print(r, r->id);
	request_resume(r);
}

/* Lines come with what happens, not because somebody reads. */
void prove_fill(struct request *r)
{
	(void)r;
}

static void verdict_print(struct request *r, uint32_t id)
{
	unsigned asked = 0, proven = 0, not_forwarded = 0;
	struct walk at = { 0 };
	struct row_ask row;

	while (node_ask_next(r->api->hooks.node, id, &at, &row)) {
		asked++;
		proven += row.proven;
		not_forwarded += row.not_forwarded;
	}
	line_open(r, "verdict");
	json_string(&r->out, "address", ADDRESS_TEXT(&r->vip));
	json_number(&r->out, "asked", asked);
	json_number(&r->out, "proven", proven);
	json_number(&r->out, "not_forwarded", not_forwarded);
	line_close(r);
	r->complete = true;
}

void prove_reply(struct request *r, const struct effect *e)
{
	struct walk at = { 0 };
	struct row_ask row;

	if (request_refused(r, e))
		return;
	if (r->streams) {
		steps_print(r, e->reply.request);
		verdict_print(r, e->reply.request);
		return;
	}
	request_open(r);
	json_string(&r->out, "address", ADDRESS_TEXT(&r->vip));
	json_open(&r->out, "proofs", '[');
	while (node_ask_next(r->api->hooks.node, e->reply.request, &at, &row)) {
		json_open(&r->out, NULL, '{');
		ask_print(&r->out, &row);
		json_close(&r->out, '}');
	}
	json_close(&r->out, ']');
	request_close(r);
}
