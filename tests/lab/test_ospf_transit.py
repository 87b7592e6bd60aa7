# SPDX-License-Identifier: Apache-2.0
"""A server with a foot in two networks that nothing else joins is no router.

With OSPFv2 routers that do not know the host bit see a way through it that is as dear as there is, and
Linux' forwarding decides. Among hosts that know the bit, which are our own alone, there is none.
Where there is another way test_ospf_failure.py has it.
"""

from __future__ import annotations

from typing import Any, Iterator

import pytest

from lab import deadline
from lab.network import Network
from lab.ospf_scene import PATIENCE_S, assert_goes_well, knows_the_way, ospf_scene
from lab.scratch import scratch
from lab.server import VipdServer
from lab.topology import SERVER, VIP, figure_two

FAR = "10.2.0.2"
# RFC 6987 2, and the cost of LAN B.
DEAREST = 65535
QUICK = "area: 0, hello: 1s, dead: 4s"
VIPS = {"r1": "10.9.1.11", SERVER: VIP, "r2": "10.9.1.12"}

pytestmark = [pytest.mark.vipd, pytest.mark.patient]


@pytest.mark.parametrize("routers", ["bird", "frr"])
def test_without_another_way_forwarding_decides(routers: str) -> None:
    with ospf_scene(routers, versions=(2,)) as scene:
        assert_goes_well(scene, (2,))
        r1, server = scene.network.nodes["r1"], scene.network.nodes[SERVER]
        scene.network.nic_down("r2", "lc")
        deadline.until(lambda: [each.get("dev") for each in r1.route("10.2.0.0/24")] == ["la"],
                       PATIENCE_S, "r1 sees a way through the server")
        seen = scene.routers["r1"].ask({"bird": "show route all for 10.2.0.0/24",
                                        "frr": "show ip ospf route"}[routers])
        assert str(DEAREST + 10) in seen
        assert r1.attempt("ping", "-q", "-c", "3", "-i", "0.1", "-W", "1", FAR).returncode != 0
        server.sysctl({"net.ipv4.ip_forward": "1"})
        assert r1.attempt("ping", "-q", "-c", "3", "-i", "0.1", "-W", "1", FAR).returncode == 0
        # What it is for is there all the time.
        assert knows_the_way(scene, VIP)


@pytest.fixture(name="hosts")
def three_hosts() -> Iterator[dict[str, VipdServer]]:
    """vipd on both routers too, that learn what they hear; the server is between them."""
    network = Network(figure_two())
    network.nic_down("r1", "lc")
    network.nic_down("r2", "lc")
    made = {name: VipdServer(network.nodes[name], interfaces, scratch(f"hosts-{name}"), [VIPS[name]])
            for name, interfaces in (("r1", ["la"]), (SERVER, ["eth1", "eth2"]), ("r2", ["lb"]))}
    try:
        for host in made.values():
            host.speaker = f"learn: all, ospf: {{{QUICK}, priority: 1}}"
            host.start()
        yield made
    finally:
        for host in made.values():
            host.stop()
        network.close()


def learned(host: VipdServer, address: str) -> list[dict[str, Any]]:
    """The routes to an address that the host has learned."""
    return [route for route in host.where.route(f"{address}/32") if "gateway" in route]


def knows_all(host: VipdServer) -> bool:
    """Say whether it has the router-LSAs of all three."""
    return sum(row["type"] == "router" for row in host.ask("ospf", "database")["database"]) == 3


def test_hosts_that_know_the_host_bit_see_no_way_through_another(hosts: dict[str, VipdServer]
                                                                 ) -> None:
    for host in hosts.values():
        deadline.until(lambda: knows_all(host), PATIENCE_S, "each has all")  # noqa: B023
        deadline.until(lambda: all(row["host_bit"] for row  # noqa: B023
                                   in host.ask("ospf", "spf")["spf"]),  # noqa: B023
                       PATIENCE_S, "each says the bit")
    deadline.until(lambda: learned(hosts["r1"], VIP), PATIENCE_S, "the server's VIP is reached")
    deadline.until(lambda: learned(hosts["r2"], VIP), PATIENCE_S, "from either side")
    deadline.until(lambda: not learned(hosts["r1"], VIPS["r2"]), PATIENCE_S, "and nothing else")
    deadline.until(lambda: not learned(hosts["r2"], VIPS["r1"]), PATIENCE_S, "from either side")
    # Without the bit there is a way, the dearest.
    hosts[SERVER].settings = "ospf: {host: max-metric}\n"
    hosts[SERVER].configure()
    hosts[SERVER].vip("config", "apply")
    deadline.until(lambda: learned(hosts["r1"], VIPS["r2"]), PATIENCE_S, "it is a router now")
    paths = hosts["r1"].ask("ospf", "paths")["paths"]
    assert next(row["metric"] for row in paths if row["prefix"] == f"{VIPS['r2']}/32") > DEAREST
