/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The check `file`: a file is there. A thread of libuv's looks, because a file system may hang for
 * ever; then the thread does, and the check fails. Four that hang keep those of all other file
 * checks waiting, too.
 */
#include <errno.h>
#include <stdlib.h>

#include "linux/probe.h"

/* Belongs to the thread and the loop; it may outlast its probe. */
struct file_request {
	uv_fs_t fs;
	struct probe *probe; /* NULL: nobody wants to know any more */
};

static void file_looked(uv_fs_t *fs)
{
	struct file_request *request = fs->data;
	struct probe *p = request->probe;
	int outcome = (int)fs->result;

	uv_fs_req_cleanup(fs);
	free(request);
	if (!p)
		return;
	p->file = NULL;
	if (p->state == PROBE_LEAVING)
		probe_gone(p);
	else if (outcome < 0)
		probe_fail(p, outcome);
	else
		probe_answer(p, true, "the file is there");
}

static int file_start(struct probe *p)
{
	struct file_request *request = calloc(1, sizeof(*request));
	int error;

	if (!request)
		return -ENOMEM;
	request->fs.data = request;
	request->probe = p;
	error = uv_fs_stat(p->timer.loop, &request->fs, p->settings.target, file_looked);
	if (error) {
		free(request);
		return error;
	}
	p->file = request;
	return 0;
}

static bool file_leave(struct probe *p)
{
	/* One that no thread has begun with is called back at once, and that is all. */
	if (p->file)
		(void)uv_cancel((uv_req_t *)&p->file->fs);
	return p->file != NULL;
}

static void file_over(struct probe *p)
{
	if (p->file)
		p->file->probe = NULL;
	p->file = NULL;
}

const struct probe_method probe_file = { .start = file_start,
					 .leave = file_leave,
					 .over = file_over };
