/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets in files. They are read when they are needed, stand in memory only where packets are
 * sealed and opened, and are named by their path everywhere else.
 */
#ifndef LINUX_SECRET_H
#define LINUX_SECRET_H

#include <stddef.h>
#include <stdint.h>

#include "node/settings.h"

/*
 * Reads the secret that a file has: all of it but one newline at its end. The file must be a plain
 * one, belong to root or to us, and let nobody else read or change it, but for its group to read.
 * It may have `max` bytes, of an authentication of that name. 0, or -errno with a sentence that
 * names the file.
 */
int secret_read(const char *path, size_t max, const char *name, struct secret *ret, char *sentence,
		size_t size);

/*
 * Puts the authentication and all its secrets into the parameters of a BFD session. 0, or -errno
 * with a sentence when one of them cannot be read: then the session is not to be run.
 */
int secrets_read_bfd(const struct bfd_auth *auth, struct bfd_params *params, char *sentence,
		     size_t size);

/*
 * Reads the secrets of an interface's keys. Returns whose are there, by the places of the keys; of
 * the first that is not the sentence says why; "" when all are. Each may have `max` bytes.
 */
uint32_t secrets_read(const struct keychain *auth, size_t max, struct keyring *ret, char *sentence,
		      size_t size);

#endif
