/* SPDX-License-Identifier: Apache-2.0 */
#include "config/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/array.h"
#include "base/text.h"
#include "config/trust.h"

#define SUFFIX ".yaml"

int files_folder(const char *path, char *ret, size_t size)
{
	const char *slash = strrchr(path, '/');
	int before = slash ? (int)(slash + 1 - path) : 0;
	int n = snprintf(ret, size, "%.*s" FILES_FOLDER, before, path);

	return n < 0 || (size_t)n >= size ? -ENAMETOOLONG : 0;
}

#define READ_BYTES 16384

/* Reads all that is there. One byte above the limit shows that it is too long. */
static int slurp(int fd, char **ret, size_t *ret_length)
{
	size_t length = 0, capacity = 0;
	char *bytes = NULL;
	ssize_t n;
	int r;

	for (;;) {
		if (length == capacity && ARRAY_RESERVE(bytes, capacity, length + READ_BYTES) < 0) {
			r = -ENOMEM;
			break;
		}
		n = read(fd, bytes + length, capacity - length);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			r = -errno;
			break;
		}
		if (n == 0) {
			*ret = bytes;
			*ret_length = length;
			return 0;
		}
		length += (size_t)n;
		if (length > CONFIG_BYTES_MAX) {
			r = -EFBIG;
			break;
		}
	}
	free(bytes);
	return r;
}

/* Whether others may have had a hand in it. A device or a pipe is whoever's started us. */
static int check_trust(const char *path, const struct stat *st, char *error, size_t error_size)
{
	int r = S_ISREG(st->st_mode) ? trust_file(path, st, error, error_size) : 0;

	return r == 0 && S_ISREG(st->st_mode) ? trust_folders(path, error, error_size) : r;
}

/* What of a file is to be looked at before it is read. */
struct scruple {
	bool regular; /* nothing but a file, which cannot keep the reader waiting */
	bool own;     /* we have written it ourselves, in a folder of ours */
	bool *doubt;  /* not NULL: who owns it is no reason to refuse it, but told here */
};

static int open_and_slurp(const char *path, const struct scruple *of, char **ret,
			  size_t *ret_length, char *error, size_t error_size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | (of->regular ? O_NONBLOCK : 0));
	struct stat st;
	int r;

	if (fd < 0)
		return -errno;
	r = fstat(fd, &st) < 0 ? -errno : 0;
	if (r == 0 && !of->own)
		r = check_trust(path, &st, error, error_size);
	if (of->doubt && r == -EACCES) {
		*of->doubt = true;
		r = 0;
	}
	if (r == 0 && of->regular && !S_ISREG(st.st_mode))
		r = -EMEDIUMTYPE;
	if (r == 0)
		r = slurp(fd, ret, ret_length);
	close(fd);
	return r;
}

static int slurp_with(const char *path, const struct scruple *of, char **ret, size_t *ret_length,
		      char *error, size_t error_size)
{
	int r;

	text_copy(error, error_size, "");
	r = open_and_slurp(path, of, ret, ret_length, error, error_size);
	if (r == -EFBIG)
		snprintf(error, error_size, "%s: the file is longer than %d MiB", path,
			 CONFIG_BYTES_MAX / 1024 / 1024);
	else if (r == -EMEDIUMTYPE)
		snprintf(error, error_size, "%s: cannot be read: it is no file", path);
	else if (r < 0 && !*error)
		snprintf(error, error_size, "%s: cannot be read: %s", path, strerror(-r));
	return r;
}

int files_slurp(const char *path, bool regular, char **ret, size_t *ret_length, char *error,
		size_t error_size)
{
	return slurp_with(path, &(struct scruple){ .regular = regular }, ret, ret_length, error,
			  error_size);
}

static bool ends_with(const char *name, const char *suffix)
{
	size_t length = strlen(name), tail = strlen(suffix);

	return length > tail && strcmp(name + length - tail, suffix) == 0;
}

static int is_of_folder(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && ends_with(entry->d_name, SUFFIX);
}

/* Written by somebody who thinks that it is read: web.yml, WEB.YAML. */
static int is_passed_over(const struct dirent *entry)
{
	const char *name = entry->d_name, *dot = strrchr(name, '.');

	return name[0] != '.' && dot && !ends_with(name, SUFFIX) &&
	       (strcasecmp(dot, SUFFIX) == 0 || strcasecmp(dot, ".yml") == 0);
}

/* A link to /dev/null in the place of a file takes it away, as with units of systemd. */
static bool is_masked(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3);
}

/* By bytes, whatever the language of the environment. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int load_one(struct config *c, const char *path, bool main, char *error, size_t error_size)
{
	size_t length = 0;
	char *bytes = NULL;
	bool doubt = false;
	const struct scruple of = { .regular = !main, .doubt = c->check_only ? &doubt : NULL };
	int r = slurp_with(path, &of, &bytes, &length, error, error_size);

	if (r == 0 && doubt)
		config_remark(c, "%s; another user's vipd reads it, this one's would not", error);
	if (r == 0)
		r = config_load(c, path, main, bytes, length, error, error_size);
	free(bytes);
	return r;
}

static int load_of_folder(struct config *c, const char *folder, const char *name,
			  const struct files_stand_in *instead, char *error, size_t error_size)
{
	char path[FILES_PATH_MAX];
	bool is_instead = instead && strcmp(instead->name, name) == 0;

	if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path)) {
		snprintf(error, error_size, "%s: %s", folder, strerror(ENAMETOOLONG));
		return -ENAMETOOLONG;
	}
	if (!is_instead && is_masked(path))
		return 0;
	if (!is_instead)
		return load_one(c, path, false, error, error_size);
	if (!instead->text)
		return 0;
	return config_load(c, path, false, instead->text, instead->length, error, error_size);
}

/* A file that is not read, and looks as if it was meant to be. */
static void remark_passed_over(struct config *c, const char *folder)
{
	struct dirent **entries = NULL;
	int n = scandir(folder, &entries, is_passed_over, by_name);

	for (int i = 0; i < n; i++) {
		config_remark(c, "%s/%s: it is not read: its name does not end in " SUFFIX, folder,
			      entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
}

/* The same of the main file, which is not there. */
static void remark_other_suffix(struct config *c, const char *path)
{
	char other[FILES_PATH_MAX];
	size_t length = strlen(path);

	if (!ends_with(path, SUFFIX) || length >= sizeof(other))
		return;
	snprintf(other, sizeof(other), "%.*s.yml", (int)(length - strlen(SUFFIX)), path);
	if (access(other, F_OK) == 0)
		config_remark(c, "%s: it is not read: the configuration is %s", other, path);
}

/* All of the folder; what stands in for a file that is not there yet has its place in the order. */
static int load_folder(struct config *c, const char *folder, const struct files_stand_in *instead,
		       char *error, size_t error_size)
{
	struct dirent **entries = NULL;
	bool done = !instead || !instead->text;
	int n = scandir(folder, &entries, is_of_folder, by_name);
	int r = 0;

	if (n < 0 && errno != ENOENT && errno != ENOTDIR) {
		r = -errno;
		snprintf(error, error_size, "%s: cannot be read: %s", folder, strerror(-r));
		return r;
	}
	for (int i = 0; i < n; i++) {
		const char *name = entries[i]->d_name;
		int order = done ? 1 : strcmp(instead->name, name);

		if (r == 0 && order < 0)
			r = load_of_folder(c, folder, instead->name, instead, error, error_size);
		if (r == 0)
			r = load_of_folder(c, folder, name, instead, error, error_size);
		done |= order <= 0;
		free(entries[i]);
	}
	free(entries);
	if (r == 0 && !done)
		r = load_of_folder(c, folder, instead->name, instead, error, error_size);
	return r;
}

int files_load(struct config *c, const char *path, bool required,
	       const struct files_stand_in *instead, char *error, size_t error_size)
{
	char folder[FILES_PATH_MAX];
	int r = load_one(c, path, true, error, error_size);

	if (r == -ENOENT && !required) {
		remark_other_suffix(c, path);
		r = 0;
	}
	if (r == 0)
		r = files_folder(path, folder, sizeof(folder));
	if (r < 0)
		return r;
	remark_passed_over(c, folder);
	return load_folder(c, folder, instead, error, error_size);
}

int config_read(const char *path, bool required, bool check_only, struct config **ret, char *error,
		size_t error_size)
{
	struct config *c = config_new();
	int r = -ENOMEM;

	snprintf(error, error_size, "%s: %s", path, strerror(ENOMEM));
	if (c)
		c->check_only = check_only;
	if (c)
		r = files_load(c, path, required, NULL, error, error_size);
	if (r == 0)
		r = config_finish(c, path, error, error_size);
	if (r < 0) {
		config_free(c);
		return r;
	}
	*ret = c;
	return 0;
}

int config_read_one(const char *path, struct config **ret, char *error, size_t error_size)
{
	size_t length = 0;
	char *bytes = NULL;
	int r = slurp_with(path, &(struct scruple){ .regular = true, .own = true }, &bytes, &length,
			   error, error_size);

	if (r == 0)
		r = config_parse(path, bytes, length, ret, error, error_size);
	free(bytes);
	return r;
}
