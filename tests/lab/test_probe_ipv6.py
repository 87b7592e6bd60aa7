# SPDX-License-Identifier: Apache-2.0
"""The probe of an IPv6 neighbour, by neighbour solicitations, with nothing but the guard.

This test is vipd to the guard, so that it needs no routing protocol.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import struct
import time
from typing import Iterator

import pytest

from lab import deadline
from lab.namespace import Namespace
from lab.network import Network
from lab.process import Process
from lab.scratch import program, scratch
from lab.topology import SERVER, one_router

# src/guard/message.h
VERSION = 4
HELLO, WELCOME, BYE, PROBE_SET, PROBE_STATE = 1, 2, 4, 9, 11
UNKNOWN, UP, DOWN = 0, 1, 2

INTERVAL_US, MULTIPLIER = 100_000, 3
UP_LIMIT_S = 10.0
DOWN_LIMIT_S = 0.5

pytestmark = pytest.mark.vipd


def link_local(where: Namespace, interface: str) -> bytes:
    """The interface's link-local address, as the guard reads it, once it may be used."""
    def found() -> str:
        for link in where.ip_json("-6", "address", "show", "dev", interface, "scope", "link"):
            for each in link["addr_info"]:
                if not each.get("tentative"):
                    return str(each["local"])
        return ""

    return b"\x06" + ipaddress.IPv6Address(
        deadline.until(found, UP_LIMIT_S, f"{interface} has its address")).packed


class Probe:
    """A guard with one session, to the router's link-local address."""

    def __init__(self, network: Network) -> None:
        server, router = network.nodes[SERVER], network.nodes["r1"]
        folder = scratch("probe-ipv6")
        state = folder / "state"
        state.mkdir()
        self.process = Process(server, [program("vipd-guard"), "--state-dir", str(state),
                                        "--stay"], folder / "guard.log")
        deadline.until((state / "guard.sock").exists, UP_LIMIT_S, "the guard listens")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.connect(f"/proc/self/fd/{os.open(state, os.O_PATH)}/guard.sock")
        self.socket.send(struct.pack(">BBI", HELLO, VERSION, 60000))
        assert self.socket.recv(512)[:2] == bytes((WELCOME, VERSION))
        index = int(server.ip_json("link", "show", "dev", "eth1")[0]["ifindex"])
        self.path = (struct.pack(">I", index) + link_local(router, "la")
                     + link_local(server, "eth1"))
        self.socket.send(bytes((PROBE_SET, VERSION)) + self.path
                         + struct.pack(">IB", INTERVAL_US, MULTIPLIER))

    def hear(self, seconds: float) -> int | None:
        """The next state that the guard tells, or None when it tells none in time."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.socket.settimeout(left)
            try:
                message = self.socket.recv(512)
            except TimeoutError:
                return None
            if message[0] == PROBE_STATE:
                assert message[2:2 + len(self.path)] == self.path
                return message[2 + len(self.path)]
        return None

    def stop(self) -> None:
        """Send the guard away."""
        self.socket.send(bytes((BYE, VERSION)))
        self.process.stop()
        self.socket.close()


@pytest.fixture(name="network")
def machines() -> Iterator[Network]:
    """A server and a router on one LAN."""
    network = Network(one_router())
    yield network
    network.close()


def test_a_silent_ipv6_neighbour_is_noticed_and_one_that_returns(network: Network) -> None:
    probe = Probe(network)
    try:
        state = probe.hear(UP_LIMIT_S)
        assert (state if state != UNKNOWN else probe.hear(UP_LIMIT_S)) == UP
        assert probe.hear(1.0) is None
        network.silence(SERVER, "eth1")
        assert probe.hear(DOWN_LIMIT_S) == DOWN
        network.unsilence(SERVER, "eth1")
        assert probe.hear(UP_LIMIT_S) == UP
        # The address moves to another host, as with VRRP.
        network.nodes["r1"].ip("link", "set", "dev", "la", "address", "02:00:00:00:77:01")
        assert probe.hear(1.0) is None
    finally:
        probe.stop()
