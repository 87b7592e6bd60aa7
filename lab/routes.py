# SPDX-License-Identifier: Apache-2.0
"""A router's table as it changes, with the times.

The kernel tells each change at once over rtnetlink, so the moment at which a router drops a
route is known to a fraction of a millisecond, without polling.
"""

from __future__ import annotations

import ipaddress
import socket
import struct
import time
from dataclasses import dataclass
from typing import Iterator

from . import deadline, netlink
from .namespace import Namespace

RTMGRP_IPV4_ROUTE, RTMGRP_IPV6_ROUTE = 0x40, 0x400
RTM_NEWROUTE, RTM_DELROUTE = 24, 25
RTA_DST = 1
RT_TABLE_MAIN = 254
ROUTE_HEADER = struct.Struct("=BBBBBBBBI")


@dataclass(frozen=True)
class Change:
    """One change of the main table."""

    at: float
    added: bool
    prefix: str


def _parse(data: bytes, at: float) -> Iterator[Change]:
    for kind, body in netlink.messages(data):
        if kind not in (RTM_NEWROUTE, RTM_DELROUTE):
            continue
        family, prefix_length, _, _, table, *_ = ROUTE_HEADER.unpack_from(body)
        if table != RT_TABLE_MAIN:
            continue
        found = dict(netlink.attributes(body[ROUTE_HEADER.size:]))
        anywhere = bytes(16 if family == socket.AF_INET6 else 4)
        address = ipaddress.ip_address(found.get(RTA_DST, anywhere))
        yield Change(at, kind == RTM_NEWROUTE, f"{address}/{prefix_length}")


class RouteWatch:
    """All changes of one router's main table, from its making on."""

    def __init__(self, where: Namespace) -> None:
        self.changes: list[Change] = []
        self._listener = netlink.Listener(where, socket.NETLINK_ROUTE,
                                          RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE, self._take)

    def _take(self, data: bytes) -> None:
        self.changes.extend(_parse(data, time.monotonic()))

    def close(self) -> None:
        """End the watch."""
        self._listener.close()

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
