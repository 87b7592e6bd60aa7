/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading the node: const walks over its tables. While the node has got no input since the last
 * step, a walk goes on from the record where it was. Else it finds its place again: among VIPs by
 * their serial numbers, in a hash table by slices of it, in each of which a record stays. The
 * tables that have neither are walked at one go; their walks do not rest.
 */
#include "node/rows.h"

#include <string.h>

#include "base/text.h"
#include "node/read/read.h"
#include "node/route/learned.h"
#include "node/vip/vip.h"

/* Whether the record where the walk was is still there. */
static bool walk_goes_on(const struct node *n, struct walk *at)
{
	bool same = at->place && at->inputs == n->inputs;

	at->inputs = n->inputs;
	at->rests = false;
	return same;
}

const struct list *walk_list(const struct node *n, struct walk *at, const struct list *list)
{
	bool begins = !at->place;

	if (!walk_goes_on(n, at) && !begins)
		return NULL;
	at->place = begins ? list->next : ((const struct list *)at->place)->next;
	return at->place == list ? NULL : at->place;
}

static uint32_t count_vips(const struct node *n, uint32_t states)
{
	uint32_t count = 0;

	list_each(link, &n->vips->bindings)
		count += states >> container_of(link, struct binding, link)->state & 1;
	return count;
}

/* The first loss is told with the status; doctor tells all. */
static void status_lost(void *context, const struct finding *f)
{
	struct row_status *s = context;

	if (!s->lost[0])
		text_copy(s->lost, sizeof(s->lost), f->what);
}

static void status_neighbors(const struct node *n, struct instant now, struct row_status *s)
{
	struct speaker_walk at = { .now = now }, each = { .now = now };
	bool heard[FAMILIES] = { false };
	struct speaker_interface interface;
	struct neighbor info;
	uint8_t protocol;

	while (speakers_interface_next(n, &at, &interface)) {
		s->mute += interface.mute;
		s->crowded += interface.crowded;
	}
	while (speakers_neighbor_next(n, &each, &info)) {
		s->neighbors++;
		s->neighbors_up += info.up;
		protocol = speaker_numbered(n, info.speaker)->class->protocol;
		if (protocol < PROTOCOL_END) {
			s->of[protocol].neighbors++;
			s->of[protocol].up += info.up;
		}
		heard[family_index((enum family)info.address.family)] |= info.up;
	}
	list_each_entry(const struct binding, b, &n->vips->bindings, link) {
		s->unheard += b->announce && !b->leaving &&
			      !heard[family_index((enum family)b->address.family)];
	}
}

static void status_proofs(const struct node *n, struct row_status *s)
{
	const struct proving *p = &n->vips->proving;
	struct finding f;

	s->proving = p->on;
	s->proofs_tried = p->tried;
	s->proofs_questions = p->questions;
	s->proofs_returned = p->returned;
	s->proofs_lost = p->lost;
	s->proofs_refused = p->refused;
	list_each(link, &p->routers) {
		const struct proof_router *r = container_of(link, struct proof_router, link);
		uint32_t count = proof_finding(n, r, &f);

		if (count > 0 && s->belied == 0)
			text_copy(s->belied_by, sizeof(s->belied_by), f.what);
		s->belied += count;
	}
	for (size_t k = 0; k < FAMILIES && !s->way_in[0]; k++)
		if (way_in_finding(n, family_at(k), &f))
			text_copy(s->way_in, sizeof(s->way_in), f.what);
}

void node_status(const struct node *n, struct instant now, struct row_status *ret)
{
	*ret = (struct row_status){
		.started = n->started,
		.stopping = n->stopping,
		.vips = (uint32_t)n->vips->n_bindings,
		.announced = count_vips(n, 1u << VIP_STATE_ANNOUNCED | 1u << VIP_STATE_ACCEPTED |
						   1u << VIP_STATE_PROVEN),
		.accepted = count_vips(n, 1u << VIP_STATE_ACCEPTED | 1u << VIP_STATE_PROVEN),
		.proven = count_vips(n, 1u << VIP_STATE_PROVEN),
		.conflicts = count_vips(n, 1u << VIP_STATE_CONFLICT),
		.failed = count_vips(n, 1u << VIP_STATE_FAILED),
		.unexpected = n->vips->unexpected,
		.repairs = n->repairs,
		.frames_dropped = acd_dropped(n->vips->acd),
		.unbound = (uint32_t)unbound_count(n),
	};
	list_each(link, &n->kernel->boards)
		ret->boards += container_of(link, struct board, link)->index != 0;
	list_each(link, &n->routing->links)
		ret->interfaces += link_is_spoken_on(container_of(link, struct link, link));
	status_neighbors(n, now, ret);
	learned_count(n, &ret->learned, &ret->learned_unused);
	text_copy(ret->unsaved, sizeof(ret->unsaved), n->saving.broken ? n->saving.error : "");
	status_proofs(n, ret);
	for (size_t k = 0; k < n->routing->n_speakers; k++) {
		struct ways ways;

		ways_review(n, now, n->routing->speakers[k], &ways, status_lost, ret);
		ret->ways += ways.count;
		ret->ways_lost += ways.lost;
	}
}

bool node_board_next(const struct node *n, struct walk *at, struct row_board *ret)
{
	const struct list *link = walk_list(n, at, &n->kernel->boards);
	const struct board *b;

	if (!link)
		return false;
	b = container_of(link, struct board, link);
	*ret = (struct row_board){
		.index = b->index,
		.up = b->up,
		.configured = b->configured,
		.vips = b->bindings,
	};
	text_copy(ret->name, sizeof(ret->name), b->name);
	text_copy(ret->backend, sizeof(ret->backend), b->backend);
	text_copy(ret->reason, sizeof(ret->reason), b->error);
	return true;
}

bool read_accepted_by(const struct node *n, const struct binding *b, const struct neighbor *info)
{
	struct prefix network = binding_network(b), host = prefix_host(&b->address);

	return speakers_accepted_by(n, info, &network) || speakers_accepted_by(n, info, &host);
}

/* Who has accepted the VIP, and how many neighbours have given no sign. */
static void vip_proofs(const struct node *n, struct instant now, const struct binding *b,
		       struct row_vip *r)
{
	struct speaker_walk at = { .now = now };
	struct neighbor info;

	if (!b->announced)
		return;
	while (speakers_neighbor_next(n, &at, &info)) {
		if (!info.up || info.address.family != b->address.family)
			continue;
		if (!read_accepted_by(n, b, &info)) {
			if (r->no_proof < UINT8_MAX)
				r->no_proof++;
		} else if (r->n_accepted < ROW_ACCEPTED_MAX) {
			text_copy(r->accepted_by[r->n_accepted].interface, INTERFACE_NAME_MAX,
				  link_name(n, info.interface));
			r->accepted_by[r->n_accepted++].neighbor = info.address;
		}
	}
}

/* What routers do with what is sent to it. */
static void vip_forwarded(const struct node *n, const struct binding *b, struct row_vip *r)
{
	list_each(link, &n->vips->proving.routers) {
		const struct proof_router *router = container_of(link, struct proof_router, link);
		const struct forwarded *f = forwarded_find(b, router);
		struct row_proof *p = &r->proofs[r->n_proofs];

		if (!f || f->state == FORWARDING_UNKNOWN || r->n_proofs == ROW_ACCEPTED_MAX)
			continue;
		r->n_proofs++;
		p->state = f->state;
		p->router = router->path.peer;
		p->belied = router_is_belied(n, router, b);
		text_copy(p->interface, sizeof(p->interface), link_name(n, router->path.interface));
		if (f->state != FORWARDING_PROVEN)
			continue;
		text_copy(p->way, sizeof(p->way), link_name(n, forwarded_way(n, f)));
		p->time_us = (uint32_t)f->time * FORWARDED_TIME_US;
	}
}

static void rival_row(const struct node *n, const struct binding *b, struct row_rival *r)
{
	struct route_heard heard;

	if (rival_is_on_wire(b)) {
		r->seen = RIVAL_ON_WIRE;
		r->since = b->rare->wire.since;
		memcpy(r->mac, b->rare->wire.mac, sizeof(r->mac));
		text_copy(r->interface, sizeof(r->interface),
			  link_name(n, b->rare->wire.interface));
	} else if (rival_in_routing(n, b, &heard)) {
		r->seen = RIVAL_IN_ROUTING;
		r->since = b->rare ? b->rare->heard_since : b->since;
		r->neighbor = heard.neighbor;
		r->metric = heard.metric;
		text_copy(r->interface, sizeof(r->interface), link_name(n, heard.interface));
	}
}

static struct row_drain drain_row(const struct binding *b)
{
	const struct drain *d = drain_is_on(b) ? b->rare->drain : NULL;

	if (!d)
		return (struct row_drain){ 0 };
	return (struct row_drain){ d->phase, d->counted, d->connections, d->until };
}

static void vip_row(const struct node *n, struct instant now, const struct binding *b,
		    struct row_vip *r)
{
	const char *text;

	*r = (struct row_vip){
		.state = b->state,
		.since = b->since,
		.held_as_route = b->held_as_route,
		.configured = b->configured,
		.leaving = binding_is_leaving(b),
		.announced = b->announced,
		.own_metric = metric_own(n, b),
		.drain = drain_row(b),
	};
	binding_wish(b, &r->settings);
	r->metric = binding_metric(b) ? binding_metric(b) : r->own_metric;
	rival_row(n, b, &r->rival);
	r->check.state = (uint8_t)check_state_of(b, &text);
	text_copy(r->check.text, sizeof(r->check.text), text);
	text_copy(r->reason, sizeof(r->reason), b->reason ? b->reason : "");
	vip_proofs(n, now, b, r);
	vip_forwarded(n, b, r);
}

static void unbound_row(const struct node *n, const struct unbound *u, struct row_vip *r)
{
	*r = (struct row_vip){
		.settings = u->settings,
		.state = VIP_STATE_ABSENT,
		.since = u->since,
		.configured = true,
		.leaving = true,
		.own_metric =
			u->settings.metric
				? u->settings.metric
				: speakers_pace(n, (enum family)u->settings.address.family).metric,
	};
	r->metric = r->own_metric;
	text_copy(r->reason, sizeof(r->reason),
		  "unbound by hand: 'vip bind' or 'vip config apply' binds it");
}

/* The next one by the serial numbers, by which the list is sorted; NULL: for now there is none. */
static const struct binding *binding_after(const struct node *n, struct walk *at)
{
	const struct list *list = &n->vips->bindings;
	const struct list *link = walk_goes_on(n, at) ? at->place : list;

	at->place = link;
	at->rests = true;
	while (link->next != list) {
		const struct binding *b;

		link = link->next;
		b = container_of(link, struct binding, link);
		if (b->serial > at->after) {
			at->place = link;
			at->after = b->serial;
			return b;
		}
	}
	return NULL;
}

/*
 * From the last to the first: the last one takes the place of one that goes, and one that comes is
 * behind it, and was told as bound.
 */
static const struct unbound *unbound_before(const struct node *n, struct walk *at)
{
	const struct vips *v = n->vips;

	if (at->part == 0)
		at->position = v->n_unbound;
	at->part = 1;
	if (at->position > v->n_unbound)
		at->position = v->n_unbound;
	while (at->position > 0)
		if (v->unbound[--at->position].configured)
			return &v->unbound[at->position];
	return NULL;
}

bool node_vip_next(const struct node *n, struct instant now, struct walk *at, struct row_vip *ret)
{
	const struct binding *b = binding_after(n, at);
	const struct unbound *u = b ? NULL : unbound_before(n, at);

	if (b)
		vip_row(n, now, b, ret);
	else if (u)
		unbound_row(n, u, ret);
	return b || u;
}

bool node_vip_find(const struct node *n, struct instant now, const struct address *a,
		   struct row_vip *ret)
{
	const struct binding *b = binding_find(n, a);

	if (b) {
		vip_row(n, now, b, ret);
		return true;
	}
	for (size_t k = 0; k < n->vips->n_unbound; k++) {
		const struct unbound *u = &n->vips->unbound[k];

		if (!u->configured || !address_equal(a, &u->settings.address))
			continue;
		unbound_row(n, u, ret);
		return true;
	}
	return false;
}

static void interface_speakers(const struct node *n, struct instant now, const struct link *l,
			       struct row_interface *r)
{
	struct speaker_walk at = { .now = now };
	struct speaker_interface info;

	while (speakers_interface_next(n, &at, &info)) {
		const struct speaker *sp = speaker_numbered(n, info.speaker);
		const struct speech *s = link_speech(l, sp);

		if (info.index != l->interface.index)
			continue;
		/* What the speaker has given away, and the kernel has not taken, is not sent. */
		info.sent -= s->refused < info.sent ? s->refused : info.sent;
		r->refused += s->refused;
		if (s->speaking && r->n_spoken < ROW_SPOKEN_MAX)
			r->spoken[r->n_spoken++] = (struct row_spoken){ sp->class->protocol, info };
	}
}

_Static_assert(SPEAKER_SOURCES_MAX == 16, "a sentence says so");

static bool link_is_to_speak(const struct link *l)
{
	for (size_t k = 0; k < SPEAKERS_MAX; k++)
		if (l->speeches[k] && l->speeches[k]->speaking)
			return true;
	return false;
}

const struct speaker_interface *row_spoken(const struct row_interface *r, uint8_t protocol)
{
	for (size_t k = 0; k < r->n_spoken && k < ROW_SPOKEN_MAX; k++)
		if (r->spoken[k].protocol == protocol)
			return &r->spoken[k].speaker;
	return NULL;
}

/*
 * Why a speaker that is to speak there does not, or not everywhere; a key that it cannot use is
 * said as well.
 */
static const char *speech_reason(const struct link *l, const struct speaker *sp)
{
	const struct speech *s = link_speech(l, sp);
	const char *silence = link_silence(l, sp);

	if (s->want.said && l->interface.up && l->interface.carrier)
		return s->want.said;
	if (!silence[0] && s->more)
		return "it has more than 16 networks: RIP is spoken in the first of them";
	return silence;
}

/* Neighbours that are to send packets back, and have never done so. */
static uint32_t interface_unreturned(const struct node *n, const struct link *l)
{
	uint32_t count = 0;

	list_each(link, &n->routing->watches) {
		const struct watch *w = container_of(link, struct watch, link);

		count += w->kind == WATCH_ECHO && w->path.interface == l->interface.index &&
			 w->want.there && w->state == ECHO_STATE_UNKNOWN;
	}
	return count;
}

static void interface_watches(const struct node *n, const struct link *l, struct row_interface *r)
{
	const struct interface_rule *rule = link_is_spoken_on(l) ? link_rule(n, l) : NULL;

	if (rule && rule->bfd_enabled) {
		r->bfd_interval_us = rule->bfd.params.tx_us;
		r->bfd_multiplier = rule->bfd.params.multiplier;
	}
	if (rule && rule->probe_enabled) {
		r->probe_interval_us = rule->probe.params.interval_us;
		r->probe_multiplier = rule->probe.params.multiplier;
		r->probe_through = rule->probe.through;
		r->unreturned = interface_unreturned(n, l);
	}
}

static const char *interface_reason(const struct node *n, const struct link *l,
				    const struct row_interface *r)
{
	const struct interface_rule *rule = link_rule(n, l);
	const char *reason = "";

	if (l->interface.kind != INTERFACE_PHYSICAL)
		return "";
	if (!rule_speaks(n, rule))
		return "no rule of the configuration lets it speak";
	for (size_t k = 0; k < n->routing->n_speakers && !reason[0]; k++)
		if (rule_speech(n, rule, n->routing->speakers[k]))
			reason = speech_reason(l, n->routing->speakers[k]);
	if (reason[0])
		return reason;
	for (size_t k = 0; k < r->n_spoken; k++)
		if (r->spoken[k].speaker.mute)
			return "none of its keys can be used now: nothing is sent or accepted";
	for (size_t k = 0; k < r->n_spoken; k++)
		if (r->spoken[k].speaker.crowded)
			return "it hears more neighbours than are kept: some are turned away";
	return "";
}

bool node_interface_next(const struct node *n, struct instant now, struct walk *at,
			 struct row_interface *ret)
{
	const struct list *link = walk_list(n, at, &n->routing->links);
	const struct link *l;

	if (!link)
		return false;
	l = container_of(link, struct link, link);
	*ret = (struct row_interface){ .interface = l->interface };
	for (size_t k = 0; k < l->n_addresses && k < ROW_ADDRESSES_MAX; k++) {
		ret->addresses[k].address = l->addresses[k].address;
		ret->addresses[k].length = l->addresses[k].length;
		ret->n_addresses++;
	}
	if (link_is_to_speak(l))
		interface_speakers(n, now, l, ret);
	interface_watches(n, l, ret);
	text_copy(ret->reason, sizeof(ret->reason), interface_reason(n, l, ret));
	return true;
}

static void bfd_row(const struct watch *w, struct row_bfd *ret)
{
	*ret = (struct row_bfd){
		.wanted = true,
		.state = w->state,
		.remote_state = w->remote_state,
		.diagnostic = w->diagnostic,
		.remote_diagnostic = w->remote_diagnostic,
		.known = w->want.there,
		.since = w->since,
		.flaps = w->flaps,
		.tx_us = w->params.bfd.tx_us,
		.rx_us = w->params.bfd.rx_us,
		.multiplier = w->params.bfd.multiplier,
	};
}

static void probe_row(const struct watch *w, struct row_probe *ret)
{
	bool is_echo = w->kind == WATCH_ECHO;

	*ret = (struct row_probe){
		.wanted = true,
		.state = w->state,
		.known = w->want.there,
		.since = w->since,
		.flaps = w->flaps,
		.interval_us = is_echo ? w->params.echo.interval_us : w->params.probe.interval_us,
		.multiplier = is_echo ? w->params.echo.multiplier : w->params.probe.multiplier,
	};
}

static void neighbor_proofs(const struct node *n, struct row_neighbor *r)
{
	list_each(link, &n->vips->proving.routers) {
		const struct proof_router *router = container_of(link, struct proof_router, link);

		if (router->path.interface != r->neighbor.interface ||
		    !address_equal(&router->path.peer, &r->neighbor.address))
			continue;
		list_each(each, &n->vips->bindings) {
			const struct binding *b = container_of(each, struct binding, link);
			const struct forwarded *f = forwarded_find(b, router);

			r->proven += f && f->state == FORWARDING_PROVEN;
			r->belied += router_is_belied(n, router, b);
		}
	}
}

bool node_neighbor_next(const struct node *n, struct instant now, struct walk *at,
			struct row_neighbor *ret)
{
	struct speaker_walk each = { .now = now, .speaker = at->part, .position = at->position };
	const struct watch *bfd, *probe, *echo;
	struct neighbor info;

	if (!speakers_neighbor_next(n, &each, &info))
		return false;
	at->part = (uint8_t)each.speaker;
	at->position = each.position;
	*ret = (struct row_neighbor){ .neighbor = info };
	ret->protocol = speaker_numbered(n, info.speaker)->class->protocol;
	text_copy(ret->interface, sizeof(ret->interface), link_name(n, info.interface));
	/* Whose routes are nobody's in particular: those that are used through it. */
	if (info.learned == 0)
		ret->neighbor.learned = learned_through(n, info.interface, &info.address);
	bfd = watch_of(n, WATCH_BFD, &info);
	probe = watch_of(n, WATCH_PROBE, &info);
	echo = watch_of(n, WATCH_ECHO, &info);
	if (bfd)
		bfd_row(bfd, &ret->bfd);
	if (probe)
		probe_row(probe, &ret->probe);
	if (echo)
		probe_row(echo, &ret->echo);
	neighbor_proofs(n, ret);
	return true;
}

bool node_session_next(const struct node *n, struct walk *at, struct row_session *ret)
{
	const struct list *link = walk_list(n, at, &n->routing->watches);
	const struct watch *w;

	if (!link)
		return false;
	w = container_of(link, struct watch, link);
	*ret = (struct row_session){ .path = w->path,
				     .is_probe = w->kind != WATCH_BFD,
				     .is_echo = w->kind == WATCH_ECHO };
	text_copy(ret->interface, sizeof(ret->interface), link_name(n, w->path.interface));
	if (ret->is_probe)
		probe_row(w, &ret->probe);
	else
		bfd_row(w, &ret->bfd);
	return true;
}

static const struct speaker_view *view_of(const struct speaker_class *c, const char *suite,
					  const char *name)
{
	for (uint8_t k = 0; c && strcmp(c->suite, suite) == 0 && k < c->n_views; k++)
		if (strcmp(c->views[k].name, name) == 0)
			return &c->views[k];
	return NULL;
}

bool node_has_view(const char *suite, const char *name)
{
	for (uint8_t id = 1; id < PROTOCOL_END; id++)
		if (view_of(protocol_class(id), suite, name))
			return true;
	return false;
}

bool node_view_next(const struct node *n, struct instant now, const char *suite, const char *name,
		    struct walk *at, struct row_view *ret)
{
	for (; at->part < n->routing->n_speakers; at->part++, at->position = 0) {
		const struct speaker *sp = n->routing->speakers[at->part];
		const struct speaker_view *v = view_of(sp->class, suite, name);

		if (!v || !v->next(sp, instant_max(n->now, now), &at->position, &ret->row))
			continue;
		ret->protocol = sp->class->protocol;
		ret->record = v->record;
		text_copy(ret->interface, sizeof(ret->interface),
			  ret->row.interface ? link_name(n, ret->row.interface) : "");
		return true;
	}
	return false;
}

static struct row_check check_row(const struct check_run *r)
{
	struct row_check row = {
		.settings = r->check->settings,
		.state = r->state,
		.overruled = r->check->overruled,
		.vips = r->n_vips,
		.runs = r->runs,
		.failures = r->failures,
		.since = r->since,
		.suppressed = r->suppressed,
	};

	row.settings.address = r->address;
	text_copy(row.text, sizeof(row.text), want_said(&r->want));
	return row;
}

bool node_check_next(const struct node *n, struct walk *at, struct row_check *ret)
{
	bool begins = !at->place;

	if (!walk_goes_on(n, at) && !begins)
		return false;
	at->place = check_run_next(n, at->place);
	if (!at->place)
		return false;
	*ret = check_row(at->place);
	return true;
}

static struct row_route own_route(const struct node *n, const struct prefix *prefix,
				  uint32_t metric, uint32_t vips)
{
	return (struct row_route){
		.prefix = *prefix,
		.own = true,
		.metric = metric ? metric
				 : speakers_pace(n, (enum family)prefix->address.family).metric,
		.withdrawn = vips == 0,
		.vips = vips,
	};
}

static struct row_route network_row(const struct node *n, const struct network *w)
{
	uint32_t metric = 0;
	uint32_t vips = 0;

	list_each(link, &w->members) {
		const struct binding *b = container_of(link, struct binding_rare, member)->binding;

		if (binding_metric(b) && (!metric || binding_metric(b) < metric))
			metric = binding_metric(b);
		vips++;
	}
	return own_route(n, &w->prefix, metric, vips);
}

static bool host_next(const struct node *n, struct walk *at, struct row_route *ret)
{
	const struct binding *b;

	while ((b = binding_after(n, at))) {
		struct prefix prefix = binding_network(b);

		if (!prefix_is_host(&prefix) || !(b->announced || b->leaving))
			continue;
		*ret = own_route(n, &prefix, binding_metric(b), b->announced);
		return true;
	}
	return false;
}

static bool rival_next(const struct node *n, struct walk *at, struct row_route *ret)
{
	struct speaker_walk each = { .speaker = at->after, .position = at->position };
	struct route_heard heard;
	struct prefix prefix;

	if (!speakers_rival_next(n, &each, &prefix, &heard))
		return false;
	at->rests = false;
	at->after = (uint32_t)each.speaker;
	at->position = each.position;
	*ret = (struct row_route){
		.prefix = prefix,
		.metric = heard.metric,
		.neighbor = heard.neighbor,
	};
	text_copy(ret->interface, sizeof(ret->interface), link_name(n, heard.interface));
	return true;
}

static enum row_path_state path_state(const struct learned_route *r, const struct learned_hop *h)
{
	if (h->refused)
		return ROW_PATH_REFUSED;
	return r->held && learned_hops_have(&r->held->held, h) && h->slot.present
		       ? ROW_PATH_USED
		       : ROW_PATH_WAITING;
}

/* Who has a route to it as well. */
static void row_beaten(const struct node *n, const struct learned_route *r, struct row_route *row)
{
	for (size_t k = 0; k < n->routing->n_speakers && row->n_beaten < ROW_BEATEN_MAX; k++) {
		const struct speaker *sp = n->routing->speakers[k];
		struct route route;

		if (sp->number == r->speaker) {
			row->protocol = sp->class->protocol;
			continue;
		}
		speaker_route(sp, n->now, &r->prefix, &route);
		if (route.n_paths > 0)
			row->beaten[row->n_beaten++] =
				(struct row_beaten){ sp->class->protocol, route.metric };
	}
}

static struct row_route learned_row(const struct node *n, const struct learned_route *r)
{
	const struct learned_group *g = r->group ? r->group : r->held;
	const struct learned_hops *set = !g ? NULL : r->group ? &g->wanted : &g->held;
	struct row_route row = {
		.prefix = r->prefix,
		.learned = true,
		.metric = r->metric,
		.in_kernel = r->slot.kind && r->slot.present,
	};

	for (size_t k = 0; set && k < set->n; k++) {
		struct row_path *path = &row.paths[row.n_paths++];

		text_copy(path->interface, sizeof(path->interface),
			  link_name(n, set->hops[k]->path.interface));
		path->next_hop = set->hops[k]->path.next_hop;
		path->state = (uint8_t)path_state(r, set->hops[k]);
	}
	row_beaten(n, r, &row);
	text_copy(row.reason, sizeof(row.reason),
		  r->error[0] ? r->error
		  : r->reason ? r->reason
		  : !r->told  ? "of an earlier life, and not told again yet"
			      : "");
	return row;
}

/* The next node of a hash table. The walk rests between two slices. */
static const struct hash_node *walk_hash(const struct node *n, struct walk *at,
					 const struct hash *table)
{
	const struct hash_node *h = walk_goes_on(n, at) ? at->place : NULL;

	for (h = hash_slice_next(table, at->after, h); !h && at->after < HASH_SLICES;)
		h = hash_slice_next(table, ++at->after, NULL);
	at->place = h;
	if (h && !hash_slice_next(table, at->after, h)) {
		at->rests = true;
		at->place = NULL;
		at->after++;
	}
	return h;
}

enum route_part {
	ROUTES_OF_NETWORKS,
	ROUTES_OF_HOSTS,
	ROUTES_OF_RIVALS,
	ROUTES_LEARNED,
	ROUTE_PARTS,
};

static bool route_next(const struct node *n, struct walk *at, struct row_route *ret)
{
	const struct hash_node *h;

	switch ((enum route_part)at->part) {
	case ROUTES_OF_NETWORKS:
		h = walk_hash(n, at, &n->vips->by_prefix);
		if (h)
			*ret = network_row(n, container_of(h, struct network, by_prefix));
		return h;
	case ROUTES_OF_HOSTS:
		return host_next(n, at, ret);
	case ROUTES_OF_RIVALS:
		return rival_next(n, at, ret);
	case ROUTES_LEARNED:
		h = walk_hash(n, at, &n->routing->learning->routes);
		if (h)
			*ret = learned_row(n, container_of(h, struct learned_route, by_prefix));
		return h;
	case ROUTE_PARTS:
		break;
	}
	return false;
}

bool node_route_next(const struct node *n, struct walk *at, struct row_route *ret)
{
	while (!route_next(n, at, ret)) {
		if (at->part == ROUTE_PARTS)
			return false;
		*at = (struct walk){ .part = at->part + 1 };
	}
	return true;
}
