# SPDX-License-Identifier: Apache-2.0
"""Interfaces that come, change and go while vipd runs."""

from __future__ import annotations

from typing import Any, Callable, Iterator

import pytest

from lab import deadline, rip
from lab.capture import Capture
from lab.namespace import RENAMES_LIVE, Namespace
from lab.scene import Scene
from lab.scratch import scratch
from lab.topology import CLIENT, SERVER, VIP, Port

PATIENCE_S = 10.0
NEWCOMER = Port(SERVER, "eth3", "lan-c", ())
ADDRESS = "10.0.0.10"

pytestmark = pytest.mark.vipd
live_rename = pytest.mark.skipif(not RENAMES_LIVE,
                                 reason="this kernel does not rename an interface that is up")


@pytest.fixture(scope="module", name="scene")
def scene_with_a_pattern() -> Iterator[Scene]:
    """A settled scene in which interfaces yet to come may speak, at a cost."""
    made = Scene("bird", "vipd", scratch("interfaces"))
    made.vipd.settings = '  "eth[3-9]": {rip: {cost: 5}}\n'
    with made as scene:
        deadline.until(scene.routes_settled, PATIENCE_S, "the routers know the way")
        yield scene


@pytest.fixture(name="server")
def server_with_a_third_interface(scene: Scene) -> Iterator[Namespace]:
    """The server with eth3, which is on the client's LAN and has no address yet."""
    server = scene.network.nodes[SERVER]
    scene.network.plug(NEWCOMER)
    yield server
    for link in server.ip_json("link", "show"):
        if link["ifname"] in ("eth3", "eth4", "wan0"):
            server.ip("link", "del", link["ifname"])
    deadline.until(lambda: not server.ip_json("link", "show", "dev", "eth3"), PATIENCE_S,
                   "eth3 is gone")


def speaker(scene: Scene, name: str) -> dict[str, Any]:
    """How vipd speaks on an interface; empty when no rule lets it."""
    return scene.vipd.interface(name).get("rip") or {}


def wait_speaking(scene: Scene, name: str) -> None:
    """Wait until vipd speaks on an interface."""
    deadline.until(lambda: speaker(scene, name).get("speaking"), PATIENCE_S, f"{name} speaks")


def wait_heard(scene: Scene, vip: str, metric: Callable[[int], bool]) -> None:
    """Bind a VIP, and wait until the client's LAN has heard of it from the new address."""
    capture = Capture(scene.network.nodes[CLIENT], "eth0", rip.PORT)
    scene.vipd.bind(vip)
    capture.wait_for(
        lambda d: d.source == ADDRESS and any(
            entry.prefix == f"{vip}/32" and metric(entry.metric)
            for entry in rip.decode(d.payload).entries),
        PATIENCE_S, f"{vip} is announced on the client's LAN")
    capture.close()
    scene.vipd.unbind(vip)


def test_an_interface_that_comes_later_speaks_once_it_has_an_address(
        scene: Scene, server: Namespace) -> None:
    deadline.until(lambda: scene.vipd.interface("eth3").get("carrier"), PATIENCE_S,
                   "eth3 is seen")
    assert not speaker(scene, "eth3")["speaking"]
    assert "no IPv4 address" in scene.vipd.interface("eth3")["reason"]
    server.ip("address", "add", f"{ADDRESS}/24", "dev", "eth3")
    wait_speaking(scene, "eth3")
    wait_heard(scene, "10.9.1.2", lambda metric: metric == 3 + 5 - 1)


@live_rename
def test_an_interface_that_is_renamed_goes_on_speaking_where_a_rule_fits(
        scene: Scene, server: Namespace) -> None:
    server.ip("address", "add", f"{ADDRESS}/24", "dev", "eth3")
    wait_speaking(scene, "eth3")
    index = scene.vipd.interface("eth3")["index"]
    server.ip("link", "set", "eth3", "name", "eth4")
    deadline.until(lambda: scene.vipd.interface("eth4"), PATIENCE_S, "the new name is known")
    assert not scene.vipd.interface("eth3")
    assert scene.vipd.interface("eth4")["index"] == index
    assert speaker(scene, "eth4")["speaking"]
    wait_heard(scene, "10.9.1.3", lambda metric: metric < rip.INFINITY)


@live_rename
def test_an_interface_that_is_renamed_falls_silent_where_no_rule_fits(
        scene: Scene, server: Namespace) -> None:
    server.ip("address", "add", f"{ADDRESS}/24", "dev", "eth3")
    wait_speaking(scene, "eth3")
    capture = Capture(scene.network.nodes[CLIENT], "eth0", rip.PORT)
    server.ip("link", "set", "eth3", "name", "wan0")
    deadline.until(lambda: scene.vipd.interface("wan0") and not speaker(scene, "wan0"),
                   PATIENCE_S, "wan0 does not speak")
    assert "no rule" in scene.vipd.interface("wan0")["reason"]
    capture.wait_for(
        lambda d: d.source == ADDRESS and any(
            entry.prefix == f"{VIP}/32" and entry.metric == rip.INFINITY
            for entry in rip.decode(d.payload).entries), PATIENCE_S, "the good-bye is on the wire")
    capture.close()
    assert scene.routes_settled()


def test_an_interface_that_loses_its_address_no_longer_speaks(scene: Scene,
                                                              server: Namespace) -> None:
    server.ip("address", "add", f"{ADDRESS}/24", "dev", "eth3")
    wait_speaking(scene, "eth3")
    server.ip("address", "del", f"{ADDRESS}/24", "dev", "eth3")
    deadline.until(lambda: not speaker(scene, "eth3")["speaking"], PATIENCE_S, "eth3 is silent")
    assert "no IPv4 address" in scene.vipd.interface("eth3")["reason"]
    server.ip("address", "add", f"{ADDRESS}/24", "dev", "eth3")
    wait_speaking(scene, "eth3")


def test_a_client_does_not_notice_that_an_interface_it_does_not_use_comes_and_goes(
        scene: Scene, server: Namespace) -> None:
    def come_and_go() -> None:
        server.ip("address", "add", f"{ADDRESS}/24", "dev", "eth3")
        wait_speaking(scene, "eth3")
        server.ip("link", "del", "eth3")
        deadline.until(lambda: not scene.vipd.interface("eth3"), PATIENCE_S, "eth3 is forgotten")

    assert scene.losses_during(come_and_go).lost == 0
    assert scene.routes_settled()
