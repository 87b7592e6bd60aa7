/* SPDX-License-Identifier: Apache-2.0 */
#include "vip/script.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "base/text.h"
#include "vip/client.h"
#include "vip/ncf_files.h"

#define SCRIPT_PATIENCE_MS 30000
#define SCRIPT_BIND_PATIENCE_MS 150000 /* as vip bind */
#define SCRIPT_STEPS_MAX 16384	       /* with those of all scripts that it names */
#define HTTP_OK 200
#define HTTP_NOT_FOUND 404

static void script_forget(struct script *s)
{
	json_decref(s->boards);
	json_decref(s->vips);
	s->boards = s->vips = NULL;
}

void script_done(struct script *s)
{
	script_forget(s);
	for (size_t i = 0; i < s->n_files; i++)
		free(s->files[i]);
	free(s->files);
	free(s->steps);
	s->files = NULL;
	s->steps = NULL;
	s->n_files = s->count = 0;
}

const char *script_outcome_name(enum script_outcome outcome)
{
	static const char *const names[] = {
#define X(name, text) [SCRIPT_##name] = (text),
		SCRIPT_OUTCOMES(X)
#undef X
	};

	return TEXT_NAME(names, outcome);
}

/* The outcome of a step and its sentence; what its line has to say stands behind it. */
static void step_end(struct step *step, enum script_outcome outcome, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void step_end(struct step *step, enum script_outcome outcome, const char *format, ...)
{
	char sentence[STEP_SENTENCE_MAX / 2];
	struct text note;
	va_list args;

	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	step->outcome = outcome;
	text_init(&note, step->note, sizeof(step->note));
	text_add(&note, "%s", sentence);
	if (*step->line.sentence)
		text_add(&note, "%s%s", note.length ? "; " : "", step->line.sentence);
	if (strlen(step->line.board) >= INTERFACE_NAME_MAX && *step->board)
		text_add(&note, "; %s is called %s here, because Linux takes 15 letters",
			 step->line.board, step->board);
}

/* A script that is read, and the one that has named it. */
struct reading {
	const struct reading *by;
	const char *path;
};

static enum vip_exit script_read(struct script *s, const struct reading *r, char *sentence,
				 size_t size);

static struct step *script_add(struct script *s, const struct ncf_line *line, const char *file)
{
	if (s->count == SCRIPT_STEPS_MAX || ARRAY_RESERVE(s->steps, s->capacity, s->count + 1) < 0)
		return NULL;
	s->steps[s->count] = (struct step){ .line = *line, .file = file };
	return &s->steps[s->count++];
}

/* Keeps the name of a file; NULL when there is no memory. */
static const char *script_name(struct script *s, const char *path)
{
	char **grown = reallocarray(s->files, s->n_files + 1, sizeof(char *));

	if (!grown)
		return NULL;
	s->files = grown;
	s->files[s->n_files] = strdup(path);
	return s->files[s->n_files] ? s->files[s->n_files++] : NULL;
}

/* A script that is being read already, directly or by others, would never end. */
static bool reading_is_under_way(const struct reading *r, const char *path)
{
	for (; r; r = r->by)
		if (strcmp(r->path, path) == 0)
			return true;
	return false;
}

/* A line that names another script: its lines come behind it. */
static void script_nest(struct script *s, const struct reading *by, struct step *step)
{
	char *path = ncf_file_beside(by->path, step->line.script), sentence[STEP_SENTENCE_MAX / 2];
	bool again = path && reading_is_under_way(by, path);
	struct reading inner = { by, path };
	size_t at = (size_t)(step - s->steps); /* the steps move while it is read */

	if (step->line.maybe && (!path || again))
		step->line.kind = NCF_FOREIGN;
	else if (!path)
		step_end(step, SCRIPT_FAILED, "there is no %s beside %s", step->line.script,
			 step->file);
	else if (again)
		step_end(step, SCRIPT_FAILED, "%s would run itself for ever", path);
	else if (script_read(s, &inner, sentence, sizeof(sentence)) != VIP_DONE)
		step_end(&s->steps[at], SCRIPT_FAILED, "%s", sentence);
	else
		step_end(&s->steps[at], SCRIPT_NOTED, "its lines are carried out: %s", path);
	free(path);
}

static enum vip_exit script_read_lines(struct script *s, const struct reading *r, const char *bytes,
				       size_t length)
{
	const char *file = script_name(s, strcmp(r->path, "-") == 0 ? "stdin" : r->path);
	struct ncf_line line;
	struct ncf n;

	ncf_init(&n, bytes, length);
	while (ncf_next(&n, &line)) {
		struct step *step;

		if (line.kind == NCF_NOTHING)
			continue;
		step = file ? script_add(s, &line, file) : NULL;
		if (!step)
			return VIP_REFUSED;
		if (line.kind == NCF_SCRIPT)
			script_nest(s, r, step);
	}
	return VIP_DONE;
}

static enum vip_exit script_read(struct script *s, const struct reading *r, char *sentence,
				 size_t size)
{
	char *bytes = NULL;
	size_t length = 0;
	enum vip_exit done = ncf_file_read(r->path, &bytes, &length, sentence, size);

	if (done != VIP_DONE)
		return done;
	done = script_read_lines(s, r, bytes, length);
	if (done != VIP_DONE)
		snprintf(sentence, size, "%s has too many lines, with those of the scripts in it",
			 r->path);
	free(bytes);
	return done;
}

enum vip_exit script_init(struct script *s, const struct vip *v, bool dry, const char *path)
{
	const struct reading r = { NULL, path };
	char sentence[STEP_SENTENCE_MAX / 2];

	*s = (struct script){ .v = v, .dry = dry };
	if (script_read(s, &r, sentence, sizeof(sentence)) == VIP_DONE)
		return VIP_DONE;
	return vip_fail(VIP_REFUSED, "%s", sentence);
}

/* 10.1.1.1 mask 255.255.255.255 (FF.FF.FF.FF) */
static const char *masked_text(const struct address *a, uint8_t length, char *text, size_t size)
{
	snprintf(text, size, "%s mask %s", ADDRESS_TEXT(a),
		 ncf_mask_format(a->family, length, (char[NCF_MASK_TEXT_MAX]){ 0 }));
	return text;
}

#define MASKED_MAX (ADDRESS_TEXT_MAX + NCF_MASK_TEXT_MAX + 8)
#define MASKED_TEXT(a, length) masked_text((a), (length), (char[MASKED_MAX]){ 0 }, MASKED_MAX)

/*
 * A request that changes something: what is known of the daemon is no longer so. `body` is given
 * away; *ret_why is the sentence of a refusal.
 */
static enum vip_exit script_change(struct script *s, const char *method, const char *path,
				   json_t *body, int timeout_ms, unsigned *ret_status,
				   char ret_why[STEP_SENTENCE_MAX])
{
	json_t *answer = NULL;
	enum vip_exit r;

	script_forget(s);
	*ret_status = 0;
	r = client_ask(s->v, method, path, body, timeout_ms, ret_status, &answer);
	text_copy(ret_why, STEP_SENTENCE_MAX, member_text(answer, "error"));
	json_decref(answer);
	json_decref(body);
	return r;
}

static enum vip_exit script_look_at(struct script *s, const char *path, json_t **into)
{
	unsigned status = 0;
	int r = client_ask(s->v, "GET", path, NULL, SCRIPT_PATIENCE_MS, &status, into);

	if (r != VIP_DONE || status == HTTP_OK)
		return r;
	return vip_fail(VIP_REFUSED, "%s", member_text(*into, "error"));
}

/* Asks for the boards and the VIPs unless they are known. */
static enum vip_exit script_look(struct script *s)
{
	enum vip_exit r = VIP_DONE;

	if (!s->boards)
		r = script_look_at(s, "/v1/boards", &s->boards);
	if (r == VIP_DONE && !s->vips)
		r = script_look_at(s, "/v1/vips", &s->vips);
	return r;
}

static const json_t *script_find(const json_t *document, const char *list, const char *key,
				 const char *value)
{
	const json_t *each;
	size_t i;

	json_array_foreach(json_object_get(document, list), i, each)
	{
		if (strcmp(member_text(each, key), value) == 0)
			return each;
	}
	return NULL;
}

static const json_t *script_board(const struct script *s, const char *name)
{
	return script_find(s->boards, "boards", "name", name);
}

static const json_t *script_vip(const struct script *s, const struct address *a)
{
	return script_find(s->vips, "vips", "address", ADDRESS_TEXT(a));
}

/* A board of exactly that name is meant where there is one. */
static void step_name_board(const struct script *s, struct step *step)
{
	ncf_board_name(&step->line, step->board);
	if (strlen(step->line.board) < sizeof(step->board) && script_board(s, step->line.board))
		text_copy(step->board, sizeof(step->board), step->line.board);
}

/* The kernel has it, whatever others think of it. */
static bool vip_is_there(const json_t *vip)
{
	static const char *const states[] = { "bound",	  "healthy", "announced",
					      "accepted", "proven",  "conflict" };

	for (size_t i = 0; vip && i < sizeof(states) / sizeof(*states); i++)
		if (strcmp(member_text(vip, "state"), states[i]) == 0)
			return true;
	return false;
}

static bool vip_is_as_asked(const json_t *vip, const struct step *step)
{
	return member_number(vip, "length") == step->line.length &&
	       strcmp(member_text(vip, "board"), step->board) == 0;
}

/* It is on its way out; binding it anew brings it back. */
static bool vip_is_leaving(const json_t *vip)
{
	const char *state = member_text(vip, "state");

	return strcmp(state, "withdrawn") == 0 || strcmp(state, "absent") == 0;
}

/* Whether a BIND is settled by what is bound already. */
static bool bind_is_settled(const struct script *s, struct step *step)
{
	const json_t *vip = script_vip(s, &step->line.address);
	const struct address *a = &step->line.address;

	if (!vip || vip_is_leaving(vip))
		return false;
	if (!vip_is_as_asked(vip, step))
		step_end(step, SCRIPT_FAILED,
			 "%s is bound already, with mask %s on %s: UNBIND it first",
			 ADDRESS_TEXT(a),
			 ncf_mask_format(a->family, (uint8_t)member_number(vip, "length"),
					 (char[NCF_MASK_TEXT_MAX]){ 0 }),
			 member_text(vip, "board"));
	else if (strcmp(member_text(vip, "state"), "failed") == 0)
		step_end(step, SCRIPT_FAILED, "%s is bound already, but failed: %s",
			 ADDRESS_TEXT(a), member_text(vip, "reason"));
	else if (strncmp(member_text(vip, "state"), "drain", 5) == 0)
		step_end(step, SCRIPT_FAILED,
			 "%s is bound already, but drained: 'vip undrain' announces it",
			 ADDRESS_TEXT(a));
	else
		step_end(step, SCRIPT_UNCHANGED, "%s is bound already on %s",
			 MASKED_TEXT(a, step->line.length), step->board);
	return true;
}

static json_t *bind_item(const struct step *step)
{
	char address[ADDRESS_TEXT_MAX + 4];

	snprintf(address, sizeof(address), "%s/%u", ADDRESS_TEXT(&step->line.address),
		 step->line.length);
	return json_pack("{s:s, s:s, s:s}", "address", address, "board", step->board, "conflict",
			 "take");
}

static void bind_succeed(struct step *step, bool dry, const char *but)
{
	step_end(step, SCRIPT_BOUND, "%s %s on %s%s%s%s", dry ? "would bind" : "bound",
		 MASKED_TEXT(&step->line.address, step->line.length), step->board,
		 step->line.masked ? "" : ", a host mask because there is no MASK=",
		 *but ? ", but " : "", but);
}

/*
 * A refusal is looked behind: when not all routers change over the daemon says so, but the VIP is
 * there.
 */
static enum vip_exit bind_alone(struct script *s, struct step *step)
{
	char why[STEP_SENTENCE_MAX];
	const json_t *vip;
	unsigned status;
	enum vip_exit r = script_change(s, "POST", "/v1/vips", bind_item(step),
					SCRIPT_BIND_PATIENCE_MS, &status, why);

	if (r == VIP_DONE && status != HTTP_OK)
		r = script_look(s);
	if (r != VIP_DONE)
		return r;
	vip = status == HTTP_OK ? NULL : script_vip(s, &step->line.address);
	if (status == HTTP_OK)
		bind_succeed(step, false, "");
	else if (vip_is_there(vip) && vip_is_as_asked(vip, step))
		bind_succeed(step, false, why);
	else
		step_end(step, SCRIPT_FAILED, "%s", why);
	return r;
}

/* All of them in one request; *ret_all says whether all are bound. */
static enum vip_exit bind_together(struct script *s, struct step **group, size_t count,
				   bool *ret_all)
{
	char why[STEP_SENTENCE_MAX];
	json_t *vips = json_array();
	unsigned status;
	enum vip_exit r;

	for (size_t i = 0; i < count; i++)
		json_array_append_new(vips, bind_item(group[i]));
	r = script_change(s, "POST", "/v1/vips", json_pack("{s:o}", "vips", vips),
			  SCRIPT_BIND_PATIENCE_MS, &status, why);
	*ret_all = r == VIP_DONE && status == HTTP_OK;
	for (size_t i = 0; *ret_all && i < count; i++)
		bind_succeed(group[i], false, "");
	return r;
}

/* One that is refused refuses all: then each that is not there is asked for on its own. */
static enum vip_exit bind_group(struct script *s, struct step **group, size_t count)
{
	enum vip_exit r;
	bool all;

	if (count == 1)
		return bind_alone(s, group[0]);
	r = bind_together(s, group, count, &all);
	for (size_t i = 0; r == VIP_DONE && !all && i < count; i++) {
		const json_t *vip;

		r = script_look(s);
		if (r != VIP_DONE)
			break;
		vip = script_vip(s, &group[i]->line.address);
		if (vip_is_there(vip) && vip_is_as_asked(vip, group[i]))
			bind_succeed(group[i], false, "");
		else
			r = bind_alone(s, group[i]);
	}
	return r;
}

/* Who is bound twice is bound after the first time, and what is no BIND ends the group. */
static bool bind_may_join(const struct step *step, struct step **group, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (address_equal(&step->line.address, &group[i]->line.address))
			return false;
	return step->line.kind == NCF_BIND;
}

static bool step_changes_nothing(const struct step *step)
{
	return step->line.kind == NCF_FOREIGN || step->line.kind == NCF_WRONG ||
	       step->line.kind == NCF_AGGREGATION || step->line.kind == NCF_SCRIPT ||
	       step->line.kind == NCF_DECLINED;
}

/* The board belongs to a driver that the script has loaded, or would have, further up. */
static bool board_is_physical(const struct script *s, const struct step *step)
{
	for (const struct step *each = s->steps; each < step; each++)
		if (each->line.kind == NCF_FOREIGN && *each->line.board &&
		    strcasecmp(each->line.board, step->line.board) == 0)
			return true;
	return false;
}

/* Such a line is no concern of a virtual board. */
static bool step_is_skipped(const struct script *s, struct step *step)
{
	if (!board_is_physical(s, step))
		return false;
	step_end(step, SCRIPT_SKIPPED, "%s is a physical board, whose addresses Linux has",
		 step->line.board);
	return true;
}

static enum vip_exit step_bind(struct script *s, struct step *first)
{
	struct step **group = calloc(s->count, sizeof(struct step *));
	size_t count = 0;
	enum vip_exit r;

	if (!group)
		return vip_fail(VIP_REFUSED, "no memory");
	r = script_look(s);
	for (struct step *each = first; r == VIP_DONE && each < s->steps + s->count; each++) {
		if (step_changes_nothing(each))
			continue;
		if (!bind_may_join(each, group, count))
			break;
		step_name_board(s, each);
		if (!step_is_skipped(s, each) && !bind_is_settled(s, each))
			group[count++] = each;
	}
	if (r == VIP_DONE && count > 0)
		r = bind_group(s, group, count);
	free(group);
	return r;
}

/* Deletes what `collection` holds under `name`. What has gone meanwhile is as good. */
static enum vip_exit step_delete(struct script *s, struct step *step, const char *collection,
				 const char *name)
{
	char path[128], why[STEP_SENTENCE_MAX];
	unsigned status;
	enum vip_exit r;

	client_path(path, sizeof(path), collection, name, "");
	r = script_change(s, "DELETE", path, NULL, SCRIPT_PATIENCE_MS, &status, why);
	if (r == VIP_DONE && status != HTTP_OK && status != HTTP_NOT_FOUND)
		step_end(step, SCRIPT_FAILED, "%s", why);
	return r;
}

static enum vip_exit step_unbind_one(struct script *s, struct step *step)
{
	const char *address = ADDRESS_TEXT(&step->line.address);
	const json_t *vip = script_vip(s, &step->line.address);
	enum vip_exit r;

	if (!vip) {
		step_end(step, SCRIPT_UNCHANGED, "%s is not bound", address);
		return VIP_DONE;
	}
	if (strcmp(member_text(vip, "board"), step->board) != 0) {
		step_end(step, SCRIPT_FAILED, "%s is bound to %s, not to %s", address,
			 member_text(vip, "board"), step->board);
		return VIP_DONE;
	}
	r = step_delete(s, step, "/v1/vips/", address);
	if (r == VIP_DONE && step->outcome == SCRIPT_WAITING)
		step_end(step, SCRIPT_UNBOUND, "unbound %s from %s", address, step->board);
	return r;
}

/* All VIPs of the board, as NetWare does it when no address is named. */
static enum vip_exit step_unbind_all(struct script *s, struct step *step)
{
	json_t *vips = json_incref(s->vips);
	enum vip_exit r = VIP_DONE;
	const json_t *vip;
	size_t i, count = 0;

	json_array_foreach(json_object_get(vips, "vips"), i, vip)
	{
		if (strcmp(member_text(vip, "board"), step->board) != 0)
			continue;
		r = step_delete(s, step, "/v1/vips/", member_text(vip, "address"));
		if (r != VIP_DONE || step->outcome == SCRIPT_FAILED)
			break;
		count++;
	}
	json_decref(vips);
	if (r != VIP_DONE || step->outcome == SCRIPT_FAILED)
		return r;
	if (count)
		step_end(step, SCRIPT_UNBOUND, "unbound everything from %s (%zu)", step->board,
			 count);
	else
		step_end(step, SCRIPT_UNCHANGED, "nothing is bound to %s", step->board);
	return r;
}

static enum vip_exit step_unbind(struct script *s, struct step *step)
{
	enum vip_exit r = script_look(s);

	if (r != VIP_DONE || step_is_skipped(s, step))
		return r;
	step_name_board(s, step);
	if (address_is_set(&step->line.address))
		return step_unbind_one(s, step);
	return step_unbind_all(s, step);
}

static enum vip_exit step_load(struct script *s, struct step *step)
{
	char why[STEP_SENTENCE_MAX];
	const json_t *board;
	unsigned status;
	enum vip_exit r = script_look(s);

	if (r != VIP_DONE)
		return r;
	step_name_board(s, step);
	board = script_board(s, step->board);
	if (board && member_number(board, "index") > 0 && member_true(board, "up")) {
		step_end(step, SCRIPT_UNCHANGED, "the board %s is there already", step->board);
		return VIP_DONE;
	}
	r = script_change(s, "POST", "/v1/boards", json_pack("{s:s}", "name", step->board),
			  SCRIPT_PATIENCE_MS, &status, why);
	if (r == VIP_DONE && status == HTTP_OK)
		step_end(step, SCRIPT_LOADED, "made the board %s", step->board);
	else if (r == VIP_DONE)
		step_end(step, SCRIPT_FAILED, "%s", why);
	return r;
}

/*
 * All boards of the driver go, or the one that is named. Those of the configuration stay: they are
 * the administrator's word, and the next apply would bring them back.
 */
static enum vip_exit step_unload(struct script *s, struct step *step)
{
	char names[STEP_SENTENCE_MAX / 4], kept[STEP_SENTENCE_MAX / 4];
	struct text removed, configured;
	enum vip_exit r = script_look(s);
	json_t *boards = json_incref(s->boards);
	const json_t *board;
	size_t i;

	text_init(&removed, names, sizeof(names));
	text_init(&configured, kept, sizeof(kept));
	if (*step->line.board && r == VIP_DONE)
		step_name_board(s, step);
	json_array_foreach(json_object_get(boards, "boards"), i, board)
	{
		const char *name = member_text(board, "name");

		if (*step->board && strcmp(step->board, name) != 0)
			continue;
		if (member_true(board, "configured")) {
			text_add(&configured, "; %s stays, it is in the configuration", name);
			continue;
		}
		r = step_delete(s, step, "/v1/boards/", name);
		if (r != VIP_DONE || step->outcome == SCRIPT_FAILED)
			break;
		text_add(&removed, "%s%s", removed.length ? ", " : "", name);
	}
	json_decref(boards);
	if (r != VIP_DONE || step->outcome == SCRIPT_FAILED)
		return r;
	if (removed.length)
		step_end(step, SCRIPT_UNLOADED, "removed %s with all VIPs%s", names, kept);
	else
		step_end(step, SCRIPT_UNCHANGED, "there is no board to remove%s", kept);
	return r;
}

/* What the step would do to a daemon that has nothing yet. */
static void step_rehearse(struct script *s, struct step *step)
{
	const char *address = ADDRESS_TEXT(&step->line.address);

	ncf_board_name(&step->line, step->board);
	if (*step->line.board && step_is_skipped(s, step))
		return;
	if (step->line.kind == NCF_BIND)
		bind_succeed(step, true, "");
	else if (step->line.kind == NCF_UNBIND)
		step_end(step, SCRIPT_UNBOUND, "would unbind %s from %s",
			 address_is_set(&step->line.address) ? address : "all VIPs", step->board);
	else if (step->line.kind == NCF_LOAD)
		step_end(step, SCRIPT_LOADED, "would make the board %s", step->board);
	else
		step_end(step, SCRIPT_UNLOADED, "would remove %s with all VIPs",
			 *step->board ? step->board : "all boards");
}

/* Lines that nothing is to be done for. */
static void step_remark(struct step *step)
{
	if (step->line.kind == NCF_WRONG)
		step_end(step, SCRIPT_FAILED, "%s", "");
	else if (step->line.kind == NCF_FOREIGN)
		step_end(step, SCRIPT_SKIPPED, "only NetWare has it: %s", step->line.text);
	else if (step->line.kind == NCF_DECLINED)
		step_end(step, SCRIPT_SKIPPED, "NetWare does it only for who says yes: %s",
			 step->line.text);
	else
		step_end(step, SCRIPT_NOTED, "vipd never aggregates a VIP, whatever this says");
}

enum vip_exit script_step(struct script *s, size_t at)
{
	static enum vip_exit (*const act[])(struct script *, struct step *) = {
		[NCF_BIND] = step_bind,
		[NCF_UNBIND] = step_unbind,
		[NCF_LOAD] = step_load,
		[NCF_UNLOAD] = step_unload,
	};
	struct step *step = &s->steps[at];

	if (step->outcome != SCRIPT_WAITING)
		return VIP_DONE;
	if (!step_changes_nothing(step) && !s->dry)
		return act[step->line.kind](s, step);
	if (step_changes_nothing(step))
		step_remark(step);
	else
		step_rehearse(s, step);
	return VIP_DONE;
}
