# SPDX-License-Identifier: Apache-2.0
"""A VIP as source, on the wire and under failures, with vipd at one end and at both."""

from __future__ import annotations

import ipaddress
import socket
import subprocess
import time
from typing import Callable, Iterator

import pytest

from lab import deadline
from lab.capture import Frames
from lab.network import Network
from lab.probe import Echo, TcpProbe
from lab.scene import Scene
from lab.scratch import scratch
from lab.server import VipdServer, make_router
from lab.source import PATIENCE_S, wait_for_source, why_not
from lab.topology import CLIENT, CLIENT_ADDRESS, SERVER, VIP, both_ends

pytestmark = pytest.mark.vipd

ARP, IPV4 = b"\x08\x06", b"\x08\x00"
CLIENT_VIP = "10.9.2.1"


@pytest.fixture(name="scene")
def scene_of_figure_two() -> Iterator[Scene]:
    """The server of figure 2, with two NICs."""
    with Scene("bird", "vipd", scratch("source-scene")) as scene:
        if reason := why_not(scene.vipd):
            pytest.skip(reason)
        yield scene


def test_the_vip_is_on_the_wire_of_both_nics_and_in_no_arp_request(scene: Scene) -> None:
    where = scene.network.nodes[SERVER]
    wait_for_source(where, VIP)
    frames = {name: Frames(where, name) for name in ("eth1", "eth2")}
    where.batch(["route add 203.0.113.0/24 via 10.2.0.2 dev eth2", "neigh flush all"])
    for destination in (CLIENT_ADDRESS, "203.0.113.7"):
        with where.entered():
            made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with made:
            made.sendto(b"x", (destination, 9))
    vip = ipaddress.IPv4Address(VIP).packed

    def resolved() -> bool:
        found = {each["dst"] for each in where.ip_json("neigh", "show") if "lladdr" in each}
        return {"10.1.0.1", "10.2.0.2"} <= found

    deadline.until(resolved, PATIENCE_S, "the gateways are known")
    for name, capture in frames.items():
        seen = capture.close()
        assert any(frame[12:14] == IPV4 and frame[26:30] == vip and frame[36:38] == b"\x00\x09"
                   for frame in seen), name
        assert any(frame[12:14] == ARP for frame in seen)
        assert not any(frame[12:14] == ARP and vip in frame for frame in seen), name


def answered_since(probe: TcpProbe, moment: float) -> Callable[[], bool]:
    """A condition: something that was sent over the connection after a moment has come back."""
    def answered() -> bool:
        line = probe.last("at")
        return line is not None and line["at"] - line["waiting_ms"] / 1000 > moment + 0.2

    return answered


def test_a_connection_of_the_server_survives_nics_that_fail_at_either_end() -> None:
    """Figure 2 from the other side, with vipd at both ends."""
    folder = scratch("source-ends")
    network = Network(both_ends())
    routers = {name: make_router("bird", network.nodes[name], folder, router_id)
               for name, router_id in (("r1", "10.0.0.1"), ("r2", "10.0.0.2"))}
    ends = {}
    for name, vip in ((SERVER, VIP), (CLIENT, CLIENT_VIP)):
        (folder / name).mkdir(parents=True, exist_ok=True)
        ends[name] = VipdServer(network.nodes[name], ["eth1", "eth2"], folder / name, (vip,))
    probe = echo = None
    try:
        for name, router in routers.items():
            router.start_router([port.interface for port in network.topology.ports_of(name)])
        for keeper in ends.values():
            keeper.start()
        if reason := why_not(ends[SERVER]):
            pytest.skip(reason)
        for name in routers:
            for vip in (VIP, CLIENT_VIP):
                deadline.until(lambda n=name, v=vip: network.nodes[n].route(f"{v}/32"), 60.0,
                               "the routers know both VIPs")
        echo = Echo(network.nodes[CLIENT], CLIENT_VIP)
        probe = TcpProbe(network.nodes[SERVER], CLIENT_VIP)
        with network.nodes[SERVER].entered():
            connections = subprocess.run(["ss", "-Htn", "dst", CLIENT_VIP], check=True,
                                         capture_output=True, text=True).stdout
        assert f"{VIP}:" in connections
        for node in (SERVER, CLIENT):
            for interface in ("eth1", "eth2"):
                deadline.until(probe.flowing, 60.0, "the connection flows")
                network.nic_down(node, interface)
                deadline.until(answered_since(probe, time.monotonic()), 60.0,
                               f"it is answered without {interface} of {node}")
                network.nic_up(node, interface)
                deadline.until(
                    lambda k=ends[node], i=interface: any(
                        each["interface"] == i and each["state"] == "up"
                        for each in k.neighbors()),
                    60.0, "the router is heard again")
        probe.stop()
        assert probe.survived()
    finally:
        for reporter in (probe, echo):
            if reporter is not None:
                reporter.stop()
        for keeper in ends.values():
            keeper.stop()
        for router in routers.values():
            router.stop()
        network.close()
