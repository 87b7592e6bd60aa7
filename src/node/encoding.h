/* SPDX-License-Identifier: Apache-2.0 */
/* Codecs of the values that inputs and effects share. */
#ifndef NODE_ENCODING_H
#define NODE_ENCODING_H

#include "node/effect.h"
#include "node/input.h"
#include "wire/codec.h"

/* An object as tagged bytes, with their length in front; of settings also what is refused later. */
void codec_record(struct codec *c, const struct record *r, void *object);

void codec_duration(struct codec *c, struct duration *d);
void codec_address(struct codec *c, struct address *a);
void codec_prefix(struct codec *c, struct prefix *p);
void codec_interface(struct codec *c, struct interface *i);
void codec_object(struct codec *c, struct object *o);
void codec_datagram(struct codec *c, struct packet *d);
void codec_stream(struct codec *c, struct stream *s);
void codec_stream_piece(struct codec *c, struct stream_piece *p);
void codec_stream_change(struct codec *c, struct stream_change *s);
void codec_frame(struct codec *c, struct ether_frame *f);
void codec_protocol(struct codec *c, struct speaker_settings *s);
void codec_speech(struct codec *c, struct speech_settings *s);

void codec_path(struct codec *c, struct path *p);

/* With its secrets: only between processes of ours, and into recordings that say so. */
void codec_bfd_params(struct codec *c, struct bfd_params *p);
void codec_bfd_auth(struct codec *c, struct bfd_auth *a);
void codec_probe_params(struct codec *c, struct probe_params *p);

/* An enumeration in a byte, from `low` to `high`. */
void codec_enum(struct codec *c, uint8_t *value, uint8_t low, uint8_t high);

#endif
