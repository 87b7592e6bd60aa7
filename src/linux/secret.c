/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/trust.h"

static int refuse(const char *path, int error, const char *why, char *sentence, size_t size)
{
	snprintf(sentence, size, "the secret %s %s", path, why);
	return error;
}

/* What mends a file that vipd's user may not read: the mode and the owner that work. */
static const char *cannot_be_read(int error)
{
	if (error == EACCES && geteuid() != 0)
		return "cannot be read: Permission denied: it and its folders must let the "
		       "group of vipd in (chown root:vipd, chmod 640)";
	return NULL;
}

static int secret_check(int fd, const char *path, char *sentence, size_t size)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return refuse(path, -errno, "cannot be read", sentence, size);
	if (!S_ISREG(st.st_mode))
		return refuse(path, -EINVAL, "is not a plain file", sentence, size);
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return refuse(path, -EPERM, "belongs to somebody else: chown root:vipd", sentence,
			      size);
	if (st.st_mode & (S_IRWXO | S_IWGRP))
		return refuse(path, -EPERM, "is open to others: chmod 640", sentence, size);
	return trust_folders(path, sentence, size);
}

/* What nobody sees who looks at the file, and what would make it another secret. */
static bool secret_is_of_an_editor(const uint8_t *bytes, ssize_t n)
{
	return (n >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) ||
	       (n >= 2 && memcmp(bytes + n - 2, "\r\n", 2) == 0);
}

static int secret_take(int fd, const char *path, size_t max, const char *name, struct secret *ret,
		       char *sentence, size_t size)
{
	uint8_t bytes[SECRET_MAX + 2];
	ssize_t n = read(fd, bytes, sizeof(bytes));
	char why[64];

	if (n < 0)
		return refuse(path, -errno, "cannot be read", sentence, size);
	if (secret_is_of_an_editor(bytes, n)) {
		explicit_bzero(bytes, sizeof(bytes));
		return refuse(path, -EINVAL,
			      "has a byte order mark or a CR LF of an editor in it, which the "
			      "neighbour does not have",
			      sentence, size);
	}
	if (n > 0 && bytes[n - 1] == '\n')
		n--;
	if (n == 0)
		return refuse(path, -EINVAL, "is empty", sentence, size);
	if ((size_t)n > max) {
		explicit_bzero(bytes, sizeof(bytes));
		snprintf(why, sizeof(why), "is longer than the %zu bytes of %s", max, name);
		return refuse(path, -EINVAL, why, sentence, size);
	}
	ret->length = (uint8_t)n;
	memcpy(ret->bytes, bytes, (size_t)n);
	explicit_bzero(bytes, sizeof(bytes));
	return 0;
}

int secret_read(const char *path, size_t max, const char *name, struct secret *ret, char *sentence,
		size_t size)
{
	/* Whatever stands there, a pipe or a device, opening it neither waits nor does anything. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	int error;

	if (fd < 0) {
		error = -errno;
		if (cannot_be_read(-error))
			return refuse(path, error, cannot_be_read(-error), sentence, size);
		snprintf(sentence, size, "the secret %s cannot be read: %s", path,
			 strerror(-error));
		return error;
	}
	error = secret_check(fd, path, sentence, size);
	if (!error)
		error = secret_take(fd, path, max, name, ret, sentence, size);
	close(fd);
	return error;
}

uint32_t secrets_read(const struct keychain *auth, size_t max, struct keyring *ret, char *sentence,
		      size_t size)
{
	uint32_t places = 0;
	char why[256];

	memset(ret, 0, sizeof(*ret));
	ret->type = auth->type;
	sentence[0] = 0;
	for (size_t k = 0; k < auth->n_keys; k++) {
		struct secret *s = &ret->secrets[ret->n];

		if (secret_read(auth->keys[k].secret, max, auth_name(auth->type), s, why,
				sizeof(why)) < 0) {
			if (!sentence[0])
				snprintf(sentence, size, "%s", why);
			continue;
		}
		s->id = auth->keys[k].id;
		ret->n++;
		places |= 1u << k;
	}
	return places;
}

int secrets_read_bfd(const struct bfd_auth *auth, struct bfd_params *params, char *sentence,
		     size_t size)
{
	struct bfd_params p = *params;
	struct secret secret;
	int error = 0;

	p.auth = auth->type;
	p.n_secrets = auth->n_keys;
	for (size_t k = 0; !error && k < auth->n_keys; k++) {
		error = secret_read(auth->keys[k].secret, bfd_secret_max(auth->type),
				    bfd_auth_name(auth->type), &secret, sentence, size);
		if (error)
			break;
		p.secrets[k].id = auth->keys[k].id;
		p.secrets[k].length = secret.length;
		memcpy(p.secrets[k].bytes, secret.bytes, secret.length);
	}
	if (!error)
		*params = p;
	explicit_bzero(&secret, sizeof(secret));
	explicit_bzero(&p, sizeof(p));
	return error;
}
