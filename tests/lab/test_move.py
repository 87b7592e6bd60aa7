# SPDX-License-Identifier: Apache-2.0
"""A VIP moves from a server to one on another subnet, with unmodified routers."""

from __future__ import annotations

import time
from typing import Iterator

import pytest

from lab import calm, deadline
from lab.move import TwoServers
from lab.scratch import scratch
from lab.topology import OTHER, SERVER, VIP

# It measures milliseconds.
pytestmark = [pytest.mark.vipd, pytest.mark.release]

PATIENCE_S = 30.0


@pytest.fixture(name="scene")
def two_servers(routers: str) -> Iterator[TwoServers]:
    """Two servers with vipd, the first of which has the VIP."""
    with TwoServers(routers, "vipd", scratch(f"move-{routers}")) as scene:
        scene.old.bind(VIP)
        scene.wait_for_all(SERVER)
        scene.wait_until_heard(VIP)
        yield scene


def test_a_planned_move_loses_no_packet(scene: TwoServers) -> None:
    if not calm.comes():
        pytest.skip(calm.REASON)
    scene.start_probe()
    scene.new.vip("bind", VIP, "--take")
    scene.wait_for_all(OTHER, 1.0)
    rival = scene.old.show(VIP)["rival"]
    assert rival["neighbor"] == "10.1.0.1" and rival["interface"] == "eth1"
    assert scene.old.show(VIP)["state"] == "conflict"
    rivals = [route for route in scene.old.ask("routes")["routes"] if not route["own"]]
    assert [(each["network"], each["neighbor"]) for each in rivals] == [(f"{VIP}/32", "10.1.0.1")]
    scene.old.unbind(VIP)
    deadline.until(lambda: not scene.old.vips(), PATIENCE_S, "the old server has none")
    scene.wait_for_answers()
    assert scene.losses().lost == 0
    assert scene.new.show(VIP)["metric"] == 1


def test_a_bind_after_an_unbind_is_found_by_the_routers_soon(scene: TwoServers) -> None:
    scene.start_probe()
    scene.old.unbind(VIP)
    scene.new.bind(VIP)
    scene.wait_for_all(OTHER)
    scene.wait_for_answers()
    assert scene.losses().outage_ms < 6000


def test_a_take_over_of_what_nobody_has_does_not_wait(scene: TwoServers) -> None:
    begun = time.monotonic()
    scene.new.vip("bind", "10.9.7.1", "--take")
    assert time.monotonic() - begun < 1.0
    assert scene.new.show("10.9.7.1")["metric"] == 3


PRODUCTION = "10.1.0.50"


def host_route(scene: TwoServers) -> bool:
    """Say whether the production server's own router prefers the pre-production server."""
    return scene.leads_to("r1", PRODUCTION) == OTHER


@pytest.mark.parametrize(("routers", "end"), (("bird", "kill"), ("frr", "stop")))
def test_preproduction_takes_over_and_production_is_fallen_back_to(routers: str,
                                                                   end: str) -> None:
    """PRODUCT.md row 16: the host mask wins while it is there, the production's subnet after."""
    with TwoServers(routers, "vipd", scratch(f"preproduction-{routers}-{end}")) as scene:
        scene.node(SERVER).ip("address", "add", f"{PRODUCTION}/24", "dev", "eth1")
        # Time for a kill to be noticed by the guard.
        scene.new.settings = "guard: {grace: 1s}\n"
        scene.new.configure()
        scene.new.vip("config", "apply")
        scene.start_probe(PRODUCTION)
        for _ in range(2):
            scene.new.vip("bind", PRODUCTION, "--conflict", "warn")
            deadline.until(lambda: host_route(scene), PATIENCE_S, "pre-production is preferred")
            scene.wait_for_answers()
            if end == "kill":
                assert scene.new.process is not None
                scene.new.process.kill()
            else:
                scene.new.stop()
            deadline.until(lambda: not host_route(scene), PATIENCE_S, "production is back")
            scene.wait_for_answers()
            if end == "kill":
                # What was bound by hand comes back with the daemon.
                scene.new.launch()
                deadline.until(lambda: host_route(scene), PATIENCE_S, "it is preferred again")
                scene.new.unbind(PRODUCTION)
            else:
                scene.new.launch()
