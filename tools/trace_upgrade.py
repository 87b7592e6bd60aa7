#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes a trace of the layout 2 (VIPDTRC2, before fields had tags) as one of today's.

    trace_upgrade OLD NEW

The inputs are those that were recorded. The effects are left out: they are what the node of that time
wanted, and today's has its own mind; vipd-replay runs such a trace and has nothing to compare.
Reads went through the node in those days, and do not any more: they are left out too.
"""

from __future__ import annotations

import struct
import sys
from typing import Callable

OLD, NEW = b"VIPDTRC2", b"VIPDTRC4"
Fields = list[tuple[int, "int | bytes | Fields"]]


class Reader:
    """A cursor over the bytes of one record: numbers in network byte order, one behind the other."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, n: int) -> bytes:
        """So many bytes."""
        if self.at + n > len(self.data):
            raise ValueError("a record is shorter than what it says")
        self.at += n
        return self.data[self.at - n:self.at]

    def number(self, n: int) -> int:
        """A number of so many bytes."""
        return int.from_bytes(self.take(n), "big")

    def signed(self, n: int) -> int:
        """A number that may be below 0, as tagged bytes have it."""
        value = int.from_bytes(self.take(n), "big", signed=True)
        return value << 1 if value >= 0 else (-value << 1) - 1

    def text(self) -> bytes:
        """A text with its length before it."""
        return self.take(self.number(1))

    def address(self) -> bytes:
        """An address behind its family."""
        return self.take({0: 0, 4: 4, 6: 16}[self.number(1)])

    def prefix(self) -> bytes:
        """An address and the length of its network."""
        address, length = self.address(), self.take(1)
        return address + length if address else b""


def varint(number: int) -> bytes:
    """Seven bits a byte, the lowest first."""
    out = bytearray()
    while number > 0x7f:
        out.append(0x80 | number & 0x7f)
        number >>= 7
    return bytes(out) + bytes((number,))


def tagged(fields: Fields) -> bytes:
    """The fields as tagged bytes. An empty value is left out, a zero is not."""
    out = b""
    for tag, value in fields:
        if isinstance(value, list):
            value = tagged(value)
        elif isinstance(value, int):
            value = value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big")
        elif not value:
            continue
        out += varint(tag) + varint(len(value)) + value
    return out


def interface(r: Reader) -> Fields:
    """struct interface."""
    return [(1, r.number(4)), (2, r.text()), *((k, r.number(1)) for k in range(3, 8)),
            (8, r.number(4)), (9, r.take(6)), (10, r.text())]


def kernel_object(r: Reader) -> Fields:
    """struct object."""
    kind = r.number(1)
    out: Fields = [(1, kind), (2, r.number(4)), (3, r.prefix())]
    if kind == 1:
        out += [(4, r.address()), (5, r.number(1))]
    if kind >= 7:
        out += [(6, r.number(4)), (7, r.number(1))]
        out += [(8, r.number(4)) for _ in range(r.number(1))]
    return out


def vip(r: Reader) -> Fields:
    """struct vip_settings."""
    return [(1, r.prefix()), (2, r.text()), (3, r.number(1)), (4, r.number(1)), (5, r.number(1)),
            (6, r.number(1)), (7, r.number(1)), (8, r.number(1)), (9, r.text()), (10, r.text())]


def keychain(r: Reader) -> Fields:
    """struct keychain."""
    out: Fields = [(1, kind)] if (kind := r.number(1)) else []
    for _ in range(r.number(1)):
        number = r.number(1)
        times = [[(1, r.signed(8)), (2, r.signed(8))] for _ in range(2)]
        out.append((2, [(1, number), (2, r.text()), (3, times[0]), (4, times[1])]))
    return out


def speech(r: Reader, protocol: int) -> tuple[bool, bytes]:
    """How a protocol was spoken by a rule; with the protocol before it, as it is chosen by that."""
    enabled, version = r.number(1) == 1, r.number(1)
    fields: Fields = [(1, version)] if protocol == 1 else []
    fields += [(2, r.number(1)), (3, r.number(1))]
    fields += [(4, r.address()) for _ in range(r.number(1))]
    auth = keychain(r)
    if auth and protocol == 1:
        fields.append((5, auth))
    return enabled, bytes((protocol,)) + tagged(fields)


def bfd(r: Reader) -> Fields:
    """struct bfd_rule but for what authenticates it; both intervals were the same."""
    interval, _ = r.number(4), r.number(4)
    out: Fields = [(1, interval), (2, r.number(1)), (3, r.number(1))]
    r.take(2)
    for _ in range(r.number(1)):
        r.take(1 + r.number(1))
    return out


def bfd_auth(r: Reader) -> Fields:
    """struct bfd_auth."""
    out: Fields = [(1, kind)] if (kind := r.number(1)) else []
    for _ in range(r.number(1)):
        out.append((2, [(1, r.number(1)), (2, r.text())]))
    return out


def rule(r: Reader) -> list[bytes]:
    """An interface rule, and the speech that is a part of its own today."""
    pattern = r.text()
    spoken = [speech(r, 1), speech(r, 2)]
    mode = r.number(1)
    learn: Fields = [(1, mode)] + [(2, r.prefix()) for _ in range(r.number(1))]
    source, enabled, watch = r.number(1), r.number(1), bfd(r)
    auth = bfd_auth(r)
    watch += [(4, auth)] if auth else []
    probe_enabled, probe = r.number(1), [(1, r.number(4)), (2, r.number(1))]
    fields: Fields = ([(1, watch)] if enabled else []) + ([(2, probe)] if probe_enabled else [])
    fields += [(3, learn), (4, source), (5, pattern)]
    parts = [bytes((4,)) + tagged([(1, fields)])]
    return parts + [bytes((9,)) + tagged([(1, each)]) for enabled, each in spoken if enabled]


def check(r: Reader) -> Fields:
    """struct check_settings."""
    return [(1, r.text()), (2, r.number(1)), (3, r.address()), (4, r.number(2)), (5, r.text()),
            (6, r.text()), (7, r.text()), (8, r.number(2)), (9, r.number(2)), (10, r.text()),
            (11, r.signed(8)), (12, r.signed(8)), *((k, r.number(1)) for k in range(13, 17))]


def source_rule(r: Reader) -> Fields:
    """struct source_rule."""
    return [(1, r.prefix()), (2, r.text()), (3, r.text()), (4, r.address())]


def config(r: Reader) -> list[bytes]:
    """A part of the configuration, which may be several today."""
    part = r.number(1)
    if part == 1:
        settings = tagged([*((k, r.signed(8)) for k in range(1, 4)), (4, r.number(1)),
                           (5, r.number(1)), (6, r.number(2)), (7, r.number(2))])
        return [b"\x01" + tagged([(1, bytes((protocol,)) + settings)]) for protocol in (1, 2)]
    if part == 4:
        return rule(r)
    fields: dict[int, Callable[[], Fields]] = {
        2: lambda: [(1, r.text())], 3: lambda: [(1, vip(r))], 5: lambda: [(1, check(r))],
        6: lambda: [(1, r.number(1))], 7: lambda: [(1, source_rule(r))], 8: lambda: []}
    return [bytes((part,)) + tagged(fields[part]())]


def saved(r: Reader) -> bytes:
    """A record of an earlier life, of the layout 6."""
    kind = r.number(1)
    fields: Fields = []
    if kind == 3:
        fields = [(1, vip(r)), (2, r.number(1)), (3, r.number(1)), (4, r.number(1)),
                  (5, r.number(1)), (6, r.signed(8))]
    elif kind in (4, 5):
        fields = [(1, r.address())]
    elif kind in (6, 7):
        fields = [(1, r.text())]
    elif kind == 8:
        return b""  # who is spoken to matters to the guard alone
    elif kind == 9:
        return b""
    elif kind == 11:
        fields = [(1, r.number(1)), (2, r.text())]
    elif kind == 12:
        fields = [(1, r.number(4))]
    elif kind == 13:
        fields = [(1, r.address()), (2, r.number(1)), (3, r.number(4))]
    return bytes((kind,)) + tagged(fields)


def packet(r: Reader) -> Fields:
    """struct packet."""
    where, which, source = r.number(4), r.number(1), r.address()
    out: Fields = [(1, 1 if len(source) == 4 else 2), (2, where), (3, which), (4, source),
                   (5, r.number(2)), (6, r.number(1)), (7, r.number(1)), (8, r.address()),
                   (9, r.number(2)), (10, r.number(1)), (11, r.number(1)), (12, r.number(4)),
                   (13, r.number(1)), (14, r.number(1))]
    length = r.number(2)
    return out + [(15, r.take(len(r.data) - r.at)), (16, length)]


def frame(r: Reader) -> Fields:
    """struct ether_frame."""
    where, length = r.number(4), r.number(2)
    return [(1, where), (2, r.take(len(r.data) - r.at)), (3, length)]


def path(r: Reader) -> Fields:
    """struct path."""
    return [(1, r.number(4)), (2, r.address()), (3, r.address())]


def listening(r: Reader) -> Fields:
    """What became of a wish for a socket."""
    where, family = r.number(4), r.number(1)
    return [(1, where), (2, {0: 0, 4: 1, 6: 2}[family]), (3, r.number(1)), (4, r.text()),
            (5, r.number(4))]


BODIES: dict[int, Callable[[Reader], Fields]] = {
    1: lambda r: [(1, r.number(8))],
    2: lambda r: [], 3: interface,
    4: lambda r: [(1, r.number(4))],
    5: lambda r: [(1, r.number(1)), (2, kernel_object(r))],
    6: lambda r: [], 7: lambda r: [], 8: listening, 9: packet,
    10: lambda r: [(1, r.number(4)), (2, r.number(4)), (3, r.signed(4)), (4, r.text())],
    12: lambda r: [(1, r.number(1)), (2, r.text())],
    13: lambda r: [(1, vip(r))],
    14: lambda r: [(1, r.address()), (2, r.number(1))],
    16: lambda r: [(1, r.number(1))],
    18: listening, 19: frame, 20: lambda r: [],
    21: lambda r: [(1, r.address()), (2, r.number(1)), (3, r.signed(8))],
    22: lambda r: [(1, r.address()), (2, r.number(1)), (3, r.number(4))],
    23: lambda r: [(1, r.number(4)), (2, r.number(1)), (3, r.text())],
    25: listening,
    27: lambda r: [(1, r.number(1)), (2, r.text())],
    28: lambda r: [(1, path(r)), *((k, r.number(1)) for k in range(2, 7))],
    29: lambda r: [(1, r.signed(8))],
    30: lambda r: [(1, path(r)), (2, r.number(1)), (3, r.number(1))],
    31: lambda r: [(3, r.number(1)), (4, r.text())],
    32: listening,
}


def inputs(data: bytes) -> list[bytes]:
    """What an old input is today: one, or several, or none."""
    r = Reader(data)
    kind, request, more = r.number(1), r.number(4), r.number(1)
    if kind in (15, 24, 26):
        return []
    if kind == 11:
        bodies = [tagged([(1, each)]) for each in config(r)]
    elif kind == 17:
        record = saved(r)
        bodies = [tagged([(1, record)])] if record else []
    else:
        bodies = [tagged(BODIES[kind](r))]
    if bodies and r.at != len(data):
        raise ValueError(f"an input of kind {kind} says more than it may")
    head = tagged([(120, request)] if request else [])
    return [bytes((kind,)) + each + head
            + tagged([(121, 1)] if more or each is not bodies[-1] else []) for each in bodies]


def upgrade(old: bytes) -> bytes:
    """The whole trace; one that was cut ends with its last whole record."""
    if old[:8] != OLD:
        raise ValueError(f"it begins with {old[:8]!r}, not with {OLD!r}")
    out, at = NEW, 8
    while at + 13 <= len(old):
        kind, when, length = struct.unpack_from(">BQI", old, at)
        data = old[at + 13:at + 13 + length]
        at += 13 + length
        if kind == ord("I") and len(data) == length:
            for each in inputs(data):
                out += struct.pack(">BQI", kind, when, len(each)) + each
    return out


def main() -> int:
    """As the first lines say."""
    if len(sys.argv) != 3:
        print("usage: trace_upgrade OLD NEW", file=sys.stderr)
        return 2
    with open(sys.argv[1], "rb") as old, open(sys.argv[2], "wb") as new:
        new.write(upgrade(old.read()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
