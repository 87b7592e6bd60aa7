/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a main file and a file of conf.d, apart by a line of "---": read together, compared
 * with the defaults and with each other, and changed by what `vip bind --save` does. What is saved
 * is read again, says what was to be saved, and nothing more.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config.h"
#include "config/savefile.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static char folder[] = "/tmp/vipd-fuzz.XXXXXX", main_file[64], other_file[64], saved_file[64];

static void clean_up(void)
{
	char path[64];

	unlink(main_file);
	unlink(other_file);
	unlink(saved_file);
	snprintf(path, sizeof(path), "%s/conf.d", folder);
	rmdir(path);
	rmdir(folder);
}

static void make_folder(void)
{
	static bool made;
	char path[64];

	if (made)
		return;
	made = true;
	assert(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/conf.d", folder);
	assert(mkdir(path, 0755) == 0);
	snprintf(main_file, sizeof(main_file), "%s/vipd.yaml", folder);
	snprintf(other_file, sizeof(other_file), "%s/conf.d/a.yaml", folder);
	snprintf(saved_file, sizeof(saved_file), "%s/conf.d/saved.yaml", folder);
	atexit(clean_up);
}

static void file_write(const char *path, const void *bytes, size_t length)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert(fd >= 0 && write(fd, bytes, length) == (ssize_t)length);
	close(fd);
}

static struct config *read_all(void)
{
	char error[CONFIG_ERROR_MAX] = "";
	struct config *c = NULL;

	if (config_read(main_file, true, false, &c, error, sizeof(error)) < 0)
		assert(*error && !c);
	return c;
}

static void take_change(void *context, const struct config_change *change)
{
	size_t *count = context;

	assert(change->kind && change->name);
	assert(change->from || change->to);
	++*count;
}

static size_t differences(const struct config *now, const struct config *wanted)
{
	size_t count = 0;

	assert(config_diff(now, wanted, take_change, &count) == 0);
	return count;
}

static bool has_vip(const struct config *c, const struct address *a)
{
	struct input in;
	size_t position = 0;

	while (config_part(c, &position, &in))
		if (in.config.part == CONFIG_VIP && address_equal(&in.config.vip.address, a))
			return true;
	return false;
}

/* Into the saved configuration and out of it again. */
static void save_and_drop(const struct config *before)
{
	struct vip_settings vip;
	struct savefile_change change = { .vips = &vip, .count = 1 };
	char error[CONFIG_ERROR_MAX] = "";
	struct config *after;
	int saved;

	vip_settings_default(&vip);
	vip.address = address_ipv4(0x0a4d0101);
	vip.length = 32;
	if (has_vip(before, &vip.address))
		return;
	saved = savefile_change(main_file, true, &change, false, error, sizeof(error));
	assert(saved == 1 || *error);
	if (saved != 1)
		return;
	after = read_all();
	assert(after && has_vip(after, &vip.address));
	/* The VIP, and perhaps its board. */
	assert(differences(before, after) >= 1 && differences(before, after) <= 2);
	config_free(after);
	change.remove = true;
	assert(savefile_change(main_file, true, &change, false, error, sizeof(error)) == 1);
	after = read_all();
	/* The board stays: somebody may have bound others to it by hand. */
	assert(after && !has_vip(after, &vip.address) && differences(before, after) <= 1);
	config_free(after);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	const uint8_t *apart = memmem(bytes, length, "\n---\n", 5);
	size_t first = apart ? (size_t)(apart - bytes) + 1 : length;
	size_t second = apart ? first + 4 : length;
	char error[CONFIG_ERROR_MAX];
	struct config *c, *nothing = NULL;

	make_folder();
	file_write(main_file, bytes, first);
	file_write(other_file, bytes + second, length - second);
	unlink(saved_file);
	c = read_all();
	if (!c)
		return 0;
	assert(config_parse("nothing", "", 0, &nothing, error, sizeof(error)) == 0);
	assert(differences(c, c) == 0);
	(void)differences(nothing, c);
	(void)differences(c, nothing);
	save_and_drop(c);
	config_free(nothing);
	config_free(c);
	return 0;
}
