/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The protocols that speakers may speak. Here, and nowhere else, they are listed: a new one is its
 * library in proto/, its adapter in node/route/, a line here and its section of the configuration.
 */
#ifndef NODE_PROTOCOL_H
#define NODE_PROTOCOL_H

#include "fields/field.h"
#include "proto/speaker.h"

/* Their numbers stand in records: they are never given anew. */
enum protocol_id {
	PROTOCOL_RIP = 1,
	PROTOCOL_RIPNG,
	PROTOCOL_OSPF,
	PROTOCOL_OSPFV3,
	PROTOCOL_END,
};

#define PROTOCOL_COUNT (PROTOCOL_END - 1)

#define SPEAKERS_MAX 16 /* in a node; their numbers begin with 1 */

extern const struct speaker_class protocol_rip, protocol_ripng, protocol_ospf, protocol_ospfv3;

/* NULL: there is none with the number. */
const struct speaker_class *protocol_class(uint8_t protocol);

/* For a person; "?" of none. */
const char *protocol_title(uint8_t protocol);

/* Settings of a protocol by which nothing is said, of its speakers and on an interface. */
struct speaker_settings protocol_settings(enum protocol_id protocol);
struct speech_settings protocol_speech(enum protocol_id protocol);

/* Of the protocol's own records: struct speaker_settings, struct speech_settings. */
extern const struct record speaker_settings_record, speech_settings_record;

/* The largest metric that any of them can say. */
uint32_t protocol_metric_max(void);

#endif
