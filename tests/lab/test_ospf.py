# SPDX-License-Identifier: Apache-2.0
"""OSPFv2 and OSPFv3 with real routers: adjacencies, VIPs announced in each form, authentication.

Every case begins with both routers full and ends with the client's routes right.
"""

from __future__ import annotations

import datetime
import signal
from typing import Any, Callable, Iterator

import pytest

from lab import deadline
from lab.bird import Bird
from lab.ospf import BIRD_DIGESTS, Ospf
from lab.scene import Scene
from lab.scratch import scratch
from lab.topology import VIP, VIP6

PATIENCE_S = 40.0
QUICK = "hello: 1s, dead: 4s"
SECRET = "open-sesame"
OTHER = "open-barley"
NAMES = {2: "ospf", 3: "ospfv3"}
ADDRESSES = {2: VIP, 3: VIP6}
OspfScene = Callable[..., Scene]

pytestmark = pytest.mark.vipd


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


@pytest.fixture(name="ospf")
def make_ospf_scene() -> Iterator[OspfScene]:
    """Makes figure 2 with OSPF of both versions in place of RIP, of a kind."""
    made: list[Scene] = []

    def make(routers: str, keys: str = "", settings: str = "", auth3: bool = True,
             **of: Any) -> Scene:
        scene = Scene(routers, "vipd", scratch("ospf"), ipv6=True)
        setting = Ospf(**{"versions": (2, 3), **of})
        for router in scene.routers.values():
            router.ospf = setting
        area = f"area: {setting.area}, {QUICK}"
        scene.vipd.addresses = [ADDRESSES[version] for version in setting.versions]
        speakers = {2: f"ospf: {{{area}{keys}}}",
                    3: f"ospfv3: {{{area}{keys if auth3 else ''}}}"}
        scene.vipd.speaker = ", ".join(speakers[version] for version in setting.versions)
        scene.vipd.settings = settings
        made.append(scene.__enter__())
        return scene

    yield make
    for scene in made:
        scene.__exit__()


def assert_goes_well(scene: Scene, versions: tuple[int, ...] = (2, 3)) -> None:
    """Adjacencies are full, and the routers reach the VIPs of these versions."""
    addresses = [ADDRESSES[version] for version in versions]
    deadline.until(lambda: full(scene, 2 * len(versions)), PATIENCE_S, "the neighbours are full")
    for address in addresses:
        deadline.until(lambda: knows_the_way(scene, address), PATIENCE_S,  # noqa: B023
                       f"the routers know the way to {address}")
        deadline.until(lambda: scene.vipd.show(address)["accepted_by"], PATIENCE_S,  # noqa: B023
                       f"{address} is accepted")


@pytest.mark.parametrize("routers", ["bird", "frr"])
class TestEach:
    """With BIRD, and with FRR."""

    def test_vips_are_announced_come_and_go(self, ospf: OspfScene, routers: str) -> None:
        scene = ospf(routers)
        assert_goes_well(scene)
        scene.vipd.bind("10.9.1.7")
        deadline.until(lambda: knows_the_way(scene, "10.9.1.7"), PATIENCE_S, "they know another")
        scene.vipd.unbind("10.9.1.7")
        deadline.until(lambda: nobody_knows_a_way(scene, "10.9.1.7"), PATIENCE_S, "it is gone")
        assert knows_the_way(scene, VIP)

    def test_point_to_point(self, ospf: OspfScene, routers: str) -> None:
        networks = {"la": "point-to-point", "lb": "point-to-point"}
        assert_goes_well(ospf(routers, ", network: point-to-point", networks=networks))

    @pytest.mark.parametrize("kind", ["stub", "nssa"])
    def test_in_an_area_of_a_kind(self, ospf: OspfScene, routers: str, kind: str) -> None:
        assert_goes_well(ospf(routers, f", area-kind: {kind}", area="0.0.0.1", kind=kind))

    @pytest.mark.parametrize("form,kind", [("external", "normal"), ("nssa", "nssa")])
    def test_as_externals(self, ospf: OspfScene, routers: str, form: str, kind: str) -> None:
        keys = "" if kind == "normal" else f", area-kind: {kind}"
        assert_goes_well(ospf(routers, keys, f"ospf: {{vips: {form}}}\n", area="0.0.0.1",
                              kind=kind))

    def test_a_clean_stop_is_said(self, ospf: OspfScene, routers: str) -> None:
        scene = ospf(routers)
        assert_goes_well(scene)
        scene.vipd.stop()
        # Far below the dead interval: it was said.
        deadline.until(lambda: nobody_knows_a_way(scene, VIP), 3.0, "the routers have let go")
        deadline.until(lambda: nobody_knows_a_way(scene, VIP6), 1.0, "of both")

    def test_a_router_that_restarts_comes_back(self, ospf: OspfScene, routers: str) -> None:
        scene = ospf(routers)
        assert_goes_well(scene)
        scene.routers["r1"].kill()
        deadline.until(lambda: full(scene, 2), PATIENCE_S, "it is missed")
        scene.start_router("r1")
        assert_goes_well(scene)

    def test_a_nic_that_fails_and_comes_back(self, ospf: OspfScene, routers: str) -> None:
        scene = ospf(routers)
        assert_goes_well(scene)
        scene.nic_down()
        deadline.until(lambda: scene.route_device("r1", VIP) == "lc", PATIENCE_S, "the other way")
        deadline.until(lambda: scene.route_device("r1", VIP6) == "lc", PATIENCE_S, "of both")
        scene.network.nic_up("server", "eth1")
        assert_goes_well(scene)

    def test_a_crash_and_a_restart(self, ospf: OspfScene, routers: str) -> None:
        scene = ospf(routers)
        assert_goes_well(scene)
        scene.vipd.kill()
        scene.vipd.restart()
        assert_goes_well(scene)

    def test_it_learns_what_they_have(self, ospf: OspfScene, routers: str) -> None:
        scene = ospf(routers)
        scene.vipd.signal(signal.SIGHUP)
        assert_goes_well(scene)
        found = scene.vipd.ask("ospf", "database")
        assert len(found["database"]) >= 6


# FRR before 9.1 has the bytes of a number the wrong way round in what it signs of OSPFv3 (its issue
# 15800): nobody else believes it.
AUTHS = [("bird", "simple", (2,)), ("bird", "md5", (2,)), ("bird", "hmac-sha-1", (2, 3)),
         ("bird", "hmac-sha-256", (2, 3)), ("bird", "hmac-sha-384", (2, 3)),
         ("bird", "hmac-sha-512", (2, 3)), ("frr", "simple", (2,)), ("frr", "md5", (2,))]


@pytest.mark.parametrize("routers,kind,versions", AUTHS)
def test_with_a_key(ospf: OspfScene, routers: str, kind: str, versions: tuple[int, ...]) -> None:
    secret = "seed" if kind == "simple" else SECRET
    path = scratch("ospf-key") / "key"
    path.write_text(f"{secret}\n", encoding="ascii")
    path.chmod(0o600)
    scene = ospf(routers, f", auth: {{type: {kind}, secret: 'file:{path}'}}", versions=versions,
                 auth=kind, secret=secret)
    assert_goes_well(scene, versions)


@pytest.mark.parametrize("kind,versions", [("md5", (2,)), ("hmac-sha-256", (2, 3))])
def test_keys_change_in_their_time_and_no_adjacency_is_lost(
        ospf: OspfScene, kind: str, versions: tuple[int, ...]) -> None:
    """The routers have both keys, and go on sending with the first."""
    change = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=15)
    at = f"{change:%Y-%m-%dT%H:%M:%SZ}"
    keys = []
    for number, (secret, send) in enumerate([(SECRET, f"until: '{at}'"), (OTHER, f"from: '{at}'")]):
        path = scratch("ospf-keys") / f"key-{number + 1}"
        path.write_text(f"{secret}\n", encoding="ascii")
        path.chmod(0o600)
        keys.append(f"{{id: {number + 1}, secret: 'file:{path}', send: {{{send}}}}}")
    digest = BIRD_DIGESTS[kind]
    scene = ospf("bird", f", auth: {{type: {kind}, keys: [{', '.join(keys)}]}}", versions=versions,
                 more="authentication cryptographic; "
                 + "".join(f'password "{secret}" {{ id {number}; algorithm {digest}; }}; '
                           for number, secret in ((1, SECRET), (2, OTHER))))

    def key_is(number: int) -> bool:
        return all(scene.vipd.interface("eth1")[NAMES[version]]["auth"]["key"] == number
                   for version in versions)

    assert_goes_well(scene, versions)
    assert key_is(1), "the adjacencies took longer than the first key was to be"
    before = [row["since"] for row in rows(scene)]
    deadline.until(lambda: key_is(2), PATIENCE_S, "the second key seals")
    # Beyond the dead interval of both sides.
    deadline.watch(6.0, lambda: None)
    assert_goes_well(scene, versions)
    assert [row["since"] for row in rows(scene)] == before
    for router in scene.routers.values():
        assert isinstance(router, Bird)
        assert "Authentication failed" not in router.log.read_text(encoding="utf-8")


@pytest.mark.parametrize("routers", ["bird", "frr"])
def test_with_another_key_there_is_nobody(ospf: OspfScene, routers: str) -> None:
    path = scratch("ospf-key") / "key"
    path.write_text("melon-seeds\n", encoding="ascii")
    path.chmod(0o600)
    scene = ospf(routers, f", auth: {{type: md5, secret: 'file:{path}'}}", versions=(2,),
                 auth="md5", secret=SECRET)
    deadline.until(lambda: "auth-digest" in scene.vipd.vip("--json", "interfaces"), PATIENCE_S,
                   "it is counted")
    deadline.watch(3.0, lambda: None)
    assert not rows(scene)
    assert nobody_knows_a_way(scene, VIP)
