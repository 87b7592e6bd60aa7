/* SPDX-License-Identifier: Apache-2.0 */
/* /v1/prove over a real socket, with a node that asks two routers. */
#include <unistd.h>

#include "api/fixture_test.h"
#include "base/container.h"
#include "base/text.h"
#include "node/stage_test.h"

#define VIP "10.9.1.1"
#define OWN "10.1.0.10"
#define ROUTER "10.1.0.1"
#define SECOND "10.1.0.7"
#define ASK(line) line " HTTP/1.1\r\nHost: v\r\n\r\n"

struct lan {
	struct world *w;
	struct stage *s;
};

static void take(void *context, const struct input *in)
{
	stage_put(context, in);
}

static void told(void *context, struct instant now, const struct effect *e)
{
	api_effect(((struct lan *)context)->w->api, now, e);
}

static bool answer(struct lan *p, const char *router, enum echo_outcome outcome)
{
	bool asked = stage_proved(p->s, VIP, router, outcome, 1);

	world_run(p->w);
	return asked;
}

/* What is due for other reasons is over. */
static void settle(struct lan *p)
{
	for (size_t k = 0; k < 5; k++) {
		while (answer(p, ROUTER, ECHO_OUTCOME_RETURNED) ||
		       answer(p, SECOND, ECHO_OUTCOME_RETURNED))
			continue;
		stage_run(p->s, DURATION_MS(100));
	}
}

static int proof_setup(void **state)
{
	struct lan *p = test_malloc(sizeof(*p));

	stage_raise((void **)&p->s);
	p->s->proof = true;
	stage_begin(p->s, NULL);
	stage_packet_put(p->s, ROUTER, "10.88.0.0/24", 1);
	stage_packet_put(p->s, SECOND, "10.88.0.0/24", 1);
	stage_bind(p->s, VIP "/32");
	stage_run(p->s, DURATION_S(1));
	world_open((void **)&p->w, p->s->node, take, p->s);
	settle(p);
	p->s->told = told;
	p->s->context = p;
	*state = p;
	return 0;
}

static int proof_teardown(void **state)
{
	struct lan *p = *state;

	world_teardown((void **)&p->w);
	stage_teardown((void **)&p->s);
	test_free(p);
	return 0;
}

/* Connects and asks; the answer, or a part of it, is to be received. */
static int ask(struct lan *p, const char *request)
{
	int fd = client_connect(p->w);

	assert_true(client_send(p->w, fd, request, strlen(request)));
	return fd;
}

static const char *heard(struct lan *p, int fd)
{
	client_receive(p->w, fd);
	return p->w->answer;
}

static void each_router_is_told_as_soon_as_it_has_been_tried(void **state)
{
	struct lan *p = *state;
	int fd = ask(p, ASK("POST /v1/prove/" VIP "?stream=1"));

	assert_string_equal(heard(p, fd), "");
	assert_true(answer(p, SECOND, ECHO_OUTCOME_RETURNED));
	heard(p, fd);
	world_assert(p->w, 200, "Content-Type: application/x-ndjson");
	world_assert(p->w, 200,
		     "{\"schema\":1,\"kind\":\"proof\",\"neighbor\":\"" SECOND
		     "\",\"interface\":\"eth0\",\"source\":\"10.1.0.10\",\"outcome\":\"proven\",");
	assert_int_equal(occurrences(p->w->answer, "\"kind\""), 1);
	/* It is lost when something else comes back through it, and not before. */
	assert_true(answer(p, ROUTER, ECHO_OUTCOME_LOST));
	assert_string_equal(heard(p, fd), "");
	stage_run(p->s, DURATION_MS(100));
	assert_true(stage_proved(p->s, OWN, ROUTER, ECHO_OUTCOME_RETURNED, 1));
	heard(p, fd);

	assert_int_equal(occurrences(p->w->answer, SECOND), 0);
	assert_int_equal(occurrences(p->w->answer, "\"outcome\":\"lost\""), 1);
	assert_non_null(strstr(p->w->answer, "{\"schema\":1,\"kind\":\"verdict\",\"address\":\"" VIP
					     "\",\"asked\":2,\"proven\":1,\"not_forwarded\":1}\n"));
	/* The last chunk. */
	assert_non_null(strstr(p->w->answer, "\r\n0\r\n\r\n"));
	close(fd);
}

static void who_wants_one_document_has_it_when_all_is_over(void **state)
{
	struct lan *p = *state;
	int fds[] = { ask(p, ASK("POST /v1/prove/" VIP)),
		      ask(p, ASK("POST /v1/prove/" VIP "?stream=0")) };

	settle(p);
	for (size_t i = 0; i < ARRAY_LENGTH(fds); i++) {
		heard(p, fds[i]);
		world_assert(p->w, 200, "Content-Type: application/json");
		world_assert(p->w, 200, "{\"schema\":1,\"address\":\"" VIP "\",\"proofs\":[{");
		assert_int_equal(occurrences(p->w->answer, "\"outcome\":\"proven\""), 2);
		close(fds[i]);
	}
}

static void what_cannot_be_asked_is_refused_as_one_document_also_to_who_streams(void **state)
{
	struct lan *p = *state;
	int fd = ask(p, ASK("POST /v1/prove/10.9.1.2?stream=1"));

	heard(p, fd);
	world_assert(p->w, 404, "{\"schema\":1,\"error\":\"10.9.1.2 is not bound\"}");
	world_assert(p->w, 404, "Content-Type: application/json");
	close(fd);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, proof_setup, proof_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_router_is_told_as_soon_as_it_has_been_tried),
		TEST(who_wants_one_document_has_it_when_all_is_over),
		TEST(what_cannot_be_asked_is_refused_as_one_document_also_to_who_streams),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
