# SPDX-License-Identifier: Apache-2.0
"""OSPF on links of other kinds, as the Designated Router, beside RIP, and what is learned by it."""

from __future__ import annotations

from typing import Any, Callable, Iterator

import pytest

from lab import deadline
from lab.ospf import Ospf
from lab.scene import Scene
from lab.scratch import scratch
from lab.topology import VIP, VIP6

PATIENCE_S = 40.0
QUICK = "area: 0, hello: 1s, dead: 4s"
LinkScene = Callable[..., Scene]

pytestmark = pytest.mark.vipd


def rows(scene: Scene) -> list[dict[str, Any]]:
    """The OSPF neighbours that vipd has, of both versions."""
    return [row for row in scene.vipd.neighbors() if row["protocol"].startswith("ospf")]


def full(scene: Scene, count: int) -> bool:
    """Say whether so many neighbours are full."""
    return sum(row["state"] == "full" for row in rows(scene)) == count


def knows_the_way(scene: Scene, address: str) -> bool:
    """Say whether each router goes to the server by its own LAN."""
    return (scene.route_device("r1", address), scene.route_device("r2", address)) == ("la", "lb")


@pytest.fixture(name="links")
def make_scene() -> Iterator[LinkScene]:
    """Makes figure 2 with OSPF of both versions, and keys of vipd's."""
    made: list[Scene] = []

    def make(routers: str, keys: str = "", keys3: str = "", settings: str = "", more: str = "",
             more_of_routers: str = "",
             prepare: Callable[[Scene], None] = lambda scene: None, **of: Any) -> Scene:
        scene = Scene(routers, "vipd", scratch("ospf-links"), ipv6=True)
        for router in scene.routers.values():
            router.ospf = Ospf(**{"versions": (2, 3), "more": more_of_routers, **of})
        scene.vipd.addresses = (VIP, VIP6)
        scene.vipd.speaker = f"ospf: {{{QUICK}{keys}}}, ospfv3: {{{QUICK}{keys3}}}{more}"
        scene.vipd.settings = settings
        prepare(scene)
        made.append(scene.__enter__())
        return scene

    yield make
    for scene in made:
        scene.__exit__()


def assert_goes_well(scene: Scene) -> None:
    """Adjacencies are full, and the routers reach both VIPs."""
    deadline.until(lambda: full(scene, 4), PATIENCE_S, "the neighbours are full")
    for address in (VIP, VIP6):
        deadline.until(lambda: knows_the_way(scene, address), PATIENCE_S,  # noqa: B023
                       f"the routers know the way to {address}")


@pytest.mark.parametrize("routers", ["bird", "frr"])
class TestEach:
    """With BIRD, and with FRR."""

    def test_point_to_multipoint(self, links: LinkScene, routers: str) -> None:
        # FRR's ospf6d of 8.4 does not know it; BIRD's speaks to whom it is told of alone.
        keys, more = ", network: point-to-multipoint", ""
        if routers == "bird":
            keys += ", neighbors: [10.1.0.1, 10.2.0.2]"
            more = "neighbors { 10.1.0.10; 10.2.0.10; };"
        scene = links(routers, keys, versions=(2,), more_of_routers=more,
                      networks={"la": "point-to-multipoint", "lb": "point-to-multipoint"})
        deadline.until(lambda: full(scene, 2), PATIENCE_S, "the neighbours are full")
        deadline.until(lambda: knows_the_way(scene, VIP), PATIENCE_S, "the routers know the way")

    def test_it_is_the_designated_router(self, links: LinkScene, routers: str) -> None:
        scene = links(routers, ", priority: 1", ", priority: 1", priority=0)
        assert_goes_well(scene)
        states = {row["state"] for row in scene.vipd.ask("ospf", "interfaces")["interfaces"]}
        assert states == {"dr"}

    def test_a_designated_router_that_comes_back(self, links: LinkScene, routers: str) -> None:
        scene = links(routers, ", priority: 1", ", priority: 1", priority=1)
        assert_goes_well(scene)
        scene.routers["r1"].kill()
        deadline.until(lambda: full(scene, 2), PATIENCE_S, "it is missed")
        scene.start_router("r1")
        assert_goes_well(scene)

    def test_routes_are_learned_with_both_paths(self, links: LinkScene, routers: str) -> None:
        scene = links(routers, more=", learn: all")
        assert_goes_well(scene)

        def paths(family: str, prefix: str) -> set[str]:
            found = scene.network.nodes["server"].ip_json(family, "route", "show", prefix)
            hops = [hop for route in found if route.get("protocol") not in ("kernel", "boot")
                    for hop in route.get("nexthops", [route])]
            return {hop["dev"] for hop in hops if "dev" in hop}

        deadline.until(lambda: paths("-4", "10.0.0.0/24") == {"eth1", "eth2"}, PATIENCE_S,
                       "both ways to the client are learned")
        deadline.until(lambda: paths("-6", "fd00:0::/64") == {"eth1", "eth2"}, PATIENCE_S,
                       "of IPv6 too")
        scene.nic_down()
        deadline.until(lambda: paths("-4", "10.0.0.0/24") == {"eth2"}, PATIENCE_S, "one is left")

    def test_rip_beside_it(self, links: LinkScene, routers: str) -> None:
        scene = links(routers, more=", rip: {}")
        assert_goes_well(scene)
        assert scene.vipd.interface("eth1")["rip"]


def test_an_unnumbered_link(links: LinkScene) -> None:
    """BIRD takes a link whose addresses are no network: those of its hosts alone."""

    def prepare(scene: Scene) -> None:
        router, server = scene.network.nodes["r1"], scene.network.nodes["server"]
        router.batch(["address del 10.1.0.1/24 dev la",
                      "address add 10.77.0.1/32 peer 10.77.0.10/32 dev la"])
        server.batch(["address del 10.1.0.10/24 dev eth1",
                      "address add 10.77.0.10/32 peer 10.77.0.1/32 dev eth1"])

    scene = links("bird", ", network: point-to-point", prepare=prepare,
                  networks={"la": "point-to-point", "lb": "point-to-point"}, versions=(2,))
    deadline.until(lambda: full(scene, 2), PATIENCE_S, "the neighbours are full")
    deadline.until(lambda: knows_the_way(scene, VIP), PATIENCE_S, "the routers know the way")
