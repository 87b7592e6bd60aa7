# SPDX-License-Identifier: Apache-2.0
"""Figure 2 with OSPF in place of RIP: scenes, and what is asked of them again and again.

    with ospf_scene("bird", keys=", priority: 1", priority=0) as scene:
        assert_goes_well(scene)
"""

from __future__ import annotations

from typing import Any, Callable, Sequence

from . import deadline
from .ospf import Ospf
from .scene import Scene
from .scratch import scratch
from .topology import VIP, VIP6

PATIENCE_S = 40.0
QUICK = "hello: 1s, dead: 4s"
ADDRESSES = {2: VIP, 3: VIP6}


def unchanged(_: Scene) -> None:
    """The network is as figure 2 has it."""


def ospf_scene(routers: str, keys: str = "", keys3: str | None = None, settings: str = "",
               beside: str = "", times: str = QUICK, vips: Sequence[str] = (),
               prepare: Callable[[Scene], None] = unchanged, **of: Any) -> Scene:
    """A scene that has not begun yet.

    `keys` are those of vipd's `ospf` on each interface, `keys3` of `ospfv3` if they are others;
    `beside` stands beside them, and `of` is how the routers speak.
    """
    setting = Ospf(**{"versions": (2, 3), **of})
    scene = Scene(routers, "vipd", scratch("ospf"), ipv6=True)
    for router in scene.routers.values():
        router.ospf = setting
    said = {2: keys, 3: keys if keys3 is None else keys3}
    scene.vipd.addresses = [*(ADDRESSES[version] for version in setting.versions), *vips]
    scene.vipd.speaker = ", ".join(
        f"{'ospf' if version == 2 else 'ospfv3'}: "
        f"{{area: {setting.area}, {times}{said[version]}}}" for version in setting.versions) + beside
    scene.vipd.settings = settings
    try:
        prepare(scene)
    except BaseException:
        scene.__exit__()
        raise
    return scene


def rows(scene: Scene) -> list[dict[str, Any]]:
    """The OSPF neighbours that vipd has, of both versions."""
    return [row for row in scene.vipd.neighbors() if row["protocol"].startswith("ospf")]


def full(scene: Scene, count: int) -> bool:
    """Say whether so many neighbours are full."""
    return sum(row["state"] == "full" for row in rows(scene)) == count


def knows_the_way(scene: Scene, address: str) -> bool:
    """Say whether each router goes to the server by its own LAN."""
    return (scene.route_device("r1", address), scene.route_device("r2", address)) == ("la", "lb")


def nobody_knows_a_way(scene: Scene, address: str) -> bool:
    """Say whether no router has a route to it."""
    return not scene.route_device("r1", address) and not scene.route_device("r2", address)


def states(scene: Scene) -> set[str]:
    """In which states the interfaces are that speak OSPF."""
    return {row["state"] for row in scene.vipd.ask("ospf", "interfaces")["interfaces"]}


def assert_goes_well(scene: Scene, versions: Sequence[int] = (2, 3)) -> None:
    """Adjacencies are full, and the routers reach the VIPs of these versions."""
    deadline.until(lambda: full(scene, 2 * len(versions)), PATIENCE_S, "the neighbours are full")
    for version in versions:
        address = ADDRESSES[version]
        deadline.until(lambda: knows_the_way(scene, address), PATIENCE_S,  # noqa: B023
                       f"the routers know the way to {address}")
        deadline.until(lambda: scene.vipd.show(address)["accepted_by"], PATIENCE_S,  # noqa: B023
                       f"{address} is accepted")
