/* SPDX-License-Identifier: Apache-2.0 */
/* vip run-ncf FILE: a NetWare script, and what has become of each of its lines. */
#include <stdio.h>
#include <string.h>

#include "vip/arguments.h"
#include "vip/client.h"
#include "vip/script.h"

/* What was done goes to stdout, all else to stderr. */
static void step_tell(const struct step *step, bool json)
{
	const char *name = step->file;

	switch (step->outcome) {
	case SCRIPT_FAILED:
		fprintf(stderr, "%s:%u:%u: %s\n", name, step->line.number, step->line.column,
			step->note);
		break;
	case SCRIPT_SKIPPED:
		fprintf(stderr, "%s:%u: skipped: %s\n", name, step->line.number, step->note);
		break;
	case SCRIPT_UNCHANGED:
	case SCRIPT_NOTED:
		fprintf(stderr, "%s:%u: note: %s\n", name, step->line.number, step->note);
		break;
	case SCRIPT_WAITING:
	case SCRIPT_BOUND:
	case SCRIPT_UNBOUND:
	case SCRIPT_LOADED:
	case SCRIPT_UNLOADED:
		if (!json)
			printf("%s:%u: %s\n", name, step->line.number, step->note);
		break;
	}
	/* A cluster that loses its patience with a script wants to know how far it was. */
	fflush(stdout);
}

/* `file` stands on the lines of another script than the one that was asked for. */
static json_t *step_document(const struct step *step, const char *name)
{
	const struct ncf_line *line = &step->line;
	json_t *j = json_pack("{s:i, s:i, s:s, s:s, s:s}", "line", (int)line->number, "column",
			      (int)line->column, "command", line->text, "outcome",
			      script_outcome_name(step->outcome), "note", step->note);

	if (strcmp(step->file, name) != 0)
		json_object_set_new(j, "file", json_string(step->file));
	if (*step->board && step->outcome != SCRIPT_SKIPPED)
		json_object_set_new(j, "board", json_string(step->board));
	if (address_is_set(&line->address) && line->kind != NCF_WRONG) {
		json_object_set_new(j, "address", json_string(ADDRESS_TEXT(&line->address)));
		json_object_set_new(j, "length", json_integer(line->length));
	}
	return j;
}

static void run_ncf_print(const struct script *s, const char *name, bool whole)
{
	json_t *lines = json_array(), *document;

	for (size_t i = 0; i < s->count; i++)
		json_array_append_new(lines, step_document(&s->steps[i], name));
	document = json_pack("{s:i, s:s, s:b, s:b, s:o}", "schema", 1, "file", name, "dry_run",
			     s->dry, "done", whole, "lines", lines);
	client_print(document);
	json_decref(document);
}

static enum vip_exit run_ncf_carry_out(struct script *s, const char *name)
{
	bool failed = false, cannot_go_on = false;
	enum vip_exit r = VIP_DONE;

	for (size_t i = 0; i < s->count && !cannot_go_on; i++) {
		r = script_step(s, i);
		cannot_go_on = r != VIP_DONE;
		if (!cannot_go_on)
			step_tell(&s->steps[i], s->v->json);
		failed |= s->steps[i].outcome == SCRIPT_FAILED;
	}
	if (r == VIP_DONE && failed)
		r = VIP_REFUSED;
	if (s->v->json)
		run_ncf_print(s, name, r == VIP_DONE);
	return r;
}

int run_ncf_run(struct vip *v, int argc, char **argv)
{
	struct script s;
	int r = script_init(&s, v, option_given(v, "--dry-run"), argv[0]);

	(void)argc;
	if (r == VIP_DONE)
		r = run_ncf_carry_out(&s, strcmp(argv[0], "-") == 0 ? "stdin" : argv[0]);
	script_done(&s);
	return r;
}
