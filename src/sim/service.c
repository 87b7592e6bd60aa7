/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/service.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/container.h"
#include "base/text.h"
#include "sim/state.h"

#define ANSWERS_WITHIN DURATION_MS(50)

bool service_check_settings(size_t n, struct check_settings *ret)
{
	static const char *const names[] = { "well", "worse", "open", "file" };

	if (n >= ARRAY_LENGTH(names))
		return false;
	check_settings_default(ret);
	text_copy(ret->name, sizeof(ret->name), names[n]);
	ret->kind = n == 3 ? CHECK_FILE : CHECK_TCP;
	ret->port = n == 3 ? 0 : 80;
	if (n == 3)
		text_copy(ret->target, sizeof(ret->target), "/run/ready");
	ret->failing = n == 1 ? CHECK_WORSENS : CHECK_WITHDRAWS;
	ret->fail_open = n == 2;
	return true;
}

static const struct sim_service *service_find(const struct sim_host *h, const struct address *vip)
{
	const struct sim_services *s = &h->services;

	for (size_t i = 0; i < s->n; i++)
		if (s->all[i].vip.family == vip->family && address_equal(&s->all[i].vip, vip))
			return &s->all[i];
	return NULL;
}

struct sim_service *service_of(struct sim_host *h, const struct address *vip)
{
	const struct sim_service *found = service_find(h, vip);

	if (found)
		return &h->services.all[found - h->services.all];
	assert(h->services.n < SIM_SERVICES_MAX);
	h->services.all[h->services.n] = (struct sim_service){ .vip = *vip, .countable = true };
	return &h->services.all[h->services.n++];
}

void service_bound(struct sim *s, struct sim_host *h, const struct vip_settings *v)
{
	struct sim_service *service = service_of(h, &v->address);

	text_copy(service->check, sizeof(service->check), v->check);
	service->draining = service->drained = false;
	service->known = true;
	service->changed = s->now;
}

void service_unbound(struct sim *s, struct sim_host *h, const struct address *vip)
{
	struct sim_service *service = service_of(h, vip);

	service->check[0] = '\0';
	service->draining = service->drained = false;
	service->changed = s->now;
}

void service_drained(struct sim *s, struct sim_host *h, const struct address *vip, bool on)
{
	struct sim_service *service = service_of(h, vip);

	if (service->draining == on)
		return;
	service->draining = on;
	service->drained = false;
	service->changed = s->now;
}

void services_new_life(struct sim *s, struct sim_host *h, bool lost)
{
	memset(h->services.runs, 0, sizeof(h->services.runs));
	for (size_t i = 0; i < h->services.n; i++) {
		h->services.all[i].known &= !lost;
		h->services.all[i].changed = s->now;
	}
}

static struct sim_run *run_find(struct sim_services *s, uint32_t number)
{
	for (size_t i = 0; i < SIM_RUNS_MAX; i++)
		if (s->runs[i].number == number)
			return &s->runs[i];
	return NULL;
}

/* The newest that asks for the VIP what its check does. */
static const struct sim_run *run_of(const struct sim_host *h, const struct sim_service *service)
{
	const struct sim_run *found = NULL;

	for (size_t i = 0; i < SIM_RUNS_MAX; i++) {
		const struct sim_run *r = &h->services.runs[i];

		if (r->number && strcmp(r->settings.name, service->check) == 0 &&
		    (!address_is_set(&r->settings.address) ||
		     address_equal(&r->settings.address, &service->vip)) &&
		    (!found || r->number > found->number))
			found = r;
	}
	return found;
}

/* A run that is new; what was asked under the same name before is over. */
static struct sim_run *run_make(struct sim_services *s, const struct effect *e)
{
	struct sim_run *r;

	for (size_t i = 0; i < SIM_RUNS_MAX; i++) {
		r = &s->runs[i];
		if (r->number && !r->asking &&
		    strcmp(r->settings.name, e->check.settings.name) == 0 &&
		    address_equal(&r->settings.address, &e->check.settings.address))
			r->number = 0;
	}
	r = run_find(s, 0);
	assert(r);
	*r = (struct sim_run){ .number = e->check.run };
	return r;
}

static struct duration answer_time(struct sim *s, const struct sim_service *service,
				   struct duration timeout, bool *ret_passes)
{
	struct duration in = random_between(&s->random, DURATION_MS(0), ANSWERS_WITHIN);

	*ret_passes = service->mood == SIM_WELL;
	if (service->mood == SIM_LATE) {
		in = random_between(&s->random, (struct duration){ timeout.ns / 2 },
				    (struct duration){ timeout.ns * 3 / 2 });
		*ret_passes = in.ns < timeout.ns;
	}
	return service->mood == SIM_HANGS || in.ns > timeout.ns ? timeout : in;
}

void service_ask(struct sim *s, uint8_t index, const struct effect *e)
{
	struct sim_host *h = &s->hosts[index];
	struct sim_run *r = run_find(&h->services, e->check.run);
	bool passes;
	struct duration in;

	if (e->check.off) {
		if (!r || !r->asking)
			sim_break(s, "host %u calls off a check that it has not asked for", index);
		else
			r->number = 0;
		return;
	}
	if (!r)
		r = run_make(&h->services, e);
	if (r->asking)
		sim_break(s, "host %u asks twice at once for %s", index, e->check.settings.name);
	r->settings = e->check.settings;
	r->asking = true;
	in = answer_time(s, service_of(h, &r->settings.address), r->settings.timeout, &passes);
	sim_schedule(s, in,
		     &(struct sim_event){ .kind = SIM_EVENT_CHECKED,
					  .owner = index,
					  .life = h->life,
					  .detail = r->number,
					  .refused = !passes });
}

void service_answers(struct sim *s, uint8_t index, uint32_t run, bool refused)
{
	struct sim_host *h = &s->hosts[index];
	struct sim_run *r = run_find(&h->services, run);
	struct input in = { .kind = INPUT_CHECKED, .checked = { .run = run, .passed = !refused } };

	/* It was called off. */
	if (!r || !r->asking)
		return;
	r->asking = false;
	r->passed |= !refused;
	if (refused && r->failed++ == 0)
		r->failing = s->now;
	if (!refused)
		r->failed = 0;
	h->services.checked++;
	text_copy(in.checked.text, sizeof(in.checked.text),
		  refused ? "the simulated service is ill" : "the simulated service is well");
	sim_tell(s, index, &in);
}

void service_count(struct sim *s, uint8_t index, const struct effect *e)
{
	struct sim_service *service = service_of(&s->hosts[index], &e->count.address);

	/* Some have left since. */
	service->connections = (uint32_t)random_below(&s->random, service->connections + 1ull);
	host_later(s, index, SIM_EVENT_COUNTED, (uint32_t)(service - s->hosts[index].services.all),
		   false);
}

void service_counted(struct sim *s, uint8_t index, uint32_t number)
{
	struct sim_host *h = &s->hosts[index];
	struct sim_service *service = &h->services.all[number];
	struct input in = { .kind = INPUT_COUNTED };

	in.counted.address = service->vip;
	in.counted.known = service->countable;
	in.counted.connections = service->connections;
	if (service->draining && !service->drained && service->countable &&
	    service->connections == 0) {
		service->drained = true;
		service->changed = s->now;
	}
	h->services.counted++;
	sim_tell(s, index, &in);
}

static bool run_fails(const struct sim_run *r)
{
	return r->failed >= r->settings.fall || (r->failed > 0 && !r->passed);
}

static bool others_fail(const struct sim_host *h, const struct sim_run *r)
{
	for (size_t i = 0; i < SIM_RUNS_MAX; i++) {
		const struct sim_run *other = &h->services.runs[i];

		if (other != r && other->number && run_fails(other) &&
		    strcmp(other->settings.name, r->settings.name) == 0)
			return true;
	}
	return false;
}

bool service_lets(const struct sim_host *h, const struct address *vip, uint32_t metric)
{
	const struct sim_service *service = service_find(h, vip);
	bool bad = metric + h->metric > SIM_LAST_RESORT;
	const struct sim_run *r;

	if (!service || !service->known)
		return true;
	if (service->drained || (service->draining && !bad))
		return false;
	if (!service->check[0])
		return true;
	r = run_of(h, service);
	if (!r)
		return false;
	/* Where nobody heeds the check because it fails for all others, no answer is awaited. */
	if (!r->passed && !r->failed)
		return r->settings.fail_open && others_fail(h, r);
	if (!run_fails(r) || r->settings.fail_open)
		return true;
	return r->settings.failing == CHECK_WORSENS && bad;
}

bool service_is_uncertain(const struct sim_host *h, const struct address *vip)
{
	const struct sim_service *service = service_find(h, vip);
	const struct sim_run *r = service && service->check[0] ? run_of(h, service) : NULL;

	return service && (!service->known || (r && run_fails(r) && r->settings.fail_open));
}

struct instant service_forbids(const struct sim_host *h, const struct address *vip, uint32_t metric)
{
	const struct sim_service *service = service_find(h, vip);
	const struct sim_run *r;

	if (!service || !service->known || service_lets(h, vip, metric))
		return INSTANT_NEVER;
	r = service->check[0] ? run_of(h, service) : NULL;
	return r && r->failed ? instant_max(service->changed, r->failing) : service->changed;
}
