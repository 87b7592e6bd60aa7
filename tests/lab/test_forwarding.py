# SPDX-License-Identifier: Apache-2.0
"""Routers are asked to forward to the VIPs, and what comes back, or does not, is said."""

from __future__ import annotations

import time
from typing import Any, Iterator

import pytest

from lab import deadline
from lab.scene import Scene
from lab.scratch import scratch
from lab.topology import SERVER, VIP

PATIENCE_S = 40.0
FIRST, SECOND = "10.1.0.1", "10.2.0.2"
OTHER = "10.9.77.1"

# A router that says that it routes to the VIP, and drops what it should forward to it.
WALL = "table inet wall { chain f { type filter hook forward priority 0; ip daddr %s drop; }; }"
FINDING_LIMIT_S = 31.0
# After the router's kernel has the route.
PROVEN_LIMIT_S = 0.5

pytestmark = pytest.mark.vipd


@pytest.fixture(scope="module", name="scene", params=["bird", "frr"])
def figure_two_with(request: pytest.FixtureRequest) -> Iterator[Scene]:
    """The specification's network, with a daemon as its users have it."""
    with Scene(request.param, "vipd", scratch(f"forwarding-{request.param}")) as scene:
        yield scene


def proven_by(scene: Scene, vip: str = VIP) -> dict[str, str]:
    """The routers through which what is sent to the VIP comes back, and by which interface."""
    return {each["neighbor"]: each["way_in"] for each in scene.vipd.show(vip)["proven_by"]}


def not_forwarded_by(scene: Scene) -> dict[str, bool]:
    """The routers through which it does not, and whether they say that it does."""
    return {each["neighbor"]: each["belied"] for each in scene.vipd.show(VIP)["not_forwarded_by"]}


def status(scene: Scene) -> dict[str, Any]:
    """`vip status`."""
    answer: dict[str, Any] = scene.vipd.ask("status")
    return answer


def both_prove(scene: Scene) -> None:
    """Wait until both routers have shown that they forward to the VIP, each by its own LAN."""
    deadline.until(lambda: proven_by(scene) == {FIRST: "eth1", SECOND: "eth2"}, PATIENCE_S,
                   "both routers forward to the VIP")


def test_what_routers_forward_is_proven_by_each_of_them(scene: Scene) -> None:
    both_prove(scene)
    shown = scene.vipd.show(VIP)
    assert shown["state"] == "proven"
    assert all(0 < each["time_us"] < 1_000_000 for each in shown["proven_by"])
    assert not status(scene)["degraded"], status(scene)["reasons"]
    said = scene.vipd.vip("doctor", VIP)
    assert "what is sent to it comes back through" in said
    assert f"{FIRST}, by eth1" in said and f"{SECOND}, by eth2" in said


def test_a_router_that_accepts_and_drops_is_found_out(scene: Scene) -> None:
    both_prove(scene)
    router = scene.network.nodes["r1"]
    deadline.until(lambda: FIRST in {each["neighbor"] for each in scene.vipd.show(VIP)["accepted_by"]},
                   2 * PATIENCE_S, "the router has accepted it")
    begun = time.monotonic()
    router.run("nft", WALL % VIP)
    deadline.until(lambda: not_forwarded_by(scene) == {FIRST: True}, FINDING_LIMIT_S,
                   "the router is found out")
    print(f"\nfound out after {time.monotonic() - begun:.1f} s")
    assert proven_by(scene) == {SECOND: "eth2"}
    now = status(scene)
    assert now["degraded"]
    assert f"{FIRST} says that it routes to {VIP} and does not forward to us" in now["reasons"]
    assert f"{FIRST} says that it routes to {VIP}" in scene.vipd.attempt("doctor").stdout
    router.run("nft", "delete table inet wall")
    both_prove(scene)
    assert not status(scene)["degraded"]


def test_a_router_that_forwards_nothing_of_that_kind_is_no_liar(scene: Scene) -> None:
    both_prove(scene)
    router = scene.network.nodes["r1"]
    router.run("nft", "table inet wall { chain f { type filter hook forward priority 0; udp dport 3785 drop; }; }")
    deadline.until(lambda: FIRST not in proven_by(scene), FINDING_LIMIT_S, "nothing comes back")
    deadline.watch(3.0, lambda: not_forwarded_by(scene) == {} or pytest.fail("it is called a liar"))
    assert not status(scene)["degraded"]
    assert scene.vipd.show(VIP)["state"] == "proven"
    router.run("nft", "delete table inet wall")
    both_prove(scene)


def test_a_vip_is_proven_soon_after_the_routers_know_the_way(scene: Scene) -> None:
    both_prove(scene)
    router = scene.network.nodes["r1"]
    scene.vipd.vip("bind", OTHER)
    deadline.until(lambda: OTHER in router.run("ip", "route", "show", OTHER), PATIENCE_S, "the router has the route")
    begun = time.monotonic()
    deadline.until(lambda: FIRST in proven_by(scene, OTHER), PATIENCE_S, "it is proven")
    print(f"\nproven {(time.monotonic() - begun) * 1000:.0f} ms after that was seen")
    assert time.monotonic() - begun < PROVEN_LIMIT_S
    scene.vipd.vip("unbind", OTHER)


def test_who_asks_by_hand_hears_what_each_router_does(scene: Scene) -> None:
    both_prove(scene)
    said = scene.vipd.vip("prove", VIP)
    for router, interface, own in ((FIRST, "eth1", "10.1.0.10"), (SECOND, "eth2", "10.2.0.10")):
        assert f"{router} is asked on {interface} from {own}: came back by {interface} in " in said
    assert said.count(", 1 router passed\n") == 2
    assert f"{VIP} is proven by " in said
    router = scene.network.nodes["r1"]
    router.run("nft", WALL % VIP)
    refused = scene.vipd.attempt("prove", VIP)
    assert refused.returncode == 1
    assert f"{FIRST} is asked on eth1 from 10.1.0.10: lost: " in refused.stdout
    assert f"{VIP} is not forwarded to us by {FIRST}\n" in refused.stdout
    # Each is told as soon as it is over: that a packet is lost takes longer than that one comes back.
    assert [line.split()[0] for line in refused.stdout.splitlines()] == [SECOND, FIRST, VIP]
    assert scene.vipd.attempt("prove", VIP, "--neighbor", SECOND).returncode == 0
    router.run("nft", "delete table inet wall")
    proofs = scene.vipd.ask("prove", VIP, "--neighbor", FIRST)["proofs"]
    assert [(each["neighbor"], each["outcome"], each["way_in"], each["routers"]) for each in proofs] == [
        (FIRST, "proven", "eth1", 1)]
    # Else it says so once in a second at the most, and the redirects that it sends count.
    router.sysctl({"net.ipv4.icmp_ratelimit": "0"})
    router.run("nft", (WALL % VIP).replace("drop", "reject"))
    refused = scene.vipd.attempt("prove", VIP, "--neighbor", FIRST)
    assert refused.returncode == 1
    assert f"refused by {FIRST}: it " in refused.stdout
    router.run("nft", "delete table inet wall")
    both_prove(scene)
    assert "10.9.200.1 is not bound" in scene.vipd.attempt("prove", "10.9.200.1").stderr
    assert "10.1.0.77 is no router" in scene.vipd.attempt("prove", VIP, "--neighbor", "10.1.0.77").stderr


def test_when_a_router_has_gone_what_the_others_bring_back_is_said(scene: Scene) -> None:
    both_prove(scene)
    scene.network.nic_down(SERVER, "eth1")
    deadline.until(lambda: "a router has gone; each that is left brings back 1 of 1 VIPs" in scene.vipd.vip("events", "-n", "20"),
                   PATIENCE_S, "the end of the failure is said")
    assert proven_by(scene) == {SECOND: "eth2"}
    scene.network.nic_up(SERVER, "eth1")
    # By whichever way: the better metric stays on the other interface for a while.
    deadline.until(lambda: set(proven_by(scene)) == {FIRST, SECOND}, PATIENCE_S, "both routers forward to the VIP")
