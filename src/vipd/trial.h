/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a trial goes back to, in the state directory: a daemon that ends before the trial does was
 * perhaps ended by it, so the next one starts with what was there before.
 */
#ifndef VIPD_TRIAL_H
#define VIPD_TRIAL_H

#include "config/config.h"

/* Writes it down. 0 or -errno. */
int trial_keep(const char *directory, const struct config *before);

/* The trial is over, however it ended. */
void trial_forget(const char *directory);

/*
 * What an earlier daemon has written down and not forgotten. 0; -ENOENT when there is nothing; or
 * an error with its sentence.
 */
int trial_recall(const char *directory, struct config **ret, char *error, size_t error_size);

#endif
