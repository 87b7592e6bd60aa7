/* SPDX-License-Identifier: Apache-2.0 */
#include "base/array.h"

#include <errno.h>
#include <stdlib.h>

/* What the first room has: so many bytes, and so many elements. */
#define BYTES_FIRST 512
#define ELEMENTS_FIRST 16

int array_reserve(void **array, size_t *capacity, size_t needed, size_t element)
{
	size_t wanted = *capacity ? *capacity : BYTES_FIRST / element;
	void *grown;

	if (needed <= *capacity)
		return 0;
	if (wanted < ELEMENTS_FIRST)
		wanted = ELEMENTS_FIRST;
	while (wanted < needed)
		wanted *= 2;
	grown = reallocarray(*array, wanted, element);
	if (!grown)
		return -ENOMEM;
	*array = grown;
	*capacity = wanted;
	return 0;
}
