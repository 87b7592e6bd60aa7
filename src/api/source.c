/* SPDX-License-Identifier: Apache-2.0 */
/* GET and POST /v1/source: how source selection stands, what a connection gets, and the switch. */
#include <string.h>

#include "api/body.h"
#include "api/request.h"
#include "base/container.h"
#include "base/text.h"

/* The list that stands open in the answer. */
enum source_list {
	LIST_NONE,
	LIST_RULES,
	LIST_INTERFACES,
	LIST_REASONS,
};

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

void source_begin(struct request *r)
{
	const char *destination = request_text(r, "destination");
	struct input in = { .kind = INPUT_QUERY };
	struct query *q = &in.query;

	q->kind = QUERY_SOURCE;
	q->limit = 1;
	if (!text_take(r, "unit", q->unit, sizeof(q->unit)) ||
	    !text_take(r, "user", q->user, sizeof(q->user)))
		return;
	if (*destination && address_parse(destination, &q->address) < 0)
		request_refuse(r, MHD_HTTP_UNPROCESSABLE_CONTENT, "'%.60s' is not an address",
			       destination);
	else if (!*destination && (q->unit[0] || q->user[0]))
		request_refuse(r, MHD_HTTP_UNPROCESSABLE_CONTENT,
			       "'unit' and 'user' go with a 'destination'");
	else if (q->user[0] && !client_may_write(r->client)) {
		/* The user database is asked for the name, and may be far away. */
		request_forbid(r, "ask for a user");
	} else {
		/* An IPv6 socket that is given such a one connects by IPv4, and gets an IPv4 VIP.
		 */
		q->address = address_unmapped(&q->address);
		request_send(r, &in);
	}
}

static void address_print(struct json *j, const char *key, const struct address *a)
{
	if (address_is_set(a))
		json_string(j, key, ADDRESS_TEXT(a));
	else
		json_null(j, key);
}

static void text_print(struct json *j, const char *key, const char *text)
{
	if (*text)
		json_string(j, key, text);
	else
		json_null(j, key);
}

static void list_open(struct request *r, const char *key, enum source_list list)
{
	if (r->place == list)
		return;
	if (r->place != LIST_NONE)
		json_close(&r->out, ']');
	json_open(&r->out, key, '[');
	r->place = list;
}

static void state_print(struct json *j, const struct row_source_state *s)
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
		address_print(j, "address", &s->first[k]);
		json_string(j, "reason", s->reason[k]);
		json_close(j, '}');
	}
	json_close(j, '}');
	json_open(j, "connections", '{');
	for (size_t k = 0; k < SOURCE_VERDICT_COUNT; k++)
		json_number(j, source_verdict_name((enum source_verdict)k), s->counts[k]);
	json_close(j, '}');
}

static void rule_print(struct json *j, const struct row_source_rule *rule)
{
	json_open(j, NULL, '{');
	json_number(j, "number", rule->number);
	text_print(j, "to",
		   address_is_set(&rule->rule.to.address) ? PREFIX_TEXT(&rule->rule.to) : "");
	text_print(j, "unit", rule->rule.unit);
	text_print(j, "user", rule->rule.user);
	address_print(j, "use", &rule->rule.use);
	json_bool(j, "in_force", rule->in_force);
	json_string(j, "reason", rule->reason);
	json_close(j, '}');
}

static void why_print(struct json *j, const struct row_source_why *w)
{
	static const char *const by[] = { "linux", "first", "rule" };

	json_string(j, "destination", ADDRESS_TEXT(&w->destination));
	address_print(j, "source", &w->source);
	json_string(j, "by", by[w->by]);
	if (w->rule)
		json_number(j, "rule", w->rule);
	else
		json_null(j, "rule");
	address_print(j, "linux", &w->linux_source);
	json_open(j, "interfaces", '[');
	for (size_t k = 0; k < w->n_interfaces && k < ARRAY_LENGTH(w->interfaces); k++)
		json_string(j, NULL, w->interfaces[k]);
	json_close(j, ']');
	if (w->tried) {
		address_print(j, "got", &w->got);
		json_bool(j, "agrees", w->agrees);
	}
}

void source_row(struct request *r, const struct effect *e, struct moment at)
{
	const struct row_source *row = &e->row.source;
	struct json *j = &r->out;

	(void)at;
	if (r->rows++ == 0)
		request_open(r);
	switch ((enum row_source_part)row->part) {
	case ROW_SOURCE_STATE:
		state_print(j, &row->state);
		list_open(r, "rules", LIST_RULES);
		break;
	case ROW_SOURCE_RULE:
		rule_print(j, &row->rule);
		break;
	case ROW_SOURCE_INTERFACE:
		list_open(r, "interfaces_off", LIST_INTERFACES);
		json_open(j, NULL, '{');
		json_string(j, "name", row->interface.name);
		json_bool(j, "switched", row->interface.switched);
		json_close(j, '}');
		break;
	case ROW_SOURCE_WHY:
		why_print(j, &row->why);
		list_open(r, "reasons", LIST_REASONS);
		break;
	case ROW_SOURCE_REASON:
		json_string(j, NULL, row->reason);
		break;
	}
}

void source_reply(struct request *r, const struct effect *e)
{
	if (request_refused(r, e))
		return;
	if (r->rows == 0) {
		request_refuse(r, MHD_HTTP_SERVICE_UNAVAILABLE, "the node did not answer");
		return;
	}
	if (r->place == LIST_RULES)
		list_open(r, "interfaces_off", LIST_INTERFACES);
	json_close(&r->out, ']');
	request_close(r);
}

void source_switch_begin(struct request *r)
{
	struct input in = { .kind = INPUT_SOURCE };
	char sentence[BODY_SENTENCE_MAX];
	int error = body_parse_source(r->body.bytes, r->body.length, &in.source, sentence,
				      sizeof(sentence));

	if (error < 0)
		resource_refuse_body(r, error, sentence);
	else
		request_send(r, &in);
}
