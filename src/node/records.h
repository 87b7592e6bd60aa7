/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of the values that inputs and effects carry. */
#ifndef NODE_RECORDS_H
#define NODE_RECORDS_H

#include "node/effect.h"
#include "node/input.h"

extern const struct record interface_record;	 /* struct interface */
extern const struct record object_record;	 /* struct object */
extern const struct record packet_record;	 /* struct packet */
extern const struct record frame_record;	 /* struct ether_frame */
extern const struct record stream_record;	 /* struct stream */
extern const struct record stream_piece_record;	 /* struct stream_piece */
extern const struct record stream_change_record; /* struct stream_change */

#endif
