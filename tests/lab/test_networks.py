# SPDX-License-Identifier: Apache-2.0
"""Virtual networks of more than one address, VIPs that are held as routes, and IPv6."""

from __future__ import annotations

from typing import Iterator

import pytest

from lab import deadline
from lab.namespace import find_tool
from lab.routes import RouteWatch
from lab.scene import Scene
from lab.scratch import scratch
from lab.states import ROUTED
from lab.topology import CLIENT, SERVER

PATIENCE_S = 20.0
ROUTERS = (("r1", "la"), ("r2", "lb"))

pytestmark = pytest.mark.vipd


@pytest.fixture(scope="module", name="scene")
def scene_of_bird() -> Iterator[Scene]:
    """BIRD routers, and a vipd without any VIP."""
    with Scene("bird", "vipd", scratch("networks"), vips=()) as scene:
        yield scene


def ping(scene: Scene, node: str, address: str) -> str:
    """What `ping` prints that asks once, and waits for two seconds at most."""
    return scene.network.nodes[node].run(find_tool("ping"), "-n", "-c", "1", "-W", "2", address,
                                         check=False)


def wait_routed(scene: Scene, prefix: str) -> None:
    """Wait until both routers have a route to the server, each by its own LAN."""
    for node, device in ROUTERS:
        def routed(node: str = node, device: str = device) -> bool:
            routes = scene.network.nodes[node].route(prefix)
            return bool(routes) and routes[0].get("dev") == device

        deadline.until(routed, PATIENCE_S, f"{node} has a route to {prefix}")


def board_addresses(scene: Scene) -> set[str]:
    """The addresses of the board, each with its length."""
    links = scene.network.nodes[SERVER].ip_json("address", "show", "dev", "vnic0")
    return {f"{each['local']}/{each['prefixlen']}" for each in links[0]["addr_info"]
            if each["scope"] != "link"}


def unreachable(scene: Scene, prefix: str) -> bool:
    """Say whether the server's kernel refuses what no VIP of the network takes."""
    return [route.get("type") for route in scene.network.nodes[SERVER].route(prefix)] \
        == ["unreachable"]


def test_a_network_is_announced_and_its_vip_is_put_on_the_board_as_a_host(scene: Scene) -> None:
    scene.vipd.bind("10.9.1.1/24")
    wait_routed(scene, "10.9.1.0/24")
    assert not scene.network.nodes["r1"].route("10.9.1.1/32")
    assert "10.9.1.1/32" in board_addresses(scene)
    assert unreachable(scene, "10.9.1.0/24")
    assert "1 received" in ping(scene, CLIENT, "10.9.1.1")
    scene.vipd.unbind("10.9.1.1")


def test_an_address_that_no_vip_uses_is_unreachable_even_on_a_server_that_forwards(
        scene: Scene) -> None:
    scene.network.nodes[SERVER].sysctl({"net.ipv4.ip_forward": "1"})
    scene.vipd.bind("10.9.2.1/24")
    wait_routed(scene, "10.9.2.0/24")
    said = ping(scene, CLIENT, "10.9.2.77")
    scene.vipd.unbind("10.9.2.1")
    scene.network.nodes[SERVER].sysctl({"net.ipv4.ip_forward": "0"})
    assert "Destination Host Unreachable" in said
    assert "Time to live exceeded" not in said


def test_a_network_stays_until_its_last_vip_has_gone(scene: Scene) -> None:
    scene.vipd.vip("bind", "10.9.3.1/24", "10.9.3.2/24")
    wait_routed(scene, "10.9.3.0/24")
    watch = RouteWatch(scene.network.nodes["r1"])
    scene.vipd.unbind("10.9.3.1")
    assert "1 received" in ping(scene, CLIENT, "10.9.3.2")
    assert unreachable(scene, "10.9.3.0/24")
    assert not [change for change in watch.changes if not change.added]
    scene.vipd.unbind("10.9.3.2")
    watch.wait_gone("10.9.3.0/24", 0.0, PATIENCE_S)
    watch.close()
    deadline.until(lambda: not scene.network.nodes[SERVER].route("10.9.3.0/24"), PATIENCE_S,
                   "the unreachable route is gone")


def test_a_vip_that_is_held_as_a_route_answers_like_any_other(scene: Scene) -> None:
    scene.vipd.vip("bind", "10.9.4.1", "--hold", "route")
    assert scene.vipd.show("10.9.4.1")["held"] == "route"
    assert "10.9.4.1/32" not in board_addresses(scene)
    wait_routed(scene, "10.9.4.1/32")
    assert "1 received" in ping(scene, CLIENT, "10.9.4.1")
    scene.vipd.unbind("10.9.4.1")


@pytest.mark.parametrize("other", ("10.9.4.3", "2001:db8:9::3"))
def test_a_vip_that_is_held_as_a_route_outlives_the_last_address_of_its_board(scene: Scene,
                                                                              other: str) -> None:
    """The kernel drops the routes over a device with its last IPv4 address, and tells nobody."""
    server = scene.network.nodes[SERVER]
    scene.vipd.vip("bind", "10.9.4.1", other, "--hold", "route")
    if ":" in other:
        scene.vipd.vip("bind", "2001:db8:9::4", "--hold", "address")
    scene.vipd.vip("bind", "10.9.4.2", "--hold", "address")
    wait_routed(scene, "10.9.4.1/32")
    deadline.until(lambda: scene.vipd.show("10.9.4.1")["state"] in ROUTED, PATIENCE_S,
                   "it is accepted")
    before = scene.vipd.show("10.9.4.1")["since"]
    scene.vipd.vip("unbind", "10.9.4.2", "--now")
    deadline.until(lambda: server.ip_json("route", "show", "table", "local", "10.9.4.1"),
                   PATIENCE_S, "its route is there")
    assert "1 received" in ping(scene, CLIENT, "10.9.4.1")
    assert scene.vipd.show("10.9.4.1")["since"] == before
    scene.vipd.vip("purge")


@pytest.mark.parametrize("hold", ("address", "route"))
def test_an_ipv6_vip_is_bound_and_says_why_it_is_not_announced(scene: Scene, hold: str) -> None:
    vip = "2001:db8:9::1"
    nodes = scene.network.nodes
    nodes[SERVER].ip("address", "replace", "2001:db8:1::10/64", "dev", "eth1", "nodad")
    nodes["r1"].ip("address", "replace", "2001:db8:1::1/64", "dev", "la", "nodad")
    nodes["r1"].ip("route", "replace", f"{vip}/128", "via", "2001:db8:1::10")
    scene.vipd.vip("bind", vip, "--hold", hold)
    found = scene.vipd.show(vip)
    said = ping(scene, "r1", vip)
    scene.vipd.unbind(vip)
    assert found["state"] == "healthy"
    assert found["length"] == 128
    assert found["held"] == hold
    assert "not announced: no interface speaks" in found["reason"]
    assert "1 received" in said
