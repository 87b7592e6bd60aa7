/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The check `file`: a file is there. A thread of libuv's looks, because a file system may hang for
 * ever; then the thread does, and the check fails. Four that hang keep those of all other file
 * checks waiting, too.
 */
#include <errno.h>
#include <stdlib.h>

#include "linux/attempt.h"

/* Belongs to the thread and the loop; it may outlast its attempt. */
struct file_request {
	uv_fs_t fs;
	struct attempt *attempt; /* NULL: nobody wants to know any more */
};

static void file_looked(uv_fs_t *fs)
{
	struct file_request *request = fs->data;
	struct attempt *p = request->attempt;
	int outcome = (int)fs->result;

	uv_fs_req_cleanup(fs);
	free(request);
	if (!p)
		return;
	p->file = NULL;
	if (p->state == ATTEMPT_LEAVING)
		attempt_gone(p);
	else if (outcome < 0)
		attempt_fail(p, outcome);
	else
		attempt_answer(p, true, "the file is there");
}

static int file_start(struct attempt *p)
{
	struct file_request *request = calloc(1, sizeof(*request));
	int error;

	if (!request)
		return -ENOMEM;
	request->fs.data = request;
	request->attempt = p;
	error = uv_fs_stat(p->timer.loop, &request->fs, p->settings.target, file_looked);
	if (error) {
		free(request);
		return error;
	}
	p->file = request;
	return 0;
}

static bool file_leave(struct attempt *p)
{
	/* One that no thread has begun with is called back at once, and that is all. */
	if (p->file)
		(void)uv_cancel((uv_req_t *)&p->file->fs);
	return p->file != NULL;
}

static void file_over(struct attempt *p)
{
	if (p->file)
		p->file->attempt = NULL;
	p->file = NULL;
}

const struct attempt_method attempt_file = { .start = file_start,
					     .leave = file_leave,
					     .over = file_over };
