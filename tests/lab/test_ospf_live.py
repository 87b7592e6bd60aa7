# SPDX-License-Identifier: Apache-2.0
"""OSPF is configured anew while the adjacency is full: what is new holds, and what was goes."""

from __future__ import annotations

from typing import Callable, Iterator

import pytest

from lab import deadline
from lab.ospf import Ospf
from lab.scene import Scene
from lab.scratch import scratch
from lab.topology import PHYSICAL, VIP, one_router

PATIENCE_S = 40.0
SPEAKS = "ospf: {area: 0, hello: 1s, dead: 4s}"
DATABASE = {"bird": "show ospf lsadb", "frr": "show ip ospf database"}

pytestmark = [pytest.mark.vipd, pytest.mark.patient]


@pytest.fixture(name="live", params=["bird", "frr"])
def one_full_router(request: pytest.FixtureRequest) -> Iterator[Scene]:
    """A router with OSPF that has a full adjacency with vipd, and its VIP."""
    made = Scene(request.param, "vipd", scratch("ospf-live"), topology=one_router())
    made.routers["r1"].ospf = Ospf()
    made.vipd.speaker = SPEAKS
    with made:
        assert_well(made)
        yield made


def is_full(scene: Scene) -> bool:
    """Say whether the router is full."""
    return any(row["state"] == "full" for row in scene.vipd.neighbors())


def assert_well(scene: Scene) -> None:
    """The router is full, routes to the VIP, and has acknowledged it."""
    deadline.until(lambda: is_full(scene), PATIENCE_S, "the router is full")
    deadline.until(lambda: scene.route_device("r1", VIP) == "la", PATIENCE_S, "it has the VIP")
    deadline.until(lambda: scene.vipd.show(VIP)["accepted_by"], PATIENCE_S, "it is accepted")


def apply(scene: Scene, speaks: str = SPEAKS, settings: str = "") -> None:
    """Give vipd another configuration."""
    scene.vipd.speaker = speaks
    scene.vipd.settings = settings
    scene.vipd.configure()
    scene.vipd.vip("config", "apply")


def lines_of(scene: Scene, router: str) -> Callable[[], list[str]]:
    """The lines of the router's database that name another one, but for those on their way out."""
    def ask() -> list[str]:
        found = scene.routers["r1"].ask(DATABASE[scene.routers_kind])
        return [line for line in found.splitlines() if router in line.split() and "3600" not in line]
    return ask


def youngest(scene: Scene) -> int:
    """The age of the youngest LSA of ours."""
    return min(row["age"] for row in scene.vipd.ask("ospf", "database")["database"] if row["own"])


def test_nothing_of_another_router_id_is_left(live: Scene) -> None:
    apply(live, settings="ospf: {vips: external}\n")
    assert_well(live)
    deadline.until(lines_of(live, PHYSICAL), PATIENCE_S, "it has LSAs of the server")
    # Sooner than MinLSArrival a router takes no other instance.
    deadline.until(lambda: youngest(live) > 1, PATIENCE_S, "it takes others")
    apply(live, settings="ospf: {vips: external, router-id: 9.9.9.9}\n")
    deadline.until(lines_of(live, "9.9.9.9"), PATIENCE_S, "it has LSAs of the new router ID")
    deadline.until(lambda: not lines_of(live, PHYSICAL)(), PATIENCE_S, "and none of the old one")
    assert_well(live)


def test_a_clean_stop_leaves_nothing(live: Scene) -> None:
    deadline.until(lines_of(live, PHYSICAL), PATIENCE_S, "it has LSAs of the server")
    live.vipd.stop()
    # Far below the age at which they would go by themselves.
    deadline.until(lambda: not lines_of(live, PHYSICAL)(), 2.0, "they are taken back")
