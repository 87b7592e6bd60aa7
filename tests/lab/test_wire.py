# SPDX-License-Identifier: Apache-2.0
"""What vipd says on the wire, and what it makes of what it hears."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from lab import deadline, rip
from lab.capture import Capture, send_datagram
from lab.routes import RouteWatch
from lab.scene import Scene
from lab.server import VipdServer
from lab.topology import SERVER, VIP

PATIENCE_S = 40.0
ROUTER = "10.1.0.1"
OTHER = rip.Entry("10.77.0.0/24", 2)

pytestmark = pytest.mark.vipd


def vipd(scene: Scene) -> VipdServer:
    """The scene's daemon."""
    assert isinstance(scene.server, VipdServer)
    return scene.server


def neighbor(scene: Scene, address: str) -> dict[str, Any]:
    """What vipd says of one neighbour."""
    return next((n for n in vipd(scene).neighbors() if n["address"] == address), {})


def drops(document: Any) -> Counter[str]:
    """All dropped packets by reason, wherever the document counts them."""
    total: Counter[str] = Counter()
    if isinstance(document, dict):
        for key, value in document.items():
            total += Counter(value) if key == "drops" else drops(value)
    elif isinstance(document, list):
        for value in document:
            total += drops(value)
    return total


def send_from_router(scene: Scene, payload: bytes, source: str = ROUTER,
                     port: int = rip.PORT) -> None:
    """Put a RIP packet on LAN A as if Router 1 had sent it."""
    send_datagram(scene.network.nodes["r1"], "la", source, port, rip.GROUP, rip.PORT, payload)


def test_vipd_announces_its_vips_and_nothing_else(calm_scene: Scene) -> None:
    captures = [Capture(calm_scene.network.nodes[SERVER], name, rip.PORT)
                for name in ("eth1", "eth2")]
    vipd(calm_scene).bind("10.9.1.2")
    for capture in captures:
        capture.wait_for(lambda d: d.source.endswith(".10") and b"\x0a\x09\x01\x02" in d.payload,
                         PATIENCE_S, "the new VIP is on the wire")
    vipd(calm_scene).unbind("10.9.1.2")
    for capture in captures:
        capture.wait_for(lambda d: d.source.endswith(".10") and any(
            entry.metric == rip.INFINITY for entry in rip.decode(d.payload).entries),
            PATIENCE_S, "its withdrawal is on the wire")
        capture.close()
        said = {entry.prefix for d in capture.datagrams if d.source.endswith(".10")
                for entry in rip.decode(d.payload).entries
                if rip.decode(d.payload).command == rip.RESPONSE}
        assert said <= {f"{VIP}/32", "10.9.1.2/32"}


def test_routers_are_seen_as_neighbours_that_are_up(calm_scene: Scene) -> None:
    for address, interface in ((ROUTER, "eth1"), ("10.2.0.2", "eth2")):
        found = deadline.until(lambda a=address: neighbor(calm_scene, a), PATIENCE_S,
                               f"{address} is a neighbour")
        assert found["protocol"] == "rip"
        assert found["interface"] == interface
        assert found["state"] == "up"


def test_a_router_that_took_the_route_is_named_in_accepted_by(calm_scene: Scene) -> None:
    def accepted() -> bool:
        vip = next(v for v in vipd(calm_scene).vips() if v["address"] == VIP)
        text = str(vip["accepted_by"])
        return ROUTER in text and "10.2.0.2" in text

    deadline.until(accepted, PATIENCE_S, "both routers have shown that they took the VIP")


@pytest.mark.parametrize("reason, payload, source, port", (
    ("source-port", rip.response(OTHER), ROUTER, 521),
    ("off-link", rip.response(OTHER), "192.0.2.1", rip.PORT),
    ("metric", rip.response(rip.Entry("10.77.0.0/24", 17)), ROUTER, rip.PORT),
    ("metric", rip.response(rip.Entry("10.77.0.0/24", 0)), ROUTER, rip.PORT),
    ("length", rip.response(OTHER) + b"\0", ROUTER, rip.PORT),
    ("length", rip.response(OTHER)[:3], ROUTER, rip.PORT),
    ("version", rip.response(OTHER, version=0), ROUTER, rip.PORT),
    ("address-family", rip.response(rip.Entry("10.77.0.0/24", 2, family=10)), ROUTER, rip.PORT),
), ids=("wrong port", "off-link source", "metric 17", "metric 0", "odd length", "truncated",
        "wrong version", "bad address family"))
def test_a_bad_packet_is_dropped_and_counted_by_reason(
        calm_scene: Scene, reason: str, payload: bytes, source: str, port: int) -> None:
    before = drops(vipd(calm_scene).ask("neighbors"))
    send_from_router(calm_scene, payload, source, port)

    def counted() -> bool:
        now = drops(vipd(calm_scene).ask("neighbors"))
        return now[reason] > before[reason]

    deadline.until(counted, 5.0, f"a packet is counted as dropped for its {reason}")
    assert vipd(calm_scene).vips()


def test_a_rival_that_announces_the_vip_is_shown_as_a_conflict(calm_scene: Scene) -> None:
    send_from_router(calm_scene, rip.response(rip.Entry(f"{VIP}/32", 1)), source="10.1.0.66")

    def conflict() -> bool:
        vip = next(v for v in vipd(calm_scene).vips() if v["address"] == VIP)
        return "10.1.0.66" in str(vip) and ("conflict" in str(vip) or "rival" in str(vip))

    deadline.until(conflict, 5.0, "the rival is shown")


def test_vipd_does_not_pass_on_what_it_hears(calm_scene: Scene) -> None:
    watch = RouteWatch(calm_scene.network.nodes["r2"])
    capture = Capture(calm_scene.network.nodes[SERVER], "eth2", rip.PORT)
    send_from_router(calm_scene, rip.response(OTHER))
    vipd(calm_scene).bind("10.9.1.3")
    capture.wait_for(lambda d: d.source == "10.2.0.10" and b"\x0a\x09\x01\x03" in d.payload,
                     PATIENCE_S, "a later announcement is on the wire")
    vipd(calm_scene).unbind("10.9.1.3")
    capture.close()
    watch.close()
    said = {entry.prefix for d in capture.datagrams if d.source == "10.2.0.10"
            for entry in rip.decode(d.payload).entries}
    assert OTHER.prefix not in said
    assert OTHER.prefix not in {change.prefix for change in watch.changes}
