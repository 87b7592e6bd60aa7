/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets in files. They are read when they are needed, stand in memory only where packets are
 * sealed and opened, and are named by their path everywhere else.
 */
#ifndef LINUX_SECRET_H
#define LINUX_SECRET_H

#include <stddef.h>
#include <stdint.h>

#include "proto/rip/seal.h"

/*
 * Reads the secret that a file has: all of it but one newline at its end. The file must be a plain
 * one, belong to root or to us, and let nobody else read or change it, but for its group to read.
 * `type` says how long a secret may be. 0, or -errno with a sentence that names the file.
 */
int secret_read(const char *path, enum rip_auth_type type, struct rip_secret *ret, char *sentence,
		size_t size);

/*
 * Reads the secrets of an interface's keys. Returns whose are there, by the places of the keys; of
 * the first that is not the sentence says why; "" when all are.
 */
uint32_t secrets_read(const struct rip_auth *auth, struct rip_keyring *ret, char *sentence,
		      size_t size);

#endif
