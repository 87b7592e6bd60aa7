# SPDX-License-Identifier: Apache-2.0
"""What comes and goes in a kernel: links, addresses, local routes, elements of nftables sets.

The times are of CLOCK_REALTIME, as those of a capture are, and never before the act itself.
"""

from __future__ import annotations

import ipaddress
import socket
import struct
import time
from dataclasses import dataclass

from . import netlink
from .namespace import Namespace
from .routes import (ROUTE_HEADER, RTA_DST, RTM_DELROUTE, RTM_NEWROUTE, RTMGRP_IPV4_ROUTE)

RTMGRP_LINK = 1
RTM_NEWLINK = 16
LINK_HEADER = struct.Struct("=BxHiII")
IFLA_IFNAME = 3
IFF_UP = 1
RTMGRP_IPV4_IFADDR = 0x10
RTM_NEWADDR, RTM_DELADDR = 20, 21
ADDRESS_HEADER = struct.Struct("=BBBBI")
IFA_LOCAL = 2
RT_TABLE_LOCAL = 255
RTN_LOCAL = 2

NETLINK_NETFILTER = 12
NFTABLES_GROUP = 1 << (7 - 1)
NFTABLES_SUBSYSTEM = 10 << 8
NFTABLES_HEADER = struct.Struct("=BBH")
NEW_ELEMENTS, DELETED_ELEMENTS = NFTABLES_SUBSYSTEM | 12, NFTABLES_SUBSYSTEM | 14
ELEMENT_SET, ELEMENT_LIST = 2, 3
LIST_MEMBER, ELEMENT_KEY, KEY_VALUE = 1, 1, 1


@dataclass(frozen=True)
class Event:
    """One thing that came or went: `address`, `local` route, or an address in the set `what`.

    Of a link, by its name, it is told again and again whether it is `up`.
    """

    at: float
    what: str
    came: bool
    which: str


def _address(packed: bytes) -> str:
    return str(ipaddress.ip_address(packed))


class KernelWatch:
    """All that came and went since the making."""

    def __init__(self, where: Namespace) -> None:
        self.events: list[Event] = []
        self._listeners = (
            netlink.Listener(where, socket.NETLINK_ROUTE,
                             RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV4_ROUTE, self._routing),
            netlink.Listener(where, NETLINK_NETFILTER, NFTABLES_GROUP, self._elements))

    def _note(self, what: str, came: bool, which: str) -> None:
        self.events.append(Event(time.time(), what, came, which))

    def _link(self, body: bytes) -> None:
        flags = LINK_HEADER.unpack_from(body)[3]
        found = dict(netlink.attributes(body[LINK_HEADER.size:]))
        self._note("up", bool(flags & IFF_UP), found[IFLA_IFNAME].rstrip(b"\0").decode("ascii"))

    def _routing(self, data: bytes) -> None:
        for kind, body in netlink.messages(data):
            if kind in (RTM_NEWADDR, RTM_DELADDR):
                found = dict(netlink.attributes(body[ADDRESS_HEADER.size:]))
                self._note("address", kind == RTM_NEWADDR, _address(found[IFA_LOCAL]))
            elif kind == RTM_NEWLINK:
                self._link(body)
            elif kind in (RTM_NEWROUTE, RTM_DELROUTE):
                self._route(kind, body)

    def _route(self, kind: int, body: bytes) -> None:
        _, _, _, _, table, _, _, route_type, _ = ROUTE_HEADER.unpack_from(body)
        if (table, route_type) == (RT_TABLE_LOCAL, RTN_LOCAL):
            found = dict(netlink.attributes(body[ROUTE_HEADER.size:]))
            self._note("local", kind == RTM_NEWROUTE, _address(found[RTA_DST]))

    def _elements(self, data: bytes) -> None:
        for kind, body in netlink.messages(data):
            if kind not in (NEW_ELEMENTS, DELETED_ELEMENTS):
                continue
            found = dict(netlink.attributes(body[NFTABLES_HEADER.size:]))
            name = found[ELEMENT_SET].rstrip(b"\0").decode("ascii")
            for number, element in netlink.attributes(found[ELEMENT_LIST]):
                assert number == LIST_MEMBER
                key = dict(netlink.attributes(dict(netlink.attributes(element))[ELEMENT_KEY]))
                self._note(name, kind == NEW_ELEMENTS, _address(key[KEY_VALUE]))

    def close(self) -> None:
        """End the watch."""
        for listener in self._listeners:
            listener.close()

    def moments(self, what: str, came: bool, which: str) -> list[float]:
        """When that happened."""
        return [event.at for event in list(self.events)
                if (event.what, event.came, event.which) == (what, came, which)]
