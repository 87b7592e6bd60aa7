/* SPDX-License-Identifier: Apache-2.0 */
/* The parameters of a session as a record, with their secrets: for processes of ours alone. */
#include "fields/field.h"
#include "proto/bfd/bfd.h"

static const struct field secret_fields[] = {
	FIELD(1, "id", struct bfd_secret, id, .flags = FIELD_UNIQUE),
	FIELD_BYTES_COUNTED(2, "bytes", struct bfd_secret, bytes, length),
};
static const struct record secret_record =
	RECORD("a secret of BFD", struct bfd_secret, secret_fields);

static const struct field params_fields[] = {
	FIELD(1, "tx", struct bfd_params, tx_us),
	FIELD(2, "rx", struct bfd_params, rx_us),
	FIELD(3, "multiplier", struct bfd_params, multiplier),
	FIELD(4, "passive", struct bfd_params, passive),
	FIELD(5, "ttl_min", struct bfd_params, ttl_min),
	FIELD(6, "auth", struct bfd_params, auth),
	FIELD_LIST_OF(7, "secrets", struct bfd_params, secrets, n_secrets, secret_record),
};

static int params_check(const void *object, char *sentence, size_t size)
{
	(void)sentence, (void)size;
	return bfd_params_check(object);
}

const struct record bfd_params_record =
	RECORD("the parameters of BFD", struct bfd_params, params_fields, .check = params_check);
