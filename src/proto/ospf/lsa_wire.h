/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers that stand in the bodies of LSAs: for those who read and write them, lsa_read.c,
 * lsa_write.c. */
#ifndef PROTO_OSPF_LSA_WIRE_H
#define PROTO_OSPF_LSA_WIRE_H

#include <stddef.h>
#include <stdint.h>

/* Flags of an external: RFC 2328 A.4.5; RFC 5340 A.4.7. */
#define LSA_V2_EXTERNAL_E 0x80u
#define LSA_V3_EXTERNAL_T 0x01u
#define LSA_V3_EXTERNAL_F 0x02u
#define LSA_V3_EXTERNAL_E 0x04u

/* RFC 3623 A, RFC 5187 2.2 */
#define LSA_GRACE_PERIOD 1
#define LSA_GRACE_REASON 2
#define LSA_GRACE_ADDRESS 3

/* RFC 7770 2.4, 2.6 */
#define LSA_INFO_INFORMATIONAL 1
#define LSA_INFO_FUNCTIONAL 2

/* RFC 5340 A.4.1: a prefix stands in whole words. */
static inline size_t lsa_words_bytes(uint8_t prefix_length)
{
	return (prefix_length + 31u) / 32 * 4;
}

#endif
