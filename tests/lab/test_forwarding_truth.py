# SPDX-License-Identifier: Apache-2.0
"""`proven` is true: no router proves a VIP whose table does not lead to us, whatever it says.

The echo watches the routers here, so that all is found out within a second.
"""

from __future__ import annotations

from typing import Iterator

import pytest

from lab import deadline
from lab.proofs import PATIENCE_S, THROUGH, WALL, is_well, liars, proven_by, steadily, wait_well
from lab.scene import Scene
from lab.scratch import scratch
from lab.topology import CLIENT, CLIENT_ADDRESS, PHYSICAL, VIP

SECOND = "10.2.0.2"

pytestmark = pytest.mark.vipd


@pytest.fixture(scope="module", name="scene", params=["bird", "frr"])
def watched_by_the_echo(request: pytest.FixtureRequest) -> Iterator[Scene]:
    """Figure 2 with a daemon that watches its routers."""
    made = Scene(request.param, "vipd", scratch(f"truth-{request.param}"))
    made.vipd.speaker = f"rip: {{}}, {THROUGH}"
    with made as scene:
        yield scene


# What makes a router that has the route of RIP, and says so, not forward to us by it.
HARM = {
    "a static route": ("ip", "route", "add", VIP, "via", CLIENT_ADDRESS, "metric", "1"),
    "an access list": ("nft", WALL % ("ip", VIP)),
    "an access list that says so": ("nft", (WALL % ("ip", VIP)).replace("drop", "reject")),
    "no room in its table": ("ip", "rule", "add", "pref", "10", "to", VIP, "unreachable"),
}
MENDED = {
    "ip route": ("ip", "route", "delete", VIP, "via", CLIENT_ADDRESS, "metric", "1"),
    "nft": ("nft", "delete", "table", "inet", "wall"),
    "ip rule": ("ip", "rule", "delete", "pref", "10"),
}


@pytest.mark.parametrize("harm", HARM)
def test_a_router_whose_table_does_not_lead_to_us_proves_nothing(scene: Scene, harm: str) -> None:
    wait_well(scene.vipd, VIP)
    router, words = scene.network.nodes["r1"], HARM[harm]
    router.run(*words)
    steadily(lambda: proven_by(scene.vipd) == {"eth2": "eth2"}, "the other router alone proves it")
    assert liars(scene.vipd) == {"eth1"}
    assert scene.vipd.attempt("prove", VIP).returncode == 1
    assert scene.vipd.attempt("prove", VIP, "--neighbor", SECOND).returncode == 0
    router.run(*next(back for start, back in MENDED.items() if " ".join(words).startswith(start)))
    wait_well(scene.vipd, VIP)


def test_a_static_route_to_the_other_router_is_told_by_the_way_in(scene: Scene) -> None:
    wait_well(scene.vipd, VIP)
    router = scene.network.nodes["r1"]
    router.run("ip", "route", "add", VIP, "via", "10.0.0.2", "metric", "1")
    steadily(lambda: proven_by(scene.vipd) == {"eth1": "eth2", "eth2": "eth2"},
             "all of it comes in by one interface")
    router.run("ip", "route", "delete", VIP, "via", "10.0.0.2", "metric", "1")
    wait_well(scene.vipd, VIP)


def test_routers_with_strict_reverse_path_filters_forward_to_us(scene: Scene) -> None:
    wait_well(scene.vipd, VIP)
    for name in scene.routers:
        scene.network.nodes[name].sysctl({"net.ipv4.conf.all.rp_filter": "1"})
    steadily(lambda: is_well(scene.vipd), "it is proven by both")
    for name in scene.routers:
        scene.network.nodes[name].sysctl({"net.ipv4.conf.all.rp_filter": "0"})


def test_a_reverse_path_filter_that_drops_clients_is_not_seen_by_the_proof(scene: Scene) -> None:
    """Our packet comes from the router's own LAN, whatever it thinks of where clients are."""
    wait_well(scene.vipd, VIP)
    router, client = scene.network.nodes["r1"], scene.network.nodes[CLIENT]

    def is_answered() -> bool:
        return client.attempt("ping", "-n", "-c", "1", "-W", "1", VIP).returncode == 0

    deadline.until(is_answered, PATIENCE_S, "the client is answered")
    router.sysctl({"net.ipv4.conf.all.rp_filter": "1"})
    router.run("ip", "route", "add", CLIENT_ADDRESS, "via", PHYSICAL)
    deadline.until(lambda: not is_answered(), PATIENCE_S, "the router drops what is the client's")
    steadily(lambda: is_well(scene.vipd), "it is proven by both all the same")
    assert not is_answered()
    router.run("ip", "route", "delete", CLIENT_ADDRESS, "via", PHYSICAL)
    router.sysctl({"net.ipv4.conf.all.rp_filter": "0"})
    deadline.until(is_answered, PATIENCE_S, "the client is answered again")
