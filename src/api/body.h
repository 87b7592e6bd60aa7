/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bodies of requests, from JSON to settings. A body is read whole or refused whole, with a
 * sentence: -EBADMSG when it is not JSON, -EINVAL when it is but says what cannot be, -ENOMEM.
 */
#ifndef API_BODY_H
#define API_BODY_H

#include <stddef.h>

#include "node/settings.h"
#include "node/source.h"

#define BODY_BYTES_MAX (4 * 1024 * 1024)
#define BODY_SENTENCE_MAX 256

/*
 * {"address": "10.9.1.1/32", ...} for one VIP, or {"vips": [{...} or "10.9.1.1/32", ...], ...} for
 * many, where the other keys are the defaults of all. *ret is an array of *ret_count >= 1 settings
 * that the caller frees.
 */
int body_parse_bind(const char *bytes, size_t length, struct vip_settings **ret, size_t *ret_count,
		    char *sentence, size_t size);

/* {"name": "vnic1"}; the name goes to `ret_name`, of INTERFACE_NAME_MAX bytes. */
int body_parse_board(const char *bytes, size_t length, char *ret_name, char *sentence, size_t size);

/* Requests that need no body take none, or {}. */
int body_parse_nothing(const char *bytes, size_t length, char *sentence, size_t size);

/* A switch of source selection: its mode, and perhaps of which interface. Likewise. */
int body_parse_source(const char *bytes, size_t length, struct source_switch *ret, char *sentence,
		      size_t size);

#endif
