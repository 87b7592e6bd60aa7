# SPDX-License-Identifier: Apache-2.0
"""OSPF packets of both versions as bytes, for tests that put bad ones on the wire.

This is written from RFC 2328 and RFC 5340 alone and shares nothing with the C code that it tests.
"""

from __future__ import annotations

import ipaddress
import socket
import struct
from dataclasses import dataclass

from .capture import RECEIVE_BUFFER, SO_RCVBUFFORCE
from .namespace import Namespace

PROTOCOL = 89
HELLO, DESCRIPTION, REQUEST, UPDATE, ACKNOWLEDGMENT = range(1, 6)
GROUPS = {2: "224.0.0.5", 3: "ff02::5"}
DESIGNATED = {2: "224.0.0.6", 3: "ff02::6"}
ROUTER_LSA = {2: 1, 3: 0x2001}
EXTERNAL_LSA = {2: 5, 3: 0x4005}
OPTIONS = {2: 0x02, 3: 0x13}
MAX_AGE = 3600
FIRST_SEQUENCE, LAST_SEQUENCE = 0x80000001, 0x7FFFFFFF
LSA_HEADER = 20
ETHERNET = struct.Struct("!6s6sH")
ETHERTYPES = {2: 0x0800, 3: 0x86DD}
ETH_P_ALL = 0x0003


def number(router: str) -> int:
    """A router ID as it stands in packets."""
    return int(ipaddress.IPv4Address(router))


def internet_checksum(data: bytes) -> int:
    """RFC 1071."""
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def fletcher(data: bytes, at: int) -> int:
    """The checksum of RFC 905 B that belongs at this place, where there are zeros."""
    first = second = 0
    for byte in data:
        first = (first + byte) % 255
        second = (second + first) % 255
    left = ((len(data) - at - 1) * first - second) % 255 or 255
    right = (510 - first - left) % 255 or 255
    return left << 8 | right


@dataclass(frozen=True)
class Packet:
    """A packet, from whom it is to whom, as it says itself and as its IP header says."""

    version: int
    kind: int
    router: str
    body: bytes
    source: str
    destination: str = ""
    area: int = 0
    instance: int = 0
    hops: int = 1
    broken: bool = False  # with a wrong checksum

    def to(self) -> str:
        """Where it goes."""
        return self.destination or GROUPS[self.version]

    def encode(self) -> bytes:
        """Its bytes, behind the IP header."""
        head = struct.pack("!BBHII", self.version, self.kind, 0, number(self.router), self.area)
        tail = struct.pack("!HHQ", 0, 0, 0) if self.version == 2 \
            else struct.pack("!HBB", 0, self.instance, 0)
        made = bytearray(head + tail + self.body)
        made[2:4] = len(made).to_bytes(2, "big")
        covered = bytes(made)
        if self.version == 3:
            covered = (ipaddress.IPv6Address(self.source).packed
                       + ipaddress.IPv6Address(self.to()).packed
                       + struct.pack("!II", len(made), PROTOCOL) + covered)
        made[12:14] = (internet_checksum(covered) ^ (0xFFFF if self.broken else 0)).to_bytes(2, "big")
        return bytes(made)


def hello(version: int, neighbors: tuple[str, ...] = (), interval: int = 1, dead: int = 4,
          mask: str = "255.255.255.0", options: int | None = None, priority: int = 0) -> bytes:
    """The body of a hello that names no Designated Router."""
    if options is None:
        options = OPTIONS[version]
    if version == 2:
        head = struct.pack("!IHBBI", number(mask), interval, options, priority, dead)
    else:
        head = struct.pack("!IIHH", 7, priority << 24 | options, interval, dead)
    return head + bytes(8) + b"".join(number(each).to_bytes(4, "big") for each in neighbors)


def lsa(version: int, kind: int, name: int, router: str, sequence: int = FIRST_SEQUENCE,
        age: int = 1, body: bytes = b"") -> bytes:
    """A link state advertisement."""
    what = struct.pack("!BB", OPTIONS[2], kind) if version == 2 else kind.to_bytes(2, "big")
    made = bytearray(age.to_bytes(2, "big") + what
                     + struct.pack("!IIIHH", name, number(router), sequence, 0,
                                   LSA_HEADER + len(body)) + body)
    made[16:18] = fletcher(bytes(made[2:]), 14).to_bytes(2, "big")
    return bytes(made)


def update(*lsas: bytes) -> bytes:
    """The body of an update."""
    return len(lsas).to_bytes(4, "big") + b"".join(lsas)


@dataclass(frozen=True)
class Heard:
    """A packet that was on the wire."""

    version: int
    source: str
    destination: str
    payload: bytes

    @property
    def router(self) -> str:
        """The router ID in it."""
        return str(ipaddress.IPv4Address(self.payload[4:8]))

    @property
    def kind(self) -> int:
        """Its type."""
        return self.payload[1]


def _heard(frame: bytes) -> Heard | None:
    kind, packet = int.from_bytes(frame[12:14], "big"), frame[ETHERNET.size:]
    if kind == ETHERTYPES[2] and packet[9] == PROTOCOL:
        end = int.from_bytes(packet[2:4], "big")
        return Heard(2, str(ipaddress.ip_address(packet[12:16])),
                     str(ipaddress.ip_address(packet[16:20])), packet[20:end])
    if kind == ETHERTYPES[3] and packet[6] == PROTOCOL:
        end = 40 + int.from_bytes(packet[4:6], "big")
        return Heard(3, str(ipaddress.ip_address(packet[8:24])),
                     str(ipaddress.ip_address(packet[24:40])), packet[40:end])
    return None


class Wire:
    """An interface that hears all packets of its LAN, and says whatever it is given."""

    def __init__(self, where: Namespace, interface: str, mac: str) -> None:
        self._mac = bytes.fromhex(mac.replace(":", ""))  # of whoever is spoken to alone
        with where.entered():
            self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
            self._socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER)
            self._socket.bind((interface, ETH_P_ALL))
        self._socket.setblocking(False)

    def close(self) -> None:
        """Leave the wire."""
        self._socket.close()

    def heard(self) -> list[Heard]:
        """What was said since it was asked last."""
        found = []
        while True:
            try:
                frame, address = self._socket.recvfrom(4096)
            except BlockingIOError:
                return found
            one = _heard(frame) if address[2] != socket.PACKET_OUTGOING else None
            if one:
                found.append(one)

    def say(self, packet: Packet) -> None:
        """Put a packet on the wire."""
        self.repeat(Heard(packet.version, packet.source, packet.to(), packet.encode()), packet.hops)

    def repeat(self, heard: Heard, hops: int = 1) -> None:
        """Put the same bytes on the wire, from and to the same addresses."""
        to = ipaddress.ip_address(heard.destination)
        mac = self._mac
        if to.is_multicast:
            mac = bytes([1, 0, 0x5E, to.packed[1] & 0x7F, *to.packed[2:]]) \
                if heard.version == 2 else b"\x33\x33" + to.packed[12:]
        self._socket.send(ETHERNET.pack(mac, b"\2\0\0\0\x66\x66", ETHERTYPES[heard.version])
                          + _ip_header(heard, hops) + heard.payload)


def _ip_header(heard: Heard, hops: int) -> bytes:
    source = ipaddress.ip_address(heard.source).packed
    destination = ipaddress.ip_address(heard.destination).packed
    if heard.version == 3:
        return struct.pack("!IHBB", 6 << 28, len(heard.payload), PROTOCOL, hops) + source + destination
    head = struct.pack("!BBHHHBBH", 0x45, 0xC0, 20 + len(heard.payload), 0, 0, hops, PROTOCOL, 0)
    total = internet_checksum(head + source + destination)
    return head[:10] + total.to_bytes(2, "big") + source + destination
