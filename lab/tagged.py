# SPDX-License-Identifier: Apache-2.0
"""Records as tagged bytes, as src/fields/tagged.h has them: for whoever speaks to a guard without being vipd.

A record is a dictionary: of a tag the value's bytes, or a list of them where it comes more than once.

    tagged.encode({1: tagged.number(7), 2: tagged.encode({…})})
"""

from __future__ import annotations


def _length(value: int) -> bytes:
    """Seven bits a byte, the lowest first, with the highest bit set on all but the last."""
    found = bytearray()
    while value > 0x7f:
        found.append(value & 0x7f | 0x80)
        value >>= 7
    return bytes((*found, value))


def _read_length(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7f) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def number(value: int) -> bytes:
    """A number, big-endian, of as few bytes as it needs."""
    return value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big")


def duration(nanoseconds: int) -> bytes:
    """A duration that is not below zero."""
    return number(2 * nanoseconds)


def encode(record: dict[int, bytes]) -> bytes:
    """A record, field by field."""
    return b"".join(_length(tag) + _length(len(value)) + value for tag, value in record.items())


def decode(data: bytes) -> dict[int, list[bytes]]:
    """The values of each tag, in their order."""
    record: dict[int, list[bytes]] = {}
    at = 0
    while at < len(data):
        tag, at = _read_length(data, at)
        size, at = _read_length(data, at)
        record.setdefault(tag, []).append(data[at:at + size])
        at += size
    return record


def first_number(record: dict[int, list[bytes]], tag: int) -> int:
    """A number of a record; 0, the default, when it is not there."""
    return int.from_bytes(record.get(tag, [b""])[0], "big")
