/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the answer of a name server, and as the name that is asked for. */
#include <string.h>

#include "check/dns.h"
#include "fuzz.h"

static void as_answer(const uint8_t *bytes, size_t length)
{
	uint8_t query[DNS_QUERY_MAX];
	size_t size = dns_query_write(query, 0x1234, "www.example.com");
	char text[80] = "";
	enum dns_verdict verdict;

	assert(size > 0);
	verdict = dns_answer_read(query, size, bytes, length, text, sizeof(text));
	assert((verdict == DNS_FOREIGN) == (text[0] == '\0'));
	assert(verdict != DNS_WELL || (length > size && bytes[0] == 0x12 && bytes[1] == 0x34));
}

static void as_name(const uint8_t *bytes, size_t length)
{
	uint8_t query[DNS_QUERY_MAX];
	char name[192];

	if (length >= sizeof(name))
		length = sizeof(name) - 1;
	memcpy(name, bytes, length);
	name[length] = '\0';
	assert(dns_query_write(query, 1, name) <= sizeof(query));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	as_answer(bytes, length);
	as_name(bytes, length);
	return 0;
}
