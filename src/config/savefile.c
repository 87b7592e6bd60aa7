/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The old text is read, changed as a configuration and printed anew; together with the files of
 * others it must be valid. Then it is written beside the old one, brought to the disk and put in
 * its place.
 */
#include "config/savefile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/files.h"

#define NAME "saved.yaml"
#define NAME_NEW ".saved.yaml.new"
#define HEAD                                                                                       \
	"# Written by vipd: vip bind --save, vip unbind --save. Other keys that are added here "   \
	"stay,\n# comments do not.\n"
#define MODE_DEFAULT 0644

struct saving {
	const char *path;
	bool required;
	char folder[FILES_PATH_MAX], file[FILES_PATH_MAX + sizeof("/" NAME)];
	struct config *others; /* what all files say but ours */
	struct config *own;    /* what ours says */
	char *old, *text;      /* NULL, or what was there; the new one */
	size_t old_length, length;
	char *error;
	size_t error_size;
};

static int fail(struct saving *s, int r, const char *what)
{
	snprintf(s->error, s->error_size, "%s: %s", what, strerror(-r));
	return r;
}

static int others_read(struct saving *s)
{
	const struct files_stand_in nothing = { .name = NAME };

	s->others = config_new();
	if (!s->others)
		return fail(s, -ENOMEM, s->path);
	return files_load(s->others, s->path, s->required, &nothing, s->error, s->error_size);
}

static int own_read(struct saving *s)
{
	int r;

	s->own = config_new();
	if (!s->own)
		return fail(s, -ENOMEM, s->file);
	r = files_slurp(s->file, true, &s->old, &s->old_length, s->error, s->error_size);
	if (r == 0)
		r = config_load(s->own, s->file, false, s->old, s->old_length, s->error,
				s->error_size);
	return r == -ENOENT ? 0 : r;
}

/* What a VIP looks like in a file, to be freed; NULL without memory. */
static char *vip_text(const struct config_vip *vip)
{
	struct config c = { .vips = (struct config_vip *)vip, .n_vips = 1 };
	char *text = NULL;
	size_t length = 0;
	FILE *to = open_memstream(&text, &length);

	if (!to)
		return NULL;
	config_print_item(&c, CONFIG_ITEM_VIP, 0, to);
	fclose(to);
	return text;
}

static bool equal(const struct config_vip *a, const struct config_vip *b)
{
	char *x = vip_text(a), *y = vip_text(b);
	bool same = x && y && strcmp(x, y) == 0;

	free(x);
	free(y);
	return same;
}

static int refuse_foreign(struct saving *s, const struct config_vip *theirs)
{
	struct place at = theirs->place;

	snprintf(s->error, s->error_size,
		 "%s stands in %s:%u:%u, a file that vipd does not write: change it there",
		 ADDRESS_TEXT(&theirs->settings.address), at.file, at.line, at.column);
	return -EINVAL;
}

static int board_need(struct saving *s, const char *board)
{
	bool is_there = config_item_find(s->others, CONFIG_ITEM_BOARD, board) != SIZE_MAX ||
			config_item_find(s->own, CONFIG_ITEM_BOARD, board) != SIZE_MAX ||
			(!s->others->boards_given && strcmp(board, NODE_BOARD_DEFAULT) == 0);

	if (!is_there && config_add_board(s->own, board) < 0)
		return fail(s, -ENOMEM, s->file);
	return 0;
}

/* VIPs that are new come behind those that were sorted. */
static int put_vip(struct saving *s, const size_t *sorted, size_t n_sorted,
		   const struct vip_settings *v)
{
	struct config sorted_part = { .vips = s->own->vips, .n_vips = n_sorted };
	size_t i = config_find_vip(&sorted_part, sorted, &v->address);
	int r = board_need(s, v->board);

	if (r < 0)
		return r;
	if (i < n_sorted) {
		s->own->vips[i].settings = *v;
		return 0;
	}
	r = CONFIG_ADD(s->own, vips, (&(struct config_vip){ .settings = *v }));
	return r < 0 ? fail(s, r, s->file) : 0;
}

/* Whether a VIP of the change stands in another file; an error when it is another one there. */
static int look_at_others(struct saving *s, const size_t *sorted, const struct vip_settings *v,
			  bool remove, bool *ret_there)
{
	size_t i = config_find_vip(s->others, sorted, &v->address);
	const struct config_vip wanted = { .settings = *v };

	*ret_there = i < s->others->n_vips;
	if (*ret_there && (remove || !equal(&s->others->vips[i], &wanted)))
		return refuse_foreign(s, &s->others->vips[i]);
	return 0;
}

static void take_out(struct config *own, const size_t *sorted, const struct vip_settings *v)
{
	size_t i = config_find_vip(own, sorted, &v->address);

	/* It goes in the end: the order of the others stays meanwhile. */
	if (i < own->n_vips)
		own->vips[i].dropped = true;
}

static void close_gaps(struct config *own)
{
	size_t n = 0;

	for (size_t i = 0; i < own->n_vips; i++)
		if (!own->vips[i].dropped)
			own->vips[n++] = own->vips[i];
	own->n_vips = n;
}

static int change_sorted(struct saving *s, const struct savefile_change *c, const size_t *others,
			 const size_t *own)
{
	size_t n_own = s->own->n_vips;
	bool there = false;
	int r = 0;

	for (size_t i = 0; i < c->count && r == 0; i++) {
		const struct vip_settings *v = &c->vips[i];

		r = look_at_others(s, others, v, c->remove, &there);
		if (r == 0 && c->remove)
			take_out(s->own, own, v);
		else if (r == 0 && !there)
			r = put_vip(s, own, n_own, v);
	}
	close_gaps(s->own);
	return r;
}

static int change(struct saving *s, const struct savefile_change *c)
{
	size_t *others = config_sort_vips(s->others), *own = config_sort_vips(s->own);
	int r = others && own ? change_sorted(s, c, others, own) : fail(s, -ENOMEM, s->file);

	free(others);
	free(own);
	return r;
}

static int print(struct saving *s)
{
	FILE *to = open_memstream(&s->text, &s->length);
	int r = -ENOMEM;

	if (to) {
		fputs(HEAD, to);
		r = config_print_part(s->own, to);
		if (fclose(to) != 0)
			r = -ENOMEM;
	}
	return r < 0 ? fail(s, r, s->file) : 0;
}

static int check(struct saving *s)
{
	const struct files_stand_in ours = { .name = NAME, .text = s->text, .length = s->length };
	struct config *whole = config_new();
	int r;

	if (!whole)
		return fail(s, -ENOMEM, s->file);
	r = files_load(whole, s->path, s->required, &ours, s->error, s->error_size);
	if (r == 0)
		r = config_finish(whole, s->path, s->error, s->error_size);
	config_free(whole);
	return r;
}

/* Readable for whom the main file is readable. */
static mode_t mode_of_main(const struct saving *s, gid_t *ret_group)
{
	struct stat st;

	*ret_group = (gid_t)-1;
	if (stat(s->path, &st) < 0 || !S_ISREG(st.st_mode))
		return MODE_DEFAULT;
	*ret_group = st.st_gid;
	return (st.st_mode & 0644) | 0600;
}

static int write_all(int fd, const char *text, size_t length)
{
	while (length > 0) {
		ssize_t n = write(fd, text, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text += n;
		length -= (size_t)n;
	}
	return 0;
}

static int write_new(struct saving *s, int folder)
{
	gid_t group;
	mode_t mode = mode_of_main(s, &group);
	int fd, r;

	/* One of a daemon that died while it wrote. */
	if (unlinkat(folder, NAME_NEW, 0) < 0 && errno != ENOENT)
		return -errno;
	fd = openat(folder, NAME_NEW, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	/* A group that is not one of ours cannot be given; then the file has our own. */
	if (group != (gid_t)-1 && fchown(fd, (uid_t)-1, group) < 0 && errno != EPERM)
		r = -errno;
	else
		r = write_all(fd, s->text, s->length);
	if (r == 0 && (fchmod(fd, mode) < 0 || fsync(fd) < 0))
		r = -errno;
	if (close(fd) < 0 && r == 0)
		r = -errno;
	if (r == 0 && renameat(folder, NAME_NEW, folder, NAME) < 0)
		r = -errno;
	if (r == 0 && fsync(folder) < 0)
		r = -errno;
	return r;
}

static int folder_open(const struct saving *s, bool make)
{
	int fd;

	if (make && mkdir(s->folder, 0755) < 0 && errno != EEXIST && errno != EROFS)
		return -errno;
	fd = open(s->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int put(struct saving *s)
{
	int folder = folder_open(s, true);
	int r = folder < 0 ? folder : write_new(s, folder);

	if (folder >= 0)
		close(folder);
	return r < 0 ? fail(s, r, s->file) : 0;
}

/* Whether it could be written; where the folder is not there, whether it could be made. */
static int look_at_folder(struct saving *s)
{
	char parent[FILES_PATH_MAX];
	char *slash;

	snprintf(parent, sizeof(parent), "%s", s->folder);
	if (access(parent, F_OK) < 0 && errno == ENOENT) {
		slash = strrchr(parent, '/');
		snprintf(slash ? slash + 1 : parent, 2, ".");
	}
	return access(parent, W_OK) < 0 ? fail(s, -errno, s->folder) : 0;
}

/* Whether the new text says something else than the old one, or than nothing. */
static bool is_changed(const struct saving *s)
{
	if (!s->old)
		return s->length > sizeof(HEAD) - 1;
	return s->length != s->old_length || memcmp(s->text, s->old, s->length) != 0;
}

static int prepare(struct saving *s, const struct savefile_change *c)
{
	int r = files_folder(s->path, s->folder, sizeof(s->folder));

	if (r < 0)
		return fail(s, r, s->path);
	snprintf(s->file, sizeof(s->file), "%s/" NAME, s->folder);
	r = others_read(s);
	if (r == 0)
		r = own_read(s);
	if (r == 0)
		r = change(s, c);
	if (r == 0)
		r = print(s);
	if (r == 0)
		r = check(s);
	return r < 0 ? r : is_changed(s);
}

int savefile_change(const char *path, bool required, const struct savefile_change *c, bool look,
		    char *error, size_t error_size)
{
	struct saving s = {
		.path = path, .required = required, .error = error, .error_size = error_size
	};
	int r = prepare(&s, c);

	if (r > 0 && look_at_folder(&s) < 0)
		r = -EACCES;
	if (r > 0 && !look && put(&s) < 0)
		r = -EIO;
	config_free(s.others);
	config_free(s.own);
	free(s.old);
	free(s.text);
	return r;
}
