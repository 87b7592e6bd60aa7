# SPDX-License-Identifier: Apache-2.0
"""A VIP moves from a server to one on another subnet, with unmodified routers."""

from __future__ import annotations

import time
from typing import Iterator

import pytest

from lab import deadline
from lab.move import TwoServers
from lab.scratch import scratch
from lab.topology import OTHER, SERVER, VIP

pytestmark = pytest.mark.vipd

PATIENCE_S = 30.0


@pytest.fixture(name="scene")
def two_servers(routers: str) -> Iterator[TwoServers]:
    """Two servers with vipd, the first of which has the VIP."""
    with TwoServers(routers, "vipd", scratch(f"move-{routers}")) as scene:
        scene.old.bind(VIP)
        scene.wait_for_all(SERVER)
        yield scene


def test_a_planned_move_loses_no_packet(scene: TwoServers) -> None:
    scene.start_probe()
    scene.new.vip("bind", VIP, "--take")
    scene.wait_for_all(OTHER, 0.5)
    rival = scene.old.show(VIP)["rival"]
    assert rival["neighbor"] == "10.1.0.1" and rival["interface"] == "eth1"
    assert scene.old.show(VIP)["state"] == "conflict"
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
