# SPDX-License-Identifier: Apache-2.0
"""OSPF on links without addresses of their own: the server borrows a VIP, or an address of lo.

The routers are configured as their manuals have it: FRR has one address on lo and on all unnumbered
links; BIRD takes a link whose address has a peer.
"""

from __future__ import annotations

from typing import Iterator

import pytest

from lab import deadline
from lab.bird import Bird
from lab.ospf_scene import PATIENCE_S, full, knows_the_way, nobody_knows_a_way, ospf_scene
from lab.scene import Scene
from lab.topology import CLIENT, CLIENT_ADDRESS, SERVER, VIP

OF_LO = "10.66.0.10"
SERVICE = "10.9.1.7"
LINKS = {"r1": ("la", "10.77.0.1", "10.1.0.1/24"), "r2": ("lb", "10.77.0.2", "10.2.0.2/24")}
PATHS = {("10.77.0.1", "eth1"), ("10.77.0.2", "eth2")}

pytestmark = [pytest.mark.vipd, pytest.mark.patient]


def unnumber(scene: Scene, borrowed: str) -> None:
    """No network has the two links to the server any more, and each router offers a default route."""
    server = scene.network.nodes[SERVER]
    server.batch(["address del 10.1.0.10/24 dev eth1", "address del 10.2.0.10/24 dev eth2"])
    if borrowed == OF_LO:
        server.batch([f"address add {OF_LO}/32 dev lo"])
    for name, (link, address, old) in LINKS.items():
        router = scene.routers[name]
        lines = [f"address del {old} dev {link}"]
        if isinstance(router, Bird):
            lines.append(f"address add {address}/32 peer {borrowed}/32 dev {link}")
            router.networks = ["0.0.0.0/0"]
        else:
            lines += [f"address add {address}/32 dev {each}" for each in ("lo", link)]
            router.more = " default-information originate always\n"
        scene.network.nodes[name].batch(lines)


@pytest.fixture(name="unnumbered", params=[(routers, borrowed) for routers in ("bird", "frr")
                                           for borrowed in (VIP, OF_LO)], ids="-".join)
def unnumbered_scene(request: pytest.FixtureRequest) -> Iterator[Scene]:
    """Figure 2 with a server that borrows an address for both of its links."""
    routers, borrowed = request.param
    with ospf_scene(routers, f", network: point-to-point, unnumbered: {borrowed}",
                    beside=", learn: default", vips=[SERVICE], versions=(2,),
                    networks={"la": "point-to-point", "lb": "point-to-point"},
                    prepare=lambda scene: unnumber(scene, borrowed)) as scene:
        deadline.until(lambda: full(scene, 2), PATIENCE_S, "the neighbours are full")
        yield scene


def paths(scene: Scene) -> set[tuple[str, str]]:
    """The next hops of the server's default route, and over which interface they are."""
    found = scene.network.nodes[SERVER].ip_json("-4", "route", "show", "default")
    hops = [hop for route in found for hop in route.get("nexthops", [route])]
    assert all("onlink" in hop["flags"] for hop in hops)
    return {(hop["gateway"], hop["dev"]) for hop in hops}


def comes_back(scene: Scene) -> bool:
    """Say whether the client is answered by the service, and the service by the client."""
    client, server = scene.network.nodes[CLIENT], scene.network.nodes[SERVER]
    return (client.attempt("ping", "-q", "-c", "1", "-W", "1", SERVICE).returncode == 0
            and server.attempt("ping", "-q", "-c", "1", "-W", "1", "-I", SERVICE,
                               CLIENT_ADDRESS).returncode == 0)


def test_packets_pass_in_both_directions(unnumbered: Scene) -> None:
    deadline.until(lambda: knows_the_way(unnumbered, SERVICE), PATIENCE_S, "they know the way")
    deadline.until(lambda: paths(unnumbered) == PATHS, PATIENCE_S, "both default routes")
    deadline.until(lambda: comes_back(unnumbered), PATIENCE_S, "packets pass")
    deadline.until(lambda: unnumbered.vipd.show(SERVICE)["state"] == "proven", PATIENCE_S,
                   "it is proven")
    assert unnumbered.vipd.attempt("doctor").returncode == 0
    unnumbered.nic_down()
    deadline.until(lambda: paths(unnumbered) == {("10.77.0.2", "eth2")}, PATIENCE_S, "one is left")
    unnumbered.network.nodes[SERVER].ip("link", "set", "eth1", "up")
    deadline.until(lambda: paths(unnumbered) == PATHS, PATIENCE_S, "both are there again")
    unnumbered.vipd.stop()
    # Far below the dead interval: it was said, though the address was a VIP.
    deadline.until(lambda: nobody_knows_a_way(unnumbered, SERVICE), 3.0, "the routers let go")


def test_a_filter_that_lets_nobody_in_is_told_with_the_fix() -> None:
    def prepare(scene: Scene) -> None:
        unnumber(scene, VIP)
        scene.network.nodes[SERVER].sysctl({f"net.ipv4.conf.{name}.rp_filter": "2"
                                            for name in scene.interfaces(SERVER)})

    with ospf_scene("frr", f", network: point-to-point, unnumbered: {VIP}", versions=(2,),
                    networks={"la": "point-to-point", "lb": "point-to-point"},
                    prepare=prepare) as scene:
        fix = "sysctl -w net.ipv4.conf.eth1.rp_filter=0"
        deadline.until(lambda: fix in scene.vipd.attempt("doctor").stdout, PATIENCE_S, "it is told")
        assert not full(scene, 1)
        scene.network.nodes[SERVER].sysctl({"net.ipv4.conf.eth1.rp_filter": "0"})
        deadline.until(lambda: full(scene, 1), PATIENCE_S, "the router there is heard")
