# SPDX-License-Identifier: Apache-2.0
"""A clean stop is said to the neighbours, and an address that comes back is said at once."""

from __future__ import annotations

import signal
import time
from typing import Callable

import pytest

from lab import rip
from lab.capture import Capture, Datagram
from lab.routes import RouteWatch
from lab.scene import Scene
from lab.server import VipdServer
from lab.topology import SERVER, VIP

SceneMaker = Callable[[str, str], Scene]

STOP_LIMIT_MS = 200.0
REBIND_LIMIT_MS = 10.0
PATIENCE_S = 30.0

pytestmark = pytest.mark.vipd


def announces(datagram: Datagram, metric: Callable[[int], bool]) -> bool:
    """Say whether a datagram of the server carries the VIP with such a metric."""
    if datagram.source != "10.1.0.10" or datagram.destination_port != rip.PORT:
        return False
    message = rip.decode(datagram.payload)
    return message.command == rip.RESPONSE and any(
        entry.prefix == f"{VIP}/32" and metric(entry.metric) for entry in message.entries)


def test_routers_drop_the_route_when_vipd_is_stopped(make_scene: SceneMaker,
                                                     routers: str) -> None:
    scene = make_scene(routers, "vipd")
    scene.settle()
    assert isinstance(scene.server, VipdServer)
    watches = [RouteWatch(scene.network.nodes[name]) for name in ("r1", "r2")]
    stopped_at = time.monotonic()
    scene.server.signal(signal.SIGTERM)
    gone = [watch.wait_gone(f"{VIP}/32", stopped_at, PATIENCE_S) for watch in watches]
    for watch in watches:
        watch.close()
    assert (max(gone) - stopped_at) * 1000 <= STOP_LIMIT_MS


def test_the_good_bye_goes_out_three_times_on_every_interface(make_scene: SceneMaker) -> None:
    scene = make_scene("bird", "vipd")
    scene.settle()
    nodes = scene.network.nodes
    captures = [Capture(nodes[SERVER], name, rip.PORT) for name in ("eth1", "eth2")]
    scene.server.stop()
    for capture in captures:
        capture.close()
        farewells = [d for d in capture.datagrams if d.source.endswith(".10") and any(
            e.prefix == f"{VIP}/32" and e.metric == rip.INFINITY
            for e in rip.decode(d.payload).entries)]
        assert len(farewells) >= 3


def test_a_stopped_vipd_leaves_no_address_and_no_board(make_scene: SceneMaker) -> None:
    scene = make_scene("bird", "vipd")
    scene.settle()
    before = {link["ifname"] for link in scene.network.nodes[SERVER].ip_json("link", "show")}
    scene.server.stop()
    links = {link["ifname"] for link in scene.network.nodes[SERVER].ip_json("link", "show")}
    assert before - links == {"vnic0"}
    assert not scene.network.nodes[SERVER].ip_json("route", "show", "table", "local",
                                                   "exact", VIP)


def test_an_address_bound_again_is_announced_at_once(make_scene: SceneMaker) -> None:
    scene = make_scene("bird", "vipd")
    scene.settle()
    assert isinstance(scene.server, VipdServer)
    capture = Capture(scene.network.nodes["r1"], "la", rip.PORT)
    scene.server.unbind(VIP)
    capture.wait_for(lambda d: announces(d, lambda metric: metric == rip.INFINITY), PATIENCE_S,
                     "the withdrawal is on the wire")
    bound_at = time.time()
    scene.server.bind(VIP)
    answered_at = time.time()
    announced = capture.wait_for(
        lambda d: d.at >= bound_at and announces(d, lambda metric: metric < rip.INFINITY),
        PATIENCE_S, "the announcement is on the wire")
    capture.close()
    # The command itself takes some milliseconds to start; the bind happens before it answers.
    assert (announced.at - answered_at) * 1000 <= REBIND_LIMIT_MS
