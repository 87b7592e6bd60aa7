# SPDX-License-Identifier: Apache-2.0
"""OSPF when something dies or is cut off: what a client and the routers see of it.

The routers are BIRD and FRR. How many milliseconds it takes stands in doc/ospf.md.
"""

from __future__ import annotations

import re
import time
from dataclasses import replace
from typing import Any, Callable, Iterator

import pytest

from lab import calm, deadline
from lab.bird import Bird
from lab.frr import Frr
from lab.ospf import Ospf
from lab.scene import Scene
from lab.scratch import scratch
from lab.setting import CALM_BFD_INTERVAL_MS, SETTINGS
from lab.topology import OTHER, SERVER, VIP, VIP6, in_ipv6

PATIENCE_S = 40.0
SPEAKER = "area: 0, hello: 1s, dead: 4s"
# So long FRR holds a change back that follows another one.
FRR_HOLDS_S = 5.5
HELPS = " capability opaque\n graceful-restart helper enable\n"
OspfScene = Callable[..., Scene]

pytestmark = pytest.mark.vipd


def full(scene: Scene, count: int) -> bool:
    """Say whether so many neighbours are full."""
    return sum(row["state"] == "full" for row in scene.vipd.neighbors()) == count


@pytest.fixture(name="ospf")
def make_ospf_scene() -> Iterator[OspfScene]:
    """Makes figure 2 with OSPF in place of RIP, and waits until the routers know the way."""
    made: list[Scene] = []

    def make(routers: str, more: str = "", keys: str = "", **of: Any) -> Scene:
        scene = Scene(routers, "vipd", scratch("ospf-failure"), ipv6=True)
        made.append(scene)
        setting = Ospf(**{"versions": (2, 3), **of})
        for router in scene.routers.values():
            router.ospf = setting
            if isinstance(router, Frr):
                router.more = more
        vips = [{2: VIP, 3: VIP6}[version] for version in setting.versions]
        scene.vipd.addresses = vips
        speaks = f"{SPEAKER}{keys}, network: {setting.network('la')}"
        words = {2: f"ospf: {{{speaks}}}", 3: f"ospfv3: {{{speaks}}}"}
        scene.vipd.speaker = ", ".join(words[version] for version in setting.versions)
        scene.__enter__()
        deadline.until(lambda: full(scene, 2 * len(setting.versions)), PATIENCE_S, "all are full")
        for address in vips:
            deadline.until(lambda: knows_the_way(scene, address), PATIENCE_S,  # noqa: B023
                           f"the routers know the way to {address}")
        return scene

    yield make
    for scene in made:
        scene.__exit__()


def knows_the_way(scene: Scene, address: str) -> bool:
    """Say whether each router goes to the server by its own LAN."""
    return (scene.route_device("r1", address), scene.route_device("r2", address)) == ("la", "lb")


def numbers(scene: Scene) -> list[list[str]]:
    """The sequence numbers of what each router says of its links: others, when one has changed."""
    return [re.findall(r"\b8000[0-9a-f]{4}\b", router.ask(
        "show ip ospf database router self-originate" if isinstance(router, Frr)
        else "show ospf lsadb self")) for router in scene.routers.values()]


def quiet(scene: Scene, look: Callable[[Scene], list[Any]] = numbers) -> list[Any]:
    """The same when nothing has changed for as long as FRR holds a change back."""
    last: list[Any] = [look(scene), time.monotonic()]

    def silent() -> bool:
        now = look(scene)
        if now != last[0]:
            last[:] = [now, time.monotonic()]
        return time.monotonic() - last[1] > FRR_HOLDS_S

    deadline.until(silent, PATIENCE_S, "the routers have nothing to say", 0.2)
    assert all(last[0])
    return last[0]


def assert_not_seen(scene: Scene, harm: Callable[[], None]) -> None:
    """A life ends and another begins: the client loses nothing, the routers say nothing."""
    before = quiet(scene)

    def harmed() -> None:
        harm()
        scene.vipd.restart()
        deadline.until(lambda: full(scene, 2), PATIENCE_S, "they are full again")
        deadline.watch(FRR_HOLDS_S, lambda: None)

    assert scene.losses_during(harmed).lost == 0
    # At the end of its help FRR says the same anew (RFC 3623 3.2); that of a lost link are two.
    said = 1 if isinstance(scene.routers["r1"], Frr) else 0
    assert all(int(now, 16) - int(then, 16) <= said for after, router in zip(numbers(scene), before)
               for now, then in zip(after, router, strict=True))
    assert knows_the_way(scene, VIP)


@pytest.mark.parametrize("designated", [False, True])
@pytest.mark.parametrize("routers", ["bird", "frr"])
def test_a_death_and_a_restart_are_not_seen(ospf: OspfScene, routers: str,
                                            designated: bool) -> None:
    # FRR's ospfd helps when it is told to; BIRD 2.0 does without that.
    of = {"keys": ", priority: 1", "priority": 0} if designated else {}
    scene = ospf(routers, HELPS, versions=(2,), **of)

    def die() -> None:
        scene.vipd.kill()
        time.sleep(0.5)

    assert_not_seen(scene, die)


@pytest.mark.parametrize("routers", ["bird", "frr"])
def test_a_hand_over_is_not_seen(ospf: OspfScene, routers: str) -> None:
    scene = ospf(routers, HELPS, versions=(2,))
    assert_not_seen(scene, lambda: scene.vipd.vip("stop", "--hand-over") and None)


@pytest.mark.parametrize("ipv6", [False, True], ids=["v2", "v3"])
@pytest.mark.parametrize("routers", ["bird", "frr"])
def test_what_bfd_has_found_down_comes_back(routers: str, ipv6: bool) -> None:
    """A router's session goes with the neighbour, and comes again when that is heard again."""
    setting = replace(SETTINGS["vipd-ospf-bfd"], bfd_ms=CALM_BFD_INTERVAL_MS)
    with setting.scene(routers, scratch("ospf-bfd"), ipv6=ipv6) as scene:
        setting.settle(scene)
        scene.network.silence(SERVER, "eth1")
        deadline.until(lambda: scene.route_device("r1") == "lc", PATIENCE_S, "r1 goes round it")
        deadline.until(lambda: not full(scene, 2), PATIENCE_S, "vipd misses the router")
        scene.network.unsilence(SERVER, "eth1")
        setting.settle(scene)
        assert full(scene, 2)


@pytest.mark.parametrize("words", [(), ("--take",)], ids=["bind", "take"])
@pytest.mark.parametrize("routers", ["bird", "frr"])
def test_a_move_loses_nothing(routers: str, words: tuple[str, ...]) -> None:
    if not calm.comes():
        pytest.skip(calm.REASON)
    setting = SETTINGS["vipd-ospf"]
    with setting.two_servers(routers, scratch("ospf-move")) as scene:
        scene.old.bind(VIP)
        scene.wait_for_all(SERVER)
        scene.start_probe()
        setting.quiet(scene.network)
        scene.new.vip("bind", VIP, *words)
        scene.old.unbind(VIP)
        scene.wait_for_all(OTHER)
        scene.wait_for_answers()
        assert scene.losses().lost == 0


def adjacencies(scene: Scene) -> list[str]:
    """What the routers have seen of adjacencies so far: another list when one has changed."""
    seen: list[str] = []
    for router in scene.routers.values():
        if isinstance(router, Frr):
            seen += re.findall(r"\d+ state changes", router.ask("show ip ospf neighbor detail"))
            # ospf6d does not count; a description has another number each time.
            seen += re.findall(r"State Full|DbDesc status: .*",
                               router.ask("show ipv6 ospf6 neighbor detail"))
        else:
            assert isinstance(router, Bird)
            seen += re.findall(r"Neighbor .* changed state .*",
                               router.log_text())
    assert len(seen) >= 2 * len(scene.routers)
    return seen


@pytest.mark.parametrize("network", ["broadcast", "point-to-point"])
@pytest.mark.parametrize("routers", ["bird", "frr"])
def test_a_death_is_no_event_of_an_adjacency(ospf: OspfScene, routers: str, network: str) -> None:
    # Nobody is told to help: FRR does not by default.
    scene = ospf(routers, networks={"la": network, "lb": network})
    for seconds in (0.0, 1.0):
        before = quiet(scene, adjacencies)

        def die() -> None:
            scene.vipd.kill()
            deadline.watch(seconds, lambda: None)  # noqa: B023
            scene.vipd.restart()
            deadline.until(lambda: full(scene, 4), PATIENCE_S, "they are full again")
            deadline.watch(FRR_HOLDS_S, lambda: None)

        lost6: list[int] = []
        lost = scene.losses_during(
            lambda: lost6.append(scene.losses_during(die, VIP6).lost)).lost  # noqa: B023
        assert (lost, lost6) == (0, [0])
        assert adjacencies(scene) == before
        assert knows_the_way(scene, VIP) and knows_the_way(scene, VIP6)


def forwarded(scene: Scene) -> int:
    """Packets of others that the server has passed on, in both families."""
    node = scene.network.nodes[SERVER]
    heads, numbers = [line.split()[1:] for line in node.run("cat", "/proc/net/snmp").splitlines()
                      if line.startswith("Ip:")]
    four = dict(zip(heads, numbers))["ForwDatagrams"]
    six = next(line.split()[1] for line in node.run("cat", "/proc/net/snmp6").splitlines()
               if line.startswith("Ip6OutForwDatagrams"))
    return int(four) + int(six)


def forward(scene: Scene) -> None:
    """Let the server pass on whatever it is given."""
    scene.network.nodes[SERVER].sysctl({"net.ipv4.ip_forward": "1",
                                        "net.ipv6.conf.all.forwarding": "1"})


@pytest.mark.parametrize("routers", ["bird", "frr"])
class TestTransit:
    """The shortest way between the routers leads through a server that would forward."""

    def test_a_dear_way_is_taken_before_it(self, ospf: OspfScene, routers: str) -> None:
        scene = ospf(routers, costs={"lc": 60000})
        forward(scene)
        r1 = scene.network.nodes["r1"]
        for far in ("10.2.0.2", in_ipv6("10.2.0.2")):
            network = "10.2.0.0/24" if far == "10.2.0.2" else "fd00:2::/64"
            deadline.until(lambda: [each.get("dev") for each in r1.route(network)]  # noqa: B023
                           == ["lc"], PATIENCE_S, f"r1 knows the way to {network}")
            r1.run("ping", "-q", "-c", "20", "-i", "0.01", "-W", "1", far)
        assert forwarded(scene) == 0

    def test_in_ipv6_no_way_at_all_is_better(self, ospf: OspfScene, routers: str) -> None:
        scene = ospf(routers, versions=(3,))
        forward(scene)
        r1 = scene.network.nodes["r1"]
        scene.network.nic_down("r2", "lc")
        deadline.until(lambda: not r1.route("fd00:2::/64"), PATIENCE_S, "r1 knows no way")
        deadline.watch(1.0, lambda: None)
        assert not r1.route("fd00:2::/64")
        assert r1.attempt("ping", "-q", "-c", "3", "-i", "0.01", "-W", "1",
                          in_ipv6("10.2.0.2")).returncode != 0
        assert forwarded(scene) == 0
