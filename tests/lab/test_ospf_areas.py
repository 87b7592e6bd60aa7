# SPDX-License-Identifier: Apache-2.0
"""OSPF in areas of each kind, and VIPs in each form: both versions, with BIRD and FRR.

In all but one of them the routers are border routers: the server is in the area 1 with them, and the
client is in the backbone.
"""

from __future__ import annotations

from typing import Any

import pytest

from lab import deadline
from lab.ospf import Ospf
from lab.ospf_scene import PATIENCE_S, assert_goes_well, ospf_scene
from lab.scene import Scene
from lab.topology import SERVER, VIP, VIP6

pytestmark = [pytest.mark.vipd, pytest.mark.patient,
              pytest.mark.parametrize("routers", ["bird", "frr"])]


def own(scene: Scene) -> list[dict[str, Any]]:
    """The LSAs of the server."""
    return [row for row in scene.vipd.ask("ospf", "database")["database"] if row["own"]]


def default_route(scene: Scene, family: str) -> list[dict[str, Any]]:
    """The default routes that the server has learned."""
    return [route for route in scene.network.nodes[SERVER].ip_json(family, "route", "show", "default")
            if route.get("protocol") not in ("kernel", "boot", "static")]


@pytest.mark.parametrize("kind,summaries", [("stub", True), ("stub", False), ("nssa", True)],
                         ids=["stub", "totally-stub", "nssa"])
def test_in_an_area_of_a_kind(routers: str, kind: str, summaries: bool) -> None:
    with ospf_scene(routers, f", area-kind: {kind}", beside=", learn: default", area="0.0.0.1",
                    kind=kind, summaries=summaries, backbone=("lc",)) as scene:
        assert_goes_well(scene)
        if kind == "stub":
            # Border routers say a default route there: RFC 2328 12.4.3.1.
            deadline.until(lambda: default_route(scene, "-4"), PATIENCE_S, "it is learned")
            deadline.until(lambda: default_route(scene, "-6"), PATIENCE_S, "of IPv6 too")


@pytest.mark.parametrize("form,kind", [("external", "normal"), ("nssa", "nssa")])
def test_as_externals(routers: str, form: str, kind: str) -> None:
    keys = "" if kind == "normal" else f", area-kind: {kind}"
    with ospf_scene(routers, keys, settings=f"ospf: {{vips: {form}}}\n", area="0.0.0.1",
                    kind=kind, backbone=("lc",)) as scene:
        assert_goes_well(scene)


def test_two_areas_do_not_make_a_border_router(routers: str) -> None:
    # FRR's ospf6d goes on with the way of one area when there is one in the other, or with none.
    versions = (2, 3) if routers == "bird" else (2,)

    def prepare(scene: Scene) -> None:
        scene.routers["r2"].ospf = Ospf(versions=versions, area="0.0.0.1", backbone=("lc",))
        scene.vipd.interfaces = ["eth1"]
        speaks = "area: 1, hello: 1s, dead: 4s"
        scene.vipd.settings = '  "eth2": {' + ", ".join(
            f"{'ospf' if version == 2 else 'ospfv3'}: {{{speaks}}}" for version in versions) + "}\n"

    with ospf_scene(routers, versions=versions, prepare=prepare) as scene:
        # Inside of an area is better than by another one: r1 by LAN A, r2 by LAN B.
        assert_goes_well(scene, versions)
        areas = {row["area"] for row in scene.vipd.ask("ospf", "interfaces")["interfaces"]}
        assert areas == {"0.0.0.0", "0.0.0.1"}
        # Nothing of one area is said in the other.
        said = {row["type"] for row in own(scene)}
        assert not {kind for kind in said if "summary" in kind or "inter" in kind}
        scene.nic_down()
        # What is left is in the other area: r1 hears of it by r2, which is one.
        deadline.until(lambda: scene.route_device("r1", VIP) == "lc", PATIENCE_S, "the other way")
        if 3 in versions:
            deadline.until(lambda: scene.route_device("r1", VIP6) == "lc", PATIENCE_S, "of both")
