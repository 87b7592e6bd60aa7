/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading the node. A query asks for one page of rows; the reply names where the next page begins.
 * For VIPs that is the serial number of the last one, so a list that changes meanwhile loses nobody
 * and repeats nobody; for the small tables it is the position.
 */
#include "base/text.h"
#include "node/read/read.h"
#include "node/vip/vip.h"

#define QUERY_LIMIT_MAX 512

/* One page while it is filled. */
struct page {
	struct node *n;
	const struct query *query;
	uint32_t request;
	uint32_t position, given, next;
};

static struct effect row_effect(const struct page *p, enum effect_kind kind)
{
	struct effect e = { .kind = (uint8_t)kind };

	e.row.request = p->request;
	return e;
}

/* Whether the row at the running position belongs to the page; notes where the next page begins. */
static bool page_takes(struct page *p)
{
	uint32_t at = p->position++;

	if (at < p->query->after || p->next)
		return false;
	if (p->given == p->query->limit || p->given == QUERY_LIMIT_MAX) {
		p->next = at;
		return false;
	}
	p->given++;
	return true;
}

/* The first loss is told with the status; doctor tells all. */
static void status_lost(void *context, const struct finding *f)
{
	struct row_status *s = context;

	if (!s->lost[0])
		text_copy(s->lost, sizeof(s->lost), f->what);
}

static void status_ways(struct node *n, struct row_status *s)
{
	for (size_t k = 0; k < FAMILIES; k++) {
		struct ways ways;

		ways_review(n, family_at(k), &ways, status_lost, s);
		s->ways += ways.count;
		s->ways_lost += ways.lost;
	}
}

static void query_status(struct page *p)
{
	struct node *n = p->n;
	struct effect e = row_effect(p, EFFECT_ROW_STATUS);
	struct row_status *s = &e.row.status;
	struct speaker_interface interface;
	struct neighbor info;
	struct speaker_walk at = { 0 };
	bool heard[2] = { false }; /* a neighbour of IPv4, of IPv6 */

	*s = (struct row_status){
		.started = n->started,
		.stopping = n->stopping,
		.vips = (uint32_t)n->vips->n_bindings,
		.repairs = n->repairs,
	};
	list_each(link, &n->kernel->boards)
		s->boards += container_of(link, struct board, link)->index != 0;
	list_each(link, &n->vips->bindings) {
		uint8_t state = container_of(link, struct binding, link)->state;

		s->announced += state == VIP_STATE_ANNOUNCED || state == VIP_STATE_ACCEPTED;
		s->accepted += state == VIP_STATE_ACCEPTED;
		s->conflicts += state == VIP_STATE_CONFLICT;
		s->failed += state == VIP_STATE_FAILED;
	}
	while (speakers_interface_next(n, &at, &interface)) {
		s->mute += interface.mute;
		s->crowded += interface.crowded;
	}
	at = (struct speaker_walk){ 0 };
	list_each(link, &n->routing->links)
		s->interfaces += link_is_spoken_on(container_of(link, struct link, link));
	while (speakers_neighbor_next(n, &at, &info)) {
		s->neighbors++;
		s->neighbors_up += info.up;
		heard[info.address.family == FAMILY_IPV6] |= info.up;
	}
	list_each(link, &n->vips->bindings) {
		const struct binding *b = container_of(link, struct binding, link);

		s->unheard +=
			b->announce && !b->leaving && !heard[b->address.family == FAMILY_IPV6];
	}
	learned_count(n, &s->learned, &s->learned_unused);
	s->frames_dropped = acd_dropped(n->vips->acd);
	s->unbound = (uint32_t)unbound_count(n);
	text_copy(s->unsaved, sizeof(s->unsaved), n->saving.broken ? n->saving.error : "");
	status_ways(n, s);
	node_effect_put(n, &e);
}

static void query_boards(struct page *p)
{
	list_each(link, &p->n->kernel->boards) {
		const struct board *b = container_of(link, struct board, link);
		struct effect e = row_effect(p, EFFECT_ROW_BOARD);
		struct row_board *r = &e.row.board;

		if (!page_takes(p))
			continue;
		text_copy(r->name, sizeof(r->name), b->name);
		text_copy(r->backend, sizeof(r->backend), b->backend);
		text_copy(r->reason, sizeof(r->reason), b->error);
		r->index = b->index;
		r->up = b->up;
		r->configured = b->configured;
		r->vips = b->bindings;
		node_effect_put(p->n, &e);
	}
}

/* By its network, or by the host route that stands for the network where RIP-1 cannot carry it. */
static bool vip_accepted_by(const struct node *n, const struct binding *b,
			    const struct neighbor *info)
{
	struct prefix network = binding_network(b), host = prefix_host(&b->address);

	return rip_proof(speaker_for(n, &network), &network, info->interface, &info->address) ==
		       PROOF_ACCEPTED ||
	       rip_proof(speaker_for(n, &host), &host, info->interface, &info->address) ==
		       PROOF_ACCEPTED;
}

/* Who has accepted the VIP, and how many neighbours have given no sign. */
static void vip_proofs(const struct node *n, const struct binding *b, struct row_vip *r)
{
	struct neighbor info;
	struct speaker_walk at = { 0 };

	if (!b->announced)
		return;
	while (speakers_neighbor_next(n, &at, &info)) {
		if (!info.up || info.address.family != b->address.family)
			continue;
		if (!vip_accepted_by(n, b, &info)) {
			if (r->no_proof < UINT8_MAX)
				r->no_proof++;
		} else if (r->n_accepted < ROW_ACCEPTED_MAX) {
			text_copy(r->accepted_by[r->n_accepted].interface, INTERFACE_NAME_MAX,
				  link_name(n, info.interface));
			r->accepted_by[r->n_accepted++].neighbor = info.address;
		}
	}
}

static void vip_row(struct page *p, const struct binding *b)
{
	struct effect e = row_effect(p, EFFECT_ROW_VIP);
	struct row_vip *r = &e.row.vip;
	const char *text;

	*r = (struct row_vip){
		.state = b->state,
		.since = b->since,
		.held_as_route = b->held_as_route,
		.configured = b->configured,
	};
	binding_wish(b, &r->settings);
	r->leaving = binding_is_leaving(b);
	r->announced = b->announced;
	r->own_metric = metric_own(p->n, b);
	r->metric = binding_metric(b) ? binding_metric(b) : r->own_metric;
	rival_row(p->n, b, &r->rival);
	drain_row(b, &r->drain);
	r->check.state = (uint8_t)check_state_of(b, &text);
	text_copy(r->check.text, sizeof(r->check.text), text);
	text_copy(r->reason, sizeof(r->reason), b->reason ? b->reason : "");
	vip_proofs(p->n, b, r);
	node_effect_put(p->n, &e);
}

/* No binding has such a serial number: behind them come those that are unbound by hand. */
#define AFTER_BINDINGS 0x80000000u

static void query_unbound(struct page *p)
{
	struct effect e = row_effect(p, EFFECT_ROW_VIP);
	const struct node *n = p->n;
	size_t first = p->query->after < AFTER_BINDINGS ? 0 : p->query->after - AFTER_BINDINGS;

	for (size_t k = first; k < n->vips->n_unbound; k++) {
		const struct unbound *u = &n->vips->unbound[k];

		if (!u->configured || (address_is_set(&p->query->address) &&
				       !address_equal(&p->query->address, &u->settings.address)))
			continue;
		if (p->given == p->query->limit || p->given == QUERY_LIMIT_MAX) {
			p->next = AFTER_BINDINGS + (uint32_t)k;
			return;
		}
		p->given++;
		unbound_row(u, &e.row.vip);
		e.row.vip.own_metric =
			u->settings.metric ? u->settings.metric : n->routing->rip_settings.metric;
		e.row.vip.metric = e.row.vip.own_metric;
		node_effect_put(p->n, &e);
	}
}

static void query_bindings(struct page *p)
{
	list_each(link, &p->n->vips->bindings) {
		const struct binding *b = container_of(link, struct binding, link);

		if (b->serial <= p->query->after)
			continue;
		if (p->given == p->query->limit || p->given == QUERY_LIMIT_MAX)
			break;
		p->given++;
		vip_row(p, b);
		if (link->next != &p->n->vips->bindings)
			p->next = b->serial;
		else
			p->next = 0;
	}
}

static void query_vips(struct page *p)
{
	const struct binding *b = NULL;

	if (address_is_set(&p->query->address))
		b = binding_find(p->n, &p->query->address);
	else if (p->query->after < AFTER_BINDINGS)
		query_bindings(p);
	if (b)
		vip_row(p, b);
	else if (p->next == 0)
		query_unbound(p);
}

static void interface_speakers(const struct node *n, const struct link *l, struct row_interface *r)
{
	struct speaker_interface info;
	struct speaker_walk at = { 0 };

	while (speakers_interface_next(n, &at, &info)) {
		uint32_t refused;

		if (info.index != l->interface.index)
			continue;
		/* What the speaker has given away, and the kernel has not taken, is not sent. */
		refused = link_speech(l, (enum family)info.family)->refused;
		info.sent -= refused < info.sent ? refused : info.sent;
		r->refused += refused;
		if (info.family == FAMILY_IPV4)
			r->rip = info;
		else
			r->ripng = info;
	}
}

_Static_assert(SPEAKER_SOURCES_MAX == 16, "a sentence says so");

/*
 * Why a speaker that is to speak there does not, or not everywhere; a key that it cannot use is
 * said as well.
 */
static const char *speech_reason(const struct link *l, enum family family)
{
	const struct speech *s = link_speech(l, family);
	const char *silence = link_silence(l, family);

	if (s->error[0] && l->interface.up && l->interface.carrier)
		return s->error;
	if (!silence[0] && s->more)
		return "it has more than 16 networks: RIP is spoken in the first of them";
	return silence;
}

static void interface_watches(const struct node *n, const struct link *l, struct row_interface *r)
{
	const struct interface_rule *rule = link_is_spoken_on(l) ? link_rule(n, l) : NULL;

	if (rule && rule->bfd_enabled) {
		r->bfd_interval_us = rule->bfd.params.tx_us;
		r->bfd_multiplier = rule->bfd.params.multiplier;
	}
	if (rule && rule->probe_enabled) {
		r->probe_interval_us = rule->probe.interval_us;
		r->probe_multiplier = rule->probe.multiplier;
	}
}

static const char *interface_reason(const struct node *n, const struct link *l,
				    const struct row_interface *r)
{
	const struct interface_rule *rule = link_rule(n, l);
	const char *reason = "";

	if (l->interface.kind != INTERFACE_PHYSICAL)
		return "";
	if (!interface_rule_speech(rule, FAMILY_IPV4) && !interface_rule_speech(rule, FAMILY_IPV6))
		return "no rule of the configuration lets it speak";
	for (size_t k = 0; k < FAMILIES && !reason[0]; k++)
		if (interface_rule_speech(rule, family_at(k)))
			reason = speech_reason(l, family_at(k));
	if (reason[0])
		return reason;
	if (r->rip.mute)
		return "none of its keys can be used now: nothing is sent or accepted";
	return r->rip.crowded || r->ripng.crowded
		       ? "it hears more neighbours than are kept: some are turned away"
		       : "";
}

static void query_interfaces(struct page *p)
{
	list_each(link, &p->n->routing->links) {
		const struct link *l = container_of(link, struct link, link);
		struct effect e = row_effect(p, EFFECT_ROW_INTERFACE);
		struct row_interface *r = &e.row.interface;

		if (!page_takes(p))
			continue;
		*r = (struct row_interface){ .interface = l->interface,
					     .rip_enabled = l->speeches[0].speaking,
					     .ripng_enabled = l->speeches[1].speaking };
		for (size_t k = 0; k < l->n_addresses && k < ROW_ADDRESSES_MAX; k++) {
			r->addresses[k].address = l->addresses[k].address;
			r->addresses[k].length = l->addresses[k].length;
			r->n_addresses++;
		}
		interface_speakers(p->n, l, r);
		interface_watches(p->n, l, r);
		text_copy(r->reason, sizeof(r->reason), interface_reason(p->n, l, r));
		node_effect_put(p->n, &e);
	}
}

static void query_neighbors(struct page *p)
{
	struct neighbor info;
	struct speaker_walk at = { 0 };

	while (speakers_neighbor_next(p->n, &at, &info)) {
		struct effect e = row_effect(p, EFFECT_ROW_NEIGHBOR);

		if (!page_takes(p))
			continue;
		text_copy(e.row.neighbor.interface, INTERFACE_NAME_MAX,
			  link_name(p->n, info.interface));
		e.row.neighbor.rip = info;
		bfd_describe(watch_of(p->n, WATCH_BFD, &info), &e.row.neighbor.bfd);
		probe_describe(watch_of(p->n, WATCH_PROBE, &info), &e.row.neighbor.probe);
		node_effect_put(p->n, &e);
	}
}

/* Also those of an earlier life, whose neighbours are not heard yet. */
static void query_sessions(struct page *p)
{
	list_each(link, &p->n->routing->watches) {
		const struct watch *w = container_of(link, struct watch, link);
		struct effect e = row_effect(p, EFFECT_ROW_SESSION);
		struct row_session *r = &e.row.session;

		if (!page_takes(p))
			continue;
		text_copy(r->interface, sizeof(r->interface), link_name(p->n, w->path.interface));
		r->path = w->path;
		r->is_probe = w->kind == WATCH_PROBE;
		if (r->is_probe)
			probe_describe(w, &r->probe);
		else
			bfd_describe(w, &r->bfd);
		node_effect_put(p->n, &e);
	}
}

static void query_checks(struct page *p)
{
	struct row_check row;
	size_t position = 0;

	while (check_row_next(p->n, &position, &row)) {
		struct effect e = row_effect(p, EFFECT_ROW_CHECK);

		if (!page_takes(p))
			continue;
		e.row.check = row;
		node_effect_put(p->n, &e);
	}
}

static void route_row(struct page *p, const struct prefix *prefix, uint32_t metric, uint32_t vips)
{
	struct effect e = row_effect(p, EFFECT_ROW_ROUTE);

	e.row.route = (struct row_route){
		.prefix = *prefix,
		.own = true,
		.metric = metric ? metric : p->n->routing->rip_settings.metric,
		.withdrawn = vips == 0,
		.vips = vips,
	};
	node_effect_put(p->n, &e);
}

static void network_row(struct page *p, const struct network *w)
{
	uint32_t metric = 0;
	uint32_t vips = 0;

	list_each(link, &w->members) {
		const struct binding *b = container_of(link, struct binding_rare, member)->binding;

		if (binding_metric(b) && (!metric || binding_metric(b) < metric))
			metric = binding_metric(b);
		vips++;
	}
	route_row(p, &w->prefix, metric, vips);
}

static void rival_rows(struct page *p)
{
	struct effect e = row_effect(p, EFFECT_ROW_ROUTE);
	struct route_heard heard;
	struct prefix prefix;
	struct speaker_walk at = { 0 };

	while (speakers_rival_next(p->n, &at, &prefix, &heard)) {
		if (!page_takes(p))
			continue;
		e.row.route = (struct row_route){
			.prefix = prefix,
			.metric = heard.metric,
			.neighbor = heard.neighbor,
		};
		text_copy(e.row.route.interface, sizeof(e.row.route.interface),
			  link_name(p->n, heard.interface));
		node_effect_put(p->n, &e);
	}
}

static void learned_rows(struct page *p)
{
	struct effect e = row_effect(p, EFFECT_ROW_ROUTE);

	for (struct hash_node *h = learned_walk(p->n, NULL); h; h = learned_walk(p->n, h)) {
		if (!page_takes(p))
			continue;
		learned_row(p->n, h, &e.row.route);
		node_effect_put(p->n, &e);
	}
}

static void query_routes(struct page *p)
{
	struct node *n = p->n;

	for (struct hash_node *h = hash_walk(&n->vips->by_prefix, NULL); h;
	     h = hash_walk(&n->vips->by_prefix, h))
		if (page_takes(p))
			network_row(p, container_of(h, struct network, by_prefix));
	list_each(link, &n->vips->bindings) {
		const struct binding *b = container_of(link, struct binding, link);
		struct prefix prefix = binding_network(b);

		if (prefix_is_host(&prefix) && (b->announced || b->leaving) && page_takes(p))
			route_row(p, &prefix, binding_metric(b), b->announced);
	}
	rival_rows(p);
	learned_rows(p);
}

void query_answer(struct node *n, const struct input *in)
{
	struct effect reply = { .kind = EFFECT_REPLY };
	struct page p = { .n = n, .query = &in->query, .request = in->request };

	if (in->query.limit == 0) {
		request_answer(n, in->request, REPLY_REFUSED,
			       "a page needs room for at least one row");
		return;
	}
	if (in->query.kind == QUERY_DOCTOR) {
		doctor_begin(n, in);
		return;
	}
	if (in->query.kind == QUERY_SOURCE) {
		ask_begin(n, in);
		return;
	}
	switch ((enum query_kind)in->query.kind) {
	case QUERY_DOCTOR:
	case QUERY_SOURCE:
		break;
	case QUERY_STATUS:
		query_status(&p);
		break;
	case QUERY_BOARDS:
		query_boards(&p);
		break;
	case QUERY_VIPS:
		query_vips(&p);
		break;
	case QUERY_INTERFACES:
		query_interfaces(&p);
		break;
	case QUERY_NEIGHBORS:
		query_neighbors(&p);
		query_sessions(&p);
		break;
	case QUERY_ROUTES:
		query_routes(&p);
		break;
	case QUERY_CHECKS:
		query_checks(&p);
		break;
	}
	reply.reply.request = in->request;
	reply.reply.next = p.next;
	node_effect_put(n, &reply);
}
