# SPDX-License-Identifier: Apache-2.0
"""IPv6 VIPs, announced by RIPng to real routers, beside IPv4 ones on the same board.

That a VIP survives its NIC in IPv6 too stands in test_figures.py.
"""

from __future__ import annotations

import signal
import time
from typing import Iterator

import pytest

from lab import deadline
from lab.routes import RouteWatch
from lab.scene import Scene
from lab.scratch import scratch
from lab.topology import CLIENT, VIP, VIP6, host_prefix

GRACE_S = 1.0
PATIENCE_S = 30.0
STOP_LIMIT_MS = 200.0
NETWORK = "fd00:a::/64"

pytestmark = pytest.mark.vipd


@pytest.fixture(name="scene")
def scene_in_both_families(routers: str) -> Iterator[Scene]:
    """Figure 2 in IPv4 and IPv6, with a VIP of each."""
    made = Scene(routers, "vipd", scratch("ripng"), ipv6=True)
    made.vipd.addresses = (VIP, VIP6)
    made.vipd.speaker = "rip: {}, ripng: {}"
    made.vipd.settings = f"guard: {{grace: {GRACE_S:g}s}}\n"
    for router in made.routers.values():
        # BIRD shows what it thinks with its first update, any time within its first period.
        router.speaker = "update time 2;" if routers == "bird" else ""
    with made as scene:
        deadline.until(lambda: knows_the_way(scene, VIP) and knows_the_way(scene, VIP6),
                       PATIENCE_S, "the routers know the way")
        yield scene


def knows_the_way(scene: Scene, address: str) -> bool:
    """Say whether each router goes to the server by its own LAN."""
    return (scene.route_device("r1", address), scene.route_device("r2", address)) == ("la", "lb")


def wait_accepted(scene: Scene, address: str) -> set[str]:
    """Wait until a router has shown that it routes to a VIP; by which protocols it was told."""
    witnesses = {each["neighbor"] for each in deadline.until(
        lambda: scene.vipd.show(address)["accepted_by"], PATIENCE_S, f"{address} is accepted")}
    return {each["protocol"] for each in scene.vipd.neighbors() if each["address"] in witnesses
            and each["protocol"].startswith("rip")}


def test_each_family_is_accepted_by_its_protocol(scene: Scene) -> None:
    scene.vipd.vip("bind", "fd00:a::1/64")
    assert wait_accepted(scene, VIP) == {"rip"}
    assert wait_accepted(scene, VIP6) == {"ripng"}
    deadline.until(lambda: scene.network.nodes["r1"].route(NETWORK), PATIENCE_S,
                   f"Router 1 knows the way to {NETWORK}")
    client = scene.network.nodes[CLIENT]
    for address in (VIP, VIP6, "fd00:a::1"):
        client.run("ping", "-c", "1", "-W", "2", address)
    # What no VIP uses of the network does not go in a circle.
    refused = client.attempt("ping", "-c", "1", "-W", "2", "fd00:a::2")
    assert refused.returncode != 0
    interface = scene.vipd.interface("eth1")
    assert interface["rip"]["speaking"] and interface["ripng"]["speaking"]


def test_an_unbind_and_a_stop_are_said(scene: Scene) -> None:
    watches = [RouteWatch(scene.network.nodes[name]) for name in ("r1", "r2")]
    scene.vipd.vip("bind", "fd00:a::1/64")
    for watch in watches:
        watch.wait_present(NETWORK, 0.0, PATIENCE_S)
    since = time.monotonic()
    scene.vipd.unbind("fd00:a::1")
    gone = [watch.wait_gone(NETWORK, since, PATIENCE_S) - since for watch in watches]
    stopped = time.monotonic()
    scene.vipd.signal(signal.SIGTERM)
    gone += [watch.wait_gone(host_prefix(VIP6), stopped, PATIENCE_S) - stopped
             for watch in watches]
    for watch in watches:
        watch.close()
    assert max(gone) * 1000 <= STOP_LIMIT_MS


def test_the_guard_says_good_bye_in_both_families(scene: Scene) -> None:
    watches = [RouteWatch(scene.network.nodes[name]) for name in ("r1", "r2")]
    killed = time.monotonic()
    scene.vipd.kill()
    gone = [watch.wait_gone(host_prefix(address), killed, PATIENCE_S) - killed
            for watch in watches for address in (VIP, VIP6)]
    for watch in watches:
        watch.close()
    assert min(gone) >= GRACE_S and max(gone) <= GRACE_S + 1
