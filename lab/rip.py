# SPDX-License-Identifier: Apache-2.0
"""RIP packets as bytes, for tests that look at the wire or put bad packets on it.

This is written from RFC 2453 alone and shares nothing with the C code that it tests.
"""

from __future__ import annotations

import ipaddress
import struct
from dataclasses import dataclass

PORT = 520
PORT_NG = 521
GROUP = "224.0.0.9"
REQUEST, RESPONSE = 1, 2
INFINITY = 16
FAMILY_INET = 2
HEADER = struct.Struct("!BBH")
ENTRY = struct.Struct("!HH4s4s4sI")


@dataclass(frozen=True)
class Entry:
    """One route of a RIP-2 response."""

    prefix: str
    metric: int
    family: int = FAMILY_INET
    next_hop: str = "0.0.0.0"

    def encode(self) -> bytes:
        """The entry's 20 bytes."""
        network = ipaddress.IPv4Network(self.prefix)
        return ENTRY.pack(self.family, 0, network.network_address.packed, network.netmask.packed,
                          ipaddress.IPv4Address(self.next_hop).packed, self.metric)


@dataclass(frozen=True)
class Message:
    """A RIP packet."""

    command: int
    version: int
    entries: tuple[Entry, ...]

    def encode(self) -> bytes:
        """The packet's bytes."""
        return (HEADER.pack(self.command, self.version, 0)
                + b"".join(entry.encode() for entry in self.entries))


def response(*entries: Entry, version: int = 2) -> bytes:
    """The bytes of a response."""
    return Message(RESPONSE, version, entries).encode()


def decode(data: bytes) -> Message:
    """Read a well-formed packet."""
    command, version, _ = HEADER.unpack_from(data)
    entries = []
    for offset in range(HEADER.size, len(data) - ENTRY.size + 1, ENTRY.size):
        family, _, address, mask, next_hop, metric = ENTRY.unpack_from(data, offset)
        if family != FAMILY_INET:
            continue
        network = ipaddress.IPv4Network((address, str(ipaddress.IPv4Address(mask))), strict=False)
        entries.append(Entry(str(network), metric, family, str(ipaddress.IPv4Address(next_hop))))
    return Message(command, version, tuple(entries))
