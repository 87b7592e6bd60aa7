# SPDX-License-Identifier: Apache-2.0
"""What is really on the wire: UDP datagrams seen at an interface, with the kernel's time stamps,
and datagrams put there as they are, however wrong.

The stamps are of CLOCK_REALTIME; compare them with time.time().
"""

from __future__ import annotations

import errno
import ipaddress
import math
import socket
import struct
import threading
import time
from dataclasses import dataclass
from typing import Any, Callable

from . import deadline
from .namespace import Namespace

ETH_P_ALL = 0x0003
ETH_P_IP = 0x0800
ETH_P_IPV6 = 0x86DD
IPV6_HEADER = 40
ETHERNET_HEADER = 14
SO_TIMESTAMPNS = 35
TIMESPEC = struct.Struct("@ll")
POLL_S = 0.1
RECEIVE_BUFFER = 8 << 20
SO_RCVBUFFORCE = 33


@dataclass(frozen=True)
class Datagram:
    """One UDP datagram as it was seen."""

    at: float
    source: str
    source_port: int
    destination: str
    destination_port: int
    ttl: int
    payload: bytes


def _checksum(data: bytes) -> int:
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def _parse(frame: bytes, at: float) -> Datagram | None:
    packet = frame[ETHERNET_HEADER:]
    kind = int.from_bytes(frame[12:ETHERNET_HEADER], "big")
    if kind == ETH_P_IP and len(packet) >= 28 and packet[9] == socket.IPPROTO_UDP:
        header, ttl, addresses = (packet[0] & 15) * 4, packet[8], packet[12:20]
    elif kind == ETH_P_IPV6 and len(packet) >= IPV6_HEADER + 8 \
            and packet[6] == socket.IPPROTO_UDP:
        header, ttl, addresses = IPV6_HEADER, packet[7], packet[8:IPV6_HEADER]
    else:
        return None
    source_port, destination_port, length, _ = struct.unpack_from("!HHHH", packet, header)
    half = len(addresses) // 2
    return Datagram(at, str(ipaddress.ip_address(addresses[:half])), source_port,
                    str(ipaddress.ip_address(addresses[half:])), destination_port, ttl,
                    packet[header + 8:header + length])


def _packet_socket(where: Namespace, interface: str) -> socket.socket:
    """A socket that sees both directions, as only those for all protocols do."""
    with where.entered():
        made = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        made.bind((interface, ETH_P_ALL))
    return made


def _time(ancillary: list[Any]) -> float:
    """When the kernel had a frame."""
    seconds, nanoseconds = TIMESPEC.unpack(ancillary[0][2])
    return float(seconds + nanoseconds / 1e9)


class Capture:
    """The UDP datagrams to or from one port that an interface has seen since the making."""

    def __init__(self, where: Namespace, interface: str, port: int) -> None:
        self.port = port
        self.datagrams: list[Datagram] = []
        self._ends = math.inf
        self._socket = _packet_socket(where, interface)
        self._socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER)
        self._socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self._socket.settimeout(POLL_S)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        """Collect all that was there at the end, also what is read later."""
        while True:
            try:
                frame, ancillary, _, _ = self._socket.recvmsg(2048, 64)
            except TimeoutError:
                if time.time() > self._ends:
                    return
                continue
            except OSError as error:
                # The interface went down: this is told once, and it may come back.
                if error.errno == errno.ENETDOWN:
                    continue
                raise
            at = _time(ancillary)
            if at > self._ends:
                return
            datagram = _parse(frame, at)
            if datagram and self.port in (datagram.source_port, datagram.destination_port):
                self.datagrams.append(datagram)

    def close(self) -> None:
        """End the capture."""
        self._ends = time.time()
        self._reader.join()
        self._socket.close()

    def wait_for(self, wanted: Callable[[Datagram], bool], seconds: float, what: str) -> Datagram:
        """Wait for the first datagram that is wanted."""
        return deadline.until(
            lambda: next((d for d in list(self.datagrams) if wanted(d)), None), seconds, what)


class Frames:
    """All frames that an interface has sent or heard since the making, as bytes."""

    def __init__(self, where: Namespace, interface: str) -> None:
        self._socket = _packet_socket(where, interface)
        self._socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER)
        self._socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)

    def close(self) -> list[bytes]:
        """End the capture, and return what was seen."""
        return [frame for _, frame in self.timed()]

    def timed(self) -> list[tuple[float, bytes]]:
        """End the capture, and return what was seen with the kernel's times, as time.time() is."""
        frames = []
        self._socket.setblocking(False)
        try:
            while True:
                frame, ancillary, _, _ = self._socket.recvmsg(2048, 64)
                frames.append((_time(ancillary), frame))
        except BlockingIOError:
            pass
        self._socket.close()
        return frames


def send_datagram(where: Namespace, interface: str, source: str, source_port: int,
                  destination: str, destination_port: int, payload: bytes, ttl: int = 1,
                  to_mac: str = "") -> None:
    """Put one datagram on the wire with exactly these addresses: multicast, or to a MAC."""
    group = ipaddress.IPv4Address(destination)
    ethernet = (bytes.fromhex(to_mac.replace(":", "")) if to_mac
                else bytes([1, 0, 0x5E, group.packed[1] & 0x7F, *group.packed[2:]]))
    length = 28 + len(payload)
    addresses = ipaddress.IPv4Address(source).packed + group.packed
    head = struct.pack("!BBHHHBBH", 0x45, 0xC0, length, 0, 0, ttl, socket.IPPROTO_UDP, 0)
    checksum = _checksum(head + addresses)
    head = head[:10] + struct.pack("!H", checksum) + addresses
    # A UDP checksum of zero says that there is none.
    udp = struct.pack("!HHHH", source_port, destination_port, 8 + len(payload), 0)
    sender = _packet_socket(where, interface)
    mac = sender.getsockname()[4]
    sender.send(ethernet + mac + struct.pack("!H", ETH_P_IP) + head + udp + payload)
    sender.close()
