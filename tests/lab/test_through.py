# SPDX-License-Identifier: Apache-2.0
"""`probe: {through: router}` with real routers, which know nothing of it: whether they forward.

A router that answers ARP and speaks RIP, and forwards nothing, is what nobody else notices.
"""

from __future__ import annotations

import time
from typing import Iterator

import pytest

from lab import deadline
from lab.scene import Scene
from lab.scratch import scratch
from lab.server import VipdServer
from lab.topology import SERVER, VIP, Topology, one_router

UP_LIMIT_S = 15.0
VAIN_LIMIT_S = 15.0
LEFT_LIMIT_S = 0.150
ACCEPTED_LIMIT_S = 80.0
OUTAGE_LIMIT_MS = 500.0

FILTER = "table inet wall { chain f { type filter hook forward priority 0; udp dport 3785 drop; }; }"

pytestmark = pytest.mark.vipd


def through_routers(scene: Scene, interval: str = "10ms") -> Scene:
    """The same scene, before its start, with a server whose packets go through its routers."""
    scene.vipd.speaker = f"rip: {{}}, probe: {{through: router, interval: {interval}}}"
    scene.vipd.settings = "guard: {grace: 20s}\n"
    return scene


def pair_scene(topology: Topology | None = None) -> Scene:
    """A server and its only router."""
    return through_routers(Scene("bird", "vipd", scratch("through"),
                                 topology=topology or one_router()))


@pytest.fixture(name="pair")
def pair_of_machines() -> Iterator[Scene]:
    """A server whose packets come back through its only router."""
    with pair_scene() as scene:
        deadline.until(lambda: state(scene) == "up", UP_LIMIT_S, "packets come back")
        yield scene


def state(scene: Scene, watch: str = "echo") -> str:
    """What vipd says of the echo, or another watch, of its only neighbour."""
    rows = scene.vipd.neighbors()
    return str((rows[0][watch] or {}).get("state")) if rows else "no neighbour"


def events(keeper: VipdServer) -> list[str]:
    """The journal's lines about the echo."""
    return [line for line in keeper.vip("events", "-n", "500").splitlines() if " echo " in line]


def test_a_router_that_forwards_is_not_asked_for_its_address(pair: Scene) -> None:
    keeper = pair.vipd
    deadline.until(lambda: state(pair, "probe") == "None", UP_LIMIT_S, "the probe has ended")
    row = keeper.neighbors()[0]["echo"]
    assert (row["interval"], row["multiplier"], row["flaps"]) == (0.01, 3, 0)
    assert keeper.interface("eth1")["probe"] == {
        "interval": 0.01, "multiplier": 3, "through": "router", "unreturned": 0}
    assert "probe through router 10 ms x 3" in keeper.vip("interfaces")
    assert [(each["protocol"], each["state"]) for each in keeper.sessions()] == [("echo", "up")]


def test_a_killed_vipd_is_no_flap(pair: Scene) -> None:
    keeper = pair.vipd
    assert keeper.process is not None
    for _ in range(3):
        keeper.process.kill()
        keeper.launch()
        deadline.until(lambda: state(pair) == "up", UP_LIMIT_S, "vipd has its track again")
        assert keeper.neighbors()[0]["echo"]["flaps"] == 0
        assert not any("down" in line for line in events(keeper))


def test_a_router_that_gets_another_mac_address_is_not_down(pair: Scene) -> None:
    router = pair.network.nodes["r1"]
    for last in range(3):
        router.ip("link", "set", "dev", "la", "address", f"02:00:00:00:77:0{last}")
        deadline.watch(0.3, lambda: None)
    echo = pair.vipd.neighbors()[0]["echo"]
    assert echo["state"] == "up" and echo["flaps"] == 0


def test_where_nothing_ever_comes_back_the_probe_watches_and_it_is_said() -> None:
    scene = pair_scene()
    scene.network.nodes["r1"].run("nft", FILTER)
    with scene:
        keeper = scene.vipd
        deadline.until(lambda: state(scene, "probe") == "up", UP_LIMIT_S, "it answers for itself")
        deadline.until(lambda: state(scene) == "unknown", UP_LIMIT_S, "nothing comes back")
        deadline.until(lambda: any("nothing has come back" in line for line in events(keeper)),
                       VAIN_LIMIT_S, "the journal says so")
        assert "(1 unreturned)" in keeper.vip("interfaces")
        assert "does not come back" in keeper.attempt("doctor").stdout
        assert keeper.neighbors()[0]["state"] == "up"
        # It is let through: from then on it counts, and the probe ends.
        scene.network.nodes["r1"].run("nft", "delete table inet wall")
        deadline.until(lambda: state(scene) == "up", UP_LIMIT_S, "packets come back")
        deadline.until(lambda: state(scene, "probe") == "None", UP_LIMIT_S, "the probe has ended")


def all_up(scene: Scene) -> bool:
    """Say whether packets come back through both routers."""
    rows = scene.vipd.neighbors()
    return len(rows) == 2 and all((row["echo"] or {}).get("state") == "up" for row in rows)


@pytest.mark.release
def test_a_router_that_stops_forwarding_is_left_at_once(routers: str) -> None:
    with through_routers(Scene(routers, "vipd", scratch(f"through-{routers}"))) as scene:
        scene.settle(calm=True)
        deadline.until(lambda: all_up(scene), UP_LIMIT_S, "packets come back through both")
        assert scene.route_device("r1") == "la"
        # It answers ARP and RIP all the while.
        scene.network.nodes["r1"].sysctl({"net.ipv4.ip_forward": "0"})
        before = time.monotonic()
        deadline.until(lambda: scene.route_device("r1") != "la", 10.0, "its way is another one",
                       interval=0.001)
        seconds = time.monotonic() - before
        print(f"\n{routers}: left within {seconds * 1000:.0f} ms, the look at the routes included")
        assert seconds < LEFT_LIMIT_S
        row = next(row for row in scene.vipd.neighbors() if row["interface"] == "eth1")
        assert row["state"] == "down" and row["echo"]["flaps"] == 1
        assert scene.vipd.interface("eth2")["rip"]["lift"] > 0


# A router that says that it routes to the VIP, and drops what it should forward to it.
WALL = "table inet wall { chain f { type filter hook forward priority 0; ip daddr %s drop; }; }"
FOUND_LIMIT_S = 1.0


def liars(scene: Scene) -> set[str]:
    """The routers that say that they route to the VIP, and do not forward to us."""
    return {each["neighbor"] for each in scene.vipd.show(VIP)["not_forwarded_by"] if each["belied"]}


def test_a_router_that_drops_for_one_vip_is_found_within_a_second(routers: str) -> None:
    with through_routers(Scene(routers, "vipd", scratch(f"through-wall-{routers}"))) as scene:
        deadline.until(lambda: all_up(scene), UP_LIMIT_S, "packets come back through both")
        for k in range(3):
            deadline.until(lambda: len(scene.vipd.show(VIP)["accepted_by"]) == 2
                           and len(scene.vipd.show(VIP)["proven_by"]) == 2 and not liars(scene),
                           ACCEPTED_LIMIT_S, "both routers have accepted the VIP, and forward")
            scene.network.nodes["r1"].run("nft", WALL % VIP)
            before = time.monotonic()
            deadline.until(lambda: liars(scene) == {"10.1.0.1"}, 10.0, "it is found out",
                           interval=0.01)
            seconds = time.monotonic() - before
            print(f"\n{routers}: found out after {seconds * 1000:.0f} ms")
            assert seconds < FOUND_LIMIT_S
            # The router is there, and forwards other things.
            assert all_up(scene)
            scene.network.nodes["r1"].run("nft", "delete table inet wall")


@pytest.mark.release
def test_a_switch_that_fails_in_silence_costs_fractions_of_a_second(routers: str) -> None:
    with through_routers(Scene(routers, "vipd", scratch(f"through-silent-{routers}"))) as scene:
        # vipd learns no routes here, so the way back is not its affair: it is the other LAN.
        scene.network.nodes[SERVER].ip("route", "del", "default", "via", "10.1.0.1")
        scene.settle(calm=True)
        deadline.until(lambda: all_up(scene), UP_LIMIT_S, "packets come back through both")
        outcome = scene.fail(lambda: scene.network.silence(SERVER, "eth1"))
        print(f"\n{routers}: an outage of {outcome.outage_ms} ms")
        assert outcome.recovered
        assert outcome.outage_ms is not None and outcome.outage_ms <= OUTAGE_LIMIT_MS
        assert outcome.carried_after == "Router 2"
