/* SPDX-License-Identifier: Apache-2.0 */
/* vip run-ncf FILE: a NetWare script, and what has become of each of its lines. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/container.h"
#include "vip/arguments.h"
#include "vip/script.h"

/* Scripts have a page or two; what is longer is something else. */
#define RUN_NCF_BYTES_MAX ((size_t)64 * 1024)

/* Reads the whole file; *ret is to be freed. */
static enum vip_exit run_ncf_read(const char *path, const char *name, char **ret,
				  size_t *ret_length)
{
	FILE *from = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	char *bytes = from ? malloc(RUN_NCF_BYTES_MAX + 1) : NULL;
	enum vip_exit r = VIP_DONE;
	size_t length = 0;

	if (bytes)
		length = fread(bytes, 1, RUN_NCF_BYTES_MAX + 1, from);
	if (!bytes || ferror(from))
		r = vip_fail(VIP_REFUSED, "%s cannot be read: %s", name, strerror(errno));
	else if (length > RUN_NCF_BYTES_MAX)
		r = vip_fail(VIP_REFUSED, "%s is longer than %zu bytes, which no script is", name,
			     RUN_NCF_BYTES_MAX);
	else if (memchr(bytes, '\0', length))
		r = vip_fail(VIP_REFUSED, "%s is not text: there is a NUL byte in it", name);
	if (from && from != stdin)
		fclose(from);
	if (r != VIP_DONE) {
		free(bytes);
		return r;
	}
	*ret = bytes;
	*ret_length = length;
	return VIP_DONE;
}

/* What was done goes to stdout, all else to stderr. */
static void step_tell(const struct step *step, const char *name, bool json)
{
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

static json_t *step_document(const struct step *step)
{
	const struct ncf_line *line = &step->line;
	json_t *j = json_pack("{s:i, s:i, s:s, s:s, s:s}", "line", (int)line->number, "column",
			      (int)line->column, "command", line->text, "outcome",
			      script_outcome_name(step->outcome), "note", step->note);

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
		json_array_append_new(lines, step_document(&s->steps[i]));
	document = json_pack("{s:i, s:s, s:b, s:b, s:o}", "schema", 1, "file", name, "dry_run",
			     s->dry, "done", whole, "lines", lines);
	json_dumpf(document, stdout, JSON_COMPACT);
	putchar('\n');
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
			step_tell(&s->steps[i], name, s->v->json);
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
	bool dry = false;
	const struct option_of options[] = { { "--dry-run", &dry, NULL } };
	const char *name;
	struct script s;
	char *bytes = NULL;
	size_t length = 0;
	int r = arguments_take(v, options, ARRAY_LENGTH(options), &argc, argv);

	if (r >= 0)
		return r;
	if (argc != 1)
		return argc == 0 ? vip_usage(v, "which script?")
				 : vip_usage(v, "'%s' is too much", argv[1]);
	name = strcmp(argv[0], "-") == 0 ? "stdin" : argv[0];
	r = run_ncf_read(argv[0], name, &bytes, &length);
	if (r != VIP_DONE)
		return r;
	if (script_init(&s, v, dry, bytes, length) < 0)
		r = vip_fail(VIP_REFUSED, "no memory");
	else
		r = run_ncf_carry_out(&s, name);
	script_done(&s);
	free(bytes);
	return r;
}
