/* SPDX-License-Identifier: Apache-2.0 */
#include "net/checksum.h"

uint32_t checksum_add(uint32_t sum, const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		sum += i % 2 ? bytes[i] : (uint32_t)bytes[i] << 8;
	return sum;
}

uint32_t checksum_pseudo(const struct address *source, const struct address *destination,
			 uint8_t protocol, size_t length)
{
	size_t n = family_bytes((enum family)source->family);
	uint32_t sum = (uint32_t)length + protocol;

	sum = checksum_add(sum, source->bytes, n);
	return checksum_add(sum, destination->bytes, n);
}

uint16_t checksum_end(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}
