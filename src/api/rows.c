/* SPDX-License-Identifier: Apache-2.0 */
#include "api/rows.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/container.h"
#include "base/text.h"
#include "fields/text.h"
#include "fields/vip.h"
#include "net/prefix.h"
#include "node/protocol.h"

static int64_t clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

struct moment moment_at(struct instant now)
{
	return (struct moment){ now, clock_ns(CLOCK_REALTIME) };
}

struct moment moment_now(void)
{
	return moment_at((struct instant){ clock_ns(CLOCK_MONOTONIC) });
}

int64_t moment_wall(struct moment at, struct instant then)
{
	struct duration age = instant_since(at.now, then);
	int64_t wall_ns;

	if (__builtin_sub_overflow(at.wall_ns, age.ns, &wall_ns))
		return age.ns > 0 ? INT64_MIN : INT64_MAX;
	return wall_ns;
}

static void row_since(struct json *j, struct instant since, struct moment at)
{
	json_time(j, "since", moment_wall(at, since));
	json_seconds(j, "age", instant_since(at.now, since));
}

/* The same of what may never have been. */
static void row_since_if_any(struct json *j, struct instant since, struct moment at)
{
	if (since.ns) {
		row_since(j, since, at);
	} else {
		json_null(j, "since");
		json_null(j, "age");
	}
}

/* 10.9.1.1/24 with the host bits as they are. */
static void row_address(struct json *j, const char *key, const struct address *a, uint8_t length)
{
	char text[PREFIX_TEXT_MAX];

	snprintf(text, sizeof(text), "%s/%u", ADDRESS_TEXT(a), length);
	json_string(j, key, text);
}

static void row_network(struct json *j, const struct address *a, uint8_t length)
{
	struct prefix network = prefix_make(a, length);

	json_string(j, "network", PREFIX_TEXT(&network));
}

static void row_mac(struct json *j, const uint8_t *mac)
{
	char text[18];

	snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2],
		 mac[3], mac[4], mac[5]);
	json_string(j, "mac", text);
}

/* Opens an object, to be closed; false, and null in its place, when it is not there. */
static bool row_open_if(struct json *j, const char *key, bool there)
{
	if (there)
		json_open(j, key, '{');
	else
		json_null(j, key);
	return there;
}

static void row_drops(struct json *j, const struct speaker_class *c, const uint32_t *drops)
{
	uint64_t sum = 0;

	json_open(j, "drops", '{');
	for (uint8_t i = 0; c && i < c->n_drops; i++) {
		json_number(j, c->drop_name(i), drops[i]);
		sum += drops[i];
	}
	json_close(j, '}');
	json_number(j, "dropped", sum);
}

void row_print_board(struct json *j, const struct row_board *b)
{
	json_open(j, NULL, '{');
	json_string(j, "name", b->name);
	json_number(j, "index", b->index);
	json_string(j, "backend", b->backend);
	json_bool(j, "up", b->up);
	json_bool(j, "configured", b->configured);
	json_number(j, "vips", b->vips);
	json_string(j, "reason", b->reason);
	json_close(j, '}');
}

/* Who else has the VIP; there is no such member while nobody has. */
static void row_rival(struct json *j, const struct row_rival *r, struct moment at)
{
	if (r->seen == RIVAL_NONE)
		return;
	json_open(j, "rival", '{');
	json_string(j, "seen", r->seen == RIVAL_ON_WIRE ? "wire" : "routing");
	json_string(j, "interface", r->interface);
	if (r->seen == RIVAL_ON_WIRE) {
		row_mac(j, r->mac);
	} else {
		json_string(j, "neighbor", ADDRESS_TEXT(&r->neighbor));
		json_number(j, "metric", r->metric);
	}
	row_since(j, r->since, at);
	json_close(j, '}');
}

/* How far it is drained; there is no such member while it is not. */
static void row_drain(struct json *j, const struct row_drain *d, struct moment at)
{
	struct duration left = instant_since(instant_max(d->until, at.now), at.now);

	if (d->phase == DRAIN_NONE)
		return;
	json_open(j, "drain", '{');
	json_bool(j, "done", d->phase == DRAIN_DONE);
	if (d->counted)
		json_number(j, "connections", d->connections);
	else
		json_null(j, "connections");
	json_seconds(j, "left", d->phase == DRAIN_DONE ? DURATION_S(0) : left);
	json_close(j, '}');
}

/* The settings that are shown as they were given. */
static void row_settings(struct json *j, const struct record *r, const void *settings)
{
	char text[FIELD_TEXT_MAX];

	for (size_t i = 0; i < r->n_fields; i++) {
		const struct field *f = &r->fields[i];

		if (f->flags & FIELD_NOT_SHOWN)
			continue;
		if (f->type == FIELD_TYPE_BOOL)
			json_bool(j, f->name, field_number(f, field_at(f, settings, 0)));
		else if (f->type == FIELD_TYPE_NUMBER)
			json_number(j, f->name,
				    (uint64_t)field_number(f, field_at(f, settings, 0)));
		else if (f->type == FIELD_TYPE_WORD)
			json_string(
				j, f->name,
				field_word_text(f->words, *(uint8_t *)field_at(f, settings, 0)));
		else
			json_string(j, f->name, field_format(f, settings, 0, text));
	}
}

static const char *check_state_name(uint8_t state)
{
	static const char *const names[] = { "unknown", "passing", "failing" };

	return TEXT_NAME(names, state);
}

/* The check that it must pass; null where it has none. */
static void row_vip_check(struct json *j, const struct row_vip *v)
{
	if (!row_open_if(j, "check", v->settings.check[0]))
		return;
	json_string(j, "name", v->settings.check);
	json_string(j, "state", check_state_name(v->check.state));
	json_string(j, "text", v->check.text);
	json_close(j, '}');
}

void row_print_check(struct json *j, const struct row_check *r, struct moment at)
{
	const struct check_settings *s = &r->settings;

	json_open(j, NULL, '{');
	json_string(j, "name", s->name);
	json_string(j, "kind", check_kind_name(s->kind));
	json_address(j, "address", &s->address);
	json_number(j, "port", s->port);
	json_string(j, "state", check_state_name(r->state));
	row_since(j, r->since, at);
	json_string(j, "text", r->text);
	json_string(j, "failing", check_failing_name(s->failing));
	json_bool(j, "overruled", r->overruled);
	if (instant_before(at.now, r->suppressed))
		json_time(j, "suppressed_until", moment_wall(at, r->suppressed));
	else
		json_null(j, "suppressed_until");
	json_number(j, "vips", r->vips);
	json_number(j, "runs", r->runs);
	json_number(j, "failures", r->failures);
	json_close(j, '}');
}

static void row_proof_list(struct json *j, const char *name, const struct row_vip *v,
			   enum forwarding state)
{
	json_open(j, name, '[');
	for (size_t i = 0; i < v->n_proofs; i++) {
		const struct row_proof *p = &v->proofs[i];

		if (p->state != state)
			continue;
		json_open(j, NULL, '{');
		json_string(j, "interface", p->interface);
		json_string(j, "neighbor", ADDRESS_TEXT(&p->router));
		if (state == FORWARDING_PROVEN) {
			json_string(j, "way_in", p->way);
			json_number(j, "time_us", p->time_us);
		} else {
			json_bool(j, "belied", p->belied);
		}
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void row_proofs(struct json *j, const struct row_vip *v)
{
	row_proof_list(j, "proven_by", v, FORWARDING_PROVEN);
	row_proof_list(j, "not_forwarded_by", v, FORWARDING_FAILED);
}

void row_print_vip(struct json *j, const struct row_vip *v, struct moment at)
{
	const struct vip_settings *s = &v->settings;

	json_open(j, NULL, '{');
	json_string(j, "address", ADDRESS_TEXT(&s->address));
	json_number(j, "length", s->length);
	row_network(j, &s->address, s->length);
	json_string(j, "state", vip_state_name(v->state));
	row_since(j, v->since, at);
	json_string(j, "reason", v->reason);
	json_number(j, "metric", v->metric);
	json_number(j, "own_metric", v->own_metric);
	row_settings(j, &vip_record, s);
	json_bool(j, "announced", v->announced);
	row_vip_check(j, v);
	json_string(j, "held", v->held_as_route ? "route" : "address");
	json_bool(j, "configured", v->configured);
	json_open(j, "accepted_by", '[');
	for (size_t i = 0; i < v->n_accepted && i < ROW_ACCEPTED_MAX; i++) {
		json_open(j, NULL, '{');
		json_string(j, "interface", v->accepted_by[i].interface);
		json_string(j, "neighbor", ADDRESS_TEXT(&v->accepted_by[i].neighbor));
		json_close(j, '}');
	}
	json_close(j, ']');
	json_number(j, "no_proof", v->no_proof);
	row_proofs(j, v);
	row_rival(j, &v->rival, at);
	row_drain(j, &v->drain, at);
	json_close(j, '}');
}

/* The version in the words of the configuration. */
static void row_version(struct json *j, const struct speaker_class *c, uint8_t version)
{
	const char *name = c->version_name ? c->version_name(version) : NULL;

	if (name)
		json_string(j, "version", name);
	else
		json_number(j, "version", version);
}

static void row_print_auth(struct json *j, const struct speaker_interface *s)
{
	if (!row_open_if(j, "auth", s->auth != AUTH_NONE))
		return;
	json_string(j, "type", auth_name(s->auth));
	json_number(j, "keys", s->n_keys);
	json_number(j, "keys_missing", s->keys_missing);
	if (s->mute)
		json_null(j, "key");
	else
		json_number(j, "key", s->key);
	json_bool(j, "mute", s->mute);
	json_close(j, '}');
}

/* How a protocol is spoken on an interface; null: not at all. */
static void row_print_speech(struct json *j, const struct speaker_class *c,
			     const struct speaker_interface *s)
{
	if (!row_open_if(j, c->name, s))
		return;
	json_bool(j, "speaking", s->speaking);
	row_version(j, c, s->version);
	row_print_auth(j, s);
	json_number(j, "cost", s->cost);
	json_number(j, "metric", s->metric);
	json_number(j, "lift", s->lift);
	json_number(j, "neighbors", s->neighbors);
	json_bool(j, "crowded", s->crowded);
	json_number(j, "sent", s->sent);
	row_drops(j, c, s->drops);
	json_close(j, '}');
}

/* How its neighbours are watched. */
static void row_print_watch(struct json *j, const char *key, uint32_t interval_us,
			    uint8_t multiplier)
{
	if (!row_open_if(j, key, interval_us))
		return;
	json_seconds(j, "interval", (struct duration){ (int64_t)interval_us * 1000 });
	json_number(j, "multiplier", multiplier);
	json_close(j, '}');
}

static void row_print_probe(struct json *j, const struct row_interface *r)
{
	bool router = r->probe_through == PROBE_THROUGH_ROUTER;

	if (r->probe_interval_us == 0) {
		json_null(j, "probe");
		return;
	}
	json_open(j, "probe", '{');
	json_seconds(j, "interval", (struct duration){ (int64_t)r->probe_interval_us * 1000 });
	json_number(j, "multiplier", r->probe_multiplier);
	json_string(j, "through", router ? "router" : "neighbor");
	json_number(j, "unreturned", r->unreturned);
	json_close(j, '}');
}

void row_print_interface(struct json *j, const struct row_interface *r)
{
	static const char *const kinds[] = {
		[INTERFACE_PHYSICAL] = "physical",
		[INTERFACE_LOOPBACK] = "loopback",
		[INTERFACE_BOARD] = "board",
	};
	const struct interface *i = &r->interface;

	json_open(j, NULL, '{');
	json_string(j, "name", i->name);
	json_number(j, "index", i->index);
	json_string(j, "kind", TEXT_NAME(kinds, i->kind));
	json_bool(j, "up", i->up);
	json_bool(j, "carrier", i->carrier);
	json_number(j, "mtu", i->mtu);
	row_mac(j, i->mac);
	json_string(j, "backend", i->backend);
	json_open(j, "addresses", '[');
	for (size_t n = 0; n < r->n_addresses && n < ROW_ADDRESSES_MAX; n++)
		row_address(j, NULL, &r->addresses[n].address, r->addresses[n].length);
	json_close(j, ']');
	for (uint8_t id = 1; id < PROTOCOL_END; id++)
		row_print_speech(j, protocol_class(id), row_spoken(r, id));
	row_print_watch(j, "bfd", r->bfd_interval_us, r->bfd_multiplier);
	row_print_probe(j, r);
	json_number(j, "refused", r->refused);
	json_string(j, "reason", r->reason);
	json_close(j, '}');
}

static void row_bfd_members(struct json *j, const struct row_bfd *b, struct moment at)
{
	json_string(j, "state", b->known ? bfd_state_name(b->state) : "unknown");
	row_since(j, b->since, at);
	json_string(j, "diagnostic", bfd_diagnostic_name(b->diagnostic));
	json_string(j, "remote_state", bfd_state_name(b->remote_state));
	json_string(j, "remote_diagnostic", bfd_diagnostic_name(b->remote_diagnostic));
	json_number(j, "flaps", b->flaps);
	json_seconds(j, "interval", (struct duration){ (int64_t)b->tx_us * 1000 });
	json_number(j, "multiplier", b->multiplier);
}

/* The states of the echo have the same names. */
_Static_assert((int)ECHO_STATE_UP == PROBE_STATE_UP && (int)ECHO_STATE_DOWN == PROBE_STATE_DOWN,
	       "one is written for the other");

static void row_probe_members(struct json *j, const struct row_probe *p, struct moment at)
{
	json_string(j, "state", p->known ? probe_state_name(p->state) : "unknown");
	row_since(j, p->since, at);
	json_number(j, "flaps", p->flaps);
	json_seconds(j, "interval", (struct duration){ (int64_t)p->interval_us * 1000 });
	json_number(j, "multiplier", p->multiplier);
}

/* The sessions that watch it; null where it is not to be watched. */
static void row_print_watches(struct json *j, const struct row_neighbor *n, struct moment at)
{
	if (row_open_if(j, "bfd", n->bfd.wanted)) {
		row_bfd_members(j, &n->bfd, at);
		json_close(j, '}');
	}
	if (row_open_if(j, "probe", n->probe.wanted)) {
		row_probe_members(j, &n->probe, at);
		json_close(j, '}');
	}
	if (n->echo.wanted) {
		json_open(j, "echo", '{');
		row_probe_members(j, &n->echo, at);
		json_close(j, '}');
	} else {
		json_null(j, "echo");
	}
}

const char *row_protocol(const struct row_neighbor *n)
{
	const struct speaker_class *c = protocol_class(n->protocol);

	return c ? c->name : "?";
}

void row_print_neighbor(struct json *j, const struct row_neighbor *n, struct moment at)
{
	const struct neighbor *neighbor = &n->neighbor;

	json_open(j, NULL, '{');
	json_string(j, "protocol", row_protocol(n));
	json_string(j, "interface", n->interface);
	json_string(j, "address", ADDRESS_TEXT(&neighbor->address));
	json_string(j, "state", neighbor->state);
	json_bool(j, "up", neighbor->up);
	/* Of one that has said nothing good yet there is no time, and nobody knows what it speaks.
	 */
	json_number(j, "version", neighbor->version);
	row_since_if_any(j, neighbor->since, at);
	if (neighbor->heard.ns)
		json_seconds(j, "heard_age", instant_since(at.now, neighbor->heard));
	else
		json_null(j, "heard_age");
	json_seconds(j, "rhythm", neighbor->rhythm);
	json_string(j, "proof",
		    neighbor->ignores_hosts ? "hosts-ignored"
		    : neighbor->proves	    ? protocol_class(n->protocol)->shows
					    : "none");
	json_number(j, "accepted", neighbor->accepted);
	json_number(j, "proven", n->proven);
	json_number(j, "not_forwarded", n->belied);
	json_number(j, "routes", neighbor->routes);
	json_number(j, "learned", neighbor->learned);
	json_number(j, "packets", neighbor->packets);
	row_drops(j, protocol_class(n->protocol), neighbor->drops);
	row_print_watches(j, n, at);
	json_close(j, '}');
}

void row_print_session(struct json *j, const struct row_session *s, struct moment at)
{
	json_open(j, NULL, '{');
	json_string(j, "protocol", s->is_echo ? "echo" : s->is_probe ? "probe" : "bfd");
	json_string(j, "interface", s->interface);
	json_string(j, "address", ADDRESS_TEXT(&s->path.peer));
	json_string(j, "local", ADDRESS_TEXT(&s->path.local));
	if (s->is_probe)
		row_probe_members(j, &s->probe, at);
	else
		row_bfd_members(j, &s->bfd, at);
	json_close(j, '}');
}

/* A value by its row in the table, as people write it where that is no number. */
static void row_field(struct json *j, const struct field *f, const void *object)
{
	const void *value = field_at(f, object, 0);
	char text[FIELD_TEXT_MAX];

	if (f->text)
		json_string(j, f->name, field_format(f, object, 0, text));
	else if (f->type == FIELD_TYPE_BOOL)
		json_bool(j, f->name, field_number(f, value));
	else if (f->type == FIELD_TYPE_NUMBER)
		json_number(j, f->name, (uint64_t)field_number(f, value));
	else if (f->type == FIELD_TYPE_DURATION)
		json_seconds(j, f->name, *(const struct duration *)value);
	else if (f->type == FIELD_TYPE_ADDRESS)
		json_address(j, f->name, value);
	else
		json_string(j, f->name, field_format(f, object, 0, text));
}

void row_print_view(struct json *j, const struct row_view *v)
{
	const struct speaker_class *c = protocol_class(v->protocol);

	json_open(j, NULL, '{');
	json_string(j, "protocol", c ? c->name : NULL);
	json_string(j, "interface", v->interface[0] ? v->interface : NULL);
	for (size_t i = 0; i < v->record->n_fields; i++)
		row_field(j, &v->record->fields[i], v->row.bytes);
	json_close(j, '}');
}

void row_print_finding(struct json *j, const struct finding *f)
{
	static const char *const names[] = { "good", "note", "problem" };

	json_open(j, NULL, '{');
	json_string(j, "severity", TEXT_NAME(names, f->severity));
	json_address(j, "vip", &f->vip);
	json_string(j, "interface", f->interface);
	json_string(j, "finding", f->what);
	json_string(j, "effect", f->effect);
	json_string(j, "fix", f->fix);
	json_close(j, '}');
}

static void row_print_paths(struct json *j, const struct row_route *r)
{
	static const char *const states[] = { "waiting", "used", "refused" };

	json_open(j, "via", '[');
	for (size_t i = 0; i < r->n_paths && i < ROUTE_PATHS_MAX; i++) {
		json_open(j, NULL, '{');
		json_string(j, "interface", r->paths[i].interface);
		json_string(j, "address", ADDRESS_TEXT(&r->paths[i].next_hop));
		json_string(j, "state", TEXT_NAME(states, r->paths[i].state));
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void row_whose(struct json *j, uint8_t protocol)
{
	const struct speaker_class *c = protocol_class(protocol);

	json_string(j, "protocol", c ? c->name : "?");
}

/* Several protocols have a route to it: whose counts, and whose do not. */
static void row_print_beaten(struct json *j, const struct row_route *r)
{
	row_whose(j, r->protocol);
	json_open(j, "beaten", '[');
	for (size_t i = 0; i < r->n_beaten; i++) {
		json_open(j, NULL, '{');
		row_whose(j, r->beaten[i].protocol);
		json_number(j, "metric", r->beaten[i].metric);
		json_close(j, '}');
	}
	json_close(j, ']');
}

void row_print_route(struct json *j, const struct row_route *r)
{
	json_open(j, NULL, '{');
	row_network(j, &r->prefix.address, r->prefix.length);
	json_bool(j, "own", r->own);
	json_bool(j, "learned", r->learned);
	json_number(j, "metric", r->metric);
	json_bool(j, "withdrawn", r->withdrawn);
	json_number(j, "vips", r->vips);
	json_string(j, "interface", r->interface);
	json_address(j, "neighbor", &r->neighbor);
	json_bool(j, "kernel", r->in_kernel);
	row_print_paths(j, r);
	if (r->n_beaten > 0)
		row_print_beaten(j, r);
	json_string(j, "reason", r->reason);
	json_close(j, '}');
}

/* One reason more; without `j` it is only asked whether there is one. */
static bool reason(struct json *j, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool reason(struct json *j, const char *format, ...)
{
	char text[API_SENTENCE_MAX + 128];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (j)
		json_string(j, NULL, text);
	return true;
}

/*
 * Why the daemon does not do all that it should; false when it does. Called with NULL only to ask.
 */
static bool status_reasons(struct json *j, const struct row_status *s,
			   const struct row_beside *beside)
{
	unsigned deaf = beside->guard.bfd_deaf;
	const struct {
		bool holds;
		uint32_t count;
		const char *one, *many;
	} reasons[] = {
		{ s->failed > 0, s->failed, "VIP failed: the kernel refused it",
		  "VIPs failed: the kernel refused them" },
		{ s->conflicts > 0, s->conflicts, "VIP is announced by somebody else too",
		  "VIPs are announced by somebody else too" },
		{ s->vips > 0 && s->interfaces == 0, s->vips,
		  "VIP, and no interface to announce it on",
		  "VIPs, and no interface to announce them on" },
		{ s->mute > 0, s->mute, "interface is mute: none of its keys can be used now",
		  "interfaces are mute: none of their keys can be used now" },
		{ s->crowded > 0, s->crowded,
		  "interface hears more neighbours than are kept: some are turned away",
		  "interfaces hear more neighbours than are kept: some are turned away" },
		{ s->unheard > 0 && s->interfaces > 0 && s->neighbors_up == 0, s->unheard,
		  "VIP, and no neighbour that is up", "VIPs, and no neighbour that is up" },
		/* Routers of IPv4 know nothing of IPv6 VIPs, and the other way round. */
		{ s->unheard > 0 && s->interfaces > 0 && s->neighbors_up > 0, s->unheard,
		  "VIP, and no neighbour of its family that is up",
		  "VIPs, and no neighbours of their family that are up" },
	};
	bool any = false;

	if (s->ways_lost > 0)
		any |= reason(j, "%" PRIu32 " of %" PRIu32 " ways %s lost: %s%s", s->ways_lost,
			      s->ways, s->ways_lost == 1 ? "is" : "are", s->lost,
			      s->ways_lost == 1 ? "" : ", and others ('vip doctor')");
	if (s->belied > 0)
		any |= reason(j, "%s", s->belied_by);
	for (size_t i = 0; i < ARRAY_LENGTH(reasons); i++)
		if (reasons[i].holds)
			any |= reason(j, "%" PRIu32 " %s", reasons[i].count,
				      reasons[i].count == 1 ? reasons[i].one : reasons[i].many);
	if (s->unsaved[0])
		any |= reason(
			j,
			"the state directory cannot be written (%s): if vipd dies, it forgets "
			"what was bound, unbound or drained",
			s->unsaved);
	if (deaf > 0)
		any |= reason(j,
			      "BFD is deaf on %u interface%s: another program has UDP port %u, or "
			      "the interface is gone",
			      deaf, deaf == 1 ? "" : "s", BFD_PORT);
	if (beside->config.wrong[0])
		any |= reason(j, "the configuration file is not in force: %s",
			      beside->config.wrong);
	return any;
}

bool row_is_degraded(const struct row_status *s, const struct row_beside *beside)
{
	return status_reasons(NULL, s, beside);
}

void row_print_status(struct json *j, const struct row_status *s, const struct row_beside *beside,
		      struct moment at)
{
	struct duration up = instant_since(at.now, s->started);

	json_string(j, "version", VIPD_VERSION);
	json_string(j, "state", s->stopping ? "stopping" : "running");
	json_bool(j, "degraded", row_is_degraded(s, beside));
	json_open(j, "reasons", '[');
	status_reasons(j, s, beside);
	json_close(j, ']');
	json_number(j, "pid", (uint64_t)getpid());
	json_time(j, "started", moment_wall(at, s->started));
	json_seconds(j, "uptime", up);
	json_number(j, "boards", s->boards);
	json_number(j, "vips", s->vips);
	json_number(j, "announced", s->announced);
	json_number(j, "accepted", s->accepted);
	json_number(j, "proven", s->proven);
	json_number(j, "conflicts", s->conflicts);
	json_number(j, "failed", s->failed);
	json_number(j, "unbound", s->unbound);
	json_number(j, "interfaces", s->interfaces);
	json_number(j, "neighbors", s->neighbors);
	json_number(j, "neighbors_up", s->neighbors_up);
	json_number(j, "learned", s->learned);
	json_number(j, "learned_unused", s->learned_unused);
	json_number(j, "ways", s->ways);
	json_number(j, "ways_lost", s->ways_lost);
	if (s->way_in[0])
		json_string(j, "way_in", s->way_in);
	else
		json_null(j, "way_in");
	json_number(j, "repairs", s->repairs);
}

void event_print(struct json *j, const struct event *e, uint64_t number, int64_t wall_ns)
{
	char line[NODE_SENTENCE_MAX + 256];

	event_format(e, line, sizeof(line));
	json_open(j, NULL, '{');
	json_number(j, "schema", 1);
	json_number(j, "number", number);
	json_time(j, "time", wall_ns);
	json_string(j, "kind", event_kind_name(e->kind));
	if (address_is_set(&e->vip))
		json_string(j, "vip", ADDRESS_TEXT(&e->vip));
	if (e->kind == EVENT_VIPS)
		json_number(j, "count", e->count);
	if (e->kind == EVENT_VIP || e->kind == EVENT_VIPS) {
		json_string(j, "from", vip_state_name(e->from));
		json_string(j, "to", vip_state_name(e->to));
		json_seconds(j, "age", e->age);
	}
	if (e->interface[0])
		json_string(j, "interface", e->interface);
	if (address_is_set(&e->neighbor))
		json_string(j, "neighbor", ADDRESS_TEXT(&e->neighbor));
	json_string(j, "reason", e->reason);
	json_string(j, "line", line);
	json_close(j, '}');
}
