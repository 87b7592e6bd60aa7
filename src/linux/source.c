/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/source.h"

#include <errno.h>
#include <pwd.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/rtnetlink.h>

#include "base/container.h"
#include "base/text.h"
#include "linux/destinations.h"
#include "linux/errands.h"
#include "linux/fib.h"
#include "linux/socket_address.h"
#include "linux/source_address.h"
#include "linux/source_hook.h"

_Static_assert((int)SOURCE_VERDICT_COUNT == (int)SOURCE_ABI_VERDICTS, "one list");
_Static_assert((int)SOURCE_VERDICT_REFUSED == (int)SOURCE_ABI_REFUSED, "in one order");
_Static_assert(SOURCE_RULES_MAX == SOURCE_ABI_RULES, "all of them fit");
_Static_assert(SOURCE_UNIT_MAX <= SOURCE_NAME_WORDS * 8, "a name is not cut");

/* For a socket that is connected and sends nothing: discard, RFC 863. */
#define TRIAL_PORT 9

#define THREAD_NICE 10

struct rule {
	struct source_rule rule;
	bool user_known;
	uint32_t user;
};

/* What is wanted, in parts until it is whole. */
struct wanted {
	struct rule rules[SOURCE_RULES_MAX];
	size_t n_rules;
	uint32_t off[SOURCE_INTERFACES_MAX];
	size_t n_off;
	struct address first[2];
	bool overflow; /* more interfaces are off than there is room for */
};

/* What a thread does: it has its own copy of everything. */
struct preparation {
	struct errand errand;
	struct source *owner;
	struct wanted wanted;
	struct source_hook *hook; /* loaded by it */
	bool load;
	char sentence[NODE_SENTENCE_MAX];
	int error;
};

/* Users that were found; looked up again when the daemon is started again. */
struct known_user {
	char name[SOURCE_USER_MAX];
	uint32_t user;
};

struct source {
	struct source_hooks hooks;
	uv_loop_t *loop;
	struct source_hook *hook;
	struct destinations *destinations;
	struct wanted next; /* is being told in parts */
	struct wanted last; /* was told whole */
	struct errands *questions, *preparations;
	struct known_user known[SOURCE_RULES_MAX];
	size_t n_known;
	bool preparing, again;
	bool closing;
};

static void tell(struct source *s, int error, const char *sentence)
{
	struct input in = { .kind = INPUT_SOURCING };

	in.sourcing.ready = error == 0;
	text_copy(in.sourcing.error, sizeof(in.sourcing.error), sentence);
	if (!s->closing)
		input_pass(&s->hooks.sink, &in);
}

static bool user_find(const char *name, uint32_t *ret)
{
	char *end, buffer[4096];
	struct passwd entry, *found = NULL;
	unsigned long number = strtoul(name, &end, 10);

	*ret = (uint32_t)number;
	if (*name && !*end && number <= UINT32_MAX)
		return true;
	if (getpwnam_r(name, &entry, buffer, sizeof(buffer), &found) != 0 || !found)
		return false;
	*ret = found->pw_uid;
	return true;
}

static uint64_t name_hash(const char *name, size_t length)
{
	uint64_t words[SOURCE_NAME_WORDS] = { 0 }, hash = SOURCE_HASH_SEED;

	/* As in the kernel: the last byte is a terminator. */
	memcpy(words, name, length < sizeof(words) ? length : sizeof(words) - 1);
	for (size_t i = 0; i < SOURCE_NAME_WORDS; i++)
		hash = SOURCE_HASH(hash, words[i]);
	return hash;
}

/* "/system.slice/postgresql.service", each name in its turn. */
static uint64_t text_hash(const char *path)
{
	uint64_t hash = SOURCE_HASH_SEED;

	while (*path) {
		size_t length = strcspn(path, "/");

		if (length)
			hash = SOURCE_HASH(hash, name_hash(path, length));
		path += length + (path[length] == '/');
	}
	return hash;
}

static uint8_t abi_family(const struct address *a)
{
	return a->family == FAMILY_IPV4 ? SOURCE_ABI_IPV4 : SOURCE_ABI_IPV6;
}

static void mask_set(unsigned long long *mask, unsigned bits)
{
	unsigned char bytes[SOURCE_ADDRESS_BYTES];

	for (unsigned i = 0; i < SOURCE_ADDRESS_BYTES; i++) {
		unsigned left = bits > i * 8 ? bits - i * 8 : 0;

		bytes[i] = left >= 8 ? 0xff : (unsigned char)(0xff00 >> left);
	}
	memcpy(mask, bytes, sizeof(bytes));
}

static void rule_translate(const struct rule *from, struct source_abi_rule *to)
{
	const struct source_rule *r = &from->rule;
	struct source_abi_prefix prefix;

	memset(to, 0, sizeof(*to));
	to->family = SOURCE_ABI_FAMILIES;
	if (address_is_set(&r->use)) {
		source_bytes(&r->use, to->use);
		to->family = abi_family(&r->use);
	} else {
		to->flags |= SOURCE_RULE_LEAVE;
	}
	if (address_is_set(&r->to.address)) {
		prefix = source_prefix(&r->to);
		memcpy(to->to, prefix.address, sizeof(to->to));
		mask_set(to->to_mask, prefix.bits);
		to->family = abi_family(&r->to.address);
	}
	if (*r->user) {
		to->flags |= SOURCE_RULE_USER;
		to->user = from->user;
	}
	if (*r->unit == '/') {
		to->flags |= SOURCE_RULE_GROUP;
		to->group = text_hash(r->unit);
	} else if (*r->unit) {
		to->flags |= SOURCE_RULE_UNIT;
		to->group = name_hash(r->unit, strlen(r->unit));
	}
}

static void policy_make(const struct wanted *w, struct source_abi_policy *ret)
{
	memset(ret, 0, sizeof(*ret));
	if (w->n_off)
		ret->flags |= SOURCE_POLICY_INTERFACES;
	for (size_t i = 0; i < 2; i++) {
		if (!address_is_set(&w->first[i]))
			continue;
		ret->has_first[abi_family(&w->first[i])] = 1;
		source_bytes(&w->first[i], ret->first[abi_family(&w->first[i])]);
	}
	for (size_t i = 0; i < w->n_rules; i++) {
		if (!w->rules[i].user_known)
			continue;
		rule_translate(&w->rules[i], &ret->rules[ret->n_rules++]);
		if (*w->rules[i].rule.unit)
			ret->flags |= SOURCE_POLICY_GROUPS;
	}
}

/* Whether the programs have something to do. */
static bool is_wanted(const struct wanted *w)
{
	bool wanted = address_is_set(&w->first[0]) || address_is_set(&w->first[1]);

	for (size_t i = 0; i < w->n_rules; i++)
		wanted |= address_is_set(&w->rules[i].rule.use);
	return wanted;
}

static void rest(struct source *s)
{
	if (s->hook)
		source_hook_detach(s->hook);
	if (s->destinations)
		destinations_rest(s->destinations);
}

static void tries_failed(void *context, int error)
{
	struct source *s = context;
	char sentence[NODE_SENTENCE_MAX];

	rest(s);
	snprintf(sentence, sizeof(sentence), "the routes cannot be followed: %s", strerror(-error));
	tell(s, error, sentence);
}

/*
 * More interfaces that are off are known to the tries before the policy asks for them; fewer, after
 * it has ceased to.
 */
static int tries_and_policy(struct source *s, const struct wanted *w)
{
	struct source_abi_policy policy;
	int error = 0;

	policy_make(w, &policy);
	if (!w->n_off)
		error = source_hook_policy(s->hook, &policy);
	if (!error)
		error = destinations_set_off(s->destinations, w->off, w->n_off);
	if (!error)
		error = source_hook_policy(s->hook, &policy);
	return error;
}

/* Puts into force what is known to be possible. */
static int force(struct source *s, const struct wanted *w, char *sentence, size_t size)
{
	const struct destinations_hooks hooks = { s, tries_failed };
	int error = 0;

	if (!s->destinations)
		error = destinations_new(s->loop, s->hook, &hooks, &s->destinations);
	if (!error)
		error = w->overflow ? -E2BIG : tries_and_policy(s, w);
	if (error) {
		rest(s);
		snprintf(sentence, size, "the policy cannot be put into force: %s",
			 strerror(-error));
		return error;
	}
	return source_hook_attach(s->hook, sentence, size);
}

/* Fills in the users that are known already. Returns whether that is all of them. */
static bool users_fill(const struct source *s, struct wanted *w)
{
	bool all = true;

	for (size_t i = 0; i < w->n_rules; i++) {
		struct rule *r = &w->rules[i];

		r->user_known = !*r->rule.user;
		for (size_t j = 0; j < s->n_known && !r->user_known; j++) {
			r->user_known = strcmp(s->known[j].name, r->rule.user) == 0;
			r->user = s->known[j].user;
		}
		all &= r->user_known;
	}
	return all;
}

static void users_keep(struct source *s, const struct wanted *w)
{
	s->n_known = 0;
	for (size_t i = 0; i < w->n_rules; i++) {
		const struct rule *r = &w->rules[i];

		if (!*r->rule.user || !r->user_known)
			continue;
		text_copy(s->known[s->n_known].name, sizeof(s->known->name), r->rule.user);
		s->known[s->n_known++].user = r->user;
	}
}

/*
 * To verify the programs takes the kernel some hundred milliseconds of a processor, mostly while
 * very many VIPs are being bound for the first time. They, and routers that are told of them, come
 * first. The thread does nothing else.
 */
static void thread_give_way(void)
{
	(void)sched_setscheduler(0, SCHED_BATCH, &(struct sched_param){ 0 });
	/* Of Linux, it is the thread's alone. */
	(void)setpriority(PRIO_PROCESS, 0, THREAD_NICE);
}

static void prepare(struct errand *errand)
{
	struct preparation *p = container_of(errand, struct preparation, errand);

	thread_give_way();
	for (size_t i = 0; i < p->wanted.n_rules; i++) {
		struct rule *r = &p->wanted.rules[i];

		r->user_known = !*r->rule.user || user_find(r->rule.user, &r->user);
		if (!r->user_known)
			snprintf(p->sentence, sizeof(p->sentence),
				 "the user '%s' of a rule is not known: the rule is left out",
				 r->rule.user);
	}
	if (p->load)
		p->error = source_hook_open(&p->hook, p->sentence, sizeof(p->sentence));
}

/* Something else was wanted meanwhile. */
static void begin_again(struct source *s);

static void prepared(struct errand *errand, bool wanted)
{
	struct preparation *p = container_of(errand, struct preparation, errand);
	struct source *s = p->owner;

	if (!wanted) {
		source_hook_close(p->hook);
		free(p);
		return;
	}
	s->preparing = false;
	if (p->hook)
		s->hook = p->hook;
	users_keep(s, &p->wanted);
	if (s->again) {
		begin_again(s);
	} else if (p->error) {
		tell(s, p->error, p->sentence);
	} else {
		p->error = force(s, &p->wanted, p->sentence, sizeof(p->sentence));
		tell(s, p->error, p->sentence);
	}
	free(p);
}

/* A VIP may be about to leave: whatever a thread has to do first, nobody gets it from now on. */
static void withdraw_at_once(struct source *s)
{
	struct source_abi_policy policy;

	policy_make(&s->last, &policy);
	if (s->hook && source_hook_policy(s->hook, &policy) < 0)
		rest(s);
}

static void begin_in_thread(struct source *s)
{
	struct preparation *p = calloc(1, sizeof(*p));

	withdraw_at_once(s);
	if (p) {
		p->errand = (struct errand){ .run = prepare, .done = prepared };
		p->owner = s;
		p->wanted = s->last;
		p->load = !s->hook;
	}
	if (!p || errands_put(s->preparations, &p->errand) != 0) {
		free(p);
		tell(s, -ENOMEM, "out of memory");
		return;
	}
	s->preparing = true;
}

/* In a thread, if it may take long; else at once. */
static void begin(struct source *s)
{
	char sentence[NODE_SENTENCE_MAX] = "";
	bool known = users_fill(s, &s->last);
	int error;

	s->again = false;
	if (!s->hook || !known) {
		begin_in_thread(s);
		return;
	}
	error = force(s, &s->last, sentence, sizeof(sentence));
	tell(s, error, sentence);
}

static void begin_again(struct source *s)
{
	s->again = false;
	if (is_wanted(&s->last))
		begin(s);
}

static void whole(struct source *s)
{
	s->last = s->next;
	memset(&s->next, 0, sizeof(s->next));
	(void)users_fill(s, &s->last);
	s->again = s->preparing;
	if (!is_wanted(&s->last)) {
		rest(s);
		tell(s, 0, "");
	} else if (s->preparing) {
		withdraw_at_once(s);
	} else {
		begin(s);
	}
}

void source_part(struct source *s, const struct source_policy_part *part)
{
	struct wanted *w = &s->next;

	switch ((enum source_part)part->part) {
	case SOURCE_RULE:
		if (w->n_rules < SOURCE_RULES_MAX)
			w->rules[w->n_rules++].rule = part->rule;
		break;
	case SOURCE_INTERFACE:
		if (w->n_off < SOURCE_INTERFACES_MAX)
			w->off[w->n_off++] = part->interface;
		else
			w->overflow = true;
		break;
	case SOURCE_END:
		memcpy(w->first, part->first, sizeof(w->first));
		whole(s);
		break;
	}
}

/* What is asked for by `vip source why`: an errand, for a user database may take its time. */
struct question {
	struct errand errand;
	struct source *owner;
	uint32_t request;
	struct source_question asked;
	struct source_look look;
};

/* What a socket of ours gets when it is connected; nothing is sent by that. */
static bool try(const struct address *destination, struct address *ret)
{
	struct sockaddr_storage a;
	socklen_t size = socket_address_make(destination, TRIAL_PORT, &a);
	int fd = socket(a.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool got = fd >= 0 && connect(fd, (struct sockaddr *)&a, size) == 0;

	size = sizeof(a);
	got = got && getsockname(fd, (struct sockaddr *)&a, &size) == 0 &&
	      socket_address_read(&a, ret);
	if (fd >= 0)
		close(fd);
	return got;
}

static void find_out(struct errand *errand)
{
	struct question *q = container_of(errand, struct question, errand);
	const struct source_question *asked = &q->asked;
	struct source_look *l = &q->look;
	struct fib_route route;

	l->user_known = !*asked->user || user_find(asked->user, &l->user);
	l->routed = fib_ask(&asked->destination, &route) == 0;
	if (l->routed) {
		l->local = route.type != RTN_UNICAST;
		l->linux_source = route.source;
		l->n_interfaces = route.n_interfaces < FIB_INTERFACES_MAX ? route.n_interfaces
									  : FIB_INTERFACES_MAX;
		memcpy(l->interfaces, route.interfaces, sizeof(*l->interfaces) * l->n_interfaces);
	}
	/* A socket of ours is a socket of our unit and our user: it stands for nobody else. */
	l->tried = !*asked->unit && !*asked->user && try(&asked->destination, &l->got);
}

static void found_out(struct errand *errand, bool wanted)
{
	struct question *q = container_of(errand, struct question, errand);

	if (wanted)
		q->owner->hooks.looked(q->owner->hooks.context, q->request, true, &q->look);
	free(q);
}

void source_look(struct source *s, uint32_t request, const struct source_question *question)
{
	struct question *q = calloc(1, sizeof(*q));

	if (q) {
		q->errand = (struct errand){ .run = find_out, .done = found_out };
		q->owner = s;
		q->request = request;
		q->asked = *question;
		if (errands_put(s->questions, &q->errand) == 0)
			return;
		free(q);
	}
	s->hooks.looked(s->hooks.context, request, false, &(struct source_look){ 0 });
}

void source_counts(const struct source *s, uint64_t ret[SOURCE_VERDICT_COUNT])
{
	memset(ret, 0, sizeof(*ret) * SOURCE_VERDICT_COUNT);
	if (s->hook)
		source_hook_counts(s->hook, ret);
}

struct source *source_new(uv_loop_t *loop, const struct source_hooks *hooks)
{
	struct source *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->loop = loop;
	s->hooks = *hooks;
	if (errands_new(loop, &s->questions) < 0 || errands_new(loop, &s->preparations) < 0) {
		errands_free(s->questions);
		free(s);
		return NULL;
	}
	return s;
}

void source_free(struct source *s)
{
	if (!s)
		return;
	s->closing = true;
	errands_free(s->questions);
	errands_free(s->preparations);
	destinations_free(s->destinations);
	source_hook_close(s->hook);
	free(s);
}
