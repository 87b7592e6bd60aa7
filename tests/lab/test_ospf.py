# SPDX-License-Identifier: Apache-2.0
"""OSPFv2 and OSPFv3 with real routers, through a life: VIPs, failures, restarts on either side.

All tests of a kind of routers share figure 2. Each finds both routers full and the routes right, and
leaves them so.
"""

from __future__ import annotations

from typing import Iterator

import pytest

from lab import deadline
from lab.ospf_scene import (PATIENCE_S, assert_goes_well, full, knows_the_way, nobody_knows_a_way,
                            ospf_scene, rows)
from lab.scene import Scene
from lab.topology import SERVER, VIP, VIP6

pytestmark = [pytest.mark.vipd, pytest.mark.patient]


@pytest.fixture(name="shared", scope="module", params=["bird", "frr"])
def shared_scene(request: pytest.FixtureRequest) -> Iterator[Scene]:
    """Figure 2 with OSPF of both versions in place of RIP, that the tests of this file share."""
    with ospf_scene(request.param, beside=", learn: all") as scene:
        yield scene


@pytest.fixture(name="ospf")
def scene_that_is_well(shared: Scene) -> Scene:
    """The same, and all is well."""
    assert_goes_well(shared)
    return shared


def paths(scene: Scene, family: str, prefix: str) -> set[str]:
    """By which interfaces the server goes to a network that it has learned."""
    found = scene.network.nodes[SERVER].ip_json(family, "route", "show", prefix)
    hops = [hop for route in found if route.get("protocol") not in ("kernel", "boot")
            for hop in route.get("nexthops", [route])]
    return {hop["dev"] for hop in hops if "dev" in hop}


def test_vips_are_announced_come_and_go(ospf: Scene) -> None:
    ospf.vipd.bind("10.9.1.7")
    deadline.until(lambda: knows_the_way(ospf, "10.9.1.7"), PATIENCE_S, "they know another")
    ospf.vipd.unbind("10.9.1.7")
    deadline.until(lambda: nobody_knows_a_way(ospf, "10.9.1.7"), PATIENCE_S, "it is gone")
    assert knows_the_way(ospf, VIP)


def test_routes_are_learned_with_both_paths(ospf: Scene) -> None:
    deadline.until(lambda: paths(ospf, "-4", "10.0.0.0/24") == {"eth1", "eth2"}, PATIENCE_S,
                   "both ways to the client are learned")
    deadline.until(lambda: paths(ospf, "-6", "fd00:0::/64") == {"eth1", "eth2"}, PATIENCE_S,
                   "of IPv6 too")
    # By each of them to the client, and to the network that is behind the other one.
    deadline.until(lambda: all(row["routes"] >= 1 and row["learned"] >= 1 for row in rows(ospf)),
                   PATIENCE_S, "each neighbour has its routes")
    ospf.nic_down()
    deadline.until(lambda: paths(ospf, "-4", "10.0.0.0/24") == {"eth2"}, PATIENCE_S, "one is left")
    ospf.network.nic_up(SERVER, "eth1")
    assert_goes_well(ospf)


def test_a_nic_that_fails_and_comes_back(ospf: Scene) -> None:
    ospf.nic_down()
    deadline.until(lambda: ospf.route_device("r1", VIP) == "lc", PATIENCE_S, "the other way")
    deadline.until(lambda: ospf.route_device("r1", VIP6) == "lc", PATIENCE_S, "of both")
    ospf.network.nic_up(SERVER, "eth1")
    assert_goes_well(ospf)


def test_a_router_that_restarts_comes_back(ospf: Scene) -> None:
    ospf.routers["r1"].kill()
    deadline.until(lambda: full(ospf, 2), PATIENCE_S, "it is missed")
    ospf.start_router("r1")
    assert_goes_well(ospf)


def test_a_crash_and_a_restart(ospf: Scene) -> None:
    ospf.vipd.kill()
    ospf.vipd.restart()
    assert_goes_well(ospf)


def test_a_clean_stop_is_said(ospf: Scene) -> None:
    ospf.vipd.stop()
    # Far below the dead interval: it was said.
    deadline.until(lambda: nobody_knows_a_way(ospf, VIP), 3.0, "the routers have let go")
    deadline.until(lambda: nobody_knows_a_way(ospf, VIP6), 1.0, "of both")
    ospf.vipd.start()
    assert_goes_well(ospf)


def test_the_database_is_shown(ospf: Scene) -> None:
    assert len(ospf.vipd.ask("ospf", "database")["database"]) >= 6
