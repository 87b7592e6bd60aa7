# SPDX-License-Identifier: Apache-2.0
"""OSPF on links of other kinds, as a Designated Router, beside RIP, and where it says nothing."""

from __future__ import annotations

from typing import Any

import pytest

from lab import deadline
from lab.ospf_scene import (PATIENCE_S, QUICK, assert_goes_well, full, knows_the_way,
                            nobody_knows_a_way, ospf_scene, rows, states)
from lab.scene import Scene
from lab.topology import VIP, VIP6

POINT_TO_POINT = {"la": "point-to-point", "lb": "point-to-point"}

pytestmark = [pytest.mark.vipd, pytest.mark.patient]


def interface(scene: Scene, name: str, protocol: str = "ospf") -> dict[str, Any]:
    """What `vip ospf interfaces` says of one."""
    return next((row for row in scene.vipd.ask("ospf", "interfaces")["interfaces"]
                 if row["interface"] == name and row["protocol"] == protocol), {})


@pytest.mark.parametrize("routers", ["bird", "frr"])
class TestEach:
    """With BIRD, and with FRR."""

    def test_point_to_point(self, routers: str) -> None:
        with ospf_scene(routers, ", network: point-to-point", networks=POINT_TO_POINT) as scene:
            assert_goes_well(scene)

    def test_point_to_multipoint(self, routers: str) -> None:
        # FRR's ospf6d of 8.4 does not know it; BIRD's speaks to whom it is told of alone.
        keys, more = ", network: point-to-multipoint", ""
        if routers == "bird":
            keys += ", neighbors: [10.1.0.1, 10.2.0.2]"
            more = "neighbors { 10.1.0.10; 10.2.0.10; };"
        with ospf_scene(routers, keys, versions=(2,), more=more,
                        networks={"la": "point-to-multipoint",
                                  "lb": "point-to-multipoint"}) as scene:
            assert_goes_well(scene, (2,))

    def test_it_is_the_designated_router(self, routers: str) -> None:
        with ospf_scene(routers, ", priority: 1", priority=0) as scene:
            assert_goes_well(scene)
            assert states(scene) == {"dr"}

    def test_designated_routers_fail_and_come_back(self, routers: str) -> None:
        with ospf_scene(routers, ", priority: 1", priority=1) as scene:
            assert_goes_well(scene)
            # Of two that wait the higher router ID leads, if both have waited.
            deadline.until(lambda: states(scene) <= {"dr", "backup"}, PATIENCE_S, "it is elected")
            scene.vipd.kill()
            scene.vipd.process = None
            for address in (VIP, VIP6):
                deadline.until(lambda: nobody_knows_a_way(scene, address),  # noqa: B023
                               PATIENCE_S, "both miss it")
            scene.vipd.start()
            # Who leads meanwhile goes on leading: RFC 2328 9.4.
            assert_goes_well(scene)
            deadline.until(lambda: states(scene) == {"backup"}, PATIENCE_S, "they lead")
            scene.routers["r1"].kill()
            for protocol in ("ospf", "ospfv3"):
                deadline.until(lambda: interface(scene, "eth1", protocol)["state"]  # noqa: B023
                               == "dr", PATIENCE_S, "it leads where the router was")
            scene.start_router("r1")
            assert_goes_well(scene)
            assert interface(scene, "eth1")["state"] == "dr"
            assert interface(scene, "eth2")["state"] == "backup"

    def test_rip_beside_it(self, routers: str) -> None:
        with ospf_scene(routers, beside=", rip: {}") as scene:
            assert_goes_well(scene)
            assert scene.vipd.interface("eth1")["rip"]

    def test_rip_on_another_interface(self, routers: str) -> None:
        def prepare(scene: Scene) -> None:
            scene.routers["r2"].ospf = None
            scene.vipd.interfaces = ["eth1"]
            scene.vipd.settings = '  "eth2": {rip: {}}\n'

        with ospf_scene(routers, versions=(2,), prepare=prepare) as scene:
            deadline.until(lambda: full(scene, 1), PATIENCE_S, "the router of OSPF is full")
            deadline.until(lambda: knows_the_way(scene, VIP), PATIENCE_S, "both know the way")
            # RIP says up to 15, so a metric that is for both is one of RIP's.
            deadline.until(lambda: len(scene.vipd.show(VIP)["accepted_by"]) == 2, PATIENCE_S,
                           "both have accepted it")

    def test_a_passive_interface_says_nothing(self, routers: str) -> None:
        def prepare(scene: Scene) -> None:
            scene.vipd.interfaces = ["eth1"]
            scene.vipd.settings = f'  "eth2": {{ospf: {{area: 0, {QUICK}, passive: yes}}}}\n'

        with ospf_scene(routers, versions=(2,), prepare=prepare) as scene:
            deadline.until(lambda: full(scene, 1), PATIENCE_S, "the router of the other is full")
            deadline.until(lambda: scene.route_device("r2", VIP) == "lc", PATIENCE_S,
                           "the router behind the passive one goes by the other")
            assert {row["interface"] for row in rows(scene)} == {"eth1"}
            assert interface(scene, "eth2")["hellos_sent"] == 0
