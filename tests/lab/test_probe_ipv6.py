# SPDX-License-Identifier: Apache-2.0
"""The probe of an IPv6 neighbour, by neighbour solicitations, with nothing but the guard.

This test is vipd to the guard, so that it needs no routing protocol.
"""

from __future__ import annotations

import time
from typing import Iterator

import pytest

from lab import deadline, guard, tagged
from lab.namespace import Namespace
from lab.network import Network
from lab.process import Process
from lab.scratch import program, scratch
from lab.topology import SERVER, one_router

UNKNOWN, UP, DOWN = 0, 1, 2

INTERVAL_US, MULTIPLIER = 100_000, 3
UP_LIMIT_S = 10.0
DOWN_LIMIT_S = 0.5

pytestmark = pytest.mark.vipd


def link_local(where: Namespace, interface: str) -> str:
    """The interface's link-local address, once it may be used."""
    def found() -> str:
        for link in where.ip_json("-6", "address", "show", "dev", interface, "scope", "link"):
            for each in link["addr_info"]:
                if not each.get("tentative"):
                    return str(each["local"])
        return ""

    return deadline.until(found, UP_LIMIT_S, f"{interface} has its address")


class Probe:
    """A guard with one session, to the router's link-local address."""

    def __init__(self, network: Network) -> None:
        server, router = network.nodes[SERVER], network.nodes["r1"]
        folder = scratch("probe-ipv6")
        state = folder / "state"
        state.mkdir()
        self.process = Process(server, [program("vipd-guard"), "--state-dir", str(state),
                                        "--stay"], folder / "guard.log")
        self.channel = guard.Channel(state)
        index = int(server.ip_json("link", "show", "dev", "eth1")[0]["ifindex"])
        self.path = guard.path(index, link_local(router, "la"), link_local(server, "eth1"))
        self.channel.send(guard.PROBE_SET, {
            guard.PATH: self.path, guard.PROBE_INTERVAL: tagged.number(INTERVAL_US),
            guard.PROBE_MULTIPLIER: tagged.number(MULTIPLIER)})

    def hear(self, seconds: float) -> int | None:
        """The next state that the guard tells, or None when it tells none in time."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            heard = self.channel.hear(left)
            if heard is not None and heard[0] == guard.PROBE_STATE:
                assert heard[1][guard.PATH] == [self.path]
                return tagged.first_number(heard[1], guard.STATE)
        return None

    def stop(self) -> None:
        """Send the guard away."""
        self.channel.close()
        self.process.stop()
        self.channel.hang_up()


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
