# SPDX-License-Identifier: Apache-2.0
"""A router's table as it changes, with the times.

The kernel tells each change at once over rtnetlink, so the moment at which a router drops a
route is known to a fraction of a millisecond, without polling.
"""

from __future__ import annotations

import ipaddress
import math
import socket
import struct
import threading
import time
from dataclasses import dataclass
from typing import Iterator

from . import deadline
from .namespace import Namespace

RTMGRP_IPV4_ROUTE = 0x40
RTM_NEWROUTE, RTM_DELROUTE = 24, 25
RTA_DST = 1
RT_TABLE_MAIN = 254
NETLINK_HEADER = struct.Struct("=IHHII")
ROUTE_HEADER = struct.Struct("=BBBBBBBBI")
ATTRIBUTE_HEADER = struct.Struct("=HH")
RECEIVE_BUFFER = 8 << 20
POLL_S = 0.1


@dataclass(frozen=True)
class Change:
    """One change of the main table."""

    at: float
    added: bool
    prefix: str


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    while len(data) >= ATTRIBUTE_HEADER.size:
        length, kind = ATTRIBUTE_HEADER.unpack_from(data)
        if length < ATTRIBUTE_HEADER.size:
            return
        yield kind, data[ATTRIBUTE_HEADER.size:length]
        data = data[(length + 3) & ~3:]


def _parse(data: bytes, at: float) -> Iterator[Change]:
    while len(data) >= NETLINK_HEADER.size:
        length, kind, *_ = NETLINK_HEADER.unpack_from(data)
        body = data[NETLINK_HEADER.size:length]
        data = data[(length + 3) & ~3:]
        if kind not in (RTM_NEWROUTE, RTM_DELROUTE) or length < NETLINK_HEADER.size:
            continue
        _, prefix_length, _, _, table, *_ = ROUTE_HEADER.unpack_from(body)
        if table != RT_TABLE_MAIN:
            continue
        attributes = dict(_attributes(body[ROUTE_HEADER.size:]))
        address = ipaddress.ip_address(attributes.get(RTA_DST, b"\0\0\0\0"))
        yield Change(at, kind == RTM_NEWROUTE, f"{address}/{prefix_length}")


class RouteWatch:
    """All changes of one router's main table, from its making on."""

    def __init__(self, where: Namespace) -> None:
        self.changes: list[Change] = []
        self._ends = math.inf
        with where.entered():
            self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
        self._socket.setsockopt(socket.SOL_SOCKET, 33, RECEIVE_BUFFER)  # SO_RCVBUFFORCE
        self._socket.bind((0, RTMGRP_IPV4_ROUTE))
        self._socket.settimeout(POLL_S)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while time.monotonic() < self._ends:
            try:
                data = self._socket.recv(1 << 16)
            except TimeoutError:
                continue
            self.changes.extend(_parse(data, time.monotonic()))

    def close(self) -> None:
        """End the watch."""
        self._ends = time.monotonic() + POLL_S
        self._reader.join()
        self._socket.close()

    def _last(self, prefix: str, after: float) -> Change | None:
        return next((change for change in reversed(list(self.changes))
                     if change.prefix == prefix and change.at >= after), None)

    def wait_gone(self, prefix: str, after: float, seconds: float) -> float:
        """Wait until the last word on `prefix` since `after` is that it went; when that was."""
        def gone() -> Change | None:
            change = self._last(prefix, after)
            return change if change is not None and not change.added else None

        return deadline.until(gone, seconds, f"{prefix} is gone").at

    def wait_present(self, prefix: str, after: float, seconds: float) -> float:
        """Wait until `prefix` was added since `after`; when that was."""
        def present() -> Change | None:
            change = self._last(prefix, after)
            return change if change is not None and change.added else None

        return deadline.until(present, seconds, f"{prefix} is there").at
