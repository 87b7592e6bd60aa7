/* SPDX-License-Identifier: Apache-2.0 */
/* GET and POST /v1/source: how source selection stands, what a connection gets, and the switch. */
#include <string.h>

#include "api/body.h"
#include "api/request.h"
#include "base/container.h"
#include "base/text.h"

/* A parameter whose text has to fit; false, and refused, when it does not. */
static bool text_take(struct request *r, const char *name, char *to, size_t size)
{
	const char *value = request_text(r, name);

	if (strlen(value) >= size) {
		request_refuse(r, MHD_HTTP_UNPROCESSABLE_CONTENT, "'%s' is longer than %zu bytes",
			       name, size - 1);
		return false;
	}
	for (const char *c = value; *c; c++)
		if ((uint8_t)*c < 0x20 || *c == 0x7f) {
			request_refuse(r, MHD_HTTP_UNPROCESSABLE_CONTENT,
				       "'%s' has a control character in it", name);
			return false;
		}
	text_copy(to, size, value);
	return true;
}

static void state_print(struct json *j, const struct row_source *s, const uint64_t *counts)
{
	static const char *const families[] = { "ipv4", "ipv6" };

	json_string(j, "mode", source_mode_name(s->mode));
	json_bool(j, "switched", s->switched);
	if (s->answered)
		json_bool(j, "ready", s->ready);
	else
		json_null(j, "ready");
	json_string(j, "error", s->error);
	json_open(j, "first", '{');
	for (size_t k = 0; k < ARRAY_LENGTH(families); k++) {
		json_open(j, families[k], '{');
		json_address(j, "address", &s->first[k]);
		json_string(j, "reason", s->reason[k]);
		json_close(j, '}');
	}
	json_close(j, '}');
	json_open(j, "connections", '{');
	for (size_t k = 0; k < SOURCE_VERDICT_COUNT; k++)
		json_number(j, source_verdict_name((enum source_verdict)k), counts[k]);
	json_close(j, '}');
}

static void rule_print(struct json *j, const struct row_source_rule *rule)
{
	json_open(j, NULL, '{');
	json_number(j, "number", rule->number);
	json_string(j, "to",
		    address_is_set(&rule->rule.to.address) ? PREFIX_TEXT(&rule->rule.to) : NULL);
	json_string(j, "unit", *rule->rule.unit ? rule->rule.unit : NULL);
	json_string(j, "user", *rule->rule.user ? rule->rule.user : NULL);
	json_address(j, "use", &rule->rule.use);
	json_bool(j, "in_force", rule->in_force);
	json_string(j, "reason", rule->reason);
	json_close(j, '}');
}

static void why_print(struct json *j, const struct row_source_why *w)
{
	static const char *const by[] = { "linux", "first", "rule" };

	json_string(j, "destination", ADDRESS_TEXT(&w->destination));
	json_address(j, "source", &w->source);
	json_string(j, "by", by[w->by]);
	if (w->rule)
		json_number(j, "rule", w->rule);
	else
		json_null(j, "rule");
	json_address(j, "linux", &w->linux_source);
	json_open(j, "interfaces", '[');
	for (size_t k = 0; k < w->n_interfaces && k < ARRAY_LENGTH(w->interfaces); k++)
		json_string(j, NULL, w->interfaces[k]);
	json_close(j, ']');
	if (w->tried) {
		json_address(j, "got", &w->got);
		json_bool(j, "agrees", w->agrees);
	}
}

/* How it stands. */
static void source_print(struct request *r)
{
	const struct node *n = r->api->hooks.node;
	uint64_t counts[SOURCE_VERDICT_COUNT];
	struct walk rules = { 0 }, interfaces = { 0 };
	struct row_source_interface interface;
	struct row_source_rule rule;
	struct row_source state;

	node_source(n, &state);
	r->api->hooks.source_counts(r->api->hooks.context, counts);
	request_open(r);
	state_print(&r->out, &state, counts);
	json_open(&r->out, "rules", '[');
	while (node_source_rule_next(n, &rules, &rule))
		rule_print(&r->out, &rule);
	json_close(&r->out, ']');
	json_open(&r->out, "interfaces_off", '[');
	while (node_source_interface_next(n, &interfaces, &interface)) {
		json_open(&r->out, NULL, '{');
		json_string(&r->out, "name", interface.name);
		json_bool(&r->out, "switched", interface.switched);
		json_close(&r->out, '}');
	}
	json_close(&r->out, ']');
	request_close(r);
}

void source_begin(struct request *r)
{
	const char *destination = request_text(r, "destination");
	struct source_question *q = &r->question;

	if (!text_take(r, "unit", q->unit, sizeof(q->unit)) ||
	    !text_take(r, "user", q->user, sizeof(q->user)))
		return;
	if (*destination && address_parse(destination, &q->destination) < 0)
		request_refuse(r, MHD_HTTP_UNPROCESSABLE_CONTENT, "'%.60s' is not an address",
			       destination);
	else if (!*destination && (q->unit[0] || q->user[0]))
		request_refuse(r, MHD_HTTP_UNPROCESSABLE_CONTENT,
			       "'unit' and 'user' go with a 'destination'");
	else if (!*destination)
		source_print(r);
	else if (q->user[0] && !client_may_write(r->client)) {
		/* The user database is asked for the name, and may be far away. */
		request_forbid(r, "ask for a user");
	} else {
		/* An IPv6 socket that is given such a one connects by IPv4, and gets an IPv4 VIP.
		 */
		q->destination = address_unmapped(&q->destination);
		r->api->hooks.look(r->api->hooks.context, request_number(r), q);
	}
}

void source_looked(struct request *r, bool done, const struct source_look *look)
{
	struct row_source_why why;

	if (!done) {
		request_refuse(r, MHD_HTTP_SERVICE_UNAVAILABLE, "too much is asked at once");
		return;
	}
	if (r->question.user[0] && !look->user_known) {
		request_refuse(r, MHD_HTTP_NOT_FOUND, "there is no user '%s'", r->question.user);
		return;
	}
	node_source_why(r->api->hooks.node, &r->question, look, &why);
	request_open(r);
	why_print(&r->out, &why);
	json_open(&r->out, "reasons", '[');
	for (size_t k = 0; k < why.n_reasons; k++)
		json_string(&r->out, NULL, why.reasons[k]);
	json_close(&r->out, ']');
	request_close(r);
}

void source_switch_begin(struct request *r)
{
	struct input in = { .kind = INPUT_SOURCE };
	char sentence[BODY_SENTENCE_MAX];
	int error = body_parse_source(r->body.bytes, r->body.length, &in.source, sentence,
				      sizeof(sentence));

	request_send_parsed(r, &in, error, sentence);
}
