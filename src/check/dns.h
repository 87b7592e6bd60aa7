/* SPDX-License-Identifier: Apache-2.0 */
/*
 * As much of DNS (RFC 1035) as a health check needs: a question for an IPv4 address, and whether
 * what comes back answers it. The answer is a stranger's; its names are stepped over and never
 * followed.
 */
#ifndef CHECK_DNS_H
#define CHECK_DNS_H

#include <stddef.h>
#include <stdint.h>

#define DNS_QUERY_MAX 280 /* header, name, type and class */

enum dns_verdict {
	DNS_FOREIGN, /* it does not belong to the question: to be ignored */
	DNS_WELL,
	DNS_ILL,
};

/*
 * Writes the question for the address of `name` into `bytes`, of at least DNS_QUERY_MAX. Its
 * length, or 0 when the name is none.
 */
size_t dns_query_write(uint8_t *bytes, uint16_t id, const char *name);

/*
 * Judges `length` bytes as the answer to a query. When it is one, `text` says what was found:
 * "NOERROR, 2 answers", "NXDOMAIN".
 */
enum dns_verdict dns_answer_read(const uint8_t *query, size_t query_length, const uint8_t *bytes,
				 size_t length, char *text, size_t size);

#endif
