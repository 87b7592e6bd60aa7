/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of the server share: a world that answers commands as they want, with a node to
 * read, and clients.
 */
#ifndef API_FIXTURE_TEST_H
#define API_FIXTURE_TEST_H

#include "api/api.h"
#include "base/unit.h"
#include "node/node.h"

#define ANSWER_MAX (8 * 1024 * 1024)
#define ROWS 1000 /* VIPs of the node: 10.20.0.0 and the next ones, and 10.9.1.1 */

/* Commands are answered at once, or when the test lets it, and reach no node. */
struct world {
	struct api *api;
	struct node *node; /* it is only read */
	int listen_fd;
	uint16_t bfd_deaf; /* as the guard tells it */
	char directory[64], path[96];
	char *answer; /* of the last exchange, terminated */

	bool later; /* requests wait in `waiting` */
	struct input waiting[64];
	size_t n_waiting;
	size_t n_bound, n_inputs;
	struct input last;
	struct source_question asked; /* of the world, about source selection */
	uint32_t examined;	      /* the request for an examination; 0: none is */
	enum reply_code code;
	bool apply_fails, stopped, handed_over;
	uint32_t confirm_s;
	bool save_fails, saves_nothing, saved_out;
	size_t n_saved;

	/* Who has the node, in place of the world; NULL: the world. */
	void (*take)(void *context, const struct input *in);
	void *context;
};

/* Serves this node, whose inputs are taken by somebody else. */
void world_open(void **state, const struct node *node,
		void (*take)(void *context, const struct input *in), void *context);

/* For cmocka_unit_test_setup_teardown(). */
int world_setup(void **state);
int world_teardown(void **state);

/* Listens at the path, in place of a file that has been removed. */
void world_listen(struct world *w);

/* Lets the server work until it has nothing more to do at once. */
void world_run(struct world *w);

/* The node's answer to a request that waits. */
void world_reply(struct world *w, const struct input *in);

/* Something happens. */
void world_event(struct world *w, uint8_t kind, const char *reason);

int client_connect(const struct world *w);

/* Sends as much as goes in, while the server works. False once it has hung up. */
bool client_send(struct world *w, int fd, const char *bytes, size_t length);

/* Reads until the server hangs up, or has nothing more to say. Returns whether it hung up. */
bool client_receive(struct world *w, int fd);

/* One request and its answer, without waiting for anything to come later. */
void world_exchange(struct world *w, const char *method, const char *path, const char *body);

/* The answer has this status and this text in it. */
void world_assert(const struct world *w, int status, const char *text);

size_t occurrences(const char *text, const char *of);

#define WORLD_TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

#endif
