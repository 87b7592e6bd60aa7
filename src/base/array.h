/* SPDX-License-Identifier: Apache-2.0 */
/* Arrays on the heap that grow by doubling. */
#ifndef BASE_ARRAY_H
#define BASE_ARRAY_H

#include <stddef.h>

/*
 * Makes room for `needed` elements, of so many bytes each: *array, which is NULL at first, and
 * *capacity become others. 0 or -ENOMEM; then all is as it was.
 */
int array_reserve(void **array, size_t *capacity, size_t needed, size_t element);

#define ARRAY_RESERVE(array, capacity, needed)                                                     \
	array_reserve((void **)&(array), &(capacity), (needed), sizeof(*(array)))

#endif
