# SPDX-License-Identifier: Apache-2.0
"""A stranger on the LAN of the server and a router, who forges and repeats OSPF packets.

Whatever it says: the adjacencies stand, a client reaches the VIP without a loss, and what was not
believed is counted and named.
"""

from __future__ import annotations

import dataclasses
import time
from typing import Any, Callable, Iterator

import pytest

from lab import deadline, ospf_packet
from lab.ospf import Ospf
from lab.ospf_packet import Heard, Packet, Wire
from lab.scene import Scene
from lab.scratch import scratch
from lab.topology import PHYSICAL, SERVER, VIP, VIP6, Port, figure_two

STRANGER = "stranger"
ROUTER = "10.1.0.1"
PATIENCE_S = 40.0
QUICK = "hello: 1s, dead: 4s"
SECRET = "open-sesame"
VERSIONS = (2, 3)
NAMES = {2: "ospf", 3: "ospfv3"}
ADDRESSES = {2: VIP, 3: VIP6}
GROUP_OF_ALL = {2: "224.0.0.1", 3: "ff02::1"}
CROWD = 400
NEIGHBORS_MAX = 256

pytestmark = pytest.mark.vipd


class Villain:
    """The stranger: what it knows of the others, and what it says."""

    def __init__(self, scene: Scene, versions: tuple[int, ...]) -> None:
        links = scene.network.nodes[SERVER].ip_json("link", "show", "dev", "eth1")
        self.scene = scene
        self.wire = Wire(scene.network.nodes[STRANGER], "eth0", str(links[0]["address"]))
        self.all: list[Heard] = []
        self.server: dict[int, Heard] = {}
        self.router: dict[int, Heard] = {}
        self.own = {2: "10.1.0.66", 3: scene.network.link_local(STRANGER, "eth0")}
        router = {2: ROUTER, 3: scene.network.link_local("r1", "la")}
        server = {2: PHYSICAL, 3: scene.network.link_local(SERVER, "eth1")}

        def knows_them() -> bool:
            for one in self.listen():
                if one.source == server[one.version]:
                    self.server[one.version] = one
                elif one.source == router[one.version]:
                    self.router[one.version] = one
            return len(self.server) == len(self.router) == len(versions)

        deadline.until(knows_them, PATIENCE_S, "the stranger has heard both in each version")

    def listen(self) -> list[Heard]:
        """What is new on the wire."""
        found = self.wire.heard()
        self.all += found
        return found

    def lie(self, version: int, kind: int = ospf_packet.HELLO, body: bytes = b"",
            **of: Any) -> None:
        """Say something to the server, unless it is said to whom.

        Routers believe some of it, for they have no key, and what they do then is theirs.
        """
        self.wire.say(Packet(**{"version": version, "kind": kind, "router": "6.6.6.6",
                                "source": self.own[version],
                                "destination": self.server[version].source,
                                "body": body or ospf_packet.hello(version), **of}))

    def lie_as_router(self, version: int, kind: int, body: bytes, **of: Any) -> None:
        """Say something to the server alone, as if the router had."""
        router, server = self.router[version], self.server[version]
        self.lie(version, kind, body, router=router.router, source=router.source,
                 destination=server.source, **of)


def rows(scene: Scene) -> list[dict[str, Any]]:
    """The OSPF neighbours that vipd has, of both versions, but for whom the stranger plays."""
    return [row for row in scene.vipd.neighbors() if row["protocol"].startswith("ospf")]


def full(scene: Scene) -> list[dict[str, Any]]:
    """Those that are full."""
    return [row for row in rows(scene) if row["state"] == "full"]


def settled(scene: Scene) -> bool:
    """All are full, and each router goes to the server by its own LAN."""
    addresses = scene.vipd.addresses
    return len(full(scene)) == 2 * len(addresses) and all(
        (scene.route_device("r1", address), scene.route_device("r2", address)) == ("la", "lb")
        for address in addresses)


def drops(scene: Scene, version: int) -> dict[str, int]:
    """What was not believed on the stranger's LAN, by reason, of whomever."""
    name = NAMES[version]
    found: dict[str, int] = {}
    for protocol, counts in [(name, scene.vipd.interface("eth1")[name].get("drops", {}))] + [
            (row["protocol"], row.get("drops", {})) for row in rows(scene)
            if row["interface"] == "eth1"]:
        for reason, count in counts.items() if protocol == name else ():
            found[reason] = found.get(reason, 0) + count
    return found


Hostile = Callable[..., tuple[Scene, Villain]]


@pytest.fixture(name="hostile")
def make_hostile_scene() -> Iterator[Hostile]:
    """Makes figure 2 with OSPF of some versions, all full, and a stranger on LAN A."""
    made: list[Scene] = []
    villains: list[Villain] = []

    def make(routers: str, keys: str = "", versions: tuple[int, ...] = VERSIONS,
             **of: Any) -> tuple[Scene, Villain]:
        topology = figure_two()
        topology = dataclasses.replace(
            topology, nodes=(*topology.nodes, STRANGER),
            ports=(*topology.ports, Port(STRANGER, "eth0", "lan-a", ("10.1.0.66/24",))))
        scene = Scene(routers, "vipd", scratch("ospf-hostile"), topology=topology, ipv6=True)
        for router in scene.routers.values():
            router.ospf = Ospf(versions=versions, **of)
        scene.vipd.addresses = [ADDRESSES[version] for version in versions]
        scene.vipd.speaker = ", ".join(f"{NAMES[version]}: {{area: 0, {QUICK}{keys}}}"
                                       for version in versions)
        made.append(scene.__enter__())
        deadline.until(lambda: settled(scene), PATIENCE_S, "all is well before the stranger speaks")
        villains.append(Villain(scene, versions))
        return scene, villains[-1]

    yield make
    for villain in villains:
        villain.wire.close()
    for scene in made:
        scene.__exit__()


def assert_nothing_comes_of_it(scene: Scene, harm: Callable[[], None]) -> None:
    """The client loses nothing meanwhile, and the adjacencies are those of before."""
    before = {(row["interface"], row["address"]): row["since"] for row in full(scene)}
    losses = scene.losses_during(harm)
    after = {(row["interface"], row["address"]): row["since"] for row in full(scene)}
    assert losses.lost == 0
    assert before.items() <= after.items()
    assert settled(scene)


def tell_lies(villain: Villain, version: int) -> set[str]:
    """Packets that are not to be believed, each for a reason of its own; and these reasons."""
    hello, router = ospf_packet.hello, villain.router[version]
    server = villain.server[version]
    villain.lie(version, area=7)
    villain.lie(version, router=server.router)
    villain.lie(version, source=server.source)
    villain.lie(version, destination=ospf_packet.DESIGNATED[version])
    villain.lie(version, destination=GROUP_OF_ALL[version])
    villain.lie(version, body=hello(version, interval=9))
    villain.lie(version, body=hello(version, dead=99))
    villain.lie(version, body=hello(version, options=0))
    villain.lie(version, kind=9)
    villain.lie(version, broken=True)
    villain.lie(version, body=hello(version) + b"\0")
    villain.lie(version, kind=ospf_packet.UPDATE, body=ospf_packet.update(ospf_packet.lsa(
        version, ospf_packet.ROUTER_LSA[version], 0, "7.7.7.7", body=bytes(4))))
    # As the router, to the server alone: what is wrong with it is wrong with whoever says it.
    villain.lie_as_router(version, ospf_packet.UPDATE, b"\xff\xff\xff\xff")
    villain.lie_as_router(version, ospf_packet.UPDATE, ospf_packet.update(
        ospf_packet.lsa(version, ospf_packet.ROUTER_LSA[version], 0, "7.7.7.7", body=bytes(4))[:-1]
        + b"\1"))
    villain.lie_as_router(version, ospf_packet.UPDATE, ospf_packet.update(
        ospf_packet.lsa(version, {2: 99, 3: 0x6001}[version], 0, "7.7.7.7", body=bytes(4))))
    reasons = {"area", "duplicate-router-id", "own-packet", "destination", "hello-interval",
               "dead-interval", "options", "type", "checksum", "length", "no-neighbor",
               "lsa-checksum", "lsa-type"}
    if version == 2:
        villain.lie(version, source="10.77.0.1")
        villain.lie(version, body=hello(version, mask="255.255.0.0"))
        reasons |= {"off-link", "mask"}
    else:
        villain.lie(version, source="2001:db8::66")
        villain.lie(version, instance=3)
        reasons |= {"off-link", "instance"}
    assert router.source != villain.own[version]
    return reasons


@pytest.mark.parametrize("routers", ["bird", "frr"])
def test_what_a_stranger_says(hostile: Hostile, routers: str) -> None:
    scene, villain = hostile(routers)
    wanted: dict[int, set[str]] = {}

    def harm() -> None:
        for _ in range(5):
            for version in VERSIONS:
                wanted[version] = tell_lies(villain, version)
            time.sleep(0.2)

    assert_nothing_comes_of_it(scene, harm)
    for version, reasons in wanted.items():
        assert reasons <= set(drops(scene, version))
        shown = [row for row in scene.vipd.ask("ospf", "interfaces")["interfaces"]
                 if (row["protocol"], row["interface"]) == (NAMES[version], "eth1")]
        assert shown[0]["dropped"] >= 5 * len(reasons)
    told = scene.vipd.attempt("doctor").stdout
    for title in ("OSPF", "OSPFv3"):
        assert f"{title} of somebody on eth1 is not believed" in told


@pytest.mark.parametrize("routers", ["bird", "frr"])
def test_purges_of_what_the_server_says(hostile: Hostile, routers: str) -> None:
    """RFC 2328 13.4: it says it again, newer, and the routers never hear anything else."""
    scene, villain = hostile(routers)

    def harm() -> None:
        for sequence, age in ((0x80000100, ospf_packet.MAX_AGE), (0x80000200, 1),
                              (ospf_packet.LAST_SEQUENCE - 1, 1)):
            for version in VERSIONS:
                us = villain.server[version].router
                name = ospf_packet.number(us) if version == 2 else 0
                forged = ospf_packet.lsa(version, ospf_packet.ROUTER_LSA[version], name, us,
                                         sequence, age, bytes(4))
                other = ospf_packet.lsa(version, ospf_packet.EXTERNAL_LSA[version], 0x0a080000, us,
                                        sequence, age, bytes(16) if version == 2 else bytes(8))
                villain.lie_as_router(version, ospf_packet.UPDATE,
                                      ospf_packet.update(forged, other))
            time.sleep(1.5)

    assert_nothing_comes_of_it(scene, harm)
    listed = scene.vipd.ask("ospf", "database")["database"]
    assert not [row for row in listed if row.get("id") == "10.8.0.0" and row["age"] < 3600]


@pytest.mark.parametrize("routers", ["bird", "frr"])
def test_a_crowd_of_new_neighbours(hostile: Hostile, routers: str) -> None:
    scene, villain = hostile(routers)

    def harm() -> None:
        for number in range(CROWD):
            last = number % 180 + 70
            for version in VERSIONS:
                source = f"10.1.0.{last}" if version == 2 else f"fe80::6666:{number:x}"
                villain.lie(version, router=f"66.6.{number // 180}.{last}", source=source)

    assert_nothing_comes_of_it(scene, harm)
    assert "table-full" in drops(scene, 3)
    assert len([row for row in rows(scene) if row["protocol"] == "ospfv3"]) <= NEIGHBORS_MAX + 1
    # They are gone when they have not been heard for the dead interval.
    deadline.until(lambda: len(rows(scene)) == 4, PATIENCE_S, "the crowd is forgotten")
    assert settled(scene)


@pytest.mark.parametrize("kind,versions", [("md5", (2,)), ("hmac-sha-256", VERSIONS)])
def test_with_a_key_nothing_is_believed_that_was_said_before(
        hostile: Hostile, kind: str, versions: tuple[int, ...]) -> None:
    path = scratch("ospf-hostile-key") / "key"
    path.write_text(f"{SECRET}\n", encoding="ascii")
    path.chmod(0o600)
    secret = f", auth: {{type: {kind}, secret: 'file:{path}'}}"
    scene, villain = hostile("bird", secret, versions, auth=kind, secret=SECRET)

    def said_before() -> list[Heard]:
        return [one for one in villain.all if one.source == villain.router[one.version].source]

    # There is something to repeat, and then something newer of each type.
    time.sleep(2.5)
    villain.listen()
    old = said_before()
    time.sleep(2.5)

    def harm() -> None:
        for _ in range(3):
            for one in old:
                villain.wire.repeat(one)
            for version in versions:
                villain.lie(version, router=villain.router[version].router,
                            source=villain.router[version].source)
                villain.lie_as_router(version, ospf_packet.UPDATE, ospf_packet.update(
                    ospf_packet.lsa(version, ospf_packet.ROUTER_LSA[version], 0, "7.7.7.7",
                                    body=bytes(4))))
                spoiled = villain.router[version]
                villain.wire.repeat(dataclasses.replace(
                    spoiled, payload=spoiled.payload[:-1] + bytes([spoiled.payload[-1] ^ 1])))
            time.sleep(0.3)

    assert_nothing_comes_of_it(scene, harm)
    for version in versions:
        assert {"auth-replay", "auth-missing", "auth-digest"} <= set(drops(scene, version))
        assert f"packets of {villain.router[version].source} on eth1 were not believed" \
            in scene.vipd.attempt("doctor").stdout
