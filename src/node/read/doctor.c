/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands between a VIP and its clients: `vip doctor`. What the world finds on the host is told
 * beside it; here the node says what it knows itself, VIP by VIP. Each finding names its effect and
 * what would mend it.
 */
#include <stdio.h>
#include <string.h>

#include "base/container.h"
#include "base/text.h"
#include "node/read/finding.h"

static void examine_state(const struct examination *x, const struct binding *b)
{
	enum vip_state state = (enum vip_state)b->state;
	struct finding f = finding_make(FINDING_GOOD, &b->address, "it is %s: %s",
					vip_state_name(state), b->reason ? b->reason : "");

	if (state == VIP_STATE_CHECKING || state == VIP_STATE_BOUND || state == VIP_STATE_FAILED) {
		f.severity = FINDING_PROBLEM;
		text_copy(f.effect, sizeof(f.effect), "nobody is told of it");
	} else if (state == VIP_STATE_CONFLICT) {
		f.severity = FINDING_PROBLEM;
		text_copy(f.effect, sizeof(f.effect), "clients may reach somebody else");
		snprintf(f.fix, sizeof(f.fix), "vip unbind %s on the server that is not to have it",
			 ADDRESS_TEXT(&b->address));
	} else if (state == VIP_STATE_DRAINING || state == VIP_STATE_DRAINED) {
		f.severity = FINDING_NOTE;
		snprintf(f.fix, sizeof(f.fix), "vip undrain %s", ADDRESS_TEXT(&b->address));
	} else if (state == VIP_STATE_HEALTHY && b->announce) {
		f.severity = FINDING_PROBLEM;
		text_copy(f.effect, sizeof(f.effect),
			  "it answers here, and no router knows the way");
	}
	finding_say(x, &f);
}

/* Who has shown that he routes to the VIP; how many there are. */
static unsigned name_witnesses(const struct examination *x, const struct binding *b, char *names,
			       size_t size)
{
	struct neighbor info;
	struct speaker_walk at = { .now = x->now };
	struct text t;
	unsigned count = 0;

	text_init(&t, names, size);
	while (speakers_neighbor_next(x->n, &at, &info)) {
		if (!read_accepted_by(x->n, b, &info))
			continue;
		text_add(&t, "%s%s on %s", count++ ? ", " : "", ADDRESS_TEXT(&info.address),
			 link_name(x->n, info.interface));
	}
	return count;
}

static bool overlap_find(const struct examination *x, const struct prefix *p,
			 struct prefix *ret_other, struct route_heard *ret)
{
	const struct routing *r = x->n->routing;

	for (size_t k = 0; k < r->n_speakers; k++)
		if (speaker_overlap(r->speakers[k], x->overlaps[k], p, ret_other, ret))
			return true;
	return false;
}

/* PRODUCT.md row 3 and row 16: what is meant and what is a mistake look alike from here. */
static void examine_overlap(const struct examination *x, const struct binding *b)
{
	struct prefix network = binding_network(b), other;
	struct route_heard heard;
	struct finding f;

	if (!overlap_find(x, &network, &other, &heard))
		return;
	f = finding_make(FINDING_NOTE, &b->address,
			 "its network %s overlaps with %s, which %s announces",
			 PREFIX_TEXT(&network), PREFIX_TEXT(&other), ADDRESS_TEXT(&heard.neighbor));
	text_copy(f.effect, sizeof(f.effect),
		  "while it is announced, it takes these addresses away from there");
	text_copy(f.fix, sizeof(f.fix),
		  "none, where that is meant (pre-production); else give the VIP another address");
	finding_say(x, &f);
}

/* Where it is, apart from what is said of it. */
static void examine_place(const struct examination *x, const struct binding *b)
{
	const struct link *elsewhere;
	struct finding f;

	if (b->slot.kind && b->slot.present)
		f = finding_make(FINDING_GOOD, &b->address, "the kernel holds it on %s, as %s",
				 b->board->name, b->held_as_route ? "a route" : "an address");
	else
		f = finding_make(FINDING_PROBLEM, &b->address, "the kernel does not hold it");
	if (f.severity == FINDING_PROBLEM)
		text_copy(f.effect, sizeof(f.effect), "no service can listen on it");
	finding_say(x, &f);
	elsewhere = link_with_address(x->n, &b->address);
	if (!elsewhere)
		return;
	f = finding_make(elsewhere->interface.kind == INTERFACE_PHYSICAL ? FINDING_PROBLEM
									 : FINDING_NOTE,
			 &b->address, "%s has it too", elsewhere->interface.name);
	text_copy(f.interface, sizeof(f.interface), elsewhere->interface.name);
	text_copy(f.effect, sizeof(f.effect),
		  "it stays on this host when it is unbound, withdrawn or bound elsewhere");
	snprintf(f.fix, sizeof(f.fix), "ip address del %s/%u dev %s", ADDRESS_TEXT(&b->address),
		 link_address_length(elsewhere, &b->address), elsewhere->interface.name);
	finding_say(x, &f);
}

static bool any_router(const struct examination *x, enum family family)
{
	struct neighbor info;
	struct speaker_walk at = { .now = x->now };

	while (speakers_neighbor_next(x->n, &at, &info))
		if (info.up && info.address.family == family)
			return true;
	return false;
}

/* Routers answer within half a second, and BIRD holds news back for five. */
#define ACCEPTANCE_PATIENCE DURATION_S(6)

static bool is_news(const struct examination *x, const struct binding *b)
{
	return b->state == VIP_STATE_ANNOUNCED &&
	       !instant_reached(instant_add(b->since, ACCEPTANCE_PATIENCE), x->now);
}

static void examine_acceptance(const struct examination *x, const struct binding *b)
{
	char witnesses[FINDING_TEXT_MAX / 2] = "";
	struct finding f;

	if (!b->announced)
		return;
	if (name_witnesses(x, b, witnesses, sizeof(witnesses)) > 0) {
		f = finding_make(FINDING_GOOD, &b->address,
				 "it is routed to, as they have shown, by %s", witnesses);
	} else if (binding_proven(x->n, b) > 0) {
		return;
	} else if (is_news(x, b) && any_router(x, (enum family)b->address.family)) {
		f = finding_make(
			FINDING_NOTE, &b->address,
			"no neighbour has shown yet that it routes to it: it has just been "
			"announced");
	} else {
		f = finding_make(FINDING_PROBLEM, &b->address,
				 "no neighbour has shown that it routes to it");
		text_copy(f.effect, sizeof(f.effect), "it may be reachable from nowhere");
		text_copy(f.fix, sizeof(f.fix),
			  !any_router(x, (enum family)b->address.family)
				  ? "nobody is heard who could: mend what is said of the interfaces"
			  : b->state == VIP_STATE_HEALTHY /* no router has been told */
				  ? "mend what is said of the interfaces"
				  : "look at the filters of the routers in 'vip neighbors'");
	}
	finding_say(x, &f);
}

/* Who forwards to it. Who says so and does not is told for all VIPs together. */
static void examine_forwarding(const struct examination *x, const struct binding *b)
{
	char routers[FINDING_TEXT_MAX - 40] = "";
	unsigned count = 0;
	struct text t;
	struct finding f;

	text_init(&t, routers, sizeof(routers));
	list_each(link, &x->n->vips->proving.routers) {
		const struct proof_router *r = container_of(link, struct proof_router, link);
		const struct forwarded *p = forwarded_find(b, r);

		if (p && p->state == FORWARDING_PROVEN)
			text_add(&t, "%s%s, by %s", count++ ? "; " : "",
				 ADDRESS_TEXT(&r->path.peer),
				 link_name(x->n, forwarded_way(x->n, p)));
	}
	if (count == 0)
		return;
	f = finding_make(FINDING_GOOD, &b->address, "what is sent to it comes back through %s",
			 routers);
	finding_say(x, &f);
}

static void examine_headroom(const struct examination *x, const struct binding *b)
{
	uint32_t own = metric_own(x->n, b),
		 needed = speakers_pace(x->n, (enum family)b->address.family).metric_rescue;
	struct finding f;

	if (!b->announce || own >= needed)
		return;
	f = finding_make(FINDING_NOTE, &b->address, "its metric is %u, below 'distance' + 2 = %u",
			 own, needed);
	text_copy(f.effect, sizeof(f.effect),
		  "when an interface fails, routers behind it hold on to the dead path for 180 s");
	text_copy(f.fix, sizeof(f.fix), "raise 'metric' in the configuration");
	finding_say(x, &f);
}

static void examine_vip(const struct examination *x, const struct binding *b)
{
	examine_place(x, b);
	examine_state(x, b);
	examine_overlap(x, b);
	examine_acceptance(x, b);
	examine_forwarding(x, b);
	examine_headroom(x, b);
}

/* So many neighbours of an interface are named, of whom the same is said. */
#define NAMED_MAX 3

/* How the neighbours are watched, and what is said when that does not work. */
struct watching {
	enum watch_kind kind;
	uint8_t up;
	const char *one, *many, *effect, *fix;
};

#define BY_TIMEOUT "if it fails in silence, that is noticed by RIP's timeout only"

static const struct watching watchings[] = {
	{ WATCH_BFD, BFD_STATE_UP, "the BFD session with %s on %s is not up",
	  "%u BFD sessions on %s are not up: %s", BY_TIMEOUT,
	  "let the router speak BFD there, let UDP port 3784 in, and let no other program have it "
	  "('ss -uapn sport = :3784')" },
	{ WATCH_PROBE, PROBE_STATE_UP, "%s on %s does not answer when it is asked for its address",
	  "%u neighbours on %s do not answer when they are asked for their addresses: %s",
	  BY_TIMEOUT, "let it answer ARP and neighbour solicitations of its LAN" },
	{ WATCH_ECHO, ECHO_STATE_UP, "what goes through %s on %s does not come back",
	  "%u neighbours on %s do not send back what goes through them: %s",
	  "it is asked for its address instead, which does not show whether it forwards",
	  "let it forward UDP port 3785 to where it came from, or set 'through: neighbor'" },
};

/* Neighbours that are to be watched and are not: their silent failure costs the timeout. */
static void examine_watch(const struct examination *x, const struct watching *w,
			  const struct link *l)
{
	char names[FINDING_TEXT_MAX / 2], what[FINDING_TEXT_MAX];
	struct neighbor info;
	struct speaker_walk at = { .now = x->now };
	bool known = true;
	unsigned count = 0;
	struct finding f;
	struct text t;

	text_init(&t, names, sizeof(names));
	while (speakers_neighbor_next(x->n, &at, &info)) {
		const struct watch *of = info.interface == l->interface.index
						 ? watch_of(x->n, w->kind, &info)
						 : NULL;

		if (!of || (of->want.there && of->state == w->up))
			continue;
		known &= of->want.there;
		if (count++ < NAMED_MAX)
			text_add(&t, "%s%s", t.length ? ", " : "", ADDRESS_TEXT(&info.address));
	}
	if (count == 0)
		return;
	if (count > NAMED_MAX)
		text_add(&t, ", ...");
	if (count == 1)
		snprintf(what, sizeof(what), w->one, names, l->interface.name);
	else
		snprintf(what, sizeof(what), w->many, count, l->interface.name, names);
	f = finding_make(FINDING_PROBLEM, NULL, "%s", what);
	text_copy(f.interface, sizeof(f.interface), l->interface.name);
	text_copy(f.effect, sizeof(f.effect), w->effect);
	text_copy(f.fix, sizeof(f.fix), known ? w->fix : "vipd has no guard: look at its log");
	finding_say(x, &f);
}

static void examine_watches(const struct examination *x)
{
	for (size_t k = 0; k < ARRAY_LENGTH(watchings); k++)
		list_each(link, &x->n->routing->links)
			examine_watch(x, &watchings[k], container_of(link, struct link, link));
}

static void examine_routers(const struct examination *x)
{
	struct finding f;

	list_each(link, &x->n->vips->proving.routers)
		if (proof_finding(x->n, container_of(link, struct proof_router, link), &f) > 0)
			finding_say(x, &f);
	for (size_t k = 0; k < FAMILIES; k++)
		if (way_in_finding(x->n, family_at(k), &f))
			finding_say(x, &f);
}

/*
 * Says where nobody is heard although a pattern lets the interface speak; where it is named, that
 * is a way which is lost. *ret_speaking: how many speak; returns how many are meant to.
 */
static size_t examine_speaker(const struct examination *x, const struct speaker *sp,
			      size_t *ret_speaking)
{
	const char *protocol = sp->class->title;
	enum family family = speaker_family(sp);
	struct speaker_interface info;
	size_t position = 0, meant = 0;
	struct finding f;

	*ret_speaking = 0;
	while (speaker_interface_next(sp, x->now, &position, &info)) {
		meant++;
		if (!info.speaking)
			continue;
		*ret_speaking += 1;
		if (speaker_dropped(sp, info.drops, DROP_UNASKED, NULL) > 0)
			examine_unasked(x, &info);
		if (info.neighbors > 0)
			continue;
		f = finding_make(FINDING_PROBLEM, NULL, "no router is heard on %s%s%s",
				 link_name(x->n, info.index), family == FAMILY_IPV6 ? " by " : "",
				 family == FAMILY_IPV6 ? protocol : "");
		text_copy(f.interface, sizeof(f.interface), link_name(x->n, info.index));
		text_copy(f.effect, sizeof(f.effect), "this way leads nowhere");
		snprintf(f.fix, sizeof(f.fix), "let a router speak %s there, and let %s %u in",
			 protocol, speaker_is_raw(sp) ? "IP protocol" : "UDP port",
			 speaker_port(sp));
		finding_say(x, &f);
	}
	return meant;
}

/* Interfaces that are to speak and do not, where no VIP makes a way of them that is lost. */
static void examine_silence(const struct examination *x, const struct speaker *sp)
{
	list_each_entry(const struct link, l, &x->n->routing->links, link) {
		const char *why = link_silence(l, sp);

		if (!rule_speech(x->n, link_rule(x->n, l), sp) || !why[0])
			continue;
		finding_say_of_interface(x,
					 finding_make(FINDING_NOTE, NULL,
						      "%s does not speak %s: %s", l->interface.name,
						      sp->class->title, why),
					 l->interface.index, "nothing is announced there",
					 link_fix(l, sp, (char[FINDING_TEXT_MAX]){ 0 }));
	}
}

static void say_lost(void *context, const struct finding *f)
{
	finding_say(context, f);
}

static bool is_configured(const struct node *n, const struct speaker *sp)
{
	for (size_t k = 0; k < n->routing->n_rules; k++)
		if (rule_speech(n, &n->routing->rules[k], sp))
			return true;
	return false;
}

/* By how many ways the VIPs of a family are announced, and whether anybody hears us there. */
static void examine_paths(const struct examination *x, const struct speaker *sp)
{
	const char *protocol = sp->class->title;
	enum family family = speaker_family(sp);
	size_t speaking, meant = examine_speaker(x, sp, &speaking);
	struct finding f;
	struct ways ways;

	ways_review(x->n, x->now, sp, &ways, say_lost, (void *)x);
	if (ways.lost == 0)
		examine_silence(x, sp);
	if (speaking == 0)
		f = finding_make(FINDING_PROBLEM, NULL, "no interface speaks %s", protocol);
	else if (speaking == 1)
		f = finding_make(FINDING_NOTE, NULL, "one path only%s",
				 family == FAMILY_IPV6 ? " for IPv6" : "");
	else
		f = finding_make(FINDING_GOOD, NULL, "%zu interfaces speak %s", speaking, protocol);
	if (speaking < 2) {
		snprintf(f.effect, sizeof(f.effect),
			 speaking ? "when this interface fails, every %s VIP is lost"
				  : "no router knows of any %s VIP",
			 family == FAMILY_IPV6 ? "IPv6" : "IPv4");
		/* Another interface is no cure where one is there and cannot speak. */
		text_copy(f.fix, sizeof(f.fix),
			  meant > speaking || ways.lost
				  ? "mend what is said of the interfaces that are to speak"
				  : "add an interface to 'interfaces'");
	}
	finding_say(x, &f);
}

/* Of what is configured; where that is nothing, the want of RIP is told. */
static void examine_all_paths(const struct examination *x)
{
	const struct routing *r = x->n->routing;
	bool any = false;

	for (size_t k = 0; k < r->n_speakers; k++) {
		if (!is_configured(x->n, r->speakers[k]))
			continue;
		examine_paths(x, r->speakers[k]);
		any = true;
	}
	if (!any)
		examine_paths(x, r->speakers[0]);
}

bool node_examinable(const struct node *n, const struct address *vip, struct address *ret_silent)
{
	*ret_silent = (struct address){ 0 };
	if (address_is_set(vip) && !binding_find(n, vip))
		return false;
	list_each_entry(const struct binding, b, &n->vips->bindings, link) {
		/* One that is silent stands for all: the rules are the same. */
		if (b->slot.kind && b->silence.wanted && b->slot.present &&
		    (!address_is_set(vip) || address_equal(vip, &b->address)))
			*ret_silent = b->address;
	}
	return true;
}

/* The world has been asked to give VIPs away as sources, and cannot. */
static void examine_source(const struct examination *x)
{
	const struct sourcing *s = &x->n->vips->source;
	struct finding f;

	if (!s->want.said)
		return;
	f = finding_make(FINDING_NOTE, NULL, "no VIP is the source of connections: %s",
			 s->want.said);
	text_copy(f.effect, sizeof(f.effect),
		  "what this host begins comes from an address of an interface, and ends with it");
	text_copy(f.fix, sizeof(f.fix), "vip source; 'source: off' says that it is meant so");
	finding_say(x, &f);
}

/* What a later life, or the guard, would know of this one. */
static void examine_saving(const struct examination *x)
{
	struct finding f;

	if (!x->n->saving.broken)
		return;
	f = finding_make(FINDING_PROBLEM, NULL, "the state directory cannot be written: %s",
			 x->n->saving.error);
	text_copy(f.effect, sizeof(f.effect),
		  "if vipd dies, what was bound, unbound or drained since then is forgotten");
	text_copy(f.fix, sizeof(f.fix),
		  "make room there, or make it writable: vipd tries again by itself");
	finding_say(x, &f);
}

void node_doctor(const struct node *n, struct instant now, const struct address *vip,
		 void (*say_it)(void *context, const struct finding *f), void *context)
{
	struct examination x = { .n = n, .now = now, .say = say_it, .context = context };

	examine_all_paths(&x);
	examine_watches(&x);
	examine_routers(&x);
	examine_unheard(&x);
	examine_source(&x);
	examine_saving(&x);
	for (size_t k = 0; k < n->routing->n_speakers; k++)
		x.overlaps[k] = speaker_overlaps(n->routing->speakers[k], now);
	list_each_entry(const struct binding, b, &n->vips->bindings, link)
		if (!address_is_set(vip) || address_equal(vip, &b->address))
			examine_vip(&x, b);
	for (size_t k = 0; k < n->routing->n_speakers; k++)
		speaker_overlaps_free(n->routing->speakers[k], x.overlaps[k]);
}
