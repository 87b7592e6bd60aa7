/* SPDX-License-Identifier: Apache-2.0 */
/* vip prove ADDRESS: each router is asked to forward to a VIP, and what came of it is said. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/container.h"
#include "vip/arguments.h"
#include "vip/client.h"

#define PATH_SIZE 512
#define PROVE_PATIENCE_MS 60000

static void proven_show(const json_t *proof)
{
	int64_t routers = member_number(proof, "routers");

	printf("came back by %s in %.2f ms, %" PRId64 " router%s passed\n",
	       member_text(proof, "way_in"), (double)member_number(proof, "time_us") / 1000,
	       routers, routers == 1 ? "" : "s");
}

/* What came of those that are not proven. */
static void failure_show(const json_t *proof)
{
	static const struct {
		const char *outcome, *text;
	} texts[] = {
		{ "lost", "lost: other packets come back through it, none to the VIP" },
		{ "unknown",
		  "unknown: nothing comes back through it, not even to our own address there" },
		{ "unreached", "nothing was sent: it does not say where it is" },
		{ "gone", "not known: it, or the VIP, went away meanwhile" },
	};
	const char *outcome = member_text(proof, "outcome"), *by = member_text(proof, "by");
	const char *text = outcome;

	for (size_t i = 0; i < ARRAY_LENGTH(texts); i++)
		if (strcmp(texts[i].outcome, outcome) == 0)
			text = texts[i].text;
	if (*by && strcmp(outcome, "refused") == 0)
		printf("refused by %s: it %s\n", by, member_text(proof, "reason"));
	else if (*by)
		printf("%s; %s says that it %s\n", text, by, member_text(proof, "reason"));
	else
		printf("%s\n", text);
}

static bool is_outcome(const json_t *proof, const char *outcome)
{
	return strcmp(member_text(proof, "outcome"), outcome) == 0;
}

/* Those of an outcome, or of two, by name. */
static void routers_name(const json_t *proofs, const char *one, const char *other)
{
	const char *comma = "";
	const json_t *proof;
	size_t i;

	json_array_foreach(proofs, i, proof)
	{
		if (!is_outcome(proof, one) && !is_outcome(proof, other))
			continue;
		printf("%s%s", comma, member_text(proof, "neighbor"));
		comma = ", ";
	}
}

static size_t proofs_count(const json_t *proofs, const char *one, const char *other)
{
	const json_t *proof;
	size_t count = 0, i;

	json_array_foreach(proofs, i, proof) count +=
		is_outcome(proof, one) || is_outcome(proof, other);
	return count;
}

static void proof_show(const json_t *proof)
{
	printf("%s is asked on %s from %s: ", member_text(proof, "neighbor"),
	       member_text(proof, "interface"), member_text(proof, "source"));
	if (is_outcome(proof, "proven"))
		proven_show(proof);
	else
		failure_show(proof);
}

static void verdict_show(const json_t *proofs, const char *address)
{
	size_t count = json_array_size(proofs);
	size_t proven = proofs_count(proofs, "proven", "proven");

	if (proofs_count(proofs, "lost", "refused") > 0) {
		printf("%s is not forwarded to us by ", address);
		routers_name(proofs, "lost", "refused");
		printf("\n");
	} else if (proven == count) {
		printf("%s is proven by ", address);
		routers_name(proofs, "proven", "proven");
		printf("\n");
	} else {
		printf("%s is proven by %zu of %zu, and of the others nothing is known\n", address,
		       proven, count);
	}
}

/* What each router has done, in the order in which it was over. */
struct steps {
	json_t *proofs; /* owned */
	bool over;	/* the verdict was there */
};

static void step_take(void *context, const json_t *line)
{
	struct steps *s = context;
	const char *kind = member_text(line, "kind");

	if (strcmp(kind, "proof") == 0) {
		proof_show(line);
		json_array_append_new(s->proofs, json_copy((json_t *)line));
	} else if (strcmp(kind, "verdict") == 0) {
		verdict_show(s->proofs, member_text(line, "address"));
		s->over = true;
	}
}

/* A line for each router as soon as it has been tried. */
static int prove_aloud(struct vip *v, const char *path)
{
	struct steps s = { .proofs = json_array() };
	int r = client_lines(v, "POST", path, PROVE_PATIENCE_MS, step_take, &s);

	if (r == VIP_DONE && !s.over)
		r = vip_fail(VIP_UNREACHABLE, "the answer on %s is not vipd's", v->socket);
	else if (r == VIP_DONE &&
		 proofs_count(s.proofs, "proven", "proven") < json_array_size(s.proofs))
		r = VIP_REFUSED;
	json_decref(s.proofs);
	return r;
}

/* For programs: one document, when all of it is over. */
static int prove_document(struct vip *v, const char *path)
{
	json_t *document = NULL;
	unsigned status = 0;
	int r = client_ask(v, "POST", path, NULL, PROVE_PATIENCE_MS, &status, &document);
	const json_t *proofs = json_object_get(document, "proofs");

	if (!document)
		return r;
	if (status != 200)
		r = vip_fail(VIP_REFUSED, "%s", member_text(document, "error"));
	else if (proofs_count(proofs, "proven", "proven") < json_array_size(proofs))
		r = VIP_REFUSED;
	client_print(document);
	json_decref(document);
	return r;
}

int prove_run(struct vip *v, int argc, char **argv)
{
	const char *neighbor = option_value(v, "--neighbor");
	char path[PATH_SIZE], query[PATH_SIZE];

	(void)argc;
	argv[0][strcspn(argv[0], "/")] = '\0';
	client_path(query, sizeof(query),
		    neighbor  ? v->json ? "?neighbor=" : "?stream=1&neighbor="
		    : v->json ? ""
			      : "?stream=1",
		    neighbor ? neighbor : "", "");
	client_path(path, sizeof(path), "/v1/prove/", argv[0], query);
	return v->json ? prove_document(v, path) : prove_aloud(v, path);
}
